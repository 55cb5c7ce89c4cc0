/* config.c - a parsed configuration in memory: building, finding, hashing. */
#include "base/text.h"
#include "config/room.h"

#include <stdlib.h>
#include <string.h>

enum { ITEMS_FIRST = 256 };

struct memory {
	struct arena arena;
	const struct schema_format *format; /* borrowed until config_finish() */
	size_t capacity;                    /* of items */
};

int
config_new(const struct schema_format *format, struct config **ret_config, struct err *err)
{
	struct config *config = calloc(1, sizeof(*config));
	struct memory *memory = calloc(1, sizeof(*memory));

	if (config == NULL || memory == NULL) {
		free(config);
		free(memory);
		return err_set(err, AT, DD_ENOMEM, "no memory for a configuration");
	}
	arena_init(&memory->arena, CONFIG_MEMORY_MAX);
	memory->format = format;
	config->format = format->number;
	config->memory = memory;
	*ret_config = config;
	return 0;
}

void
config_free(struct config *config)
{
	if (config == NULL)
		return;

	struct memory *memory = config->memory;
	arena_done(&memory->arena);
	free(memory);
	free(config->items);
	free(config);
}

void
config_freep(struct config **config)
{
	config_free(*config);
}

static int
make_room(struct config *config, struct err *err)
{
	struct memory *memory = config->memory;

	if (config->count < memory->capacity)
		return 0;
	if (config->count >= CONFIG_ITEMS_MAX)
		return err_set(err, AT, DD_EFULL, "the configuration has more than %d values",
			       CONFIG_ITEMS_MAX);
	const size_t capacity = memory->capacity == 0 ? ITEMS_FIRST : memory->capacity * 2;
	struct config_item *items = reallocarray(config->items, capacity, sizeof(*items));
	if (items == NULL)
		return err_set(err, AT, DD_ENOMEM, "no memory for a configuration");
	config->items = items;
	memory->capacity = capacity;
	return 0;
}

int
config_add(struct config *config, const char *path, const char *value, unsigned line,
	   struct err *err)
{
	struct memory *memory = config->memory;

	int r = make_room(config, err);
	if (r < 0)
		return r;
	const char *path_copy = arena_text(&memory->arena, path, strlen(path));
	const char *value_copy = arena_text(&memory->arena, value, strlen(value));
	if (path_copy == NULL || value_copy == NULL)
		return err_set(err, AT, DD_ENOMEM, "no memory for a configuration");

	const struct schema_verdict verdict = schema_judge(memory->format, path);
	config->items[config->count++] = (struct config_item){ .path = path_copy,
							       .value = value_copy,
							       .category = verdict.category,
							       .is_secret = verdict.is_secret,
							       .is_volatile = verdict.is_volatile,
							       .line = line };
	return 0;
}

static int
order_by_path(const void *a, const void *b)
{
	const struct config_item *left = a, *right = b;
	const int order = strcmp(left->path, right->path);

	if (order != 0)
		return order;
	return left->line < right->line ? -1 : left->line > right->line;
}

void
config_sort(struct config *config)
{
	if (config->count > 0)
		qsort(config->items, config->count, sizeof(config->items[0]), order_by_path);
}

int
config_finish(struct config *config, struct err *err)
{
	struct memory *memory = config->memory;

	memory->format = NULL;
	config_sort(config);
	for (size_t i = 1; i < config->count; i++)
		if (text_equal(config->items[i - 1].path, config->items[i].path))
			return err_set(err, AT, DD_EPARSE,
				       "line %u: '%s' is there already in line %u",
				       config->items[i].line, config->items[i].path,
				       config->items[i - 1].line);
	return 0;
}

static int
compare_path(const void *key, const void *member)
{
	const struct config_item *item = member;

	return strcmp(key, item->path);
}

const struct config_item *
config_find(const struct config *config, const char *path)
{
	if (config->count == 0)
		return NULL;
	return bsearch(path, config->items, config->count, sizeof(config->items[0]), compare_path);
}

static bool
counts_for(const struct config_item *item, enum category category)
{
	return item->category == category && !item->is_volatile;
}

void
config_hash(const struct config *config, enum category category, struct sha256 *ret_hash)
{
	struct sha256_state state;

	sha256_init(&state);
	for (size_t i = 0; i < config->count; i++) {
		const struct config_item *item = &config->items[i];
		if (!counts_for(item, category))
			continue;
		sha256_add(&state, item->path, strlen(item->path));
		sha256_add(&state, "=", 1);
		sha256_add(&state, item->value, strlen(item->value));
		sha256_add(&state, "\n", 1);
	}
	sha256_end(&state, ret_hash);
}

size_t
config_count(const struct config *config, enum category category)
{
	size_t count = 0;

	for (size_t i = 0; i < config->count; i++)
		count += counts_for(&config->items[i], category);
	return count;
}
