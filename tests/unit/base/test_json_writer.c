/* test_json_writer.c - the streaming writer: what it writes is always JSON. */
#include "base/json.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void
commas_colons_and_quotes_are_put(void **state)
{
	struct buf out = { 0 };
	struct json_writer writer;

	(void)state;
	json_writer_init(&writer, &out);
	json_open_object(&writer, NULL);
	json_put_text(&writer, "t", "x");
	json_put_text(&writer, "n", NULL);
	json_put_text_n(&writer, "p", "abc", 2);
	json_put_int(&writer, "min", INT64_MIN);
	json_put_bool(&writer, "yes", true);
	json_open_array(&writer, "list");
	json_put_int(&writer, NULL, 1);
	json_put_bool(&writer, NULL, false);
	json_open_object(&writer, NULL);
	json_close_object(&writer);
	json_open_array(&writer, NULL);
	json_close_array(&writer);
	json_put_null(&writer, NULL);
	json_close_array(&writer);
	json_put_raw(&writer, "raw", "[1,2]");
	json_close_object(&writer);
	assert_string_equal(buf_text(&out),
			    "{\"t\":\"x\",\"n\":null,\"p\":\"ab\",\"min\":-9223372036854775808,"
			    "\"yes\":true,\"list\":[1,false,{},[],null],\"raw\":[1,2]}");
	assert_false(out.has_failed);
	buf_done(&out);
}

/* Write ["text"] and give what a reader gets from it. The caller frees. */
static char *
through(const char *text, size_t size)
{
	struct buf out = { 0 };
	struct json_writer writer;
	struct err err = { 0 };
	json_t *json = NULL;

	json_writer_init(&writer, &out);
	json_open_array(&writer, NULL);
	json_put_text_n(&writer, NULL, text, size);
	json_close_array(&writer);
	if (json_read(out.data, out.size, &json, &err) < 0)
		fail_msg("%s gives %s", out.data, err.text);
	char *copy = strdup(json_string_value(json_array_get(json, 0)));
	json_decref(json);
	buf_done(&out);
	return copy;
}

static void
every_character_comes_back(void **state)
{
	char text[128];

	(void)state;
	for (unsigned i = 1; i < 128; i++)
		text[i - 1] = (char)i;
	text[127] = '\0';
	char *again = through(text, 127);
	assert_string_equal(again, text);
	free(again);

	again = through("\xc3\xa4\xe2\x82\xac\xf0\x9f\x9a\xa2\xc2\x9b", 11);
	assert_string_equal(again, "\xc3\xa4\xe2\x82\xac\xf0\x9f\x9a\xa2\xc2\x9b");
	free(again);
}

/* Devices send what they like as status text; the API's answer must stay JSON. */
static void
bytes_that_are_not_utf8_become_marks(void **state)
{
	(void)state;
	for (unsigned i = 128; i < 256; i++) {
		const char text[] = { 'a', (char)i, 'b' };
		char *again = through(text, 3);
		assert_string_equal(again, "a\xef\xbf\xbd"
					   "b");
		free(again);
	}
	char *cut = through("\xe2\x82", 2);
	assert_string_equal(cut, "\xef\xbf\xbd\xef\xbf\xbd");
	free(cut);
}

static void
nothing_that_a_terminal_obeys_is_written(void **state)
{
	struct buf out = { 0 };
	struct json_writer writer;

	(void)state;
	json_writer_init(&writer, &out);
	json_put_text(&writer, NULL, "\033\x7f\xc2\x9b");
	assert_string_equal(buf_text(&out), "\"\\u001b\\u007f\\u009b\"");
	buf_done(&out);
}

static void
keys_are_escaped_too(void **state)
{
	struct buf out = { 0 };
	struct json_writer writer;

	(void)state;
	json_writer_init(&writer, &out);
	json_open_object(&writer, NULL);
	json_put_int(&writer, "a\"b\n", 1);
	json_close_object(&writer);
	assert_string_equal(buf_text(&out), "{\"a\\\"b\\n\":1}");
	buf_done(&out);
}

static void
the_buffers_maximum_is_seen_at_the_end(void **state)
{
	struct buf out;
	struct json_writer writer;

	(void)state;
	buf_init(&out, 10);
	json_writer_init(&writer, &out);
	json_open_array(&writer, NULL);
	json_put_text(&writer, NULL, "longer than ten");
	json_close_array(&writer);
	assert_true(out.has_failed);
	assert_true(out.size <= 10);
	buf_done(&out);
}

static void
the_deepest_level_is_written(void **state)
{
	struct buf out = { 0 };
	struct json_writer writer;

	(void)state;
	json_writer_init(&writer, &out);
	for (unsigned i = 1; i < JSON_WRITER_DEPTH_MAX; i++)
		json_open_array(&writer, NULL);
	for (unsigned i = 1; i < JSON_WRITER_DEPTH_MAX; i++)
		json_close_array(&writer);
	assert_int_equal(out.size, 2 * (JSON_WRITER_DEPTH_MAX - 1));
	buf_done(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(commas_colons_and_quotes_are_put),
		cmocka_unit_test(every_character_comes_back),
		cmocka_unit_test(bytes_that_are_not_utf8_become_marks),
		cmocka_unit_test(nothing_that_a_terminal_obeys_is_written),
		cmocka_unit_test(keys_are_escaped_too),
		cmocka_unit_test(the_buffers_maximum_is_seen_at_the_end),
		cmocka_unit_test(the_deepest_level_is_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
