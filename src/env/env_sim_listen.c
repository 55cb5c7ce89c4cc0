/* env_sim_listen.c - listening and connecting in the simulated world. */
#include "env/sim_wire.h"

#include <assert.h>
#include <stdlib.h>

struct sim_listener {
	struct env_listener base;
	struct sim_listener *next;
	bool is_dead;
};

static bool
listener_is_taken(const struct sim_host *host, const struct addr *at)
{
	for (const struct sim_listener *l = host->listeners; l; l = l->next) {
		if (sim_address_collides(&l->base.local, at))
			return true;
	}
	return false;
}

int
sim_listen(struct env *env, const struct addr *at, env_accepted_fn *accepted, void *arg,
	   struct env_listener **ret_listener, struct err *err)
{
	struct sim_host *host = SIM_HOST(env);
	struct addr local;

	if (env->has_crashed)
		return sim_dead(host, DD_ECLOSED, err);
	const int r = sim_bind(host, at, listener_is_taken, &local, err);
	if (r < 0)
		return r;
	struct sim_listener *listener = sim_allocate(sizeof(*listener));
	listener->base = (struct env_listener){
		.env = env, .local = local, .accepted = accepted, .arg = arg
	};
	listener->next = host->listeners;
	host->listeners = listener;
	*ret_listener = &listener->base;
	return 0;
}

void
sim_listener_close(struct env_listener *base)
{
	struct sim_listener *listener = CONTAINER_OF(base, struct sim_listener, base);
	struct sim_listener **link = &SIM_HOST(base->env)->listeners;

	while (*link && *link != listener)
		link = &(*link)->next;
	if (*link)
		*link = listener->next;
	free(listener);
}

void
sim_listener_crash(struct sim_host *host)
{
	for (struct sim_listener *l = host->listeners; l; l = l->next)
		l->is_dead = true;
	host->listeners = NULL;
}

static struct sim_listener *
listener_find(const struct sim_host *host, const struct addr *to)
{
	for (struct sim_listener *l = host->listeners; l; l = l->next) {
		if (sim_address_takes(&l->base.local, to))
			return l;
	}
	return NULL;
}

/* Answer one that wants to connect: accept it, refuse it, or, where the host is down, leave it
 * waiting. */
static void
connect_answer(struct sim_wire *wire, const struct sim_stream *client)
{
	struct sim_host *host = wire->hosts[1];
	struct sim *sim = host->sim;
	const struct addr to = client->base.peer, from = client->base.local;
	const msec_t soon = sim->now + (to.family == ADDR_UNIX ? 0 : sim_latency(sim));
	struct sim_listener *listener = listener_find(host, &to);

	if (host->env.has_crashed) {
		sim_wire_send(wire, 0, SEGMENT_RESET, DD_ETIMEOUT, NULL, 0,
			      sim->now + SIM_CONNECT_LIMIT_MS);
		return;
	}
	if (!listener || host->env.is_stopping) {
		sim_wire_send(wire, 0, SEGMENT_RESET, DD_ECLOSED, NULL, 0, soon);
		return;
	}
	struct sim_stream *s = sim_stream_new(host, wire, 1, &to, &from);
	sim_wire_send(wire, 0, SEGMENT_OPENED, 0, NULL, 0, soon);
	listener->base.accepted(listener->base.arg, &s->base, &from);
	assert(wire->ends[1] != s || s->base.is_used); /* it must be used or closed at once */
}

void
sim_listener_arrive(struct sim_segment *segment)
{
	const struct sim_stream *client = segment->wire->ends[0];

	if (client)
		connect_answer(segment->wire, client);
	sim_segment_free(segment);
}

/* The address that a connection comes from. */
static int
connect_source(struct sim_host *host, const struct addr *to, const struct addr *local,
	       struct sim_host *target, struct addr *ret_source)
{
	if (to->family == ADDR_UNIX) {
		*ret_source = (struct addr){ .family = ADDR_UNIX };
		return 0;
	}
	const int r = sim_source(host, local, to, target, ret_source);
	if (r < 0)
		return r;
	if (local && local->port != 0) {
		ret_source->port = local->port;
		return 0;
	}
	return sim_bind(host, ret_source, listener_is_taken, ret_source, NULL);
}

int
sim_connect(struct env *env, const struct addr *to, const struct addr *local,
	    const struct env_stream_events *events, void *arg, struct env_stream **ret_stream,
	    struct err *err)
{
	struct sim_host *host = SIM_HOST(env);
	struct sim *sim = host->sim;
	char text[ADDR_TEXT_MAX];
	struct addr source;

	if (env->has_crashed)
		return sim_dead(host, DD_ECLOSED, err);
	if (to->family == ADDR_NONE)
		return err_set(err, AT, DD_EINVAL, "no address to connect to");
	if (to->family == ADDR_UNIX && !listener_find(host, to))
		return err_set(err, AT, DD_ECLOSED, "nobody listens at %s: is it running?",
			       addr_text(to, text));
	struct sim_host *target = sim_table_find(sim, host, to);
	const int r = connect_source(host, to, local, target, &source);
	if (r < 0)
		return err_set(err, AT, r, "no connection to %s: no local address leads there",
			       addr_text(to, text));
	const bool is_lost = !target || (target != host && sim_is_cut(sim, host, target));
	struct sim_wire *wire = sim_wire_new(host, target ? target : host);
	struct sim_stream *s = sim_stream_new(host, wire, 0, &source, to);
	s->is_connecting = true;
	env_stream_use(&s->base, events, arg);
	if (is_lost)
		sim_wire_send(wire, 0, SEGMENT_RESET, DD_ETIMEOUT, NULL, 0,
			      sim->now + SIM_CONNECT_LIMIT_MS);
	else
		sim_wire_send(wire, 1, SEGMENT_CONNECT, 0, NULL, 0,
			      sim->now + (to->family == ADDR_UNIX ? 0 : sim_latency(sim)));
	*ret_stream = &s->base;
	return 0;
}
