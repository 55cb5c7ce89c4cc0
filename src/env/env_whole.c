/* env_whole.c - whole files: read one into memory, replace one durably. Built on the primitives, so
 * alike on all hosts. */
#include "env/env.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PATH_SIZE_MAX = 4096 };

static void
file_closep(struct env_file **file)
{
	env_file_close(*file);
}

static void
freep(char **data)
{
	free(*data);
}

/* Fill `data` from the file's start. Returns the bytes read, at most `size`, or negative. */
static int64_t
read_all(struct env_file *file, char *data, size_t size)
{
	size_t done = 0;

	while (done < size) {
		const int64_t n = env_file_read(file, done, data + done, size - done);
		if (n < 0)
			return n;
		if (n == 0)
			break;
		done += (size_t)n;
	}
	return (int64_t)done;
}

int
env_file_load(struct env *env, const char *path, size_t size_max, char **ret_data, size_t *ret_size,
	      struct err *err)
{
	CLEANUP(file_closep) struct env_file *file = NULL;
	CLEANUP(freep) char *data = NULL;

	const int r = env_file_open(env, path, ENV_FILE_READ, &file, err);
	if (r < 0)
		return r;
	const int64_t size = env_file_size(file);
	if (size < 0)
		return err_set(err, AT, (int)size, "the size of %s can't be read", path);
	if ((uint64_t)size > size_max)
		return err_set(err, AT, DD_EFULL,
			       "%s has %" PRId64 " bytes, more than the %zu allowed", path, size,
			       size_max);
	data = malloc((size_t)size + 1);
	if (!data)
		return err_set(err, AT, DD_ENOMEM, "no memory for the %" PRId64 " bytes of %s",
			       size, path);
	const int64_t done = read_all(file, data, (size_t)size);
	if (done < 0)
		return err_set(err, AT, (int)done, "%s can't be read: check the disk", path);
	data[done] = '\0';
	*ret_size = (size_t)done;
	*ret_data = TAKE(data);
	return 0;
}

static int
write_synced(struct env *env, const char *path, const void *data, size_t size, struct err *err)
{
	CLEANUP(file_closep) struct env_file *file = NULL;

	int r = env_file_open(env, path, ENV_FILE_WRITE | ENV_FILE_CREATE | ENV_FILE_TRUNCATE,
			      &file, err);
	if (r < 0)
		return r;
	r = env_file_write(file, 0, data, size);
	if (r >= 0)
		r = env_file_sync(file);
	if (r == DD_ENOSPC)
		return err_set(err, AT, r, "%s can't be written: the disk is full", path);
	if (r < 0)
		return err_set(err, AT, r, "%s can't be written (%s): check the disk", path,
			       err_name(r));
	return 0;
}

/* The folder that holds `path`, cut from it in place. */
static const char *
parent_cut(char *path)
{
	char *slash = strrchr(path, '/');

	if (!slash)
		return ".";
	if (slash == path)
		return "/";
	*slash = '\0';
	return path;
}

int
env_file_store(struct env *env, const char *path, const void *data, size_t size, struct err *err)
{
	char work[PATH_SIZE_MAX];

	if (strlen(path) + sizeof(".tmp") > sizeof(work))
		return err_set(err, AT, DD_EINVAL, "the path %.40s... is too long", path);
	(void)snprintf(work, sizeof(work), "%s.tmp", path);
	int r = write_synced(env, work, data, size, err);
	if (r < 0) {
		(void)env_unlink(env, work); /* the first error is the one to tell */
		return r;
	}
	r = env_rename(env, work, path);
	if (r < 0)
		return err_set(err, AT, r, "%s can't be replaced (%s): check its folder", path,
			       err_name(r));
	r = env_dir_sync(env, parent_cut(work));
	if (r < 0)
		return err_set(err, AT, r, "the folder of %s can't be synced (%s): check the disk",
			       path, err_name(r));
	return 0;
}
