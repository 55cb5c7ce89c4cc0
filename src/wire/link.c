/* link.c - frames between manager and file service: bytes <-> structs.
 *
 * One table says which fields a type has, and in which order they are on the wire; reading and
 * writing both walk it.
 *
 *   frame    u32 size of the rest, u8 type, fields
 *   u8, u16, u32, u64, i64   big-endian
 *   text     u16 size, bytes without NUL
 *   address  u8 family (ADDR_NONE, ADDR_IPV4, ADDR_IPV6), u16 port, 0, 4 or 16 bytes
 *   hash     32 bytes
 *   bytes    the rest of the frame */
#include "wire/link.h"

#include "base/text.h"

#include <assert.h>
#include <string.h>

enum { IPV4_SIZE = 4, IPV6_SIZE = 16 };

enum field_kind {
	KIND_U8,
	KIND_U16,
	KIND_U32,
	KIND_U64,
	KIND_HASH,
	KIND_TEXT,
	KIND_ADDR,
	KIND_BYTES
};

struct field {
	uint8_t kind;
	uint16_t at; /* offset in struct link_message */
};

#define FIELD(kind, member)                                 \
	{                                                   \
		kind, offsetof(struct link_message, member) \
	}
enum { FIELDS_MAX = 12 };

static const struct {
	unsigned count;
	struct field fields[FIELDS_MAX];
} types[] = {
	[LINK_HELLO] = { 2, { FIELD(KIND_U32, version), FIELD(KIND_TEXT, text) } },
	[LINK_GRANT] = { 10,
			 { FIELD(KIND_U64, id), FIELD(KIND_ADDR, address),
			   FIELD(KIND_U8, direction), FIELD(KIND_U8, protocols),
			   FIELD(KIND_U64, size), FIELD(KIND_HASH, content),
			   FIELD(KIND_U64, wall_ms), FIELD(KIND_TEXT, name), FIELD(KIND_TEXT, user),
			   FIELD(KIND_TEXT, password) } },
	[LINK_REVOKE] = { 1, { FIELD(KIND_U64, id) } },
	[LINK_GRANTS_END] = { 0, { { 0, 0 } } },
	[LINK_GRANTED] = { 1, { FIELD(KIND_U64, id) } },
	[LINK_LEDGER] = { 12,
			  { FIELD(KIND_U64, id), FIELD(KIND_U64, grant), FIELD(KIND_ADDR, address),
			    FIELD(KIND_U8, direction), FIELD(KIND_U8, kind),
			    FIELD(KIND_U8, protocol), FIELD(KIND_U64, size),
			    FIELD(KIND_HASH, content), FIELD(KIND_U32, retransmits),
			    FIELD(KIND_U64, wall_ms), FIELD(KIND_U64, duration_ms),
			    FIELD(KIND_TEXT, text) } },
	[LINK_LEDGER_ACK] = { 1, { FIELD(KIND_U64, id) } },
	[LINK_CONTENT_ASK] = { 1, { FIELD(KIND_HASH, content) } },
	[LINK_CONTENT] = { 4,
			   { FIELD(KIND_HASH, content), FIELD(KIND_U64, size),
			     FIELD(KIND_U64, offset), FIELD(KIND_BYTES, bytes) } },
	[LINK_CONTENT_NONE] = { 1, { FIELD(KIND_HASH, content) } },
	[LINK_STATUS] = { 3,
			  { FIELD(KIND_U16, port_tftp), FIELD(KIND_U16, port_ftp),
			    FIELD(KIND_TEXT, text) } },
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

static size_t
ip_size(uint8_t family)
{
	return family == ADDR_IPV4 ? IPV4_SIZE : family == ADDR_IPV6 ? IPV6_SIZE : 0;
}

static bool
put_addr(struct buf *out, const struct addr *addr)
{
	return addr->family != ADDR_UNIX && put_number(out, addr->family, 1) &&
	       put_number(out, addr->port, 2) && buf_add(out, addr->ip, ip_size(addr->family));
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
		return bytes->size <= LINK_CHUNK_MAX && buf_add(out, bytes->data, bytes->size);
	}
	return false;
}

static bool
put_frame(const struct link_message *message, struct buf *out)
{
	const size_t mark = out->size;
	bool is_fine = put_number(out, 0, 4) && put_number(out, message->type, 1);

	for (unsigned i = 0; i < types[message->type].count && is_fine; i++) {
		const struct field *field = &types[message->type].fields[i];
		is_fine = put_field(out, field->kind, (const char *)message + field->at);
	}
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

	assert(message->type >= LINK_HELLO && message->type < ARRAY_COUNT(types));
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
	    !take(left, ip_size((uint8_t)family), &data))
		return false;
	addr->family = (uint8_t)family;
	addr->port = (uint16_t)port;
	memcpy(addr->ip, data, ip_size(addr->family));
	return true;
}

static bool
take_bytes(struct slice *left, struct slice *bytes)
{
	if (left->size > LINK_CHUNK_MAX)
		return false;
	*bytes = *left;
	*left = (struct slice){ 0 };
	return true;
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
	uint64_t rest, type;

	if (!take_number(&left, 4, &rest))
		return 0;
	if (rest < 1 || rest > LINK_FRAME_MAX)
		return err_set(err, AT, DD_EPARSE, "a frame of %llu bytes",
			       (unsigned long long)rest);
	if (left.size < rest)
		return 0;
	left.size = rest;
	(void)take_number(&left, 1, &type); /* it is there */
	if (type < LINK_HELLO || type >= ARRAY_COUNT(types))
		return err_set(err, AT, DD_EPARSE, "a frame of the unknown type %u",
			       (unsigned)type);
	*ret_message = (struct link_message){ .type = (uint8_t)type };
	for (unsigned i = 0; i < types[type].count; i++) {
		const struct field *field = &types[type].fields[i];
		if (!take_field(&left, field->kind, (char *)ret_message + field->at))
			return err_set(err, AT, DD_EPARSE, "field %u of a frame of type %u", i + 1,
				       (unsigned)type);
	}
	if (left.size > 0)
		return err_set(err, AT, DD_EPARSE, "%zu bytes too many in a frame of type %u",
			       left.size, (unsigned)type);
	return (int64_t)(4 + rest);
}
