/* The manager's life: open everything, read profiles and migrations, resume every open job; and
 * close it all. */
#include "engine/engine.h"

#include "base/text.h"
#include "engine/room.h"

#include <stdlib.h>
#include <string.h>

enum { FILE_BYTES_MAX = 1 << 20, PATH_MAX_ = 512 };

/* ---- profiles and migrations ---- */

struct folder {
	struct engine *engine;
	const char *path;
	int (*load)(struct engine *engine, const char *file, const char *text, size_t size,
		    struct err *err);
};

static int
load_profile(struct engine *engine, const char *file, const char *text, size_t size,
	     struct err *err)
{
	struct profile *profile;

	if (engine->profiles_count >= PROFILES_MAX)
		return err_set(err, AT, DD_EFULL, "%s: at most %d profiles are loaded", file,
			       PROFILES_MAX);
	int r = profile_load(file, text, size, &profile, err);
	if (r < 0)
		return r;
	if (engine_profile(engine, profile_name(profile)) != NULL) {
		r = err_set(err, AT, DD_EEXIST, "%s: a profile named %s is loaded already", file,
			    profile_name(profile));
		profile_free(profile);
		return r;
	}
	engine->profiles[engine->profiles_count++] = profile;
	return 0;
}

static int
load_migration(struct engine *engine, const char *file, const char *text, size_t size,
	       struct err *err)
{
	struct migration *migration;

	if (engine->migrations_count >= MIGRATIONS_MAX)
		return err_set(err, AT, DD_EFULL, "%s: at most %d migrations are loaded", file,
			       MIGRATIONS_MAX);
	int r = migration_load(file, text, size, &migration, err);
	if (r < 0)
		return r;
	if (engine_migration(engine, migration_profile(migration), migration_from(migration),
			     migration_to(migration)) != NULL) {
		r = err_set(err, AT, DD_EEXIST,
			    "%s: a migration between these formats is loaded already", file);
		migration_free(migration);
		return r;
	}
	engine->migrations[engine->migrations_count++] = migration;
	return 0;
}

static void
load_one(void *arg, const char *name)
{
	struct folder *folder = arg;
	struct engine *engine = folder->engine;
	char path[PATH_MAX_];
	char *text = NULL;
	size_t size = 0, length = strlen(name);
	struct err err = { 0 };

	if (length < 6 || !text_equal(name + length - 5, ".yaml") ||
	    !text_print(path, sizeof(path), "%s/%s", folder->path, name))
		return;
	int r = env_file_load(engine->env, path, FILE_BYTES_MAX, &text, &size, &err);
	if (r == 0)
		r = folder->load(engine, path, text, size, &err);
	if (r < 0)
		log_line(engine->settings.log, LOG_WARNING, "left out: %s", err.text);
	free(text);
}

static void
load_folder(struct engine *engine, const char *path,
	    int (*load)(struct engine *, const char *, const char *, size_t, struct err *))
{
	struct folder folder = { engine, path, load };
	struct err err = { 0 };

	if (path != NULL && env_dir_list(engine->env, path, load_one, &folder, &err) < 0)
		log_line(engine->settings.log, LOG_INFO, "%s", err.text);
}

/* The operator's own files are read first, so that they stand before those that come with Drydock.
 */
static void
load_all(struct engine *engine)
{
	char path[PATH_MAX_];

	(void)text_print(path, sizeof(path), "%s/profiles", engine->folder);
	load_folder(engine, path, load_profile);
	load_folder(engine, engine->settings.profiles, load_profile);
	(void)text_print(path, sizeof(path), "%s/migrations", engine->folder);
	load_folder(engine, path, load_migration);
	load_folder(engine, engine->settings.migrations, load_migration);
}

const struct profile *
engine_profile(const struct engine *engine, const char *name)
{
	for (unsigned i = 0; i < engine->profiles_count; i++)
		if (text_equal(profile_name(engine->profiles[i]), name))
			return engine->profiles[i];
	return NULL;
}

unsigned
engine_profile_count(const struct engine *engine)
{
	return engine->profiles_count;
}

const struct profile *
engine_profile_at(const struct engine *engine, unsigned i)
{
	return engine->profiles[i];
}

/* ---- open and close ---- */

static int
open_world(struct engine *engine, struct err *err)
{
	static const struct manager_link_events link_events = {
		.ledger = grants_ledger,
		.changed = grants_link_changed,
		.granted = grants_granted,
	};
	const struct engine_settings *settings = &engine->settings;
	char path[PATH_MAX_];

	(void)text_print(path, sizeof(path), "%s/store.db", engine->folder);
	int r = store_open(path, settings->vfs, settings->log, &engine->store, err);
	if (r < 0)
		return r;
	if (env_dir_sync(engine->env, engine->folder) <
	    0) /* SQLite leaves the name of a new file to us */
		return err_set(err, AT, DD_EIO, "%s can't be made durable", engine->folder);
	(void)text_print(path, sizeof(path), "%s/blobs", engine->folder);
	r = blobs_open(engine->env, path, &engine->blobs, err);
	if (r < 0)
		return r;
	r = snmp_manager_new(engine->env, NULL, settings->log, &engine->snmp, err);
	if (r == 0 && settings->trap.family != ADDR_NONE)
		r = snmp_listener_new(engine->env, &settings->trap, channel_heard, engine,
				      settings->log, &engine->traps, err);
	if (r < 0)
		return r;
	return manager_link_new(engine->env, &settings->link, engine->blobs, &link_events, engine,
				settings->log, &engine->link, err);
}

static bool
resume_one(void *arg, const struct job_record *record)
{
	struct engine *engine = arg;
	struct live *live;
	struct err err = { 0 };

	if (live_new(engine, record, &live, &err) < 0) {
		log_line(engine->settings.log, LOG_ERROR, "job %lld can't go on: %s",
			 (long long)record->id, err.text);
		return true;
	}
	/* a question stands in the store as it was put */
	if (record->job.state != JOB_ASKING)
		(void)fact_add(live, record->job.state == JOB_QUEUED ? EV_START : EV_RESUME,
			       record->job.ticket, REASON_NONE, NULL);
	return true;
}

/* An answer is durable before it is acted upon: where we ended in between, it is given again. */
static bool
answer_again(void *arg, const struct decision *decision)
{
	static const enum job_event_kind answers[] = { EV_RETRY, EV_ROLLBACK, EV_STOP };
	struct engine *engine = arg;
	struct live *live =
		decision->answered_wall_ms != 0 ? live_find(engine, decision->job_id) : NULL;

	if (live == NULL || live->record.job.state != JOB_ASKING ||
	    live->record.job.ticket != decision->ticket)
		return true;
	for (size_t i = 0; i < ARRAY_COUNT(answers); i++)
		if (text_equal(decision->answer, job_event_name(answers[i])))
			(void)fact_add(live, answers[i], decision->ticket, REASON_OPERATOR,
				       "the operator answered %s", decision->answer);
	return true;
}

/* The file service may connect before every job had its turn; a grant that it is not told of by
 * then is closed, and its transfer broken. */
static bool
grant_again(void *arg, const struct grant_record *record)
{
	struct engine *engine = arg;
	const struct live *live = live_find(engine, record->job_id);
	struct err err = { 0 };

	if (live != NULL && live->record.job.ticket == record->ticket &&
	    manager_link_grant(engine->link, &record->grant, &err) < 0)
		log_line(engine->settings.log, LOG_WARNING, "device %s: %s", live_name(live),
			 err.text);
	return true;
}

static int
resume_all(struct engine *engine, struct err *err)
{
	int r = store_job_list(engine->store, true, 0, resume_one, engine, err);

	if (r == 0)
		r = store_decision_list(engine->store, false, answer_again, engine, err);
	return r == 0 ? store_grant_list(engine->store, 0, 0, true, grant_again, engine, err) : r;
}

static void
pass_fired(void *arg)
{
	pass_run(arg);
}

int
engine_new(struct env *env, const struct engine_settings *settings, struct engine **ret_engine,
	   struct err *err)
{
	struct engine *engine = calloc(1, sizeof(*engine));

	if (engine == NULL)
		return err_set(err, AT, DD_ENOMEM, "no memory for the manager");
	engine->env = env;
	engine->settings = *settings;
	engine->pass = (struct env_timer){ .fire = pass_fired, .arg = engine };
	int r = text_copy(engine->folder, sizeof(engine->folder), settings->folder)
			? open_world(engine, err)
			: err_set(err, AT, DD_EINVAL,
				  "the path of the data folder is longer than %d characters",
				  ADDR_PATH_MAX - 1);
	if (r == 0) {
		load_all(engine);
		r = resume_all(engine, err);
	}
	if (r < 0) {
		engine_free(engine);
		return r;
	}
	*ret_engine = engine;
	return 0;
}

void
engine_free(struct engine *engine)
{
	if (engine == NULL)
		return;
	while (engine->lives != NULL)
		live_free(engine->lives);
	probing_free_all(engine);
	env_timer_clear(engine->env, &engine->pass);
	env_timer_clear(engine->env, &engine->end);
	manager_link_free(engine->link);
	snmp_listener_free(engine->traps);
	snmp_manager_free(engine->snmp);
	blobs_close(engine->blobs);
	store_close(engine->store);
	for (unsigned i = 0; i < engine->profiles_count; i++)
		profile_free(engine->profiles[i]);
	for (unsigned i = 0; i < engine->migrations_count; i++)
		migration_free(engine->migrations[i]);
	free(engine->facts);
	free(engine);
}

struct store *
engine_store(struct engine *engine)
{
	return engine->store;
}

struct blobs *
engine_blobs(struct engine *engine)
{
	return engine->blobs;
}

bool
engine_files_up(const struct engine *engine, uint16_t *ret_tftp, uint16_t *ret_ftp)
{
	*ret_tftp = engine->port_tftp;
	*ret_ftp = engine->port_ftp;
	return engine->is_files_up;
}

const struct addr *
engine_trap_local(const struct engine *engine)
{
	return engine->traps != NULL ? snmp_listener_local(engine->traps) : NULL;
}
