/* env.h - the one door to the outside world: clock, timers, datagrams, streams, disk, processes,
 * random.
 *
 * A `struct env` is one host: the real one (env_linux.h) or one of a simulated world (env_sim.h).
 * Everything runs on one thread, in callbacks out of one loop; no callback is called from inside a
 * call into env, except where said. Everything opened from an env must be closed before
 * env_*_free(). All pointers are borrowed unless said.
 *
 * After a simulated crash every call on that host fails or does nothing, until its objects are
 * freed (INV-ENV-1). */
#pragma once
#include "base/addr.h"
#include "base/log.h"

struct env;

/* ---- clock and timers ---- */

/* Monotonic, milliseconds, from an arbitrary start, never 0; fixed during one callback. Goes on
 * over a restart of the program on the same boot of the machine, but not over a reboot: what must
 * survive one is stored as wall time. */
msec_t env_now(struct env *env);
/* Milliseconds since 1970-01-01 UTC; may jump. */
msec_t env_wall(struct env *env);

/* A timer belongs to its owner's struct. All zero = not set. Fires once, at or after `at`. */
struct env_timer {
	void (*fire)(void *arg);
	void *arg;
	/* private to env: */
	msec_t at;
	uint64_t order;
	size_t heap_index; /* 0 = not set */
};
/* Set, or move where it is set already. */
void env_timer_set(struct env *env, struct env_timer *timer, msec_t at);
/* No effect where it is not set. */
void env_timer_clear(struct env *env, struct env_timer *timer);

/* ---- random ---- */

/* Unpredictable bytes on the real host; seeded on a simulated one. */
void env_random(struct env *env, void *ret_data, size_t size);

/* ---- datagrams ---- */

struct env_udp;
/* `to` is the local address that the datagram came to (IP_PKTINFO), for answering from it. data
 * lives during the call. */
typedef void env_udp_fn(void *arg, const struct addr *from, const struct addr *to,
			const uint8_t *data, size_t size);

enum { ENV_DATAGRAM_MAX = 65507 };

/* Open a socket at an address (port 0: any free one). DD_EBUSY: the port is in use; DD_EACCESS: not
 * allowed; both with a sentence that says what to do. */
int env_udp_open(struct env *env, const struct addr *at, env_udp_fn *received, void *arg,
		 struct env_udp **ret_udp, struct err *err);
/* Where it is bound, with the real port. */
const struct addr *env_udp_local(const struct env_udp *udp);
/* Send one datagram. `from` (may be NULL) is the local address to send from, for sockets bound to
 * any. Returns 0, or negative where the system surely did not send it (then it is *not sent*); 0 is
 * no promise that it arrives. */
int env_udp_send(struct env_udp *udp, const struct addr *to, const struct addr *from,
		 const void *data, size_t size);
/* Accepts NULL; allowed inside its own callback. */
void env_udp_close(struct env_udp *udp);

/* ---- streams: TCP and Unix sockets ---- */

struct env_stream;
struct env_listener;

/* What happens on a stream; the struct is copied. Callbacks that are NULL are left out. */
struct env_stream_events {
	/* env_connect() succeeded. */
	void (*opened)(void *arg);
	/* Bytes in order; all of them are taken. */
	void (*received)(void *arg, const uint8_t *data, size_t size);
	/* Everything written has been handed to the system. */
	void (*drained)(void *arg);
	/* The peer will send no more. NULL: that is treated as closed(DD_ECLOSED). */
	void (*finished)(void *arg);
	/* Gone: DD_ECLOSED (also where both sides have finished), DD_EIO, DD_ETIMEOUT. The last
	 * callback; the stream must still be closed by its owner. */
	void (*closed)(void *arg, int reason);
};

enum { ENV_STREAM_QUEUE_MAX = 1 << 20 }; /* bytes that env_stream_write() keeps for a slow peer */

/* Listen at an IP address or "unix:" path (an old socket file of ours is replaced; mode 0600).
 * `accepted` gets a stream without events: it must call env_stream_use() or env_stream_close() on
 * it at once. */
typedef void env_accepted_fn(void *arg, struct env_stream *stream, const struct addr *peer);
int env_listen(struct env *env, const struct addr *at, env_accepted_fn *accepted, void *arg,
	       struct env_listener **ret_listener, struct err *err);
const struct addr *env_listener_local(const struct env_listener *listener);
/* Accepts NULL. */
void env_listener_close(struct env_listener *listener);

/* Connect; `local` may be NULL or name the local address to come from (port 0: any). opened() or
 * closed() follows, never before this returns. */
int env_connect(struct env *env, const struct addr *to, const struct addr *local,
		const struct env_stream_events *events, void *arg, struct env_stream **ret_stream,
		struct err *err);
void env_stream_use(struct env_stream *stream, const struct env_stream_events *events, void *arg);
/* Queue bytes; copies. drained() follows. DD_EFULL where the queue would pass ENV_STREAM_QUEUE_MAX
 * (then nothing is queued), DD_ECLOSED after finish() or closed(). */
int env_stream_write(struct env_stream *stream, const void *data, size_t size);
/* Bytes not yet handed to the system. */
size_t env_stream_queued(const struct env_stream *stream);
/* Stop or go on calling received(). While paused with nothing to send, the peer's end is not seen.
 */
void env_stream_pause(struct env_stream *stream, bool is_paused);
/* Send no more, after what is queued; receiving goes on. */
void env_stream_finish(struct env_stream *stream);
const struct addr *env_stream_local(const struct env_stream *stream);
const struct addr *env_stream_peer(const struct env_stream *stream);
/* What is queued and not sent is lost: wait for drained() or finish() first. Accepts NULL; allowed
 * inside its callbacks. */
void env_stream_close(struct env_stream *stream);

/* ---- disk ----
 *
 * Plain and synchronous. Content is durable only after env_file_sync(), names (made, renamed,
 * removed, folders too) only after env_dir_sync() of the folder that they are in (INV-ENV-4). */

struct env_file;
enum env_file_flags {
	ENV_FILE_READ = 1,
	ENV_FILE_WRITE = 2,
	/* With WRITE: made where absent, mode 0600. */
	ENV_FILE_CREATE = 4,
	/* With CREATE: DD_EEXIST where present. */
	ENV_FILE_EXCLUSIVE = 8,
	/* With WRITE: emptied, once it is locked. */
	ENV_FILE_TRUNCATE = 16,
	/* Hold the file locked until it is closed; DD_EBUSY where somebody else does. */
	ENV_FILE_PRIVATE_LOCK = 32,
};

/* Opens regular files only, never through a link in the last component, never blocking.
 * DD_ENOTFOUND where absent. */
int env_file_open(struct env *env, const char *path, unsigned flags, struct env_file **ret_file,
		  struct err *err);
/* Returns the bytes read, fewer than `size` only at the end of the file, or negative. */
int64_t env_file_read(struct env_file *file, uint64_t offset, void *ret_data, size_t size);
/* Write all of it: 0, or DD_ENOSPC, DD_EIO; then a part may have been written. */
int env_file_write(struct env_file *file, uint64_t offset, const void *data, size_t size);
int env_file_truncate(struct env_file *file, uint64_t size);
/* Bytes, or negative. */
int64_t env_file_size(struct env_file *file);
/* Durable when it returns 0; after a failure the content is unknown. */
int env_file_sync(struct env_file *file);
/* Accepts NULL. */
void env_file_close(struct env_file *file);

/* Replaces a file by a file, atomically. DD_ENOTFOUND where `from` is absent. */
int env_rename(struct env *env, const char *from, const char *to);
/* DD_ENOTFOUND where absent. */
int env_unlink(struct env *env, const char *path);
/* Mode 0700; fine where it is there already. The folder above must be there. */
int env_dir_make(struct env *env, const char *path, struct err *err);
int env_dir_sync(struct env *env, const char *path);
/* Tell the names of the regular files in a folder, sorted by bytes, before this returns. */
int env_dir_list(struct env *env, const char *path, void (*found)(void *arg, const char *name),
		 void *arg, struct err *err);
/* Bytes that may still be written, or negative. */
int64_t env_disk_free(struct env *env, const char *path);

/* Read a whole file of at most size_max bytes into a new NUL-terminated block, which the caller
 * frees. DD_EFULL where it is bigger. */
int env_file_load(struct env *env, const char *path, size_t size_max, char **ret_data,
		  size_t *ret_size, struct err *err);
/* Replace a file whole and durably: temporary file beside it (PATH.tmp, which a crash may leave
 * there), sync, rename, sync of the folder. */
int env_file_store(struct env *env, const char *path, const void *data, size_t size,
		   struct err *err);

/* ---- processes and the program's own end ---- */

struct env_process;
/* Start a program found by its path; its stdin is /dev/null, stdout and stderr are ours. ended()
 * gets the wait status once. The child is killed with us (PR_SET_PDEATHSIG). Simulated hosts answer
 * DD_EUNSUPPORTED. */
int env_process_start(struct env *env, const char *const *argv,
		      void (*ended)(void *arg, int status), void *arg,
		      struct env_process **ret_process, struct err *err);
/* No effect where it has ended. */
void env_process_kill(struct env_process *process, int signal);
int64_t env_process_id(const struct env_process *process);
/* Kills it where it still runs, without ended(); accepts NULL. */
void env_process_free(struct env_process *process);

/* Called once when the host is told to stop (SIGTERM, SIGINT); told again, the loop ends at once.
 */
void env_on_stop(struct env *env, void (*stop)(void *arg), void *arg);
/* Leave the loop after the current callback (INV-ENV-5); before the first run: do not enter it. */
void env_stop(struct env *env);
/* Whether this host has crashed (simulated) or is stopping. */
bool env_is_dead(const struct env *env);
