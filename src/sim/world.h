/* world.h - the whole system in one process and one thread: a manager, a file service and access
 * devices on simulated hosts, with lost, doubled and late packets, crashes at any durable
 * operation, faulty devices and an operator who answers. One seed, one run.
 *
 * After every event and at the end the promises of the design are checked, each by its named
 * checker (checks.c). */
#pragma once
#include "base/err.h"
#include "base/log.h"
#include "base/sha256.h"
#include "job/job.h"

enum { WORLD_DEVICES_MAX = 32, WORLD_TEXT_MAX = 256 };

/* Files that the manager finds on its disk. Borrowed. */
struct world_files {
	const char *profile, *migration; /* YAML */
	const char *config;              /* of every device, in format 1 */
};

struct world_settings {
	uint64_t seed;
	unsigned devices; /* 1..WORLD_DEVICES_MAX */
	msec_t limit_ms;  /* simulated time after which every job must be over */
	const struct world_files *files;
	/* A step function with a planted bug, or NULL for the real one. */
	void (*step)(const struct job_plan *, const struct job *, const struct job_event *,
		     struct job *, struct job_effects *);
	const char *fault;     /* that every device has beside what chance gives it; NULL = none */
	const struct log *log; /* may be NULL */
};

struct world_result {
	const char *broken;        /* name of the promise that was broken, or NULL */
	char text[WORLD_TEXT_MAX]; /* how */
	unsigned ends[JOB_STATE_COUNT];
	unsigned crashes_manager, crashes_files, crashes_devices, answers, flashes;
	msec_t simulated_ms;
	uint64_t digest;
};

/* Negative where the world itself could not be built; a broken promise is a result. */
int world_run(const struct world_settings *settings, struct world_result *ret_result,
	      struct err *err);
