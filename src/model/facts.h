/* facts.h - what was read from a device at one moment. */
#pragma once
#include "base/addr.h"
#include "base/sha256.h"

enum { FACT_TEXT_MAX = 64, FACT_SLOTS_MAX = 2 };

struct slot_facts {
	bool is_valid;
	char version[FACT_TEXT_MAX];
	struct sha256 content; /* zero where the device does not tell */
};

/* Plain data; texts are cleaned of control characters. A fact that the device or profile does not
 * give is "" or 0, and its has_ false. */
struct facts {
	char model[FACT_TEXT_MAX], revision[FACT_TEXT_MAX], serial[FACT_TEXT_MAX],
		version[FACT_TEXT_MAX];
	char object_id[128]; /* sysObjectID */
	uint32_t config_format;
	bool has_free_bytes;
	uint64_t free_bytes;
	uint32_t boots; /* counts restarts */
	bool has_boots;
	uint64_t uptime_ms;
	uint32_t running_slot; /* from 1; 0 = unknown */
	unsigned slots_count;
	struct slot_facts slots[FACT_SLOTS_MAX]; /* slot 1 first */
	bool has_service;
	uint32_t ports_up, registrations;
	uint32_t busy_ticket; /* a command that the device is carrying out; 0 = none */
};
