/* Resource snapshots: stored configurations. Secrets are shown by `content` only, which is the
 * export. */
#include "api/room.h"
#include "base/text.h"
#include "config/diff.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

void
put_snapshot(struct json_writer *out, const struct snapshot *snapshot)
{
	json_put_int(out, "id", snapshot->id);
	json_put_int(out, "job", snapshot->job_id);
	put_time(out, "taken_at", snapshot->taken_wall_ms);
	json_put_text(out, "role", snapshot->role);
	json_put_int(out, "format", snapshot->format);
	json_put_int(out, "size", (int64_t)snapshot->size);
	put_hash(out, "sha256", &snapshot->content);
	put_text_or_null(out, "software", snapshot->software);
}

/* ---- list ---- */

static bool
snapshot_row(void *arg, const struct snapshot *snapshot)
{
	struct listing *listing = arg;
	bool goes_on;

	if (!listing_takes(listing, snapshot->id, &goes_on))
		return goes_on;
	json_open_object(listing->out, NULL);
	put_snapshot(listing->out, snapshot);
	json_close_object(listing->out);
	return true;
}

int
snapshots_list(struct api_call *call)
{
	static const char *const names[] = { "limit", "after", "device", NULL };
	struct store *store = engine_store(call->api->engine);
	const char *name = call_argument(call, "device");
	struct device device;
	struct listing listing = { 0 };

	int r = call_only_arguments(call, names);
	if (r == 0 && name == NULL)
		r = err_set(&call->err, AT, DD_EINVAL, "whose snapshots? Give ?device=NAME");
	if (r == 0)
		r = store_device_get(store, name, &device, &call->err);
	if (r == 0)
		r = listing_open(&listing, call, "snapshots");
	if (r == 0)
		r = store_snapshot_list(store, device.id, snapshot_row, &listing, &call->err);
	if (r == 0)
		listing_close(&listing);
	return r;
}

/* ---- one, parsed ---- */

static int
snapshot_of_id(struct api_call *call, int64_t id, struct snapshot *ret_snapshot)
{
	return store_snapshot_get(engine_store(call->api->engine), id, ret_snapshot, &call->err);
}

static int
snapshot_of_path(struct api_call *call, struct snapshot *ret_snapshot)
{
	int64_t id = 0;

	int r = call_id(call, 0, &id);
	return r < 0 ? r : snapshot_of_id(call, id, ret_snapshot);
}

static const struct schema *
schema_of(struct api_call *call, const struct snapshot *snapshot)
{
	struct device device;
	const struct profile *profile;

	if (store_device_get_id(engine_store(call->api->engine), snapshot->device_id, &device,
				NULL) < 0)
		return NULL;
	profile = engine_profile(call->api->engine, device.profile);
	return profile != NULL ? profile_schema(profile) : NULL;
}

/* Passwords of customers stay in no freed memory. */
static void
secret_free(char *text, size_t size)
{
	if (text != NULL)
		explicit_bzero(text, size);
	free(text);
}

static int
parse(struct api_call *call, const struct snapshot *snapshot, struct config **ret_config)
{
	const struct schema *schema = schema_of(call, snapshot);
	char *text = NULL;
	size_t size = 0;

	if (schema == NULL)
		return err_set(&call->err, AT, DD_EUNSUPPORTED,
			       "snapshot %lld: the profile of its device is not loaded any more",
			       (long long)snapshot->id);
	int r = engine_snapshot_load(call->api->engine, snapshot->id, &text, &size, &call->err);
	if (r < 0)
		return r;
	r = config_parse(schema, snapshot->format, text, size, ret_config, &call->err);
	secret_free(text, size);
	if (r < 0) {
		(void)err_wrap(&call->err, AT, "snapshot %lld", (long long)snapshot->id);
		call->err.code = DD_EINTEGRITY;
		return DD_EINTEGRITY;
	}
	return 0;
}

static void
put_category(struct json_writer *out, enum category category, const struct config *config,
	     const struct config *twin)
{
	struct sha256 hash, twin_hash;

	config_hash(config, category, &hash);
	json_open_object(out, category_name(category));
	json_put_int(out, "items", (int64_t)config_count(config, category));
	put_hash(out, "sha256", &hash);
	if (twin != NULL) {
		config_hash(twin, category, &twin_hash);
		json_put_int(out, "confirmed_items", (int64_t)config_count(twin, category));
		put_hash(out, "confirmed_sha256", &twin_hash);
		json_put_bool(out, "is_equal", sha256_equal(&hash, &twin_hash));
	}
	json_close_object(out);
}

int
put_categories(struct api_call *call, const struct snapshot *snapshot, const struct snapshot *twin)
{
	CLEANUP(config_freep) struct config *config = NULL;
	CLEANUP(config_freep) struct config *twin_config = NULL;

	int r = parse(call, snapshot, &config);
	if (r == 0 && twin != NULL && twin->format == snapshot->format)
		r = parse(call, twin, &twin_config);
	if (r == DD_EUNSUPPORTED || r == DD_EINTEGRITY || r == DD_ENOTFOUND)
		return 0; /* the rest of the answer is still worth telling */
	if (r < 0)
		return r;
	json_open_object(&call->out, "categories");
	for (int i = 0; i < CATEGORY_COUNT; i++)
		put_category(&call->out, (enum category)i, config, twin_config);
	json_close_object(&call->out);
	return 0;
}

int
snapshots_get(struct api_call *call)
{
	struct snapshot snapshot = { 0 };

	int r = snapshot_of_path(call, &snapshot);
	if (r < 0)
		return r;
	json_open_object(&call->out, NULL);
	put_snapshot(&call->out, &snapshot);
	r = put_categories(call, &snapshot, NULL);
	json_close_object(&call->out);
	return r;
}

int
snapshots_content(struct api_call *call)
{
	struct snapshot snapshot = { 0 };
	char *text = NULL;
	size_t size = 0;

	int r = snapshot_of_path(call, &snapshot);
	if (r == 0)
		r = engine_snapshot_load(call->api->engine, snapshot.id, &text, &size, &call->err);
	if (r < 0)
		return r;
	(void)buf_add(&call->response->body, text, size); /* checked by api_handle() */
	call->response->type = "application/octet-stream";
	secret_free(text, size);
	return 0;
}

/* ---- values, with secrets masked ---- */

static void
put_value(struct json_writer *out, const char *key, const struct config_item *item)
{
	if (item == NULL || item->is_secret)
		json_put_null(out, key);
	else
		put_foreign(out, key, item->value);
}

int
snapshots_items(struct api_call *call)
{
	CLEANUP(config_freep) struct config *config = NULL;
	struct json_writer *out = &call->out;
	struct snapshot snapshot = { 0 };

	int r = snapshot_of_path(call, &snapshot);
	if (r == 0)
		r = parse(call, &snapshot, &config);
	if (r < 0)
		return r;
	assert(config != NULL);
	json_open_object(out, NULL);
	put_snapshot(out, &snapshot);
	json_open_array(out, "items");
	for (size_t i = 0; i < config->count; i++) {
		const struct config_item *item = &config->items[i];
		json_open_object(out, NULL);
		put_foreign(out, "path", item->path);
		put_value(out, "value", item);
		json_put_text(out, "category", category_name((enum category)item->category));
		json_put_bool(out, "is_secret", item->is_secret);
		json_close_object(out);
	}
	json_close_array(out);
	json_close_object(out);
	return 0;
}

static void
diff_row(void *arg, const struct config_change *change)
{
	static const char *const words[] = {
		[CHANGE_ADDED] = "added", [CHANGE_REMOVED] = "removed", [CHANGE_CHANGED] = "changed"
	};
	const struct config_item *item = change->to != NULL ? change->to : change->from;
	struct json_writer *out = arg;

	json_open_object(out, NULL);
	json_put_text(out, "change", words[change->change]);
	put_foreign(out, "path", item->path);
	json_put_text(out, "category", category_name((enum category)item->category));
	put_value(out, "from", change->from);
	put_value(out, "to", change->to);
	json_put_bool(out, "is_secret",
		      (change->from != NULL && change->from->is_secret) ||
			      (change->to != NULL && change->to->is_secret));
	json_close_object(out);
}

static void
put_diff(struct json_writer *out, const struct config *from, const struct config *to)
{
	size_t counts[CATEGORY_COUNT] = { 0 };

	json_open_array(out, "changes");
	size_t count = config_diff(from, to, diff_row, out, counts);
	json_close_array(out);
	json_put_int(out, "count", (int64_t)count);
	json_open_object(out, "categories");
	for (int i = 0; i < CATEGORY_COUNT; i++)
		json_put_int(out, category_name((enum category)i), (int64_t)counts[i]);
	json_close_object(out);
}

int
snapshots_diff(struct api_call *call)
{
	CLEANUP(config_freep) struct config *from = NULL;
	CLEANUP(config_freep) struct config *to = NULL;
	struct snapshot first = { 0 }, second = { 0 };
	int64_t to_id = 0;

	int r = call_number(call, "to", 0, INT64_MAX, &to_id);
	if (r == 0 && to_id == 0)
		r = err_set(&call->err, AT, DD_EINVAL, "compared with which? Give ?to=ID");
	if (r == 0)
		r = snapshot_of_path(call, &first);
	if (r == 0)
		r = snapshot_of_id(call, to_id, &second);
	if (r == 0 && (first.device_id != second.device_id || first.format != second.format))
		r = err_set(&call->err, AT, DD_ECONFLICT,
			    "snapshots %lld and %lld are not of one device and one format: they "
			    "can't be compared",
			    (long long)first.id, (long long)second.id);
	if (r == 0)
		r = parse(call, &first, &from);
	if (r == 0)
		r = parse(call, &second, &to);
	if (r < 0)
		return r;
	json_open_object(&call->out, NULL);
	json_put_int(&call->out, "from", first.id);
	json_put_int(&call->out, "to", second.id);
	put_diff(&call->out, from, to);
	json_close_object(&call->out);
	return 0;
}
