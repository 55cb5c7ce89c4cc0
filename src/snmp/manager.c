/* manager.c - requests in flight: one slot each, found again by the answer's request-id.
 *
 *   request-id = 31-bit count from a random start; its slot is id % SNMP_FLIGHTS_MAX. The slot
 * keeps the whole id, so its upper 19 bits are the slot's generation: an answer to a former request
 * of the slot does not match (INV-SNMP-2).
 *
 *   ask -> [try 1] -> wait -> [try 2] -> wait twice as long -> ... -> UNKNOWN, or NOT_SENT where no
 * try left this host answer at any time after a try -> ANSWERED or REFUSED */
#include "snmp/manager.h"
#include "base/text.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
	REQUEST_ID_MAX = INT32_MAX,
	RESULT_TEXT_MAX = 512,
};

struct flight {
	struct snmp_manager *manager;
	int32_t request_id;
	int64_t number; /* what ask() returned */
	struct snmp_target target;
	unsigned tries, tries_max; /* made, sent or not */
	unsigned sent;             /* datagrams that left */
	unsigned timeout_ms;       /* of the first try */
	msec_t asked_at;
	struct env_timer timer;
	void (*done)(void *arg, const struct snmp_result *result);
	void *arg;
	size_t size;
	uint8_t packet[];
};

struct snmp_manager {
	struct env *env;
	const struct log *log;
	struct env_udp *udp;
	int32_t id_last;
	uint64_t asked; /* ever */
	unsigned flights_count;
	struct flight *slot[SNMP_FLIGHTS_MAX];
	struct snmp_counts counts;
	struct snmp_message answer, request; /* scratch */
	uint8_t packet[SNMP_ASK_BYTES_MAX];  /* scratch */
};

static struct slice
community_of(const struct snmp_target *target)
{
	return (struct slice){ (const uint8_t *)target->community, strlen(target->community) };
}

static void
flight_free(struct flight *flight)
{
	struct snmp_manager *manager = flight->manager;

	env_timer_clear(manager->env, &flight->timer);
	manager->slot[flight->request_id % SNMP_FLIGHTS_MAX] = NULL;
	manager->flights_count--;
	free(flight);
}

/* ---- ends ---- */

static void
count_outcome(struct snmp_counts *counts, enum snmp_outcome outcome)
{
	switch (outcome) {
	case SNMP_ANSWERED:
		counts->answered++;
		return;
	case SNMP_REFUSED:
		counts->refused++;
		return;
	case SNMP_NOT_SENT:
		counts->not_sent++;
		return;
	case SNMP_UNKNOWN:
		counts->unknown++;
		return;
	}
}

static void
refusal_text(char *text, size_t size, const char *address, const struct snmp_pdu *answer)
{
	char name[OID_TEXT_MAX] = "";

	if (answer->error_index > 0)
		oid_text(&answer->varbind[answer->error_index - 1].name, name);
	(void)text_print(text, size, "%s refused: %s (%d)%s%s", address,
			 snmp_error_name(answer->error_status), answer->error_status,
			 name[0] ? " at " : "", name); /* cut where too long: for people only */
}

static void
result_text(char *text, size_t size, const struct flight *flight, const struct snmp_result *result)
{
	char address[ADDR_TEXT_MAX];
	const double seconds = (double)result->elapsed_ms / 1000;

	addr_text(&flight->target.address, address);
	switch (result->outcome) { /* a text that is too long is cut: it is for people only */
	case SNMP_ANSWERED:
		(void)text_print(text, size, "%s answered in %.3f s", address, seconds);
		return;
	case SNMP_REFUSED:
		refusal_text(text, size, address, result->answer);
		return;
	case SNMP_NOT_SENT:
		(void)text_print(text, size, "nothing could be sent to %s in %u %s", address,
				 flight->tries, flight->tries == 1 ? "try" : "tries");
		return;
	case SNMP_UNKNOWN:
		(void)text_print(text, size, "no answer from %s to %u %s in %.1f s", address,
				 flight->sent, flight->sent == 1 ? "try" : "tries", seconds);
		return;
	}
}

/* Tell the outcome; the flight is freed before, and nothing of the manager is touched after done().
 */
static void
flight_end(struct flight *flight, enum snmp_outcome outcome, const struct snmp_pdu *answer)
{
	struct snmp_manager *manager = flight->manager;
	void (*done)(void *arg, const struct snmp_result *result) = flight->done;
	void *arg = flight->arg;
	char text[RESULT_TEXT_MAX];
	const struct snmp_result result = {
		.outcome = outcome,
		.answer = answer,
		.tries = flight->sent,
		.elapsed_ms = env_now(manager->env) - flight->asked_at,
		.text = text,
	};

	result_text(text, sizeof(text), flight, &result);
	count_outcome(&manager->counts, outcome);
	flight_free(flight);
	done(arg, &result);
}

/* ---- tries ---- */

/* Send once more and set the timer to the end of the wait: at once where the last try could not be
 * sent, as then there is nothing to wait for, but not before the caller of ask() has its number. */
static void
flight_try(struct flight *flight)
{
	struct snmp_manager *manager = flight->manager;
	const msec_t wait_ms = (msec_t)flight->timeout_ms << flight->tries;
	bool must_wait = true;

	assert(flight->tries < flight->tries_max);

	flight->tries++;
	if (env_udp_send(manager->udp, &flight->target.address, NULL, flight->packet,
			 flight->size) == 0) {
		flight->sent++;
		manager->counts.sent++;
	} else {
		must_wait = flight->sent > 0 || flight->tries < flight->tries_max;
	}
	env_timer_set(manager->env, &flight->timer,
		      env_now(manager->env) + (must_wait ? wait_ms : 0));
}

static void
flight_fire(void *arg)
{
	struct flight *flight = arg;

	if (flight->tries < flight->tries_max)
		flight_try(flight);
	else
		flight_end(flight, flight->sent > 0 ? SNMP_UNKNOWN : SNMP_NOT_SENT, NULL);
}

/* ---- answers ---- */

/* Whether a Response without error names what was asked: the same names for GET, SET and INFORM; as
 * many for GETNEXT. A device may cut the answer to GETBULK anywhere. */
static bool
answer_fits(const struct snmp_pdu *request, const struct snmp_pdu *answer)
{
	if (request->type == SNMP_GETBULK)
		return true;
	if (answer->count != request->count)
		return false;
	if (request->type == SNMP_GETNEXT)
		return true;
	for (unsigned i = 0; i < request->count; i++)
		if (oid_compare(&request->varbind[i].name, &answer->varbind[i].name) != 0)
			return false;
	return true;
}

static bool
is_from_target(const struct flight *flight, const struct addr *from,
	       const struct snmp_message *answer)
{
	const struct slice community = community_of(&flight->target);

	return addr_equal(from, &flight->target.address) &&
	       answer->version == flight->target.version &&
	       answer->community.size == community.size &&
	       memcmp(answer->community.data, community.data, community.size) == 0;
}

static struct flight *
flight_of_id(const struct snmp_manager *manager, int32_t request_id)
{
	if (request_id <= 0)
		return NULL;
	struct flight *flight = manager->slot[request_id % SNMP_FLIGHTS_MAX];
	return flight && flight->request_id == request_id && flight->sent > 0 ? flight : NULL;
}

static void
drop(struct snmp_manager *manager, uint64_t *count, const struct addr *from, const char *why)
{
	char text[ADDR_TEXT_MAX];

	(*count)++;
	log_line(manager->log, LOG_DEBUG, "snmp: dropped a datagram from %s: %s",
		 addr_text(from, text), why);
}

/* A Response to this flight; false where it answers something else. */
static bool
flight_answer(struct flight *flight, struct snmp_pdu *answer)
{
	struct snmp_message *request = &flight->manager->request;

	if (answer->error_index < 0 || (uint32_t)answer->error_index > answer->count)
		answer->error_index = 0;
	if (answer->error_status != SNMP_NO_ERROR) {
		flight_end(flight, SNMP_REFUSED, answer);
		return true;
	}

	const int r = snmp_decode(flight->packet, flight->size, request, NULL);
	assert(r == 0); /* we wrote it */
	if (r < 0 || !answer_fits(&request->pdu, answer))
		return false;
	flight_end(flight, SNMP_ANSWERED, answer);
	return true;
}

static void
manager_received(void *arg, const struct addr *from, const struct addr *to, const uint8_t *data,
		 size_t size)
{
	struct snmp_manager *manager = arg;
	struct snmp_message *answer = &manager->answer;
	struct err err;

	(void)to; /* the socket is ours alone */
	if (snmp_decode(data, size, answer, &err) < 0) {
		drop(manager, &manager->counts.dropped_malformed, from, err.text);
		return;
	}
	if (answer->pdu.type != SNMP_RESPONSE) {
		drop(manager, &manager->counts.dropped_malformed, from, "it is no Response");
		return;
	}

	struct flight *flight = flight_of_id(manager, answer->pdu.request_id);
	if (!flight)
		drop(manager, &manager->counts.dropped_late, from, "nothing waits for its id");
	else if (!is_from_target(flight, from, answer))
		drop(manager, &manager->counts.dropped_foreign, from,
		     "address, version or community is not the one that was asked");
	else if (!flight_answer(flight, &answer->pdu))
		drop(manager, &manager->counts.dropped_mismatched, from,
		     "its varbinds are not those that were asked");
}

/* ---- asking ---- */

static bool
version_can_ask(uint8_t version, uint8_t type)
{
	switch (type) {
	case SNMP_GET:
	case SNMP_GETNEXT:
	case SNMP_SET:
		return version == SNMP_V1 || version == SNMP_V2C;
	case SNMP_GETBULK:
	case SNMP_INFORM:
		return version == SNMP_V2C;
	default: /* the rest is not answered */
		return false;
	}
}

static bool
ask_is_valid(const struct snmp_ask *ask)
{
	const uint8_t family = ask->target->address.family;

	return (family == ADDR_IPV4 || family == ADDR_IPV6) && ask->target->address.port > 0 &&
	       version_can_ask(ask->target->version, ask->pdu->type) &&
	       ask->pdu->count <= SNMP_VARBINDS_MAX && ask->tries >= 1 &&
	       ask->tries <= SNMP_ASK_TRIES_MAX && ask->timeout_ms >= SNMP_ASK_TIMEOUT_MIN_MS &&
	       ask->timeout_ms <= SNMP_ASK_TIMEOUT_MAX_MS;
}

/* The next request-id whose slot is free; there is one. */
static int32_t
next_id(struct snmp_manager *manager)
{
	assert(manager->flights_count < SNMP_FLIGHTS_MAX);

	do
		manager->id_last = manager->id_last < REQUEST_ID_MAX ? manager->id_last + 1 : 1;
	while (manager->slot[manager->id_last % SNMP_FLIGHTS_MAX]);
	return manager->id_last;
}

static struct flight *
flight_new(struct snmp_manager *manager, const struct snmp_ask *ask, int32_t request_id,
	   size_t size)
{
	struct flight *flight = calloc(1, sizeof(*flight) + size);

	if (!flight)
		return NULL;
	flight->manager = manager;
	flight->request_id = request_id;
	/* Grows by at least one a call, and its rest names the slot: never given twice. */
	flight->number =
		(int64_t)(++manager->asked * SNMP_FLIGHTS_MAX) + request_id % SNMP_FLIGHTS_MAX;
	flight->target = *ask->target;
	flight->tries_max = ask->tries;
	flight->timeout_ms = ask->timeout_ms;
	flight->asked_at = env_now(manager->env);
	flight->timer = (struct env_timer){ .fire = flight_fire, .arg = flight };
	flight->done = ask->done;
	flight->arg = ask->arg;
	flight->size = size;
	memcpy(flight->packet, manager->packet, size);
	manager->slot[request_id % SNMP_FLIGHTS_MAX] = flight;
	manager->flights_count++;
	return flight;
}

int64_t
snmp_manager_ask(struct snmp_manager *manager, const struct snmp_ask *ask)
{
	assert(ask->done);

	if (!ask_is_valid(ask))
		return DD_EINVAL;
	if (manager->flights_count == SNMP_FLIGHTS_MAX)
		return DD_EFULL;

	const int32_t request_id = next_id(manager);
	const int64_t size =
		snmp_encode_pdu(ask->target->version, community_of(ask->target), request_id,
				ask->pdu, manager->packet, sizeof(manager->packet));
	if (size < 0)
		return DD_EINVAL;
	struct flight *flight = flight_new(manager, ask, request_id, (size_t)size);
	if (!flight)
		return DD_ENOMEM;
	flight_try(flight);
	return flight->number;
}

void
snmp_manager_cancel(struct snmp_manager *manager, int64_t number)
{
	if (number <= 0)
		return;
	struct flight *flight = manager->slot[number % SNMP_FLIGHTS_MAX];
	if (flight && flight->number == number)
		flight_free(flight);
}

const struct snmp_counts *
snmp_manager_counts(const struct snmp_manager *manager)
{
	return &manager->counts;
}

/* ---- the manager itself ---- */

int
snmp_manager_new(struct env *env, const struct addr *local, const struct log *log,
		 struct snmp_manager **ret_manager, struct err *err)
{
	const struct addr any = { .family = ADDR_IPV4 };
	uint32_t start;

	struct snmp_manager *manager = calloc(1, sizeof(*manager));
	if (!manager)
		return err_set(err, AT, DD_ENOMEM, "no memory for the SNMP manager");
	manager->env = env;
	manager->log = log;
	env_random(env, &start, sizeof(start));
	manager->id_last = (int32_t)(start & REQUEST_ID_MAX);

	const int r = env_udp_open(env, local ? local : &any, manager_received, manager,
				   &manager->udp, err);
	if (r < 0) {
		free(manager);
		return err_wrap(err, AT, "the SNMP manager's socket");
	}
	*ret_manager = manager;
	return 0;
}

void
snmp_manager_free(struct snmp_manager *manager)
{
	if (!manager)
		return;
	for (unsigned i = 0; i < SNMP_FLIGHTS_MAX; i++)
		if (manager->slot[i])
			flight_free(manager->slot[i]);
	env_udp_close(manager->udp);
	free(manager);
}
