/* plants.h - bugs planted on purpose, to see that the checkers catch them: step functions that are
 * wrong in one way each. */
#pragma once
#include "job/job.h"

struct plant {
	const char *name, *what;
	const char *promise; /* the checker that must catch it */
	const char *fault;   /* of the devices, that brings the bug to light; NULL = chance does */
	void (*step)(const struct job_plan *, const struct job *, const struct job_event *,
		     struct job *, struct job_effects *);
};

extern const struct plant plants[];
extern const unsigned plants_count;
