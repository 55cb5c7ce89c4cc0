/* json.c - strict reading of JSON, and getters that name what is wrong. */
#include "base/json.h"
#include "base/text.h"

#include <inttypes.h>
#include <string.h>

static int
parse_failed(const char *reason, int line, int column, struct err *err)
{
	return err_set(err, AT, DD_EPARSE, "not JSON as Drydock reads it, line %d column %d: %s",
		       line, column, reason);
}

/* jansson nests on the C stack and takes memory for every value, so both are bounded before it sees
 * a byte. What is malformed is left to it. */
static int
check_size(const char *text, size_t size, struct err *err)
{
	int line = 1, column = 1;
	unsigned depth = 0, values = 1;
	bool is_text = false;

	for (size_t i = 0; i < size; i++, column++) {
		const char c = text[i];
		if (c == '\0') /* jansson passes over one that follows a number or a word */
			return parse_failed("a NUL byte", line, column, err);
		if (c == '\n') {
			line++;
			column = 0;
		}
		if (c == '"')
			is_text = !is_text;
		if (is_text && c == '\\')
			i++, column++;
		if (is_text)
			continue;
		if ((c == '[' || c == '{') && ++depth > JSON_DEPTH_MAX)
			return parse_failed("nested too deep", line, column, err);
		if ((c == ']' || c == '}') && depth > 0)
			depth--;
		if ((c == '[' || c == '{' || c == ',') && ++values > JSON_VALUES_MAX)
			return parse_failed("too many values", line, column, err);
	}
	return 0;
}

int
json_read(const char *text, size_t size, json_t **ret_json, struct err *err)
{
	json_error_t error = { 0 };

	if (size > JSON_BYTES_MAX)
		return err_set(err, AT, DD_EPARSE, "JSON of %zu bytes; %d is the maximum", size,
			       JSON_BYTES_MAX);

	int r = check_size(text, size, err);
	if (r < 0)
		return r;

	json_t *json = json_loadb(text, size, JSON_REJECT_DUPLICATES, &error);
	if (!json) {
		/* jansson quotes the place: "... near '<piece of the document>'". */
		char *near = strstr(error.text, " near ");
		if (near)
			*near = '\0';
		return parse_failed(error.text, error.line, error.column, err);
	}
	*ret_json = json;
	return 0;
}

/* *ret_value is NULL where the key is absent or null. */
static int
find(const json_t *object, const char *key, const json_t **ret_value, struct err *err)
{
	if (!json_is_object(object))
		return err_set(err, AT, DD_EINVAL, "an object with \"%s\" is expected", key);

	const json_t *value = json_object_get(object, key);
	*ret_value = json_is_null(value) ? NULL : value;
	return 0;
}

static int
find_needed(const json_t *object, const char *key, const json_t **ret_value, struct err *err)
{
	const json_t *value = NULL;

	int r = find(object, key, &value, err);
	if (r < 0)
		return r;
	if (!value)
		return err_set(err, AT, DD_EINVAL, "\"%s\" is missing", key);
	*ret_value = value;
	return 0;
}

static int
text_of(const json_t *value, const char *key, const char **ret_text, struct err *err)
{
	if (!json_is_string(value))
		return err_set(err, AT, DD_EINVAL, "\"%s\" must be a string", key);
	*ret_text = json_string_value(value);
	return 0;
}

static int
int_of(const json_t *value, const char *key, int64_t min, int64_t max, int64_t *ret,
       struct err *err)
{
	if (!json_is_integer(value))
		return err_set(err, AT, DD_EINVAL, "\"%s\" must be a whole number", key);

	const int64_t number = json_integer_value(value);
	if (number < min || number > max)
		return err_set(err, AT, DD_EINVAL, "\"%s\" must be from %" PRId64 " to %" PRId64,
			       key, min, max);
	*ret = number;
	return 0;
}

int
json_get_text(const json_t *object, const char *key, const char **ret_text, struct err *err)
{
	const json_t *value = NULL;

	int r = find_needed(object, key, &value, err);
	return r < 0 ? r : text_of(value, key, ret_text, err);
}

int
json_get_int(const json_t *object, const char *key, int64_t min, int64_t max, int64_t *ret,
	     struct err *err)
{
	const json_t *value = NULL;

	int r = find_needed(object, key, &value, err);
	return r < 0 ? r : int_of(value, key, min, max, ret, err);
}

int
json_text_or(const json_t *object, const char *key, const char *text_default, const char **ret_text,
	     struct err *err)
{
	const json_t *value = NULL;

	int r = find(object, key, &value, err);
	if (r < 0)
		return r;
	if (value)
		return text_of(value, key, ret_text, err);
	*ret_text = text_default;
	return 0;
}

int
json_int_or(const json_t *object, const char *key, int64_t min, int64_t max, int64_t int_default,
	    int64_t *ret, struct err *err)
{
	const json_t *value = NULL;

	int r = find(object, key, &value, err);
	if (r < 0)
		return r;
	if (value)
		return int_of(value, key, min, max, ret, err);
	*ret = int_default;
	return 0;
}

int
json_bool_or(const json_t *object, const char *key, bool bool_default, bool *ret, struct err *err)
{
	const json_t *value = NULL;

	int r = find(object, key, &value, err);
	if (r < 0)
		return r;
	if (value && !json_is_boolean(value))
		return err_set(err, AT, DD_EINVAL, "\"%s\" must be true or false", key);
	*ret = value ? json_is_true(value) : bool_default;
	return 0;
}

static bool
is_in(const char *key, const char *const *keys)
{
	for (; *keys; keys++)
		if (text_equal(*keys, key))
			return true;
	return false;
}

int
json_only_keys(const json_t *object, const char *const *keys, struct err *err)
{
	/* jansson's iterators take a json_t that is not const, and do not write to it. */
	const union {
		const json_t *ours;
		json_t *by_jansson;
	} iterated = { .ours = object };
	const char *key;
	json_t *value;

	if (!json_is_object(object))
		return err_set(err, AT, DD_EINVAL, "an object is expected");

	json_object_foreach(iterated.by_jansson, key, value)
	{
		if (!is_in(key, keys))
			return err_set(err, AT, DD_EINVAL, "unknown key \"%.64s\"", key);
	}
	return 0;
}
