/* turn_back.c - the proof that nothing was lost: the target, read from its own side, must lead back
 * to every value of the source.
 *
 * It uses the rules and the two configurations, and nothing that making the target left behind but
 * which rule took which value. */
#include "base/text.h"
#include "config/rules.h"

#include <stdlib.h>
#include <string.h>

struct turning {
	struct applying *applying;
	size_t *returned; /* by item of the source: how many of its parts came back */
};

/* The names of `from` as the target's path gives them: directly, or by a key. */
static bool
names_back(const struct turning *turning, const struct rule *rule, const struct target *target,
	   const struct captures *found, struct slice parts[static NAMES_MAX], size_t *ret_number)
{
	const struct applying *applying = turning->applying;
	const char separator = config_separator((enum schema_parser)applying->from->parser);

	for (unsigned i = 0; i < target->place.names_count; i++) {
		const struct slice value = found->value[i];
		struct captures of_key;
		char number[24];
		uint64_t counter = 0;
		switch (target->source[i].kind) {
		case SOURCE_NAME:
			parts[target->source[i].index] = value;
			break;
		case SOURCE_COUNTER:
			if (!text_print(number, sizeof(number), "%.*s", (int)value.size,
					(const char *)value.data) ||
			    !text_number(number, CONFIG_VALUE_MAX, &counter) || counter == 0)
				return false;
			*ret_number = (size_t)counter;
			break;
		case SOURCE_KEY: {
			const unsigned index = target->source[i].index;
			const struct place *from = &applying->migration->keys[index].from;
			const struct key_value *key = applying_key(applying, index, value);
			if (key == NULL ||
			    !place_match(from, applying->source->items[key->item].path, separator,
					 &of_key))
				return false;
			for (unsigned k = 0; k < from->names_count; k++)
				parts[place_index(&rule->from, from->name[k])] = of_key.value[k];
			break;
		}
		}
	}
	return true;
}

static bool
value_back(const struct rule *rule, unsigned target, size_t number, const char *source,
	   const char *value)
{
	struct slice part;

	if (rule->value != VALUE_SPLIT)
		return value_returns(rule, source, value);
	if (rule->targets_count > 1)
		number = target + 1;
	return value_part(source, rule->separator, number - 1, &part) &&
	       part.size == strlen(value) && memcmp(part.data, value, part.size) == 0;
}

/* Does this value of the target lead back to a value of the source by this rule? */
static bool
leads_back(struct turning *turning, const struct rule *rule, unsigned index,
	   const struct config_item *item)
{
	const struct applying *applying = turning->applying;
	const struct target *target = &rule->targets[index];
	struct slice parts[NAMES_MAX] = { 0 };
	struct captures found;
	char path[CONFIG_PATH_MAX];
	size_t number = 1;

	if (!place_match(&target->place, item->path,
			 config_separator((enum schema_parser)applying->to->parser), &found) ||
	    !names_back(turning, rule, target, &found, parts, &number) ||
	    !place_fill(&rule->from, parts, path))
		return false;
	const struct config_item *source = config_find(applying->source, path);
	if (source == NULL)
		return false;
	const size_t at = (size_t)(source - applying->source->items);
	if (applying->taken[at] != rule ||
	    !value_back(rule, index, number, source->value, item->value))
		return false;
	turning->returned[at]++;
	return true;
}

static bool
is_default(const struct migration *migration, const struct config_item *item)
{
	for (unsigned i = 0; i < migration->rules_count; i++) {
		const struct rule *rule = &migration->rules[i];
		if (rule->kind == RULE_DEFAULT && text_equal(rule->from.text, item->path) &&
		    text_equal(rule->before, item->value))
			return true;
	}
	return false;
}

static void
return_item(struct turning *turning, const struct config_item *item)
{
	const struct migration *migration = turning->applying->migration;

	for (unsigned i = 0; i < migration->rules_count; i++)
		for (unsigned k = 0; k < migration->rules[i].targets_count; k++)
			if (leads_back(turning, &migration->rules[i], k, item))
				return;
	if (!is_default(migration, item))
		problems_add(&turning->applying->problems,
			     "%s does not lead back to the value that it was made from",
			     item->path);
}

static void
check_returned(struct turning *turning)
{
	struct applying *applying = turning->applying;

	for (size_t i = 0; i < applying->source->count; i++) {
		const struct rule *rule = applying->taken[i];
		const struct config_item *item = &applying->source->items[i];
		if (rule == NULL || rule->kind == RULE_DROP)
			continue;
		const size_t wanted =
			rule->value == VALUE_SPLIT ? value_parts(item->value, rule->separator) : 1;
		if (turning->returned[i] != wanted)
			problems_add(&applying->problems, "%s did not come back", item->path);
	}
}

int
turn_back(struct applying *applying)
{
	struct turning turning = { .applying = applying };

	turning.returned = calloc(applying->source->count + 1, sizeof(turning.returned[0]));
	if (turning.returned == NULL)
		return err_set(applying->err, AT, DD_ENOMEM, "no memory for a conversion");
	for (size_t i = 0; i < applying->target->count; i++)
		return_item(&turning, &applying->target->items[i]);
	check_returned(&turning);
	free(turning.returned);
	return 0;
}
