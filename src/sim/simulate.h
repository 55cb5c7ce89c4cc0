/* simulate.h - `drydock-sim simulate`: many worlds, one seed after the other, and the planted bugs.
 */
#pragma once
#include "env/env.h"

/* Run the verb. Exit status: 0 all promises hold and every planted bug was caught, 1 a promise
 * broke (the seed is printed) or a bug was not caught, 2 usage. */
int simulate_main(struct env *env, int argc, char **argv);
