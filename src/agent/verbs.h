/* verbs.h - the verbs of the program drydock-agent. Each gets the arguments after its name and
 * returns the exit code: 0 done, 1 failed (one sentence on stderr), 2 usage (one sentence on
 * stderr). */
#pragma once
#include "env/env.h"

enum { EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_USAGE = 2 };

/* The verbs of drydock-agent; each returns the exit status. */
int agent_verb_mkimage(int argc, char **argv);
int agent_verb_init(int argc, char **argv);
int agent_verb_run(int argc, char **argv);
int agent_verb_status(int argc, char **argv);

/* ---- for the verbs: arguments ---- */

struct option_row {
	const char *name; /* without "--" */
	bool has_value;
};

enum { ARG_END = -1, ARG_PLAIN = -2, ARG_WRONG = -3 };

/* All zero but argc, argv and rows at the start. */
struct arguments {
	int argc;
	char **argv;
	const struct option_row *rows; /* ends with a NULL name */
	int next;
	const char *value; /* of the option just taken, or the plain argument */
};

/* The next one: the index of its row, or one of the above. ARG_WRONG after a sentence on stderr. */
int arguments_take(struct arguments *arguments, const char *verb);
/* Print "drydock-agent VERB: <text>; see ..." and return EXIT_USAGE. */
int usage_error(const char *verb, const char *format, ...) PRINTF_LIKE(2, 3);
/* Print "drydock-agent VERB: <text>" and return EXIT_FAILED. */
int verb_failed(const char *verb, const struct err *err);
/* The first argument is --help or -h. */
bool wants_help(int argc, char **argv);
