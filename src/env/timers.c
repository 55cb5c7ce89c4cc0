/* timers.c - a binary heap of timers by (time, order of setting). */
#include "env/timers.h"

#include <assert.h>
#include <stdlib.h>

enum { CAPACITY_FIRST = 64 };

static bool
is_before(const struct timer_slot *a, const struct timer_slot *b)
{
	if (a->timer->at != b->timer->at)
		return a->timer->at < b->timer->at;
	return a->timer->order < b->timer->order;
}

static void
slot_put(struct timers *timers, size_t i, struct timer_slot slot)
{
	timers->slots[i] = slot;
	slot.timer->heap_index = i + 1;
}

static void
sift_up(struct timers *timers, size_t i)
{
	const struct timer_slot slot = timers->slots[i];

	while (i > 0 && is_before(&slot, &timers->slots[(i - 1) / 2])) {
		slot_put(timers, i, timers->slots[(i - 1) / 2]);
		i = (i - 1) / 2;
	}
	slot_put(timers, i, slot);
}

static void
sift_down(struct timers *timers, size_t i)
{
	const struct timer_slot slot = timers->slots[i];

	for (size_t child; (child = 2 * i + 1) < timers->count; i = child) {
		if (child + 1 < timers->count &&
		    is_before(&timers->slots[child + 1], &timers->slots[child]))
			child++;
		if (!is_before(&timers->slots[child], &slot))
			break;
		slot_put(timers, i, timers->slots[child]);
	}
	slot_put(timers, i, slot);
}

static void
grow(struct timers *timers)
{
	const size_t capacity = timers->capacity > 0 ? timers->capacity * 2 : CAPACITY_FIRST;
	struct timer_slot *slots = reallocarray(timers->slots, capacity, sizeof(*slots));

	if (!slots)
		abort();
	timers->slots = slots;
	timers->capacity = capacity;
}

void
timers_done(struct timers *timers)
{
	free(timers->slots);
	*timers = (struct timers){ 0 };
}

void
timers_set(struct timers *timers, struct env *host, struct env_timer *timer, msec_t at)
{
	timers_clear(timers, timer);
	if (timers->count == timers->capacity)
		grow(timers);
	timer->at = at;
	timer->order = timers->order_next++;
	timers->slots[timers->count] = (struct timer_slot){ timer, host };
	sift_up(timers, timers->count++);
}

void
timers_clear(struct timers *timers, struct env_timer *timer)
{
	if (timer->heap_index == 0)
		return;
	const size_t i = timer->heap_index - 1;
	assert(i < timers->count && timers->slots[i].timer == timer);

	timer->heap_index = 0;
	timers->count--;
	if (i == timers->count)
		return;
	slot_put(timers, i, timers->slots[timers->count]);
	sift_down(timers, i);
	sift_up(timers, i);
}

struct env_timer *
timers_first(const struct timers *timers, struct env **ret_host)
{
	if (timers->count == 0)
		return NULL;
	if (ret_host)
		*ret_host = timers->slots[0].host;
	return timers->slots[0].timer;
}

void
timers_drop(struct timers *timers, const struct env *host)
{
	size_t kept = 0;

	for (size_t i = 0; i < timers->count; i++) {
		if (timers->slots[i].host == host)
			timers->slots[i].timer->heap_index = 0;
		else
			slot_put(timers, kept++, timers->slots[i]);
	}
	timers->count = kept;
	for (size_t i = kept / 2; i-- > 0;)
		sift_down(timers, i);
}
