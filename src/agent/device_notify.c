/* device_notify.c - what the device tells by itself: coldStart, and the end of each operation;
 * traps, or informs sent until answered. */
#include "agent/device_core.h"

#include <assert.h>
#include <string.h>

enum { NOTIFICATION_SUCCEEDED = 1, NOTIFICATION_FAILED = 2 };
enum { STATUS_TICKET_COLUMN = 1, STATUS_TEXT_COLUMN = 5 };

/* SNMPv2-MIB: sysUpTime.0, snmpTrapOID.0, coldStart */
static const struct oid sys_up_time = { 9, { 1, 3, 6, 1, 2, 1, 1, 3, 0 } };
static const struct oid snmp_trap_oid = { 11, { 1, 3, 6, 1, 6, 3, 1, 1, 4, 1, 0 } };
static const struct oid cold_start = { 10, { 1, 3, 6, 1, 6, 3, 1, 1, 5, 1 } };

static void
notice_start(struct device_core *core, const struct oid *name)
{
	struct snmp_message *message = &core->notice_message;
	const char *community = core->agent.read_community;

	message->version = SNMP_V2C;
	message->community = (struct slice){ (const uint8_t *)community, strlen(community) };
	message->pdu.type = core->settings->is_inform ? SNMP_INFORM : SNMP_TRAP_V2;
	message->pdu.request_id = ++core->request_id_next;
	message->pdu.error_status = message->pdu.error_index = 0;
	message->pdu.count = 0;
	/* Both fit: the message is empty. */
	snmp_pdu_add(&message->pdu, &sys_up_time, SNMP_TIMETICKS)->value.number =
		device_ticks(core);
	snmp_pdu_add(&message->pdu, &snmp_trap_oid, SNMP_OID)->value.oid = *name;
}

static struct device_notice *
notice_place(struct device_core *core)
{
	struct device_notice *oldest = &core->notices[0];

	for (unsigned i = 0; i < DEVICE_NOTICES_MAX; i++) {
		struct device_notice *notice = &core->notices[i];
		if (notice->size == 0)
			return notice;
		if (notice->request_id < oldest->request_id)
			oldest = notice;
	}
	return oldest;
}

static void
notice_send(struct device_core *core, struct device_notice *notice)
{
	core->io->send(core->io->arg, &core->settings->trap_to, notice->data, notice->size);
	notice->again_at = core->now + (DEVICE_INFORM_MS << notice->tries);
	notice->tries++;
}

static void
notice_finish(struct device_core *core)
{
	struct device_notice once, *notice = core->settings->is_inform ? notice_place(core) : &once;

	memset(notice, 0, sizeof(*notice));
	const int64_t size = snmp_encode(&core->notice_message, notice->data, sizeof(notice->data));
	assert(size > 0); /* the texts are bounded so that it fits */
	notice->size = (uint16_t)size;
	notice->request_id = core->notice_message.pdu.request_id;
	notice_send(core, notice);
}

static bool
may_notify(const struct device_core *core)
{
	return core->settings->trap_to.family != ADDR_NONE && !core->is_mute;
}

void
device_notify_boot(struct device_core *core)
{
	if (!may_notify(core))
		return;
	notice_start(core, &cold_start);
	notice_finish(core);
}

void
device_notify_end(struct device_core *core)
{
	uint8_t scratch[256];
	struct oid name;

	if (!may_notify(core) || device_fault(core, FAULT_SILENT, NULL))
		return;
	device_mib_notification(core->state.last.state == STATUS_SUCCEEDED ? NOTIFICATION_SUCCEEDED
									   : NOTIFICATION_FAILED,
				&name);
	notice_start(core, &name);
	for (unsigned column = STATUS_TICKET_COLUMN; column <= STATUS_TEXT_COLUMN; column++) {
		device_mib_name(DEVICE_OBJECT_STATUS, column, &name);
		struct snmp_varbind *varbind =
			snmp_pdu_add(&core->notice_message.pdu, &name, SNMP_NULL);
		const int r = device_mib_get(core, &name, false, &varbind->name, &varbind->value,
					     scratch);
		assert(r == 0);
	}
	notice_finish(core);
}

bool
device_notify_answered(struct device_core *core, const struct addr *from, struct slice data)
{
	struct snmp_message *message = &core->notice_message;
	bool is_waiting = false;

	for (unsigned i = 0; i < DEVICE_NOTICES_MAX; i++)
		is_waiting = is_waiting || core->notices[i].size > 0;
	if (!is_waiting || !addr_equal(from, &core->settings->trap_to) ||
	    snmp_decode(data.data, data.size, message, NULL) < 0 ||
	    message->pdu.type != SNMP_RESPONSE)
		return false;
	for (unsigned i = 0; i < DEVICE_NOTICES_MAX; i++)
		if (core->notices[i].size > 0 &&
		    core->notices[i].request_id == message->pdu.request_id)
			core->notices[i].size = 0;
	return true;
}

void
device_notify_timer(struct device_core *core)
{
	for (unsigned i = 0; i < DEVICE_NOTICES_MAX; i++) {
		struct device_notice *notice = &core->notices[i];
		if (notice->size == 0 || core->now < notice->again_at)
			continue;
		if (notice->tries >= DEVICE_INFORM_TRIES) {
			notice->size = 0;
			device_log(core, LOG_WARNING, "nobody answered an inform in %d tries",
				   DEVICE_INFORM_TRIES);
		} else {
			notice_send(core, notice);
		}
	}
}

msec_t
device_notify_next(const struct device_core *core)
{
	msec_t next = DD_NEVER;

	for (unsigned i = 0; i < DEVICE_NOTICES_MAX; i++)
		if (core->notices[i].size > 0 && core->notices[i].again_at < next)
			next = core->notices[i].again_at;
	return next;
}
