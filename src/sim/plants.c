/* Bugs planted on purpose: the mistakes that a workflow engine is most likely to make. */
#include "sim/plants.h"

static void
drop(struct job_effects *effects, enum job_effect_kind kind)
{
	unsigned kept = 0;

	for (unsigned i = 0; i < effects->count; i++)
		if (effects->item[i].kind != kind)
			effects->item[kept++] = effects->item[i];
	effects->count = kept;
}

/* An unanswered update command is simply given again, as a new one. */
static void
step_resend(const struct job_plan *plan, const struct job *now, const struct job_event *event,
	    struct job *next, struct job_effects *effects)
{
	job_step(plan, now, event, next, effects);
	if (now->act != ACT_FETCH || next->phase != PHASE_LOOKING || now->phase == PHASE_LOOKING)
		return;
	next->ticket++;
	next->phase = PHASE_OPENING;
	effects->count = 2;
	effects->item[0] =
		(struct job_effect){ .kind = FX_REVOKE, .act = ACT_FETCH, .ticket = now->ticket };
	effects->item[1] =
		(struct job_effect){ .kind = FX_GRANT, .act = ACT_FETCH, .ticket = next->ticket };
}

/* The device's word alone is taken for a backup. */
static void
step_word(const struct job_plan *plan, const struct job *now, const struct job_event *event,
	  struct job *next, struct job_effects *effects)
{
	struct job trusting = *now;

	if (now->act == ACT_BACKUP && event->kind == EV_REPORT && event->ticket == now->ticket)
		trusting.needs &= (uint8_t)~NEED_LEDGER;
	job_step(plan, &trusting, event, next, effects);
}

/* The fresh backup is made and not looked at. */
static void
step_uncompared(const struct job_plan *plan, const struct job *now, const struct job_event *event,
		struct job *next, struct job_effects *effects)
{
	struct job_event blind = *event;

	if (now->act == ACT_COMPARE && event->kind == EV_FAULTED)
		blind.kind = EV_WORKED;
	job_step(plan, now, &blind, next, effects);
}

/* Nobody looks at the clock. */
static void
step_patient(const struct job_plan *plan, const struct job *now, const struct job_event *event,
	     struct job *next, struct job_effects *effects)
{
	struct job_event never = *event;

	if (event->kind == EV_DEADLINE || event->kind == EV_STALL)
		never.ticket = now->ticket + 1;
	job_step(plan, now, &never, next, effects);
}

/* Permissions are left open. */
static void
step_open(const struct job_plan *plan, const struct job *now, const struct job_event *event,
	  struct job *next, struct job_effects *effects)
{
	job_step(plan, now, event, next, effects);
	drop(effects, FX_REVOKE);
}

/* A second update is commanded without going back first. */
static void
step_hasty(const struct job_plan *plan, const struct job *now, const struct job_event *event,
	   struct job *next, struct job_effects *effects)
{
	struct job hasty = *now;

	if (job_act_step((enum job_act)now->act) != STEP_ROLLBACK && event->kind != EV_ROLLBACK)
		hasty.is_touched = hasty.new_may_run = false;
	job_step(plan, &hasty, event, next, effects);
	next->is_touched = next->is_touched || now->is_touched;
	next->new_may_run = next->new_may_run || now->new_may_run;
}

const struct plant plants[] = {
	{ "resend", "an unanswered update command is given again as a new one",
	  "never flashed twice by accident", NULL, step_resend },
	{ "word", "the device's word alone is taken for a backup", "a configuration is never lost",
	  NULL, step_word },
	{ "uncompared", "the fresh backup is not compared", "success is proven", "lossy-restore:0",
	  step_uncompared },
	{ "patient", "nobody looks at the clock", "nothing waits for ever", "hang=backup",
	  step_patient },
	{ "open", "grants are left open", "nobody gets in", NULL, step_open },
	{ "hasty", "a second update without going back first", "old software before another try",
	  "wrong:0", step_hasty },
};
const unsigned plants_count = ARRAY_COUNT(plants);
