/* store.h - what the manager knows, durably: one interface of verbs over SQLite.
 *
 * WAL, synchronous FULL, exclusive lock (a second manager on the same store gets DD_EBUSY). Writes
 * happen between store_begin() and store_commit(); they are durable when store_commit() returned 0.
 * After a failed commit the store is lost: every later call fails and the manager must end
 * (INV-STORE-1). Readings see the writes of the open transaction. Records are plain data, copied
 * both ways. Secrets (communities, grant passwords) are stored as they are in this form; the file
 * is mode 0600. */
#pragma once
#include "base/log.h"
#include "job/job.h"
#include "model/device.h"
#include "model/ledger.h"

struct store;

enum { STORE_NOTE_MAX = 512, STORE_TEXT_MAX = 1024 };

/* path: the database file, made where absent, with its schema. vfs: name of a registered SQLite
 * VFS, NULL = the system's. */
int store_open(const char *path, const char *vfs, const struct log *log, struct store **ret_store,
	       struct err *err);
void store_close(struct store *store); /* an open transaction is rolled back; accepts NULL */

/* One transaction at a time. Commit is durable when it returns 0; rollback forgets. */
int store_begin(struct store *store, struct err *err);
int store_commit(struct store *store, struct err *err);
void store_rollback(struct store *store);
bool store_is_lost(const struct store *store);

/* Counters that never give a number twice, even after a crash: durable with the transaction. */
enum store_counter { COUNTER_TICKET /* 1..2^31-1 */, COUNTER_GRANT };
int store_next(struct store *store, enum store_counter counter, unsigned count, uint64_t *ret_first,
	       struct err *err);
/* Small settings by name. Get: DD_ENOTFOUND where absent; the caller frees *ret_value. */
int store_meta_set(struct store *store, const char *name, const char *value, struct err *err);
int store_meta_get(struct store *store, const char *name, char **ret_value, struct err *err);

/* List callbacks return false to stop. Lists are in order of id (or name where said). */

int store_credential_put(struct store *store, const struct credential *credential,
			 struct err *err); /* replaces by name */
int store_credential_get(struct store *store, const char *name, struct credential *ret,
			 struct err *err);
int store_credential_list(struct store *store, bool (*each)(void *arg, const struct credential *),
			  void *arg, struct err *err);

int store_device_add(struct store *store, struct device *device /* id is filled */,
		     struct err *err); /* DD_EEXIST: name or address */
int store_device_update(struct store *store, const struct device *device, struct err *err);
int store_device_get(struct store *store, const char *name, struct device *ret, struct err *err);
int store_device_get_id(struct store *store, int64_t id, struct device *ret, struct err *err);
int store_device_remove(struct store *store, int64_t id,
			struct err *err); /* its jobs and snapshots stay */
int store_device_list(struct store *store, bool (*each)(void *arg, const struct device *),
		      void *arg, struct err *err); /* by name */

int store_image_add(struct store *store, struct image *image /* id is filled */,
		    struct err *err); /* DD_EEXIST: same version, profile and content */
int store_image_get(struct store *store, int64_t id, struct image *ret, struct err *err);
/* An image of a family with this version (and model, where the image names models), newest first.
 */
int store_image_find(struct store *store, const char *profile, const char *version,
		     const char *model, struct image *ret, struct err *err);
int store_image_remove(struct store *store, int64_t id, struct err *err);
int store_image_list(struct store *store, bool (*each)(void *arg, const struct image *), void *arg,
		     struct err *err);

/* One stored version of one device's configuration. */
struct snapshot {
	int64_t id, device_id, job_id;
	int64_t taken_wall_ms;
	uint32_t format;
	uint64_t size;
	struct sha256 content;
	char software[FACT_TEXT_MAX]; /* version that ran */
	char role[16];                /* "backup", "wanted" (converted), "confirm", "old" */
};
int store_snapshot_add(struct store *store, struct snapshot *snapshot /* id is filled */,
		       struct err *err);
int store_snapshot_get(struct store *store, int64_t id, struct snapshot *ret, struct err *err);
int store_snapshot_list(struct store *store, int64_t device_id,
			bool (*each)(void *arg, const struct snapshot *), void *arg,
			struct err *err);

/* A job with everything that it needs over a restart. */
struct job_record {
	int64_t id, device_id, image_id; /* image_id 0 = none */
	char device_name[NAME_MAX_];
	struct job_plan plan;
	struct job job;
	uint8_t protocol; /* enum protocol */
	bool takes_unproven;
	int64_t made_wall_ms, ended_wall_ms;
	char old_version[FACT_TEXT_MAX], new_version[FACT_TEXT_MAX],
		found_version[FACT_TEXT_MAX]; /* before; wanted; last read */
	uint32_t kept_slot;                   /* where the old software is; 0 = not yet known */
	bool at_factory; /* management is at the profile's factory address now */
	bool has_facts;
	struct facts before;                        /* read in preflight */
	int64_t snapshot_id, wanted_id, confirm_id; /* 0 = none yet */
	int64_t source_id;                          /* GOAL_RESTORE: the snapshot to put back */
	char text[STORE_NOTE_MAX]; /* the last failure or end, one sentence with its evidence */
};
int store_job_add(struct store *store, struct job_record *job /* id is filled */,
		  struct err *err); /* DD_EBUSY: the device has an open job */
int store_job_update(struct store *store, const struct job_record *job, struct err *err);
int store_job_get(struct store *store, int64_t id, struct job_record *ret, struct err *err);
/* is_open: only those that are not over. device_id 0 = all. */
int store_job_list(struct store *store, bool is_open, int64_t device_id,
		   bool (*each)(void *arg, const struct job_record *), void *arg, struct err *err);

/* The journal of a job: every event, what it changed, and evidence. Append only. */
struct journal_entry {
	int64_t id, job_id, wall_ms;
	char kind[24]; /* event or effect name, or "evidence" */
	char step[16], act[24];
	uint32_t ticket, attempt;
	char reason[24];           /* "" = none */
	char text[STORE_TEXT_MAX]; /* a sentence for people */
};
int store_journal_add(struct store *store, struct journal_entry *entry /* id is filled */,
		      struct err *err);
/* Entries after `after_id`; job_id 0 = of all jobs. */
int store_journal_list(struct store *store, int64_t job_id, int64_t after_id,
		       bool (*each)(void *arg, const struct journal_entry *), void *arg,
		       struct err *err);

/* One try at one step, with its scheduled time. */
struct attempt {
	int64_t id; /* of the row; filled when read */
	int64_t job_id;
	uint32_t number; /* job.attempt */
	char step[16];
	uint32_t ticket_first;
	int64_t began_wall_ms, deadline_wall_ms, ended_wall_ms; /* ended 0 = going on */
	char result[16], reason[24]; /* "ok", "failed"; "" while it goes on */
	char text[STORE_TEXT_MAX];
};
int store_attempt_put(struct store *store, const struct attempt *attempt,
		      struct err *err); /* replaces by job and number */
int store_attempt_list(struct store *store, int64_t job_id,
		       bool (*each)(void *arg, const struct attempt *), void *arg, struct err *err);

/* A question that waits for the operator. */
struct decision {
	int64_t id, job_id;
	uint32_t ticket; /* job.ticket when it was asked */
	char device_name[NAME_MAX_];
	char step[16], reason[24];
	char question[STORE_TEXT_MAX];
	bool may_retry, may_rollback, may_stop;
	int64_t asked_wall_ms, answered_wall_ms; /* answered 0 = open */
	char answer[16], note[STORE_NOTE_MAX];
};
int store_decision_add(struct store *store, struct decision *decision /* id is filled */,
		       struct err *err);
int store_decision_answer(struct store *store, int64_t id, const char *answer, const char *note,
			  int64_t wall_ms, struct err *err); /* DD_ECONFLICT: answered already */
int store_decision_get(struct store *store, int64_t id, struct decision *ret, struct err *err);
int store_decision_list(struct store *store, bool is_open,
			bool (*each)(void *arg, const struct decision *), void *arg,
			struct err *err);

/* Grants of a job's act; open until closed. */
struct grant_record {
	struct grant grant;
	int64_t job_id;
	uint32_t ticket;
	unsigned position; /* of the file in its image, from 0 */
	bool is_open, is_complete;
};
int store_grant_add(struct store *store, const struct grant_record *record, struct err *err);
int store_grant_get(struct store *store, uint64_t grant_id, struct grant_record *ret,
		    struct err *err);
int store_grant_complete(struct store *store, uint64_t grant_id, struct err *err);
int store_grant_close(struct store *store, int64_t job_id, uint32_t ticket,
		      struct err *err); /* all of that ticket */
/* ticket 0: all; is_open: only open ones; job_id 0: of all jobs. */
int store_grant_list(struct store *store, int64_t job_id, uint32_t ticket, bool is_open,
		     bool (*each)(void *arg, const struct grant_record *), void *arg,
		     struct err *err);

/* Ledger entries as the file service told them. One that is here already (same number, grant, kind
 * and time) returns DD_EEXIST. A number alone proves nothing: a file service that lost its folder
 * counts from 1 again, and what it then tells is new. */
int store_ledger_add(struct store *store, const struct ledger_entry *entry, struct err *err);
int store_ledger_list(struct store *store, int64_t job_id,
		      bool (*each)(void *arg, const struct ledger_entry *), void *arg,
		      struct err *err);
