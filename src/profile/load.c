/* From a YAML file to a profile: everything is checked here, with file, line and column, so that
 * nothing can go wrong later. */
#include "base/text.h"
#include "base/yaml.h"
#include "profile/room.h"

#include <stdlib.h>
#include <string.h>

enum { VALUE_MAX = 512 };

struct alias {
	const char *name, *text;
};

struct loading {
	struct yaml *yaml;
	struct profile *profile;
	struct err *err;
	struct alias aliases[PROFILE_ALIASES_MAX];
	unsigned aliases_count;
};

static int
refuse(struct loading *loading, const struct yaml_node *node, const char *what, const char *word)
{
	return yaml_err(loading->yaml, node, loading->err, AT, "%s%s%.64s%s", what,
			word[0] != '\0' ? ": '" : "", word, word[0] != '\0' ? "'" : "");
}

/* ---- words with ${names} ---- */

static const char *
alias_find(const struct loading *loading, const char *name, size_t size)
{
	for (unsigned i = 0; i < loading->aliases_count; i++)
		if (strlen(loading->aliases[i].name) == size &&
		    memcmp(loading->aliases[i].name, name, size) == 0)
			return loading->aliases[i].text;
	return NULL;
}

/* Put the aliases of `oids` in for their ${names}. `slot` > 0 stands for ${slot}. */
static int
expand(struct loading *loading, const struct yaml_node *node, const char *text, unsigned slot,
       char *out, size_t size)
{
	size_t used = 0;

	out[0] = '\0';
	while (*text != '\0') {
		const char *open = strstr(text, "${");
		size_t plain = open != NULL ? (size_t)(open - text) : strlen(text);
		char digits[16] = "";
		const char *close = open != NULL ? strchr(open, '}') : NULL;
		const char *value = "";
		if (open != NULL && close == NULL)
			return refuse(loading, node, "the '}' after '${' is missing", "");
		if (open != NULL) {
			value = alias_find(loading, open + 2, (size_t)(close - open - 2));
			if (value == NULL && slot > 0 && strncmp(open, "${slot}", 7) == 0) {
				(void)text_print(digits, sizeof(digits), "%u", slot);
				value = digits;
			}
			if (value == NULL)
				return refuse(loading, node, "this name is not among the oids",
					      open);
		}
		if (!text_print(out + used, size - used, "%.*s%s", (int)plain, text, value))
			return refuse(loading, node, "the text is too long", "");
		used += strlen(out + used);
		text = open != NULL ? close + 1 : text + plain;
	}
	return 0;
}

static int
read_oid(struct loading *loading, const struct yaml_node *node, unsigned slot, struct oid *ret_oid)
{
	char text[VALUE_MAX];

	if (node->kind != YAML_SCALAR)
		return refuse(loading, node, "an object identifier must stand here", "");
	int r = expand(loading, node, node->text, slot, text, sizeof(text));
	if (r == 0 && oid_parse(text, ret_oid, NULL) < 0)
		r = refuse(loading, node, "this is no object identifier", text);
	return r;
}

/* An identifier under this key; count 0 where the key is absent. */
static int
take_oid(struct loading *loading, struct yaml_node *map, const char *key, unsigned slot,
	 struct oid *ret_oid)
{
	struct yaml_node *node = yaml_find(map, key);

	return node != NULL ? read_oid(loading, node, slot, ret_oid) : 0;
}

static int
need_oid(struct loading *loading, struct yaml_node *map, const char *key, struct oid *ret_oid)
{
	if (yaml_find(map, key) == NULL)
		return refuse(loading, map, "a key is missing", key);
	return take_oid(loading, map, key, 0, ret_oid);
}

static int
take_oids(struct loading *loading, struct yaml_node *map, const char *key, struct oid *oids,
	  unsigned max, unsigned *ret_count)
{
	struct yaml_node *list;

	int r = yaml_list(loading->yaml, map, key, &list, loading->err);
	if (r == 0 && (list->count == 0 || list->count > max))
		r = refuse(loading, list, "one to eight object identifiers must stand here", "");
	for (struct yaml_node *node = r == 0 ? list->first : NULL; node != NULL && r == 0;
	     node = node->next)
		r = read_oid(loading, node, 0, &oids[(*ret_count)++]);
	return r;
}

static int
take_text(struct loading *loading, struct yaml_node *map, const char *key, char *text, size_t size)
{
	const char *value;

	int r = yaml_text_or(loading->yaml, map, key, "", &value, loading->err);
	if (r == 0 && !text_copy(text, size, value))
		r = refuse(loading, yaml_find(map, key), "the text is too long", value);
	return r;
}

/* ---- sections ---- */

static int
load_aliases(struct loading *loading, struct yaml_node *root)
{
	struct yaml_node *map = yaml_find(root, "oids");

	if (map == NULL)
		return 0;
	if (map->kind != YAML_MAP || map->count > PROFILE_ALIASES_MAX)
		return refuse(loading, map, "'oids' must be a map of at most 32 names", "");
	for (struct yaml_node *node = map->first; node != NULL; node = node->next) {
		char text[VALUE_MAX];
		struct oid oid;
		int r = node->kind == YAML_SCALAR
				? expand(loading, node, node->text, 0, text, sizeof(text))
				: refuse(loading, node, "an object identifier must stand here", "");
		if (r == 0 && oid_parse(text, &oid, NULL) < 0)
			r = refuse(loading, node, "this is no object identifier", text);
		char *copy = r == 0 ? arena_text(&loading->yaml->arena, text, strlen(text)) : NULL;
		if (r == 0 && copy == NULL)
			r = refuse(loading, node, "the file needs too much memory", "");
		if (r < 0)
			return r;
		loading->aliases[loading->aliases_count++] = (struct alias){ node->key, copy };
	}
	return 0;
}

static int
load_protocols(struct loading *loading, struct yaml_node *root)
{
	struct yaml_node *list;

	int r = yaml_list(loading->yaml, root, "protocols", &list, loading->err);
	for (struct yaml_node *node = r == 0 ? list->first : NULL; node != NULL && r == 0;
	     node = node->next) {
		enum protocol protocol;
		if (node->kind != YAML_SCALAR || !protocol_parse(node->text, &protocol) ||
		    protocol == PROTOCOL_HTTP)
			r = refuse(loading, node, "a protocol is tftp or ftp", "");
		else
			loading->profile->protocols |= (uint8_t)(1u << protocol);
	}
	if (r == 0 && loading->profile->protocols == 0)
		r = refuse(loading, list, "at least one protocol is needed", "");
	return r;
}

static int
load_management(struct loading *loading, struct yaml_node *root)
{
	struct profile *profile = loading->profile;
	struct yaml_node *map = yaml_find(root, "management"), *factory;
	const char *address;

	profile->management_survives = true;
	if (map == NULL)
		return 0;
	int r = yaml_bool_or(loading->yaml, map, "survives", true, &profile->management_survives,
			     loading->err);
	factory = r == 0 ? yaml_find(map, "factory") : NULL;
	if (factory != NULL) {
		r = yaml_text(loading->yaml, factory, "address", &address, loading->err);
		if (r == 0 &&
		    (addr_parse(address, SNMP_PORT, &profile->factory_address, NULL) < 0 ||
		     profile->factory_address.family == ADDR_UNIX))
			r = refuse(loading, factory, "this is no address", address);
		if (r == 0)
			r = take_text(loading, factory, "community", profile->factory_community,
				      sizeof(profile->factory_community));
		if (r == 0)
			r = yaml_only_known(loading->yaml, factory, loading->err);
		profile->has_factory = r == 0;
	}
	return r == 0 ? yaml_only_known(loading->yaml, map, loading->err) : r;
}

static int
load_image(struct loading *loading, struct yaml_node *root)
{
	struct profile_image *image = &loading->profile->image;
	struct yaml_node *map = yaml_find(root, "image");

	if (map == NULL)
		return 0;
	image->has_header = true;
	int r = take_text(loading, map, "magic", image->magic, sizeof(image->magic));
	if (r == 0)
		r = take_text(loading, map, "version", image->version, sizeof(image->version));
	if (r == 0)
		r = take_text(loading, map, "models", image->models, sizeof(image->models));
	if (r == 0)
		r = take_text(loading, map, "revisions", image->revisions,
			      sizeof(image->revisions));
	if (r == 0)
		r = take_text(loading, map, "config_format", image->config_format,
			      sizeof(image->config_format));
	return r == 0 ? yaml_only_known(loading->yaml, map, loading->err) : r;
}

static int
load_slots(struct loading *loading, struct yaml_node *facts_map)
{
	struct profile_facts *facts = &loading->profile->facts;
	struct yaml_node *map = yaml_find(facts_map, "slot");
	int64_t valid = 0;

	if (map == NULL)
		return loading->profile->slots < 2
			       ? 0
			       : refuse(loading, facts_map,
					"a family with two slots needs 'slot' among its facts", "");
	int r = take_oid(loading, map, "running", 0, &facts->running_slot);
	if (r == 0)
		r = take_oid(loading, map, "count", 0, &facts->slots_count);
	if (r == 0)
		r = yaml_int_or(loading->yaml, map, "valid", 0, UINT32_MAX, 0, &valid,
				loading->err);
	facts->slot_valid = (uint32_t)valid;
	for (unsigned i = 0; i < FACT_SLOTS_MAX && r == 0; i++) {
		r = take_oid(loading, map, "state", i + 1, &facts->slot_state[i]);
		if (r == 0)
			r = take_oid(loading, map, "version", i + 1, &facts->slot_version[i]);
		if (r == 0)
			r = take_oid(loading, map, "content", i + 1, &facts->slot_content[i]);
	}
	return r == 0 ? yaml_only_known(loading->yaml, map, loading->err) : r;
}

static int
load_facts(struct loading *loading, struct yaml_node *root)
{
	struct profile_facts *facts = &loading->profile->facts;
	const struct {
		const char *key;
		struct oid *oid;
	} places[] = {
		{ "model", &facts->model },
		{ "revision", &facts->revision },
		{ "serial", &facts->serial },
		{ "config_format", &facts->config_format },
		{ "free_bytes", &facts->free_bytes },
		{ "boots", &facts->boots },
		{ "uptime", &facts->uptime },
		{ "ports_up", &facts->ports_up },
		{ "registrations", &facts->registrations },
	};
	struct yaml_node *map;

	int r = yaml_map(loading->yaml, root, "facts", &map, loading->err);
	if (r == 0)
		r = need_oid(loading, map, "version", &facts->version);
	for (size_t i = 0; i < ARRAY_COUNT(places) && r == 0; i++)
		r = take_oid(loading, map, places[i].key, 0, places[i].oid);
	if (r == 0)
		r = load_slots(loading, map);
	return r == 0 ? yaml_only_known(loading->yaml, map, loading->err) : r;
}

/* ---- configuration ---- */

static bool
category_of(const char *name, enum category *ret_category)
{
	for (int i = 0; i < CATEGORY_COUNT; i++) {
		if (text_equal(category_name((enum category)i), name)) {
			*ret_category = (enum category)i;
			return true;
		}
	}
	return false;
}

static int
load_patterns(struct loading *loading, const struct yaml_node *list, struct schema_format *format,
	      const struct schema_rule *like)
{
	if (list->kind != YAML_LIST)
		return refuse(loading, list, "a list of paths must stand here", "");
	for (const struct yaml_node *node = list->first; node != NULL; node = node->next) {
		if (format->rules_count >= SCHEMA_RULES_MAX)
			return refuse(loading, node, "a format has at most 64 rules", "");
		struct schema_rule *rule = &format->rules[format->rules_count];
		*rule = *like;
		if (node->kind != YAML_SCALAR ||
		    !text_copy(rule->pattern, sizeof(rule->pattern), node->text))
			return refuse(loading, node,
				      "a path of at most 63 characters must stand here", "");
		format->rules_count++;
	}
	return 0;
}

static int
load_rules(struct loading *loading, struct yaml_node *map, struct schema_format *format)
{
	struct yaml_node *categories = yaml_find(map, "categories"),
			 *secrets = yaml_find(map, "secret"),
			 *volatiles = yaml_find(map, "volatile");
	int r = 0;

	if (categories != NULL && categories->kind != YAML_MAP)
		return refuse(loading, categories, "'categories' must be a map of lists", "");
	for (struct yaml_node *node = categories != NULL ? categories->first : NULL;
	     node != NULL && r == 0; node = node->next) {
		enum category category;
		if (!category_of(node->key, &category))
			return refuse(loading, node,
				      "a category is user_data, port_data, protocol_parameters or "
				      "default_parameters",
				      node->key);
		r = load_patterns(
			loading, node, format,
			&(struct schema_rule){ .category = (uint8_t)category, .is_set = true });
	}
	if (r == 0 && secrets != NULL)
		r = load_patterns(loading, secrets, format,
				  &(struct schema_rule){ .is_secret = true });
	if (r == 0 && volatiles != NULL)
		r = load_patterns(loading, volatiles, format,
				  &(struct schema_rule){ .is_volatile = true });
	return r;
}

static int
load_format(struct loading *loading, struct yaml_node *map)
{
	struct schema *schema = &loading->profile->schema;
	struct schema_format *format = &schema->formats[schema->formats_count];
	const char *parser;
	int64_t number;

	int r = yaml_int(loading->yaml, map, "number", 1, UINT32_MAX, &number, loading->err);
	if (r == 0)
		r = yaml_text(loading->yaml, map, "parser", &parser, loading->err);
	if (r < 0)
		return r;
	if (schema_format(schema, (uint32_t)number) != NULL)
		return refuse(loading, map, "this format stands here already", "");
	if (!text_equal(parser, "ini") && !text_equal(parser, "set-lines"))
		return refuse(loading, yaml_find(map, "parser"), "a parser is ini or set-lines",
			      parser);
	format->number = (uint32_t)number;
	format->parser = text_equal(parser, "ini") ? SCHEMA_INI : SCHEMA_SET_LINES;
	r = take_text(loading, map, "header", format->header, sizeof(format->header));
	if (r == 0)
		r = load_rules(loading, map, format);
	schema->formats_count += r == 0;
	return r == 0 ? yaml_only_known(loading->yaml, map, loading->err) : r;
}

static int
load_configuration(struct loading *loading, struct yaml_node *root)
{
	struct yaml_node *map, *list;

	int r = yaml_map(loading->yaml, root, "configuration", &map, loading->err);
	if (r == 0)
		r = yaml_list(loading->yaml, map, "formats", &list, loading->err);
	if (r == 0 && (list->count == 0 || list->count > SCHEMA_FORMATS_MAX))
		r = refuse(loading, list, "one to eight formats must stand here", "");
	for (struct yaml_node *node = r == 0 ? list->first : NULL; node != NULL && r == 0;
	     node = node->next)
		r = load_format(loading, node);
	return r == 0 ? yaml_only_known(loading->yaml, map, loading->err) : r;
}

/* ---- status and notifications ---- */

static bool
kind_of(const char *name, uint8_t *ret)
{
	static const char *const kinds[] = { "running", "done", "failed",
					     "absent" }; /* enum status_kind */

	for (uint8_t i = 0; i < ARRAY_COUNT(kinds); i++) {
		if (text_equal(kinds[i], name)) {
			*ret = i;
			return true;
		}
	}
	return false;
}

static bool
reason_of(const char *name, uint8_t *ret)
{
	enum reason reason;
	bool is_known = reason_parse(name, &reason);

	*ret = is_known ? (uint8_t)reason : 0;
	return is_known;
}

static int
load_map(struct loading *loading, struct yaml_node *section, const char *key,
	 bool (*parse)(const char *, uint8_t *), struct number_map *ret_map)
{
	struct yaml_node *map;

	int r = yaml_map(loading->yaml, section, key, &map, loading->err);
	if (r < 0)
		return r;
	for (struct yaml_node *node = map->first; node != NULL; node = node->next) {
		uint64_t number;
		uint8_t value;
		if (node->kind != YAML_SCALAR || !parse(node->text, &value))
			return refuse(loading, node, "this word is not known here",
				      node->text != NULL ? node->text : "");
		if (!text_number(node->key, UINT32_MAX, &number))
			return refuse(loading, node, "the key must be a number", node->key);
		if (ret_map->count >= PROFILE_MAP_MAX)
			return refuse(loading, node, "a map has at most 32 numbers", "");
		ret_map->item[ret_map->count].number = (uint32_t)number;
		ret_map->item[ret_map->count++].value = value;
	}
	return 0;
}

static int
load_status(struct loading *loading, struct yaml_node *root)
{
	struct profile_status *status = &loading->profile->status;
	struct yaml_node *map;

	status->states.otherwise = STATUS_ABSENT;
	status->reasons.otherwise = REASON_DEVICE_FAILED;
	int r = yaml_map(loading->yaml, root, "status", &map, loading->err);
	if (r == 0)
		r = need_oid(loading, map, "ticket", &status->ticket);
	if (r == 0)
		r = need_oid(loading, map, "state", &status->state);
	if (r == 0)
		r = take_oid(loading, map, "reason", 0, &status->reason);
	if (r == 0)
		r = take_oid(loading, map, "text", 0, &status->text);
	if (r == 0)
		r = take_oid(loading, map, "progress", 0, &status->progress);
	if (r == 0)
		r = load_map(loading, map, "states", kind_of, &status->states);
	if (r == 0 && yaml_find(map, "reasons") != NULL)
		r = load_map(loading, map, "reasons", reason_of, &status->reasons);
	return r == 0 ? yaml_only_known(loading->yaml, map, loading->err) : r;
}

static int
load_notices(struct loading *loading, struct yaml_node *root)
{
	struct profile_notices *notices = &loading->profile->notices;
	struct yaml_node *map = yaml_find(root, "notifications");

	if (map == NULL)
		return 0;
	int r = take_oids(loading, map, "succeeded", notices->done, PROFILE_NOTICES_MAX,
			  &notices->done_count);
	if (r == 0)
		r = take_oids(loading, map, "failed", notices->failed, PROFILE_NOTICES_MAX,
			      &notices->failed_count);
	if (r == 0)
		r = need_oid(loading, map, "ticket", &notices->ticket);
	if (r == 0)
		r = take_oid(loading, map, "text", 0, &notices->text);
	return r == 0 ? yaml_only_known(loading->yaml, map, loading->err) : r;
}

/* ---- operations ---- */

static enum variable
variable_of(const char *text)
{
	static const char *const names[VARIABLE_COUNT] = {
		"",
		"${ticket}",
		"${server}",
		"${server.type}",
		"${server.port}",
		"${protocol}",
		"${files}",
		"${user}",
		"${password}",
		"${content}",
		"${size}",
		"${slot}",
	};

	for (int i = VARIABLE_TICKET; i < VARIABLE_COUNT; i++)
		if (text_equal(names[i], text))
			return (enum variable)i;
	return VARIABLE_NONE;
}

/* Which types of snmpset(1) may carry a variable. */
static const char *
types_of(enum variable variable)
{
	switch (variable) {
	case VARIABLE_SERVER:
		return "ax";
	case VARIABLE_FILES:
	case VARIABLE_USER:
	case VARIABLE_PASSWORD:
		return "s";
	case VARIABLE_CONTENT:
		return "x";
	case VARIABLE_NONE:
		return "iusx";
	default:
		return "iu";
	}
}

static int
read_literal(struct loading *loading, const struct yaml_node *node, const char *value,
	     struct template *template)
{
	uint64_t number = 0;
	uint64_t max = template->type == 'i' ? INT32_MAX : UINT32_MAX;

	if (template->type == 'x')
		return *value == '\0'
			       ? 0
			       : refuse(loading, node, "a literal of type x must be empty", value);
	if (template->type == 's')
		return text_copy(template->text, sizeof(template->text), value)
			       ? 0
			       : refuse(loading, node, "the text is too long", value);
	if (!text_number(value, max, &number))
		return refuse(loading, node, "a number or one of the ${variables} must stand here",
			      value);
	template->number = (int64_t)number;
	return 0;
}

/* "OID TYPE VALUE", as one would write it for snmpset(1). */
static int
read_set(struct loading *loading, const struct yaml_node *node, bool is_ftp_only,
	 struct profile_operation *operation)
{
	char text[VALUE_MAX], oid[VALUE_MAX];
	struct template template = { .is_ftp_only = is_ftp_only };

	if (operation->sets_count >= PROFILE_SETS_MAX)
		return refuse(loading, node, "an operation sets at most 24 variables", "");
	if (node->kind != YAML_SCALAR || !text_copy(text, sizeof(text), node->text))
		return refuse(loading, node, "\"OID TYPE VALUE\" must stand here", "");
	char *rest = text;
	const char *name = strsep(&rest, " "), *type = strsep(&rest, " ");
	const char *value = rest != NULL ? rest : "";
	if (type == NULL || strlen(type) != 1)
		return refuse(loading, node,
			      "\"OID TYPE VALUE\" must stand here; TYPE is i, u, a, s or x",
			      node->text);
	int r = expand(loading, node, name, 0, oid, sizeof(oid));
	if (r == 0 && oid_parse(oid, &template.name, NULL) < 0)
		r = refuse(loading, node, "this is no object identifier", oid);
	if (r < 0)
		return r;
	template.type = *type;
	template.variable = (uint8_t)variable_of(value);
	if (strchr(types_of((enum variable) template.variable), template.type) == NULL)
		return refuse(loading, node, "this type does not fit the value", node->text);
	if (template.variable == VARIABLE_NONE)
		r = read_literal(loading, node, value, &template);
	if (r == 0)
		operation->sets[operation->sets_count++] = template;
	return r;
}

static int
read_sets(struct loading *loading, struct yaml_node *map, const char *key, bool is_ftp_only,
	  struct profile_operation *operation)
{
	struct yaml_node *list;

	if (is_ftp_only && yaml_find(map, key) == NULL)
		return 0;
	int r = yaml_list(loading->yaml, map, key, &list, loading->err);
	if (r == 0 && list->count == 0)
		r = refuse(loading, list, "at least one variable must be set", "");
	for (struct yaml_node *node = r == 0 ? list->first : NULL; node != NULL && r == 0;
	     node = node->next)
		r = read_set(loading, node, is_ftp_only, operation);
	return r;
}

static int
read_protocols(struct loading *loading, struct yaml_node *map, struct profile_operation *operation)
{
	struct yaml_node *numbers = yaml_find(map, "protocol");

	for (struct yaml_node *node = numbers != NULL ? numbers->first : NULL; node != NULL;
	     node = node->next) {
		enum protocol protocol;
		uint64_t number;
		if (node->key == NULL || !protocol_parse(node->key, &protocol) ||
		    node->kind != YAML_SCALAR || !text_number(node->text, INT32_MAX, &number))
			return refuse(loading, node,
				      "a protocol and its number must stand here, such as tftp: 1",
				      "");
		operation->protocols[protocol] = (uint32_t)number;
	}
	for (unsigned i = 0; i < operation->sets_count; i++) {
		bool uses_it = operation->sets[i].variable == VARIABLE_PROTOCOL;
		for (int p = PROTOCOL_TFTP; uses_it && p < PROTOCOL_COUNT; p++)
			if ((loading->profile->protocols & (1u << p)) != 0 &&
			    operation->protocols[p] == 0)
				return refuse(loading, map,
					      "this operation needs a number for protocol",
					      protocol_name((enum protocol)p));
	}
	return 0;
}

static int
load_operation(struct loading *loading, struct yaml_node *map)
{
	static const char *const repeats[] = { "ticket", "safe", "never" }; /* enum repeat */
	enum operation kind;
	const char *repeat;
	uint8_t number = 0;

	if (!operation_parse(map->key, &kind))
		return refuse(loading, map,
			      "an operation is backup, keep, fetch, activate, reload, commit, "
			      "restore or rollback",
			      map->key);
	struct profile_operation *operation = &loading->profile->operations[kind];
	int r = yaml_text(loading->yaml, map, "repeat", &repeat, loading->err);
	if (r < 0)
		return r;
	while (number < ARRAY_COUNT(repeats) && !text_equal(repeats[number], repeat))
		number++;
	if (number == ARRAY_COUNT(repeats))
		return refuse(loading, yaml_find(map, "repeat"), "repeat is ticket, safe or never",
			      repeat);
	operation->is_there = true;
	operation->repeat = number;
	r = read_sets(loading, map, "set", false, operation);
	if (r == 0)
		r = read_sets(loading, map, "ftp", true, operation);
	if (r == 0)
		r = read_protocols(loading, map, operation);
	return r == 0 ? yaml_only_known(loading->yaml, map, loading->err) : r;
}

static int
load_operations(struct loading *loading, struct yaml_node *root)
{
	struct yaml_node *map;

	int r = yaml_map(loading->yaml, root, "operations", &map, loading->err);
	for (struct yaml_node *node = r == 0 ? map->first : NULL; node != NULL && r == 0;
	     node = node->next)
		r = load_operation(loading, node);
	return r;
}

/* ---- the whole ---- */

static int
load_words(struct loading *loading, struct yaml_node *root)
{
	struct profile *profile = loading->profile;
	struct yaml_node *match;
	int64_t number = 0;

	int r = take_text(loading, root, "profile", profile->name, sizeof(profile->name));
	if (r == 0 && !text_is_name(profile->name, sizeof(profile->name) - 1))
		r = refuse(loading, root,
			   "'profile' must be a name of letters, digits, '.', '_' and '-'", "");
	if (r == 0)
		r = take_text(loading, root, "description", profile->description,
			      sizeof(profile->description));
	if (r == 0)
		r = yaml_map(loading->yaml, root, "match", &match, loading->err);
	if (r == 0)
		r = take_oids(loading, match, "object_id", profile->object_ids, PROFILE_MATCHES_MAX,
			      &profile->object_ids_count);
	if (r == 0)
		r = yaml_only_known(loading->yaml, match, loading->err);
	if (r == 0)
		r = yaml_int_or(loading->yaml, root, "slots", 1, FACT_SLOTS_MAX, 1, &number,
				loading->err);
	profile->slots = (unsigned)number;
	if (r == 0)
		r = yaml_int_or(loading->yaml, root, "files", 1, GRANT_FILES_MAX, 1, &number,
				loading->err);
	profile->files_max = (unsigned)number;
	return r;
}

static int
load_all(struct loading *loading, struct yaml_node *root)
{
	static int (*const sections[])(struct loading *, struct yaml_node *) = {
		load_aliases, load_words,         load_protocols, load_management, load_image,
		load_facts,   load_configuration, load_status,    load_notices,    load_operations,
	};
	int r = root->kind == YAML_MAP ? 0
				       : refuse(loading, root, "a profile is a map of keys", "");

	for (size_t i = 0; i < ARRAY_COUNT(sections) && r == 0; i++)
		r = sections[i](loading, root);
	return r == 0 ? yaml_only_known(loading->yaml, root, loading->err) : r;
}

int
profile_load(const char *file, const char *text, size_t size, struct profile **ret_profile,
	     struct err *err)
{
	CLEANUP(yaml_freep) struct yaml *yaml = NULL;

	int r = yaml_read(file, text, size, &yaml, err);
	if (r < 0)
		return r;
	struct profile *profile = calloc(1, sizeof(*profile));
	struct loading *loading = calloc(1, sizeof(*loading));
	if (profile == NULL || loading == NULL) {
		r = err_set(err, AT, DD_ENOMEM, "%s: no memory for a profile", file);
	} else {
		loading->yaml = yaml;
		loading->profile = profile;
		loading->err = err;
		r = load_all(loading, yaml->root);
	}
	free(loading);
	if (r < 0) {
		profile_free(profile);
		return r;
	}
	*ret_profile = profile;
	return 0;
}
