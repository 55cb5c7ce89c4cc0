/* SQLite on a simulated disk: its file methods over env_file_*().
 *
 * The store takes an exclusive lock and SQLite then needs no shared memory, so that version 1 of
 * the methods is enough. Locks are not played: one host runs one manager. */
#include "sim/vfs.h"

#include "base/text.h"

#include <stdio.h>
#include <string.h>

enum { SECTOR_SIZE = 512, PATH_SIZE_MAX = 512 };

struct vfs_file {
	sqlite3_file base;
	struct env_file *file;
	struct env *env;
	bool syncs_folder; /* as on Unix: a new journal's name is made durable with its first sync;
			      a database's own name is not */
	char path[PATH_SIZE_MAX];
};

static int sync_folder(struct env *env, const char *path);

static struct env_file *
file_of(sqlite3_file *base)
{
	return ((struct vfs_file *)base)->file;
}

static int
file_close(sqlite3_file *base)
{
	env_file_close(file_of(base));
	((struct vfs_file *)base)->file = NULL;
	return SQLITE_OK;
}

static int
file_read(sqlite3_file *base, void *data, int size, sqlite3_int64 offset)
{
	int64_t got = env_file_read(file_of(base), (uint64_t)offset, data, (size_t)size);

	if (got < 0)
		return SQLITE_IOERR_READ;
	if (got == size)
		return SQLITE_OK;
	memset((char *)data + got, 0, (size_t)(size - got));
	return SQLITE_IOERR_SHORT_READ;
}

static int
file_write(sqlite3_file *base, const void *data, int size, sqlite3_int64 offset)
{
	int r = env_file_write(file_of(base), (uint64_t)offset, data, (size_t)size);

	return r == 0 ? SQLITE_OK : r == DD_ENOSPC ? SQLITE_FULL : SQLITE_IOERR_WRITE;
}

static int
file_truncate(sqlite3_file *base, sqlite3_int64 size)
{
	return env_file_truncate(file_of(base), (uint64_t)size) == 0 ? SQLITE_OK
								     : SQLITE_IOERR_TRUNCATE;
}

static int
file_sync(sqlite3_file *base, int flags)
{
	struct vfs_file *file = (struct vfs_file *)base;

	(void)flags;
	if (env_file_sync(file->file) < 0)
		return SQLITE_IOERR_FSYNC;
	if (!file->syncs_folder)
		return SQLITE_OK;
	file->syncs_folder = false;
	return sync_folder(file->env, file->path);
}

static int
file_size(sqlite3_file *base, sqlite3_int64 *ret_size)
{
	int64_t size = env_file_size(file_of(base));

	*ret_size = size;
	return size >= 0 ? SQLITE_OK : SQLITE_IOERR_FSTAT;
}

static int
file_lock(sqlite3_file *base, int level)
{
	(void)base;
	(void)level;
	return SQLITE_OK;
}

static int
file_is_reserved(sqlite3_file *base, int *ret_is_reserved)
{
	(void)base;
	*ret_is_reserved = 0;
	return SQLITE_OK;
}

static int
file_control(sqlite3_file *base, int operation, void *arg)
{
	(void)base;
	(void)operation;
	(void)arg;
	return SQLITE_NOTFOUND;
}

static int
file_sector_size(sqlite3_file *base)
{
	(void)base;
	return SECTOR_SIZE;
}

static int
file_characteristics(sqlite3_file *base)
{
	(void)base;
	return 0;
}

static const sqlite3_io_methods file_methods = {
	.iVersion = 1,
	.xClose = file_close,
	.xRead = file_read,
	.xWrite = file_write,
	.xTruncate = file_truncate,
	.xSync = file_sync,
	.xFileSize = file_size,
	.xLock = file_lock,
	.xUnlock = file_lock,
	.xCheckReservedLock = file_is_reserved,
	.xFileControl = file_control,
	.xSectorSize = file_sector_size,
	.xDeviceCharacteristics = file_characteristics,
};

static struct env *
env_of(sqlite3_vfs *base)
{
	return CONTAINER_OF(base, struct vfs, base)->env;
}

static int
vfs_open(sqlite3_vfs *base, const char *path, sqlite3_file *file_base, int flags, int *ret_flags)
{
	struct vfs_file *file = (struct vfs_file *)file_base;
	unsigned env_flags = ENV_FILE_READ | ENV_FILE_WRITE;

	memset(file, 0, sizeof(*file));
	if (path == NULL)
		return SQLITE_CANTOPEN; /* temporary files: the store needs none */
	if (flags & SQLITE_OPEN_CREATE)
		env_flags |= ENV_FILE_CREATE;
	if (env_file_open(env_of(base), path, env_flags, &file->file, NULL) < 0)
		return SQLITE_CANTOPEN;
	file->base.pMethods = &file_methods;
	file->env = env_of(base);
	file->syncs_folder = (flags & SQLITE_OPEN_CREATE) != 0 &&
			     (flags & (SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL)) != 0;
	(void)text_copy(file->path, sizeof(file->path), path); /* SQLite keeps to mxPathname */
	if (ret_flags != NULL)
		*ret_flags = flags;
	return SQLITE_OK;
}

static int
sync_folder(struct env *env, const char *path)
{
	char folder[PATH_SIZE_MAX];

	if (!text_copy(folder, sizeof(folder), path))
		return SQLITE_IOERR;
	char *slash = strrchr(folder, '/');
	if (slash == NULL)
		return SQLITE_OK;
	*slash = '\0';
	return env_dir_sync(env, folder) == 0 ? SQLITE_OK : SQLITE_IOERR_DIR_FSYNC;
}

static int
vfs_delete(sqlite3_vfs *base, const char *path, int syncs)
{
	int r = env_unlink(env_of(base), path);

	if (r == DD_ENOTFOUND)
		return SQLITE_IOERR_DELETE_NOENT;
	if (r < 0)
		return SQLITE_IOERR_DELETE;
	return syncs ? sync_folder(env_of(base), path) : SQLITE_OK;
}

static int
vfs_access(sqlite3_vfs *base, const char *path, int flags, int *ret_is_there)
{
	struct env_file *file = NULL;

	(void)flags;
	*ret_is_there = env_file_open(env_of(base), path, ENV_FILE_READ, &file, NULL) == 0;
	env_file_close(file);
	return SQLITE_OK;
}

static int
vfs_full_path(sqlite3_vfs *base, const char *path, int size, char *ret_path)
{
	(void)base;
	return text_copy(ret_path, (size_t)size, path) ? SQLITE_OK : SQLITE_CANTOPEN;
}

static int
vfs_random(sqlite3_vfs *base, int size, char *ret_bytes)
{
	env_random(env_of(base), ret_bytes, (size_t)size);
	return size;
}

static int
vfs_sleep(sqlite3_vfs *base, int microseconds)
{
	(void)base;
	return microseconds;
}

static int
vfs_time64(sqlite3_vfs *base, sqlite3_int64 *ret_ms)
{
	static const sqlite3_int64 julian_1970_ms =
		24405875LL * 8640000; /* sqlite3.h: milliseconds since noon of -4714-11-24 */

	*ret_ms = julian_1970_ms + env_wall(env_of(base));
	return SQLITE_OK;
}

static int
vfs_time(sqlite3_vfs *base, double *ret_days)
{
	sqlite3_int64 ms;

	(void)vfs_time64(base, &ms);
	*ret_days = (double)ms / 86400000.0;
	return SQLITE_OK;
}

static int
vfs_last_error(sqlite3_vfs *base, int size, char *ret_text)
{
	(void)base;
	(void)size;
	(void)ret_text;
	return 0;
}

int
vfs_register(struct vfs *vfs, struct env *env, struct err *err)
{
	*vfs = (struct vfs){ .env = env };
	(void)text_print(vfs->name, sizeof(vfs->name), "drydock-%p", (void *)vfs);
	vfs->base = (sqlite3_vfs){
		.iVersion = 2,
		.szOsFile = sizeof(struct vfs_file),
		.mxPathname = PATH_SIZE_MAX,
		.zName = vfs->name,
		.xOpen = vfs_open,
		.xDelete = vfs_delete,
		.xAccess = vfs_access,
		.xFullPathname = vfs_full_path,
		.xRandomness = vfs_random,
		.xSleep = vfs_sleep,
		.xCurrentTime = vfs_time,
		.xGetLastError = vfs_last_error,
		.xCurrentTimeInt64 = vfs_time64,
	};
	return sqlite3_vfs_register(&vfs->base, 0) == SQLITE_OK
		       ? 0
		       : err_set(err, AT, DD_ENOMEM, "SQLite can't take another file system");
}

void
vfs_unregister(struct vfs *vfs)
{
	(void)sqlite3_vfs_unregister(&vfs->base); /* always succeeds */
}
