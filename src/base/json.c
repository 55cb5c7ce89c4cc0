/* JSON, read strictly and written by a streaming writer. */
#include "base/json.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

int
json_read(const char *text, size_t size, json_t **ret_json, struct err *err)
{
	json_error_t error;

	if (size > JSON_BYTES_MAX)
		return err_set(err, AT, DD_EPARSE, "the JSON has %zu bytes; at most %d are read",
			       size, JSON_BYTES_MAX);
	json_t *json = json_loadb(text, size, JSON_REJECT_DUPLICATES, &error);
	if (json == NULL)
		return err_set(err, AT, DD_EPARSE, "malformed JSON at line %d, column %d: %s",
			       error.line, error.column, error.text);
	*ret_json = json;
	return 0;
}

static const json_t *
find(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);

	return json_is_null(value) ? NULL : value;
}

int
json_get_text(const json_t *object, const char *key, const char **ret_text, struct err *err)
{
	const json_t *value = find(object, key);

	if (value == NULL)
		return err_set(err, AT, DD_EINVAL, "'%s' is missing", key);
	if (!json_is_string(value))
		return err_set(err, AT, DD_EINVAL, "'%s' must be a string", key);
	*ret_text = json_string_value(value);
	return 0;
}

int
json_get_int(const json_t *object, const char *key, int64_t min, int64_t max, int64_t *ret,
	     struct err *err)
{
	const json_t *value = find(object, key);

	if (value == NULL)
		return err_set(err, AT, DD_EINVAL, "'%s' is missing", key);
	if (!json_is_integer(value))
		return err_set(err, AT, DD_EINVAL, "'%s' must be a whole number", key);
	int64_t number = json_integer_value(value);
	if (number < min || number > max)
		return err_set(err, AT, DD_EINVAL, "'%s' must be from %" PRId64 " to %" PRId64, key,
			       min, max);
	*ret = number;
	return 0;
}

int
json_text_or(const json_t *object, const char *key, const char *text_default, const char **ret_text,
	     struct err *err)
{
	if (find(object, key) != NULL)
		return json_get_text(object, key, ret_text, err);
	*ret_text = text_default;
	return 0;
}

int
json_int_or(const json_t *object, const char *key, int64_t min, int64_t max, int64_t int_default,
	    int64_t *ret, struct err *err)
{
	if (find(object, key) != NULL)
		return json_get_int(object, key, min, max, ret, err);
	*ret = int_default;
	return 0;
}

int
json_bool_or(const json_t *object, const char *key, bool bool_default, bool *ret, struct err *err)
{
	const json_t *value = find(object, key);

	if (value != NULL && !json_is_boolean(value))
		return err_set(err, AT, DD_EINVAL, "'%s' must be true or false", key);
	*ret = value != NULL ? json_is_true(value) : bool_default;
	return 0;
}

int
json_only_keys(const json_t *object, const char *const *keys, struct err *err)
{
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)(uintptr_t)object, key, value)
	{
		const char *const *known = keys;
		while (*known != NULL && strcmp(*known, key) != 0)
			known++;
		if (*known == NULL)
			return err_set(err, AT, DD_EINVAL, "'%.64s' is not known here", key);
	}
	return 0;
}

/* ---- the writer ---- */

void
json_writer_init(struct json_writer *writer, struct buf *out)
{
	*writer = (struct json_writer){ .out = out };
}

static void
put_string(struct json_writer *writer, const char *text, size_t size)
{
	struct buf *out = writer->out;

	(void)buf_add_char(out, '"');
	for (size_t i = 0; i < size; i++) {
		unsigned char c = (unsigned char)text[i];
		if (c == '"' || c == '\\')
			(void)buf_printf(out, "\\%c", c);
		else if (c == '\n')
			(void)buf_add_text(out, "\\n");
		else if (c < ' ' || c == 0x7f)
			(void)buf_printf(out, "\\u%04x", c);
		else
			(void)buf_add_char(out, (char)c);
	}
	(void)buf_add_char(out, '"');
}

static void
put_key(struct json_writer *writer, const char *key)
{
	if (writer->has_items[writer->depth])
		(void)buf_add_char(writer->out, ',');
	writer->has_items[writer->depth] = true;
	if (key == NULL)
		return;
	put_string(writer, key, strlen(key));
	(void)buf_add_char(writer->out, ':');
}

static void
open_level(struct json_writer *writer, const char *key, char bracket)
{
	put_key(writer, key);
	(void)buf_add_char(writer->out, bracket);
	assert(writer->depth + 1 < JSON_WRITER_DEPTH_MAX);
	writer->has_items[++writer->depth] = false;
}

static void
close_level(struct json_writer *writer, char bracket)
{
	assert(writer->depth > 0);
	writer->depth--;
	(void)buf_add_char(writer->out, bracket);
}

void
json_open_object(struct json_writer *writer, const char *key)
{
	open_level(writer, key, '{');
}

void
json_close_object(struct json_writer *writer)
{
	close_level(writer, '}');
}

void
json_open_array(struct json_writer *writer, const char *key)
{
	open_level(writer, key, '[');
}

void
json_close_array(struct json_writer *writer)
{
	close_level(writer, ']');
}

void
json_put_text_n(struct json_writer *writer, const char *key, const char *text, size_t size)
{
	put_key(writer, key);
	put_string(writer, text, size);
}

void
json_put_text(struct json_writer *writer, const char *key, const char *text)
{
	if (text == NULL)
		json_put_null(writer, key);
	else
		json_put_text_n(writer, key, text, strlen(text));
}

void
json_put_int(struct json_writer *writer, const char *key, int64_t value)
{
	put_key(writer, key);
	(void)buf_printf(writer->out, "%" PRId64, value);
}

void
json_put_bool(struct json_writer *writer, const char *key, bool value)
{
	json_put_raw(writer, key, value ? "true" : "false");
}

void
json_put_null(struct json_writer *writer, const char *key)
{
	json_put_raw(writer, key, "null");
}

void
json_put_raw(struct json_writer *writer, const char *key, const char *json)
{
	put_key(writer, key);
	(void)buf_add_text(writer->out, json);
}
