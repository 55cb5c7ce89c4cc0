/* drydock-sim: simulated worlds of managers, file services and devices. */
#include "env/env_linux.h"
#include "sim/simulate.h"

#include <stdio.h>
#include <string.h>

int
main(int argc, char **argv)
{
	struct env *env = NULL;
	struct err err = { 0 };

	if (argc < 2 || strcmp(argv[1], "simulate") != 0) {
		(void)fprintf(stderr, "Usage: drydock-sim simulate [OPTION...]\n");
		return 2;
	}
	if (env_linux_new(&env, &err) < 0) {
		(void)fprintf(stderr, "drydock-sim: %s\n", err.text);
		return 1;
	}
	int status = simulate_main(env, argc - 2, argv + 2);
	env_linux_free(env);
	return status;
}
