/* timers.h - private to this room: a binary heap of timers by (time, order of setting), shared by
 * both kinds of host.
 *
 * The timers belong to their owners; the heap holds pointers. timer->heap_index is its place plus
 * one. A heap may serve several hosts (the simulated world has one): each entry knows whose it is.
 */
#pragma once
#include "env/env.h"

struct timer_slot {
	struct env_timer *timer;
	struct env *host; /* NULL: the world's own event */
};

/* All zero is an empty heap. */
struct timers {
	struct timer_slot *slots;
	size_t count, capacity;
	uint64_t order_next;
};

void timers_done(struct timers *timers);
/* Set or move. Ends the program where memory is short: a timer that is lost would be a wait for
 * ever. */
void timers_set(struct timers *timers, struct env *host, struct env_timer *timer, msec_t at);
void timers_clear(struct timers *timers, struct env_timer *timer);
/* The next one, NULL where none is set; *ret_host (may be NULL) whose it is. */
struct env_timer *timers_first(const struct timers *timers, struct env **ret_host);
/* Unset all timers of one host. */
void timers_drop(struct timers *timers, const struct env *host);
