/* env_linux_process.c - child processes of the real host: started, told when they end, killed with
 * us. */
#include "env/linux.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

struct linux_process {
	struct env_process base;
	struct linux_process *next; /* in the host's list */
	pid_t pid;
	bool has_ended;
	int status;
	void (*ended)(void *arg, int status); /* NULL once called */
	void *arg;
};

/* In the child, between fork() and exec(): only what signal-safety(7) allows. Tells its errno
 * through `pipe_fd`. */
static _Noreturn void
child_run(const char *const *argv, const sigset_t *mask, pid_t parent, int pipe_fd)
{
	const int null_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	char *const *list;

	memcpy(&list, &argv,
	       sizeof(list)); /* execv() does not write there; its type has no const */
	if (null_fd >= 0 && dup2(null_fd, STDIN_FILENO) >= 0 &&
	    prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && signal(SIGPIPE, SIG_DFL) != SIG_ERR &&
	    sigprocmask(SIG_SETMASK, mask, NULL) == 0) {
		if (getppid() != parent) /* we died before prctl() */
			_exit(1);
		(void)execv(argv[0], list);
	}
	const int failure = errno;
	if (write(pipe_fd, &failure, sizeof(failure)) < 0)
		_exit(126);
	_exit(127);
}

/* Wait until the child has become the program: 0, or the errno that stopped it. */
static int
child_failure(int pipe_fd)
{
	int failure = 0;
	ssize_t n;

	do
		n = read(pipe_fd, &failure, sizeof(failure));
	while (n < 0 && errno == EINTR);
	return n == (ssize_t)sizeof(failure) ? failure : 0;
}

static void
wait_for(pid_t pid, int *ret_status)
{
	while (waitpid(pid, ret_status, 0) < 0 && errno == EINTR)
		;
}

static int
child_start(struct linux_host *host, const char *const *argv, pid_t *ret_pid, struct err *err)
{
	const pid_t self = getpid();
	int pipe_fds[2], status;

	if (pipe2(pipe_fds, O_CLOEXEC) < 0)
		return err_errno(err, AT, errno, "%s can't be started", argv[0]);
	const pid_t pid = fork();
	if (pid == 0)
		child_run(argv, &host->mask_before, self, pipe_fds[1]);
	const int fork_errno = errno;
	(void)close(pipe_fds[1]);
	const int failure = pid < 0 ? fork_errno : child_failure(pipe_fds[0]);
	(void)close(pipe_fds[0]);
	if (failure != 0) {
		if (pid > 0)
			wait_for(pid, &status);
		return err_errno(err, AT, failure, "%s can't be started", argv[0]);
	}
	*ret_pid = pid;
	return 0;
}

int
linux_process_start(struct env *env, const char *const *argv, void (*ended)(void *arg, int status),
		    void *arg, struct env_process **ret_process, struct err *err)
{
	struct linux_host *host = LINUX_HOST(env);
	struct linux_process *process = calloc(1, sizeof(*process));

	if (!process)
		return err_set(err, AT, DD_ENOMEM, "no memory to start %s", argv[0]);
	const int r = child_start(host, argv, &process->pid, err);
	if (r < 0) {
		free(process);
		return r;
	}
	process->base.env = env;
	process->ended = ended;
	process->arg = arg;
	process->next = host->processes;
	host->processes = process;
	*ret_process = &process->base;
	return 0;
}

/* One that has ended and whose owner was not told yet. */
static struct linux_process *
process_ended(struct linux_host *host)
{
	for (struct linux_process *p = host->processes; p; p = p->next) {
		if (!p->has_ended && waitpid(p->pid, &p->status, WNOHANG) == p->pid)
			p->has_ended = true;
		if (p->has_ended && p->ended)
			return p;
	}
	return NULL;
}

void
linux_process_collect(struct linux_host *host)
{
	struct linux_process *process;

	/* Each callback may free any process, so the list is searched again. */
	while (!host->env.is_stopping && (process = process_ended(host))) {
		void (*ended)(void *arg, int status) = TAKE(process->ended);
		ended(process->arg, process->status);
	}
}

void
linux_process_kill(struct env_process *base, int signal)
{
	struct linux_process *process = CONTAINER_OF(base, struct linux_process, base);

	if (!process->has_ended)
		(void)kill(
			process->pid,
			signal); /* it is a child of ours, not collected: the number is its own */
}

int64_t
linux_process_id(const struct env_process *base)
{
	return ((const struct linux_process *)base)->pid; /* base comes first */
}

void
linux_process_free(struct env_process *base)
{
	struct linux_process *process = CONTAINER_OF(base, struct linux_process, base);
	struct linux_process **link = &LINUX_HOST(base->env)->processes;

	while (*link != process)
		link = &(*link)->next;
	*link = process->next;
	if (!process->has_ended) {
		(void)kill(process->pid, SIGKILL);
		wait_for(process->pid, &process->status);
	}
	free(process);
}
