/* Network addresses as text and back. */
#include "base/addr.h"

#include "base/text.h"

#include <arpa/inet.h>
#include <string.h>

static int
malformed(struct err *err, const char *text)
{
	return err_set(err, AT, DD_EPARSE,
		       "'%.64s' is not an address: write 192.0.2.1, 192.0.2.1:161, "
		       "[2001:db8::1]:161 or unix:/path",
		       text);
}

static int
parse_unix(const char *path, struct addr *ret_addr, struct err *err)
{
	struct addr addr = { .family = ADDR_UNIX };

	if (*path == '\0' || !text_copy(addr.path, sizeof(addr.path), path))
		return err_set(err, AT, DD_EPARSE,
			       "the path of a Unix socket has 1 to %d characters",
			       ADDR_PATH_MAX - 1);
	*ret_addr = addr;
	return 0;
}

static bool
parse_port(const char *text, uint16_t *ret_port)
{
	uint64_t port;

	if (!text_number(text, UINT16_MAX, &port))
		return false;
	*ret_port = (uint16_t)port;
	return true;
}

/* Split "host:port" or "[host]:port"; a bare IPv6 address has no port. */
static bool
split(const char *text, char host[static INET6_ADDRSTRLEN], uint16_t *port)
{
	const char *end = text + strlen(text);
	const char *colon = strchr(text, ':');

	if (*text == '[') {
		text++;
		end = strchr(text, ']');
		if (end == NULL ||
		    (end[1] != '\0' && (end[1] != ':' || !parse_port(end + 2, port))))
			return false;
	} else if (colon != NULL && strchr(colon + 1, ':') == NULL) {
		end = colon;
		if (!parse_port(colon + 1, port))
			return false;
	}
	if (end - text >= INET6_ADDRSTRLEN)
		return false;
	memcpy(host, text, (size_t)(end - text));
	host[end - text] = '\0';
	return true;
}

int
addr_parse(const char *text, uint16_t port_default, struct addr *ret_addr, struct err *err)
{
	struct addr addr = { .port = port_default };
	char host[INET6_ADDRSTRLEN];

	if (text_starts(text, "unix:"))
		return parse_unix(text + 5, ret_addr, err);
	if (!split(text, host, &addr.port))
		return malformed(err, text);
	if (inet_pton(AF_INET, host, addr.ip) == 1)
		addr.family = ADDR_IPV4;
	else if (inet_pton(AF_INET6, host, addr.ip) == 1)
		addr.family = ADDR_IPV6;
	else
		return malformed(err, text);
	*ret_addr = addr;
	return 0;
}

const char *
addr_host_text(const struct addr *addr, char buf[static ADDR_TEXT_MAX])
{
	buf[0] = '\0';
	if (addr->family == ADDR_UNIX)
		(void)text_print(buf, ADDR_TEXT_MAX, "unix:%s", addr->path);
	else if (addr->family == ADDR_IPV4)
		(void)inet_ntop(AF_INET, addr->ip, buf, ADDR_TEXT_MAX);
	else if (addr->family == ADDR_IPV6)
		(void)inet_ntop(AF_INET6, addr->ip, buf, ADDR_TEXT_MAX);
	else
		(void)text_copy(buf, ADDR_TEXT_MAX, "none");
	return buf;
}

const char *
addr_text(const struct addr *addr, char buf[static ADDR_TEXT_MAX])
{
	char host[ADDR_TEXT_MAX];

	(void)addr_host_text(addr, host);
	if (addr->family == ADDR_UNIX || addr->port == 0)
		(void)text_copy(buf, ADDR_TEXT_MAX, host);
	else if (addr->family == ADDR_IPV6)
		(void)text_print(buf, ADDR_TEXT_MAX, "[%.64s]:%u", host, addr->port);
	else
		(void)text_print(buf, ADDR_TEXT_MAX, "%.64s:%u", host, addr->port);
	return buf;
}

static size_t
host_size(const struct addr *addr)
{
	return addr->family == ADDR_IPV4 ? 4 : addr->family == ADDR_IPV6 ? 16 : 0;
}

bool
addr_host_equal(const struct addr *a, const struct addr *b)
{
	if (a->family != b->family)
		return false;
	if (a->family == ADDR_UNIX)
		return strcmp(a->path, b->path) == 0;
	return memcmp(a->ip, b->ip, host_size(a)) == 0;
}

bool
addr_equal(const struct addr *a, const struct addr *b)
{
	return addr_host_equal(a, b) && (a->family == ADDR_UNIX || a->port == b->port);
}

bool
addr_is_any(const struct addr *addr)
{
	static const uint8_t zero[16];

	return (addr->family == ADDR_IPV4 || addr->family == ADDR_IPV6) &&
	       memcmp(addr->ip, zero, host_size(addr)) == 0;
}

uint64_t
addr_hash(const struct addr *addr)
{
	const void *bytes = addr->family == ADDR_UNIX ? (const void *)addr->path : addr->ip;
	size_t size = addr->family == ADDR_UNIX ? strlen(addr->path) : host_size(addr);
	uint64_t hash = 14695981039346656037u ^ addr->family ^ ((uint64_t)addr->port << 8);

	for (size_t i = 0; i < size; i++)
		hash = (hash ^ ((const uint8_t *)bytes)[i]) * 1099511628211u;
	return hash;
}
