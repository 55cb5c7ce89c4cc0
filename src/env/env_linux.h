/* env_linux.h - the real host: epoll, waiting until the first timer, signalfd, plain files. */
#pragma once
#include "env/env.h"

/* Where a program was started without stdin, stdout or stderr: occupy their numbers, or the next
 * file that is opened gets the log lines. env_linux_new() does it. */
void env_linux_hold_std(void);
int env_linux_new(struct env **ret_env, struct err *err);
/* Run until env_stop(). Returns 0, or negative where the loop itself failed. */
int env_linux_run(struct env *env, struct err *err);
void env_linux_free(struct env *env); /* accepts NULL */

/* For libraries with a file descriptor of their own (libmicrohttpd's epoll): call ready() whenever
 * fd is readable. */
struct env_watch;
int env_linux_watch(struct env *env, int fd, void (*ready)(void *arg), void *arg,
		    struct env_watch **ret_watch, struct err *err);
void env_linux_unwatch(struct env_watch *watch); /* accepts NULL */

/* For libraries that accept by themselves: a listening socket as env_listen() makes it, not
 * blocking, and where it is bound, with the real port. The caller closes the descriptor; the file
 * of a Unix socket stays. */
int env_linux_listen(const struct addr *at, int *ret_fd, struct addr *ret_local, struct err *err);
