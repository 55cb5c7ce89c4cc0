/* ftp_reply.h - private to ftp_client.c: what an FTP server says (RFC 959 section 4.2, RFC 2428,
 * RFC 3659). Pure. */
#pragma once
#include "base/types.h"

enum {
	FTP_REPLY_LINE_MAX = 512,   /* bytes of a line that are looked at; the rest is dropped */
	FTP_REPLY_LINES_MAX = 1000, /* lines of one reply */
};

struct ftp_reply {
	unsigned code;                 /* 100..599 */
	char text[FTP_REPLY_LINE_MAX]; /* of its last line, after the code; cleaned */
};

/* Collects bytes to replies. All zero at the start. */
struct ftp_reader {
	char line[FTP_REPLY_LINE_MAX];
	size_t size;
	unsigned lines;  /* of a reply of several lines, so far */
	unsigned code;   /* of a reply of several lines, else 0 */
	bool has_failed; /* what came is not FTP: sticky */
};

/* Take bytes up to the end of the next reply. Returns how many were used; where *ret_is_whole,
 * *ret_reply is set. */
size_t ftp_reply_take(struct ftp_reader *reader, const uint8_t *data, size_t size,
		      struct ftp_reply *ret_reply, bool *ret_is_whole);
/* The port of a 227 reply (its address is not used: data goes where control goes) or a 229 reply; 0
 * = malformed. */
uint16_t ftp_reply_port(const struct ftp_reply *reply);
/* The number of a 213 reply; 0 = none. */
uint64_t ftp_reply_size(const struct ftp_reply *reply);
