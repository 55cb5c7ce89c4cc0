/* box.h - one device on one env: its socket, its flash folder, its transfers, its restarts. On
 * env_linux it is the real agent, on env_sim a simulated one; the core is the same. */
#pragma once
#include "agent/device.h"
#include "env/env.h"

struct box;

enum { BOX_RESTART_MS = 300, BOX_LISTEN_RETRY_MS = 500 };

struct box_settings {
	const char *dir; /* made by box_init() */
	struct addr listen;
	struct addr trap_to; /* family ADDR_NONE = no notifications */
	bool is_inform;
	const char *read_community, *write_community; /* write "" = nobody may set */
	const struct faults *faults;                  /* copied; may be NULL */
	uint32_t restart_ms;   /* how long a restart takes; 0 = BOX_RESTART_MS */
	msec_t stall_ms;       /* a transfer without progress ends; 0 = TRANSFER_STALL_MS */
	const struct log *log; /* borrowed; may be NULL */
};

/* Switch the device on: lock the folder, check the flash, boot, listen. All of `settings` but the
 * log is copied. DD_EBUSY where the folder or the port is in use, DD_ENOTFOUND where the folder
 * holds no device, DD_EINTEGRITY where no slot boots. */
int box_new(struct env *env, const struct box_settings *settings, struct box **ret_box,
	    struct err *err);
/* Switch it off, at once, as by pulling the plug. Accepts NULL. After a simulated crash of the
 * host: before sim_restart(). */
void box_free(struct box *box);

/* Where it answers, family ADDR_NONE while it restarts. */
struct addr box_address(const struct box *box);
bool box_is_dead(const struct box *box); /* no slot boots */
const struct device_state *box_state(const struct box *box);

/* ---- making a device: what the factory writes ---- */

struct box_birth {
	const char *dir; /* made where absent; must not hold a device */
	const char *const *images;
	unsigned images_count; /* files of the image, in order */
	const char *config;
	const char *serial, *revision;
	unsigned slot_count;
	uint64_t capacity; /* bytes of a slot */
};

/* Check everything, then write; the state comes last, so that a folder with a state holds a whole
 * device. DD_EEXIST, DD_EINVAL, DD_EPARSE with the file's name. */
int box_init(struct env *env, const struct box_birth *birth, struct err *err);
