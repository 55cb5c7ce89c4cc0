/* test_values.c - values as they stand in answers: times, hostile texts. */
#include "api/room.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void
test_times(void **state)
{
	static const struct {
		int64_t wall_ms;
		const char *text;
	} cases[] = {
		{ 0, "null" },
		{ -5, "null" },
		{ 1, "\"1970-01-01T00:00:00.001Z\"" },
		{ 951782399999, "\"2000-02-28T23:59:59.999Z\"" },
		{ 951782400000, "\"2000-02-29T00:00:00.000Z\"" },
		{ 951868800000, "\"2000-03-01T00:00:00.000Z\"" },
		{ 1767225599000, "\"2025-12-31T23:59:59.000Z\"" },
		{ 1767225600000, "\"2026-01-01T00:00:00.000Z\"" },
		{ 4107542400000, "\"2100-03-01T00:00:00.000Z\"" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
		struct buf text = { 0 };
		struct json_writer out;
		json_writer_init(&out, &text);
		put_time(&out, NULL, cases[i].wall_ms);
		assert_string_equal(buf_text(&text), cases[i].text);
		buf_done(&text);
	}
}

/* The biggest time that can be stored is told without harm. */
static void
test_time_far_away(void **state)
{
	struct buf text = { 0 };
	struct json_writer out;

	(void)state;
	json_writer_init(&out, &text);
	put_time(&out, NULL, INT64_MAX);
	assert_true(text.size > 20);
	buf_done(&text);
}

static void
test_foreign_text_is_cleaned(void **state)
{
	struct buf text = { 0 };
	struct json_writer out;

	(void)state;
	json_writer_init(&out, &text);
	put_foreign(&out, NULL, "a\033[2Jb\xff\"c");
	assert_string_equal(buf_text(&text), "\"a?[2Jb?\\\"c\"");
	buf_done(&text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_times),
		cmocka_unit_test(test_time_far_away),
		cmocka_unit_test(test_foreign_text_is_cleaned),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
