/* device_boot.c - after power on: which slot is whole, what boots, and how the command ended that
 * was running. */
#include "agent/device_core.h"

#include "base/text.h"

#include <string.h>

static bool
fact_fits(const struct device_slot_fact *fact, const struct software *software)
{
	return fact->is_there && fact->size == software->size &&
	       sha256_equal(&fact->hash, &software->hash);
}

/* A slot's content is the one that the state names, or the one that was about to take its place, or
 * it is damaged (INV-AGENT-1). */
static void
slot_check(struct device_core *core, unsigned number, const struct device_slot_fact *fact)
{
	struct slot *slot = device_slot(core, number);

	if (core->state.next_slot == number && fact_fits(fact, &core->state.next)) {
		*slot = (struct slot){ .state = SLOT_VALID, .software = core->state.next };
		return;
	}
	if (slot->state != SLOT_EMPTY)
		slot->state = fact_fits(fact, &slot->software) ? SLOT_VALID : SLOT_DAMAGED;
}

static bool
boots(struct device_core *core, unsigned number)
{
	if (number == 0 || device_slot(core, number)->state != SLOT_VALID)
		return false;
	return device_slot(core, number)->has_booted ||
	       !fault_take(core->faults, FAULT_NOBOOT, OPERATION_NONE, NULL);
}

/* The slot that boots: the chosen one, else the other, else 0. */
static unsigned
slot_choose(struct device_core *core)
{
	const unsigned first = core->state.boot_slot;
	const unsigned second = core->state.slot_count < 2 ? 0 : 3 - first;

	if (boots(core, first))
		return first;
	device_log(core, LOG_ERROR, "the software in slot %u does not boot", first);
	return boots(core, second) ? second : 0;
}

static void
new_software_faults(struct device_core *core, struct slot *slot)
{
	slot->is_wrong = fault_take(core->faults, FAULT_WRONG, OPERATION_NONE, NULL);
	slot->has_no_ports = fault_take(core->faults, FAULT_NO_PORTS, OPERATION_NONE, NULL);
	if (!slot->has_config && fault_take(core->faults, FAULT_FACTORY, OPERATION_NONE, NULL))
		core->state.is_factory = true;
}

static void
config_load(struct device_core *core, struct slot *slot, unsigned number)
{
	size_t size = 0;
	struct err err = { 0 };

	if (slot->has_config) {
		const int r = core->io->config_load(core->io->arg, number, core->incoming,
						    sizeof(core->incoming), &size);
		if (r < 0)
			err_set(&err, AT, r, "%s", err_name(r));
		else if (device_config_check(core, core->incoming, size, &err) == 0) {
			device_config_use(core, core->incoming, size);
			return;
		}
		device_log(core, LOG_ERROR, "the configuration of slot %u can't be used: %s",
			   number, err.text);
	}
	device_config_default(core);
}

static void
software_start(struct device_core *core, unsigned number)
{
	struct slot *slot = device_slot(core, number);
	const struct status *last = &core->state.last;
	const bool is_reload =
		last->state == STATUS_RUNNING &&
		(last->operation == OPERATION_RELOAD || last->operation == OPERATION_ROLLBACK);

	if (!slot->has_booted)
		new_software_faults(core, slot);
	if (is_reload && fault_take(core->faults, FAULT_DROP_CONFIG, OPERATION_NONE, NULL))
		slot->has_config = false;
	if (slot->has_config)
		core->state.is_factory = false;
	slot->has_booted = true;
	core->state.running_slot = core->state.boot_slot = (uint8_t)number;
	core->state.running = slot->software;
	if (slot->is_wrong)
		/* Cut is fine: any other version will do. */
		(void)text_print(core->state.reported, sizeof(core->state.reported), "0-%s",
				 slot->software.version);
	else
		(void)text_copy(core->state.reported, sizeof(core->state.reported),
				slot->software.version);
	config_load(core, slot, number);
}

/* A restart is judged by what booted; everything else that was running did not end. */
static void
command_judge(struct device_core *core, unsigned chosen)
{
	const struct status *last = &core->state.last;
	const unsigned running = core->state.running_slot;

	if (last->state != STATUS_RUNNING)
		return;
	if (last->operation != OPERATION_RELOAD && last->operation != OPERATION_ROLLBACK) {
		device_end(core, REASON_INTERRUPTED,
			   "the device restarted while the operation was running");
		return;
	}
	if (running == last->slot)
		device_end(core, REASON_NONE, "the device restarted and runs %s from slot %u",
			   core->state.reported, running);
	else if (chosen == last->slot)
		device_end(core, REASON_FELL_BACK,
			   "the software in slot %u did not come up; %s runs from slot %u",
			   last->slot, core->state.reported, running);
	else
		device_end(core, REASON_INTERRUPTED,
			   "the device restarted before the operation had begun");
}

void
device_boot(struct device_core *core, const struct device_event *event)
{
	const unsigned chosen = event->boot.state->boot_slot;

	core->state = core->stored = *event->boot.state;
	core->booted_at = core->now;
	for (unsigned i = 1; i <= core->state.slot_count; i++)
		slot_check(core, i, &event->boot.slots[i - 1]);
	core->state.next_slot = 0;
	core->state.next = (struct software){ 0 };
	core->state.boot_count++;
	core->request_id_next = (int32_t)(core->state.boot_count % 0x7fff) << 16;
	const unsigned number = slot_choose(core);
	if (number == 0) {
		core->is_dead = true;
		device_log(core, LOG_ERROR,
			   "no slot holds software that boots: the device is dead");
		return;
	}
	software_start(core, number);
	const struct device_state started = core->state;
	if (device_store(core) < 0)
		core->state = started; /* a device whose flash is full still runs */
	device_listen(core);
	device_log(core, LOG_NOTICE, "runs %s from slot %u (boot %u), configuration %s",
		   core->state.reported, number, core->state.boot_count,
		   core->has_config ? "loaded" : "is the factory's");
	device_notify_boot(core);
	command_judge(core, chosen);
}
