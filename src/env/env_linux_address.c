/* env_linux_address.c - struct addr to and from the kernel's socket addresses, and what a failed
 * bind() means. */
#include "env/linux.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/un.h>

enum { PORT_PRIVILEGED_END = 1024 };

socklen_t
linux_address_from(const struct addr *addr, union linux_address *ret_address)
{
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons(addr->port) };
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6, .sin6_port = htons(addr->port) };
	struct sockaddr_un un = { .sun_family = AF_UNIX };

	*ret_address = (union linux_address){ 0 };
	switch ((enum addr_family)addr->family) {
	case ADDR_IPV4:
		memcpy(&in.sin_addr, addr->ip, 4);
		memcpy(ret_address, &in, sizeof(in));
		return sizeof(in);
	case ADDR_IPV6:
		memcpy(&in6.sin6_addr, addr->ip, 16);
		memcpy(ret_address, &in6, sizeof(in6));
		return sizeof(in6);
	case ADDR_UNIX:
		memcpy(un.sun_path, addr->path, sizeof(un.sun_path));
		memcpy(ret_address, &un, sizeof(un));
		return sizeof(un);
	case ADDR_NONE:
		break;
	}
	return 0;
}

void
linux_address_to(const union linux_address *address, socklen_t size, struct addr *ret_addr)
{
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
	struct sockaddr_un un = { 0 };

	*ret_addr = (struct addr){ 0 };
	if (address->any.sa_family == AF_INET && size >= sizeof(in)) {
		memcpy(&in, address, sizeof(in));
		ret_addr->family = ADDR_IPV4;
		ret_addr->port = ntohs(in.sin_port);
		memcpy(ret_addr->ip, &in.sin_addr, 4);
	} else if (address->any.sa_family == AF_INET6 && size >= sizeof(in6)) {
		memcpy(&in6, address, sizeof(in6));
		ret_addr->family = ADDR_IPV6;
		ret_addr->port = ntohs(in6.sin6_port);
		memcpy(ret_addr->ip, &in6.sin6_addr, 16);
	} else if (address->any.sa_family == AF_UNIX) {
		memcpy(&un, address, size < sizeof(un) ? size : sizeof(un));
		ret_addr->family = ADDR_UNIX;
		memcpy(ret_addr->path, un.sun_path, sizeof(ret_addr->path) - 1);
	}
}

void
linux_address_local(int fd, struct addr *ret_addr)
{
	union linux_address address = { 0 };
	socklen_t size = sizeof(address);

	if (getsockname(fd, &address.any, &size) < 0)
		size = 0;
	linux_address_to(&address, size, ret_addr);
}

int
linux_bind_error(int errno_value, const struct addr *at, struct err *err)
{
	char text[ADDR_TEXT_MAX];

	addr_text(at, text);
	if (errno_value == EACCES && at->family != ADDR_UNIX && at->port < PORT_PRIVILEGED_END)
		return err_set(err, AT, DD_EACCESS,
			       "port %u needs root or CAP_NET_BIND_SERVICE: choose another port",
			       at->port);
	if (errno_value == EADDRINUSE)
		return err_set(
			err, AT, DD_EBUSY,
			"address %s is in use by another program: stop it or choose another port",
			text);
	if (errno_value == EADDRNOTAVAIL)
		return err_set(err, AT, DD_EINVAL,
			       "address %s is not one of this machine's: choose one that is, "
			       "or 0.0.0.0 for all",
			       text);
	return err_errno(err, AT, errno_value, "address %s can't be opened", text);
}
