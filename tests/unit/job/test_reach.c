/* Every reachable (state, event) pair of the workflow, breadth first from the start, under many
 * plans: the promises hold in each.
 *
 * Tickets, attempts and times are made canonical after each step, so that the states are finitely
 * many; budgets are two. */
#include "job/job.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STATES_MAX = 1 << 18, TABLE_SIZE = 1 << 20, TICKET = 1000, WALL = 5000 };

struct world {
	struct job_plan plan;
	struct job states[STATES_MAX];
	unsigned count;
	unsigned table[TABLE_SIZE]; /* index + 1 */
	unsigned long pairs;
};

static struct job
canonical(struct job job)
{
	job.ticket = TICKET;
	job.attempt = 0;
	job.deadline_wall_ms = job.deadline_wall_ms != 0;
	job.reason = job.reason != REASON_NONE; /* only told, never decided upon */
	return job;
}

static unsigned
hash(const struct job *job)
{
	const unsigned char *bytes = (const unsigned char *)job;
	unsigned h = 2166136261u;

	for (size_t i = 0; i < sizeof(*job); i++)
		h = (h ^ bytes[i]) * 16777619u;
	return h;
}

static void
add(struct world *world, const struct job *job)
{
	unsigned slot = hash(job) & (TABLE_SIZE - 1);

	for (; world->table[slot] != 0; slot = (slot + 1) & (TABLE_SIZE - 1))
		if (memcmp(&world->states[world->table[slot] - 1], job, sizeof(*job)) == 0)
			return;
	assert(world->count < STATES_MAX);
	world->states[world->count++] = *job;
	world->table[slot] = world->count;
}

/* ---- the promises ---- */

struct pair {
	const struct job_plan *plan;
	const struct job *now, *next;
	const struct job_event *event;
	const struct job_effects *effects;
};

static const struct job_effect *
find(const struct pair *pair, enum job_effect_kind kind)
{
	for (unsigned i = 0; i < pair->effects->count; i++)
		if (pair->effects->item[i].kind == kind)
			return &pair->effects->item[i];
	return NULL;
}

static bool
is_past(const struct pair *pair)
{
	return pair->event->ticket != pair->now->ticket && pair->event->kind != EV_START &&
	       pair->event->kind != EV_RESUME;
}

/* 1: no command that changes a device leaves before its backup is durable, and none that flashes
 * before the old software is kept. */
static bool
never_without_snapshot(const struct pair *pair)
{
	const struct job_effect *command = find(pair, FX_COMMAND);

	if (command == NULL)
		return true;
	enum operation operation = job_act_operation((enum job_act)command->act);
	if (operation == OPERATION_BACKUP || operation == OPERATION_KEEP)
		return true;
	bool flashes = operation == OPERATION_FETCH || operation == OPERATION_ACTIVATE ||
		       operation == OPERATION_RELOAD;
	return pair->next->has_snapshot &&
	       (!flashes || pair->plan->way_back != WAY_SLOT || pair->next->has_kept);
}

/* 2: one ticket's command leaves once; a second time only after the device was asked and does not
 * know it, where that is harmless. */
static bool
never_twice(const struct pair *pair)
{
	const struct job_effect *command = find(pair, FX_COMMAND);

	if (command == NULL || pair->next->ticket != pair->now->ticket ||
	    pair->now->phase == PHASE_OPENING)
		return true;
	return pair->now->phase == PHASE_LOOKING && pair->event->kind == EV_ABSENT &&
	       pair->plan->repeat[job_act_operation((enum job_act)command->act)] != REPEAT_NEVER;
}

/* 2: the intent is written before the command leaves. */
static bool
intent_before_command(const struct pair *pair)
{
	return find(pair, FX_COMMAND) == NULL || pair->next->phase == PHASE_SENDING;
}

/* 2: an update is commanded again only after the old software was read back. */
static bool
old_before_second_update(const struct pair *pair)
{
	bool enters = pair->next->act == ACT_FETCH && pair->next->ticket != pair->now->ticket;

	return !enters || !pair->now->is_touched ||
	       (pair->now->act == ACT_READ_OLD && pair->event->kind == EV_FOUND);
}

/* 3: an act that needs the device's word and the whole file goes forward on nothing less. */
static bool
both_words(const struct pair *pair)
{
	if (pair->now->needs == 0 || pair->next->ticket == pair->now->ticket ||
	    find(pair, FX_TELL) != NULL)
		return true;
	return (pair->event->kind == EV_REPORT && pair->now->needs == NEED_REPORT) ||
	       (pair->event->kind == EV_STORED && pair->now->needs == NEED_LEDGER);
}

/* 3: done is reached from the last proof only. */
static bool
done_is_proven(const struct pair *pair)
{
	if (pair->next->state != JOB_DONE || pair->now->state == JOB_DONE)
		return true;
	if (pair->plan->goal == GOAL_BACKUP)
		return pair->now->act == ACT_BACKUP;
	bool is_compared =
		pair->plan->has_service
			? pair->now->act == ACT_READ_SERVICE && pair->event->kind == EV_FOUND
			: pair->now->act == ACT_COMPARE && pair->event->kind == EV_WORKED;
	return is_compared && pair->next->configuration == CONFIGURATION_CONFIRMED &&
	       (pair->plan->goal != GOAL_UPGRADE || pair->next->software == SOFTWARE_NEW);
}

static bool
rolled_back_is_proven(const struct pair *pair)
{
	return pair->next->state != JOB_ROLLED_BACK || pair->now->state == JOB_ROLLED_BACK ||
	       (pair->now->act == ACT_OLD_COMPARE && pair->event->kind == EV_WORKED &&
		pair->next->software == SOFTWARE_OLD &&
		pair->next->configuration == CONFIGURATION_CONFIRMED);
}

/* 3: a notification alone moves nothing. */
static bool
message_is_no_proof(const struct pair *pair)
{
	return pair->event->kind != EV_MESSAGE ||
	       (pair->next->state == pair->now->state && pair->next->act == pair->now->act &&
		pair->next->phase == pair->now->phase && pair->next->needs == pair->now->needs);
}

/* 4: whoever runs has a scheduled time, armed when the act begins. */
static bool
nothing_waits_for_ever(const struct pair *pair)
{
	if (pair->next->state != JOB_RUNNING)
		return true;
	return pair->next->deadline_wall_ms != 0 &&
	       (pair->next->ticket == pair->now->ticket || find(pair, FX_TIMERS) != NULL);
}

/* 4: no failure in silence: whoever asks, or ends badly without the operator's word, has told why.
 */
static bool
told_before_asked(const struct pair *pair)
{
	bool begins_to_ask = pair->next->state == JOB_ASKING && pair->now->state != JOB_ASKING;
	bool was_looking = pair->now->act == ACT_LOOK_AFTER;

	return (!begins_to_ask || find(pair, FX_TELL) != NULL || was_looking) &&
	       (!begins_to_ask || pair->next->reason != REASON_NONE);
}

/* 5: a restart sends no command whose ticket may have left. */
static bool
resume_looks_first(const struct pair *pair)
{
	return pair->event->kind != EV_RESUME || find(pair, FX_COMMAND) == NULL ||
	       pair->now->phase == PHASE_OPENING || pair->now->phase == PHASE_NONE;
}

/* 6: no grant outlives its act. */
static bool
grants_are_closed(const struct pair *pair)
{
	bool had_grant = job_act_uploads((enum job_act)pair->now->act) ||
			 job_act_downloads((enum job_act)pair->now->act);

	if (!had_grant || pair->next->ticket == pair->now->ticket)
		return !had_grant || !job_is_over(pair->next) || find(pair, FX_REVOKE) != NULL;
	const struct job_effect *revoke = find(pair, FX_REVOKE);
	return revoke != NULL && revoke->ticket == pair->now->ticket;
}

static bool
stop_sends_nothing(const struct pair *pair)
{
	return pair->next->state != JOB_STOPPED ||
	       (find(pair, FX_COMMAND) == NULL && find(pair, FX_READ) == NULL);
}

static bool
held_is_untouched(const struct pair *pair)
{
	return pair->next->state != JOB_HELD ||
	       (!pair->next->is_touched && !pair->next->has_snapshot);
}

static bool
old_ticket_changes_nothing(const struct pair *pair)
{
	return !is_past(pair) ||
	       (memcmp(pair->now, pair->next, sizeof(*pair->now)) == 0 &&
		pair->effects->count == 1 && pair->effects->item[0].kind == FX_NOTE);
}

static bool
ends_are_final(const struct pair *pair)
{
	return !job_is_over(pair->now) || memcmp(pair->now, pair->next, sizeof(*pair->now)) == 0;
}

static const struct promise {
	const char *name;
	bool (*holds)(const struct pair *pair);
} promises[] = {
	{ "no change without a durable snapshot and kept software", never_without_snapshot },
	{ "no command twice by accident", never_twice },
	{ "intent before command", intent_before_command },
	{ "old software read back before a second update", old_before_second_update },
	{ "device's word and whole file", both_words },
	{ "done is proven", done_is_proven },
	{ "rolled back is proven", rolled_back_is_proven },
	{ "a message alone moves nothing", message_is_no_proof },
	{ "every wait has a scheduled time", nothing_waits_for_ever },
	{ "told before asked", told_before_asked },
	{ "a restart looks first", resume_looks_first },
	{ "grants are closed", grants_are_closed },
	{ "stop sends nothing", stop_sends_nothing },
	{ "held back is untouched", held_is_untouched },
	{ "old tickets are evidence only", old_ticket_changes_nothing },
	{ "ends are final", ends_are_final },
};

static void
check(const struct pair *pair)
{
	for (size_t i = 0; i < ARRAY_COUNT(promises); i++) {
		if (promises[i].holds(pair))
			continue;
		printf("broken: %s: goal %s policy %s way %d: %s/%s/%s %s (ticket %s) -> "
		       "%s/%s/%s\n",
		       promises[i].name, job_goal_name((enum job_goal)pair->plan->goal),
		       job_policy_name((enum job_policy)pair->plan->on_failure),
		       pair->plan->way_back, job_state_name((enum job_state)pair->now->state),
		       job_act_name((enum job_act)pair->now->act),
		       job_phase_name((enum job_phase)pair->now->phase),
		       job_event_name((enum job_event_kind)pair->event->kind),
		       is_past(pair) ? "old" : "current",
		       job_state_name((enum job_state)pair->next->state),
		       job_act_name((enum job_act)pair->next->act),
		       job_phase_name((enum job_phase)pair->next->phase));
		exit(1);
	}
}

/* ---- every event ---- */

static void
apply(struct world *world, const struct job *now, const struct job_event *event)
{
	struct job next;
	struct job_effects effects;

	job_step(&world->plan, now, event, &next, &effects);
	check(&(struct pair){ &world->plan, now, &next, event, &effects });
	next = canonical(next);
	add(world, &next);
	world->pairs++;
}

/* How many variants of an event make a difference: reasons, software read, kind of message. */
static unsigned
variants_of(int kind)
{
	switch (kind) {
	case EV_AMISS:
		return 12; /* SOFTWARE_PENDING is never read */
	case EV_FOUND:
		return 3;
	case EV_FAULTED:
		return 4;
	case EV_MESSAGE:
		return 2;
	default:
		return 1;
	}
}

static void
apply_all(struct world *world, const struct job *now)
{
	static const uint8_t reasons[] = { REASON_DEVICE_FAILED, REASON_UNREACHABLE,
					   REASON_WRONG_MODEL, REASON_DIFFERS };

	for (int kind = 0; kind < EV_COUNT; kind++) {
		for (unsigned variant = 0; variant < variants_of(kind); variant++) {
			struct job_event event = { .kind = (uint8_t)kind,
						   .ticket = TICKET,
						   .wall_ms = WALL };
			event.reason = reasons[variant % 4];
			event.software = (uint8_t)(kind == EV_FOUND ? variant : variant / 4);
			event.has_failed = variant & 1;
			apply(world, now, &event);
		}
		apply(world, now,
		      &(struct job_event){ .kind = (uint8_t)kind,
					   .ticket = TICKET - 1,
					   .wall_ms = WALL,
					   .reason = REASON_LATE });
	}
}

/* Silence for ever and an operator who says stop: the end comes within a bounded number of
 * scheduled times. */
static void
check_silence_ends(const struct world *world, struct job job)
{
	struct job next;
	struct job_effects effects;

	for (unsigned i = 0; i < 40 && !job_is_over(&job); i++) {
		uint8_t kind = job.state == JOB_QUEUED   ? EV_START
			       : job.state == JOB_ASKING ? EV_STOP
							 : EV_DEADLINE;
		job_step(&world->plan, &job,
			 &(struct job_event){ .kind = kind, .ticket = job.ticket, .wall_ms = WALL },
			 &next, &effects);
		job = next;
	}
	if (!job_is_over(&job)) {
		printf("broken: silence does not end: %s/%s\n",
		       job_state_name((enum job_state)job.state),
		       job_act_name((enum job_act)job.act));
		exit(1);
	}
}

static void
explore(struct world *world)
{
	struct job start = canonical((struct job){ 0 });

	world->count = 0;
	memset(world->table, 0, sizeof(world->table));
	add(world, &start);
	for (unsigned i = 0; i < world->count; i++) {
		struct job now = world->states[i];
		apply_all(world, &now);
		check_silence_ends(world, now);
	}
}

int
main(void)
{
	struct world *world = calloc(1, sizeof(*world));
	unsigned long states = 0, plans = 0;
	unsigned ends[JOB_STATE_COUNT] = { 0 }, acts[ACT_COUNT] = { 0 };

	for (unsigned mix = 0; mix < GOAL_COUNT * 4 * 2 * 2 * 2 * 2; mix++) {
		struct job_plan *plan = &world->plan;
		*plan = (struct job_plan){ .retries_max = 2,
					   .rollback_tries_max = 2,
					   .look_ms = 5000 };
		plan->goal = (uint8_t)(mix % GOAL_COUNT);
		plan->on_failure = (uint8_t)(mix / GOAL_COUNT % 4);
		plan->way_back = mix / (GOAL_COUNT * 4) % 2 ? WAY_IMAGE : WAY_SLOT;
		plan->has_activate = mix / (GOAL_COUNT * 8) % 2;
		plan->has_service = mix / (GOAL_COUNT * 16) % 2;
		memset(plan->repeat, mix / (GOAL_COUNT * 32) % 2 ? REPEAT_NEVER : REPEAT_TICKET,
		       sizeof(plan->repeat));
		for (int i = 0; i < STEP_COUNT; i++) {
			plan->limit_ms[i] = 60000;
			plan->stall_ms[i] = 10000;
		}
		explore(world);
		for (unsigned i = 0; i < world->count; i++) {
			ends[world->states[i].state]++;
			acts[world->states[i].act]++;
		}
		states += world->count;
		plans++;
	}
	for (int i = 0; i < JOB_STATE_COUNT; i++)
		assert(ends[i] > 0);
	for (int i = 0; i < ACT_COUNT; i++)
		assert(acts[i] > 0);
	printf("job: %lu plans, %lu states, %lu (state, event) pairs, %zu promises in each: all "
	       "hold\n",
	       plans, states, world->pairs, ARRAY_COUNT(promises));
	free(world);
	return 0;
}
