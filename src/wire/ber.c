/* ber.c - reading and writing BER elements: tag (1 byte), length (1 to 5 bytes), content. */
#include "wire/ber.h"
#include <assert.h>
#include <string.h>

enum {
	TAG_MULTI_BYTE = 0x1f, /* these bits all set: the tag goes on in the next byte */
	LENGTH_LONG = 0x80,    /* the low bits count the bytes of length that follow */
	LENGTH_BYTES_MAX = 4,
	NUMBER_MORE = 0x80, /* of an object number: not its last byte */
	HEADER_MAX = 1 + 1 + LENGTH_BYTES_MAX,
};

static size_t
left(const struct ber_reader *reader)
{
	return (size_t)(reader->end - reader->next);
}

static bool
read_length(struct ber_reader *reader, size_t *ret_length)
{
	if (left(reader) < 1)
		return false;

	const uint8_t first = *reader->next++;
	if (first < LENGTH_LONG) {
		*ret_length = first;
		return true;
	}

	const size_t count = first & (LENGTH_LONG - 1);
	size_t length = 0;
	if (count < 1 || count > LENGTH_BYTES_MAX || count > left(reader)) /* 0: indefinite */
		return false;
	for (size_t i = 0; i < count; i++)
		length = length << 8 | *reader->next++;
	*ret_length = length;
	return true;
}

bool
ber_read(struct ber_reader *reader, uint8_t *ret_tag, struct ber_reader *ret_content)
{
	size_t length;

	if (left(reader) < 2)
		return false;
	const uint8_t tag = *reader->next++;
	if ((tag & TAG_MULTI_BYTE) == TAG_MULTI_BYTE)
		return false;
	if (!read_length(reader, &length) || length > left(reader))
		return false;

	*ret_tag = tag;
	*ret_content = (struct ber_reader){ reader->next, reader->next + length };
	reader->next += length;
	return true;
}

bool
ber_read_tag(struct ber_reader *reader, uint8_t tag, struct ber_reader *ret_content)
{
	uint8_t found;

	return ber_read(reader, &found, ret_content) && found == tag;
}

/* The content as a two's complement number of 64 bits, however long it was padded.
 * `*ret_is_negative` tells a negative number from one past 2^63. */
static bool
content_number(const struct ber_reader *content, bool *ret_is_negative, uint64_t *ret_bits)
{
	const uint8_t *next = content->next;

	if (next == content->end)
		return false;
	const bool is_negative = *next & 0x80;
	const uint8_t padding = is_negative ? 0xff : 0x00;
	uint64_t bits = is_negative ? UINT64_MAX : 0;

	while (content->end - next > 1 && *next == padding)
		next++;
	if (content->end - next > 8)
		return false;
	if (is_negative && content->end - next == 8 && !(*next & 0x80))
		return false; /* below -2^63 */
	for (; next < content->end; next++)
		bits = bits << 8 | *next;
	*ret_is_negative = is_negative;
	*ret_bits = bits;
	return true;
}

bool
ber_content_int(const struct ber_reader *content, int32_t *ret)
{
	bool is_negative;
	uint64_t bits;

	if (!content_number(content, &is_negative, &bits))
		return false;
	if (is_negative ? (int64_t)bits < INT32_MIN : bits > INT32_MAX)
		return false;
	*ret = (int32_t)(int64_t)bits;
	return true;
}

bool
ber_read_int(struct ber_reader *reader, int32_t *ret)
{
	struct ber_reader content;

	return ber_read_tag(reader, 0x02, &content) && ber_content_int(&content, ret);
}

bool
ber_content_unsigned(const struct ber_reader *content, uint64_t max, uint64_t *ret)
{
	bool is_negative;
	uint64_t bits;

	if (!content_number(content, &is_negative, &bits))
		return false;
	if (is_negative && max == UINT32_MAX && (int64_t)bits >= INT32_MIN)
		bits = (uint32_t)bits;
	else if (is_negative && max != UINT64_MAX)
		return false;
	if (bits > max)
		return false;
	*ret = bits;
	return true;
}

/* One object number in base 128. Padding with 0x80 is taken, as snmpd does. */
static bool
read_object_number(struct ber_reader *reader, uint32_t *ret_number)
{
	uint32_t number = 0;

	while (reader->next < reader->end) {
		const uint8_t byte = *reader->next++;
		if (number > UINT32_MAX >> 7)
			return false;
		number = number << 7 | (byte & (NUMBER_MORE - 1));
		if (!(byte & NUMBER_MORE)) {
			*ret_number = number;
			return true;
		}
	}
	return false;
}

/* The first number on the wire carries two: X.690 8.19.4. */
static void
split_first(uint32_t number, struct oid *ret_oid)
{
	const uint32_t first = number < 80 ? number / 40 : 2;

	ret_oid->number[0] = first;
	ret_oid->number[1] = number - first * 40;
	ret_oid->count = 2;
}

bool
ber_content_oid(const struct ber_reader *content, struct oid *ret)
{
	struct ber_reader reader = *content;
	uint32_t number = 0;

	if (left(&reader) > 0 && !read_object_number(&reader, &number))
		return false;
	split_first(number, ret);
	while (left(&reader) > 0)
		if (!read_object_number(&reader, &number) || !oid_add(ret, number))
			return false;
	return true;
}

void
ber_writer_init(struct ber_writer *writer, void *buffer, size_t size)
{
	writer->start = buffer;
	writer->end = writer->start + size;
	writer->next = writer->end;
	writer->has_failed = false;
}

size_t
ber_writer_size(const struct ber_writer *writer)
{
	return (size_t)(writer->end - writer->next);
}

void
ber_write_bytes(struct ber_writer *writer, const void *data, size_t size)
{
	if (writer->has_failed || size > (size_t)(writer->next - writer->start)) {
		writer->has_failed = true;
		return;
	}
	writer->next -= size;
	if (size > 0)
		memcpy(writer->next, data, size);
}

void
ber_write_header(struct ber_writer *writer, uint8_t tag, size_t mark)
{
	uint8_t header[HEADER_MAX];
	uint8_t *next = header + sizeof(header);

	assert(mark <= ber_writer_size(writer));

	size_t length = ber_writer_size(writer) - mark;
	assert(length <= UINT32_MAX);
	if (length < LENGTH_LONG) {
		*--next = (uint8_t)length;
	} else {
		uint8_t count = 0;
		for (; length > 0; length >>= 8, count++)
			*--next = (uint8_t)length;
		*--next = LENGTH_LONG | count;
	}
	*--next = tag;
	ber_write_bytes(writer, next, (size_t)(header + sizeof(header) - next));
}

/* The bytes of a two's complement number, last first, without those that only pad. */
static void
write_number(struct ber_writer *writer, uint8_t tag, uint64_t bits, bool is_negative)
{
	const size_t mark = ber_writer_size(writer);
	const uint64_t padding = is_negative ? UINT64_MAX : 0;
	uint8_t top;

	do {
		top = (uint8_t)bits;
		ber_write_bytes(writer, &top, 1);
		bits = bits >> 8 | padding << 56;
	} while (bits != padding);
	if ((top & 0x80) != (padding & 0x80))
		ber_write_bytes(writer, &padding, 1);
	ber_write_header(writer, tag, mark);
}

void
ber_write_int(struct ber_writer *writer, uint8_t tag, int32_t value)
{
	write_number(writer, tag, (uint64_t)(int64_t)value, value < 0);
}

void
ber_write_unsigned(struct ber_writer *writer, uint8_t tag, uint64_t value)
{
	write_number(writer, tag, value, false);
}

static void
write_object_number(struct ber_writer *writer, uint32_t number)
{
	uint8_t more = 0;

	do {
		const uint8_t byte = (uint8_t)(number & (NUMBER_MORE - 1)) | more;
		ber_write_bytes(writer, &byte, 1);
		number >>= 7;
		more = NUMBER_MORE;
	} while (number > 0);
}

void
ber_write_oid(struct ber_writer *writer, uint8_t tag, const struct oid *oid)
{
	const size_t mark = ber_writer_size(writer);

	if (!oid_has_encoding(oid)) {
		writer->has_failed = true;
		return;
	}
	for (unsigned i = oid->count; i > 2; i--)
		write_object_number(writer, oid->number[i - 1]);
	write_object_number(writer, (oid->count > 0 ? oid->number[0] * 40 : 0) +
					    (oid->count > 1 ? oid->number[1] : 0));
	ber_write_header(writer, tag, mark);
}

void
ber_write_text(struct ber_writer *writer, uint8_t tag, const void *data, size_t size)
{
	const size_t mark = ber_writer_size(writer);

	ber_write_bytes(writer, data, size);
	ber_write_header(writer, tag, mark);
}
