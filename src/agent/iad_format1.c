/* iad_format1.c - configuration format 1: sections, keys and values; gain in dB, timers in s.
 *
 * While reading, a user's items have paths "subscriber/@INDEX/...", as the number that is to be
 * their key may come last; they are renamed at the end. '@' can't be in a number. */
#include "agent/iad_table.h"

#include "base/text.h"

#include <string.h>

#define HEADER "# drydock-iad configuration"

static int
line_err(const struct iad_lines *lines, struct err *err, const char *text)
{
	return err_set(err, AT, DD_EPARSE, "line %u: %s", lines->number, text);
}

static char *
trim(char *text)
{
	text += strspn(text, " \t");
	size_t size = strlen(text);
	while (size > 0 && (text[size - 1] == ' ' || text[size - 1] == '\t'))
		size--;
	text[size] = '\0';
	return text;
}

/* ---- values that become several items ---- */

static bool
list_add(struct iad *iad, const struct iad_row *row, char *value, unsigned line)
{
	const unsigned max = iad_star_max(row);

	for (unsigned n = 1; value != NULL; n++) {
		char star[16], path[IAD_PATH_MAX];
		char *comma = strchr(value, ',');
		if (comma != NULL)
			*comma = '\0';
		const char *name = trim(value);
		if (n > max || !iad_codec_is_valid(name) ||
		    !text_print(star, sizeof(star), "%u", n) || !iad_fill(row->name2, star, path) ||
		    !iad_add(iad, path, name, row->category, line))
			return false;
		value = comma != NULL ? comma + 1 : NULL;
	}
	return true;
}

static bool
pair_add(struct iad *iad, const struct iad_row *row, char *value, unsigned line)
{
	char clean[IAD_VALUE_MAX];
	char *slash = strchr(value, '/');

	if (slash == NULL)
		return false;
	*slash = '\0';
	return iad_half_clean(value, clean) &&
	       iad_add(iad, row->name2, clean, row->category, line) &&
	       iad_half_clean(slash + 1, clean) &&
	       iad_add(iad, row->name2_second, clean, row->category, line);
}

/* ---- one line ---- */

static bool
value_add(struct iad *iad, const struct iad_row *row, const char *star, char *value, unsigned line)
{
	char path[IAD_PATH_MAX], place[IAD_PATH_MAX], converted[IAD_VALUE_MAX];

	if (row->kind == IAD_LIST)
		return list_add(iad, row, value, line);
	if (row->kind == IAD_PAIR)
		return pair_add(iad, row, value, line);
	if (row->kind == IAD_NUMBER) {
		if (!iad_number_is_valid(value) || !text_copy(converted, sizeof(converted), value))
			return false;
	} else if (!iad_to_2(row->kind, value, converted)) {
		return false;
	}
	return text_print(place, sizeof(place), row->category == IAD_USER_DATA ? "@%s" : "%s",
			  star) &&
	       iad_fill(row->name2, place, path) &&
	       iad_add(iad, path, converted, row->category, line);
}

static int
key_read(struct iad *iad, const char *section, char *line, const struct iad_lines *lines,
	 bool *has_format, struct err *err)
{
	char name[IAD_PATH_MAX], star[IAD_PATH_MAX];
	char *equals = strchr(line, '=');

	if (equals == NULL)
		return line_err(lines, err, "it is neither '[section]' nor 'key = value'");
	*equals = '\0';
	if (section[0] == '\0')
		return line_err(lines, err, "there is a value before the first section");
	if (!text_print(name, sizeof(name), "%s.%s", section, trim(line)))
		return line_err(lines, err, "the name is too long");
	for (size_t i = 0; i < iad_rows_count; i++) {
		const struct iad_row *row = &iad_rows[i];
		/* LIST has its '*' in format 2 only. */
		const bool has_star = strchr(row->name1, '*') != NULL;
		if (!iad_match(row->name1, name, star))
			continue;
		if (has_star && iad_index(star, iad_star_max(row)) == 0)
			return err_set(err, AT, DD_EPARSE,
				       "line %u: '%s' has a number that this device does not have",
				       lines->number, name);
		char *value = trim(equals + 1);
		if (row->kind == IAD_FORMAT) {
			if (*has_format || !text_equal(value, "1"))
				return line_err(lines, err,
						"system.format must be there once and be 1");
			*has_format = true;
			return 0;
		}
		if (!value_add(iad, row, star, value, lines->number))
			return err_set(err, AT, DD_EPARSE,
				       "line %u: the value of '%s' is not valid", lines->number,
				       name);
		return 0;
	}
	return err_set(err, AT, DD_EPARSE, "line %u: '%s' is not known to this device",
		       lines->number, name);
}

static int
section_read(char *section, size_t size, char *line, const struct iad_lines *lines, struct err *err)
{
	const size_t length = strlen(line);

	if (length < 3 || line[length - 1] != ']')
		return line_err(lines, err, "the section's name does not end in ']'");
	line[length - 1] = '\0';
	if (!text_is_name(line + 1, IAD_PATH_MAX) || !text_copy(section, size, line + 1))
		return line_err(lines, err, "the section's name is not valid");
	return 0;
}

/* ---- users get their numbers ---- */

static const char *
number_of(const struct iad *iad, const char *star)
{
	char path[IAD_PATH_MAX];

	return iad_fill("subscriber/*/number", star, path) ? iad_value(iad, path) : NULL;
}

static int
user_rename(struct iad *iad, struct iad_item *item, struct err *err)
{
	char star[IAD_PATH_MAX], path[IAD_PATH_MAX];
	const struct iad_item old = *item;
	const char *tail = strrchr(iad_path_of(iad, item), '/');

	if (text_equal(tail, "/number"))
		return 0; /* the others still look for it here */
	(void)text_copy(star, sizeof(star), iad_path_of(iad, item) + strlen("subscriber/"));
	star[strcspn(star, "/")] = '\0';
	const char *number = number_of(iad, star);
	if (number == NULL)
		return err_set(err, AT, DD_EPARSE, "line %u: user.%s has no number", item->line,
			       star + 1);
	/* Appending moves nothing, so that `tail` and `number` stay where they are. */
	if (!text_print(path, sizeof(path), "subscriber/%s%s", number, tail) ||
	    !iad_add(iad, path, iad_value_of(iad, &old), old.category, old.line))
		return err_set(
			err, AT, DD_EFULL,
			"line %u: the configuration has more values than this device can hold",
			old.line);
	*item = iad->item[--iad->count];
	return 0;
}

/* A number alone would have no value in format 2, and be lost. */
static int
numbers_check(const struct iad *iad, struct err *err)
{
	char star[IAD_PATH_MAX];

	for (unsigned i = 0; i < iad->count; i++) {
		const struct iad_item *number = &iad->item[i];
		unsigned fields = 0;
		if (!iad_match("subscriber/*/number", iad_path_of(iad, number), star))
			continue;
		for (unsigned k = 0; k < iad->count; k++) {
			if (iad->item[k].category != IAD_USER_DATA)
				continue;
			const char *path = iad_path_of(iad, &iad->item[k]) + strlen("subscriber/");
			fields += text_starts(path, star) && path[strlen(star)] == '/';
			if (k > i && text_equal(strrchr(path, '/'), "/number") &&
			    text_equal(iad_value_of(iad, &iad->item[k]), iad_value_of(iad, number)))
				return err_set(err, AT, DD_EPARSE,
					       "line %u: this number belongs to user.%s, too",
					       iad->item[k].line, star + 1);
		}
		if (fields < 2)
			return err_set(err, AT, DD_EPARSE,
				       "line %u: user.%s has a number and nothing else",
				       number->line, star + 1);
	}
	return 0;
}

static int
users_rename(struct iad *iad, struct err *err)
{
	int r = numbers_check(iad, err);

	for (unsigned i = 0; i < iad->count && r == 0; i++)
		if (iad->item[i].category == IAD_USER_DATA)
			r = user_rename(iad, &iad->item[i], err);
	/* The numbers are keys now. */
	unsigned kept = 0;
	for (unsigned i = 0; i < iad->count; i++) {
		char star[IAD_PATH_MAX];
		if (!iad_match("subscriber/*/number", iad_path_of(iad, &iad->item[i]), star))
			iad->item[kept++] = iad->item[i];
	}
	iad->count = (uint16_t)kept;
	return r;
}

int
iad_parse_1(struct iad *iad, struct iad_lines *lines, struct err *err)
{
	char section[IAD_PATH_MAX] = "";
	bool has_format = false;
	int r = 0;

	if (!iad_lines_take(lines) || lines->problem != NULL ||
	    !text_equal(trim(lines->line), HEADER))
		return err_set(err, AT, DD_EPARSE, "line 1: it must be '" HEADER "'");
	while (r == 0 && iad_lines_take(lines)) {
		if (lines->problem != NULL)
			return line_err(lines, err, lines->problem);
		char *line = trim(lines->line);
		if (line[0] == '\0' || line[0] == '#' || line[0] == ';')
			continue;
		if (line[0] == '[')
			r = section_read(section, sizeof(section), line, lines, err);
		else
			r = key_read(iad, section, line, lines, &has_format, err);
	}
	if (r == 0 && !has_format)
		return err_set(err, AT, DD_EPARSE, "line %u: the text ends without system.format",
			       lines->number);
	return r < 0 ? r : users_rename(iad, err);
}

/* ---- printing: section by section, in the order of the table ---- */

static bool
value_print(struct iad_out *out, const char *key, enum iad_kind kind, const char *value2)
{
	char value[IAD_VALUE_MAX];

	if (!iad_to_1(kind, value2, value))
		return false;
	iad_out_add(out, "%s = %s\n", key, value);
	return true;
}

/* All rows of a section whose '*' in format 2 stands for `star2`; the section's name has it
 * already. */
static bool
section_print(const struct iad *iad, struct iad_out *out, const char *prefix, const char *star2)
{
	for (size_t i = 0; i < iad_rows_count; i++) {
		char path[IAD_PATH_MAX];
		const struct iad_row *row = &iad_rows[i];
		if (!text_starts(row->name1, prefix) || row->kind == IAD_NUMBER ||
		    row->kind == IAD_FORMAT)
			continue;
		if (!iad_fill(row->name2, star2, path))
			return false;
		const char *value = iad_value(iad, path);
		if (value != NULL &&
		    !value_print(out, strrchr(row->name1, '.') + 1, row->kind, value))
			return false;
	}
	return true;
}

static bool
users_print(const struct iad *iad, struct iad_out *out)
{
	char before[IAD_PATH_MAX] = "";
	unsigned index = 0;

	for (unsigned i = 0; i < iad->count; i++) {
		char number[IAD_PATH_MAX];
		if (iad->item[i].category != IAD_USER_DATA)
			continue;
		(void)text_copy(number, sizeof(number),
				iad_path_of(iad, &iad->item[i]) + strlen("subscriber/"));
		number[strcspn(number, "/")] = '\0';
		if (text_equal(number, before))
			continue;
		(void)text_copy(before, sizeof(before), number);
		iad_out_add(out, "[user.%u]\nnumber = %s\n", ++index, number);
		if (index > IAD_USERS_MAX || !section_print(iad, out, "user.", number))
			return false;
	}
	return true;
}

static bool
ports_print(const struct iad *iad, struct iad_out *out)
{
	for (unsigned n = 1; n <= IAD_PORTS; n++) {
		char star[8];
		iad_out_add(out, "[port.%u]\n", n);
		if (!text_print(star, sizeof(star), "%u", n) ||
		    !section_print(iad, out, "port.", star))
			return false;
	}
	return true;
}

static bool
numbered_print(const struct iad *iad, struct iad_out *out, const struct iad_row *row)
{
	const char *key = strchr(row->name1, '.') + 1;
	const bool is_list = row->kind == IAD_LIST;
	unsigned count = 0;

	for (unsigned n = 1; n <= iad_star_max(row); n++) {
		char star[8], path[IAD_PATH_MAX];
		if (!text_print(star, sizeof(star), "%u", n) || !iad_fill(row->name2, star, path))
			return false;
		const char *value = iad_value(iad, path);
		if (value == NULL)
			continue;
		if (is_list && count != n - 1)
			return false; /* a list has no holes */
		if (is_list)
			iad_out_add(out, "%s%s", count == 0 ? "order = " : ",", value);
		else
			iad_out_add(out, "%.*s%u = %s\n", (int)strcspn(key, "*"), key, n, value);
		count++;
	}
	if (is_list && count > 0)
		iad_out_add(out, "\n");
	return true;
}

static bool
pair_print(const struct iad *iad, struct iad_out *out, const struct iad_row *row)
{
	const char *first = iad_value(iad, row->name2), *second = iad_value(iad, row->name2_second);

	if ((first == NULL) != (second == NULL))
		return false;
	if (first != NULL)
		iad_out_add(out, "%s = %s/%s\n", strchr(row->name1, '.') + 1, first, second);
	return true;
}

static bool
plain_print(const struct iad *iad, struct iad_out *out, const struct iad_row *row)
{
	const char *value = iad_value(iad, row->name2);

	return value == NULL || value_print(out, strchr(row->name1, '.') + 1, row->kind, value);
}

static bool
rest_print(const struct iad *iad, struct iad_out *out, const char *section)
{
	bool is_good = true;

	iad_out_add(out, "[%s]\n", section);
	for (size_t i = 0; i < iad_rows_count && is_good; i++) {
		const struct iad_row *row = &iad_rows[i];
		if (strncmp(row->name1, section, strlen(section)) != 0 ||
		    row->name1[strlen(section)] != '.')
			continue;
		if (row->kind == IAD_FORMAT)
			iad_out_add(out, "format = 1\n");
		else if (row->kind == IAD_PAIR)
			is_good = pair_print(iad, out, row);
		else if (iad_star_max(row) > 0)
			is_good = numbered_print(iad, out, row);
		else
			is_good = plain_print(iad, out, row);
	}
	return is_good;
}

int64_t
iad_print_1(const struct iad *iad, char *ret_text, size_t size_max)
{
	struct iad_out out = { ret_text, size_max, 0, false };

	iad_out_add(&out, HEADER "\n");
	const bool is_good = rest_print(iad, &out, "system") && users_print(iad, &out) &&
			     ports_print(iad, &out) && rest_print(iad, &out, "sip") &&
			     rest_print(iad, &out, "mgc") && rest_print(iad, &out, "codec") &&
			     rest_print(iad, &out, "defaults");
	if (!is_good)
		return DD_ERANGE;
	return out.is_full ? DD_EFULL : (int64_t)out.used;
}
