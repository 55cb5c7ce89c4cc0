/* Credentials, devices, images and snapshots. */
#include "base/text.h"
#include "store/room.h"
#include "store/tables.h"

#include <stdio.h>
#include <stdlib.h>

/* Lists hand out typed records: one small adapter for each type. */
#define EACH(name, type)                                        \
	struct each_##name {                                    \
		bool (*each)(void *arg, const type *record);    \
		void *arg;                                      \
	};                                                      \
	static bool hand_##name(void *arg, const void *record)  \
	{                                                       \
		const struct each_##name *to = arg;             \
		return to->each(to->arg, (const type *)record); \
	}

EACH(credential, struct credential)
EACH(device, struct device)
EACH(snapshot, struct snapshot)

/* ---- credentials ---- */

int
store_credential_put(struct store *store, const struct credential *credential, struct err *err)
{
	return table_insert(store->db, &table_credential, credential, true, NULL, err);
}

int
store_credential_get(struct store *store, const char *name, struct credential *ret, struct err *err)
{
	char what[NAME_MAX_ + 32];

	(void)text_print(what, sizeof(what), "credential '%s'", name);
	return table_get(store->db, &table_credential, "WHERE name = ?3", 0, 0, name, what, ret,
			 err);
}

int
store_credential_list(struct store *store, bool (*each)(void *arg, const struct credential *),
		      void *arg, struct err *err)
{
	struct each_credential to = { each, arg };
	struct credential room;

	return table_select(store->db, &table_credential, "ORDER BY name", 0, 0, NULL, &room,
			    hand_credential, &to, err);
}

/* ---- devices ---- */

int
store_device_add(struct store *store, struct device *device, struct err *err)
{
	char address[ADDR_TEXT_MAX];

	int r = table_insert(store->db, &table_device, device, false, &device->id, err);
	if (r == DD_EEXIST)
		return err_set(err, AT, DD_EEXIST,
			       "a device named %s or at address %s is there already", device->name,
			       addr_text(&device->address, address));
	return r;
}

int
store_device_update(struct store *store, const struct device *device, struct err *err)
{
	return table_insert(store->db, &table_device, device, true, NULL, err);
}

int
store_device_get(struct store *store, const char *name, struct device *ret, struct err *err)
{
	char what[NAME_MAX_ + 32];

	(void)text_print(what, sizeof(what), "device '%.*s'", NAME_MAX_, name);
	return table_get(store->db, &table_device, "WHERE name = ?3", 0, 0, name, what, ret, err);
}

int
store_device_get_id(struct store *store, int64_t id, struct device *ret, struct err *err)
{
	char what[48];

	(void)text_print(what, sizeof(what), "device %lld", (long long)id);
	return table_get(store->db, &table_device, "WHERE id = ?1", id, 0, NULL, what, ret, err);
}

int
store_device_remove(struct store *store, int64_t id, struct err *err)
{
	return table_run(store->db, "DELETE FROM device WHERE id = ?1", id, 0, NULL, NULL, err);
}

int
store_device_list(struct store *store, bool (*each)(void *arg, const struct device *), void *arg,
		  struct err *err)
{
	struct each_device to = { each, arg };
	struct device room;

	return table_select(store->db, &table_device, "ORDER BY name", 0, 0, NULL, &room,
			    hand_device, &to, err);
}

/* ---- images ---- */

int
store_image_add(struct store *store, struct image *image, struct err *err)
{
	int r = table_insert(store->db, &table_image, image, false, &image->id, err);
	if (r == DD_EEXIST)
		return err_set(err, AT, DD_EEXIST,
			       "this image of version %s for %s is in the store already",
			       image->version, image->profile);
	for (unsigned i = 0; i < image->files_count && r == 0; i++) {
		struct image_file_row row = { .image_id = image->id,
					      .position = i,
					      .file = image->files[i] };
		r = table_insert(store->db, &table_image_file, &row, false, NULL, err);
	}
	return r;
}

static bool
take_file(void *arg, const void *record)
{
	struct image *image = arg;
	const struct image_file_row *row = record;

	if (image->files_count < GRANT_FILES_MAX)
		image->files[image->files_count++] = row->file;
	return true;
}

static int
load_files(struct store *store, struct image *image, struct err *err)
{
	struct image_file_row room;

	image->files_count = 0;
	return table_select(store->db, &table_image_file, "WHERE image_id = ?1 ORDER BY position",
			    image->id, 0, NULL, &room, take_file, image, err);
}

int
store_image_get(struct store *store, int64_t id, struct image *ret, struct err *err)
{
	char what[48];

	(void)text_print(what, sizeof(what), "image %lld", (long long)id);
	int r = table_get(store->db, &table_image, "WHERE id = ?1", id, 0, NULL, what, ret, err);
	return r < 0 ? r : load_files(store, ret, err);
}

struct image_search {
	const char *profile, *model;
	struct image found;
	bool was_found;
};

static bool
search_image(void *arg, const void *record)
{
	struct image_search *search = arg;
	const struct image *image = record;
	bool fits = image->models_count == 0;

	for (unsigned i = 0; i < image->models_count; i++)
		fits = fits || text_equal(image->models[i], search->model);
	if (!fits || !text_equal(image->profile, search->profile))
		return true;
	search->found = *image;
	search->was_found = true;
	return false;
}

int
store_image_find(struct store *store, const char *profile, const char *version, const char *model,
		 struct image *ret, struct err *err)
{
	struct image_search search = { .profile = profile, .model = model };
	struct image room;

	int r = table_select(store->db, &table_image, "WHERE version = ?3 ORDER BY id DESC", 0, 0,
			     version, &room, search_image, &search, err);
	if (r < 0)
		return r;
	if (!search.was_found)
		return err_set(err, AT, DD_ENOTFOUND,
			       "there is no image of version %s for %s, model %s", version, profile,
			       model);
	*ret = search.found;
	return load_files(store, ret, err);
}

int
store_image_remove(struct store *store, int64_t id, struct err *err)
{
	int r = table_run(store->db, "DELETE FROM image_file WHERE image_id = ?1", id, 0, NULL,
			  NULL, err);

	return r < 0 ? r
		     : table_run(store->db, "DELETE FROM image WHERE id = ?1", id, 0, NULL, NULL,
				 err);
}

struct image_ids {
	int64_t *ids;
	size_t count, capacity;
};

static bool
take_id(void *arg, const void *record)
{
	struct image_ids *list = arg;

	if (list->count == list->capacity) {
		size_t capacity = list->capacity == 0 ? 16 : list->capacity * 2;
		int64_t *ids = realloc(list->ids, capacity * sizeof(*ids));
		if (ids == NULL)
			return false;
		list->ids = ids;
		list->capacity = capacity;
	}
	list->ids[list->count++] = ((const struct image *)record)->id;
	return true;
}

int
store_image_list(struct store *store, bool (*each)(void *arg, const struct image *), void *arg,
		 struct err *err)
{
	struct image_ids list = { 0 };
	struct image image;

	int r = table_select(store->db, &table_image, "ORDER BY id", 0, 0, NULL, &image, take_id,
			     &list, err);
	for (size_t i = 0; i < list.count && r == 0; i++) {
		r = store_image_get(store, list.ids[i], &image, err);
		if (r == 0 && !each(arg, &image))
			break;
	}
	free(list.ids);
	return r;
}

/* ---- snapshots ---- */

int
store_snapshot_add(struct store *store, struct snapshot *snapshot, struct err *err)
{
	return table_insert(store->db, &table_snapshot, snapshot, false, &snapshot->id, err);
}

int
store_snapshot_get(struct store *store, int64_t id, struct snapshot *ret, struct err *err)
{
	char what[48];

	(void)text_print(what, sizeof(what), "snapshot %lld", (long long)id);
	return table_get(store->db, &table_snapshot, "WHERE id = ?1", id, 0, NULL, what, ret, err);
}

int
store_snapshot_list(struct store *store, int64_t device_id,
		    bool (*each)(void *arg, const struct snapshot *), void *arg, struct err *err)
{
	struct each_snapshot to = { each, arg };
	struct snapshot room;

	return table_select(store->db, &table_snapshot, "WHERE device_id = ?1 ORDER BY id",
			    device_id, 0, NULL, &room, hand_snapshot, &to, err);
}
