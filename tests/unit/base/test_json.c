/* test_json.c - JSON from strangers: what is refused, and the getters. */
#include "base/json.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Read from a block of its exact size, so that the sanitizer sees a read past it. */
static int
read_n(const char *text, size_t size, json_t **ret_json, struct err *err)
{
	char *copy = malloc(size > 0 ? size : 1);

	assert_non_null(copy);
	memcpy(copy, text, size);
	const int r = json_read(copy, size, ret_json, err);
	free(copy);
	return r;
}

static json_t *
parsed(const char *text)
{
	json_t *json = NULL;
	struct err err = { 0 };

	if (read_n(text, strlen(text), &json, &err) < 0)
		fail_msg("'%s': %s", text, err.text);
	return json;
}

static void
refused(const char *text, size_t size)
{
	json_t *json = NULL;
	struct err err = { 0 };

	if (read_n(text, size, &json, &err) != DD_EPARSE)
		fail_msg("'%.60s' was taken", text);
	assert_null(json);
	assert_int_equal(err.code, DD_EPARSE);
	assert_non_null(strstr(err.text, "line "));
	assert_non_null(strstr(err.text, "column "));
}

static void
an_object_is_read(void **state)
{
	json_t *json = parsed(" {\"name\": \"\\u00e4\", \"list\": [1, -2, 3.5, true, null]}\n");

	(void)state;
	assert_string_equal(json_string_value(json_object_get(json, "name")), "\xc3\xa4");
	assert_int_equal(json_array_size(json_object_get(json, "list")), 5);
	json_decref(json);
}

static void
hostile_documents_are_refused(void **state)
{
	static const char *const texts[] = {
		"{\"a\": 1} x",          /* trailing garbage */
		"{\"a\": 1} {\"a\": 1}", /* a second document */
		"{\"a\": 1,}",
		"[1,]", /* trailing comma */
		"{'a': 1}",
		"['a']",                               /* single quotes */
		"{\"a\": 1, \"a\": 2}",                /* doubled key */
		"{\"b\": {\"a\": 1, \"\\u0061\": 2}}", /* doubled key, written in two ways */
		"[1e999]",
		"[-1e999]", /* past the range of a double */
		"[NaN]",
		"[Infinity]",
		"[-Infinity]",
		"[01]",
		"[-01]",
		"[+1]",
		"[.5]",
		"[5.]",
		"[0x10]",
		"[\"\xff\"]",
		"[\"\xc0\xaf\"]",
		"[\"\xed\xa0\x80\"]",
		"[\"\\ud800\"]", /* bad UTF-8 */
		"[1] // no",
		"[1 /* no */]", /* comments */
		"[12345678901234567890]",
		"[-12345678901234567890]", /* 20 digits */
		"[\"\\u0000\"]",
		"{\"a\\u0000\": 1}", /* NUL in a text */
		"",
		" ",
		"{",
		"[",
		"[1",
		"\"",
		"[\"a",
		"[\"\\",
		"{\"a\"",
		"{\"a\":",
		"]",
		"}",
		"[}",
		"{]",
		"1",
		"\"text\"",
		"null",
		"true", /* no object, no array */
		"[True]",
		"[\"a\nb\"]",
		"[\"\t\"]",
		"\xef\xbb\xbf[]",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(texts); i++)
		refused(texts[i], strlen(texts[i]));
	refused("[1]\0", 4); /* a NUL after the document is trailing text too */
	refused("[1\0]", 4);
	refused("\0", 1);
}

static void
nesting_has_a_maximum(void **state)
{
	static char text[20000];

	(void)state;
	memset(text, '[', 10000);
	memset(text + 10000, ']', 10000);
	refused(text, 20000); /* 10,000 deep */
	refused(text, 10000);
	refused(text + 10000 - JSON_DEPTH_MAX - 1, 2 * JSON_DEPTH_MAX + 2);

	json_t *json = NULL;
	struct err err = { 0 };
	assert_int_equal(json_read(text + 10000 - JSON_DEPTH_MAX, 2 * JSON_DEPTH_MAX, &json, &err),
			 0);
	json_decref(json);

	for (size_t i = 0; i < 10000; i += 5)
		memcpy(text + i, "{\"a\":", 5);
	refused(text, 10000);
}

static void
brackets_in_texts_are_not_nesting(void **state)
{
	char text[300];

	(void)state;
	memset(text, '[', 200);
	memcpy(text, "[\"\\\\\\\"", 6); /* [" \\ \" and then brackets */
	memcpy(text + 200, "\"]", 3);
	json_t *json = parsed(text);
	assert_int_equal(json_string_length(json_array_get(json, 0)), 2 + 194);
	json_decref(json);
}

static void
the_number_of_values_has_a_maximum(void **state)
{
	struct buf text = { 0 };
	struct err err = { 0 };
	json_t *json = NULL;

	(void)state;
	buf_add_text(&text, "[0");
	for (unsigned i = 1; i < JSON_VALUES_MAX; i++)
		buf_add_text(&text, ",[]");
	buf_add_text(&text, "]");
	assert_true(text.size < JSON_BYTES_MAX);
	assert_int_equal(json_read(text.data, text.size, &json, &err), DD_EPARSE);
	assert_non_null(strstr(err.text, "too many"));
	buf_done(&text);
}

static void
the_size_has_a_maximum(void **state)
{
	struct err err = { 0 };
	json_t *json = NULL;
	char *text = malloc(JSON_BYTES_MAX + 1);

	(void)state;
	memset(text, ' ', JSON_BYTES_MAX + 1);
	memcpy(text, "[]", 2);
	assert_int_equal(json_read(text, JSON_BYTES_MAX + 1, &json, &err), DD_EPARSE);
	assert_int_equal(json_read(text, JSON_BYTES_MAX, &json, &err), 0);
	json_decref(json);
	free(text);
}

static void
the_place_is_told(void **state)
{
	struct err err = { 0 };
	json_t *json = NULL;

	(void)state;
	assert_int_equal(json_read("{\n \"a\": 1,\n \"b\": x\n}", 20, &json, &err), DD_EPARSE);
	assert_non_null(strstr(err.text, "line 3"));
}

/* A request with a password in it ends in the log only by its place. */
static void
no_piece_of_the_document_is_told(void **state)
{
	static const char *const texts[] = {
		"{\"password\": \"s3cret\" \"x\"}",
		"{\"password\": s3cret}",
		"{\"password\": \"s3cret\"} s3cret",
		"{\"password\": \"s3cret",
		"{\"s3cret\": 1, \"s3cret\": 2}",
		"[\"s3cret\\q\"]",
		"[\"s3cret\n\"]",
		"{\"password\": \"s3cret near \\ud800\"}",
		"[1e999999, \"s3cret\"]",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(texts); i++) {
		struct err err = { 0 };
		json_t *json = NULL;
		assert_int_equal(json_read(texts[i], strlen(texts[i]), &json, &err), DD_EPARSE);
		if (strstr(err.text, "s3c"))
			fail_msg("told: %s", err.text);
	}
}

static void
getters_give_what_is_there(void **state)
{
	json_t *json = parsed("{\"t\": \"x\", \"i\": -5, \"b\": true, \"n\": null}");
	const char *text = NULL;
	int64_t number = 0;
	bool is_true = false;
	struct err err = { 0 };

	(void)state;
	assert_int_equal(json_get_text(json, "t", &text, &err), 0);
	assert_string_equal(text, "x");
	assert_int_equal(json_get_int(json, "i", -5, 5, &number, &err), 0);
	assert_int_equal(number, -5);
	assert_int_equal(json_bool_or(json, "b", false, &is_true, &err), 0);
	assert_true(is_true);
	assert_int_equal(json_text_or(json, "t", "y", &text, &err), 0);
	assert_string_equal(text, "x");
	assert_int_equal(json_int_or(json, "i", -9, 9, 1, &number, &err), 0);
	assert_int_equal(number, -5);
	json_decref(json);
}

static void
defaults_stand_for_absent_and_null(void **state)
{
	json_t *json = parsed("{\"n\": null}");
	struct err err = { 0 };

	(void)state;
	for (const char *key = "n"; key; key = *key == 'n' ? "absent" : NULL) {
		const char *text = NULL;
		int64_t number = 0;
		bool is_true = false;
		assert_int_equal(json_text_or(json, key, "y", &text, &err), 0);
		assert_string_equal(text, "y");
		assert_int_equal(json_int_or(json, key, 0, 1, 42, &number, &err), 0);
		assert_int_equal(number, 42);
		assert_int_equal(json_bool_or(json, key, true, &is_true, &err), 0);
		assert_true(is_true);
	}
	json_decref(json);
}

static void
getters_refuse_and_name_the_key(void **state)
{
	json_t *json = parsed("{\"t\": \"x\", \"i\": 5, \"r\": 1.0, \"n\": null, \"l\": []}");
	const char *text = "kept";
	int64_t number = 77;
	bool is_true = true;
	struct err err = { 0 };

	(void)state;
	assert_int_equal(json_get_text(json, "absent", &text, &err), DD_EINVAL);
	assert_non_null(strstr(err.text, "absent"));
	assert_int_equal(json_get_text(json, "n", &text, &err), DD_EINVAL);
	assert_int_equal(json_get_text(json, "i", &text, &err), DD_EINVAL);
	assert_int_equal(json_text_or(json, "l", "y", &text, &err), DD_EINVAL);
	assert_int_equal(json_get_int(json, "absent", 0, 9, &number, &err), DD_EINVAL);
	assert_int_equal(json_get_int(json, "t", 0, 9, &number, &err), DD_EINVAL);
	assert_int_equal(json_get_int(json, "r", 0, 9, &number, &err), DD_EINVAL);
	assert_int_equal(json_get_int(json, "i", 0, 4, &number, &err), DD_EINVAL);
	assert_non_null(strstr(err.text, "0 to 4"));
	assert_int_equal(json_get_int(json, "i", 6, 9, &number, &err), DD_EINVAL);
	assert_int_equal(json_int_or(json, "i", 6, 9, 7, &number, &err), DD_EINVAL);
	assert_int_equal(json_bool_or(json, "i", true, &is_true, &err), DD_EINVAL);
	assert_string_equal(text, "kept");
	assert_int_equal(number, 77);
	assert_true(is_true);
	json_decref(json);
}

/* A list where an object belongs is an error, also where every key has a default. */
static void
what_is_no_object_is_refused(void **state)
{
	json_t *json = parsed("[]");
	static const char *const keys[] = { "a", NULL };
	const char *text;
	int64_t number;
	bool is_true;
	struct err err = { 0 };

	(void)state;
	assert_int_equal(json_get_text(json, "a", &text, &err), DD_EINVAL);
	assert_int_equal(json_text_or(json, "a", "y", &text, &err), DD_EINVAL);
	assert_int_equal(json_int_or(json, "a", 0, 9, 1, &number, &err), DD_EINVAL);
	assert_int_equal(json_bool_or(json, "a", false, &is_true, &err), DD_EINVAL);
	assert_int_equal(json_only_keys(json, keys, &err), DD_EINVAL);
	assert_int_equal(json_text_or(NULL, "a", "y", &text, &err), DD_EINVAL);
	json_decref(json);
}

static void
unknown_keys_are_named(void **state)
{
	json_t *json = parsed("{\"a\": 1, \"nmae\": 2}");
	static const char *const both[] = { "nmae", "a", NULL }, *const one[] = { "a", NULL },
				 *const none[] = { NULL };
	struct err err = { 0 };

	(void)state;
	assert_int_equal(json_only_keys(json, both, &err), 0);
	assert_int_equal(json_only_keys(json, one, &err), DD_EINVAL);
	assert_non_null(strstr(err.text, "nmae"));
	assert_int_equal(json_only_keys(json, none, &err), DD_EINVAL);
	json_decref(json);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_object_is_read),
		cmocka_unit_test(hostile_documents_are_refused),
		cmocka_unit_test(nesting_has_a_maximum),
		cmocka_unit_test(brackets_in_texts_are_not_nesting),
		cmocka_unit_test(the_number_of_values_has_a_maximum),
		cmocka_unit_test(the_size_has_a_maximum),
		cmocka_unit_test(the_place_is_told),
		cmocka_unit_test(no_piece_of_the_document_is_told),
		cmocka_unit_test(getters_give_what_is_there),
		cmocka_unit_test(defaults_stand_for_absent_and_null),
		cmocka_unit_test(getters_refuse_and_name_the_key),
		cmocka_unit_test(what_is_no_object_is_refused),
		cmocka_unit_test(unknown_keys_are_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
