/* engine.h - the manager: turns facts from the world into events for job_step(), writes, and only
 * then acts.
 *
 * One pass: events -> job_step() -> one durable transaction (event, state, grants, decisions) ->
 * effects (INV-ENGINE-1). If the store is lost nothing more is sent and the host is told to stop.
 * No globals: two engines may live in one process. */
#pragma once
#include "blobs/blobs.h"
#include "env/env.h"
#include "files/manager_link.h"
#include "profile/profile.h"
#include "store/store.h"

struct engine;

struct engine_settings {
	const char *folder;     /* data folder, with store.db, blobs/, profiles/, migrations/ */
	const char *vfs;        /* SQLite VFS, NULL = the system's */
	const char *profiles;   /* folder of the profiles that come with Drydock, NULL = none;
				   DATA/profiles is read, too */
	const char *migrations; /* likewise */
	struct addr link;       /* where the file service connects */
	struct addr trap;       /* where notifications arrive; ADDR_NONE = nowhere */
	struct addr advertise; /* address that devices are told for the file service; must be set */
	uint16_t port_tftp, port_ftp; /* advertised ports; 0 = the file service's own */
	const struct log *log;
	/* The step function: NULL = job_step. The simulation plants bugs here, to see that its
	 * checkers catch them. */
	void (*step)(const struct job_plan *plan, const struct job *now,
		     const struct job_event *event, struct job *next, struct job_effects *out);
};

/* Open the store, load profiles and migrations (a malformed one is a warning, and its devices can't
 * be driven), resume every open job. */
int engine_new(struct env *env, const struct engine_settings *settings, struct engine **ret_engine,
	       struct err *err);
void engine_free(struct engine *engine); /* accepts NULL */

struct store *engine_store(struct engine *engine); /* for readings */
struct blobs *engine_blobs(struct engine *engine);
const struct profile *engine_profile(const struct engine *engine, const char *name); /* or NULL */
unsigned engine_profile_count(const struct engine *engine);
const struct profile *engine_profile_at(const struct engine *engine, unsigned i);
bool engine_files_up(const struct engine *engine, uint16_t *ret_tftp, uint16_t *ret_ftp);
const struct addr *engine_trap_local(const struct engine *engine); /* NULL = none */

/* Everything that an operator can do. Each is durable when it returned 0. */
int engine_credential_put(struct engine *engine, const struct credential *credential,
			  struct err *err);
/* Without profile: the device is probed with every profile; DD_ENOTFOUND where none fits,
 * DD_ETIMEOUT where it is silent. With one: no packet is sent. done() once, never before this
 * returns 0; device is borrowed during the call. */
int engine_device_add(struct engine *engine, const struct device *device,
		      void (*done)(void *arg, const struct device *device, const struct err *err),
		      void *arg, struct err *err);
int engine_device_probe(struct engine *engine, const char *name,
			void (*done)(void *arg, const struct device *device,
				     const struct facts *facts, const struct err *err),
			void *arg, struct err *err);
int engine_device_remove(struct engine *engine, const char *name,
			 struct err *err); /* DD_EBUSY while a job is on */
/* The files' content must be in engine_blobs(); version, profile, files, models, revisions, froms
 * as the operator said (empty = read from the file's header where the profile knows one). Fills the
 * rest. */
int engine_image_add(struct engine *engine, struct image *image, struct err *err);
int engine_image_remove(struct engine *engine, int64_t id,
			struct err *err); /* DD_EBUSY while an open job uses it */

enum { LIMIT_DEFAULT = 0 };
struct job_order {
	enum job_goal goal;
	const char *device;
	int64_t image_id;       /* upgrade */
	int64_t snapshot_id;    /* restore */
	enum protocol protocol; /* PROTOCOL_NONE = TFTP */
	enum job_policy on_failure;
	unsigned retries_max; /* POLICY_RETRY; 0 = 3 */
	bool takes_unproven;
	msec_t limit_ms[STEP_COUNT], stall_ms[STEP_COUNT]; /* 0 = default */
};
int engine_job_start(struct engine *engine, const struct job_order *order, int64_t *ret_job,
		     struct err *err);
/* answer: EV_RETRY, EV_ROLLBACK, EV_STOP. DD_ECONFLICT where it was answered already or the answer
 * isn't possible now. */
int engine_decide(struct engine *engine, int64_t decision_id, enum job_event_kind answer,
		  const char *note, struct err *err);

/* Bytes moved in the current transfer of an open job, and of how many (0 = not known). False where
 * the job is not open. */
bool engine_job_progress(const struct engine *engine, int64_t job, uint64_t *ret_bytes,
			 uint64_t *ret_size);

/* Load a snapshot's text. The caller frees. */
int engine_snapshot_load(struct engine *engine, int64_t id, char **ret_text, size_t *ret_size,
			 struct err *err);
