/* ftp.h - FTP's control connection (RFC 959, 2428): command lines, and addresses of data
 * connections as PORT, EPRT, PASV and EPSV write them. Pure, no I/O. */
#pragma once
#include "base/addr.h"

enum {
	FTP_LINE_MAX = 512,                     /* bytes of a command line with its end */
	FTP_VERB_MAX = 8,                       /* letters; RFC 959 has up to four */
	FTP_HOST_PORT_MAX = ADDR_TEXT_MAX + 16, /* bytes of a printed address with the final NUL */
};

/* One command. `verb` is in upper case, and "" where the line is no command: no letters first, a
 * NUL inside, or too long a verb. `argument` is all behind the first space, "" where there is none.
 * It may be a password, so it is wiped after use. */
struct ftp_command {
	char verb[FTP_VERB_MAX + 1];
	char argument[FTP_LINE_MAX];
};

/* Read the first line (up to LF, a CR before it is taken off; Telnet's codes before the verb, as
 * ABOR has them, are passed over). Returns the bytes used; 0 where no line is whole yet; DD_EFULL
 * where it is longer than FTP_LINE_MAX. */
int64_t ftp_command_decode(const uint8_t *data, size_t size, struct ftp_command *ret_command);

/* PORT (RFC 959 section 4.1.2): "192,0,2,1,4,0". DD_EPARSE for anything else. */
int ftp_host_port_parse(const char *text, struct addr *ret_addr);
/* EPRT (RFC 2428 section 2): "|1|192.0.2.1|1024|", any delimiter of 33 to 126. DD_EUNSUPPORTED for
 * a network protocol other than 1 (IPv4) and 2 (IPv6), DD_EPARSE for what is malformed. */
int ftp_extended_parse(const char *text, struct addr *ret_addr);

/* Print an IPv4 address as PORT and the reply to PASV have it; false for another family. */
bool ftp_host_port_print(const struct addr *addr, char out[static FTP_HOST_PORT_MAX]);
/* Print an IP address as EPRT has it; false for another family. */
bool ftp_extended_print(const struct addr *addr, char out[static FTP_HOST_PORT_MAX]);
