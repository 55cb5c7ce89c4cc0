/* sim_world.h - private to this room: the parts of the simulated world that its files share. */
#pragma once
#include "env/env_ops.h"
#include "env/env_sim.h"
#include "env/sim_disk.h"

enum { SIM_NAME_MAX = 64 };

/* What the digest is made of. */
enum sim_note {
	NOTE_HOST = 1,
	NOTE_TIMER,
	NOTE_RANDOM,
	NOTE_SENT,
	NOTE_LOST,
	NOTE_RECEIVED,
	NOTE_SEGMENT,
	NOTE_WRITTEN,
	NOTE_TRUNCATED,
	NOTE_DURABLE,
	NOTE_CRASH,
	NOTE_RESTART,
	NOTE_CUT,
	NOTE_STOP,
};

struct sim_udp;
struct sim_listener;
struct sim_stream;
struct sim_file;

struct sim_host {
	struct env env;
	struct sim *sim;
	struct sim_host *next;
	char name[SIM_NAME_MAX];
	uint32_t number;
	struct addr *addresses; /* owned */
	unsigned addresses_count;
	uint16_t port_next; /* where the search for a free port goes on */

	/* What is open; what a crash takes away leaves these lists and is dead. */
	struct sim_udp *udps;
	struct sim_listener *listeners;
	struct sim_stream *streams;
	struct sim_file *files;

	struct sim_disk disk;
	bool is_disk_full;
	uint64_t durable_count;
	unsigned crash_in; /* durable operations; 0 = never */
	bool crash_is_after, crash_is_due;
	void (*crashed)(void *arg);
	void *crashed_arg;
};

struct sim_link {
	const struct sim_host *a, *b;
};

struct sim {
	struct sim_settings settings;
	struct timers timers; /* of all hosts, and the world's own events */
	msec_t now;
	bool is_running;
	uint64_t random_state, digest;
	struct sim_host *hosts, **hosts_end;
	uint32_t hosts_count;
	struct sim_host **table; /* by the hash of each address; open addressing */
	size_t table_used, table_size;
	struct sim_link *cuts;
	size_t cuts_count;
};

#define SIM_HOST(e) CONTAINER_OF(e, struct sim_host, env)

/* Something on its way, not bound to a host's life. The first member of what is sent. */
struct sim_event {
	struct env_timer timer;
	struct sim *sim;
	void (*drop)(struct sim_event *event); /* free it where the world ends before it comes */
};

/* env_sim.c */
void sim_post(struct sim *sim, struct sim_event *event, msec_t at, void (*run)(void *event),
	      void (*drop)(struct sim_event *event));
void sim_note(struct sim *sim, const struct sim_host *host, enum sim_note note, uint64_t value);
uint64_t sim_hash(const void *data, size_t size);
/* Memory that is zeroed; a world without memory ends the program. */
void *sim_allocate(size_t size);
/* How long a datagram or segment takes between two hosts. */
msec_t sim_latency(struct sim *sim);
bool sim_is_cut(const struct sim *sim, const struct sim_host *a, const struct sim_host *b);
/* Crash by the host's own durable operation: crashed() comes later. */
void sim_crash_inside(struct sim_host *host);

/* env_sim_address.c */
void sim_table_add(struct sim *sim, struct sim_host *host, const struct addr *addr);
/* Which host an address leads to from `origin`; NULL where none. */
struct sim_host *sim_table_find(struct sim *sim, struct sim_host *origin, const struct addr *addr);
/* Check an address to bind to and give it a port where it has none. `is_taken` says whether a port
 * is in use. */
int sim_bind(struct sim_host *host, const struct addr *at,
	     bool (*is_taken)(const struct sim_host *host, const struct addr *at),
	     struct addr *ret_local, struct err *err);
/* Whether a bound address gets what is sent to `to`. */
bool sim_address_takes(const struct addr *bound, const struct addr *to);
/* Whether two bound addresses collide. */
bool sim_address_collides(const struct addr *a, const struct addr *b);
/* The local address of `host` for talking to `to`; its port is left 0. DD_EINVAL where there is
 * none. */
int sim_source(struct sim_host *host, const struct addr *wanted, const struct addr *to,
	       struct sim_host *target, struct addr *ret_source);
/* Refuse a call of a dead host. */
int sim_dead(const struct sim_host *host, int code, struct err *err);

/* env_sim_udp.c */
int sim_udp_open(struct env *env, const struct addr *at, env_udp_fn *received, void *arg,
		 struct env_udp **ret_udp, struct err *err);
int sim_udp_send(struct env_udp *udp, const struct addr *to, const struct addr *from,
		 const void *data, size_t size);
void sim_udp_close(struct env_udp *udp);
void sim_udp_crash(struct sim_host *host);

/* env_sim_listen.c */
int sim_listen(struct env *env, const struct addr *at, env_accepted_fn *accepted, void *arg,
	       struct env_listener **ret_listener, struct err *err);
void sim_listener_close(struct env_listener *listener);
int sim_connect(struct env *env, const struct addr *to, const struct addr *local,
		const struct env_stream_events *events, void *arg, struct env_stream **ret_stream,
		struct err *err);
void sim_listener_crash(struct sim_host *host);

/* env_sim_stream.c: streams over wires, see there */
void sim_stream_used(struct env_stream *stream);
int sim_stream_write(struct env_stream *stream, const void *data, size_t size);
size_t sim_stream_queued(const struct env_stream *stream);
void sim_stream_pause(struct env_stream *stream, bool is_paused);
void sim_stream_finish(struct env_stream *stream);
void sim_stream_close(struct env_stream *stream);
void sim_stream_crash(struct sim_host *host);
/* Break the streams between two hosts. */
void sim_stream_cut(struct sim_host *a, struct sim_host *b);

/* env_sim_disk.c */
int sim_file_open(struct env *env, const char *path, unsigned flags, struct env_file **ret_file,
		  struct err *err);
int64_t sim_file_read(struct env_file *file, uint64_t offset, void *ret_data, size_t size);
int sim_file_write(struct env_file *file, uint64_t offset, const void *data, size_t size);
int sim_file_truncate(struct env_file *file, uint64_t size);
int64_t sim_file_size(struct env_file *file);
int sim_file_sync(struct env_file *file);
void sim_file_close(struct env_file *file);
int sim_rename(struct env *env, const char *from, const char *to);
int sim_unlink(struct env *env, const char *path);
int sim_dir_make(struct env *env, const char *path, struct err *err);
int sim_dir_sync(struct env *env, const char *path);
int sim_dir_list(struct env *env, const char *path, void (*found)(void *arg, const char *name),
		 void *arg, struct err *err);
int64_t sim_disk_free(struct env *env, const char *path);
void sim_file_crash(struct sim_host *host);
