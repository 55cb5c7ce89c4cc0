/* test_schema.c - categories, path patterns, and who decides about a path. */
#include "model/schema.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void
patterns_match(void **state)
{
	static const struct {
		const char *pattern, *text;
		bool fits;
	} rows[] = {
		{ "user.*", "user.1.name", true },
		{ "user.*", "user.", true },
		{ "user.*", "user", false },
		{ "user.*", "auser.1", false },
		{ "*.password", "user.1.password", true },
		{ "*.password", "user.1.passwords", false },
		{ "user.*.password", "user.1.x.password", true },
		{ "*", "", true },
		{ "*", "anything", true },
		{ "**", "x", true },
		{ "", "", true },
		{ "", "x", false },
		{ "exact", "exact", true },
		{ "exact", "exac", false },
		{ "a*b*c", "aXbYbZc", true },
		{ "a*b*c", "aXcYb", false },
		{ "*ab", "aab", true },
		{ "*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++)
		if (schema_match(rows[i].pattern, rows[i].text) != rows[i].fits)
			fail_msg("'%s' and '%s'", rows[i].pattern, rows[i].text);
}

/* Exponential matching would not end in a person's lifetime. */
static void
many_stars_take_no_time(void **state)
{
	char text[5000];

	(void)state;
	memset(text, 'a', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	assert_false(schema_match("*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b", text));
}

static void
first_category_wins_and_flags_add_up(void **state)
{
	static const struct schema_format format = {
		.rules_count = 4,
		.rules = { { .pattern = "user.*", .category = CATEGORY_USER, .is_set = true },
			   { .pattern = "*", .category = CATEGORY_PORT, .is_set = true },
			   { .pattern = "*.password", .is_secret = true },
			   { .pattern = "user.9.*", .is_volatile = true } },
	};

	(void)state;
	struct schema_verdict verdict = schema_judge(&format, "user.9.password");
	assert_int_equal(verdict.category, CATEGORY_USER);
	assert_true(verdict.is_secret && verdict.is_volatile);
	verdict = schema_judge(&format, "sip.password");
	assert_int_equal(verdict.category, CATEGORY_PORT);
	assert_true(verdict.is_secret && !verdict.is_volatile);
}

static void
without_rules_all_is_default(void **state)
{
	static const struct schema_format format = { .rules_count = 0 };

	(void)state;
	assert_int_equal(schema_judge(&format, "x").category, CATEGORY_DEFAULT);
}

static void
categories_have_names(void **state)
{
	static const char *const names[] = { "user_data", "port_data", "protocol_parameters",
					     "default_parameters" };
	enum category category = CATEGORY_COUNT;

	(void)state;
	for (int i = 0; i < CATEGORY_COUNT; i++) {
		assert_string_equal(category_name((enum category)i), names[i]);
		assert_true(category_parse(names[i], &category));
		assert_int_equal(category, i);
	}
	assert_string_equal(category_title(CATEGORY_PROTOCOL), "protocol parameters");
	assert_string_equal(category_name(CATEGORY_COUNT), "unknown");
	assert_false(category_parse("user data", &category));
}

static void
formats_are_found_by_number(void **state)
{
	static const struct schema schema = { .formats_count = 2,
					      .formats = { { .number = 1 }, { .number = 7 } } };

	(void)state;
	assert_ptr_equal(schema_format(&schema, 7), &schema.formats[1]);
	assert_null(schema_format(&schema, 2));
	assert_null(schema_format(&schema, 0));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(patterns_match),
		cmocka_unit_test(many_stars_take_no_time),
		cmocka_unit_test(first_category_wins_and_flags_add_up),
		cmocka_unit_test(without_rules_all_is_default),
		cmocka_unit_test(categories_have_names),
		cmocka_unit_test(formats_are_found_by_number),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
