/* env_sim_address.c - addresses of the simulated world: who owns them, what can be bound, where
 * talk comes from. */
#include "env/sim_world.h"

#include <stdlib.h>
#include <string.h>

enum { TABLE_SIZE_FIRST = 64, PORT_FREE_FIRST = 32768, PORT_FREE_LAST = 60999 };

static struct addr
without_port(const struct addr *addr)
{
	struct addr host = *addr;

	host.port = 0;
	return host;
}

static bool
owns(const struct sim_host *host, const struct addr *addr)
{
	for (unsigned i = 0; i < host->addresses_count; i++) {
		if (addr_host_equal(&host->addresses[i], addr))
			return true;
	}
	return false;
}

static bool
is_loopback(const struct addr *addr)
{
	static const uint8_t one[16] = { [15] = 1 }; /* ::1 */

	if (addr->family == ADDR_IPV4)
		return addr->ip[0] == 127;
	return addr->family == ADDR_IPV6 && memcmp(addr->ip, one, sizeof(one)) == 0;
}

/* ---- the table of all addresses ---- */

static void
table_put(struct sim_host **table, size_t size, struct sim_host *host, const struct addr *addr)
{
	const struct addr key = without_port(addr);
	size_t i = addr_hash(&key) % size;

	while (table[i])
		i = (i + 1) % size;
	table[i] = host;
}

static void
table_grow(struct sim *sim)
{
	const size_t size = sim->table_size > 0 ? sim->table_size * 2 : TABLE_SIZE_FIRST;
	struct sim_host **table = sim_allocate(size * sizeof(struct sim_host *));

	for (struct sim_host *host = sim->hosts; host; host = host->next) {
		for (unsigned i = 0; i < host->addresses_count; i++)
			table_put(table, size, host, &host->addresses[i]);
	}
	free(sim->table);
	sim->table = table;
	sim->table_size = size;
}

void
sim_table_add(struct sim *sim, struct sim_host *host, const struct addr *addr)
{
	if ((sim->table_used + 1) * 2 > sim->table_size)
		table_grow(sim);
	table_put(sim->table, sim->table_size, host, addr);
	sim->table_used++;
}

struct sim_host *
sim_table_find(struct sim *sim, struct sim_host *origin, const struct addr *addr)
{
	const struct addr key = without_port(addr);

	if (addr->family == ADDR_UNIX)
		return origin;
	if (sim->table_size > 0) {
		size_t i = addr_hash(&key) % sim->table_size;
		for (; sim->table[i]; i = (i + 1) % sim->table_size) {
			if (owns(sim->table[i], &key))
				return sim->table[i];
		}
	}
	return is_loopback(addr) ? origin : NULL;
}

/* ---- binding ---- */

bool
sim_address_takes(const struct addr *bound, const struct addr *to)
{
	if (bound->family == ADDR_UNIX)
		return addr_equal(bound, to);
	return bound->family == to->family && bound->port == to->port &&
	       (addr_is_any(bound) || addr_host_equal(bound, to));
}

bool
sim_address_collides(const struct addr *a, const struct addr *b)
{
	return sim_address_takes(a, b) || sim_address_takes(b, a);
}

static int
port_find(struct sim_host *host,
	  bool (*is_taken)(const struct sim_host *host, const struct addr *at), struct addr *local,
	  struct err *err)
{
	for (int i = PORT_FREE_FIRST; i <= PORT_FREE_LAST; i++) {
		if (host->port_next < PORT_FREE_FIRST || host->port_next > PORT_FREE_LAST)
			host->port_next = PORT_FREE_FIRST;
		local->port = host->port_next++;
		if (!is_taken(host, local))
			return 0;
	}
	return err_set(err, AT, DD_EBUSY, "host %s has no free port", host->name);
}

int
sim_bind(struct sim_host *host, const struct addr *at,
	 bool (*is_taken)(const struct sim_host *host, const struct addr *at),
	 struct addr *ret_local, struct err *err)
{
	char text[ADDR_TEXT_MAX];
	struct addr local = *at;

	if (at->family == ADDR_NONE)
		return err_set(err, AT, DD_EINVAL, "no address to bind to");
	if (at->family != ADDR_UNIX && !addr_is_any(at) &&
	    sim_table_find(host->sim, host, at) != host)
		return err_set(err, AT, DD_EINVAL, "address %s is not one of host %s",
			       addr_text(at, text), host->name);
	if (at->family != ADDR_UNIX && at->port == 0) {
		const int r = port_find(host, is_taken, &local, err);
		if (r < 0)
			return r;
	} else if (is_taken(host, at)) {
		return err_set(
			err, AT, DD_EBUSY,
			"address %s is in use by another program: stop it or choose another port",
			addr_text(at, text));
	}
	*ret_local = local;
	return 0;
}

int
sim_source(struct sim_host *host, const struct addr *wanted, const struct addr *to,
	   struct sim_host *target, struct addr *ret_source)
{
	if (wanted && wanted->family == to->family && !addr_is_any(wanted)) {
		if (sim_table_find(host->sim, host, wanted) != host)
			return DD_EINVAL;
		*ret_source = without_port(wanted);
		return 0;
	}
	if (target == host) {
		*ret_source = without_port(to);
		return 0;
	}
	for (unsigned i = 0; i < host->addresses_count; i++) {
		if (host->addresses[i].family == to->family) {
			*ret_source = without_port(&host->addresses[i]);
			return 0;
		}
	}
	return DD_EINVAL; /* no route: nothing of that family here */
}

int
sim_dead(const struct sim_host *host, int code, struct err *err)
{
	return err_set(err, AT, code, "host %s has crashed", host->name);
}
