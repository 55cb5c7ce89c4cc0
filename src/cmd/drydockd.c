/* drydockd.c - the manager. */
#include "api/daemon.h"
#include "base/text.h"
#include "env/env_linux.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_USAGE = 2 };

/* Journald reads the level from the line's beginning. */
static void
line_print(void *arg, enum log_level level, const char *line)
{
	const bool *is_journal = arg;

	if (*is_journal)
		fprintf(stderr, "<%d>", (int)level);
	fprintf(stderr, "drydockd: %s\n", line);
}

/* The folder of this program, "." where the system does not tell. */
static void
find_program_folder(char folder[static DAEMON_PATH_MAX])
{
	ssize_t size = readlink("/proc/self/exe", folder, DAEMON_PATH_MAX - 1);

	folder[size > 0 ? size : 0] = '\0';
	char *slash = strrchr(folder, '/');
	if (slash != NULL)
		*slash = '\0';
	else
		(void)text_copy(folder, DAEMON_PATH_MAX, ".");
}

static int
run(const struct daemon_options *options, const struct log *log, struct err *err)
{
	char folder[DAEMON_PATH_MAX];
	struct daemon *daemon = NULL;
	struct env *env = NULL;

	find_program_folder(folder);
	int r = env_linux_new(&env, err);
	if (r == 0)
		r = daemon_new(env, options, folder, log, &daemon, err);
	if (r == 0)
		r = daemon_run(daemon, err);
	daemon_free(daemon);
	env_linux_free(env);
	return r;
}

int
main(int argc, char **argv)
{
	bool is_journal = getenv("JOURNAL_STREAM") != NULL;
	const struct log log = { LOG_INFO, line_print, &is_journal };
	struct daemon_options options;
	struct err err = { 0 };

	if (daemon_options_read(argc - 1, argv + 1, &options, &err) < 0) {
		fprintf(stderr, "drydockd: %s; see drydockd --help\n", err.text);
		return EXIT_USAGE;
	}
	if (options.wants_help)
		return fputs(daemon_help, stdout) < 0 ? EXIT_FAILED : EXIT_DONE;
	(void)umask(077); /* the store has secrets */
	if (run(&options, &log, &err) < 0) {
		fprintf(stderr, "drydockd: %s\n", err.text);
		return EXIT_FAILED;
	}
	return EXIT_DONE;
}
