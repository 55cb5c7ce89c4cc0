/* json.h - JSON: read strictly by jansson (its json_t is used as it is), written by a streaming
 * writer.
 *
 * Rooms that only read include <jansson.h> through here. Reading refuses doubled keys, trailing
 * text, bad UTF-8, NUL, numbers out of range, nesting past JSON_DEPTH_MAX and more values than
 * JSON_VALUES_MAX. */
#pragma once
#include "base/buf.h"

#include <jansson.h>

enum {
	JSON_BYTES_MAX = 1 << 20,
	JSON_DEPTH_MAX = 32,        /* objects and arrays in each other */
	JSON_VALUES_MAX = 1 << 17,  /* in one document: memory is some 250 bytes a value */
	JSON_WRITER_DEPTH_MAX = 32, /* the top counts as one */
};

/* Parse one document, an object or an array, of at most JSON_BYTES_MAX bytes. The caller owns
 * *ret_json (json_decref). DD_EPARSE with line and column, never with a piece of the document: it
 * may hold a secret. */
int json_read(const char *text, size_t size, json_t **ret_json, struct err *err);

/* Typed getters for objects that people send: DD_EINVAL naming the key when it is absent or has
 * another type. Strings are borrowed until the object goes. The _or forms give the default where
 * the key is absent (or null). */
int json_get_text(const json_t *object, const char *key, const char **ret_text, struct err *err);
int json_get_int(const json_t *object, const char *key, int64_t min, int64_t max, int64_t *ret,
		 struct err *err);
int json_text_or(const json_t *object, const char *key, const char *text_default,
		 const char **ret_text, struct err *err);
int json_int_or(const json_t *object, const char *key, int64_t min, int64_t max,
		int64_t int_default, int64_t *ret, struct err *err);
int json_bool_or(const json_t *object, const char *key, bool bool_default, bool *ret,
		 struct err *err);
/* DD_EINVAL naming the first key of `object` that is not in `keys` (NULL-terminated). */
int json_only_keys(const json_t *object, const char *const *keys, struct err *err);

/* The writer: appends one document to a buf, puts commas and quotes itself, asserts on misuse.
 * Bytes that are not UTF-8 become U+FFFD and control characters are escaped, so what comes out is
 * always valid and harmless to a terminal. Check buf->has_failed at the end. */
struct json_writer {
	struct buf *out;
	uint8_t depth;
	bool is_object[JSON_WRITER_DEPTH_MAX];
	bool has_items[JSON_WRITER_DEPTH_MAX];
};

void json_writer_init(struct json_writer *writer, struct buf *out);
/* key is NULL inside arrays and at the top. */
void json_open_object(struct json_writer *writer, const char *key);
void json_close_object(struct json_writer *writer);
void json_open_array(struct json_writer *writer, const char *key);
void json_close_array(struct json_writer *writer);
void json_put_text(struct json_writer *writer, const char *key,
		   const char *text); /* NULL writes null */
void json_put_text_n(struct json_writer *writer, const char *key, const char *text, size_t size);
void json_put_int(struct json_writer *writer, const char *key, int64_t value);
void json_put_bool(struct json_writer *writer, const char *key, bool value);
void json_put_null(struct json_writer *writer, const char *key);
/* Bytes that are JSON already. */
void json_put_raw(struct json_writer *writer, const char *key, const char *json);
