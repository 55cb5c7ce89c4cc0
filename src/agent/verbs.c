/* verbs.c - what the verbs share: arguments and errors. */
#include "agent/verbs.h"

#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int
usage_error(const char *verb, const char *format, ...)
{
	va_list args;

	fprintf(stderr, "drydock-agent %s: ", verb);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fprintf(stderr, "; see drydock-agent %s --help\n", verb);
	return EXIT_USAGE;
}

int
verb_failed(const char *verb, const struct err *err)
{
	fprintf(stderr, "drydock-agent %s: %s\n", verb, err->text);
	return EXIT_FAILED;
}

bool
wants_help(int argc, char **argv)
{
	return argc > 0 && (text_equal(argv[0], "--help") || text_equal(argv[0], "-h"));
}

static int
option_take(struct arguments *arguments, const char *verb, const char *name)
{
	const char *equals = strchr(name, '=');
	const size_t size = equals != NULL ? (size_t)(equals - name) : strlen(name);

	for (int i = 0; arguments->rows[i].name != NULL; i++) {
		const struct option_row *row = &arguments->rows[i];
		if (strlen(row->name) != size || memcmp(row->name, name, size) != 0)
			continue;
		arguments->value = equals != NULL ? equals + 1 : NULL;
		if (!row->has_value && equals != NULL) {
			(void)usage_error(verb, "--%s takes no value", row->name);
			return ARG_WRONG;
		}
		if (row->has_value && equals == NULL && arguments->next == arguments->argc) {
			(void)usage_error(verb, "--%s wants a value", row->name);
			return ARG_WRONG;
		}
		if (row->has_value && equals == NULL)
			arguments->value = arguments->argv[arguments->next++];
		return i;
	}
	(void)usage_error(verb, "there is no option --%.*s", (int)size, name);
	return ARG_WRONG;
}

int
arguments_take(struct arguments *arguments, const char *verb)
{
	if (arguments->next == arguments->argc)
		return ARG_END;
	const char *text = arguments->argv[arguments->next++];
	if (text_starts(text, "--"))
		return option_take(arguments, verb, text + 2);
	arguments->value = text;
	return ARG_PLAIN;
}
