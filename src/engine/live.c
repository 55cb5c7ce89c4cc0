/* Open jobs in memory: made from their records, found by id, device or ticket, freed when they end.
 */
#include "base/text.h"
#include "engine/room.h"

#include <stdlib.h>

static void
deadline_fired(void *arg)
{
	struct live *live = arg;

	(void)fact_add(live, EV_DEADLINE, live->record.job.ticket, REASON_LATE, "last seen: %s",
		       live->note[0] != '\0' ? live->note : "nothing");
}

static void
stall_fired(void *arg)
{
	struct live *live = arg;

	(void)fact_add(live, EV_STALL, live->record.job.ticket, REASON_STALLED, "last seen: %s",
		       live->note[0] != '\0' ? live->note : "nothing");
}

/* What the record names: its device, credential, profile and image. What is gone is found out by
 * the preflight. */
static int
load_nouns(struct live *live, struct err *err)
{
	struct engine *engine = live->engine;
	struct job_record *record = &live->record;

	int r = store_device_get_id(engine->store, record->device_id, &live->device, err);
	if (r < 0)
		return err_wrap(err, AT, "job %lld", (long long)record->id);
	r = store_credential_get(engine->store, live->device.credential, &live->credential, err);
	if (r < 0)
		return err_wrap(err, AT, "device %s", live->device.name);
	if (record->image_id != 0) {
		r = store_image_get(engine->store, record->image_id, &live->image, err);
		if (r < 0)
			return err_wrap(err, AT, "job %lld", (long long)record->id);
	}
	live->profile = engine_profile(engine, live->device.profile);
	if (live->profile == NULL)
		return err_set(err, AT, DD_ENOTFOUND, "device %s: no profile %s is loaded",
			       live->device.name, live->device.profile);
	return 0;
}

int
live_new(struct engine *engine, const struct job_record *record, struct live **ret_live,
	 struct err *err)
{
	if (engine->lives_count >= LIVES_MAX)
		return err_set(err, AT, DD_EFULL, "%d jobs are open: wait until some have ended",
			       LIVES_MAX);

	struct live *live = calloc(1, sizeof(*live));
	if (live == NULL)
		return err_set(err, AT, DD_ENOMEM, "no memory for a job");
	live->engine = engine;
	live->record = *record;
	live->deadline = (struct env_timer){ .fire = deadline_fired, .arg = live };
	live->stall = (struct env_timer){ .fire = stall_fired, .arg = live };
	live->again = (struct env_timer){ .arg = live };
	int r = load_nouns(live, err);
	if (r < 0) {
		free(live);
		return r;
	}
	live->next = engine->lives;
	engine->lives = live;
	engine->lives_count++;
	*ret_live = live;
	return 0;
}

void
live_free(struct live *live)
{
	if (live == NULL)
		return;

	struct engine *engine = live->engine;
	for (struct live **link = &engine->lives; *link != NULL; link = &(*link)->next) {
		if (*link == live) {
			*link = live->next;
			engine->lives_count--;
			break;
		}
	}
	for (unsigned i = 0; i < engine->facts_count; i++)
		if (engine->facts[i].live == live)
			engine->facts[i].live = NULL;
	channel_stop(live);
	env_timer_clear(engine->env, &live->deadline);
	env_timer_clear(engine->env, &live->stall);
	free(live);
}

struct live *
live_find(const struct engine *engine, int64_t job_id)
{
	for (struct live *live = engine->lives; live != NULL; live = live->next)
		if (live->record.id == job_id)
			return live;
	return NULL;
}

struct live *
live_of_device(struct engine *engine, int64_t device_id)
{
	for (struct live *live = engine->lives; live != NULL; live = live->next)
		if (live->record.device_id == device_id)
			return live;
	return NULL;
}

const char *
live_name(const struct live *live)
{
	return live->record.device_name;
}

bool
engine_job_progress(const struct engine *engine, int64_t job, uint64_t *ret_bytes,
		    uint64_t *ret_size)
{
	const struct live *live = live_find(engine, job);

	if (live == NULL)
		return false;
	*ret_bytes = live->bytes;
	*ret_size = live->size;
	return true;
}
