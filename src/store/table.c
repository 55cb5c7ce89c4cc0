/* Records <-> rows by lists of columns. */
#include "store/table.h"

#include "base/addr.h"
#include "base/buf.h"
#include "base/sha256.h"
#include "base/text.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_SIZE = 64 }; /* of one text in a COLUMN_TEXTS */

static int
fail(sqlite3 *db, struct err *err, const char *what)
{
	int code = sqlite3_errcode(db);

	if (code == SQLITE_CONSTRAINT)
		return err_set(err, AT, DD_EEXIST, "%s: it is there already", what);
	if (code == SQLITE_BUSY || code == SQLITE_LOCKED)
		return err_set(err, AT, DD_EBUSY,
			       "%s: another drydockd works on it: stop that one first, or use "
			       "another data folder",
			       sqlite3_db_filename(db, NULL));
	if (code == SQLITE_FULL)
		return err_set(err, AT, DD_ENOSPC,
			       "%s: the disk is full: make room, then start again", what);
	return err_set(err, AT, DD_EIO, "%s: the store can't be used: %s", what,
		       sqlite3_errmsg(db));
}

static int
prepare(sqlite3 *db, const char *sql, sqlite3_stmt **ret_statement, struct err *err)
{
	return sqlite3_prepare_v2(db, sql, -1, ret_statement, NULL) == SQLITE_OK
		       ? 0
		       : fail(db, err, "store");
}

static void
finalize(sqlite3_stmt **statement)
{
	(void)sqlite3_finalize(*statement); /* repeats the error of the last step, which was told */
}

static bool
is_number(enum column_kind kind)
{
	return kind == COLUMN_I64 || kind == COLUMN_U64 || kind == COLUMN_U32 || kind == COLUMN_U8;
}

/* ---- making ---- */

static void
add_column_sql(const struct table *table, unsigned i, struct buf *sql)
{
	const struct column *column = &table->columns[i];
	bool is_id = i == 0;

	(void)buf_printf(sql, "%s %s", column->name, is_number(column->kind) ? "INTEGER" : "TEXT");
	if (is_id)
		(void)buf_add_text(sql, is_number(column->kind) ? " PRIMARY KEY AUTOINCREMENT"
								: " PRIMARY KEY");
	else
		(void)buf_printf(sql, " NOT NULL DEFAULT %s", is_number(column->kind) ? "0" : "''");
	if (column->rule != NULL)
		(void)buf_printf(sql, " %s", column->rule);
}

static int
execute(sqlite3 *db, const char *sql, struct err *err)
{
	return sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK ? 0 : fail(db, err, "store");
}

static bool
has_column(sqlite3 *db, const struct table *table, const char *name)
{
	return sqlite3_table_column_metadata(db, NULL, table->name, name, NULL, NULL, NULL, NULL,
					     NULL) == SQLITE_OK;
}

static int
add_columns(sqlite3 *db, const struct table *table, struct err *err)
{
	for (unsigned i = 1; i < table->columns_count; i++) {
		CLEANUP(buf_done) struct buf sql = { 0 };
		if (has_column(db, table, table->columns[i].name))
			continue;
		(void)buf_printf(&sql, "ALTER TABLE %s ADD COLUMN ", table->name);
		add_column_sql(table, i, &sql);
		int r = execute(db, buf_text(&sql), err);
		if (r < 0)
			return r;
	}
	return 0;
}

int
table_make(sqlite3 *db, const struct table *table, struct err *err)
{
	CLEANUP(buf_done) struct buf sql = { 0 };

	if (has_column(db, table, table->columns[0].name))
		return add_columns(db, table, err);
	(void)buf_printf(&sql, "CREATE TABLE %s (", table->name);
	for (unsigned i = 0; i < table->columns_count; i++) {
		(void)buf_add_text(&sql, i > 0 ? ", " : "");
		add_column_sql(table, i, &sql);
	}
	(void)buf_printf(&sql, ");%s", table->also != NULL ? table->also : "");
	return execute(db, buf_text(&sql), err);
}

/* ---- writing ---- */

static void
print_numbers(const struct column *column, const void *field, struct buf *out)
{
	size_t count = column->kind == COLUMN_U8S ? column->size : column->size / sizeof(int64_t);

	for (size_t i = 0; i < count; i++) {
		int64_t value = column->kind == COLUMN_U8S ? ((const uint8_t *)field)[i]
							   : ((const int64_t *)field)[i];
		(void)buf_printf(out, "%s%" PRId64, i > 0 ? " " : "", value);
	}
}

static void
print_lines(const struct column *column, const void *record, struct buf *out)
{
	const char *lines = (const char *)record + column->offset;
	unsigned count =
		*(const unsigned *)(const void *)((const char *)record + column->count_offset);

	count *= column->kind == COLUMN_PAIRS ? 2 : 1;
	assert(count <= column->size / LINE_SIZE);
	for (unsigned i = 0; i < count; i++)
		(void)buf_printf(out, "%s\n", lines + (size_t)i * LINE_SIZE);
}

static void
bind_column(sqlite3_stmt *statement, int place, const struct column *column, const void *record)
{
	const void *field = (const char *)record + column->offset;
	CLEANUP(buf_done) struct buf text = { 0 };
	char digits[SHA256_TEXT_SIZE], address[ADDR_TEXT_MAX];

	switch (column->kind) {
	case COLUMN_I64:
	case COLUMN_U64:
		(void)sqlite3_bind_int64(statement, place, *(const int64_t *)field);
		return;
	case COLUMN_U32:
		(void)sqlite3_bind_int64(statement, place, *(const uint32_t *)field);
		return;
	case COLUMN_U8:
		(void)sqlite3_bind_int64(statement, place, *(const uint8_t *)field);
		return;
	case COLUMN_TEXT:
		(void)buf_add_text(&text, field);
		break;
	case COLUMN_HASH:
		(void)buf_add_text(&text, sha256_text(field, digits));
		break;
	case COLUMN_ADDR:
		(void)buf_add_text(&text, addr_text(field, address));
		break;
	case COLUMN_U8S:
	case COLUMN_I64S:
		print_numbers(column, field, &text);
		break;
	case COLUMN_TEXTS:
	case COLUMN_PAIRS:
		print_lines(column, record, &text);
		break;
	}
	(void)sqlite3_bind_text(statement, place, buf_text(&text), -1,
				SQLITE_TRANSIENT); /* short memory shows at the step */
}

/* A row of the same id is overwritten in place: a clash with another row's UNIQUE column is an
 * error, never its end. */
static void
add_insert_sql(const struct table *table, bool replace, struct buf *sql)
{
	(void)buf_printf(sql, "INSERT INTO %s (", table->name);
	for (unsigned i = 0; i < table->columns_count; i++)
		(void)buf_printf(sql, "%s%s", i > 0 ? "," : "", table->columns[i].name);
	(void)buf_add_text(sql, ") VALUES (");
	for (unsigned i = 0; i < table->columns_count; i++)
		(void)buf_printf(sql, "%s?%u", i > 0 ? "," : "", i + 1);
	(void)buf_add_char(sql, ')');
	if (!replace)
		return;
	(void)buf_printf(sql, " ON CONFLICT (%s) DO UPDATE SET ", table->columns[0].name);
	for (unsigned i = 1; i < table->columns_count; i++)
		(void)buf_printf(sql, "%s%s = excluded.%s", i > 1 ? "," : "",
				 table->columns[i].name, table->columns[i].name);
}

int
table_insert(sqlite3 *db, const struct table *table, const void *record, bool replace,
	     int64_t *ret_id, struct err *err)
{
	CLEANUP(buf_done) struct buf sql = { 0 };
	CLEANUP(finalize) sqlite3_stmt *statement = NULL;
	bool has_number_id = is_number(table->columns[0].kind);

	add_insert_sql(table, replace, &sql);
	int r = prepare(db, buf_text(&sql), &statement, err);
	if (r < 0)
		return r;
	for (unsigned i = 0; i < table->columns_count; i++)
		bind_column(statement, (int)i + 1, &table->columns[i], record);
	if (has_number_id &&
	    *(const int64_t *)(const void *)((const char *)record + table->columns[0].offset) == 0)
		(void)sqlite3_bind_null(statement, 1);
	if (sqlite3_step(statement) != SQLITE_DONE)
		return fail(db, err, table->name);
	if (ret_id != NULL)
		*ret_id = sqlite3_last_insert_rowid(db);
	return 0;
}

/* ---- reading ---- */

static void
parse_numbers(const struct column *column, const char *text, void *field)
{
	size_t count = column->kind == COLUMN_U8S ? column->size : column->size / sizeof(int64_t);

	for (size_t i = 0; i < count && *text != '\0'; i++) {
		char *end;
		int64_t value = strtoll(text, &end, 10);
		if (column->kind == COLUMN_U8S)
			((uint8_t *)field)[i] = (uint8_t)value;
		else
			((int64_t *)field)[i] = value;
		text = *end == ' ' ? end + 1 : end;
	}
}

static void
parse_lines(const struct column *column, const char *text, void *record)
{
	char *lines = (char *)record + column->offset;
	unsigned count = 0;

	for (const char *end;
	     (end = strchr(text, '\n')) != NULL && count < column->size / LINE_SIZE;
	     text = end + 1) {
		size_t size = (size_t)(end - text);
		if (size < LINE_SIZE)
			memcpy(lines + (size_t)count * LINE_SIZE, text, size);
		count++;
	}
	*(unsigned *)(void *)((char *)record + column->count_offset) =
		column->kind == COLUMN_PAIRS ? count / 2 : count;
}

static void
read_text(const struct column *column, const char *text, void *record)
{
	void *field = (char *)record + column->offset;

	switch (column->kind) {
	case COLUMN_TEXT:
		(void)text_copy(field, column->size, text);
		break;
	case COLUMN_HASH:
		(void)sha256_parse(text, field); /* zero where it is none */
		break;
	case COLUMN_ADDR:
		(void)addr_parse(text, 0, field, NULL); /* ADDR_NONE where it is none */
		break;
	case COLUMN_TEXTS:
	case COLUMN_PAIRS:
		parse_lines(column, text, record);
		break;
	default:
		parse_numbers(column, text, field);
		break;
	}
}

static void
read_column(sqlite3_stmt *statement, int place, const struct column *column, void *record)
{
	void *field = (char *)record + column->offset;
	const unsigned char *text;

	switch (column->kind) {
	case COLUMN_I64:
	case COLUMN_U64:
		*(int64_t *)field = sqlite3_column_int64(statement, place);
		break;
	case COLUMN_U32:
		*(uint32_t *)field = (uint32_t)sqlite3_column_int64(statement, place);
		break;
	case COLUMN_U8:
		*(uint8_t *)field = (uint8_t)sqlite3_column_int64(statement, place);
		break;
	default:
		text = sqlite3_column_text(statement, place);
		read_text(column, text != NULL ? (const char *)text : "", record);
		break;
	}
}

static void
bind_three(sqlite3_stmt *statement, int64_t a, int64_t b, const char *text)
{
	int count = sqlite3_bind_parameter_count(statement);

	if (count >= 1)
		(void)sqlite3_bind_int64(statement, 1, a);
	if (count >= 2)
		(void)sqlite3_bind_int64(statement, 2, b);
	if (count >= 3 && text != NULL)
		(void)sqlite3_bind_text(statement, 3, text, -1, SQLITE_TRANSIENT);
}

static int
prepare_select(sqlite3 *db, const struct table *table, const char *where,
	       sqlite3_stmt **ret_statement, struct err *err)
{
	CLEANUP(buf_done) struct buf sql = { 0 };

	(void)buf_add_text(&sql, "SELECT ");
	for (unsigned i = 0; i < table->columns_count; i++)
		(void)buf_printf(&sql, "%s%s", i > 0 ? "," : "", table->columns[i].name);
	(void)buf_printf(&sql, " FROM %s %s", table->name, where);
	return prepare(db, buf_text(&sql), ret_statement, err);
}

int
table_select(sqlite3 *db, const struct table *table, const char *where, int64_t a, int64_t b,
	     const char *text, void *record, bool (*each)(void *arg, const void *record), void *arg,
	     struct err *err)
{
	CLEANUP(finalize) sqlite3_stmt *statement = NULL;
	int step;

	int r = prepare_select(db, table, where, &statement, err);
	if (r < 0)
		return r;
	bind_three(statement, a, b, text);
	while ((step = sqlite3_step(statement)) == SQLITE_ROW) {
		memset(record, 0, table->record_size);
		for (unsigned i = 0; i < table->columns_count; i++)
			read_column(statement, (int)i, &table->columns[i], record);
		if (!each(arg, record))
			return 0;
	}
	return step == SQLITE_DONE ? 0 : fail(db, err, table->name);
}

static bool
take_first(void *arg, const void *record)
{
	(void)record;
	*(bool *)arg = true;
	return false;
}

int
table_get(sqlite3 *db, const struct table *table, const char *where, int64_t a, int64_t b,
	  const char *text, const char *what, void *ret_record, struct err *err)
{
	bool was_found = false;

	int r = table_select(db, table, where, a, b, text, ret_record, take_first, &was_found, err);
	if (r < 0)
		return r;
	return was_found ? 0 : err_set(err, AT, DD_ENOTFOUND, "there is no %s", what);
}

int
table_run(sqlite3 *db, const char *sql, int64_t a, int64_t b, const char *text, int *ret_changes,
	  struct err *err)
{
	CLEANUP(finalize) sqlite3_stmt *statement = NULL;

	int r = prepare(db, sql, &statement, err);
	if (r < 0)
		return r;
	bind_three(statement, a, b, text);
	int step = sqlite3_step(statement);
	if (step != SQLITE_DONE && step != SQLITE_ROW)
		return fail(db, err, "store");
	if (ret_changes != NULL)
		*ret_changes = sqlite3_changes(db);
	return 0;
}
