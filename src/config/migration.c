/* migration.c - rules applied to a configuration.
 *
 * Each value of the source finds its one rule (take_items), the rules make the target
 * (make_items), and then nothing is believed: no two values may have met in one path, no secret may
 * have become readable, the target must turn back into the source, and its text must parse to the
 * same values. Problems are collected, so that a person sees several at once. */
#include "base/text.h"
#include "config/diff.h"
#include "config/rules.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- problems and notes ---- */

void
problems_add(struct problems *problems, const char *format, ...)
{
	char text[ERR_TEXT_MAX];
	const size_t used = strlen(problems->text);
	va_list args;

	problems->count++;
	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args); /* paths alone fit */
	va_end(args);
	if (used + strlen(text) + sizeof("; ") > sizeof(problems->text))
		return;
	(void)text_print(problems->text + used, sizeof(problems->text) - used, "%s%s",
			 used > 0 ? "; " : "", text);
	problems->told++;
}

static int
problems_tell(const struct applying *applying)
{
	const struct problems *problems = &applying->problems;
	const char *plural = problems->count == 1 ? "" : "s";

	if (problems->count == 0)
		return 0;
	if (problems->told == problems->count)
		return err_set(applying->err, AT, DD_EINTEGRITY, "%s: %zu problem%s: %s",
			       applying->migration->name, problems->count, plural, problems->text);
	return err_set(applying->err, AT, DD_EINTEGRITY, "%s: %zu problem%s: %s; and %zu more",
		       applying->migration->name, problems->count, plural, problems->text,
		       problems->count - problems->told);
}

static void
note(const struct applying *applying, const char *what, const char *path, const char *reason)
{
	if (applying->notes != NULL)
		(void)buf_printf(applying->notes, "%s %s: %s\n", what, path, reason);
}

/* ---- which rule takes which value ---- */

static bool
takes(const struct applying *applying, const struct place *from, const char *path)
{
	struct captures captures;

	return place_match(from, path, config_separator((enum schema_parser)applying->from->parser),
			   &captures);
}

static void
take_key(struct applying *applying, unsigned key, size_t item)
{
	const char *value = applying->source->items[item].value;
	const char separator = config_separator((enum schema_parser)applying->to->parser);

	applying->keys[applying->keys_count++] = (struct key_value){ key, item };
	if (value[0] == '\0' || strchr(value, separator) != NULL)
		problems_add(&applying->problems,
			     "%s is to be a part of a path, which its value can't be",
			     applying->source->items[item].path);
}

/* The one rule or key for this value. */
static void
take_item(struct applying *applying, size_t item)
{
	const struct migration *migration = applying->migration;
	const char *path = applying->source->items[item].path;
	unsigned lines[2] = { 0, 0 }, count = 0;

	for (unsigned i = 0; i < migration->keys_count; i++) {
		if (!takes(applying, &migration->keys[i].from, path))
			continue;
		if (count++ == 0)
			take_key(applying, i, item);
		lines[count > 1] = migration->keys[i].line;
	}
	for (unsigned i = 0; i < migration->rules_count; i++) {
		const struct rule *rule = &migration->rules[i];
		if (rule->kind == RULE_DEFAULT || !takes(applying, &rule->from, path))
			continue;
		if (count++ == 0)
			applying->taken[item] = rule;
		lines[count > 1] = rule->line;
	}
	if (count == 0)
		problems_add(&applying->problems, "no rule takes %s", path);
	else if (count > 1)
		problems_add(&applying->problems, "%s is taken in line %u and in line %u", path,
			     lines[0], lines[1]);
}

/* ---- keys ---- */

static int
compare_keys(const struct applying *applying, const struct key_value *a, const struct key_value *b)
{
	if (a->key != b->key)
		return a->key < b->key ? -1 : 1;
	return strcmp(applying->source->items[a->item].value,
		      applying->source->items[b->item].value);
}

static int
order_keys(const void *a, const void *b, void *applying)
{
	return compare_keys(applying, a, b);
}

static void
sort_keys(struct applying *applying)
{
	const struct config_item *items = applying->source->items;

	if (applying->keys_count > 0)
		qsort_r(applying->keys, applying->keys_count, sizeof(applying->keys[0]), order_keys,
			applying);
	for (size_t i = 1; i < applying->keys_count; i++) {
		const struct key_value *one = &applying->keys[i - 1], *other = &applying->keys[i];
		if (compare_keys(applying, one, other) == 0)
			problems_add(&applying->problems,
				     "%s and %s have the same value, which is to be a key",
				     items[one->item].path, items[other->item].path);
	}
}

const struct key_value *
applying_key(const struct applying *applying, unsigned key, struct slice value)
{
	size_t low = 0, high = applying->keys_count;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;
		const struct key_value *found = &applying->keys[middle];
		const char *text = applying->source->items[found->item].value;
		int order = found->key < key ? -1 : found->key > key;
		if (order == 0)
			order = strncmp(text, (const char *)value.data, value.size);
		if (order == 0 && text[value.size] == '\0')
			return found;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

/* ---- making the target ---- */

/* The value of the key that these captures lead to. */
static const char *
key_value(struct applying *applying, const struct rule *rule, const struct captures *captures,
	  unsigned index, const char *path)
{
	const struct key *key = &applying->migration->keys[index];
	struct slice parts[NAMES_MAX] = { 0 };
	char key_path[CONFIG_PATH_MAX];

	for (unsigned i = 0; i < key->from.names_count; i++)
		parts[i] = captures->value[place_index(&rule->from, key->from.name[i])];
	const struct config_item *item = place_fill(&key->from, parts, key_path)
						 ? config_find(applying->source, key_path)
						 : NULL;
	if (item == NULL) {
		problems_add(&applying->problems, "%s needs %s for its new path, which is missing",
			     path, key_path);
		return NULL;
	}
	applying->is_needed[item - applying->source->items] = true;
	return item->value;
}

static bool
target_path(struct applying *applying, const struct rule *rule, const struct target *target,
	    size_t item, size_t number, char path[static CONFIG_PATH_MAX])
{
	const char *source = applying->source->items[item].path;
	struct slice parts[NAMES_MAX] = { 0 };
	struct captures captures;
	char counter[24];

	const bool is_match = place_match(
		&rule->from, source, config_separator((enum schema_parser)applying->from->parser),
		&captures);
	assert(is_match);                                          /* take_item() saw it */
	(void)text_print(counter, sizeof(counter), "%zu", number); /* it fits */
	for (unsigned i = 0; i < target->place.names_count; i++) {
		const char *text = counter;
		if (target->source[i].kind == SOURCE_NAME) {
			parts[i] = captures.value[target->source[i].index];
			continue;
		}
		if (target->source[i].kind == SOURCE_KEY)
			text = key_value(applying, rule, &captures, target->source[i].index,
					 source);
		if (text == NULL)
			return false;
		parts[i] = (struct slice){ (const uint8_t *)text, strlen(text) };
	}
	if (place_fill(&target->place, parts, path) &&
	    config_path_fits((enum schema_parser)applying->to->parser, path))
		return true;
	problems_add(&applying->problems, "%s has no valid path in the new format", source);
	return false;
}

/* Add one value; its line is the source's item + 1 until everything is checked. */
static int
make_one(struct applying *applying, const struct rule *rule, const struct target *target,
	 size_t item, size_t number, const char *value)
{
	const struct config_item *source = &applying->source->items[item];
	char path[CONFIG_PATH_MAX];

	if (!target_path(applying, rule, target, item, number, path))
		return 0;
	if (!config_value_fits((enum schema_parser)applying->to->parser, value)) {
		problems_add(&applying->problems, "the new format can't carry the value of %s",
			     source->path);
		return 0;
	}
	if (source->is_secret && !schema_judge(applying->to, path).is_secret) {
		problems_add(&applying->problems, "%s is secret and would be readable at %s",
			     source->path, path);
		return 0;
	}
	return config_add(applying->target, path, value, (unsigned)item + 1, applying->err);
}

static int
make_split(struct applying *applying, const struct rule *rule, size_t item)
{
	const struct config_item *source = &applying->source->items[item];
	const size_t count = value_parts(source->value, rule->separator);
	const bool is_list = rule->targets_count > 1;
	int r = 0;

	if (is_list && count != rule->targets_count) {
		problems_add(&applying->problems, "%s has %zu parts instead of %u", source->path,
			     count, rule->targets_count);
		return 0;
	}
	for (size_t i = 0; r == 0 && i < count; i++) {
		struct slice part = { 0 };
		char value[VALUE_TEXT_MAX] = "";
		const bool is_there = value_part(source->value, rule->separator, i, &part);
		assert(is_there && part.size < sizeof(value)); /* counted, and a part of a value */
		if (part.size == 0) {
			problems_add(&applying->problems, "%s has an empty part", source->path);
			return 0;
		}
		memcpy(value, part.data, part.size);
		r = make_one(applying, rule, &rule->targets[is_list ? i : 0], item, i + 1, value);
	}
	return r;
}

static int
make_item(struct applying *applying, size_t item)
{
	const struct rule *rule = applying->taken[item];
	const struct config_item *source = &applying->source->items[item];
	char value[VALUE_TEXT_MAX];

	if (rule == NULL) { /* a key: it goes on in the paths of others */
		applying->account.carried++;
		return 0;
	}
	if (rule->kind == RULE_DROP) {
		applying->account.dropped++;
		note(applying, "dropped", source->path, rule->reason);
		return 0;
	}
	if (rule->value == VALUE_SPLIT) {
		applying->account.changed++;
		return make_split(applying, rule, item);
	}
	const char *why = value_convert(rule, source->value, value);
	if (why != NULL) {
		problems_add(&applying->problems, "%s: %s", source->path, why);
		return 0;
	}
	if (text_equal(value, source->value))
		applying->account.carried++;
	else
		applying->account.changed++;
	if (rule->reason != NULL)
		note(applying, "changed for good", source->path, rule->reason);
	return make_one(applying, rule, &rule->targets[0], item, 0, value);
}

static void
check_keys_needed(struct applying *applying)
{
	for (size_t i = 0; i < applying->keys_count; i++)
		if (!applying->is_needed[applying->keys[i].item])
			problems_add(&applying->problems,
				     "%s would be lost: no other value has it in its new path",
				     applying->source->items[applying->keys[i].item].path);
}

/* ---- checking the target ---- */

static void
check_meetings(struct applying *applying)
{
	const struct config *target = applying->target;
	const struct config_item *source = applying->source->items;

	for (size_t i = 1; i < target->count; i++) {
		const struct config_item *one = &target->items[i - 1], *other = &target->items[i];
		if (text_equal(one->path, other->path))
			problems_add(&applying->problems, "%s and %s would both become %s",
				     source[one->line - 1].path, source[other->line - 1].path,
				     one->path);
	}
}

static int
add_defaults(struct applying *applying)
{
	const struct migration *migration = applying->migration;
	const size_t count = applying->target->count;
	int r = 0;

	for (unsigned i = 0; r == 0 && i < migration->rules_count; i++) {
		const struct rule *rule = &migration->rules[i];
		bool is_there = false;
		if (rule->kind != RULE_DEFAULT)
			continue;
		for (size_t k = 0; k < count; k++)
			is_there |= text_equal(applying->target->items[k].path, rule->from.text);
		if (is_there)
			continue;
		applying->account.added++;
		note(applying, "added", rule->from.text, rule->reason);
		r = config_add(applying->target, rule->from.text, rule->before, 0, applying->err);
	}
	return r;
}

/* What the device gets is text: it must say what the target says. */
static int
check_text(const struct applying *applying, const struct schema *schema)
{
	CLEANUP(config_freep) struct config *read = NULL;
	struct buf text;

	buf_init(&text, CONFIG_BYTES_MAX);
	int r = config_print(schema, applying->target, &text, applying->err);
	if (r == 0)
		r = config_parse(schema, applying->to->number, text.data, text.size, &read,
				 applying->err);
	buf_done(&text);
	if (r < 0)
		return err_set(applying->err, AT, DD_EINTEGRITY,
			       "%s: the new text is not valid: %s", applying->migration->name,
			       applying->err->text);
	assert(read != NULL);
	if (read->count != applying->target->count ||
	    config_diff(applying->target, read, NULL, NULL, NULL) > 0)
		return err_set(applying->err, AT, DD_EINTEGRITY,
			       "%s: the new text does not say what was converted",
			       applying->migration->name);
	return 0;
}

/* ---- the whole ---- */

static int
make_target(struct applying *applying, const struct schema *schema)
{
	const struct config *source = applying->source;
	int r = config_new(applying->to, &applying->target, applying->err);

	for (size_t i = 0; r == 0 && i < source->count; i++)
		take_item(applying, i);
	sort_keys(applying);
	if (r == 0)
		r = problems_tell(applying);
	for (size_t i = 0; r == 0 && i < source->count; i++)
		r = make_item(applying, i);
	if (r < 0)
		return r;
	check_keys_needed(applying);
	config_sort(applying->target);
	check_meetings(applying);
	r = problems_tell(applying);
	if (r == 0)
		r = add_defaults(applying);
	if (r == 0)
		r = config_finish(applying->target, applying->err);
	if (r == 0)
		r = turn_back(applying);
	if (r == 0)
		r = problems_tell(applying);
	if (r == 0)
		r = check_text(applying, schema);
	return r;
}

static int
check_fit(const struct migration *migration, const struct schema *schema,
	  const struct config *source, struct err *err)
{
	const struct schema_format *from = schema_format(schema, migration->from);
	const struct schema_format *to = schema_format(schema, migration->to);
	const struct place *bad = NULL;

	if (source->format != migration->from)
		return err_set(err, AT, DD_EINVAL, "%s is for format %u; this is format %u",
			       migration->name, (unsigned)migration->from,
			       (unsigned)source->format);
	if (from == NULL || to == NULL)
		return err_set(err, AT, DD_EINVAL, "%s: the profile lacks format %u",
			       migration->name,
			       (unsigned)(from == NULL ? migration->from : migration->to));
	const char separator_from = config_separator((enum schema_parser)from->parser);
	const char separator_to = config_separator((enum schema_parser)to->parser);
	for (unsigned i = 0; i < migration->keys_count; i++)
		if (!place_fits(&migration->keys[i].from, separator_from))
			bad = &migration->keys[i].from;
	for (unsigned i = 0; i < migration->rules_count; i++) {
		const struct rule *rule = &migration->rules[i];
		if (!place_fits(&rule->from, separator_from))
			bad = &rule->from;
		for (unsigned k = 0; k < rule->targets_count; k++)
			if (!place_fits(&rule->targets[k].place, separator_to))
				bad = &rule->targets[k].place;
	}
	return bad == NULL ? 0
			   : err_set(err, AT, DD_EINVAL,
				     "%s: '%s' has two names in one part of the path",
				     migration->name, bad->text);
}

int
migration_apply(const struct migration *migration, const struct schema *schema,
		const struct config *source, struct config **ret_target,
		struct migration_account *ret_account, struct buf *notes, struct err *err)
{
	struct err own = { 0 };
	struct applying applying = { .migration = migration,
				     .from = schema_format(schema, migration->from),
				     .to = schema_format(schema, migration->to),
				     .source = source,
				     .notes = notes,
				     .err = err != NULL ? err : &own };

	int r = check_fit(migration, schema, source, applying.err);
	if (r < 0)
		return r;
	applying.taken = calloc(source->count + 1, sizeof(const struct rule *));
	applying.is_needed = calloc(source->count + 1, sizeof(applying.is_needed[0]));
	applying.keys = calloc(source->count + 1, sizeof(applying.keys[0]));
	if (applying.taken == NULL || applying.is_needed == NULL || applying.keys == NULL)
		r = err_set(err, AT, DD_ENOMEM, "no memory for a conversion");
	else
		r = make_target(&applying, schema);
	free(applying.taken);
	free(applying.is_needed);
	free(applying.keys);
	if (r < 0) {
		config_free(applying.target);
		return r;
	}
	const struct migration_account *account = &applying.account;
	assert(applying.target != NULL);
	assert(account->carried + account->changed + account->dropped == source->count);
	for (size_t i = 0; i < applying.target->count; i++)
		applying.target->items[i].line = 0;
	*ret_target = applying.target;
	if (ret_account != NULL)
		*ret_account = *account;
	return 0;
}
