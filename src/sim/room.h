/* room.h - what the files of the simulated world share. */
#pragma once
#include "engine/engine.h"
#include "env/env_sim.h"
#include "files/files.h"
#include "sim/twin.h"
#include "sim/vfs.h"
#include "sim/world.h"

struct world_device {
	struct env *host;
	struct twin *twin;
	char name[16], serial[16];
	char faults[TWIN_FAULTS_MAX][48];
	struct addr address;
	int64_t job;
	uint32_t flash_count; /* last seen */
	bool is_flash_open;   /* a flash was seen and its checks wait for the manager to be up */
	bool was_old_at_flash;
	msec_t back_at; /* when it is switched on again; 0 = it is on */
	unsigned crashes_left;
};

struct world {
	const struct world_settings *settings;
	struct world_result *result;
	struct sim *sim;
	struct env *manager_host, *files_host, *stranger_host;
	struct vfs vfs;
	struct engine *engine; /* NULL while it is down */
	struct files *files;   /* NULL while it is down */
	msec_t manager_back_at, files_back_at;
	unsigned manager_crashes_left, files_crashes_left;
	bool manager_fell, files_fell; /* crashed by itself: to be cleared away by the loop */
	unsigned answers_left;
	struct sha256 meaning; /* of the devices' configuration */
	int64_t image;
	unsigned devices_count;
	struct world_device devices[WORLD_DEVICES_MAX];
	unsigned stranger_heard;
	struct env_udp *stranger;
};

extern const char world_old_version[], world_new_version[];

/* checks.c */
void check_event(struct world *world); /* after every event */
void check_up(struct world *world);    /* when the manager is up: what had to wait for it */
void check_end(struct world *world);
/* Tell of a broken promise; the first one counts. */
void world_break(struct world *world, const char *promise, const char *format, ...)
	PRINTF_LIKE(3, 4);
