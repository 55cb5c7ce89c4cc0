/* test_yaml.c - YAML files: the tree, its places, and everything that is refused. */
#include "base/buf.h"
#include "base/yaml.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Read from a block of its exact size, so that the sanitizer sees a read past it. */
static int
read_n(const char *text, size_t size, struct yaml **ret_yaml, struct err *err)
{
	char *copy = malloc(size > 0 ? size : 1);

	assert_non_null(copy);
	memcpy(copy, text, size);
	const int r = yaml_read("f.yaml", copy, size, ret_yaml, err);
	free(copy);
	return r;
}

static struct yaml *
parsed(const char *text)
{
	struct yaml *yaml = NULL;
	struct err err = { 0 };

	if (read_n(text, strlen(text), &yaml, &err) < 0)
		fail_msg("%s", err.text);
	return yaml;
}

/* The text is refused at "LINE:COLUMN". */
static void
refused_n(const char *text, size_t size, const char *place)
{
	struct yaml *yaml = NULL;
	struct err err = { 0 };
	char expected[64];

	if (read_n(text, size, &yaml, &err) != DD_EPARSE)
		fail_msg("taken: %.60s", text);
	assert_null(yaml);
	(void)snprintf(expected, sizeof(expected), "f.yaml:%s: ", place);
	if (strncmp(err.text, expected, strlen(expected)) != 0)
		fail_msg("'%.40s' gives '%s', not '%s'", text, err.text, expected);
}

static void
refused(const char *text, const char *place)
{
	refused_n(text, strlen(text), place);
}

static void
a_file_becomes_a_tree_with_places(void **state)
{
	struct yaml *yaml =
		parsed("# settings\nname: iad\nlist:\n  - 1\n  - \"two\"\nmap: {a: b}\n");

	(void)state;
	const struct yaml_node *root = yaml->root, *name = root->first, *list = name->next;
	assert_int_equal(root->kind, YAML_MAP);
	assert_int_equal(root->count, 3);
	assert_string_equal(name->key, "name");
	assert_string_equal(name->text, "iad");
	assert_int_equal(name->key_line, 2);
	assert_int_equal(name->key_column, 1);
	assert_int_equal(name->line, 2);
	assert_int_equal(name->column, 7);
	assert_int_equal(list->kind, YAML_LIST);
	assert_int_equal(list->count, 2);
	assert_null(list->first->key);
	assert_string_equal(list->first->text, "1");
	assert_false(list->first->is_quoted);
	assert_string_equal(list->first->next->text, "two");
	assert_true(list->first->next->is_quoted);
	assert_int_equal(list->first->next->line, 5);
	assert_int_equal(list->first->next->column, 5);
	assert_string_equal(list->next->first->key, "a");
	assert_null(list->next->next);
	yaml_free(yaml);
}

static void
block_texts_and_crlf_are_read(void **state)
{
	struct yaml *yaml = parsed("a: |\r\n  one\r\n  two\r\nb: 'x'\r\n");

	(void)state;
	assert_string_equal(yaml->root->first->text, "one\ntwo\n");
	assert_true(yaml->root->first->is_quoted);
	assert_int_equal(yaml->root->first->next->key_line, 4);
	yaml_free(yaml);
}

static void
one_marked_document_is_read(void **state)
{
	struct yaml *yaml = parsed("---\na: 1\n...\n");

	(void)state;
	assert_string_equal(yaml->root->first->text, "1");
	yaml_free(yaml);
}

static void
a_mark_for_utf8_is_taken(void **state)
{
	struct yaml *yaml = parsed("\xef\xbb\xbf"
				   "a: x\n");

	(void)state;
	assert_string_equal(yaml->root->first->key, "a");
	yaml_free(yaml);
}

static void
doubled_keys_are_refused(void **state)
{
	(void)state;
	refused("a: 1\nb: 2\na: 3\n", "3:1");
	refused("m: {x: 1, y: 2, x: 3}\n", "1:17");
	refused("a: 1\n\"a\": 2\n", "2:1");
	refused("- a: 1\n  a: 2\n", "2:3");
	/* The first place where a key comes again, whatever the order of the keys. */
	refused("z: 1\na: 1\nz: 2\na: 2\n", "3:1");
}

static void
the_same_key_in_two_maps_is_fine(void **state)
{
	struct yaml *yaml = parsed("a: {x: 1}\nb: {x: 1, a: 2}\n");

	(void)state;
	yaml_free(yaml);
}

static void
what_surprises_people_is_refused(void **state)
{
	(void)state;
	refused("a: &x 1\n", "1:4");
	refused("&x a: 1\n", "1:1");
	refused("a: &x [1]\n", "1:4");
	refused("a: &x {b: 1}\n", "1:4");
	refused("a: *x\n", "1:4");
	refused("a: 1\nb:\n  <<: *x\n", "3:7");
	refused("a: !!int 1\n", "1:4");
	refused("a: !x 1\n", "1:4");
	refused("a: ! 1\n", "1:4");
	refused("a: ! \"1\"\n", "1:4");
	refused("a: !!map {}\n", "1:4");
	refused("a: !t &x 1\n", "1:4");
	refused("a: &x !t 1\n", "1:4");
	refused("!t\na: 1\n", "1:1");
	refused("- &x\n  a: 1\n", "1:3");
	refused("a: !!seq []\n", "1:4");
	refused("a: !<tag:yaml.org,2002:str> x\n", "1:4");
	refused("\xc3\xa4: \xc3\xa4\nb: ! 1\n", "2:4");
	refused("%YAML 1.1\n---\na: 1\n", "1:1");
	refused("%TAG ! tag:x,2000:\n---\na: 1\n", "1:1");
	refused("a: 1\n---\nb: 2\n", "2:1");
	refused("[a, b]: 1\n", "1:1");
	refused("{a: b}: 1\n", "1:1");
	refused("? [a]\n: 1\n", "1:3");
	refused(": 1\n", "1:1");
	refused("\"\": 1\n", "1:1");
}

static void
empty_files_are_refused(void **state)
{
	(void)state;
	refused("", "1:1");
	refused("\n\n", "3:1");
	refused("# nothing\n", "2:1");
}

static void
malformed_yaml_is_refused_at_its_place(void **state)
{
	(void)state;
	refused("a: [1, 2\n", "2:1");
	refused("a: 1\n b: 2\n", "2:3");
	refused("a: \"x\n", "2:1");
	refused("a:\n\t- 1\n", "2:1");
	refused("a: @x\n", "1:4");
	refused("a: \"\\q\"\n", "1:5");
	refused("a\nb: 1\n", "2:2");
}

static void
bytes_that_are_no_text_are_refused(void **state)
{
	(void)state;
	refused("a: 1\nb: \xff\n", "2:4");
	refused("a: \xc0\xaf\n", "1:4");
	refused("a: \xed\xa0\x80\n", "1:4");
	refused("# \xc3\n", "1:3");
	refused("\xc3\xa4: \033\n", "1:4");
	refused("a: \x7f\n", "1:4");
	refused("a: \xc2\x9b\n", "1:4");
	refused("a: b\rc: d\n", "1:5");
	refused("a: b\xc2\x85"
		"c: d\n",
		"1:5");
	refused("a: b\xe2\x80\xa8"
		"c: d\n",
		"1:5");
	refused("a: \"\\0\"\n", "1:4");
	refused("\"\\0\": a\n", "1:1");
	refused_n("a: b\0\n", 6, "1:5");
	refused_n("\xff\xfe"
		  "a\0:\0 \0b\0",
		  10, "1:1"); /* UTF-16 */
	refused_n("\xfe\xff\0a\0:\0 \0b", 10, "1:1");
}

/* The text of `count` times `piece`. */
static struct buf
repeated(const char *piece, size_t count)
{
	struct buf buf = { 0 };

	for (size_t i = 0; i < count; i++)
		(void)buf_add_text(&buf, piece);
	assert_false(buf.has_failed);
	return buf;
}

static void
nesting_has_a_maximum(void **state)
{
	static const char *const openers[] = { "[", "{a: ", "- ", "[{a: " };
	char text[200];

	(void)state;
	memset(text, '[', YAML_DEPTH_MAX);
	memset(text + YAML_DEPTH_MAX, ']', YAML_DEPTH_MAX);
	text[2 * YAML_DEPTH_MAX] = '\0';
	yaml_free(parsed(text));

	memset(text, '[', YAML_DEPTH_MAX + 1);
	memset(text + YAML_DEPTH_MAX + 1, ']', YAML_DEPTH_MAX + 1);
	text[2 * YAML_DEPTH_MAX + 2] = '\0';
	refused(text, "1:25");

	for (size_t i = 0; i < ARRAY_COUNT(openers); i++) {
		struct buf deep = repeated(openers[i], 100000);
		struct yaml *yaml = NULL;
		struct err err = { 0 };
		assert_int_equal(read_n(deep.data, deep.size, &yaml, &err), DD_EPARSE);
		buf_done(&deep);
	}
}

static void
the_size_has_a_maximum(void **state)
{
	struct buf text = repeated("#", YAML_BYTES_MAX - 5);
	struct yaml *yaml = NULL;
	struct err err = { 0 };

	(void)state;
	(void)buf_add_text(&text, "\na: b");
	assert_int_equal(read_n(text.data, text.size, &yaml, &err), 0);
	yaml_free(yaml);
	yaml = NULL;
	(void)buf_add_text(&text, "c");
	assert_int_equal(read_n(text.data, text.size, &yaml, &err), DD_EPARSE);
	assert_int_equal(strncmp(err.text, "f.yaml:1:1: ", 12), 0);
	buf_done(&text);
}

/* The worst that fits into a file: as many nodes as there can be. */
static void
memory_has_a_maximum(void **state)
{
	struct buf text = repeated("-\n", YAML_BYTES_MAX / 2);
	struct yaml *yaml = NULL;
	struct err err = { 0 };

	(void)state;
	assert_int_equal(read_n(text.data, text.size, &yaml, &err), DD_EPARSE);
	assert_non_null(strstr(err.text, "too many"));
	buf_done(&text);
}

/* Looking for doubled keys must not take time by the square: a search through the list for each key
 * took 14 s here, the sorted list takes 0.05 s. */
static void
a_map_of_many_keys_is_read_soon(void **state)
{
	struct buf text = { 0 };

	(void)state;
	for (unsigned i = 0; i < 90000; i++)
		(void)buf_printf(&text, "k%u: x\n", 999999 - i);
	struct yaml *yaml = parsed(text.data);
	assert_int_equal(yaml->root->count, 90000);
	yaml_free(yaml);

	(void)buf_add_text(&text, "k950000: x\n");
	refused(text.data, "90001:1");
	buf_done(&text);
}

/* Every beginning of a file, and every byte of it changed: an error with a place, or a tree, and
 * never a crash. */
static void
damaged_files_do_no_harm(void **state)
{
	static const char whole[] =
		"# c\na: {b: [1, \"x\\u00e4\"], 'c': |\n  t\n}\nd:\n - e: >-\n    f\n - g\n";
	struct err err = { 0 };

	(void)state;
	for (size_t size = 0; size < sizeof(whole); size++) {
		struct yaml *yaml = NULL;
		if (read_n(whole, size, &yaml, &err) < 0)
			assert_int_equal(strncmp(err.text, "f.yaml:", 7), 0);
		yaml_free(yaml);
	}
	for (size_t at = 0; at + 1 < sizeof(whole); at++) {
		for (unsigned byte = 0; byte < 256; byte++) {
			char text[sizeof(whole)];
			struct yaml *yaml = NULL;
			memcpy(text, whole, sizeof(whole));
			text[at] = (char)byte;
			if (read_n(text, sizeof(whole) - 1, &yaml, &err) < 0)
				assert_int_equal(strncmp(err.text, "f.yaml:", 7), 0);
			yaml_free(yaml);
		}
	}
}

static void
freeing_nothing_is_fine(void **state)
{
	(void)state;
	yaml_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_becomes_a_tree_with_places),
		cmocka_unit_test(block_texts_and_crlf_are_read),
		cmocka_unit_test(one_marked_document_is_read),
		cmocka_unit_test(a_mark_for_utf8_is_taken),
		cmocka_unit_test(doubled_keys_are_refused),
		cmocka_unit_test(the_same_key_in_two_maps_is_fine),
		cmocka_unit_test(what_surprises_people_is_refused),
		cmocka_unit_test(empty_files_are_refused),
		cmocka_unit_test(malformed_yaml_is_refused_at_its_place),
		cmocka_unit_test(bytes_that_are_no_text_are_refused),
		cmocka_unit_test(nesting_has_a_maximum),
		cmocka_unit_test(the_size_has_a_maximum),
		cmocka_unit_test(memory_has_a_maximum),
		cmocka_unit_test(a_map_of_many_keys_is_read_soon),
		cmocka_unit_test(damaged_files_do_no_harm),
		cmocka_unit_test(freeing_nothing_is_fine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
