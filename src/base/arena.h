/* arena.h - scratch memory that is freed all at once: growing, or in a fixed block for code that
 * may not allocate. */
#pragma once
#include "base/types.h"

enum { ARENA_SIZE_MAX = 1 << 30 };

struct arena_block;
struct arena {
	struct arena_block *blocks; /* newest first; NULL in a fixed arena */
	uint8_t *next, *end;        /* free part of the newest block */
	size_t used, used_max;      /* bytes handed out, and the maximum */
	bool is_fixed;
};

/* A growing arena that hands out at most used_max bytes, rounded up to alignment each, and never
 * more than ARENA_SIZE_MAX. */
void arena_init(struct arena *arena, size_t used_max);
/* An arena in the caller's memory, which it borrows until arena_done(); never allocates. */
void arena_init_fixed(struct arena *arena, void *memory, size_t size);
void arena_done(struct arena *arena);
/* Forget everything handed out. */
void arena_clear(struct arena *arena);

/* `size` zeroed bytes, aligned for any type; NULL when used_max is reached or memory is short. */
void *arena_take(struct arena *arena, size_t size);
/* A copy with a final NUL; NULL as above. */
char *arena_text(struct arena *arena, const char *data, size_t size);
