/* value.c - how a rule changes one value, and the proof from the other side.
 *
 * Converting divides and cuts; value_returns() multiplies and compares, so that a fault in one is
 * found by the other. */
#include "base/text.h"
#include "config/rules.h"

#include <inttypes.h>
#include <string.h>

enum { DIGITS_MAX = 9, DIGITS_TARGET_MAX = 18 };

__extension__ typedef __int128 wide;

/* ---- numbers: whole, or with a decimal point ---- */

struct decimal {
	int64_t mantissa;
	unsigned places; /* behind the point: the number is mantissa / 10^places */
};

static bool
decimal_read(const char *text, unsigned digits_max, struct decimal *ret)
{
	const bool is_minus = text[0] == '-';
	unsigned digits = 0;
	bool has_point = false;
	struct decimal decimal = { 0 };

	for (text += is_minus; *text != '\0'; text++) {
		if (*text == '.' && digits > 0 && !has_point) {
			has_point = true;
			continue;
		}
		if (*text < '0' || *text > '9' || ++digits > digits_max)
			return false;
		decimal.mantissa = decimal.mantissa * 10 + (*text - '0');
		decimal.places += has_point;
	}
	if (digits == 0 || (has_point && decimal.places == 0))
		return false;
	decimal.mantissa = is_minus ? -decimal.mantissa : decimal.mantissa;
	*ret = decimal;
	return true;
}

static int64_t
power_of_ten(unsigned exponent)
{
	int64_t power = 1;

	while (exponent-- > 0)
		power *= 10;
	return power;
}

/* mantissa / 10^decimals, without zeros at its end. */
static void
decimal_print(int64_t mantissa, unsigned decimals, char text[static VALUE_TEXT_MAX])
{
	const uint64_t size = mantissa < 0 ? (uint64_t)-mantissa : (uint64_t)mantissa;
	uint64_t fraction = size % (uint64_t)power_of_ten(decimals);
	const uint64_t whole = size / (uint64_t)power_of_ten(decimals);
	const char *sign = mantissa < 0 ? "-" : "";

	while (decimals > 0 && fraction % 10 == 0) {
		fraction /= 10;
		decimals--;
	}
	/* Both fit: VALUE_TEXT_MAX is far above the 20 digits that there may be. */
	if (decimals == 0)
		(void)text_print(text, VALUE_TEXT_MAX, "%s%" PRIu64, sign, whole);
	else
		(void)text_print(text, VALUE_TEXT_MAX, "%s%" PRIu64 ".%0*" PRIu64, sign, whole,
				 (int)decimals, fraction);
}

static const char *
scale(const struct rule *rule, const char *value, char ret_value[static VALUE_TEXT_MAX])
{
	struct decimal decimal;

	if (!decimal_read(value, DIGITS_MAX, &decimal))
		return "it is no number of at most 9 digits";
	/* At most 9 + 6 + 3 digits: below 2^63. */
	const int64_t above = decimal.mantissa * rule->factor * power_of_ten(rule->decimals);
	const int64_t below = rule->divisor * power_of_ten(decimal.places);
	if (above % below != 0)
		return "the number can't be converted exactly";
	decimal_print(above / below, rule->decimals, ret_value);
	return NULL;
}

static bool
scale_returns(const struct rule *rule, const char *source, const char *target)
{
	struct decimal from, to;

	if (!decimal_read(source, DIGITS_MAX, &from) ||
	    !decimal_read(target, DIGITS_TARGET_MAX, &to))
		return false;
	return (wide)from.mantissa * rule->factor * power_of_ten(to.places) ==
	       (wide)to.mantissa * rule->divisor * power_of_ten(from.places);
}

/* ---- words ---- */

static const char *
map(const struct rule *rule, const char *value, char ret_value[static VALUE_TEXT_MAX])
{
	for (unsigned i = 0; i < rule->words_count; i++) {
		if (text_equal(rule->words[i].from, value)) {
			(void)text_copy(ret_value, VALUE_TEXT_MAX, rule->words[i].to); /* it fits */
			return NULL;
		}
	}
	return "its value is not in the rule's map";
}

static bool
map_returns(const struct rule *rule, const char *source, const char *target)
{
	bool is_found = false;

	for (unsigned i = 0; i < rule->words_count; i++) {
		if (!text_equal(rule->words[i].to, target))
			continue;
		const bool is_source = text_equal(rule->words[i].from, source);
		if (!is_source && rule->reason == NULL)
			return false;
		is_found |= is_source;
	}
	return is_found;
}

const char *
value_convert(const struct rule *rule, const char *value, char ret_value[static VALUE_TEXT_MAX])
{
	switch (rule->value) {
	case VALUE_AROUND:
		return text_print(ret_value, VALUE_TEXT_MAX, "%s%s%s", rule->before, value,
				  rule->after)
			       ? NULL
			       : "the new value is too long";
	case VALUE_MAP:
		return map(rule, value, ret_value);
	case VALUE_SCALE:
		return scale(rule, value, ret_value);
	case VALUE_SAME:
	case VALUE_SPLIT: /* its parts are as they were */
		break;
	}
	return text_copy(ret_value, VALUE_TEXT_MAX, value) ? NULL : "the value is too long";
}

bool
value_returns(const struct rule *rule, const char *source, const char *target)
{
	size_t before, after, size;

	switch (rule->value) {
	case VALUE_AROUND:
		before = strlen(rule->before);
		after = strlen(rule->after);
		size = strlen(target);
		return size >= before + after && memcmp(target, rule->before, before) == 0 &&
		       memcmp(target + size - after, rule->after, after) == 0 &&
		       strlen(source) == size - before - after &&
		       memcmp(target + before, source, size - before - after) == 0;
	case VALUE_MAP:
		return map_returns(rule, source, target);
	case VALUE_SCALE:
		return scale_returns(rule, source, target);
	case VALUE_SAME:
	case VALUE_SPLIT:
		break;
	}
	return text_equal(source, target);
}

/* ---- lists ---- */

bool
value_part(const char *list, const char *separator, size_t n, struct slice *ret_part)
{
	for (; n > 0; n--) {
		list = strstr(list, separator);
		if (list == NULL)
			return false;
		list += strlen(separator);
	}
	const char *end = strstr(list, separator);
	size_t size = end != NULL ? (size_t)(end - list) : strlen(list);
	while (size > 0 && (list[0] == ' ' || list[0] == '\t')) {
		list++;
		size--;
	}
	while (size > 0 && (list[size - 1] == ' ' || list[size - 1] == '\t'))
		size--;
	*ret_part = (struct slice){ (const uint8_t *)list, size };
	return true;
}

size_t
value_parts(const char *list, const char *separator)
{
	size_t count = 1;

	while ((list = strstr(list, separator)) != NULL) {
		list += strlen(separator);
		count++;
	}
	return count;
}
