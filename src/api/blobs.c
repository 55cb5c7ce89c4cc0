/* Resource blobs: bytes that stream into the store of content. */
#include "api/room.h"
#include "base/text.h"

#include <stdlib.h>

struct api_upload {
	struct blob_writer *writer; /* NULL after a failure */
	struct err err;
	uint64_t size;
};

/* A request with a body does not come here, but by api_upload_begin(). */
int
blobs_post(struct api_call *call)
{
	return err_set(&call->err, AT, DD_EINVAL, "the request has no body: send the file's bytes");
}

bool
api_takes_upload(const char *method, const char *path)
{
	return text_equal(method, "POST") && text_equal(path, API_ROOT "blobs");
}

int
api_upload_begin(struct api *api, struct api_upload **ret_upload, struct err *err)
{
	struct api_upload *upload = calloc(1, sizeof(*upload));

	if (upload == NULL)
		return err_set(err, AT, DD_ENOMEM, "no memory for an upload");
	int r = blob_begin(engine_blobs(api->engine), API_BLOB_MAX, &upload->writer, err);
	if (r < 0) {
		free(upload);
		return r;
	}
	*ret_upload = upload;
	return 0;
}

bool
api_upload_write(struct api_upload *upload, const void *data, size_t size)
{
	upload->size += size;
	if (upload->size > API_BLOB_MAX)
		return false;
	if (upload->writer != NULL && blob_write(upload->writer, data, size, &upload->err) < 0) {
		blob_abort(upload->writer);
		upload->writer = NULL;
	}
	return true;
}

static void
write_blob(struct api_response *response, const struct sha256 *hash, uint64_t size)
{
	struct json_writer out;

	response->status = 201;
	response->type = "application/json";
	json_writer_init(&out, &response->body);
	json_open_object(&out, NULL);
	put_hash(&out, "sha256", hash);
	json_put_int(&out, "size", (int64_t)size);
	json_close_object(&out);
}

void
api_upload_end(struct api_upload *upload, struct api_response *response)
{
	struct sha256 hash;
	int r = upload->err.code;

	if (r == 0 && upload->size == 0)
		r = err_set(&upload->err, AT, DD_EINVAL,
			    "the request has no body: send the file's bytes");
	else if (r == 0)
		r = blob_publish(TAKE(upload->writer), NULL, &hash, &upload->err);
	if (r < 0)
		answer_error(response, &upload->err, false);
	else
		write_blob(response, &hash, upload->size);
	api_upload_abort(upload);
}

void
api_upload_abort(struct api_upload *upload)
{
	if (upload == NULL)
		return;
	blob_abort(upload->writer);
	free(upload);
}
