/* test_diff.c - printing that reads back, and differences by meaning. */
#include "config/diff.h"
#include "sample.h"

#define HEAD1 "# drydock-iad configuration\n[system]\nformat = 1\n"

/* ---- printing ---- */

static void
reads_back(uint32_t format, const char *name)
{
	struct config *config = config_of_file(format, name);
	struct buf text = { 0 }, again = { 0 };
	struct err err = { 0 };

	if (config_print(iad_schema(), config, &text, &err) < 0)
		fail_msg("%s", err.text);
	struct config *read = config_of(format, buf_text(&text));
	assert_int_equal(read->count, config->count);
	for (size_t i = 0; i < config->count; i++) {
		assert_string_equal(read->items[i].path, config->items[i].path);
		assert_string_equal(read->items[i].value, config->items[i].value);
	}
	assert_int_equal(config_print(iad_schema(), read, &again, &err), 0);
	assert_string_equal(buf_text(&again), buf_text(&text));
	buf_done(&text);
	buf_done(&again);
	config_free(read);
	config_free(config);
}

static void
samples_read_back(void **state)
{
	(void)state;
	reads_back(1, "tests/data/iad-24-format1.conf");
	reads_back(2, "tests/data/iad-24-format2.conf");
}

static void
sections_are_cut_where_people_cut_them(void **state)
{
	struct buf text = { 0 };

	(void)state;
	struct config *config = config_of(
		1, HEAD1 "server.1=s\n[user.1]\nname=n\n[x]\n1=2\n[a.1.2]\nb=c\n[e]\nempty=\n");
	assert_int_equal(config_print(iad_schema(), config, &text, NULL), 0);
	assert_string_equal(buf_text(&text), "# drydock-iad configuration\n"
					     "[a.1.2]\nb = c\n"
					     "[e]\nempty =\n"
					     "[system]\nformat = 1\nserver.1 = s\n"
					     "[user.1]\nname = n\n"
					     "[x]\n1 = 2\n");
	buf_done(&text);
	config_free(config);
}

static void
odd_paths_read_back(void **state)
{
	static const char *const lines[] = { "[a]\nb.=1",      "[a.]\nb=1",    "[a..1]\n2=x",
					     "[a]\nb.1.2.3=1", "[a.-.1]\nb=1", "[a.-]\n1=x",
					     "[1]\n1=1",       "[a]\nb..=1" };

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(lines); i++) {
		char text[100];
		struct buf out = { 0 };
		assert_true(text_print(text, sizeof(text), HEAD1 "%s", lines[i]));
		struct config *config = config_of(1, text);
		assert_int_equal(config_print(iad_schema(), config, &out, NULL), 0);
		struct config *read = config_of(1, buf_text(&out));
		assert_int_equal(config_diff(config, read, NULL, NULL, NULL), 0);
		config_free(config);
		config_free(read);
		buf_done(&out);
	}
}

static void
what_a_format_cannot_carry_is_refused(void **state)
{
	/* set lines carry blanks at the ends, sections and keys do not */
	struct config *config = config_of(2, "drydock-iad 2\nset a.b \" x\"\n");
	struct config_item item = config->items[0];
	struct buf text = { 0 };
	struct err err = { 0 };

	(void)state;
	config->format = 1;
	assert_int_equal(config_print(iad_schema(), config, &text, &err), DD_EINTEGRITY);
	assert_string_equal(err.text, "format 1 can't carry the value of 'a.b'");
	assert_int_equal(text.size, 0);
	static char longest[CONFIG_VALUE_MAX + 1];
	memset(longest, 'x', CONFIG_VALUE_MAX);
	static const char *const values[] = { "x ", "x\t", "a\nb", "\xff", longest };
	for (size_t i = 0; i < ARRAY_COUNT(values); i++) {
		config->items[0].value = values[i];
		assert_int_equal(config_print(iad_schema(), config, &text, &err), DD_EINTEGRITY);
	}
	longest[CONFIG_VALUE_MAX - 1] = '\0';
	assert_int_equal(config_print(iad_schema(), config, &text, &err), 0);
	buf_clear(&text);
	config->items[0].value = "x";
	config->items[0].path = "no-dot";
	assert_int_equal(config_print(iad_schema(), config, &text, &err), DD_EINTEGRITY);
	assert_string_equal(err.text, "format 1 can't carry the path 'no-dot'");
	config->items[0] = item;
	config->format = 9;
	assert_int_equal(config_print(iad_schema(), config, &text, &err), DD_EUNSUPPORTED);
	buf_done(&text);
	config_free(config);
}

static void
a_full_buffer_is_told(void **state)
{
	struct config *config = config_of_file(2, "tests/data/iad-24-format2.conf");
	struct buf text;

	(void)state;
	buf_init(&text, 100);
	assert_int_equal(config_print(iad_schema(), config, &text, NULL), DD_EFULL);
	buf_done(&text);
	config_free(config);
}

/* ---- differences ---- */

static void
print_change(void *arg, const struct config_change *change)
{
	config_change_print(change, arg);
	(void)buf_add_char(arg, '\n');
}

static void
expect(const char *from_text, const char *to_text, const char *wanted, size_t count)
{
	struct config *from = config_of(1, from_text), *to = config_of(1, to_text);
	struct buf text = { 0 };

	assert_int_equal(config_diff(from, to, print_change, &text, NULL), count);
	assert_string_equal(buf_text(&text), wanted);
	buf_done(&text);
	config_free(from);
	config_free(to);
}

static void
differences_are_named_in_order(void **state)
{
	(void)state;
	expect(HEAD1 "[a]\nb=1\nc=2\nd=3\n", HEAD1 "[a]\nd=4\nb=1\ne=\n",
	       "a.c removed: it was \"2\"\na.d changed from \"3\" to \"4\"\na.e added: \"\"\n", 3);
	expect(HEAD1, HEAD1 "[z]\nz=1\n", "z.z added: \"1\"\n", 1);
	expect(HEAD1 "[z]\nz=1\n", HEAD1, "z.z removed: it was \"1\"\n", 1);
}

static void
secrets_are_named_without_values(void **state)
{
	(void)state;
	expect(HEAD1 "[u]\nx.password=old\ny.password=o\n",
	       HEAD1 "[u]\nx.password=new\nz.password=n\n",
	       "u.x.password changed\nu.y.password removed\nu.z.password added\n", 3);
}

static void
order_and_comments_do_not_count(void **state)
{
	(void)state;
	expect(HEAD1 "[a]\nb=1\n[c]\nd=2\n",
	       "# drydock-iad configuration\n[c]\nd = 2\n;x\n[a]\nb = 1\n"
	       "[system]\nformat=1\n",
	       "", 0);
}

static void
volatile_values_do_not_count(void **state)
{
	(void)state;
	/* system.format is volatile; 01 is the number 1, too */
	expect(HEAD1, "# drydock-iad configuration\n[system]\nformat = 01\n", "", 0);
}

static void
long_and_odd_values_are_cut_and_cleaned(void **state)
{
	struct config
		*from = config_of(1, HEAD1),
		*to = config_of(
			1, HEAD1
			"[a]\nb="
			"0123456789012345678901234567890123456789012345678901234567890123456789\n");
	struct buf text = { 0 };

	(void)state;
	assert_int_equal(config_diff(from, to, print_change, &text, NULL), 1);
	assert_true(text.size < 90);
	assert_non_null(strstr(buf_text(&text), "...\""));
	buf_done(&text);
	config_free(from);
	config_free(to);
}

static void
differences_are_counted_by_category(void **state)
{
	struct config *from = config_of(1, HEAD1 "[user.1]\nname=a\nport=1\n[port.1]\ngain=0\n");
	struct config *to =
		config_of(1, HEAD1 "[user.1]\nname=b\n[sip]\nserver.1=x\n[port.1]\ngain=0\n");
	size_t counts[CATEGORY_COUNT];

	(void)state;
	assert_int_equal(config_diff(from, to, NULL, NULL, counts), 3);
	assert_int_equal(counts[CATEGORY_USER], 2);
	assert_int_equal(counts[CATEGORY_PORT], 0);
	assert_int_equal(counts[CATEGORY_PROTOCOL], 1);
	assert_int_equal(counts[CATEGORY_DEFAULT], 0);
	config_free(from);
	config_free(to);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(samples_read_back),
		cmocka_unit_test(sections_are_cut_where_people_cut_them),
		cmocka_unit_test(odd_paths_read_back),
		cmocka_unit_test(what_a_format_cannot_carry_is_refused),
		cmocka_unit_test(a_full_buffer_is_told),
		cmocka_unit_test(differences_are_named_in_order),
		cmocka_unit_test(secrets_are_named_without_values),
		cmocka_unit_test(order_and_comments_do_not_count),
		cmocka_unit_test(volatile_values_do_not_count),
		cmocka_unit_test(long_and_odd_values_are_cut_and_cleaned),
		cmocka_unit_test(differences_are_counted_by_category),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
