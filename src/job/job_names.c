/* The words for the workflow's enums, as they stand in the store, the API and on the terminal. */
#include "job/job.h"

#include <string.h>

#define NAME(table, value) ((size_t)(value) < ARRAY_COUNT(table) ? (table)[value] : "?")

static const char *const goals[GOAL_COUNT] = { "upgrade", "backup", "restore" };

static const char *const states[JOB_STATE_COUNT] = {
	"queued", "running", "asking", "done", "stopped", "rolled-back", "held", "needs-hands",
};

static const char *const steps[STEP_COUNT] = {
	"", "preflight", "backup", "keep", "update", "convert", "restore", "confirm", "rollback",
};

static const char *const acts[ACT_COUNT] = {
	"",           "probe",          "backup",      "keep",         "read-kept",
	"fetch",      "activate",       "reload",      "read-new",     "convert",
	"restore",    "confirm-backup", "compare",     "read-service", "read-again",
	"look-after", "rollback",       "old-fetch",   "old-activate", "old-reload",
	"read-old",   "old-backup",     "old-compare", "old-restore",
};

static const char *const phases[PHASE_COUNT] = { "",         "opening", "sending", "looking",
						 "watching", "reading", "working" };

static const char *const events[EV_COUNT] = {
	"start",  "resume", "granted", "accepted", "refused",  "not-sent", "unknown",  "present",
	"absent", "report", "failure", "message",  "progress", "stored",   "broken",   "found",
	"amiss",  "worked", "faulted", "stall",    "deadline", "retry",    "rollback", "stop",
};

static const char *const effects[] = {
	"grant", "revoke", "command", "look", "watch", "poll", "read",
	"work",  "timers", "stall",   "note", "tell",  "ask",  "finish",
};

static const char *const policies[] = { "ask", "retry", "rollback", "stop" };
static const char *const softwares[] = { "old", "new", "unknown", "pending" };
static const char *const configurations[] = { "untouched", "unknown", "lost", "restored",
					      "confirmed" };

const char *
job_goal_name(enum job_goal goal)
{
	return NAME(goals, goal);
}

const char *
job_state_name(enum job_state state)
{
	return NAME(states, state);
}

const char *
job_step_name(enum job_step step)
{
	return NAME(steps, step);
}

const char *
job_act_name(enum job_act act)
{
	return NAME(acts, act);
}

const char *
job_phase_name(enum job_phase phase)
{
	return NAME(phases, phase);
}

const char *
job_event_name(enum job_event_kind kind)
{
	return NAME(events, kind);
}

const char *
job_effect_name(enum job_effect_kind kind)
{
	return NAME(effects, kind);
}

const char *
job_policy_name(enum job_policy policy)
{
	return NAME(policies, policy);
}

const char *
job_software_name(enum software software)
{
	return NAME(softwares, software);
}

const char *
job_configuration_name(enum configuration configuration)
{
	return NAME(configurations, configuration);
}

bool
job_step_parse(const char *name, enum job_step *ret_step)
{
	for (int i = STEP_PREFLIGHT; i < STEP_COUNT; i++) {
		if (strcmp(steps[i], name) == 0) {
			*ret_step = (enum job_step)i;
			return true;
		}
	}
	return false;
}
