/* env_sim_stream.c - streams of the simulated world.
 *
 * All that is to be told to a stream's owner goes through one timer, `wake`, which makes one
 * callback and sets itself again while there is more: so no callback comes from inside a call, and
 * each may close the stream. */
#include "env/sim_wire.h"

#include <stdlib.h>

enum { UNIX_LATENCY_MS = 0 };

static struct sim *
sim_of(const struct sim_stream *s)
{
	return SIM_HOST(s->base.env)->sim;
}

static size_t
queued(const struct sim_stream *s)
{
	return s->queue.size - s->sent;
}

/* Whether it is still an end of its wire: not closed, its host not crashed. */
static bool
is_live(const struct sim_stream *s)
{
	return s->wire->ends[s->side] == s;
}

static void
segment_send(const struct sim_stream *s, enum sim_segment_kind kind, int reason, const void *data,
	     size_t size)
{
	struct sim *sim = sim_of(s);
	const msec_t latency =
		s->base.local.family == ADDR_UNIX ? UNIX_LATENCY_MS : sim_latency(sim);

	sim_wire_send(s->wire, 1 - s->side, kind, reason, data, size, sim->now + latency);
}

/* ---- sending ---- */

/* Put on the wire what its window takes, in pieces cut by chance; then the end, where it is to
 * come. */
static void
pump(struct sim_stream *s)
{
	if (s->is_connecting || s->is_over || !is_live(s))
		return;
	/* A rest of the window waits to be a whole segment, or segments would shrink to single
	 * bytes. */
	while (queued(s) > 0 && s->in_flight <= SIM_WINDOW_MAX - SIM_SEGMENT_MAX) {
		const size_t size_max = queued(s) < SIM_SEGMENT_MAX ? queued(s) : SIM_SEGMENT_MAX;
		const size_t size = 1 + (size_t)(sim_random(sim_of(s)) % size_max);
		segment_send(s, SEGMENT_DATA, 0, s->queue.data + s->sent, size);
		s->sent += size;
		s->in_flight += size;
	}
	if (queued(s) > 0)
		return;
	buf_clear(&s->queue);
	s->sent = 0;
	if (s->is_finishing && !s->is_shut) {
		s->is_shut = true;
		segment_send(s, SEGMENT_FINISH, 0, NULL, 0);
	}
}

/* ---- telling ---- */

static bool
inbox_is_due(const struct sim_stream *s)
{
	return s->inbox && s->base.is_used && (!s->is_paused || s->is_connecting);
}

/* A reset comes after what came before it, or where sending runs into it; like the kernel's. */
static bool
reset_is_due(const struct sim_stream *s)
{
	if (s->reset_reason == 0)
		return false;
	if (s->is_connecting)
		return true;
	return s->is_paused ? queued(s) > 0 : !s->inbox;
}

static bool
drained_is_due(const struct sim_stream *s)
{
	return s->is_drain_owed && !s->is_connecting && queued(s) == 0;
}

/* Have the owner told what is due, from the loop. */
static void
wake(struct sim_stream *s)
{
	if (!is_live(s) || s->is_over || s->wake.heap_index != 0)
		return;
	if (inbox_is_due(s) || reset_is_due(s) || drained_is_due(s) ||
	    (s->is_shut && s->has_peer_finished))
		env_timer_set(s->base.env, &s->wake, sim_of(s)->now);
}

static void
over(struct sim_stream *s, int reason)
{
	s->is_over = true;
	if (s->base.events.closed)
		s->base.events.closed(s->base.arg, reason);
}

/* The peer may send as much again. */
static void
credit_give(struct sim_stream *s, size_t size)
{
	struct sim_stream *peer = s->wire->ends[1 - s->side];

	if (!peer)
		return;
	peer->in_flight -= size;
	pump(peer);
	wake(peer);
}

static void
inbox_tell(struct sim_stream *s)
{
	struct sim_segment *segment = s->inbox;

	s->inbox = segment->next;
	if (!s->inbox)
		s->inbox_end = &s->inbox;
	if (segment->kind == SEGMENT_OPENED) {
		s->is_connecting = false;
		pump(s);
		if (s->base.events.opened)
			s->base.events.opened(s->base.arg);
	} else if (segment->kind == SEGMENT_DATA) {
		credit_give(s, segment->size);
		if (s->base.events.received)
			s->base.events.received(s->base.arg, segment->data, segment->size);
	} else {
		s->has_peer_finished = true;
		if (s->base.events.finished)
			s->base.events.finished(s->base.arg);
		else
			over(s, DD_ECLOSED);
	}
	sim_segment_free(segment);
}

static void
drained_tell(struct sim_stream *s)
{
	s->is_drain_owed = false;
	if (s->base.events.drained)
		s->base.events.drained(s->base.arg);
}

/* One callback; then again, where more is due and the stream is still there. */
static void
stream_woken(void *arg)
{
	struct sim_stream *s = arg;
	struct sim_wire *wire = s->wire;
	const unsigned side = s->side;

	wire->references++;
	if (reset_is_due(s))
		over(s, s->reset_reason);
	else if (inbox_is_due(s))
		inbox_tell(s);
	else if (drained_is_due(s))
		drained_tell(s);
	else if (s->is_shut && s->has_peer_finished)
		over(s, DD_ECLOSED);
	if (wire->ends[side] == s)
		wake(s);
	sim_wire_unref(wire);
}

/* ---- arriving ---- */

void
sim_stream_arrive(struct sim_segment *segment)
{
	struct sim_wire *wire = segment->wire;
	struct sim_stream *s = wire->ends[segment->side];

	if (s && segment->kind == SEGMENT_RESET) {
		s->reset_reason = segment->reason;
		wake(s);
	} else if (s) {
		segment->next = NULL;
		*s->inbox_end = segment;
		s->inbox_end = &segment->next;
		wake(s);
		return;
	} else if (segment->kind == SEGMENT_DATA && wire->ends[1 - segment->side]) {
		/* Nobody is there to take it: the sender hears of that, as by a TCP reset. */
		sim_wire_send(wire, 1 - segment->side, SEGMENT_RESET, DD_ECLOSED, NULL, 0,
			      segment->event.sim->now + sim_latency(segment->event.sim));
	}
	sim_segment_free(segment);
}

/* ---- the owner's calls ---- */

struct sim_stream *
sim_stream_new(struct sim_host *host, struct sim_wire *wire, unsigned side,
	       const struct addr *local, const struct addr *peer)
{
	struct sim_stream *s = sim_allocate(sizeof(*s));

	s->base.env = &host->env;
	s->base.local = *local;
	s->base.peer = *peer;
	s->wire = wire;
	s->side = side;
	s->wake = (struct env_timer){ .fire = stream_woken, .arg = s };
	s->inbox_end = &s->inbox;
	buf_init(&s->queue,
		 2 * (size_t)ENV_STREAM_QUEUE_MAX); /* what was sent may still lie before it */
	wire->references++;
	wire->ends[side] = s;
	s->next = host->streams;
	host->streams = s;
	return s;
}

void
sim_stream_used(struct env_stream *base)
{
	wake(CONTAINER_OF(base, struct sim_stream, base));
}

int
sim_stream_write(struct env_stream *base, const void *data, size_t size)
{
	struct sim_stream *s = CONTAINER_OF(base, struct sim_stream, base);

	if (!is_live(s) || s->is_over || s->is_finishing)
		return DD_ECLOSED;
	if (size > ENV_STREAM_QUEUE_MAX || queued(s) + size > ENV_STREAM_QUEUE_MAX)
		return DD_EFULL;
	if (s->sent > s->queue.size / 2) {
		buf_drop(&s->queue, s->sent);
		s->sent = 0;
	}
	if (!buf_add(&s->queue, data, size))
		return DD_ENOMEM;
	s->is_drain_owed = true;
	pump(s);
	wake(s);
	return 0;
}

size_t
sim_stream_queued(const struct env_stream *base)
{
	return queued((const struct sim_stream *)base); /* base comes first */
}

void
sim_stream_pause(struct env_stream *base, bool is_paused)
{
	struct sim_stream *s = CONTAINER_OF(base, struct sim_stream, base);

	s->is_paused = is_paused;
	wake(s);
}

void
sim_stream_finish(struct env_stream *base)
{
	struct sim_stream *s = CONTAINER_OF(base, struct sim_stream, base);

	s->is_finishing = true;
	pump(s);
	wake(s);
}

/* ---- the end ---- */

static void
inbox_free(struct sim_stream *s)
{
	while (s->inbox) {
		struct sim_segment *segment = s->inbox;
		s->inbox = segment->next;
		sim_segment_free(segment);
	}
	s->inbox_end = &s->inbox;
}

static bool
inbox_has_data(const struct sim_stream *s)
{
	for (const struct sim_segment *segment = s->inbox; segment; segment = segment->next) {
		if (segment->kind == SEGMENT_DATA)
			return true;
	}
	return false;
}

static void
host_forget(struct sim_stream *s)
{
	struct sim_stream **link = &SIM_HOST(s->base.env)->streams;

	while (*link != s)
		link = &(*link)->next;
	*link = s->next;
}

void
sim_stream_close(struct env_stream *base)
{
	struct sim_stream *s = CONTAINER_OF(base, struct sim_stream, base);

	if (is_live(s)) {
		if (inbox_has_data(s)) /* as the kernel does: the peer must not think it was read */
			segment_send(s, SEGMENT_RESET, DD_ECLOSED, NULL, 0);
		else if (!s->is_shut)
			segment_send(s, SEGMENT_FINISH, 0, NULL, 0);
		env_timer_clear(base->env, &s->wake);
		s->wire->ends[s->side] = NULL;
		host_forget(s);
	}
	inbox_free(s);
	buf_done(&s->queue);
	sim_wire_unref(s->wire);
	free(s);
}

void
sim_stream_crash(struct sim_host *host)
{
	for (struct sim_stream *s = host->streams; s; s = s->next) {
		if (s->wire->ends[1 - s->side] || s->is_connecting)
			segment_send(s, SEGMENT_RESET, DD_ECLOSED, NULL, 0);
		s->wire->ends[s->side] = NULL;
	}
	host->streams = NULL;
}

void
sim_stream_cut(struct sim_host *a, struct sim_host *b)
{
	const msec_t at = a->sim->now + SIM_CUT_NOTICE_MS;

	for (struct sim_stream *s = a->streams; s; s = s->next) {
		if (s->wire->hosts[1 - s->side] != b || s->wire->is_broken)
			continue;
		s->wire->is_broken = true;
		sim_wire_send(s->wire, 0, SEGMENT_RESET, DD_ETIMEOUT, NULL, 0, at);
		sim_wire_send(s->wire, 1, SEGMENT_RESET, DD_ETIMEOUT, NULL, 0, at);
	}
	for (struct sim_stream *s = b->streams; s; s = s->next) {
		if (s->wire->hosts[1 - s->side] != a || s->wire->is_broken)
			continue;
		s->wire->is_broken = true;
		sim_wire_send(s->wire, s->side, SEGMENT_RESET, DD_ETIMEOUT, NULL, 0, at);
	}
}
