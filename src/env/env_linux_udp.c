/* env_linux_udp.c - datagrams of the real host, with the local address of each by IP_PKTINFO /
 * IPV6_RECVPKTINFO. */
#include "env/linux.h"

#include <assert.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

enum {
	RECEIVE_ONCE_MAX = 64,         /* datagrams taken before others get their turn */
	RECEIVE_BUFFER_SIZE = 4 << 20, /* bytes asked of the kernel for bursts; it may give less */
};

struct linux_udp {
	struct env_udp base;
	struct linux_handle handle;
};

/* Room for one control message of either family. */
union control {
	struct cmsghdr header;
	char bytes[CMSG_SPACE(sizeof(struct in6_pktinfo))];
};

/* The local address a datagram came to; the one the socket is bound to where the kernel does not
 * say. */
static void
local_of(struct linux_udp *udp, struct msghdr *message, struct addr *ret_to)
{
	*ret_to = udp->base.local;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c)) {
		if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
			struct in_pktinfo info;
			memcpy(&info, CMSG_DATA(c), sizeof(info));
			memcpy(ret_to->ip, &info.ipi_spec_dst, 4);
		} else if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO) {
			struct in6_pktinfo info;
			memcpy(&info, CMSG_DATA(c), sizeof(info));
			memcpy(ret_to->ip, &info.ipi6_addr, 16);
		}
	}
}

/* Receive one and tell it; false where none is waiting. */
static bool
receive_one(struct linux_udp *udp)
{
	struct linux_host *host = udp->handle.host;
	union linux_address from = { 0 };
	union control control;
	struct iovec part = { host->scratch, sizeof(host->scratch) };
	struct msghdr message = { .msg_name = &from,
				  .msg_namelen = sizeof(from),
				  .msg_iov = &part,
				  .msg_iovlen = 1,
				  .msg_control = &control,
				  .msg_controllen = sizeof(control) };
	struct addr peer, to;

	const ssize_t n = recvmsg(udp->handle.fd, &message, 0);
	if (n < 0) /* anything but EAGAIN is an old error of the network, which is cleared now */
		return errno != EAGAIN && errno != EWOULDBLOCK;
	linux_address_to(&from, message.msg_namelen, &peer);
	local_of(udp, &message, &to);
	udp->base.received(udp->base.arg, &peer, &to, host->scratch, (size_t)n);
	return true;
}

static void
udp_ready(struct linux_handle *handle, uint32_t events)
{
	struct linux_udp *udp = CONTAINER_OF(handle, struct linux_udp, handle);

	(void)events;
	for (int i = 0; i < RECEIVE_ONCE_MAX; i++) {
		if (handle->fd < 0 || handle->host->env.is_stopping || !receive_one(udp))
			return;
	}
}

static int
udp_bind(int fd, const struct addr *at)
{
	const int on = 1, size = RECEIVE_BUFFER_SIZE;
	union linux_address address;
	int r;

	if (at->family == ADDR_IPV4) {
		r = setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &on, sizeof(on));
	} else {
		r = setsockopt(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof(on));
		if (r == 0) /* :: is not 0.0.0.0: each is asked for by name */
			r = setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
	}
	if (r < 0)
		return r;
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size)); /* works without */
	const socklen_t address_size = linux_address_from(at, &address);
	return bind(fd, &address.any, address_size);
}

int
linux_udp_open(struct env *env, const struct addr *at, env_udp_fn *received, void *arg,
	       struct env_udp **ret_udp, struct err *err)
{
	char text[ADDR_TEXT_MAX];

	if (at->family != ADDR_IPV4 && at->family != ADDR_IPV6)
		return err_set(err, AT, DD_EINVAL, "%s is no address for datagrams",
			       addr_text(at, text));
	const int domain = at->family == ADDR_IPV4 ? AF_INET : AF_INET6;
	const int fd = socket(domain, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return err_errno(err, AT, errno, "no socket for %s", addr_text(at, text));
	struct linux_udp *udp = NULL;
	if (udp_bind(fd, at) < 0) {
		const int r = linux_bind_error(errno, at, err);
		(void)close(fd);
		return r;
	}
	udp = calloc(1, sizeof(*udp));
	if (!udp) {
		(void)close(fd);
		return err_set(err, AT, DD_ENOMEM, "no memory for a socket");
	}
	udp->base = (struct env_udp){ .env = env, .received = received, .arg = arg };
	linux_address_local(fd, &udp->base.local);
	linux_handle_init(&udp->handle, LINUX_HOST(env), fd, udp, udp_ready);
	linux_handle_want(&udp->handle, EPOLLIN);
	*ret_udp = &udp->base;
	return 0;
}

/* Name the local address to send from. */
static void
control_set(struct msghdr *message, union control *control, const struct addr *from)
{
	struct in_pktinfo info = { 0 };
	struct in6_pktinfo info6 = { 0 };
	const bool is_ipv4 = from->family == ADDR_IPV4;
	const size_t size = is_ipv4 ? sizeof(info) : sizeof(info6);

	*control = (union control){ 0 };
	message->msg_control = control;
	message->msg_controllen = CMSG_SPACE(size);
	struct cmsghdr *c = CMSG_FIRSTHDR(message);
	c->cmsg_level = is_ipv4 ? IPPROTO_IP : IPPROTO_IPV6;
	c->cmsg_type = is_ipv4 ? IP_PKTINFO : IPV6_PKTINFO;
	c->cmsg_len = CMSG_LEN(size);
	memcpy(&info.ipi_spec_dst, from->ip, 4);
	memcpy(&info6.ipi6_addr, from->ip, 16);
	memcpy(CMSG_DATA(c), is_ipv4 ? (const void *)&info : (const void *)&info6, size);
}

int
linux_udp_send(struct env_udp *base, const struct addr *to, const struct addr *from,
	       const void *data, size_t size)
{
	struct linux_udp *udp = CONTAINER_OF(base, struct linux_udp, base);
	union linux_address address;
	union control control;
	struct iovec part = { .iov_len = size };
	struct msghdr message = { .msg_name = &address, .msg_iov = &part, .msg_iovlen = 1 };

	assert(udp->handle.fd >= 0);
	if (to->family != base->local.family || size > ENV_DATAGRAM_MAX)
		return DD_EINVAL;
	memcpy(&part.iov_base, &data,
	       sizeof(data)); /* sendmsg() does not write there; its type has no const */
	message.msg_namelen = linux_address_from(to, &address);
	if (from && from->family == to->family && !addr_is_any(from))
		control_set(&message, &control, from);
	if (sendmsg(udp->handle.fd, &message, MSG_NOSIGNAL) >= 0)
		return 0;
	if (errno == EAGAIN || errno == EWOULDBLOCK || errno == ENOBUFS)
		return DD_EFULL;
	return err_errno(NULL, AT, errno, "datagram not sent");
}

void
linux_udp_close(struct env_udp *base)
{
	linux_handle_close(&CONTAINER_OF(base, struct linux_udp, base)->handle);
}
