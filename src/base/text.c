/* text.c - small helpers for C strings with sizes. */
#include "base/text.h"

#include <assert.h>
#include <openssl/crypto.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

bool
text_copy(char *target, size_t size, const char *source)
{
	assert(size > 0);

	const size_t length = strnlen(source, size);
	const size_t kept = length < size ? length : size - 1;
	memmove(target, source, kept);
	target[kept] = '\0';
	return length < size;
}

bool
text_print(char *target, size_t size, const char *format, ...)
{
	va_list args;

	assert(size > 0);
	va_start(args, format);
	const int length = vsnprintf(target, size, format, args);
	va_end(args);
	if (length < 0)
		target[0] = '\0';
	return length >= 0 && (size_t)length < size;
}

bool
text_equal(const char *a, const char *b)
{
	if (!a || !b)
		return a == b;
	return strcmp(a, b) == 0;
}

bool
text_starts(const char *text, const char *prefix)
{
	return strncmp(text, prefix, strlen(prefix)) == 0;
}

bool
text_number(const char *text, uint64_t max, uint64_t *ret_number)
{
	uint64_t number = 0;

	if (*text == '\0')
		return false;
	for (; *text; text++) {
		if (*text < '0' || *text > '9')
			return false;
		const uint64_t digit = (uint64_t)(*text - '0');
		if (number > max / 10 || digit > max - number * 10)
			return false;
		number = number * 10 + digit;
	}
	*ret_number = number;
	return true;
}

/* Not isalnum(): that one asks the locale. */
static bool
is_name_char(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
	       c == '.' || c == '_' || c == '-';
}

bool
text_is_name(const char *text, size_t size_max)
{
	size_t size = 0;

	if (text[0] == '.' || text[0] == '-')
		return false;
	while (size <= size_max && text[size] != '\0') {
		if (!is_name_char(text[size]))
			return false;
		size++;
	}
	return size > 0 && size <= size_max;
}

bool
text_equal_secret(const char *a, const char *b)
{
	const size_t size = strlen(a);

	return size == strlen(b) && CRYPTO_memcmp(a, b, size) == 0;
}

const char *
text_bytes(uint64_t bytes, char buf[static 24])
{
	static const char *const units[] = { "kB", "MB", "GB", "TB", "PB", "EB" };
	uint64_t tenth = 100; /* bytes in a tenth of the unit */
	size_t i = 0;

	if (bytes < 1000) {
		(void)text_print(buf, 24, "%u B", (unsigned)bytes);
		return buf;
	}

	uint64_t tenths = bytes / tenth + (bytes % tenth >= tenth / 2);
	while (tenths >= 10000 && i + 1 < ARRAY_COUNT(units)) {
		tenth *= 1000;
		tenths = bytes / tenth + (bytes % tenth >= tenth / 2);
		i++;
	}
	(void)text_print(buf, 24, "%u.%u %s", (unsigned)(tenths / 10), (unsigned)(tenths % 10),
			 units[i]);
	return buf;
}

/* The smallest number that may be written in 2, 3 or 4 bytes: RFC 3629 forbids longer forms. */
static const uint32_t utf8_first[] = { 0, 0, 0x80, 0x800, 0x10000 };

size_t
text_utf8(const char *data, size_t size, uint32_t *ret_point)
{
	if (size == 0)
		return 0;

	const uint8_t lead = (uint8_t)data[0];
	const size_t length = lead < 0x80   ? 1
			      : lead < 0xc0 ? 0
			      : lead < 0xe0 ? 2
			      : lead < 0xf0 ? 3
					    : 4;
	if (length == 0 || length > size || lead > 0xf4)
		return 0;

	uint32_t point = length == 1 ? lead : lead & (0x7fu >> length);
	for (size_t i = 1; i < length; i++) {
		const uint8_t next = (uint8_t)data[i];
		if ((next & 0xc0) != 0x80)
			return 0;
		point = point << 6 | (next & 0x3f);
	}
	if (point < utf8_first[length] || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff))
		return 0;
	*ret_point = point;
	return length;
}

bool
text_is_control(uint32_t point)
{
	return point < 0x20 || (point >= 0x7f && point < 0xa0);
}

void
text_clean(char *text)
{
	size_t left = strlen(text);
	char *to = text;

	while (left > 0) {
		uint32_t point = 0;
		const size_t length = text_utf8(text, left, &point);
		const size_t taken = length > 0 ? length : 1;
		if (length == 0 || text_is_control(point)) {
			*to++ = '?';
		} else {
			memmove(to, text, length);
			to += length;
		}
		text += taken;
		left -= taken;
	}
	*to = '\0';
}
