/* parse.c - text of a configuration to values, line by line: both parsers and what they share. */
#include "base/text.h"
#include "config/room.h"

#include <string.h>

/* The line in hand, without its end and the blanks around it. */
struct lines {
	const char *next, *end;
	unsigned number; /* of the line in `text`, from 1 */
	char text[CONFIG_LINE_MAX + 1];
};

struct parsing {
	struct lines lines;
	struct config *config;
	struct err *err;
	char section[CONFIG_PATH_MAX]; /* SCHEMA_INI; "" before the first */
};

static int
fail(const struct parsing *parsing, const char *why)
{
	return err_set(parsing->err, AT, DD_EPARSE, "line %u: %s", parsing->lines.number, why);
}

/* ---- lines ---- */

static void
trim(char *text)
{
	const size_t blanks = strspn(text, " \t");
	size_t size = strlen(text + blanks);

	while (size > 0 && (text[blanks + size - 1] == ' ' || text[blanks + size - 1] == '\t'))
		size--;
	memmove(text, text + blanks, size);
	text[size] = '\0';
}

/* False at the end. *ret_problem: why the line is none, or NULL. */
static bool
take_line(struct lines *lines, const char **ret_problem)
{
	if (lines->next == lines->end)
		return false;

	const char *start = lines->next;
	const char *newline = memchr(start, '\n', (size_t)(lines->end - start));
	size_t size = (size_t)((newline != NULL ? newline : lines->end) - start);

	lines->next = newline != NULL ? newline + 1 : lines->end;
	lines->number++;
	if (newline != NULL && size > 0 && start[size - 1] == '\r')
		size--;
	*ret_problem =
		size > CONFIG_LINE_MAX ? "the line is too long" : config_line_problem(start, size);
	if (*ret_problem != NULL)
		return true;
	memcpy(lines->text, start, size);
	lines->text[size] = '\0';
	trim(lines->text);
	return true;
}

static bool
has_header(const struct schema_format *format, const char *text, size_t size)
{
	struct lines lines = { .next = text, .end = text + size };
	const char *problem = NULL;

	return format->header[0] == '\0' || (take_line(&lines, &problem) && problem == NULL &&
					     text_equal(lines.text, format->header));
}

static int
add_value(struct parsing *parsing, const char *path, const char *value)
{
	if (strlen(value) >= CONFIG_VALUE_MAX)
		return fail(parsing, "the value is too long");
	return config_add(parsing->config, path, value, parsing->lines.number, parsing->err);
}

/* ---- SCHEMA_INI ---- */

static int
read_section(struct parsing *parsing, const char *line)
{
	const size_t size = strlen(line);

	if (size < 2 || line[size - 1] != ']')
		return fail(parsing, "the section's name must end in ']'");
	if (!config_is_word(line + 1, size - 2))
		return fail(parsing, "a section's name is letters, digits, '.', '_' and '-'");
	if (!text_print(parsing->section, sizeof(parsing->section), "%.*s", (int)(size - 2),
			line + 1))
		return fail(parsing, "the section's name is too long");
	return 0;
}

static int
read_ini(struct parsing *parsing, char *line)
{
	char path[CONFIG_PATH_MAX];

	if (line[0] == '#' || line[0] == ';')
		return 0;
	if (line[0] == '[')
		return read_section(parsing, line);
	char *equals = strchr(line, '=');
	if (equals == NULL)
		return fail(parsing, "it is neither '[section]' nor 'key = value'");
	if (parsing->section[0] == '\0')
		return fail(parsing, "a value before the first section");
	*equals = '\0';
	trim(line);
	if (!config_is_word(line, strlen(line)))
		return fail(parsing, "a key is letters, digits, '.', '_' and '-'");
	if (!text_print(path, sizeof(path), "%s.%s", parsing->section, line))
		return fail(parsing, "section and key are too long");
	trim(equals + 1);
	return add_value(parsing, path, equals + 1);
}

/* ---- SCHEMA_SET_LINES ---- */

/* Undo the quotes in place; false where they are not well-formed. */
static bool
unquote(char *value)
{
	const char *from = value + 1;
	char *to = value;

	if (value[0] != '"')
		return value[0] != '\0' && strpbrk(value, " \t\"\\") == NULL;
	for (; *from != '"' && *from != '\0'; from++) {
		if (*from == '\\' && *++from != '"' && *from != '\\')
			return false;
		*to++ = *from;
	}
	const bool is_whole = from[0] == '"' && from[1] == '\0';
	*to = '\0';
	return is_whole;
}

static int
read_set(struct parsing *parsing, char *line)
{
	if (line[0] == '#')
		return 0;
	if (!text_starts(line, "set ") && !text_starts(line, "set\t"))
		return fail(parsing, "it is not 'set PATH VALUE'");
	char *path = line + 4 + strspn(line + 4, " \t");
	char *value = path + strcspn(path, " \t");
	if (*value != '\0')
		*value++ = '\0';
	value += strspn(value, " \t");
	if (!config_path_fits(SCHEMA_SET_LINES, path))
		return fail(parsing, "a path is one word of at most 255 bytes without '\"' and "
				     "'\\'");
	if (!unquote(value))
		return fail(parsing, "the value must be one word, or in double quotes with \\\" "
				     "and \\\\ as the only escapes");
	return add_value(parsing, path, value);
}

/* ---- both ---- */

static int
read_lines(struct parsing *parsing, const struct schema_format *format)
{
	const char *problem = NULL;
	int r = 0;

	while (r == 0 && take_line(&parsing->lines, &problem)) {
		if (problem != NULL)
			return fail(parsing, problem);
		const bool is_header = parsing->lines.number == 1 && format->header[0] != '\0';
		char *line = parsing->lines.text;
		if (is_header || line[0] == '\0')
			continue;
		r = format->parser == SCHEMA_INI ? read_ini(parsing, line)
						 : read_set(parsing, line);
	}
	return r;
}

/* The text must name its own format where the schema says that it does. */
static int
check_number(const struct schema_format *format, const struct config *config, struct err *err)
{
	uint64_t number = 0;

	if (format->number_path[0] == '\0')
		return 0;
	const struct config_item *item = config_find(config, format->number_path);
	if (item == NULL)
		return err_set(err, AT, DD_EPARSE, "'%s' is missing: is the text whole?",
			       format->number_path);
	if (!text_number(item->value, UINT32_MAX, &number) || number != format->number)
		return err_set(err, AT, DD_EPARSE, "line %u: '%s' must be %u here", item->line,
			       format->number_path, (unsigned)format->number);
	return 0;
}

int
config_parse(const struct schema *schema, uint32_t format_number, const char *text, size_t size,
	     struct config **ret_config, struct err *err)
{
	const struct schema_format *format = schema_format(schema, format_number);
	CLEANUP(config_freep) struct config *config = NULL;

	if (format == NULL)
		return err_set(err, AT, DD_EUNSUPPORTED, "configuration format %u is not known",
			       (unsigned)format_number);
	if (size > CONFIG_BYTES_MAX)
		return err_set(err, AT, DD_EFULL, "the configuration has %zu bytes, %d at most",
			       size, CONFIG_BYTES_MAX);
	if (!has_header(format, text, size))
		return err_set(err, AT, DD_EPARSE, "line 1: it must be '%s'", format->header);
	int r = config_new(format, &config, err);
	if (r < 0)
		return r;

	struct parsing parsing = { .lines = { .next = text, .end = text + size },
				   .config = config,
				   .err = err };
	r = read_lines(&parsing, format);
	if (r == 0)
		r = config_finish(config, err);
	if (r == 0)
		r = check_number(format, config, err);
	if (r < 0)
		return r;
	*ret_config = TAKE(config);
	return 0;
}

int
config_format_of(const struct schema *schema, const char *text, size_t size, uint32_t *ret_format,
		 struct err *err)
{
	for (unsigned i = 0; i < schema->formats_count; i++) {
		if (has_header(&schema->formats[i], text, size)) {
			*ret_format = schema->formats[i].number;
			return 0;
		}
	}
	return err_set(err, AT, DD_ENOTFOUND,
		       "its first line is that of no configuration format of this family");
}
