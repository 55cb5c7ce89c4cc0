/* iad.h - what an integrated access device with 24 FXS ports knows of its own configuration. Pure,
 * no allocation.
 *
 * Text in format 1 (INI, gain in dB, timers in s) or format 2 (lines `set PATH VALUE`, gain in
 * tenths of dB, timers in ms) becomes one list of items in the words and units of format 2, sorted
 * by path, whichever format it was read from: equal lists mean equal configurations. Nothing is
 * taken over unless the whole text is good: an unknown name is an error, not a loss (INV-AGENT-4).
 *
 * This is the device's own knowledge, written apart from the manager's migration, which it checks.
 */
#pragma once
#include "base/err.h"
#include "base/sha256.h"

enum {
	IAD_PORTS = 24,
	IAD_USERS_MAX = 99,
	IAD_CONFIG_MAX = 32 << 10, /* bytes of a configuration's text */
	IAD_ITEMS_MAX = 640,
	IAD_WORDS_MAX = 40 << 10, /* bytes of all paths and values */
	IAD_VALUE_MAX = 256,      /* bytes of a value with the final NUL */
	IAD_PATH_MAX = 96,        /* bytes of a path with the final NUL */
};

enum iad_category { IAD_USER_DATA, IAD_PORT_DATA, IAD_PROTOCOL, IAD_DEFAULTS, IAD_CATEGORY_COUNT };

struct iad_item {
	uint16_t path, value; /* where they begin in words */
	uint16_t line;        /* of the text, from 1; 0 = a factory default */
	uint8_t category;     /* enum iad_category */
};

struct iad {
	uint16_t count, used;
	struct iad_item item[IAD_ITEMS_MAX];
	char words[IAD_WORDS_MAX];
};

/* Read a configuration of format 1 or 2. DD_EPARSE "line 12: ..." without values; DD_EUNSUPPORTED
 * for another format. */
int iad_parse(struct iad *iad, uint32_t format, const char *text, size_t size, struct err *err);
/* The factory's: all ports down, no users, no servers. */
void iad_defaults(struct iad *iad);
/* Print as text of this format; iad_parse() of it gives the same items. Returns the size without
 * the final NUL, or DD_EFULL, DD_EUNSUPPORTED, DD_ERANGE (a value that the format can't say). */
int64_t iad_print(const struct iad *iad, uint32_t format, char *ret_text, size_t size_max);

const char *iad_value(const struct iad *iad, const char *path); /* or NULL */
unsigned iad_ports_up(const struct iad *iad);
/* Users whose port is up, where a SIP server is set. */
unsigned iad_registrations(const struct iad *iad);

/* Items of one category, and SHA-256 over "path=value\n" of each. IAD_CATEGORY_COUNT: over all. */
unsigned iad_count(const struct iad *iad, enum iad_category category);
void iad_hash(const struct iad *iad, enum iad_category category, struct sha256 *ret_hash);
const char *iad_category_name(enum iad_category category); /* "user_data" */
