/* words.c - the lexical rules that parser, printer and migrations share. */
#include "config/room.h"

#include <assert.h>
#include <string.h>

static_assert((int)sizeof("set  \"\"") + CONFIG_PATH_MAX + 2 * CONFIG_VALUE_MAX <= CONFIG_LINE_MAX,
	      "every value fits a line");

/* Bytes of the UTF-8 character that `text` begins with, 0 where there is none (RFC 3629). */
static size_t
character_size(const unsigned char *text, size_t size)
{
	static const struct {
		unsigned char first, last, second_min, second_max, size;
	} rows[] = {
		{ 0x00, 0x7f, 0x00, 0xff, 1 }, { 0xc2, 0xdf, 0x80, 0xbf, 2 },
		{ 0xe0, 0xe0, 0xa0, 0xbf, 3 }, { 0xe1, 0xec, 0x80, 0xbf, 3 },
		{ 0xed, 0xed, 0x80, 0x9f, 3 }, { 0xee, 0xef, 0x80, 0xbf, 3 },
		{ 0xf0, 0xf0, 0x90, 0xbf, 4 }, { 0xf1, 0xf3, 0x80, 0xbf, 4 },
		{ 0xf4, 0xf4, 0x80, 0x8f, 4 },
	};

	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		if (text[0] < rows[i].first || text[0] > rows[i].last)
			continue;
		if (rows[i].size > size || (rows[i].size > 1 && (text[1] < rows[i].second_min ||
								 text[1] > rows[i].second_max)))
			return 0;
		for (size_t n = 2; n < rows[i].size; n++)
			if ((text[n] & 0xc0) != 0x80)
				return 0;
		return rows[i].size;
	}
	return 0;
}

const char *
config_line_problem(const char *text, size_t size)
{
	const unsigned char *at = (const unsigned char *)text;

	while (size > 0) {
		const size_t length = character_size(at, size);
		if (length == 0)
			return "a byte that is not UTF-8";
		if (*at == 0x7f || (*at < ' ' && *at != '\t'))
			return "a control character";
		at += length;
		size -= length;
	}
	return NULL;
}

static bool
is_word_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '.' || c == '_' || c == '-';
}

bool
config_is_word(const char *text, size_t size)
{
	if (size == 0 || text[0] == '.' || text[0] == '-')
		return false;
	for (size_t i = 0; i < size; i++)
		if (!is_word_char(text[i]))
			return false;
	return true;
}

char
config_separator(enum schema_parser parser)
{
	return parser == SCHEMA_INI ? '.' : '/';
}

static bool
is_cut(const char *path, const char *place)
{
	return *place == '.' && config_is_word(path, (size_t)(place - path)) &&
	       config_is_word(place + 1, strlen(place + 1));
}

/* "sip.server.1" is key server.1 of section sip, "user.1.name" key name of section user.1: a number
 * at the end belongs to the word before it. Any other cut would parse to the same path; this one
 * reads as people write it. */
const char *
config_path_cut(const char *path)
{
	const char *last = strrchr(path, '.');

	if (last == NULL)
		return NULL;
	if (last[1] != '\0' && last[1 + strspn(last + 1, "0123456789")] == '\0')
		for (const char *place = last - 1; place > path; place--)
			if (*place == '.') {
				if (is_cut(path, place))
					return place;
				break;
			}
	for (const char *place = last; place > path; place--)
		if (is_cut(path, place))
			return place;
	return NULL;
}

bool
config_path_fits(enum schema_parser parser, const char *path)
{
	const size_t size = strlen(path);

	if (size == 0 || size >= CONFIG_PATH_MAX || config_line_problem(path, size) != NULL)
		return false;
	return parser == SCHEMA_INI ? config_path_cut(path) != NULL
				    : strpbrk(path, " \t\"\\") == NULL;
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

bool
config_value_fits(enum schema_parser parser, const char *value)
{
	const size_t size = strlen(value);

	if (size >= CONFIG_VALUE_MAX || config_line_problem(value, size) != NULL)
		return false;
	return parser != SCHEMA_INI || size == 0 ||
	       (!is_blank(value[0]) && !is_blank(value[size - 1]));
}
