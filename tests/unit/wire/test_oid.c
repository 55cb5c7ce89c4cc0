/* test_oid.c - object identifiers. */
#include "wire/oid.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct oid
oid_of(const char *text)
{
	struct oid oid;
	struct err err;

	if (oid_parse(text, &oid, &err) < 0)
		fail_msg("%s", err.text);
	return oid;
}

static void
text_survives(void **state)
{
	static const char *const texts[] = {
		"0.0",         "1.3.6.1.4.1.8072.9999.9999.1", "2.999.4294967295", "1.39", "0.39.0",
		"2.4294967215"
	};
	char buf[OID_TEXT_MAX];

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(texts); i++) {
		const struct oid oid = oid_of(texts[i]);
		assert_string_equal(oid_text(&oid, buf), texts[i]);
	}
}

static void
leading_dot_is_allowed(void **state)
{
	(void)state;
	const struct oid oid = oid_of(".1.3.6");

	assert_int_equal(oid.count, 3);
	assert_int_equal(oid.number[2], 6);
}

static void
bad_text_is_refused_and_changes_nothing(void **state)
{
	static const char *const texts[] = { "",
					     ".",
					     "1..3",
					     "1.3.",
					     "..1",
					     "1.3.x",
					     "1.3.-1",
					     "1. 3",
					     "1.3.4294967296",
					     "3.1",
					     "1.40",
					     "0.40",
					     "2.4294967216",
					     "1.3.99999999999999999999999",
					     "1,3" };

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(texts); i++) {
		struct oid oid = { .count = 77 };
		struct err err;
		assert_int_equal(oid_parse(texts[i], &oid, &err), DD_EPARSE);
		assert_int_equal(oid.count, 77);
		assert_non_null(strstr(err.text, "is no object identifier"));
	}
}

static void
holds_128_numbers_and_no_more(void **state)
{
	char text[2 * 129] = "1";
	char buf[OID_TEXT_MAX];

	(void)state;
	for (int i = 1; i < 128; i++)
		memcpy(text + strlen(text), ".1", 3);
	struct oid oid = oid_of(text);
	assert_int_equal(oid.count, 128);
	assert_string_equal(oid_text(&oid, buf), text);
	assert_false(oid_add(&oid, 1));

	memcpy(text + strlen(text), ".1", 3);
	assert_int_equal(oid_parse(text, &oid, NULL), DD_EPARSE);
}

static void
longest_text_fits(void **state)
{
	struct oid oid = { .count = OID_NUMBERS_MAX };
	char buf[OID_TEXT_MAX];

	(void)state;
	for (unsigned i = 0; i < OID_NUMBERS_MAX; i++)
		oid.number[i] = UINT32_MAX;
	assert_int_equal(strlen(oid_text(&oid, buf)), 128 * 10 + 127);
}

static void
order_is_that_of_getnext(void **state)
{
	static const char *const sorted[] = { "0.0",     "1.3",   "1.3.0",  "1.3.6",
					      "1.3.6.1", "1.3.7", "1.3.10", "1.3.4294967295",
					      "2.0" };

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(sorted); i++)
		for (size_t k = 0; k < ARRAY_COUNT(sorted); k++) {
			const struct oid a = oid_of(sorted[i]), b = oid_of(sorted[k]);
			const int order = oid_compare(&a, &b);
			assert_int_equal((order > 0) - (order < 0), (i > k) - (i < k));
		}
}

static void
prefix_is_found(void **state)
{
	(void)state;
	const struct oid oid = oid_of("1.3.6.1"), same = oid_of("1.3.6.1"), less = oid_of("1.3"),
			 more = oid_of("1.3.6.1.0"), other = oid_of("1.4");

	assert_true(oid_starts(&oid, &same));
	assert_true(oid_starts(&oid, &less));
	assert_false(oid_starts(&oid, &more));
	assert_false(oid_starts(&oid, &other));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_survives),
		cmocka_unit_test(leading_dot_is_allowed),
		cmocka_unit_test(bad_text_is_refused_and_changes_nothing),
		cmocka_unit_test(holds_128_numbers_and_no_more),
		cmocka_unit_test(longest_text_fits),
		cmocka_unit_test(order_is_that_of_getnext),
		cmocka_unit_test(prefix_is_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
