/* box.c - bind the device's core to an env.
 *
 *   off --box_new()--> boot --> up <--> restarting (deaf: no socket, no transfer) --> boot ...
 * --box_free()--> off */
#include "agent/box_core.h"

#include "base/text.h"

#include <stdlib.h>
#include <string.h>

void
box_step(struct box *box, struct device_event *event)
{
	if (box->is_down)
		return;
	event->now = env_now(box->env);
	device_step(&box->core, event, &box->io);
}

/* ---- restart ---- */

void
box_power_off(struct box *box)
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
	box->is_starting = true;
	r = box_boot(box, err);
	box->is_starting = false;
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
	box_io_init(box);
	box->boot_timer = (struct env_timer){ .fire = boot_again, .arg = box };
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
	box_power_off(box);
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
