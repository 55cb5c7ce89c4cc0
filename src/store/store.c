/* The store's life and transactions, counters and settings. The nouns' verbs are in nouns.c, a
 * job's in jobs.c. */
#include "store/store.h"

#include "base/text.h"
#include "store/room.h"
#include "store/tables.h"

#include <stdlib.h>
#include <string.h>

enum { TICKET_MAX = 0x7fffffff };

/* ---- open and close ---- */

static int
run(struct store *store, const char *sql, struct err *err)
{
	return table_run(store->db, sql, 0, 0, NULL, NULL, err);
}

/* SQLite answers with the mode that it stays in, and that is no error of its own: in another one a
 * commit would cost or mean something else. */
static int
check_wal(struct store *store, const char *path, struct err *err)
{
	sqlite3_stmt *statement = NULL;
	char mode[16] = "";

	if (sqlite3_prepare_v2(store->db, "PRAGMA journal_mode", -1, &statement, NULL) ==
		    SQLITE_OK &&
	    sqlite3_step(statement) == SQLITE_ROW)
		(void)text_copy(mode, sizeof(mode),
				(const char *)sqlite3_column_text(statement, 0));
	(void)sqlite3_finalize(statement); /* what went wrong shows in the mode */
	return text_equal(mode, "wal") ? 0
				       : err_set(err, AT, DD_EUNSUPPORTED,
						 "%s can't be used: its journal mode is '%s', not "
						 "wal. Is it on a disk of this host?",
						 path, mode);
}

/* WAL and FULL: durable at commit. An exclusive lock keeps a second manager out, and needs no
 * shared memory beside the file. */
static int
set_up(struct store *store, const char *path, struct err *err)
{
	static const char *const pragmas[] = {
		"PRAGMA locking_mode = EXCLUSIVE", "PRAGMA journal_mode = WAL",
		"PRAGMA synchronous = FULL",       "PRAGMA foreign_keys = ON",
		"PRAGMA trusted_schema = OFF",
	};

	for (size_t i = 0; i < ARRAY_COUNT(pragmas); i++) {
		int r = run(store, pragmas[i], err);
		if (r < 0)
			return r;
	}
	int r = check_wal(store, path, err);
	if (r < 0)
		return r;
	if (sqlite3_exec(store->db, "BEGIN EXCLUSIVE", NULL, NULL, NULL) != SQLITE_OK) {
		int code = sqlite3_errcode(store->db);
		if (code == SQLITE_BUSY || code == SQLITE_LOCKED)
			return err_set(err, AT, DD_EBUSY,
				       "another drydockd works on %s: stop it first, or use "
				       "another data folder",
				       path);
		return err_set(err, AT, DD_EIO, "%s can't be used: %s", path,
			       sqlite3_errmsg(store->db));
	}
	r = run(store,
		"CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) "
		"WITHOUT ROWID",
		err);
	if (r == 0)
		r = run(store,
			"CREATE TABLE IF NOT EXISTS counter (name INTEGER PRIMARY KEY, next "
			"INTEGER NOT NULL)",
			err);
	for (unsigned i = 0; i < tables_count && r == 0; i++)
		r = table_make(store->db, tables_all[i], err);
	return r == 0 ? run(store, "COMMIT", err) : r;
}

int
store_open(const char *path, const char *vfs, const struct log *log, struct store **ret_store,
	   struct err *err)
{
	struct store *store = calloc(1, sizeof(*store));

	if (store == NULL)
		return err_set(err, AT, DD_ENOMEM, "no memory for the store");
	store->log = log;
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX |
		    SQLITE_OPEN_NOFOLLOW;
	if (sqlite3_open_v2(path, &store->db, flags, vfs) != SQLITE_OK) {
		int r = err_set(err, AT, DD_EIO,
				"%s can't be opened: %s. Is the folder there and writable?", path,
				store->db != NULL ? sqlite3_errmsg(store->db) : "no memory");
		store_close(store);
		return r;
	}
	int r = set_up(store, path, err);
	if (r < 0) {
		store_close(store);
		return r;
	}
	*ret_store = store;
	return 0;
}

void
store_close(struct store *store)
{
	if (store == NULL)
		return;
	(void)sqlite3_close(store->db); /* rolls back what is open; every statement is finalized
					   where it is made */
	free(store);
}

bool
store_is_lost(const struct store *store)
{
	return store->is_lost;
}

int
store_check(const struct store *store, struct err *err)
{
	return store->is_lost ? err_set(err, AT, DD_EIO, "the store was lost at an earlier write")
			      : 0;
}

/* ---- transactions ---- */

int
store_begin(struct store *store, struct err *err)
{
	int r = store_check(store, err);

	return r < 0 ? r : run(store, "BEGIN IMMEDIATE", err);
}

int
store_commit(struct store *store, struct err *err)
{
	int r = store_check(store, err);

	if (r == 0)
		r = run(store, "COMMIT", err);
	if (r < 0)
		store->is_lost = true; /* what stands on the disk is not known: nobody may act on it
					  (INV-STORE-1) */
	return r;
}

void
store_rollback(struct store *store)
{
	(void)sqlite3_exec(store->db, "ROLLBACK", NULL, NULL,
			   NULL); /* fails only where nothing is open */
}

/* ---- counters and settings ---- */

static int
read_number(struct store *store, const char *sql, int64_t a, uint64_t *ret, struct err *err)
{
	sqlite3_stmt *statement = NULL;

	if (sqlite3_prepare_v2(store->db, sql, -1, &statement, NULL) != SQLITE_OK)
		return err_set(err, AT, DD_EIO, "the store can't be read: %s",
			       sqlite3_errmsg(store->db));
	(void)sqlite3_bind_int64(statement, 1, a);
	int step = sqlite3_step(statement);
	if (step == SQLITE_ROW)
		*ret = (uint64_t)sqlite3_column_int64(statement, 0);
	(void)sqlite3_finalize(statement);
	return step == SQLITE_ROW || step == SQLITE_DONE
		       ? 0
		       : err_set(err, AT, DD_EIO, "the store can't be read: %s",
				 sqlite3_errmsg(store->db));
}

int
store_next(struct store *store, enum store_counter counter, unsigned count, uint64_t *ret_first,
	   struct err *err)
{
	uint64_t next = 0;

	int r = store_check(store, err);
	if (r == 0)
		r = read_number(store, "SELECT next FROM counter WHERE name = ?1", counter, &next,
				err);
	if (r < 0)
		return r;
	next = next == 0 ? 1 : next;
	if (counter == COUNTER_TICKET && next > TICKET_MAX - count)
		next = 1; /* two thousand million tickets ago: no device remembers */
	*ret_first = next;
	return table_run(store->db, "INSERT OR REPLACE INTO counter VALUES (?1, ?2)", counter,
			 (int64_t)(next + count), NULL, NULL, err);
}

int
store_meta_set(struct store *store, const char *name, const char *value, struct err *err)
{
	sqlite3_stmt *statement = NULL;

	int r = store_check(store, err);
	if (r < 0)
		return r;
	if (sqlite3_prepare_v2(store->db, "INSERT OR REPLACE INTO meta VALUES (?1, ?2)", -1,
			       &statement, NULL) != SQLITE_OK)
		return err_set(err, AT, DD_EIO, "the store can't be written: %s",
			       sqlite3_errmsg(store->db));
	(void)sqlite3_bind_text(statement, 1, name, -1, SQLITE_STATIC);
	(void)sqlite3_bind_text(statement, 2, value, -1, SQLITE_STATIC);
	int step = sqlite3_step(statement);
	(void)sqlite3_finalize(statement);
	return step == SQLITE_DONE ? 0
				   : err_set(err, AT, DD_EIO, "the store can't be written: %s",
					     sqlite3_errmsg(store->db));
}

int
store_meta_get(struct store *store, const char *name, char **ret_value, struct err *err)
{
	sqlite3_stmt *statement = NULL;
	char *value = NULL;

	if (sqlite3_prepare_v2(store->db, "SELECT value FROM meta WHERE name = ?1", -1, &statement,
			       NULL) != SQLITE_OK)
		return err_set(err, AT, DD_EIO, "the store can't be read: %s",
			       sqlite3_errmsg(store->db));
	(void)sqlite3_bind_text(statement, 1, name, -1, SQLITE_STATIC);
	int step = sqlite3_step(statement);
	if (step == SQLITE_ROW)
		value = strdup((const char *)sqlite3_column_text(statement, 0));
	(void)sqlite3_finalize(statement);
	if (step != SQLITE_ROW)
		return err_set(err, AT, DD_ENOTFOUND, "the setting %s is not there", name);
	*ret_value = value;
	return value != NULL ? 0 : err_set(err, AT, DD_ENOMEM, "no memory for a setting");
}
