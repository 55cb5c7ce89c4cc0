/* yaml.c - YAML files become a tree: libyaml's events, and a refusal of everything that surprises
 * people.
 *
 * check_text() refuses bytes that libyaml would count or print differently from an editor, so that
 * its places are the ones a person sees. build() then turns events into nodes; `open` is the path
 * from the root to the collection being filled. */
#include "base/yaml.h"
#include "base/text.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

struct build {
	struct yaml *yaml;
	struct err *err;
	yaml_parser_t parser;
	const char *text, *end; /* the file from source_index on */
	size_t source_index;    /* characters before `text` */
	struct yaml_node *open[YAML_DEPTH_MAX],
		*last[YAML_DEPTH_MAX]; /* and each one's last child */
	unsigned depth;
	struct yaml_node key; /* of the entry whose value comes next: key, key_line, key_column */
	bool has_document;
};

static int
fail_at(const struct yaml *yaml, size_t line, size_t column, struct err *err, const char *reason)
{
	const struct yaml_node place = { .line = (unsigned)line, .column = (unsigned)column };

	return yaml_err(yaml, &place, err, AT, "%s", reason);
}

static int
fail(const struct build *build, const yaml_event_t *event, const char *reason)
{
	return fail_at(build->yaml, event->start_mark.line + 1, event->start_mark.column + 1,
		       build->err, reason);
}

/* NEL, LS and PS end a line in YAML 1.1 and nowhere else; so does a lone CR. */
static const char *
refusal_of(uint32_t point, const char *after, const char *end)
{
	if (point == '\r')
		return after < end && *after == '\n' ? NULL
						     : "a carriage return without a line feed";
	if (point == '\n' || point == '\t')
		return NULL;
	if (text_is_control(point))
		return "a control character";
	if (point == 0x2028 || point == 0x2029)
		return "a line separator that editors do not count";
	return NULL;
}

static int
check_text(const struct yaml *yaml, const char *text, size_t size, struct err *err)
{
	const char *const end = text + size;
	unsigned line = 1, column = 1;

	while (text < end) {
		uint32_t point = 0;
		const size_t length = text_utf8(text, (size_t)(end - text), &point);
		if (length == 0)
			return fail_at(yaml, line, column, err, "a byte that is not UTF-8");
		text += length;
		const char *refusal = refusal_of(point, text, end);
		if (refusal)
			return fail_at(yaml, line, column, err, refusal);
		column++;
		if (point == '\n') {
			line++;
			column = 1;
		}
	}
	return 0;
}

/* The first character of an event in the file. Events come in order, so the walk goes through the
 * file once. */
static char
source_char(struct build *build, const yaml_event_t *event)
{
	while (build->source_index < event->start_mark.index && build->text < build->end) {
		uint32_t point;
		build->text += text_utf8(build->text, (size_t)(build->end - build->text), &point);
		build->source_index++;
	}
	if (build->text == build->end)
		return '\0';
	return *build->text;
}

/* The file is asked, not the event: libyaml forgets the tag of `! word`. */
static int
check_bare(struct build *build, const yaml_event_t *event)
{
	const char first = source_char(build, event);

	if (first == '&')
		return fail(build, event, "anchors (&) are not allowed");
	if (first == '!')
		return fail(build, event, "tags (!) are not allowed");
	return 0;
}

static bool
is_key_next(const struct build *build)
{
	return build->depth > 0 && build->open[build->depth - 1]->kind == YAML_MAP &&
	       !build->key.key;
}

static int
fail_memory(const struct build *build, const yaml_event_t *event)
{
	return fail(build, event, "the file has too many entries");
}

static int
add_node(struct build *build, const yaml_event_t *event, enum yaml_kind kind,
	 struct yaml_node **ret_node)
{
	struct yaml_node *node = arena_take(&build->yaml->arena, sizeof(*node));
	if (!node)
		return fail_memory(build, event);

	*node = build->key;
	build->key = (struct yaml_node){ 0 };
	node->kind = kind;
	node->line = (unsigned)event->start_mark.line + 1;
	node->column = (unsigned)event->start_mark.column + 1;
	*ret_node = node;
	if (build->depth == 0) {
		build->yaml->root = node;
		return 0;
	}

	struct yaml_node *parent = build->open[build->depth - 1];
	struct yaml_node **last = &build->last[build->depth - 1];
	*(*last ? &(*last)->next : &parent->first) = node;
	*last = node;
	parent->count++;
	return 0;
}

static int
take_scalar(struct build *build, const yaml_event_t *event)
{
	const char *value = (const char *)event->data.scalar.value;
	const size_t size = event->data.scalar.length;
	struct yaml_node *node = NULL;

	int r = check_bare(build, event);
	if (r < 0)
		return r;
	if (memchr(value, '\0', size))
		return fail(build, event, "a text can't hold \\0");

	const char *text = arena_text(&build->yaml->arena, value, size);
	if (!text)
		return fail_memory(build, event);
	if (is_key_next(build)) {
		if (size == 0)
			return fail(build, event, "a key is missing");
		build->key = (struct yaml_node){
			.key = text,
			.key_line = (unsigned)event->start_mark.line + 1,
			.key_column = (unsigned)event->start_mark.column + 1,
		};
		return 0;
	}

	r = add_node(build, event, YAML_SCALAR, &node);
	if (r < 0)
		return r;
	node->text = text;
	node->is_quoted = event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
	return 0;
}

static int
open_collection(struct build *build, const yaml_event_t *event, enum yaml_kind kind)
{
	struct yaml_node *node = NULL;

	int r = check_bare(build, event);
	if (r < 0)
		return r;
	if (is_key_next(build))
		return fail(build, event, "a key must be a word or a text");
	if (build->depth == YAML_DEPTH_MAX)
		return fail(build, event, "nested too deep");

	r = add_node(build, event, kind, &node);
	if (r < 0)
		return r;
	build->open[build->depth] = node;
	build->last[build->depth] = NULL;
	build->depth++;
	return 0;
}

static int
order_by_place(const struct yaml_node *a, const struct yaml_node *b)
{
	if (a->key_line != b->key_line)
		return a->key_line < b->key_line ? -1 : 1;
	return a->key_column < b->key_column ? -1 : a->key_column > b->key_column;
}

static int
order_by_key(const void *a, const void *b)
{
	const struct yaml_node *left = *(struct yaml_node *const *)a;
	const struct yaml_node *right = *(struct yaml_node *const *)b;
	const int order = strcmp(left->key, right->key);

	return order != 0 ? order : order_by_place(left, right);
}

/* The first entry in the file whose key is there already, or NULL; *ret_first gets the one before
 * it. */
static const struct yaml_node *
find_doubled(struct yaml_node *const *sorted, size_t count, const struct yaml_node **ret_first)
{
	const struct yaml_node *doubled = NULL;

	for (size_t i = 1; i < count; i++) {
		const struct yaml_node *node = sorted[i];
		if (!text_equal(sorted[i - 1]->key, node->key))
			continue;
		if (doubled && order_by_place(doubled, node) < 0)
			continue;
		doubled = node;
		*ret_first = sorted[i - 1];
	}
	return doubled;
}

/* Sorted, so that a file of 100,000 keys in one map takes no minutes. */
static int
close_map(struct build *build, const yaml_event_t *event)
{
	struct yaml_node *map = build->open[build->depth - 1];
	struct yaml_node **sorted =
		arena_take(&build->yaml->arena, map->count * sizeof(struct yaml_node *));
	size_t count = 0;

	if (!sorted)
		return fail_memory(build, event);
	for (struct yaml_node *node = map->first; node; node = node->next)
		sorted[count++] = node;
	assert(count == map->count);
	qsort(sorted, count, sizeof(struct yaml_node *), order_by_key);
	const struct yaml_node *first = NULL, *doubled = find_doubled(sorted, count, &first);
	if (doubled) {
		const struct yaml_node place = { .line = doubled->key_line,
						 .column = doubled->key_column };
		return yaml_err(build->yaml, &place, build->err, AT,
				"key '%.64s' is there already in line %u", doubled->key,
				first->key_line);
	}
	return 0;
}

static int
start_document(struct build *build, const yaml_event_t *event)
{
	const bool has_tags = event->data.document_start.tag_directives.start !=
			      event->data.document_start.tag_directives.end;

	if (event->data.document_start.version_directive || has_tags)
		return fail(build, event, "directives (%) are not allowed");
	if (build->has_document)
		return fail(build, event, "a second document is not allowed");
	build->has_document = true;
	return 0;
}

static int
take_event(struct build *build, const yaml_event_t *event)
{
	int r = 0;

	switch (event->type) {
	case YAML_NO_EVENT:
	case YAML_STREAM_START_EVENT:
	case YAML_DOCUMENT_END_EVENT:
		return 0;
	case YAML_STREAM_END_EVENT:
		return build->has_document ? 0 : fail(build, event, "the file is empty");
	case YAML_DOCUMENT_START_EVENT:
		return start_document(build, event);
	case YAML_ALIAS_EVENT:
		return fail(build, event, "aliases (*) are not allowed; put the text in quotes");
	case YAML_SCALAR_EVENT:
		return take_scalar(build, event);
	case YAML_SEQUENCE_START_EVENT:
		return open_collection(build, event, YAML_LIST);
	case YAML_MAPPING_START_EVENT:
		return open_collection(build, event, YAML_MAP);
	case YAML_MAPPING_END_EVENT:
		r = close_map(build, event);
		break;
	case YAML_SEQUENCE_END_EVENT:
		break;
	}
	build->depth--;
	return r;
}

static int
fail_syntax(const struct build *build)
{
	const yaml_parser_t *parser = &build->parser;
	const char *problem = parser->problem ? parser->problem : "not YAML";

	if (parser->error == YAML_MEMORY_ERROR)
		return err_set(build->err, AT, DD_ENOMEM, "%s: out of memory", build->yaml->file);
	return fail_at(build->yaml, parser->problem_mark.line + 1, parser->problem_mark.column + 1,
		       build->err, problem);
}

static int
build_tree(struct build *build)
{
	yaml_event_t event;
	bool is_end = false;
	int r = 0;

	while (r == 0 && !is_end) {
		if (!yaml_parser_parse(&build->parser, &event))
			return fail_syntax(build);
		is_end = event.type == YAML_STREAM_END_EVENT;
		r = take_event(build, &event);
		yaml_event_delete(&event);
	}
	return r;
}

static int
parse(struct yaml *yaml, const char *text, size_t size, struct err *err)
{
	struct build build = { .yaml = yaml, .err = err, .text = text, .end = text + size };

	int r = check_text(yaml, text, size, err);
	if (r < 0)
		return r;
	if (!yaml_parser_initialize(&build.parser))
		return err_set(err, AT, DD_ENOMEM, "%s: out of memory", yaml->file);

	/* Told, not guessed: a UTF-16 mark must not change what the check above has seen. */
	yaml_parser_set_encoding(&build.parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&build.parser, (const unsigned char *)text, size);
	r = build_tree(&build);
	yaml_parser_delete(&build.parser);
	return r;
}

int
yaml_read(const char *file, const char *text, size_t size, struct yaml **ret_yaml, struct err *err)
{
	if (size > YAML_BYTES_MAX)
		return err_set(err, AT, DD_EPARSE,
			       "%s:1:1: the file has %zu bytes; %d is the maximum", file, size,
			       YAML_BYTES_MAX);

	CLEANUP(yaml_freep) struct yaml *yaml = calloc(1, sizeof(*yaml));
	if (!yaml)
		return err_set(err, AT, DD_ENOMEM, "%s: out of memory", file);
	arena_init(&yaml->arena, YAML_MEMORY_MAX);
	yaml->file = arena_text(&yaml->arena, file, strlen(file));
	if (!yaml->file)
		return err_set(err, AT, DD_ENOMEM, "%s: out of memory", file);

	int r = parse(yaml, text, size, err);
	if (r < 0)
		return r;
	*ret_yaml = TAKE(yaml);
	return 0;
}

void
yaml_free(struct yaml *yaml)
{
	if (!yaml)
		return;
	arena_done(&yaml->arena);
	free(yaml);
}

void
yaml_freep(struct yaml **yaml)
{
	yaml_free(*yaml);
}
