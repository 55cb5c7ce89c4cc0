/* fuzz_config.c - any text as a configuration of either format: an error that names a line, or
 * values that print and read back the same. The first byte chooses the format. */
#include "config/diff.h"
#include "fuzz.h"

static const struct schema schema = {
	.formats_count = 2,
	.formats = { { .number = 1,
		       .parser = SCHEMA_INI,
		       .rules_count = 2,
		       .rules = { { .pattern = "user.*",
				    .category = CATEGORY_USER,
				    .is_set = true },
				  { .pattern = "*.password", .is_secret = true } } },
		     { .number = 2,
		       .parser = SCHEMA_SET_LINES,
		       .header = "head",
		       .rules_count = 1,
		       .rules = { { .pattern = "a*b*",
				    .category = CATEGORY_PORT,
				    .is_set = true } } } },
};

static void
check_items(const struct config *config)
{
	size_t count = 0;

	for (size_t i = 0; i < config->count; i++) {
		const struct config_item *item = &config->items[i];
		MUST(i == 0 || strcmp(config->items[i - 1].path, item->path) < 0);
		MUST(strlen(item->path) < CONFIG_PATH_MAX &&
		     strlen(item->value) < CONFIG_VALUE_MAX);
		MUST(item->category < CATEGORY_COUNT && item->line > 0);
		MUST(config_find(config, item->path) == item);
	}
	for (int i = 0; i < CATEGORY_COUNT; i++) {
		struct sha256 hash;
		config_hash(config, (enum category)i, &hash);
		count += config_count(config, (enum category)i);
	}
	MUST(count == config->count); /* nothing is volatile here */
}

static void
check_round_trip(const struct config *config)
{
	struct config *read = NULL;
	struct buf text = { 0 };
	struct err err = { 0 };

	MUST(config_print(&schema, config, &text, &err) == 0);
	if (text.size <= CONFIG_BYTES_MAX) {
		MUST(config_parse(&schema, config->format, buf_text(&text), text.size, &read,
				  &err) == 0);
		MUST(read->count == config->count);
		MUST(config_diff(config, read, NULL, NULL, NULL) == 0);
		config_free(read);
	}
	buf_done(&text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct config *config = NULL;
	struct err err = { 0 };
	uint32_t format = 0;

	if (size == 0)
		return 0;
	const char *text = (const char *)data + 1;
	if (config_parse(&schema, 1 + data[0] % 2, text, size - 1, &config, &err) == 0) {
		check_items(config);
		check_round_trip(config);
		config_free(config);
	} else {
		MUST(strncmp(err.text, "line ", 5) == 0 || err.code == DD_EFULL);
	}
	(void)config_format_of(&schema, text, size - 1, &format, &err); /* either answer is right */
	return 0;
}
