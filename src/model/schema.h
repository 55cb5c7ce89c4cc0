/* schema.h - how a family's configuration is read: its formats, and which category each value belongs to. */
#pragma once
#include "base/types.h"

enum category { /* DESIGN.md, requirement R6 */
	CATEGORY_USER,     /* user data */
	CATEGORY_PORT,     /* port data */
	CATEGORY_PROTOCOL, /* protocol parameters */
	CATEGORY_DEFAULT,  /* default parameters */
	CATEGORY_COUNT,
};
const char *category_name(enum category category);  /* "user_data", "port_data", "protocol_parameters", "default_parameters" */
const char *category_title(enum category category); /* "user data" ... */

enum { SCHEMA_RULES_MAX = 64, SCHEMA_FORMATS_MAX = 8, SCHEMA_TEXT_MAX = 64 };

enum schema_parser { SCHEMA_INI, SCHEMA_SET_LINES }; /* see config/config.h */

struct schema_rule {
	char pattern[SCHEMA_TEXT_MAX]; /* a path; '*' stands for any characters; first match wins */
	uint8_t category;              /* enum category */
	bool is_secret;                /* never shown */
	bool is_volatile;              /* does not count in comparisons */
	bool is_set;                   /* category is given (a rule may only say secret or volatile) */
};

struct schema_format {
	uint32_t number; /* the configuration format, as the device names it */
	uint8_t parser;  /* enum schema_parser */
	char header[SCHEMA_TEXT_MAX]; /* the first line must be this; "" = none needed */
	unsigned rules_count;
	struct schema_rule rules[SCHEMA_RULES_MAX];
};

struct schema {
	unsigned formats_count;
	struct schema_format formats[SCHEMA_FORMATS_MAX];
};

const struct schema_format *schema_format(const struct schema *schema, uint32_t number); /* or NULL */
