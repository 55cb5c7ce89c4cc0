/* test_tftp.c - packets of TFTP, as RFC 1350 and RFC 2347 to 2349 draw them, and as nobody should
 * send them. */
#include "wire/tftp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define BYTES(text) (const uint8_t *)(text), sizeof(text) - 1

static struct tftp_packet
decoded(const uint8_t *data, size_t size)
{
	struct tftp_packet packet;

	assert_int_equal(tftp_decode(data, size, &packet, NULL), 0);
	return packet;
}

static void
assert_malformed(const uint8_t *data, size_t size)
{
	struct tftp_packet packet;
	struct err err = { 0 };

	assert_int_equal(tftp_decode(data, size, &packet, &err), DD_EPARSE);
	assert_true(err.text[0] != '\0');
}

static void
test_request_without_options(void **state)
{
	(void)state;
	const struct tftp_packet packet = decoded(BYTES("\0\1startup-config\0octet\0"));

	assert_int_equal(packet.opcode, TFTP_RRQ);
	assert_string_equal(packet.name, "startup-config");
	assert_int_equal(packet.mode, TFTP_OCTET);
	assert_false(packet.options.has_blksize);
	assert_false(packet.options.has_timeout);
	assert_false(packet.options.has_tsize);
}

static void
test_mode_and_option_names_in_any_case(void **state)
{
	(void)state;
	const struct tftp_packet packet =
		decoded(BYTES("\0\2f\0OcTeT\0BlkSize\0001400\0TSIZE\0007\0"));

	assert_int_equal(packet.opcode, TFTP_WRQ);
	assert_int_equal(packet.mode, TFTP_OCTET);
	assert_int_equal(packet.options.blksize, 1400);
	assert_int_equal(packet.options.tsize, 7);
}

static void
test_first_of_a_repeated_option_wins(void **state)
{
	(void)state;
	const struct tftp_packet packet =
		decoded(BYTES("\0\1f\0octet\0blksize\0001024\0blksize\0008\0"));

	assert_int_equal(packet.options.blksize, 1024);
}

/* Values from files.md section 3, which other servers echo, crash on or answer with nonsense. */
static void
test_impossible_values_of_a_request_are_left_out(void **state)
{
	static const struct {
		const char *value;
		size_t size;
	} cases[] = { { "-1", 2 }, { "0", 1 },    { "7", 1 },    { "abc", 3 },
		      { "", 0 },   { " 512", 4 }, { "+512", 4 }, { "9999999999999999999999", 22 } };
	(void)state;

	for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
		uint8_t data[64] = "\0\1f\0octet\0blksize";
		const size_t start = sizeof("\0\1f\0octet\0blksize");
		memcpy(data + start, cases[i].value, cases[i].size + 1);
		const struct tftp_packet packet = decoded(data, start + cases[i].size + 1);
		assert_false(packet.options.has_blksize);
	}
}

static void
test_blksize_past_the_maximum_becomes_it(void **state)
{
	(void)state;
	assert_int_equal(decoded(BYTES("\0\1f\0octet\0blksize\00065465\0")).options.blksize,
			 TFTP_BLKSIZE_MAX);
	assert_int_equal(decoded(BYTES("\0\1f\0octet\0blksize\0008\0")).options.blksize, 8);
}

static void
test_timeout_is_one_byte_and_not_zero(void **state)
{
	(void)state;
	assert_false(decoded(BYTES("\0\1f\0octet\0timeout\0000\0")).options.has_timeout);
	assert_false(decoded(BYTES("\0\1f\0octet\0timeout\000256\0")).options.has_timeout);
	assert_int_equal(decoded(BYTES("\0\1f\0octet\0timeout\000255\0")).options.timeout_s, 255);
}

static void
test_unknown_options_are_passed_over(void **state)
{
	(void)state;
	const struct tftp_packet packet =
		decoded(BYTES("\0\1f\0octet\0windowsize\00016\0multicast\0\0tsize\0000\0"));

	assert_true(packet.options.has_tsize);
	assert_int_equal(packet.options.tsize, 0);
}

static void
test_malformed_packets_are_refused(void **state)
{
	static const struct {
		const char *bytes;
		size_t size;
	} cases[] = {
		{ "", 0 },
		{ "\0", 1 },
		{ "\0\1", 2 },
		{ "\0\0f\0octet\0", 10 },          /* no opcode 0 */
		{ "\0\7f\0octet\0", 10 },          /* nor 7 */
		{ "\1\1f\0octet\0", 10 },          /* nor 257 */
		{ "\0\1f", 3 },                    /* the name does not end */
		{ "\0\1f\0octet", 9 },             /* the mode does not end */
		{ "\0\1f\0", 4 },                  /* no mode */
		{ "\0\1\0octet\0", 9 },            /* no name */
		{ "\0\1f\0mail\0", 9 },            /* RFC 1350 has buried it */
		{ "\0\1a\nb\0octet\0", 12 },       /* control characters */
		{ "\0\1f\0octet\0blksize\0", 18 }, /* an option without value */
		{ "\0\1f\0octet\0x\0001", 13 },    /* a value that does not end */
		{ "\0\3\0", 3 },
		{ "\0\4\0", 3 },
		{ "\0\5\0", 3 },
	};
	(void)state;

	for (size_t i = 0; i < ARRAY_COUNT(cases); i++)
		assert_malformed((const uint8_t *)cases[i].bytes, cases[i].size);
}

static void
test_names_and_requests_have_a_maximum(void **state)
{
	uint8_t data[TFTP_REQUEST_MAX + 1] = "\0\1";
	(void)state;

	memset(data + 2, 'a', TFTP_NAME_MAX + 1);
	memcpy(data + 2 + TFTP_NAME_MAX, "\0octet", 7);
	assert_int_equal(strlen(decoded(data, 2 + TFTP_NAME_MAX + 7).name), TFTP_NAME_MAX);
	data[2 + TFTP_NAME_MAX] = 'a';
	memcpy(data + 3 + TFTP_NAME_MAX, "\0octet", 7);
	assert_malformed(data, 3 + TFTP_NAME_MAX + 7);

	memcpy(data, "\0\1f\0octet", 10);
	memset(data + 10, 'o', sizeof(data) - 10);
	data[20] = data[TFTP_REQUEST_MAX - 1] = data[TFTP_REQUEST_MAX] = '\0';
	(void)decoded(data, TFTP_REQUEST_MAX);
	assert_malformed(data, sizeof(data));
}

static void
test_an_accepted_option_must_be_possible(void **state)
{
	(void)state;
	const struct tftp_packet packet = decoded(BYTES("\0\6blksize\0001428\0tsize\000100\0"));

	assert_int_equal(packet.options.blksize, 1428);
	assert_int_equal(packet.options.tsize, 100);
	assert_malformed(BYTES("\0\6blksize\00065465\0"));
	assert_malformed(BYTES("\0\6blksize\000-1\0"));
	assert_malformed(BYTES("\0\6timeout\0000\0"));
	assert_malformed(BYTES("\0\6tsize\000x\0"));
}

static void
test_data_and_ack(void **state)
{
	(void)state;
	struct tftp_packet packet = decoded(BYTES("\0\3\377\377ab"));

	assert_int_equal(packet.block, 65535);
	assert_int_equal(packet.data.size, 2);
	assert_memory_equal(packet.data.data, "ab", 2);
	packet = decoded(BYTES("\0\3\0\1"));
	assert_int_equal(packet.data.size, 0);
	packet = decoded(BYTES("\0\4\0\2"));
	assert_int_equal(packet.block, 2);
}

static void
test_data_past_the_largest_block_is_refused(void **state)
{
	uint8_t *data = calloc(1, TFTP_HEADER_SIZE + TFTP_BLKSIZE_MAX + 1);
	(void)state;

	data[1] = TFTP_DATA;
	assert_int_equal(decoded(data, TFTP_HEADER_SIZE + TFTP_BLKSIZE_MAX).data.size,
			 TFTP_BLKSIZE_MAX);
	assert_malformed(data, TFTP_HEADER_SIZE + TFTP_BLKSIZE_MAX + 1);
	free(data);
}

static void
test_error_text_is_cleaned_and_may_lack_its_end(void **state)
{
	(void)state;
	assert_string_equal(decoded(BYTES("\0\5\0\1no\x1b[2J\0")).text, "no?[2J");
	assert_string_equal(decoded(BYTES("\0\5\0\1no")).text, "no");
	assert_string_equal(decoded(BYTES("\0\5\0\1")).text, "");
	assert_int_equal(decoded(BYTES("\0\5\1\2x\0")).code, 258);
}

static void
test_written_bytes_are_those_of_the_rfc(void **state)
{
	uint8_t out[64];
	(void)state;
	struct tftp_packet packet = { .opcode = TFTP_OACK,
				      .options = { .has_blksize = true,
						   .blksize = 1468,
						   .has_timeout = true,
						   .timeout_s = 3,
						   .has_tsize = true } };

	static const char oack[] = "\0\6blksize\0001468\0timeout\0003\0tsize\0000";
	assert_int_equal(tftp_encode(&packet, out, sizeof(out)), sizeof(oack));
	assert_memory_equal(out, oack, sizeof(oack));

	packet = (struct tftp_packet){ .opcode = TFTP_ACK, .block = 513 };
	assert_int_equal(tftp_encode(&packet, out, sizeof(out)), 4);
	assert_memory_equal(out, "\0\4\2\1", 4);

	packet = (struct tftp_packet){ .opcode = TFTP_ERROR, .code = 3, .text = "full" };
	assert_int_equal(tftp_encode(&packet, out, sizeof(out)), 9);
	assert_memory_equal(out, "\0\5\0\3full\0", 9);
}

static void
test_without_room_nothing_is_written_past_the_end(void **state)
{
	uint8_t out[16];
	const struct tftp_packet packet = { .opcode = TFTP_DATA,
					    .data = { (const uint8_t *)"abcd", 4 } };
	(void)state;

	for (size_t room = 0; room < 8; room++) {
		memset(out, 0xee, sizeof(out));
		assert_int_equal(tftp_encode(&packet, out, room), DD_EFULL);
		for (size_t i = room; i < sizeof(out); i++)
			assert_int_equal(out[i], 0xee);
	}
	assert_int_equal(tftp_encode(&packet, out, 8), 8);
}

static void
test_impossible_packets_are_not_written(void **state)
{
	uint8_t out[64];
	const struct tftp_packet cases[] = {
		{ .opcode = 0 },
		{ .opcode = 7 },
		{ .opcode = TFTP_RRQ },
		{ .opcode = TFTP_RRQ, .name = "a\nb" },
		{ .opcode = TFTP_RRQ, .name = "a", .mode = 2 },
		{ .opcode = TFTP_OACK, .options = { .has_blksize = true, .blksize = 7 } },
		{ .opcode = TFTP_OACK, .options = { .has_timeout = true, .timeout_s = 256 } },
		{ .opcode = TFTP_OACK, .options = { .has_tsize = true, .tsize = UINT64_MAX } },
	};
	(void)state;

	for (size_t i = 0; i < ARRAY_COUNT(cases); i++)
		assert_int_equal(tftp_encode(&cases[i], out, sizeof(out)), DD_EINVAL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_request_without_options),
		cmocka_unit_test(test_mode_and_option_names_in_any_case),
		cmocka_unit_test(test_first_of_a_repeated_option_wins),
		cmocka_unit_test(test_impossible_values_of_a_request_are_left_out),
		cmocka_unit_test(test_blksize_past_the_maximum_becomes_it),
		cmocka_unit_test(test_timeout_is_one_byte_and_not_zero),
		cmocka_unit_test(test_unknown_options_are_passed_over),
		cmocka_unit_test(test_malformed_packets_are_refused),
		cmocka_unit_test(test_names_and_requests_have_a_maximum),
		cmocka_unit_test(test_an_accepted_option_must_be_possible),
		cmocka_unit_test(test_data_and_ack),
		cmocka_unit_test(test_data_past_the_largest_block_is_refused),
		cmocka_unit_test(test_error_text_is_cleaned_and_may_lack_its_end),
		cmocka_unit_test(test_written_bytes_are_those_of_the_rfc),
		cmocka_unit_test(test_without_room_nothing_is_written_past_the_end),
		cmocka_unit_test(test_impossible_packets_are_not_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
