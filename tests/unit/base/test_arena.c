/* test_arena.c - scratch memory: bounds, alignment, zeroes. */
#include "base/arena.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void
memory_is_zeroed_and_aligned(void **state)
{
	struct arena arena;

	(void)state;
	arena_init(&arena, 1 << 20);
	for (size_t size = 1; size < 200; size++) {
		uint8_t *bytes = arena_take(&arena, size);
		assert_non_null(bytes);
		assert_int_equal((uintptr_t)bytes % _Alignof(max_align_t), 0);
		for (size_t i = 0; i < size; i++)
			assert_int_equal(bytes[i], 0);
		memset(bytes, 0xff, size);
	}
	arena_done(&arena);
}

static void
memory_is_zeroed_again_after_clear(void **state)
{
	struct arena arena;

	(void)state;
	arena_init(&arena, 1 << 20);
	memset(arena_take(&arena, 100), 0xff, 100);
	arena_clear(&arena);
	assert_int_equal(arena.used, 0);
	const uint8_t *bytes = arena_take(&arena, 100);
	for (size_t i = 0; i < 100; i++)
		assert_int_equal(bytes[i], 0);
	arena_done(&arena);
}

static void
no_more_than_the_maximum_is_handed_out(void **state)
{
	struct arena arena;
	size_t taken = 0;

	(void)state;
	arena_init(&arena, 1000);
	while (arena_take(&arena, 7))
		taken++;
	assert_true(taken > 0 && arena.used <= 1000);
	assert_null(arena_take(&arena, 1000));
	arena_done(&arena);
}

static void
the_used_bytes_never_pass_the_maximum(void **state)
{
	struct arena arena;

	(void)state;
	arena_init(&arena, 20);
	(void)arena_take(&arena, 17);
	assert_true(arena.used <= 20);
	arena_done(&arena);
}

static void
absurd_sizes_are_refused(void **state)
{
	struct arena arena;

	(void)state;
	arena_init(&arena, SIZE_MAX);
	assert_null(arena_take(&arena, SIZE_MAX));
	assert_null(arena_take(&arena, SIZE_MAX - 1));
	assert_null(arena_take(&arena, SIZE_MAX - 20));
	assert_null(arena_text(&arena, "", SIZE_MAX));
	arena_done(&arena);
}

static void
large_wishes_get_their_block(void **state)
{
	struct arena arena;

	(void)state;
	arena_init(&arena, 10 << 20);
	char *small = arena_take(&arena, 10), *large = arena_take(&arena, 5 << 20);
	char *next = arena_take(&arena, 10);
	memset(large, 1, 5 << 20);
	memset(next, 1, 10);
	for (size_t i = 0; i < 10; i++)
		assert_int_equal(small[i], 0);
	arena_done(&arena);
}

static void
a_fixed_arena_stays_in_its_memory(void **state)
{
	struct arena arena;
	size_t taken = 0;

	(void)state;
	for (size_t size = 0; size < 200; size++) {
		/* Heap blocks of the exact size, at odd places too: the sanitizer sees a byte past
		 * the end. */
		for (size_t skip = 0; skip < 3 && skip <= size; skip++) {
			uint8_t *memory = malloc(size + 1);
			arena_init_fixed(&arena, memory + skip, size - skip);
			for (uint8_t *bytes; (bytes = arena_take(&arena, 24)); taken++) {
				assert_int_equal((uintptr_t)bytes % _Alignof(max_align_t), 0);
				assert_true(bytes >= memory + skip && bytes + 24 <= memory + size);
				memset(bytes, 0xff, 24);
			}
			arena_done(&arena);
			free(memory);
		}
	}
	assert_true(taken > 1000);
}

static void
a_fixed_arena_is_whole_after_clear(void **state)
{
	_Alignas(max_align_t) uint8_t memory[256];
	struct arena arena;

	(void)state;
	arena_init_fixed(&arena, memory, sizeof(memory));
	void *first = arena_take(&arena, 256);
	assert_ptr_equal(first, memory);
	assert_null(arena_take(&arena, 1));
	arena_clear(&arena);
	assert_ptr_equal(arena_take(&arena, 256), memory);
	arena_done(&arena);
}

static void
texts_are_copied_with_a_nul(void **state)
{
	struct arena arena;

	(void)state;
	arena_init(&arena, 100);
	assert_string_equal(arena_text(&arena, "drydock", 3), "dry");
	assert_string_equal(arena_text(&arena, NULL, 0), "");
	assert_null(arena_text(&arena, "x", 100));
	arena_done(&arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(memory_is_zeroed_and_aligned),
		cmocka_unit_test(memory_is_zeroed_again_after_clear),
		cmocka_unit_test(no_more_than_the_maximum_is_handed_out),
		cmocka_unit_test(the_used_bytes_never_pass_the_maximum),
		cmocka_unit_test(absurd_sizes_are_refused),
		cmocka_unit_test(large_wishes_get_their_block),
		cmocka_unit_test(a_fixed_arena_stays_in_its_memory),
		cmocka_unit_test(a_fixed_arena_is_whole_after_clear),
		cmocka_unit_test(texts_are_copied_with_a_nul),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
