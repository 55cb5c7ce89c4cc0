/* test_words.c - the tables, what is typed, guesses, and what is printed. */
#include "cli/room.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* ---- the tables ---- */

static void
check_rows(const struct verb *verb, const struct option_row *rows)
{
	for (; rows != NULL && rows->name != NULL; rows++) {
		assert_true(strlen(rows->name) > 1);
		assert_non_null(rows->help);
		for (const struct option_row *all = options_of_all; all->name != NULL; all++)
			if (strcmp(all->name, rows->name) == 0)
				fail_msg("%s: --%s is an option of all", verb->name, rows->name);
		for (const struct option_row *twin = rows + 1; twin->name != NULL; twin++)
			assert_string_not_equal(twin->name, rows->name);
	}
}

static void
test_tables(void **state)
{
	(void)state;
	for (unsigned i = 0; verbs[i] != NULL; i++) {
		const struct verb *verb = verbs[i];
		assert_non_null(verb->run);
		assert_non_null(verb->arguments);
		assert_true(strlen(verb->summary) > 10);
		assert_true(verb->plain_min <= verb->plain_max);
		for (size_t j = 0; j < ARRAY_COUNT(verb->options); j++)
			check_rows(verb, verb->options[j]);
		for (unsigned j = i + 1; verbs[j] != NULL; j++)
			assert_string_not_equal(verbs[j]->name, verb->name);
	}
}

/* ---- what is typed ---- */

struct typed {
	struct cli cli;
	int code;
};

static void
type(struct typed *typed, const char *line)
{
	static char words[512];
	char *argv[64];
	int argc = 0;

	(void)snprintf(words, sizeof(words), "%s", line);
	for (char *rest = words, *word; (word = strsep(&rest, " ")) != NULL;)
		if (*word != '\0')
			argv[argc++] = word;
	*typed = (struct typed){ .code = 0 };
	typed->code = cli_read(&typed->cli, argc, argv);
}

static void
untype(struct typed *typed)
{
	free(typed->cli.plain);
	free(typed->cli.taken);
}

static void
test_good_lines(void **state)
{
	static const struct {
		const char *line, *verb, *option, *value;
		unsigned plain;
	} cases[] = {
		{ "device list", "device list", "json", NULL, 0 },
		{ "device list --json", "device list", "json", "", 0 },
		{ "--json device list", "device list", "json", "", 0 },
		{ "--data /x device list", "device list", "data", "/x", 0 },
		{ "--data=/x device show a", "device show", "data", "/x", 1 },
		{ "device show --data /x -- --odd", "device show", "data", "/x", 1 },
		{ "upgrade a b c --image 7", "upgrade", "image", "7", 3 },
		{ "upgrade --all --image=2.0.0", "upgrade", "image", "2.0.0", 0 },
		{ "decide 1 retry --note -x-", "decide", "note", "-x-", 2 },
		{ "upgrade --image 7 --limit update=5 a --limit backup=7", "upgrade", "limit",
		  "update=5", 1 },
		{ "device show -", "device show", "json", NULL, 1 },
	};
	struct typed typed;

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
		type(&typed, cases[i].line);
		if (typed.code != 0 || typed.cli.verb == NULL)
			fail_msg("%s: %d", cases[i].line, typed.code);
		assert_string_equal(typed.cli.verb->name, cases[i].verb);
		assert_int_equal(typed.cli.plain_count, cases[i].plain);
		const char *value = option(&typed.cli, cases[i].option);
		assert_true((value == NULL) == (cases[i].value == NULL));
		if (value != NULL)
			assert_string_equal(value, cases[i].value);
		untype(&typed);
	}
}

static void
test_options_that_repeat(void **state)
{
	struct typed typed;

	(void)state;
	type(&typed, "upgrade --image 7 --limit update=5 a --limit backup=7");
	assert_string_equal(option_nth(&typed.cli, "limit", 1), "backup=7");
	assert_null(option_nth(&typed.cli, "limit", 2));
	untype(&typed);
	type(&typed, "upgrade --image 7 --image 8");
	assert_int_equal(typed.code, CODE_USAGE);
	untype(&typed);
}

static void
test_bad_lines(void **state)
{
	static const char *const lines[] = {
		"",
		"devise list",
		"device",
		"device lst",
		"device list x",
		"device show",
		"device show a b",
		"device list --loud",
		"device list --json=1",
		"device list --data",
		"device list -j",
		"device add",
		"campaign start x",
		"--loud device list",
		"decide 7",
		"init",
	};
	struct typed typed;

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(lines); i++) {
		type(&typed, lines[i]);
		if (typed.code != CODE_USAGE)
			fail_msg("'%s' gave %d", lines[i], typed.code);
		untype(&typed);
	}
}

static void
test_help_is_no_error(void **state)
{
	static const char *const lines[] = { "help",
					     "--help",
					     "-h",
					     "help device",
					     "help device add",
					     "device --help",
					     "device add --help",
					     "upgrade -h",
					     "upgrade --image 7 --help" };
	struct typed typed;

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(lines); i++) {
		type(&typed, lines[i]);
		if (typed.code != 0 || typed.cli.verb != NULL)
			fail_msg("'%s' gave %d", lines[i], typed.code);
		untype(&typed);
	}
}

static void
test_numbers(void **state)
{
	static const char *const bad[] = { "0", "-1", "x", "11", "1x", "99999999999999999999999" };
	struct typed typed;
	struct err err;
	uint64_t number;
	char line[128];

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(bad); i++) {
		(void)snprintf(line, sizeof(line), "job watch 1 --timeout %s", bad[i]);
		type(&typed, line);
		assert_int_equal(option_number(&typed.cli, "timeout", 5, 10, &number, &err),
				 DD_EINVAL);
		untype(&typed);
	}
	type(&typed, "job watch 1");
	assert_int_equal(option_number(&typed.cli, "timeout", 5, 10, &number, &err), 0);
	assert_int_equal(number, 5);
	untype(&typed);
}

static void
test_guesses(void **state)
{
	static const struct {
		const char *typed, *meant;
	} cases[] = {
		{ "upgrad", "upgrade" },
		{ "upgrade", "upgrade" },
		{ "upgarde box", "upgrade" },
		{ "devic list", "device list" },
		{ "device ad", "device add" },
		{ "decisons", "decisions" },
		{ "profile chek", "profile check" },
		{ "xyzzy", NULL },
		{ "", NULL },
		{ "campaign start", NULL },
		{ "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		  "aaaaaaaaaa",
		  NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
		const struct verb *guess = help_guess(cases[i].typed);
		if ((guess == NULL) != (cases[i].meant == NULL) ||
		    (guess != NULL && strcmp(guess->name, cases[i].meant) != 0))
			fail_msg("'%s' gave '%s'", cases[i].typed,
				 guess != NULL ? guess->name : "nothing");
	}
}

/* ---- what is printed ---- */

/* Run print() on a file in memory. */
#define PRINTED(text, size, call)                      \
	do {                                           \
		FILE *out = fmemopen(text, size, "w"); \
		assert_non_null(out);                  \
		call;                                  \
		assert_int_equal(fclose(out), 0);      \
	} while (0)

static void
test_texts_cant_move_the_cursor(void **state)
{
	char text[128] = "";

	(void)state;
	PRINTED(text, sizeof(text), print_text(out, "a\033[2J\x9b\nb"));
	assert_string_equal(text, "a?[2J??b");
}

static void
test_wrapping(void **state)
{
	char text[256] = "";

	(void)state;
	PRINTED(text, sizeof(text),
		print_wrapped(out, 0, 2, 12, "one two three  four averyverylongword x"));
	assert_string_equal(text, "  one two\n  three four\n  averyverylongword\n  x\n");
	PRINTED(text, sizeof(text), print_wrapped(out, 6, 2, 12, "one two"));
	assert_string_equal(text, "one\n  two\n");
	PRINTED(text, sizeof(text), print_wrapped(out, 3, 2, 12, ""));
	assert_string_equal(text, "\n");
	PRINTED(text, sizeof(text),
		print_wrapped(
			out, 0, 2, 12,
			"\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4 \xc3\xb6\xc3\xb6\xc3\xb6\xc3\xb6 u"));
	assert_string_equal(
		text, "  \xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4 \xc3\xb6\xc3\xb6\xc3\xb6\xc3\xb6\n  u\n");
}

static void
test_escaped(void **state)
{
	struct buf path = { 0 };

	(void)state;
	add_escaped(&path, "a/b?c=d&e%f \xc3\xa4~._-");
	assert_string_equal(buf_text(&path), "a%2Fb%3Fc%3Dd%26e%25f%20%C3%A4~._-");
	buf_done(&path);
}

static void
test_lists_are_cut(void **state)
{
	json_t *list = json_pack("[s,i,b,s]", "abc", 7, 1, "a long word");
	char text[16];

	(void)state;
	assert_string_equal(doc_list(list, text, sizeof(text)), "abc, 7, ?, a lo");
	assert_string_equal(doc_list(NULL, text, sizeof(text)), "");
	json_decref(list);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tables),
		cmocka_unit_test(test_good_lines),
		cmocka_unit_test(test_options_that_repeat),
		cmocka_unit_test(test_bad_lines),
		cmocka_unit_test(test_help_is_no_error),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_guesses),
		cmocka_unit_test(test_texts_cant_move_the_cursor),
		cmocka_unit_test(test_wrapping),
		cmocka_unit_test(test_escaped),
		cmocka_unit_test(test_lists_are_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
