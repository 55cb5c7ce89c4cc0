/* test_reason.c - every reason has a name, a sentence and a next step. */
#include "model/reason.h"

#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void
every_reason_speaks(void **state)
{
	(void)state;
	for (int i = 0; i < REASON_COUNT; i++) {
		const char *name = reason_name((enum reason)i);
		const char *sentence = reason_sentence((enum reason)i);
		const char *advice = reason_advice((enum reason)i);
		assert_int_equal(strspn(name, "abcdefghijklmnopqrstuvwxyz-"), strlen(name));
		assert_true(strlen(name) > 3 && strlen(sentence) > 10 && strlen(advice) > 10);
		assert_true(islower((unsigned char)sentence[0]) || sentence[0] == 'D');
		assert_true(sentence[strlen(sentence) - 1] != '.');
		assert_true(advice[strlen(advice) - 1] != '.');
	}
}

static void
names_are_read_back(void **state)
{
	enum reason reason = REASON_COUNT;

	(void)state;
	for (int i = 0; i < REASON_COUNT; i++) {
		assert_true(reason_parse(reason_name((enum reason)i), &reason));
		assert_int_equal(reason, i);
	}
	assert_string_equal(reason_name(REASON_WRONG_VERSION), "wrong-version");
	assert_string_equal(reason_name(REASON_NO_MANAGEMENT), "no-management");
}

static void
other_names_are_none(void **state)
{
	static const char *const others[] = { "", "Wrong-version", "wrong", "wrong-version ",
					      "unknown" };
	enum reason reason = REASON_LATE;

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(others); i++)
		assert_false(reason_parse(others[i], &reason));
	assert_int_equal(reason, REASON_LATE);
}

static void
numbers_outside_are_told_as_such(void **state)
{
	(void)state;
	assert_string_equal(reason_name(REASON_COUNT), "unknown");
	assert_string_equal(reason_name((enum reason) - 1), "unknown");
	assert_non_null(reason_sentence((enum reason)1000));
	assert_non_null(reason_advice((enum reason)1000));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_reason_speaks),
		cmocka_unit_test(names_are_read_back),
		cmocka_unit_test(other_names_are_none),
		cmocka_unit_test(numbers_outside_are_told_as_such),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
