/* test_link.c - frames between manager and file service. */
#include "wire/link.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { SIZE_AT = 0, TYPE_AT = 4, FAMILY_AT = 25, FRAME_EMPTY = 132 }; /* of the layout in link.c */

static void
address_set(struct addr *addr, const char *text)
{
	assert_int_equal(addr_parse(text, 0, addr, NULL), 0);
}

/* A message in which every field has a value of its own. */
static struct link_message
full_message(void)
{
	struct link_message message = { .type = LINK_LEDGER,
					.id = 0x0102030405060708u,
					.grant = UINT64_MAX,
					.version = 3,
					.direction = 1,
					.protocols = 6,
					.kind = 2,
					.protocol = 1,
					.size = 1u << 31,
					.offset = 77,
					.wall_ms = -5,
					.duration_ms = INT64_MAX,
					.retransmits = UINT32_MAX,
					.port_tftp = 69,
					.port_ftp = 65535,
					.name = "c-0a1b.cfg",
					.user = "u1",
					.password = "p1",
					.text = "why \xc3\xa4",
					.bytes = { (const uint8_t *)"chunk\0x", 7 } };

	address_set(&message.address, "[2001:db8::1]:1069");
	memset(&message.content, 0xab, sizeof(message.content));
	return message;
}

static void
assert_same(const struct link_message *a, const struct link_message *b)
{
	assert_int_equal(a->type, b->type);
	assert_true(a->id == b->id && a->grant == b->grant && a->size == b->size &&
		    a->offset == b->offset);
	assert_int_equal(a->version, b->version);
	assert_true(addr_equal(&a->address, &b->address));
	assert_int_equal(a->direction, b->direction);
	assert_int_equal(a->protocols, b->protocols);
	assert_int_equal(a->kind, b->kind);
	assert_int_equal(a->protocol, b->protocol);
	assert_true(sha256_equal(&a->content, &b->content));
	assert_true(a->wall_ms == b->wall_ms && a->duration_ms == b->duration_ms);
	assert_true(a->retransmits == b->retransmits);
	assert_int_equal(a->port_tftp, b->port_tftp);
	assert_int_equal(a->port_ftp, b->port_ftp);
	assert_string_equal(a->name, b->name);
	assert_string_equal(a->user, b->user);
	assert_string_equal(a->password, b->password);
	assert_string_equal(a->text, b->text);
	assert_int_equal(a->bytes.size, b->bytes.size);
	assert_memory_equal(a->bytes.data, b->bytes.data, a->bytes.size);
}

static int64_t
decode(const struct buf *frame, size_t size, struct link_message *ret_message)
{
	return link_decode((const uint8_t *)frame->data, size, ret_message, NULL);
}

static void
test_every_field_comes_back(void **state)
{
	const struct link_message message = full_message();
	struct link_message back;
	struct buf frame = { 0 };
	(void)state;

	assert_true(link_encode(&message, &frame));
	assert_int_equal(decode(&frame, frame.size, &back), frame.size);
	assert_same(&message, &back);
	buf_done(&frame);
}

/* The bytes are a contract with tests/system/link.py and with file services of another version. */
static void
test_the_layout_is_fixed(void **state)
{
	const struct link_message message = { .type = LINK_GRANTED, .id = 5 };
	struct buf frame = { 0 };
	(void)state;

	assert_true(link_encode(&message, &frame));
	assert_int_equal(frame.size, FRAME_EMPTY);
	assert_memory_equal(frame.data, "\0\0\0\x80\5\0\0\0\0\0\0\0\5", 13);
	buf_done(&frame);
}

static void
test_a_frame_that_is_not_whole_waits(void **state)
{
	const struct link_message message = full_message();
	struct link_message back;
	struct buf frame = { 0 };
	(void)state;

	assert_true(link_encode(&message, &frame));
	for (size_t size = 0; size < frame.size; size++)
		assert_int_equal(decode(&frame, size, &back), 0);
	buf_done(&frame);
}

static void
test_one_frame_is_taken_at_a_time(void **state)
{
	struct link_message message = { .type = LINK_REVOKE, .id = 1 }, back;
	struct buf frame = { 0 };
	(void)state;

	assert_true(link_encode(&message, &frame));
	const size_t first = frame.size;
	message.id = 2;
	assert_true(link_encode(&message, &frame));
	assert_int_equal(decode(&frame, frame.size, &back), first);
	assert_int_equal(back.id, 1);
	buf_drop(&frame, first);
	assert_int_equal(decode(&frame, frame.size, &back), first);
	assert_int_equal(back.id, 2);
	buf_done(&frame);
}

static void
assert_refused(size_t at, uint8_t value)
{
	const struct link_message message = full_message();
	struct link_message back;
	struct err err = { 0 };
	struct buf frame = { 0 };

	assert_true(link_encode(&message, &frame));
	frame.data[at] = (char)value;
	assert_int_equal(link_decode((const uint8_t *)frame.data, frame.size, &back, &err),
			 DD_EPARSE);
	assert_true(err.text[0] != '\0');
	assert_null(strstr(err.text, "p1")); /* no field of the frame is quoted */
	buf_done(&frame);
}

static void
test_malformed_frames_are_refused(void **state)
{
	(void)state;
	assert_refused(SIZE_AT, 1); /* past LINK_FRAME_MAX, before it has come */
	assert_refused(TYPE_AT, 0); /* unknown types */
	assert_refused(TYPE_AT, LINK_STATUS + 1);
	assert_refused(FAMILY_AT, ADDR_UNIX); /* no address of a device */
	assert_refused(FAMILY_AT, 200);
	assert_refused(SIZE_AT + 3, 0); /* shorter than its fields */
}

static void
test_a_text_with_nul_inside_is_refused(void **state)
{
	const struct link_message message = { .type = LINK_HELLO, .name = "ab" };
	struct link_message back;
	struct buf frame = { 0 };
	(void)state;

	assert_true(link_encode(&message, &frame));
	char *name = memchr(frame.data, 'a', frame.size);
	assert_non_null(name);
	name[0] = '\0';
	assert_int_equal(decode(&frame, frame.size, &back), DD_EPARSE);
	buf_done(&frame);
}

static void
test_a_chunk_has_a_maximum(void **state)
{
	uint8_t *data = calloc(1, LINK_CHUNK_MAX + 1);
	struct link_message message = { .type = LINK_CONTENT, .bytes = { data, LINK_CHUNK_MAX } },
			    back;
	struct buf frame = { 0 };
	(void)state;

	assert_true(link_encode(&message, &frame));
	assert_int_equal(decode(&frame, frame.size, &back), frame.size);
	assert_int_equal(back.bytes.size, LINK_CHUNK_MAX);
	message.bytes.size++;
	const size_t before = frame.size;
	assert_false(link_encode(&message, &frame));
	assert_int_equal(frame.size, before);
	buf_done(&frame);
	free(data);
}

/* Add one byte to a frame and say so in the number at `at` (big-endian, four bytes). */
static void
grow(struct buf *frame, size_t at)
{
	uint32_t number = 0;

	for (size_t i = 0; i < 4; i++)
		number = number << 8 | (uint8_t)frame->data[at + i];
	number++;
	for (size_t i = 0; i < 4; i++)
		frame->data[at + i] = (char)(uint8_t)(number >> 8 * (3 - i));
}

static void
test_bytes_behind_the_fields_are_refused(void **state)
{
	const struct link_message message = { .type = LINK_REVOKE };
	struct link_message back;
	struct buf frame = { 0 };
	(void)state;

	assert_true(link_encode(&message, &frame) && buf_add_char(&frame, 'x'));
	grow(&frame, SIZE_AT);
	assert_int_equal(decode(&frame, frame.size, &back), DD_EPARSE);
	buf_done(&frame);
}

static void
test_a_chunk_past_the_maximum_is_not_read(void **state)
{
	uint8_t *data = calloc(1, LINK_CHUNK_MAX);
	const struct link_message message = { .type = LINK_CONTENT,
					      .bytes = { data, LINK_CHUNK_MAX } };
	struct link_message back;
	struct buf frame = { 0 };
	(void)state;

	assert_true(link_encode(&message, &frame) && buf_add_char(&frame, 'x'));
	grow(&frame, SIZE_AT);
	grow(&frame, FRAME_EMPTY - 4); /* the size of the bytes, which come last */
	assert_int_equal(decode(&frame, frame.size, &back), DD_EPARSE);
	buf_done(&frame);
	free(data);
}

static void
test_without_room_no_half_frame_stays(void **state)
{
	const struct link_message message = full_message();
	struct buf frame = { .size_max =
				     200 }; /* less than the message, and one small one before */
	const struct link_message small = { .type = LINK_REVOKE };
	(void)state;

	assert_true(link_encode(&small, &frame));
	assert_false(link_encode(&message, &frame));
	assert_int_equal(frame.size, FRAME_EMPTY);
	buf_done(&frame);
}

static void
test_a_text_without_end_is_not_written(void **state)
{
	struct link_message message = { .type = LINK_HELLO };
	struct buf frame = { 0 };
	(void)state;

	memset(message.text, 'x', sizeof(message.text));
	assert_false(link_encode(&message, &frame));
	assert_int_equal(frame.size, 0);
	buf_done(&frame);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_field_comes_back),
		cmocka_unit_test(test_the_layout_is_fixed),
		cmocka_unit_test(test_a_frame_that_is_not_whole_waits),
		cmocka_unit_test(test_one_frame_is_taken_at_a_time),
		cmocka_unit_test(test_malformed_frames_are_refused),
		cmocka_unit_test(test_a_text_with_nul_inside_is_refused),
		cmocka_unit_test(test_a_chunk_has_a_maximum),
		cmocka_unit_test(test_bytes_behind_the_fields_are_refused),
		cmocka_unit_test(test_a_chunk_past_the_maximum_is_not_read),
		cmocka_unit_test(test_without_room_no_half_frame_stays),
		cmocka_unit_test(test_a_text_without_end_is_not_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
