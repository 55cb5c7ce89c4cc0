/* Resource images. Their files are blobs that were sent before. */
#include "api/room.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

static void
put_texts(struct json_writer *out, const char *key, const char (*texts)[FACT_TEXT_MAX],
	  unsigned count)
{
	json_open_array(out, key);
	for (unsigned i = 0; i < count; i++)
		put_foreign(out, NULL, texts[i]);
	json_close_array(out);
}

void
put_image(struct json_writer *out, const struct image *image)
{
	json_open_object(out, NULL);
	json_put_int(out, "id", image->id);
	put_foreign(out, "version", image->version);
	json_put_text(out, "profile", image->profile);
	if (image->config_format != 0)
		json_put_int(out, "config_format", image->config_format);
	else
		json_put_null(out, "config_format");
	json_put_int(out, "size", (int64_t)image->size);
	put_hash(out, "sha256", &image->content);
	json_open_array(out, "files");
	for (unsigned i = 0; i < image->files_count; i++) {
		json_open_object(out, NULL);
		put_foreign(out, "name", image->files[i].name);
		json_put_int(out, "size", (int64_t)image->files[i].size);
		put_hash(out, "sha256", &image->files[i].content);
		json_close_object(out);
	}
	json_close_array(out);
	put_texts(out, "models", image->models, image->models_count);
	put_texts(out, "revisions", image->revisions, image->revisions_count);
	put_texts(out, "froms", image->froms, image->froms_count);
	put_time(out, "added_at", image->added_wall_ms);
	json_close_object(out);
}

static int
read_file(struct api_call *call, const json_t *item, struct image_file *file)
{
	static const char *const keys[] = { "name", "sha256", NULL };
	const char *name = "", *hash = "";

	if (!json_is_object(item))
		return err_set(&call->err, AT, DD_EINVAL,
			       "each of 'files' must be an object with name and sha256");
	int r = json_only_keys(item, keys, &call->err);
	if (r == 0)
		r = json_get_text(item, "name", &name, &call->err);
	if (r == 0)
		r = json_get_text(item, "sha256", &hash, &call->err);
	if (r == 0)
		r = call_copy(call, "name", name, file->name, sizeof(file->name));
	if (r < 0)
		return r;
	if (name[0] == '\0' || strchr(name, '/') != NULL)
		return err_set(&call->err, AT, DD_EINVAL,
			       "'%s' can't be the name of a file: it is empty or has a '/'",
			       file->name);
	if (!sha256_parse(hash, &file->content))
		return err_set(&call->err, AT, DD_EINVAL,
			       "'sha256' of file %s must be 64 hexadecimal digits", file->name);
	if (!blobs_has(engine_blobs(call->api->engine), &file->content, &file->size))
		return err_set(&call->err, AT, DD_ENOTFOUND,
			       "the content of file %s is not here: POST it to " API_ROOT
			       "blobs first",
			       file->name);
	return 0;
}

static int
read_files(struct api_call *call, struct image *image)
{
	const json_t *files = json_object_get(call->body, "files");
	size_t count = json_array_size(files);

	if (!json_is_array(files) || count == 0 || count > GRANT_FILES_MAX)
		return err_set(&call->err, AT, DD_EINVAL,
			       "'files' must be a list of 1 to %d files, in order",
			       GRANT_FILES_MAX);
	for (size_t i = 0; i < count; i++) {
		int r = read_file(call, json_array_get(files, i), &image->files[i]);
		if (r < 0)
			return r;
	}
	image->files_count = (unsigned)count;
	return 0;
}

static int
read_image(struct api_call *call, struct image *image)
{
	static const char *const keys[] = { "files",     "version", "profile",       "models",
					    "revisions", "froms",   "config_format", NULL };
	int64_t format = 0;

	int r = json_only_keys(call->body, keys, &call->err);
	if (r == 0)
		r = call_text(call, "profile", false, image->profile, sizeof(image->profile));
	if (r == 0)
		r = call_text(call, "version", true, image->version, sizeof(image->version));
	if (r == 0)
		r = call_texts(call, "models", image->models[0], FACT_TEXT_MAX, IMAGE_LIST_MAX,
			       &image->models_count);
	if (r == 0)
		r = call_texts(call, "revisions", image->revisions[0], FACT_TEXT_MAX,
			       IMAGE_LIST_MAX, &image->revisions_count);
	if (r == 0)
		r = call_texts(call, "froms", image->froms[0], FACT_TEXT_MAX, IMAGE_LIST_MAX,
			       &image->froms_count);
	if (r == 0)
		r = json_int_or(call->body, "config_format", 0, UINT32_MAX, 0, &format, &call->err);
	if (r < 0)
		return r;
	image->config_format = (uint32_t)format;
	call->is_body_at_fault = true;
	return read_files(call, image);
}

int
images_post(struct api_call *call)
{
	struct image *image = calloc(1, sizeof(*image));

	if (image == NULL)
		return err_set(&call->err, AT, DD_ENOMEM, "no memory for an image");
	int r = read_image(call, image);
	if (r == 0)
		r = engine_image_add(call->api->engine, image, &call->err);
	if (r == 0) {
		put_image(&call->out, image);
		call->status = 201;
	}
	free(image);
	return r;
}

static bool
image_row(void *arg, const struct image *image)
{
	struct listing *listing = arg;
	bool goes_on;

	if (listing_takes(listing, image->id, &goes_on))
		put_image(listing->out, image);
	return goes_on;
}

int
images_list(struct api_call *call)
{
	static const char *const names[] = { "limit", "after", NULL };
	struct listing listing;

	int r = call_only_arguments(call, names);
	if (r == 0)
		r = listing_open(&listing, call, "images");
	if (r == 0)
		r = store_image_list(engine_store(call->api->engine), image_row, &listing,
				     &call->err);
	if (r == 0)
		listing_close(&listing);
	return r;
}

int
images_get(struct api_call *call)
{
	struct image *image = calloc(1, sizeof(*image));
	int64_t id;

	if (image == NULL)
		return err_set(&call->err, AT, DD_ENOMEM, "no memory for an image");
	int r = call_id(call, 0, &id);
	if (r == 0)
		r = store_image_get(engine_store(call->api->engine), id, image, &call->err);
	if (r == 0)
		put_image(&call->out, image);
	free(image);
	return r;
}

int
images_delete(struct api_call *call)
{
	int64_t id;

	int r = call_id(call, 0, &id);
	if (r == 0)
		r = engine_image_remove(call->api->engine, id, &call->err);
	if (r == 0)
		call->status = 204;
	return r;
}
