/* env_sim.h - a simulated world: hosts with clocks, networks, disks and crashes, run by one seed.
 *
 * Nothing happens by itself: sim_run() takes the next event in time (ties in order of arrival) and
 * calls it. The same seed and the same program give the same run, to the byte (sim_digest). */
#pragma once
#include "env/env.h"

struct sim;

enum {
	SIM_START_MS = 1000, /* the time when a world begins */
	SIM_WINDOW_MAX =
		64 << 10, /* bytes of a stream on their way; the rest is env_stream_queued() */
	SIM_SEGMENT_MAX = 16 << 10, /* bytes received at once; cut by chance between 1 and this */
	SIM_CONNECT_LIMIT_MS =
		30000, /* a host that is down, cut off or not there: closed(DD_ETIMEOUT) */
	SIM_CUT_NOTICE_MS = 5000, /* until both ends of a stream over a cut link get DD_ETIMEOUT */
	SIM_SECTOR_SIZE = 512,    /* what a crash leaves whole or not at all */
	SIM_FILE_SIZE_MAX = 1 << 30, /* bytes; writing past it is DD_ENOSPC */
};

struct sim_settings {
	uint64_t seed;
	unsigned latency_min_ms, latency_max_ms; /* of each datagram and stream segment */
	unsigned loss_permille;                  /* datagrams lost */
	unsigned duplicate_permille;             /* datagrams that arrive twice */
	unsigned late_permille;                  /* datagrams held back up to late_max_ms */
	unsigned late_max_ms;
	const struct log *log; /* may be NULL */
};

/* A world without hosts, at time SIM_START_MS. Copies the settings, borrows their log. DD_EINVAL
 * where they contradict each other. */
int sim_new(const struct sim_settings *settings, struct sim **ret_sim, struct err *err);
/* Frees the hosts as well; what is open on them must be closed before. Accepts NULL. */
void sim_free(struct sim *sim);

/* Add a host that owns these addresses (copied; ports of these are its own), and 127.0.0.0/8 as far
 * as no host owns it by name. Its disk starts empty; folders in the root ("/data", "data") are
 * mounts: durable when made. Lives until sim_free(). NULL where memory is short. */
struct env *sim_host(struct sim *sim, const char *name, const struct addr *addresses,
		     unsigned count);

/* Run until no event is left, the next one is later than `until`, or `done` (may be NULL, asked
 * before each event) says so. Time stops at the last event where `done` said so or `until` is
 * DD_NEVER, else it goes on to `until`. Returns the time. */
msec_t sim_run(struct sim *sim, msec_t until, bool (*done)(void *arg), void *arg);
/* env_now() of every host; begins at SIM_START. */
msec_t sim_now(const struct sim *sim);

/* Crash a host now: sockets close (peers of its streams see DD_ECLOSED), timers are dropped, locks
 * are released, its unsynced writes and names survive each by the seed's chance, torn at 512 bytes.
 * Its objects may then be freed: every call on the host fails without effect until sim_restart().
 */
void sim_crash(struct sim *sim, struct env *host);
/* Bring it back: the same disk, nothing else. What was opened before stays dead. */
void sim_restart(struct sim *sim, struct env *host);
/* Crash the host by itself when it has done `operations` more durable operations (file sync,
 * rename, unlink, dir sync): `is_after` false: the operation has no effect yet; true: it has. 0 =
 * never. crashed() is called from the loop, not from inside the operation. */
void sim_crash_at(struct sim *sim, struct env *host, unsigned operations, bool is_after,
		  void (*crashed)(void *arg), void *arg);
uint64_t sim_durable_count(const struct env *host); /* durable operations done so far */

/* The link between two hosts: cut (nothing passes) or whole. */
void sim_cut(struct sim *sim, struct env *a, struct env *b, bool is_cut);
/* While full, every env_file_write() on this host fails with DD_ENOSPC, a part of it written by
 * chance, and env_disk_free() is 0. */
void sim_disk_full(struct env *host, bool is_full);

/* Tell the host to stop, as SIGTERM does: the callback of env_on_stop() comes from the loop. A host
 * that is stopping gets no more callbacks, until sim_restart(). */
void sim_stop(struct sim *sim, struct env *host);

/* Chance for the world's own use, from the seed. */
uint64_t sim_random(struct sim *sim);
bool sim_chance(struct sim *sim, unsigned permille);
/* A hash over everything that happened: equal for equal runs. */
uint64_t sim_digest(const struct sim *sim);
