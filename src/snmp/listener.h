/* listener.h - receives notifications: traps of v1 and v2c, and informs, which it answers.
 *
 * A notification wakes whoever watches the device; it proves nothing (INV-SNMP-3). v1 traps are
 * turned into the v2 form (RFC 3584 section 3.1): sysUpTime.0 and snmpTrapOID.0 first, then the
 * trap's own varbinds, then snmpTrapAddress.0 and snmpTrapEnterprise.0 where there is room. The
 * community is not checked here: nothing is believed on its word. An inform is answered with its
 * own varbinds, from the address that it was sent to, before heard() is called. */
#pragma once
#include "env/env.h"
#include "wire/snmp.h"

struct snmp_listener;

struct snmp_notice {
	struct addr from;
	bool is_inform;
	struct oid name;            /* snmpTrapOID.0 */
	const struct snmp_pdu *pdu; /* all varbinds; lives during the call */
};

struct snmp_listener_counts {
	uint64_t traps, informs; /* heard */
	uint64_t dropped;        /* malformed, no notification, or without snmpTrapOID.0 */
	uint64_t answers_unsent; /* of informs: their senders will repeat them */
};

/* Listens at `at`; DD_EBUSY, DD_EACCESS as env_udp_open(). heard() may free the listener. */
int snmp_listener_new(struct env *env, const struct addr *at,
		      void (*heard)(void *arg, const struct snmp_notice *notice), void *arg,
		      const struct log *log, struct snmp_listener **ret_listener, struct err *err);
const struct addr *snmp_listener_local(const struct snmp_listener *listener);
const struct snmp_listener_counts *snmp_listener_counts(const struct snmp_listener *listener);
void snmp_listener_free(struct snmp_listener *listener); /* accepts NULL */
