/* Content that a killed run left: what is seen after the start is durable. */
#include "blobs/blobs.h"
#include "env/env_sim.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct world {
	struct sim *sim;
	struct env *host;
	struct blobs *blobs;
	struct err err;
};

static int
set_up_seeded(struct world *w, uint64_t seed)
{
	const struct sim_settings settings = { .seed = seed };
	struct addr addr;

	assert_int_equal(addr_parse("192.0.2.1", 0, &addr, NULL), 0);
	assert_int_equal(sim_new(&settings, &w->sim, &w->err), 0);
	w->host = sim_host(w->sim, "host", &addr, 1);
	return blobs_open(w->host, "/data", &w->blobs, &w->err);
}

static void
a_killed_run_leaves_nothing_undurable(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 50; seed++) {
		struct world w = { 0 };
		struct sha256 hash;
		char path[16 + SHA256_TEXT_SIZE] = "/data/";
		/* given a run that was killed between rename and sync of the folder, power on */
		assert_int_equal(set_up_seeded(&w, seed), 0);
		sha256_of("abc", 3, &hash);
		(void)sha256_text(&hash, path + strlen(path));
		struct env_file *file = NULL;
		assert_int_equal(env_file_open(w.host, "/data/tmp-1",
					       ENV_FILE_WRITE | ENV_FILE_CREATE, &file, &w.err),
				 0);
		assert_int_equal(env_file_write(file, 0, "abc", 3), 0);
		assert_int_equal(env_file_sync(file), 0);
		env_file_close(file);
		assert_int_equal(env_rename(w.host, "/data/tmp-1", path), 0);
		blobs_close(w.blobs);
		/* when the next run sees the content, and then power is cut */
		assert_int_equal(blobs_open(w.host, "/data", &w.blobs, &w.err), 0);
		assert_true(blobs_has(w.blobs, &hash, NULL));
		sim_crash(w.sim, w.host);
		blobs_close(w.blobs);
		sim_restart(w.sim, w.host);
		/* then it is still there */
		assert_int_equal(blobs_open(w.host, "/data", &w.blobs, &w.err), 0);
		assert_true(blobs_has(w.blobs, &hash, NULL));
		blobs_close(w.blobs);
		sim_free(w.sim);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_killed_run_leaves_nothing_undurable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
