/* vfs.h - SQLite on a simulated disk: the store of a simulated manager is written, synced and torn
 * like every other file of its host. */
#pragma once
#include "env/env.h"

#include <sqlite3.h>

enum { VFS_NAME_MAX = 32 };

/* All zero before vfs_register(). */
struct vfs {
	sqlite3_vfs base;
	char name[VFS_NAME_MAX];
	struct env *env;
};

/* Register under a name that no other has (SQLite keeps its file systems for the whole process),
 * for the files of `env`. The struct is borrowed until vfs_unregister(). */
int vfs_register(struct vfs *vfs, struct env *env, struct err *err);
void vfs_unregister(struct vfs *vfs);
