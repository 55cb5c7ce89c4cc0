/* yaml_get.c - typed getters over the tree of a YAML file, and messages that name the place. */
#include "base/text.h"
#include "base/yaml.h"

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

int
yaml_err(const struct yaml *yaml, const struct yaml_node *node, struct err *err, const char *at,
	 const char *format, ...)
{
	char text[ERR_TEXT_MAX] = "";
	va_list args;

	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args); /* err_set() cuts too */
	va_end(args);
	(void)err_set(err, at, DD_EPARSE, "%s:%u:%u: %s", yaml->file, node->line, node->column,
		      text);
	return DD_EPARSE;
}

struct yaml_node *
yaml_find(struct yaml_node *map, const char *key)
{
	for (struct yaml_node *node = map->kind == YAML_MAP ? map->first : NULL; node;
	     node = node->next) {
		if (text_equal(node->key, key)) {
			node->was_used = true;
			return node;
		}
	}
	return NULL;
}

/* *ret is NULL where the entry is absent. */
static int
find(const struct yaml *yaml, struct yaml_node *map, const char *key, struct yaml_node **ret,
     struct err *err)
{
	if (map->kind != YAML_MAP)
		return yaml_err(yaml, map, err, AT, "a map with '%s' is expected here", key);
	*ret = yaml_find(map, key);
	return 0;
}

static int
find_needed(const struct yaml *yaml, struct yaml_node *map, const char *key, struct yaml_node **ret,
	    struct err *err)
{
	struct yaml_node *node = NULL;

	int r = find(yaml, map, key, &node, err);
	if (r < 0)
		return r;
	if (!node) {
		(void)yaml_err(yaml, map, err, AT, "'%s' is missing", key);
		return DD_EPARSE; /* said here, where the analyzer sees that *ret is set otherwise
				   */
	}
	*ret = node;
	return 0;
}

static int
find_kind(const struct yaml *yaml, struct yaml_node *map, const char *key, enum yaml_kind kind,
	  struct yaml_node **ret, struct err *err)
{
	struct yaml_node *node = NULL;

	int r = find_needed(yaml, map, key, &node, err);
	if (r < 0)
		return r;
	if (node->kind != kind)
		return yaml_err(yaml, node, err, AT, "'%s' must be a %s", key,
				kind == YAML_MAP ? "map" : "list");
	*ret = node;
	return 0;
}

int
yaml_map(const struct yaml *yaml, struct yaml_node *map, const char *key, struct yaml_node **ret,
	 struct err *err)
{
	return find_kind(yaml, map, key, YAML_MAP, ret, err);
}

int
yaml_list(const struct yaml *yaml, struct yaml_node *map, const char *key, struct yaml_node **ret,
	  struct err *err)
{
	return find_kind(yaml, map, key, YAML_LIST, ret, err);
}

static int
text_of(const struct yaml *yaml, const struct yaml_node *node, const char **ret, struct err *err)
{
	if (node->kind != YAML_SCALAR)
		return yaml_err(yaml, node, err, AT, "'%s' must be a text", node->key);
	if (node->text[0] == '\0' && !node->is_quoted)
		return yaml_err(yaml, node, err, AT,
				"'%s' has no value; write \"\" for an empty text", node->key);
	*ret = node->text;
	return 0;
}

int
yaml_text(const struct yaml *yaml, struct yaml_node *map, const char *key, const char **ret,
	  struct err *err)
{
	struct yaml_node *node = NULL;

	int r = find_needed(yaml, map, key, &node, err);
	return r < 0 ? r : text_of(yaml, node, ret, err);
}

int
yaml_text_or(const struct yaml *yaml, struct yaml_node *map, const char *key,
	     const char *text_default, const char **ret, struct err *err)
{
	struct yaml_node *node = NULL;

	int r = find(yaml, map, key, &node, err);
	if (r < 0)
		return r;
	if (node)
		return text_of(yaml, node, ret, err);
	*ret = text_default;
	return 0;
}

/* Leading zeros are refused: YAML 1.1 reads 010 as eight, YAML 1.2 as ten. */
static bool
parse_int(const char *text, int64_t *ret)
{
	const bool is_negative = text[0] == '-';
	const char *digits = text + is_negative;
	uint64_t number = 0;

	if (digits[0] == '0' && digits[1] != '\0')
		return false;
	if (!text_number(digits, (uint64_t)INT64_MAX + is_negative, &number))
		return false;
	*ret = (int64_t)(is_negative ? 0 - number : number);
	return true;
}

static int
int_of(const struct yaml *yaml, const struct yaml_node *node, int64_t min, int64_t max,
       int64_t *ret, struct err *err)
{
	int64_t number = 0;

	if (node->kind != YAML_SCALAR || node->is_quoted || !parse_int(node->text, &number) ||
	    number < min || number > max)
		return yaml_err(yaml, node, err, AT,
				"'%s' must be a whole number from %" PRId64 " to %" PRId64,
				node->key, min, max);
	*ret = number;
	return 0;
}

int
yaml_int(const struct yaml *yaml, struct yaml_node *map, const char *key, int64_t min, int64_t max,
	 int64_t *ret, struct err *err)
{
	struct yaml_node *node = NULL;

	int r = find_needed(yaml, map, key, &node, err);
	return r < 0 ? r : int_of(yaml, node, min, max, ret, err);
}

int
yaml_int_or(const struct yaml *yaml, struct yaml_node *map, const char *key, int64_t min,
	    int64_t max, int64_t int_default, int64_t *ret, struct err *err)
{
	struct yaml_node *node = NULL;

	int r = find(yaml, map, key, &node, err);
	if (r < 0)
		return r;
	if (node)
		return int_of(yaml, node, min, max, ret, err);
	*ret = int_default;
	return 0;
}

static bool
parse_bool(const struct yaml_node *node, bool *ret)
{
	if (node->kind != YAML_SCALAR || node->is_quoted)
		return false;

	const bool is_true = text_equal(node->text, "true") || text_equal(node->text, "yes");
	if (!is_true && !text_equal(node->text, "false") && !text_equal(node->text, "no"))
		return false;
	*ret = is_true;
	return true;
}

int
yaml_bool_or(const struct yaml *yaml, struct yaml_node *map, const char *key, bool bool_default,
	     bool *ret, struct err *err)
{
	struct yaml_node *node = NULL;

	int r = find(yaml, map, key, &node, err);
	if (r < 0)
		return r;
	if (!node) {
		*ret = bool_default;
		return 0;
	}
	if (!parse_bool(node, ret))
		return yaml_err(yaml, node, err, AT, "'%s' must be true, yes, false or no", key);
	return 0;
}

int
yaml_only_known(const struct yaml *yaml, const struct yaml_node *map, struct err *err)
{
	if (map->kind != YAML_MAP)
		return yaml_err(yaml, map, err, AT, "a map is expected here");
	for (const struct yaml_node *node = map->first; node; node = node->next) {
		const struct yaml_node place = { .line = node->key_line,
						 .column = node->key_column };
		if (!node->was_used)
			return yaml_err(yaml, &place, err, AT, "unknown key '%.64s'", node->key);
	}
	return 0;
}
