/* print.c - values to the text of a format. */
#include "config/room.h"

#include <string.h>

static void
print_ini(const struct config *config, struct buf *out)
{
	const char *section = "";
	size_t section_size = 0;

	for (size_t i = 0; i < config->count; i++) {
		const struct config_item *item = &config->items[i];
		const char *cut = config_path_cut(item->path);
		const size_t size = (size_t)(cut - item->path);
		if (size != section_size || memcmp(section, item->path, size) != 0) {
			section = item->path;
			section_size = size;
			(void)buf_printf(out, "[%.*s]\n", (int)size, section);
		}
		(void)buf_printf(out, "%s =%s%s\n", cut + 1, item->value[0] != '\0' ? " " : "",
				 item->value);
	}
}

static void
print_value(const char *value, struct buf *out)
{
	if (value[0] != '\0' && strpbrk(value, " \t\"\\") == NULL) {
		(void)buf_add_text(out, value);
		return;
	}
	(void)buf_add_char(out, '"');
	for (; *value != '\0'; value++) {
		if (*value == '"' || *value == '\\')
			(void)buf_add_char(out, '\\');
		(void)buf_add_char(out, *value);
	}
	(void)buf_add_char(out, '"');
}

static void
print_set(const struct config *config, struct buf *out)
{
	for (size_t i = 0; i < config->count; i++) {
		(void)buf_printf(out, "set %s ", config->items[i].path);
		print_value(config->items[i].value, out);
		(void)buf_add_char(out, '\n');
	}
}

static int
check_items(const struct schema_format *format, const struct config *config, struct err *err)
{
	const enum schema_parser parser = (enum schema_parser)format->parser;

	for (size_t i = 0; i < config->count; i++) {
		const struct config_item *item = &config->items[i];
		if (!config_path_fits(parser, item->path))
			return err_set(err, AT, DD_EINTEGRITY,
				       "format %u can't carry the path '%s'",
				       (unsigned)format->number, item->path);
		if (!config_value_fits(parser, item->value))
			return err_set(err, AT, DD_EINTEGRITY,
				       "format %u can't carry the value of '%s'",
				       (unsigned)format->number, item->path);
	}
	return 0;
}

int
config_print(const struct schema *schema, const struct config *config, struct buf *out,
	     struct err *err)
{
	const struct schema_format *format = schema_format(schema, config->format);

	if (format == NULL)
		return err_set(err, AT, DD_EUNSUPPORTED, "configuration format %u is not known",
			       (unsigned)config->format);
	int r = check_items(format, config, err);
	if (r < 0)
		return r;
	if (format->header[0] != '\0')
		(void)buf_printf(out, "%s\n", format->header);
	if (format->parser == SCHEMA_INI)
		print_ini(config, out);
	else
		print_set(config, out);
	/* Each call above may have failed: the buffer keeps that. */
	return out->has_failed ? err_set(err, AT, DD_EFULL, "no room for the configuration's text")
			       : 0;
}
