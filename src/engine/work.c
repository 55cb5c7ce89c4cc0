/* The manager's own work in a job: convert the snapshot, compare what came back with what was
 * wanted. */
#include "base/text.h"
#include "config/diff.h"
#include "engine/room.h"

#include <stdlib.h>
#include <string.h>

enum { DIFFERENCES_NAMED_MAX = 3 };

const struct migration *
engine_migration(const struct engine *engine, const char *profile, uint32_t from, uint32_t to)
{
	for (unsigned i = 0; i < engine->migrations_count; i++) {
		const struct migration *migration = engine->migrations[i];
		if (text_equal(migration_profile(migration), profile) &&
		    migration_from(migration) == from && migration_to(migration) == to)
			return migration;
	}
	return NULL;
}

int
snapshot_store(struct live *live, const struct sha256 *content, uint64_t size, uint32_t format,
	       const char *role, int64_t *ret_id, struct err *err)
{
	struct snapshot snapshot = { .device_id = live->record.device_id,
				     .job_id = live->record.id };

	snapshot.taken_wall_ms = env_wall(live->engine->env);
	snapshot.content = *content;
	snapshot.size = size;
	snapshot.format = format;
	(void)text_copy(snapshot.role, sizeof(snapshot.role), role);
	(void)text_copy(snapshot.software, sizeof(snapshot.software), live->record.found_version);
	int r = store_snapshot_add(live->engine->store, &snapshot, err);
	if (r == 0)
		*ret_id = snapshot.id;
	return r;
}

int
engine_snapshot_load(struct engine *engine, int64_t id, char **ret_text, size_t *ret_size,
		     struct err *err)
{
	struct snapshot snapshot;

	int r = store_snapshot_get(engine->store, id, &snapshot, err);
	return r < 0 ? r
		     : blobs_load(engine->blobs, &snapshot.content, CONFIG_BYTES_MAX, ret_text,
				  ret_size, err);
}

int
snapshot_parse(struct live *live, int64_t id, struct config **ret_config, struct err *err)
{
	struct snapshot snapshot;
	char *text = NULL;
	size_t size = 0;

	int r = store_snapshot_get(live->engine->store, id, &snapshot, err);
	if (r == 0)
		r = blobs_load(live->engine->blobs, &snapshot.content, CONFIG_BYTES_MAX, &text,
			       &size, err);
	if (r == 0)
		r = config_parse(profile_schema(live->profile), snapshot.format, text, size,
				 ret_config, err);
	free(text);
	return r < 0 ? err_wrap(err, AT, "snapshot %lld", (long long)id) : 0;
}

/* ---- converting ---- */

/* What the conversion made, until the pass stores it. */
static int
convert(struct live *live, const struct snapshot *snapshot, uint32_t format,
	struct sha256 *ret_content, uint64_t *ret_size, struct buf *notes, struct err *err)
{
	CLEANUP(config_freep) struct config *source = NULL, *target = NULL;
	struct migration_account account = { 0 };
	struct buf text;
	const struct schema *schema = profile_schema(live->profile);
	const struct migration *migration =
		engine_migration(live->engine, live->device.profile, snapshot->format, format);

	if (migration == NULL)
		return err_set(err, AT, DD_ENOTFOUND,
			       "no migration from configuration format %u to %u",
			       (unsigned)snapshot->format, (unsigned)format);
	int r = snapshot_parse(live, snapshot->id, &source, err);
	if (r == 0)
		r = migration_apply(migration, schema, source, &target, &account, notes, err);
	if (r < 0)
		return r;
	buf_init(&text, CONFIG_BYTES_MAX);
	r = config_print(schema, target, &text, err);
	if (r == 0) {
		*ret_size = text.size;
		r = blobs_put(live->engine->blobs, text.data, text.size, ret_content, err);
	}
	buf_done(&text);
	if (r == 0) {
		struct buf all = { 0 };
		(void)buf_printf(
			&all,
			"format %u to %u: %zu values carried, %zu changed, %zu dropped, %zu added",
			(unsigned)snapshot->format, (unsigned)format, account.carried,
			account.changed, account.dropped, account.added);
		for (size_t i = 0; i < notes->size; i++) /* lines become one sentence */
			(void)buf_printf(&all, "%s%c", i == 0 ? "; " : "",
					 notes->data[i] != '\n' ? notes->data[i]
					 : i + 1 < notes->size  ? ';'
								: '.');
		buf_done(notes);
		*notes = all;
	}
	return r;
}

/* Inside the transaction: the configuration that the new software is to get. */
static int
prepare_convert(struct live *live, struct fact *fact, struct err *err)
{
	struct engine *engine = live->engine;
	struct snapshot snapshot;
	struct buf notes = { 0 };
	struct err why = { 0 };
	int64_t source = live->record.plan.goal == GOAL_RESTORE && live->record.source_id != 0
				 ? live->record.source_id
				 : live->record.snapshot_id;

	int r = store_snapshot_get(engine->store, source, &snapshot, err);
	if (r < 0)
		return r;
	uint32_t format = live->record.plan.goal == GOAL_UPGRADE
				  ? live->image.config_format
				  : live->record.before.config_format;
	struct sha256 content = snapshot.content;
	uint64_t size = snapshot.size;
	(void)text_copy(fact->text, sizeof(fact->text),
			"the new software reads the same format: the snapshot goes back as it is");
	if (format != 0 && format != snapshot.format) {
		r = convert(live, &snapshot, format, &content, &size, &notes, &why);
		(void)text_copy(fact->text, sizeof(fact->text),
				r < 0 ? why.text : buf_text(&notes));
		buf_done(&notes);
	}
	if (r < 0) {
		fact->event.kind = EV_FAULTED;
		fact->event.reason = REASON_CONVERSION;
		return 0;
	}
	return snapshot_store(live, &content, size, format != 0 ? format : snapshot.format,
			      "wanted", &live->record.wanted_id, err);
}

/* ---- comparing ---- */

struct differences {
	struct buf text;
	unsigned named;
};

static void
name_one(void *arg, const struct config_change *change)
{
	struct differences *differences = arg;

	if (differences->named++ >= DIFFERENCES_NAMED_MAX)
		return;
	(void)buf_add_text(&differences->text, differences->text.size > 0 ? "; " : "");
	config_change_print(change, &differences->text);
}

static void
tell_equal(struct fact *fact, const struct config *config)
{
	struct buf text = { 0 };

	(void)buf_add_text(&text, "the fresh backup means what was wanted:");
	for (int i = 0; i < CATEGORY_COUNT; i++) {
		struct sha256 hash;
		char digits[SHA256_TEXT_SIZE];
		config_hash(config, (enum category)i, &hash);
		(void)buf_printf(&text, "%s %s %zu values SHA-256 %.12s", i > 0 ? "," : "",
				 category_title((enum category)i),
				 config_count(config, (enum category)i),
				 sha256_text(&hash, digits));
	}
	(void)text_copy(fact->text, sizeof(fact->text), buf_text(&text));
	buf_done(&text);
}

static int
prepare_compare(struct live *live, struct fact *fact, struct err *err)
{
	CLEANUP(config_freep) struct config *wanted = NULL, *found = NULL;
	struct differences differences = { 0 };
	struct err why = { 0 };
	int64_t wanted_id = live->record.job.act == ACT_OLD_COMPARE ? live->record.snapshot_id
								    : live->record.wanted_id;

	(void)err;
	int r = snapshot_parse(live, wanted_id, &wanted, &why);
	if (r == 0)
		r = snapshot_parse(live, live->record.confirm_id, &found, &why);
	size_t count = 0;
	if (r == 0 && wanted->format != found->format)
		r = err_set(&why, AT, DD_ECONFLICT,
			    "the device sent configuration format %u; format %u was wanted",
			    (unsigned)found->format, (unsigned)wanted->format);
	if (r == 0)
		count = config_diff(wanted, found, name_one, &differences, NULL);
	if (r == 0 && count == 0) {
		tell_equal(fact, found);
	} else {
		fact->event.kind = EV_FAULTED;
		fact->event.reason = REASON_DIFFERS;
		(void)text_print(fact->text, sizeof(fact->text), "%zu values differ: %s", count,
				 r < 0 ? why.text : buf_text(&differences.text));
	}
	buf_done(&differences.text);
	return 0;
}

/* The work is done in the next pass, inside its transaction: what it makes and what it decides
 * become durable together. */
void
work_do(struct live *live)
{
	struct fact *fact = fact_add(live, EV_WORKED, live->record.job.ticket, REASON_NONE, NULL);

	fact->prepare = live->record.job.act == ACT_CONVERT ? prepare_convert : prepare_compare;
}
