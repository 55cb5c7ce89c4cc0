/* daemon.h - the program drydockd as an object: engine, API, listeners, and the file service as its
 * child.
 *
 * Opening: the data folder's token, its lock (a second manager is refused), the store, the
 * listeners, and then the child. */
#pragma once
#include "base/addr.h"
#include "base/log.h"
#include "env/env.h"

enum { DAEMON_PATH_MAX = 512, DAEMON_STOP_MS = 3000 /* the child may take to end by itself */ };

struct daemon_options {
	char data[ADDR_PATH_MAX];
	struct addr listen;    /* API by TCP; ADDR_NONE = only the Unix socket */
	struct addr tftp, ftp; /* of the file service that runs as our child */
	struct addr trap;
	struct addr advertise; /* what devices are told as the file service's address */
	bool is_files_remote;  /* somebody else starts the file service */
	bool wants_help;
};

/* The arguments after the program's name. DD_EINVAL with what is wrong: usage. */
int daemon_options_read(int argc, char **argv, struct daemon_options *ret_options, struct err *err);
extern const char daemon_help[];

struct daemon;

/* program_folder: where our own program is: drydock-filed is beside it, profiles and migrations in
 * ../ or ../share/drydock/. env must be the real host, and is told to stop when the daemon is.
 * `ready` of the log is told by one line. */
int daemon_new(struct env *env, const struct daemon_options *options, const char *program_folder,
	       const struct log *log, struct daemon **ret_daemon, struct err *err);
/* Run until it is told to stop, or the store fails (negative). */
int daemon_run(struct daemon *daemon, struct err *err);
void daemon_free(struct daemon *daemon); /* accepts NULL */
