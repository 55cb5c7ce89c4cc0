/* supervisor.h - one child process that is kept running: started again whenever it ends, after 100
 * ms at first, then twice as long each time up to 5 s; a child that ran for 10 s counts as well
 * again. */
#pragma once
#include "env/env.h"

struct supervisor;

enum {
	SUPERVISOR_WAIT_MIN_MS = 100,
	SUPERVISOR_WAIT_MAX_MS = 5000,
	SUPERVISOR_WELL_MS = 10000,
	SUPERVISOR_ARGUMENTS_MAX = 16
};

/* argv (ends with NULL, at most SUPERVISOR_ARGUMENTS_MAX words) is copied; argv[0] is the program's
 * path. The first start is now: a program that is not there is an error. */
int supervisor_new(struct env *env, const char *const *argv, const struct log *log,
		   struct supervisor **ret_supervisor, struct err *err);
/* Ask it to end (SIGTERM) and start it no more; after wait_ms it is killed. done() is called once,
 * when it has ended. */
void supervisor_stop(struct supervisor *supervisor, msec_t wait_ms, void (*done)(void *arg),
		     void *arg);
/* Kills a child that still runs; accepts NULL. */
void supervisor_free(struct supervisor *supervisor);
/* How often in a row it ended before it had run well. */
unsigned supervisor_failures(const struct supervisor *supervisor);
/* Process id of the child; 0 while there is none. */
int64_t supervisor_child(const struct supervisor *supervisor);
