/* Jobs with their journal, attempts, decisions, grants and ledger. */
#include "base/text.h"
#include "store/room.h"
#include "store/tables.h"

/* ---- jobs ---- */

struct each_job {
	bool (*each)(void *arg, const struct job_record *record);
	void *arg;
};

static bool
hand_job(void *arg, const void *record)
{
	const struct each_job *to = arg;

	return to->each(to->arg, record);
}

static bool
found_one(void *arg, const struct job_record *record)
{
	*(int64_t *)arg = record->id;
	return false;
}

int
store_job_add(struct store *store, struct job_record *job, struct err *err)
{
	int64_t other = 0;

	int r = store_job_list(store, true, job->device_id, found_one, &other, err);
	if (r < 0)
		return r;
	if (other != 0)
		return err_set(err, AT, DD_EBUSY, "device %s has job %lld, which is not over",
			       job->device_name, (long long)other);
	return table_insert(store->db, &table_job, job, false, &job->id, err);
}

int
store_job_update(struct store *store, const struct job_record *job, struct err *err)
{
	return table_insert(store->db, &table_job, job, true, NULL, err);
}

int
store_job_get(struct store *store, int64_t id, struct job_record *ret, struct err *err)
{
	char what[48];

	(void)text_print(what, sizeof(what), "job %lld", (long long)id);
	return table_get(store->db, &table_job, "WHERE id = ?1", id, 0, NULL, what, ret, err);
}

int
store_job_list(struct store *store, bool is_open, int64_t device_id,
	       bool (*each)(void *arg, const struct job_record *), void *arg, struct err *err)
{
	struct each_job to = { each, arg };
	struct job_record room;
	const char *where =
		is_open ? "WHERE ended_wall_ms = 0 AND (?1 = 0 OR device_id = ?1) ORDER BY id"
			: "WHERE (?1 = 0 OR device_id = ?1) ORDER BY id";

	return table_select(store->db, &table_job, where, device_id, 0, NULL, &room, hand_job, &to,
			    err);
}

/* ---- journal ---- */

struct each_journal {
	bool (*each)(void *arg, const struct journal_entry *record);
	void *arg;
};

static bool
hand_journal(void *arg, const void *record)
{
	const struct each_journal *to = arg;

	return to->each(to->arg, record);
}

int
store_journal_add(struct store *store, struct journal_entry *entry, struct err *err)
{
	return table_insert(store->db, &table_journal, entry, false, &entry->id, err);
}

int
store_journal_list(struct store *store, int64_t job_id, int64_t after_id,
		   bool (*each)(void *arg, const struct journal_entry *), void *arg,
		   struct err *err)
{
	struct each_journal to = { each, arg };
	struct journal_entry room;

	return table_select(store->db, &table_journal,
			    "WHERE (?1 = 0 OR job_id = ?1) AND id > ?2 ORDER BY id", job_id,
			    after_id, NULL, &room, hand_journal, &to, err);
}

/* ---- attempts ---- */

struct each_attempt {
	bool (*each)(void *arg, const struct attempt *record);
	void *arg;
};

static bool
hand_attempt(void *arg, const void *record)
{
	const struct each_attempt *to = arg;

	return to->each(to->arg, record);
}

int
store_attempt_put(struct store *store, const struct attempt *attempt, struct err *err)
{
	struct attempt old, row = *attempt;

	int r = table_get(store->db, &table_attempt, "WHERE job_id = ?1 AND number = ?2",
			  attempt->job_id, attempt->number, NULL, "attempt", &old, err);
	if (r < 0 && r != DD_ENOTFOUND)
		return r;
	if (r == 0) { /* the end of an attempt keeps its beginning */
		row.id = old.id;
		row.ticket_first = row.ticket_first != 0 ? row.ticket_first : old.ticket_first;
		row.began_wall_ms = row.began_wall_ms != 0 ? row.began_wall_ms : old.began_wall_ms;
		row.deadline_wall_ms =
			row.deadline_wall_ms != 0 ? row.deadline_wall_ms : old.deadline_wall_ms;
	}
	if (err != NULL && r == DD_ENOTFOUND)
		*err = (struct err){ 0 };
	return table_insert(store->db, &table_attempt, &row, true, NULL, err);
}

int
store_attempt_list(struct store *store, int64_t job_id,
		   bool (*each)(void *arg, const struct attempt *), void *arg, struct err *err)
{
	struct each_attempt to = { each, arg };
	struct attempt room;

	return table_select(store->db, &table_attempt, "WHERE job_id = ?1 ORDER BY number", job_id,
			    0, NULL, &room, hand_attempt, &to, err);
}

/* ---- decisions ---- */

struct each_decision {
	bool (*each)(void *arg, const struct decision *record);
	void *arg;
};

static bool
hand_decision(void *arg, const void *record)
{
	const struct each_decision *to = arg;

	return to->each(to->arg, record);
}

int
store_decision_add(struct store *store, struct decision *decision, struct err *err)
{
	return table_insert(store->db, &table_decision, decision, false, &decision->id, err);
}

int
store_decision_get(struct store *store, int64_t id, struct decision *ret, struct err *err)
{
	char what[48];

	(void)text_print(what, sizeof(what), "decision %lld", (long long)id);
	return table_get(store->db, &table_decision, "WHERE id = ?1", id, 0, NULL, what, ret, err);
}

int
store_decision_answer(struct store *store, int64_t id, const char *answer, const char *note,
		      int64_t wall_ms, struct err *err)
{
	struct decision decision;

	int r = store_decision_get(store, id, &decision, err);
	if (r < 0)
		return r;
	if (decision.answered_wall_ms != 0)
		return err_set(err, AT, DD_ECONFLICT, "decision %lld was answered already: %s",
			       (long long)id, decision.answer);
	decision.answered_wall_ms = wall_ms;
	(void)text_copy(decision.answer, sizeof(decision.answer), answer);
	(void)text_copy(decision.note, sizeof(decision.note), note);
	return table_insert(store->db, &table_decision, &decision, true, NULL, err);
}

int
store_decision_list(struct store *store, bool is_open,
		    bool (*each)(void *arg, const struct decision *), void *arg, struct err *err)
{
	struct each_decision to = { each, arg };
	struct decision room;

	return table_select(store->db, &table_decision,
			    is_open ? "WHERE answered_wall_ms = 0 ORDER BY id" : "ORDER BY id", 0,
			    0, NULL, &room, hand_decision, &to, err);
}

/* ---- grants ---- */

struct each_grant {
	bool (*each)(void *arg, const struct grant_record *record);
	void *arg;
};

static bool
hand_grant(void *arg, const void *record)
{
	const struct each_grant *to = arg;

	return to->each(to->arg, record);
}

int
store_grant_add(struct store *store, const struct grant_record *record, struct err *err)
{
	return table_insert(store->db, &table_grant, record, false, NULL, err);
}

int
store_grant_get(struct store *store, uint64_t grant_id, struct grant_record *ret, struct err *err)
{
	return table_get(store->db, &table_grant, "WHERE id = ?1", (int64_t)grant_id, 0, NULL,
			 "such grant", ret, err);
}

int
store_grant_complete(struct store *store, uint64_t grant_id, struct err *err)
{
	return table_run(store->db, "UPDATE permission SET is_complete = 1 WHERE id = ?1",
			 (int64_t)grant_id, 0, NULL, NULL, err);
}

int
store_grant_close(struct store *store, int64_t job_id, uint32_t ticket, struct err *err)
{
	return table_run(store->db,
			 "UPDATE permission SET is_open = 0 WHERE job_id = ?1 AND ticket = ?2",
			 job_id, ticket, NULL, NULL, err);
}

int
store_grant_list(struct store *store, int64_t job_id, uint32_t ticket, bool is_open,
		 bool (*each)(void *arg, const struct grant_record *), void *arg, struct err *err)
{
	struct each_grant to = { each, arg };
	struct grant_record room;
	const char *where =
		is_open ? "WHERE (?1 = 0 OR job_id = ?1) AND (?2 = 0 OR ticket = ?2) AND is_open = "
			  "1 ORDER BY id"
			: "WHERE (?1 = 0 OR job_id = ?1) AND (?2 = 0 OR ticket = ?2) ORDER BY id";

	return table_select(store->db, &table_grant, where, job_id, ticket, NULL, &room, hand_grant,
			    &to, err);
}

/* ---- ledger ---- */

struct ledger_search {
	const struct ledger_entry *wanted;
	bool was_found;
};

static bool
is_told_again(void *arg, const void *record)
{
	struct ledger_search *search = arg;
	const struct ledger_entry *told = &((const struct ledger_row *)record)->entry;

	search->was_found =
		told->kind == search->wanted->kind && told->wall_ms == search->wanted->wall_ms;
	return !search->was_found;
}

int
store_ledger_add(struct store *store, const struct ledger_entry *entry, struct err *err)
{
	struct ledger_row row = { .entry = *entry }, room;
	struct ledger_search search = { .wanted = entry };
	struct grant_record grant;

	int r = table_select(store->db, &table_ledger, "WHERE number = ?1 AND permission = ?2",
			     (int64_t)entry->number, (int64_t)entry->grant, NULL, &room,
			     is_told_again, &search, err);
	if (r < 0)
		return r;
	if (search.was_found)
		return err_set(err, AT, DD_EEXIST, "ledger entry %llu was told before",
			       (unsigned long long)entry->number);
	r = store_grant_get(store, entry->grant, &grant, NULL);
	if (r < 0 && r != DD_ENOTFOUND)
		return err_set(err, AT, r, "the store can't be read");
	row.job_id = r == 0 ? grant.job_id : 0;
	return table_insert(store->db, &table_ledger, &row, false, NULL, err);
}

struct each_ledger {
	bool (*each)(void *arg, const struct ledger_entry *entry);
	void *arg;
};

static bool
hand_ledger(void *arg, const void *record)
{
	const struct each_ledger *to = arg;

	return to->each(to->arg, &((const struct ledger_row *)record)->entry);
}

int
store_ledger_list(struct store *store, int64_t job_id,
		  bool (*each)(void *arg, const struct ledger_entry *), void *arg, struct err *err)
{
	struct each_ledger to = { each, arg };
	struct ledger_row room;

	return table_select(store->db, &table_ledger, "WHERE job_id = ?1 ORDER BY id", job_id, 0,
			    NULL, &room, hand_ledger, &to, err);
}
