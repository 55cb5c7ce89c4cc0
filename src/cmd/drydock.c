/* drydock.c - the command line. */
#include "cli/cli.h"
#include "env/env_linux.h"

int
main(int argc, char **argv)
{
	env_linux_hold_std();
	return cli_main(argc, argv);
}
