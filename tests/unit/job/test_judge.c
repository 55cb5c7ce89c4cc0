/* Verdicts on facts: what holds a device back, and what a reading proves. */
#include "job/judge.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct device device;
static struct image image;
static struct facts facts;
static struct preflight_ask ask;
static struct verdict verdict;

/* A device that fits its image in everything. */
static int
set_up(void **state)
{
	(void)state;
	device = (struct device){ .serial = "SN1" };
	image = (struct image){
		.version = "2.0.0", .size = 1000, .models_count = 1, .models = { "IAD-24" }
	};
	facts = (struct facts){ .model = "IAD-24",
				.revision = "B",
				.serial = "SN1",
				.version = "1.0.0",
				.slots_count = 2,
				.running_slot = 1 };
	facts.has_free_bytes = true;
	facts.free_bytes = 5000;
	facts.slots[0] = facts.slots[1] =
		(struct slot_facts){ .is_valid = true, .version = "1.0.0", .content = { { 7 } } };
	ask = (struct preflight_ask){ .device = &device,
				      .image = &image,
				      .has_migration = true,
				      .slots = 2,
				      .management_survives = true };
	return 0;
}

static enum reason
preflight(void)
{
	judge_preflight(&ask, &facts, &verdict);
	assert_true(verdict.text[0] != '\0');
	return verdict.reason;
}

static void
lets_a_fitting_device_begin(void **state)
{
	(void)state;
	assert_int_equal(preflight(), REASON_NONE);
}

static void
holds_back_what_does_not_fit(void **state)
{
	(void)state;
	strcpy(facts.serial, "SN2");
	assert_int_equal(preflight(), REASON_WRONG_DEVICE);
	(void)set_up(NULL);
	strcpy(facts.model, "IAD-8");
	assert_int_equal(preflight(), REASON_WRONG_MODEL);
	(void)set_up(NULL);
	facts.free_bytes = 999;
	assert_int_equal(preflight(), REASON_NO_ROOM);
	(void)set_up(NULL);
	strcpy(facts.version, "2.0.0");
	assert_int_equal(preflight(), REASON_ALREADY_THERE);
	(void)set_up(NULL);
	image.froms_count = 1;
	strcpy(image.froms[0], "1.5.0");
	assert_int_equal(preflight(), REASON_FROM_VERSION);
	(void)set_up(NULL);
	ask.has_migration = false;
	assert_int_equal(preflight(), REASON_NO_MIGRATION);
}

static void
holds_back_an_unknown_revision_where_the_image_names_some(void **state)
{
	(void)state;
	image.revisions_count = 1;
	strcpy(image.revisions[0], "B");
	assert_int_equal(preflight(), REASON_NONE);
	strcpy(facts.revision, "C");
	assert_int_equal(preflight(), REASON_WRONG_REVISION);
	facts.revision[0] = '\0';
	assert_int_equal(preflight(), REASON_UNKNOWN_REVISION);
	ask.takes_unknown_revision = true;
	assert_int_equal(preflight(), REASON_NONE);
}

static void
needs_a_way_back(void **state)
{
	(void)state;
	facts.slots_count = 1;
	assert_int_equal(preflight(), REASON_NO_WAY_BACK);
	ask.has_old_image = true;
	assert_int_equal(preflight(), REASON_NONE);
}

static void
needs_a_way_to_the_device_afterwards(void **state)
{
	(void)state;
	ask.management_survives = false;
	assert_int_equal(preflight(), REASON_NO_MANAGEMENT);
	ask.has_factory = true;
	assert_int_equal(preflight(), REASON_NONE);
	facts.serial[0] = device.serial[0] = '\0';
	assert_int_equal(preflight(), REASON_NO_MANAGEMENT);
}

static void
believes_in_kept_software_only_by_version_and_hash(void **state)
{
	(void)state;
	unsigned slot = 0;
	judge_kept(&facts, "1.0.0", &slot, &verdict);
	assert_int_equal(verdict.reason, REASON_NONE);
	assert_int_equal(slot, 1);
	facts.slots[1].content.bytes[0] = 8;
	judge_kept(&facts, "1.0.0", &slot, &verdict);
	assert_int_equal(verdict.reason, REASON_NOT_KEPT);
	(void)set_up(NULL);
	facts.slots[1].is_valid = false;
	judge_kept(&facts, "1.0.0", &slot, &verdict);
	assert_int_equal(verdict.reason, REASON_NOT_KEPT);
	(void)set_up(NULL);
	facts.slots[0].content = facts.slots[1].content = (struct sha256){ 0 };
	judge_kept(&facts, "1.0.0", &slot, &verdict);
	assert_int_equal(verdict.reason, REASON_NOT_KEPT);
}

static void
tells_old_new_and_other_software_apart(void **state)
{
	(void)state;
	judge_version(&facts, "2.0.0", "1.0.0", "2.0.0", "SN1", &verdict);
	assert_int_equal(verdict.reason, REASON_FELL_BACK);
	assert_int_equal(verdict.software, SOFTWARE_OLD);
	strcpy(facts.version, "2.0.0");
	judge_version(&facts, "2.0.0", "1.0.0", "2.0.0", "SN1", &verdict);
	assert_int_equal(verdict.reason, REASON_NONE);
	assert_int_equal(verdict.software, SOFTWARE_NEW);
	strcpy(facts.version, "3.0.0");
	judge_version(&facts, "2.0.0", "1.0.0", "2.0.0", "SN1", &verdict);
	assert_int_equal(verdict.reason, REASON_WRONG_VERSION);
	assert_int_equal(verdict.software, SOFTWARE_UNKNOWN);
	strcpy(facts.serial, "SN9");
	judge_version(&facts, "3.0.0", "1.0.0", "2.0.0", "SN1", &verdict);
	assert_int_equal(verdict.reason, REASON_WRONG_DEVICE);
}

static void
compares_service_with_before(void **state)
{
	(void)state;
	struct facts now = facts, before = facts;
	before.has_service = now.has_service = true;
	before.ports_up = now.ports_up = 20;
	before.registrations = now.registrations = 18;
	judge_service(&before, &now, &verdict);
	assert_int_equal(verdict.reason, REASON_NONE);
	now.registrations = 17;
	judge_service(&before, &now, &verdict);
	assert_int_equal(verdict.reason, REASON_SERVICE_WORSE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(lets_a_fitting_device_begin, set_up),
		cmocka_unit_test_setup(holds_back_what_does_not_fit, set_up),
		cmocka_unit_test_setup(holds_back_an_unknown_revision_where_the_image_names_some,
				       set_up),
		cmocka_unit_test_setup(needs_a_way_back, set_up),
		cmocka_unit_test_setup(needs_a_way_to_the_device_afterwards, set_up),
		cmocka_unit_test_setup(believes_in_kept_software_only_by_version_and_hash, set_up),
		cmocka_unit_test_setup(tells_old_new_and_other_software_apart, set_up),
		cmocka_unit_test_setup(compares_service_with_before, set_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
