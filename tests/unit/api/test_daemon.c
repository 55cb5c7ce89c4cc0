/* test_daemon.c - the options of drydockd, and a child that is kept running. */
#include "api/daemon.h"
#include "engine/supervisor.h"
#include "env/env_linux.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* ---- options ---- */

static int
read_line_of(const char *line, struct daemon_options *options, struct err *err)
{
	static char words[1024];
	char *argv[64];
	int argc = 0;

	(void)snprintf(words, sizeof(words), "%s", line);
	for (char *rest = words, *word; (word = strsep(&rest, " ")) != NULL;)
		if (*word != '\0')
			argv[argc++] = word;
	return daemon_options_read(argc, argv, options, err);
}

static void
test_options(void **state)
{
	struct daemon_options options;
	char text[ADDR_TEXT_MAX];

	(void)state;
	assert_int_equal(read_line_of("--data /var/lib/drydock/ --tftp 127.0.0.1:6969 "
				      "--ftp=127.0.0.1 --listen 127.0.0.1",
				      &options, NULL),
			 0);
	assert_string_equal(options.data, "/var/lib/drydock");
	assert_string_equal(addr_text(&options.tftp, text), "127.0.0.1:6969");
	assert_string_equal(addr_text(&options.ftp, text), "127.0.0.1:21");
	assert_string_equal(addr_text(&options.listen, text), "127.0.0.1:8080");
	assert_string_equal(addr_text(&options.trap, text), "0.0.0.0:162");
	assert_string_equal(addr_text(&options.advertise, text), "127.0.0.1");
	assert_false(options.is_files_remote);
	assert_int_equal(
		read_line_of("--data d --advertise 192.0.2.1 --files remote --store sqlite",
			     &options, NULL),
		0);
	assert_true(options.is_files_remote);
	assert_int_equal(read_line_of("--data d --help", &options, NULL), 0);
	assert_true(options.wants_help);
}

static void
test_options_refused(void **state)
{
	static const struct {
		const char *line, *words;
	} cases[] = {
		{ "", "--data" },
		{ "--data", "value" },
		{ "--data d", "--advertise" },
		{ "--data d --advertise 0.0.0.0", "--advertise" },
		{ "--data d --advertise nonsense", "--advertise" },
		{ "--data d --advertise 192.0.2.1 --tftp unix:/x", "--tftp" },
		{ "--data d --advertise 192.0.2.1 --trap 1.2.3.4:99999", "--trap" },
		{ "--data d --advertise 192.0.2.1 --files here", "--files" },
		{ "--data d --advertise 192.0.2.1 --store pgsql", "--store" },
		{ "--data d --advertise 192.0.2.1 --http 127.0.0.1", "--http" },
		{ "--data d --advertise 192.0.2.1 --loud x", "--loud" },
		{ "--data d --advertise 192.0.2.1 x", "'x'" },
		{ "--data d -x", "'-x'" },
		{ "--data "
		  "/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa "
		  "--advertise 192.0.2.1",
		  "--data" },
	};
	struct daemon_options options;
	struct err err;

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
		assert_int_equal(read_line_of(cases[i].line, &options, &err) < 0, 1);
		if (strstr(err.text, cases[i].words) == NULL)
			fail_msg("%s: %s", cases[i].line, err.text);
	}
}

/* ---- the child ---- */

struct world {
	struct env *env;
	struct supervisor *supervisor;
	char file[64];
	struct env_timer look, limit;
	int64_t wanted; /* bytes that the file must have */
	bool has_hung, was_stopped;
};

static int
setup(void **state)
{
	struct world *world = calloc(1, sizeof(*world));

	assert_non_null(world);
	assert_int_equal(env_linux_new(&world->env, NULL), 0);
	(void)snprintf(world->file, sizeof(world->file), "/tmp/drydock-child-XXXXXX");
	assert_true(mkstemp(world->file) >= 0);
	*state = world;
	return 0;
}

static int
teardown(void **state)
{
	struct world *world = *state;

	supervisor_free(world->supervisor);
	(void)remove(world->file);
	env_linux_free(world->env);
	free(world);
	return 0;
}

static void
hung(void *arg)
{
	struct world *world = arg;

	world->has_hung = true;
	env_stop(world->env);
}

static void
look(void *arg)
{
	struct world *world = arg;
	char *text = NULL;
	size_t size = 0;

	assert_int_equal(env_file_load(world->env, world->file, 1000, &text, &size, NULL), 0);
	free(text);
	if ((int64_t)size >= world->wanted)
		env_stop(world->env);
	else
		env_timer_set(world->env, &world->look, env_now(world->env) + 10);
}

static void
run(struct world *world)
{
	world->limit = (struct env_timer){ .fire = hung, .arg = world };
	env_timer_set(world->env, &world->limit, env_now(world->env) + 10000);
	assert_int_equal(env_linux_run(world->env, NULL), 0);
	env_timer_clear(world->env, &world->limit);
	env_timer_clear(world->env, &world->look);
	assert_false(world->has_hung);
}

/* Run until the child has written so many bytes. */
static void
run_until(struct world *world, int64_t wanted)
{
	world->wanted = wanted;
	world->look = (struct env_timer){ .fire = look, .arg = world };
	env_timer_set(world->env, &world->look, env_now(world->env));
	run(world);
}

/* The script finds the file's name as $0. */
static void
start(struct world *world, const char *script)
{
	const char *argv[] = { "/bin/sh", "-c", script, world->file, NULL };

	assert_int_equal(supervisor_new(world->env, argv, NULL, &world->supervisor, NULL), 0);
}

static void
stopped(void *arg)
{
	struct world *world = arg;

	world->was_stopped = true;
	env_stop(world->env);
}

static void
test_child_is_started_again(void **state)
{
	struct world *world = *state;

	const msec_t began = env_now(world->env);
	start(world, "echo >> $0; exit 3");
	run_until(world, 3);
	assert_true(env_now(world->env) - began <
		    3000); /* after 100 and 200 ms, on a busy machine */
	assert_true(supervisor_failures(world->supervisor) >= 2);
}

static void
test_killed_child_is_started_again(void **state)
{
	struct world *world = *state;

	start(world, "echo >> $0; exec sleep 60");
	run_until(world, 1);
	int64_t first = supervisor_child(world->supervisor);
	char command[64];
	assert_int_not_equal(first, 0);
	(void)snprintf(command, sizeof(command), "kill -9 %lld", (long long)first);
	assert_int_equal(system(command), 0);
	run_until(world, 2);
	assert_int_not_equal(supervisor_child(world->supervisor), first);
}

static void
test_stop(void **state)
{
	struct world *world = *state;

	start(world, "echo >> $0; exec sleep 60");
	run_until(world, 1);
	supervisor_stop(world->supervisor, 5000, stopped, world);
	run(world);
	assert_true(world->was_stopped);
	assert_int_equal(supervisor_child(world->supervisor), 0);
}

/* One that does not listen is killed; one that is not there needs no waiting. */
static void
test_stop_of_a_deaf_child(void **state)
{
	struct world *world = *state;

	start(world, "trap '' TERM; echo >> $0; while :; do sleep 0.05; done");
	run_until(world, 1);
	supervisor_stop(world->supervisor, 50, stopped, world);
	run(world);
	assert_true(world->was_stopped);
}

static void
test_stop_between_two_starts(void **state)
{
	struct world *world = *state;

	start(world, "echo >> $0; exit 3");
	run_until(world, 2);
	supervisor_stop(world->supervisor, 5000, stopped, world);
	run(world);
	assert_true(world->was_stopped);
}

static void
test_program_that_is_not_there(void **state)
{
	struct world *world = *state;
	const char *argv[] = { "/nowhere/drydock-filed", NULL };
	struct err err;

	assert_true(supervisor_new(world->env, argv, NULL, &world->supervisor, &err) < 0);
	assert_non_null(strstr(err.text, "/nowhere/drydock-filed"));
}

#define IN_WORLD(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_options),
		cmocka_unit_test(test_options_refused),
		IN_WORLD(test_child_is_started_again),
		IN_WORLD(test_killed_child_is_started_again),
		IN_WORLD(test_stop),
		IN_WORLD(test_stop_of_a_deaf_child),
		IN_WORLD(test_stop_between_two_starts),
		IN_WORLD(test_program_that_is_not_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
