/* room.h - what the engine's files share; nobody else includes it.
 *
 * A `struct live` is one open job in memory: its record, what it acts upon, its timers and its one
 * SNMP request in flight. Facts from the world become a `struct fact` in the queue; one pass takes
 * them all (pass.c). */
#pragma once
#include "config/migration.h"
#include "engine/engine.h"
#include "job/judge.h"
#include "snmp/listener.h"
#include "snmp/manager.h"

enum {
	LIVES_MAX = 65536,
	FACTS_MAX = 65536, /* waiting for a pass */
	NEWS_MAX = 64, /* facts of one job that wait; what peers can make at will is dropped then */
	NEWS_LINES_MAX = 200, /* lines of an act's journal that peers can make at will */
	PROFILES_MAX = 64,
	MIGRATIONS_MAX = 64,
	POLL_MS = 250,             /* between polls of a status */
	READ_AGAIN_MS = 500,       /* between readings that were not answered */
	SERVICE_AGAIN_MS = 1000,   /* between readings of a service that is still worse */
	ASK_TIMEOUT_MS = 1000,     /* for the answer to a GET */
	COMMAND_TIMEOUT_MS = 2000, /* for the answer to a SET, which is sent once */
	FACTORY_AFTER = 2,         /* silent tries before the other management address is tried */
	LAST_ANSWER_MS = 200,      /* for an answer to leave before the manager ends */
};

struct live {
	struct engine *engine;
	struct live *next;
	struct job_record record;
	struct device device;
	struct credential credential;
	struct image image; /* GOAL_UPGRADE */
	const struct profile *profile;
	struct env_timer deadline, stall, again;
	int64_t request; /* SNMP request in flight, 0 = none */
	bool is_watching;
	unsigned silent;         /* tries in a row without an answer */
	uint32_t granted_ticket; /* grants of this ticket that the file service confirmed, and how
				    many it must */
	unsigned granted, grants;
	uint64_t bytes, size;        /* progress of the transfer, for people */
	uint64_t status_bytes;       /* last progress that the device told */
	unsigned waiting;            /* facts in the queue */
	unsigned news_lines;         /* of this act */
	char note[VERDICT_TEXT_MAX]; /* the last thing seen that is not yet a fact: for the text of
					a lateness */
};

/* Something that happened to a job, waiting for the next pass. */
struct fact {
	struct live *live; /* NULL: the job is gone */
	struct job_event event;
	char text[STORE_NOTE_MAX]; /* the evidence, a sentence */
	bool has_read;             /* `read` is what the device told */
	struct facts read;
	/* Run inside the transaction, before the step, where the ticket is still the job's: stores
	 * what the event stands on. May change the event. Negative: the store failed. */
	int (*prepare)(struct live *live, struct fact *fact, struct err *err);
};

struct engine {
	struct env *env;
	struct engine_settings settings;
	char folder[ADDR_PATH_MAX];
	struct store *store;
	struct blobs *blobs;
	struct snmp_manager *snmp;
	struct snmp_listener *traps;
	struct manager_link *link;
	uint16_t port_tftp, port_ftp;
	bool is_files_up;
	unsigned profiles_count, migrations_count;
	struct profile *profiles[PROFILES_MAX];
	struct migration *migrations[MIGRATIONS_MAX];
	struct live *lives;
	struct probing *probings; /* devices that are being asked, outside of any job */
	unsigned lives_count;
	struct fact *facts; /* FACTS_MAX of them, growing */
	unsigned facts_count, facts_capacity;
	struct fact spare; /* takes what is dropped */
	struct env_timer pass;
	struct env_timer end;
	bool is_lost; /* the store failed: nothing more is sent */
};

/* ---- pass.c: the loop of facts, steps, transactions and effects ---- */

/* Queue a fact for the next pass. `format` may be NULL. News that any peer can make at will are
 * dropped where too many wait: polls and the ledger decide, news only wake (INV-ENGINE-4). */
struct fact *fact_add(struct live *live, enum job_event_kind kind, uint32_t ticket,
		      enum reason reason, const char *format, ...) PRINTF_LIKE(5, 6);
/* Take all facts now. Called by its timer; callers that must be durable before they return call it
 * themselves. */
void pass_run(struct engine *engine);
/* Write a line of a job's journal, inside a transaction. */
int journal(struct live *live, const char *kind, enum reason reason, const char *text,
	    struct err *err);
/* The store failed: stop everything. */
void engine_lose(struct engine *engine, const struct err *err);
/* store_commit() for what the operator asked for. Where the store is lost by it, the operator is
 * answered first, and then everything stops. */
int engine_commit(struct engine *engine, struct err *err);

/* ---- probing.c ---- */

/* Forget them, without a word to who asked. */
void probing_free_all(struct engine *engine);

/* ---- live.c: open jobs in memory ---- */

int live_new(struct engine *engine, const struct job_record *record, struct live **ret_live,
	     struct err *err);
void live_free(struct live *live);
struct live *live_find(const struct engine *engine, int64_t job_id);
struct live *live_of_device(struct engine *engine, int64_t device_id);
/* The device's name, for messages. */
const char *live_name(const struct live *live);

/* ---- channel.c: commands, polls and readings over SNMP ---- */

void channel_target(const struct live *live, struct snmp_target *ret_target);
void channel_command(struct live *live);
void channel_look(struct live *live);
void channel_watch(struct live *live);
void channel_poll(struct live *live); /* at once */
void channel_read(struct live *live);
void channel_stop(struct live *live); /* forget what is in flight, poll no more */
void channel_heard(void *engine, const struct snmp_notice *notice);

/* ---- reading.c: what a reading means for the act it was made for ---- */

/* Queue what the facts mean for the job's act; nothing where it has to be read again. */
void reading_judge(struct live *live, const struct facts *facts);

/* ---- grants.c: permissions for the act's transfers, and what the ledger says of them ---- */

/* Inside a transaction: make the act's grants where the ticket has none yet. */
int grants_make(struct live *live, struct err *err);
void grants_open(struct live *live); /* tell the file service */
void grants_close(struct live *live, uint32_t ticket);
/* The names of the act's files, joined by ',', and the login. */
int grants_args(struct live *live, char *files, size_t files_size, struct grant *ret_first,
		struct err *err);
/* Has every grant of the ticket its complete ledger entry? Then EV_STORED is queued. */
void grants_review(struct live *live);
int grants_ledger(void *engine, const struct ledger_entry *entry);
void grants_granted(void *engine, uint64_t grant);
void grants_link_changed(void *engine, bool is_up, uint16_t port_tftp, uint16_t port_ftp);

/* ---- work.c: convert and compare ---- */

void work_do(struct live *live);
/* Store content as a snapshot of the job's device. Inside a transaction. */
int snapshot_store(struct live *live, const struct sha256 *content, uint64_t size, uint32_t format,
		   const char *role, int64_t *ret_id, struct err *err);
const struct migration *engine_migration(const struct engine *engine, const char *profile,
					 uint32_t from, uint32_t to);
/* Load and parse a stored snapshot. */
int snapshot_parse(struct live *live, int64_t id, struct config **ret_config, struct err *err);

/* ---- question.c: what the operator is told ---- */

int question_ask(struct live *live, struct err *err); /* inside a transaction */
/* "runs 1.0.0 (the old software); its configuration is untouched". */
void question_state(const struct live *live, char *text, size_t size);
