/* env_sim_udp.c - datagrams of the simulated world: late, lost, doubled, by chance. */
#include "env/sim_world.h"

#include <stdlib.h>
#include <string.h>

struct sim_udp {
	struct env_udp base;
	struct sim_udp *next;
	bool is_dead;
};

/* One datagram on its way. */
struct datagram {
	struct sim_event event;
	struct sim_host *origin, *target;
	struct addr from, to;
	size_t size;
	uint8_t data[];
};

static bool
udp_is_taken(const struct sim_host *host, const struct addr *at)
{
	for (const struct sim_udp *udp = host->udps; udp; udp = udp->next) {
		if (sim_address_collides(&udp->base.local, at))
			return true;
	}
	return false;
}

int
sim_udp_open(struct env *env, const struct addr *at, env_udp_fn *received, void *arg,
	     struct env_udp **ret_udp, struct err *err)
{
	struct sim_host *host = SIM_HOST(env);
	struct addr local;

	if (env->has_crashed)
		return sim_dead(host, DD_ECLOSED, err);
	if (at->family != ADDR_IPV4 && at->family != ADDR_IPV6)
		return err_set(err, AT, DD_EINVAL, "no address for datagrams");
	const int r = sim_bind(host, at, udp_is_taken, &local, err);
	if (r < 0)
		return r;
	struct sim_udp *udp = sim_allocate(sizeof(*udp));
	udp->base =
		(struct env_udp){ .env = env, .local = local, .received = received, .arg = arg };
	udp->next = host->udps;
	host->udps = udp;
	*ret_udp = &udp->base;
	return 0;
}

static struct sim_udp *
udp_find(const struct sim_host *host, const struct addr *to)
{
	for (struct sim_udp *udp = host->udps; udp; udp = udp->next) {
		if (sim_address_takes(&udp->base.local, to))
			return udp;
	}
	return NULL;
}

static void
datagram_drop(struct sim_event *event)
{
	free(event); /* comes first */
}

static void
datagram_arrive(void *arg)
{
	struct datagram *datagram = arg;
	struct sim *sim = datagram->event.sim;
	struct sim_host *target = datagram->target;
	struct sim_udp *udp = NULL;

	if (!env_is_dead(&target->env) && !sim_is_cut(sim, datagram->origin, target))
		udp = udp_find(target, &datagram->to);
	sim_note(sim, target, udp ? NOTE_RECEIVED : NOTE_LOST,
		 sim_hash(datagram->data, datagram->size));
	if (udp)
		udp->base.received(udp->base.arg, &datagram->from, &datagram->to, datagram->data,
				   datagram->size);
	free(datagram);
}

static void
datagram_send(struct sim_udp *udp, struct sim_host *target, const struct addr *from,
	      const struct addr *to, const void *data, size_t size)
{
	struct sim_host *origin = SIM_HOST(udp->base.env);
	struct sim *sim = origin->sim;
	struct datagram *datagram = sim_allocate(sizeof(*datagram) + size);
	msec_t delay = sim_latency(sim);

	datagram->origin = origin;
	datagram->target = target;
	datagram->from = *from;
	datagram->to = *to;
	datagram->size = size;
	if (size > 0)
		memcpy(datagram->data, data, size);
	if (sim_chance(sim, sim->settings.late_permille))
		delay += (msec_t)(sim_random(sim) % ((uint64_t)sim->settings.late_max_ms + 1));
	sim_post(sim, &datagram->event, sim->now + delay, datagram_arrive, datagram_drop);
}

int
sim_udp_send(struct env_udp *base, const struct addr *to, const struct addr *from, const void *data,
	     size_t size)
{
	struct sim_udp *udp = CONTAINER_OF(base, struct sim_udp, base);
	struct sim_host *host = SIM_HOST(base->env);
	struct sim *sim = host->sim;
	struct addr source;

	if (udp->is_dead)
		return DD_ECLOSED;
	if (to->family != base->local.family || size > ENV_DATAGRAM_MAX || to->port == 0)
		return DD_EINVAL;
	struct sim_host *target = sim_table_find(sim, host, to);
	const int r = sim_source(host, addr_is_any(&base->local) ? from : &base->local, to, target,
				 &source);
	if (r < 0)
		return r;
	source.port = base->local.port;
	sim_note(sim, host, NOTE_SENT, sim_hash(data, size));
	if (!target || sim_is_cut(sim, host, target) ||
	    sim_chance(sim, sim->settings.loss_permille))
		return 0;
	datagram_send(udp, target, &source, to, data, size);
	if (sim_chance(sim, sim->settings.duplicate_permille))
		datagram_send(udp, target, &source, to, data, size);
	return 0;
}

void
sim_udp_close(struct env_udp *base)
{
	struct sim_udp *udp = CONTAINER_OF(base, struct sim_udp, base);
	struct sim_udp **link = &SIM_HOST(base->env)->udps;

	while (*link && *link != udp)
		link = &(*link)->next;
	if (*link)
		*link = udp->next;
	free(udp);
}

void
sim_udp_crash(struct sim_host *host)
{
	for (struct sim_udp *udp = host->udps; udp; udp = udp->next)
		udp->is_dead = true;
	host->udps = NULL;
}
