/* fixture.h - one host of either kind for a test, with an empty folder and a limit on running. */
#pragma once
#include "env/env_linux.h"
#include "env/env_sim.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum {
	RUN_LIMIT_MS = 20000
}; /* far more than any test needs; reached only where something hangs */

struct fixture {
	struct env *env;
	struct sim *sim; /* NULL on the real host */
	char dir[64];
	struct env_timer limit;
	bool has_hung;
};

static inline struct addr
address(const char *text)
{
	struct addr addr;
	struct err err;

	assert_int_equal(addr_parse(text, 0, &addr, &err), 0);
	return addr;
}

static inline void
fixture_hung(void *arg)
{
	struct fixture *f = arg;

	f->has_hung = true;
	env_stop(f->env);
}

static inline bool
fixture_is_stopped(void *arg)
{
	return env_is_dead(arg);
}

/* Run until a callback calls env_stop(); fails where none does. */
static inline void
fixture_run(struct fixture *f)
{
	struct err err;

	f->limit = (struct env_timer){ .fire = fixture_hung, .arg = f };
	env_timer_set(f->env, &f->limit, env_now(f->env) + RUN_LIMIT_MS);
	if (f->sim) {
		(void)sim_run(f->sim, DD_NEVER, fixture_is_stopped, f->env);
		sim_restart(f->sim, f->env);
	} else {
		assert_int_equal(env_linux_run(f->env, &err), 0);
	}
	env_timer_clear(f->env, &f->limit);
	assert_false(f->has_hung);
}

static inline const char *
fixture_path(const struct fixture *f, const char *name)
{
	static char path[128]; /* one at a time is enough for tests */

	(void)snprintf(path, sizeof(path), "%s/%s", f->dir, name);
	return path;
}

static inline int
fixture_linux(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct err err;

	assert_non_null(f);
	assert_int_equal(env_linux_new(&f->env, &err), 0);
	(void)snprintf(f->dir, sizeof(f->dir), "/tmp/drydock-test-XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	*state = f;
	return 0;
}

static inline int
fixture_sim(void **state)
{
	static const struct sim_settings settings = { .seed = 7,
						      .latency_min_ms = 1,
						      .latency_max_ms = 9 };
	const struct addr at = address("192.0.2.1");
	struct fixture *f = calloc(1, sizeof(*f));
	struct err err;

	assert_non_null(f);
	assert_int_equal(sim_new(&settings, &f->sim, &err), 0);
	f->env = sim_host(f->sim, "one", &at, 1);
	(void)snprintf(f->dir, sizeof(f->dir), "/data");
	assert_int_equal(env_dir_make(f->env, f->dir, &err), 0);
	*state = f;
	return 0;
}

static inline int
fixture_done(void **state)
{
	struct fixture *f = *state;
	char command[128];

	if (f->sim) {
		sim_free(f->sim);
	} else {
		env_linux_free(f->env);
		(void)snprintf(command, sizeof(command), "rm -rf %s", f->dir);
		assert_int_equal(system(command), 0);
	}
	free(f);
	return 0;
}

#define ON_LINUX(test) cmocka_unit_test_setup_teardown(test, fixture_linux, fixture_done)
#define ON_SIM(test)   cmocka_unit_test_setup_teardown(test, fixture_sim, fixture_done)
#define ON_BOTH(test)                                                  \
	{ #test " (linux)", test, fixture_linux, fixture_done, NULL }, \
	{                                                              \
#test " (sim)", test, fixture_sim, fixture_done, NULL  \
	}
