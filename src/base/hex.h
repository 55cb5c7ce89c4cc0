/* hex.h - bytes as lower-case hexadecimal text. */
#pragma once
#include "base/types.h"

/* Write 2 * size characters and a NUL into `text`. Returns `text`. */
char *hex_print(char *text, const void *data, size_t size);
/* Read exactly size * 2 hexadecimal digits (either case) followed by NUL; false otherwise. */
bool hex_parse(const char *text, void *ret_data, size_t size);
