/* test_disk.c - files, names, locks, whole files: the same on both hosts. */
#include "fixture.h"

enum { READ_WRITE_CREATE = ENV_FILE_READ | ENV_FILE_WRITE | ENV_FILE_CREATE };

static struct env_file *
file_open(struct fixture *f, const char *name, unsigned flags)
{
	struct env_file *file = NULL;
	struct err err;

	assert_int_equal(env_file_open(f->env, fixture_path(f, name), flags, &file, &err), 0);
	return file;
}

static int
file_refused(struct fixture *f, const char *name, unsigned flags)
{
	struct env_file *file = NULL;
	struct err err = { 0 };

	const int r = env_file_open(f->env, fixture_path(f, name), flags, &file, &err);
	assert_true(r < 0);
	assert_null(file);
	assert_int_equal(err.code, r);
	assert_non_null(strstr(err.text, name));
	return r;
}

static void
bytes_are_read_where_they_were_written(void **state)
{
	struct fixture *f = *state;
	struct env_file *file = file_open(f, "a", READ_WRITE_CREATE);
	char data[16];

	assert_int_equal(env_file_write(file, 0, "hello world", 11), 0);
	assert_int_equal(env_file_write(file, 6, "there", 5), 0);

	assert_int_equal(env_file_size(file), 11);
	assert_int_equal(env_file_read(file, 0, data, sizeof(data)), 11);
	assert_memory_equal(data, "hello there", 11);
	assert_int_equal(env_file_read(file, 9, data, 1), 1);
	assert_int_equal(data[0], 'r');
	assert_int_equal(env_file_read(file, 11, data, sizeof(data)), 0);
	assert_int_equal(env_file_read(file, 4000, data, sizeof(data)), 0);
	assert_int_equal(env_file_sync(file), 0);
	env_file_close(file);
}

static void
a_hole_and_a_longer_file_read_as_zeros(void **state)
{
	static const char wanted[10] = { 'a', 0, 0, 0, 0, 'b', 0, 0, 0, 0 };
	struct fixture *f = *state;
	struct env_file *file = file_open(f, "a", READ_WRITE_CREATE);
	char data[10];

	assert_int_equal(env_file_write(file, 0, "axxx", 4), 0);
	assert_int_equal(env_file_truncate(file, 1), 0);
	assert_int_equal(env_file_write(file, 5, "b", 1), 0);
	assert_int_equal(env_file_truncate(file, 10), 0);

	assert_int_equal(env_file_size(file), 10);
	assert_int_equal(env_file_read(file, 0, data, sizeof(data)), 10);
	assert_memory_equal(data, wanted, sizeof(wanted));
	env_file_close(file);
}

static void
two_openings_see_one_file(void **state)
{
	struct fixture *f = *state;
	struct env_file *a = file_open(f, "a", READ_WRITE_CREATE);
	struct env_file *b = file_open(f, "a", ENV_FILE_READ);
	char data[4] = { 0 };

	assert_int_equal(env_file_write(a, 0, "one", 3), 0);

	assert_int_equal(env_file_read(b, 0, data, 3), 3);
	assert_string_equal(data, "one");
	assert_true(env_file_write(b, 0, "two", 3) < 0);
	env_file_close(a);
	env_file_close(b);
}

static void
opening_says_what_is_wrong(void **state)
{
	struct fixture *f = *state;
	struct err err;

	assert_int_equal(file_refused(f, "missing", ENV_FILE_READ), DD_ENOTFOUND);
	assert_int_equal(file_refused(f, "no/folder", READ_WRITE_CREATE), DD_ENOTFOUND);
	env_file_close(file_open(f, "there", READ_WRITE_CREATE));
	assert_int_equal(file_refused(f, "there", READ_WRITE_CREATE | ENV_FILE_EXCLUSIVE),
			 DD_EEXIST);
	assert_int_equal(env_dir_make(f->env, fixture_path(f, "folder"), &err), 0);
	assert_int_equal(file_refused(f, "folder", ENV_FILE_READ), DD_EINVAL);
	assert_int_equal(file_refused(f, "folder", READ_WRITE_CREATE), DD_EINVAL);
}

static void
truncate_empties_an_old_file(void **state)
{
	struct fixture *f = *state;
	struct env_file *file = file_open(f, "a", READ_WRITE_CREATE | ENV_FILE_EXCLUSIVE);
	assert_int_equal(env_file_write(file, 0, "old", 3), 0);
	env_file_close(file);

	file = file_open(f, "a", ENV_FILE_WRITE | ENV_FILE_TRUNCATE);

	assert_int_equal(env_file_size(file), 0);
	env_file_close(file);
}

static void
a_locked_file_is_held_until_it_is_closed(void **state)
{
	struct fixture *f = *state;
	struct env_file *file = file_open(f, "lock", READ_WRITE_CREATE | ENV_FILE_PRIVATE_LOCK);
	assert_int_equal(env_file_write(file, 0, "mine", 4), 0);

	assert_int_equal(
		file_refused(f, "lock",
			     READ_WRITE_CREATE | ENV_FILE_PRIVATE_LOCK | ENV_FILE_TRUNCATE),
		DD_EBUSY);

	assert_int_equal(env_file_size(file), 4);
	env_file_close(file);
	env_file_close(file_open(f, "lock", READ_WRITE_CREATE | ENV_FILE_PRIVATE_LOCK));
}

static void
an_unlinked_file_lives_until_it_is_closed(void **state)
{
	struct fixture *f = *state;
	struct env_file *file = file_open(f, "a", READ_WRITE_CREATE);
	char data[3];
	assert_int_equal(env_file_write(file, 0, "abc", 3), 0);

	assert_int_equal(env_unlink(f->env, fixture_path(f, "a")), 0);

	assert_int_equal(env_file_read(file, 0, data, 3), 3);
	assert_int_equal(file_refused(f, "a", ENV_FILE_READ), DD_ENOTFOUND);
	assert_int_equal(env_unlink(f->env, fixture_path(f, "a")), DD_ENOTFOUND);
	env_file_close(file);
}

static void
rename_replaces(void **state)
{
	struct fixture *f = *state;
	char from[128], to[128], data[3];
	(void)snprintf(from, sizeof(from), "%s", fixture_path(f, "from"));
	(void)snprintf(to, sizeof(to), "%s", fixture_path(f, "to"));
	struct env_file *file = file_open(f, "from", READ_WRITE_CREATE);
	assert_int_equal(env_file_write(file, 0, "new", 3), 0);
	env_file_close(file);
	env_file_close(file_open(f, "to", READ_WRITE_CREATE));

	assert_int_equal(env_rename(f->env, from, to), 0);

	assert_int_equal(env_rename(f->env, from, to), DD_ENOTFOUND);
	file = file_open(f, "to", ENV_FILE_READ);
	assert_int_equal(env_file_read(file, 0, data, 3), 3);
	assert_memory_equal(data, "new", 3);
	env_file_close(file);
	assert_int_equal(env_dir_sync(f->env, f->dir), 0);
	assert_int_equal(env_dir_sync(f->env, from), DD_ENOTFOUND);
}

static void
name_found(void *arg, const char *name)
{
	char *text = arg;

	strcat(text, name);
	strcat(text, " ");
}

static void
a_folder_lists_its_files_sorted(void **state)
{
	static const char *const names[] = { "b", "a.x", "folder/inside", "c", "a" };
	struct fixture *f = *state;
	char text[64] = "";
	struct err err;
	assert_int_equal(env_dir_make(f->env, fixture_path(f, "folder"), &err), 0);
	for (size_t i = 0; i < ARRAY_COUNT(names); i++)
		env_file_close(file_open(f, names[i], READ_WRITE_CREATE));

	assert_int_equal(env_dir_list(f->env, f->dir, name_found, text, &err), 0);

	assert_string_equal(text, "a a.x b c ");
	assert_int_equal(env_dir_list(f->env, fixture_path(f, "none"), name_found, text, &err),
			 DD_ENOTFOUND);
}

static void
a_folder_is_made_once(void **state)
{
	struct fixture *f = *state;
	struct err err;
	env_file_close(file_open(f, "file", READ_WRITE_CREATE));

	assert_int_equal(env_dir_make(f->env, fixture_path(f, "folder"), &err), 0);
	assert_int_equal(env_dir_make(f->env, fixture_path(f, "folder"), &err), 0);

	assert_int_equal(env_dir_make(f->env, fixture_path(f, "no/folder"), &err), DD_ENOTFOUND);
	assert_int_equal(env_dir_make(f->env, fixture_path(f, "file"), &err), DD_EEXIST);
	assert_true(env_disk_free(f->env, f->dir) > 0);
}

static void
a_stored_file_is_loaded_whole(void **state)
{
	struct fixture *f = *state;
	char *data = NULL, text[64] = "";
	size_t size = 0;
	struct err err;

	assert_int_equal(env_file_store(f->env, fixture_path(f, "a"), "first", 5, &err), 0);
	assert_int_equal(env_file_store(f->env, fixture_path(f, "a"), "then\0this", 9, &err), 0);
	assert_int_equal(env_file_load(f->env, fixture_path(f, "a"), 9, &data, &size, &err), 0);

	assert_int_equal(size, 9);
	assert_memory_equal(data, "then\0this", 10);
	free(data);
	assert_int_equal(env_dir_list(f->env, f->dir, name_found, text, &err), 0);
	assert_string_equal(text, "a ");
}

static void
loading_says_what_is_wrong(void **state)
{
	struct fixture *f = *state;
	char *data = NULL;
	size_t size = 0;
	struct err err;
	assert_int_equal(env_file_store(f->env, fixture_path(f, "a"), "12345", 5, &err), 0);

	assert_int_equal(env_file_load(f->env, fixture_path(f, "a"), 4, &data, &size, &err),
			 DD_EFULL);
	assert_non_null(strstr(err.text, "5 bytes, more than the 4 allowed"));
	assert_int_equal(env_file_load(f->env, fixture_path(f, "b"), 4, &data, &size, &err),
			 DD_ENOTFOUND);
	assert_null(data);
	assert_int_equal(env_file_store(f->env, fixture_path(f, "no/folder"), "", 0, &err),
			 DD_ENOTFOUND);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		ON_BOTH(bytes_are_read_where_they_were_written),
		ON_BOTH(a_hole_and_a_longer_file_read_as_zeros),
		ON_BOTH(two_openings_see_one_file),
		ON_BOTH(opening_says_what_is_wrong),
		ON_BOTH(truncate_empties_an_old_file),
		ON_BOTH(a_locked_file_is_held_until_it_is_closed),
		ON_BOTH(an_unlinked_file_lives_until_it_is_closed),
		ON_BOTH(rename_replaces),
		ON_BOTH(a_folder_lists_its_files_sorted),
		ON_BOTH(a_folder_is_made_once),
		ON_BOTH(a_stored_file_is_loaded_whole),
		ON_BOTH(loading_says_what_is_wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
