/* yaml.h - the one strict reader of people's files (settings, profiles, campaigns, migrations).
 *
 * libyaml's events become a tree of scalars, lists and maps with their places. Refused, with line
 * and column: doubled keys, keys that are empty or no scalars, anchors, aliases, tags, directives,
 * empty files, more than one document, bad UTF-8, NUL and control characters, line breaks that
 * editors do not count, nesting past YAML_DEPTH_MAX, files past YAML_BYTES_MAX. Types are decided
 * by whoever reads: a scalar is its text and whether it was quoted. */
#pragma once
#include "base/arena.h"
#include "base/err.h"

enum {
	YAML_BYTES_MAX = 1 << 20,
	YAML_DEPTH_MAX = 24,        /* lists and maps in each other */
	YAML_MEMORY_MAX = 32 << 20, /* bytes of the tree */
};

enum yaml_kind { YAML_SCALAR, YAML_LIST, YAML_MAP };

struct yaml_node {
	enum yaml_kind kind;
	unsigned line, column; /* from 1 */
	bool is_quoted;        /* a scalar in quotes or a block scalar */
	bool was_used;         /* set by the getters, for yaml_only_known() */
	const char *key;       /* in a map: this entry's key; else NULL */
	unsigned key_line, key_column;
	const char *text;        /* scalar: its text; else NULL */
	struct yaml_node *first; /* list, map: first child */
	struct yaml_node *next;  /* the sibling after this one */
	unsigned count;          /* children */
};

struct yaml {
	struct arena arena;
	const char *file; /* name for messages; copied */
	struct yaml_node *root;
};

/* Parse; every message begins "FILE:LINE:COLUMN: ". The caller owns *ret_yaml (yaml_free).
 * DD_EPARSE. */
int yaml_read(const char *file, const char *text, size_t size, struct yaml **ret_yaml,
	      struct err *err);
void yaml_free(struct yaml *yaml);
void yaml_freep(struct yaml **yaml);

/* A message at a node's place: "FILE:LINE:COLUMN: <text>". Returns DD_EPARSE. */
int yaml_err(const struct yaml *yaml, const struct yaml_node *node, struct err *err, const char *at,
	     const char *format, ...) PRINTF_LIKE(5, 6);

/* The entry of a map, or NULL; marks it used. */
struct yaml_node *yaml_find(struct yaml_node *map, const char *key);
/* A number is plain decimal, unquoted, without leading zeros. A text may be unquoted, but not empty
 * then (`key:`). Messages never quote values: they may be secrets.
 *
 * Getters: DD_EPARSE with the place when the entry is absent (unless the default form) or of
 * another kind. */
int yaml_map(const struct yaml *yaml, struct yaml_node *map, const char *key,
	     struct yaml_node **ret, struct err *err);
int yaml_list(const struct yaml *yaml, struct yaml_node *map, const char *key,
	      struct yaml_node **ret, struct err *err);
int yaml_text(const struct yaml *yaml, struct yaml_node *map, const char *key, const char **ret,
	      struct err *err);
int yaml_text_or(const struct yaml *yaml, struct yaml_node *map, const char *key,
		 const char *text_default, const char **ret, struct err *err);
int yaml_int(const struct yaml *yaml, struct yaml_node *map, const char *key, int64_t min,
	     int64_t max, int64_t *ret, struct err *err);
int yaml_int_or(const struct yaml *yaml, struct yaml_node *map, const char *key, int64_t min,
		int64_t max, int64_t int_default, int64_t *ret, struct err *err);
/* true/yes/no/false, unquoted. */
int yaml_bool_or(const struct yaml *yaml, struct yaml_node *map, const char *key, bool bool_default,
		 bool *ret, struct err *err);
/* DD_EPARSE at the first entry of the map that no getter asked for ("unknown key 'x'"). Not
 * recursive. */
int yaml_only_known(const struct yaml *yaml, const struct yaml_node *map, struct err *err);
