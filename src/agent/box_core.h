/* box_core.h - private to box.c and box_io.c. */
#pragma once
#include "agent/box.h"

#include "agent/flash.h"
#include "agent/transfer.h"

enum { LINGERING_MAX = 4 };

struct box {
	struct env *env;
	const struct log *log;
	struct device_settings settings;
	struct flash_identity identity;
	char read_community[SNMP_COMMUNITY_MAX + 1], write_community[SNMP_COMMUNITY_MAX + 1];
	struct faults faults;
	msec_t stall_ms;

	struct env_file *lock;
	struct flash flash;
	struct env_udp *udp;
	struct addr address; /* to listen at */
	struct env_timer core_timer, boot_timer, listen_timer, copy_timer;
	struct transfer *transfer; /* running */
	struct transfer *lingering[LINGERING_MAX];
	unsigned lingering_next;
	bool is_down;     /* restarting */
	bool is_starting; /* box_new() tells what fails, not the log */
	struct err trouble;
	struct device_io io;
	struct device_core core;
};

/* Give the core an event, unless the device is restarting. */
void box_step(struct box *box, struct device_event *event);
/* Off at once: what a restart loses, which is all but flash. */
void box_power_off(struct box *box);

/* ---- box_io.c ---- */
/* The core's callbacks, for this box. */
void box_io_init(struct box *box);
