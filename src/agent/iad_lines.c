/* iad_lines.c - configuration text line by line: LF or CRLF, UTF-8, no control characters but the
 * tab. */
#include "agent/iad_table.h"

#include <string.h>

void
iad_lines_init(struct iad_lines *lines, const char *text, size_t size)
{
	memset(lines, 0, sizeof(*lines));
	lines->next = text;
	lines->end = text + size;
}

/* Bytes of the UTF-8 character at `at` (RFC 3629), 0 where it is none. */
static size_t
utf8_size(const uint8_t *at, size_t left)
{
	static const struct {
		uint8_t first, last; /* of the leading byte */
		uint8_t second_min, second_max;
		uint8_t size;
	} rows[] = {
		{ 0xc2, 0xdf, 0x80, 0xbf, 2 }, { 0xe0, 0xe0, 0xa0, 0xbf, 3 },
		{ 0xe1, 0xec, 0x80, 0xbf, 3 }, { 0xed, 0xed, 0x80, 0x9f, 3 },
		{ 0xee, 0xef, 0x80, 0xbf, 3 }, { 0xf0, 0xf0, 0x90, 0xbf, 4 },
		{ 0xf1, 0xf3, 0x80, 0xbf, 4 }, { 0xf4, 0xf4, 0x80, 0x8f, 4 },
	};

	if (at[0] < 0x80)
		return 1;
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		if (at[0] < rows[i].first || at[0] > rows[i].last || left < rows[i].size ||
		    at[1] < rows[i].second_min || at[1] > rows[i].second_max)
			continue;
		for (size_t n = 2; n < rows[i].size; n++)
			if (at[n] < 0x80 || at[n] > 0xbf)
				return 0;
		return rows[i].size;
	}
	return 0;
}

static const char *
line_problem(const char *line, size_t size)
{
	const uint8_t *bytes = (const uint8_t *)line;

	for (size_t i = 0; i < size;) {
		const size_t n = utf8_size(bytes + i, size - i);
		if (n == 0)
			return "the text is not UTF-8";
		if ((bytes[i] < ' ' && bytes[i] != '\t') || bytes[i] == 0x7f)
			return "there is a control character";
		i += n;
	}
	return NULL;
}

bool
iad_lines_take(struct iad_lines *lines)
{
	if (lines->next == lines->end)
		return false;
	const size_t left = (size_t)(lines->end - lines->next);
	const char *newline = memchr(lines->next, '\n', left);
	const char *end = newline != NULL ? newline : lines->end;
	size_t size = (size_t)(end - lines->next);

	lines->number++;
	if (size > 0 && lines->next[size - 1] == '\r')
		size--;
	if (size >= sizeof(lines->line)) {
		lines->problem = "the line is too long";
		size = sizeof(lines->line) - 1;
	} else {
		lines->problem = line_problem(lines->next, size);
	}
	memcpy(lines->line, lines->next, size);
	lines->line[size] = '\0';
	lines->next = newline != NULL ? newline + 1 : lines->end;
	return true;
}
