/* transfer_core.h - private to transfer.c, tftp_client.c and ftp_client.c. */
#pragma once
#include "agent/transfer.h"

enum { TRANSFER_FILE_MAX = 256, TRANSFER_WORD_MAX = 65 };

/* The common start of both clients. */
struct transfer {
	struct env *env;
	const struct transfer_events *events;
	void *arg;
	void (*done)(struct transfer *transfer); /* close and free the client */
	msec_t stall_ms, progress_at;
	unsigned depth; /* callbacks of env that are inside the client now */
	bool is_over;   /* complete() or failed() was told */
	bool is_freed;  /* free it when depth is 0 */

	enum direction direction;
	struct addr local, server;
	char file[TRANSFER_FILE_MAX], user[TRANSFER_WORD_MAX], password[TRANSFER_WORD_MAX];
	struct slice content;
};

/* Around every callback of env into a client. leave() is the last that touches it. */
void transfer_enter(struct transfer *transfer);
void transfer_leave(struct transfer *transfer);

/* Tell the owner; nothing where it is over or freed. All but complete() and failed() count as
 * progress. */
void transfer_opened(struct transfer *transfer, uint64_t size);
void transfer_data(struct transfer *transfer, const void *data, size_t size);
void transfer_sent(struct transfer *transfer, uint64_t bytes);
void transfer_succeeded(struct transfer *transfer);
void transfer_failed(struct transfer *transfer, enum status_reason reason, const char *format, ...)
	PRINTF_LIKE(3, 4);
/* No more may be done for it: over or freed. */
bool transfer_is_over(const struct transfer *transfer);
void transfer_progress(struct transfer *transfer);

/* An empty client with done() set; and its beginning, once the common part is filled in. */
int tftp_client_new(struct transfer **ret_transfer, struct err *err);
int tftp_client_start(struct transfer *transfer, struct err *err);
int ftp_client_new(struct transfer **ret_transfer, struct err *err);
int ftp_client_start(struct transfer *transfer, struct err *err);
