/* place.c - paths with {names}: read, matched, filled. */
#include "base/text.h"
#include "config/rules.h"

#include <string.h>

const char *
place_parse(struct arena *arena, const char *text, struct place *ret_place)
{
	struct place place = { .text = arena_text(arena, text, strlen(text)) };

	if (text[0] == '\0' || strlen(text) >= CONFIG_PATH_MAX)
		return "a path has 1 to 255 bytes";
	for (;;) {
		const size_t size = strcspn(text, "{}");
		place.literal[place.names_count] = arena_text(arena, text, size);
		text += size;
		if (*text == '\0')
			break;
		const char *end = strchr(text, '}');
		if (*text == '}' || end == NULL)
			return "a brace without its other one";
		if (place.names_count == NAMES_MAX)
			return "a path has at most 4 {names}";
		char *name = arena_text(arena, text + 1, (size_t)(end - text - 1));
		if (name == NULL || !text_is_name(name, RULE_TEXT_MAX))
			return "a {name} is letters, digits, '.', '_' and '-'";
		if (place_index(&place, name) >= 0)
			return "a {name} may be there once only";
		place.name[place.names_count++] = name;
		text = end + 1;
	}
	if (place.text == NULL || place.literal[place.names_count] == NULL)
		return "the file is too large";
	*ret_place = place;
	return NULL;
}

int
place_index(const struct place *place, const char *name)
{
	for (unsigned i = 0; i < place->names_count; i++)
		if (text_equal(place->name[i], name))
			return (int)i;
	return -1;
}

bool
place_equal(const struct place *a, const struct place *b)
{
	if (a->names_count != b->names_count)
		return false;
	for (unsigned i = 0; i <= a->names_count; i++)
		if (!text_equal(a->literal[i], b->literal[i]))
			return false;
	return true;
}

bool
place_fits(const struct place *place, char separator)
{
	for (unsigned i = 1; i < place->names_count; i++)
		if (strchr(place->literal[i], separator) == NULL)
			return false;
	return true;
}

bool
place_match(const struct place *place, const char *path, char separator,
	    struct captures *ret_captures)
{
	const char ends[] = { separator, '\0' };

	if (!text_starts(path, place->literal[0]))
		return false;
	path += strlen(place->literal[0]);
	for (unsigned i = 0; i < place->names_count; i++) {
		/* The name ends where this part of the path does, or before the characters that
		 * the literal has of the same part. */
		const char *literal = place->literal[i + 1];
		const size_t part = strcspn(path, ends), tail = strcspn(literal, ends);
		if (part <= tail || memcmp(path + part - tail, literal, tail) != 0 ||
		    !text_starts(path + part, literal + tail))
			return false;
		ret_captures->value[i] = (struct slice){ (const uint8_t *)path, part - tail };
		path += part + strlen(literal + tail);
	}
	return *path == '\0';
}

bool
place_fill(const struct place *place, const struct slice value[static NAMES_MAX],
	   char path[static CONFIG_PATH_MAX])
{
	size_t used = 0;

	for (unsigned i = 0; i <= place->names_count; i++) {
		const size_t size = strlen(place->literal[i]);
		const size_t more = i < place->names_count ? value[i].size : 0;
		if (used + size + more >= CONFIG_PATH_MAX)
			return false;
		memcpy(path + used, place->literal[i], size);
		used += size;
		if (more > 0)
			memcpy(path + used, value[i].data, more);
		used += more;
	}
	path[used] = '\0';
	return true;
}
