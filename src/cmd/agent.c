/* agent.c - drydock-agent: the device's side, as a program for Linux-based devices and for tests.
 */
#include "agent/verbs.h"
#include "base/text.h"

#include <stdio.h>

static const char help[] = "Usage: drydock-agent VERB ...\n"
			   "\n"
			   "An integrated access device with 24 ports and two software slots, "
			   "managed by SNMP (DRYDOCK-MIB).\n"
			   "\n"
			   "  mkimage FILE ...   make a software image\n"
			   "  init DIR ...       make a device in a new folder\n"
			   "  run DIR ...        run it\n"
			   "  status DIR         tell what its files say\n"
			   "\n"
			   "drydock-agent VERB --help tells more.\n";

static const struct {
	const char *name;
	int (*run)(int argc, char **argv);
} verbs[] = {
	{ "mkimage", agent_verb_mkimage },
	{ "init", agent_verb_init },
	{ "run", agent_verb_run },
	{ "status", agent_verb_status },
};

int
main(int argc, char **argv)
{
	if (argc < 2) {
		fputs(help, stderr);
		return EXIT_USAGE;
	}
	if (wants_help(argc - 1, argv + 1))
		return fputs(help, stdout) < 0 ? EXIT_FAILED : EXIT_DONE;
	for (size_t i = 0; i < ARRAY_COUNT(verbs); i++)
		if (text_equal(argv[1], verbs[i].name))
			return verbs[i].run(argc - 2, argv + 2);
	fprintf(stderr, "drydock-agent: there is no verb '%s'; see drydock-agent --help\n",
		argv[1]);
	return EXIT_USAGE;
}
