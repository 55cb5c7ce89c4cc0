/* text.h - small helpers for C strings with sizes. */
#pragma once
#include "base/types.h"

/* Copy into an array of `size` bytes, always ending in NUL; false where it was cut. */
bool text_copy(char *target, size_t size, const char *source);
/* printf into an array, always ending in NUL; false where it was cut. */
bool text_print(char *target, size_t size, const char *format, ...) PRINTF_LIKE(3, 4);
/* NULL equals NULL only. */
bool text_equal(const char *a, const char *b);
bool text_starts(const char *text, const char *prefix);
/* A decimal number without sign, spaces or leading '+', at most `max`, nothing after it. Leading
 * zeros are taken. */
bool text_number(const char *text, uint64_t max, uint64_t *ret_number);
/* One to `size_max` characters of [A-Za-z0-9._-], the first not '.' or '-': what names of devices,
 * images, ... may be. */
bool text_is_name(const char *text, size_t size_max);
/* Same result time for equal sizes, for secrets. */
bool text_equal_secret(const char *a, const char *b);
/* "12.3 MB", "845 B": for people, into buf. Returns buf. */
const char *text_bytes(uint64_t bytes, char buf[static 24]);
/* The bytes (1 to 4) of the well-formed UTF-8 character that `data` begins with, 0 where there is
 * none (RFC 3629). */
size_t text_utf8(const char *data, size_t size, uint32_t *ret_point);
/* C0 and C1 control characters and DEL: never printed as they are. */
bool text_is_control(uint32_t point);
/* Replace each control character and each byte that is not UTF-8 by one '?', in place. */
void text_clean(char *text);
