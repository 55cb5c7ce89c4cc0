/* env_sim_disk.c - the disk of a simulated host as its programs see it: errors, locks, crashes
 * inside operations. */
#include "base/text.h"
#include "env/names.h"
#include "env/sim_world.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define DISK_SIZE (1ll << 40) /* what env_disk_free() says of a disk that is not full */

struct sim_file {
	struct env_file base;
	struct sim_file *next; /* in the host's list */
	struct sim_node *node; /* counted */
	unsigned flags;
	bool is_dead; /* its host crashed since it was opened */
};

/* ---- durable operations ---- */

/* Count one operation that is about to be done. False where the host crashes instead. */
static bool
durable_begin(struct sim_host *host)
{
	if (host->crash_in > 0 && --host->crash_in == 0) {
		host->crash_is_due = host->crash_is_after;
		if (!host->crash_is_after) {
			sim_crash_inside(host);
			return false;
		}
	}
	return true;
}

/* It has been done. `value` names it in the digest. */
static int
durable_end(struct sim_host *host, uint64_t value)
{
	host->durable_count++;
	sim_note(host->sim, host, NOTE_DURABLE, value);
	if (!host->crash_is_due)
		return 0;
	sim_crash_inside(host);
	return DD_EIO; /* nobody is there to hear the answer */
}

static uint64_t
hash_text(const char *text)
{
	return sim_hash(text, strlen(text));
}

/* ---- files ---- */

static int
file_make(struct sim_host *host, const char *path, const char *asked, struct sim_node **ret_node,
	  struct err *err)
{
	char parent[SIM_PATH_MAX];

	sim_path_parent(path, parent);
	if (!sim_disk_has_folder(&host->disk, parent))
		return err_set(err, AT, DD_ENOTFOUND, "%s can't be opened: there is no folder %s",
			       asked, parent);
	*ret_node = sim_disk_make(&host->disk, path, false);
	return 0;
}

static int
node_open(struct sim_host *host, const char *asked, unsigned flags, struct sim_node **ret_node,
	  struct err *err)
{
	char path[SIM_PATH_MAX];

	if (!sim_path(asked, path))
		return err_set(err, AT, DD_EINVAL, "%s is no path", asked);
	struct sim_node *node = sim_disk_find(&host->disk, path);
	if (!node && flags & ENV_FILE_CREATE)
		return file_make(host, path, asked, ret_node, err);
	if (!node)
		return err_set(err, AT, DD_ENOTFOUND, "%s can't be opened: not found", asked);
	if (flags & ENV_FILE_CREATE && flags & ENV_FILE_EXCLUSIVE)
		return err_set(err, AT, DD_EEXIST, "%s can't be opened: it is there already",
			       asked);
	if (node->is_folder)
		return err_set(err, AT, DD_EINVAL, "%s is not a regular file", asked);
	if (flags & ENV_FILE_PRIVATE_LOCK && node->is_locked)
		return err_set(err, AT, DD_EBUSY,
			       "%s is held by another program: stop that one first", asked);
	*ret_node = node;
	return 0;
}

int
sim_file_open(struct env *env, const char *path, unsigned flags, struct env_file **ret_file,
	      struct err *err)
{
	struct sim_host *host = SIM_HOST(env);
	struct sim_node *node = NULL;

	if (env->has_crashed)
		return sim_dead(host, DD_EIO, err);
	const int r = node_open(host, path, flags, &node, err);
	if (r < 0)
		return r;
	assert(node);
	struct sim_file *file = sim_allocate(sizeof(*file));
	file->base.env = env;
	file->node = node;
	file->flags = flags;
	node->references++;
	if (flags & ENV_FILE_PRIVATE_LOCK)
		node->is_locked = true;
	if (flags & ENV_FILE_TRUNCATE && node->seen.size > 0)
		sim_node_truncate(node, 0);
	file->next = host->files;
	host->files = file;
	*ret_file = &file->base;
	return 0;
}

int64_t
sim_file_read(struct env_file *base, uint64_t offset, void *ret_data, size_t size)
{
	struct sim_file *file = CONTAINER_OF(base, struct sim_file, base);

	if (file->is_dead)
		return DD_EIO;
	if (!(file->flags & ENV_FILE_READ))
		return DD_EINVAL;
	return (int64_t)sim_node_read(file->node, offset, ret_data, size);
}

/* A part of what does not fit may be written before the disk says no. */
static int
write_to_full(struct sim_host *host, struct sim_node *node, uint64_t offset, const void *data,
	      size_t size)
{
	if (size > SIM_SECTOR_SIZE && sim_chance(host->sim, 500))
		sim_node_write(node, offset, data, SIM_SECTOR_SIZE);
	return DD_ENOSPC;
}

int
sim_file_write(struct env_file *base, uint64_t offset, const void *data, size_t size)
{
	struct sim_file *file = CONTAINER_OF(base, struct sim_file, base);
	struct sim_host *host = SIM_HOST(base->env);

	if (file->is_dead)
		return DD_EIO;
	if (!(file->flags & ENV_FILE_WRITE))
		return DD_EINVAL;
	if (size > SIM_FILE_SIZE_MAX || offset > SIM_FILE_SIZE_MAX - size)
		return DD_ENOSPC;
	sim_note(host->sim, host, NOTE_WRITTEN, sim_hash(data, size) ^ offset);
	if (host->is_disk_full)
		return write_to_full(host, file->node, offset, data, size);
	sim_node_write(file->node, offset, data, size);
	return 0;
}

int
sim_file_truncate(struct env_file *base, uint64_t size)
{
	struct sim_file *file = CONTAINER_OF(base, struct sim_file, base);
	struct sim_host *host = SIM_HOST(base->env);

	if (file->is_dead)
		return DD_EIO;
	if (!(file->flags & ENV_FILE_WRITE))
		return DD_EINVAL;
	if (size > SIM_FILE_SIZE_MAX)
		return DD_ENOSPC;
	sim_note(host->sim, host, NOTE_TRUNCATED, size);
	sim_node_truncate(file->node, size);
	return 0;
}

int64_t
sim_file_size(struct env_file *base)
{
	const struct sim_file *file = CONTAINER_OF(base, struct sim_file, base);

	return file->is_dead ? DD_EIO : (int64_t)file->node->seen.size;
}

int
sim_file_sync(struct env_file *base)
{
	struct sim_file *file = CONTAINER_OF(base, struct sim_file, base);
	struct sim_host *host = SIM_HOST(base->env);

	if (file->is_dead || !durable_begin(host))
		return DD_EIO;
	sim_node_sync(file->node);
	return durable_end(host, file->node->seen.size);
}

void
sim_file_close(struct env_file *base)
{
	struct sim_file *file = CONTAINER_OF(base, struct sim_file, base);

	if (!file->is_dead) {
		struct sim_file **link = &SIM_HOST(base->env)->files;
		while (*link != file)
			link = &(*link)->next;
		*link = file->next;
		if (file->flags & ENV_FILE_PRIVATE_LOCK)
			file->node->is_locked = false;
	}
	sim_node_unref(file->node);
	free(file);
}

void
sim_file_crash(struct sim_host *host)
{
	for (struct sim_file *file = host->files; file; file = file->next)
		file->is_dead = true;
	host->files = NULL;
}

/* ---- names ---- */

int
sim_rename(struct env *env, const char *from_asked, const char *to_asked)
{
	struct sim_host *host = SIM_HOST(env);
	char from[SIM_PATH_MAX], to[SIM_PATH_MAX], parent[SIM_PATH_MAX];

	if (env->has_crashed)
		return DD_EIO;
	if (!sim_path(from_asked, from) || !sim_path(to_asked, to))
		return DD_EINVAL;
	const struct sim_node *node = sim_disk_find(&host->disk, from);
	const struct sim_node *old = sim_disk_find(&host->disk, to);
	sim_path_parent(to, parent);
	if (!node || !sim_disk_has_folder(&host->disk, parent))
		return DD_ENOTFOUND;
	if (node->is_folder || (old && old->is_folder))
		return DD_EINVAL;
	if (!durable_begin(host))
		return DD_EIO;
	sim_disk_rename(&host->disk, from, to);
	return durable_end(host, hash_text(from) ^ hash_text(to) << 1);
}

int
sim_unlink(struct env *env, const char *asked)
{
	struct sim_host *host = SIM_HOST(env);
	char path[SIM_PATH_MAX];

	if (env->has_crashed)
		return DD_EIO;
	if (!sim_path(asked, path))
		return DD_EINVAL;
	const struct sim_node *node = sim_disk_find(&host->disk, path);
	if (!node)
		return DD_ENOTFOUND;
	if (node->is_folder)
		return DD_EINVAL;
	if (!durable_begin(host))
		return DD_EIO;
	sim_disk_unlink(&host->disk, path);
	return durable_end(host, hash_text(path));
}

int
sim_dir_make(struct env *env, const char *asked, struct err *err)
{
	struct sim_host *host = SIM_HOST(env);
	char path[SIM_PATH_MAX], parent[SIM_PATH_MAX];

	if (env->has_crashed)
		return sim_dead(host, DD_EIO, err);
	if (!sim_path(asked, path))
		return err_set(err, AT, DD_EINVAL, "%s is no path", asked);
	if (sim_disk_has_folder(&host->disk, path))
		return 0;
	if (sim_disk_find(&host->disk, path))
		return err_set(err, AT, DD_EEXIST, "%s is there and not a folder: remove it",
			       asked);
	sim_path_parent(path, parent);
	if (!sim_disk_has_folder(&host->disk, parent))
		return err_set(err, AT, DD_ENOTFOUND,
			       "the folder %s can't be made: there is no folder %s", asked, parent);
	(void)sim_disk_make(&host->disk, path, true);
	return 0;
}

int
sim_dir_sync(struct env *env, const char *asked)
{
	struct sim_host *host = SIM_HOST(env);
	char path[SIM_PATH_MAX];

	if (env->has_crashed)
		return DD_EIO;
	if (!sim_path(asked, path))
		return DD_EINVAL;
	if (!sim_disk_has_folder(&host->disk, path))
		return DD_ENOTFOUND;
	if (!durable_begin(host))
		return DD_EIO;
	sim_disk_sync(&host->disk, path);
	return durable_end(host, hash_text(path));
}

static int
names_collect(const struct sim_disk *disk, const char *folder, struct names *names)
{
	char prefix[SIM_PATH_MAX + 1];

	for (size_t i = sim_disk_first_in(disk, folder, prefix); i < disk->seen.count; i++) {
		const struct sim_name *name = &disk->seen.items[i];
		if (!text_starts(name->path, prefix))
			break;
		const char *inside = name->path + strlen(prefix);
		if (!name->node->is_folder && !strchr(inside, '/') && !names_add(names, inside))
			return DD_ENOMEM;
	}
	return 0;
}

int
sim_dir_list(struct env *env, const char *asked, void (*found)(void *arg, const char *name),
	     void *arg, struct err *err)
{
	CLEANUP(names_done) struct names names = { 0 };
	struct sim_host *host = SIM_HOST(env);
	char path[SIM_PATH_MAX];

	if (env->has_crashed)
		return sim_dead(host, DD_EIO, err);
	if (!sim_path(asked, path) || !sim_disk_has_folder(&host->disk, path))
		return err_set(err, AT, DD_ENOTFOUND, "the folder %s can't be opened: not found",
			       asked);
	const int r = names_collect(&host->disk, path, &names);
	if (r < 0)
		return err_set(err, AT, r, "no memory for the names in %s", asked);
	names_tell(&names, found, arg);
	return 0;
}

int64_t
sim_disk_free(struct env *env, const char *path)
{
	const struct sim_host *host = SIM_HOST(env);

	(void)path;
	if (env->has_crashed)
		return DD_EIO;
	return host->is_disk_full ? 0 : DISK_SIZE;
}
