/* What the operator is told: the question after a failure, and what is on the device now. */
#include "base/text.h"
#include "engine/room.h"

/* Did it tell a version that is neither the old nor the new one? */
static bool
is_other(const struct job_record *record)
{
	return record->found_version[0] != '\0' &&
	       !text_equal(record->found_version, record->old_version) &&
	       !text_equal(record->found_version, record->new_version);
}

static const char *
software_text(const struct live *live, char buf[static 160])
{
	const struct job_record *record = &live->record;

	switch ((enum software)record->job.software) {
	case SOFTWARE_OLD:
		(void)text_print(buf, 160, "runs %.60s, its old software",
				 record->old_version[0] != '\0' ? record->old_version
								: "unknown software");
		break;
	case SOFTWARE_NEW:
		(void)text_print(buf, 160, "runs %.60s, the new software", record->new_version);
		break;
	case SOFTWARE_PENDING:
		(void)text_print(
			buf, 160,
			"runs %.60s, its old software; the new one may start at the next restart",
			record->old_version);
		break;
	case SOFTWARE_UNKNOWN:
		if (is_other(record))
			(void)text_print(buf, 160,
					 "runs %.60s, neither its old nor the new software",
					 record->found_version);
		else
			(void)text_copy(buf, 160,
					"has not told what it runs since it was restarted");
		break;
	}
	return buf;
}

static const char *
configuration_text(enum configuration configuration)
{
	static const char *const texts[] = {
		[CONFIGURATION_UNTOUCHED] = "its configuration is untouched",
		[CONFIGURATION_UNKNOWN] = "its configuration is not known; the snapshot is kept",
		[CONFIGURATION_LOST] = "its configuration is not restored; the snapshot is kept",
		[CONFIGURATION_RESTORED] = "its configuration is restored, but not confirmed",
		[CONFIGURATION_CONFIRMED] = "its configuration is confirmed by a fresh backup",
	};

	return texts[configuration];
}

void
question_state(const struct live *live, char *text, size_t size)
{
	char software[160];

	(void)text_print(text, size, "the device %s; %s", software_text(live, software),
			 configuration_text((enum configuration)live->record.job.configuration));
}

struct standing {
	int64_t job_id;
	uint32_t ticket;
	bool was_found;
};

static bool
find_standing(void *arg, const struct decision *decision)
{
	struct standing *standing = arg;

	standing->was_found =
		decision->job_id == standing->job_id && decision->ticket == standing->ticket;
	return !standing->was_found;
}

int
question_ask(struct live *live, struct err *err)
{
	const struct job *job = &live->record.job;
	struct standing standing = { .job_id = live->record.id, .ticket = job->ticket };
	struct decision decision = { .job_id = live->record.id, .ticket = job->ticket };
	char state[STORE_NOTE_MAX];

	int r = store_decision_list(live->engine->store, true, find_standing, &standing, err);
	if (r < 0 || standing.was_found)
		return r; /* resumed: the question stands already */
	decision.asked_wall_ms = env_wall(live->engine->env);
	decision.may_retry = job_may_answer(job, EV_RETRY);
	decision.may_rollback = job_may_answer(job, EV_ROLLBACK);
	decision.may_stop = job_may_answer(job, EV_STOP);
	(void)text_copy(decision.device_name, sizeof(decision.device_name), live_name(live));
	(void)text_copy(decision.step, sizeof(decision.step),
			job_step_name(job_act_step((enum job_act)job->failed_act)));
	(void)text_copy(decision.reason, sizeof(decision.reason),
			reason_name((enum reason)job->reason));
	question_state(live, state, sizeof(state));
	(void)text_print(decision.question, sizeof(decision.question),
			 "%s: %.400s. Now %.300s. Next: %s", live_name(live), live->record.text,
			 state, reason_advice((enum reason)job->reason));
	return store_decision_add(live->engine->store, &decision, err);
}
