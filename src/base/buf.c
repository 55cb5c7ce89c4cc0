/* A growing byte buffer with a named maximum. */
#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
	if (buf->data != NULL)
		buf->data[0] = '\0';
}

/* Room for `size` more bytes and the NUL. */
static bool
reserve(struct buf *buf, size_t size)
{
	size_t size_max = buf->size_max != 0 ? buf->size_max : BUF_SIZE_MAX;

	if (buf->has_failed || size > size_max || buf->size > size_max - size) {
		buf->has_failed = true;
		return false;
	}
	size_t needed = buf->size + size + 1;
	if (needed <= buf->capacity)
		return true;
	size_t capacity = buf->capacity < 64 ? 64 : buf->capacity;
	while (capacity < needed)
		capacity *= 2;
	char *data = realloc(buf->data, capacity);
	if (data == NULL) {
		buf->has_failed = true;
		return false;
	}
	buf->data = data;
	buf->capacity = capacity;
	return true;
}

bool
buf_add(struct buf *buf, const void *data, size_t size)
{
	if (!reserve(buf, size))
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
	va_list arguments;

	va_start(arguments, format);
	int size = vsnprintf(NULL, 0, format, arguments);
	va_end(arguments);
	if (size < 0 || !reserve(buf, (size_t)size)) {
		buf->has_failed = true;
		return false;
	}
	va_start(arguments, format);
	(void)vsnprintf(buf->data + buf->size, (size_t)size + 1, format,
			arguments); /* it fits: reserved above */
	va_end(arguments);
	buf->size += (size_t)size;
	return true;
}

void
buf_drop(struct buf *buf, size_t size)
{
	if (size > buf->size)
		size = buf->size;
	if (size == 0)
		return;
	buf->size -= size;
	memmove(buf->data, buf->data + size, buf->size + 1);
}

const char *
buf_text(const struct buf *buf)
{
	return buf->data != NULL ? buf->data : "";
}

char *
buf_take(struct buf *buf)
{
	if (buf->data == NULL && !reserve(buf, 0))
		return NULL;
	buf->data[buf->size] = '\0';
	char *data = buf->data;
	buf_init(buf, buf->size_max);
	return data;
}
