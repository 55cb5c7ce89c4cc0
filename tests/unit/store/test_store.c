/* The store: what is written is read back, what is not committed is gone, and nothing is given
 * twice. */
#include "store/store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[] = "/tmp/drydock-test-store-XXXXXX";
static char path[128];
static struct err err;

static int
set_up(void **state)
{
	(void)state;
	strcpy(folder + strlen(folder) - 6, "XXXXXX");
	if (mkdtemp(folder) == NULL)
		return -1;
	(void)snprintf(path, sizeof(path), "%s/store.db", folder);
	return 0;
}

static int
tear_down(void **state)
{
	char name[160];

	(void)state;
	static const char *const endings[] = { "", "-wal", "-shm", "-journal" };
	for (size_t i = 0; i < ARRAY_COUNT(endings); i++) {
		(void)snprintf(name, sizeof(name), "%s%s", path, endings[i]);
		(void)unlink(name);
	}
	return rmdir(folder);
}

static struct store *
open_store(void)
{
	struct store *store = NULL;

	if (store_open(path, NULL, NULL, &store, &err) < 0)
		fail_msg("%s", err.text);
	return store;
}

static struct device
a_device(const char *name, const char *address)
{
	struct device device = { .tags_count = 1 };

	strcpy(device.name, name);
	strcpy(device.credential, "c");
	strcpy(device.profile, "p");
	strcpy(device.tags[0].key, "ring");
	strcpy(device.tags[0].value, "north");
	assert_int_equal(addr_parse(address, 161, &device.address, NULL), 0);
	return device;
}

static void
keeps_what_is_committed(void **state)
{
	(void)state;
	/* given a device and a job, written and committed */
	struct store *store = open_store();
	struct device device = a_device("d1", "127.0.0.1:1161");
	struct job_record job = { .job = { .act = ACT_FETCH, .ticket = 77, .has_kept = true } },
			  got;
	strcpy(job.device_name, "d1");
	job.plan.limit_ms[STEP_UPDATE] = 1234;
	job.plan.repeat[OPERATION_RELOAD] = REPEAT_NEVER;
	job.before.slots[1].is_valid = true;
	memset(job.before.slots[1].content.bytes, 7, 32);
	assert_int_equal(store_begin(store, &err), 0);
	assert_int_equal(store_device_add(store, &device, &err), 0);
	job.device_id = device.id;
	assert_int_equal(store_job_add(store, &job, &err), 0);
	assert_int_equal(store_commit(store, &err), 0);
	store_close(store);
	/* when it is opened again */
	store = open_store();
	/* then all of it stands there */
	struct device found;
	assert_int_equal(store_device_get(store, "d1", &found, &err), 0);
	assert_memory_equal(&found, &device, sizeof(device));
	assert_int_equal(store_job_get(store, job.id, &got, &err), 0);
	assert_memory_equal(&got, &job, sizeof(job));
	store_close(store);
}

static void
forgets_what_is_not_committed(void **state)
{
	(void)state;
	struct store *store = open_store();
	struct device device = a_device("d1", "127.0.0.1"), found;
	assert_int_equal(store_begin(store, &err), 0);
	assert_int_equal(store_device_add(store, &device, &err), 0);
	store_close(store);

	store = open_store();
	assert_int_equal(store_device_get(store, "d1", &found, &err), DD_ENOTFOUND);
	store_close(store);
}

static void
refuses_a_second_manager(void **state)
{
	(void)state;
	struct store *store = open_store(), *other = NULL;
	assert_int_equal(store_open(path, NULL, NULL, &other, &err), DD_EBUSY);
	assert_non_null(strstr(err.text, "another drydockd"));
	store_close(store);
}

static void
gives_no_number_twice(void **state)
{
	(void)state;
	uint64_t first, second;
	struct store *store = open_store();
	assert_int_equal(store_begin(store, &err), 0);
	assert_int_equal(store_next(store, COUNTER_TICKET, 3, &first, &err), 0);
	assert_int_equal(store_commit(store, &err), 0);
	store_close(store);
	store = open_store();
	assert_int_equal(store_begin(store, &err), 0);
	assert_int_equal(store_next(store, COUNTER_TICKET, 1, &second, &err), 0);
	assert_true(second >= first + 3);
	store_close(store);
}

static void
an_update_never_removes_another(void **state)
{
	(void)state;
	/* given two devices */
	struct store *store = open_store();
	struct device one = a_device("d1", "127.0.0.1"), two = a_device("d2", "127.0.0.2"), found;
	assert_int_equal(store_begin(store, &err), 0);
	assert_int_equal(store_device_add(store, &one, &err), 0);
	assert_int_equal(store_device_add(store, &two, &err), 0);
	/* when one is moved to the other's address */
	two.address = one.address;
	/* then that is refused, and both stand */
	assert_int_equal(store_device_update(store, &two, &err), DD_EEXIST);
	assert_int_equal(store_device_get(store, "d1", &found, &err), 0);
	assert_int_equal(store_device_get(store, "d2", &found, &err), 0);
	store_close(store);
}

static void
one_open_job_a_device(void **state)
{
	(void)state;
	struct store *store = open_store();
	struct job_record job = { .device_id = 5 };
	strcpy(job.device_name, "d1");
	assert_int_equal(store_begin(store, &err), 0);
	assert_int_equal(store_job_add(store, &job, &err), 0);
	struct job_record second = job;
	second.id = 0;
	assert_int_equal(store_job_add(store, &second, &err), DD_EBUSY);
	job.ended_wall_ms = 9;
	assert_int_equal(store_job_update(store, &job, &err), 0);
	assert_int_equal(store_job_add(store, &second, &err), 0);
	store_close(store);
}

static void
an_answer_counts_once(void **state)
{
	(void)state;
	struct store *store = open_store();
	struct decision decision = { .job_id = 1, .may_retry = true }, found;
	assert_int_equal(store_begin(store, &err), 0);
	assert_int_equal(store_decision_add(store, &decision, &err), 0);
	assert_int_equal(store_decision_answer(store, decision.id, "retry", "why", 5, &err), 0);
	assert_int_equal(store_decision_answer(store, decision.id, "stop", "", 6, &err),
			 DD_ECONFLICT);
	assert_int_equal(store_decision_get(store, decision.id, &found, &err), 0);
	assert_string_equal(found.answer, "retry");
	store_close(store);
}

static void
an_image_keeps_its_files_in_order(void **state)
{
	(void)state;
	struct store *store = open_store();
	struct image image = { .files_count = 2, .models_count = 1, .size = 30 }, found;
	strcpy(image.version, "2.0");
	strcpy(image.profile, "p");
	strcpy(image.models[0], "IAD-24");
	strcpy(image.files[0].name, "b.bin");
	strcpy(image.files[1].name, "a.bin");
	image.files[0].size = 10;
	image.files[1].size = 20;
	assert_int_equal(store_begin(store, &err), 0);
	assert_int_equal(store_image_add(store, &image, &err), 0);
	assert_int_equal(store_image_find(store, "p", "2.0", "IAD-24", &found, &err), 0);
	assert_memory_equal(&found, &image, sizeof(image));
	assert_int_equal(store_image_find(store, "p", "2.0", "IAD-8", &found, &err), DD_ENOTFOUND);
	image.id = 0;
	assert_int_equal(store_image_add(store, &image, &err), DD_EEXIST);
	store_close(store);
}

static void
refuses_a_store_without_wal(void **state)
{
	struct store *store = NULL;

	(void)state;
	/* given a place where SQLite can't do WAL, and says so without an error; then it is none */
	assert_int_equal(store_open(":memory:", NULL, NULL, &store, &err), DD_EUNSUPPORTED);
	assert_non_null(strstr(err.text, "wal"));
}

static bool
count_entry(void *arg, const struct ledger_entry *entry)
{
	(void)entry;
	(*(unsigned *)arg)++;
	return true;
}

static void
a_ledger_that_counts_anew_is_heard(void **state)
{
	struct ledger_entry first = { .number = 1,
				      .grant = 5,
				      .kind = LEDGER_BROKEN,
				      .wall_ms = 1000 },
			    anew = first;
	unsigned count = 0;

	(void)state;
	/* given an entry, told twice */
	struct store *store = open_store();
	assert_int_equal(store_begin(store, &err), 0);
	assert_int_equal(store_ledger_add(store, &first, &err), 0);
	assert_int_equal(store_ledger_add(store, &first, &err), DD_EEXIST);
	/* when the file service lost its folder and gives the number to other transfers */
	anew.grant = 6;
	assert_int_equal(store_ledger_add(store, &anew, &err), 0);
	anew.grant = 5;
	anew.wall_ms = 2000;
	assert_int_equal(store_ledger_add(store, &anew, &err), 0);
	assert_int_equal(store_commit(store, &err), 0);
	/* then all three stand */
	assert_int_equal(store_ledger_list(store, 0, count_entry, &count, &err), 0);
	assert_int_equal(count, 3);
	store_close(store);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(keeps_what_is_committed, set_up, tear_down),
		cmocka_unit_test_setup_teardown(forgets_what_is_not_committed, set_up, tear_down),
		cmocka_unit_test_setup_teardown(refuses_a_second_manager, set_up, tear_down),
		cmocka_unit_test_setup_teardown(gives_no_number_twice, set_up, tear_down),
		cmocka_unit_test_setup_teardown(an_update_never_removes_another, set_up, tear_down),
		cmocka_unit_test_setup_teardown(one_open_job_a_device, set_up, tear_down),
		cmocka_unit_test_setup_teardown(an_answer_counts_once, set_up, tear_down),
		cmocka_unit_test_setup_teardown(an_image_keeps_its_files_in_order, set_up,
						tear_down),
		cmocka_unit_test(refuses_a_store_without_wal),
		cmocka_unit_test_setup_teardown(a_ledger_that_counts_anew_is_heard, set_up,
						tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
