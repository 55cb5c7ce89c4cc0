/* snmp.h - SNMP v1 and v2c messages (RFC 1157, RFC 1901, RFC 3416): bytes <-> structs, no I/O, no
 * allocation.
 *
 * Bytes behind the message in its datagram are ignored, as snmpd does; bytes that are too many
 * inside of it are refused. Octet strings and communities of a decoded message are slices of the
 * datagram and live as long as it does. */
#pragma once
#include "wire/ber.h"

enum {
	SNMP_MESSAGE_MAX = 65507,
	SNMP_VARBINDS_MAX = 64, /* more in a message: DD_EPARSE */
	SNMP_COMMUNITY_MAX = 255,
	SNMP_PORT = 161,
	SNMP_TRAP_PORT = 162,
};

enum snmp_version { SNMP_V1 = 0, SNMP_V2C = 1 }; /* as on the wire */

enum snmp_pdu_type { /* the tags on the wire */
		     SNMP_GET = 0xa0,
		     SNMP_GETNEXT = 0xa1,
		     SNMP_RESPONSE = 0xa2,
		     SNMP_SET = 0xa3,
		     SNMP_TRAP_V1 = 0xa4,
		     SNMP_GETBULK = 0xa5,
		     SNMP_INFORM = 0xa6,
		     SNMP_TRAP_V2 = 0xa7,
		     SNMP_REPORT = 0xa8,
};

enum snmp_value_type { /* the tags on the wire */
		       SNMP_INTEGER = 0x02,
		       SNMP_OCTETS = 0x04,
		       SNMP_NULL = 0x05,
		       SNMP_OID = 0x06,
		       SNMP_IPADDRESS = 0x40, /* octets, size 4 */
		       SNMP_COUNTER32 = 0x41,
		       SNMP_GAUGE32 = 0x42, /* and Unsigned32 */
		       SNMP_TIMETICKS = 0x43,
		       SNMP_OPAQUE = 0x44, /* octets */
		       SNMP_COUNTER64 = 0x46,
		       SNMP_NO_SUCH_OBJECT = 0x80,
		       SNMP_NO_SUCH_INSTANCE = 0x81,
		       SNMP_END_OF_MIB_VIEW = 0x82,
};

enum snmp_error_status { /* RFC 3416 section 3 */
			 SNMP_NO_ERROR,
			 SNMP_TOO_BIG,
			 SNMP_NO_SUCH_NAME,
			 SNMP_BAD_VALUE,
			 SNMP_READ_ONLY,
			 SNMP_GEN_ERR,
			 SNMP_NO_ACCESS,
			 SNMP_WRONG_TYPE,
			 SNMP_WRONG_LENGTH,
			 SNMP_WRONG_ENCODING,
			 SNMP_WRONG_VALUE,
			 SNMP_NO_CREATION,
			 SNMP_INCONSISTENT_VALUE,
			 SNMP_RESOURCE_UNAVAILABLE,
			 SNMP_COMMIT_FAILED,
			 SNMP_UNDO_FAILED,
			 SNMP_AUTHORIZATION_ERROR,
			 SNMP_NOT_WRITABLE,
			 SNMP_INCONSISTENT_NAME,
};
const char *snmp_error_name(int status); /* "inconsistentValue" */

struct snmp_value {
	uint8_t type; /* enum snmp_value_type */
	union {
		int32_t integer;     /* SNMP_INTEGER */
		uint64_t number;     /* counters, gauges, ticks */
		struct slice octets; /* SNMP_OCTETS, SNMP_IPADDRESS, SNMP_OPAQUE; borrowed */
		struct oid oid;      /* SNMP_OID */
	};
};
bool snmp_value_is_exception(
	const struct snmp_value *value); /* noSuchObject, noSuchInstance, endOfMibView */
bool snmp_value_equal(const struct snmp_value *a, const struct snmp_value *b);
/* The number in an INTEGER (if not negative), counter, gauge or ticks. */
bool snmp_value_number(const struct snmp_value *value, uint64_t *ret_number);

struct snmp_varbind {
	struct oid name;
	struct snmp_value value;
};

struct snmp_pdu {
	uint8_t type; /* enum snmp_pdu_type */
	int32_t request_id;
	int32_t error_status; /* GETBULK: non-repeaters */
	int32_t error_index;  /* from 1; GETBULK: max-repetitions */
	unsigned count;
	struct snmp_varbind varbind[SNMP_VARBINDS_MAX];
	/* SNMP_TRAP_V1 only (RFC 1157 4.1.6): */
	struct oid enterprise;
	uint8_t agent_address[4];
	int32_t generic, specific;
	uint32_t ticks;
};

struct snmp_message {
	uint8_t version; /* enum snmp_version */
	struct slice community;
	struct snmp_pdu pdu;
};

/* Read a datagram. DD_EPARSE naming what is malformed; DD_EUNSUPPORTED for another version (v3).
 * *ret_message is then unset. A v1 message may hold no pdu of v2c and the other way round;
 * IpAddress must have 4 bytes, NULL and exceptions none. Large (about 64 KiB): not for small
 * stacks. */
int snmp_decode(const uint8_t *data, size_t size, struct snmp_message *ret_message,
		struct err *err);
/* Write a message into `buffer` (its bytes end up at its start). Returns the size, or DD_EFULL. */
int64_t snmp_encode(const struct snmp_message *message, void *buffer, size_t size);

/* The same from parts, so that no message of 64 KiB must be put together first. `request_id`
 * replaces the one in `pdu`. */
int64_t snmp_encode_pdu(uint8_t version, struct slice community, int32_t request_id,
			const struct snmp_pdu *pdu, void *buffer, size_t size);

/* Append a varbind, its value of this type and empty (0, no octets, 0.0); NULL when the pdu is
 * full. */
struct snmp_varbind *snmp_pdu_add(struct snmp_pdu *pdu, const struct oid *name, uint8_t type);
/* The first varbind of this name, or NULL. */
const struct snmp_varbind *snmp_pdu_find(const struct snmp_pdu *pdu, const struct oid *name);
