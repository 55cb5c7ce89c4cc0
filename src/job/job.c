/* The workflow as one table of acts, and the step function that walks it. */
#include "job/job.h"

#include <assert.h>
#include <string.h>

_Static_assert(sizeof(struct job) == 40, "no padding: jobs are compared as bytes");

enum act_kind { KIND_NONE, KIND_COMMAND, KIND_READING, KIND_WORK };

/* One row per act. Adding an act is adding a row. */
static const struct rule {
	uint8_t step;      /* enum job_step */
	uint8_t kind;      /* enum act_kind */
	uint8_t operation; /* KIND_COMMAND: enum operation */
	uint8_t needs;     /* KIND_COMMAND: enum job_need */
	uint8_t next;      /* act that success leads to; ACT_NONE = the job's good end */
	uint8_t redo;      /* act that a retry begins at */
} rules[ACT_COUNT] = {
	[ACT_PROBE] = { STEP_PREFLIGHT, KIND_READING, 0, 0, ACT_BACKUP, ACT_PROBE },
	[ACT_BACKUP] = { STEP_BACKUP, KIND_COMMAND, OPERATION_BACKUP, NEED_REPORT | NEED_LEDGER,
			 ACT_KEEP, ACT_BACKUP },
	[ACT_KEEP] = { STEP_KEEP, KIND_COMMAND, OPERATION_KEEP, NEED_REPORT, ACT_READ_KEPT,
		       ACT_KEEP },
	[ACT_READ_KEPT] = { STEP_KEEP, KIND_READING, 0, 0, ACT_FETCH, ACT_KEEP },
	[ACT_FETCH] = { STEP_UPDATE, KIND_COMMAND, OPERATION_FETCH, NEED_REPORT | NEED_LEDGER,
			ACT_ACTIVATE, ACT_FETCH },
	[ACT_ACTIVATE] = { STEP_UPDATE, KIND_COMMAND, OPERATION_ACTIVATE, NEED_REPORT, ACT_RELOAD,
			   ACT_FETCH },
	[ACT_RELOAD] = { STEP_UPDATE, KIND_COMMAND, OPERATION_RELOAD, NEED_REPORT, ACT_READ_NEW,
			 ACT_FETCH },
	[ACT_READ_NEW] = { STEP_UPDATE, KIND_READING, 0, 0, ACT_CONVERT, ACT_FETCH },
	[ACT_CONVERT] = { STEP_CONVERT, KIND_WORK, 0, 0, ACT_RESTORE, ACT_CONVERT },
	[ACT_RESTORE] = { STEP_RESTORE, KIND_COMMAND, OPERATION_RESTORE, NEED_REPORT | NEED_LEDGER,
			  ACT_CONFIRM_BACKUP, ACT_RESTORE },
	[ACT_CONFIRM_BACKUP] = { STEP_CONFIRM, KIND_COMMAND, OPERATION_BACKUP,
				 NEED_REPORT | NEED_LEDGER, ACT_COMPARE, ACT_CONFIRM_BACKUP },
	[ACT_COMPARE] = { STEP_CONFIRM, KIND_WORK, 0, 0, ACT_READ_SERVICE, ACT_RESTORE },
	[ACT_READ_SERVICE] = { STEP_CONFIRM, KIND_READING, 0, 0, ACT_NONE, ACT_CONFIRM_BACKUP },
	[ACT_READ_AGAIN] = { STEP_NONE, KIND_READING, 0, 0, ACT_NONE, ACT_NONE },
	[ACT_LOOK_AFTER] = { STEP_NONE, KIND_READING, 0, 0, ACT_NONE, ACT_NONE },
	[ACT_ROLLBACK] = { STEP_ROLLBACK, KIND_COMMAND, OPERATION_ROLLBACK, NEED_REPORT,
			   ACT_READ_OLD, ACT_NONE },
	[ACT_OLD_FETCH] = { STEP_ROLLBACK, KIND_COMMAND, OPERATION_FETCH, NEED_REPORT | NEED_LEDGER,
			    ACT_OLD_ACTIVATE, ACT_NONE },
	[ACT_OLD_ACTIVATE] = { STEP_ROLLBACK, KIND_COMMAND, OPERATION_ACTIVATE, NEED_REPORT,
			       ACT_OLD_RELOAD, ACT_NONE },
	[ACT_OLD_RELOAD] = { STEP_ROLLBACK, KIND_COMMAND, OPERATION_RELOAD, NEED_REPORT,
			     ACT_READ_OLD, ACT_NONE },
	[ACT_READ_OLD] = { STEP_ROLLBACK, KIND_READING, 0, 0, ACT_OLD_BACKUP, ACT_NONE },
	[ACT_OLD_BACKUP] = { STEP_ROLLBACK, KIND_COMMAND, OPERATION_BACKUP,
			     NEED_REPORT | NEED_LEDGER, ACT_OLD_COMPARE, ACT_NONE },
	[ACT_OLD_COMPARE] = { STEP_ROLLBACK, KIND_WORK, 0, 0, ACT_NONE, ACT_NONE },
	[ACT_OLD_RESTORE] = { STEP_ROLLBACK, KIND_COMMAND, OPERATION_RESTORE,
			      NEED_REPORT | NEED_LEDGER, ACT_OLD_BACKUP, ACT_NONE },
};

static struct job_effect *
emit(struct job_effects *out, const struct job *job, enum job_effect_kind kind)
{
	assert(out->count < JOB_EFFECTS_MAX);
	struct job_effect *effect = &out->item[out->count++];
	*effect = (struct job_effect){ .kind = kind,
				       .step = job->step,
				       .act = job->act,
				       .reason = job->reason,
				       .ticket = job->ticket };
	return effect;
}

static bool
has_grant(const struct job *job)
{
	return rules[job->act].needs & NEED_LEDGER;
}

/* The stall limit counts only where bytes move. */
static msec_t
stall_of(const struct job_plan *plan, const struct job *job)
{
	return has_grant(job) ? plan->stall_ms[job->step] : 0;
}

static void
emit_timers(const struct job_plan *plan, const struct job *job, struct job_effects *out)
{
	struct job_effect *timers = emit(out, job, FX_TIMERS);

	timers->deadline_wall_ms = job->deadline_wall_ms;
	timers->stall_ms = stall_of(plan, job);
}

static void
end(struct job *job, enum job_state state, struct job_effects *out)
{
	job->state = (uint8_t)state;
	job->step = STEP_NONE;
	job->act = ACT_NONE;
	job->phase = PHASE_NONE;
	job->needs = 0;
	job->deadline_wall_ms = 0;
	emit(out, job, FX_FINISH);
}

/* What may have happened to the device once the act's command can have left. */
static void
mark_intended(const struct job_plan *plan, struct job *job)
{
	switch (rules[job->act].operation) {
	case OPERATION_FETCH:
		assert(job->has_snapshot && (plan->way_back != WAY_SLOT || job->has_kept));
		job->is_touched = true;
		break;
	case OPERATION_ACTIVATE: /* from now on a mere power cut starts it */
		if (job->act == ACT_ACTIVATE) {
			job->new_may_run = true;
			job->software = SOFTWARE_PENDING;
		}
		break;
	case OPERATION_RELOAD:
		job->new_may_run = job->new_may_run || job->act == ACT_RELOAD;
		job->software = SOFTWARE_UNKNOWN;
		job->configuration = CONFIGURATION_UNKNOWN;
		break;
	case OPERATION_RESTORE:
	case OPERATION_ROLLBACK:
		assert(job->has_snapshot);
		job->configuration = CONFIGURATION_UNKNOWN;
		break;
	default: /* backup and keep change neither what runs nor the configuration */
		break;
	}
}

/* An act's first effects, the same whether it is entered or resumed before its command was
 * intended. */
static void
pursue(const struct job_plan *plan, struct job *job, struct job_effects *out)
{
	emit_timers(plan, job, out);
	switch ((enum act_kind)rules[job->act].kind) {
	case KIND_COMMAND:
		if (has_grant(job)) {
			job->phase = PHASE_OPENING;
			emit(out, job, FX_GRANT);
			return;
		}
		job->phase = PHASE_SENDING;
		mark_intended(plan, job);
		emit(out, job, FX_COMMAND);
		return;
	case KIND_READING:
		job->phase = PHASE_READING;
		emit(out, job, FX_READ);
		return;
	case KIND_WORK:
		job->phase = PHASE_WORKING;
		emit(out, job, FX_WORK);
		return;
	case KIND_NONE:
		assert(false);
	}
}

/* The step that an act belongs to: two readings belong to the step around which they stand. */
static enum job_step
step_of(const struct job *job, enum job_act act)
{
	if (act == ACT_LOOK_AFTER)
		return (enum job_step)job->step;
	if (act == ACT_READ_AGAIN)
		return (enum job_step)rules[rules[job->failed_act].redo].step;
	return (enum job_step)rules[act].step;
}

/* Begin an act; the first act of an attempt fixes the attempt's scheduled time. */
static void
enter(const struct job_plan *plan, struct job *job, enum job_act act, int64_t wall_ms,
      struct job_effects *out)
{
	enum job_step step = step_of(job, act);

	if (act == ACT_LOOK_AFTER) {
		job->deadline_wall_ms = wall_ms + plan->look_ms;
	} else if (step != job->step || job->state != JOB_RUNNING || job->deadline_wall_ms == 0) {
		job->attempt++;
		job->deadline_wall_ms = wall_ms + plan->limit_ms[step];
	}
	job->state = JOB_RUNNING;
	job->step = (uint8_t)step;
	job->act = (uint8_t)act;
	job->ticket++;
	job->needs = rules[act].needs;
	job->has_message = job->has_broken = false;
	pursue(plan, job, out);
}

static void
leave(struct job *job, struct job_effects *out)
{
	if (has_grant(job))
		emit(out, job, FX_REVOKE);
}

/* ---- success ---- */

/* The act after `act`, for this plan. */
static enum job_act
next_of(const struct job_plan *plan, const struct job *job, enum job_act act)
{
	enum job_act next = (enum job_act)rules[act].next;

	if (act == ACT_READ_AGAIN)
		return (enum job_act)rules[job->failed_act].redo;
	if (act == ACT_BACKUP && plan->goal == GOAL_BACKUP)
		return ACT_NONE;
	if (act == ACT_BACKUP && plan->goal == GOAL_RESTORE)
		return ACT_CONVERT;
	if (next == ACT_KEEP && plan->way_back != WAY_SLOT)
		return ACT_FETCH;
	if (next == ACT_ACTIVATE && !plan->has_activate)
		return ACT_RELOAD;
	if (next == ACT_OLD_ACTIVATE && !plan->has_activate)
		return ACT_OLD_RELOAD;
	if (next == ACT_READ_SERVICE && !plan->has_service)
		return ACT_NONE;
	if (act == ACT_READ_OLD && !job->is_going_back)
		return ACT_FETCH;
	return next;
}

/* What success of an act proves. */
static void
mark_done(struct job *job)
{
	switch ((enum job_act)job->act) {
	case ACT_BACKUP:
		job->has_snapshot = true;
		break;
	case ACT_READ_KEPT:
		job->has_kept = true;
		break;
	case ACT_READ_NEW:
		job->software = SOFTWARE_NEW;
		job->configuration = CONFIGURATION_LOST;
		break;
	case ACT_READ_AGAIN:
		job->software = SOFTWARE_NEW;
		break;
	case ACT_RESTORE:
	case ACT_OLD_RESTORE:
		job->configuration = CONFIGURATION_RESTORED;
		break;
	case ACT_COMPARE:
	case ACT_OLD_COMPARE:
		job->configuration = CONFIGURATION_CONFIRMED;
		break;
	case ACT_READ_OLD:
		job->software = SOFTWARE_OLD;
		job->new_may_run = false;
		break;
	default: /* the others prove nothing that is kept */
		break;
	}
}

static void
succeed(const struct job_plan *plan, struct job *job, const struct job_event *event,
	struct job_effects *out)
{
	enum job_act done = (enum job_act)job->act;
	enum job_act next = next_of(plan, job, done);

	leave(job, out);
	mark_done(job);
	if (!job->is_going_back) {
		job->reason = REASON_NONE;
		job->failed_act = ACT_NONE;
	}
	if (next != ACT_NONE) {
		enter(plan, job, next, event->wall_ms, out);
		return;
	}
	end(job, job->is_going_back ? JOB_ROLLED_BACK : JOB_DONE, out);
}

/* ---- failure ---- */

static void
ask(struct job *job, struct job_effects *out)
{
	job->state = JOB_ASKING;
	job->act = ACT_NONE;
	job->phase = PHASE_NONE;
	job->needs = 0;
	job->deadline_wall_ms = 0;
	job->ticket++;
	emit(out, job, FX_ASK);
}

static enum job_act
way_back_act(const struct job_plan *plan)
{
	return plan->way_back == WAY_SLOT ? ACT_ROLLBACK : ACT_OLD_FETCH;
}

static void
retry(const struct job_plan *plan, struct job *job, int64_t wall_ms, struct job_effects *out)
{
	enum job_act redo = (enum job_act)rules[job->failed_act].redo;

	if (redo == ACT_FETCH && job->is_touched) {
		job->rollback_tries = 1;
		enter(plan, job, way_back_act(plan), wall_ms, out);
		return;
	}
	if (plan->goal == GOAL_UPGRADE && job->new_may_run)
		redo = ACT_READ_AGAIN;
	enter(plan, job, redo, wall_ms, out);
}

static void
roll_back(const struct job_plan *plan, struct job *job, int64_t wall_ms, struct job_effects *out)
{
	job->is_going_back = true;
	job->was_old_restored = false;
	job->rollback_tries = 1;
	enter(plan, job, way_back_act(plan), wall_ms, out);
}

static bool
may_roll_back(const struct job *job)
{
	return job->is_touched && job->has_snapshot && !job->is_going_back;
}

/* The policy's answer to a failed attempt, or the question. */
static void
answer(const struct job_plan *plan, struct job *job, int64_t wall_ms, struct job_effects *out)
{
	uint8_t step = rules[job->failed_act].step;

	if (step > job->retried_step) { /* only progress gives a new budget, so that two steps can't
					   feed each other */
		job->retried_step = step;
		job->retries = 0;
	}
	if (plan->on_failure == POLICY_RETRY && job->retries < plan->retries_max) {
		job->retries++;
		job->deadline_wall_ms = 0;
		retry(plan, job, wall_ms, out);
		return;
	}
	if (plan->on_failure == POLICY_ROLLBACK && may_roll_back(job)) {
		roll_back(plan, job, wall_ms, out);
		return;
	}
	if (plan->on_failure == POLICY_STOP || plan->on_failure == POLICY_ROLLBACK) {
		end(job, JOB_STOPPED, out);
		return;
	}
	ask(job, out);
}

/* Going back failed: again, within its own budget, or a person has to go there. */
static void
fail_rollback(const struct job_plan *plan, struct job *job, const struct job_event *event,
	      struct job_effects *out)
{
	if (job->rollback_tries < plan->rollback_tries_max) {
		job->rollback_tries++;
		job->was_old_restored = false;
		job->deadline_wall_ms = 0;
		enter(plan, job, way_back_act(plan), event->wall_ms, out);
		return;
	}
	job->reason = REASON_ROLLBACK_FAILED;
	end(job, JOB_NEEDS_HANDS, out);
}

static bool
is_held_back(enum reason reason)
{
	return reason != REASON_UNREACHABLE && reason != REASON_LATE &&
	       reason != REASON_FILE_SERVICE;
}

static enum reason
reason_of_lateness(const struct job *job)
{
	switch ((enum job_act)job->act) {
	case ACT_PROBE:
		return REASON_UNREACHABLE;
	case ACT_READ_NEW:
	case ACT_READ_AGAIN:
	case ACT_READ_OLD:
		return REASON_NOT_BACK;
	case ACT_READ_SERVICE:
		return REASON_SERVICE_WORSE;
	default:
		return job->phase == PHASE_OPENING ? REASON_FILE_SERVICE : REASON_LATE;
	}
}

static void
fail(const struct job_plan *plan, struct job *job, enum reason reason,
     const struct job_event *event, struct job_effects *out)
{
	leave(job, out);
	emit(out, job, FX_TELL)->reason = (uint8_t)reason;
	if (job->step == STEP_ROLLBACK) {
		if (job->act == ACT_OLD_COMPARE && reason == REASON_DIFFERS &&
		    !job->was_old_restored) {
			job->was_old_restored = true;
			enter(plan, job, ACT_OLD_RESTORE, event->wall_ms, out);
			return;
		}
		fail_rollback(plan, job, event, out);
		return;
	}
	job->reason = (uint8_t)reason;
	if (job->act != ACT_READ_AGAIN)
		job->failed_act = job->act;
	else if (event->kind == EV_AMISS)
		job->failed_act = ACT_READ_NEW; /* it is the update that has to be done again */
	if (job->act == ACT_PROBE && is_held_back(reason)) {
		end(job, JOB_HELD, out);
		return;
	}
	if (job->new_may_run) {
		enter(plan, job, ACT_LOOK_AFTER, event->wall_ms, out);
		return;
	}
	answer(plan, job, event->wall_ms, out);
}

/* ---- events ---- */

/* The device answered the look after a failure, or did not in time: now the question can name what
 * runs. */
static void
looked_after(const struct job_plan *plan, struct job *job, const struct job_event *event,
	     struct job_effects *out)
{
	job->software = event->kind == EV_FOUND ? event->software : SOFTWARE_UNKNOWN;
	if (job->software == SOFTWARE_OLD && job->reason != REASON_FELL_BACK)
		job->software = SOFTWARE_PENDING; /* what was activated may still start */
	answer(plan, job, event->wall_ms, out);
}

static void
amiss(const struct job_plan *plan, struct job *job, const struct job_event *event,
      struct job_effects *out)
{
	if (job->act == ACT_READ_NEW || job->act == ACT_READ_AGAIN || job->act == ACT_READ_OLD)
		job->software = event->software;
	fail(plan, job, (enum reason)event->reason, event, out);
}

static void
send(const struct job_plan *plan, struct job *job, struct job_effects *out)
{
	job->phase = PHASE_SENDING;
	mark_intended(plan, job);
	emit(out, job, FX_COMMAND);
}

static void
met(const struct job_plan *plan, struct job *job, enum job_need need, const struct job_event *event,
    struct job_effects *out)
{
	job->needs &= (uint8_t)~need;
	if (job->needs == 0)
		succeed(plan, job, event, out);
	else
		emit(out, job, FX_STALL)->stall_ms = stall_of(plan, job);
}

/* Our command is not on the device. Sending again is harmless only where the device checks tickets
 * or twice is as good as once. */
static void
absent(const struct job_plan *plan, struct job *job, const struct job_event *event,
       struct job_effects *out)
{
	if (job->phase == PHASE_WATCHING) {
		if (job->has_broken)
			fail(plan, job, REASON_TRANSFER_BROKEN, event, out);
		return;
	}
	if (plan->repeat[rules[job->act].operation] == REPEAT_NEVER) {
		fail(plan, job, REASON_UNCLEAR, event, out);
		return;
	}
	send(plan, job, out);
}

static void
watch(struct job *job, struct job_effects *out)
{
	job->phase = PHASE_WATCHING;
	emit(out, job, FX_WATCH);
}

/* After a restart: nothing is known about what was intended, so commands are looked for before
 * anything else. */
static void
resume(const struct job_plan *plan, struct job *job, struct job_effects *out)
{
	if (job->state == JOB_ASKING) {
		emit(out, job, FX_ASK);
		return;
	}
	if (rules[job->act].kind != KIND_COMMAND || job->phase == PHASE_OPENING) {
		pursue(plan, job, out);
		return;
	}
	emit_timers(plan, job, out);
	if (has_grant(job))
		emit(out, job, FX_GRANT);
	if (job->phase == PHASE_WATCHING) {
		emit(out, job, FX_WATCH);
		return;
	}
	job->phase = PHASE_LOOKING;
	emit(out, job, FX_LOOK);
}

static void
decide(const struct job_plan *plan, struct job *job, const struct job_event *event,
       struct job_effects *out)
{
	if (event->kind == EV_RETRY)
		retry(plan, job, event->wall_ms, out);
	else if (event->kind == EV_ROLLBACK)
		roll_back(plan, job, event->wall_ms, out);
	else
		end(job, JOB_STOPPED, out);
}

/* Events that a command waits for. False where it changes nothing. */
static bool
step_command(const struct job_plan *plan, struct job *job, const struct job_event *event,
	     struct job_effects *out)
{
	enum job_phase phase = (enum job_phase)job->phase;
	bool may_run = phase == PHASE_SENDING || phase == PHASE_LOOKING || phase == PHASE_WATCHING;

	switch ((enum job_event_kind)event->kind) {
	case EV_GRANTED:
		if (phase != PHASE_OPENING)
			return false;
		send(plan, job, out);
		emit(out, job, FX_STALL)->stall_ms =
			stall_of(plan, job); /* the device's time begins now */
		return true;
	case EV_ACCEPTED:
		if (phase != PHASE_SENDING)
			return false;
		watch(job, out);
		return true;
	case EV_NOT_SENT:
	case EV_UNKNOWN:
		if (phase != PHASE_SENDING)
			return false;
		job->phase = PHASE_LOOKING;
		emit(out, job, FX_LOOK);
		return true;
	case EV_PRESENT:
		if (phase != PHASE_LOOKING)
			return false;
		watch(job, out);
		return true;
	case EV_ABSENT:
		if (phase != PHASE_LOOKING && !(phase == PHASE_WATCHING && job->has_broken))
			return false;
		absent(plan, job, event, out);
		return true;
	case EV_REPORT:
		if (!may_run || !(job->needs & NEED_REPORT))
			return false;
		met(plan, job, NEED_REPORT, event, out);
		return true;
	case EV_STORED:
		if (!may_run || !(job->needs & NEED_LEDGER))
			return false;
		met(plan, job, NEED_LEDGER, event, out);
		return true;
	case EV_REFUSED:
		if (phase != PHASE_SENDING)
			return false;
		fail(plan, job, (enum reason)event->reason, event, out);
		return true;
	case EV_FAILURE:
		if (!may_run)
			return false;
		fail(plan, job, (enum reason)event->reason, event, out);
		return true;
	case EV_MESSAGE:
		if (!may_run)
			return false;
		job->has_message = job->has_message || event->has_failed;
		emit(out, job, FX_POLL);
		return true;
	case EV_BROKEN:
		if (!may_run || !(job->needs & NEED_LEDGER))
			return false;
		job->has_broken = true;
		emit(out, job, FX_POLL);
		return true;
	case EV_PROGRESS:
		if (!may_run)
			return false;
		emit(out, job, FX_STALL)->stall_ms = stall_of(plan, job);
		return true;
	default: /* readings, work and answers are not for commands */
		return false;
	}
}

static bool
step_running(const struct job_plan *plan, struct job *job, const struct job_event *event,
	     struct job_effects *out)
{
	if (event->kind == EV_DEADLINE || event->kind == EV_STALL) {
		if (job->act == ACT_LOOK_AFTER)
			looked_after(plan, job, event, out);
		else
			fail(plan, job,
			     event->kind == EV_STALL && job->phase != PHASE_OPENING
				     ? REASON_STALLED
				     : reason_of_lateness(job),
			     event, out);
		return true;
	}
	if (job->phase == PHASE_READING && (event->kind == EV_FOUND || event->kind == EV_AMISS)) {
		if (job->act == ACT_LOOK_AFTER)
			looked_after(plan, job, event, out);
		else if (event->kind == EV_FOUND)
			succeed(plan, job, event, out);
		else
			amiss(plan, job, event, out);
		return true;
	}
	if (job->phase == PHASE_WORKING && event->kind == EV_WORKED) {
		succeed(plan, job, event, out);
		return true;
	}
	if (job->phase == PHASE_WORKING && event->kind == EV_FAULTED) {
		fail(plan, job, (enum reason)event->reason, event, out);
		return true;
	}
	return rules[job->act].kind == KIND_COMMAND && step_command(plan, job, event, out);
}

static bool
step_any(const struct job_plan *plan, struct job *job, const struct job_event *event,
	 struct job_effects *out)
{
	if (job_is_over(job))
		return false;
	if (event->kind == EV_START) {
		if (job->state != JOB_QUEUED)
			return false;
		enter(plan, job, ACT_PROBE, event->wall_ms, out);
		return true;
	}
	if (event->kind == EV_RESUME) {
		if (job->state != JOB_QUEUED)
			resume(plan, job, out);
		return true;
	}
	if (event->ticket != job->ticket)
		return false;
	if (job->state == JOB_ASKING) {
		if (!job_may_answer(job, (enum job_event_kind)event->kind))
			return false;
		decide(plan, job, event, out);
		return true;
	}
	return job->state == JOB_RUNNING && step_running(plan, job, event, out);
}

void
job_step(const struct job_plan *plan, const struct job *now, const struct job_event *event,
	 struct job *next, struct job_effects *out)
{
	*next = *now;
	out->count = 0;
	if (!step_any(plan, next, event, out)) {
		assert(memcmp(next, now, sizeof(*now)) == 0 && out->count == 0);
		emit(out, now, FX_NOTE);
	}
}

bool
job_is_over(const struct job *job)
{
	return job->state >= JOB_DONE;
}

bool
job_may_answer(const struct job *job, enum job_event_kind answer_kind)
{
	if (job->state != JOB_ASKING)
		return false;
	if (answer_kind == EV_ROLLBACK)
		return may_roll_back(job);
	return answer_kind == EV_RETRY || answer_kind == EV_STOP;
}

enum operation
job_act_operation(enum job_act act)
{
	return (enum operation)rules[act].operation;
}

enum job_step
job_act_step(enum job_act act)
{
	return (enum job_step)rules[act].step;
}

bool
job_act_uploads(enum job_act act)
{
	return rules[act].operation == OPERATION_BACKUP;
}

bool
job_act_downloads(enum job_act act)
{
	return (rules[act].needs & NEED_LEDGER) && !job_act_uploads(act);
}
