/* test_ber.c - BER elements: what is taken, what is refused, what is written. */
#include "wire/ber.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define BYTES(...) (const uint8_t[]){ __VA_ARGS__ }, sizeof((const uint8_t[]){ __VA_ARGS__ })

/* The bytes in a block of their exact size, so that the sanitizer sees a read past them. */
static struct ber_reader
reader_of(const uint8_t *data, size_t size)
{
	uint8_t *copy = malloc(size);

	assert_non_null(copy);
	memcpy(copy, data, size);
	return (struct ber_reader){ copy, copy + size };
}

static void
reader_done(const struct ber_reader *reader, size_t size)
{
	free((void *)(uintptr_t)(reader->end - size));
}

static bool
is_element(const uint8_t *data, size_t size, size_t content_size)
{
	struct ber_reader reader = reader_of(data, size), content = { 0 };
	uint8_t tag;

	const bool is_read = ber_read(&reader, &tag, &content) &&
			     (size_t)(content.end - content.next) == content_size;
	reader_done(&reader, size);
	return is_read;
}

static void
lengths_in_every_definite_form_are_taken(void **state)
{
	(void)state;
	assert_true(is_element(BYTES(0x04, 0x00), 0));
	assert_true(is_element(BYTES(0x04, 0x02, 'a', 'b'), 2));
	assert_true(is_element(BYTES(0x04, 0x81, 0x02, 'a', 'b'), 2));
	assert_true(is_element(BYTES(0x04, 0x82, 0x00, 0x02, 'a', 'b'), 2));
	assert_true(is_element(BYTES(0x04, 0x84, 0x00, 0x00, 0x00, 0x02, 'a', 'b', 'c'), 2));
}

static void
bad_headers_are_refused(void **state)
{
	(void)state;
	assert_false(is_element(BYTES(0x04), 0));
	assert_false(is_element(BYTES(0x04, 0x03, 'a', 'b'), 3));
	assert_false(is_element(BYTES(0x30, 0x80, 0x00, 0x00), 0)); /* indefinite */
	assert_false(is_element(BYTES(0x04, 0x81), 0));
	assert_false(is_element(BYTES(0x04, 0x82, 0x00), 0));
	assert_false(is_element(BYTES(0x04, 0x84, 0xff, 0xff, 0xff, 0xff, 'a'), 1));
	assert_false(is_element(BYTES(0x04, 0x85, 0x00, 0x00, 0x00, 0x00, 0x01, 'a'), 1));
	assert_false(is_element(BYTES(0x04, 0xff, 'a'), 1));
	assert_false(is_element(BYTES(0x1f, 0x01, 'a'), 1)); /* a tag of several bytes */
	assert_false(is_element(BYTES(0xbf, 0x01, 'a'), 1));
}

static bool
int_of(const uint8_t *data, size_t size, int32_t *ret)
{
	struct ber_reader reader = reader_of(data, size);
	const bool is_read = ber_content_int(&reader, ret);

	reader_done(&reader, size);
	return is_read;
}

static void
integers_that_fit_are_taken(void **state)
{
	int32_t n;

	(void)state;
	assert_true(int_of(BYTES(0x00), &n) && n == 0);
	assert_true(int_of(BYTES(0x7f), &n) && n == 127);
	assert_true(int_of(BYTES(0x80), &n) && n == -128);
	assert_true(int_of(BYTES(0x7f, 0xff, 0xff, 0xff), &n) && n == INT32_MAX);
	assert_true(int_of(BYTES(0x80, 0x00, 0x00, 0x00), &n) && n == INT32_MIN);
	assert_true(int_of(BYTES(0x00, 0x7f, 0xff, 0xff, 0xff), &n) && n == INT32_MAX);
	assert_true(int_of(BYTES(0xff, 0x80, 0x00, 0x00, 0x00), &n) && n == INT32_MIN);
	assert_true(int_of(BYTES(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5), &n) && n == 5);
	assert_true(int_of(BYTES(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff), &n) &&
		    n == -1);
}

static void
integers_outside_32_bits_are_refused(void **state)
{
	int32_t n;

	(void)state;
	struct ber_reader empty = { (const uint8_t *)"", (const uint8_t *)"" };
	empty.end = empty.next;
	assert_false(ber_content_int(&empty, &n));
	assert_false(int_of(BYTES(0x00, 0x80, 0x00, 0x00, 0x00), &n));
	assert_false(int_of(BYTES(0xff, 0x7f, 0xff, 0xff, 0xff), &n));
	assert_false(int_of(BYTES(1, 0, 0, 0, 0, 0, 0, 0, 0), &n));
	assert_false(int_of(BYTES(0xff, 0x00, 0, 0, 0, 0, 0, 0, 0), &n)); /* -2^64 */
	assert_false(int_of(BYTES(0x80, 0, 0, 0, 0, 0, 0, 0, 0), &n));
}

static bool
unsigned_of(const uint8_t *data, size_t size, uint64_t max, uint64_t *ret)
{
	struct ber_reader reader = reader_of(data, size);
	const bool is_read = ber_content_unsigned(&reader, max, ret);

	reader_done(&reader, size);
	return is_read;
}

static void
unsigned_numbers_of_good_and_broken_agents_are_taken(void **state)
{
	uint64_t n;

	(void)state;
	assert_true(unsigned_of(BYTES(0x00, 0xff, 0xff, 0xff, 0xff), UINT32_MAX, &n) &&
		    n == UINT32_MAX);
	assert_true(unsigned_of(BYTES(0xff, 0xff, 0xff, 0xfe), UINT32_MAX, &n) &&
		    n == UINT32_MAX - 1); /* without its zero byte */
	assert_true(unsigned_of(BYTES(0xfb), UINT32_MAX, &n) && n == UINT32_MAX - 4); /* -5 */
	assert_true(unsigned_of(BYTES(0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff),
				UINT64_MAX, &n) &&
		    n == UINT64_MAX);
	assert_true(unsigned_of(BYTES(0x80, 0, 0, 0, 0, 0, 0, 0), UINT64_MAX, &n) &&
		    n == (uint64_t)1 << 63);
}

static void
unsigned_numbers_past_their_maximum_are_refused(void **state)
{
	uint64_t n;

	(void)state;
	assert_false(unsigned_of(BYTES(1, 0, 0, 0, 0), UINT32_MAX, &n));
	assert_false(unsigned_of(BYTES(0xff, 0, 0, 0, 0), UINT32_MAX, &n));
	assert_false(unsigned_of(BYTES(1, 0, 0, 0, 0, 0, 0, 0, 0), UINT64_MAX, &n));
	assert_false(unsigned_of(BYTES(0xff), 100, &n));
}

static bool
oid_of(const uint8_t *data, size_t size, struct oid *ret)
{
	struct ber_reader reader = reader_of(data, size);
	const bool is_read = ber_content_oid(&reader, ret);

	reader_done(&reader, size);
	return is_read;
}

static bool
oid_is(const uint8_t *data, size_t size, const char *text)
{
	struct oid oid;
	char buf[OID_TEXT_MAX];

	return oid_of(data, size, &oid) && strcmp(oid_text(&oid, buf), text) == 0;
}

static void
object_identifiers_are_taken(void **state)
{
	(void)state;
	assert_true(oid_is(BYTES(0x2b, 6, 1), "1.3.6.1"));
	assert_true(oid_is(BYTES(0x00), "0.0"));
	assert_true(oid_is(BYTES(0x27), "0.39"));
	assert_true(oid_is(BYTES(0x28), "1.0"));
	assert_true(oid_is(BYTES(0x4f), "1.39"));
	assert_true(oid_is(BYTES(0x50), "2.0"));
	assert_true(oid_is(BYTES(0x88, 0x37, 3), "2.999.3"));
	assert_true(oid_is(BYTES(0x8f, 0xff, 0xff, 0xff, 0x7f), "2.4294967215"));
	assert_true(oid_is(BYTES(0x2b, 0x8f, 0xff, 0xff, 0xff, 0x7f), "1.3.4294967295"));
	assert_true(oid_is(BYTES(0x2b, 0x80, 0x06), "1.3.6")); /* padded */

	struct oid oid;
	struct ber_reader empty = { (const uint8_t *)"", NULL };
	empty.end = empty.next;
	assert_true(ber_content_oid(&empty, &oid)); /* empty: 0.0 */
	assert_true(oid.count == 2 && oid.number[0] == 0 && oid.number[1] == 0);
}

static void
bad_object_identifiers_are_refused(void **state)
{
	uint8_t many[OID_NUMBERS_MAX];
	struct oid oid;

	(void)state;
	assert_false(oid_of(BYTES(0x2b, 0x90, 0x80, 0x80, 0x80, 0x00), &oid)); /* 2^32 */
	assert_false(oid_of(BYTES(0x2b, 0x86), &oid));                         /* cut off */
	memset(many, 1, sizeof(many)); /* the first byte is two numbers */
	assert_true(oid_of(many, sizeof(many) - 1, &oid));
	assert_int_equal(oid.count, OID_NUMBERS_MAX);
	assert_false(oid_of(many, sizeof(many), &oid));
}

static void
written_numbers_are_shortest_and_read_back(void **state)
{
	static const int32_t numbers[] = { 0,   1,   -1,    127,   128,    -128,      -129,
					   255, 256, 32767, 32768, -32769, INT32_MAX, INT32_MIN };
	static const size_t sizes[] = { 1, 1, 1, 1, 2, 1, 2, 2, 2, 2, 3, 3, 4, 4 };

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(numbers); i++) {
		uint8_t buffer[16];
		struct ber_writer writer;
		int32_t back;
		ber_writer_init(&writer, buffer, sizeof(buffer));
		ber_write_int(&writer, 0x02, numbers[i]);
		assert_int_equal(ber_writer_size(&writer), 2 + sizes[i]);
		struct ber_reader reader = { writer.next, writer.end };
		assert_true(ber_read_int(&reader, &back));
		assert_int_equal(back, numbers[i]);
	}
}

static void
written_counters_have_their_zero_byte(void **state)
{
	uint8_t buffer[16];
	struct ber_writer writer;

	(void)state;
	ber_writer_init(&writer, buffer, sizeof(buffer));
	ber_write_unsigned(&writer, 0x46, UINT64_MAX);
	assert_int_equal(ber_writer_size(&writer), 11);
	assert_memory_equal(writer.next, ((uint8_t[]){ 0x46, 9, 0, 0xff, 0xff }), 5);

	ber_writer_init(&writer, buffer, sizeof(buffer));
	ber_write_unsigned(&writer, 0x42, 0x80);
	assert_memory_equal(writer.next, ((uint8_t[]){ 0x42, 2, 0, 0x80 }), 4);
}

static void
written_oids_read_back(void **state)
{
	static const char *const texts[] = { "0.0", "1.3.6.1.4.1.8072", "2.4294967215",
					     "1.3.127.128.16383.16384.4294967295" };

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(texts); i++) {
		uint8_t buffer[64];
		struct ber_writer writer;
		struct oid oid, back;
		struct ber_reader content;
		assert_int_equal(oid_parse(texts[i], &oid, NULL), 0);
		ber_writer_init(&writer, buffer, sizeof(buffer));
		ber_write_oid(&writer, 0x06, &oid);
		assert_false(writer.has_failed);
		struct ber_reader reader = { writer.next, writer.end };
		assert_true(ber_read_tag(&reader, 0x06, &content));
		assert_true(ber_content_oid(&content, &back));
		assert_int_equal(oid_compare(&oid, &back), 0);
	}
}

static void
oids_without_encoding_fail_the_writer(void **state)
{
	const struct oid bad[] = { { 2, { 3, 1 } }, { 2, { 1, 40 } }, { 2, { 2, UINT32_MAX } } };

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(bad); i++) {
		uint8_t buffer[64];
		struct ber_writer writer;
		ber_writer_init(&writer, buffer, sizeof(buffer));
		ber_write_oid(&writer, 0x06, &bad[i]);
		assert_true(writer.has_failed);
	}
}

static void
headers_get_long_lengths(void **state)
{
	static const size_t contents[] = { 127, 128, 255, 256, 65535, 65536 };
	static const size_t headers[] = { 2, 3, 3, 4, 4, 5 };
	static const uint8_t content[65536];
	static uint8_t buffer[65536 + 16];

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(contents); i++) {
		struct ber_writer writer;
		ber_writer_init(&writer, buffer, sizeof(buffer));
		ber_write_text(&writer, 0x04, content, contents[i]);
		assert_int_equal(ber_writer_size(&writer), headers[i] + contents[i]);
		assert_true(is_element(writer.next, ber_writer_size(&writer), contents[i]));
	}
}

static void
full_writer_fails_and_stays_so(void **state)
{
	uint8_t buffer[8] = { 0 };
	struct ber_writer writer;

	(void)state;
	ber_writer_init(&writer, buffer + 1, 4);
	ber_write_text(&writer, 0x04, "abc", 3);
	assert_true(writer.has_failed);
	ber_write_bytes(&writer, "", 0);
	ber_write_bytes(&writer, "x", 1);
	assert_true(writer.has_failed);
	assert_int_equal(buffer[0], 0);
	assert_int_equal(buffer[5], 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lengths_in_every_definite_form_are_taken),
		cmocka_unit_test(bad_headers_are_refused),
		cmocka_unit_test(integers_that_fit_are_taken),
		cmocka_unit_test(integers_outside_32_bits_are_refused),
		cmocka_unit_test(unsigned_numbers_of_good_and_broken_agents_are_taken),
		cmocka_unit_test(unsigned_numbers_past_their_maximum_are_refused),
		cmocka_unit_test(object_identifiers_are_taken),
		cmocka_unit_test(bad_object_identifiers_are_refused),
		cmocka_unit_test(written_numbers_are_shortest_and_read_back),
		cmocka_unit_test(written_counters_have_their_zero_byte),
		cmocka_unit_test(written_oids_read_back),
		cmocka_unit_test(oids_without_encoding_fail_the_writer),
		cmocka_unit_test(headers_get_long_lengths),
		cmocka_unit_test(full_writer_fails_and_stays_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
