/* test_yaml_get.c - typed getters over a YAML file, and what they say. */
#include "base/yaml.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct yaml *
parsed(const char *text)
{
	struct yaml *yaml = NULL;
	struct err err = { 0 };

	if (yaml_read("f.yaml", text, strlen(text), &yaml, &err) < 0)
		fail_msg("%s", err.text);
	return yaml;
}

static void
getters_give_what_is_there(void **state)
{
	struct yaml *yaml = parsed("m: {x: 1}\nl: [1, 2]\nt: text\nq: \"\"\ni: -42\nb: yes\n");
	struct yaml_node *root = yaml->root, *node = NULL;
	const char *text = NULL;
	int64_t number = 0;
	bool is_true = false;
	struct err err = { 0 };

	(void)state;
	assert_int_equal(yaml_map(yaml, root, "m", &node, &err), 0);
	assert_int_equal(node->kind, YAML_MAP);
	assert_int_equal(yaml_list(yaml, root, "l", &node, &err), 0);
	assert_int_equal(node->count, 2);
	assert_int_equal(yaml_text(yaml, root, "t", &text, &err), 0);
	assert_string_equal(text, "text");
	assert_int_equal(yaml_text(yaml, root, "q", &text, &err), 0);
	assert_string_equal(text, "");
	assert_int_equal(yaml_text_or(yaml, root, "t", "y", &text, &err), 0);
	assert_string_equal(text, "text");
	assert_int_equal(yaml_int(yaml, root, "i", -42, 0, &number, &err), 0);
	assert_int_equal(number, -42);
	assert_int_equal(yaml_int_or(yaml, root, "i", -99, 99, 1, &number, &err), 0);
	assert_int_equal(number, -42);
	assert_int_equal(yaml_bool_or(yaml, root, "b", false, &is_true, &err), 0);
	assert_true(is_true);
	yaml_free(yaml);
}

static void
defaults_stand_for_absent(void **state)
{
	struct yaml *yaml = parsed("a: 1\n");
	const char *text = NULL;
	int64_t number = 0;
	bool is_true = false;
	struct err err = { 0 };

	(void)state;
	assert_int_equal(yaml_text_or(yaml, yaml->root, "t", "y", &text, &err), 0);
	assert_string_equal(text, "y");
	assert_int_equal(yaml_int_or(yaml, yaml->root, "i", 0, 1, 42, &number, &err), 0);
	assert_int_equal(number, 42);
	assert_int_equal(yaml_bool_or(yaml, yaml->root, "b", true, &is_true, &err), 0);
	assert_true(is_true);
	yaml_free(yaml);
}

static void
absent_entries_are_named(void **state)
{
	struct yaml *yaml = parsed("\n\n  a: 1\n");
	struct yaml_node *node = NULL;
	const char *text = "kept";
	int64_t number = 77;
	struct err err = { 0 };

	(void)state;
	assert_int_equal(yaml_text(yaml, yaml->root, "name", &text, &err), DD_EPARSE);
	assert_string_equal(err.text, "f.yaml:3:3: 'name' is missing");
	assert_int_equal(yaml_int(yaml, yaml->root, "name", 0, 9, &number, &err), DD_EPARSE);
	assert_int_equal(yaml_map(yaml, yaml->root, "name", &node, &err), DD_EPARSE);
	assert_int_equal(yaml_list(yaml, yaml->root, "name", &node, &err), DD_EPARSE);
	assert_string_equal(text, "kept");
	assert_int_equal(number, 77);
	assert_null(node);
	yaml_free(yaml);
}

static void
other_kinds_are_refused_at_their_place(void **state)
{
	struct yaml *yaml = parsed("m: {x: 1}\nl: [1]\nt: text\nempty:\n");
	struct yaml_node *root = yaml->root, *node = NULL;
	const char *text = NULL;
	int64_t number = 0;
	bool is_true = false;
	struct err err = { 0 };

	(void)state;
	assert_int_equal(yaml_map(yaml, root, "l", &node, &err), DD_EPARSE);
	assert_int_equal(strncmp(err.text, "f.yaml:2:4: ", 12), 0);
	assert_int_equal(yaml_list(yaml, root, "m", &node, &err), DD_EPARSE);
	assert_int_equal(yaml_list(yaml, root, "t", &node, &err), DD_EPARSE);
	assert_int_equal(yaml_text(yaml, root, "m", &text, &err), DD_EPARSE);
	assert_int_equal(yaml_text_or(yaml, root, "l", "y", &text, &err), DD_EPARSE);
	assert_int_equal(yaml_text(yaml, root, "empty", &text, &err), DD_EPARSE);
	assert_int_equal(yaml_text_or(yaml, root, "empty", "y", &text, &err), DD_EPARSE);
	assert_int_equal(yaml_int(yaml, root, "m", 0, 9, &number, &err), DD_EPARSE);
	assert_int_equal(yaml_bool_or(yaml, root, "l", true, &is_true, &err), DD_EPARSE);
	assert_null(text);
	assert_false(is_true);
	yaml_free(yaml);
}

static int
int_of(const char *value, int64_t min, int64_t max, int64_t *ret)
{
	char text[100];
	struct err err = { 0 };

	(void)strcat(strcpy(text, "i: "), value);
	struct yaml *yaml = parsed(text);
	const int r = yaml_int(yaml, yaml->root, "i", min, max, ret, &err);
	yaml_free(yaml);
	return r;
}

static void
numbers_are_plain_decimal(void **state)
{
	static const char *const bad[] = { "010",
					   "00",
					   "-01",
					   "0x10",
					   "1_000",
					   "+1",
					   "1.0",
					   "1e3",
					   "\"1\"",
					   "'1'",
					   "0o17",
					   "-x",
					   "--1",
					   "\"\"",
					   "1 000",
					   "9223372036854775808",
					   "-9223372036854775809",
					   "99999999999999999999",
					   "~",
					   "one" };
	int64_t number = 77;

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(bad); i++)
		if (int_of(bad[i], INT64_MIN, INT64_MAX, &number) != DD_EPARSE)
			fail_msg("'%s' was taken", bad[i]);
	assert_int_equal(number, 77);

	assert_int_equal(int_of("9223372036854775807", 0, INT64_MAX, &number), 0);
	assert_true(number == INT64_MAX);
	assert_int_equal(int_of("-9223372036854775808", INT64_MIN, 0, &number), 0);
	assert_true(number == INT64_MIN);
	assert_int_equal(int_of("0", 0, 0, &number), 0);
	assert_int_equal(number, 0);
}

static void
numbers_stay_in_their_limits(void **state)
{
	int64_t number = 77;

	(void)state;
	assert_int_equal(int_of("4", 5, 9, &number), DD_EPARSE);
	assert_int_equal(int_of("10", 5, 9, &number), DD_EPARSE);
	assert_int_equal(int_of("-5", 5, 9, &number), DD_EPARSE);
	assert_int_equal(number, 77);
	assert_int_equal(int_of("5", 5, 9, &number), 0);
	assert_int_equal(int_of("9", 5, 9, &number), 0);
}

static void
truth_has_four_words(void **state)
{
	struct yaml *yaml = parsed("a: true\nb: yes\nc: false\nd: no\n"
				   "e: \"true\"\nf: on\ng: True\nh: 1\ni:\n");
	bool is_true = false;
	struct err err = { 0 };

	(void)state;
	for (const char *key = "ab"; *key; key++) {
		assert_int_equal(
			yaml_bool_or(yaml, yaml->root, (char[]){ *key, 0 }, false, &is_true, &err),
			0);
		assert_true(is_true);
	}
	for (const char *key = "cd"; *key; key++) {
		assert_int_equal(
			yaml_bool_or(yaml, yaml->root, (char[]){ *key, 0 }, true, &is_true, &err),
			0);
		assert_false(is_true);
	}
	for (const char *key = "efghi"; *key; key++)
		assert_int_equal(
			yaml_bool_or(yaml, yaml->root, (char[]){ *key, 0 }, true, &is_true, &err),
			DD_EPARSE);
	assert_false(is_true);
	yaml_free(yaml);
}

/* A list where a map belongs is an error, also where every entry has a default. */
static void
what_is_no_map_is_refused(void **state)
{
	static const char *const texts[] = { "[a]", "word" };

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(texts); i++) {
		struct yaml *yaml = parsed(texts[i]);
		struct yaml_node *node;
		const char *text;
		int64_t number;
		bool is_true;
		struct err err = { 0 };
		assert_null(yaml_find(yaml->root, "a"));
		assert_int_equal(yaml_map(yaml, yaml->root, "a", &node, &err), DD_EPARSE);
		assert_int_equal(strncmp(err.text, "f.yaml:1:1: ", 12), 0);
		assert_int_equal(yaml_text_or(yaml, yaml->root, "a", "", &text, &err), DD_EPARSE);
		assert_int_equal(yaml_int_or(yaml, yaml->root, "a", 0, 9, 1, &number, &err),
				 DD_EPARSE);
		assert_int_equal(yaml_bool_or(yaml, yaml->root, "a", true, &is_true, &err),
				 DD_EPARSE);
		assert_int_equal(yaml_only_known(yaml, yaml->root, &err), DD_EPARSE);
		yaml_free(yaml);
	}
}

static void
entries_that_nobody_asked_for_are_named(void **state)
{
	struct yaml *yaml = parsed("name: x\nnmae:\n  deep: 1\n");
	const char *text;
	struct err err = { 0 };

	(void)state;
	assert_int_equal(yaml_text(yaml, yaml->root, "name", &text, &err), 0);
	assert_int_equal(yaml_only_known(yaml, yaml->root, &err), DD_EPARSE);
	assert_string_equal(err.text, "f.yaml:2:1: unknown key 'nmae'");
	assert_non_null(yaml_find(yaml->root, "nmae"));
	assert_int_equal(yaml_only_known(yaml, yaml->root, &err), 0);
	yaml_free(yaml);
}

static void
values_are_never_told(void **state)
{
	struct yaml *yaml = parsed("token: s3cret\n");
	struct yaml_node *node;
	int64_t number;
	bool is_true;
	struct err err = { 0 };

	(void)state;
	assert_int_equal(yaml_int(yaml, yaml->root, "token", 0, 9, &number, &err), DD_EPARSE);
	assert_null(strstr(err.text, "s3cret"));
	assert_int_equal(yaml_bool_or(yaml, yaml->root, "token", true, &is_true, &err), DD_EPARSE);
	assert_null(strstr(err.text, "s3cret"));
	assert_int_equal(yaml_map(yaml, yaml->root, "token", &node, &err), DD_EPARSE);
	assert_null(strstr(err.text, "s3cret"));
	yaml_free(yaml);
}

static void
messages_begin_with_the_place(void **state)
{
	struct yaml *yaml = parsed("a:\n  - b\n");
	struct err err = { 0 };

	(void)state;
	assert_int_equal(yaml_err(yaml, yaml->root->first->first, &err, AT, "no %s", "such"),
			 DD_EPARSE);
	assert_string_equal(err.text, "f.yaml:2:5: no such");
	assert_int_equal(yaml_err(yaml, yaml->root, NULL, AT, "x"), DD_EPARSE);
	yaml_free(yaml);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(getters_give_what_is_there),
		cmocka_unit_test(defaults_stand_for_absent),
		cmocka_unit_test(absent_entries_are_named),
		cmocka_unit_test(other_kinds_are_refused_at_their_place),
		cmocka_unit_test(numbers_are_plain_decimal),
		cmocka_unit_test(numbers_stay_in_their_limits),
		cmocka_unit_test(truth_has_four_words),
		cmocka_unit_test(what_is_no_map_is_refused),
		cmocka_unit_test(entries_that_nobody_asked_for_are_named),
		cmocka_unit_test(values_are_never_told),
		cmocka_unit_test(messages_begin_with_the_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
