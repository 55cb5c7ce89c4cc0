/* device_transfer.c - operations that move files: backup (upload), fetch and restore (download). */
#include "agent/device_core.h"

#include "base/text.h"

#include <string.h>

enum { BLOCK_MAX = 1428 }; /* bytes that an upload may send at once */

/* ---- starting ---- */

/* Cut "a,b" into names that each end in NUL. */
static void
files_split(struct device_core *core)
{
	memcpy(core->files, core->command.files, sizeof(core->files));
	core->files_count = 1;
	core->file_index = 0;
	for (char *comma = strchr(core->files, ','); comma != NULL;
	     comma = strchr(comma + 1, ',')) {
		*comma = '\0';
		core->files_count++;
	}
}

static const char *
file_name(const struct device_core *core)
{
	const char *name = core->files;

	for (unsigned i = 0; i < core->file_index; i++)
		name += strlen(name) + 1;
	return name;
}

static void
transfer_start(struct device_core *core, enum direction direction)
{
	struct device_transfer transfer = { .protocol = core->command.protocol,
					    .direction = direction,
					    .local = *device_address(core),
					    .server = core->command.server,
					    .file = file_name(core),
					    .user = core->command.user,
					    .password = core->command.password };

	if (direction == DIRECTION_WRITE)
		transfer.content =
			(struct slice){ (const uint8_t *)core->config, core->config_size };
	transfer.local.port = 0;
	core->file_bytes = 0;
	core->work = WORK_TRANSFER;
	if (core->io->transfer_start(core->io->arg, &transfer) < 0) {
		core->io->slot_abort(core->io->arg);
		device_end(core, REASON_SERVER_UNREACHABLE, "the transfer of %s could not begin",
			   transfer.file);
	}
}

/* Stop what moves, forget what came, and end. */
static void
transfer_end(struct device_core *core, enum status_reason reason, const char *text)
{
	core->io->transfer_stop(core->io->arg);
	if (core->is_flashing)
		core->io->slot_abort(core->io->arg);
	core->is_flashing = false;
	device_end(core, reason, "%s", text);
}

static void
download_start(struct device_core *core)
{
	files_split(core);
	core->is_flashing = false;
	core->incoming_size = 0;
	image_reader_init(&core->image);
	sha256_init(&core->hash);
	transfer_start(core, DIRECTION_READ);
}

void
device_backup_begin(struct device_core *core)
{
	files_split(core);
	if (core->config_size == 0)
		device_end(core, REASON_BAD_CONFIG,
			   "the software has no configuration in a format known here");
	else
		transfer_start(core, DIRECTION_WRITE);
}

/* The slot that fetched software goes to. */
static unsigned
fetch_slot(const struct device_core *core)
{
	const unsigned other = device_other_slot(core);

	return other != 0 ? other : 1;
}

/* Bytes that the slot can take: what it holds may be overwritten. */
static uint64_t
fetch_room(const struct device_core *core)
{
	const uint64_t free = core->io->free_bytes(core->io->arg);

	return free < core->settings->capacity ? free : core->settings->capacity;
}

void
device_fetch_begin(struct device_core *core)
{
	const unsigned slot = fetch_slot(core);

	if (core->command.slot != 0 && core->command.slot != slot)
		device_end(core, REASON_REFUSED, "slot %u is the running one", core->command.slot);
	else if (core->command.size > fetch_room(core))
		device_end(core, REASON_NO_ROOM, "slot %u has no room for %u bytes", slot,
			   core->command.size);
	else
		download_start(core);
}

void
device_restore_begin(struct device_core *core)
{
	const struct slot *slot = device_slot(core, core->state.running_slot);

	/* On one slot: its configuration would be the other software's. */
	if (!sha256_equal(&slot->software.hash, &core->state.running.hash))
		device_end(core, REASON_REFUSED,
			   "slot %u holds other software by now: reload first",
			   core->state.running_slot);
	else if (core->command.size > sizeof(core->incoming))
		device_end(core, REASON_NO_ROOM, "a configuration may have at most %d bytes",
			   IAD_CONFIG_MAX);
	else
		download_start(core);
}

/* ---- bytes that come ---- */

/* Before the first byte is written: the slot's old content is gone, and the write is counted,
 * durably. */
static bool
flash_begin(struct device_core *core)
{
	const unsigned slot = fetch_slot(core);

	if (core->is_flashing)
		return true;
	if (slot != core->state.running_slot)
		*device_slot(core, slot) = (struct slot){ .state = SLOT_EMPTY };
	core->state.flash_count++;
	if (device_store(core) < 0 || core->io->slot_begin(core->io->arg, slot) < 0)
		return false;
	core->is_flashing = true;
	return true;
}

static void
fetch_data(struct device_core *core, struct slice data)
{
	uint8_t spoilt[2048];

	if (core->state.last.bytes + data.size > fetch_room(core)) {
		transfer_end(core, REASON_NO_ROOM, "the image is larger than the slot");
		return;
	}
	if (!flash_begin(core)) {
		transfer_end(core, REASON_FLASH_ERROR, "the slot could not be opened for writing");
		return;
	}
	if (data.size > 0 && data.size <= sizeof(spoilt) &&
	    device_fault(core, FAULT_CORRUPT, NULL)) {
		memcpy(spoilt, data.data, data.size);
		spoilt[data.size - 1] ^= 0x20;
		data.data = spoilt;
	}
	sha256_add(&core->hash, data.data, data.size);
	image_reader_add(&core->image, data.data, data.size);
	const int r = core->io->slot_write(core->io->arg, data.data, data.size);
	if (r < 0)
		transfer_end(core, r == DD_ENOSPC ? REASON_NO_ROOM : REASON_FLASH_ERROR,
			     r == DD_ENOSPC ? "the flash is full"
					    : "the slot could not be written");
}

static void
restore_data(struct device_core *core, struct slice data)
{
	if (data.size > sizeof(core->incoming) - core->incoming_size) {
		transfer_end(core, REASON_NO_ROOM,
			     "the configuration is larger than this device can hold");
		return;
	}
	memcpy(core->incoming + core->incoming_size, data.data, data.size);
	core->incoming_size += data.size;
	sha256_add(&core->hash, data.data, data.size);
}

/* Fault: the transfer ends where half of the bytes have moved, or would have. */
static bool
breaks(struct device_core *core, uint64_t bytes, uint64_t whole)
{
	if (bytes * 2 < whole || !device_fault(core, FAULT_BREAK, NULL))
		return false;
	transfer_end(core, REASON_TRANSFER_BROKEN, "the transfer broke off");
	return true;
}

static void
data_came(struct device_core *core, struct slice data)
{
	if (breaks(core, core->state.last.bytes + data.size, core->command.size))
		return;
	if (core->state.last.operation == OPERATION_FETCH)
		fetch_data(core, data);
	else
		restore_data(core, data);
	core->state.last.bytes += data.size;
	core->file_bytes += data.size;
}

/* ---- all is here ---- */

/* REASON_NONE and what it is, or why the image is not for this device; `err` says more. */
static enum status_reason
image_judge(struct device_core *core, struct software *ret_software, struct err *err)
{
	struct image_header header;
	struct sha256 hash;

	sha256_end(&core->hash, &hash);
	if (!sha256_equal(&hash, &core->command.hash)) {
		err_set(err, AT, DD_EINTEGRITY,
			"what came does not have the hash that the command names");
		return REASON_HASH_MISMATCH;
	}
	if (image_reader_end(&core->image, &header, err) < 0)
		return REASON_BAD_IMAGE;
	if (!text_equal(header.model, core->settings->model)) {
		err_set(err, AT, DD_EINVAL, "the image is for %s, this is %s", header.model,
			core->settings->model);
		return REASON_WRONG_MODEL;
	}
	if (!image_fits_revision(&header, core->settings->revision)) {
		err_set(err, AT, DD_EINVAL, "the image is for hardware %s, this is %s",
			header.revisions, core->settings->revision);
		return REASON_WRONG_REVISION;
	}
	*ret_software = (struct software){ .format = header.format,
					   .size = core->state.last.bytes,
					   .hash = hash };
	(void)text_copy(ret_software->version, sizeof(ret_software->version),
			header.version); /* same sizes */
	(void)text_copy(ret_software->model, sizeof(ret_software->model), header.model);
	return REASON_NONE;
}

static void
fetch_complete(struct device_core *core)
{
	const unsigned slot = fetch_slot(core);
	struct software software;
	struct err err = { 0 };
	enum status_reason reason = image_judge(core, &software, &err);

	if (reason == REASON_NONE) {
		reason = device_slot_take(core, slot, &software);
		err_set(&err, AT, DD_EIO, "the slot could not be finished");
	} else if (core->is_flashing) {
		core->io->slot_abort(core->io->arg);
	}
	core->is_flashing = false;
	if (reason != REASON_NONE)
		device_end(core, reason, "%s", err.text);
	else
		device_end(core, REASON_NONE, "%s is in slot %u", software.version, slot);
}

static void
restore_complete(struct device_core *core)
{
	const unsigned slot = core->state.running_slot;
	struct err err = { 0 };
	struct sha256 hash;

	sha256_end(&core->hash, &hash);
	if (!sha256_equal(&hash, &core->command.hash)) {
		device_end(core, REASON_HASH_MISMATCH,
			   "what came does not have the hash that the command names");
		return;
	}
	if (device_fault(core, FAULT_LOSSY_RESTORE, NULL))
		device_config_spoil(core->incoming, core->incoming_size);
	/* Read before it is written: what does not load never replaces what does (INV-AGENT-4). */
	if (device_config_check(core, core->incoming, core->incoming_size, &err) < 0) {
		device_end(core, REASON_BAD_CONFIG, "%s", err.text);
		return;
	}
	if (core->io->config_store(core->io->arg, slot, core->incoming, core->incoming_size) < 0) {
		device_end(core, REASON_FLASH_ERROR, "the configuration could not be written");
		return;
	}
	device_config_use(core, core->incoming, core->incoming_size);
	device_slot(core, slot)->has_config = true;
	const bool was_factory = core->state.is_factory;
	core->state.is_factory = false;
	if (was_factory)
		device_listen(core);
	device_end(core, REASON_NONE, "%u values are loaded",
		   iad_count(&core->iad, IAD_CATEGORY_COUNT));
}

static void
file_complete(struct device_core *core)
{
	if (core->state.last.operation == OPERATION_BACKUP) {
		core->state.last.bytes = core->config_size;
		device_end(core, REASON_NONE, "%zu bytes of configuration were sent",
			   core->config_size);
		return;
	}
	if (++core->file_index < core->files_count)
		transfer_start(core, DIRECTION_READ);
	else if (core->state.last.operation == OPERATION_FETCH)
		fetch_complete(core);
	else
		restore_complete(core);
}

static void
file_opened(struct device_core *core, uint64_t size)
{
	if (core->state.last.operation == OPERATION_FETCH && size > fetch_room(core))
		transfer_end(core, REASON_NO_ROOM, "the file is larger than the slot");
	else if (core->state.last.operation == OPERATION_BACKUP && core->config_size <= BLOCK_MAX)
		(void)breaks(core, 0, 0); /* its one block would be all of it */
}

void
device_transfer_event(struct device_core *core, const struct device_event *event)
{
	if (core->work != WORK_TRANSFER)
		return;
	switch (event->kind) {
	case DEVICE_OPENED:
		file_opened(core, event->opened.size);
		break;
	case DEVICE_DATA:
		data_came(core, event->data);
		break;
	case DEVICE_SENT:
		core->state.last.bytes = event->sent;
		(void)breaks(core, event->sent, core->config_size);
		break;
	case DEVICE_COMPLETE:
		file_complete(core);
		break;
	case DEVICE_FAILED:
		if (core->is_flashing)
			core->io->slot_abort(core->io->arg);
		core->is_flashing = false;
		device_end(core, event->failed.reason, "%s", event->failed.text);
		break;
	case DEVICE_BOOTED:
	case DEVICE_PACKET:
	case DEVICE_TIMER:
	case DEVICE_COPIED:
		break; /* no transfer's events */
	}
}
