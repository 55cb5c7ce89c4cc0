/* iad.c - the list of items: building, finding, counting, hashing. */
#include "agent/iad_table.h"

#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const category_names[] = { "user_data", "port_data", "protocol_parameters",
					      "default_parameters" };

const char *
iad_category_name(enum iad_category category)
{
	return (unsigned)category < ARRAY_COUNT(category_names) ? category_names[category] : "?";
}

const char *
iad_path_of(const struct iad *iad, const struct iad_item *item)
{
	return iad->words + item->path;
}

const char *
iad_value_of(const struct iad *iad, const struct iad_item *item)
{
	return iad->words + item->value;
}

static bool
word_add(struct iad *iad, const char *word, uint16_t *ret_place)
{
	const size_t size = strlen(word) + 1;

	if (size > IAD_WORDS_MAX - (size_t)iad->used)
		return false;
	memcpy(iad->words + iad->used, word, size);
	*ret_place = iad->used;
	iad->used = (uint16_t)(iad->used + size);
	return true;
}

bool
iad_add(struct iad *iad, const char *path, const char *value, enum iad_category category,
	unsigned line)
{
	struct iad_item item = { .line = (uint16_t)(line > UINT16_MAX ? UINT16_MAX : line),
				 .category = (uint8_t)category };

	if (iad->count == IAD_ITEMS_MAX || !word_add(iad, path, &item.path) ||
	    !word_add(iad, value, &item.value))
		return false;
	iad->item[iad->count++] = item;
	return true;
}

/* Insertion sort: lists come nearly sorted, and qsort() may allocate. */
void
iad_sort(struct iad *iad)
{
	for (unsigned i = 1; i < iad->count; i++) {
		const struct iad_item item = iad->item[i];
		unsigned place = i;
		while (place > 0 && strcmp(iad_path_of(iad, &iad->item[place - 1]),
					   iad_path_of(iad, &item)) > 0) {
			iad->item[place] = iad->item[place - 1];
			place--;
		}
		iad->item[place] = item;
	}
}

static int
doubles_check(const struct iad *iad, struct err *err)
{
	for (unsigned i = 1; i < iad->count; i++)
		if (text_equal(iad_path_of(iad, &iad->item[i - 1]),
			       iad_path_of(iad, &iad->item[i])))
			return err_set(err, AT, DD_EPARSE, "line %u: '%s' is set a second time",
				       iad->item[i].line, iad_path_of(iad, &iad->item[i]));
	return 0;
}

int
iad_parse(struct iad *iad, uint32_t format, const char *text, size_t size, struct err *err)
{
	struct iad_lines lines;
	int r;

	iad->count = iad->used = 0;
	if (size > IAD_CONFIG_MAX)
		return err_set(err, AT, DD_EPARSE, "the configuration has more than %d bytes",
			       IAD_CONFIG_MAX);
	iad_lines_init(&lines, text, size);
	if (format == 1)
		r = iad_parse_1(iad, &lines, err);
	else if (format == 2)
		r = iad_parse_2(iad, &lines, err);
	else
		return err_set(err, AT, DD_EUNSUPPORTED,
			       "configuration format %u is not known here", format);
	if (r < 0)
		return r;
	iad_sort(iad);
	return doubles_check(iad, err);
}

int64_t
iad_print(const struct iad *iad, uint32_t format, char *ret_text, size_t size_max)
{
	if (format == 1)
		return iad_print_1(iad, ret_text, size_max);
	if (format == 2)
		return iad_print_2(iad, ret_text, size_max);
	return DD_EUNSUPPORTED;
}

void
iad_defaults(struct iad *iad)
{
	static const char *const port[][2] = { { "line/fxs%u/admin", "disabled" },
					       { "line/fxs%u/caller-id", "none" },
					       { "line/fxs%u/gain-tenth-db", "0" },
					       { "line/fxs%u/impedance", "600-ohm" } };
	static const char *const other[][2] = { { "default/dial-ms", "10000" },
						{ "default/ring-off-ms", "4000" },
						{ "default/ring-on-ms", "1000" },
						{ "system/name", "iad" } };

	iad->count = iad->used = 0;
	for (unsigned i = 0; i < ARRAY_COUNT(other); i++)
		(void)iad_add(iad, other[i][0], other[i][1], IAD_DEFAULTS,
			      0); /* fits: it is the first */
	(void)iad_add(iad, "media/codec/1", "g711a", IAD_PROTOCOL, 0);
	(void)iad_add(iad, "sip/register-ms", "3600000", IAD_PROTOCOL, 0);
	for (unsigned n = 1; n <= IAD_PORTS; n++)
		for (unsigned i = 0; i < ARRAY_COUNT(port); i++) {
			char index[8], path[IAD_PATH_MAX];
			(void)text_print(index, sizeof(index), "%u", n);
			const char *place = strstr(port[i][0], "%u");
			(void)text_print(path, sizeof(path), "%.*s%s%s", (int)(place - port[i][0]),
					 port[i][0], index, place + 2);
			(void)iad_add(iad, path, port[i][1], IAD_PORT_DATA, 0);
		}
	iad_sort(iad);
}

const char *
iad_value(const struct iad *iad, const char *path)
{
	for (unsigned i = 0; i < iad->count; i++)
		if (text_equal(iad_path_of(iad, &iad->item[i]), path))
			return iad_value_of(iad, &iad->item[i]);
	return NULL;
}

static bool
line_is_up(const struct iad *iad, const char *line)
{
	char path[IAD_PATH_MAX];

	if (!text_print(path, sizeof(path), "line/%s/admin", line))
		return false;
	const char *state = iad_value(iad, path);
	return state != NULL && text_equal(state, "enabled");
}

unsigned
iad_ports_up(const struct iad *iad)
{
	unsigned count = 0;

	for (unsigned i = 0; i < iad->count; i++) {
		char star[IAD_PATH_MAX];
		count += iad_match("line/*/admin", iad_path_of(iad, &iad->item[i]), star) &&
			 line_is_up(iad, star);
	}
	return count;
}

static bool
has_sip_server(const struct iad *iad)
{
	for (unsigned i = 0; i < iad->count; i++)
		if (text_starts(iad_path_of(iad, &iad->item[i]), "sip/proxy/"))
			return true;
	return false;
}

unsigned
iad_registrations(const struct iad *iad)
{
	unsigned count = 0;

	if (!has_sip_server(iad))
		return 0;
	for (unsigned i = 0; i < iad->count; i++) {
		char star[IAD_PATH_MAX];
		count += iad_match("subscriber/*/line", iad_path_of(iad, &iad->item[i]), star) &&
			 line_is_up(iad, iad_value_of(iad, &iad->item[i]));
	}
	return count;
}

static bool
is_in(const struct iad_item *item, enum iad_category category)
{
	return category == IAD_CATEGORY_COUNT || item->category == (uint8_t)category;
}

unsigned
iad_count(const struct iad *iad, enum iad_category category)
{
	unsigned count = 0;

	for (unsigned i = 0; i < iad->count; i++)
		count += is_in(&iad->item[i], category);
	return count;
}

void
iad_hash(const struct iad *iad, enum iad_category category, struct sha256 *ret_hash)
{
	struct sha256_state hash;

	sha256_init(&hash);
	for (unsigned i = 0; i < iad->count; i++) {
		const struct iad_item *item = &iad->item[i];
		if (!is_in(item, category))
			continue;
		sha256_add(&hash, iad_path_of(iad, item), strlen(iad_path_of(iad, item)));
		sha256_add(&hash, "=", 1);
		sha256_add(&hash, iad_value_of(iad, item), strlen(iad_value_of(iad, item)));
		sha256_add(&hash, "\n", 1);
	}
	sha256_end(&hash, ret_hash);
}

void
iad_out_add(struct iad_out *out, const char *format, ...)
{
	va_list args;

	if (out->is_full)
		return;
	va_start(args, format);
	const int n = vsnprintf(out->text + out->used, out->size - out->used, format, args);
	va_end(args);
	if (n < 0 || (size_t)n >= out->size - out->used)
		out->is_full = true;
	else
		out->used += (size_t)n;
}
