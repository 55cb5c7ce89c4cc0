/* oid.c - object identifiers: text, order, prefix. */
#include "wire/oid.h"
#include <assert.h>
#include <stdio.h>

enum { TEXT_QUOTED_MAX = 80 }; /* characters of a bad text that an error shows */

static int
refuse(struct err *err, const char *text, const char *why)
{
	return err_set(err, AT, DD_EPARSE, "\"%.*s\" is no object identifier: %s", TEXT_QUOTED_MAX,
		       text, why);
}

/* One decimal number at *next, which moves behind it. */
static bool
read_number(const char **next, uint32_t *ret_number)
{
	uint64_t number = 0;
	const char *at = *next;

	for (; *at >= '0' && *at <= '9'; at++) {
		number = number * 10 + (uint64_t)(*at - '0');
		if (number > UINT32_MAX)
			return false;
	}
	if (at == *next)
		return false;
	*next = at;
	*ret_number = (uint32_t)number;
	return true;
}

int
oid_parse(const char *text, struct oid *ret_oid, struct err *err)
{
	struct oid oid = { .count = 0 };
	const char *next = text + (text[0] == '.');

	for (;;) {
		uint32_t number;
		if (!read_number(&next, &number))
			return refuse(err, text,
				      "it wants numbers up to 4294967295 with dots between");
		if (!oid_add(&oid, number))
			return refuse(err, text, "it has more than 128 numbers");
		if (*next == '\0')
			break;
		if (*next++ != '.')
			return refuse(err, text, "only digits and dots may be in it");
	}
	if (!oid_has_encoding(&oid))
		return refuse(err, text, "it must begin with 0.0 to 0.39, 1.0 to 1.39 or 2");

	*ret_oid = oid;
	return 0;
}

const char *
oid_text(const struct oid *oid, char buf[static OID_TEXT_MAX])
{
	size_t used = 0;

	assert(oid->count <= OID_NUMBERS_MAX);

	buf[0] = '\0';
	for (unsigned i = 0; i < oid->count; i++)
		used += (size_t)snprintf(buf + used, OID_TEXT_MAX - used, i ? ".%u" : "%u",
					 oid->number[i]);
	return buf;
}

int
oid_compare(const struct oid *a, const struct oid *b)
{
	const unsigned both = a->count < b->count ? a->count : b->count;

	for (unsigned i = 0; i < both; i++)
		if (a->number[i] != b->number[i])
			return a->number[i] < b->number[i] ? -1 : 1;
	return (int)a->count - (int)b->count;
}

bool
oid_starts(const struct oid *oid, const struct oid *prefix)
{
	if (oid->count < prefix->count)
		return false;
	for (unsigned i = 0; i < prefix->count; i++)
		if (oid->number[i] != prefix->number[i])
			return false;
	return true;
}

bool
oid_add(struct oid *oid, uint32_t number)
{
	if (oid->count >= OID_NUMBERS_MAX)
		return false;
	oid->number[oid->count++] = number;
	return true;
}

bool
oid_has_encoding(const struct oid *oid)
{
	const uint32_t first = oid->count > 0 ? oid->number[0] : 0;
	const uint32_t second = oid->count > 1 ? oid->number[1] : 0;

	if (oid->count > OID_NUMBERS_MAX || first > 2)
		return false;
	return first == 2 ? second <= UINT32_MAX - 80 : second < 40;
}
