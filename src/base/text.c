/* Small helpers for C strings with sizes. */
#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

bool
text_copy(char *target, size_t size, const char *source)
{
	size_t length = strnlen(source, size);
	bool is_whole = length < size;

	if (!is_whole)
		length = size - 1;
	memmove(target, source, length);
	target[length] = '\0';
	return is_whole;
}

bool
text_print(char *target, size_t size, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	int length = vsnprintf(target, size, format, arguments);
	va_end(arguments);
	return length >= 0 && (size_t)length < size;
}

bool
text_equal(const char *a, const char *b)
{
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
	for (; *text != '\0'; text++) {
		if (*text < '0' || *text > '9')
			return false;
		unsigned digit = (unsigned)(*text - '0');
		if (number > max / 10 || number * 10 > max - digit)
			return false;
		number = number * 10 + digit;
	}
	*ret_number = number;
	return true;
}

bool
text_is_name(const char *text, size_t size_max)
{
	static const char allowed[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
	size_t size = strspn(text, allowed);

	return size > 0 && size <= size_max && text[size] == '\0' && text[0] != '.' &&
	       text[0] != '-';
}

bool
text_equal_secret(const char *a, const char *b)
{
	size_t a_size = strlen(a), b_size = strlen(b);
	volatile unsigned char difference = a_size != b_size;

	for (size_t i = 0; i < a_size && i < b_size; i++)
		difference |= (unsigned char)(a[i] ^ b[i]);
	return difference == 0;
}

const char *
text_bytes(uint64_t bytes, char buf[static 24])
{
	static const char *const units[] = { "B", "KB", "MB", "GB", "TB", "PB", "EB" };
	double value = (double)bytes;
	size_t unit = 0;

	for (; value >= 1000.0 && unit + 1 < ARRAY_COUNT(units); unit++)
		value /= 1000.0;
	(void)text_print(buf, 24, unit == 0 ? "%.0f %s" : "%.1f %s", value, units[unit]);
	return buf;
}

/* Bytes of the UTF-8 character at `text`, 0 where it is none (RFC 3629). */
static size_t
utf8_size(const unsigned char *text)
{
	size_t size = text[0] < 0x80    ? 1
		      : text[0] >= 0xf0 ? 4
		      : text[0] >= 0xe0 ? 3
		      : text[0] >= 0xc2 ? 2
					: 0;

	if (text[0] > 0xf4)
		return 0;
	for (size_t i = 1; i < size; i++)
		if ((text[i] & 0xc0) != 0x80)
			return 0;
	if ((text[0] == 0xe0 && text[1] < 0xa0) || (text[0] == 0xed && text[1] > 0x9f) ||
	    (text[0] == 0xf0 && text[1] < 0x90) || (text[0] == 0xf4 && text[1] > 0x8f))
		return 0;
	return size;
}

void
text_clean(char *text)
{
	unsigned char *c = (unsigned char *)text;

	while (*c != '\0') {
		size_t size = utf8_size(c);
		bool is_control =
			*c < ' ' || *c == 0x7f || (*c == 0xc2 && size == 2 && c[1] < 0xa0);
		if (size == 0 || is_control)
			*c = '?';
		c += size == 0 || is_control ? 1 : size;
	}
}
