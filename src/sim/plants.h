/* plants.h - bugs planted on purpose, to see that the checkers catch them: step functions that are
 * wrong in one way each. */
#pragma once
#include "job/job.h"

struct plant {
	const char *name, *what;
	const char *promise; /* the checker that must catch it */
	void (*step)(const struct job_plan *, const struct job *, const struct job_event *,
		     struct job *, struct job_effects *);
};

extern const struct plant plants[];
extern const unsigned plants_count;
