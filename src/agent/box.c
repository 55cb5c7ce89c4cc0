/* box.c - bind the device's core to an env.
 *
 *   off --box_new()--> boot --> up <--> restarting (deaf: no socket, no transfer) --> boot ...
 * --box_free()--> off */
#include "agent/box.h"

#include "agent/flash.h"
#include "agent/transfer.h"

#include "base/text.h"

#include <stdlib.h>
#include <string.h>

enum { LINGERING_MAX = 4 };

struct box {
	struct env *env;
	const struct log *log;
	struct device_settings settings;
	struct flash_identity identity;
	char read_community[SNMP_COMMUNITY_MAX + 1], write_community[SNMP_COMMUNITY_MAX + 1];
	struct faults faults;
	msec_t stall_ms;

	struct env_file *lock;
	struct flash flash;
	struct env_udp *udp;
	struct addr address; /* to listen at */
	struct env_timer core_timer, boot_timer, listen_timer, copy_timer;
	struct transfer *transfer; /* running */
	struct transfer *lingering[LINGERING_MAX];
	unsigned lingering_next;
	bool is_down; /* restarting */
	struct err trouble;
	struct device_io io;
	struct device_core core;
};

static void
box_step(struct box *box, struct device_event *event)
{
	if (box->is_down)
		return;
	event->now = env_now(box->env);
	device_step(&box->core, event, &box->io);
}

/* ---- socket ---- */

static void
packet_came(void *arg, const struct addr *from, const struct addr *to, const uint8_t *data,
	    size_t size)
{
	struct box *box = arg;
	struct device_event event = { .kind = DEVICE_PACKET, .packet = { from, { data, size } } };
	(void)to;

	box_step(box, &event);
}

static int
socket_open(struct box *box)
{
	struct err err = { 0 };
	const int r = env_udp_open(box->env, &box->address, packet_came, box, &box->udp, &err);

	if (r < 0 && box->trouble.code == 0)
		box->trouble = err;
	if (r < 0)
		log_line(box->log, LOG_WARNING, "%s", err.text);
	return r;
}

/* Somebody took the port while the device was down: try until it is free. */
static void
listen_again(void *arg)
{
	struct box *box = arg;

	if (!box->is_down && box->udp == NULL && socket_open(box) < 0)
		env_timer_set(box->env, &box->listen_timer,
			      env_now(box->env) + BOX_LISTEN_RETRY_MS);
}

static int
io_listen(void *arg, const struct addr *at)
{
	struct box *box = arg;

	env_udp_close(TAKE(box->udp));
	box->address = *at;
	const int r = socket_open(box);
	if (r < 0)
		env_timer_set(box->env, &box->listen_timer,
			      env_now(box->env) + BOX_LISTEN_RETRY_MS);
	return r;
}

static void
io_send(void *arg, const struct addr *to, const void *data, size_t size)
{
	struct box *box = arg;

	if (box->udp != NULL)
		(void)env_udp_send(box->udp, to, NULL, data,
				   size); /* a datagram may get lost anyway */
}

/* ---- timer ---- */

static void
core_timer_fired(void *arg)
{
	struct device_event event = { .kind = DEVICE_TIMER };

	box_step(arg, &event);
}

static void
io_timer(void *arg, msec_t at)
{
	struct box *box = arg;

	if (at == DD_NEVER)
		env_timer_clear(box->env, &box->core_timer);
	else
		env_timer_set(box->env, &box->core_timer, at);
}

/* ---- transfers ---- */

static void
transfer_opened(void *arg, uint64_t size)
{
	struct device_event event = { .kind = DEVICE_OPENED, .opened = { size } };

	box_step(arg, &event);
}

static void
transfer_data(void *arg, struct slice data)
{
	struct device_event event = { .kind = DEVICE_DATA, .data = data };

	box_step(arg, &event);
}

static void
transfer_sent(void *arg, uint64_t bytes)
{
	struct device_event event = { .kind = DEVICE_SENT, .sent = bytes };

	box_step(arg, &event);
}

/* A complete one lingers: its server may miss the last ACK. */
static void
transfer_complete(void *arg)
{
	struct box *box = arg;
	struct device_event event = { .kind = DEVICE_COMPLETE };
	struct transfer **place = &box->lingering[box->lingering_next++ % LINGERING_MAX];

	transfer_free(*place);
	*place = TAKE(box->transfer);
	box_step(box, &event);
}

static void
transfer_failed(void *arg, enum status_reason reason, const char *text)
{
	struct box *box = arg;
	struct device_event event = { .kind = DEVICE_FAILED, .failed = { reason, text } };

	transfer_free(TAKE(box->transfer));
	box_step(box, &event);
}

static const struct transfer_events transfer_events = {
	transfer_opened, transfer_data, transfer_sent, transfer_complete, transfer_failed,
};

static int
io_transfer_start(void *arg, const struct device_transfer *transfer)
{
	struct box *box = arg;
	struct err err = { 0 };
	const int r = transfer_new(box->env, transfer, box->stall_ms, &transfer_events, box,
				   &box->transfer, &err);

	if (r < 0)
		log_line(box->log, LOG_WARNING, "%s", err.text);
	return r;
}

static void
io_transfer_stop(void *arg)
{
	struct box *box = arg;

	transfer_free(TAKE(box->transfer));
}

/* ---- flash ---- */

static int
told(struct box *box, int r, const struct err *err)
{
	if (r < 0)
		log_line(box->log, LOG_ERROR, "%s", err->text);
	return r;
}

static int
io_state_store(void *arg, const void *data, size_t size)
{
	struct box *box = arg;
	struct err err = { 0 };

	return told(box, flash_state_store(&box->flash, data, size, &err), &err);
}

static int
io_config_store(void *arg, unsigned slot, const void *data, size_t size)
{
	struct box *box = arg;
	struct err err = { 0 };

	return told(box, flash_config_store(&box->flash, slot, data, size, &err), &err);
}

static int
io_config_load(void *arg, unsigned slot, void *ret_data, size_t size_max, size_t *ret_size)
{
	struct box *box = arg;
	struct err err = { 0 };

	return told(box, flash_config_load(&box->flash, slot, ret_data, size_max, ret_size, &err),
		    &err);
}

static int
io_slot_begin(void *arg, unsigned slot)
{
	struct box *box = arg;
	struct err err = { 0 };

	return told(box, flash_slot_begin(&box->flash, slot, &err), &err);
}

static int
io_slot_write(void *arg, const void *data, size_t size)
{
	struct box *box = arg;

	return flash_slot_write(&box->flash, data, size);
}

static int
io_slot_finish(void *arg)
{
	struct box *box = arg;

	return flash_slot_finish(&box->flash);
}

static void
io_slot_abort(void *arg)
{
	struct box *box = arg;

	env_timer_clear(box->env, &box->copy_timer);
	flash_slot_abort(&box->flash);
}

/* One chunk, then the loop again: SNMP is answered meanwhile. */
static void
copy_next(void *arg)
{
	struct box *box = arg;
	struct device_event event = { .kind = DEVICE_COPIED };
	const int r = flash_copy_next(&box->flash, &event.copied.hash, &event.copied.size);

	if (r > 0) {
		env_timer_set(box->env, &box->copy_timer, env_now(box->env));
		return;
	}
	event.copied.error = r;
	box_step(box, &event);
}

static int
io_slot_copy(void *arg, unsigned from, unsigned to)
{
	struct box *box = arg;
	struct err err = { 0 };
	const int r = told(box, flash_copy_begin(&box->flash, from, to, &err), &err);

	if (r == 0)
		env_timer_set(box->env, &box->copy_timer, env_now(box->env));
	return r;
}

static uint64_t
io_free_bytes(void *arg)
{
	struct box *box = arg;

	return flash_free_bytes(&box->flash);
}

/* ---- restart ---- */

/* What a restart loses: all but flash. */
static void
power_off(struct box *box)
{
	struct env_timer *const timers[] = { &box->core_timer, &box->boot_timer, &box->listen_timer,
					     &box->copy_timer };

	for (size_t i = 0; i < ARRAY_COUNT(timers); i++)
		env_timer_clear(box->env, timers[i]);
	transfer_free(TAKE(box->transfer));
	for (unsigned i = 0; i < LINGERING_MAX; i++)
		transfer_free(TAKE(box->lingering[i]));
	flash_done(&box->flash);
	env_udp_close(TAKE(box->udp));
}

static void
io_restart(void *arg, uint32_t after_ms)
{
	struct box *box = arg;

	log_line(box->log, LOG_NOTICE, "restarts, takes %u ms", after_ms);
	power_off(box);
	box->is_down = true;
	env_timer_set(box->env, &box->boot_timer, env_now(box->env) + after_ms);
}

static void
io_log(void *arg, enum log_level level, const char *line)
{
	struct box *box = arg;

	log_line(box->log, level, "%s", line);
}

static int
box_boot(struct box *box, struct err *err)
{
	struct device_state state;
	struct device_event event = { .kind = DEVICE_BOOTED, .boot = { .state = &state } };
	int r = flash_state_load(&box->flash, &state, err);

	for (unsigned i = 1; i <= DEVICE_SLOTS_MAX && r == 0; i++)
		r = flash_slot_check(&box->flash, i, &event.boot.slots[i - 1], err);
	if (r < 0)
		return err_wrap(err, AT, "%s", box->flash.dir);
	box->is_down = false;
	box->trouble.code = 0;
	device_init(&box->core, &box->settings, &box->faults);
	box_step(box, &event);
	if (box->core.is_dead)
		return err_set(err, AT, DD_EINTEGRITY, "%s: no slot holds software that boots",
			       box->flash.dir);
	return 0;
}

static void
boot_again(void *arg)
{
	struct box *box = arg;
	struct err err = { 0 };

	if (box_boot(box, &err) < 0)
		log_line(box->log, LOG_ERROR, "%s", err.text);
}

/* ---- on and off ---- */

static const struct device_io io_table = {
	.listen = io_listen,
	.send = io_send,
	.timer = io_timer,
	.transfer_start = io_transfer_start,
	.transfer_stop = io_transfer_stop,
	.state_store = io_state_store,
	.config_store = io_config_store,
	.config_load = io_config_load,
	.slot_begin = io_slot_begin,
	.slot_write = io_slot_write,
	.slot_finish = io_slot_finish,
	.slot_abort = io_slot_abort,
	.slot_copy = io_slot_copy,
	.free_bytes = io_free_bytes,
	.restart = io_restart,
	.log = io_log,
};

static int
settings_take(struct box *box, const struct box_settings *settings, struct err *err)
{
	if (!text_copy(box->read_community, sizeof(box->read_community),
		       settings->read_community) ||
	    !text_copy(box->write_community, sizeof(box->write_community),
		       settings->write_community))
		return err_set(err, AT, DD_EINVAL, "a community may have at most %d characters",
			       SNMP_COMMUNITY_MAX);
	if (settings->faults != NULL)
		box->faults = *settings->faults;
	box->log = settings->log;
	box->stall_ms = settings->stall_ms > 0 ? settings->stall_ms : TRANSFER_STALL_MS;
	box->settings = (struct device_settings){
		.serial = box->identity.serial,
		.revision = box->identity.revision,
		.model = box->identity.model,
		.read_community = box->read_community,
		.write_community = box->write_community,
		.listen = settings->listen,
		.trap_to = settings->trap_to,
		.is_inform = settings->is_inform,
		.restart_ms = settings->restart_ms > 0 ? settings->restart_ms : BOX_RESTART_MS,
	};
	return flash_init(&box->flash, box->env, settings->dir, err);
}

static int
folder_lock(struct box *box, struct err *err)
{
	char path[FLASH_PATH_MAX + 8];

	(void)text_print(path, sizeof(path), "%s/lock",
			 box->flash.dir); /* fits: flash_init() left room */
	const int r = env_file_open(box->env, path,
				    ENV_FILE_READ | ENV_FILE_WRITE | ENV_FILE_CREATE |
					    ENV_FILE_PRIVATE_LOCK,
				    &box->lock, err);
	if (r == DD_EBUSY)
		return err_set(err, AT, DD_EBUSY,
			       "another drydock-agent runs the device in %s: stop it first",
			       box->flash.dir);
	if (r == DD_ENOTFOUND)
		return err_set(err, AT, DD_ENOTFOUND,
			       "there is no folder %s: make the device with 'drydock-agent init'",
			       box->flash.dir);
	return r;
}

static int
switch_on(struct box *box, struct err *err)
{
	int r = folder_lock(box, err);

	if (r < 0)
		return r;
	r = flash_identity_load(&box->flash, &box->identity, err);
	if (r == DD_ENOTFOUND)
		return err_set(err, AT, r, "%s holds no device: make one with 'drydock-agent init'",
			       box->flash.dir);
	if (r < 0)
		return r;
	box->settings.capacity = box->identity.capacity;
	r = box_boot(box, err);
	if (r < 0)
		return r;
	if (box->udp == NULL) {
		*err = box->trouble;
		return box->trouble.code;
	}
	return 0;
}

int
box_new(struct env *env, const struct box_settings *settings, struct box **ret_box, struct err *err)
{
	struct box *box = calloc(1, sizeof(*box));
	struct err own = { 0 };

	if (box == NULL)
		return err_set(err, AT, DD_ENOMEM, "no memory for a device");
	box->env = env;
	box->io = io_table;
	box->io.arg = box;
	box->core_timer = (struct env_timer){ .fire = core_timer_fired, .arg = box };
	box->boot_timer = (struct env_timer){ .fire = boot_again, .arg = box };
	box->listen_timer = (struct env_timer){ .fire = listen_again, .arg = box };
	box->copy_timer = (struct env_timer){ .fire = copy_next, .arg = box };
	int r = settings_take(box, settings, &own);
	if (r == 0)
		r = switch_on(box, &own);
	if (r < 0) {
		if (err != NULL)
			*err = own;
		box_free(box);
		return r;
	}
	*ret_box = box;
	return 0;
}

void
box_free(struct box *box)
{
	if (box == NULL)
		return;
	power_off(box);
	env_file_close(box->lock);
	free(box);
}

struct addr
box_address(const struct box *box)
{
	return box->udp != NULL ? *env_udp_local(box->udp) : (struct addr){ 0 };
}

bool
box_is_dead(const struct box *box)
{
	return box->core.is_dead;
}

const struct device_state *
box_state(const struct box *box)
{
	return &box->core.state;
}
