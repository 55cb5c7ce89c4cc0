/* addr.c - network addresses as text and back. */
#include "base/addr.h"
#include "base/text.h"

#include <arpa/inet.h>
#include <string.h>

#define UNIX_PREFIX "unix:"

static size_t
ip_size(const struct addr *addr)
{
	return addr->family == ADDR_IPV4 ? 4 : addr->family == ADDR_IPV6 ? 16 : 0;
}

static int
parse_failed(const char *text, const char *reason, struct err *err)
{
	return err_set(err, AT, DD_EPARSE, "\"%.100s\" is not an address: %s", text, reason);
}

static int
parse_unix(const char *text, struct addr *ret_addr, struct err *err)
{
	struct addr addr = { .family = ADDR_UNIX };
	const char *path = text + strlen(UNIX_PREFIX);

	if (*path == '\0')
		return parse_failed(text, "the path is missing", err);
	if (!text_copy(addr.path, sizeof(addr.path), path))
		return parse_failed(text, "a socket's path has 107 bytes at most", err);
	*ret_addr = addr;
	return 0;
}

/* Cut `host` (a copy of the text) into host and port. The host says by itself which family it must
 * be. */
static bool
split(char *host, char **ret_host, const char **ret_port, int *ret_family)
{
	char *first_colon = strchr(host, ':');

	*ret_host = host;
	*ret_port = NULL;
	if (host[0] == '[') {
		char *end = strchr(host, ']');
		if (!end || (end[1] != '\0' && end[1] != ':'))
			return false;
		*ret_port = end[1] == ':' ? end + 2 : NULL;
		*end = '\0';
		*ret_host = host + 1;
		*ret_family = ADDR_IPV6;
		return true;
	}
	if (first_colon && strchr(first_colon + 1, ':')) {
		*ret_family = ADDR_IPV6;
		return true;
	}
	if (first_colon) {
		*first_colon = '\0';
		*ret_port = first_colon + 1;
	}
	*ret_family = ADDR_IPV4;
	return true;
}

int
addr_parse(const char *text, uint16_t port_default, struct addr *ret_addr, struct err *err)
{
	struct addr addr = { 0 };
	char copy[ADDR_TEXT_MAX], *host = NULL;
	const char *port_text = NULL;
	int family = ADDR_NONE;
	uint64_t port = port_default;

	if (text_starts(text, UNIX_PREFIX))
		return parse_unix(text, ret_addr, err);
	if (!text_copy(copy, sizeof(copy), text))
		return parse_failed(text, "too long", err);
	if (!split(copy, &host, &port_text, &family))
		return parse_failed(text, "the brackets do not match", err);
	if (port_text && !text_number(port_text, UINT16_MAX, &port))
		return parse_failed(text, "the port must be a number from 0 to 65535", err);
	if (inet_pton(family == ADDR_IPV4 ? AF_INET : AF_INET6, host, addr.ip) != 1)
		return parse_failed(
			text,
			"give numbers, as in 192.0.2.1:161 or [2001:db8::1]:161, or unix:/path",
			err);
	addr.family = (uint8_t)family;
	addr.port = (uint16_t)port;
	*ret_addr = addr;
	return 0;
}

const char *
addr_host_text(const struct addr *addr, char buf[static ADDR_TEXT_MAX])
{
	switch ((enum addr_family)addr->family) {
	case ADDR_IPV4:
		return inet_ntop(AF_INET, addr->ip, buf, ADDR_TEXT_MAX);
	case ADDR_IPV6:
		return inet_ntop(AF_INET6, addr->ip, buf, ADDR_TEXT_MAX);
	case ADDR_UNIX:
		(void)text_print(buf, ADDR_TEXT_MAX, UNIX_PREFIX "%s", addr->path); /* fits */
		return buf;
	case ADDR_NONE:
		break;
	}
	(void)text_copy(buf, ADDR_TEXT_MAX, "none");
	return buf;
}

const char *
addr_text(const struct addr *addr, char buf[static ADDR_TEXT_MAX])
{
	char host[ADDR_TEXT_MAX];

	(void)addr_host_text(addr, host);
	if (addr->port == 0 || ip_size(addr) == 0)
		(void)text_copy(buf, ADDR_TEXT_MAX, host);
	else if (addr->family == ADDR_IPV6)
		(void)text_print(buf, ADDR_TEXT_MAX, "[%s]:%u", host, addr->port);
	else
		(void)text_print(buf, ADDR_TEXT_MAX, "%s:%u", host, addr->port);
	return buf;
}

bool
addr_host_equal(const struct addr *a, const struct addr *b)
{
	if (a->family != b->family)
		return false;
	if (a->family == ADDR_UNIX)
		return strncmp(a->path, b->path, sizeof(a->path)) == 0;
	return memcmp(a->ip, b->ip, ip_size(a)) == 0;
}

bool
addr_equal(const struct addr *a, const struct addr *b)
{
	return addr_host_equal(a, b) && a->port == b->port;
}

bool
addr_is_any(const struct addr *addr)
{
	static const uint8_t zero[16];

	return ip_size(addr) > 0 && memcmp(addr->ip, zero, ip_size(addr)) == 0;
}

/* FNV-1a, and the last step of splitmix64 so that the low bits depend on all. */
uint64_t
addr_hash(const struct addr *addr)
{
	const size_t size =
		addr->family == ADDR_UNIX ? strnlen(addr->path, sizeof(addr->path)) : ip_size(addr);
	const uint8_t *bytes = addr->family == ADDR_UNIX ? (const uint8_t *)addr->path : addr->ip;
	uint64_t hash = 0xcbf29ce484222325u;

	hash = (hash ^ addr->family) * 0x100000001b3u;
	hash = (hash ^ (addr->port & 0xff)) * 0x100000001b3u;
	hash = (hash ^ (addr->port >> 8)) * 0x100000001b3u;
	for (size_t i = 0; i < size; i++)
		hash = (hash ^ bytes[i]) * 0x100000001b3u;
	hash = (hash ^ (hash >> 30)) * 0xbf58476d1ce4e5b9u;
	hash = (hash ^ (hash >> 27)) * 0x94d049bb133111ebu;
	return hash ^ (hash >> 31);
}
