/* cli.h - the program `drydock`: what a person or a script asks of a manager.
 *
 * One verb a file, one table of verbs (verbs.c) that drives parsing and help. It speaks the API and
 * knows nothing else of the manager. Exit codes: 0 done, 1 failed (with the reason), 2 usage, 3
 * ended with failed devices, 4 waits for a decision, 5 timed out waiting. */
#pragma once

/* The whole program. Returns its exit code. */
int cli_main(int argc, char **argv);
