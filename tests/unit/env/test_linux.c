/* test_linux.c - what only the real host has: signals, processes, watched descriptors, links, stale
 * sockets. */
#include "fixture.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- processes ---- */

struct child {
	struct fixture *f;
	struct env_process *process;
	int ended_count, status;
	bool is_freed_in_callback;
};

static void
child_ended(void *arg, int status)
{
	struct child *child = arg;

	child->ended_count++;
	child->status = status;
	if (child->is_freed_in_callback)
		env_process_free(TAKE(child->process));
	env_stop(child->f->env);
}

static void
child_start(struct child *child, struct fixture *f, const char *command)
{
	const char *const argv[] = { "/bin/sh", "-c", command, NULL };
	struct err err;

	*child = (struct child){ .f = f };
	assert_int_equal(env_process_start(f->env, argv, child_ended, child, &child->process, &err),
			 0);
	assert_true(env_process_id(child->process) > 0);
}

static void
the_end_of_a_process_is_told_with_its_status(void **state)
{
	struct child child;
	child_start(&child, *state, "exit 7");

	fixture_run(child.f);

	assert_int_equal(child.ended_count, 1);
	assert_true(WIFEXITED(child.status) && WEXITSTATUS(child.status) == 7);
	env_process_kill(child.process, SIGKILL); /* no effect any more */
	env_process_free(child.process);
}

static void
a_process_can_be_freed_when_it_ends(void **state)
{
	struct child child;
	child_start(&child, *state, "exit 0");
	child.is_freed_in_callback = true;

	fixture_run(child.f);

	assert_null(child.process);
}

static void
a_process_can_be_killed(void **state)
{
	struct child child;
	child_start(&child, *state, "exec sleep 100");

	env_process_kill(child.process, SIGTERM);
	fixture_run(child.f);

	assert_true(WIFSIGNALED(child.status) && WTERMSIG(child.status) == SIGTERM);
	env_process_free(child.process);
}

static void
freeing_a_running_process_kills_it_without_a_word(void **state)
{
	struct child child;
	child_start(&child, *state, "exec sleep 100");
	const pid_t pid = (pid_t)env_process_id(child.process);

	env_process_free(child.process);

	assert_int_equal(kill(pid, 0), -1);
	assert_int_equal(child.ended_count, 0);
}

static void
a_process_does_not_inherit_our_signal_settings(void **state)
{
	struct child child;
	/* A blocked or ignored SIGPIPE, SIGTERM would keep the shell alive. */
	child_start(&child, *state, "test -c /dev/stdin && kill -PIPE $$; exit 3");

	fixture_run(child.f);

	assert_true(WIFSIGNALED(child.status) && WTERMSIG(child.status) == SIGPIPE);
	env_process_free(child.process);
}

static void
a_missing_program_is_told_at_once(void **state)
{
	struct fixture *f = *state;
	const char *const argv[] = { "/nonexistent/program", NULL };
	struct env_process *process = NULL;
	struct err err;

	assert_int_equal(env_process_start(f->env, argv, child_ended, NULL, &process, &err),
			 DD_ENOTFOUND);
	assert_null(process);
	assert_non_null(strstr(err.text, "/nonexistent/program"));
}

/* ---- signals ---- */

struct stopping {
	struct fixture *f;
	int stops;
	struct env_timer timer;
};

static void
stop_told(void *arg)
{
	struct stopping *stopping = arg;

	stopping->stops++;
	if (stopping->stops == 1)
		assert_int_equal(raise(SIGINT), 0); /* a second one ends the loop at once */
}

static void
raise_term(void *arg)
{
	(void)arg;
	assert_int_equal(raise(SIGTERM), 0);
}

static void
the_first_signal_is_told_the_second_stops(void **state)
{
	struct stopping stopping = { .f = *state };
	stopping.timer = (struct env_timer){ .fire = raise_term };
	env_on_stop(stopping.f->env, stop_told, &stopping);
	env_timer_set(stopping.f->env, &stopping.timer, env_now(stopping.f->env));

	fixture_run(stopping.f);

	assert_int_equal(stopping.stops, 1);
	assert_true(env_is_dead(stopping.f->env));
}

/* ---- watched descriptors ---- */

struct watched {
	struct fixture *f;
	struct env_watch *watch;
	int fds[2], ready_count;
};

static void
watched_ready(void *arg)
{
	struct watched *watched = arg;
	char byte;

	watched->ready_count++;
	assert_int_equal(read(watched->fds[0], &byte, 1), 1);
	if (watched->ready_count == 3) {
		env_linux_unwatch(TAKE(watched->watch));
		env_stop(watched->f->env);
	}
}

static void
a_watched_descriptor_is_told_while_it_is_readable(void **state)
{
	struct watched watched = { .f = *state };
	struct err err;
	assert_int_equal(pipe(watched.fds), 0);
	assert_int_equal(env_linux_watch(watched.f->env, watched.fds[0], watched_ready, &watched,
					 &watched.watch, &err),
			 0);

	assert_int_equal(write(watched.fds[1], "abcd", 4), 4);
	fixture_run(watched.f);

	assert_int_equal(watched.ready_count, 3);
	assert_int_equal(close(watched.fds[0]), 0); /* it was left open */
	assert_int_equal(close(watched.fds[1]), 0);
}

/* ---- files that are none ---- */

static void
links_and_pipes_are_not_opened(void **state)
{
	struct fixture *f = *state;
	struct env_file *file = NULL;
	struct err err;
	char target[128];
	(void)snprintf(target, sizeof(target), "%s", fixture_path(f, "target"));
	assert_int_equal(env_file_store(f->env, target, "x", 1, &err), 0);
	assert_int_equal(symlink(target, fixture_path(f, "link")), 0);
	assert_int_equal(mkfifo(fixture_path(f, "pipe"), 0600), 0);

	assert_int_equal(env_file_open(f->env, fixture_path(f, "link"), ENV_FILE_READ, &file, &err),
			 DD_EINVAL);
	assert_non_null(strstr(err.text, "symbolic link"));
	assert_int_equal(env_file_open(f->env, fixture_path(f, "pipe"), ENV_FILE_READ, &file, &err),
			 DD_EINVAL);
	assert_int_equal(
		env_file_open(f->env, fixture_path(f, "pipe"), ENV_FILE_WRITE, &file, &err),
		DD_EINVAL);
	assert_int_equal(env_file_open(f->env, "/dev/null", ENV_FILE_READ, &file, &err), DD_EINVAL);
	assert_null(file);
}

static void
what_is_made_is_private(void **state)
{
	struct fixture *f = *state;
	struct stat st;
	struct err err;
	assert_int_equal(env_dir_make(f->env, fixture_path(f, "folder"), &err), 0);
	assert_int_equal(env_file_store(f->env, fixture_path(f, "file"), "x", 1, &err), 0);

	assert_int_equal(stat(fixture_path(f, "folder"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	assert_int_equal(stat(fixture_path(f, "file"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
}

/* ---- Unix sockets ---- */

static void
never_accepted(void *arg, struct env_stream *stream, const struct addr *peer)
{
	(void)arg, (void)peer;
	env_stream_close(stream);
}

static struct addr
socket_address(const struct fixture *f)
{
	char text[160];

	(void)snprintf(text, sizeof(text), "unix:%s", fixture_path(f, "socket"));
	return address(text);
}

static void
a_socket_file_left_by_a_dead_program_is_replaced(void **state)
{
	struct fixture *f = *state;
	struct env_listener *listener = NULL;
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	struct stat st;
	struct err err;
	const struct addr at = socket_address(f);
	(void)snprintf(un.sun_path, sizeof(un.sun_path), "%s", at.path);
	const int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_int_equal(bind(fd, (const struct sockaddr *)&un, sizeof(un)), 0);
	assert_int_equal(close(fd), 0);

	assert_int_equal(env_listen(f->env, &at, never_accepted, NULL, &listener, &err), 0);

	assert_int_equal(stat(at.path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	env_listener_close(listener);
	assert_int_equal(stat(at.path, &st), -1);
}

static void
a_socket_file_in_use_or_no_socket_is_left_alone(void **state)
{
	struct fixture *f = *state;
	struct env_listener *first = NULL, *second = NULL;
	struct stat st;
	struct err err;
	const struct addr at = socket_address(f);
	assert_int_equal(env_listen(f->env, &at, never_accepted, NULL, &first, &err), 0);

	assert_int_equal(env_listen(f->env, &at, never_accepted, NULL, &second, &err), DD_EBUSY);
	assert_int_equal(stat(at.path, &st), 0);
	env_listener_close(first);

	assert_int_equal(env_file_store(f->env, at.path, "precious", 8, &err), 0);
	assert_int_equal(env_listen(f->env, &at, never_accepted, NULL, &second, &err), DD_EEXIST);
	assert_int_equal(stat(at.path, &st), 0);
	assert_null(second);
}

static void
a_privileged_port_says_what_it_needs(void **state)
{
	struct fixture *f = *state;
	const struct addr at = address("127.0.0.1:69");
	struct env_udp *udp = NULL;
	struct err err;

	const int r = env_udp_open(f->env, &at, NULL, NULL, &udp, &err);
	env_udp_close(udp);
	if (r == 0 || r == DD_EBUSY)
		skip(); /* root may, and others where the machine allows it */
	assert_int_equal(r, DD_EACCESS);
	assert_non_null(strstr(err.text, "port 69 needs root or CAP_NET_BIND_SERVICE"));
}

struct ipv6 {
	struct fixture *f;
	struct env_udp *udp;
	struct addr from, to;
};

static void
ipv6_received(void *arg, const struct addr *from, const struct addr *to, const uint8_t *data,
	      size_t size)
{
	struct ipv6 *ipv6 = arg;

	(void)data, (void)size;
	ipv6->from = *from;
	ipv6->to = *to;
	env_stop(ipv6->f->env);
}

static void
an_ipv6_datagram_comes_back(void **state)
{
	struct ipv6 ipv6 = { .f = *state };
	const struct addr at = address("[::]:0");
	struct addr to = address("::1");
	struct err err;

	if (env_udp_open(ipv6.f->env, &at, ipv6_received, &ipv6, &ipv6.udp, &err) < 0)
		skip(); /* a machine without IPv6 */
	to.port = env_udp_local(ipv6.udp)->port;
	assert_int_equal(env_udp_send(ipv6.udp, &to, &to, "x", 1), 0);
	fixture_run(ipv6.f);

	assert_true(addr_equal(&ipv6.from, &to) && addr_equal(&ipv6.to, &to));
	env_udp_close(ipv6.udp);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		ON_LINUX(the_end_of_a_process_is_told_with_its_status),
		ON_LINUX(a_process_can_be_freed_when_it_ends),
		ON_LINUX(a_process_can_be_killed),
		ON_LINUX(freeing_a_running_process_kills_it_without_a_word),
		ON_LINUX(a_process_does_not_inherit_our_signal_settings),
		ON_LINUX(a_missing_program_is_told_at_once),
		ON_LINUX(the_first_signal_is_told_the_second_stops),
		ON_LINUX(a_watched_descriptor_is_told_while_it_is_readable),
		ON_LINUX(links_and_pipes_are_not_opened),
		ON_LINUX(what_is_made_is_private),
		ON_LINUX(a_socket_file_left_by_a_dead_program_is_replaced),
		ON_LINUX(a_socket_file_in_use_or_no_socket_is_left_alone),
		ON_LINUX(a_privileged_port_says_what_it_needs),
		ON_LINUX(an_ipv6_datagram_comes_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
