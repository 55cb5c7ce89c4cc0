/* listener.c - notifications: decode, bring to the v2 form, answer informs, tell.
 *
 *   v1 trap  generic 0..5 -> snmpTraps.(generic + 1); 6 (enterpriseSpecific) ->
 * enterprise.0.specific   (RFC 3584 3.1) */
#include "snmp/listener.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
	GENERIC_ENTERPRISE = 6,
	TRAP_HEAD = 2, /* varbinds that the v2 form begins with: sysUpTime.0, snmpTrapOID.0 */
	TRAP_TAIL = 2, /* and may end with: snmpTrapAddress.0, snmpTrapEnterprise.0 */
	TRAP_ADDRESS_SIZE = 4,
};

static const struct oid sys_up_time = { 9, { 1, 3, 6, 1, 2, 1, 1, 3, 0 } };
static const struct oid snmp_trap_oid = { 11, { 1, 3, 6, 1, 6, 3, 1, 1, 4, 1, 0 } };
static const struct oid snmp_trap_enterprise = { 11, { 1, 3, 6, 1, 6, 3, 1, 1, 4, 3, 0 } };
static const struct oid snmp_traps = { 9, { 1, 3, 6, 1, 6, 3, 1, 1, 5 } };
static const struct oid snmp_trap_address = { 10, { 1, 3, 6, 1, 6, 3, 18, 1, 3, 0 } };

struct snmp_listener {
	const struct log *log;
	struct env_udp *udp;
	void (*heard)(void *arg, const struct snmp_notice *notice);
	void *arg;
	struct snmp_listener_counts counts;
	struct snmp_message message;      /* scratch */
	uint8_t answer[SNMP_MESSAGE_MAX]; /* scratch */
};

static bool
trap_name(const struct snmp_pdu *trap, struct oid *ret_name)
{
	if (trap->generic < 0 || trap->generic > GENERIC_ENTERPRISE || trap->specific < 0)
		return false;
	if (trap->generic < GENERIC_ENTERPRISE) {
		*ret_name = snmp_traps;
		return oid_add(ret_name, (uint32_t)trap->generic + 1);
	}
	*ret_name = trap->enterprise;
	return oid_add(ret_name, 0) && oid_add(ret_name, (uint32_t)trap->specific);
}

/* Turn a v1 trap into the v2 form in place. False where it has no valid name or no room for one. */
static bool
trap_to_v2(struct snmp_pdu *trap)
{
	struct oid name;

	if (!trap_name(trap, &name) || trap->count > SNMP_VARBINDS_MAX - TRAP_HEAD)
		return false;
	memmove(&trap->varbind[TRAP_HEAD], &trap->varbind[0],
		trap->count * sizeof(trap->varbind[0]));
	trap->count += TRAP_HEAD;
	trap->varbind[0].name = sys_up_time;
	trap->varbind[0].value.type = SNMP_TIMETICKS;
	trap->varbind[0].value.number = trap->ticks;
	trap->varbind[1].name = snmp_trap_oid;
	trap->varbind[1].value.type = SNMP_OID;
	trap->varbind[1].value.oid = name;

	if (trap->count <= SNMP_VARBINDS_MAX - TRAP_TAIL) {
		snmp_pdu_add(trap, &snmp_trap_address, SNMP_IPADDRESS)->value.octets =
			(struct slice){ trap->agent_address, TRAP_ADDRESS_SIZE };
		snmp_pdu_add(trap, &snmp_trap_enterprise, SNMP_OID)->value.oid = trap->enterprise;
	}
	trap->type = SNMP_TRAP_V2;
	return true;
}

/* The notification's name, or NULL where it is none. */
static const struct oid *
notice_name(struct snmp_pdu *pdu)
{
	if (pdu->type == SNMP_TRAP_V1 && !trap_to_v2(pdu))
		return NULL;
	if (pdu->type != SNMP_TRAP_V2 && pdu->type != SNMP_INFORM)
		return NULL;

	const struct snmp_varbind *varbind = snmp_pdu_find(pdu, &snmp_trap_oid);
	return varbind && varbind->value.type == SNMP_OID ? &varbind->value.oid : NULL;
}

static void
answer_inform(struct snmp_listener *listener, const struct addr *from, const struct addr *to)
{
	struct snmp_message *message = &listener->message;

	message->pdu.type = SNMP_RESPONSE;
	message->pdu.error_status = message->pdu.error_index = 0;
	const int64_t size = snmp_encode(message, listener->answer, sizeof(listener->answer));
	if (size < 0 || env_udp_send(listener->udp, from, to, listener->answer, (size_t)size) < 0)
		listener->counts.answers_unsent++;
	message->pdu.type = SNMP_INFORM;
}

static void
listener_drop(struct snmp_listener *listener, const struct addr *from, const char *why)
{
	char text[ADDR_TEXT_MAX];

	listener->counts.dropped++;
	log_line(listener->log, LOG_DEBUG, "snmp: dropped a notification from %s: %s",
		 addr_text(from, text), why);
}

static void
listener_received(void *arg, const struct addr *from, const struct addr *to, const uint8_t *data,
		  size_t size)
{
	struct snmp_listener *listener = arg;
	struct snmp_pdu *pdu = &listener->message.pdu;
	struct err err;

	if (snmp_decode(data, size, &listener->message, &err) < 0) {
		listener_drop(listener, from, err.text);
		return;
	}
	const struct oid *name = notice_name(pdu);
	if (!name) {
		listener_drop(listener, from, "it is no notification with a name");
		return;
	}

	const struct snmp_notice notice = {
		.from = *from,
		.is_inform = pdu->type == SNMP_INFORM,
		.name = *name,
		.pdu = pdu,
	};
	if (notice.is_inform) {
		listener->counts.informs++;
		answer_inform(listener, from, to);
	} else {
		listener->counts.traps++;
	}
	listener->heard(listener->arg, &notice); /* last: it may free the listener */
}

int
snmp_listener_new(struct env *env, const struct addr *at,
		  void (*heard)(void *arg, const struct snmp_notice *notice), void *arg,
		  const struct log *log, struct snmp_listener **ret_listener, struct err *err)
{
	assert(heard);

	struct snmp_listener *listener = calloc(1, sizeof(*listener));
	if (!listener)
		return err_set(err, AT, DD_ENOMEM, "no memory for the trap listener");
	listener->log = log;
	listener->heard = heard;
	listener->arg = arg;

	const int r = env_udp_open(env, at, listener_received, listener, &listener->udp, err);
	if (r < 0) {
		free(listener);
		return err_wrap(err, AT, "the trap listener's socket");
	}
	*ret_listener = listener;
	return 0;
}

const struct addr *
snmp_listener_local(const struct snmp_listener *listener)
{
	return env_udp_local(listener->udp);
}

const struct snmp_listener_counts *
snmp_listener_counts(const struct snmp_listener *listener)
{
	return &listener->counts;
}

void
snmp_listener_free(struct snmp_listener *listener)
{
	if (!listener)
		return;
	env_udp_close(listener->udp);
	free(listener);
}
