/* json_writer.c - JSON written as it comes, without a tree. */
#include "base/json.h"
#include "base/text.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

void
json_writer_init(struct json_writer *writer, struct buf *out)
{
	*writer = (struct json_writer){ .out = out };
}

/* What may not stand in a string as it is (RFC 8259, section 7), and what a terminal would obey. */
static void
put_char(struct buf *out, const char *text, size_t size, uint32_t point)
{
	switch (point) {
	case '"':
	case '\\':
		(void)buf_add_char(out, '\\');
		(void)buf_add_char(out, (char)point);
		return;
	case '\n':
		(void)buf_add_text(out, "\\n");
		return;
	case '\r':
		(void)buf_add_text(out, "\\r");
		return;
	case '\t':
		(void)buf_add_text(out, "\\t");
		return;
	default: /* any other character */
		if (text_is_control(point))
			(void)buf_printf(out, "\\u%04x", (unsigned)point);
		else
			(void)buf_add(out, text, size);
	}
}

static bool
is_plain(char c)
{
	return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

static void
put_quoted(struct buf *out, const char *text, size_t size)
{
	(void)buf_add_char(out, '"');
	while (size > 0) {
		size_t plain = 0;
		while (plain < size && is_plain(text[plain]))
			plain++;
		(void)buf_add(out, text, plain);
		text += plain;
		size -= plain;
		if (size == 0)
			break;

		uint32_t point = 0;
		size_t length = text_utf8(text, size, &point);
		if (length > 0) {
			put_char(out, text, length, point);
		} else {
			(void)buf_add_text(out, "\\ufffd");
			length = 1;
		}
		text += length;
		size -= length;
	}
	(void)buf_add_char(out, '"');
}

static void
put_start(struct json_writer *writer, const char *key)
{
	const uint8_t depth = writer->depth;

	assert((key != NULL) == writer->is_object[depth]);
	assert(depth > 0 || !writer->has_items[0]); /* one document */

	if (writer->has_items[depth])
		(void)buf_add_char(writer->out, ',');
	writer->has_items[depth] = true;
	if (!key)
		return;
	put_quoted(writer->out, key, strlen(key));
	(void)buf_add_char(writer->out, ':');
}

static void
put_open(struct json_writer *writer, const char *key, bool is_object)
{
	put_start(writer, key);
	assert(writer->depth + 1 < JSON_WRITER_DEPTH_MAX);
	writer->depth++;
	writer->is_object[writer->depth] = is_object;
	writer->has_items[writer->depth] = false;
	(void)buf_add_char(writer->out, is_object ? '{' : '[');
}

static void
put_close(struct json_writer *writer, bool is_object)
{
	assert(writer->depth > 0 && writer->is_object[writer->depth] == is_object);
	writer->depth--;
	(void)buf_add_char(writer->out, is_object ? '}' : ']');
}

void
json_open_object(struct json_writer *writer, const char *key)
{
	put_open(writer, key, true);
}

void
json_close_object(struct json_writer *writer)
{
	put_close(writer, true);
}

void
json_open_array(struct json_writer *writer, const char *key)
{
	put_open(writer, key, false);
}

void
json_close_array(struct json_writer *writer)
{
	put_close(writer, false);
}

void
json_put_text(struct json_writer *writer, const char *key, const char *text)
{
	if (text)
		json_put_text_n(writer, key, text, strlen(text));
	else
		json_put_null(writer, key);
}

void
json_put_text_n(struct json_writer *writer, const char *key, const char *text, size_t size)
{
	put_start(writer, key);
	put_quoted(writer->out, text, size);
}

void
json_put_int(struct json_writer *writer, const char *key, int64_t value)
{
	put_start(writer, key);
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
	put_start(writer, key);
	(void)buf_add_text(writer->out, json);
}
