/* iad_format2.c - configuration format 2: lines `set PATH VALUE`; gain in tenths of dB, timers in
 * ms. */
#include "agent/iad_table.h"

#include "base/text.h"

#include <string.h>

#define HEADER "drydock-iad 2"

static int
line_err(const struct iad_lines *lines, struct err *err, const char *text)
{
	return err_set(err, AT, DD_EPARSE, "line %u: %s", lines->number, text);
}

/* Undo the quotes in place; NULL where they are not well-formed. A bare word may not be empty. */
static char *
unquote(char *value)
{
	char *target = value, *next = value + 1;

	if (value[0] != '"')
		return value[0] != '\0' && strpbrk(value, " \t\"\\") == NULL ? value : NULL;
	for (; *next != '"' && *next != '\0'; next++) {
		if (*next == '\\' && next[1] != '"' && next[1] != '\\')
			return NULL;
		next += *next == '\\';
		*target++ = *next;
	}
	const bool is_whole = next[0] == '"' && next[1] == '\0';
	*target = '\0';
	return is_whole ? value : NULL;
}

static void
blanks_cut(char *text)
{
	size_t size = strlen(text);

	while (size > 0 && (text[size - 1] == ' ' || text[size - 1] == '\t'))
		text[--size] = '\0';
}

static bool
star_is_valid(const struct iad_row *row, const char *star)
{
	if (strchr(row->name2, '*') == NULL)
		return true;
	if (row->category == IAD_USER_DATA)
		return iad_number_is_valid(star);
	return iad_index(star, iad_star_max(row)) != 0;
}

static const struct iad_row *
row_find(const char *path, char star[static IAD_PATH_MAX])
{
	for (size_t i = 0; i < iad_rows_count; i++) {
		const struct iad_row *row = &iad_rows[i];
		if (row->kind == IAD_NUMBER || row->kind == IAD_FORMAT)
			continue;
		if (iad_match(row->name2, path, star) ||
		    (row->kind == IAD_PAIR && text_equal(row->name2_second, path)))
			return row;
	}
	return NULL;
}

static int
set_read(struct iad *iad, char *line, const struct iad_lines *lines, struct err *err)
{
	char star[IAD_PATH_MAX], clean[IAD_VALUE_MAX];

	if (!text_starts(line, "set ") && !text_starts(line, "set\t"))
		return line_err(lines, err, "it is not 'set PATH VALUE'");
	char *path = line + 4 + strspn(line + 4, " \t");
	char *value = path + strcspn(path, " \t");
	if (*value != '\0')
		*value++ = '\0';
	value = unquote(value + strspn(value, " \t"));
	if (value == NULL)
		return line_err(lines, err,
				"the value is neither a word nor text in double quotes");
	const struct iad_row *row = strlen(path) < IAD_PATH_MAX ? row_find(path, star) : NULL;
	if (row == NULL || !star_is_valid(row, star))
		return err_set(err, AT, DD_EPARSE, "line %u: '%.80s' is not known to this device",
			       lines->number, path);
	if (strlen(value) >= IAD_VALUE_MAX || !iad_clean_2(row->kind, value, clean))
		return err_set(err, AT, DD_EPARSE, "line %u: the value of '%s' is not valid",
			       lines->number, path);
	if (!iad_add(iad, path, clean, row->category, lines->number))
		return line_err(lines, err,
				"the configuration has more values than this device can hold");
	return 0;
}

int
iad_parse_2(struct iad *iad, struct iad_lines *lines, struct err *err)
{
	int r = 0;

	if (!iad_lines_take(lines) || lines->problem != NULL)
		return err_set(err, AT, DD_EPARSE, "line 1: it must be '" HEADER "'");
	blanks_cut(lines->line);
	if (!text_equal(lines->line, HEADER))
		return err_set(err, AT, DD_EPARSE, "line 1: it must be '" HEADER "'");
	while (r == 0 && iad_lines_take(lines)) {
		if (lines->problem != NULL)
			return line_err(lines, err, lines->problem);
		blanks_cut(lines->line);
		char *line = lines->line + strspn(lines->line, " \t");
		if (line[0] != '\0' && line[0] != '#')
			r = set_read(iad, line, lines, err);
	}
	return r;
}

static void
value_print(struct iad_out *out, const char *value)
{
	if (value[0] != '\0' && strpbrk(value, " \t\"\\") == NULL) {
		iad_out_add(out, "%s\n", value);
		return;
	}
	iad_out_add(out, "\"");
	for (; *value != '\0'; value++)
		iad_out_add(out, *value == '"' || *value == '\\' ? "\\%c" : "%c", *value);
	iad_out_add(out, "\"\n");
}

int64_t
iad_print_2(const struct iad *iad, char *ret_text, size_t size_max)
{
	struct iad_out out = { ret_text, size_max, 0, false };

	iad_out_add(&out, HEADER "\n");
	for (unsigned i = 0; i < iad->count; i++) {
		iad_out_add(&out, "set %s ", iad_path_of(iad, &iad->item[i]));
		value_print(&out, iad_value_of(iad, &iad->item[i]));
	}
	return out.is_full ? DD_EFULL : (int64_t)out.used;
}
