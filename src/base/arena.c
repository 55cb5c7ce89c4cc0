/* arena.c - scratch memory that is freed all at once. */
#include "base/arena.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
	ARENA_ALIGN = _Alignof(max_align_t),
	BLOCK_SIZE_MIN = 4096,
	BLOCK_SIZE_MAX = 256 << 10, /* blocks double up to here; a larger wish gets its own */
};

struct arena_block {
	struct arena_block *next;
	size_t size; /* of memory */
	_Alignas(max_align_t) uint8_t memory[];
};

void
arena_init(struct arena *arena, size_t used_max)
{
	*arena = (struct arena){
		.used_max = used_max < ARENA_SIZE_MAX ? used_max : ARENA_SIZE_MAX,
	};
}

void
arena_init_fixed(struct arena *arena, void *memory, size_t size)
{
	const size_t gap = -(uintptr_t)memory % ARENA_ALIGN;

	*arena = (struct arena){ .is_fixed = true };
	if (size < gap)
		return;
	arena->next = (uint8_t *)memory + gap;
	arena->end = (uint8_t *)memory + size;
	arena->used_max = size - gap;
}

static void
blocks_free(struct arena_block *block)
{
	while (block) {
		struct arena_block *next = block->next;
		free(block);
		block = next;
	}
}

void
arena_done(struct arena *arena)
{
	blocks_free(arena->blocks);
	*arena = (struct arena){ 0 };
}

void
arena_clear(struct arena *arena)
{
	struct arena_block *newest = arena->blocks;

	if (arena->is_fixed) {
		arena->next -= arena->used; /* `used` counts alignment too */
	} else if (newest) {
		blocks_free(newest->next);
		newest->next = NULL;
		arena->next = newest->memory;
		arena->end = newest->memory + newest->size;
	}
	arena->used = 0;
}

static bool
arena_grow(struct arena *arena, size_t size)
{
	size_t block_size = arena->blocks ? arena->blocks->size * 2 : BLOCK_SIZE_MIN;

	if (block_size > BLOCK_SIZE_MAX)
		block_size = BLOCK_SIZE_MAX;
	if (block_size < size)
		block_size = size;

	struct arena_block *block = malloc(sizeof(*block) + block_size);
	if (!block)
		return false;
	block->next = arena->blocks;
	block->size = block_size;
	arena->blocks = block;
	arena->next = block->memory;
	arena->end = block->memory + block_size;
	return true;
}

void *
arena_take(struct arena *arena, size_t size)
{
	const size_t left = arena->used_max - arena->used;

	assert(arena->used <= arena->used_max);
	if (size > left)
		return NULL;

	size += -size % ARENA_ALIGN; /* no overflow: left is ARENA_SIZE_MAX at most */
	if (size == 0)
		size = ARENA_ALIGN; /* every taking has an address of its own */
	if (size > left)
		return NULL;
	if ((size_t)(arena->end - arena->next) < size &&
	    (arena->is_fixed || !arena_grow(arena, size)))
		return NULL;

	void *taken = arena->next;
	arena->next += size;
	arena->used += size;
	return memset(taken, 0, size);
}

char *
arena_text(struct arena *arena, const char *data, size_t size)
{
	char *text = size < SIZE_MAX ? arena_take(arena, size + 1) : NULL;

	if (text && size > 0)
		memcpy(text, data, size);
	return text;
}
