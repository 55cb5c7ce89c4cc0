/* sim_wire.c - what joins two simulated streams: segments in order, late by chance. */
#include "env/sim_wire.h"

#include <stdlib.h>
#include <string.h>

struct sim_wire *
sim_wire_new(struct sim_host *origin, struct sim_host *target)
{
	struct sim_wire *wire = sim_allocate(sizeof(*wire));

	wire->hosts[0] = origin;
	wire->hosts[1] = target;
	return wire;
}

void
sim_wire_unref(struct sim_wire *wire)
{
	if (--wire->references == 0)
		free(wire);
}

void
sim_segment_free(struct sim_segment *segment)
{
	sim_wire_unref(segment->wire);
	free(segment);
}

static void
segment_drop(struct sim_event *event)
{
	sim_segment_free(CONTAINER_OF(event, struct sim_segment, event));
}

static void
segment_arrive(void *arg)
{
	struct sim_segment *segment = arg;
	struct sim_wire *wire = segment->wire;
	struct sim *sim = segment->event.sim;

	sim_note(sim, wire->hosts[segment->side], NOTE_SEGMENT,
		 sim_hash(segment->data, segment->size) ^ segment->kind);
	if (wire->is_broken && segment->kind != SEGMENT_RESET)
		sim_segment_free(segment);
	else if (segment->kind == SEGMENT_CONNECT)
		sim_listener_arrive(segment);
	else
		sim_stream_arrive(segment);
}

void
sim_wire_send(struct sim_wire *wire, unsigned side, enum sim_segment_kind kind, int reason,
	      const void *data, size_t size, msec_t at)
{
	struct sim *sim = wire->hosts[0]->sim;
	struct sim_segment *segment = sim_allocate(sizeof(*segment) + size);

	segment->wire = wire;
	wire->references++;
	segment->side = side;
	segment->kind = kind;
	segment->reason = reason;
	segment->size = size;
	if (size > 0)
		memcpy(segment->data, data, size);
	if (wire->last_at[side] < at)
		wire->last_at[side] = at;
	sim_post(sim, &segment->event, wire->last_at[side], segment_arrive, segment_drop);
}
