/* verb_run.c - run a device until SIGTERM. */
#include "agent/box.h"
#include "agent/verbs.h"
#include "base/text.h"
#include "env/env_linux.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { COMMUNITY_FILE_MAX = 1024, STALL_MS_MAX = 600 * 1000 };

static const char help[] =
	"Usage: drydock-agent run DIR --listen A:P --trap A:P --community-file F [--inform] "
	"[--no-trap]\n"
	"                         [--stall MS] [--fault NAME[=ARG][:COUNT]]...\n"
	"\n"
	"Run the device in DIR until SIGTERM: an SNMP v2c agent for DRYDOCK-MIB. Its events are "
	"lines on stderr.\n"
	"\n"
	"  --listen A:P          answer SNMP here; files are fetched and sent from this address, "
	"too\n"
	"  --trap A:P            send notifications here\n"
	"  --no-trap             send none\n"
	"  --inform              send informs, until they are answered, instead of traps\n"
	"  --community-file F    first line: community that may read; second line: community that "
	"may write.\n"
	"                        Others may have no access to the file\n"
	"  --stall MS            a transfer that does not move for so long has failed (default "
	"15000)\n"
	"\n"
	"Faults, for tests; COUNT is how many times (default 1, 0 = always), OP is backup, keep, "
	"fetch, activate, reload,\n"
	"commit, restore or rollback:\n"
	"  refuse=OP             answer the command with an error\n"
	"  fail=OP               accept it, then fail\n"
	"  break=OP              the transfer breaks off midway\n"
	"  corrupt               the image arrives damaged\n"
	"  hang=OP               accept it, stay 'running' for ever; the next command takes its "
	"place\n"
	"  mute=OP               accept it, then answer nothing at all until the program is "
	"restarted\n"
	"  late=OP,MS            the outcome comes MS after the work\n"
	"  lie=OP                tell success without doing it\n"
	"  silent=OP             no notification of the outcome\n"
	"  slow=MS               a restart takes MS\n"
	"  noboot                new software does not come up: back to the old slot\n"
	"  wrong                 new software reports another version\n"
	"  no-ports              with new software all ports stay down\n"
	"  factory=A:P,COMMUNITY new software comes up at that address with that community, until "
	"a restore\n"
	"  drop-config           the configuration is lost at a reload, even without an update\n"
	"  lossy-restore         a restored value is changed\n";

enum {
	OPTION_LISTEN,
	OPTION_TRAP,
	OPTION_COMMUNITY,
	OPTION_INFORM,
	OPTION_NO_TRAP,
	OPTION_STALL,
	OPTION_FAULT
};
static const struct option_row rows[] = { { "listen", true },         { "trap", true },
					  { "community-file", true }, { "inform", false },
					  { "no-trap", false },       { "stall", true },
					  { "fault", true },          { NULL, false } };

struct run {
	struct box_settings settings;
	struct faults faults;
	const char *community_file;
	bool has_listen, has_no_trap;
	char community_text[COMMUNITY_FILE_MAX];
};

static void
line_print(void *arg, enum log_level level, const char *line)
{
	(void)arg;
	(void)level;
	fprintf(stderr, "drydock-agent: %s\n", line);
}

/* ---- arguments ---- */

static int
value_take(struct run *run, int option, const char *value, struct err *err)
{
	uint64_t stall = 0;

	switch (option) {
	case OPTION_LISTEN:
		run->has_listen = true;
		return addr_parse(value, 161, &run->settings.listen, err);
	case OPTION_TRAP:
		return addr_parse(value, 162, &run->settings.trap_to, err);
	case OPTION_COMMUNITY:
		run->community_file = value;
		return 0;
	case OPTION_INFORM:
		run->settings.is_inform = true;
		return 0;
	case OPTION_NO_TRAP:
		run->has_no_trap = true;
		return 0;
	case OPTION_STALL:
		if (!text_number(value, STALL_MS_MAX, &stall) || stall == 0)
			return err_set(err, AT, DD_EINVAL,
				       "--stall wants milliseconds from 1 to %d", STALL_MS_MAX);
		run->settings.stall_ms = (msec_t)stall;
		return 0;
	case OPTION_FAULT:
		return fault_add(&run->faults, value, err);
	default: /* ARG_PLAIN */
		if (run->settings.dir != NULL)
			return err_set(err, AT, DD_EINVAL, "'%s' is a second DIR", value);
		run->settings.dir = value;
		return 0;
	}
}

static int
arguments_read(struct run *run, int argc, char **argv)
{
	struct arguments arguments = { argc, argv, rows, 0, NULL };
	struct err err = { 0 };
	int option;

	while ((option = arguments_take(&arguments, "run")) != ARG_END) {
		if (option == ARG_WRONG)
			return EXIT_USAGE;
		if (value_take(run, option, arguments.value, &err) < 0)
			return usage_error("run", "%s", err.text);
	}
	if (run->settings.dir == NULL || !run->has_listen || run->community_file == NULL)
		return usage_error("run", "DIR, --listen and --community-file are needed");
	if (run->settings.trap_to.family == ADDR_NONE && !run->has_no_trap)
		return usage_error("run", "--trap or --no-trap is needed");
	if (run->settings.listen.family == ADDR_UNIX || run->settings.trap_to.family == ADDR_UNIX)
		return usage_error("run", "SNMP needs an IP address");
	if (run->has_no_trap)
		run->settings.trap_to.family = ADDR_NONE;
	return EXIT_DONE;
}

/* ---- communities ---- */

/* Cut the text into its two lines. */
static int
communities_cut(struct run *run, struct err *err)
{
	char *read = run->community_text, *write = read + strcspn(read, "\r\n");

	if (*write == '\r')
		*write++ = '\0';
	if (*write == '\n')
		*write++ = '\0';
	write[strcspn(write, "\r\n")] = '\0';
	if (read[0] == '\0' || strlen(read) > SNMP_COMMUNITY_MAX ||
	    strlen(write) > SNMP_COMMUNITY_MAX)
		return err_set(err, AT, DD_EINVAL,
			       "%s must hold a community of 1 to %d characters in its first line",
			       run->community_file, SNMP_COMMUNITY_MAX);
	run->settings.read_community = read;
	run->settings.write_community = write;
	return 0;
}

static int
communities_load(struct run *run, struct env *env, struct err *err)
{
	char *text = NULL;
	size_t size = 0;
	struct stat stat_of;

	assert(run->community_file != NULL); /* arguments_read() insists */
	/* The mode is a question that only the real program has, so it does not go through env. */
	if (stat(run->community_file, &stat_of) == 0 && (stat_of.st_mode & S_IRWXO) != 0)
		return err_set(err, AT, DD_EACCESS,
			       "%s holds secrets and others may read it: chmod o= it first",
			       run->community_file);
	const int r =
		env_file_load(env, run->community_file, COMMUNITY_FILE_MAX - 1, &text, &size, err);
	if (r < 0)
		return r;
	assert(text != NULL && size < sizeof(run->community_text));
	memcpy(run->community_text, text, size);
	run->community_text[size] = '\0';
	free(text);
	return communities_cut(run, err);
}

/* ---- running ---- */

static void
stop(void *arg)
{
	env_stop(arg);
}

static int
run_device(struct run *run, struct env *env, struct err *err)
{
	struct box *box = NULL;
	char at[ADDR_TEXT_MAX], to[ADDR_TEXT_MAX];
	int r = communities_load(run, env, err);

	if (r == 0)
		r = box_new(env, &run->settings, &box, err);
	if (r < 0)
		return r;
	const struct addr address = box_address(box);
	const bool has_trap = run->settings.trap_to.family != ADDR_NONE;
	fprintf(stderr, "drydock-agent: listening on %s, notifications to %s\n",
		addr_text(&address, at),
		has_trap ? addr_text(&run->settings.trap_to, to) : "nobody");
	env_on_stop(env, stop, env);
	r = env_linux_run(env, err);
	box_free(box);
	return r;
}

int
agent_verb_run(int argc, char **argv)
{
	const struct log log = { LOG_INFO, line_print, NULL };
	struct run run = { .settings = { .log = &log, .faults = &run.faults } };
	struct env *env = NULL;
	struct err err = { 0 };

	if (wants_help(argc, argv))
		return fputs(help, stdout) < 0 ? EXIT_FAILED : EXIT_DONE;
	const int usage = arguments_read(&run, argc, argv);
	if (usage != EXIT_DONE)
		return usage;
	int r = env_linux_new(&env, &err);
	if (r == 0)
		r = run_device(&run, env, &err);
	env_linux_free(env);
	return r < 0 ? verb_failed("run", &err) : EXIT_DONE;
}
