/* addr.h - a network address: IPv4 or IPv6 with a port, or the path of a Unix socket. Pure. */
#pragma once
#include "base/err.h"

enum addr_family { ADDR_NONE, ADDR_IPV4, ADDR_IPV6, ADDR_UNIX };

enum {
	ADDR_PATH_MAX = 108, /* bytes with the final NUL: sun_path of unix(7) */
	ADDR_TEXT_MAX = 128, /* room for any printed address */
};

struct addr {
	uint8_t family; /* enum addr_family */
	uint16_t port;  /* host order; 0 = any or none */
	union {
		uint8_t ip[16]; /* network order; IPv4 uses the first four */
		char path[ADDR_PATH_MAX];
	};
};

/* Names are not looked up: the host is given in numbers. A port of 0 in the text is taken ("any").
 *
 * Read "192.0.2.1", "192.0.2.1:161", "2001:db8::1", "[2001:db8::1]:161" or "unix:/path".
 * port_default is used where the text names none. DD_EPARSE with the text quoted otherwise. */
int addr_parse(const char *text, uint16_t port_default, struct addr *ret_addr, struct err *err);

/* Print as addr_parse reads it, with the port where it is not 0; "none" for ADDR_NONE. Returns
 * `buf`. */
const char *addr_text(const struct addr *addr, char buf[static ADDR_TEXT_MAX]);

/* Print the host alone, without port or brackets. Returns `buf`. */
const char *addr_host_text(const struct addr *addr, char buf[static ADDR_TEXT_MAX]);

bool addr_equal(const struct addr *a, const struct addr *b);      /* family, host and port */
bool addr_host_equal(const struct addr *a, const struct addr *b); /* family and host */
bool addr_is_any(const struct addr *addr);                        /* 0.0.0.0 or :: */
/* For tables in memory: not keyed, so bound the table, as senders can choose what collides. */
uint64_t addr_hash(const struct addr *addr);
