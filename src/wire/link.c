/* link.c - frames between manager and file service: bytes <-> structs.
 *
 * Every frame has every field, in the order of the table below; those that its type does not use
 * are zero. Reading and writing both walk the table.
 *
 *   frame    u32 size of the rest, u8 type, fields
 *   u8, u16, u32, u64   big-endian; signed numbers as their two's complement
 *   address  u8 family (ADDR_NONE, ADDR_IPV4, ADDR_IPV6), u16 port, 16 bytes
 *   hash     32 bytes
 *   text     u16 size, bytes without NUL
 *   bytes    u32 size, bytes */
#include "wire/link.h"

#include <string.h>

enum { IP_SIZE = 16 };

enum field_kind {
	KIND_U8,
	KIND_U16,
	KIND_U32,
	KIND_U64,
	KIND_ADDR,
	KIND_HASH,
	KIND_TEXT,
	KIND_BYTES,
};

struct field {
	uint8_t kind;
	uint16_t at; /* offset in struct link_message */
};

#define FIELD(kind, member)                                 \
	{                                                   \
		kind, offsetof(struct link_message, member) \
	}

static const struct field fields[] = {
	FIELD(KIND_U8, type),       FIELD(KIND_U64, id),          FIELD(KIND_U64, grant),
	FIELD(KIND_U32, version),   FIELD(KIND_ADDR, address),    FIELD(KIND_U8, direction),
	FIELD(KIND_U8, protocols),  FIELD(KIND_U8, kind),         FIELD(KIND_U8, protocol),
	FIELD(KIND_U64, size),      FIELD(KIND_U64, offset),      FIELD(KIND_HASH, content),
	FIELD(KIND_U64, wall_ms),   FIELD(KIND_U64, duration_ms), FIELD(KIND_U32, retransmits),
	FIELD(KIND_U16, port_tftp), FIELD(KIND_U16, port_ftp),    FIELD(KIND_TEXT, name),
	FIELD(KIND_TEXT, user),     FIELD(KIND_TEXT, password),   FIELD(KIND_TEXT, text),
	FIELD(KIND_BYTES, bytes),
};

/* ---- writing ---- */

static bool
put_number(struct buf *out, uint64_t number, unsigned bytes)
{
	uint8_t data[8];

	for (unsigned i = 0; i < bytes; i++)
		data[i] = (uint8_t)(number >> 8 * (bytes - 1 - i));
	return buf_add(out, data, bytes);
}

static bool
put_text(struct buf *out, const char *text)
{
	const size_t size = strnlen(text, LINK_TEXT_MAX);

	return size < LINK_TEXT_MAX && put_number(out, size, 2) && buf_add(out, text, size);
}

static bool
put_addr(struct buf *out, const struct addr *addr)
{
	const bool is_ip = addr->family == ADDR_IPV4 || addr->family == ADDR_IPV6;

	return put_number(out, is_ip ? addr->family : ADDR_NONE, 1) &&
	       put_number(out, addr->port, 2) && buf_add(out, addr->ip, IP_SIZE);
}

static bool
put_field(struct buf *out, enum field_kind kind, const void *value)
{
	const struct slice *bytes = value;
	uint16_t u16;
	uint32_t u32;
	uint64_t u64;

	switch (kind) {
	case KIND_U8:
		return put_number(out, *(const uint8_t *)value, 1);
	case KIND_U16:
		memcpy(&u16, value, sizeof(u16));
		return put_number(out, u16, 2);
	case KIND_U32:
		memcpy(&u32, value, sizeof(u32));
		return put_number(out, u32, 4);
	case KIND_U64:
		memcpy(&u64, value, sizeof(u64));
		return put_number(out, u64, 8);
	case KIND_HASH:
		return buf_add(out, value, SHA256_SIZE);
	case KIND_TEXT:
		return put_text(out, value);
	case KIND_ADDR:
		return put_addr(out, value);
	case KIND_BYTES:
		return bytes->size <= LINK_CHUNK_MAX && put_number(out, bytes->size, 4) &&
		       buf_add(out, bytes->data, bytes->size);
	}
	return false;
}

static bool
put_frame(const struct link_message *message, struct buf *out)
{
	const size_t mark = out->size;
	bool is_fine = put_number(out, 0, 4);

	for (size_t i = 0; i < ARRAY_COUNT(fields) && is_fine; i++)
		is_fine = put_field(out, fields[i].kind, (const char *)message + fields[i].at);
	if (!is_fine)
		return false;
	const size_t size = out->size - mark - 4;
	for (unsigned i = 0; i < 4; i++)
		out->data[mark + i] = (char)(uint8_t)(size >> 8 * (3 - i));
	return true;
}

bool
link_encode(const struct link_message *message, struct buf *out)
{
	const size_t mark = out->size;

	if (put_frame(message, out))
		return true;
	if (out->data != NULL) { /* no half frame stays */
		out->size = mark;
		out->data[mark] = '\0';
	}
	return false;
}

/* ---- reading ---- */

static bool
take(struct slice *left, size_t size, const uint8_t **ret_data)
{
	if (size > left->size)
		return false;
	*ret_data = left->data;
	left->data += size;
	left->size -= size;
	return true;
}

static bool
take_number(struct slice *left, unsigned bytes, uint64_t *ret_number)
{
	const uint8_t *data;
	uint64_t number = 0;

	if (!take(left, bytes, &data))
		return false;
	for (unsigned i = 0; i < bytes; i++)
		number = number << 8 | data[i];
	*ret_number = number;
	return true;
}

static bool
take_text(struct slice *left, char *text)
{
	const uint8_t *data;
	uint64_t size;

	if (!take_number(left, 2, &size) || size >= LINK_TEXT_MAX || !take(left, size, &data) ||
	    (size > 0 && memchr(data, '\0', size) != NULL))
		return false;
	memcpy(text, data, size); /* what is behind it is zero */
	return true;
}

static bool
take_addr(struct slice *left, struct addr *addr)
{
	const uint8_t *data;
	uint64_t family, port;

	if (!take_number(left, 1, &family) || family > ADDR_IPV6 || !take_number(left, 2, &port) ||
	    !take(left, IP_SIZE, &data))
		return false;
	addr->family = (uint8_t)family;
	addr->port = (uint16_t)port;
	memcpy(addr->ip, data, IP_SIZE);
	return true;
}

static bool
take_bytes(struct slice *left, struct slice *bytes)
{
	uint64_t size;

	if (!take_number(left, 4, &size) || size > LINK_CHUNK_MAX)
		return false;
	bytes->size = size;
	return take(left, size, &bytes->data);
}

static bool
take_field(struct slice *left, enum field_kind kind, void *value)
{
	const uint8_t *data;
	uint64_t number = 0;
	bool is_fine;

	switch (kind) {
	case KIND_U8:
		is_fine = take_number(left, 1, &number);
		*(uint8_t *)value = (uint8_t)number;
		return is_fine;
	case KIND_U16:
		is_fine = take_number(left, 2, &number);
		memcpy(value, &(uint16_t){ (uint16_t)number }, sizeof(uint16_t));
		return is_fine;
	case KIND_U32:
		is_fine = take_number(left, 4, &number);
		memcpy(value, &(uint32_t){ (uint32_t)number }, sizeof(uint32_t));
		return is_fine;
	case KIND_U64:
		is_fine = take_number(left, 8, &number);
		memcpy(value, &number, sizeof(number));
		return is_fine;
	case KIND_HASH:
		is_fine = take(left, SHA256_SIZE, &data);
		if (is_fine)
			memcpy(value, data, SHA256_SIZE);
		return is_fine;
	case KIND_TEXT:
		return take_text(left, value);
	case KIND_ADDR:
		return take_addr(left, value);
	case KIND_BYTES:
		return take_bytes(left, value);
	}
	return false;
}

int64_t
link_decode(const uint8_t *data, size_t size, struct link_message *ret_message, struct err *err)
{
	struct slice left = { data, size };
	uint64_t rest;

	if (size <= 4)
		return 0;
	(void)take_number(&left, 4, &rest); /* it is there */
	if (rest < 1 || rest > LINK_FRAME_MAX)
		return err_set(err, AT, DD_EPARSE, "a frame of %llu bytes on the link",
			       (unsigned long long)rest);
	if (left.size < rest)
		return 0;
	left.size = rest;
	*ret_message = (struct link_message){ 0 };
	for (size_t i = 0; i < ARRAY_COUNT(fields); i++) {
		if (!take_field(&left, fields[i].kind, (char *)ret_message + fields[i].at))
			return err_set(err, AT, DD_EPARSE, "field %zu of a frame is malformed", i);
	}
	if (left.size > 0)
		return err_set(err, AT, DD_EPARSE, "a frame has %zu bytes too many", left.size);
	if (ret_message->type < LINK_HELLO || ret_message->type > LINK_STATUS)
		return err_set(err, AT, DD_EPARSE, "a frame of unknown type %u on the link",
			       ret_message->type);
	return (int64_t)(4 + rest);
}
