/* test_operation.c - each operation, from its SET to its outcome, and over power cuts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "agent/fake.h"

static uint8_t image[FAKE_BYTES_MAX];

static void
assert_status(struct fake *fake, enum status_state status, enum status_reason reason)
{
	assert_int_equal(fake_number(fake, "1.4.3.0"), status);
	assert_int_equal(fake_number(fake, "1.4.4.0"), reason);
}

static int
tell(struct fake *fake, uint32_t ticket, enum operation operation, uint32_t slot)
{
	return fake_set(fake, &(struct fake_command){
				      .ticket = ticket, .operation = operation, .slot = slot });
}

static void
backup_sends_the_running_configuration(void **state)
{
	struct fake *fake = fake_on(2, NULL);
	(void)state;

	assert_int_equal(
		fake_set(fake, &(struct fake_command){ 1, OPERATION_BACKUP, "f", PROTOCOL_TFTP }),
		0);
	assert_int_equal(fake->transfer.direction, DIRECTION_WRITE);
	assert_string_equal(fake->transfer.file, "f");
	assert_int_equal(fake->transfer.content.size, strlen(SAMPLE_1));
	assert_memory_equal(fake->transfer.content.data, SAMPLE_1, strlen(SAMPLE_1));
	assert_status(fake, STATUS_RUNNING, REASON_NONE);
	fake_complete(fake);
	assert_status(fake, STATUS_SUCCEEDED, REASON_NONE);
	assert_int_equal(fake_notice(fake), 1);
	free(fake);
}

static void
a_failed_transfer_is_told_with_its_reason(void **state)
{
	struct fake *fake = fake_on(2, NULL);
	struct device_event event = { .kind = DEVICE_FAILED,
				      .failed = { REASON_FILE_REFUSED, "no such\nfile" } };
	(void)state;

	assert_int_equal(
		fake_set(fake, &(struct fake_command){ 1, OPERATION_BACKUP, "f", PROTOCOL_TFTP }),
		0);
	fake_step(fake, &event);
	assert_status(fake, STATUS_FAILED, REASON_FILE_REFUSED);
	assert_int_equal(fake_notice(fake), 2);
	assert_memory_equal(fake_get(fake, "1.4.5.0")->octets.data, "no such?file", 12);
	free(fake);
}

static void
keep_copies_software_and_configuration_and_runs_there(void **state)
{
	struct fake *fake = fake_on(2, NULL);
	(void)state;

	assert_int_equal(tell(fake, 1, OPERATION_KEEP, 0), 0);
	assert_status(fake, STATUS_RUNNING, REASON_NONE);
	fake_copied(fake);
	assert_status(fake, STATUS_SUCCEEDED, REASON_NONE);
	assert_int_equal(fake_number(fake, "1.1.6.0"), 2);
	assert_int_equal(fake_number(fake, "1.1.7.0"), 2);
	assert_int_equal(fake_number(fake, "1.1.9.0"), 0); /* no flash */
	assert_int_equal(fake_number(fake, "1.2.1.2.1"), SLOT_VALID);
	assert_int_equal(fake_number(fake, "1.2.1.2.2"), SLOT_VALID);
	fake_boot(fake);
	assert_int_equal(fake_number(fake, "1.1.6.0"), 2);
	assert_int_equal(fake_number(fake, "1.5.2.0"), 2); /* its configuration came along */
	free(fake);
}

static void
keep_again_changes_nothing(void **state)
{
	struct fake *fake = fake_on(2, NULL);
	(void)state;

	assert_int_equal(tell(fake, 1, OPERATION_KEEP, 0), 0);
	fake_copied(fake);
	fake->copy_from = 0;
	assert_int_equal(tell(fake, 2, OPERATION_KEEP, 0), 0);
	assert_status(fake, STATUS_SUCCEEDED, REASON_NONE);
	assert_int_equal(fake->copy_from, 0);
	assert_int_equal(fake_number(fake, "1.1.6.0"), 2);
	/* Another configuration makes it worth a copy. */
	fake_restore(fake, 3, "# drydock-iad configuration\n[system]\nformat = 1\n");
	assert_int_equal(tell(fake, 4, OPERATION_KEEP, 0), 0);
	assert_int_equal(fake->copy_from, 2);
	free(fake);
}

static void
a_bad_copy_is_not_kept(void **state)
{
	struct fake *fake = fake_on(2, NULL);
	(void)state;

	assert_int_equal(tell(fake, 1, OPERATION_KEEP, 0), 0);
	fake->aside.bytes[fake->aside.size - 1] ^= 1;
	fake_copied(fake);
	assert_status(fake, STATUS_FAILED, REASON_FLASH_ERROR);
	assert_int_equal(fake_number(fake, "1.1.6.0"), 1);
	assert_int_equal(fake_number(fake, "1.2.1.2.2"), SLOT_EMPTY);
	free(fake);
}

static void
one_slot_keeps_nothing(void **state)
{
	struct fake *fake = fake_on(1, NULL);
	(void)state;

	assert_int_equal(tell(fake, 1, OPERATION_KEEP, 0), SNMP_WRONG_VALUE);
	free(fake);
}

static void
fetch_writes_the_other_slot(void **state)
{
	struct fake *fake = fake_on(2, NULL);
	const size_t size = fake_image(image, "2.0.0", "IAD-24", "A,B", 2, 3000);
	(void)state;

	fake_fetch(fake, 1, image, size);
	assert_status(fake, STATUS_SUCCEEDED, REASON_NONE);
	assert_int_equal(fake_number(fake, "1.4.6.0"), size);
	assert_int_equal(fake_number(fake, "1.1.9.0"), 1);
	assert_int_equal(fake_number(fake, "1.1.6.0"), 1);
	assert_int_equal(fake_number(fake, "1.1.7.0"), 1);
	assert_int_equal(fake_number(fake, "1.2.1.2.2"), SLOT_VALID);
	assert_memory_equal(fake_get(fake, "1.2.1.3.2")->octets.data, "2.0.0", 5);
	assert_memory_equal(fake->images[1].bytes, image, size);
	free(fake);
}

static void
several_files_are_fetched_in_order(void **state)
{
	struct fake *fake = fake_on(2, NULL);
	size_t first = fake_image(image, "2.0.0", "IAD-24", "", 2, 1000);
	size_t second = fake_image(image + first, "2.0.0", "IAD-24", "", 2, 700);
	struct sha256 hash;
	(void)state;

	sha256_of(image, first + second, &hash);
	assert_int_equal(fake_set(fake, &(struct fake_command){ 1, OPERATION_FETCH, "one,two",
								PROTOCOL_TFTP, &hash }),
			 0);
	assert_string_equal(fake->transfer.file, "one");
	fake_data(fake, image, first, 512);
	fake_complete(fake);
	assert_status(fake, STATUS_RUNNING, REASON_NONE);
	assert_string_equal(fake->transfer.file, "two");
	fake_data(fake, image + first, second, 512);
	fake_complete(fake);
	assert_status(fake, STATUS_SUCCEEDED, REASON_NONE);
	assert_int_equal(fake->transfers, 2);
	assert_int_equal(fake_number(fake, "1.1.9.0"), 1);
	free(fake);
}

static void
images_that_do_not_fit_are_refused(void **state)
{
	static const struct {
		const char *model, *revisions;
		enum status_reason reason;
	} cases[] = {
		{ "IAD-48", "", REASON_WRONG_MODEL },
		{ "IAD-24", "B,C", REASON_WRONG_REVISION },
	};
	(void)state;

	for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
		struct fake *fake = fake_on(2, NULL);
		const size_t size =
			fake_image(image, "2.0.0", cases[i].model, cases[i].revisions, 2, 500);
		fake_fetch(fake, 1, image, size);
		assert_status(fake, STATUS_FAILED, cases[i].reason);
		assert_int_equal(fake_number(fake, "1.2.1.2.2"), SLOT_EMPTY);
		free(fake);
	}
	struct fake *fake = fake_on(2, NULL);
	const size_t size = fake_image(image, "2.0.0", "IAD-24", "", 2, 500);
	fake_fetch(fake, 1, image, size - 1);
	assert_status(fake, STATUS_FAILED, REASON_BAD_IMAGE);
	free(fake);
}

static void
another_hash_is_a_mismatch(void **state)
{
	struct fake *fake = fake_on(2, NULL);
	const size_t size = fake_image(image, "2.0.0", "IAD-24", "", 2, 500);
	const struct sha256 other = { { 1 } };
	(void)state;

	assert_int_equal(fake_set(fake, &(struct fake_command){ 1, OPERATION_FETCH, "a",
								PROTOCOL_TFTP, &other }),
			 0);
	fake_data(fake, image, size, 512);
	fake_complete(fake);
	assert_status(fake, STATUS_FAILED, REASON_HASH_MISMATCH);
	assert_int_equal(fake_number(fake, "1.2.1.2.2"), SLOT_EMPTY);
	free(fake);
}

static void
a_slot_is_empty_once_it_was_written_to(void **state)
{
	struct fake *fake = fake_on(2, NULL);
	const struct sha256 other = { { 1 } };
	struct device_state durable;
	(void)state;

	assert_int_equal(tell(fake, 1, OPERATION_KEEP, 0), 0);
	fake_copied(fake);
	assert_int_equal(fake_set(fake, &(struct fake_command){ 2, OPERATION_FETCH, "a",
								PROTOCOL_TFTP, &other }),
			 0);
	assert_int_equal(fake_number(fake, "1.2.1.2.1"), SLOT_VALID);
	fake_data(fake, "x", 1, 1);
	assert_int_equal(device_state_parse(fake->state, fake->state_size, &durable, NULL), 0);
	assert_int_equal(durable.slots[0].state, SLOT_EMPTY);
	assert_int_equal(durable.flash_count, 1);
	fake_complete(fake);
	assert_int_equal(tell(fake, 3, OPERATION_ROLLBACK, 1), 0);
	assert_status(fake, STATUS_FAILED, REASON_SLOT_EMPTY);
	/* The same for a copy that does not end. */
	assert_int_equal(tell(fake, 4, OPERATION_KEEP, 0), 0);
	assert_int_equal(fake_number(fake, "1.2.1.2.1"), SLOT_EMPTY);
	free(fake);
}

static void
a_copy_over_other_software_empties_its_slot_first(void **state)
{
	struct fake *fake = fake_on(2, NULL);
	const size_t size = fake_image(image, "2.0.0", "IAD-24", "", 2, 500);
	struct device_state durable;
	(void)state;

	fake_fetch(fake, 1, image, size);
	assert_int_equal(tell(fake, 2, OPERATION_KEEP, 0), 0);
	assert_int_equal(device_state_parse(fake->state, fake->state_size, &durable, NULL), 0);
	assert_int_equal(durable.slots[1].state, SLOT_EMPTY);
	free(fake);
}

static void
what_has_no_room_is_not_written(void **state)
{
	struct fake *fake = fake_on(2, NULL);
	const size_t size = fake_image(image, "2.0.0", "IAD-24", "", 2, 3000);
	struct device_event opened = { .kind = DEVICE_OPENED, .opened = { 1 << 30 } };
	const struct sha256 hash = { { 1 } };
	(void)state;

	fake->free_bytes = 1000;
	fake_fetch(fake, 1, image, size); /* the command says so */
	assert_status(fake, STATUS_FAILED, REASON_NO_ROOM);
	assert_int_equal(fake->transfers, 0);
	assert_int_equal(fake_set(fake, &(struct fake_command){ 2, OPERATION_FETCH, "a",
								PROTOCOL_TFTP, &hash }),
			 0);
	fake_step(fake, &opened); /* the server says so */
	assert_status(fake, STATUS_FAILED, REASON_NO_ROOM);
	assert_int_equal(fake->stops, 1);
	assert_int_equal(fake_number(fake, "1.1.9.0"), 0);
	assert_int_equal(fake_set(fake, &(struct fake_command){ 3, OPERATION_FETCH, "a",
								PROTOCOL_TFTP, &hash }),
			 0);
	fake_data(fake, image, size, 512); /* nobody says so */
	assert_status(fake, STATUS_FAILED, REASON_NO_ROOM);
	fake->free_bytes = 1 << 20;
	fake->write_error = DD_ENOSPC;
	fake_fetch(fake, 4, image, size);
	assert_status(fake, STATUS_FAILED, REASON_NO_ROOM);
	free(fake);
}

static void
an_unreachable_server_costs_no_flash(void **state)
{
	struct fake *fake = fake_on(2, NULL);
	struct device_event event = { .kind = DEVICE_FAILED,
				      .failed = { REASON_SERVER_UNREACHABLE, "no answer" } };
	const struct sha256 hash = { { 1 } };
	(void)state;

	assert_int_equal(tell(fake, 1, OPERATION_KEEP, 0), 0);
	fake_copied(fake);
	assert_int_equal(fake_set(fake, &(struct fake_command){ 2, OPERATION_FETCH, "a",
								PROTOCOL_TFTP, &hash }),
			 0);
	fake_step(fake, &event);
	assert_status(fake, STATUS_FAILED, REASON_SERVER_UNREACHABLE);
	assert_int_equal(fake_number(fake, "1.1.9.0"), 0);
	assert_int_equal(fake_number(fake, "1.2.1.2.1"), SLOT_VALID); /* it was not touched */
	free(fake);
}

static void
update_loses_the_configuration_and_restore_brings_it_back(void **state)
{
	struct fake *fake = fake_on(2, NULL);
	const size_t size = fake_image(image, "2.0.0", "IAD-24", "", 2, 500);
	(void)state;

	fake_fetch(fake, 1, image, size);
	assert_int_equal(tell(fake, 2, OPERATION_ACTIVATE, 2), 0);
	assert_status(fake, STATUS_SUCCEEDED, REASON_NONE);
	assert_int_equal(fake_number(fake, "1.1.7.0"), 2);
	assert_int_equal(tell(fake, 3, OPERATION_RELOAD, 0), 0);
	assert_true(fake->is_restarting);
	assert_int_equal(fake->restart_ms, 300);
	assert_null(fake_get(fake, "1.4.3.0")); /* deaf */
	fake_boot(fake);
	assert_status(fake, STATUS_SUCCEEDED, REASON_NONE);
	assert_int_equal(fake_number(fake, "1.1.5.0"), 2);
	assert_memory_equal(fake_get(fake, "1.1.4.0")->octets.data, "2.0.0", 5);
	assert_int_equal(fake_number(fake, "1.5.2.0"), 0);
	assert_int_equal(fake_number(fake, "1.5.3.0"), 0);
	fake_restore(fake, 4, SAMPLE_1); /* the old format */
	assert_status(fake, STATUS_FAILED, REASON_BAD_CONFIG);
	assert_int_equal(fake_number(fake, "1.5.2.0"), 0);
	fake_restore(fake, 5, SAMPLE_2);
	assert_status(fake, STATUS_SUCCEEDED, REASON_NONE);
	assert_int_equal(fake_number(fake, "1.5.2.0"), 2);
	assert_int_equal(fake_number(fake, "1.5.3.0"), 1);
	fake_boot(fake);
	assert_int_equal(fake_number(fake, "1.5.2.0"), 2);
	free(fake);
}

static void
a_bad_restore_leaves_what_runs(void **state)
{
	struct fake *fake = fake_on(2, NULL);
	const struct sha256 other = { { 1 } };
	static char large[IAD_CONFIG_MAX + 1];
	(void)state;

	assert_int_equal(fake_set(fake, &(struct fake_command){ 1, OPERATION_RESTORE, "a",
								PROTOCOL_TFTP, &other }),
			 0);
	fake_data(fake, SAMPLE_1, strlen(SAMPLE_1), 512);
	fake_complete(fake);
	assert_status(fake, STATUS_FAILED, REASON_HASH_MISMATCH);
	fake_restore(fake, 2, "# drydock-iad configuration\n[system]\nformat = 1\ncolour = red\n");
	assert_status(fake, STATUS_FAILED, REASON_BAD_CONFIG);
	assert_int_equal(fake_set(fake, &(struct fake_command){ 3, OPERATION_RESTORE, "a",
								PROTOCOL_TFTP, &other }),
			 0);
	fake_data(fake, large, sizeof(large), 512);
	assert_status(fake, STATUS_FAILED, REASON_NO_ROOM);
	fake->config_error = DD_EIO;
	fake_restore(fake, 4, SAMPLE_1);
	assert_status(fake, STATUS_FAILED, REASON_FLASH_ERROR);
	assert_int_equal(fake_number(fake, "1.5.2.0"), 2);
	assert_int_equal(fake->configs[0].size, strlen(SAMPLE_1));
	assert_int_equal(
		fake_set(fake, &(struct fake_command){ 5, OPERATION_BACKUP, "f", PROTOCOL_TFTP }),
		0);
	assert_memory_equal(fake->transfer.content.data, SAMPLE_1, strlen(SAMPLE_1));
	free(fake);
}

static void
rollback_where_it_runs_needs_no_restart(void **state)
{
	struct fake *fake = fake_on(2, NULL);
	(void)state;

	assert_int_equal(tell(fake, 1, OPERATION_ROLLBACK, 1), 0);
	assert_status(fake, STATUS_SUCCEEDED, REASON_NONE);
	assert_false(fake->is_restarting);
	assert_int_equal(tell(fake, 2, OPERATION_ROLLBACK, 2), 0);
	assert_status(fake, STATUS_FAILED, REASON_SLOT_EMPTY);
	free(fake);
}

static void
rollback_goes_back_with_the_old_configuration(void **state)
{
	struct fake *fake = fake_on(2, NULL);
	const size_t size = fake_image(image, "2.0.0", "IAD-24", "", 2, 500);
	(void)state;

	fake_fetch(fake, 1, image, size);
	assert_int_equal(tell(fake, 2, OPERATION_ACTIVATE, 2), 0);
	assert_int_equal(tell(fake, 3, OPERATION_RELOAD, 0), 0);
	fake_boot(fake);
	assert_int_equal(tell(fake, 4, OPERATION_ROLLBACK, 1), 0);
	assert_true(fake->is_restarting);
	fake_boot(fake);
	assert_status(fake, STATUS_SUCCEEDED, REASON_NONE);
	assert_int_equal(fake_number(fake, "1.1.6.0"), 1);
	assert_int_equal(fake_number(fake, "1.5.2.0"), 2);
	free(fake);
}

static void
a_damaged_slot_falls_back(void **state)
{
	struct fake *fake = fake_on(2, NULL);
	const size_t size = fake_image(image, "2.0.0", "IAD-24", "", 2, 500);
	(void)state;

	fake_fetch(fake, 1, image, size);
	assert_int_equal(tell(fake, 2, OPERATION_ACTIVATE, 2), 0);
	assert_int_equal(tell(fake, 3, OPERATION_RELOAD, 0), 0);
	fake->images[1].bytes[size - 1] ^= 1; /* flash rots */
	fake_boot(fake);
	assert_status(fake, STATUS_FAILED, REASON_FELL_BACK);
	assert_int_equal(fake_number(fake, "1.1.6.0"), 1);
	assert_int_equal(fake_number(fake, "1.1.7.0"), 1);
	assert_int_equal(fake_number(fake, "1.2.1.2.2"), SLOT_DAMAGED);
	assert_int_equal(fake_number(fake, "1.5.2.0"), 2);
	assert_int_equal(tell(fake, 4, OPERATION_ACTIVATE, 2), 0);
	assert_status(fake, STATUS_FAILED, REASON_BAD_IMAGE);
	free(fake);
}

static void
nothing_bootable_is_dead_and_silent(void **state)
{
	struct fake *fake = fake_on(2, NULL);
	(void)state;

	fake->images[0].bytes[10] ^= 1;
	fake_boot(fake);
	assert_true(fake->core.is_dead);
	assert_null(fake_get(fake, "1.1.1.0"));
	free(fake);
}

static void
a_power_cut_interrupts(void **state)
{
	struct fake *fake = fake_on(2, NULL);
	const size_t size = fake_image(image, "2.0.0", "IAD-24", "", 2, 3000);
	struct sha256 hash;
	(void)state;

	sha256_of(image, size, &hash);
	assert_int_equal(fake_set(fake, &(struct fake_command){ 1, OPERATION_FETCH, "a",
								PROTOCOL_TFTP, &hash }),
			 0);
	fake_data(fake, image, 1000, 512);
	fake_boot(fake);
	assert_status(fake, STATUS_FAILED, REASON_INTERRUPTED);
	assert_int_equal(fake_notice(fake), 2);
	assert_int_equal(fake_number(fake, "1.1.9.0"), 1);
	assert_int_equal(fake_number(fake, "1.2.1.2.2"), SLOT_EMPTY);
	fake_fetch(fake, 2, image, size);
	assert_status(fake, STATUS_SUCCEEDED, REASON_NONE);
	assert_int_equal(fake_number(fake, "1.1.9.0"), 2);
	free(fake);
}

static void
one_slot_runs_from_memory_until_the_reload(void **state)
{
	struct fake *fake = fake_on(1, NULL);
	const size_t size = fake_image(image, "2.0.0", "IAD-24", "", 2, 500);
	(void)state;

	fake_fetch(fake, 1, image, size);
	assert_status(fake, STATUS_SUCCEEDED, REASON_NONE);
	assert_memory_equal(fake_get(fake, "1.1.4.0")->octets.data, "1.0.0", 5);
	assert_memory_equal(fake_get(fake, "1.2.1.3.1")->octets.data, "2.0.0", 5);
	assert_int_equal(fake_number(fake, "1.5.2.0"), 2);
	fake_restore(fake, 2, SAMPLE_1); /* would be the new software's configuration */
	assert_status(fake, STATUS_FAILED, REASON_REFUSED);
	assert_int_equal(tell(fake, 3, OPERATION_RELOAD, 0), 0);
	fake_boot(fake);
	assert_status(fake, STATUS_SUCCEEDED, REASON_NONE);
	assert_memory_equal(fake_get(fake, "1.1.4.0")->octets.data, "2.0.0", 5);
	assert_int_equal(fake_number(fake, "1.5.2.0"), 0);
	free(fake);
}

static void
an_outcome_that_cannot_be_durable_is_a_failure(void **state)
{
	struct fake *fake = fake_on(2, NULL);
	(void)state;

	assert_int_equal(tell(fake, 1, OPERATION_KEEP, 0), 0);
	fake->store_error = DD_EIO;
	fake_copied(fake);
	assert_status(fake, STATUS_FAILED, REASON_FLASH_ERROR);
	assert_int_equal(fake_number(fake, "1.1.6.0"), 1);
	fake->store_error = 0;
	fake_boot(fake);
	assert_int_equal(fake_number(fake, "1.1.6.0"), 1);
	assert_int_equal(fake_number(fake, "1.5.2.0"), 2);
	free(fake);
}

static void
informs_repeat_until_answered(void **state)
{
	struct fake *fake = fake_new(2);
	struct snmp_message *inform = calloc(1, sizeof(*inform));
	uint8_t bytes[1500];
	(void)state;

	fake->settings.is_inform = true;
	fake_boot(fake);
	assert_int_equal(fake->sent_count, 1); /* coldStart */
	fake_advance(fake, DEVICE_INFORM_MS - 1);
	assert_int_equal(fake->sent_count, 1);
	fake_advance(fake, 1);
	assert_int_equal(fake->sent_count, 2);
	assert_memory_equal(fake->sent[0].bytes, fake->sent[1].bytes, fake->sent[0].size);
	assert_int_equal(snmp_decode(fake->sent[1].bytes, fake->sent[1].size, inform, NULL), 0);
	assert_int_equal(inform->pdu.type, SNMP_INFORM);
	inform->pdu.type = SNMP_RESPONSE;
	const int64_t size = snmp_encode(inform, bytes, sizeof(bytes));
	struct device_event event = { .kind = DEVICE_PACKET,
				      .packet = { &fake->settings.trap_to,
						  { bytes, (size_t)size } } };
	fake_step(fake, &event);
	fake_advance(fake, 60000);
	assert_int_equal(fake->sent_count, 2);
	/* Never answered: five tries. */
	assert_int_equal(tell(fake, 1, OPERATION_COMMIT, 0), 0);
	const unsigned before = fake->sent_count;
	for (unsigned i = 0; i < 20; i++)
		fake_advance(fake, 60000);
	assert_int_equal(fake->sent_count, before + DEVICE_INFORM_TRIES - 1);
	assert_int_equal(fake->timer_at, DD_NEVER);
	free(inform);
	free(fake);
}

/* ---- faults ---- */

static void
faults_of_commands(void **state)
{
	struct fake *fake = fake_on(2, "refuse=commit");
	(void)state;

	assert_int_equal(tell(fake, 1, OPERATION_COMMIT, 0), SNMP_GEN_ERR);
	assert_status(fake, STATUS_IDLE, REASON_NONE);
	assert_int_equal(tell(fake, 1, OPERATION_COMMIT, 0), 0);
	free(fake);
	fake = fake_on(2, "fail=commit");
	assert_int_equal(tell(fake, 1, OPERATION_COMMIT, 0), 0);
	assert_status(fake, STATUS_FAILED, REASON_UNKNOWN);
	assert_int_equal(fake_notice(fake), 2);
	free(fake);
	fake = fake_on(2, "hang=backup");
	assert_int_equal(
		fake_set(fake, &(struct fake_command){ 1, OPERATION_BACKUP, "f", PROTOCOL_TFTP }),
		0);
	fake_advance(fake, 3600 * 1000);
	assert_status(fake, STATUS_RUNNING, REASON_NONE);
	assert_int_equal(fake->transfers, 0);
	assert_int_equal(
		fake_set(fake, &(struct fake_command){ 2, OPERATION_BACKUP, "f", PROTOCOL_TFTP }),
		0);
	assert_int_equal(fake->transfers, 1);
	free(fake);
	fake = fake_on(2, "mute=backup");
	assert_int_equal(
		fake_set(fake, &(struct fake_command){ 1, OPERATION_BACKUP, "f", PROTOCOL_TFTP }),
		0);
	assert_null(fake_get(fake, "1.4.3.0"));
	assert_int_equal(fake->transfers, 0);
	free(fake);
	fake = fake_on(2, "lie=reload");
	assert_int_equal(tell(fake, 1, OPERATION_RELOAD, 0), 0);
	assert_status(fake, STATUS_SUCCEEDED, REASON_NONE);
	assert_false(fake->is_restarting);
	free(fake);
	fake = fake_on(2, "silent=commit");
	assert_int_equal(tell(fake, 1, OPERATION_COMMIT, 0), 0);
	assert_int_equal(fake_notice(fake), 0);
	free(fake);
	fake = fake_on(2, "slow=9000");
	assert_int_equal(tell(fake, 1, OPERATION_RELOAD, 0), 0);
	assert_int_equal(fake->restart_ms, 9000);
	free(fake);
}

static void
a_late_outcome_comes_after_the_work(void **state)
{
	struct fake *fake = fake_on(2, "late=fetch,5000");
	const size_t size = fake_image(image, "2.0.0", "IAD-24", "", 2, 500);
	(void)state;

	fake_fetch(fake, 1, image, size);
	assert_status(fake, STATUS_RUNNING, REASON_NONE);
	assert_int_equal(fake_number(fake, "1.2.1.2.2"), SLOT_VALID);
	assert_int_equal(tell(fake, 2, OPERATION_COMMIT, 0), SNMP_RESOURCE_UNAVAILABLE);
	fake_advance(fake, 4999);
	assert_status(fake, STATUS_RUNNING, REASON_NONE);
	fake_advance(fake, 1);
	assert_status(fake, STATUS_SUCCEEDED, REASON_NONE);
	assert_int_equal(fake_notice(fake), 1);
	free(fake);
}

static void
faults_of_transfers(void **state)
{
	struct fake *fake = fake_on(2, "corrupt");
	struct device_event opened = { .kind = DEVICE_OPENED };
	const size_t size = fake_image(image, "2.0.0", "IAD-24", "", 2, 3000);
	(void)state;

	fake_fetch(fake, 1, image, size);
	assert_status(fake, STATUS_FAILED, REASON_HASH_MISMATCH);
	fake_fetch(fake, 2, image, size);
	assert_status(fake, STATUS_SUCCEEDED, REASON_NONE);
	free(fake);
	fake = fake_on(2, "break=fetch");
	fake_fetch(fake, 1, image, size);
	assert_status(fake, STATUS_FAILED, REASON_TRANSFER_BROKEN);
	assert_int_equal(fake->stops, 1);
	assert_true(fake_number(fake, "1.4.6.0") < (int64_t)size);
	free(fake);
	fake = fake_on(2, "break=backup");
	assert_int_equal(
		fake_set(fake, &(struct fake_command){ 1, OPERATION_BACKUP, "f", PROTOCOL_TFTP }),
		0);
	fake_step(fake, &opened);
	assert_status(fake, STATUS_FAILED, REASON_TRANSFER_BROKEN);
	free(fake);
	fake = fake_on(2, "lossy-restore");
	fake_restore(fake, 1, SAMPLE_1);
	assert_status(fake, STATUS_SUCCEEDED, REASON_NONE);
	assert_string_equal(iad_value(&fake->core.iad, "line/fxs1/gain-tenth-db"), "-10");
	free(fake);
}

/* Fetch 2.0.0 and reload into it. */
static struct fake *
updated(const char *fault)
{
	struct fake *fake = fake_on(2, fault);
	const size_t size = fake_image(image, "2.0.0", "IAD-24", "", 2, 500);

	fake_fetch(fake, 1, image, size);
	assert_int_equal(tell(fake, 2, OPERATION_ACTIVATE, 2), 0);
	assert_int_equal(tell(fake, 3, OPERATION_RELOAD, 0), 0);
	fake_boot(fake);
	return fake;
}

static void
faults_of_new_software(void **state)
{
	struct fake *fake = updated("noboot");
	(void)state;

	assert_status(fake, STATUS_FAILED, REASON_FELL_BACK);
	assert_int_equal(fake_number(fake, "1.1.6.0"), 1);
	assert_int_equal(fake_number(fake, "1.5.2.0"), 2);
	free(fake);
	fake = updated("wrong");
	assert_status(fake, STATUS_SUCCEEDED, REASON_NONE);
	assert_memory_equal(fake_get(fake, "1.1.4.0")->octets.data, "0-2.0.0", 7);
	assert_int_equal(tell(fake, 4, OPERATION_ROLLBACK, 1), 0);
	fake_boot(fake);
	assert_memory_equal(fake_get(fake, "1.1.4.0")->octets.data, "1.0.0", 5);
	free(fake);
	fake = updated("no-ports");
	fake_restore(fake, 4, SAMPLE_2);
	assert_status(fake, STATUS_SUCCEEDED, REASON_NONE);
	assert_int_equal(fake_number(fake, "1.5.2.0"), 0);
	free(fake);
	fake = fake_on(2, "drop-config");
	assert_int_equal(tell(fake, 1, OPERATION_RELOAD, 0), 0);
	fake_boot(fake);
	assert_status(fake, STATUS_SUCCEEDED, REASON_NONE);
	assert_int_equal(fake_number(fake, "1.5.2.0"), 0);
	free(fake);
}

static void
factory_address_until_a_restore(void **state)
{
	struct fake *fake = updated("factory=127.0.0.99:1161,factory");
	struct snmp_pdu *pdu = calloc(1, sizeof(*pdu));
	char text[ADDR_TEXT_MAX];
	struct sha256 hash;
	(void)state;

	assert_string_equal(addr_text(&fake->listens, text), "127.0.0.99:1161");
	assert_null(fake_get(fake, "1.1.12.0")); /* the old community is not known any more */
	fake_boot(fake);                         /* and a power cut does not change that */
	assert_string_equal(addr_text(&fake->listens, text), "127.0.0.99:1161");
	sha256_of(SAMPLE_2, strlen(SAMPLE_2), &hash);
	fake_fill(pdu, &(struct fake_command){ 4, OPERATION_RESTORE, "c", PROTOCOL_TFTP, &hash });
	assert_int_equal(fake_ask(fake, pdu, "factory"), 0);
	assert_string_equal(addr_host_text(&fake->transfer.local, text), "127.0.0.99");
	fake_data(fake, SAMPLE_2, strlen(SAMPLE_2), 512);
	fake_complete(fake);
	assert_string_equal(addr_text(&fake->listens, text), "127.0.0.11:1161");
	assert_int_equal(fake_number(fake, "1.1.12.0"), 1);
	free(pdu);
	free(fake);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(backup_sends_the_running_configuration),
		cmocka_unit_test(a_failed_transfer_is_told_with_its_reason),
		cmocka_unit_test(keep_copies_software_and_configuration_and_runs_there),
		cmocka_unit_test(keep_again_changes_nothing),
		cmocka_unit_test(a_bad_copy_is_not_kept),
		cmocka_unit_test(one_slot_keeps_nothing),
		cmocka_unit_test(fetch_writes_the_other_slot),
		cmocka_unit_test(several_files_are_fetched_in_order),
		cmocka_unit_test(images_that_do_not_fit_are_refused),
		cmocka_unit_test(another_hash_is_a_mismatch),
		cmocka_unit_test(a_slot_is_empty_once_it_was_written_to),
		cmocka_unit_test(a_copy_over_other_software_empties_its_slot_first),
		cmocka_unit_test(what_has_no_room_is_not_written),
		cmocka_unit_test(an_unreachable_server_costs_no_flash),
		cmocka_unit_test(update_loses_the_configuration_and_restore_brings_it_back),
		cmocka_unit_test(a_bad_restore_leaves_what_runs),
		cmocka_unit_test(rollback_where_it_runs_needs_no_restart),
		cmocka_unit_test(rollback_goes_back_with_the_old_configuration),
		cmocka_unit_test(a_damaged_slot_falls_back),
		cmocka_unit_test(nothing_bootable_is_dead_and_silent),
		cmocka_unit_test(a_power_cut_interrupts),
		cmocka_unit_test(one_slot_runs_from_memory_until_the_reload),
		cmocka_unit_test(an_outcome_that_cannot_be_durable_is_a_failure),
		cmocka_unit_test(informs_repeat_until_answered),
		cmocka_unit_test(faults_of_commands),
		cmocka_unit_test(a_late_outcome_comes_after_the_work),
		cmocka_unit_test(faults_of_transfers),
		cmocka_unit_test(faults_of_new_software),
		cmocka_unit_test(factory_address_until_a_restore),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
