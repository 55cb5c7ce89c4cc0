/* test_config.c - text to values: the lexical rules of both formats, categories, hashes. */
#include "sample.h"

#define HEAD1 "# drydock-iad configuration\n[system]\nformat = 1\n"
#define HEAD2 "drydock-iad 2\n"

static void
refuses(uint32_t format, const char *text, size_t size, int code, const char *words)
{
	struct config *config = NULL;
	struct err err = { 0 };
	int r = config_parse(iad_schema(), format, text, size, &config, &err);

	if (r != code || strstr(err.text, words) == NULL)
		fail_msg("%d \"%s\" instead of %d \"%s\"", r, err.text, code, words);
	assert_null(config);
}

static void
refuses_text(uint32_t format, const char *text, const char *words)
{
	refuses(format, text, strlen(text), DD_EPARSE, words);
}

static void
sample_is_read_whole(void **state)
{
	static const struct {
		const char *path, *value;
	} rows[] = {
		{ "system.hostname", "iad-7" },
		{ "user.2.name", "Jörg \"JJ\" Müller" },
		{ "user.2.password", "p#ss;word=1" },
		{ "user.3.password", "\"quoted\"" },
		{ "user.4.password", "back\\slash\\" },
		{ "user.5.password", "= starts with equals" },
		{ "user.6.name", "[not a section]" },
		{ "user.7.password", "tab\there and  two blanks" },
		{ "user.10.password", "" },
		{ "mgc.controller.2", "[2001:db8::20]:2944" },
		{ "port.24.gain", "-3" },
	};

	(void)state;
	struct config *config = config_of_file(1, "tests/data/iad-24-format1.conf");
	assert_int_equal(config->count, 148);
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++)
		assert_string_equal(value_of(config, rows[i].path), rows[i].value);
	assert_int_equal(config_count(config, CATEGORY_USER), 40);
	assert_int_equal(config_count(config, CATEGORY_PORT), 96);
	assert_int_equal(config_count(config, CATEGORY_PROTOCOL), 7);
	assert_int_equal(config_count(config, CATEGORY_DEFAULT), 4); /* without system.format */
	config_free(config);
}

static void
values_are_sorted_and_marked(void **state)
{
	(void)state;
	struct config *config = config_of(1, HEAD1 "[user.1]\npassword=p\nname=n\n[a]\nb=c");

	assert_int_equal(config->count, 4);
	assert_string_equal(config->items[0].path, "a.b");
	assert_string_equal(config->items[1].path, "system.format");
	assert_true(config->items[1].is_volatile);
	assert_string_equal(config->items[2].path, "user.1.name");
	assert_int_equal(config->items[2].line, 6);
	assert_int_equal(config->items[2].category, CATEGORY_USER);
	assert_false(config->items[2].is_secret);
	assert_true(config->items[3].is_secret);
	assert_null(config_find(config, "user.1"));
	config_free(config);
}

static void
ini_takes_what_editors_leave(void **state)
{
	(void)state;
	struct config *config =
		config_of(1, "# drydock-iad configuration \r\n\r\n  [system]\r\n\tformat\t=  1 \r\n"
			     "; a comment\n # another\nhostname=a=b ; no comment\r\n");

	assert_int_equal(config->count, 2);
	assert_string_equal(value_of(config, "system.hostname"), "a=b ; no comment");
	config_free(config);
}

static void
ini_refuses(void **state)
{
	(void)state;
	refuses_text(1, "", "line 1: it must be '# drydock-iad configuration'");
	refuses_text(1, "drydock-iad 2\n", "line 1");
	refuses_text(1, HEAD1 "no equals\n", "line 4: it is neither");
	refuses_text(1, "# drydock-iad configuration\na = b\n", "line 2: a value before");
	refuses_text(1, HEAD1 "[user.1\n", "line 4: the section's name must end");
	refuses_text(1, HEAD1 "[]\n", "line 4: a section's name");
	refuses_text(1, HEAD1 "[.user]\n", "line 4: a section's name");
	refuses_text(1, HEAD1 "[user 1]\n", "line 4: a section's name");
	refuses_text(1, HEAD1 "[user.1] ; x\n", "line 4");
	refuses_text(1, HEAD1 "= x\n", "line 4: a key");
	refuses_text(1, HEAD1 "a b = x\n", "line 4: a key");
	refuses_text(1, HEAD1 "name = \001\n", "line 4: a control character");
	refuses_text(1, HEAD1 "name = \177\n", "line 4: a control character");
	refuses_text(1, HEAD1 "name = \xff\n", "line 4: a byte that is not UTF-8");
	refuses_text(1, HEAD1 "name = \xc0\xaf\n", "line 4: a byte that is not UTF-8");
	refuses_text(1, HEAD1 "name = \xed\xa0\x80\n", "line 4: a byte that is not UTF-8");
	refuses_text(1, HEAD1 "name = \xe2\x82", "line 4: a byte that is not UTF-8");
	refuses_text(1, HEAD1 "a = 1\nb = 2\na = 3\n",
		     "line 6: 'system.a' is there already in line 4");
	refuses(1, HEAD1 "a = \0b\n", sizeof(HEAD1 "a = \0b\n") - 1, DD_EPARSE,
		"line 4: a control");
}

/* A text cut short must not pass for a whole one. */
static void
ini_must_name_its_format(void **state)
{
	(void)state;
	refuses_text(1, "# drydock-iad configuration\n", "'system.format' is missing");
	refuses_text(1, "# drydock-iad configuration\n[system]\nformat = 2\n",
		     "line 3: 'system.format' must be 1");
	refuses_text(1, "# drydock-iad configuration\n[system]\nformat =\n", "must be 1");
}

static void
set_lines_are_read(void **state)
{
	(void)state;
	struct config *config =
		config_of(2, HEAD2 "\n# comment\n  set a/b bare#;=\r\nset\tc\t\"\"  \n"
				   "set d \"x \\\" \\\\ y\"\nset e #bare\nset f \"\ttab\"\n");

	assert_string_equal(value_of(config, "a/b"), "bare#;=");
	assert_string_equal(value_of(config, "c"), "");
	assert_string_equal(value_of(config, "d"), "x \" \\ y");
	assert_string_equal(value_of(config, "e"), "#bare");
	assert_string_equal(value_of(config, "f"), "\ttab");
	config_free(config);
}

static void
set_lines_refuse(void **state)
{
	static const char *const bad[] = {
		"set a\n",         "set a b c\n",     "set a \"b\n",  "set a b\"\n",
		"set a \"b\"c\n",  "set a \"\\n\"\n", "set a \"\\\n", "set a back\\sl\n",
		"set a\"b c\n",    "set\n",           "seta b\n",     "unset a\n",
		"; no comment\n",  "set  \n",         "set a\\b c\n", "set a \"\"\"\n",
		"set a \"b\\\"\n",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(bad); i++) {
		char text[100];
		assert_true(text_print(text, sizeof(text), HEAD2 "%s", bad[i]));
		refuses_text(2, text, "line 2: ");
	}
	refuses_text(2, HEAD2 "set a 1\nset a 1\n", "line 3: 'a' is there already in line 2");
	refuses_text(2, "drydock-iad 22\n", "line 1: it must be");
}

static void
errors_never_show_values(void **state)
{
	static const char *const texts[] = {
		HEAD1 "[user.1]\npassword = s3cret\npassword = s3cret\n",
		HEAD1 "[user.1]\ns3cret\n",
		HEAD1 "[user.1]\npassword = s3cret\001\n",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(texts); i++) {
		struct config *config = NULL;
		struct err err = { 0 };
		assert_int_equal(
			config_parse(iad_schema(), 1, texts[i], strlen(texts[i]), &config, &err),
			DD_EPARSE);
		assert_null(strstr(err.text, "s3cret"));
	}
}

/* ---- limits ---- */

static void
limits_are_kept(void **state)
{
	char *text = malloc(CONFIG_BYTES_MAX + 2);

	(void)state;
	assert_non_null(text);
	memset(text, '\n', CONFIG_BYTES_MAX + 2);
	refuses(2, text, CONFIG_BYTES_MAX + 1, DD_EFULL, "bytes");

	size_t used = strlen(strcpy(text, HEAD2 "set a "));
	memset(text + used, 'x', CONFIG_VALUE_MAX);
	refuses(2, text, used + CONFIG_VALUE_MAX, DD_EPARSE, "line 2: the value is too long");
	memset(text + used, 'x', CONFIG_LINE_MAX);
	refuses(2, text, used + CONFIG_LINE_MAX, DD_EPARSE, "line 2: the line is too long");
	used = strlen(strcpy(text, HEAD2 "set "));
	memset(text + used, 'x', CONFIG_PATH_MAX);
	text[used + CONFIG_PATH_MAX] = '\0';
	strcat(text, " v");
	refuses_text(2, text, "line 2: a path");

	used = strlen(strcpy(text, HEAD2));
	for (int i = 0; i <= CONFIG_ITEMS_MAX; i++)
		used += (size_t)sprintf(text + used, "set %d v\n", i);
	refuses(2, text, used, DD_EFULL, "values");
	free(text);
}

static void
longest_value_is_read(void **state)
{
	char text[CONFIG_LINE_MAX], value[CONFIG_VALUE_MAX];

	(void)state;
	memset(value, '"', sizeof(value) - 1);
	value[sizeof(value) - 1] = '\0';
	size_t used = (size_t)sprintf(text, HEAD1 "[user.1]\nname = %s", value);
	assert_true(used < sizeof(text));
	struct config *config = config_of(1, text);
	assert_string_equal(value_of(config, "user.1.name"), value);
	config_free(config);
}

/* ---- formats and hashes ---- */

static void
format_is_known_by_its_first_line(void **state)
{
	uint32_t format = 0;

	(void)state;
	assert_int_equal(
		config_format_of(iad_schema(), HEAD2 "set", strlen(HEAD2 "set"), &format, NULL), 0);
	assert_int_equal(format, 2);
	assert_int_equal(config_format_of(iad_schema(), HEAD1, strlen(HEAD1), &format, NULL), 0);
	assert_int_equal(format, 1);
	assert_int_equal(config_format_of(iad_schema(), "drydock-iad 2x", 14, &format, NULL),
			 DD_ENOTFOUND);
	assert_int_equal(config_format_of(iad_schema(), "", 0, &format, NULL), DD_ENOTFOUND);
	assert_int_equal(format, 1);
}

static void
unknown_format_is_refused(void **state)
{
	(void)state;
	refuses(3, HEAD2, strlen(HEAD2), DD_EUNSUPPORTED, "format 3 is not known");
}

static void
hash_is_over_path_and_value_in_order(void **state)
{
	static const char meant[] = "user.1.name=Anna\nuser.1.number=7\nuser.2.number=\n";
	struct sha256 hash, wanted;

	(void)state;
	struct config *config = config_of(
		1, HEAD1 "[user.2]\nnumber=\n[user.1]\nnumber=7\nname=Anna\n[port.1]\nstate=up\n");
	config_hash(config, CATEGORY_USER, &hash);
	sha256_of(meant, strlen(meant), &wanted);
	assert_true(sha256_equal(&hash, &wanted));
	config_hash(config, CATEGORY_DEFAULT, &hash); /* only system.format, which is volatile */
	sha256_of("", 0, &wanted);
	assert_true(sha256_equal(&hash, &wanted));
	assert_int_equal(config_count(config, CATEGORY_DEFAULT), 0);
	config_free(config);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sample_is_read_whole),
		cmocka_unit_test(values_are_sorted_and_marked),
		cmocka_unit_test(ini_takes_what_editors_leave),
		cmocka_unit_test(ini_refuses),
		cmocka_unit_test(ini_must_name_its_format),
		cmocka_unit_test(set_lines_are_read),
		cmocka_unit_test(set_lines_refuse),
		cmocka_unit_test(errors_never_show_values),
		cmocka_unit_test(limits_are_kept),
		cmocka_unit_test(longest_value_is_read),
		cmocka_unit_test(format_is_known_by_its_first_line),
		cmocka_unit_test(unknown_format_is_refused),
		cmocka_unit_test(hash_is_over_path_and_value_in_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
