/* schema.c - categories, formats and path patterns. */
#include "model/schema.h"

#include "base/text.h"

#include <assert.h>

static const struct {
	const char *name, *title;
} categories[] = {
	[CATEGORY_USER] = { "user_data", "user data" },
	[CATEGORY_PORT] = { "port_data", "port data" },
	[CATEGORY_PROTOCOL] = { "protocol_parameters", "protocol parameters" },
	[CATEGORY_DEFAULT] = { "default_parameters", "default parameters" },
};
static_assert(ARRAY_COUNT(categories) == CATEGORY_COUNT, "every category has its row");

const char *
category_name(enum category category)
{
	return (unsigned)category < CATEGORY_COUNT ? categories[category].name : "unknown";
}

const char *
category_title(enum category category)
{
	return (unsigned)category < CATEGORY_COUNT ? categories[category].title : "unknown";
}

bool
category_parse(const char *name, enum category *ret_category)
{
	for (unsigned i = 0; i < CATEGORY_COUNT; i++) {
		if (text_equal(categories[i].name, name)) {
			*ret_category = (enum category)i;
			return true;
		}
	}
	return false;
}

const struct schema_format *
schema_format(const struct schema *schema, uint32_t number)
{
	for (unsigned i = 0; i < schema->formats_count; i++)
		if (schema->formats[i].number == number)
			return &schema->formats[i];
	return NULL;
}

struct schema_verdict
schema_judge(const struct schema_format *format, const char *path)
{
	struct schema_verdict verdict = { .category = CATEGORY_DEFAULT };
	bool has_category = false;

	for (unsigned i = 0; i < format->rules_count; i++) {
		const struct schema_rule *rule = &format->rules[i];
		if (!schema_match(rule->pattern, path))
			continue;
		verdict.is_secret |= rule->is_secret;
		verdict.is_volatile |= rule->is_volatile;
		if (rule->is_set && !has_category) {
			verdict.category = rule->category;
			has_category = true;
		}
	}
	return verdict;
}

/* Only the last '*' passed needs another try: an earlier one that took more could not help. */
bool
schema_match(const char *pattern, const char *text)
{
	const char *star = NULL, *taken = NULL;

	while (*text != '\0') {
		if (*pattern == '*') {
			star = pattern++;
			taken = text;
		} else if (*pattern == *text) {
			pattern++;
			text++;
		} else if (star != NULL) {
			pattern = star + 1;
			text = ++taken;
		} else {
			return false;
		}
	}
	while (*pattern == '*')
		pattern++;
	return *pattern == '\0';
}
