/* box_io.c - what the core does to its world: sockets, timer, transfers, flash, restart. */
#include "agent/box_core.h"

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
	if (r < 0 && !box->is_starting)
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
transfer_succeeded(void *arg)
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
	transfer_opened, transfer_data, transfer_sent, transfer_succeeded, transfer_failed,
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

/* ---- restart and log ---- */

static void
io_restart(void *arg, uint32_t after_ms)
{
	struct box *box = arg;

	log_line(box->log, LOG_NOTICE, "restarts, takes %u ms", after_ms);
	box_power_off(box);
	box->is_down = true;
	env_timer_set(box->env, &box->boot_timer, env_now(box->env) + after_ms);
}

static void
io_log(void *arg, enum log_level level, const char *line)
{
	struct box *box = arg;

	log_line(box->log, level, "%s", line);
}

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

void
box_io_init(struct box *box)
{
	box->io = io_table;
	box->io.arg = box;
	box->core_timer = (struct env_timer){ .fire = core_timer_fired, .arg = box };
	box->listen_timer = (struct env_timer){ .fire = listen_again, .arg = box };
	box->copy_timer = (struct env_timer){ .fire = copy_next, .arg = box };
}
