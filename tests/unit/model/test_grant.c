/* test_grant.c - a grant allows one thing, and nothing beside it (INV-MODEL-1); the words for
 * operations, protocols and ledger entries. */
#include "model/grant.h"
#include "model/ledger.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static struct addr
address(const char *text)
{
	struct addr addr;

	assert_int_equal(addr_parse(text, 0, &addr, NULL), 0);
	return addr;
}

static struct grant
sample(void)
{
	struct grant grant = { .id = 7,
			       .device = address("192.0.2.7"),
			       .name = "c-0a1b.cfg",
			       .direction = DIRECTION_WRITE,
			       .protocols = 1 << PROTOCOL_TFTP,
			       .wall_deadline_ms = 5000 };

	return grant;
}

static bool
allows(const char *from, const char *name, enum direction direction, enum protocol protocol,
       int64_t wall_now_ms)
{
	const struct grant grant = sample();
	const struct addr addr = address(from);

	return grant_allows(&grant, &addr, name, direction, protocol, wall_now_ms);
}

static void
test_what_was_granted_is_allowed_from_any_port(void **state)
{
	(void)state;
	assert_true(allows("192.0.2.7", "c-0a1b.cfg", DIRECTION_WRITE, PROTOCOL_TFTP, 0));
	assert_true(allows("192.0.2.7:1234", "c-0a1b.cfg", DIRECTION_WRITE, PROTOCOL_TFTP, 5000));
}

static void
test_anything_else_is_not(void **state)
{
	(void)state;
	assert_false(allows("192.0.2.8", "c-0a1b.cfg", DIRECTION_WRITE, PROTOCOL_TFTP, 0));
	assert_false(allows("2001:db8::7", "c-0a1b.cfg", DIRECTION_WRITE, PROTOCOL_TFTP, 0));
	assert_false(allows("192.0.2.7", "c-0a1b.cf", DIRECTION_WRITE, PROTOCOL_TFTP, 0));
	assert_false(allows("192.0.2.7", "C-0A1B.CFG", DIRECTION_WRITE, PROTOCOL_TFTP, 0));
	assert_false(allows("192.0.2.7", "../c-0a1b.cfg", DIRECTION_WRITE, PROTOCOL_TFTP, 0));
	assert_false(allows("192.0.2.7", "", DIRECTION_WRITE, PROTOCOL_TFTP, 0));
	assert_false(allows("192.0.2.7", "c-0a1b.cfg", DIRECTION_READ, PROTOCOL_TFTP, 0));
	assert_false(allows("192.0.2.7", "c-0a1b.cfg", DIRECTION_WRITE, PROTOCOL_FTP, 0));
	assert_false(allows("192.0.2.7", "c-0a1b.cfg", DIRECTION_WRITE, PROTOCOL_NONE, 0));
	assert_false(allows("192.0.2.7", "c-0a1b.cfg", DIRECTION_WRITE, PROTOCOL_TFTP, 5001));
}

static void
test_every_word_reads_back(void **state)
{
	enum operation operation;
	enum protocol protocol;
	(void)state;

	for (int i = OPERATION_BACKUP; i < OPERATION_COUNT; i++) {
		assert_true(operation_parse(operation_name((enum operation)i), &operation));
		assert_int_equal(operation, i);
	}
	for (int i = PROTOCOL_TFTP; i < PROTOCOL_COUNT; i++) {
		assert_true(protocol_parse(protocol_name((enum protocol)i), &protocol));
		assert_int_equal(protocol, i);
	}
}

static void
test_other_words_are_refused(void **state)
{
	enum operation operation;
	enum protocol protocol;
	(void)state;

	assert_false(operation_parse("none", &operation));
	assert_false(operation_parse("Backup", &operation));
	assert_false(protocol_parse("none", &protocol));
	assert_false(protocol_parse("", &protocol));
	assert_string_equal(operation_name(OPERATION_COUNT), "?");
	assert_string_equal(protocol_name(PROTOCOL_COUNT), "?");
}

static void
test_kinds_of_ledger_entries_have_names(void **state)
{
	(void)state;
	assert_string_equal(ledger_kind_name(LEDGER_OPENED), "opened");
	assert_string_equal(ledger_kind_name(LEDGER_COMPLETE), "complete");
	assert_string_equal(ledger_kind_name(LEDGER_REFUSED), "refused");
	assert_string_equal(ledger_kind_name((enum ledger_kind)99), "?");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_was_granted_is_allowed_from_any_port),
		cmocka_unit_test(test_anything_else_is_not),
		cmocka_unit_test(test_every_word_reads_back),
		cmocka_unit_test(test_other_words_are_refused),
		cmocka_unit_test(test_kinds_of_ledger_entries_have_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
