/* test_snmp.c - SNMP messages: captured bytes of net-snmp's tools, round trips, malformed input. */
#include "wire/snmp.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* snmpget -v2c -c public 127.0.0.1 1.3.6.1.2.1.1.1.0 */
static const uint8_t get_v2c[] = { 0x30, 0x29, 0x02, 0x01, 0x01, 0x04, 0x06, 'p',  'u',  'b',  'l',
				   'i',  'c',  0xa0, 0x1c, 0x02, 0x04, 0x12, 0x34, 0x56, 0x78, 0x02,
				   0x01, 0x00, 0x02, 0x01, 0x00, 0x30, 0x0e, 0x30, 0x0c, 0x06, 0x08,
				   0x2b, 0x06, 0x01, 0x02, 0x01, 0x01, 0x01, 0x00, 0x05, 0x00 };

struct fixture {
	struct snmp_message message, back;
	uint8_t buffer[SNMP_MESSAGE_MAX];
};

static int
setup(void **state)
{
	*state = calloc(1, sizeof(struct fixture));
	return *state ? 0 : -1;
}

static int
teardown(void **state)
{
	free(*state);
	return 0;
}

static struct oid
oid_of(const char *text)
{
	struct oid oid;

	assert_int_equal(oid_parse(text, &oid, NULL), 0);
	return oid;
}

static struct slice
slice_of(const char *text)
{
	return (struct slice){ (const uint8_t *)text, strlen(text) };
}

/* Decode a copy of exact size, so that the sanitizer sees a read past the end. */
static int
decode_exact(const uint8_t *data, size_t size, struct snmp_message *ret, struct err *err)
{
	uint8_t *copy = malloc(size ? size : 1);

	assert_non_null(copy);
	memcpy(copy, data, size);
	const int r = snmp_decode(copy, size, ret, err);
	free(copy);
	return r;
}

static void
message_start(struct snmp_message *message, uint8_t version, uint8_t type)
{
	message->version = version;
	message->community = slice_of("public");
	message->pdu.type = type;
	message->pdu.request_id = 0x12345678;
	message->pdu.error_status = message->pdu.error_index = 0;
	message->pdu.count = 0;
}

static void
a_captured_get_is_read_and_written_alike(void **state)
{
	struct fixture *f = *state;
	struct err err;
	const struct oid name = oid_of("1.3.6.1.2.1.1.1.0");

	assert_int_equal(snmp_decode(get_v2c, sizeof(get_v2c), &f->message, &err), 0);

	assert_int_equal(f->message.version, SNMP_V2C);
	assert_int_equal(f->message.community.size, 6);
	assert_memory_equal(f->message.community.data, "public", 6);
	assert_int_equal(f->message.pdu.type, SNMP_GET);
	assert_int_equal(f->message.pdu.request_id, 0x12345678);
	assert_int_equal(f->message.pdu.count, 1);
	assert_int_equal(oid_compare(&f->message.pdu.varbind[0].name, &name), 0);
	assert_int_equal(f->message.pdu.varbind[0].value.type, SNMP_NULL);
	assert_int_equal(snmp_encode(&f->message, f->buffer, sizeof(f->buffer)), sizeof(get_v2c));
	assert_memory_equal(f->buffer, get_v2c, sizeof(get_v2c));
}

static void
add_every_type(struct snmp_pdu *pdu)
{
	static const uint8_t address[4] = { 192, 0, 2, 1 };
	const struct oid name = oid_of("1.3.6.1.4.1.8072.9999.9999.1");

	snmp_pdu_add(pdu, &name, SNMP_INTEGER)->value.integer = -5;
	snmp_pdu_add(pdu, &name, SNMP_OCTETS)->value.octets = slice_of("hello");
	snmp_pdu_add(pdu, &name, SNMP_NULL);
	snmp_pdu_add(pdu, &name, SNMP_OID)->value.oid = name;
	snmp_pdu_add(pdu, &name, SNMP_IPADDRESS)->value.octets = (struct slice){ address, 4 };
	snmp_pdu_add(pdu, &name, SNMP_COUNTER32)->value.number = UINT32_MAX;
	snmp_pdu_add(pdu, &name, SNMP_GAUGE32)->value.number = 128;
	snmp_pdu_add(pdu, &name, SNMP_TIMETICKS)->value.number = 0;
	snmp_pdu_add(pdu, &name, SNMP_OPAQUE)->value.octets = slice_of("\x9f\x78\x04\x42\xf6\x01");
	snmp_pdu_add(pdu, &name, SNMP_COUNTER64)->value.number = UINT64_MAX;
	snmp_pdu_add(pdu, &name, SNMP_NO_SUCH_OBJECT);
	snmp_pdu_add(pdu, &name, SNMP_NO_SUCH_INSTANCE);
	snmp_pdu_add(pdu, &name, SNMP_END_OF_MIB_VIEW);
	snmp_pdu_add(pdu, &name, SNMP_OCTETS);
}

static void
every_type_survives(void **state)
{
	struct fixture *f = *state;
	struct err err;

	message_start(&f->message, SNMP_V2C, SNMP_RESPONSE);
	add_every_type(&f->message.pdu);
	f->message.pdu.error_status = SNMP_INCONSISTENT_VALUE;
	f->message.pdu.error_index = 3;

	const int64_t size = snmp_encode(&f->message, f->buffer, sizeof(f->buffer));
	assert_true(size > 0);
	assert_int_equal(snmp_decode(f->buffer, (size_t)size, &f->back, &err), 0);

	assert_int_equal(f->back.pdu.error_status, SNMP_INCONSISTENT_VALUE);
	assert_int_equal(f->back.pdu.error_index, 3);
	assert_int_equal(f->back.pdu.count, f->message.pdu.count);
	for (unsigned i = 0; i < f->back.pdu.count; i++)
		assert_true(snmp_value_equal(&f->back.pdu.varbind[i].value,
					     &f->message.pdu.varbind[i].value));
}

static void
a_v1_trap_survives(void **state)
{
	struct fixture *f = *state;

	message_start(&f->message, SNMP_V1, SNMP_TRAP_V1);
	f->message.pdu.enterprise = oid_of("1.3.6.1.4.1.9");
	memcpy(f->message.pdu.agent_address, "\xc0\x00\x02\x07", 4);
	f->message.pdu.generic = 6;
	f->message.pdu.specific = 42;
	f->message.pdu.ticks = UINT32_MAX;
	add_every_type(&f->message.pdu);

	const int64_t size = snmp_encode(&f->message, f->buffer, sizeof(f->buffer));
	assert_int_equal(snmp_decode(f->buffer, (size_t)size, &f->back, NULL), 0);

	assert_int_equal(f->back.pdu.generic, 6);
	assert_int_equal(f->back.pdu.specific, 42);
	assert_int_equal(f->back.pdu.ticks, UINT32_MAX);
	assert_memory_equal(f->back.pdu.agent_address, "\xc0\x00\x02\x07", 4);
	assert_int_equal(oid_compare(&f->back.pdu.enterprise, &f->message.pdu.enterprise), 0);
	assert_int_equal(f->back.pdu.count, f->message.pdu.count);
}

static void
no_cut_message_is_read(void **state)
{
	struct fixture *f = *state;
	struct err err;

	message_start(&f->message, SNMP_V2C, SNMP_RESPONSE);
	add_every_type(&f->message.pdu);
	const int64_t size = snmp_encode(&f->message, f->buffer, sizeof(f->buffer));

	for (size_t cut = 0; cut < (size_t)size; cut++)
		assert_int_equal(decode_exact(f->buffer, cut, &f->back, &err), DD_EPARSE);
}

/* Every byte takes every value: read or refused, never worse (the sanitizers look on). */
static void
no_single_damaged_byte_does_harm(void **state)
{
	struct fixture *f = *state;
	uint8_t copy[sizeof(get_v2c)];
	unsigned refused = 0;

	memcpy(copy, get_v2c, sizeof(copy));
	for (size_t i = 0; i < sizeof(copy); i++) {
		for (unsigned value = 0; value < 256; value++) {
			struct err err;
			copy[i] = (uint8_t)value;
			const int r = decode_exact(copy, sizeof(copy), &f->back, &err);
			refused += r < 0;
			assert_true(r == 0 || r == DD_EPARSE || r == DD_EUNSUPPORTED);
			assert_true(r == 0 || strncmp(err.text, "SNMP: ", 6) == 0);
		}
		copy[i] = get_v2c[i];
	}
	assert_true(refused > sizeof(copy) * 100);
}

static void
bytes_behind_the_message_are_ignored(void **state)
{
	struct fixture *f = *state;
	uint8_t longer[sizeof(get_v2c) + 3];

	memcpy(longer, get_v2c, sizeof(get_v2c));
	memcpy(longer + sizeof(get_v2c), "abc", 3);

	assert_int_equal(snmp_decode(longer, sizeof(longer), &f->message, NULL), 0);
	assert_int_equal(f->message.pdu.count, 1);
}

/* Put `extra` into get_v2c behind `at`, and make each of the `count` lengths at `length_at` larger
 * by its size. */
static int
decode_with_extra(struct fixture *f, size_t at, const char *extra, const size_t *length_at,
		  size_t count, struct err *err)
{
	const size_t size = strlen(extra);

	memcpy(f->buffer, get_v2c, at);
	memcpy(f->buffer + at, extra, size);
	memcpy(f->buffer + at + size, get_v2c + at, sizeof(get_v2c) - at);
	for (size_t i = 0; i < count; i++)
		f->buffer[length_at[i]] += (uint8_t)size;
	return decode_exact(f->buffer, sizeof(get_v2c) + size, &f->back, err);
}

static void
bytes_too_many_inside_are_refused(void **state)
{
	struct fixture *f = *state;
	/* the lengths of message, pdu, varbind list, varbind, NULL */
	static const size_t lengths[] = { 1, 14, 28, 30, 42 };
	struct err err;

	for (size_t count = 1; count <= ARRAY_COUNT(lengths); count++)
		assert_int_equal(
			decode_with_extra(f, sizeof(get_v2c), "\x05", lengths, count, &err),
			DD_EPARSE);
}

static void
padded_numbers_are_read(void **state)
{
	struct fixture *f = *state;
	static const size_t lengths[] = { 1, 14, 16 };

	/* given the request-id 0x12345678 with two zero bytes before it */
	uint8_t longer[sizeof(get_v2c) + 2] = { 0 };
	memcpy(longer, get_v2c, 17);
	memcpy(longer + 19, get_v2c + 17, sizeof(get_v2c) - 17);
	for (size_t i = 0; i < ARRAY_COUNT(lengths); i++)
		longer[lengths[i]] = (uint8_t)(longer[lengths[i]] + 2);

	assert_int_equal(decode_exact(longer, sizeof(longer), &f->back, NULL), 0);
	assert_int_equal(f->back.pdu.request_id, 0x12345678);
}

static void
version_3_is_told_apart(void **state)
{
	struct fixture *f = *state;
	uint8_t copy[sizeof(get_v2c)];
	struct err err;

	memcpy(copy, get_v2c, sizeof(copy));
	copy[4] = 3;

	assert_int_equal(snmp_decode(copy, sizeof(copy), &f->message, &err), DD_EUNSUPPORTED);
}

static void
pdus_of_the_other_version_are_refused(void **state)
{
	struct fixture *f = *state;
	uint8_t copy[sizeof(get_v2c)];

	memcpy(copy, get_v2c, sizeof(copy));
	copy[4] = SNMP_V1;
	for (uint8_t tag = SNMP_TRAP_V1 + 1; tag <= SNMP_REPORT; tag++) {
		copy[13] = tag;
		assert_int_equal(snmp_decode(copy, sizeof(copy), &f->message, NULL), DD_EPARSE);
	}
	message_start(&f->message, SNMP_V1, SNMP_TRAP_V1);
	f->message.pdu.enterprise = oid_of("1.3");
	const int64_t size = snmp_encode(&f->message, f->buffer, sizeof(f->buffer));
	f->buffer[4] = SNMP_V2C;
	assert_int_equal(snmp_decode(f->buffer, (size_t)size, &f->back, NULL), DD_EPARSE);
}

static void
a_message_holds_64_varbinds_and_no_more(void **state)
{
	struct fixture *f = *state;
	const struct oid name = oid_of("1.3.6");
	struct err err;

	/* given a full message of 64 varbinds */
	message_start(&f->message, SNMP_V2C, SNMP_GET);
	while (snmp_pdu_add(&f->message.pdu, &name, SNMP_NULL))
		;
	assert_int_equal(f->message.pdu.count, SNMP_VARBINDS_MAX);
	const int64_t size = snmp_encode(&f->message, f->buffer, sizeof(f->buffer));
	assert_int_equal(snmp_decode(f->buffer, (size_t)size, &f->back, &err), 0);
	assert_int_equal(f->back.pdu.count, SNMP_VARBINDS_MAX);

	/* when a 65th is put behind them: all lengths have the form 0x82 hi lo */
	static const uint8_t varbind[] = { 0x30, 0x06, 0x06, 0x02, 0x2b, 0x06, 0x05, 0x00 };
	memcpy(f->buffer + size, varbind, sizeof(varbind));
	const size_t lengths[] = { 3, 18, 34 };
	for (size_t i = 0; i < ARRAY_COUNT(lengths); i++) {
		assert_int_equal(f->buffer[lengths[i] - 2], 0x82);
		const unsigned length = f->buffer[lengths[i] - 1] * 256u + f->buffer[lengths[i]] +
					(unsigned)sizeof(varbind);
		f->buffer[lengths[i] - 1] = (uint8_t)(length >> 8);
		f->buffer[lengths[i]] = (uint8_t)length;
	}

	/* then it is refused by name */
	assert_int_equal(snmp_decode(f->buffer, (size_t)size + sizeof(varbind), &f->back, &err),
			 DD_EPARSE);
	assert_non_null(strstr(err.text, "more than 64 varbinds"));
}

static void
a_full_buffer_is_told(void **state)
{
	struct fixture *f = *state;

	message_start(&f->message, SNMP_V2C, SNMP_RESPONSE);
	add_every_type(&f->message.pdu);
	const int64_t size = snmp_encode(&f->message, f->buffer, sizeof(f->buffer));

	for (size_t room = 0; room < (size_t)size; room++)
		assert_int_equal(snmp_encode(&f->message, f->buffer, room), DD_EFULL);
	assert_int_equal(snmp_encode(&f->message, f->buffer, (size_t)size), size);
}

static void
ip_address_must_have_four_bytes(void **state)
{
	struct fixture *f = *state;
	static const uint8_t address[4] = { 192, 0, 2, 1 };
	const struct oid name = oid_of("1.3.6");

	message_start(&f->message, SNMP_V2C, SNMP_RESPONSE);
	snmp_pdu_add(&f->message.pdu, &name, SNMP_IPADDRESS)->value.octets =
		(struct slice){ address, 4 };
	snmp_pdu_add(&f->message.pdu, &name, SNMP_OCTETS)->value.octets = slice_of("12345");
	const int64_t size = snmp_encode(&f->message, f->buffer, sizeof(f->buffer));
	assert_int_equal(snmp_decode(f->buffer, (size_t)size, &f->back, NULL), 0);

	f->buffer[size - 7] = SNMP_IPADDRESS; /* the tag of the five octets */
	assert_int_equal(snmp_decode(f->buffer, (size_t)size, &f->back, NULL), DD_EPARSE);
}

static void
numbers_are_read_from_every_type_that_has_one(void **state)
{
	const struct snmp_value positive = { SNMP_INTEGER, { .integer = 7 } },
				negative = { SNMP_INTEGER, { .integer = -7 } },
				gauge = { SNMP_GAUGE32, { .number = 8 } },
				text = { SNMP_OCTETS, { .octets = { NULL, 0 } } };
	uint64_t number = 1;

	(void)state;
	assert_true(snmp_value_number(&positive, &number) && number == 7);
	assert_true(snmp_value_number(&gauge, &number) && number == 8);
	assert_false(snmp_value_number(&negative, &number));
	assert_false(snmp_value_number(&text, &number));
	assert_int_equal(number, 8);
}

static void
errors_have_names(void **state)
{
	(void)state;
	assert_string_equal(snmp_error_name(SNMP_NO_ERROR), "noError");
	assert_string_equal(snmp_error_name(SNMP_INCONSISTENT_NAME), "inconsistentName");
	assert_string_equal(snmp_error_name(19), "unknown error");
	assert_string_equal(snmp_error_name(-1), "unknown error");
}

static void
varbinds_are_found_by_name(void **state)
{
	struct fixture *f = *state;
	const struct oid first = oid_of("1.3.6.1"), second = oid_of("1.3.6.2"),
			 third = oid_of("1.3.6.3");

	message_start(&f->message, SNMP_V2C, SNMP_GET);
	snmp_pdu_add(&f->message.pdu, &first, SNMP_NULL);
	snmp_pdu_add(&f->message.pdu, &second, SNMP_NULL);

	assert_ptr_equal(snmp_pdu_find(&f->message.pdu, &second), &f->message.pdu.varbind[1]);
	assert_null(snmp_pdu_find(&f->message.pdu, &third));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_captured_get_is_read_and_written_alike),
		TEST(every_type_survives),
		TEST(a_v1_trap_survives),
		TEST(no_cut_message_is_read),
		TEST(no_single_damaged_byte_does_harm),
		TEST(bytes_behind_the_message_are_ignored),
		TEST(bytes_too_many_inside_are_refused),
		TEST(padded_numbers_are_read),
		TEST(version_3_is_told_apart),
		TEST(pdus_of_the_other_version_are_refused),
		TEST(a_message_holds_64_varbinds_and_no_more),
		TEST(a_full_buffer_is_told),
		TEST(ip_address_must_have_four_bytes),
		TEST(numbers_are_read_from_every_type_that_has_one),
		TEST(errors_have_names),
		TEST(varbinds_are_found_by_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
