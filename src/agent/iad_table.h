/* iad_table.h - private to iad*.c: one row a parameter, with its name in both formats and how its
 * values convert. */
#pragma once
#include "agent/iad.h"

enum iad_kind {
	IAD_TEXT,      /* any text: the same in both */
	IAD_WORD,      /* a host, address or name without blanks: the same in both */
	IAD_NUMBER,    /* the user's telephone number: a value in format 1, the key in format 2 */
	IAD_PORT,      /* 1..24 <-> fxs1..fxs24 */
	IAD_GAIN,      /* dB with at most one decimal <-> tenths of dB */
	IAD_OHM,       /* 600 <-> 600-ohm */
	IAD_CALLER_ID, /* fsk <-> etsi-fsk, dtmf <-> etsi-dtmf, off <-> none */
	IAD_STATE,     /* up <-> enabled, down <-> disabled */
	IAD_SECONDS,   /* s <-> ms */
	IAD_LIST,      /* a,b <-> numbered values */
	IAD_PAIR,      /* a/b <-> two values, both ms */
	IAD_FORMAT,    /* "1": no value, only checked */
};

struct iad_row {
	const char *name1; /* format 1: section.key; '*' stands for an index */
	const char *name2; /* format 2; '*' stands for the same index, in "subscriber/" for the
			      user's number */
	const char *name2_second; /* IAD_PAIR only */
	enum iad_kind kind;
	enum iad_category category;
};

extern const struct iad_row iad_rows[];
extern const size_t iad_rows_count;

/* Does `name` fit the pattern? The part that '*' stands for is copied to `star` ("" where there is
 * none). */
bool iad_match(const char *pattern, const char *name, char star[static IAD_PATH_MAX]);
/* Put `star` in the pattern's place; false where it is too long. */
bool iad_fill(const char *pattern, const char *star, char path[static IAD_PATH_MAX]);
bool iad_number_is_valid(const char *number); /* [0-9*#+]{1,32} */
/* An index of 1..max without leading zeros; 0 = it is none. */
unsigned iad_index(const char *text, unsigned max);

/* Convert one value (all kinds but NUMBER, LIST, PAIR, FORMAT). False where it is not valid in the
 * source's format, or the target's can't say it. */
bool iad_to_2(enum iad_kind kind, const char *value1, char value2[static IAD_VALUE_MAX]);
bool iad_to_1(enum iad_kind kind, const char *value2, char value1[static IAD_VALUE_MAX]);
/* Is it valid in format 2? Writes it in its one spelling ("-030" is "-30"). */
bool iad_clean_2(enum iad_kind kind, const char *value2, char clean[static IAD_VALUE_MAX]);
/* The largest index that '*' may stand for in this row: 0 = it is no index. */
unsigned iad_star_max(const struct iad_row *row);
/* One half of IAD_PAIR: milliseconds, written cleanly. */
bool iad_half_clean(const char *value, char clean[static IAD_VALUE_MAX]);
bool iad_codec_is_valid(const char *name);

/* Add an item; false where the list is full. */
bool iad_add(struct iad *iad, const char *path, const char *value, enum iad_category category,
	     unsigned line);
void iad_sort(struct iad *iad);
const char *iad_path_of(const struct iad *iad, const struct iad_item *item);
const char *iad_value_of(const struct iad *iad, const struct iad_item *item);

/* The next line of a text, cut from its end (LF or CRLF) and NUL-terminated. False at the end;
 * *ret_err_text is set where it is no text. */
struct iad_lines {
	const char *next, *end;
	unsigned number; /* of the line in `line` */
	char line[IAD_PATH_MAX + IAD_VALUE_MAX * 2];
	const char *problem; /* why the line is no line: too long, not UTF-8, control characters */
};
void iad_lines_init(struct iad_lines *lines, const char *text, size_t size);
bool iad_lines_take(struct iad_lines *lines);

/* Read the lines of a text in format 1 and in format 2. */
int iad_parse_1(struct iad *iad, struct iad_lines *lines, struct err *err);
int iad_parse_2(struct iad *iad, struct iad_lines *lines, struct err *err);
int64_t iad_print_1(const struct iad *iad, char *ret_text, size_t size_max);
int64_t iad_print_2(const struct iad *iad, char *ret_text, size_t size_max);

/* Text that grows in a fixed block. */
struct iad_out {
	char *text;
	size_t size, used;
	bool is_full;
};
void iad_out_add(struct iad_out *out, const char *format, ...) PRINTF_LIKE(2, 3);
