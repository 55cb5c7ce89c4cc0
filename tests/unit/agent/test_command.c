/* test_command.c - objects and the SET: what is readable, what a command must carry, and tickets.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "agent/fake.h"

static const struct sha256 some_hash = { { 1, 2, 3 } };

static void
identity_and_service_are_readable(void **state)
{
	struct fake *fake = fake_on(2, NULL);
	(void)state;

	assert_memory_equal(fake_get(fake, "1.1.1.0")->octets.data, "IAD-24", 6);
	assert_memory_equal(fake_get(fake, "1.1.4.0")->octets.data, "1.0.0", 5);
	assert_int_equal(fake_number(fake, "1.1.5.0"), 1);
	assert_int_equal(fake_number(fake, "1.1.6.0"), 1);
	assert_int_equal(fake_number(fake, "1.1.8.0"), 2);
	assert_int_equal(fake_number(fake, "1.1.9.0"), 0);
	assert_int_equal(fake_number(fake, "1.1.10.0"), 1);
	assert_int_equal(fake_number(fake, "1.2.1.2.1"), SLOT_VALID);
	assert_int_equal(fake_number(fake, "1.2.1.2.2"), SLOT_EMPTY);
	assert_int_equal(fake_get(fake, "1.2.1.4.1")->octets.size, 32);
	assert_int_equal(fake_get(fake, "1.2.1.4.2")->octets.size, 0);
	assert_int_equal(fake_number(fake, "1.4.3.0"), STATUS_IDLE);
	assert_int_equal(fake_number(fake, "1.5.1.0"), 24);
	assert_int_equal(fake_number(fake, "1.5.2.0"), 2);
	assert_int_equal(fake_number(fake, "1.5.3.0"), 1);
	assert_int_equal(fake_get(fake, "1.2.1.2.3")->type, SNMP_NO_SUCH_INSTANCE);
	assert_int_equal(fake_get(fake, "1.6.1.0")->type, SNMP_NO_SUCH_OBJECT);
	free(fake);
}

static unsigned
walk(struct fake *fake)
{
	static struct snmp_pdu pdu;
	struct oid name;
	unsigned count = 0;

	(void)oid_parse("1.3", &name, NULL);
	for (;;) {
		pdu.type = SNMP_GETNEXT;
		pdu.count = 0;
		snmp_pdu_add(&pdu, &name, SNMP_NULL);
		assert_int_equal(fake_ask(fake, &pdu, "public"), 0);
		const struct snmp_varbind *got = &fake->message.pdu.varbind[0];
		if (got->value.type == SNMP_END_OF_MIB_VIEW)
			return count;
		assert_true(oid_compare(&got->name, &name) > 0);
		name = got->name;
		count++;
	}
}

static void
a_walk_meets_every_object_once(void **state)
{
	struct fake *two = fake_on(2, NULL), *one = fake_on(1, NULL);
	(void)state;

	assert_int_equal(walk(two), 7 + 12 + 10 + 12 + 6 + 4);
	assert_int_equal(walk(one), 7 + 12 + 5 + 12 + 6 + 4);
	free(two);
	free(one);
}

static void
an_accepted_command_is_durable_before_its_answer(void **state)
{
	struct fake *fake = fake_on(2, NULL);
	struct device_state durable;
	const unsigned before = fake->state_stores;
	(void)state;

	assert_int_equal(
		fake_set(fake, &(struct fake_command){ 7, OPERATION_BACKUP, "f", PROTOCOL_TFTP }),
		0);
	assert_int_equal(fake->stores_at_send, before + 1);
	assert_int_equal(device_state_parse(fake->state, fake->state_size, &durable, NULL), 0);
	assert_int_equal(durable.last.ticket, 7);
	assert_int_equal(durable.last.state, STATUS_RUNNING);
	assert_true(device_state_has_ticket(&durable, 7));
	assert_int_equal(fake->transfers, 1);
	assert_int_equal(fake->transfer.server.port, 1069);
	assert_true(addr_host_equal(&fake->transfer.local, &fake->settings.listen));
	free(fake);
}

static void
a_command_that_cannot_be_durable_is_not_accepted(void **state)
{
	struct fake *fake = fake_on(2, NULL);
	(void)state;

	fake->store_error = DD_ENOSPC;
	assert_int_equal(
		fake_set(fake, &(struct fake_command){ 7, OPERATION_BACKUP, "f", PROTOCOL_TFTP }),
		SNMP_COMMIT_FAILED);
	assert_int_equal(fake->transfers, 0);
	fake->store_error = 0;
	assert_int_equal(fake_number(fake, "1.4.1.0"), 0);
	assert_int_equal(
		fake_set(fake, &(struct fake_command){ 7, OPERATION_BACKUP, "f", PROTOCOL_TFTP }),
		0);
	assert_int_equal(fake->transfers, 1);
	free(fake);
}

static void
what_an_operation_needs_must_be_there(void **state)
{
	static const struct {
		struct fake_command command;
		int status;
	} cases[] = {
		{ { 0, OPERATION_RELOAD }, SNMP_INCONSISTENT_VALUE },
		{ { 1, OPERATION_NONE }, SNMP_INCONSISTENT_VALUE },
		{ { 1, OPERATION_BACKUP }, SNMP_INCONSISTENT_VALUE },
		{ { 1, OPERATION_BACKUP, "", PROTOCOL_TFTP }, SNMP_INCONSISTENT_VALUE },
		{ { 1, OPERATION_BACKUP, "a,b", PROTOCOL_TFTP }, SNMP_INCONSISTENT_VALUE },
		{ { 1, OPERATION_BACKUP, "a", PROTOCOL_FTP }, SNMP_INCONSISTENT_VALUE },
		{ { 1, OPERATION_BACKUP, "a", PROTOCOL_HTTP }, SNMP_WRONG_VALUE },
		{ { 1, OPERATION_FETCH, "a", PROTOCOL_TFTP }, SNMP_INCONSISTENT_VALUE },
		{ { 1, OPERATION_FETCH, "a,", PROTOCOL_TFTP, &some_hash },
		  SNMP_INCONSISTENT_VALUE },
		{ { 1, OPERATION_FETCH, "a,,b", PROTOCOL_TFTP, &some_hash },
		  SNMP_INCONSISTENT_VALUE },
		{ { 1, OPERATION_FETCH, "1,2,3,4,5,6,7,8,9", PROTOCOL_TFTP, &some_hash },
		  SNMP_INCONSISTENT_VALUE },
		{ { 1, OPERATION_FETCH, "a b", PROTOCOL_TFTP, &some_hash }, SNMP_WRONG_VALUE },
		{ { 1, OPERATION_FETCH, "a\r\nDELE", PROTOCOL_TFTP, &some_hash },
		  SNMP_WRONG_VALUE },
		{ { 1, OPERATION_FETCH, "a", PROTOCOL_FTP, &some_hash, 0, 0, "u\r\n", "p" },
		  SNMP_WRONG_VALUE },
		{ { 1, OPERATION_RESTORE, "a", PROTOCOL_TFTP }, SNMP_INCONSISTENT_VALUE },
		{ { 1, OPERATION_RESTORE, "a,b", PROTOCOL_TFTP, &some_hash },
		  SNMP_INCONSISTENT_VALUE },
		{ { 1, OPERATION_ACTIVATE }, SNMP_INCONSISTENT_VALUE },
		{ { 1, OPERATION_ROLLBACK }, SNMP_INCONSISTENT_VALUE },
		{ { 1, OPERATION_ACTIVATE, NULL, 0, NULL, 0, 3 }, SNMP_WRONG_VALUE },
		{ { 1, OPERATION_COUNT }, SNMP_WRONG_VALUE },
		{ { 0x80000000u, OPERATION_RELOAD }, SNMP_WRONG_VALUE },
	};
	struct fake *fake = fake_on(2, NULL);
	const unsigned stores = fake->state_stores;
	(void)state;

	for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
		const int status = fake_set(fake, &cases[i].command);
		if (status != cases[i].status)
			fail_msg("case %zu: %d instead of %d", i, status, cases[i].status);
	}
	assert_int_equal(fake->state_stores, stores);
	assert_int_equal(fake->transfers, 0);
	free(fake);
}

static void
other_things_cannot_be_set(void **state)
{
	struct fake *fake = fake_on(2, NULL);
	struct snmp_pdu *pdu = calloc(1, sizeof(*pdu));
	(void)state;

	pdu->type = SNMP_SET;
	fake_add_number(pdu, "1.1.9.0", SNMP_COUNTER32, 0);
	assert_int_equal(fake_ask(fake, pdu, "secret"), SNMP_NOT_WRITABLE);
	pdu->count = 0;
	fake_add_number(pdu, "1.3.1.0", SNMP_GAUGE32, 5);
	fake_add_number(pdu, "1.3.2.0", SNMP_INTEGER, OPERATION_RELOAD);
	fake_add_number(pdu, "1.3.1.0", SNMP_GAUGE32, 6);
	assert_int_equal(fake_ask(fake, pdu, "secret"), SNMP_INCONSISTENT_NAME);
	assert_int_equal(fake->message.pdu.error_index, 3);
	pdu->count = 0;
	fake_add_number(pdu, "1.3.1.0", SNMP_INTEGER, 5);
	assert_int_equal(fake_ask(fake, pdu, "secret"), SNMP_WRONG_TYPE);
	pdu->count = 0;
	fake_add_bytes(pdu, "1.3.10.0", "12345", 5);
	assert_int_equal(fake_ask(fake, pdu, "secret"), SNMP_WRONG_LENGTH);
	free(pdu);
	free(fake);
}

static void
only_the_write_community_commands(void **state)
{
	struct fake *fake = fake_on(2, NULL);
	struct snmp_pdu *pdu = calloc(1, sizeof(*pdu));
	(void)state;

	fake_fill(pdu, &(struct fake_command){ 1, OPERATION_RELOAD });
	assert_int_equal(fake_ask(fake, pdu, "public"), -1);
	assert_int_equal(fake_ask(fake, pdu, "other"), -1);
	assert_false(fake->is_restarting);
	assert_int_equal(fake_ask(fake, pdu, "secret"), 0);
	assert_true(fake->is_restarting);
	free(pdu);
	free(fake);
}

static void
a_known_ticket_is_answered_and_not_executed(void **state)
{
	struct fake *fake = fake_on(2, NULL);
	const struct fake_command command = { 9, OPERATION_BACKUP, "f", PROTOCOL_TFTP };
	(void)state;

	assert_int_equal(fake_set(fake, &command), 0);
	assert_int_equal(fake_set(fake, &command), 0); /* while it runs */
	assert_int_equal(fake->transfers, 1);
	fake_complete(fake);
	assert_int_equal(fake_set(fake, &command), 0); /* after it ended */
	assert_int_equal(fake->transfers, 1);
	fake_boot(fake);
	assert_int_equal(fake_set(fake, &command), 0); /* after a power cut */
	assert_int_equal(fake->transfers, 1);
	assert_int_equal(fake_number(fake, "1.4.3.0"), STATUS_SUCCEEDED);
	free(fake);
}

static void
sixteen_commands_later_a_ticket_is_new(void **state)
{
	struct fake *fake = fake_on(2, NULL);
	(void)state;

	for (uint32_t ticket = 1; ticket <= 17; ticket++)
		assert_int_equal(fake_set(fake, &(struct fake_command){ ticket, OPERATION_COMMIT }),
				 0);
	assert_int_equal(fake_set(fake, &(struct fake_command){ 2, OPERATION_COMMIT }), 0);
	assert_int_equal(fake_number(fake, "1.4.1.0"), 17); /* 2 is still known */
	assert_int_equal(fake_set(fake, &(struct fake_command){ 1, OPERATION_COMMIT }), 0);
	assert_int_equal(fake_number(fake, "1.4.1.0"), 1);
	free(fake);
}

static void
another_ticket_waits_for_the_running_operation(void **state)
{
	struct fake *fake = fake_on(2, NULL);
	(void)state;

	assert_int_equal(
		fake_set(fake, &(struct fake_command){ 1, OPERATION_BACKUP, "f", PROTOCOL_TFTP }),
		0);
	assert_int_equal(fake_set(fake, &(struct fake_command){ 2, OPERATION_RELOAD }),
			 SNMP_RESOURCE_UNAVAILABLE);
	fake_complete(fake);
	assert_int_equal(fake_set(fake, &(struct fake_command){ 2, OPERATION_RELOAD }), 0);
	free(fake);
}

static void
the_password_is_never_read_back(void **state)
{
	struct fake *fake = fake_on(2, NULL);
	(void)state;

	assert_int_equal(
		fake_set(fake, &(struct fake_command){ 1, OPERATION_BACKUP, "f", PROTOCOL_FTP, NULL,
						       0, 0, "user", "hush" }),
		0);
	assert_string_equal(fake->transfer.password, "hush");
	assert_int_equal(fake_get(fake, "1.3.9.0")->octets.size, 0);
	assert_int_equal(fake_get(fake, "1.3.8.0")->octets.size, 4);
	free(fake);
}

static void
hostile_datagrams_change_nothing(void **state)
{
	struct fake *fake = fake_on(2, NULL);
	struct addr from;
	uint8_t noise[200];
	const unsigned stores = fake->state_stores;
	(void)state;

	(void)addr_parse("127.0.0.1:5000", 0, &from, NULL);
	for (unsigned i = 0; i < 2000; i++) {
		struct device_event event = { .kind = DEVICE_PACKET,
					      .packet = { &from, { noise, i % sizeof(noise) } } };
		for (size_t k = 0; k < sizeof(noise); k++)
			noise[k] = (uint8_t)((i * 2654435761u + k * 40503u) >> 7);
		noise[0] = 0x30;
		fake_step(fake, &event);
	}
	assert_int_equal(fake->state_stores, stores);
	assert_int_equal(fake_number(fake, "1.4.3.0"), STATUS_IDLE);
	free(fake);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(identity_and_service_are_readable),
		cmocka_unit_test(a_walk_meets_every_object_once),
		cmocka_unit_test(an_accepted_command_is_durable_before_its_answer),
		cmocka_unit_test(a_command_that_cannot_be_durable_is_not_accepted),
		cmocka_unit_test(what_an_operation_needs_must_be_there),
		cmocka_unit_test(other_things_cannot_be_set),
		cmocka_unit_test(only_the_write_community_commands),
		cmocka_unit_test(a_known_ticket_is_answered_and_not_executed),
		cmocka_unit_test(sixteen_commands_later_a_ticket_is_new),
		cmocka_unit_test(another_ticket_waits_for_the_running_operation),
		cmocka_unit_test(the_password_is_never_read_back),
		cmocka_unit_test(hostile_datagrams_change_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
