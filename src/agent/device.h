/* device.h - the device's side of DRYDOCK-MIB as a pure step function: events in, callbacks out.
 *
 * device_step() takes one event (booted, a datagram, the timer, a transfer's progress, a copy's
 * end) and acts only through a table of callbacks. It reads no clock, opens nothing, allocates
 * nothing: all its state is of fixed size. The Linux agent and the simulator give it their env by
 * box.h; firmware gives it its own flash and network.
 *
 * Safe at every write (INV-AGENT-1): an accepted command is durable before its SET is answered; new
 * content of a slot is written aside, verified, noted in the durable state as `next`, and only then
 * takes the slot's place. At every moment either content that the slot may have is one that the
 * state knows, and an operation that a power cut ended is told as interrupted.
 *
 * Callbacks never call device_step(); what they cause comes as later events. */
#pragma once
#include "agent/device_state.h"
#include "agent/fault.h"
#include "agent/iad.h"
#include "agent/image.h"
#include "base/log.h"
#include "snmp/agent.h"

enum {
	DEVICE_WORD_MAX = 64,        /* bytes of user, password, serial number with the final NUL */
	DEVICE_FILES_TEXT_MAX = 256, /* bytes of ddCommandFiles with the final NUL */
	DEVICE_FILES_MAX = 8,        /* files of one command */
	DEVICE_NOTICES_MAX =
		4, /* informs that wait for their answer; the oldest is dropped for a fifth */
	DEVICE_INFORM_TRIES = 5,
	DEVICE_INFORM_MS = 1000, /* wait for the first answer, doubled at each further try */
};

/* What never changes while the device runs. All texts are borrowed for as long as the device lives.
 */
struct device_settings {
	const char *serial, *revision, *model;
	const char *read_community, *write_community; /* write "" = nobody may set */
	struct addr listen;                           /* the configured management address */
	struct addr trap_to;                          /* family ADDR_NONE = no notifications */
	bool is_inform;
	uint64_t capacity;   /* bytes that one slot holds */
	uint32_t restart_ms; /* how long a restart takes */
};

/* ---- what the device does to its world ---- */

struct device_transfer {
	enum protocol protocol;
	enum direction direction; /* WRITE: upload of `content` */
	struct addr local;        /* come from this host: grants are by address */
	struct addr server;
	const char *file, *user, *password; /* borrowed until the transfer ended */
	struct slice content;               /* WRITE: borrowed likewise */
};

struct device_io {
	void *arg;
	/* Answer SNMP at this address from now on, and no longer at another. */
	int (*listen)(void *arg, const struct addr *at);
	void (*send)(void *arg, const struct addr *to, const void *data, size_t size);
	void (*timer)(void *arg, msec_t at); /* one timer; DD_NEVER clears it */
	/* At most one transfer at a time. 0, or negative: it could not begin, and no event follows.
	 */
	int (*transfer_start)(void *arg, const struct device_transfer *transfer);
	void (*transfer_stop)(void *arg); /* without a word to the peer; no event follows */
	/* Durable when they return 0; after a failure the old content is there, whole. */
	int (*state_store)(void *arg, const void *data, size_t size);
	int (*config_store)(void *arg, unsigned slot, const void *data, size_t size);
	/* DD_ENOTFOUND; DD_EFULL where it has more than size_max bytes. */
	int (*config_load)(void *arg, unsigned slot, void *ret_data, size_t size_max,
			   size_t *ret_size);
	/* Write a slot's next content aside: begin, write in order, finish. */
	int (*slot_begin)(void *arg, unsigned slot);
	int (*slot_write)(void *arg, const void *data, size_t size);
	int (*slot_finish)(void *arg); /* synced, and only then in the slot's place, durably */
	void (*slot_abort)(void *arg); /* forget what was written; accepts that nothing was begun */
	/* Write a copy of slot `from` aside for slot `to`, as by slot_begin() and slot_write().
	 * DEVICE_COPIED follows. */
	int (*slot_copy)(void *arg, unsigned from, unsigned to);
	uint64_t (*free_bytes)(void *arg);
	/* Forget everything and boot from flash in `after_ms`. Nothing is answered meanwhile. */
	void (*restart)(void *arg, uint32_t after_ms);
	void (*log)(void *arg, enum log_level level, const char *line); /* may be NULL */
};

/* ---- what happens to it ---- */

enum device_event_kind {
	DEVICE_BOOTED, /* first event: what was read from flash */
	DEVICE_PACKET,
	DEVICE_TIMER,
	DEVICE_OPENED,   /* the transfer's server answered */
	DEVICE_DATA,     /* bytes of a download, in order */
	DEVICE_SENT,     /* bytes of an upload confirmed so far */
	DEVICE_COMPLETE, /* the transfer ended well: all bytes came, or the server confirmed them
			    all */
	DEVICE_FAILED,   /* the transfer ended; reason */
	DEVICE_COPIED,   /* the copy of a slot ended; error, hash of what was written */
};

/* What a slot's file holds, found by reading it whole. */
struct device_slot_fact {
	bool is_there;
	uint64_t size;
	struct sha256 hash;
};

struct device_event {
	enum device_event_kind kind;
	msec_t now;
	union {
		struct {                                  /* BOOTED */
			const struct device_state *state; /* borrowed during the call */
			struct device_slot_fact slots[DEVICE_SLOTS_MAX];
		} boot;
		struct { /* PACKET */
			const struct addr *from;
			struct slice data;
		} packet;
		struct { /* OPENED: size of the file, 0 = unknown */
			uint64_t size;
		} opened;
		struct slice data; /* DATA */
		uint64_t sent;     /* SENT */
		struct {           /* FAILED */
			enum status_reason reason;
			const char *text;
		} failed;
		struct { /* COPIED */
			int error;
			struct sha256 hash;
			uint64_t size;
		} copied;
	};
};

/* ---- the device ---- */

struct device_command { /* as the SET told it; fields that it did not carry are zero */
	uint32_t ticket;
	enum operation operation;
	uint8_t server_type; /* InetAddressType: 1 IPv4, 2 IPv6 */
	struct addr server;
	enum protocol protocol;
	char files[DEVICE_FILES_TEXT_MAX]; /* in order, separated by ',' */
	char user[DEVICE_WORD_MAX + 1], password[DEVICE_WORD_MAX + 1];
	bool has_hash;
	struct sha256 hash;
	uint32_t size; /* 0 = unknown */
	uint8_t slot;  /* 0 = the other, or not applicable */
};

struct device_notice { /* an inform that waits for its answer */
	uint16_t size; /* 0 = free */
	uint8_t tries; /* done */
	int32_t request_id;
	msec_t again_at;
	uint8_t data[512];
};

enum device_work { /* what the running operation waits for */
		   WORK_NONE,
		   WORK_BEGIN, /* the SET's answer has to leave first */
		   WORK_TRANSFER,
		   WORK_COPY,
		   WORK_OUTCOME, /* fault: the outcome comes later */
		   WORK_RESTART,
		   WORK_HANG, /* fault: nothing; the next command takes its place */
};

struct device_core {
	const struct device_settings *settings; /* borrowed */
	struct faults *faults;                  /* borrowed; may be NULL */
	const struct device_io *io;             /* during a step only */
	struct device_state state;
	struct device_state
		stored; /* what is durable: `state` goes back to it where storing fails */
	msec_t now, booted_at;
	bool is_mute, is_dead; /* fault; no slot holds bootable software */

	enum device_work work;
	struct device_command command;
	char files[DEVICE_FILES_TEXT_MAX]; /* of the command, each ending in NUL */
	unsigned files_count, file_index;
	uint64_t file_bytes;
	bool is_flashing; /* fetch: the slot is being written */
	struct image_reader image;
	struct sha256_state hash;
	char incoming[IAD_CONFIG_MAX]; /* restore */
	size_t incoming_size;
	struct { /* WORK_OUTCOME */
		msec_t at;
		enum status_reason reason;
		char text[STATUS_TEXT_MAX];
	} outcome;

	char config[IAD_CONFIG_MAX]; /* what runs */
	size_t config_size;
	bool has_config; /* else it is the factory's default */
	struct iad iad;  /* `config` read */

	struct device_notice notices[DEVICE_NOTICES_MAX];
	int32_t request_id_next;
	struct snmp_agent agent;
	struct snmp_message notice_message; /* scratch */
	uint8_t answer[SNMP_AGENT_ANSWER_MAX];
};

/* Make ready for DEVICE_BOOTED, which must be the first event. Settings and faults are borrowed.
 * About 300 KiB. */
void device_init(struct device_core *core, const struct device_settings *settings,
		 struct faults *faults);
void device_step(struct device_core *core, const struct device_event *event,
		 const struct device_io *io);

/* The state of a device as it leaves the factory: `software` in slot 1, with a configuration. */
void device_state_new(struct device_state *state, unsigned slot_count,
		      const struct software *software, bool has_config);
