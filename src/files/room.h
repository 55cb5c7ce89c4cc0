/* room.h - what the file service's files share; nobody else includes it. */
#pragma once
#include "base/buf.h"
#include "files/files.h"
#include "wire/link.h"

enum {
	GRANT_BUCKETS = 4096,
	SILENCE_MS = 30000,       /* a transfer in which nothing moves so long is broken */
	PROGRESS_MS = 1000,       /* between two progress entries of a session */
	REFUSED_EVERY_MS = 10000, /* between two entries of refused requests for one grant */
	CHUNK_SIZE = 64 << 10,
	VERIFIED_MAX = 64,    /* contents whose hash was checked, remembered */
	TRANSFERS_MAX = 1000, /* begun under one grant: each costs its device nothing, and us three
				 syncs */
};

/* A grant that is open here. */
struct open_grant {
	struct open_grant *next; /* in its bucket */
	struct grant grant;
	bool has_content;         /* a download's bytes are here */
	bool was_told;            /* the manager knows that it is open */
	bool is_confirmed;        /* told again since the last connect */
	bool is_lacking;          /* not to be had: the manager has no such content either */
	bool is_complete;         /* a transfer under it has ended well */
	bool is_written;          /* an upload has ended well: no second one */
	unsigned transfers_count; /* begun */
	msec_t refused_at;        /* last refusal that was told */
};

/* Content whose hash was checked by this process. */
struct verified {
	struct sha256 content;
	uint64_t size;
};

struct tftp;
struct ftp;
struct ledger;
struct filed_link;

struct files {
	struct env *env;
	struct files_settings settings;
	struct blobs *blobs;
	struct env_file *lock;                     /* on the root, as long as the service lives */
	struct open_grant *buckets[GRANT_BUCKETS]; /* by name */
	unsigned grants_count;
	struct verified verified[VERIFIED_MAX]; /* a ring */
	unsigned verified_count;                /* ever */
	struct ledger *ledger;
	struct filed_link *link;
	struct tftp *tftp;
	struct ftp *ftp;
};

/* One transfer under a grant, whatever the protocol: counts bytes and tells the ledger. */
struct transfer {
	struct files *files;
	uint64_t grant_id;
	int64_t wall_deadline_ms; /* the grant's */
	uint8_t protocol, direction;
	struct addr peer;
	uint64_t bytes;
	uint32_t retransmits;
	msec_t began_at, told_at;
	struct env_file *file;      /* download */
	uint64_t size;              /* of the download */
	struct sha256 content;      /* of the download */
	struct blob_writer *writer; /* upload */
	bool is_on;
};

/* ---- grants.c ---- */

int files_grant_open(struct files *files, const struct grant *grant, struct err *err);
void files_grant_close(struct files *files, uint64_t id); /* ends its transfers */
struct open_grant *files_grant_find(struct files *files, const char *name);
struct open_grant *files_grant_by_id(struct files *files, uint64_t id);
void files_grants_each(struct files *files, void (*each)(void *arg, struct open_grant *grant),
		       void *arg);
/* Sets has_content where the grant's content is here, whole: its bytes have the hash and the size.
 * Damaged content is removed, so that it is asked for again; what can't help is_lacking. */
void files_content_look(struct files *files, struct open_grant *grant);
/* This content was just written here with this hash: need not be hashed again. */
void files_content_verified(struct files *files, const struct sha256 *content, uint64_t size);
/* The grant that allows this request, or NULL: then a known name asked for from elsewhere is told
 * to the manager. */
struct open_grant *files_grant_for(struct files *files, const char *name, const struct addr *from,
				   enum direction direction, enum protocol protocol);
/* The grant of an FTP login at this address, or NULL. */
struct open_grant *files_grant_login(struct files *files, const char *user, const char *password,
				     const struct addr *from);

/* ---- transfers.c ---- */

int transfer_begin(struct transfer *transfer, struct files *files, struct open_grant *grant,
		   enum protocol protocol, const struct addr *peer, struct err *err);
/* Take bytes of an upload. DD_EFULL, DD_ENOSPC, DD_EIO: the transfer must be broken off. */
int transfer_take(struct transfer *transfer, const void *data, size_t size, struct err *err);
/* Count bytes of a download. */
void transfer_moved(struct transfer *transfer, uint64_t bytes);
/* The end: an upload is durable when this returns 0, and only then may its last acknowledgement
 * leave (INV-FILES-2). */
int transfer_complete(struct transfer *transfer, struct err *err);
/* Whether its grant's time is over: it must be broken off. */
bool transfer_is_late(const struct transfer *transfer);
/* End it without a word in the ledger: nothing moved, and nobody was there. */
void transfer_forget(struct transfer *transfer);
void transfer_break(struct transfer *transfer, const char *format, ...) PRINTF_LIKE(2, 3);

/* ---- ledger.c ---- */

int ledger_open(struct files *files, struct ledger **ret_ledger, struct err *err);
void ledger_close(struct ledger *ledger);
/* Number it, make it durable where its kind asks for it (complete, broken), and send it. */
int ledger_add(struct ledger *ledger, struct ledger_entry *entry, struct err *err);
void ledger_resend(struct ledger *ledger); /* after a connect: all that is not acknowledged */
void ledger_send(struct ledger *ledger);   /* when the link has room again: what it did not take */
void ledger_ack(struct ledger *ledger, uint64_t number);
/* Whether an upload under this grant has ended well, in this run or an earlier one. */
bool ledger_has_upload(const struct ledger *ledger, const struct grant *grant);
void ledger_forget(struct ledger *ledger, uint64_t grant); /* it was closed */
void ledger_forget_closed(struct ledger *ledger); /* all of grants that are not open here */

/* ---- filed_link.c ---- */

/* Begin connecting to the manager, and go on for ever. */
int filed_link_new(struct files *files, struct filed_link **ret_link, struct err *err);
void filed_link_free(struct filed_link *link);
/* Ask for content that grants lack. */
void filed_link_fill(struct filed_link *link);
bool filed_link_is_up(const struct filed_link *link);
bool filed_link_send(struct filed_link *link, const struct link_message *message);
void link_from_ledger(const struct ledger_entry *entry, struct link_message *ret_message);
void ledger_from_link(const struct link_message *message, struct ledger_entry *ret_entry);

/* ---- tftp.c, ftp.c ---- */

/* Open the listening sockets of settings.tftp and settings.ftp; DD_EBUSY where a port is taken. */
int tftp_new(struct files *files, struct tftp **ret_tftp, struct err *err);
void tftp_free(struct tftp *tftp);
const struct addr *tftp_local(const struct tftp *tftp);
void tftp_grant_closed(struct tftp *tftp, uint64_t grant);
int ftp_new(struct files *files, struct ftp **ret_ftp, struct err *err);
void ftp_free(struct ftp *ftp);
const struct addr *ftp_local(const struct ftp *ftp);
void ftp_grant_closed(struct ftp *ftp, uint64_t grant);
