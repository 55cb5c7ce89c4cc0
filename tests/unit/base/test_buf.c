/* test_buf.c - the growing buffer and its maximum. */
#include "base/buf.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void
an_all_zero_buffer_is_empty_text(void **state)
{
	struct buf buf = { 0 };

	(void)state;
	assert_string_equal(buf_text(&buf), "");
	assert_true(buf_add(&buf, NULL, 0));
	assert_string_equal(buf_text(&buf), "");
	buf_done(&buf);
}

static void
what_is_appended_stands_there_with_a_nul(void **state)
{
	struct buf buf = { 0 };

	(void)state;
	assert_true(buf_add(&buf, "ab\0c", 4));
	assert_true(buf_add_char(&buf, '-'));
	assert_true(buf_add_text(&buf, "text"));
	assert_true(buf_printf(&buf, " %d %s", 42, "x"));
	assert_int_equal(buf.size, 14);
	assert_memory_equal(buf.data, "ab\0c-text 42 x", 15);
	buf_done(&buf);
	assert_null(buf.data);
}

static void
it_grows_byte_by_byte_to_any_size(void **state)
{
	struct buf buf = { 0 };

	(void)state;
	for (unsigned i = 0; i < 5000; i++) {
		assert_true(buf_add_char(&buf, (char)(i % 251)));
		assert_int_equal(buf.data[buf.size], '\0');
	}
	for (unsigned i = 0; i < 5000; i++)
		assert_int_equal((unsigned char)buf.data[i], i % 251);
	buf_done(&buf);
}

static void
the_maximum_is_reached_but_not_passed(void **state)
{
	struct buf buf;

	(void)state;
	buf_init(&buf, 5);
	assert_true(buf_add_text(&buf, "12345"));
	assert_false(buf.has_failed);
	assert_false(buf_add_char(&buf, '6'));
	assert_true(buf.has_failed);
	assert_string_equal(buf_text(&buf), "12345");
	buf_done(&buf);
}

static void
a_failure_sticks_until_clear(void **state)
{
	struct buf buf;

	(void)state;
	buf_init(&buf, 5);
	assert_true(buf_add_text(&buf, "123"));
	assert_false(buf_add_text(&buf, "too long"));
	assert_false(buf_add_char(&buf, '4')); /* there is room, but a hole before it */
	assert_string_equal(buf_text(&buf), "123");
	buf_clear(&buf);
	assert_false(buf.has_failed);
	assert_true(buf_add_text(&buf, "12345"));
	buf_done(&buf);
}

static void
printf_is_bounded_too(void **state)
{
	struct buf buf;

	(void)state;
	buf_init(&buf, 10);
	assert_false(buf_printf(&buf, "%s", "12345678901"));
	assert_int_equal(buf.size, 0);
	buf_clear(&buf);
	assert_true(buf_printf(&buf, "%s", "1234567890"));
	assert_string_equal(buf_text(&buf), "1234567890");
	buf_done(&buf);
}

static void
absurd_sizes_fail(void **state)
{
	struct buf buf = { 0 };

	(void)state;
	assert_true(buf_add_text(&buf, "x"));
	assert_false(buf_add(&buf, "x", SIZE_MAX));
	buf_clear(&buf);
	assert_false(buf_add(&buf, "x", (size_t)BUF_SIZE_MAX + 1));
	buf_done(&buf);

	buf_init(&buf, SIZE_MAX);
	assert_false(buf_add(&buf, "x", SIZE_MAX));
	buf_clear(&buf);
	assert_false(buf_add(&buf, "x", SIZE_MAX - 1));
	buf_clear(&buf);
	assert_false(buf_add(&buf, "x", SIZE_MAX / 2 + 2));
	buf_done(&buf);
}

static void
the_first_bytes_are_dropped(void **state)
{
	struct buf buf = { 0 };

	(void)state;
	buf_drop(&buf, 0);
	assert_true(buf_add_text(&buf, "abcdef"));
	buf_drop(&buf, 0);
	buf_drop(&buf, 2);
	assert_string_equal(buf_text(&buf), "cdef");
	assert_int_equal(buf.size, 4);
	buf_drop(&buf, 4);
	assert_string_equal(buf_text(&buf), "");
	buf_done(&buf);
}

static void
the_taken_bytes_are_the_callers(void **state)
{
	struct buf buf;

	(void)state;
	buf_init(&buf, 10);
	char *nothing = buf_take(&buf);
	assert_string_equal(nothing, "");
	assert_true(buf_add_text(&buf, "bytes"));
	char *bytes = buf_take(&buf);
	assert_string_equal(bytes, "bytes");
	assert_null(buf.data);
	assert_int_equal(buf.size, 0);
	assert_false(buf_add_text(&buf, "the maximum stays")); /* 10 */
	char *failed = buf_take(&buf);
	assert_string_equal(failed, "");
	free(nothing);
	free(bytes);
	free(failed);
	buf_done(&buf);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_all_zero_buffer_is_empty_text),
		cmocka_unit_test(what_is_appended_stands_there_with_a_nul),
		cmocka_unit_test(it_grows_byte_by_byte_to_any_size),
		cmocka_unit_test(the_maximum_is_reached_but_not_passed),
		cmocka_unit_test(a_failure_sticks_until_clear),
		cmocka_unit_test(printf_is_bounded_too),
		cmocka_unit_test(absurd_sizes_fail),
		cmocka_unit_test(the_first_bytes_are_dropped),
		cmocka_unit_test(the_taken_bytes_are_the_callers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
