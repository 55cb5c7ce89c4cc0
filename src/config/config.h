/* config.h - a configuration parsed: values with paths, sorted into categories, compared by meaning. Pure.
 *
 * SCHEMA_INI: `[section]` lines and `key = value` lines; path = section.key; '#' starts a comment line, ';' after a value one, too.
 * SCHEMA_SET_LINES: `set PATH VALUE` lines, the value in double quotes (with \" and \\) where it needs them.
 * Doubled paths, lines that are neither, NUL and control characters are errors with the line. */
#pragma once
#include "base/buf.h"
#include "base/sha256.h"
#include "model/schema.h"

enum { CONFIG_BYTES_MAX = 4 << 20, CONFIG_ITEMS_MAX = 65536, CONFIG_LINE_MAX = 4096 };

struct config_item {
	const char *path, *value; /* owned by the config */
	uint8_t category;         /* enum category */
	bool is_secret, is_volatile;
	unsigned line; /* from 1; 0 = made by a migration */
};

struct config {
	uint32_t format;
	size_t count;
	struct config_item *items; /* sorted by path */
	/* private: */
	void *memory;
};

/* Parse. DD_EPARSE "line 12: ..." ; DD_EUNSUPPORTED for a format that the schema lacks. The text is not kept. */
int config_parse(const struct schema *schema, uint32_t format, const char *text, size_t size, struct config **ret_config, struct err *err);
/* Which format is this text? By the formats' header lines; DD_ENOTFOUND where none fits. */
int config_format_of(const struct schema *schema, const char *text, size_t size, uint32_t *ret_format, struct err *err);
void config_free(struct config *config);   /* accepts NULL */
void config_freep(struct config **config); /* for CLEANUP */
const struct config_item *config_find(const struct config *config, const char *path); /* or NULL */

/* Hash of what a category means: "path=value\n" of its items in order, volatile ones left out. */
void config_hash(const struct config *config, enum category category, struct sha256 *ret_hash);
size_t config_count(const struct config *config, enum category category);

/* Print as the format's text; parsing it gives the same items. */
int config_print(const struct schema *schema, const struct config *config, struct buf *out, struct err *err);
