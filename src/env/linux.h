/* linux.h - private to this room: the parts of the real host that its files share. */
#pragma once
#include "env/env_linux.h"
#include "env/env_ops.h"

#include <signal.h>
#include <sys/socket.h>

struct linux_host;

/* Something with a descriptor that the loop waits for. */
struct linux_handle {
	struct linux_host *host;
	int fd;            /* -1 once closed */
	uint32_t interest; /* EPOLL* asked for; 0 = not in the epoll set, so that not even EPOLLHUP
			      wakes us */
	void (*ready)(struct linux_handle *handle, uint32_t events);
	void *memory; /* what is freed when no event can name the handle any more */
	struct linux_handle *trash_next;
};

enum {
	LINUX_EVENTS_MAX = 64,          /* taken from epoll at once */
	LINUX_SCRATCH_SIZE = 128 << 10, /* bytes read at once; more than any datagram */
};

struct linux_host {
	struct env env;
	struct timers timers;
	int epoll_fd;
	msec_t now;
	bool is_running, has_run;
	int failure; /* an errno of epoll that ends the loop */
	struct linux_handle signals;
	sigset_t mask_before;
	struct linux_handle *trash; /* closed, freed before the next wait */
	struct linux_process *processes;
	uint8_t scratch[LINUX_SCRATCH_SIZE];
};

#define LINUX_HOST(e) CONTAINER_OF(e, struct linux_host, env)

/* env_linux.c */
void linux_handle_init(struct linux_handle *handle, struct linux_host *host, int fd, void *memory,
		       void (*ready)(struct linux_handle *handle, uint32_t events));
/* Wait for these events from now on. Where epoll refuses, the loop ends with its error. */
void linux_handle_want(struct linux_handle *handle, uint32_t interest);
/* Take it out of the loop, close its descriptor and have its memory freed later. */
void linux_handle_close(struct linux_handle *handle);
/* The same, leaving the descriptor open. */
void linux_handle_leave(struct linux_handle *handle);

/* env_linux_address.c */
union linux_address {
	struct sockaddr any;
	struct sockaddr_storage storage;
};
/* Returns the size, 0 where the family has none. */
socklen_t linux_address_from(const struct addr *addr, union linux_address *ret_address);
void linux_address_to(const union linux_address *address, socklen_t size, struct addr *ret_addr);
/* Where a socket is bound (or its peer is). */
void linux_address_local(int fd, struct addr *ret_addr);
/* Tell a person why an address can't be bound. Returns the code. */
int linux_bind_error(int errno_value, const struct addr *at, struct err *err);

/* env_linux_udp.c */
int linux_udp_open(struct env *env, const struct addr *at, env_udp_fn *received, void *arg,
		   struct env_udp **ret_udp, struct err *err);
int linux_udp_send(struct env_udp *udp, const struct addr *to, const struct addr *from,
		   const void *data, size_t size);
void linux_udp_close(struct env_udp *udp);

/* env_linux_listen.c */
int linux_listen(struct env *env, const struct addr *at, env_accepted_fn *accepted, void *arg,
		 struct env_listener **ret_listener, struct err *err);
void linux_listener_close(struct env_listener *listener);

/* env_linux_stream.c */
/* A connected or connecting socket as a stream, which then owns `fd`; NULL where memory is short.
 */
struct env_stream *linux_stream_new(struct linux_host *host, int fd, const struct addr *local,
				    const struct addr *peer);
/* Until the next wait of the loop, when its memory goes. */
bool linux_stream_is_closed(const struct env_stream *stream);
int linux_connect(struct env *env, const struct addr *to, const struct addr *local,
		  const struct env_stream_events *events, void *arg, struct env_stream **ret_stream,
		  struct err *err);
void linux_stream_used(struct env_stream *stream);
int linux_stream_write(struct env_stream *stream, const void *data, size_t size);
size_t linux_stream_queued(const struct env_stream *stream);
void linux_stream_pause(struct env_stream *stream, bool is_paused);
void linux_stream_finish(struct env_stream *stream);
void linux_stream_close(struct env_stream *stream);

/* env_linux_disk.c */
int linux_file_open(struct env *env, const char *path, unsigned flags, struct env_file **ret_file,
		    struct err *err);
int64_t linux_file_read(struct env_file *file, uint64_t offset, void *ret_data, size_t size);
int linux_file_write(struct env_file *file, uint64_t offset, const void *data, size_t size);
int linux_file_truncate(struct env_file *file, uint64_t size);
int64_t linux_file_size(struct env_file *file);
int linux_file_sync(struct env_file *file);
void linux_file_close(struct env_file *file);
int linux_rename(struct env *env, const char *from, const char *to);
int linux_unlink(struct env *env, const char *path);
int linux_dir_make(struct env *env, const char *path, struct err *err);
int linux_dir_sync(struct env *env, const char *path);
int linux_dir_list(struct env *env, const char *path, void (*found)(void *arg, const char *name),
		   void *arg, struct err *err);
int64_t linux_disk_free(struct env *env, const char *path);

/* env_linux_process.c */
int linux_process_start(struct env *env, const char *const *argv,
			void (*ended)(void *arg, int status), void *arg,
			struct env_process **ret_process, struct err *err);
void linux_process_kill(struct env_process *process, int signal);
int64_t linux_process_id(const struct env_process *process);
void linux_process_free(struct env_process *process);
/* Children have ended: collect ours and tell their owners. */
void linux_process_collect(struct linux_host *host);
