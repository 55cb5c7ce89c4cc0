/* table.h - records <-> rows by one list of columns a table: the list makes the table, the
 * statements and the copying.
 *
 * A column that a store of an older version lacks is added at open with its zero. Only the store
 * room includes this. */
#pragma once
#include "base/err.h"

#include <sqlite3.h>

enum column_kind {
	COLUMN_TEXT, /* char[size] */
	COLUMN_I64,
	COLUMN_U64, /* kept as the same 64 bits */
	COLUMN_U32,
	COLUMN_U8,    /* small enums and bools */
	COLUMN_HASH,  /* struct sha256, as hexadecimal text */
	COLUMN_ADDR,  /* struct addr, as text */
	COLUMN_U8S,   /* uint8_t[size], as text "1 2 3" */
	COLUMN_I64S,  /* int64_t[size / 8], as text */
	COLUMN_TEXTS, /* char[count][64], as lines; the count is the unsigned at `count_offset` */
	COLUMN_PAIRS, /* the same with two such texts an item */
};

struct column {
	const char *name;
	enum column_kind kind;
	size_t offset, size;
	size_t count_offset; /* COLUMN_TEXTS */
	const char *rule;    /* SQL after the type, such as "UNIQUE"; NULL = none */
};

struct table {
	const char *name;
	const struct column *columns;
	unsigned columns_count;
	size_t record_size;
	const char *also; /* further SQL at creation (indexes); NULL = none */
};

/* The first column is always `id`, the primary key, at the record's member of that kind. */
#define COLUMN(type, member, kind_)                                                          \
	{                                                                                    \
#member, kind_, offsetof(type, member), sizeof(((type *)0)->member), 0, NULL \
	}
#define COLUMN_AS(name_, type, member, kind_)                                              \
	{                                                                                  \
		name_, kind_, offsetof(type, member), sizeof(((type *)0)->member), 0, NULL \
	}
#define COLUMN_RULE(name_, type, member, kind_, rule_)                                      \
	{                                                                                   \
		name_, kind_, offsetof(type, member), sizeof(((type *)0)->member), 0, rule_ \
	}
#define COLUMN_LIST(type, member, counter)                                                  \
	{                                                                                   \
#member, COLUMN_TEXTS, offsetof(type, member), sizeof(((type *)0)->member), \
			offsetof(type, counter), NULL                                       \
	}

/* Make the table where it is absent; add the columns that it lacks. */
int table_make(sqlite3 *db, const struct table *table, struct err *err);
/* Write a row. Without replace an id of 0 becomes the next free one; *ret_id gets it. DD_EEXIST
 * where a UNIQUE rule is broken. */
int table_insert(sqlite3 *db, const struct table *table, const void *record, bool replace,
		 int64_t *ret_id, struct err *err);
/* Every row for which the SQL after "FROM name" holds ("WHERE ... ORDER BY ..."), with up to two
 * integers and one text (NULL = none) as ?1, ?2, ?3. `record` is the room to fill (zeroed first);
 * each() returns false to stop. */
int table_select(sqlite3 *db, const struct table *table, const char *where, int64_t a, int64_t b,
		 const char *text, void *record, bool (*each)(void *arg, const void *record),
		 void *arg, struct err *err);
/* Exactly one such row, or DD_ENOTFOUND with `what`. */
int table_get(sqlite3 *db, const struct table *table, const char *where, int64_t a, int64_t b,
	      const char *text, const char *what, void *ret_record, struct err *err);
/* Run one statement with the same three arguments; *ret_changes may be NULL. */
int table_run(sqlite3 *db, const char *sql, int64_t a, int64_t b, const char *text,
	      int *ret_changes, struct err *err);
