/* test_fault.c - fault switches: how they are written, and how often they come. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "agent/fault.h"

#include <string.h>

static struct faults
one(const char *text)
{
	struct faults faults = { 0 };
	struct err err = { 0 };

	if (fault_add(&faults, text, &err) != 0)
		fail_msg("%s", err.text);
	return faults;
}

static void
a_fault_comes_once_unless_told_else(void **state)
{
	struct faults once = one("hang=backup"), twice = one("corrupt:2"),
		      always = one("fail=restore:0");
	(void)state;

	assert_false(fault_take(&once, FAULT_HANG, OPERATION_FETCH, NULL));
	assert_false(fault_take(&once, FAULT_MUTE, OPERATION_BACKUP, NULL));
	assert_true(fault_take(&once, FAULT_HANG, OPERATION_BACKUP, NULL));
	assert_false(fault_take(&once, FAULT_HANG, OPERATION_BACKUP, NULL));
	assert_true(fault_take(&twice, FAULT_CORRUPT, OPERATION_FETCH, NULL));
	assert_true(fault_take(&twice, FAULT_CORRUPT, OPERATION_FETCH, NULL));
	assert_false(fault_take(&twice, FAULT_CORRUPT, OPERATION_FETCH, NULL));
	for (unsigned i = 0; i < 100; i++)
		assert_true(fault_take(&always, FAULT_FAIL, OPERATION_RESTORE, NULL));
	assert_false(fault_take(NULL, FAULT_FAIL, OPERATION_RESTORE, NULL));
}

static void
arguments_are_read(void **state)
{
	struct faults late = one("late=fetch,2500:3"),
		      factory = one("factory=127.0.0.99:1161,public"), slow = one("slow=9000");
	struct fault fault;
	char text[ADDR_TEXT_MAX];
	(void)state;

	assert_true(fault_take(&late, FAULT_LATE, OPERATION_FETCH, &fault));
	assert_int_equal(fault.ms, 2500);
	assert_int_equal(late.item[0].left, 2);
	assert_true(fault_take(&factory, FAULT_FACTORY, OPERATION_NONE, &fault));
	assert_string_equal(addr_text(&fault.address, text), "127.0.0.99:1161");
	assert_string_equal(fault.community, "public");
	assert_true(fault_take(&slow, FAULT_SLOW, OPERATION_RELOAD, &fault));
	assert_int_equal(fault.ms, 9000);
	assert_int_equal(one("factory=127.0.0.99:1161,public:0").item[0].is_always, true);
}

static void
others_are_refused(void **state)
{
	static const char *const bad[] = { "",
					   "bite",
					   "hang",
					   "hang=",
					   "hang=sleep",
					   "corrupt=1",
					   "late=1",
					   "late=backup",
					   "late=,10",
					   "slow=x",
					   "slow=3600001",
					   "factory=1.2.3.4",
					   "factory=x,y",
					   "factory=1.2.3.4,",
					   "hang=none" };
	struct faults faults = { 0 };
	struct err err = { 0 };
	char text[400];
	(void)state;

	for (size_t i = 0; i < ARRAY_COUNT(bad); i++)
		if (fault_add(&faults, bad[i], &err) != DD_EINVAL)
			fail_msg("'%s' was taken", bad[i]);
	memset(text, 'a', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	assert_int_equal(fault_add(&faults, text, &err), DD_EINVAL);
	for (unsigned i = 0; i < FAULTS_MAX; i++)
		assert_int_equal(fault_add(&faults, "corrupt", &err), 0);
	assert_int_equal(fault_add(&faults, "corrupt", &err), DD_EFULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_fault_comes_once_unless_told_else),
		cmocka_unit_test(arguments_are_read),
		cmocka_unit_test(others_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
