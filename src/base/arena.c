/* Scratch memory that is freed all at once. */
#include "base/arena.h"

#include <stdlib.h>
#include <string.h>

enum { BLOCK_SIZE = 16 << 10, ALIGNMENT = 16 };

struct arena_block {
	struct arena_block *next;
	size_t size;
	_Alignas(ALIGNMENT) uint8_t bytes[];
};

void
arena_init(struct arena *arena, size_t used_max)
{
	*arena = (struct arena){ .used_max = used_max };
}

void
arena_init_fixed(struct arena *arena, void *memory, size_t size)
{
	size_t skip = (ALIGNMENT - (uintptr_t)memory % ALIGNMENT) % ALIGNMENT;

	skip = skip < size ? skip : size;
	*arena = (struct arena){ .is_fixed = true,
				 .next = (uint8_t *)memory + skip,
				 .used_max = size - skip };
	arena->end = arena->next + arena->used_max;
}

void
arena_done(struct arena *arena)
{
	struct arena_block *next;

	for (struct arena_block *block = arena->blocks; block != NULL; block = next) {
		next = block->next;
		free(block);
	}
	*arena = (struct arena){ 0 };
}

void
arena_clear(struct arena *arena)
{
	size_t used_max = arena->used_max;

	if (arena->is_fixed) {
		arena->next = arena->end - used_max;
		arena->used = 0;
		return;
	}
	arena_done(arena);
	arena_init(arena, used_max);
}

static bool
add_block(struct arena *arena, size_t size)
{
	size_t block_size = size > BLOCK_SIZE ? size : BLOCK_SIZE;
	struct arena_block *block = malloc(sizeof(*block) + block_size);

	if (block == NULL)
		return false;
	block->next = arena->blocks;
	block->size = block_size;
	arena->blocks = block;
	arena->next = block->bytes;
	arena->end = block->bytes + block_size;
	return true;
}

void *
arena_take(struct arena *arena, size_t size)
{
	if (size > arena->used_max || arena->used > arena->used_max - size)
		return NULL;
	size_t rounded = (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
	if ((size_t)(arena->end - arena->next) < rounded) {
		if (arena->is_fixed || !add_block(arena, rounded))
			return NULL;
	}
	void *memory = arena->next;
	arena->next += rounded;
	arena->used += rounded;
	memset(memory, 0, rounded);
	return memory;
}

char *
arena_text(struct arena *arena, const char *data, size_t size)
{
	char *text = size < SIZE_MAX ? arena_take(arena, size + 1) : NULL;

	if (text != NULL && size > 0)
		memcpy(text, data, size);
	return text;
}
