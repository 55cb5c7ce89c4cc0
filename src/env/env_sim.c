/* env_sim.c - the simulated world: its time, its chance, its hosts and their crashes. */
#include "env/env_sim.h"

#include "base/text.h"
#include "env/sim_world.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define WALL_START_MS 1767225600000 /* 2026-01-01 00:00 UTC */

/* ---- chance and digest ---- */

/* splitmix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014). */
static uint64_t
mix(uint64_t x)
{
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
	x = (x ^ x >> 27) * 0x94d049bb133111ebu;
	return x ^ x >> 31;
}

uint64_t
sim_random(struct sim *sim)
{
	sim->random_state += 0x9e3779b97f4a7c15u;
	return mix(sim->random_state);
}

bool
sim_chance(struct sim *sim, unsigned permille)
{
	return sim_random(sim) % 1000 < permille;
}

uint64_t
sim_hash(const void *data, size_t size)
{
	const uint8_t *bytes = data;
	uint64_t hash = size, word;

	for (; size >= sizeof(word); size -= sizeof(word), bytes += sizeof(word)) {
		memcpy(&word, bytes, sizeof(word));
		hash = mix(hash ^ word);
	}
	for (; size > 0; size--)
		hash = mix(hash ^ *bytes++);
	return hash;
}

void
sim_note(struct sim *sim, const struct sim_host *host, enum sim_note note, uint64_t value)
{
	const uint64_t where = (uint64_t)note << 32 | (host ? host->number : 0);

	sim->digest = mix(sim->digest ^ (uint64_t)sim->now);
	sim->digest = mix(sim->digest ^ where);
	sim->digest = mix(sim->digest ^ value);
}

uint64_t
sim_digest(const struct sim *sim)
{
	return sim->digest;
}

void *
sim_allocate(size_t size)
{
	void *memory = calloc(1, size);

	if (!memory)
		abort();
	return memory;
}

/* ---- time ---- */

msec_t
sim_now(const struct sim *sim)
{
	return sim->now;
}

static msec_t
host_now(struct env *env)
{
	return SIM_HOST(env)->sim->now;
}

static msec_t
host_wall(struct env *env)
{
	return WALL_START_MS + SIM_HOST(env)->sim->now;
}

static void
host_random(struct env *env, void *ret_data, size_t size)
{
	struct sim *sim = SIM_HOST(env)->sim;
	uint8_t *data = ret_data;

	sim_note(sim, SIM_HOST(env), NOTE_RANDOM, size);
	for (size_t i = 0; i < size; i++)
		data[i] = (uint8_t)sim_random(sim);
}

msec_t
sim_latency(struct sim *sim)
{
	const unsigned low = sim->settings.latency_min_ms, high = sim->settings.latency_max_ms;

	return high > low ? low + (msec_t)(sim_random(sim) % ((uint64_t)high - low + 1)) : low;
}

void
sim_post(struct sim *sim, struct sim_event *event, msec_t at, void (*run)(void *event),
	 void (*drop)(struct sim_event *event))
{
	assert(at >= sim->now);
	event->timer = (struct env_timer){ .fire = run, .arg = event };
	event->sim = sim;
	event->drop = drop;
	timers_set(&sim->timers, NULL, &event->timer, at);
}

static void
run_one(struct sim *sim, struct env_timer *timer, struct env *env)
{
	timers_clear(&sim->timers, timer);
	if (timer->at > sim->now)
		sim->now = timer->at;
	if (env && env->is_stopping)
		return; /* it has left its loop */
	if (env)
		sim_note(sim, SIM_HOST(env), NOTE_TIMER, 0);
	timer->fire(timer->arg);
}

/* Run one event; false where none is due until then. */
static bool
run_next(struct sim *sim, msec_t until)
{
	struct env *env = NULL;
	struct env_timer *timer = timers_first(&sim->timers, &env);

	if (!timer || timer->at > until)
		return false;
	run_one(sim, timer, env);
	return true;
}

msec_t
sim_run(struct sim *sim, msec_t until, bool (*done)(void *arg), void *arg)
{
	bool is_done = false, is_due = true;

	assert(!sim->is_running); /* never from a callback */
	sim->is_running = true;
	while (!is_done && is_due) {
		is_done = done && done(arg);
		is_due = !is_done && run_next(sim, until);
	}
	sim->is_running = false;
	if (!is_done && until != DD_NEVER && until > sim->now)
		sim->now = until;
	return sim->now;
}

/* ---- hosts ---- */

static int
no_process_start(struct env *env, const char *const *argv, void (*ended)(void *arg, int status),
		 void *arg, struct env_process **ret_process, struct err *err)
{
	(void)env, (void)ended, (void)arg, (void)ret_process;
	return err_set(err, AT, DD_EUNSUPPORTED, "%s can't be started on a simulated host",
		       argv[0]);
}

static const struct env_ops sim_ops = {
	.now = host_now,
	.wall = host_wall,
	.random = host_random,
	.udp_open = sim_udp_open,
	.udp_send = sim_udp_send,
	.udp_close = sim_udp_close,
	.listen = sim_listen,
	.listener_close = sim_listener_close,
	.connect = sim_connect,
	.stream_used = sim_stream_used,
	.stream_write = sim_stream_write,
	.stream_queued = sim_stream_queued,
	.stream_pause = sim_stream_pause,
	.stream_finish = sim_stream_finish,
	.stream_close = sim_stream_close,
	.file_open = sim_file_open,
	.file_read = sim_file_read,
	.file_write = sim_file_write,
	.file_truncate = sim_file_truncate,
	.file_size = sim_file_size,
	.file_sync = sim_file_sync,
	.file_close = sim_file_close,
	.rename = sim_rename,
	.unlink = sim_unlink,
	.dir_make = sim_dir_make,
	.dir_sync = sim_dir_sync,
	.dir_list = sim_dir_list,
	.disk_free = sim_disk_free,
	/* There never is a process that the other three could be called on. */
	.process_start = no_process_start,
};

int
sim_new(const struct sim_settings *settings, struct sim **ret_sim, struct err *err)
{
	if (settings->latency_min_ms > settings->latency_max_ms)
		return err_set(err, AT, DD_EINVAL, "latency from %u to %u ms is no range",
			       settings->latency_min_ms, settings->latency_max_ms);
	struct sim *sim = calloc(1, sizeof(*sim));
	if (!sim)
		return err_set(err, AT, DD_ENOMEM, "no memory for a world");
	sim->settings = *settings;
	sim->random_state = settings->seed;
	sim->now = SIM_START_MS;
	sim->hosts_end = &sim->hosts;
	*ret_sim = sim;
	return 0;
}

void
sim_free(struct sim *sim)
{
	if (!sim)
		return;
	for (size_t i = 0; i < sim->timers.count; i++) {
		struct timer_slot *slot = &sim->timers.slots[i];
		struct sim_event *event = CONTAINER_OF(slot->timer, struct sim_event, timer);
		if (!slot->host)
			event->drop(event);
	}
	timers_done(&sim->timers);
	while (sim->hosts) {
		struct sim_host *host = sim->hosts;
		sim->hosts = host->next;
		sim_disk_done(&host->disk);
		free(host->addresses);
		free(host);
	}
	free(sim->table);
	free(sim->cuts);
	free(sim);
}

struct env *
sim_host(struct sim *sim, const char *name, const struct addr *addresses, unsigned count)
{
	struct sim_host *host = calloc(1, sizeof(*host));
	struct addr *copy = calloc(count > 0 ? count : 1, sizeof(*copy));

	if (!host || !copy) {
		free(host);
		free(copy);
		return NULL;
	}
	host->env.ops = &sim_ops;
	host->env.timers = &sim->timers;
	host->sim = sim;
	host->number = ++sim->hosts_count;
	host->addresses = copy;
	host->addresses_count = count;
	(void)text_copy(host->name, sizeof(host->name), name);
	sim_disk_init(&host->disk);
	for (unsigned i = 0; i < count; i++) {
		host->addresses[i] = addresses[i];
		sim_table_add(sim, host, &addresses[i]);
	}
	*sim->hosts_end = host;
	sim->hosts_end = &host->next;
	sim_note(sim, host, NOTE_HOST, count);
	return &host->env;
}

/* ---- crashes ---- */

void
sim_crash(struct sim *sim, struct env *env)
{
	struct sim_host *host = SIM_HOST(env);

	if (env->has_crashed)
		return;
	log_line(sim->settings.log, LOG_DEBUG, "%lld host %s crashes", (long long)sim->now,
		 host->name);
	sim_note(sim, host, NOTE_CRASH, host->durable_count);
	env->has_crashed = true;
	env->stop = NULL;
	host->crash_in = 0;
	host->crash_is_due = false;
	timers_drop(&sim->timers, env);
	sim_udp_crash(host);
	sim_listener_crash(host);
	sim_stream_crash(host);
	sim_file_crash(host);
	sim_disk_crash(&host->disk, sim);
}

void
sim_restart(struct sim *sim, struct env *env)
{
	struct sim_host *host = SIM_HOST(env);

	sim_note(sim, host, NOTE_RESTART, 0);
	env->has_crashed = false;
	env->is_stopping = false;
}

void
sim_crash_at(struct sim *sim, struct env *env, unsigned operations, bool is_after,
	     void (*crashed)(void *arg), void *arg)
{
	struct sim_host *host = SIM_HOST(env);

	(void)sim;
	host->crash_in = operations;
	host->crash_is_after = is_after;
	host->crashed = crashed;
	host->crashed_arg = arg;
}

uint64_t
sim_durable_count(const struct env *env)
{
	return ((const struct sim_host *)env)->durable_count; /* env comes first */
}

/* Something to be told from the loop about a host. */
struct telling {
	struct sim_event event;
	struct sim_host *host;
};

static void
telling_drop(struct sim_event *event)
{
	free(event); /* comes first */
}

static void
telling_post(struct sim_host *host, void (*run)(void *arg))
{
	struct telling *telling = sim_allocate(sizeof(*telling));

	telling->host = host;
	sim_post(host->sim, &telling->event, host->sim->now, run, telling_drop);
}

static void
crashed_run(void *arg)
{
	struct telling *telling = arg;
	struct sim_host *host = telling->host;

	free(telling);
	host->crashed(host->crashed_arg);
}

void
sim_crash_inside(struct sim_host *host)
{
	sim_crash(host->sim, &host->env);
	if (host->crashed)
		telling_post(host, crashed_run);
}

static void
stop_run(void *arg)
{
	struct telling *telling = arg;
	struct sim_host *host = telling->host;

	free(telling);
	if (env_is_dead(&host->env))
		return;
	sim_note(host->sim, host, NOTE_STOP, 0);
	env_tell_stop(&host->env);
}

void
sim_stop(struct sim *sim, struct env *env)
{
	(void)sim;
	telling_post(SIM_HOST(env), stop_run);
}

void
sim_disk_full(struct env *env, bool is_full)
{
	SIM_HOST(env)->is_disk_full = is_full;
}

/* ---- links ---- */

static size_t
cut_place(const struct sim *sim, const struct sim_host *a, const struct sim_host *b)
{
	size_t i = 0;

	while (i < sim->cuts_count && !(sim->cuts[i].a == a && sim->cuts[i].b == b) &&
	       !(sim->cuts[i].a == b && sim->cuts[i].b == a))
		i++;
	return i;
}

bool
sim_is_cut(const struct sim *sim, const struct sim_host *a, const struct sim_host *b)
{
	return cut_place(sim, a, b) < sim->cuts_count;
}

void
sim_cut(struct sim *sim, struct env *a, struct env *b, bool is_cut)
{
	struct sim_host *host_a = SIM_HOST(a), *host_b = SIM_HOST(b);
	const size_t i = cut_place(sim, host_a, host_b);
	const bool was_cut = i < sim->cuts_count;

	assert(a != b);
	sim_note(sim, host_a, NOTE_CUT, (uint64_t)host_b->number << 1 | is_cut);
	if (was_cut && !is_cut) {
		sim->cuts[i] = sim->cuts[--sim->cuts_count];
	} else if (!was_cut && is_cut) {
		sim->cuts = reallocarray(sim->cuts, sim->cuts_count + 1, sizeof(*sim->cuts));
		if (!sim->cuts)
			abort();
		sim->cuts[sim->cuts_count++] = (struct sim_link){ host_a, host_b };
		sim_stream_cut(host_a, host_b);
	}
}
