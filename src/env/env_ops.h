/* env_ops.h - private to this room: what a host (env_linux*.c, env_sim*.c) must provide behind
 * env.h.
 *
 * The contract of each function is the one of env.h under the same name. The structs here are the
 * common start of each host's own structs, so that env.c can find its way from an object back to
 * its host. */
#pragma once
#include "env/env.h"
#include "env/timers.h"

struct env_ops {
	msec_t (*now)(struct env *env);
	msec_t (*wall)(struct env *env);
	void (*random)(struct env *env, void *ret_data, size_t size);

	int (*udp_open)(struct env *env, const struct addr *at, env_udp_fn *received, void *arg,
			struct env_udp **ret_udp, struct err *err);
	int (*udp_send)(struct env_udp *udp, const struct addr *to, const struct addr *from,
			const void *data, size_t size);
	void (*udp_close)(struct env_udp *udp);

	int (*listen)(struct env *env, const struct addr *at, env_accepted_fn *accepted, void *arg,
		      struct env_listener **ret_listener, struct err *err);
	void (*listener_close)(struct env_listener *listener);
	int (*connect)(struct env *env, const struct addr *to, const struct addr *local,
		       const struct env_stream_events *events, void *arg,
		       struct env_stream **ret_stream, struct err *err);
	void (*stream_used)(struct env_stream *stream); /* its events are set now */
	int (*stream_write)(struct env_stream *stream, const void *data, size_t size);
	size_t (*stream_queued)(const struct env_stream *stream);
	void (*stream_pause)(struct env_stream *stream, bool is_paused);
	void (*stream_finish)(struct env_stream *stream);
	void (*stream_close)(struct env_stream *stream);

	int (*file_open)(struct env *env, const char *path, unsigned flags,
			 struct env_file **ret_file, struct err *err);
	int64_t (*file_read)(struct env_file *file, uint64_t offset, void *ret_data, size_t size);
	int (*file_write)(struct env_file *file, uint64_t offset, const void *data, size_t size);
	int (*file_truncate)(struct env_file *file, uint64_t size);
	int64_t (*file_size)(struct env_file *file);
	int (*file_sync)(struct env_file *file);
	void (*file_close)(struct env_file *file);

	int (*rename)(struct env *env, const char *from, const char *to);
	int (*unlink)(struct env *env, const char *path);
	int (*dir_make)(struct env *env, const char *path, struct err *err);
	int (*dir_sync)(struct env *env, const char *path);
	int (*dir_list)(struct env *env, const char *path,
			void (*found)(void *arg, const char *name), void *arg, struct err *err);
	int64_t (*disk_free)(struct env *env, const char *path);

	int (*process_start)(struct env *env, const char *const *argv,
			     void (*ended)(void *arg, int status), void *arg,
			     struct env_process **ret_process, struct err *err);
	void (*process_kill)(struct env_process *process, int signal);
	int64_t (*process_id)(const struct env_process *process);
	void (*process_free)(struct env_process *process);
};

/* The common start of every host. */
struct env {
	const struct env_ops *ops;
	struct timers *timers; /* borrowed: the host's own, or the whole world's */
	bool has_crashed;      /* simulated hosts only */
	bool is_stopping;
	void (*stop)(void *arg); /* NULL once it was called */
	void *stop_arg;
};

struct env_udp {
	struct env *env;
	struct addr local;
	env_udp_fn *received;
	void *arg;
};

struct env_listener {
	struct env *env;
	struct addr local;
	env_accepted_fn *accepted;
	void *arg;
};

struct env_stream {
	struct env *env;
	struct addr local, peer;
	struct env_stream_events events;
	void *arg;
	bool is_used; /* has events */
};

struct env_file {
	struct env *env;
};

struct env_process {
	struct env *env;
};

/* Tell the host that it is to stop: the callback of env_on_stop() the first time, the end of the
 * loop else. */
void env_tell_stop(struct env *env);
