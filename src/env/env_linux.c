/* env_linux.c - the real host: its loop (epoll, the heap's head as the wait), clocks, random and
 * signals. */
#include "env/env_linux.h"

#include "env/linux.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

enum { WAIT_MS_MAX = 3600000 }; /* of one epoll_wait(), whose unit is an int */

/* ---- clocks and random ---- */

static msec_t
clock_read(clockid_t clock)
{
	struct timespec t;

	if (clock_gettime(clock, &t) < 0)
		abort(); /* these two clocks always exist */
	return (msec_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void
now_read(struct linux_host *host)
{
	host->now =
		clock_read(CLOCK_MONOTONIC) + 1; /* never 0, even in the first moment after boot */
}

static msec_t
linux_now(struct env *env)
{
	struct linux_host *host = LINUX_HOST(env);

	if (!host->is_running)
		now_read(host);
	return host->now;
}

static msec_t
linux_wall(struct env *env)
{
	(void)env;
	return clock_read(CLOCK_REALTIME);
}

static void
linux_random(struct env *env, void *ret_data, size_t size)
{
	uint8_t *data = ret_data;

	(void)env;
	while (size > 0) {
		const ssize_t n = getrandom(data, size, 0);
		if (n < 0 && errno != EINTR)
			abort(); /* guessable names and keys would be worse */
		if (n > 0) {
			data += n;
			size -= (size_t)n;
		}
	}
}

/* ---- handles ---- */

void
linux_handle_init(struct linux_handle *handle, struct linux_host *host, int fd, void *memory,
		  void (*ready)(struct linux_handle *handle, uint32_t events))
{
	*handle = (struct linux_handle){ .host = host, .fd = fd, .memory = memory, .ready = ready };
}

void
linux_handle_want(struct linux_handle *handle, uint32_t interest)
{
	struct epoll_event event = { .events = interest, .data.ptr = handle };
	int op = EPOLL_CTL_MOD;

	if (interest == handle->interest || handle->fd < 0)
		return;
	if (handle->interest == 0)
		op = EPOLL_CTL_ADD;
	else if (interest == 0)
		op = EPOLL_CTL_DEL;
	if (epoll_ctl(handle->host->epoll_fd, op, handle->fd, &event) < 0 && op != EPOLL_CTL_DEL)
		handle->host->failure = errno; /* a library may have closed what we leave */
	handle->interest = interest;
}

void
linux_handle_leave(struct linux_handle *handle)
{
	linux_handle_want(handle, 0);
	handle->fd = -1;
	handle->trash_next = handle->host->trash;
	handle->host->trash = handle;
}

void
linux_handle_close(struct linux_handle *handle)
{
	const int fd = handle->fd;

	linux_handle_leave(handle);
	(void)close(
		fd); /* nothing that is written by write(2) in pieces; there is nobody to tell */
}

static void
trash_free(struct linux_host *host)
{
	while (host->trash) {
		struct linux_handle *handle = host->trash;
		host->trash = handle->trash_next;
		free(handle->memory);
	}
}

/* ---- signals ---- */

static void
signals_ready(struct linux_handle *handle, uint32_t events)
{
	struct signalfd_siginfo info;

	(void)events;
	while (!handle->host->env.is_stopping &&
	       read(handle->fd, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
		if (info.ssi_signo == SIGCHLD)
			linux_process_collect(handle->host);
		else
			env_tell_stop(&handle->host->env);
	}
}

static int
signals_open(struct linux_host *host, struct err *err)
{
	sigset_t set;

	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGTERM);
	(void)sigaddset(&set, SIGINT);
	(void)sigaddset(&set, SIGCHLD);
	(void)signal(SIGPIPE, SIG_IGN); /* a peer that has gone is an error of write, not our end */
	if (sigprocmask(SIG_BLOCK, &set, &host->mask_before) < 0)
		return err_errno(err, AT, errno, "signals can't be blocked");
	const int fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (fd < 0) {
		const int r = err_errno(err, AT, errno, "no descriptor for signals");
		(void)sigprocmask(SIG_SETMASK, &host->mask_before, NULL);
		return r;
	}
	linux_handle_init(&host->signals, host, fd, NULL, signals_ready);
	linux_handle_want(&host->signals, EPOLLIN);
	return 0;
}

/* ---- the host ---- */

static const struct env_ops linux_ops = {
	.now = linux_now,
	.wall = linux_wall,
	.random = linux_random,
	.udp_open = linux_udp_open,
	.udp_send = linux_udp_send,
	.udp_close = linux_udp_close,
	.listen = linux_listen,
	.listener_close = linux_listener_close,
	.connect = linux_connect,
	.stream_used = linux_stream_used,
	.stream_write = linux_stream_write,
	.stream_queued = linux_stream_queued,
	.stream_pause = linux_stream_pause,
	.stream_finish = linux_stream_finish,
	.stream_close = linux_stream_close,
	.file_open = linux_file_open,
	.file_read = linux_file_read,
	.file_write = linux_file_write,
	.file_truncate = linux_file_truncate,
	.file_size = linux_file_size,
	.file_sync = linux_file_sync,
	.file_close = linux_file_close,
	.rename = linux_rename,
	.unlink = linux_unlink,
	.dir_make = linux_dir_make,
	.dir_sync = linux_dir_sync,
	.dir_list = linux_dir_list,
	.disk_free = linux_disk_free,
	.process_start = linux_process_start,
	.process_kill = linux_process_kill,
	.process_id = linux_process_id,
	.process_free = linux_process_free,
};

void
env_linux_hold_std(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDONLY); /* writing there fails, and is noticed */
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		(void)close(fd); /* nothing was written */
}

int
env_linux_new(struct env **ret_env, struct err *err)
{
	struct linux_host *host = calloc(1, sizeof(*host));

	if (!host)
		return err_set(err, AT, DD_ENOMEM, "no memory for the program's loop");
	env_linux_hold_std();
	host->env.ops = &linux_ops;
	host->env.timers = &host->timers;
	host->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (host->epoll_fd < 0) {
		const int r = err_errno(err, AT, errno, "no descriptor for the program's loop");
		free(host);
		return r;
	}
	const int r = signals_open(host, err);
	if (r < 0) {
		(void)close(host->epoll_fd);
		free(host);
		return r;
	}
	*ret_env = &host->env;
	return 0;
}

void
env_linux_free(struct env *env)
{
	if (!env)
		return;
	assert(env->ops == &linux_ops);
	struct linux_host *host = LINUX_HOST(env);
	linux_handle_close(&host->signals);
	trash_free(host);
	timers_done(&host->timers);
	(void)close(host->epoll_fd);
	(void)sigprocmask(SIG_SETMASK, &host->mask_before, NULL);
	free(host);
}

/* ---- the loop ---- */

/* How long to wait for descriptors, in the unit of epoll_wait(): until the first timer, -1 = for
 * ever. */
static int
wait_ms(const struct linux_host *host)
{
	const struct env_timer *first = timers_first(&host->timers, NULL);

	if (!first)
		return -1;
	if (first->at <= host->now)
		return 0;
	const msec_t wait = first->at - host->now;
	return wait > WAIT_MS_MAX ? WAIT_MS_MAX : (int)wait;
}

static void
run_handles(struct linux_host *host, const struct epoll_event *events, int count)
{
	for (int i = 0; i < count && !host->env.is_stopping; i++) {
		struct linux_handle *handle = events[i].data.ptr;
		/* Closed by a callback before it, or no longer asked for. */
		if (handle->fd < 0 || handle->interest == 0)
			continue;
		now_read(host);
		handle->ready(handle, events[i].events);
	}
}

/* Fire what is due, but not what is set by these callbacks themselves: descriptors get their turn.
 */
static void
run_timers(struct linux_host *host)
{
	const uint64_t order_end = host->timers.order_next;

	while (!host->env.is_stopping) {
		struct env_timer *timer = timers_first(&host->timers, NULL);
		now_read(host);
		if (!timer || timer->at > host->now || timer->order >= order_end)
			return;
		timers_clear(&host->timers, timer);
		timer->fire(timer->arg);
	}
}

int
env_linux_run(struct env *env, struct err *err)
{
	struct linux_host *host = LINUX_HOST(env);
	struct epoll_event events[LINUX_EVENTS_MAX];

	assert(env->ops == &linux_ops && !host->is_running);
	if (host->has_run)
		env->is_stopping = false; /* a stop ends one run */
	host->is_running = true;
	linux_process_collect(host); /* what ended while the loop was left */
	while (!env->is_stopping && host->failure == 0) {
		trash_free(host);
		now_read(host);
		const int n = epoll_wait(host->epoll_fd, events, LINUX_EVENTS_MAX, wait_ms(host));
		if (n < 0 && errno != EINTR)
			host->failure = errno;
		run_handles(host, events, n);
		run_timers(host);
	}
	host->is_running = false;
	host->has_run = true;
	if (host->failure != 0)
		return err_errno(err, AT, host->failure, "the program's loop failed");
	return 0;
}

/* ---- descriptors of libraries ---- */

struct env_watch {
	struct linux_handle handle;
	void (*ready)(void *arg);
	void *arg;
};

static void
watch_ready(struct linux_handle *handle, uint32_t events)
{
	struct env_watch *watch = CONTAINER_OF(handle, struct env_watch, handle);

	(void)events;
	watch->ready(watch->arg);
}

int
env_linux_watch(struct env *env, int fd, void (*ready)(void *arg), void *arg,
		struct env_watch **ret_watch, struct err *err)
{
	assert(env->ops == &linux_ops);
	struct env_watch *watch = calloc(1, sizeof(*watch));

	if (!watch)
		return err_set(err, AT, DD_ENOMEM, "no memory to watch a descriptor");
	linux_handle_init(&watch->handle, LINUX_HOST(env), fd, watch, watch_ready);
	watch->ready = ready;
	watch->arg = arg;
	linux_handle_want(&watch->handle, EPOLLIN);
	*ret_watch = watch;
	return 0;
}

void
env_linux_unwatch(struct env_watch *watch)
{
	if (watch)
		linux_handle_leave(&watch->handle);
}
