/* test_text.c - helpers for C strings. */
#include "base/text.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void
copies_end_in_nul_and_say_when_cut(void **state)
{
	char target[4] = "zzz";

	(void)state;
	assert_true(text_copy(target, 4, "abc"));
	assert_string_equal(target, "abc");
	assert_false(text_copy(target, 4, "abcd"));
	assert_string_equal(target, "abc");
	assert_true(text_copy(target, 4, ""));
	assert_string_equal(target, "");
	assert_true(text_copy(target, 1, ""));
	assert_false(text_copy(target, 1, "a"));
}

static void
prints_end_in_nul_and_say_when_cut(void **state)
{
	char target[4];

	(void)state;
	assert_true(text_print(target, 4, "%d", 123));
	assert_string_equal(target, "123");
	assert_false(text_print(target, 4, "%d", 1234));
	assert_string_equal(target, "123");
}

static void
texts_are_compared(void **state)
{
	(void)state;
	assert_true(text_equal("a", "a"));
	assert_false(text_equal("a", "ab"));
	assert_true(text_starts("drydock", "dry"));
	assert_true(text_starts("drydock", ""));
	assert_true(text_starts("dry", "dry"));
	assert_false(text_starts("dr", "dry"));
	assert_false(text_starts("", "d"));
}

static void
secrets_are_compared_whole(void **state)
{
	(void)state;
	assert_true(text_equal_secret("secret", "secret"));
	assert_true(text_equal_secret("", ""));
	assert_false(text_equal_secret("secret", "secreT"));
	assert_false(text_equal_secret("secret", "Secret"));
	assert_false(text_equal_secret("secret", "secre"));
	assert_false(text_equal_secret("secret", ""));
	assert_false(text_equal_secret("", "secret"));
	assert_false(text_equal_secret("secret", "secret2"));
}

static void
numbers_are_read_up_to_their_maximum(void **state)
{
	uint64_t number = 0;

	(void)state;
	assert_true(text_number("0", 0, &number));
	assert_int_equal(number, 0);
	assert_true(text_number("65535", 65535, &number));
	assert_int_equal(number, 65535);
	assert_true(text_number("007", 9, &number));
	assert_int_equal(number, 7);
	assert_true(text_number("18446744073709551615", UINT64_MAX, &number));
	assert_true(number == UINT64_MAX);
}

static void
other_numbers_are_refused(void **state)
{
	static const char *const texts[] = {
		"",
		" ",
		"-1",
		"+1",
		" 1",
		"1 ",
		"1.0",
		"1e3",
		"0x1",
		"a",
		"1\n",
		"65536",
		"100000",
		"18446744073709551616",
		"99999999999999999999999999",
	};
	uint64_t number = 77;

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(texts); i++)
		if (text_number(texts[i], 65535, &number))
			fail_msg("'%s' was taken", texts[i]);
	assert_false(text_number("18446744073709551616", UINT64_MAX, &number));
	assert_false(text_number("18446744073709551620", UINT64_MAX, &number));
	assert_false(text_number("99999999999999999999", UINT64_MAX, &number));
	assert_false(text_number("1", 0, &number));
	assert_false(text_number("6", 5, &number));
	assert_int_equal(number, 77);
}

static void
names_are_names(void **state)
{
	static const char *const good[] = { "a", "iad-7", "_x", "A.b_c-9", "0", "12345678" };
	static const char *const bad[] = { "",      ".",        "..",        ".a",
					   "-a",    "a b",      "a/b",       "a\\b",
					   "a\n",   "\xc3\xa4", "123456789", "a:b",
					   "a%00b", "a\x80",    "a\x7f",     "*" };

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(good); i++)
		if (!text_is_name(good[i], 8))
			fail_msg("'%s' was refused", good[i]);
	for (size_t i = 0; i < ARRAY_COUNT(bad); i++)
		if (text_is_name(bad[i], 8))
			fail_msg("'%s' was taken", bad[i]);
}

static void
sizes_are_printed_for_people(void **state)
{
	static const struct {
		uint64_t bytes;
		const char *text;
	} rows[] = {
		{ 0, "0 B" },
		{ 845, "845 B" },
		{ 999, "999 B" },
		{ 1000, "1.0 kB" },
		{ 1049, "1.0 kB" },
		{ 1050, "1.1 kB" },
		{ 999949, "999.9 kB" },
		{ 999950, "1.0 MB" },
		{ 12345678, "12.3 MB" },
		{ 999999999, "1.0 GB" },
		{ UINT64_MAX, "18.4 EB" },
	};
	char text[24];

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++)
		assert_string_equal(text_bytes(rows[i].bytes, text), rows[i].text);
}

static void
cleaned_texts_are_printable_utf8(void **state)
{
	static const struct {
		const char *dirty, *clean;
	} rows[] = {
		{ "", "" },
		{ "plain ~", "plain ~" },
		{ "a\nb\tc\033[2J\x7f", "a?b?c?[2J?" },
		{ "\xc3\xa4\xe2\x82\xac\xf0\x9f\x9a\xa2", "\xc3\xa4\xe2\x82\xac\xf0\x9f\x9a\xa2" },
		{ "\xc2\x9b", "?" },        /* CSI, one of C1 */
		{ "\xc2\xa0", "\xc2\xa0" }, /* the first after C1 */
		{ "\xff\xfe", "??" },
		{ "\xc3", "?" }, /* cut short */
		{ "\xe2\x82", "??" },
		{ "\xf0\x9f\x9a", "???" },
		{ "\x80x", "?x" },    /* a tail without a head */
		{ "\xc0\xaf", "??" }, /* '/' written too long */
		{ "\xe0\x80\xaf", "???" },
		{ "\xf0\x80\x80\xaf", "????" },
		{ "\xed\xa0\x80", "???" },      /* a surrogate */
		{ "\xf4\x90\x80\x80", "????" }, /* past U+10FFFF */
		{ "\xf8\x90\x80\x80", "????" },
		{ "\xff\x90\x80\x80", "????" },
		{ "\xf4\x8f\xbf\xbf", "\xf4\x8f\xbf\xbf" },
		{ "\xc3(", "?(" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		/* In a block of its exact size: nothing past the NUL is read. */
		char *text = strdup(rows[i].dirty);
		text_clean(text);
		assert_string_equal(text, rows[i].clean);
		free(text);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(copies_end_in_nul_and_say_when_cut),
		cmocka_unit_test(prints_end_in_nul_and_say_when_cut),
		cmocka_unit_test(texts_are_compared),
		cmocka_unit_test(secrets_are_compared_whole),
		cmocka_unit_test(numbers_are_read_up_to_their_maximum),
		cmocka_unit_test(other_numbers_are_refused),
		cmocka_unit_test(names_are_names),
		cmocka_unit_test(sizes_are_printed_for_people),
		cmocka_unit_test(cleaned_texts_are_printable_utf8),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
