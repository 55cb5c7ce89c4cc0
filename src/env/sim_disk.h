/* sim_disk.h - private to this room: the disk of a simulated host as data, without host or loop.
 *
 * Each file has the content that readers see and the content that is durable, with the writes
 * between the two; the folder tree the same, with the changed names between. A crash starts from
 * what is durable and lets each sector of each write, each change of a size and each name survive
 * by chance. */
#pragma once
#include "base/types.h"

struct sim; /* for chance only */

struct sim_bytes {
	uint8_t *data;
	size_t size, capacity;
};

struct sim_write;

/* A file or a folder; counted, as POSIX inodes are, by names and openings. */
struct sim_node {
	unsigned references;
	bool is_folder, is_locked;
	struct sim_bytes seen, durable;
	struct sim_write *writes, **writes_end; /* not synced yet, oldest first */
};

struct sim_name {
	char *path;
	struct sim_node *node;
};

/* Paths in byte order: a folder comes before what is in it. */
struct sim_names {
	struct sim_name *items;
	size_t count, capacity;
};

struct sim_change;

struct sim_disk {
	struct sim_names seen, durable;
	struct sim_change *changes, **changes_end; /* names not synced yet, oldest first */
};

enum { SIM_PATH_MAX = 512 }; /* bytes with the final NUL */

void sim_disk_init(struct sim_disk *disk);
void sim_disk_done(struct sim_disk *disk);
/* All that is not durable survives by chance; what is then there is durable. */
void sim_disk_crash(struct sim_disk *disk, struct sim *sim);

/* Write the path in one form: no doubled or final '/'. False where it is empty or too long. */
bool sim_path(const char *path, char ret_path[static SIM_PATH_MAX]);
/* The folder of a path in that form. */
void sim_path_parent(const char *path, char ret_parent[static SIM_PATH_MAX]);
bool sim_path_is_root(const char *path);

/* NULL where absent. */
struct sim_node *sim_disk_find(const struct sim_disk *disk, const char *path);
bool sim_disk_has_folder(const struct sim_disk *disk, const char *path);
/* A new file or folder under a name that is not there, in a folder that is. */
struct sim_node *sim_disk_make(struct sim_disk *disk, const char *path, bool is_folder);
void sim_disk_unlink(struct sim_disk *disk, const char *path);
void sim_disk_rename(struct sim_disk *disk, const char *from, const char *to);
void sim_disk_sync(struct sim_disk *disk, const char *folder);
/* The place of the first name that begins as those in this folder do; the others follow it. */
size_t sim_disk_first_in(const struct sim_disk *disk, const char *folder,
			 char ret_prefix[static SIM_PATH_MAX + 1]);

void sim_node_unref(struct sim_node *node); /* accepts NULL */
size_t sim_node_read(const struct sim_node *node, uint64_t offset, void *ret_data, size_t size);
void sim_node_write(struct sim_node *node, uint64_t offset, const void *data, size_t size);
void sim_node_truncate(struct sim_node *node, uint64_t size);
void sim_node_sync(struct sim_node *node);
void sim_node_crash(struct sim_node *node, struct sim *sim);
