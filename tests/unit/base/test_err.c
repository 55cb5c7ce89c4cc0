/* test_err.c - errors: set, wrapped, from errno. */
#include "base/err.h"
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void
an_error_says_code_place_and_text(void **state)
{
	struct err err = { 0 };

	(void)state;
	assert_int_equal(err_set(&err, AT, DD_EFULL, "device %s has %d grants", "iad-7", 4),
			 DD_EFULL);
	assert_int_equal(err.code, DD_EFULL);
	assert_string_equal(err.text, "device iad-7 has 4 grants");
	assert_non_null(strstr(err.at, "test_err.c:"));
}

static void
wrapping_keeps_code_and_place(void **state)
{
	struct err err = { 0 };

	(void)state;
	err_set(&err, "there:1", DD_EIO, "broken");
	assert_int_equal(err_wrap(&err, AT, "device %s", "iad-7"), DD_EIO);
	assert_int_equal(err_wrap(&err, AT, "job 3"), DD_EIO);
	assert_string_equal(err.text, "job 3: device iad-7: broken");
	assert_string_equal(err.at, "there:1");
}

static void
wrapping_nothing_is_invalid(void **state)
{
	struct err err = { 0 };

	(void)state;
	assert_int_equal(err_wrap(NULL, AT, "device"), DD_EINVAL);
	assert_int_equal(err_wrap(&err, AT, "device"), DD_EINVAL);
}

static void
nobody_need_listen(void **state)
{
	(void)state;
	assert_int_equal(err_set(NULL, AT, DD_EIO, "x"), DD_EIO);
	assert_int_equal(err_errno(NULL, AT, ENOSPC, "x"), DD_ENOSPC);
}

static void
an_argument_may_be_the_old_text(void **state)
{
	struct err err = { 0 };

	(void)state;
	err_set(&err, AT, DD_EIO, "inner");
	err_set(&err, AT, DD_EPARSE, "outer (%s)", err.text);
	assert_string_equal(err.text, "outer (inner)");
	err_wrap(&err, AT, "again %s", err.text);
	assert_string_equal(err.text, "again outer (inner): outer (inner)");
}

static void
long_texts_are_cut(void **state)
{
	char text[2 * ERR_TEXT_MAX];
	struct err err = { 0 };

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	err_set(&err, AT, DD_EIO, "%s", text);
	assert_int_equal(strlen(err.text), ERR_TEXT_MAX - 1);
	err_wrap(&err, AT, "%s", text);
	assert_int_equal(strlen(err.text), ERR_TEXT_MAX - 1);
	err_errno(&err, AT, ENOENT, "%s", text);
	assert_int_equal(strlen(err.text), ERR_TEXT_MAX - 1);
}

/* What an error quotes comes from strangers, and is printed on terminals. */
static void
control_characters_do_not_get_in(void **state)
{
	struct err err = { 0 };

	(void)state;
	err_set(&err, AT, DD_EPARSE, "name '%s'", "\033[2J\n\xff.");
	assert_string_equal(err.text, "name '?[2J??.'");
	err_wrap(&err, AT, "%s", "a\tb");
	assert_string_equal(err.text, "a?b: name '?[2J??.'");
	err_errno(&err, AT, ENOENT, "%s", "\r");
	assert_string_equal(err.text, "?: No such file or directory");
}

static void
errno_is_told_and_mapped(void **state)
{
	static const struct {
		int errno_value, code;
	} rows[] = {
		{ ENOSPC, DD_ENOSPC },
		{ EADDRINUSE, DD_EBUSY },
		{ ENOENT, DD_ENOTFOUND },
		{ EEXIST, DD_EEXIST },
		{ EACCES, DD_EACCESS },
		{ ENOMEM, DD_ENOMEM },
		{ EPIPE, DD_ECLOSED },
		{ EMFILE, DD_EFULL },
		{ ETIMEDOUT, DD_ETIMEOUT },
		{ EIO, DD_EIO },
		{ EAFNOSUPPORT, DD_EUNSUPPORTED },
		{ EINVAL, DD_EINVAL },
		{ 99999, DD_EIO },
		{ ENAMETOOLONG, DD_EINVAL },
	};
	struct err err = { 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		if (err_errno(&err, AT, rows[i].errno_value, "open x") != rows[i].code)
			fail_msg("errno %d gave %s", rows[i].errno_value, err_name(err.code));
		assert_null(strstr(err.text, "null"));
	}
	err_errno(&err, AT, ENOSPC, "write %s", "db");
	assert_string_equal(err.text, "write db: No space left on device");
	assert_int_equal(err.code, DD_ENOSPC);
}

static void
every_code_has_a_name_of_its_own(void **state)
{
	(void)state;
	for (int code = DD_OK; code >= DD_EINTEGRITY; code--) {
		assert_string_not_equal(err_name(code), "error");
		for (int other = code - 1; other >= DD_EINTEGRITY; other--)
			assert_string_not_equal(err_name(code), err_name(other));
	}
	assert_string_equal(err_name(1), "error");
	assert_string_equal(err_name(DD_EINTEGRITY - 1), "error");
	assert_string_equal(err_name(INT32_MIN), "error");
	assert_string_equal(err_name(INT32_MAX), "error");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_error_says_code_place_and_text),
		cmocka_unit_test(wrapping_keeps_code_and_place),
		cmocka_unit_test(wrapping_nothing_is_invalid),
		cmocka_unit_test(nobody_need_listen),
		cmocka_unit_test(an_argument_may_be_the_old_text),
		cmocka_unit_test(long_texts_are_cut),
		cmocka_unit_test(control_characters_do_not_get_in),
		cmocka_unit_test(errno_is_told_and_mapped),
		cmocka_unit_test(every_code_has_a_name_of_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
