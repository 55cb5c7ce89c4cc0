/* test_iad.c - the device's knowledge of its configuration: both formats, one meaning. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "agent/iad.h"
#include "agent/samples.h"
#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct iad first, second;

static int
parse(struct iad *iad, uint32_t format, const char *text, struct err *err)
{
	memset(err, 0, sizeof(*err));
	return iad_parse(iad, format, text, strlen(text), err);
}

static void
assert_same(const struct iad *a, const struct iad *b)
{
	for (unsigned category = 0; category <= IAD_CATEGORY_COUNT; category++) {
		struct sha256 hash_a, hash_b;
		iad_hash(a, (enum iad_category)category, &hash_a);
		iad_hash(b, (enum iad_category)category, &hash_b);
		assert_int_equal(iad_count(a, (enum iad_category)category),
				 iad_count(b, (enum iad_category)category));
		assert_true(sha256_equal(&hash_a, &hash_b));
	}
}

static void
both_formats_have_one_meaning(void **state)
{
	struct err err;
	(void)state;

	assert_int_equal(parse(&first, 1, SAMPLE_1, &err), 0);
	assert_int_equal(parse(&second, 2, SAMPLE_2, &err), 0);
	assert_same(&first, &second);
	assert_string_equal(iad_value(&first, "line/fxs2/gain-tenth-db"), "25");
	assert_string_equal(iad_value(&first, "subscriber/4971110002/display-name"), "Bo\\b");
	assert_int_equal(iad_count(&first, IAD_USER_DATA), 5);
	assert_int_equal(iad_count(&first, IAD_PORT_DATA), 9);
	assert_int_equal(iad_count(&first, IAD_PROTOCOL), 6);
	assert_int_equal(iad_count(&first, IAD_DEFAULTS), 5);
}

/* Read one of the shared samples; it begins at the top of the source, where this file's name
 * begins. */
static void
file_parse(struct iad *iad, uint32_t format, const char *name)
{
	static char text[IAD_CONFIG_MAX];
	const int top = (int)(strlen(__FILE__) - strlen("tests/unit/agent/test_iad.c"));
	struct err err = { 0 };
	char path[1024];

	assert_true(text_print(path, sizeof(path), "%.*s%s", top, __FILE__, name));
	FILE *file = fopen(path, "rb");
	if (file == NULL)
		fail_msg("%s can't be opened", path);
	const size_t size = fread(text, 1, sizeof(text), file);
	fclose(file);
	if (iad_parse(iad, format, text, size, &err) != 0)
		fail_msg("%s: %s", name, err.text);
}

/* Written by hand apart from this room: whoever converts the one must get the other. */
static void
the_shared_samples_have_one_meaning(void **state)
{
	(void)state;
	file_parse(&first, 1, "tests/data/iad-24-format1.conf");
	file_parse(&second, 2, "tests/data/iad-24-format2.conf");
	assert_true(iad_count(&first, IAD_CATEGORY_COUNT) > 100);
	assert_same(&first, &second);
}

static void
printed_text_reads_the_same(void **state)
{
	static char text[IAD_CONFIG_MAX];
	struct err err;
	(void)state;

	for (uint32_t format = 1; format <= 2; format++) {
		assert_int_equal(parse(&first, 1, SAMPLE_1, &err), 0);
		const int64_t size = iad_print(&first, format, text, sizeof(text));
		assert_true(size > 0);
		assert_int_equal(iad_parse(&second, format, text, (size_t)size, &err), 0);
		assert_same(&first, &second);
		iad_defaults(&first);
		assert_true(iad_print(&first, format, text, sizeof(text)) > 0);
		assert_int_equal(parse(&second, format, text, &err), 0);
		assert_same(&first, &second);
	}
	assert_int_equal(iad_print(&first, 1, text, 100), DD_EFULL);
	assert_int_equal(iad_print(&first, 3, text, sizeof(text)), DD_EUNSUPPORTED);
}

static void
service_follows_ports_and_servers(void **state)
{
	struct err err;
	(void)state;

	assert_int_equal(parse(&first, 1, SAMPLE_1, &err), 0);
	assert_int_equal(iad_ports_up(&first), 2);
	assert_int_equal(iad_registrations(&first), 1); /* user 2's port is down */
	iad_defaults(&first);
	assert_int_equal(iad_ports_up(&first), 0);
	assert_int_equal(iad_registrations(&first), 0);
}

static void
one_changed_value_changes_its_category_only(void **state)
{
	struct sha256 a, b;
	struct err err;
	(void)state;

	assert_int_equal(
		parse(&first, 2,
		      "drydock-iad 2\nset line/fxs1/gain-tenth-db -30\nset sip/register-ms 5\n",
		      &err),
		0);
	assert_int_equal(
		parse(&second, 2,
		      "drydock-iad 2\nset line/fxs1/gain-tenth-db -31\nset sip/register-ms 5\n",
		      &err),
		0);
	iad_hash(&first, IAD_PORT_DATA, &a);
	iad_hash(&second, IAD_PORT_DATA, &b);
	assert_false(sha256_equal(&a, &b));
	iad_hash(&first, IAD_PROTOCOL, &a);
	iad_hash(&second, IAD_PROTOCOL, &b);
	assert_true(sha256_equal(&a, &b));
}

#define HEAD_1 "# drydock-iad configuration\n[system]\nformat = 1\n"
#define HEAD_2 "drydock-iad 2\n"

static const struct {
	uint32_t format;
	const char *text, *place; /* the error names it */
} bad[] = {
	{ 1, "", "line 1" },
	{ 1, SAMPLE_2, "line 1" },
	{ 2, SAMPLE_1, "line 1" },
	{ 1, "# drydock-iad configuration\n[system]\nhostname = x\n", "system.format" },
	{ 1, "# drydock-iad configuration\n[system]\nformat = 2\n", "line 3" },
	{ 1, HEAD_1 "format = 1\n", "line 4" },
	{ 1, "# drydock-iad configuration\nformat = 1\n", "line 2" },
	{ 1, HEAD_1 "hostname = a\nhostname = b\n", "line 5" },
	{ 1, HEAD_1 "colour = red\n", "line 4" },
	{ 1, HEAD_1 "no equals here\n", "line 4" },
	{ 1, HEAD_1 "[system\n", "line 4" },
	{ 1, HEAD_1 "[user.1]\nname = a\n", "user.1 has no number" },
	{ 1, HEAD_1 "[user.1]\nnumber = 1\n", "nothing else" },
	{ 1, HEAD_1 "[user.1]\nnumber = 1\nport = 1\n[user.2]\nnumber = 1\nport = 2\n", "user.1" },
	{ 1, HEAD_1 "[user.1]\nnumber = 1a\nport = 1\n", "line 5" },
	{ 1, HEAD_1 "[user.01]\nnumber = 1\nport = 1\n", "line 5" },
	{ 1, HEAD_1 "[user.100]\nnumber = 1\nport = 1\n", "line 5" },
	{ 1, HEAD_1 "[port.25]\nstate = up\n", "line 5" },
	{ 1, HEAD_1 "[port.0]\nstate = up\n", "line 5" },
	{ 1, HEAD_1 "[port.1]\ngain = -3.55\n", "line 5" },
	{ 1, HEAD_1 "[port.1]\ngain = 41\n", "line 5" },
	{ 1, HEAD_1 "[port.1]\ngain =\n", "line 5" },
	{ 1, HEAD_1 "[port.1]\nstate = enabled\n", "line 5" },
	{ 1, HEAD_1 "[port.1]\nimpedance = 600 ohm\n", "line 5" },
	{ 1, HEAD_1 "[codec]\norder = g711a,,g729\n", "line 5" },
	{ 1, HEAD_1 "[defaults]\nring-cadence = 1000\n", "line 5" },
	{ 1, HEAD_1 "[sip]\nregister-timer = -1\n", "line 5" },
	{ 1, HEAD_1 "[sip]\nserver.9 = a\n", "line 5" },
	{ 1, HEAD_1 "hostname = a\001b\n", "line 4: there is a control" },
	{ 1, HEAD_1 "hostname = \xc3\x28\n", "line 4: the text is not UTF-8" },
	{ 2, HEAD_2 "get system/name a\n", "line 2" },
	{ 2, HEAD_2 "set system/name\n", "line 2" },
	{ 2, HEAD_2 "set system/name a b\n", "line 2" },
	{ 2, HEAD_2 "set system/name \"a\n", "line 2" },
	{ 2, HEAD_2 "set system/name \"a\\n\"\n", "line 2" },
	{ 2, HEAD_2 "set system/name \"a\"b\n", "line 2" },
	{ 2, HEAD_2 "set system/colour a\n", "line 2" },
	{ 2, HEAD_2 "set subscriber/12/number 12\n", "line 2" },
	{ 2, HEAD_2 "set subscriber/@1/line fxs1\n", "line 2" },
	{ 2, HEAD_2 "set line/fxs25/admin enabled\n", "line 2" },
	{ 2, HEAD_2 "set line/fxs1/admin up\n", "line 2" },
	{ 2, HEAD_2 "set line/fxs1/gain-tenth-db 401\n", "line 2" },
	{ 2, HEAD_2 "set system/name a\n\nset system/name b\n", "line 4" },
};

static void
bad_text_is_refused_with_its_place(void **state)
{
	struct err err;
	(void)state;

	for (size_t i = 0; i < ARRAY_COUNT(bad); i++) {
		if (parse(&first, bad[i].format, bad[i].text, &err) != DD_EPARSE)
			fail_msg("case %zu was taken", i);
		if (strstr(err.text, bad[i].place) == NULL)
			fail_msg("case %zu: '%s' does not name '%s'", i, err.text, bad[i].place);
	}
	assert_int_equal(parse(&first, 3, SAMPLE_2, &err), DD_EUNSUPPORTED);
}

static void
secrets_stay_out_of_errors(void **state)
{
	struct err err;
	(void)state;

	assert_int_equal(
		parse(&first, 1, HEAD_1 "[user.1]\nnumber = 1\npassword = hush\002hush\n", &err),
		DD_EPARSE);
	assert_null(strstr(err.text, "hush"));
	assert_int_equal(parse(&first, 2, HEAD_2 "set subscriber/1/secret hush hush\n", &err),
			 DD_EPARSE);
	assert_null(strstr(err.text, "hush"));
}

static void
too_much_is_refused(void **state)
{
	static char text[IAD_CONFIG_MAX + 2];
	struct err err;
	(void)state;

	memset(text, '\n', sizeof(text));
	memcpy(text, HEAD_2, strlen(HEAD_2));
	assert_int_equal(iad_parse(&first, 2, text, IAD_CONFIG_MAX, &err), 0);
	assert_int_equal(iad_parse(&first, 2, text, IAD_CONFIG_MAX + 1, &err), DD_EPARSE);
	size_t used = strlen(HEAD_2);
	for (unsigned i = 1; i <= IAD_ITEMS_MAX + 1u; i++)
		used += (size_t)snprintf(text + used, sizeof(text) - used,
					 "set subscriber/%u/line fxs1\n", i);
	assert_int_equal(iad_parse(&first, 2, text, used, &err), DD_EPARSE);
	assert_non_null(strstr(err.text, "more values"));
}

static void
crlf_and_no_last_newline_are_fine(void **state)
{
	struct err err;
	(void)state;

	assert_int_equal(parse(&first, 2, "drydock-iad 2\r\nset system/name a\r\n", &err), 0);
	assert_int_equal(parse(&second, 2, "drydock-iad 2\nset system/name \"a\"", &err), 0);
	assert_same(&first, &second);
}

static void
values_that_format_1_cannot_say_are_not_printed(void **state)
{
	static char text[IAD_CONFIG_MAX];
	struct err err;
	(void)state;

	assert_int_equal(parse(&first, 2, HEAD_2 "set sip/register-ms 1500\n", &err), 0);
	assert_int_equal(iad_print(&first, 1, text, sizeof(text)), DD_ERANGE);
	assert_int_equal(parse(&first, 2, HEAD_2 "set media/codec/2 g729\n", &err), 0);
	assert_int_equal(iad_print(&first, 1, text, sizeof(text)), DD_ERANGE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_formats_have_one_meaning),
		cmocka_unit_test(the_shared_samples_have_one_meaning),
		cmocka_unit_test(printed_text_reads_the_same),
		cmocka_unit_test(service_follows_ports_and_servers),
		cmocka_unit_test(one_changed_value_changes_its_category_only),
		cmocka_unit_test(bad_text_is_refused_with_its_place),
		cmocka_unit_test(secrets_stay_out_of_errors),
		cmocka_unit_test(too_much_is_refused),
		cmocka_unit_test(crlf_and_no_last_newline_are_fine),
		cmocka_unit_test(values_that_format_1_cannot_say_are_not_printed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
