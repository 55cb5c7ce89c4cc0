/* names.c - a list of file names that is told sorted. */
#include "env/names.h"

#include <stdlib.h>
#include <string.h>

enum { CAPACITY_FIRST = 32 };

static int
compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

bool
names_add(struct names *names, const char *name)
{
	if (names->count == names->capacity) {
		const size_t capacity = names->capacity > 0 ? names->capacity * 2 : CAPACITY_FIRST;
		char **items = reallocarray(names->items, capacity, sizeof(*items));
		if (!items)
			return false;
		names->items = items;
		names->capacity = capacity;
	}
	char *copy = strdup(name);
	if (!copy)
		return false;
	names->items[names->count++] = copy;
	return true;
}

void
names_tell(struct names *names, void (*found)(void *arg, const char *name), void *arg)
{
	if (names->count > 0)
		qsort(names->items, names->count, sizeof(*names->items), compare);
	for (size_t i = 0; i < names->count; i++)
		found(arg, names->items[i]);
}

void
names_done(struct names *names)
{
	for (size_t i = 0; i < names->count; i++)
		free(names->items[i]);
	free(names->items);
	*names = (struct names){ 0 };
}
