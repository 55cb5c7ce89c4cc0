/* config.h - a configuration parsed: values with paths, sorted into categories, compared by
 * meaning. Pure.
 *
 * Both parsers read UTF-8 text in lines that end in LF or CRLF (the last may lack it). Blanks and
 * tabs at both ends of a line do not count, empty lines neither. Control characters (below U+0020
 * but the tab, and U+007F), bytes that are not UTF-8, doubled paths and whatever fits no rule below
 * are errors that name the line. Where the format has a header, the first line must be it. The
 * order of values has no meaning.
 *
 * SCHEMA_INI:
 *   - a line that begins with '#' or ';' is a comment; there are no comments behind values;
 *   - `[SECTION]` begins a section; `KEY = VALUE` is a value of it, its path SECTION.KEY;
 *   - SECTION and KEY are one or more of [A-Za-z0-9._-], the first not '.' or '-';
 *   - VALUE is everything behind the first '=', without blanks and tabs at its ends, literally: no
 *     quotes, no escapes; it may be empty. So a value can't begin or end with a blank.
 *
 * SCHEMA_SET_LINES:
 *   - a line that begins with '#' is a comment;
 *   - `set PATH VALUE`; PATH is one or more characters without blanks, '"' and '\';
 *   - VALUE is a bare word (one or more characters without blanks, '"' and '\') or in double
 *     quotes, with the only escapes \" and \\; "" is the empty value. */
#pragma once
#include "base/buf.h"
#include "base/sha256.h"
#include "model/schema.h"

enum {
	CONFIG_BYTES_MAX = 4 << 20, /* bytes of text */
	CONFIG_ITEMS_MAX = 65536,   /* values */
	CONFIG_LINE_MAX = 8192,     /* bytes of a line without its end */
	CONFIG_PATH_MAX = 256,      /* bytes of a path with the final NUL */
	CONFIG_VALUE_MAX = 3900,    /* likewise; with a path and all of it escaped it fits a line */
};

struct config_item {
	const char *path, *value; /* owned by the config */
	uint8_t category;         /* enum category */
	bool is_secret, is_volatile;
	unsigned line; /* from 1; 0 = made by a migration */
};

struct config {
	uint32_t format;
	size_t count;
	struct config_item *items; /* sorted by path, byte by byte */
	void *memory;              /* private */
};

/* Parse text of this format. The text is not kept; the caller owns *ret_config (config_free).
 * DD_EPARSE "line 12: ..." (never with a value in it), also for a schema's `number_path` that is
 * missing or wrong; DD_EUNSUPPORTED for a format that the schema lacks; DD_EFULL past a maximum. */
int config_parse(const struct schema *schema, uint32_t format, const char *text, size_t size,
		 struct config **ret_config, struct err *err);
/* Which format is this text? By the formats' header lines; DD_ENOTFOUND where none fits. */
int config_format_of(const struct schema *schema, const char *text, size_t size,
		     uint32_t *ret_format, struct err *err);

void config_free(struct config *config);   /* accepts NULL */
void config_freep(struct config **config); /* for CLEANUP */

/* The value with this path, borrowed, or NULL. */
const struct config_item *config_find(const struct config *config, const char *path);

/* SHA-256 of what a category means: "path=value\n" of its values in their order, volatile ones left
 * out. */
void config_hash(const struct config *config, enum category category, struct sha256 *ret_hash);
/* How many values that hash stands on. */
size_t config_count(const struct config *config, enum category category);

/* Print as the text of config->format, appended to `out`; parsing it gives the same values.
 * DD_EUNSUPPORTED for a format that the schema lacks; DD_EINTEGRITY naming the path where the
 * format can't carry a value or path; DD_EFULL where `out` is full. */
int config_print(const struct schema *schema, const struct config *config, struct buf *out,
		 struct err *err);
