/* bench_steps.c - how many decisions a second the core makes: whole upgrades, event by event.
 *
 * Usage: bench_steps SECONDS; prints "steps N seconds S". */
#include "job/job.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static double
now(void)
{
	struct timespec at;

	clock_gettime(CLOCK_MONOTONIC, &at);
	return (double)at.tv_sec + (double)at.tv_nsec / 1e9;
}

/* What happens next where all goes well. */
static enum job_event_kind
good_event(const struct job *job)
{
	switch ((enum job_phase)job->phase) {
	case PHASE_OPENING:
		return EV_GRANTED;
	case PHASE_SENDING:
		return EV_ACCEPTED;
	case PHASE_LOOKING:
		return EV_PRESENT;
	case PHASE_WATCHING:
		return (job->needs & NEED_LEDGER) != 0 ? EV_STORED : EV_REPORT;
	case PHASE_READING:
		return EV_FOUND;
	case PHASE_WORKING:
		return EV_WORKED;
	case PHASE_NONE:
	case PHASE_COUNT:
		break;
	}
	return EV_START;
}

static void
plan_init(struct job_plan *plan)
{
	memset(plan, 0, sizeof(*plan));
	plan->goal = GOAL_UPGRADE;
	plan->retries_max = 3;
	plan->rollback_tries_max = 2;
	plan->has_activate = plan->has_service = true;
	for (unsigned i = 0; i < STEP_COUNT; i++)
		plan->limit_ms[i] = 60000;
	plan->look_ms = 5000;
}

/* One upgrade from start to end; the number of steps it took. */
static unsigned
upgrade(const struct job_plan *plan)
{
	struct job job = { 0 }, next;
	struct job_effects effects;
	unsigned steps = 0;

	while (!job_is_over(&job) && steps < 1000) {
		const struct job_event event = { .kind = good_event(&job),
						 .ticket = job.ticket,
						 .wall_ms = 1000 + steps };
		job_step(plan, &job, &event, &next, &effects);
		job = next;
		steps++;
	}
	if (job.state != JOB_DONE) {
		fprintf(stderr, "bench_steps: a job ended as %s\n", job_state_name(job.state));
		exit(1);
	}
	return steps;
}

int
main(int argc, char **argv)
{
	const double seconds = argc > 1 ? atof(argv[1]) : 1.0, began = now();
	unsigned long steps = 0;
	struct job_plan plan;

	plan_init(&plan);
	do {
		for (unsigned i = 0; i < 1000; i++)
			steps += upgrade(&plan);
	} while (now() - began < seconds);
	printf("steps %lu seconds %.3f\n", steps, now() - began);
	return 0;
}
