/* agent.h - the answering side of SNMP: a pure function from request to response over a table of
 * objects.
 *
 * No I/O, no clock, no allocation. GET, GETNEXT, GETBULK and SET of v1 and v2c; SET is all or
 * nothing: every varbind is tested before any is committed (RFC 3416 section 4.2.5). Equal SETs
 * (same peer, request-id and bytes) within a minute get the stored answer and are not executed
 * again (INV-SNMP-4). */
#pragma once
#include "base/addr.h"
#include "wire/snmp.h"

/* The device's objects, as callbacks over whatever holds them. `arg` is passed through. */
struct snmp_objects {
	/* The first instance after `name` in order (is_next), or `name` itself. Fills *ret_name and
	 * *ret_value (octets may point into `scratch`, and are copied before the next call).
	 * Returns 0, or SNMP_NO_SUCH_OBJECT / SNMP_NO_SUCH_INSTANCE / SNMP_END_OF_MIB_VIEW
	 * (0x80..0x82). */
	int (*get)(void *arg, const struct oid *name, bool is_next, struct oid *ret_name,
		   struct snmp_value *ret_value, uint8_t scratch[static 256]);
	/* May these all be set together, "as if simultaneously"? 0, or an snmp_error_status with
	 * the varbind's index (from 1). At least one varbind; none has NULL or an exception as its
	 * value. NULL here: nothing can be set. */
	int (*test)(void *arg, const struct snmp_pdu *set, int32_t *ret_index);
	/* Do it. 0, or SNMP_COMMIT_FAILED after undoing everything. */
	int (*commit)(void *arg, const struct snmp_pdu *set, int32_t *ret_index);
	void *arg;
};

enum {
	SNMP_AGENT_RECENT_MAX = 32,
	SNMP_AGENT_RECENT_MS = 60000,
	SNMP_AGENT_ANSWER_MAX = 1472, /* bytes: an answer fits one Ethernet frame; larger ones
					 become tooBig or, for GETBULK, shorter */
	SNMP_AGENT_SKIP_MAX =
		256, /* Counter64 instances that one GETNEXT of v1 steps over; after them genErr */
};

/* Large (tens of KiB): one a device. */
struct snmp_agent {
	char read_community[SNMP_COMMUNITY_MAX + 1];  /* may GET; empty = nobody */
	char write_community[SNMP_COMMUNITY_MAX + 1]; /* may GET and SET */
	struct snmp_objects objects;
	uint32_t bad_communities, bad_messages, repeated_sets; /* counted */
	struct {
		msec_t at;            /* 0 = free */
		uint64_t peer, bytes; /* hashes */
		int32_t request_id;
		uint16_t size;
		uint8_t answer[SNMP_AGENT_ANSWER_MAX];
	} recent[SNMP_AGENT_RECENT_MAX];
	unsigned recent_next;
	struct snmp_message request, response; /* scratch */
	uint8_t octets[SNMP_AGENT_ANSWER_MAX]; /* scratch: the response's strings */
	size_t octets_used;
};

/* Answer one datagram from `from` at time `now` (above 0). Writes at most `size` bytes, never more
 * than SNMP_AGENT_ANSWER_MAX, to `answer`; returns how many, 0 = stay silent (malformed, wrong
 * community). Start with an agent that is all zero but for the communities and objects. */
size_t snmp_agent_answer(struct snmp_agent *agent, const struct addr *from, msec_t now,
			 const uint8_t *data, size_t data_size, uint8_t *answer, size_t size);
