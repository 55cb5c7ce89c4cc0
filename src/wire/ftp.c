/* FTP command lines and data addresses: bytes <-> structs. */
#include "wire/ftp.h"

#include "base/text.h"

#include <string.h>

enum {
	TELNET_CODE_MIN =
		240, /* RFC 854: codes follow IAC (255); the urgent one may have lost it */
	DELIMITER_MIN = 33,
	DELIMITER_MAX = 126,
	NUMBER_MAX = 5, /* digits */
};

/* ---- command lines ---- */

static bool
is_letter(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static void
take_line(const char *line, size_t size, struct ftp_command *command)
{
	size_t letters = 0;

	while (size > 0 && (uint8_t)line[0] >= TELNET_CODE_MIN) {
		line++;
		size--;
	}
	while (letters < size && is_letter(line[letters]))
		letters++;
	const bool is_command = letters > 0 && letters <= FTP_VERB_MAX &&
				(letters == size || line[letters] == ' ') &&
				memchr(line, '\0', size) == NULL;
	if (!is_command)
		return;
	for (size_t i = 0; i < letters; i++)
		command->verb[i] = (char)(line[i] & ~0x20); /* letters only: to upper case */
	if (letters < size)
		memcpy(command->argument, line + letters + 1, size - letters - 1);
}

int64_t
ftp_command_decode(const uint8_t *data, size_t size, struct ftp_command *ret_command)
{
	const size_t seen = size < FTP_LINE_MAX ? size : FTP_LINE_MAX;
	const uint8_t *end = seen > 0 ? memchr(data, '\n', seen) : NULL;

	if (end == NULL)
		return size < FTP_LINE_MAX ? 0 : DD_EFULL;
	size_t length = (size_t)(end - data);
	if (length > 0 && data[length - 1] == '\r')
		length--;
	*ret_command = (struct ftp_command){ 0 };
	take_line((const char *)data, length, ret_command);
	return end - data + 1;
}

/* ---- PORT and PASV ---- */

/* A decimal number up to `max`, ending in `end`, which is passed over. */
static bool
take_number(const char **next, char end, uint64_t max, uint64_t *ret_number)
{
	char digits[NUMBER_MAX + 1] = { 0 };
	size_t count = 0;

	while (count < NUMBER_MAX && (*next)[count] >= '0' && (*next)[count] <= '9') {
		digits[count] = (*next)[count];
		count++;
	}
	if (!text_number(digits, max, ret_number) || (*next)[count] != end)
		return false;
	*next += count + (end != '\0');
	return true;
}

int
ftp_host_port_parse(const char *text, struct addr *ret_addr)
{
	struct addr addr = { .family = ADDR_IPV4 };
	uint64_t bytes[6];

	for (unsigned i = 0; i < 6; i++)
		if (!take_number(&text, i < 5 ? ',' : '\0', UINT8_MAX, &bytes[i]))
			return DD_EPARSE;
	for (unsigned i = 0; i < 4; i++)
		addr.ip[i] = (uint8_t)bytes[i];
	addr.port = (uint16_t)(bytes[4] << 8 | bytes[5]);
	*ret_addr = addr;
	return 0;
}

bool
ftp_host_port_print(const struct addr *addr, char out[static FTP_HOST_PORT_MAX])
{
	const uint8_t *ip = addr->ip;

	return addr->family == ADDR_IPV4 &&
	       text_print(out, FTP_HOST_PORT_MAX, "%u,%u,%u,%u,%u,%u", ip[0], ip[1], ip[2], ip[3],
			  addr->port >> 8, addr->port & 0xff);
}

/* ---- EPRT ---- */

/* The host's text, up to the delimiter, read without a port. */
static bool
take_host(const char **next, char delimiter, uint8_t family, struct addr *ret_addr)
{
	char host[ADDR_TEXT_MAX];
	const char *end = strchr(*next, delimiter);

	if (end == NULL || end == *next || (size_t)(end - *next) >= sizeof(host))
		return false;
	const size_t size = (size_t)(end - *next);
	memcpy(host, *next, size);
	host[size] = '\0';
	*next = end + 1;
	/* addr_parse() takes "192.0.2.1:21" and "[::1]:21", too; the port has its own field here */
	const char *strange = family == ADDR_IPV4 ? ":[]" : "[]";
	return strpbrk(host, strange) == NULL && addr_parse(host, 0, ret_addr, NULL) == 0 &&
	       ret_addr->family == family;
}

int
ftp_extended_parse(const char *text, struct addr *ret_addr)
{
	static const uint8_t families[] = { ADDR_NONE, ADDR_IPV4, ADDR_IPV6 };
	const char delimiter = *text;
	struct addr addr = { 0 };
	uint64_t protocol = 0, port = 0;

	if (delimiter < DELIMITER_MIN || delimiter > DELIMITER_MAX)
		return DD_EPARSE;
	text++;
	if (!take_number(&text, delimiter, UINT16_MAX, &protocol))
		return DD_EPARSE;
	if (protocol < 1 || protocol >= ARRAY_COUNT(families))
		return DD_EUNSUPPORTED;
	if (!take_host(&text, delimiter, families[protocol], &addr) ||
	    !take_number(&text, delimiter, UINT16_MAX, &port) || *text != '\0')
		return DD_EPARSE;
	addr.port = (uint16_t)port;
	*ret_addr = addr;
	return 0;
}

bool
ftp_extended_print(const struct addr *addr, char out[static FTP_HOST_PORT_MAX])
{
	char host[ADDR_TEXT_MAX];

	if (addr->family != ADDR_IPV4 && addr->family != ADDR_IPV6)
		return false;
	return text_print(out, FTP_HOST_PORT_MAX, "|%d|%s|%u|", addr->family == ADDR_IPV4 ? 1 : 2,
			  addr_host_text(addr, host), addr->port);
}
