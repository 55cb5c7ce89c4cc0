/* The manager's answers: read without fear, printed for people or as they are. */
#include "cli/room.h"

#include <stdlib.h>
#include <string.h>

const char *
doc_text(const json_t *doc, const char *key)
{
	const char *text = json_string_value(json_object_get(doc, key));

	return text != NULL ? text : "";
}

int64_t
doc_int(const json_t *doc, const char *key)
{
	return json_integer_value(json_object_get(doc, key));
}

bool
doc_bool(const json_t *doc, const char *key)
{
	return json_is_true(json_object_get(doc, key));
}

const char *
doc_words(const json_t *list, const char *between, char *buf, size_t size)
{
	size_t used = 0;

	buf[0] = '\0';
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *item = json_array_get(list, i);
		const char *comma = i > 0 ? between : "";
		if (json_is_integer(item))
			(void)text_print(buf + used, size - used, "%s%lld", comma,
					 (long long)json_integer_value(item));
		else
			(void)text_print(buf + used, size - used, "%s%s", comma,
					 json_is_string(item) ? json_string_value(item) : "?");
		used = strlen(buf);
	}
	return buf;
}

const char *
doc_list(const json_t *list, char *buf, size_t size)
{
	return doc_words(list, ", ", buf, size);
}

void
print_document(const json_t *doc)
{
	char *text = json_dumps(doc, JSON_COMPACT);

	if (text == NULL)
		return;
	puts(text);
	free(text);
	(void)fflush(stdout); /* followers read line by line; a failure is told at the end */
}

void
print_text(FILE *out, const char *text)
{
	char *copy = strdup(text);

	if (copy == NULL)
		return;
	text_clean(copy);
	fputs(copy, out);
	free(copy);
}

static void
text_freep(char **text)
{
	free(*text);
}

/* Characters, not bytes: continuation bytes of UTF-8 take no column. */
static unsigned
width_of(const char *text)
{
	unsigned width = 0;

	for (; *text != '\0'; text++)
		width += ((unsigned char)*text & 0xc0) != 0x80;
	return width;
}

void
print_wrapped(FILE *out, unsigned at, unsigned indent, unsigned columns, const char *text)
{
	CLEANUP(text_freep) char *copy = strdup(text);
	bool is_first = true;

	if (copy == NULL)
		return;
	text_clean(copy);
	for (char *word = copy + strspn(copy, " "); *word != '\0'; word += strspn(word, " ")) {
		size_t size = strcspn(word, " ");
		char after = word[size];
		word[size] = '\0';
		unsigned width = width_of(word);
		if (!is_first && at + 1 + width > columns) {
			fputc('\n', out);
			at = 0;
			is_first = true;
		}
		if (at < indent) {
			fprintf(out, "%*s", (int)(indent - at), "");
			at = indent;
		}
		fprintf(out, "%s%s", is_first ? "" : " ", word);
		at += width + !is_first;
		is_first = false;
		word[size] = after;
		word += size;
	}
	fputc('\n', out);
}

void
print_field(const char *label, const char *value)
{
	if (value[0] == '\0')
		return;
	printf("  %-16s ", label);
	print_text(stdout, value);
	putchar('\n');
}

/* ---- tables ---- */

void
table_init(struct table *table, const struct cli *cli, const char *const *titles)
{
	*table = (struct table){ .cli = cli };
	while (titles[table->columns] != NULL && table->columns < TABLE_COLUMNS_MAX)
		table_cell(table, titles[table->columns++]);
	table->rows = 0;
}

void
table_cell(struct table *table, const char *text)
{
	size_t at = table->cells.size;

	(void)buf_add(&table->cells, text, strlen(text) + 1);
	if (!table->cells.has_failed)
		text_clean(table->cells.data + at);
}

static void
print_row(const struct table *table, const char **cell, const unsigned *widths)
{
	for (unsigned i = 0; i < table->columns; i++) {
		unsigned pad = i + 1 < table->columns ? widths[i] + 2 - width_of(*cell) : 0;
		printf("%s%*s", *cell, (int)pad, "");
		*cell += strlen(*cell) + 1;
	}
	putchar('\n');
}

void
table_end(struct table *table)
{
	unsigned widths[TABLE_COLUMNS_MAX] = { 0 }, column = 0;
	const char *cell = buf_text(&table->cells), *end = cell + table->cells.size;
	bool has_colour = stdout_has_colour();

	if (table->cells.has_failed || table->columns == 0) {
		buf_done(&table->cells);
		return;
	}
	for (const char *at = cell; at < end;
	     at += strlen(at) + 1, column = (column + 1) % table->columns)
		if (width_of(at) > widths[column])
			widths[column] = width_of(at);
	if (has_colour)
		fputs("\033[1m", stdout);
	print_row(table, &cell, widths);
	if (has_colour)
		fputs("\033[0m", stdout);
	while (cell < end)
		print_row(table, &cell, widths);
	buf_done(&table->cells);
}

struct list {
	struct cli *cli;
	struct table table;
	void (*fill)(struct table *table, const json_t *row);
};

static int
list_row(void *arg, json_t *row, struct err *err)
{
	struct list *list = arg;

	(void)err;
	if (list->cli->is_json)
		print_document(row);
	else
		list->fill(&list->table, row);
	return 0;
}

int
run_list(struct cli *cli, const char *path, const char *key, const char *const *titles,
	 void (*fill)(struct table *table, const json_t *row))
{
	struct list list = { .cli = cli, .fill = fill };
	struct err err = { 0 };

	table_init(&list.table, cli, titles);
	int r = client_list(cli, path, key, list_row, &list, &err);
	if (r < 0 || cli->is_json) {
		buf_done(&list.table.cells);
		return r < 0 ? refused(cli, &err) : CODE_DONE;
	}
	table_end(&list.table);
	return CODE_DONE;
}
