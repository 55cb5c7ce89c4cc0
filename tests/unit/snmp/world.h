/* world.h - a simulated network for tests: this host, a device's host and a stranger's, 10 ms
 * apart. */
#pragma once
#include "env/env_sim.h"
#include "wire/snmp.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { LATENCY_MS = 10 };

#define HERE     "192.0.2.1"
#define DEVICE   "192.0.2.2"
#define STRANGER "192.0.2.3"

/* What arrived last at one socket. */
struct inbox {
	struct env_udp *udp;
	unsigned count;
	msec_t at[16]; /* of the first ones */
	struct addr from, to;
	uint8_t data[SNMP_MESSAGE_MAX];
	size_t size;
	bool has_changed; /* a later datagram differed from the one before */
	struct env *env;
};

struct world {
	struct sim *sim;
	struct env *here, *device, *stranger;
};

static inline struct addr
addr_of(const char *text)
{
	struct addr addr;

	assert_int_equal(addr_parse(text, 0, &addr, NULL), 0);
	return addr;
}

static inline struct oid
oid_of(const char *text)
{
	struct oid oid;

	assert_int_equal(oid_parse(text, &oid, NULL), 0);
	return oid;
}

static inline void
world_open(struct world *world, const struct sim_settings *settings)
{
	const struct addr here[] = { addr_of(HERE), addr_of("192.0.2.11") };
	const struct addr device = addr_of(DEVICE), stranger = addr_of(STRANGER);

	assert_int_equal(sim_new(settings, &world->sim, NULL), 0);
	world->here = sim_host(world->sim, "here", here, 2);
	world->device = sim_host(world->sim, "device", &device, 1);
	world->stranger = sim_host(world->sim, "stranger", &stranger, 1);
}

static inline void
world_run(struct world *world, msec_t milliseconds)
{
	(void)sim_run(world->sim, sim_now(world->sim) + milliseconds, NULL, NULL);
}

static inline void
inbox_received(void *arg, const struct addr *from, const struct addr *to, const uint8_t *data,
	       size_t size)
{
	struct inbox *inbox = arg;

	if (inbox->count > 0 && (size != inbox->size || memcmp(inbox->data, data, size) != 0))
		inbox->has_changed = true;
	if (inbox->count < ARRAY_COUNT(inbox->at))
		inbox->at[inbox->count] = env_now(inbox->env);
	inbox->count++;
	inbox->from = *from;
	inbox->to = *to;
	inbox->size = size;
	memcpy(inbox->data, data, size);
}

static inline void
inbox_open(struct inbox *inbox, struct env *env, const char *at)
{
	const struct addr addr = addr_of(at);

	inbox->env = env;
	assert_int_equal(env_udp_open(env, &addr, inbox_received, inbox, &inbox->udp, NULL), 0);
}

static inline void
message_send(struct env_udp *udp, const struct addr *to, const struct snmp_message *message)
{
	static uint8_t data[SNMP_MESSAGE_MAX];
	const int64_t size = snmp_encode(message, data, sizeof(data));

	assert_true(size > 0);
	assert_int_equal(env_udp_send(udp, to, NULL, data, (size_t)size), 0);
}
