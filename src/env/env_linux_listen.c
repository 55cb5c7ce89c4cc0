/* env_linux_listen.c - listening sockets of the real host: TCP and Unix. */
#include "env/linux.h"

#include <assert.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	BACKLOG = 256,
	ACCEPT_ONCE_MAX = 16, /* streams taken before others get their turn */
	FULL_WAIT_MS = 100,   /* rest after "too many open files", instead of spinning on it */
};

struct linux_listener {
	struct env_listener base;
	struct linux_handle handle;
	struct env_timer rest;
	struct stat made; /* the socket file, so that only ours is removed */
};

static void
rest_over(void *arg)
{
	struct linux_listener *listener = arg;

	linux_handle_want(&listener->handle, EPOLLIN);
}

/* accept4(2): these are errors of one connection, the next may be fine. */
static bool
is_passing(int errno_value)
{
	switch (errno_value) {
	case EINTR:
	case ECONNABORTED:
	case EPROTO:
	case ENETDOWN:
	case ENOPROTOOPT:
	case EHOSTDOWN:
	case ENONET:
	case EHOSTUNREACH:
	case EOPNOTSUPP:
	case ENETUNREACH:
		return true;
	default: /* nothing waits, or a maximum of the system is reached */
		return false;
	}
}

static void
tell_accepted(struct linux_listener *listener, int fd, const struct addr *peer)
{
	struct addr local = listener->base.local;

	if (local.family != ADDR_UNIX)
		linux_address_local(fd, &local);
	struct env_stream *stream = linux_stream_new(listener->handle.host, fd, &local, peer);
	if (!stream) {
		(void)close(fd); /* memory is short: the peer sees the end */
		return;
	}
	listener->base.accepted(listener->base.arg, stream, peer);
	assert(linux_stream_is_closed(stream) ||
	       stream->is_used); /* at once, or it hangs for ever */
}

static void
listener_ready(struct linux_handle *handle, uint32_t events)
{
	struct linux_listener *listener = CONTAINER_OF(handle, struct linux_listener, handle);
	struct env *env = &handle->host->env;

	(void)events;
	for (int i = 0; i < ACCEPT_ONCE_MAX && handle->fd >= 0 && !env->is_stopping; i++) {
		union linux_address address = { 0 };
		socklen_t size = sizeof(address);
		struct addr peer;
		const int fd =
			accept4(handle->fd, &address.any, &size, SOCK_CLOEXEC | SOCK_NONBLOCK);
		if (fd >= 0) {
			linux_address_to(&address, size, &peer);
			tell_accepted(listener, fd, &peer);
		} else if (errno == EAGAIN || errno == EWOULDBLOCK) {
			return;
		} else if (!is_passing(errno)) {
			linux_handle_want(handle, 0);
			env_timer_set(env, &listener->rest, env_now(env) + FULL_WAIT_MS);
			return;
		}
	}
}

/* Whether somebody answers at a Unix socket. */
static bool
unix_is_alive(const union linux_address *address, socklen_t size)
{
	const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return true; /* can't say: don't touch it */
	const bool is_alive = connect(fd, &address->any, size) == 0 || errno == EAGAIN;
	(void)close(fd);
	return is_alive;
}

/* Remove the socket file that a program of ours left when it died. */
static int
unix_clear(const struct addr *at, const union linux_address *address, socklen_t size,
	   struct err *err)
{
	struct stat st;

	if (lstat(at->path, &st) < 0)
		return 0; /* none there; other troubles are told by bind() */
	if (!S_ISSOCK(st.st_mode))
		return err_set(err, AT, DD_EEXIST,
			       "%s is there and no socket: remove it or choose another path",
			       at->path);
	if (unix_is_alive(address, size))
		return err_set(err, AT, DD_EBUSY,
			       "%s is in use by another program: stop it or choose another path",
			       at->path);
	if (unlink(at->path) < 0)
		return err_errno(err, AT, errno, "the old socket %s can't be removed", at->path);
	return 0;
}

static int
bind_and_listen(int fd, const struct addr *at, struct err *err)
{
	const int on = 1;
	union linux_address address;
	const socklen_t size = linux_address_from(at, &address);
	mode_t mask = 0;

	if (at->family == ADDR_UNIX) {
		const int r = unix_clear(at, &address, size, err);
		if (r < 0)
			return r;
		mask = umask(0177); /* INV-ENV-6: mode 0600 from the first moment */
	} else {
		(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
		if (at->family == ADDR_IPV6)
			(void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
	}
	const int r = bind(fd, &address.any, size);
	const int bind_errno = errno;
	if (at->family == ADDR_UNIX)
		(void)umask(mask);
	if (r < 0)
		return linux_bind_error(bind_errno, at, err);
	if (listen(fd, BACKLOG) < 0)
		return linux_bind_error(errno, at, err);
	return 0;
}

static int
listener_socket(const struct addr *at, int *ret_fd, struct err *err)
{
	static const int domains[] = {
		[ADDR_IPV4] = AF_INET, [ADDR_IPV6] = AF_INET6, [ADDR_UNIX] = AF_UNIX
	};
	char text[ADDR_TEXT_MAX];

	if (at->family == ADDR_NONE || at->family >= ARRAY_COUNT(domains))
		return err_set(err, AT, DD_EINVAL, "no address to listen at");
	const int fd = socket(domains[at->family], SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return err_errno(err, AT, errno, "no socket for %s", addr_text(at, text));
	const int r = bind_and_listen(fd, at, err);
	if (r < 0) {
		(void)close(fd);
		return r;
	}
	*ret_fd = fd;
	return 0;
}

int
env_linux_listen(const struct addr *at, int *ret_fd, struct addr *ret_local, struct err *err)
{
	const int r = listener_socket(at, ret_fd, err);

	if (r < 0)
		return r;
	*ret_local = *at;
	if (at->family != ADDR_UNIX)
		linux_address_local(*ret_fd, ret_local);
	return 0;
}

int
linux_listen(struct env *env, const struct addr *at, env_accepted_fn *accepted, void *arg,
	     struct env_listener **ret_listener, struct err *err)
{
	struct linux_listener *listener = calloc(1, sizeof(*listener));
	int fd = -1;

	if (!listener)
		return err_set(err, AT, DD_ENOMEM, "no memory for a socket");
	const int r = listener_socket(at, &fd, err);
	if (r < 0) {
		free(listener);
		return r;
	}
	listener->base =
		(struct env_listener){ .env = env, .local = *at, .accepted = accepted, .arg = arg };
	if (at->family == ADDR_UNIX)
		(void)lstat(at->path, &listener->made); /* on failure it is left lying */
	else
		linux_address_local(fd, &listener->base.local);
	listener->rest = (struct env_timer){ .fire = rest_over, .arg = listener };
	linux_handle_init(&listener->handle, LINUX_HOST(env), fd, listener, listener_ready);
	linux_handle_want(&listener->handle, EPOLLIN);
	*ret_listener = &listener->base;
	return 0;
}

void
linux_listener_close(struct env_listener *base)
{
	struct linux_listener *listener = CONTAINER_OF(base, struct linux_listener, base);
	struct stat st;

	env_timer_clear(base->env, &listener->rest);
	if (base->local.family == ADDR_UNIX && lstat(base->local.path, &st) == 0 &&
	    S_ISSOCK(st.st_mode) && st.st_ino == listener->made.st_ino &&
	    st.st_dev == listener->made.st_dev)
		(void)unlink(base->local.path); /* a leftover is replaced by the next start */
	linux_handle_close(&listener->handle);
}
