/* sample.h - files and schemas that the tests of this room share. */
#pragma once
#include "base/text.h"
#include "config/migration.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* A file of the repository, found from the test's own place in it. The caller frees. */
static inline char *
file_text(const char *name, size_t *ret_size)
{
	char path[4096];
	const size_t top = strlen(__FILE__) - strlen("tests/unit/config/sample.h");

	assert_true(text_print(path, sizeof(path), "%.*s%s", (int)top, __FILE__, name));
	FILE *file = fopen(path, "rb");
	if (file == NULL)
		fail_msg("can't open %s", path);
	char *text = calloc(1, 1 << 20);
	assert_non_null(text);
	*ret_size = fread(text, 1, (1 << 20) - 1, file);
	(void)fclose(file); /* it was only read */
	return text;
}

static inline void
rule_add(struct schema_format *format, const char *pattern, enum category category)
{
	struct schema_rule *rule = &format->rules[format->rules_count++];

	assert_true(text_copy(rule->pattern, sizeof(rule->pattern), pattern));
	rule->category = (uint8_t)category;
	rule->is_set = true;
}

static inline void
flag_add(struct schema_format *format, const char *pattern, bool is_secret)
{
	struct schema_rule *rule = &format->rules[format->rules_count++];

	assert_true(text_copy(rule->pattern, sizeof(rule->pattern), pattern));
	rule->is_secret = is_secret;
	rule->is_volatile = !is_secret;
}

/* The two formats of the IAD, as profiles/drydock-agent.yaml describes them. */
static inline const struct schema *
iad_schema(void)
{
	static struct schema schema;
	struct schema_format *one = &schema.formats[0], *two = &schema.formats[1];

	if (schema.formats_count == 2)
		return &schema;
	schema.formats_count = 2;
	one->number = 1;
	one->parser = SCHEMA_INI;
	(void)text_copy(one->header, sizeof(one->header), "# drydock-iad configuration");
	(void)text_copy(one->number_path, sizeof(one->number_path), "system.format");
	rule_add(one, "user.*", CATEGORY_USER);
	rule_add(one, "port.*", CATEGORY_PORT);
	rule_add(one, "sip.*", CATEGORY_PROTOCOL);
	rule_add(one, "mgc.*", CATEGORY_PROTOCOL);
	rule_add(one, "codec.*", CATEGORY_PROTOCOL);
	flag_add(one, "*.password", true);
	flag_add(one, "system.format", false);
	two->number = 2;
	two->parser = SCHEMA_SET_LINES;
	(void)text_copy(two->header, sizeof(two->header), "drydock-iad 2");
	rule_add(two, "subscriber/*", CATEGORY_USER);
	rule_add(two, "line/*", CATEGORY_PORT);
	rule_add(two, "sip/*", CATEGORY_PROTOCOL);
	rule_add(two, "h248/*", CATEGORY_PROTOCOL);
	rule_add(two, "media/*", CATEGORY_PROTOCOL);
	flag_add(two, "*/secret", true);
	return &schema;
}

static inline struct config *
config_of(uint32_t format, const char *text)
{
	struct config *config = NULL;
	struct err err = { 0 };

	if (config_parse(iad_schema(), format, text, strlen(text), &config, &err) < 0)
		fail_msg("%s", err.text);
	return config;
}

static inline struct config *
config_of_file(uint32_t format, const char *name)
{
	size_t size = 0;
	char *text = file_text(name, &size);
	struct config *config = config_of(format, text);

	free(text);
	return config;
}

static inline const char *
value_of(const struct config *config, const char *path)
{
	const struct config_item *item = config_find(config, path);

	if (item == NULL)
		fail_msg("no value %s", path);
	return item->value;
}
