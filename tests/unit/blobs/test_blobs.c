/* test_blobs.c - content by hash, on the real disk and on one that fails and loses power. */
#include "env/fixture.h"

#include "blobs/blobs.h"

enum { CRASH_SEEDS = 60, DURABLE_MAX = 12 };

static const char text[] = "hostname = iad-7\n";

static struct blobs *
opened(struct fixture *f)
{
	struct blobs *blobs = NULL;
	struct err err;

	assert_int_equal(blobs_open(f->env, fixture_path(f, "blobs"), &blobs, &err), 0);
	return blobs;
}

static void
count_name(void *arg, const char *name)
{
	(void)name;
	(*(unsigned *)arg)++;
}

static unsigned
files_count(struct fixture *f)
{
	unsigned count = 0;

	assert_int_equal(env_dir_list(f->env, fixture_path(f, "blobs"), count_name, &count, NULL),
			 0);
	return count;
}

static void
assert_content(struct blobs *blobs, const struct sha256 *hash, const char *wanted)
{
	char *data = NULL;
	size_t size = 0;

	assert_int_equal(blobs_load(blobs, hash, 1000, &data, &size, NULL), 0);
	assert_int_equal(size, strlen(wanted));
	assert_memory_equal(data, wanted, size + 1);
	free(data);
}

static void
test_what_is_put_can_be_loaded(void **state)
{
	struct fixture *f = *state;
	struct blobs *blobs = opened(f);
	struct sha256 hash, expected;
	uint64_t size = 0;

	assert_int_equal(blobs_put(blobs, text, strlen(text), &hash, NULL), 0);
	sha256_of(text, strlen(text), &expected);
	assert_true(sha256_equal(&hash, &expected));
	assert_true(blobs_has(blobs, &hash, &size));
	assert_int_equal(size, strlen(text));
	assert_content(blobs, &hash, text);
	blobs_close(blobs);
}

static void
test_empty_content_is_content(void **state)
{
	struct fixture *f = *state;
	struct blobs *blobs = opened(f);
	struct sha256 hash;

	assert_int_equal(blobs_put(blobs, "", 0, &hash, NULL), 0);
	assert_content(blobs, &hash, "");
	blobs_close(blobs);
}

static void
test_the_same_content_is_one_file(void **state)
{
	struct fixture *f = *state;
	struct blobs *blobs = opened(f);
	struct blob_writer *writer = NULL;
	struct sha256 hash;

	assert_int_equal(blobs_put(blobs, text, strlen(text), &hash, NULL), 0);
	assert_int_equal(blob_begin(blobs, 1000, &writer, NULL), 0);
	assert_int_equal(blob_write(writer, text, strlen(text), NULL), 0);
	assert_int_equal(blob_publish(writer, NULL, &hash, NULL), 0);
	assert_int_equal(files_count(f), 1);
	blobs_close(blobs);
}

static void
test_nothing_is_visible_before_it_is_published(void **state)
{
	struct fixture *f = *state;
	struct blobs *blobs = opened(f);
	struct blob_writer *writer = NULL;
	struct sha256 hash;

	sha256_of(text, strlen(text), &hash);
	assert_int_equal(blob_begin(blobs, 1000, &writer, NULL), 0);
	assert_int_equal(blob_write(writer, text, 5, NULL), 0);
	assert_int_equal(blob_write(writer, text + 5, strlen(text) - 5, NULL), 0);
	assert_int_equal(blob_size(writer), strlen(text));
	assert_false(blobs_has(blobs, &hash, NULL));
	assert_int_equal(blob_publish(writer, &hash, NULL, NULL), 0);
	assert_true(blobs_has(blobs, &hash, NULL));
	blobs_close(blobs);
}

static void
test_an_aborted_writer_leaves_nothing(void **state)
{
	struct fixture *f = *state;
	struct blobs *blobs = opened(f);
	struct blob_writer *writer = NULL;

	assert_int_equal(blob_begin(blobs, 1000, &writer, NULL), 0);
	assert_int_equal(blob_write(writer, text, 5, NULL), 0);
	blob_abort(writer);
	blob_abort(NULL);
	assert_int_equal(files_count(f), 0);
	blobs_close(blobs);
}

static void
test_content_that_is_not_the_expected_is_dropped(void **state)
{
	struct fixture *f = *state;
	struct blobs *blobs = opened(f);
	struct blob_writer *writer = NULL;
	struct sha256 other;

	sha256_of("other", 5, &other);
	assert_int_equal(blob_begin(blobs, 1000, &writer, NULL), 0);
	assert_int_equal(blob_write(writer, text, strlen(text), NULL), 0);
	assert_int_equal(blob_publish(writer, &other, NULL, NULL), DD_EINTEGRITY);
	assert_int_equal(files_count(f), 0);
	blobs_close(blobs);
}

static void
test_the_maximum_holds_before_each_write(void **state)
{
	struct fixture *f = *state;
	struct blobs *blobs = opened(f);
	struct blob_writer *writer = NULL;

	assert_int_equal(blob_begin(blobs, 10, &writer, NULL), 0);
	assert_int_equal(blob_write(writer, text, 10, NULL), 0);
	assert_int_equal(blob_write(writer, text, 1, NULL), DD_EFULL);
	assert_int_equal(blob_size(writer), 10);
	blob_abort(writer);
	blobs_close(blobs);
}

static void
test_absent_content_is_not_found(void **state)
{
	struct fixture *f = *state;
	struct blobs *blobs = opened(f);
	struct env_file *file = NULL;
	struct sha256 hash;
	char *data = NULL;
	uint64_t file_size;
	size_t size;

	sha256_of("absent", 6, &hash);
	assert_false(blobs_has(blobs, &hash, NULL));
	assert_int_equal(blobs_get(blobs, &hash, &file, &file_size, NULL), DD_ENOTFOUND);
	assert_int_equal(blobs_load(blobs, &hash, 100, &data, &size, NULL), DD_ENOTFOUND);
	assert_int_equal(blobs_remove(blobs, &hash), 0);
	blobs_close(blobs);
}

/* INV-BLOBS-2 */
static void
test_damaged_content_is_not_handed_out(void **state)
{
	struct fixture *f = *state;
	struct blobs *blobs = opened(f);
	struct env_file *file = NULL;
	struct sha256 hash;
	char path[160], digits[SHA256_TEXT_SIZE], *data = NULL;
	size_t size;

	assert_int_equal(blobs_put(blobs, text, strlen(text), &hash, NULL), 0);
	(void)snprintf(path, sizeof(path), "%s/blobs/%s", f->dir, sha256_text(&hash, digits));
	assert_int_equal(env_file_open(f->env, path, ENV_FILE_WRITE, &file, NULL), 0);
	assert_int_equal(env_file_write(file, 3, "X", 1), 0);
	env_file_close(file);
	assert_int_equal(blobs_load(blobs, &hash, 1000, &data, &size, NULL), DD_EINTEGRITY);
	assert_int_equal(blobs_verify(blobs, &hash, NULL), DD_EINTEGRITY);
	blobs_close(blobs);
}

static void
test_whole_content_of_every_size_is_verified(void **state)
{
	static const size_t sizes[] = { 0, 1, (64 << 10) - 1, 64 << 10, (64 << 10) + 1, 200000 };
	struct fixture *f = *state;
	struct blobs *blobs = opened(f);
	struct sha256 hash;
	char *data = calloc(1, 200000);

	assert_non_null(data);
	for (size_t i = 0; i < ARRAY_COUNT(sizes); i++) {
		assert_int_equal(blobs_put(blobs, data, sizes[i], &hash, NULL), 0);
		assert_int_equal(blobs_verify(blobs, &hash, NULL), 0);
	}
	free(data);
	sha256_of("absent", 6, &hash);
	assert_int_equal(blobs_verify(blobs, &hash, NULL), DD_ENOTFOUND);
	blobs_close(blobs);
}

static void
test_removed_content_is_gone(void **state)
{
	struct fixture *f = *state;
	struct blobs *blobs = opened(f);
	struct sha256 hash;

	assert_int_equal(blobs_put(blobs, text, strlen(text), &hash, NULL), 0);
	assert_int_equal(blobs_remove(blobs, &hash), 0);
	assert_false(blobs_has(blobs, &hash, NULL));
	blobs_close(blobs);
}

static void
test_what_a_crash_left_is_cleared_at_the_next_start(void **state)
{
	struct fixture *f = *state;
	struct blobs *blobs = opened(f);
	struct env_file *file = NULL;
	struct sha256 hash;

	assert_int_equal(blobs_put(blobs, text, strlen(text), &hash, NULL), 0);
	assert_int_equal(env_file_open(f->env, fixture_path(f, "blobs/tmp-0123"),
				       ENV_FILE_WRITE | ENV_FILE_CREATE, &file, NULL),
			 0);
	env_file_close(file);
	blobs_close(blobs);
	blobs = opened(f);
	assert_int_equal(files_count(f), 1);
	assert_content(blobs, &hash, text);
	blobs_close(blobs);
}

static void
test_a_full_disk_is_told_and_leaves_nothing(void **state)
{
	struct fixture *f = *state;
	struct blobs *blobs = opened(f);
	struct sha256 hash;
	struct err err = { 0 };

	sim_disk_full(f->env, true);
	assert_int_equal(blobs_put(blobs, text, strlen(text), &hash, &err), DD_ENOSPC);
	assert_non_null(strstr(err.text, "full"));
	sim_disk_full(f->env, false);
	assert_int_equal(files_count(f), 0);
	assert_int_equal(blobs_put(blobs, text, strlen(text), &hash, NULL), 0);
	blobs_close(blobs);
}

static void
crashed(void *arg)
{
	*(bool *)arg = true;
}

/* INV-BLOBS-1: power is cut at durable operation `operations` of a put, which said it was done or
 * not. Returns whether the cut came. */
static bool
cut_while_putting(uint64_t seed, unsigned operations, bool is_after)
{
	const struct sim_settings settings = { .seed = seed };
	const struct addr at = address("192.0.2.1");
	struct fixture f = { .dir = "/data" };
	struct sha256 hash;
	bool was_cut = false;

	assert_int_equal(sim_new(&settings, &f.sim, NULL), 0);
	f.env = sim_host(f.sim, "one", &at, 1);
	assert_int_equal(env_dir_make(f.env, f.dir, NULL), 0);
	struct blobs *blobs = opened(&f);
	sim_crash_at(f.sim, f.env, operations, is_after, crashed, &was_cut);
	const int r = blobs_put(blobs, text, strlen(text), &hash, NULL);
	if (!env_is_dead(f.env))
		sim_crash(f.sim, f.env); /* later than all of it: what was said to be done stays */
	(void)sim_run(f.sim, DD_NEVER, NULL, NULL);
	blobs_close(blobs);
	sim_restart(f.sim, f.env);
	sha256_of(text, strlen(text), &hash);
	blobs = opened(&f);
	if (blobs_has(blobs, &hash, NULL))
		assert_content(blobs, &hash, text); /* whole, or not there */
	else
		assert_true(r < 0);
	assert_true(files_count(&f) <= 1);
	blobs_close(blobs);
	sim_free(f.sim);
	return was_cut;
}

static void
test_a_power_cut_at_any_write_leaves_whole_content_or_none(void **state)
{
	unsigned cuts = 0;
	(void)state;

	for (uint64_t seed = 1; seed <= CRASH_SEEDS; seed++)
		for (unsigned i = 1; i <= DURABLE_MAX; i++)
			cuts += cut_while_putting(seed, i, false) +
				cut_while_putting(seed, i, true);
	assert_true(cuts >= 3 * 2 * CRASH_SEEDS); /* sync, rename and sync of the folder at least */
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		ON_BOTH(test_what_is_put_can_be_loaded),
		ON_BOTH(test_empty_content_is_content),
		ON_BOTH(test_the_same_content_is_one_file),
		ON_BOTH(test_nothing_is_visible_before_it_is_published),
		ON_BOTH(test_an_aborted_writer_leaves_nothing),
		ON_BOTH(test_content_that_is_not_the_expected_is_dropped),
		ON_BOTH(test_the_maximum_holds_before_each_write),
		ON_BOTH(test_absent_content_is_not_found),
		ON_BOTH(test_damaged_content_is_not_handed_out),
		ON_BOTH(test_whole_content_of_every_size_is_verified),
		ON_BOTH(test_removed_content_is_gone),
		ON_BOTH(test_what_a_crash_left_is_cleared_at_the_next_start),
		ON_SIM(test_a_full_disk_is_told_and_leaves_nothing),
		cmocka_unit_test(test_a_power_cut_at_any_write_leaves_whole_content_or_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
