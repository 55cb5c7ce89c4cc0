/* test_hex.c - bytes as hexadecimal text and back. */
#include "base/hex.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void
every_byte_comes_back(void **state)
{
	uint8_t bytes[256], again[256];
	char text[513];

	(void)state;
	for (unsigned i = 0; i < 256; i++)
		bytes[i] = (uint8_t)i;
	assert_ptr_equal(hex_print(text, bytes, sizeof(bytes)), text);
	assert_int_equal(strlen(text), 512);
	assert_true(hex_parse(text, again, sizeof(again)));
	assert_memory_equal(bytes, again, sizeof(bytes));
}

static void
printed_digits_are_lower_case(void **state)
{
	char text[5];

	(void)state;
	assert_string_equal(hex_print(text, "\xab\x0f", 2), "ab0f");
	assert_string_equal(hex_print(text, NULL, 0), "");
}

static void
both_cases_are_read(void **state)
{
	uint8_t bytes[2];

	(void)state;
	assert_true(hex_parse("aBcD", bytes, 2));
	assert_memory_equal(bytes, "\xab\xcd", 2);
	assert_true(hex_parse("", bytes, 0));
}

static void
other_texts_are_refused_and_change_nothing(void **state)
{
	static const char *const texts[] = { "",       "a",    "ab",     "abc",  "abcde",
					     "abcdef", "abcg", "gbcd",   " bcd", "0xab",
					     "ab d",   "-1-1", "ab\n\n", "@`/:" };

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(texts); i++) {
		uint8_t bytes[2] = { 1, 2 };
		/* In a block of its exact size: nothing past the NUL is read. */
		char *text = strdup(texts[i]);
		if (hex_parse(text, bytes, 2))
			fail_msg("'%s' was taken", text);
		assert_memory_equal(bytes, "\x01\x02", 2);
		free(text);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_byte_comes_back),
		cmocka_unit_test(printed_digits_are_lower_case),
		cmocka_unit_test(both_cases_are_read),
		cmocka_unit_test(other_texts_are_refused_and_change_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
