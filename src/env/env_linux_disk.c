/* env_linux_disk.c - files of the real host: regular ones only, never through a link, never
 * blocking. */
#include "env/linux.h"
#include "env/names.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

struct linux_file {
	struct env_file base;
	int fd;
};

static int
fd_of(struct env_file *file)
{
	return CONTAINER_OF(file, struct linux_file, base)->fd;
}

static int
code_of(int errno_value)
{
	return err_errno(NULL, AT, errno_value, "disk");
}

/* ---- files ---- */

static int
open_flags(unsigned flags)
{
	int ret = O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY;

	if (flags & ENV_FILE_WRITE)
		ret |= flags & ENV_FILE_READ ? O_RDWR : O_WRONLY;
	else
		ret |= O_RDONLY;
	if (flags & ENV_FILE_CREATE)
		ret |= O_CREAT;
	if (flags & ENV_FILE_EXCLUSIVE)
		ret |= O_EXCL;
	return ret; /* not O_TRUNC: nothing is cut before the lock is held */
}

static int
open_error(const char *path, int errno_value, struct err *err)
{
	if (errno_value == ELOOP)
		return err_set(err, AT, DD_EINVAL, "%s is a symbolic link: give the file itself",
			       path);
	if (errno_value == ENXIO || errno_value == EISDIR)
		return err_set(err, AT, DD_EINVAL, "%s is not a regular file", path);
	return err_errno(err, AT, errno_value, "%s can't be opened", path);
}

/* What must hold before the content is touched. */
static int
check_and_lock(int fd, const char *path, unsigned flags, struct err *err)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return err_errno(err, AT, errno, "%s can't be looked at", path);
	if (!S_ISREG(st.st_mode))
		return err_set(err, AT, DD_EINVAL, "%s is not a regular file", path);
	if (flags & ENV_FILE_PRIVATE_LOCK && flock(fd, LOCK_EX | LOCK_NB) < 0) {
		if (errno == EWOULDBLOCK)
			return err_set(err, AT, DD_EBUSY,
				       "%s is held by another program: stop that one first", path);
		return err_errno(err, AT, errno, "%s can't be locked", path);
	}
	if (flags & ENV_FILE_TRUNCATE && ftruncate(fd, 0) < 0)
		return err_errno(err, AT, errno, "%s can't be emptied", path);
	return 0;
}

int
linux_file_open(struct env *env, const char *path, unsigned flags, struct env_file **ret_file,
		struct err *err)
{
	const int fd = open(path, open_flags(flags), 0600);

	if (fd < 0)
		return open_error(path, errno, err);
	const int r = check_and_lock(fd, path, flags, err);
	if (r < 0) {
		(void)close(fd);
		return r;
	}
	struct linux_file *file = calloc(1, sizeof(*file));
	if (!file) {
		(void)close(fd);
		return err_set(err, AT, DD_ENOMEM, "no memory to open %s", path);
	}
	file->base.env = env;
	file->fd = fd;
	*ret_file = &file->base;
	return 0;
}

int64_t
linux_file_read(struct env_file *file, uint64_t offset, void *ret_data, size_t size)
{
	uint8_t *data = ret_data;
	size_t done = 0;

	if (offset > INT64_MAX - size)
		return DD_EINVAL;
	while (done < size) {
		const ssize_t n =
			pread(fd_of(file), data + done, size - done, (off_t)(offset + done));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return code_of(errno);
		if (n == 0)
			break;
		done += (size_t)n;
	}
	return (int64_t)done;
}

int
linux_file_write(struct env_file *file, uint64_t offset, const void *data, size_t size)
{
	const uint8_t *from = data;
	size_t done = 0;

	if (offset > INT64_MAX - size)
		return DD_EINVAL;
	while (done < size) {
		const ssize_t n =
			pwrite(fd_of(file), from + done, size - done, (off_t)(offset + done));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return code_of(errno);
		done += (size_t)n;
	}
	return 0;
}

int
linux_file_truncate(struct env_file *file, uint64_t size)
{
	if (size > INT64_MAX)
		return DD_EINVAL;
	return ftruncate(fd_of(file), (off_t)size) < 0 ? code_of(errno) : 0;
}

int64_t
linux_file_size(struct env_file *file)
{
	struct stat st;

	return fstat(fd_of(file), &st) < 0 ? code_of(errno) : (int64_t)st.st_size;
}

int
linux_file_sync(struct env_file *file)
{
	return fdatasync(fd_of(file)) < 0 ? code_of(errno) : 0; /* it syncs the size as well */
}

void
linux_file_close(struct env_file *base)
{
	struct linux_file *file = CONTAINER_OF(base, struct linux_file, base);

	(void)close(file->fd); /* errors of writing are told by sync, which is what promises */
	free(file);
}

/* ---- names ---- */

int
linux_rename(struct env *env, const char *from, const char *to)
{
	(void)env;
	return rename(from, to) < 0 ? code_of(errno) : 0;
}

int
linux_unlink(struct env *env, const char *path)
{
	(void)env;
	return unlink(path) < 0 ? code_of(errno) : 0;
}

int
linux_dir_make(struct env *env, const char *path, struct err *err)
{
	struct stat st;

	(void)env;
	if (mkdir(path, 0700) == 0)
		return 0;
	if (errno != EEXIST)
		return err_errno(err, AT, errno, "the folder %s can't be made", path);
	if (stat(path, &st) < 0 || !S_ISDIR(st.st_mode))
		return err_set(err, AT, DD_EEXIST, "%s is there and not a folder: remove it", path);
	return 0;
}

int
linux_dir_sync(struct env *env, const char *path)
{
	const int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	(void)env;
	if (fd < 0)
		return code_of(errno);
	const int r = fsync(fd) < 0 ? code_of(errno) : 0;
	(void)close(fd);
	return r;
}

static bool
is_regular(DIR *folder, const struct dirent *entry)
{
	struct stat st;

	if (entry->d_type != DT_UNKNOWN)
		return entry->d_type == DT_REG;
	return fstatat(dirfd(folder), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	       S_ISREG(st.st_mode);
}

static int
names_read(DIR *folder, const char *path, struct names *names, struct err *err)
{
	for (;;) {
		errno = 0;
		const struct dirent *entry = readdir(folder);
		if (!entry && errno != 0)
			return err_errno(err, AT, errno, "the folder %s can't be read", path);
		if (!entry)
			return 0;
		if (is_regular(folder, entry) && !names_add(names, entry->d_name))
			return err_set(err, AT, DD_ENOMEM, "no memory for the names in %s", path);
	}
}

int
linux_dir_list(struct env *env, const char *path, void (*found)(void *arg, const char *name),
	       void *arg, struct err *err)
{
	CLEANUP(names_done) struct names names = { 0 };
	DIR *folder = opendir(path);

	(void)env;
	if (!folder)
		return err_errno(err, AT, errno, "the folder %s can't be opened", path);
	const int r = names_read(folder, path, &names, err);
	(void)closedir(folder);
	if (r == 0)
		names_tell(&names, found, arg);
	return r;
}

int64_t
linux_disk_free(struct env *env, const char *path)
{
	struct statvfs st;
	uint64_t bytes;

	(void)env;
	if (statvfs(path, &st) < 0)
		return code_of(errno);
	if (__builtin_mul_overflow((uint64_t)st.f_bavail, (uint64_t)st.f_frsize, &bytes) ||
	    bytes > INT64_MAX)
		return INT64_MAX;
	return (int64_t)bytes;
}
