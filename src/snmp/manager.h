/* manager.h - the asking side of SNMP: many requests in flight on one socket, each with one
 * outcome.
 *
 * SET is sent once (tries 1 is the caller's default for it): what became of an unanswered SET is
 * UNKNOWN and is found out by reading, never by sending again (INV-SNMP-1). An answer counts when
 * id, address, community and version match a request in flight and its varbinds name what was asked
 * (a GET); everything else is dropped and counted (INV-SNMP-2).
 *
 * The same bytes are sent at each try, so that a device with a cache of recent requests answers a
 * repeat from it. */
#pragma once
#include "env/env.h"
#include "wire/snmp.h"

struct snmp_manager;

struct snmp_target {
	struct addr address;
	uint8_t version; /* enum snmp_version */
	char community[SNMP_COMMUNITY_MAX + 1];
};

enum snmp_outcome {
	SNMP_ANSWERED, /* error_status is noError */
	SNMP_REFUSED,  /* the device answered with an error: `answer` has status and index */
	SNMP_NOT_SENT, /* it surely never left */
	SNMP_UNKNOWN,  /* sent, no answer within the tries */
};

struct snmp_result {
	enum snmp_outcome outcome;
	const struct snmp_pdu *answer; /* ANSWERED, REFUSED: lives during the call; else NULL. Its
					  error_index is at most its count */
	unsigned tries;                /* datagrams sent */
	msec_t elapsed_ms;
	const char *text; /* for people: "no answer from 192.0.2.1:161 to 3 tries in 4.5 s" */
};

struct snmp_ask {
	const struct snmp_target *target; /* copied */
	const struct snmp_pdu *pdu; /* GET, GETNEXT, GETBULK, SET or INFORM; copied as bytes */
	unsigned tries;             /* datagrams in all, 1..10 */
	unsigned timeout_ms; /* wait for an answer to each, 50..60,000; doubled at each further try
			      */
	/* Once, never before snmp_manager_ask() returns. May ask, cancel and free the manager. */
	void (*done)(void *arg, const struct snmp_result *result);
	void *arg;
};

enum {
	SNMP_FLIGHTS_MAX = 4096,
	SNMP_ASK_BYTES_MAX =
		1472, /* a request in one Ethernet frame: many devices drop fragments */
	SNMP_ASK_TRIES_MAX = 10,
	SNMP_ASK_TIMEOUT_MIN_MS = 50,
	SNMP_ASK_TIMEOUT_MAX_MS = 60000,
};

struct snmp_counts {
	uint64_t sent, answered, refused, unknown, not_sent;
	uint64_t dropped_late; /* no request of this id is in flight: answered or given up before */
	uint64_t dropped_foreign;    /* wrong address, version or community */
	uint64_t dropped_malformed;  /* undecodable, or no Response */
	uint64_t dropped_mismatched; /* a Response to something else than what was asked */
};

/* Opens a socket at `local` (any IPv4 address, port 0, where NULL; devices on IPv6 want "[::]" or
 * one of its addresses). */
int snmp_manager_new(struct env *env, const struct addr *local, const struct log *log,
		     struct snmp_manager **ret_manager, struct err *err);
void snmp_manager_free(struct snmp_manager *manager); /* requests in flight are forgotten without
							 done(); accepts NULL */
/* Start a request; a number above 0 for cancelling, or DD_EFULL (SNMP_FLIGHTS_MAX), DD_EINVAL (an
 * ask outside the limits above, of more than SNMP_ASK_BYTES_MAX, or with a pdu that the version
 * does not have), DD_ENOMEM. */
int64_t snmp_manager_ask(struct snmp_manager *manager, const struct snmp_ask *ask);
void snmp_manager_cancel(struct snmp_manager *manager,
			 int64_t number); /* done() will not be called */
const struct snmp_counts *snmp_manager_counts(const struct snmp_manager *manager);
