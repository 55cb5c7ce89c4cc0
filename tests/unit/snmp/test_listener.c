/* test_listener.c - notifications of both versions; informs and their answers; in a simulated
 * network. */
#include "snmp/listener.h"
#include "world.h"

#define UP_TIME    "1.3.6.1.2.1.1.3.0"
#define TRAP_OID   "1.3.6.1.6.3.1.1.4.1.0"
#define ENTERPRISE "1.3.6.1.4.1.8072.9999.9999.1"

struct fixture {
	struct world world;
	struct snmp_listener *listener;
	struct inbox device;
	struct snmp_message message, answer;
	/* what was heard last: */
	unsigned heard;
	struct addr from;
	bool is_inform, frees_listener;
	struct oid name;
	struct snmp_pdu pdu;
	uint8_t address[4]; /* of snmpTrapAddress.0 */
};

static void
hear(void *arg, const struct snmp_notice *notice)
{
	struct fixture *f = arg;
	const struct oid trap_address = oid_of("1.3.6.1.6.3.18.1.3.0");

	f->heard++;
	f->from = notice->from;
	f->is_inform = notice->is_inform;
	f->name = notice->name;
	f->pdu = *notice->pdu;
	const struct snmp_varbind *varbind = snmp_pdu_find(notice->pdu, &trap_address);
	if (varbind)
		memcpy(f->address, varbind->value.octets.data, sizeof(f->address));
	if (f->frees_listener) {
		snmp_listener_free(f->listener);
		f->listener = NULL;
	}
}

static int
setup(void **state)
{
	const struct sim_settings settings = { .seed = 1,
					       .latency_min_ms = LATENCY_MS,
					       .latency_max_ms = LATENCY_MS };
	const struct addr at = addr_of("0.0.0.0:162");
	struct fixture *f = calloc(1, sizeof(*f));

	if (!f)
		return -1;
	world_open(&f->world, &settings);
	assert_int_equal(snmp_listener_new(f->world.here, &at, hear, f, NULL, &f->listener, NULL),
			 0);
	inbox_open(&f->device, f->world.device, DEVICE ":50000");
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	snmp_listener_free(f->listener);
	env_udp_close(f->device.udp);
	sim_free(f->world.sim);
	free(f);
	return 0;
}

static void
message_start(struct fixture *f, uint8_t version, uint8_t type)
{
	f->message.version = version;
	f->message.community = (struct slice){ (const uint8_t *)"whatever", 8 };
	f->message.pdu.type = type;
	f->message.pdu.request_id = 4711;
	f->message.pdu.count = 0;
}

static void
add(struct fixture *f, const char *name, uint8_t type)
{
	const struct oid oid = oid_of(name);

	assert_non_null(snmp_pdu_add(&f->message.pdu, &oid, type));
}

/* A notification of v2c named ENTERPRISE.0.2 with one more varbind. */
static void
v2_start(struct fixture *f, uint8_t type)
{
	message_start(f, SNMP_V2C, type);
	add(f, UP_TIME, SNMP_TIMETICKS);
	add(f, TRAP_OID, SNMP_OID);
	f->message.pdu.varbind[1].value.oid = oid_of(ENTERPRISE ".0.2");
	add(f, ENTERPRISE ".4.1.0", SNMP_GAUGE32);
	f->message.pdu.varbind[2].value.number = 99;
}

static void
v1_start(struct fixture *f, int32_t generic, int32_t specific)
{
	message_start(f, SNMP_V1, SNMP_TRAP_V1);
	f->message.pdu.enterprise = oid_of(ENTERPRISE);
	f->message.pdu.generic = generic;
	f->message.pdu.specific = specific;
	f->message.pdu.ticks = 1234;
	memcpy(f->message.pdu.agent_address, "\xc0\x00\x02\x63", 4);
}

static void
tell(struct fixture *f, const char *to)
{
	const struct addr addr = addr_of(to);

	message_send(f->device.udp, &addr, &f->message);
	world_run(&f->world, 3 * LATENCY_MS);
}

static void
assert_heard(const struct fixture *f, const char *name)
{
	const struct oid oid = oid_of(name);

	assert_int_equal(f->heard, 1);
	assert_int_equal(oid_compare(&f->name, &oid), 0);
}

static void
a_trap_of_v2c_is_heard_and_not_answered(void **state)
{
	struct fixture *f = *state;

	v2_start(f, SNMP_TRAP_V2);
	tell(f, HERE ":162");

	assert_heard(f, ENTERPRISE ".0.2");
	assert_false(f->is_inform);
	assert_true(addr_equal(&f->from, env_udp_local(f->device.udp)));
	assert_int_equal(f->pdu.count, 3);
	assert_int_equal(f->pdu.varbind[2].value.number, 99);
	assert_int_equal(f->device.count, 0);
	assert_int_equal(snmp_listener_counts(f->listener)->traps, 1);
}

static void
an_inform_is_heard_and_answered_from_where_it_was_sent(void **state)
{
	struct fixture *f = *state;

	v2_start(f, SNMP_INFORM);
	tell(f, "192.0.2.11:162"); /* the second address of this host */

	assert_heard(f, ENTERPRISE ".0.2");
	assert_true(f->is_inform);
	assert_int_equal(f->pdu.type, SNMP_INFORM);
	const struct addr second = addr_of("192.0.2.11:162");
	assert_int_equal(f->device.count, 1);
	assert_true(addr_equal(&f->device.from, &second));
	assert_int_equal(snmp_decode(f->device.data, f->device.size, &f->answer, NULL), 0);
	assert_int_equal(f->answer.pdu.type, SNMP_RESPONSE);
	assert_int_equal(f->answer.pdu.request_id, 4711);
	assert_int_equal(f->answer.pdu.error_status, SNMP_NO_ERROR);
	assert_memory_equal(f->answer.community.data, "whatever", 8);
	assert_int_equal(f->answer.pdu.count, 3);
	for (unsigned i = 0; i < 3; i++)
		assert_true(snmp_value_equal(&f->answer.pdu.varbind[i].value,
					     &f->message.pdu.varbind[i].value));
	assert_int_equal(snmp_listener_counts(f->listener)->informs, 1);
}

static void
a_generic_trap_of_v1_gets_its_v2_name(void **state)
{
	struct fixture *f = *state;
	static const char *const names[] = { "1.3.6.1.6.3.1.1.5.1", "1.3.6.1.6.3.1.1.5.2",
					     "1.3.6.1.6.3.1.1.5.3", "1.3.6.1.6.3.1.1.5.4",
					     "1.3.6.1.6.3.1.1.5.5", "1.3.6.1.6.3.1.1.5.6" };

	for (int32_t generic = 0; generic < 6; generic++) {
		f->heard = 0;
		v1_start(f, generic, 77);
		tell(f, HERE ":162");
		assert_heard(f, names[generic]);
	}
}

static void
a_trap_of_v1_is_brought_to_the_v2_form(void **state)
{
	struct fixture *f = *state;
	const struct oid trap_oid = oid_of(TRAP_OID), enterprise = oid_of(ENTERPRISE);

	v1_start(f, 6, 2);
	add(f, ENTERPRISE ".4.1.0", SNMP_GAUGE32);
	tell(f, HERE ":162");

	assert_heard(f, ENTERPRISE ".0.2");
	assert_int_equal(f->pdu.type, SNMP_TRAP_V2);
	assert_int_equal(f->pdu.count, 5);
	assert_int_equal(f->pdu.varbind[0].value.type, SNMP_TIMETICKS);
	assert_int_equal(f->pdu.varbind[0].value.number, 1234);
	assert_int_equal(oid_compare(&f->pdu.varbind[1].name, &trap_oid), 0);
	assert_int_equal(f->pdu.varbind[2].value.type, SNMP_GAUGE32);
	assert_memory_equal(f->address, "\xc0\x00\x02\x63", 4);
	assert_int_equal(oid_compare(&f->pdu.varbind[4].value.oid, &enterprise), 0);
}

static void
a_trap_of_v1_with_many_varbinds_keeps_them(void **state)
{
	struct fixture *f = *state;

	v1_start(f, 6, 2);
	for (int i = 0; i < SNMP_VARBINDS_MAX - 2; i++)
		add(f, "1.3.6.1", SNMP_NULL);
	tell(f, HERE ":162");
	assert_heard(f, ENTERPRISE ".0.2");
	assert_int_equal(f->pdu.count, SNMP_VARBINDS_MAX);

	add(f, "1.3.6.1", SNMP_NULL); /* no room for the head of the v2 form */
	tell(f, HERE ":162");
	assert_int_equal(f->heard, 1);
	assert_int_equal(snmp_listener_counts(f->listener)->dropped, 1);
}

static void
a_trap_of_v1_without_a_valid_name_is_dropped(void **state)
{
	struct fixture *f = *state;
	static const int32_t numbers[][2] = { { 7, 0 }, { -1, 0 }, { 6, -1 }, { INT32_MIN, 0 } };

	for (size_t i = 0; i < ARRAY_COUNT(numbers); i++) {
		v1_start(f, numbers[i][0], numbers[i][1]);
		tell(f, HERE ":162");
	}
	v1_start(f, 6, 1);
	f->message.pdu.enterprise.count = OID_NUMBERS_MAX - 1; /* no room for the two numbers */
	tell(f, HERE ":162");

	assert_int_equal(f->heard, 0);
	assert_int_equal(snmp_listener_counts(f->listener)->dropped, ARRAY_COUNT(numbers) + 1);
}

static void
what_is_no_notification_is_dropped_and_not_answered(void **state)
{
	struct fixture *f = *state;
	const struct addr to = addr_of(HERE ":162");

	message_start(f, SNMP_V2C, SNMP_INFORM); /* without a name */
	add(f, UP_TIME, SNMP_TIMETICKS);
	tell(f, HERE ":162");
	v2_start(f, SNMP_INFORM); /* with a name that is none */
	f->message.pdu.varbind[1].value.type = SNMP_NULL;
	tell(f, HERE ":162");
	v2_start(f, SNMP_GET);
	tell(f, HERE ":162");
	v2_start(f, SNMP_RESPONSE);
	tell(f, HERE ":162");
	assert_int_equal(env_udp_send(f->device.udp, &to, NULL, "noise", 5), 0);
	world_run(&f->world, 3 * LATENCY_MS);

	assert_int_equal(f->heard, 0);
	assert_int_equal(f->device.count, 0);
	assert_int_equal(snmp_listener_counts(f->listener)->dropped, 5);
}

static void
heard_may_free_the_listener(void **state)
{
	struct fixture *f = *state;

	f->frees_listener = true;
	v2_start(f, SNMP_INFORM);
	tell(f, HERE ":162");

	assert_int_equal(f->heard, 1);
	assert_int_equal(f->device.count, 1);
	assert_null(f->listener);
}

static void
a_port_in_use_is_told(void **state)
{
	struct fixture *f = *state;
	const struct addr at = addr_of("0.0.0.0:162");
	struct snmp_listener *second = NULL;
	struct err err;

	assert_int_equal(snmp_listener_new(f->world.here, &at, hear, f, NULL, &second, &err),
			 DD_EBUSY);
	assert_null(second);
	assert_int_equal(snmp_listener_local(f->listener)->port, 162);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_trap_of_v2c_is_heard_and_not_answered),
		TEST(an_inform_is_heard_and_answered_from_where_it_was_sent),
		TEST(a_generic_trap_of_v1_gets_its_v2_name),
		TEST(a_trap_of_v1_is_brought_to_the_v2_form),
		TEST(a_trap_of_v1_with_many_varbinds_keeps_them),
		TEST(a_trap_of_v1_without_a_valid_name_is_dropped),
		TEST(what_is_no_notification_is_dropped_and_not_answered),
		TEST(heard_may_free_the_listener),
		TEST(a_port_in_use_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
