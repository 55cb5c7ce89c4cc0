/* room.h - what the files of this room share; nobody else includes it. */
#pragma once
#include "base/arena.h"
#include "config/config.h"

enum { CONFIG_MEMORY_MAX = 64 << 20 }; /* bytes of paths and values of one configuration */

/* ---- config.c: building one by config_new(), config_add()..., config_finish() ---- */

/* `format` is borrowed until config_finish(). DD_ENOMEM. */
int config_new(const struct schema_format *format, struct config **ret_config, struct err *err);
/* Copies path and value and asks the schema about the path. DD_EFULL, DD_ENOMEM. */
int config_add(struct config *config, const char *path, const char *value, unsigned line,
	       struct err *err);
/* Sort by path, then line. */
void config_sort(struct config *config);
/* Sort. DD_EPARSE where a path is there twice, naming both lines. */
int config_finish(struct config *config, struct err *err);

/* ---- words.c: the lexical rules ---- */

/* Why this can't be (part of) a line, a few words; NULL where it can. */
const char *config_line_problem(const char *text, size_t size);
/* May the format's text carry this path? */
bool config_path_fits(enum schema_parser parser, const char *path);
/* May the format's text carry this value? */
bool config_value_fits(enum schema_parser parser, const char *value);
/* One or more of [A-Za-z0-9._-], the first not '.' or '-': a section or key. */
bool config_is_word(const char *text, size_t size);
/* The '.' between section and key of an INI path; NULL where it has none that gives two words. */
const char *config_path_cut(const char *path);
/* What stands between the parts of a path. */
char config_separator(enum schema_parser parser);
