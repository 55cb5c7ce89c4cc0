/* Things that people name in more than one way. */
#include "cli/room.h"

struct search {
	const char *version;
	json_t *image;
	unsigned count;
};

static int
match_version(void *arg, json_t *row, struct err *err)
{
	struct search *search = arg;

	(void)err;
	if (!text_equal(doc_text(row, "version"), search->version))
		return 0;
	search->count++;
	json_decref(search->image);
	search->image = json_incref(row);
	return 0;
}

int
image_of(struct cli *cli, const char *text, json_t **ret_image, struct err *err)
{
	struct search search = { .version = text };
	uint64_t id;
	char path[64];

	if (text_number(text, INT64_MAX, &id) &&
	    text_print(path, sizeof(path), "images/%llu", (unsigned long long)id)) {
		int r = client_call(cli, "GET", path, NULL, ret_image, err);
		if (r != DD_ENOTFOUND)
			return r;
	}
	int r = client_list(cli, "images", "images", match_version, &search, err);
	if (r == 0 && search.count == 1) {
		*ret_image = search.image;
		return 0;
	}
	json_decref(search.image);
	if (r < 0)
		return r;
	if (search.count == 0)
		return err_set(err, AT, DD_ENOTFOUND,
			       "there is no image %.64s: drydock image list names them", text);
	return err_set(err, AT, DD_ECONFLICT,
		       "%u images have version %.64s: give the id that drydock image list shows",
		       search.count, text);
}

struct snapshots {
	int64_t id; /* wanted; 0 = the newest that was read from the device */
	json_t *found;
};

static int
match_snapshot(void *arg, json_t *row, struct err *err)
{
	struct snapshots *snapshots = arg;
	bool is_made = text_equal(doc_text(row, "role"),
				  "wanted"); /* by a conversion, not read from the device */

	(void)err;
	if (snapshots->id != 0 ? doc_int(row, "id") != snapshots->id : is_made)
		return 0;
	json_decref(snapshots->found);
	snapshots->found = json_incref(row);
	return 0;
}

int
snapshot_of(struct cli *cli, const char *device, const char *id_text, json_t **ret_snapshot,
	    struct err *err)
{
	CLEANUP(buf_done) struct buf path = { 0 };
	struct snapshots snapshots = { 0 };
	uint64_t id = 0;

	if (id_text != NULL && (!text_number(id_text, INT64_MAX, &id) || id == 0))
		return err_set(err, AT, DD_EINVAL,
			       "'%.32s' is no snapshot: drydock config list %s shows their numbers",
			       id_text, device);
	snapshots.id = (int64_t)id;
	(void)buf_add_text(&path, "snapshots?device=");
	add_escaped(&path, device);
	int r = client_list(cli, buf_text(&path), "snapshots", match_snapshot, &snapshots, err);
	if (r == 0 && snapshots.found == NULL)
		r = id != 0 ? err_set(err, AT, DD_ENOTFOUND,
				      "%s has no snapshot %s: drydock config list %s shows their "
				      "numbers",
				      device, id_text, device)
			    : err_set(err, AT, DD_ENOTFOUND,
				      "%s has no snapshot: drydock backup %s makes one", device,
				      device);
	if (r < 0) {
		json_decref(snapshots.found);
		return r;
	}
	*ret_snapshot = snapshots.found;
	return 0;
}
