/* image.c - what an image's first bytes say: a magic line, then lines `name: value`, then an empty
 * one. */
#include "base/text.h"
#include "profile/room.h"

#include <string.h>

enum { LINE_MAX_ = 160, LINES_MAX = 32 };

struct header {
	const char *next, *end;
	char line[LINE_MAX_ + 1];
};

static int
fail(struct err *err, const char *why)
{
	return err_set(err, AT, DD_EPARSE, "the image's header %s", why);
}

/* The next line up to LF, without it and a CR before it. */
static int
take_line(struct header *header, struct err *err)
{
	const size_t left = (size_t)(header->end - header->next);
	const char *newline = memchr(header->next, '\n', left);

	if (newline == NULL)
		return fail(err, "does not end");
	size_t size = (size_t)(newline - header->next);
	if (size > 0 && newline[-1] == '\r')
		size--;
	if (size > LINE_MAX_ || memchr(header->next, '\0', size) != NULL)
		return fail(err, "has a line that is no text");
	memcpy(header->line, header->next, size);
	header->line[size] = '\0';
	header->next = newline + 1;
	return 0;
}

/* ---- fields ---- */

static int
take_text(char text[FACT_TEXT_MAX], const char *value, struct err *err)
{
	if (value[0] == '\0' || !text_copy(text, FACT_TEXT_MAX, value))
		return fail(err, "has a value that is empty or too long");
	text_clean(text);
	return 0;
}

static int
take_list(char list[IMAGE_LIST_MAX][FACT_TEXT_MAX], unsigned *count, char *value, struct err *err)
{
	int r = 0;

	for (char *name = value, *next; r == 0 && name != NULL; name = next) {
		next = strchr(name, ',');
		if (next != NULL)
			*next++ = '\0';
		if (*count == IMAGE_LIST_MAX)
			return fail(err, "has a list that is too long");
		r = take_text(list[(*count)++], name, err);
	}
	return r;
}

static int
take_format(uint32_t *ret_format, const char *value, struct err *err)
{
	uint64_t number = 0;

	if (!text_number(value, UINT32_MAX, &number) || number == 0)
		return fail(err, "has a configuration format that is no number from 1");
	*ret_format = (uint32_t)number;
	return 0;
}

static bool
is_field(const char *field, const char *name)
{
	return field[0] != '\0' && text_equal(field, name);
}

/* `name: value`; lines that the profile does not name are for the device. */
static int
take_field(const struct image_rule *rule, char *line, struct image *image, struct err *err)
{
	char *value = strchr(line, ':');

	if (value == NULL)
		return fail(err, "has a line that is not 'name: value'");
	*value++ = '\0';
	value += strspn(value, " ");
	if (is_field(rule->version, line))
		return image->version[0] != '\0' ? fail(err, "has its version twice")
						 : take_text(image->version, value, err);
	if (is_field(rule->model, line))
		return image->models_count > 0
			       ? fail(err, "has its model twice")
			       : take_list(image->models, &image->models_count, value, err);
	if (is_field(rule->revisions, line))
		return image->revisions_count > 0
			       ? fail(err, "has its revisions twice")
			       : take_list(image->revisions, &image->revisions_count, value, err);
	if (is_field(rule->format, line))
		return image->config_format != 0 ? fail(err, "has its format twice")
						 : take_format(&image->config_format, value, err);
	return 0;
}

static void
clear(struct image *image)
{
	image->version[0] = '\0';
	image->models_count = image->revisions_count = 0;
	image->config_format = 0;
}

int
profile_image_read(const struct profile *profile, const void *data, size_t size,
		   struct image *image, struct err *err)
{
	struct header header = { .next = data, .end = (const char *)data + size };

	clear(image);
	if (profile->image.magic[0] == '\0')
		return 0;
	int r = size > 0 ? take_line(&header, NULL) : DD_EPARSE;
	if (r < 0 || !text_equal(header.line, profile->image.magic))
		return err_set(err, AT, DD_EPARSE,
			       "the file is no image of family %s: it does not begin with '%s'",
			       profile->name, profile->image.magic);
	for (unsigned lines = 0; lines < LINES_MAX; lines++) {
		r = take_line(&header, err);
		if (r < 0)
			return r;
		if (header.line[0] == '\0')
			return 0;
		r = take_field(&profile->image, header.line, image, err);
		if (r < 0)
			return r;
	}
	return fail(err, "has too many lines");
}
