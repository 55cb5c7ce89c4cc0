/* names.h - private to this room: a list of file names that is told sorted. */
#pragma once
#include "base/types.h"

/* All zero is an empty list. */
struct names {
	char **items; /* owned */
	size_t count, capacity;
};

bool names_add(struct names *names, const char *name); /* copies; false where memory is short */
/* Sort by bytes and tell each. */
void names_tell(struct names *names, void (*found)(void *arg, const char *name), void *arg);
void names_done(struct names *names);
