/* The one strict reader of people's files: libyaml's events become a tree with places. */
#include "base/yaml.h"

#include "base/text.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

enum { YAML_MEMORY_MAX = 64 << 20 };

struct reading {
	struct yaml *yaml;
	yaml_parser_t parser;
	struct err *err;
};

static int
refuse(struct reading *reading, const yaml_mark_t *mark, const char *what)
{
	return err_set(reading->err, AT, DD_EPARSE, "%s:%zu:%zu: %s", reading->yaml->file,
		       mark->line + 1, mark->column + 1, what);
}

/* The next event, where it is one that people's files may have. The caller deletes it. */
static int
next_event(struct reading *reading, yaml_event_t *ret_event)
{
	yaml_parser_t *parser = &reading->parser;

	if (!yaml_parser_parse(parser, ret_event)) {
		yaml_mark_t mark =
			parser->problem_mark.line != 0 || parser->problem_mark.column != 0
				? parser->problem_mark
				: parser->mark;
		return refuse(reading, &mark,
			      parser->problem != NULL ? parser->problem : "malformed YAML");
	}
	const char *problem = NULL;
	switch (ret_event->type) {
	case YAML_ALIAS_EVENT:
		problem = "aliases (*) are not used here: write the value out";
		break;
	case YAML_SCALAR_EVENT:
		if (ret_event->data.scalar.anchor != NULL)
			problem = "anchors (&) are not used here";
		else if (ret_event->data.scalar.tag != NULL)
			problem = "tags (!) are not used here";
		else if (memchr(ret_event->data.scalar.value, 0, ret_event->data.scalar.length) !=
			 NULL)
			problem = "a NUL character can't stand in a value";
		break;
	case YAML_SEQUENCE_START_EVENT:
		if (ret_event->data.sequence_start.anchor != NULL ||
		    ret_event->data.sequence_start.tag != NULL)
			problem = "anchors (&) and tags (!) are not used here";
		break;
	case YAML_MAPPING_START_EVENT:
		if (ret_event->data.mapping_start.anchor != NULL ||
		    ret_event->data.mapping_start.tag != NULL)
			problem = "anchors (&) and tags (!) are not used here";
		break;
	default: /* the others carry nothing to refuse */
		break;
	}
	if (problem == NULL)
		return 0;
	int r = refuse(reading, &ret_event->start_mark, problem);
	yaml_event_delete(ret_event);
	return r;
}

static struct yaml_node *
node_new(struct reading *reading, const yaml_event_t *event)
{
	struct yaml_node *node = arena_take(&reading->yaml->arena, sizeof(*node));

	if (node == NULL)
		return NULL;
	node->line = (unsigned)event->start_mark.line + 1;
	node->column = (unsigned)event->start_mark.column + 1;
	return node;
}

static int read_node(struct reading *reading, yaml_event_t *event, unsigned depth,
		     struct yaml_node **ret_node);

static int
read_scalar(struct reading *reading, const yaml_event_t *event, struct yaml_node *node)
{
	node->kind = YAML_SCALAR;
	node->is_quoted = event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
	node->text = arena_text(&reading->yaml->arena, (const char *)event->data.scalar.value,
				event->data.scalar.length);
	return node->text != NULL
		       ? 0
		       : refuse(reading, &event->start_mark, "the file needs too much memory");
}

static const struct yaml_node *
find_key(const struct yaml_node *map, const char *key)
{
	for (const struct yaml_node *node = map->first; node != NULL; node = node->next)
		if (strcmp(node->key, key) == 0)
			return node;
	return NULL;
}

/* Read the key of a map's next entry from a scalar event. */
static int
read_key(struct reading *reading, const struct yaml_node *map, const yaml_event_t *event,
	 struct yaml_node *key)
{
	char text[128];

	if (event->type != YAML_SCALAR_EVENT)
		return refuse(reading, &event->start_mark, "a key must be a plain word");
	int r = read_scalar(reading, event, key);
	if (r < 0)
		return r;
	const struct yaml_node *twin = find_key(map, key->text);
	if (twin == NULL)
		return 0;
	(void)text_print(text, sizeof(text), "'%.64s' stands here a second time; first in line %u",
			 key->text, twin->key_line);
	return refuse(reading, &event->start_mark, text);
}

static int
read_children(struct reading *reading, struct yaml_node *parent, unsigned depth)
{
	yaml_event_type_t end =
		parent->kind == YAML_MAP ? YAML_MAPPING_END_EVENT : YAML_SEQUENCE_END_EVENT;
	struct yaml_node **link = &parent->first;

	for (;;) {
		yaml_event_t event;
		struct yaml_node key = { 0 }, *child = NULL;
		int r = next_event(reading, &event);
		if (r < 0)
			return r;
		if (event.type == end) {
			yaml_event_delete(&event);
			return 0;
		}
		if (parent->kind == YAML_MAP) {
			r = read_key(reading, parent, &event, &key);
			key.line = (unsigned)event.start_mark.line + 1;
			key.column = (unsigned)event.start_mark.column + 1;
			yaml_event_delete(&event);
			if (r == 0)
				r = next_event(reading, &event);
			if (r < 0)
				return r;
		}
		r = read_node(reading, &event, depth + 1, &child);
		if (r < 0)
			return r;
		child->key = key.text;
		child->key_line = key.line;
		child->key_column = key.column;
		*link = child;
		link = &child->next;
		parent->count++;
	}
}

/* Read the value that begins with `event`, which is deleted. */
static int
read_node(struct reading *reading, yaml_event_t *event, unsigned depth, struct yaml_node **ret_node)
{
	struct yaml_node *node = node_new(reading, event);
	int r = 0;

	if (node == NULL)
		r = refuse(reading, &event->start_mark, "the file needs too much memory");
	else if (depth > YAML_DEPTH_MAX)
		r = refuse(reading, &event->start_mark, "nested too deeply");
	else if (event->type == YAML_SCALAR_EVENT)
		r = read_scalar(reading, event, node);
	else
		node->kind = event->type == YAML_MAPPING_START_EVENT ? YAML_MAP : YAML_LIST;
	yaml_event_delete(event);
	if (r == 0 && node->kind != YAML_SCALAR)
		r = read_children(reading, node, depth);
	if (r == 0)
		*ret_node = node;
	return r;
}

/* Take an event that must be of this type. */
static int
expect(struct reading *reading, yaml_event_type_t type, const char *problem)
{
	yaml_event_t event;

	int r = next_event(reading, &event);
	if (r < 0)
		return r;
	if (event.type != type)
		r = refuse(reading, &event.start_mark, problem);
	yaml_event_delete(&event);
	return r;
}

static int
read_stream(struct reading *reading)
{
	yaml_event_t event;

	int r = expect(reading, YAML_STREAM_START_EVENT, "malformed YAML");
	if (r == 0)
		r = expect(reading, YAML_DOCUMENT_START_EVENT, "the file is empty");
	if (r == 0)
		r = next_event(reading, &event);
	if (r == 0)
		r = read_node(reading, &event, 0, &reading->yaml->root);
	if (r == 0)
		r = expect(reading, YAML_DOCUMENT_END_EVENT, "malformed YAML");
	if (r == 0)
		r = expect(reading, YAML_STREAM_END_EVENT,
			   "a second document begins here; a file holds one");
	return r;
}

int
yaml_read(const char *file, const char *text, size_t size, struct yaml **ret_yaml, struct err *err)
{
	CLEANUP(yaml_freep) struct yaml *yaml = calloc(1, sizeof(*yaml));
	struct reading reading = { .yaml = yaml, .err = err };

	if (size > YAML_BYTES_MAX)
		return err_set(err, AT, DD_EPARSE,
			       "%s:1:1: the file has %zu bytes; at most %d are read", file, size,
			       YAML_BYTES_MAX);
	if (yaml == NULL)
		return err_set(err, AT, DD_ENOMEM, "%s: no memory", file);
	arena_init(&yaml->arena, YAML_MEMORY_MAX);
	yaml->file = arena_text(&yaml->arena, file, strlen(file));
	if (yaml->file == NULL || !yaml_parser_initialize(&reading.parser))
		return err_set(err, AT, DD_ENOMEM, "%s: no memory", file);
	yaml_parser_set_input_string(&reading.parser, (const unsigned char *)text, size);
	int r = read_stream(&reading);
	yaml_parser_delete(&reading.parser);
	if (r < 0)
		return r;
	*ret_yaml = TAKE(yaml);
	return 0;
}

void
yaml_free(struct yaml *yaml)
{
	if (yaml == NULL)
		return;
	arena_done(&yaml->arena);
	free(yaml);
}

void
yaml_freep(struct yaml **yaml)
{
	yaml_free(*yaml);
}

/* ---- getters ---- */

int
yaml_err(const struct yaml *yaml, const struct yaml_node *node, struct err *err, const char *at,
	 const char *format, ...)
{
	char text[ERR_TEXT_MAX];
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(text, sizeof(text), format, arguments); /* cut, as every error's text */
	va_end(arguments);
	return err_set(err, at, DD_EPARSE, "%s:%u:%u: %s", yaml->file, node->line, node->column,
		       text);
}

struct yaml_node *
yaml_find(struct yaml_node *map, const char *key)
{
	struct yaml_node *node = map->kind == YAML_MAP ? map->first : NULL;

	while (node != NULL && strcmp(node->key, key) != 0)
		node = node->next;
	if (node != NULL)
		node->was_used = true;
	return node;
}

static int
get(const struct yaml *yaml, struct yaml_node *map, const char *key, enum yaml_kind kind,
    struct yaml_node **ret, struct err *err)
{
	static const char *const kinds[] = { "a single value", "a list", "a map of keys" };
	struct yaml_node *node = yaml_find(map, key);

	if (map->kind != YAML_MAP)
		return yaml_err(yaml, map, err, AT,
				"a map of keys must stand here, with '%s' in it", key);
	if (node == NULL)
		return yaml_err(yaml, map, err, AT, "'%s' is missing", key);
	if (node->kind != kind)
		return yaml_err(yaml, node, err, AT, "'%s' must be %s", key, kinds[kind]);
	*ret = node;
	return 0;
}

int
yaml_map(const struct yaml *yaml, struct yaml_node *map, const char *key, struct yaml_node **ret,
	 struct err *err)
{
	return get(yaml, map, key, YAML_MAP, ret, err);
}

int
yaml_list(const struct yaml *yaml, struct yaml_node *map, const char *key, struct yaml_node **ret,
	  struct err *err)
{
	return get(yaml, map, key, YAML_LIST, ret, err);
}

int
yaml_text(const struct yaml *yaml, struct yaml_node *map, const char *key, const char **ret,
	  struct err *err)
{
	struct yaml_node *node;

	int r = get(yaml, map, key, YAML_SCALAR, &node, err);
	if (r == 0)
		*ret = node->text;
	return r;
}

int
yaml_text_or(const struct yaml *yaml, struct yaml_node *map, const char *key,
	     const char *text_default, const char **ret, struct err *err)
{
	if (yaml_find(map, key) != NULL)
		return yaml_text(yaml, map, key, ret, err);
	*ret = text_default;
	return 0;
}

static bool
parse_int(const char *text, int64_t *ret)
{
	bool is_negative = *text == '-';
	uint64_t number;

	if (!text_number(text + is_negative, INT64_MAX, &number))
		return false;
	*ret = is_negative ? -(int64_t)number : (int64_t)number;
	return true;
}

int
yaml_int(const struct yaml *yaml, struct yaml_node *map, const char *key, int64_t min, int64_t max,
	 int64_t *ret, struct err *err)
{
	struct yaml_node *node;
	int64_t number;

	int r = get(yaml, map, key, YAML_SCALAR, &node, err);
	if (r < 0)
		return r;
	if (node->is_quoted || !parse_int(node->text, &number))
		return yaml_err(yaml, node, err, AT, "'%s' must be a whole number", key);
	if (number < min || number > max)
		return yaml_err(yaml, node, err, AT, "'%s' must be from %" PRId64 " to %" PRId64,
				key, min, max);
	*ret = number;
	return 0;
}

int
yaml_int_or(const struct yaml *yaml, struct yaml_node *map, const char *key, int64_t min,
	    int64_t max, int64_t int_default, int64_t *ret, struct err *err)
{
	if (yaml_find(map, key) != NULL)
		return yaml_int(yaml, map, key, min, max, ret, err);
	*ret = int_default;
	return 0;
}

int
yaml_bool_or(const struct yaml *yaml, struct yaml_node *map, const char *key, bool bool_default,
	     bool *ret, struct err *err)
{
	struct yaml_node *node;

	*ret = bool_default;
	if (yaml_find(map, key) == NULL)
		return 0;
	int r = get(yaml, map, key, YAML_SCALAR, &node, err);
	if (r < 0)
		return r;
	bool is_true = !node->is_quoted &&
		       (text_equal(node->text, "true") || text_equal(node->text, "yes"));
	bool is_false = !node->is_quoted &&
			(text_equal(node->text, "false") || text_equal(node->text, "no"));
	if (!is_true && !is_false)
		return yaml_err(yaml, node, err, AT, "'%s' must be true or false", key);
	*ret = is_true;
	return 0;
}

int
yaml_only_known(const struct yaml *yaml, const struct yaml_node *map, struct err *err)
{
	for (const struct yaml_node *node = map->first; node != NULL; node = node->next) {
		if (node->was_used || node->key == NULL)
			continue;
		return err_set(err, AT, DD_EPARSE, "%s:%u:%u: unknown key '%.64s'", yaml->file,
			       node->key_line, node->key_column, node->key);
	}
	return 0;
}
