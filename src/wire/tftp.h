/* tftp.h - packets of TFTP (RFC 1350) with the options blksize (RFC 2348), timeout and tsize (RFC
 * 2349), negotiated as RFC 2347 says; for a server and for a client. No allocation.
 *
 *   RRQ 1, WRQ 2   opcode, name NUL, mode NUL, { option NUL, value NUL } ...
 *   DATA 3         opcode, block, 0..blksize bytes
 *   ACK 4          opcode, block
 *   ERROR 5        opcode, code, text NUL
 *   OACK 6         opcode, { option NUL, value NUL } ... */
#pragma once
#include "base/err.h"

enum tftp_opcode { TFTP_RRQ = 1, TFTP_WRQ, TFTP_DATA, TFTP_ACK, TFTP_ERROR, TFTP_OACK };

enum tftp_mode { TFTP_OCTET, TFTP_NETASCII };

enum tftp_code {                         /* of an ERROR; others may come */
		 TFTP_ERROR_TOLD = 0,    /* the text says it */
		 TFTP_ERROR_NOFILE = 1,  /* file not found */
		 TFTP_ERROR_ACCESS = 2,  /* access violation */
		 TFTP_ERROR_FULL = 3,    /* disk full or allocation exceeded */
		 TFTP_ERROR_ILLEGAL = 4, /* illegal operation */
		 TFTP_ERROR_TID = 5,     /* unknown transfer id */
		 TFTP_ERROR_EXISTS = 6,  /* file already exists */
		 TFTP_ERROR_OPTIONS = 8, /* options refused (RFC 2347) */
};

enum {
	TFTP_BLKSIZE_DEFAULT = 512, /* bytes of a block without option */
	TFTP_BLKSIZE_MIN = 8,
	TFTP_BLKSIZE_MAX = 65464,
	TFTP_TIMEOUT_MAX_S = 255,
	TFTP_HEADER_SIZE = 4,  /* of DATA; the whole of an ACK */
	TFTP_NAME_MAX = 127,   /* characters of a file's name */
	TFTP_TEXT_MAX = 99,    /* characters of an ERROR's text; more is cut when read */
	TFTP_REQUEST_MAX = 512 /* bytes of RRQ, WRQ and OACK (RFC 2347) */
};

/* What is asked (RRQ, WRQ) or accepted (OACK). */
struct tftp_options {
	bool has_blksize, has_timeout, has_tsize;
	uint32_t blksize;   /* TFTP_BLKSIZE_MIN..TFTP_BLKSIZE_MAX */
	uint32_t timeout_s; /* 1..TFTP_TIMEOUT_MAX_S */
	uint64_t tsize;     /* bytes of the whole file, at most INT64_MAX; 0 in a RRQ asks for it */
};

/* Fields that an opcode does not use are zero. */
struct tftp_packet {
	uint8_t opcode;               /* enum tftp_opcode */
	char name[TFTP_NAME_MAX + 1]; /* RRQ, WRQ: not empty, no control characters */
	uint8_t mode;                 /* RRQ, WRQ: enum tftp_mode */
	struct tftp_options options;  /* RRQ, WRQ, OACK */
	uint16_t block;               /* DATA, ACK; rolls over from 65,535 to 0 */
	struct slice data;            /* DATA: borrowed from the datagram */
	uint16_t code;                /* ERROR: enum tftp_code, or whatever came */
	char text[TFTP_TEXT_MAX + 1]; /* ERROR: cleaned of control characters */
};

/* Read a datagram. Returns 0 or DD_EPARSE.
 *
 * Of a request, options that are unknown, repeated (the first wins), or have no number that the
 * option may have are left out, as RFC 2347 lets a server do; a blksize past TFTP_BLKSIZE_MAX
 * becomes that, since a server answers with what it likes below. An OACK with a bad number is
 * malformed: a client can't ignore it. A request that does not end in NUL, and a mode other than
 * octet and netascii, are malformed, too. An ERROR's final NUL may be missing. */
int tftp_decode(const uint8_t *data, size_t size, struct tftp_packet *ret_packet, struct err *err);

/* Write the packet into `buffer`. Returns its bytes; DD_EINVAL where a field is outside its limits;
 * DD_EFULL where there is no room. */
int64_t tftp_encode(const struct tftp_packet *packet, uint8_t *buffer, size_t size);
