/* iad_table.c - the parameters of the device, their two names, and the conversion of their values.
 */
#include "agent/iad_table.h"

#include "base/text.h"

#include <string.h>

/* Sorted for reading; the order has no meaning. */
const struct iad_row iad_rows[] = {
	{ "user.*.number", "subscriber/*/number", NULL, IAD_NUMBER, IAD_USER_DATA },
	{ "user.*.name", "subscriber/*/display-name", NULL, IAD_TEXT, IAD_USER_DATA },
	{ "user.*.password", "subscriber/*/secret", NULL, IAD_TEXT, IAD_USER_DATA },
	{ "user.*.port", "subscriber/*/line", NULL, IAD_PORT, IAD_USER_DATA },
	{ "port.*.gain", "line/fxs*/gain-tenth-db", NULL, IAD_GAIN, IAD_PORT_DATA },
	{ "port.*.impedance", "line/fxs*/impedance", NULL, IAD_OHM, IAD_PORT_DATA },
	{ "port.*.caller-id", "line/fxs*/caller-id", NULL, IAD_CALLER_ID, IAD_PORT_DATA },
	{ "port.*.state", "line/fxs*/admin", NULL, IAD_STATE, IAD_PORT_DATA },
	{ "sip.server.*", "sip/proxy/*", NULL, IAD_WORD, IAD_PROTOCOL },
	{ "sip.register-timer", "sip/register-ms", NULL, IAD_SECONDS, IAD_PROTOCOL },
	{ "mgc.controller.*", "h248/mgc/*", NULL, IAD_WORD, IAD_PROTOCOL },
	{ "mgc.retry-timer", "h248/retry-ms", NULL, IAD_SECONDS, IAD_PROTOCOL },
	{ "codec.order", "media/codec/*", NULL, IAD_LIST, IAD_PROTOCOL },
	{ "defaults.dial-timeout", "default/dial-ms", NULL, IAD_SECONDS, IAD_DEFAULTS },
	{ "defaults.ring-cadence", "default/ring-on-ms", "default/ring-off-ms", IAD_PAIR,
	  IAD_DEFAULTS },
	{ "system.hostname", "system/name", NULL, IAD_WORD, IAD_DEFAULTS },
	{ "system.management-address", "system/management-address", NULL, IAD_WORD, IAD_DEFAULTS },
	{ "system.format", "", NULL, IAD_FORMAT, IAD_DEFAULTS },
};
const size_t iad_rows_count = ARRAY_COUNT(iad_rows);

static const struct word_pair {
	enum iad_kind kind;
	const char *word1, *word2;
} word_pairs[] = {
	{ IAD_CALLER_ID, "fsk", "etsi-fsk" }, { IAD_CALLER_ID, "dtmf", "etsi-dtmf" },
	{ IAD_CALLER_ID, "off", "none" },     { IAD_STATE, "up", "enabled" },
	{ IAD_STATE, "down", "disabled" },
};

enum {
	GAIN_TENTHS_MAX = 400,
	OHM_MAX = 9999,
	SECONDS_MAX = 7 * 86400,
	HALF_MS_MAX = 60000,
	NUMBER_MAX = 32,
	SERVERS_MAX = 8,
	CODECS_MAX = 16,
	CODEC_MAX = 16,
};

/* ---- names ---- */

bool
iad_match(const char *pattern, const char *name, char star[static IAD_PATH_MAX])
{
	const char *place = strchr(pattern, '*');

	star[0] = '\0';
	if (place == NULL)
		return text_equal(pattern, name);
	const size_t before = (size_t)(place - pattern), after = strlen(place + 1),
		     size = strlen(name);
	if (size <= before + after || size - before - after >= IAD_PATH_MAX ||
	    memcmp(name, pattern, before) != 0 || !text_equal(name + size - after, place + 1))
		return false;
	memcpy(star, name + before, size - before - after);
	star[size - before - after] = '\0';
	/* A name inside another one's parts is not an index. */
	return strpbrk(star, "./") == NULL;
}

bool
iad_fill(const char *pattern, const char *star, char path[static IAD_PATH_MAX])
{
	const char *place = strchr(pattern, '*');

	if (place == NULL)
		return text_copy(path, IAD_PATH_MAX, pattern);
	return text_print(path, IAD_PATH_MAX, "%.*s%s%s", (int)(place - pattern), pattern, star,
			  place + 1);
}

bool
iad_number_is_valid(const char *number)
{
	const size_t size = strlen(number);

	return size > 0 && size <= NUMBER_MAX && strspn(number, "0123456789*#+") == size;
}

unsigned
iad_index(const char *text, unsigned max)
{
	uint64_t number;

	if (text[0] == '0' || !text_number(text, UINT64_MAX, &number) || number > max)
		return 0;
	return (unsigned)number;
}

/* ---- values ---- */

static bool
word_is_valid(const char *value)
{
	return value[0] != '\0' && strpbrk(value, " \t\"\\") == NULL;
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* "-3", "2.5" -> tenths. */
static bool
gain_read(const char *value, int *ret_tenths)
{
	char whole[8];
	uint64_t number, tenth = 0;
	const bool is_minus = value[0] == '-';

	value += is_minus;
	const size_t n = strcspn(value, ".");
	if (n == 0 || n >= sizeof(whole))
		return false;
	memcpy(whole, value, n);
	whole[n] = '\0';
	if (value[n] == '.' && (strlen(value + n) != 2 || !text_number(value + n + 1, 9, &tenth)))
		return false;
	if (!text_number(whole, GAIN_TENTHS_MAX / 10, &number) ||
	    number * 10 + tenth > GAIN_TENTHS_MAX)
		return false;
	const int tenths = (int)(number * 10 + tenth);
	*ret_tenths = is_minus ? -tenths : tenths;
	return true;
}

static bool
gain_clean(const char *value2, char clean[static IAD_VALUE_MAX])
{
	const bool is_minus = value2[0] == '-';
	uint64_t tenths;

	return text_number(value2 + is_minus, GAIN_TENTHS_MAX, &tenths) &&
	       text_print(clean, IAD_VALUE_MAX, "%s%u", is_minus && tenths > 0 ? "-" : "",
			  (unsigned)tenths);
}

static bool
gain_to_1(const char *value2, char value1[static IAD_VALUE_MAX])
{
	const bool is_minus = value2[0] == '-';
	uint64_t tenths;

	if (!text_number(value2 + is_minus, GAIN_TENTHS_MAX, &tenths))
		return false;
	const char *sign = is_minus && tenths > 0 ? "-" : "";
	const unsigned whole = (unsigned)(tenths / 10), rest = (unsigned)(tenths % 10);
	if (rest == 0)
		return text_print(value1, IAD_VALUE_MAX, "%s%u", sign, whole);
	return text_print(value1, IAD_VALUE_MAX, "%s%u.%u", sign, whole, rest);
}

static bool
words_convert(enum iad_kind kind, bool is_to_2, const char *value,
	      char target[static IAD_VALUE_MAX])
{
	for (size_t i = 0; i < ARRAY_COUNT(word_pairs); i++) {
		const struct word_pair *pair = &word_pairs[i];
		if (pair->kind == kind && text_equal(value, is_to_2 ? pair->word1 : pair->word2))
			return text_copy(target, IAD_VALUE_MAX,
					 is_to_2 ? pair->word2 : pair->word1);
	}
	return false;
}

bool
iad_to_2(enum iad_kind kind, const char *value1, char value2[static IAD_VALUE_MAX])
{
	uint64_t number;
	int tenths;

	switch (kind) {
	case IAD_TEXT:
		return text_copy(value2, IAD_VALUE_MAX, value1);
	case IAD_WORD:
		return word_is_valid(value1) && text_copy(value2, IAD_VALUE_MAX, value1);
	case IAD_PORT:
		return iad_index(value1, IAD_PORTS) != 0 &&
		       text_print(value2, IAD_VALUE_MAX, "fxs%s", value1);
	case IAD_GAIN:
		return gain_read(value1, &tenths) &&
		       text_print(value2, IAD_VALUE_MAX, "%d", tenths);
	case IAD_OHM:
		return iad_index(value1, OHM_MAX) != 0 &&
		       text_print(value2, IAD_VALUE_MAX, "%s-ohm", value1);
	case IAD_CALLER_ID:
	case IAD_STATE:
		return words_convert(kind, true, value1, value2);
	case IAD_SECONDS:
		return text_number(value1, SECONDS_MAX, &number) &&
		       text_print(value2, IAD_VALUE_MAX, "%llu", (unsigned long long)number * 1000);
	case IAD_NUMBER:
	case IAD_LIST:
	case IAD_PAIR:
	case IAD_FORMAT:
		break; /* more than one value: their callers' */
	}
	return false;
}

bool
iad_to_1(enum iad_kind kind, const char *value2, char value1[static IAD_VALUE_MAX])
{
	const size_t size = strlen(value2);
	uint64_t number;

	switch (kind) {
	case IAD_TEXT:
		/* Blanks at the ends get lost in format 1. */
		return (size == 0 || (!is_blank(value2[0]) && !is_blank(value2[size - 1]))) &&
		       text_copy(value1, IAD_VALUE_MAX, value2);
	case IAD_WORD:
		return word_is_valid(value2) && text_copy(value1, IAD_VALUE_MAX, value2);
	case IAD_PORT:
		return text_starts(value2, "fxs") && iad_index(value2 + 3, IAD_PORTS) != 0 &&
		       text_copy(value1, IAD_VALUE_MAX, value2 + 3);
	case IAD_GAIN:
		return gain_to_1(value2, value1);
	case IAD_OHM:
		return size > 4 && text_equal(value2 + size - 4, "-ohm") &&
		       text_print(value1, IAD_VALUE_MAX, "%.*s", (int)(size - 4), value2) &&
		       iad_index(value1, OHM_MAX) != 0;
	case IAD_CALLER_ID:
	case IAD_STATE:
		return words_convert(kind, false, value2, value1);
	case IAD_SECONDS:
		return text_number(value2, SECONDS_MAX * 1000ull, &number) && number % 1000 == 0 &&
		       text_print(value1, IAD_VALUE_MAX, "%llu", (unsigned long long)number / 1000);
	case IAD_NUMBER:
	case IAD_LIST:
	case IAD_PAIR:
	case IAD_FORMAT:
		break;
	}
	return false;
}

static bool
number_clean(const char *value, uint64_t max, char clean[static IAD_VALUE_MAX])
{
	uint64_t number;

	return text_number(value, max, &number) &&
	       text_print(clean, IAD_VALUE_MAX, "%llu", (unsigned long long)number);
}

bool
iad_clean_2(enum iad_kind kind, const char *value2, char clean[static IAD_VALUE_MAX])
{
	switch (kind) {
	case IAD_TEXT:
		return text_copy(clean, IAD_VALUE_MAX, value2);
	case IAD_GAIN:
		return gain_clean(value2, clean);
	case IAD_SECONDS:
		return number_clean(value2, SECONDS_MAX * 1000ull, clean);
	case IAD_PAIR:
		return iad_half_clean(value2, clean);
	case IAD_LIST:
		return iad_codec_is_valid(value2) && text_copy(clean, IAD_VALUE_MAX, value2);
	case IAD_WORD:
	case IAD_PORT:
	case IAD_OHM:
	case IAD_CALLER_ID:
	case IAD_STATE:
		return iad_to_1(kind, value2, clean) && text_copy(clean, IAD_VALUE_MAX, value2);
	case IAD_NUMBER:
	case IAD_FORMAT:
		break; /* they have no value in format 2 */
	}
	return false;
}

bool
iad_half_clean(const char *value, char clean[static IAD_VALUE_MAX])
{
	return number_clean(value, HALF_MS_MAX, clean);
}

bool
iad_codec_is_valid(const char *name)
{
	return text_is_name(name, CODEC_MAX);
}

unsigned
iad_star_max(const struct iad_row *row)
{
	if (strchr(row->name2, '*') == NULL)
		return 0;
	switch (row->category) {
	case IAD_USER_DATA:
		return IAD_USERS_MAX;
	case IAD_PORT_DATA:
		return IAD_PORTS;
	case IAD_PROTOCOL:
		return row->kind == IAD_LIST ? CODECS_MAX : SERVERS_MAX;
	case IAD_DEFAULTS:
	case IAD_CATEGORY_COUNT:
		break;
	}
	return 0;
}
