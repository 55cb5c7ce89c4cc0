/* sim_disk.c - the names on a simulated disk: what is seen, what is durable, and what a crash makes
 * of it. */
#include "env/sim_disk.h"

#include "base/text.h"
#include "env/env_sim.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { CAPACITY_FIRST = 16 };

enum change_kind { CHANGE_MADE, CHANGE_UNLINKED, CHANGE_RENAMED };

/* One change of a name that was not synced. Belongs to the folder of `path`. */
struct sim_change {
	struct sim_change *next;
	enum change_kind kind;
	struct sim_node *node; /* counted */
	char path[SIM_PATH_MAX];
	char from[SIM_PATH_MAX]; /* of a rename */
};

/* ---- paths ---- */

bool
sim_path(const char *path, char ret_path[static SIM_PATH_MAX])
{
	size_t n = 0;

	for (; *path; path++) {
		if (*path == '/' && n > 0 && ret_path[n - 1] == '/')
			continue;
		if (n + 1 == SIM_PATH_MAX)
			return false;
		ret_path[n++] = *path;
	}
	if (n > 1 && ret_path[n - 1] == '/')
		n--;
	ret_path[n] = '\0';
	return n > 0;
}

void
sim_path_parent(const char *path, char ret_parent[static SIM_PATH_MAX])
{
	const char *slash = strrchr(path, '/');

	if (!slash) {
		(void)text_copy(ret_parent, SIM_PATH_MAX, ".");
	} else if (slash == path) {
		(void)text_copy(ret_parent, SIM_PATH_MAX, "/");
	} else {
		(void)text_copy(ret_parent, SIM_PATH_MAX, path);
		ret_parent[slash - path] = '\0';
	}
}

bool
sim_path_is_root(const char *path)
{
	return text_equal(path, "/") || text_equal(path, ".");
}

/* ---- tables of names ---- */

/* The place of a path: where it is, or where it would go. */
static size_t
names_place(const struct sim_names *names, const char *path)
{
	size_t low = 0, high = names->count;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;
		if (strcmp(names->items[middle].path, path) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static struct sim_name *
names_find(const struct sim_names *names, const char *path)
{
	const size_t i = names_place(names, path);

	return i < names->count && text_equal(names->items[i].path, path) ? &names->items[i] : NULL;
}

/* Let a path name a node, whatever it named before. */
static void
names_set(struct sim_names *names, const char *path, struct sim_node *node)
{
	struct sim_name *old = names_find(names, path);

	node->references++;
	if (old) {
		sim_node_unref(old->node);
		old->node = node;
		return;
	}
	if (names->count == names->capacity) {
		names->capacity = names->capacity > 0 ? names->capacity * 2 : CAPACITY_FIRST;
		names->items = reallocarray(names->items, names->capacity, sizeof(*names->items));
		if (!names->items)
			abort();
	}
	const size_t i = names_place(names, path);
	memmove(&names->items[i + 1], &names->items[i], (names->count - i) * sizeof(*names->items));
	names->items[i] = (struct sim_name){ strdup(path), node };
	if (!names->items[i].path)
		abort();
	names->count++;
}

static void
name_free(struct sim_name *name)
{
	sim_node_unref(name->node);
	free(name->path);
}

/* Remove a path where it names this node. */
static void
names_remove(struct sim_names *names, const char *path, const struct sim_node *node)
{
	struct sim_name *name = names_find(names, path);

	if (!name || name->node != node)
		return;
	name_free(name);
	names->count--;
	memmove(name, name + 1, (size_t)(&names->items[names->count] - name) * sizeof(*name));
}

static void
names_clear(struct sim_names *names)
{
	for (size_t i = 0; i < names->count; i++)
		name_free(&names->items[i]);
	free(names->items);
	*names = (struct sim_names){ 0 };
}

/* ---- changes ---- */

static void
change_add(struct sim_disk *disk, enum change_kind kind, struct sim_node *node, const char *path,
	   const char *from)
{
	struct sim_change *change = calloc(1, sizeof(*change));

	if (!change)
		abort();
	change->kind = kind;
	change->node = node;
	node->references++;
	(void)text_copy(change->path, sizeof(change->path), path);
	(void)text_copy(change->from, sizeof(change->from), from);
	*disk->changes_end = change;
	disk->changes_end = &change->next;
}

static void
change_apply(struct sim_names *names, const struct sim_change *change)
{
	switch (change->kind) {
	case CHANGE_MADE:
		names_set(names, change->path, change->node);
		break;
	case CHANGE_UNLINKED:
		names_remove(names, change->path, change->node);
		break;
	case CHANGE_RENAMED:
		names_set(names, change->path, change->node);
		names_remove(names, change->from, change->node);
		break;
	}
}

/* Take the change at this link out of the list and free it. */
static void
change_remove(struct sim_disk *disk, struct sim_change **link)
{
	struct sim_change *change = *link;

	*link = change->next;
	if (!change->next)
		disk->changes_end = link;
	sim_node_unref(change->node);
	free(change);
}

/* ---- the disk ---- */

void
sim_disk_init(struct sim_disk *disk)
{
	*disk = (struct sim_disk){ 0 };
	disk->changes_end = &disk->changes;
}

void
sim_disk_done(struct sim_disk *disk)
{
	while (disk->changes)
		change_remove(disk, &disk->changes);
	names_clear(&disk->seen);
	names_clear(&disk->durable);
}

struct sim_node *
sim_disk_find(const struct sim_disk *disk, const char *path)
{
	const struct sim_name *name = names_find(&disk->seen, path);

	return name ? name->node : NULL;
}

bool
sim_disk_has_folder(const struct sim_disk *disk, const char *path)
{
	const struct sim_node *node = sim_disk_find(disk, path);

	return sim_path_is_root(path) || (node && node->is_folder);
}

struct sim_node *
sim_disk_make(struct sim_disk *disk, const char *path, bool is_folder)
{
	char parent[SIM_PATH_MAX];
	struct sim_node *node = calloc(1, sizeof(*node));

	if (!node)
		abort();
	assert(!names_find(&disk->seen, path));
	node->is_folder = is_folder;
	node->writes_end = &node->writes;
	names_set(&disk->seen, path, node);
	sim_path_parent(path, parent);
	if (is_folder && sim_path_is_root(parent))
		names_set(&disk->durable, path, node); /* a mount */
	else
		change_add(disk, CHANGE_MADE, node, path, "");
	return node;
}

void
sim_disk_unlink(struct sim_disk *disk, const char *path)
{
	struct sim_node *node = names_find(&disk->seen, path)->node;

	change_add(disk, CHANGE_UNLINKED, node, path, "");
	names_remove(&disk->seen, path, node);
}

void
sim_disk_rename(struct sim_disk *disk, const char *from, const char *to)
{
	struct sim_node *node = names_find(&disk->seen, from)->node;

	if (text_equal(from, to))
		return;
	change_add(disk, CHANGE_RENAMED, node, to, from);
	names_set(&disk->seen, to, node);
	names_remove(&disk->seen, from, node);
}

void
sim_disk_sync(struct sim_disk *disk, const char *folder)
{
	char parent[SIM_PATH_MAX];

	for (struct sim_change **link = &disk->changes; *link;) {
		sim_path_parent((*link)->path, parent);
		if (text_equal(parent, folder)) {
			change_apply(&disk->durable, *link);
			change_remove(disk, link);
		} else {
			link = &(*link)->next;
		}
	}
}

size_t
sim_disk_first_in(const struct sim_disk *disk, const char *folder,
		  char ret_prefix[static SIM_PATH_MAX + 1])
{
	const char *slash = text_equal(folder, "/") ? "" : "/";

	if (text_equal(folder, "."))
		ret_prefix[0] = '\0';
	else
		(void)text_print(ret_prefix, SIM_PATH_MAX + 1, "%s%s", folder, slash);
	return names_place(&disk->seen, ret_prefix);
}

/* What is in a folder that did not survive is gone as well. */
static void
orphans_remove(struct sim_names *names)
{
	char parent[SIM_PATH_MAX];

	for (size_t i = 0; i < names->count;) {
		struct sim_name *name = &names->items[i];
		sim_path_parent(name->path, parent);
		const struct sim_name *folder = names_find(names, parent);
		if (sim_path_is_root(parent) || (folder && folder->node->is_folder))
			i++;
		else
			names_remove(names, name->path, name->node);
	}
}

void
sim_disk_crash(struct sim_disk *disk, struct sim *sim)
{
	const unsigned permille = (unsigned)(sim_random(sim) % 3) * 500;

	while (disk->changes) {
		if (sim_chance(sim, permille))
			change_apply(&disk->durable, disk->changes);
		change_remove(disk, &disk->changes);
	}
	orphans_remove(&disk->durable);
	names_clear(&disk->seen);
	for (size_t i = 0; i < disk->durable.count; i++) {
		sim_node_crash(disk->durable.items[i].node, sim);
		names_set(&disk->seen, disk->durable.items[i].path, disk->durable.items[i].node);
	}
}
