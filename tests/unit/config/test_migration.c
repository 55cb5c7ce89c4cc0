/* test_migration.c - converting, and every way in which a conversion that loses something is
 * caught. */
#include "config/diff.h"
#include "sample.h"

static struct migration *
rules_of(const char *text)
{
	struct migration *migration = NULL;
	struct err err = { 0 };

	if (migration_load("m.yaml", text, strlen(text), &migration, &err) < 0)
		fail_msg("%s", err.text);
	return migration;
}

static struct migration *
iad_rules(void)
{
	size_t size = 0;
	char *text = file_text("migrations/drydock-iad-1-2.yaml", &size);
	struct migration *migration = rules_of(text);

	free(text);
	return migration;
}

static void
iad_becomes_the_format_2_of_the_sample(void **state)
{
	(void)state;
	struct migration *migration = iad_rules();
	struct config *source = config_of_file(1, "tests/data/iad-24-format1.conf");
	struct config *wanted = config_of_file(2, "tests/data/iad-24-format2.conf"), *target = NULL;
	struct migration_account account;
	struct buf notes = { 0 };
	struct err err = { 0 };

	if (migration_apply(migration, iad_schema(), source, &target, &account, &notes, &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(config_diff(wanted, target, NULL, NULL, NULL), 0);
	assert_int_equal(wanted->count, target->count);
	assert_int_equal(account.carried + account.changed + account.dropped, source->count);
	assert_int_equal(account.dropped, 1);
	assert_int_equal(account.added, 0);
	assert_string_equal(buf_text(&notes),
			    "dropped system.format: format 2 names itself in its first line\n");
	assert_string_equal(value_of(target, "line/fxs3/gain-tenth-db"), "20");
	assert_string_equal(value_of(target, "media/codec/3"), "g726-32");
	buf_done(&notes);
	config_free(target);
	config_free(wanted);
	config_free(source);
	migration_free(migration);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(iad_becomes_the_format_2_of_the_sample),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
