/* device_state.h - what a device keeps over a power cut, and its text form, the file DIR/state.
 * Pure, no allocation.
 *
 * The file is replaced whole and durably at every change. It is lines "name: value" in a fixed
 * order, the last one being the SHA-256 of all before it, so that a torn or edited file is told
 * from a whole one. */
#pragma once
#include "base/err.h"
#include "base/sha256.h"
#include "model/operation.h"

enum {
	DEVICE_SLOTS_MAX = 2,
	DEVICE_TICKETS_MAX =
		16, /* tickets remembered: a command under one of them is not executed again */
	DEVICE_STATE_BYTES_MAX = 4096,
	DEVICE_TICKET_MAX = 0x7fffffff,
	SOFTWARE_WORD_MAX = 48, /* bytes of a version or model with the final NUL */
	STATUS_TEXT_MAX = 160,  /* bytes of a status text with the final NUL */
};

enum slot_state { SLOT_EMPTY = 1, SLOT_VALID = 2, SLOT_DAMAGED = 3 }; /* ddSlotState */

enum status_state {
	STATUS_IDLE,
	STATUS_RUNNING,
	STATUS_SUCCEEDED,
	STATUS_FAILED
}; /* ddStatusState */

enum status_reason { /* ddStatusReason */
		     REASON_NONE,
		     REASON_UNKNOWN,
		     REASON_SERVER_UNREACHABLE,
		     REASON_FILE_REFUSED,
		     REASON_TRANSFER_BROKEN,
		     REASON_HASH_MISMATCH,
		     REASON_WRONG_MODEL,
		     REASON_WRONG_REVISION,
		     REASON_NO_ROOM,
		     REASON_BAD_IMAGE,
		     REASON_FLASH_ERROR,
		     REASON_BAD_CONFIG,
		     REASON_FELL_BACK,
		     REASON_INTERRUPTED,
		     REASON_REFUSED,
		     REASON_LOGIN_REFUSED,
		     REASON_SLOT_EMPTY,
		     REASON_COUNT,
};

struct software {
	char version[SOFTWARE_WORD_MAX], model[SOFTWARE_WORD_MAX];
	uint32_t format;    /* of the configuration that it reads and writes */
	uint64_t size;      /* bytes of all files */
	struct sha256 hash; /* of all files in order */
};

struct slot {
	enum slot_state state;
	bool has_config;          /* the slot's configuration file belongs to this software */
	bool has_booted;          /* it ran at least once */
	bool is_wrong;            /* fault: reports another version */
	bool has_no_ports;        /* fault: ports stay down */
	struct software software; /* all zero where empty */
};

/* The last accepted command and what became of it. */
struct status {
	uint32_t ticket; /* 0 = none yet */
	enum operation operation;
	enum status_state state;
	enum status_reason reason;
	uint8_t slot;   /* reload, rollback: the slot that must run afterwards; else 0 */
	uint64_t bytes; /* moved so far */
	char text[STATUS_TEXT_MAX];
};

struct device_state {
	uint8_t slot_count;              /* 1 or 2 */
	uint8_t boot_slot, running_slot; /* from 1; running 0 = never booted */
	struct software
		running; /* what runs in memory: on one slot it outlives its slot's content */
	char reported[SOFTWARE_WORD_MAX]; /* the version that the running software tells */
	bool is_factory; /* fault: address and community of the factory are in use */
	uint32_t flash_count, boot_count;
	uint32_t tickets[DEVICE_TICKETS_MAX]; /* newest first, 0 = free */
	struct status last;
	struct slot slots[DEVICE_SLOTS_MAX];
	/* Written and verified, about to take its slot's place: at boot either content of the slot
	 * is good. slot 0 = none. */
	uint8_t next_slot;
	struct software next;
};

/* Print into `text`; returns the size without the final NUL. */
size_t device_state_print(const struct device_state *state,
			  char text[static DEVICE_STATE_BYTES_MAX]);
/* DD_EPARSE naming the line, DD_EINTEGRITY where the hash does not fit. *ret_state is unset on
 * failure. */
int device_state_parse(const char *text, size_t size, struct device_state *ret_state,
		       struct err *err);

/* Was a command under this ticket accepted lately? Adding one forgets the oldest of
 * DEVICE_TICKETS_MAX. */
bool device_state_has_ticket(const struct device_state *state, uint32_t ticket);
void device_state_add_ticket(struct device_state *state, uint32_t ticket);

/* One word of at most SOFTWARE_WORD_MAX - 1 printable ASCII characters without blanks. */
bool software_word_is_valid(const char *word);
const char *slot_state_name(enum slot_state state);        /* "valid" */
const char *status_state_name(enum status_state state);    /* "succeeded" */
const char *status_reason_name(enum status_reason reason); /* "hashMismatch" */
