/* test_sim_disk.c - what a crash makes of a simulated disk, over many seeds. */
#include "fixture.h"

enum { SEEDS = 200, CREATE = ENV_FILE_READ | ENV_FILE_WRITE | ENV_FILE_CREATE };

struct world {
	struct sim *sim;
	struct env *host;
	int crashed;
};

static void
world_init(struct world *w, uint64_t seed)
{
	const struct sim_settings settings = { .seed = seed };
	const struct addr at = address("192.0.2.1");
	struct err err;

	*w = (struct world){ 0 };
	assert_int_equal(sim_new(&settings, &w->sim, &err), 0);
	w->host = sim_host(w->sim, "host", &at, 1);
	assert_int_equal(env_dir_make(w->host, "/d", &err), 0);
}

static struct env_file *
file_open(struct world *w, const char *path, unsigned flags)
{
	struct env_file *file = NULL;
	struct err err;

	assert_int_equal(env_file_open(w->host, path, flags, &file, &err), 0);
	return file;
}

/* A file that is durable, content and name. */
static void
file_durable(struct world *w, const char *path, const char *text)
{
	struct err err;

	assert_int_equal(env_file_store(w->host, path, text, strlen(text), &err), 0);
}

static void
power_cut(struct world *w)
{
	sim_crash(w->sim, w->host);
	sim_restart(w->sim, w->host);
}

/* The content of a small file into `text`; false where it is not there. */
static bool
content(struct world *w, const char *path, char text[static 64])
{
	struct err err;
	char *data = NULL;
	size_t size = 0;

	const int r = env_file_load(w->host, path, 63, &data, &size, &err);
	if (r == DD_ENOTFOUND)
		return false;
	assert_int_equal(r, 0);
	memcpy(text, data, size + 1);
	free(data);
	return true;
}

static bool
is_there(struct world *w, const char *path)
{
	char text[64];

	return content(w, path, text);
}

/* Both ends of a chance must be seen over the seeds. */
struct tally {
	int yes, no;
};

static void
tally_add(struct tally *tally, bool is_yes)
{
	tally->yes += is_yes;
	tally->no += !is_yes;
}

static void
tally_check(const struct tally *tally)
{
	assert_true(tally->yes > SEEDS / 10);
	assert_true(tally->no > SEEDS / 10);
}

/* ---- content ---- */

static void
synced_content_is_kept(void **state)
{
	(void)state;

	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		struct world w;
		char text[64];
		world_init(&w, seed);
		file_durable(&w, "/d/a", "old");
		struct env_file *file = file_open(&w, "/d/a", CREATE);
		assert_int_equal(env_file_write(file, 3, " and new", 8), 0);
		assert_int_equal(env_file_sync(file), 0);

		power_cut(&w);

		assert_true(content(&w, "/d/a", text));
		assert_string_equal(text, "old and new");
		env_file_close(file);
		sim_free(w.sim);
	}
}

static void
unsynced_content_is_kept_or_lost(void **state)
{
	struct tally kept = { 0 };
	(void)state;

	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		struct world w;
		char text[64];
		world_init(&w, seed);
		file_durable(&w, "/d/a", "old");
		struct env_file *file = file_open(&w, "/d/a", CREATE);
		assert_int_equal(env_file_write(file, 0, "new", 3), 0);
		env_file_close(file);

		power_cut(&w);

		assert_true(content(&w, "/d/a", text));
		tally_add(&kept, strcmp(text, "new") == 0);
		assert_true(strcmp(text, "new") == 0 || strcmp(text, "old") == 0);
		sim_free(w.sim);
	}
	tally_check(&kept);
}

/* Whether all of these bytes are `c`. */
static bool
is_all(const char *data, size_t size, char c)
{
	for (size_t i = 0; i < size; i++) {
		if (data[i] != c)
			return false;
	}
	return true;
}

static void
writes_tear_at_sectors_only(void **state)
{
	enum { OFFSET = 300, SIZE = 4000 };
	struct tally torn = { 0 };
	char data[OFFSET + SIZE], new_data[SIZE];
	(void)state;
	memset(new_data, 'n', sizeof(new_data));

	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		struct world w;
		int news = 0, olds = 0;
		world_init(&w, seed);
		struct env_file *file = file_open(&w, "/d/a", CREATE);
		memset(data, 'o', sizeof(data));
		assert_int_equal(env_file_write(file, 0, data, sizeof(data)), 0);
		assert_int_equal(env_file_sync(file), 0);
		assert_int_equal(env_dir_sync(w.host, "/d"), 0);
		assert_int_equal(env_file_write(file, OFFSET, new_data, SIZE), 0);
		env_file_close(file);

		power_cut(&w);

		file = file_open(&w, "/d/a", ENV_FILE_READ);
		assert_int_equal(env_file_read(file, 0, data, sizeof(data)), sizeof(data));
		env_file_close(file);
		assert_true(is_all(data, OFFSET, 'o'));
		for (size_t at = OFFSET, end; at < sizeof(data); at = end) {
			end = at + SIM_SECTOR_SIZE - at % SIM_SECTOR_SIZE;
			end = end > sizeof(data) ? sizeof(data) : end;
			assert_true(is_all(data + at, end - at, data[at]));
			news += data[at] == 'n';
			olds += data[at] == 'o';
		}
		tally_add(&torn, news > 0 && olds > 0);
		sim_free(w.sim);
	}
	tally_check(&torn);
}

static void
an_unsynced_size_is_kept_or_lost(void **state)
{
	struct tally cut = { 0 };
	(void)state;

	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		struct world w;
		char text[64];
		world_init(&w, seed);
		file_durable(&w, "/d/a", "long");
		env_file_close(file_open(&w, "/d/a", ENV_FILE_WRITE | ENV_FILE_TRUNCATE));

		power_cut(&w);

		assert_true(content(&w, "/d/a", text));
		tally_add(&cut, text[0] == '\0');
		assert_true(text[0] == '\0' || strcmp(text, "long") == 0);
		sim_free(w.sim);
	}
	tally_check(&cut);
}

/* ---- names ---- */

static void
a_new_name_is_kept_or_lost_until_its_folder_is_synced(void **state)
{
	struct tally kept = { 0 };
	(void)state;

	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		struct world w;
		world_init(&w, seed);
		struct env_file *file = file_open(&w, "/d/synced", CREATE);
		assert_int_equal(env_file_sync(file), 0);
		env_file_close(file);
		assert_int_equal(env_dir_sync(w.host, "/d/"), 0);
		file = file_open(&w, "/d/unsynced", CREATE);
		assert_int_equal(env_file_sync(file), 0); /* the content only */
		env_file_close(file);

		power_cut(&w);

		assert_true(is_there(&w, "/d/synced"));
		tally_add(&kept, is_there(&w, "/d/unsynced"));
		sim_free(w.sim);
	}
	tally_check(&kept);
}

static void
a_rename_happens_whole_or_not_at_all(void **state)
{
	struct tally renamed = { 0 };
	(void)state;

	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		struct world w;
		char text[64];
		world_init(&w, seed);
		file_durable(&w, "/d/a", "old");
		file_durable(&w, "/d/b", "new");
		assert_int_equal(env_rename(w.host, "/d/b", "/d/a"), 0);

		power_cut(&w);

		assert_true(content(&w, "/d/a", text));
		const bool is_renamed = strcmp(text, "new") == 0;
		tally_add(&renamed, is_renamed);
		assert_true(is_renamed || strcmp(text, "old") == 0);
		assert_true(is_there(&w, "/d/b") == !is_renamed);
		sim_free(w.sim);
	}
	tally_check(&renamed);
}

static void
an_unlinked_name_may_come_back(void **state)
{
	struct tally gone = { 0 };
	(void)state;

	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		struct world w;
		world_init(&w, seed);
		file_durable(&w, "/d/a", "a");
		file_durable(&w, "/d/b", "b");
		assert_int_equal(env_unlink(w.host, "/d/a"), 0);
		assert_int_equal(env_dir_sync(w.host, "/d"), 0);
		assert_int_equal(env_unlink(w.host, "/d/b"), 0);

		power_cut(&w);

		assert_false(is_there(&w, "/d/a"));
		tally_add(&gone, !is_there(&w, "/d/b"));
		sim_free(w.sim);
	}
	tally_check(&gone);
}

static void
a_lost_folder_takes_its_files_along(void **state)
{
	struct tally kept = { 0 };
	(void)state;

	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		struct world w;
		struct err err;
		world_init(&w, seed);
		assert_int_equal(env_dir_make(w.host, "/d/synced", &err), 0);
		assert_int_equal(env_dir_sync(w.host, "/d"), 0);
		assert_int_equal(env_dir_make(w.host, "/d/unsynced", &err), 0);
		file_durable(&w, "/d/synced/a", "a");
		file_durable(&w, "/d/unsynced/a", "a");

		power_cut(&w);

		assert_true(is_there(&w, "/d/synced/a"));
		tally_add(&kept, is_there(&w, "/d/unsynced/a"));
		assert_true(is_there(&w, "/d/unsynced/a") ==
			    (env_dir_sync(w.host, "/d/unsynced") == 0));
		sim_free(w.sim);
	}
	tally_check(&kept);
}

static void
never_found(void *arg, const char *name)
{
	(void)arg;
	fail_msg("found %s", name);
}

static void
a_folder_is_not_mistaken_for_its_neighbour(void **state)
{
	struct world w;
	struct err err;
	char text[64];
	(void)state;
	world_init(&w, 1);
	assert_int_equal(env_dir_make(w.host, "/d2", &err), 0);
	file_durable(&w, "/d2/xa", "x");
	file_durable(&w, "/d.x", "x");
	file_durable(&w, "//d2//y", "y");

	assert_int_equal(env_dir_list(w.host, "/d", never_found, NULL, &err), 0);
	assert_true(content(&w, "/d2/y", text));
	sim_free(w.sim);
}

/* ---- crashes inside durable operations ---- */

static void
told_crashed(void *arg)
{
	((struct world *)arg)->crashed++;
}

/* Store over an old file, the power going at the n-th durable operation of the three. */
static void
store_and_crash(uint64_t seed, unsigned n, bool is_after)
{
	struct world w;
	struct err err;
	char text[64];

	world_init(&w, seed);
	file_durable(&w, "/d/a", "old");
	assert_int_equal(sim_durable_count(w.host), 3);
	sim_crash_at(w.sim, w.host, n, is_after, told_crashed, &w);

	const int r = env_file_store(w.host, "/d/a", "new content", 11, &err);

	assert_int_equal(r == 0, n == 4);
	assert_true(env_is_dead(w.host) == (n < 4));
	assert_int_equal(w.crashed, 0);
	if (n == 4)
		sim_crash(w.sim, w.host);
	(void)sim_run(w.sim, DD_NEVER, NULL, NULL);
	assert_int_equal(w.crashed, n < 4);
	assert_int_equal(sim_durable_count(w.host), 3 + n - (n == 4 || !is_after));
	sim_restart(w.sim, w.host);
	assert_true(content(&w, "/d/a", text));
	const bool is_new = strcmp(text, "new content") == 0;
	assert_true(is_new || strcmp(text, "old") == 0);
	if (n == 4 || (n == 3 && is_after))
		assert_true(is_new);
	if (n == 1 || (n == 2 && !is_after))
		assert_false(is_new);
	sim_free(w.sim);
}

static void
a_stored_file_is_old_or_new_wherever_the_power_goes(void **state)
{
	(void)state;

	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		for (unsigned n = 1; n <= 4; n++) {
			store_and_crash(seed, n, false);
			store_and_crash(seed, n, true);
		}
	}
}

static void
after_a_crash_inside_an_operation_nothing_works(void **state)
{
	struct world w;
	struct env_file *file, *other = NULL;
	struct err err;
	char byte;
	(void)state;
	world_init(&w, 1);
	file = file_open(&w, "/d/a", CREATE | ENV_FILE_PRIVATE_LOCK);
	assert_int_equal(env_dir_sync(w.host, "/d"), 0);
	assert_int_equal(env_file_write(file, 0, "x", 1), 0);
	sim_crash_at(w.sim, w.host, 1, true, NULL, NULL);

	assert_true(env_file_sync(file) < 0);

	assert_true(env_is_dead(w.host));
	assert_true(env_file_write(file, 0, "y", 1) < 0);
	assert_true(env_file_read(file, 0, &byte, 1) < 0);
	assert_true(env_file_size(file) < 0);
	assert_true(env_file_truncate(file, 0) < 0);
	assert_true(env_file_open(w.host, "/d/a", CREATE, &other, &err) < 0);
	assert_true(env_rename(w.host, "/d/a", "/d/b") < 0);
	assert_true(env_unlink(w.host, "/d/a") < 0);
	assert_true(env_dir_sync(w.host, "/d") < 0);
	assert_true(env_disk_free(w.host, "/d") < 0);
	sim_restart(w.sim, w.host);
	assert_true(env_file_write(file, 0, "y", 1) < 0); /* the old opening stays dead */
	other = file_open(&w, "/d/a", CREATE | ENV_FILE_PRIVATE_LOCK); /* and its lock is gone */
	assert_int_equal(env_file_read(other, 0, &byte, 1), 1);
	assert_int_equal(byte, 'x');
	env_file_close(file);
	assert_true(env_file_open(w.host, "/d/a", CREATE | ENV_FILE_PRIVATE_LOCK, &file, &err) ==
		    DD_EBUSY);
	env_file_close(other);
	sim_free(w.sim);
}

/* ---- a full disk ---- */

static void
a_full_disk_refuses_and_recovers(void **state)
{
	struct world w;
	struct err err;
	char text[64], big[2000] = "";
	(void)state;
	world_init(&w, 1);
	file_durable(&w, "/d/a", "old");
	sim_disk_full(w.host, true);

	assert_int_equal(env_file_store(w.host, "/d/a", big, sizeof(big), &err), DD_ENOSPC);
	assert_non_null(strstr(err.text, "the disk is full"));
	assert_int_equal(env_disk_free(w.host, "/d"), 0);
	assert_true(content(&w, "/d/a", text));
	assert_string_equal(text, "old");
	assert_false(is_there(&w, "/d/a.tmp"));
	sim_disk_full(w.host, false);
	file_durable(&w, "/d/a", "new");

	assert_true(content(&w, "/d/a", text));
	assert_string_equal(text, "new");
	sim_free(w.sim);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(synced_content_is_kept),
		cmocka_unit_test(unsynced_content_is_kept_or_lost),
		cmocka_unit_test(writes_tear_at_sectors_only),
		cmocka_unit_test(an_unsynced_size_is_kept_or_lost),
		cmocka_unit_test(a_new_name_is_kept_or_lost_until_its_folder_is_synced),
		cmocka_unit_test(a_rename_happens_whole_or_not_at_all),
		cmocka_unit_test(an_unlinked_name_may_come_back),
		cmocka_unit_test(a_lost_folder_takes_its_files_along),
		cmocka_unit_test(a_folder_is_not_mistaken_for_its_neighbour),
		cmocka_unit_test(a_stored_file_is_old_or_new_wherever_the_power_goes),
		cmocka_unit_test(after_a_crash_inside_an_operation_nothing_works),
		cmocka_unit_test(a_full_disk_refuses_and_recovers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
