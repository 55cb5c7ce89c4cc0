/* link.h - what manager and file service say to each other: grants, ledger entries, and content by
 * SHA-256.
 *
 * A frame: u32 size of the rest, u8 type, payload; all numbers big-endian, strings as u16 size and
 * bytes. Both sides refuse frames past LINK_FRAME_MAX, unknown types and malformed payloads by
 * closing the link. Content travels in chunks in order; one transfer of content at a time in each
 * direction. Bytes <-> structs only; no I/O. */
#pragma once
#include "base/addr.h"
#include "base/buf.h"
#include "base/sha256.h"

enum {
	LINK_FRAME_MAX = 128 << 10,
	LINK_CHUNK_MAX = 64 << 10,
	LINK_VERSION = 1,
	LINK_TEXT_MAX = 256
};

enum link_type {
	LINK_HELLO = 1,  /* both, first: version, text (who) */
	LINK_GRANT,      /* manager -> filed: open or renew a grant (same id: no effect) */
	LINK_REVOKE,     /* manager -> filed: close it; a transfer under it ends */
	LINK_GRANTS_END, /* manager -> filed, after HELLO: all open grants have been told; close
			    every other */
	LINK_GRANTED,    /* filed -> manager: grant is open (its content is here) */
	LINK_LEDGER,     /* filed -> manager */
	LINK_LEDGER_ACK, /* manager -> filed: entries up to and with this number are durable here */
	LINK_CONTENT_ASK,  /* either: send me the content with this hash */
	LINK_CONTENT,      /* either: a chunk: hash, offset, total, bytes */
	LINK_CONTENT_NONE, /* either: I don't have that */
	LINK_STATUS,       /* filed -> manager: the bound TFTP, FTP ports, or why not */
};

/* Fields that a type does not use are zero. The wire room sees no model: the fields mirror struct
 * grant and ledger_entry. */
struct link_message {
	uint8_t type;
	uint64_t id;         /* GRANT, REVOKE, GRANTED: grant; LEDGER, LEDGER_ACK: number */
	uint64_t grant;      /* LEDGER */
	uint32_t version;    /* HELLO */
	struct addr address; /* GRANT: device; LEDGER: from */
	uint8_t direction, protocols, kind, protocol;
	uint64_t size, offset; /* GRANT: size_max; LEDGER: bytes; CONTENT: total and offset */
	struct sha256 content;
	int64_t wall_ms, duration_ms;
	uint32_t retransmits;
	uint16_t port_tftp, port_ftp; /* STATUS; 0 = not listening */
	char name[LINK_TEXT_MAX], user[LINK_TEXT_MAX], password[LINK_TEXT_MAX], text[LINK_TEXT_MAX];
	struct slice bytes; /* CONTENT: borrowed from the input */
};

/* Append the frame to `out`. False when a field is too long or out is full. */
bool link_encode(const struct link_message *message, struct buf *out);
/* Take one frame off the front of `data`. Returns bytes used, 0 = not whole yet, or DD_EPARSE. */
int64_t link_decode(const uint8_t *data, size_t size, struct link_message *ret_message,
		    struct err *err);
