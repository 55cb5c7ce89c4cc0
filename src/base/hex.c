/* hex.c - bytes as lower-case hexadecimal text. */
#include "base/hex.h"

char *
hex_print(char *text, const void *data, size_t size)
{
	static const char digits[] = "0123456789abcdef";
	const uint8_t *bytes = data;

	for (size_t i = 0; i < size; i++) {
		text[2 * i] = digits[bytes[i] >> 4];
		text[2 * i + 1] = digits[bytes[i] & 15];
	}
	text[2 * size] = '\0';
	return text;
}

/* The value of a digit, -1 where it is none. */
static int
digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

static bool
is_hex(const char *text, size_t digits)
{
	for (size_t i = 0; i < digits; i++)
		if (digit_of(text[i]) < 0)
			return false;
	return text[digits] == '\0';
}

bool
hex_parse(const char *text, void *ret_data, size_t size)
{
	uint8_t *bytes = ret_data;

	if (!is_hex(text, 2 * size))
		return false;
	for (size_t i = 0; i < size; i++) {
		const unsigned high = (unsigned)digit_of(text[2 * i]);
		const unsigned low = (unsigned)digit_of(text[2 * i + 1]);
		bytes[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}
