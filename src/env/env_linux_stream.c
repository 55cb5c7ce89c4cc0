/* env_linux_stream.c - connected sockets of the real host: receiving, a bounded queue for sending,
 * ends.
 *
 *   connecting -> open -> (peer finished | we finished) in either order -> over -> closed by the
 * owner
 *
 * What the loop waits for follows from the state alone (stream_arm), so that nothing is forgotten
 * or spins. */
#include "env/linux.h"

#include "base/buf.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

enum { RECEIVE_ONCE_MAX = 8 }; /* blocks of LINUX_SCRATCH_SIZE taken before others get their turn */

struct linux_stream {
	struct env_stream base;
	struct linux_handle handle;
	struct buf queue;
	size_t sent; /* bytes at the queue's start that the kernel has */
	bool is_connecting, is_paused;
	bool is_drain_owed;     /* written since drained() was told */
	bool is_finishing;      /* our owner sends no more */
	bool is_shut;           /* ... and the kernel has been told */
	bool has_peer_finished; /* the peer sends no more */
	bool is_over;           /* closed() was told */
};

static size_t
queued(const struct linux_stream *s)
{
	return s->queue.size - s->sent;
}

/* Wait for what the state needs, and for nothing where it needs nothing. */
static void
stream_arm(struct linux_stream *s)
{
	const bool has_ended = s->is_shut && s->has_peer_finished;
	uint32_t want = 0;

	if (s->is_over) {
		want = 0;
	} else if (s->is_connecting) {
		want = EPOLLOUT;
	} else {
		if (s->base.is_used && !s->is_paused && !s->has_peer_finished)
			want |= EPOLLIN;
		if (queued(s) > 0 || s->is_drain_owed || has_ended)
			want |= EPOLLOUT;
	}
	linux_handle_want(&s->handle, want);
}

static int
reason_of(int errno_value)
{
	switch (errno_value) {
	case ECONNRESET:
	case ECONNREFUSED:
	case EPIPE:
		return DD_ECLOSED;
	case ETIMEDOUT:
		return DD_ETIMEOUT;
	default: /* no route, no memory in the kernel, ... */
		return DD_EIO;
	}
}

static void
stream_over(struct linux_stream *s, int reason)
{
	s->is_over = true;
	stream_arm(s);
	if (s->base.events.closed)
		s->base.events.closed(s->base.arg, reason);
}

/* Whether no more callbacks may be made: closed by the owner, told as over, or the loop is to end.
 */
static bool
is_done(const struct linux_stream *s)
{
	return s->handle.fd < 0 || s->is_over || s->handle.host->env.is_stopping;
}

static void
peer_finished(struct linux_stream *s)
{
	s->has_peer_finished = true;
	if (s->base.events.finished)
		s->base.events.finished(s->base.arg);
	else
		stream_over(s, DD_ECLOSED);
}

static void
stream_receive(struct linux_stream *s)
{
	struct linux_host *host = s->handle.host;

	for (int i = 0; i < RECEIVE_ONCE_MAX && !is_done(s) && !s->is_paused; i++) {
		const ssize_t n = recv(s->handle.fd, host->scratch, sizeof(host->scratch), 0);
		if (n > 0 && s->base.events.received)
			s->base.events.received(s->base.arg, host->scratch, (size_t)n);
		if (n > 0)
			continue;
		if (n == 0)
			peer_finished(s);
		else if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR)
			stream_over(s, reason_of(errno));
		return;
	}
}

static void
shut(struct linux_stream *s)
{
	s->is_shut = true;
	(void)shutdown(s->handle.fd,
		       SHUT_WR); /* fails where the peer has gone: receiving tells that */
}

/* Hand as much of the queue to the kernel as it takes. Returns 0 or an errno that ends the stream.
 */
static int
queue_flush(struct linux_stream *s)
{
	while (queued(s) > 0) {
		const ssize_t n =
			send(s->handle.fd, s->queue.data + s->sent, queued(s), MSG_NOSIGNAL);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno == EAGAIN || errno == EWOULDBLOCK ? 0 : errno;
		s->sent += (size_t)n;
	}
	buf_clear(&s->queue);
	s->sent = 0;
	return 0;
}

static void
stream_send(struct linux_stream *s)
{
	const int r = queue_flush(s);

	if (r != 0) {
		stream_over(s, reason_of(r));
		return;
	}
	if (queued(s) == 0 && s->is_drain_owed) {
		s->is_drain_owed = false;
		if (s->base.events.drained)
			s->base.events.drained(s->base.arg);
	}
	if (!is_done(s) && queued(s) == 0 && s->is_finishing && !s->is_shut)
		shut(s);
}

static void
stream_connected(struct linux_stream *s)
{
	int result = 0;
	socklen_t size = sizeof(result);

	if (getsockopt(s->handle.fd, SOL_SOCKET, SO_ERROR, &result, &size) < 0)
		result = errno;
	if (result != 0) {
		stream_over(s, reason_of(result));
		return;
	}
	s->is_connecting = false;
	if (s->base.local.family != ADDR_UNIX)
		linux_address_local(s->handle.fd, &s->base.local);
	if (s->base.events.opened)
		s->base.events.opened(s->base.arg);
	if (!is_done(s))
		stream_send(s);
}

static void
stream_ready(struct linux_handle *handle, uint32_t events)
{
	struct linux_stream *s = CONTAINER_OF(handle, struct linux_stream, handle);
	const uint32_t interest = handle->interest;
	const uint32_t failed = EPOLLERR | EPOLLHUP;

	if (s->is_connecting) {
		stream_connected(s);
	} else {
		if (interest & EPOLLIN && events & (EPOLLIN | failed))
			stream_receive(s);
		if (interest & EPOLLOUT && events & (EPOLLOUT | failed) && !is_done(s))
			stream_send(s);
	}
	if (!is_done(s) && s->is_shut && s->has_peer_finished)
		stream_over(s, DD_ECLOSED);
	if (handle->fd >= 0)
		stream_arm(s);
}

struct env_stream *
linux_stream_new(struct linux_host *host, int fd, const struct addr *local, const struct addr *peer)
{
	const int on = 1;
	struct linux_stream *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->base.env = &host->env;
	s->base.local = *local;
	s->base.peer = *peer;
	buf_init(&s->queue,
		 2 * (size_t)ENV_STREAM_QUEUE_MAX); /* what was sent may still lie before it */
	linux_handle_init(&s->handle, host, fd, s, stream_ready);
	if (peer->family != ADDR_UNIX) {
		(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
		(void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
	}
	return &s->base;
}

bool
linux_stream_is_closed(const struct env_stream *stream)
{
	return ((const struct linux_stream *)stream)->handle.fd < 0; /* base comes first */
}

/* Bind to the local address where one is named, and begin to connect. Returns 0 or negative with
 * the sentence. */
static int
connect_begin(int fd, const struct addr *to, const struct addr *local, struct err *err)
{
	const int on = 1;
	union linux_address address;
	char text[ADDR_TEXT_MAX];

	if (local && local->family == to->family && to->family != ADDR_UNIX) {
		if (local->port != 0)
			(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
		const socklen_t size = linux_address_from(local, &address);
		if (bind(fd, &address.any, size) < 0)
			return linux_bind_error(errno, local, err);
	}
	const socklen_t size = linux_address_from(to, &address);
	if (connect(fd, &address.any, size) == 0 || errno == EINPROGRESS)
		return 0;
	if (errno == ECONNREFUSED || errno == ENOENT)
		return err_set(err, AT, DD_ECLOSED, "nobody listens at %s: is it running?",
			       addr_text(to, text));
	return err_errno(err, AT, errno, "no connection to %s", addr_text(to, text));
}

int
linux_connect(struct env *env, const struct addr *to, const struct addr *local,
	      const struct env_stream_events *events, void *arg, struct env_stream **ret_stream,
	      struct err *err)
{
	const struct addr none = { .family = to->family };
	char text[ADDR_TEXT_MAX];
	int domain = AF_UNIX;

	if (to->family == ADDR_NONE)
		return err_set(err, AT, DD_EINVAL, "no address to connect to");
	if (to->family != ADDR_UNIX)
		domain = to->family == ADDR_IPV4 ? AF_INET : AF_INET6;
	const int fd = socket(domain, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return err_errno(err, AT, errno, "no socket for %s", addr_text(to, text));
	const int r = connect_begin(fd, to, local, err);
	struct env_stream *stream =
		r < 0 ? NULL : linux_stream_new(LINUX_HOST(env), fd, local ? local : &none, to);
	if (!stream) {
		(void)close(fd);
		return r < 0 ? r : err_set(err, AT, DD_ENOMEM, "no memory for a connection");
	}
	CONTAINER_OF(stream, struct linux_stream, base)->is_connecting = true;
	env_stream_use(stream, events, arg);
	*ret_stream = stream;
	return 0;
}

void
linux_stream_used(struct env_stream *stream)
{
	stream_arm(CONTAINER_OF(stream, struct linux_stream, base));
}

/* Try the kernel first, so that most bytes are never copied. Returns the bytes it took. */
static size_t
send_direct(struct linux_stream *s, const void *data, size_t size)
{
	if (s->is_connecting || queued(s) > 0 || size == 0)
		return 0;
	const ssize_t n = send(s->handle.fd, data, size, MSG_NOSIGNAL);
	return n < 0 ? 0
		     : (size_t)n; /* a real error shows again in the loop, where it can be told */
}

int
linux_stream_write(struct env_stream *stream, const void *data, size_t size)
{
	struct linux_stream *s = CONTAINER_OF(stream, struct linux_stream, base);

	if (s->is_over || s->is_finishing)
		return DD_ECLOSED;
	if (size > ENV_STREAM_QUEUE_MAX || queued(s) + size > ENV_STREAM_QUEUE_MAX)
		return DD_EFULL;
	const size_t n = send_direct(s, data, size);
	if (n < size && s->sent > s->queue.size / 2) {
		buf_drop(&s->queue, s->sent);
		s->sent = 0;
	}
	if (n < size && !buf_add(&s->queue, (const char *)data + n, size - n)) {
		(void)shutdown(s->handle.fd,
			       SHUT_RDWR); /* part of it went: the rest can't be left out */
		return DD_ENOMEM;
	}
	s->is_drain_owed = true;
	stream_arm(s);
	return 0;
}

size_t
linux_stream_queued(const struct env_stream *stream)
{
	return queued((const struct linux_stream *)stream); /* base comes first */
}

void
linux_stream_pause(struct env_stream *stream, bool is_paused)
{
	struct linux_stream *s = CONTAINER_OF(stream, struct linux_stream, base);

	s->is_paused = is_paused;
	stream_arm(s);
}

void
linux_stream_finish(struct env_stream *stream)
{
	struct linux_stream *s = CONTAINER_OF(stream, struct linux_stream, base);

	s->is_finishing = true;
	if (!s->is_over && !s->is_connecting && !s->is_shut && queued(s) == 0)
		shut(s);
	stream_arm(s);
}

void
linux_stream_close(struct env_stream *stream)
{
	struct linux_stream *s = CONTAINER_OF(stream, struct linux_stream, base);

	buf_done(&s->queue);
	s->sent = 0;
	linux_handle_close(&s->handle);
}
