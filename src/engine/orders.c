/* What an operator can order: credentials, images, jobs and answers. Each is checked, made durable,
 * and only then acted upon. */
#include "base/text.h"
#include "engine/room.h"

#include <stdlib.h>
#include <string.h>

enum {
	HEADER_BYTES_MAX = 4096, /* of an image's first file, where its header is looked for */
	RETRIES_DEFAULT = 3,
	ROLLBACK_TRIES = 3,
	LOOK_AFTER_MS = 5000,
	RATE_WORST = 50000, /* bytes a second that a slow link still moves */
};

/* Scheduled times where the order names none; an update's grows with the image. */
static const msec_t limits_ms[STEP_COUNT] = {
	[STEP_PREFLIGHT] = 30000, [STEP_BACKUP] = 120000,   [STEP_KEEP] = 300000,
	[STEP_UPDATE] = 600000,   [STEP_CONVERT] = 60000,   [STEP_RESTORE] = 180000,
	[STEP_CONFIRM] = 300000,  [STEP_ROLLBACK] = 600000,
};
static const msec_t stalls_ms[STEP_COUNT] = {
	[STEP_BACKUP] = 30000,  [STEP_UPDATE] = 60000,   [STEP_RESTORE] = 30000,
	[STEP_CONFIRM] = 30000, [STEP_ROLLBACK] = 60000,
};

/* Run one write as a transaction of its own. */
#define IN_TRANSACTION(engine, write, err)                       \
	__extension__({                                          \
		int r_ = store_begin((engine)->store, err);      \
		if (r_ == 0) {                                   \
			r_ = (write);                            \
			if (r_ == 0)                             \
				r_ = engine_commit(engine, err); \
			else                                     \
				store_rollback((engine)->store); \
		}                                                \
		r_;                                              \
	})

int
engine_credential_put(struct engine *engine, const struct credential *credential, struct err *err)
{
	if (!text_is_name(credential->name, NAME_MAX_ - 1))
		return err_set(err, AT, DD_EINVAL,
			       "'%.64s' can't be a name: use letters, digits, '.', '_' and '-'",
			       credential->name);
	if (credential->community[0] == '\0')
		return err_set(err, AT, DD_EINVAL, "credential %s: the community is empty",
			       credential->name);
	return IN_TRANSACTION(engine, store_credential_put(engine->store, credential, err), err);
}

int
engine_device_remove(struct engine *engine, const char *name, struct err *err)
{
	struct device device;

	int r = store_device_get(engine->store, name, &device, err);
	if (r < 0)
		return r;
	if (live_of_device(engine, device.id) != NULL)
		return err_set(err, AT, DD_EBUSY,
			       "device %s has a job that is not over: stop it first", name);
	return IN_TRANSACTION(engine, store_device_remove(engine->store, device.id, err), err);
}

/* ---- images ---- */

/* Hash all files in order, and read the first one's header. */
static int
image_measure(struct engine *engine, struct image *image, struct sha256 *ret_content, char *header,
	      size_t *header_size, struct err *err)
{
	struct sha256_state hash;
	uint8_t *chunk = malloc(64 << 10);

	if (chunk == NULL)
		return err_set(err, AT, DD_ENOMEM, "no memory to read an image");
	sha256_init(&hash);
	image->size = 0;
	*header_size = 0;
	int r = 0;
	for (unsigned i = 0; i < image->files_count && r == 0; i++) {
		struct env_file *file = NULL;
		r = blobs_get(engine->blobs, &image->files[i].content, &file, &image->files[i].size,
			      err);
		for (uint64_t at = 0; r == 0 && at < image->files[i].size;) {
			int64_t got = env_file_read(file, at, chunk, 64 << 10);
			if (got <= 0) {
				r = err_set(err, AT, DD_EIO, "can't read the stored file %s",
					    image->files[i].name);
				break;
			}
			if (i == 0 && at == 0) {
				*header_size =
					(size_t)(got < HEADER_BYTES_MAX ? got : HEADER_BYTES_MAX);
				memcpy(header, chunk, *header_size);
			}
			sha256_add(&hash, chunk, (size_t)got);
			at += (uint64_t)got;
		}
		env_file_close(file);
		image->size += image->files[i].size;
	}
	sha256_end(&hash, ret_content);
	free(chunk);
	return r;
}

/* What the operator did not say is taken from the file's own header; what both say must agree. */
static int
image_merge(struct image *image, const struct image *header, struct err *err)
{
	if (image->version[0] == '\0')
		(void)text_copy(image->version, sizeof(image->version), header->version);
	if (image->version[0] == '\0')
		return err_set(err, AT, DD_EINVAL,
			       "the image's version is not known: give it with --version");
	if (header->version[0] != '\0' && !text_equal(image->version, header->version))
		return err_set(err, AT, DD_ECONFLICT, "the file says that it is version %s, not %s",
			       header->version, image->version);
	if (image->models_count == 0) {
		image->models_count = header->models_count;
		memcpy(image->models, header->models, sizeof(image->models));
	}
	if (image->revisions_count == 0) {
		image->revisions_count = header->revisions_count;
		memcpy(image->revisions, header->revisions, sizeof(image->revisions));
	}
	if (image->config_format == 0)
		image->config_format = header->config_format;
	return 0;
}

int
engine_image_add(struct engine *engine, struct image *image, struct err *err)
{
	const struct profile *profile = engine_profile(engine, image->profile);
	char header_bytes[HEADER_BYTES_MAX];
	size_t header_size = 0;
	struct image *header = calloc(1, sizeof(*header));

	if (header == NULL)
		return err_set(err, AT, DD_ENOMEM, "no memory for an image");
	int r = 0;
	if (profile == NULL)
		r = err_set(err, AT, DD_ENOTFOUND,
			    "no profile %s is loaded: drydock profile list names them",
			    image->profile);
	else if (image->files_count == 0 || image->files_count > profile_files_max(profile))
		r = err_set(err, AT, DD_EINVAL, "an image of %s has 1 to %u files", image->profile,
			    profile_files_max(profile));
	if (r == 0)
		r = image_measure(engine, image, &image->content, header_bytes, &header_size, err);
	if (r == 0 && image->size == 0)
		r = err_set(err, AT, DD_EINVAL, "the image is empty");
	if (r == 0)
		r = profile_image_read(profile, header_bytes, header_size, header, err);
	if (r == 0)
		r = image_merge(image, header, err);
	free(header);
	if (r < 0)
		return r;
	image->added_wall_ms = env_wall(engine->env);
	return IN_TRANSACTION(engine, store_image_add(engine->store, image, err), err);
}

/* Is it what the job installs, or what it would go back to? */
static bool
uses_image(const struct live *live, const struct image *image)
{
	const struct job_record *record = &live->record;

	return record->image_id == image->id ||
	       (record->plan.goal == GOAL_UPGRADE && record->plan.way_back == WAY_IMAGE &&
		text_equal(live->device.profile, image->profile) &&
		text_equal(record->old_version, image->version));
}

int
engine_image_remove(struct engine *engine, int64_t id, struct err *err)
{
	struct image image;

	int r = store_image_get(engine->store, id, &image, err);
	if (r < 0)
		return r;
	for (struct live *live = engine->lives; live != NULL; live = live->next)
		if (uses_image(live, &image))
			return err_set(err, AT, DD_EBUSY, "job %lld uses this image",
				       (long long)live->record.id);
	return IN_TRANSACTION(engine, store_image_remove(engine->store, id, err), err);
}

/* ---- jobs ---- */

static void
plan_make(const struct job_order *order, const struct profile *profile, const struct image *image,
	  struct job_plan *ret_plan)
{
	struct job_plan *plan = ret_plan;

	*plan = (struct job_plan){ .goal = (uint8_t)order->goal,
				   .on_failure = (uint8_t)order->on_failure };
	plan->retries_max = (uint8_t)(order->retries_max == 0          ? RETRIES_DEFAULT
				      : order->retries_max < UINT8_MAX ? order->retries_max
								       : UINT8_MAX);
	plan->rollback_tries_max = ROLLBACK_TRIES;
	plan->way_back = profile_slots(profile) >= 2 ? WAY_SLOT : WAY_IMAGE;
	plan->has_activate = profile_has(profile, OPERATION_ACTIVATE);
	plan->look_ms = LOOK_AFTER_MS;
	for (int i = 0; i < OPERATION_COUNT; i++)
		if (profile_has(profile, (enum operation)i))
			plan->repeat[i] = (uint8_t)profile_repeat(profile, (enum operation)i);
	for (int i = 0; i < STEP_COUNT; i++) {
		plan->limit_ms[i] = order->limit_ms[i] != 0 ? order->limit_ms[i] : limits_ms[i];
		plan->stall_ms[i] = order->stall_ms[i] != 0 ? order->stall_ms[i] : stalls_ms[i];
	}
	if (image != NULL && order->limit_ms[STEP_UPDATE] == 0)
		plan->limit_ms[STEP_UPDATE] += (msec_t)(image->size * 1000 / RATE_WORST);
}

/* Does the family have every operation that the goal needs? */
static int
check_operations(const struct job_order *order, const struct profile *profile, struct err *err)
{
	static const enum operation upgrade[] = { OPERATION_FETCH, OPERATION_RELOAD,
						  OPERATION_RESTORE };
	bool is_upgrade = order->goal == GOAL_UPGRADE;
	enum operation missing = OPERATION_NONE;

	if (!profile_has(profile, OPERATION_BACKUP))
		missing = OPERATION_BACKUP;
	for (size_t i = 0; is_upgrade && i < ARRAY_COUNT(upgrade); i++)
		if (!profile_has(profile, upgrade[i]))
			missing = upgrade[i];
	if (is_upgrade && profile_slots(profile) >= 2 && !profile_has(profile, OPERATION_KEEP))
		missing = OPERATION_KEEP;
	if (is_upgrade && profile_slots(profile) >= 2 && !profile_has(profile, OPERATION_ROLLBACK))
		missing = OPERATION_ROLLBACK;
	if (order->goal == GOAL_RESTORE && !profile_has(profile, OPERATION_RESTORE))
		missing = OPERATION_RESTORE;
	if (missing == OPERATION_NONE)
		return 0;
	return err_set(err, AT, DD_EUNSUPPORTED, "profile %s has no operation %s, which %s needs",
		       profile_name(profile), operation_name(missing), job_goal_name(order->goal));
}

static int
check_image(struct engine *engine, const struct job_order *order, const struct device *device,
	    struct image *image, struct err *err)
{
	if (order->goal != GOAL_UPGRADE)
		return 0;
	int r = store_image_get(engine->store, order->image_id, image, err);
	if (r < 0)
		return r;
	if (!text_equal(image->profile, device->profile))
		return err_set(err, AT, DD_ECONFLICT,
			       "image %lld is for profile %s; device %s has profile %s",
			       (long long)image->id, image->profile, device->name, device->profile);
	for (unsigned i = 0; i < image->files_count; i++)
		if (!blobs_has(engine->blobs, &image->files[i].content, NULL))
			return err_set(
				err, AT, DD_ENOTFOUND,
				"file %s of image %lld is not in the store any more: add it again",
				image->files[i].name, (long long)image->id);
	return 0;
}

static int
record_make(struct engine *engine, const struct job_order *order, const struct device *device,
	    struct job_record *ret_record, struct err *err)
{
	const struct profile *profile = engine_profile(engine, device->profile);
	struct image *image = calloc(1, sizeof(*image));
	struct snapshot snapshot;

	if (image == NULL)
		return err_set(err, AT, DD_ENOMEM, "no memory for a job");
	*ret_record = (struct job_record){ .device_id = device->id,
					   .takes_unproven = order->takes_unproven,
					   .source_id = order->snapshot_id };
	ret_record->protocol =
		(uint8_t)(order->protocol != PROTOCOL_NONE ? order->protocol : PROTOCOL_TFTP);
	ret_record->made_wall_ms = env_wall(engine->env);
	(void)text_copy(ret_record->device_name, sizeof(ret_record->device_name), device->name);
	int r = 0;
	if (profile == NULL)
		r = err_set(err, AT, DD_ENOTFOUND, "device %s: no profile %s is loaded",
			    device->name, device->profile);
	else if (!profile_allows(profile, (enum protocol)ret_record->protocol))
		r = err_set(err, AT, DD_EUNSUPPORTED, "profile %s does not know protocol %s",
			    device->profile, protocol_name((enum protocol)ret_record->protocol));
	if (r == 0)
		r = check_operations(order, profile, err);
	if (r == 0)
		r = check_image(engine, order, device, image, err);
	if (r == 0 && order->goal == GOAL_RESTORE) {
		r = store_snapshot_get(engine->store, order->snapshot_id, &snapshot, err);
		if (r == 0 && snapshot.device_id != device->id)
			r = err_set(err, AT, DD_ECONFLICT, "snapshot %lld is of another device",
				    (long long)order->snapshot_id);
	}
	if (r == 0) {
		plan_make(order, profile, order->goal == GOAL_UPGRADE ? image : NULL,
			  &ret_record->plan);
		ret_record->image_id = order->goal == GOAL_UPGRADE ? image->id : 0;
		(void)text_copy(ret_record->new_version, sizeof(ret_record->new_version),
				image->version);
	}
	free(image);
	return r;
}

int
engine_job_start(struct engine *engine, const struct job_order *order, int64_t *ret_job,
		 struct err *err)
{
	struct device device;
	struct job_record record;
	struct live *live = NULL;

	int r = store_device_get(engine->store, order->device, &device, err);
	if (r == 0 && live_of_device(engine, device.id) != NULL)
		r = err_set(err, AT, DD_EBUSY,
			    "device %s has job %lld, which is not over: wait for it or stop it",
			    device.name, (long long)live_of_device(engine, device.id)->record.id);
	if (r == 0 && engine->lives_count >= LIVES_MAX) /* before it is written */
		r = err_set(err, AT, DD_EFULL, "%d jobs are open: wait until some have ended",
			    LIVES_MAX);
	if (r == 0)
		r = record_make(engine, order, &device, &record, err);
	if (r == 0)
		r = IN_TRANSACTION(engine, store_job_add(engine->store, &record, err), err);
	if (r == 0)
		r = live_new(engine, &record, &live, err);
	if (r < 0)
		return r;
	(void)fact_add(live, EV_START, 0, REASON_NONE, NULL);
	*ret_job = record.id;
	return 0;
}

/* ---- answers ---- */

static int
answer_write(struct engine *engine, struct live *live, int64_t decision_id,
	     enum job_event_kind answer, const char *note, struct err *err)
{
	const char *word = job_event_name(answer);

	int r = store_decision_answer(engine->store, decision_id, word, note, env_wall(engine->env),
				      err);
	if (r < 0)
		return r;
	return journal(live, "answer", REASON_OPERATOR, note[0] != '\0' ? note : word, err);
}

int
engine_decide(struct engine *engine, int64_t decision_id, enum job_event_kind answer,
	      const char *note, struct err *err)
{
	struct decision decision;

	int r = store_decision_get(engine->store, decision_id, &decision, err);
	if (r < 0)
		return r;
	struct live *live = live_find(engine, decision.job_id);
	if (decision.answered_wall_ms != 0 || live == NULL ||
	    live->record.job.ticket != decision.ticket)
		return err_set(err, AT, DD_ECONFLICT, "decision %lld is not open any more%s%s",
			       (long long)decision_id,
			       decision.answer[0] != '\0' ? ": it was answered " : "",
			       decision.answer);
	if (!job_may_answer(&live->record.job, answer))
		return err_set(err, AT, DD_ECONFLICT, "%s is no answer here: %s%s%s",
			       job_event_name(answer), decision.may_retry ? "retry, " : "",
			       decision.may_rollback ? "rollback, " : "", "stop");
	r = IN_TRANSACTION(
		engine,
		answer_write(engine, live, decision_id, answer, note != NULL ? note : "", err),
		err);
	if (r < 0)
		return r;
	(void)fact_add(live, answer, decision.ticket, REASON_OPERATOR, "the operator answered %s",
		       job_event_name(answer));
	pass_run(engine);
	return engine->is_lost ? err_set(err, AT, DD_EIO, "the answer could not be written") : 0;
}
