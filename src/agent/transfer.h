/* transfer.h - one file moved to or from a server, by TFTP or FTP, over an env. The device's client
 * side.
 *
 * After complete() or failed() no more events follow. A TFTP download that is complete goes on
 * answering repeats of its last block for TRANSFER_LINGER_MS until it is freed, so that a server
 * whose last ACK got lost still ends well. */
#pragma once
#include "agent/device.h"
#include "env/env.h"

enum {
	TRANSFER_LINGER_MS = 5000,
	TRANSFER_STALL_MS = 15000, /* default: without progress for so long it failed */
};

struct transfer;

struct transfer_events {
	void (*opened)(
		void *arg,
		uint64_t size); /* the server took the request; size of the file, 0 = unknown */
	void (*data)(void *arg, struct slice data);
	void (*sent)(void *arg,
		     uint64_t bytes); /* so far; acknowledged (TFTP) or handed over (FTP) */
	void (*complete)(void *arg);
	void (*failed)(void *arg, enum status_reason reason, const char *text);
};

/* Begin. `ask` is copied, but `content` is borrowed until it is freed. Events follow, never before
 * this returns. */
int transfer_new(struct env *env, const struct device_transfer *ask, msec_t stall_ms,
		 const struct transfer_events *events, void *arg, struct transfer **ret_transfer,
		 struct err *err);
/* Without a word to the peer where it still moves. Accepts NULL; allowed inside its callbacks. */
void transfer_free(struct transfer *transfer);
