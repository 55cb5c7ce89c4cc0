/* What was typed: the verb, its arguments and options, by the tables. */
#include "cli/room.h"

#include <stdlib.h>
#include <string.h>

static const struct option_row *
find_in(const struct option_row *rows, const char *name, size_t size)
{
	for (; rows != NULL && rows->name != NULL; rows++)
		if (strlen(rows->name) == size && memcmp(rows->name, name, size) == 0)
			return rows;
	return NULL;
}

static const struct option_row *
find_row(const struct cli *cli, const char *name, size_t size)
{
	const struct option_row *row = find_in(options_of_all, name, size);

	for (size_t i = 0; row == NULL && cli->verb != NULL && i < ARRAY_COUNT(cli->verb->options);
	     i++)
		row = find_in(cli->verb->options[i], name, size);
	return row;
}

static int
keep(struct cli *cli, const struct option_row *row, const char *value)
{
	if (!row->is_many && option(cli, row->name) != NULL)
		return usage(cli, "--%s is given twice", row->name);
	if (cli->taken_count == OPTIONS_MAX)
		return usage(cli, "more than %d options", OPTIONS_MAX);
	cli->taken[cli->taken_count++] = (struct taken){ row, value };
	cli->is_json = cli->is_json || text_equal(row->name, "json");
	cli->wants_help = cli->wants_help || text_equal(row->name, "help");
	return CODE_DONE;
}

/* An option at argv[*at]; moves *at past what it takes. */
static int
take_option(struct cli *cli, int argc, char **argv, int *at)
{
	const char *name = argv[*at] + 2, *equals = strchr(name, '=');
	size_t size = equals != NULL ? (size_t)(equals - name) : strlen(name);

	if (text_equal(argv[*at], "-h")) {
		cli->wants_help = true;
		(*at)++;
		return CODE_DONE;
	}
	if (argv[*at][1] != '-')
		return usage(cli, "there is no option %.64s", argv[*at]);
	const struct option_row *row = find_row(cli, name, size);
	if (row == NULL)
		return usage(cli, "there is no option --%.*s", (int)(size < 64 ? size : 64), name);
	(*at)++;
	if (row->metavar == NULL)
		return equals == NULL ? keep(cli, row, "")
				      : usage(cli, "--%s takes no value", row->name);
	if (equals != NULL)
		return keep(cli, row, equals + 1);
	if (*at == argc)
		return usage(cli, "--%s wants a value: %s", row->name, row->metavar);
	return keep(cli, row, argv[(*at)++]);
}

static int
take_plain(struct cli *cli, const char *text)
{
	if (cli->plain_count == PLAIN_MAX)
		return usage(cli, "more than %d arguments", PLAIN_MAX);
	cli->plain[cli->plain_count++] = text;
	return CODE_DONE;
}

static bool
is_option(const char *text)
{
	return text[0] == '-' && text[1] != '\0';
}

/* ---- the verb ---- */

static const struct verb *
find_verb(const char *first, const char *second)
{
	char two[128];

	(void)text_print(two, sizeof(two), "%s %s", first, second != NULL ? second : "");
	for (unsigned i = 0; verbs[i] != NULL; i++)
		if (text_equal(verbs[i]->name, two) || text_equal(verbs[i]->name, first))
			return verbs[i];
	return NULL;
}

static bool
is_group(const char *word)
{
	size_t size = strlen(word);

	for (unsigned i = 0; verbs[i] != NULL; i++)
		if (strncmp(verbs[i]->name, word, size) == 0 && verbs[i]->name[size] == ' ')
			return true;
	return false;
}

static int
no_such_verb(const char *first, const char *second)
{
	char typed[128];

	if (second == NULL && is_group(first)) {
		fprintf(stderr, "drydock: '%s' is one of these verbs:\n", first);
		(void)help_group(stderr, first);
		return CODE_USAGE;
	}
	(void)text_print(typed, sizeof(typed), "%.60s%s%.60s", first, second != NULL ? " " : "",
			 second != NULL ? second : "");
	text_clean(typed);
	const struct verb *guess = help_guess(typed);
	fprintf(stderr, "drydock: there is no verb '%s'", typed);
	if (guess != NULL)
		fprintf(stderr, "; did you mean '%s'?", guess->name);
	fputs("\nThe verbs:\n", stderr);
	help_names(stderr);
	return CODE_USAGE;
}

/* `drydock help`, `drydock help device`, `drydock device --help`. */
static int
give_help(const char *first, const char *second)
{
	const struct verb *verb = first != NULL ? find_verb(first, second) : NULL;

	if (verb != NULL)
		help_verb(stdout, verb);
	else if (first == NULL)
		help_all(stdout);
	else if (!help_group(stdout, first))
		return no_such_verb(first, second);
	return CODE_DONE;
}

static int
read_verb(struct cli *cli, int argc, char **argv, int *at)
{
	int code = CODE_DONE;

	while (*at < argc && is_option(argv[*at]) && code == CODE_DONE)
		code = take_option(cli, argc, argv, at);
	if (code != CODE_DONE)
		return code;
	const char *first = *at < argc ? argv[*at] : NULL;
	const char *second = *at + 1 < argc && !is_option(argv[*at + 1]) ? argv[*at + 1] : NULL;
	bool asks_help = cli->wants_help || (first != NULL && text_equal(first, "help"));
	if (first != NULL && text_equal(first, "help"))
		return give_help(second, second != NULL && *at + 2 < argc ? argv[*at + 2] : NULL);
	if (asks_help)
		return give_help(first, second);
	if (first == NULL) {
		help_all(stderr);
		return CODE_USAGE;
	}
	cli->verb = find_verb(first, second);
	if (cli->verb == NULL && *at + 1 < argc &&
	    (text_equal(argv[*at + 1], "--help") || text_equal(argv[*at + 1], "-h")))
		return give_help(first, NULL);
	if (cli->verb == NULL)
		return no_such_verb(first, second);
	*at += strchr(cli->verb->name, ' ') != NULL ? 2 : 1;
	return CODE_DONE;
}

static int
read_rest(struct cli *cli, int argc, char **argv, int at)
{
	bool options_ended = false;
	int code = CODE_DONE;

	while (at < argc && code == CODE_DONE) {
		if (!options_ended && text_equal(argv[at], "--")) {
			options_ended = true;
			at++;
		} else if (!options_ended && is_option(argv[at])) {
			code = take_option(cli, argc, argv, &at);
		} else {
			code = take_plain(cli, argv[at++]);
		}
	}
	if (code != CODE_DONE)
		return code;
	if (cli->wants_help) {
		help_verb(stdout, cli->verb);
		cli->verb = NULL;
		return CODE_DONE;
	}
	if (cli->plain_count < cli->verb->plain_min)
		return usage(cli, "%s is missing", cli->verb->arguments);
	if (cli->plain_count > cli->verb->plain_max)
		return usage(cli, "'%.64s' is one argument too many",
			     cli->plain[cli->verb->plain_max]);
	return CODE_DONE;
}

int
cli_read(struct cli *cli, int argc, char **argv)
{
	int at = 0;

	cli->plain = calloc((size_t)argc + 1, sizeof(*cli->plain));
	cli->taken = calloc((size_t)argc + 1, sizeof(*cli->taken));
	if (cli->plain == NULL || cli->taken == NULL) {
		fputs("drydock: no memory\n", stderr);
		return CODE_FAILED;
	}
	int code = read_verb(cli, argc, argv, &at);
	return code != CODE_DONE || cli->verb == NULL ? code : read_rest(cli, argc, argv, at);
}

const char *
option_nth(const struct cli *cli, const char *name, unsigned n)
{
	for (unsigned i = 0; i < cli->taken_count; i++)
		if (text_equal(cli->taken[i].row->name, name) && n-- == 0)
			return cli->taken[i].value;
	return NULL;
}

const char *
option(const struct cli *cli, const char *name)
{
	return option_nth(cli, name, 0);
}

int
option_number(const struct cli *cli, const char *name, uint64_t otherwise, uint64_t max,
	      uint64_t *ret, struct err *err)
{
	const char *text = option(cli, name);

	*ret = otherwise;
	if (text != NULL && (!text_number(text, max, ret) || *ret == 0))
		return err_set(err, AT, DD_EINVAL,
			       "--%s wants a whole number from 1 to %llu, not '%.32s'", name,
			       (unsigned long long)max, text);
	return 0;
}
