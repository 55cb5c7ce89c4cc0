/* device_operation.c - what each operation does: the table, and those that need no transfer. */
#include "agent/device_core.h"

#include <string.h>

/* ---- keep ---- */

static bool
is_kept(struct device_core *core, unsigned other)
{
	const struct slot *slot = device_slot(core, other),
			  *running = device_slot(core, core->state.running_slot);
	size_t size = 0;

	if (slot->state != SLOT_VALID ||
	    !sha256_equal(&slot->software.hash, &running->software.hash) ||
	    slot->has_config != running->has_config)
		return false;
	if (!slot->has_config)
		return true;
	return core->io->config_load(core->io->arg, other, core->incoming, sizeof(core->incoming),
				     &size) == 0 &&
	       size == core->config_size && memcmp(core->incoming, core->config, size) == 0;
}

static void
keep_begin(struct device_core *core)
{
	const unsigned other = device_other_slot(core);

	if (is_kept(core, other)) {
		device_end(core, REASON_NONE, "slot %u holds %s and its configuration already",
			   other, core->state.running.version);
		return;
	}
	*device_slot(core, other) = (struct slot){ .state = SLOT_EMPTY };
	if (device_store(core) < 0 ||
	    core->io->slot_copy(core->io->arg, core->state.running_slot, other) < 0) {
		device_end(core, REASON_FLASH_ERROR, "the copy to slot %u could not begin", other);
		return;
	}
	core->work = WORK_COPY;
}

/* The copy becomes what runs, with its configuration, in one durable step. */
static void
keep_switch(struct device_core *core, unsigned other)
{
	const struct slot running = *device_slot(core, core->state.running_slot);

	if (running.has_config &&
	    core->io->config_store(core->io->arg, other, core->config, core->config_size) < 0) {
		device_end(core, REASON_FLASH_ERROR,
			   "the configuration could not be copied to slot %u", other);
		return;
	}
	*device_slot(core, other) = running;
	core->state.running_slot = core->state.boot_slot = (uint8_t)other;
	device_end(core, REASON_NONE, "%s and its configuration are in slot %u, and run from there",
		   running.software.version, other);
}

void
device_copied(struct device_core *core, const struct device_event *event)
{
	const unsigned other = device_other_slot(core);

	if (core->work != WORK_COPY)
		return;
	const struct software software = device_slot(core, core->state.running_slot)->software;
	core->state.last.bytes = event->copied.size;
	if (event->copied.error < 0 || !sha256_equal(&event->copied.hash, &software.hash)) {
		core->io->slot_abort(core->io->arg);
		device_end(core, REASON_FLASH_ERROR, "the copy in slot %u is not what runs", other);
		return;
	}
	if (device_slot_take(core, other, &software) != REASON_NONE)
		device_end(core, REASON_FLASH_ERROR, "the copy could not be written to slot %u",
			   other);
	else
		keep_switch(core, other);
}

/* ---- activate, reload, commit, rollback ---- */

/* False, and ended, where this slot can't boot. */
static bool
slot_may_boot(struct device_core *core, unsigned number)
{
	const struct slot *slot = device_slot(core, number);

	if (slot->state == SLOT_EMPTY)
		device_end(core, REASON_SLOT_EMPTY, "slot %u is empty", number);
	if (slot->state == SLOT_DAMAGED)
		device_end(core, REASON_BAD_IMAGE, "the software in slot %u is damaged", number);
	return slot->state == SLOT_VALID;
}

static void
activate_begin(struct device_core *core)
{
	const unsigned slot = core->command.slot;

	if (!slot_may_boot(core, slot))
		return;
	core->state.boot_slot = (uint8_t)slot;
	device_end(core, REASON_NONE, "slot %u with %s boots next", slot,
		   device_slot(core, slot)->software.version);
}

static void
reload_begin(struct device_core *core)
{
	struct fault slow;

	core->work = WORK_RESTART;
	const bool is_slow = device_fault(core, FAULT_SLOW, &slow);
	core->io->restart(core->io->arg, is_slow ? slow.ms : core->settings->restart_ms);
}

static void
commit_begin(struct device_core *core)
{
	device_end(core, REASON_NONE, "%s stays in slot %u", core->state.running.version,
		   core->state.running_slot);
}

static void
rollback_begin(struct device_core *core)
{
	const unsigned slot = core->command.slot;

	if (!slot_may_boot(core, slot))
		return;
	core->state.boot_slot = (uint8_t)slot;
	/* On one slot other software may have been fetched over what runs. */
	const bool runs =
		core->state.running_slot == slot &&
		sha256_equal(&core->state.running.hash, &device_slot(core, slot)->software.hash);
	if (runs)
		device_end(core, REASON_NONE, "%s runs from slot %u already",
			   core->state.running.version, slot);
	else if (device_store(core) < 0)
		device_end(core, REASON_FLASH_ERROR, "the choice of slot %u could not be written",
			   slot);
	else
		reload_begin(core);
}

/* ---- the table ---- */

static const struct row {
	unsigned needs;
	void (*begin)(struct device_core *core);
} rows[OPERATION_COUNT] = {
	[OPERATION_BACKUP] = { NEEDS_FILES | NEEDS_ONE_FILE, device_backup_begin },
	[OPERATION_KEEP] = { NEEDS_TWO_SLOTS, keep_begin },
	[OPERATION_FETCH] = { NEEDS_FILES | NEEDS_HASH, device_fetch_begin },
	[OPERATION_ACTIVATE] = { NEEDS_SLOT, activate_begin },
	[OPERATION_RELOAD] = { 0, reload_begin },
	[OPERATION_COMMIT] = { 0, commit_begin },
	[OPERATION_RESTORE] = { NEEDS_FILES | NEEDS_HASH | NEEDS_ONE_FILE, device_restore_begin },
	[OPERATION_ROLLBACK] = { NEEDS_SLOT, rollback_begin },
};

/* The MIB's numbers are those of enum operation. */
_Static_assert(OPERATION_BACKUP == 1 && OPERATION_KEEP == 2 && OPERATION_FETCH == 3 &&
		       OPERATION_ACTIVATE == 4 && OPERATION_RELOAD == 5 && OPERATION_COMMIT == 6 &&
		       OPERATION_RESTORE == 7 && OPERATION_ROLLBACK == 8 && OPERATION_COUNT == 9,
	       "ddCommandOperation");
_Static_assert(PROTOCOL_TFTP == 1 && PROTOCOL_FTP == 2, "ddCommandProtocol");

unsigned
device_operation_needs(enum operation operation)
{
	return (unsigned)operation < OPERATION_COUNT ? rows[operation].needs : 0;
}

void
device_operation_begin(struct device_core *core)
{
	core->work = WORK_NONE;
	if (device_fault(core, FAULT_HANG, NULL)) {
		core->work = WORK_HANG;
		return;
	}
	if (device_fault(core, FAULT_MUTE, NULL)) {
		core->is_mute = true;
		return;
	}
	if (device_fault(core, FAULT_FAIL, NULL))
		device_end(core, REASON_UNKNOWN, "the operation failed");
	else if (device_fault(core, FAULT_LIE, NULL))
		device_end(core, REASON_NONE, "done");
	else
		rows[core->state.last.operation].begin(core);
}
