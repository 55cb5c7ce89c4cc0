/* device.c - the device's step: which event goes where; and what all operations share: storing,
 * ending, timing. */
#include "agent/device_core.h"

#include "base/text.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { LOG_TEXT_MAX = 400 };

/* ---- shared by the operations ---- */

void
device_log(const struct device_core *core, enum log_level level, const char *format, ...)
{
	char text[LOG_TEXT_MAX];
	va_list args;

	if (core->io->log == NULL)
		return;
	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args); /* cut is fine */
	va_end(args);
	core->io->log(core->io->arg, level, text);
}

struct slot *
device_slot(struct device_core *core, unsigned slot)
{
	assert(slot >= 1 && slot <= core->state.slot_count);
	return &core->state.slots[slot - 1];
}

unsigned
device_other_slot(const struct device_core *core)
{
	return core->state.slot_count < 2 ? 0 : 3u - core->state.running_slot;
}

bool
device_fault(struct device_core *core, enum fault_kind kind, struct fault *ret_fault)
{
	return fault_take(core->faults, kind, core->state.last.operation, ret_fault);
}

int
device_store(struct device_core *core)
{
	char text[DEVICE_STATE_BYTES_MAX];
	const size_t size = device_state_print(&core->state, text);
	const int r = core->io->state_store(core->io->arg, text, size);

	if (r == 0) {
		core->stored = core->state;
		return 0;
	}
	device_log(core, LOG_ERROR, "the state could not be written: %s", err_name(r));
	core->state = core->stored;
	return r;
}

static void
outcome_tell(struct device_core *core, enum status_reason reason, const char *text)
{
	struct status *last = &core->state.last;
	const uint64_t bytes = last->bytes;

	core->work = WORK_NONE;
	last->state = reason == REASON_NONE ? STATUS_SUCCEEDED : STATUS_FAILED;
	last->reason = reason;
	(void)text_copy(last->text, sizeof(last->text), text); /* cut is fine */
	text_clean(last->text);
	if (device_store(core) < 0) {
		/* What can't be made durable did not succeed (INV-AGENT-3). */
		last->state = STATUS_FAILED;
		last->reason = REASON_FLASH_ERROR;
		last->bytes = bytes;
		(void)text_copy(last->text, sizeof(last->text),
				"the outcome could not be written to flash");
	}
	device_log(core, last->state == STATUS_FAILED ? LOG_WARNING : LOG_NOTICE,
		   "ticket %u: %s %s%s%s%s%s", last->ticket, operation_name(last->operation),
		   status_state_name(last->state), last->state == STATUS_FAILED ? " (" : "",
		   last->state == STATUS_FAILED ? status_reason_name(last->reason) : "",
		   last->state == STATUS_FAILED ? "): " : ": ", last->text);
	device_notify_end(core);
}

void
device_end(struct device_core *core, enum status_reason reason, const char *format, ...)
{
	char text[STATUS_TEXT_MAX];
	struct fault late;
	va_list args;

	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args); /* cut is fine */
	va_end(args);
	if (!device_fault(core, FAULT_LATE, &late)) {
		outcome_tell(core, reason, text);
		return;
	}
	core->work = WORK_OUTCOME;
	core->outcome.at = core->now + late.ms;
	core->outcome.reason = device_store(core) < 0 ? REASON_FLASH_ERROR : reason;
	(void)text_copy(core->outcome.text, sizeof(core->outcome.text),
			text); /* of the same size */
}

enum status_reason
device_slot_take(struct device_core *core, unsigned slot, const struct software *software)
{
	core->state.next_slot = (uint8_t)slot;
	core->state.next = *software;
	if (device_store(core) < 0 || core->io->slot_finish(core->io->arg) < 0) {
		core->io->slot_abort(core->io->arg);
		return REASON_FLASH_ERROR;
	}
	*device_slot(core, slot) = (struct slot){ .state = SLOT_VALID, .software = *software };
	core->state.next_slot = 0;
	core->state.next = (struct software){ 0 };
	return REASON_NONE;
}

/* ---- where it answers ---- */

static const struct fault *
factory_of(const struct device_core *core)
{
	for (unsigned i = 0;
	     core->faults != NULL && core->state.is_factory && i < core->faults->count; i++)
		if (core->faults->item[i].kind == FAULT_FACTORY)
			return &core->faults->item[i];
	return NULL;
}

const struct addr *
device_address(const struct device_core *core)
{
	const struct fault *factory = factory_of(core);

	return factory != NULL ? &factory->address : &core->settings->listen;
}

void
device_listen(struct device_core *core)
{
	const struct fault *factory = factory_of(core);
	const char *read = factory != NULL ? factory->community : core->settings->read_community;
	const char *write = factory != NULL ? factory->community : core->settings->write_community;

	(void)text_copy(core->agent.read_community, sizeof(core->agent.read_community),
			read); /* lengths were */
	(void)text_copy(core->agent.write_community, sizeof(core->agent.write_community),
			write); /* checked before */
	/* Where it fails, whoever provides the socket tries again: the device can do nothing else.
	 */
	(void)core->io->listen(core->io->arg, device_address(core));
}

/* ---- the step ---- */

static void
device_packet(struct device_core *core, const struct device_event *event)
{
	const struct slice data = event->packet.data;

	if (core->is_mute || core->work == WORK_RESTART ||
	    device_notify_answered(core, event->packet.from, data))
		return;
	const size_t size =
		snmp_agent_answer(&core->agent, event->packet.from, core->now, data.data, data.size,
				  core->answer, sizeof(core->answer));
	if (size > 0)
		core->io->send(core->io->arg, event->packet.from, core->answer, size);
	if (core->work == WORK_BEGIN)
		device_operation_begin(core);
}

static void
timer_fired(struct device_core *core)
{
	if (core->work == WORK_OUTCOME && core->now >= core->outcome.at)
		outcome_tell(core, core->outcome.reason, core->outcome.text);
	device_notify_timer(core);
}

static void
timer_arm(struct device_core *core)
{
	msec_t at = device_notify_next(core);

	if (core->work == WORK_OUTCOME && core->outcome.at < at)
		at = core->outcome.at;
	core->io->timer(core->io->arg, core->work == WORK_RESTART ? DD_NEVER : at);
}

void
device_step(struct device_core *core, const struct device_event *event, const struct device_io *io)
{
	core->io = io;
	core->now = event->now;
	if (core->is_dead)
		return;
	switch (event->kind) {
	case DEVICE_BOOTED:
		device_boot(core, event);
		break;
	case DEVICE_PACKET:
		device_packet(core, event);
		break;
	case DEVICE_TIMER:
		timer_fired(core);
		break;
	case DEVICE_OPENED:
	case DEVICE_DATA:
	case DEVICE_SENT:
	case DEVICE_COMPLETE:
	case DEVICE_FAILED:
		device_transfer_event(core, event);
		break;
	case DEVICE_COPIED:
		device_copied(core, event);
		break;
	}
	timer_arm(core);
	core->io = NULL;
}

void
device_init(struct device_core *core, const struct device_settings *settings, struct faults *faults)
{
	memset(core, 0, sizeof(*core));
	core->settings = settings;
	core->faults = faults;
	core->agent.objects = (struct snmp_objects){ .get = device_mib_get,
						     .test = device_command_test,
						     .commit = device_command_commit,
						     .arg = core };
}

void
device_state_new(struct device_state *state, unsigned slot_count, const struct software *software,
		 bool has_config)
{
	assert(slot_count >= 1 && slot_count <= DEVICE_SLOTS_MAX);
	memset(state, 0, sizeof(*state));
	state->slot_count = (uint8_t)slot_count;
	state->boot_slot = 1;
	for (unsigned i = 0; i < DEVICE_SLOTS_MAX; i++)
		state->slots[i].state = SLOT_EMPTY;
	/* It ran in the factory: faults of new software do not concern it. */
	state->slots[0] = (struct slot){ .state = SLOT_VALID,
					 .has_config = has_config,
					 .has_booted = true,
					 .software = *software };
	(void)text_copy(state->last.text, sizeof(state->last.text), "no command yet");
}
