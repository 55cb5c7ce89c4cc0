/* types.h - the units and small macros that every room uses. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef int64_t
	msec_t; /* milliseconds; on the monotonic clock of an env unless its name says wall */

#define DD_NEVER INT64_MAX /* a msec_t that does not come */

/* Run `fn` on the address of the variable when it goes out of scope. */
#define CLEANUP(fn) __attribute__((cleanup(fn)))

/* Hand a pointer over: its value, the variable becoming NULL. */
#define TAKE(p)                         \
	__extension__({                 \
		__typeof__(p) p_ = (p); \
		(p) = NULL;             \
		p_;                     \
	})

#define ARRAY_COUNT(a)                (sizeof(a) / sizeof((a)[0]))
#define PRINTF_LIKE(f, a)             __attribute__((format(printf, f, a)))
#define CONTAINER_OF(p, type, member) ((type *)(void *)((char *)(p)-offsetof(type, member)))

/* Bytes that somebody else owns. */
struct slice {
	const uint8_t *data;
	size_t size;
};
