/* migration_load.c - a migration's YAML file becomes checked rules. */
#include "base/text.h"
#include "config/rules.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct load {
	struct yaml *yaml;
	struct migration *migration;
	struct err *err;
};

static int
fail_memory(const struct load *load)
{
	return err_set(load->err, AT, DD_ENOMEM, "%s: the migration is too large",
		       load->yaml->file);
}

/* ---- texts ---- */

static int
copy_text(struct load *load, const struct yaml_node *node, const char *text, const char **ret_text)
{
	if (strlen(text) > RULE_TEXT_MAX || config_line_problem(text, strlen(text)) != NULL)
		return yaml_err(load->yaml, node, load->err, AT,
				"a text here is one line of at most %d bytes", RULE_TEXT_MAX);
	*ret_text = arena_text(&load->migration->arena, text, strlen(text));
	return *ret_text == NULL ? fail_memory(load) : 0;
}

static int
load_text(struct load *load, struct yaml_node *map, const char *key, const char **ret_text)
{
	const char *text = NULL;

	int r = yaml_text(load->yaml, map, key, &text, load->err);
	return r < 0 ? r : copy_text(load, yaml_find(map, key), text, ret_text);
}

static int
load_reason(struct load *load, struct yaml_node *map, const char *key, const char **ret_reason)
{
	const char *reason = NULL;

	int r = load_text(load, map, key, &reason);
	if (r < 0)
		return r;
	assert(reason != NULL);
	if (reason[0] == '\0')
		return yaml_err(load->yaml, yaml_find(map, key), load->err, AT, "'%s' must say why",
				key);
	*ret_reason = reason;
	return 0;
}

static int
load_name(struct load *load, struct yaml_node *map, const char *key, const char **ret_name)
{
	int r = load_text(load, map, key, ret_name);

	if (r == 0 && !text_is_name(*ret_name, RULE_TEXT_MAX))
		return yaml_err(load->yaml, yaml_find(map, key), load->err, AT,
				"'%s' must be a name: letters, digits, '.', '_' and '-'", key);
	return r;
}

static int
load_place(struct load *load, const struct yaml_node *node, struct place *ret_place)
{
	if (node->kind != YAML_SCALAR)
		return yaml_err(load->yaml, node, load->err, AT, "a path is expected here");
	const char *why = place_parse(&load->migration->arena, node->text, ret_place);
	return why != NULL ? yaml_err(load->yaml, node, load->err, AT, "'%s': %s", node->text, why)
			   : 0;
}

/* ---- keys ---- */

static int
find_key(const struct migration *migration, const char *name)
{
	for (unsigned i = 0; i < migration->keys_count; i++)
		if (text_equal(migration->keys[i].name, name))
			return (int)i;
	return -1;
}

/* No two rules may take the same values. */
static int
check_from(const struct load *load, const struct yaml_node *node, const struct place *from)
{
	const struct migration *migration = load->migration;
	unsigned line = 0;

	for (unsigned i = 0; i < migration->keys_count; i++)
		if (place_equal(&migration->keys[i].from, from))
			line = migration->keys[i].line;
	for (unsigned i = 0; i < migration->rules_count; i++)
		if (migration->rules[i].kind != RULE_DEFAULT &&
		    place_equal(&migration->rules[i].from, from))
			line = migration->rules[i].line;
	if (line > 0)
		return yaml_err(load->yaml, node, load->err, AT,
				"the values of '%s' are taken in line %u already", from->text,
				line);
	return 0;
}

static int
load_key(struct load *load, const struct yaml_node *node)
{
	struct migration *migration = load->migration;
	struct key key = { .line = node->line };

	if (migration->keys_count == KEYS_MAX)
		return yaml_err(load->yaml, node, load->err, AT, "at most %d keys", KEYS_MAX);
	if (!text_is_name(node->key, RULE_TEXT_MAX) || text_equal(node->key, "n"))
		return yaml_err(load->yaml, node, load->err, AT,
				"'%s' is no name for a key: letters, digits, '.', '_', '-', and "
				"not n",
				node->key);
	int r = copy_text(load, node, node->key, &key.name);
	if (r == 0)
		r = load_place(load, node, &key.from);
	if (r == 0)
		r = check_from(load, node, &key.from);
	if (r < 0)
		return r;
	migration->keys[migration->keys_count++] = key;
	return 0;
}

static int
load_keys(struct load *load, struct yaml_node *root)
{
	struct yaml_node *map = NULL;

	if (yaml_find(root, "keys") == NULL)
		return 0;
	int r = yaml_map(load->yaml, root, "keys", &map, load->err);
	for (const struct yaml_node *node = r == 0 ? map->first : NULL; r == 0 && node != NULL;
	     node = node->next)
		r = load_key(load, node);
	return r;
}

/* ---- how a value changes ---- */

static int
load_around(struct load *load, struct yaml_node *node, struct rule *rule)
{
	static const char word[] = "{value}";
	const char *text = NULL;

	int r = load_text(load, node, "value", &text);
	if (r < 0)
		return r;
	assert(text != NULL);
	const char *place = strstr(text, word);
	if (place == NULL || strstr(place + 1, word) != NULL)
		return yaml_err(load->yaml, yaml_find(node, "value"), load->err, AT,
				"'value' must have {value} in it, once");
	rule->value = VALUE_AROUND;
	rule->before = arena_text(&load->migration->arena, text, (size_t)(place - text));
	rule->after = place + strlen(word);
	return rule->before == NULL ? fail_memory(load) : 0;
}

static int
load_word(struct load *load, const struct yaml_node *node, struct rule *rule)
{
	struct word_pair *pair = &rule->words[rule->words_count];

	if (node->kind != YAML_SCALAR || (node->text[0] == '\0' && !node->is_quoted))
		return yaml_err(load->yaml, node, load->err, AT,
				"'%s' must be mapped to a text; write \"\" for an empty one",
				node->key);
	int r = copy_text(load, node, node->key, &pair->from);
	if (r == 0)
		r = copy_text(load, node, node->text, &pair->to);
	for (unsigned i = 0; r == 0 && i < rule->words_count; i++)
		if (rule->reason == NULL && text_equal(rule->words[i].to, pair->to))
			return yaml_err(load->yaml, node, load->err, AT,
					"'%s' and '%s' would both become '%s', which can't be "
					"undone; say 'lossy: REASON' where that is wanted",
					rule->words[i].from, pair->from, pair->to);
	rule->words_count++;
	return r;
}

static int
load_map(struct load *load, struct yaml_node *node, struct rule *rule)
{
	struct yaml_node *map = NULL;

	int r = yaml_map(load->yaml, node, "map", &map, load->err);
	if (r < 0)
		return r;
	if (map->count == 0 || map->count > MAP_MAX)
		return yaml_err(load->yaml, map, load->err, AT, "'map' has 1 to %d words", MAP_MAX);
	if (yaml_find(node, "lossy") != NULL)
		r = load_reason(load, node, "lossy", &rule->reason);
	rule->value = VALUE_MAP;
	rule->words = arena_take(&load->migration->arena, map->count * sizeof(rule->words[0]));
	if (rule->words == NULL)
		return fail_memory(load);
	for (const struct yaml_node *word = map->first; r == 0 && word != NULL; word = word->next)
		r = load_word(load, word, rule);
	return r;
}

static int
load_scale(struct load *load, struct yaml_node *node, struct rule *rule)
{
	const char *text = NULL;
	uint64_t number = 0;
	int64_t decimals = 0;

	int r = yaml_text(load->yaml, node, "scale", &text, load->err);
	if (r == 0)
		r = yaml_int_or(load->yaml, node, "decimals", 0, DECIMALS_MAX, 0, &decimals,
				load->err);
	if (r < 0)
		return r;
	const bool is_part = text_starts(text, "1/");
	if (!text_number(text + (is_part ? 2 : 0), SCALE_MAX, &number) || number == 0)
		return yaml_err(load->yaml, yaml_find(node, "scale"), load->err, AT,
				"'scale' must be N or 1/N, N from 1 to %d", SCALE_MAX);
	rule->value = VALUE_SCALE;
	rule->factor = is_part ? 1 : (int64_t)number;
	rule->divisor = is_part ? (int64_t)number : 1;
	rule->decimals = (unsigned)decimals;
	return 0;
}

static int
load_split(struct load *load, struct yaml_node *node, struct rule *rule)
{
	int r = load_text(load, node, "split", &rule->separator);

	if (r < 0)
		return r;
	if (rule->separator[strspn(rule->separator, " \t")] == '\0')
		return yaml_err(load->yaml, yaml_find(node, "split"), load->err, AT,
				"'split' must be what stands between the parts, such as \",\"");
	rule->value = VALUE_SPLIT;
	return 0;
}

static int
load_change(struct load *load, struct yaml_node *node, struct rule *rule)
{
	static const struct {
		const char *key;
		int (*load)(struct load *, struct yaml_node *, struct rule *);
	} changes[] = { { "value", load_around },
			{ "map", load_map },
			{ "scale", load_scale },
			{ "split", load_split } };
	int r = 0;

	for (size_t i = 0; r == 0 && i < ARRAY_COUNT(changes); i++) {
		const struct yaml_node *change = yaml_find(node, changes[i].key);
		if (change == NULL)
			continue;
		if (rule->value != VALUE_SAME)
			return yaml_err(load->yaml, change, load->err, AT,
					"a rule has one of value, map, scale and split");
		r = changes[i].load(load, node, rule);
	}
	return r;
}

/* ---- where a value goes ---- */

/* Is the name among those of the place, or of a key that the place has? Without, two values would
 * become one. */
static bool
is_carried(const struct migration *migration, const struct place *to, const char *name)
{
	if (place_index(to, name) >= 0)
		return true;
	for (unsigned i = 0; i < to->names_count; i++) {
		const int key = find_key(migration, to->name[i]);
		if (key >= 0 && place_index(&migration->keys[key].from, name) >= 0)
			return true;
	}
	return false;
}

static int
resolve_name(struct load *load, const struct yaml_node *node, const struct rule *rule,
	     struct target *target, unsigned i)
{
	const struct migration *migration = load->migration;
	const char *name = target->place.name[i];
	const int index = place_index(&rule->from, name), key = find_key(migration, name);

	if (index >= 0) {
		target->source[i].kind = SOURCE_NAME;
		target->source[i].index = (unsigned)index;
		return 0;
	}
	if (text_equal(name, "n") && rule->value == VALUE_SPLIT) {
		target->source[i].kind = SOURCE_COUNTER;
		return 0;
	}
	if (key < 0)
		return yaml_err(load->yaml, node, load->err, AT,
				"{%s} is neither in '%s' nor one of 'keys'", name, rule->from.text);
	const struct place *from = &migration->keys[key].from;
	for (unsigned k = 0; k < from->names_count; k++)
		if (place_index(&rule->from, from->name[k]) < 0)
			return yaml_err(load->yaml, node, load->err, AT,
					"{%s} is found by {%s}, which '%s' does not have", name,
					from->name[k], rule->from.text);
	target->source[i].kind = SOURCE_KEY;
	target->source[i].index = (unsigned)key;
	return 0;
}

static int
load_target(struct load *load, const struct yaml_node *node, struct rule *rule)
{
	const struct migration *migration = load->migration;
	struct target *target = &rule->targets[rule->targets_count];

	int r = load_place(load, node, &target->place);
	for (unsigned i = 0; r == 0 && i < target->place.names_count; i++)
		r = resolve_name(load, node, rule, target, i);
	if (r < 0)
		return r;
	for (unsigned i = 0; i < rule->from.names_count; i++)
		if (!is_carried(migration, &target->place, rule->from.name[i]))
			return yaml_err(load->yaml, node, load->err, AT,
					"{%s} of '%s' is lost here, so that values would become "
					"one",
					rule->from.name[i], rule->from.text);
	for (unsigned i = 0; i < migration->rules_count; i++)
		for (unsigned k = 0; k < migration->rules[i].targets_count; k++)
			if (place_equal(&migration->rules[i].targets[k].place, &target->place))
				return yaml_err(load->yaml, node, load->err, AT,
						"'%s' is written in line %u already",
						target->place.text, migration->rules[i].line);
	rule->targets_count++;
	return 0;
}

static int
load_targets(struct load *load, struct yaml_node *node, struct rule *rule)
{
	struct yaml_node *to = yaml_find(node, "to");

	rule->targets = arena_take(&load->migration->arena, TARGETS_MAX * sizeof(rule->targets[0]));
	if (rule->targets == NULL)
		return fail_memory(load);
	if (to == NULL)
		return yaml_err(load->yaml, node, load->err, AT, "'to' is missing");
	if (to->kind != YAML_LIST) {
		int r = load_target(load, to, rule);
		if (r < 0 || rule->value != VALUE_SPLIT)
			return r;
		return place_index(&rule->targets[0].place, "n") >= 0
			       ? 0
			       : yaml_err(load->yaml, to, load->err, AT,
					  "'split' needs {n} in 'to', or a list of paths");
	}
	if (rule->value != VALUE_SPLIT || to->count < 2 || to->count > TARGETS_MAX)
		return yaml_err(load->yaml, to, load->err, AT,
				"a list of 2 to %d paths is for a rule with 'split'", TARGETS_MAX);
	int r = 0;
	for (const struct yaml_node *place = to->first; r == 0 && place != NULL;
	     place = place->next) {
		r = load_target(load, place, rule);
		for (unsigned i = 0; r == 0 && i < rule->targets_count; i++)
			if (place_index(&rule->targets[i].place, "n") >= 0 ||
			    (i + 1 < rule->targets_count &&
			     place_equal(&rule->targets[i].place,
					 &rule->targets[rule->targets_count - 1].place)))
				return yaml_err(load->yaml, place, load->err, AT,
						"the paths of a list must differ, without {n}");
	}
	return r;
}

/* ---- rules ---- */

static int
check_names(const struct load *load, const struct yaml_node *node, const struct place *from)
{
	for (unsigned i = 0; i < from->names_count; i++)
		if (find_key(load->migration, from->name[i]) >= 0 || text_equal(from->name[i], "n"))
			return yaml_err(load->yaml, node, load->err, AT,
					"{%s} is taken: use another name", from->name[i]);
	return 0;
}

static int
load_move(struct load *load, struct yaml_node *node, struct rule *rule)
{
	int r = load_change(load, node, rule);

	return r < 0 ? r : load_targets(load, node, rule);
}

static int
load_drop(struct load *load, struct yaml_node *node, struct rule *rule)
{
	return load_reason(load, node, "reason", &rule->reason);
}

static int
load_default(struct load *load, struct yaml_node *node, struct rule *rule)
{
	if (rule->from.names_count > 0)
		return yaml_err(load->yaml, yaml_find(node, "default"), load->err, AT,
				"'default' is one path, without {names}");
	int r = load_text(load, node, "value", &rule->before);
	return r < 0 ? r : load_reason(load, node, "reason", &rule->reason);
}

static int
load_rule(struct load *load, struct yaml_node *node)
{
	static const struct {
		const char *key;
		enum rule_kind kind;
		int (*load)(struct load *, struct yaml_node *, struct rule *);
	} kinds[] = { { "move", RULE_MOVE, load_move },
		      { "drop", RULE_DROP, load_drop },
		      { "default", RULE_DEFAULT, load_default } };
	struct migration *migration = load->migration;
	struct rule *rule = &migration->rules[migration->rules_count];

	if (migration->rules_count == RULES_MAX)
		return yaml_err(load->yaml, node, load->err, AT, "at most %d rules", RULES_MAX);
	for (size_t i = 0; i < ARRAY_COUNT(kinds); i++) {
		const struct yaml_node *from = yaml_find(node, kinds[i].key);
		if (from == NULL)
			continue;
		rule->kind = kinds[i].kind;
		rule->line = node->line;
		int r = load_place(load, from, &rule->from);
		if (r == 0)
			r = check_names(load, from, &rule->from);
		if (r == 0 && rule->kind != RULE_DEFAULT)
			r = check_from(load, from, &rule->from);
		if (r == 0)
			r = kinds[i].load(load, node, rule);
		if (r == 0)
			r = yaml_only_known(load->yaml, node, load->err);
		migration->rules_count++;
		return r;
	}
	return yaml_err(load->yaml, node, load->err, AT,
			"a rule begins with move, drop or default");
}

static int
load_root(struct load *load, struct yaml_node *root)
{
	struct migration *migration = load->migration;
	struct yaml_node *rules = NULL;
	int64_t from = 0, to = 0;

	int r = load_name(load, root, "migration", &migration->name);
	if (r == 0)
		r = load_name(load, root, "profile", &migration->profile);
	if (r == 0)
		r = yaml_int(load->yaml, root, "from", 1, UINT32_MAX, &from, load->err);
	if (r == 0)
		r = yaml_int(load->yaml, root, "to", 1, UINT32_MAX, &to, load->err);
	if (r == 0 && from == to)
		return yaml_err(load->yaml, yaml_find(root, "to"), load->err, AT,
				"'from' and 'to' must differ");
	if (r == 0)
		r = load_keys(load, root);
	if (r == 0)
		r = yaml_list(load->yaml, root, "rules", &rules, load->err);
	for (struct yaml_node *node = r == 0 ? rules->first : NULL; r == 0 && node != NULL;
	     node = node->next)
		r = load_rule(load, node);
	migration->from = (uint32_t)from;
	migration->to = (uint32_t)to;
	return r < 0 ? r : yaml_only_known(load->yaml, root, load->err);
}

static void
migration_freep(struct migration **migration)
{
	migration_free(*migration);
}

int
migration_load(const char *file, const char *text, size_t size, struct migration **ret_migration,
	       struct err *err)
{
	CLEANUP(yaml_freep) struct yaml *yaml = NULL;
	CLEANUP(migration_freep) struct migration *migration = NULL;

	int r = yaml_read(file, text, size, &yaml, err);
	if (r < 0)
		return r;
	migration = calloc(1, sizeof(*migration));
	if (migration == NULL)
		return err_set(err, AT, DD_ENOMEM, "%s: no memory for the migration", file);
	arena_init(&migration->arena, RULE_MEMORY_MAX);
	migration->rules = arena_take(&migration->arena, RULES_MAX * sizeof(struct rule));

	struct load load = { .yaml = yaml, .migration = migration, .err = err };
	if (migration->rules == NULL)
		return fail_memory(&load);
	r = load_root(&load, yaml->root);
	if (r < 0)
		return r;
	*ret_migration = TAKE(migration);
	return 0;
}

void
migration_free(struct migration *migration)
{
	if (migration == NULL)
		return;
	arena_done(&migration->arena);
	free(migration);
}

const char *
migration_name(const struct migration *migration)
{
	return migration->name;
}

const char *
migration_profile(const struct migration *migration)
{
	return migration->profile;
}

uint32_t
migration_from(const struct migration *migration)
{
	return migration->from;
}

uint32_t
migration_to(const struct migration *migration)
{
	return migration->to;
}
