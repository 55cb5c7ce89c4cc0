/* load_configuration.c - how a family's configuration is read and sorted: `configuration`. */
#include "base/text.h"
#include "profile/room.h"

#include <assert.h>
#include <string.h>

static int
add_rule(struct load *load, const struct yaml_node *node, struct schema_format *format,
	 struct schema_rule **ret_rule)
{
	if (node->kind != YAML_SCALAR || node->text[0] == '\0' ||
	    strlen(node->text) >= SCHEMA_TEXT_MAX)
		return yaml_err(load->yaml, node, load->err, AT,
				"a pattern of paths is expected here, 1 to %d characters, such as "
				"user.*",
				SCHEMA_TEXT_MAX - 1);
	if (format->rules_count == SCHEMA_RULES_MAX)
		return yaml_err(load->yaml, node, load->err, AT, "a format has at most %d patterns",
				SCHEMA_RULES_MAX);
	struct schema_rule *rule = &format->rules[format->rules_count++];
	(void)text_copy(rule->pattern, sizeof(rule->pattern), node->text); /* it fits, see above */
	*ret_rule = rule;
	return 0;
}

/* ---- categories ---- */

static int
load_patterns(struct load *load, const struct yaml_node *list, enum category category,
	      struct schema_format *format, bool *is_closed)
{
	if (list->kind != YAML_LIST)
		return yaml_err(load->yaml, list, load->err, AT, "'%s' must be a list of patterns",
				list->key);
	for (const struct yaml_node *node = list->first; node != NULL; node = node->next) {
		struct schema_rule *rule = NULL;
		int r = add_rule(load, node, format, &rule);
		if (r < 0)
			return r;
		assert(rule != NULL);
		if (*is_closed)
			return yaml_err(load->yaml, node, load->err, AT,
					"nothing is left for '%s': the pattern '*' above takes it",
					node->text);
		rule->category = (uint8_t)category;
		rule->is_set = true;
		*is_closed = text_equal(rule->pattern, "*");
	}
	return 0;
}

static int
load_categories(struct load *load, struct yaml_node *parent, struct schema_format *format)
{
	struct yaml_node *map = NULL;
	unsigned seen = 0;
	bool is_closed = false;

	int r = yaml_map(load->yaml, parent, "categories", &map, load->err);
	if (r < 0)
		return r;
	for (const struct yaml_node *node = map->first; node != NULL; node = node->next) {
		enum category category;
		if (!category_parse(node->key, &category))
			return yaml_err(load->yaml, node, load->err, AT,
					"'%s' is no category: user_data, port_data, "
					"protocol_parameters, default_parameters",
					node->key);
		r = load_patterns(load, node, category, format, &is_closed);
		if (r < 0)
			return r;
		seen |= 1u << category;
	}
	for (unsigned i = 0; i < CATEGORY_COUNT; i++)
		if ((seen & (1u << i)) == 0)
			return yaml_err(load->yaml, map, load->err, AT,
					"category '%s' is missing; give it [] where it has no "
					"values",
					category_name((enum category)i));
	if (!is_closed)
		return yaml_err(load->yaml, map, load->err, AT,
				"the last pattern must be '*', so that every value has a category");
	return 0;
}

/* `secrets` and `volatile`: lists that may be absent. */
static int
load_flags(struct load *load, struct yaml_node *parent, const char *key,
	   struct schema_format *format)
{
	struct yaml_node *list = NULL;

	if (yaml_find(parent, key) == NULL)
		return 0;
	int r = yaml_list(load->yaml, parent, key, &list, load->err);
	for (const struct yaml_node *node = r == 0 ? list->first : NULL; r == 0 && node != NULL;
	     node = node->next) {
		struct schema_rule *rule = NULL;
		r = add_rule(load, node, format, &rule);
		if (r < 0)
			return r;
		assert(rule != NULL);
		rule->is_secret = text_equal(key, "secrets");
		rule->is_volatile = text_equal(key, "volatile");
	}
	return r;
}

/* ---- formats ---- */

static int
load_parser(struct load *load, struct yaml_node *map, struct schema_format *format)
{
	const char *parser = NULL;

	int r = yaml_text(load->yaml, map, "parser", &parser, load->err);
	if (r < 0)
		return r;
	if (text_equal(parser, "ini"))
		format->parser = SCHEMA_INI;
	else if (text_equal(parser, "set-lines"))
		format->parser = SCHEMA_SET_LINES;
	else
		return yaml_err(load->yaml, yaml_find(map, "parser"), load->err, AT,
				"'parser' must be ini or set-lines");
	return 0;
}

static int
load_line(struct load *load, struct yaml_node *map, const char *key, char text[SCHEMA_TEXT_MAX])
{
	const char *found = "";

	int r = load_text(load, map, key, SCHEMA_TEXT_MAX - 1, false, &found);
	if (r < 0)
		return r;
	const size_t size = strlen(found);
	if (size > 0 && (found[0] == ' ' || found[size - 1] == ' '))
		return yaml_err(load->yaml, yaml_find(map, key), load->err, AT,
				"'%s' must not begin or end with a blank", key);
	(void)text_copy(text, SCHEMA_TEXT_MAX, found); /* it fits, see above */
	return 0;
}

/* Formats are told apart by their first lines. */
static int
check_header(struct load *load, const struct yaml_node *node, const struct schema_format *format)
{
	const struct schema *schema = &load->profile->schema;

	for (unsigned i = 0; i < schema->formats_count; i++) {
		const struct schema_format *other = &schema->formats[i];
		if (other->number == format->number)
			return yaml_err(load->yaml, node, load->err, AT,
					"format %s is there already", node->key);
		if (text_equal(other->header, format->header) || format->header[0] == '\0' ||
		    other->header[0] == '\0')
			return yaml_err(load->yaml, node, load->err, AT,
					"each format needs a 'header' of its own, its first line, "
					"to be known by");
	}
	return 0;
}

static int
load_format(struct load *load, struct yaml_node *node)
{
	struct schema *schema = &load->profile->schema;
	int64_t number = 0;

	if (schema->formats_count == SCHEMA_FORMATS_MAX)
		return yaml_err(load->yaml, node, load->err, AT, "at most %d formats",
				SCHEMA_FORMATS_MAX);
	struct schema_format *format = &schema->formats[schema->formats_count];
	int r = load_key_number(load, node, 1, UINT32_MAX, &number);
	if (r == 0)
		r = load_parser(load, node, format);
	if (r == 0)
		r = load_line(load, node, "header", format->header);
	if (r == 0)
		r = load_line(load, node, "number_at", format->number_path);
	if (r == 0)
		r = load_categories(load, node, format);
	if (r == 0)
		r = load_flags(load, node, "secrets", format);
	if (r == 0)
		r = load_flags(load, node, "volatile", format);
	if (r < 0)
		return r;
	format->number = (uint32_t)number;
	r = check_header(load, node, format);
	schema->formats_count++;
	return r < 0 ? r : yaml_only_known(load->yaml, node, load->err);
}

int
load_configuration(struct load *load, struct yaml_node *root)
{
	struct yaml_node *map = NULL, *formats = NULL;

	int r = yaml_map(load->yaml, root, "configuration", &map, load->err);
	if (r == 0)
		r = yaml_map(load->yaml, map, "formats", &formats, load->err);
	if (r == 0 && formats->count == 0)
		return yaml_err(load->yaml, formats, load->err, AT,
				"'formats' must have one at least");
	for (struct yaml_node *node = r == 0 ? formats->first : NULL; r == 0 && node != NULL;
	     node = node->next)
		r = load_format(load, node);
	return r < 0 ? r : yaml_only_known(load->yaml, map, load->err);
}
