/* The manager's loop: facts -> job_step() -> one durable transaction -> effects.
 *
 * Everything that a pass decides is written before anything that it decided is done (INV-ENGINE-1).
 */
#include "base/text.h"
#include "engine/room.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PASS_MAX = 256 }; /* facts in one transaction */

/* What is to be done once the transaction is durable. */
struct todo {
	struct live *live;
	struct job_effects effects;
};

static bool
facts_reserve(struct engine *engine)
{
	if (engine->facts_count < engine->facts_capacity)
		return true;
	if (engine->facts_capacity >= FACTS_MAX)
		return false;
	unsigned capacity = engine->facts_capacity == 0 ? 64 : engine->facts_capacity * 2;
	struct fact *facts = realloc(engine->facts, capacity * sizeof(*facts));
	if (facts == NULL)
		return false;
	engine->facts = facts;
	engine->facts_capacity = capacity;
	return true;
}

/* What a device, or whoever pretends to be one, can make happen as often as it likes. */
static bool
is_news(enum job_event_kind kind)
{
	return kind == EV_MESSAGE || kind == EV_BROKEN || kind == EV_PROGRESS;
}

struct fact *
fact_add(struct live *live, enum job_event_kind kind, uint32_t ticket, enum reason reason,
	 const char *format, ...)
{
	struct engine *engine = live->engine;
	struct err err = { 0 };

	if (is_news(kind) && live->waiting >= NEWS_MAX)
		return &engine->spare;
	if (!facts_reserve(engine)) {
		(void)err_set(&err, AT, DD_EFULL, "%u events wait: the manager can't keep up",
			      engine->facts_count);
		engine_lose(engine, &err);
		return &engine->spare;
	}
	live->waiting++;
	if (is_news(kind) && format != NULL && live->news_lines++ >= NEWS_LINES_MAX)
		format = NULL;
	struct fact *fact = &engine->facts[engine->facts_count++];
	*fact = (struct fact){ .live = live };
	fact->event = (struct job_event){
		.kind = (uint8_t)kind,
		.ticket = ticket,
		.reason = (uint8_t)reason,
		.wall_ms = env_wall(engine->env),
	};
	if (format != NULL) {
		va_list arguments;
		va_start(arguments, format);
		(void)vsnprintf(fact->text, sizeof(fact->text), format,
				arguments); /* a cut sentence is still evidence */
		va_end(arguments);
		text_clean(fact->text);
	}
	env_timer_set(engine->env, &engine->pass, env_now(engine->env));
	return fact;
}

int
journal(struct live *live, const char *kind, enum reason reason, const char *text, struct err *err)
{
	const struct job *job = &live->record.job;
	struct journal_entry entry = { .job_id = live->record.id,
				       .ticket = job->ticket,
				       .attempt = job->attempt };

	entry.wall_ms = env_wall(live->engine->env);
	(void)text_copy(entry.kind, sizeof(entry.kind), kind);
	(void)text_copy(entry.step, sizeof(entry.step), job_step_name((enum job_step)job->step));
	(void)text_copy(entry.act, sizeof(entry.act), job_act_name((enum job_act)job->act));
	if (reason != REASON_NONE)
		(void)text_copy(entry.reason, sizeof(entry.reason), reason_name(reason));
	(void)text_copy(entry.text, sizeof(entry.text), text);
	return store_journal_add(live->engine->store, &entry, err);
}

void
engine_lose(struct engine *engine, const struct err *err)
{
	if (engine->is_lost)
		return;
	engine->is_lost = true;
	log_line(engine->settings.log, LOG_ERROR, "the manager stops, as it can't write: %s",
		 err->text);
	env_stop(engine->env);
}

static void
end_now(void *arg)
{
	struct engine *engine = arg;

	env_stop(engine->env);
}

int
engine_commit(struct engine *engine, struct err *err)
{
	int r = store_commit(engine->store, err);

	if (r == 0 || engine->is_lost)
		return r;
	engine->is_lost = true;
	log_line(engine->settings.log, LOG_ERROR, "the manager stops, as it can't write: %s",
		 err->text);
	engine->end = (struct env_timer){ .fire = end_now, .arg = engine };
	env_timer_set(engine->env, &engine->end, env_now(engine->env) + LAST_ANSWER_MS);
	return r;
}

/* ---- inside the transaction ---- */

static int
attempt_write(struct live *live, const struct job *now, const struct job_effects *effects,
	      const char *text, struct err *err)
{
	const struct job *next = &live->record.job;
	struct attempt attempt = { .job_id = live->record.id, .number = now->attempt };
	bool has_failed = false;
	enum reason reason = REASON_NONE;

	for (unsigned i = 0; i < effects->count; i++) {
		if (effects->item[i].kind == FX_TELL) {
			has_failed = true;
			reason = (enum reason)effects->item[i].reason;
		}
	}
	if (now->attempt != 0 && now->step != STEP_NONE &&
	    (now->attempt != next->attempt || has_failed || job_is_over(next))) {
		(void)text_copy(attempt.step, sizeof(attempt.step),
				job_step_name((enum job_step)now->step));
		attempt.ended_wall_ms = env_wall(live->engine->env);
		if (now->act != ACT_LOOK_AFTER) {
			(void)text_copy(attempt.result, sizeof(attempt.result),
					has_failed ? "failed" : "ok");
			(void)text_copy(attempt.reason, sizeof(attempt.reason),
					has_failed ? reason_name(reason) : "");
			(void)text_copy(attempt.text, sizeof(attempt.text), text);
			int r = store_attempt_put(live->engine->store, &attempt, err);
			if (r < 0)
				return r;
		}
	}
	if (next->attempt == now->attempt)
		return 0;
	attempt = (struct attempt){ .job_id = live->record.id,
				    .number = next->attempt,
				    .ticket_first = next->ticket };
	(void)text_copy(attempt.step, sizeof(attempt.step),
			job_step_name((enum job_step)next->step));
	attempt.began_wall_ms = env_wall(live->engine->env);
	attempt.deadline_wall_ms = next->deadline_wall_ms;
	return store_attempt_put(live->engine->store, &attempt, err);
}

static int
finish_write(struct live *live, struct err *err)
{
	struct job_record *record = &live->record;
	char state[STORE_NOTE_MAX];

	record->ended_wall_ms = env_wall(live->engine->env);
	question_state(live, state, sizeof(state));
	int r = journal(live, "finish", (enum reason)record->job.reason, state, err);
	if (r < 0)
		return r;
	if (record->found_version[0] != '\0')
		(void)text_copy(live->device.version, sizeof(live->device.version),
				record->found_version);
	return store_device_update(live->engine->store, &live->device, err);
}

/* Where what a command needs is gone (an image that was removed), the file service has nothing to
 * confirm, and the attempt ends by its time: no reason to stop everything. */
static int
grants_write(struct live *live, struct err *err)
{
	struct err why = { 0 };

	int r = grants_make(live, &why);
	if (r == DD_ENOTFOUND) {
		log_line(live->engine->settings.log, LOG_ERROR, "device %s: %s", live_name(live),
			 why.text);
		return journal(live, "missing", REASON_FILE_SERVICE, why.text, err);
	}
	return r < 0 ? err_set(err, AT, r, "%s", why.text) : 0;
}

static int
effect_write(struct live *live, const struct job_effect *effect, const char *text, struct err *err)
{
	switch ((enum job_effect_kind)effect->kind) {
	case FX_GRANT:
		return grants_write(live, err);
	case FX_REVOKE:
		return store_grant_close(live->engine->store, live->record.id, effect->ticket, err);
	case FX_TELL:
		(void)text_print(live->record.text, sizeof(live->record.text), "%s failed: %s (%s)",
				 job_step_name((enum job_step)effect->step),
				 reason_sentence((enum reason)effect->reason), text);
		return journal(live, "failed", (enum reason)effect->reason, live->record.text, err);
	case FX_ASK:
		return question_ask(live, err);
	case FX_FINISH:
		return finish_write(live, err);
	default: /* the others write nothing of their own: the job's state says what they do */
		return 0;
	}
}

/* Tickets count on by one within a job; a fresh one is taken from the store's counter, so that no
 * device ever sees one twice. */
static int
tickets_take(struct live *live, uint32_t ticket_before, struct job *next,
	     struct job_effects *effects, struct err *err)
{
	uint64_t ticket = 0;

	if (next->ticket == ticket_before)
		return 0;
	int r = store_next(live->engine->store, COUNTER_TICKET, 1, &ticket, err);
	if (r < 0)
		return r;
	for (unsigned i = 0; i < effects->count; i++)
		if (effects->item[i].ticket == next->ticket)
			effects->item[i].ticket = (uint32_t)ticket;
	next->ticket = (uint32_t)ticket;
	return 0;
}

/* Evidence that changes nothing is still kept; mere progress comes without a text. */
static bool
is_worth_a_line(const struct fact *fact)
{
	return fact->event.kind != EV_RESUME && fact->text[0] != '\0';
}

static int
fact_write(struct fact *fact, struct job_effects *effects, struct err *err)
{
	struct live *live = fact->live;
	struct job now, next;
	char kind[24];

	bool is_prepared = fact->prepare != NULL && fact->event.ticket == live->record.job.ticket;

	if (is_prepared) {
		int r = fact->prepare(live, fact, err);
		if (r < 0)
			return r;
	}
	now = live->record.job;
	(live->engine->settings.step != NULL ? live->engine->settings.step : job_step)(
		&live->record.plan, &now, &fact->event, &next, effects);
	int r = tickets_take(live, now.ticket, &next, effects, err);
	if (r < 0)
		return r;
	bool is_changed = memcmp(&now, &next, sizeof(now)) != 0;
	if (is_worth_a_line(fact)) {
		(void)text_print(kind, sizeof(kind), "%s%s",
				 job_event_name((enum job_event_kind)fact->event.kind),
				 is_changed ? "" : " (noted)");
		r = journal(live, kind, (enum reason)fact->event.reason, fact->text, err);
		if (r < 0)
			return r;
	}
	live->record.job = next;
	r = attempt_write(live, &now, effects, fact->text, err);
	for (unsigned i = 0; i < effects->count && r == 0; i++)
		r = effect_write(live, &effects->item[i], fact->text, err);
	if (r == 0 && (is_changed || is_prepared))
		r = store_job_update(live->engine->store, &live->record, err);
	return r;
}

/* ---- after the transaction ---- */

static void
timer_at_wall(struct live *live, struct env_timer *timer, int64_t wall_ms)
{
	struct env *env = live->engine->env;
	int64_t left = wall_ms - env_wall(env);

	env_timer_set(env, timer, env_now(env) + (left > 0 ? left : 0));
}

static void
stall_arm(struct live *live, msec_t stall_ms)
{
	struct env *env = live->engine->env;

	if (stall_ms > 0)
		env_timer_set(env, &live->stall, env_now(env) + stall_ms);
	else
		env_timer_clear(env, &live->stall);
}

/* A new act begins: whatever the old one had in flight is over. */
static void
act_begin(struct live *live, const struct job_effect *timers)
{
	channel_stop(live);
	live->note[0] = '\0';
	live->news_lines = 0;
	live->bytes = live->size = live->status_bytes = 0;
	if (timers->deadline_wall_ms != 0)
		timer_at_wall(live, &live->deadline, timers->deadline_wall_ms);
	stall_arm(live, timers->stall_ms);
}

static void
act_end(struct live *live)
{
	channel_stop(live);
	env_timer_clear(live->engine->env, &live->deadline);
	env_timer_clear(live->engine->env, &live->stall);
}

static void
effect_do(struct live *live, const struct job_effect *effect)
{
	switch ((enum job_effect_kind)effect->kind) {
	case FX_GRANT:
		grants_open(live);
		break;
	case FX_REVOKE:
		grants_close(live, effect->ticket);
		break;
	case FX_COMMAND:
		channel_command(live);
		break;
	case FX_LOOK:
		channel_look(live);
		break;
	case FX_WATCH:
		channel_watch(live);
		break;
	case FX_POLL:
		channel_poll(live);
		break;
	case FX_READ:
		channel_read(live);
		break;
	case FX_WORK:
		work_do(live);
		break;
	case FX_TIMERS:
		act_begin(live, effect);
		break;
	case FX_STALL:
		stall_arm(live, effect->stall_ms);
		break;
	case FX_ASK:
	case FX_FINISH:
		act_end(live);
		break;
	case FX_NOTE:
	case FX_TELL:
		break;
	}
}

static void
todo_do(struct todo *todo)
{
	struct live *live = todo->live;

	for (unsigned i = 0; i < todo->effects.count; i++)
		effect_do(live, &todo->effects.item[i]);
}

static bool
is_in(const struct todo *todos, unsigned count, const struct live *live)
{
	for (unsigned i = 0; i < count; i++)
		if (todos[i].live == live)
			return true;
	return false;
}

/* One fact a job and pass, so that effects are done on the state that decided them; its others
 * wait, in order, for the next pass, and hold up no other job. What is taken has no live any more.
 */
static void
facts_write(struct engine *engine, struct todo *todos, unsigned *ret_todos, struct err *err)
{
	for (unsigned i = 0; i < engine->facts_count && *ret_todos < PASS_MAX; i++) {
		struct fact fact =
			engine->facts[i]; /* prepare() may queue more and move the array */
		if (fact.live == NULL || is_in(todos, *ret_todos, fact.live))
			continue;
		engine->facts[i].live = NULL;
		fact.live->waiting--;
		struct todo *todo = &todos[*ret_todos];
		if (fact_write(&fact, &todo->effects, err) < 0)
			return;
		todo->live = fact.live;
		(*ret_todos)++;
	}
}

static void
facts_drop_taken(struct engine *engine)
{
	unsigned kept = 0;

	for (unsigned i = 0; i < engine->facts_count; i++)
		if (engine->facts[i].live != NULL)
			engine->facts[kept++] = engine->facts[i];
	engine->facts_count = kept;
}

static void
lives_sweep(struct engine *engine)
{
	struct live *next;

	for (struct live *live = engine->lives; live != NULL; live = next) {
		next = live->next;
		if (job_is_over(&live->record.job))
			live_free(live);
	}
}

void
pass_run(struct engine *engine)
{
	struct todo *todos = calloc(PASS_MAX, sizeof(*todos));
	struct err err = { 0 };
	unsigned count = 0;

	if (todos == NULL || engine->is_lost || engine->facts_count == 0) {
		free(todos);
		return;
	}
	int r = store_begin(engine->store, &err);
	if (r == 0)
		facts_write(engine, todos, &count, &err);
	if (r == 0 && err.code == 0)
		r = store_commit(engine->store, &err);
	if (r < 0 || err.code != 0) {
		engine_lose(engine, &err);
		free(todos);
		return;
	}
	facts_drop_taken(engine);
	for (unsigned i = 0; i < count && !engine->is_lost; i++)
		todo_do(&todos[i]);
	free(todos);
	lives_sweep(engine);
	if (engine->facts_count > 0)
		env_timer_set(engine->env, &engine->pass, env_now(engine->env));
}
