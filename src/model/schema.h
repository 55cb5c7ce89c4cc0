/* schema.h - how a family's configuration is read: its formats, and which category each value
 * belongs to. Plain data. */
#pragma once
#include "base/types.h"

/* DESIGN.md, requirement R6 */
enum category {
	CATEGORY_USER,     /* user data */
	CATEGORY_PORT,     /* port data */
	CATEGORY_PROTOCOL, /* protocol parameters */
	CATEGORY_DEFAULT,  /* default parameters */
	CATEGORY_COUNT,
};
/* The category's name in files and JSON: "user_data", "port_data", "protocol_parameters",
 * "default_parameters". Static text. */
const char *category_name(enum category category);
/* The same for people: "user data". */
const char *category_title(enum category category);
/* The category of this name (not title); false where there is none. */
bool category_parse(const char *name, enum category *ret_category);

enum { SCHEMA_RULES_MAX = 64, SCHEMA_FORMATS_MAX = 8, SCHEMA_TEXT_MAX = 64 };

enum schema_parser { SCHEMA_INI, SCHEMA_SET_LINES }; /* see config/config.h */

struct schema_rule {
	char pattern[SCHEMA_TEXT_MAX]; /* a path; '*' stands for any characters; first match wins */
	uint8_t category;              /* enum category */
	bool is_secret;                /* never shown */
	bool is_volatile;              /* does not count in comparisons */
	bool is_set; /* category is given (a rule may only say secret or volatile) */
};

struct schema_format {
	uint32_t number;              /* the configuration format, as the device names it; from 1 */
	uint8_t parser;               /* enum schema_parser */
	char header[SCHEMA_TEXT_MAX]; /* the first line must be this; "" = none needed */
	char number_path[SCHEMA_TEXT_MAX]; /* the value that must be there and be the format's
					      number; "" = none */
	unsigned rules_count;
	struct schema_rule rules[SCHEMA_RULES_MAX];
};

struct schema {
	unsigned formats_count;
	struct schema_format formats[SCHEMA_FORMATS_MAX];
};

/* The format of this number, borrowed; NULL where the schema has none. */
const struct schema_format *schema_format(const struct schema *schema, uint32_t number);

/* What is known of a path before its value is: the first rule that gives a category decides it
 * (none: default parameters); it is secret or volatile where any rule says so. */
struct schema_verdict {
	uint8_t category; /* enum category */
	bool is_secret, is_volatile;
};
struct schema_verdict schema_judge(const struct schema_format *format, const char *path);

/* Does `text` fit `pattern`, in which '*' stands for any characters, none too? Time is at most the
 * product of the two lengths. */
bool schema_match(const char *pattern, const char *text);
