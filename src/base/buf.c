/* buf.c - a growing byte buffer with a named maximum. */
#include "base/buf.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CAPACITY_MIN = 64 };

void
buf_init(struct buf *buf, size_t size_max)
{
	*buf = (struct buf){ .size_max = size_max };
}

void
buf_done(struct buf *buf)
{
	free(buf->data);
	buf_init(buf, buf->size_max);
}

void
buf_clear(struct buf *buf)
{
	buf->size = 0;
	buf->has_failed = false;
	if (buf->data)
		buf->data[0] = '\0';
}

static size_t
size_max_of(const struct buf *buf)
{
	return buf->size_max > 0 && buf->size_max < BUF_SIZE_MAX ? buf->size_max : BUF_SIZE_MAX;
}

/* Room for `size` more bytes and the NUL. */
static bool
buf_reserve(struct buf *buf, size_t size)
{
	const size_t size_max = size_max_of(buf);

	if (buf->has_failed || buf->size > size_max || size > size_max - buf->size) {
		buf->has_failed = true;
		return false;
	}

	const size_t needed = buf->size + size + 1;
	if (needed <= buf->capacity)
		return true;

	size_t capacity = buf->capacity > 0 ? buf->capacity : CAPACITY_MIN;
	while (capacity < needed)
		capacity *= 2; /* ends soon: BUF_SIZE_MAX bounds it */

	char *data = realloc(buf->data, capacity);
	if (!data) {
		buf->has_failed = true;
		return false;
	}
	buf->data = data;
	buf->capacity = capacity;
	return true;
}

/* True where `data` lies in the buffer: growing would move it away from under the caller. */
static bool
is_own(const struct buf *buf, const void *data)
{
	const uintptr_t start = (uintptr_t)buf->data, at = (uintptr_t)data;

	return buf->data && at >= start && at - start < buf->capacity;
}

bool
buf_add(struct buf *buf, const void *data, size_t size)
{
	assert(size == 0 || (data && !is_own(buf, data)));

	if (!buf_reserve(buf, size))
		return false;
	if (size > 0)
		memcpy(buf->data + buf->size, data, size);
	buf->size += size;
	buf->data[buf->size] = '\0';
	return true;
}

bool
buf_add_text(struct buf *buf, const char *text)
{
	return buf_add(buf, text, strlen(text));
}

bool
buf_add_char(struct buf *buf, char c)
{
	return buf_add(buf, &c, 1);
}

bool
buf_printf(struct buf *buf, const char *format, ...)
{
	va_list args, again;

	va_start(args, format);
	va_copy(again, args);
	const int length = vsnprintf(NULL, 0, format, args);
	va_end(args);

	const bool has_room = length >= 0 && buf_reserve(buf, (size_t)length);
	if (has_room) {
		(void)vsnprintf(buf->data + buf->size, (size_t)length + 1, format, again);
		buf->size += (size_t)length;
	}
	va_end(again);
	buf->has_failed = buf->has_failed || !has_room;
	return has_room;
}

void
buf_drop(struct buf *buf, size_t size)
{
	assert(size <= buf->size);

	if (size == 0)
		return;
	buf->size -= size;
	memmove(buf->data, buf->data + size, buf->size + 1); /* with the NUL */
}

const char *
buf_text(const struct buf *buf)
{
	return buf->data ? buf->data : "";
}

char *
buf_take(struct buf *buf)
{
	char *data = TAKE(buf->data);

	buf_init(buf, buf->size_max);
	return data ? data : calloc(1, 1);
}
