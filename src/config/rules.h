/* rules.h - the rules of a migration in memory; private to migration*.c, place.c, value.c and
 * turn_back.c. */
#pragma once
#include "base/yaml.h"
#include "config/migration.h"
#include "config/room.h"

enum {
	RULES_MAX = 256,           /* rules of a migration */
	KEYS_MAX = 16,             /* keys of a migration */
	NAMES_MAX = 4,             /* {names} of a place */
	TARGETS_MAX = 8,           /* places that a value is split to */
	MAP_MAX = 256,             /* words of a map */
	RULE_TEXT_MAX = 200,       /* bytes of a name, word or reason */
	RULE_MEMORY_MAX = 2 << 20, /* bytes of a migration */
	DECIMALS_MAX = 3,
	SCALE_MAX = 1000000,
};

/* ---- place.c: paths with {names} ---- */

struct place {
	const char *text; /* as it is written */
	unsigned names_count;
	const char *name[NAMES_MAX];
	const char *literal[NAMES_MAX + 1]; /* before, between and behind the names */
};

/* What the names of a place stand for in one path; slices of that path. */
struct captures {
	struct slice value[NAMES_MAX];
};

/* Why a text is no place, a few words; NULL where it is one. *ret_place points into the arena. */
const char *place_parse(struct arena *arena, const char *text, struct place *ret_place);
/* Does each part of the place between two separators have one name at most? Others can't be
 * matched. */
bool place_fits(const struct place *place, char separator);
/* A name stands for one or more characters, none of them the separator. */
bool place_match(const struct place *place, const char *path, char separator,
		 struct captures *ret_captures);
/* The index of a name, or -1. */
int place_index(const struct place *place, const char *name);
/* Would the two be one where the names are blotted out? */
bool place_equal(const struct place *a, const struct place *b);
/* Put values in the names' places; false where the path is too long. */
bool place_fill(const struct place *place, const struct slice value[static NAMES_MAX],
		char path[static CONFIG_PATH_MAX]);

/* ---- rules ---- */

enum rule_kind { RULE_MOVE, RULE_DROP, RULE_DEFAULT };
enum rule_value { VALUE_SAME, VALUE_AROUND, VALUE_MAP, VALUE_SCALE, VALUE_SPLIT };

/* Where a {name} of `to` comes from. */
enum source_kind { SOURCE_NAME, SOURCE_KEY, SOURCE_COUNTER };

struct target {
	struct place place;
	struct {
		enum source_kind kind;
		unsigned index; /* of a name in `from`, or of a key */
	} source[NAMES_MAX];
};

struct word_pair {
	const char *from, *to;
};

struct rule {
	unsigned line; /* of the file */
	enum rule_kind kind;
	enum rule_value value;
	struct place from; /* RULE_DEFAULT: the path that it adds */
	unsigned targets_count;
	struct target *targets;
	const char *before, *after; /* VALUE_AROUND; RULE_DEFAULT: the value is `before` */
	unsigned words_count;       /* VALUE_MAP */
	struct word_pair *words;
	int64_t factor, divisor; /* VALUE_SCALE */
	unsigned decimals;
	const char *separator; /* VALUE_SPLIT */
	const char *reason;    /* RULE_DROP, RULE_DEFAULT, lossy map; else NULL */
};

struct key {
	unsigned line;
	const char *name;
	struct place from;
};

struct migration {
	struct arena arena;
	const char *name, *profile;
	uint32_t from, to;
	unsigned keys_count, rules_count;
	struct key keys[KEYS_MAX];
	struct rule *rules; /* RULES_MAX */
};

/* ---- value.c: one value there and back ---- */

enum { VALUE_TEXT_MAX = CONFIG_VALUE_MAX };

/* All but VALUE_SPLIT. NULL, or why it can't be, a few words without the value. */
const char *value_convert(const struct rule *rule, const char *value,
			  char ret_value[static VALUE_TEXT_MAX]);
/* Is `target` what `source` must have become? Reckoned from the target's side. */
bool value_returns(const struct rule *rule, const char *source, const char *target);
/* The n-th part (from 0) of a list, without the blanks around it; false where there are fewer. */
bool value_part(const char *list, const char *separator, size_t n, struct slice *ret_part);
size_t value_parts(const char *list, const char *separator); /* how many parts; 1 at least */

/* ---- what applying collects ---- */

/* Sentences about values that can't be converted; the first ones are told. */
struct problems {
	size_t count;
	char text[ERR_TEXT_MAX - 120];
	size_t told;
};
void problems_add(struct problems *problems, const char *format, ...) PRINTF_LIKE(2, 3);

struct key_value {
	unsigned key;
	size_t item; /* of the source */
};

struct applying {
	const struct migration *migration;
	const struct schema_format *from, *to;
	const struct config *source;
	struct config *target;
	const struct rule **taken; /* by item of the source: its rule; NULL for keys */
	bool *is_needed;           /* by item of the source: a key that a rule used */
	size_t keys_count;
	struct key_value *keys; /* sorted by key, then by the item's value */
	struct migration_account account;
	struct problems problems;
	struct buf *notes;
	struct err *err;
};

/* The item whose value this key has; NULL where there is none. */
const struct key_value *applying_key(const struct applying *applying, unsigned key,
				     struct slice value);

/* ---- turn_back.c ---- */

/* Turn the target back and compare it with the source; what is not the same becomes a problem.
 * DD_ENOMEM. */
int turn_back(struct applying *applying);
