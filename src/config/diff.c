/* diff.c - two sorted lists of values, walked side by side. */
#include "config/diff.h"

#include "base/text.h"

#include <assert.h>
#include <string.h>

enum { VALUE_SHOWN_MAX = 60 }; /* bytes of a value in a message, with the final NUL */

static const struct config_item *
next_meant(const struct config *config, size_t *index)
{
	while (*index < config->count && config->items[*index].is_volatile)
		(*index)++;
	return *index < config->count ? &config->items[*index] : NULL;
}

/* What to look at next: the one with the lower path alone, or both. */
static struct config_change
next_pair(const struct config_item *from, const struct config_item *to)
{
	const int order = from == NULL ? 1 : to == NULL ? -1 : strcmp(from->path, to->path);

	if (order < 0)
		return (struct config_change){ CHANGE_REMOVED, from, NULL };
	if (order > 0)
		return (struct config_change){ CHANGE_ADDED, NULL, to };
	return (struct config_change){ CHANGE_CHANGED, from, to };
}

size_t
config_diff(const struct config *from, const struct config *to,
	    void (*found)(void *arg, const struct config_change *change), void *arg, size_t *counts)
{
	size_t i = 0, k = 0, count = 0;

	assert(from->format == to->format);
	if (counts != NULL)
		memset(counts, 0, CATEGORY_COUNT * sizeof(counts[0]));
	for (;;) {
		const struct config_item *left = next_meant(from, &i), *right = next_meant(to, &k);
		if (left == NULL && right == NULL)
			return count;
		const struct config_change change = next_pair(left, right);
		i += change.from != NULL;
		k += change.to != NULL;
		if (change.change == CHANGE_CHANGED && text_equal(left->value, right->value))
			continue;
		count++;
		if (counts != NULL)
			counts[change.from != NULL ? change.from->category : change.to->category]++;
		if (found != NULL)
			found(arg, &change);
	}
}

static void
print_value(struct buf *out, const char *before, const char *value)
{
	char shown[VALUE_SHOWN_MAX];
	const bool is_whole = text_copy(shown, sizeof(shown), value);

	text_clean(shown);
	(void)buf_printf(out, "%s\"%s%s\"", before, shown, is_whole ? "" : "...");
}

void
config_change_print(const struct config_change *change, struct buf *out)
{
	static const char *const words[] = {
		[CHANGE_ADDED] = "added", [CHANGE_REMOVED] = "removed", [CHANGE_CHANGED] = "changed"
	};
	const struct config_item *from = change->from, *to = change->to;
	const bool is_secret = (from != NULL && from->is_secret) || (to != NULL && to->is_secret);

	assert(from != NULL || to != NULL);
	(void)buf_printf(out, "%s %s", from != NULL ? from->path : to->path, words[change->change]);
	if (is_secret)
		return;
	if (from != NULL)
		print_value(out, to != NULL ? " from " : ": it was ", from->value);
	if (to != NULL)
		print_value(out, from != NULL ? " to " : ": ", to->value);
}
