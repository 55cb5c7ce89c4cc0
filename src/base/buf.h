/* buf.h - a growing byte buffer with a named maximum. */
#pragma once
#include "base/err.h"

/* All zero is an empty buffer with no maximum set; buf_init() sets one. The bytes are always
 * followed by a NUL that `size` does not count, once anything was appended, so text can be printed
 * as it lies. */
struct buf {
	char *data;
	size_t size;     /* bytes in use */
	size_t capacity; /* bytes allocated */
	size_t size_max; /* appending past this fails; 0 = BUF_SIZE_MAX, never more than that */
	bool has_failed; /* an append failed: sticky, checked once at the end */
};

enum { BUF_SIZE_MAX = 256 << 20 };

void buf_init(struct buf *buf, size_t size_max);
void buf_done(struct buf *buf);  /* frees the bytes; the buffer is empty again */
void buf_clear(struct buf *buf); /* empty and not failed; keeps the memory */

/* Append; false (and has_failed) when size_max would be passed, memory is short, or an append
 * failed before: the bytes are always a beginning of what was meant. `data` must not lie in the
 * buffer itself. */
bool buf_add(struct buf *buf, const void *data, size_t size);
bool buf_add_text(struct buf *buf, const char *text);
bool buf_add_char(struct buf *buf, char c);
bool buf_printf(struct buf *buf, const char *format, ...) PRINTF_LIKE(2, 3);

/* Remove the first `size` bytes; there must be as many. */
void buf_drop(struct buf *buf, size_t size);

/* The text, "" where nothing was appended. Owned by the buffer. */
const char *buf_text(const struct buf *buf);

/* Hand the bytes over to the caller, who frees them; the buffer is empty again. Never NULL unless
 * memory is short. */
char *buf_take(struct buf *buf);
