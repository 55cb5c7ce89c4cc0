/* Files by SHA-256: written aside, synced, renamed, the folder synced; never changed afterwards. */
#include "blobs/blobs.h"

#include "base/hex.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

enum { FOLDER_MAX = 256, PATH_SIZE = FOLDER_MAX + SHA256_TEXT_SIZE + 16, CHUNK_SIZE = 64 << 10 };

static const char temporary[] = "tmp-";

struct blobs {
	struct env *env;
	char folder[FOLDER_MAX];
};

struct blob_writer {
	struct blobs *blobs;
	struct env_file *file;
	struct sha256_state hash;
	uint64_t size, size_max;
	char path[PATH_SIZE];
};

static void
path_of(const struct blobs *blobs, const struct sha256 *hash, char path[static PATH_SIZE])
{
	char digits[SHA256_TEXT_SIZE];

	(void)text_print(path, PATH_SIZE, "%s/%s", blobs->folder, sha256_text(hash, digits));
}

static void
remove_temporary(void *arg, const char *name)
{
	struct blobs *blobs = arg;
	char path[PATH_SIZE];

	if (text_starts(name, temporary) &&
	    text_print(path, sizeof(path), "%s/%s", blobs->folder, name))
		(void)env_unlink(blobs->env, path); /* what stays is removed at the next start */
}

/* A new folder is only durable when its name is: that stands in the folder above. */
static int
make_folder(struct env *env, const char *folder, struct err *err)
{
	char parent[FOLDER_MAX];
	char *slash;

	int r = env_dir_make(env, folder, err);
	if (r < 0 || !text_copy(parent, sizeof(parent), folder))
		return r;
	slash = strrchr(parent, '/');
	if (slash == NULL || slash == parent)
		return 0; /* beside us or in the root: made by whoever set this host up */
	*slash = '\0';
	r = env_dir_sync(env, parent);
	return r < 0 ? err_set(err, AT, r, "%s can't be made durable: %s", parent, err_name(r)) : 0;
}

int
blobs_open(struct env *env, const char *folder, struct blobs **ret_blobs, struct err *err)
{
	struct blobs *blobs = calloc(1, sizeof(*blobs));

	if (blobs == NULL)
		return err_set(err, AT, DD_ENOMEM, "no memory for the content store");
	blobs->env = env;
	int r = text_copy(blobs->folder, sizeof(blobs->folder), folder)
			? make_folder(env, folder, err)
			: err_set(err, AT, DD_EINVAL,
				  "the path %.64s... is longer than %d characters", folder,
				  FOLDER_MAX - 1);
	if (r == 0)
		r = env_dir_list(env, folder, remove_temporary, blobs, err);
	/* A run that was killed between rename and sync leaves names that are seen and not yet
	 * durable: whatever blobs_has() finds from now on is. */
	if (r == 0 && env_dir_sync(env, folder) < 0)
		r = err_set(err, AT, DD_EIO, "%s can't be made durable", folder);
	if (r < 0) {
		free(blobs);
		return r;
	}
	*ret_blobs = blobs;
	return 0;
}

void
blobs_close(struct blobs *blobs)
{
	free(blobs);
}

int
blobs_get(struct blobs *blobs, const struct sha256 *hash, struct env_file **ret_file,
	  uint64_t *ret_size, struct err *err)
{
	char path[PATH_SIZE], digits[SHA256_TEXT_SIZE];
	struct env_file *file = NULL;

	path_of(blobs, hash, path);
	int r = env_file_open(blobs->env, path, ENV_FILE_READ, &file, err);
	if (r == DD_ENOTFOUND)
		return err_set(err, AT, DD_ENOTFOUND, "content %.16s... is not in the store",
			       sha256_text(hash, digits));
	if (r < 0)
		return r;
	int64_t size = env_file_size(file);
	if (size < 0) {
		env_file_close(file);
		return err_set(err, AT, DD_EIO, "%s can't be read", path);
	}
	*ret_file = file;
	*ret_size = (uint64_t)size;
	return 0;
}

bool
blobs_has(struct blobs *blobs, const struct sha256 *hash, uint64_t *ret_size)
{
	struct env_file *file = NULL;
	uint64_t size = 0;

	if (blobs_get(blobs, hash, &file, &size, NULL) < 0)
		return false;
	env_file_close(file);
	if (ret_size != NULL)
		*ret_size = size;
	return true;
}

int
blobs_load(struct blobs *blobs, const struct sha256 *hash, size_t size_max, char **ret_data,
	   size_t *ret_size, struct err *err)
{
	char path[PATH_SIZE], digits[SHA256_TEXT_SIZE];
	struct sha256 found;
	char *data = NULL;
	size_t size = 0;

	path_of(blobs, hash, path);
	int r = env_file_load(blobs->env, path, size_max, &data, &size, err);
	if (r < 0)
		return r;
	sha256_of(data, size, &found);
	if (!sha256_equal(&found, hash)) {
		free(data);
		return err_set(err, AT, DD_EINTEGRITY, "content %.16s... is damaged on the disk",
			       sha256_text(hash, digits));
	}
	*ret_data = data;
	*ret_size = size;
	return 0;
}

/* Hash a whole file. */
static int
hash_file(struct env_file *file, struct sha256 *ret_hash)
{
	struct sha256_state state;
	uint8_t chunk[CHUNK_SIZE];
	uint64_t at = 0;
	int64_t got;

	sha256_init(&state);
	do {
		got = env_file_read(file, at, chunk, sizeof(chunk));
		if (got < 0)
			return (int)got;
		sha256_add(&state, chunk, (size_t)got);
		at += (uint64_t)got;
	} while (got == (int64_t)sizeof(chunk));
	sha256_end(&state, ret_hash);
	return 0;
}

int
blobs_verify(struct blobs *blobs, const struct sha256 *hash, struct err *err)
{
	char digits[SHA256_TEXT_SIZE];
	struct env_file *file = NULL;
	struct sha256 found;
	uint64_t size;

	int r = blobs_get(blobs, hash, &file, &size, err);
	if (r < 0)
		return r;
	r = hash_file(file, &found);
	env_file_close(file);
	if (r < 0)
		return err_set(err, AT, r, "content %.16s... can't be read: %s",
			       sha256_text(hash, digits), err_name(r));
	return sha256_equal(&found, hash)
		       ? 0
		       : err_set(err, AT, DD_EINTEGRITY, "content %.16s... is damaged on the disk",
				 sha256_text(hash, digits));
}

int
blob_begin(struct blobs *blobs, uint64_t size_max, struct blob_writer **ret_writer, struct err *err)
{
	struct blob_writer *writer = calloc(1, sizeof(*writer));
	uint8_t bytes[8];
	char digits[2 * sizeof(bytes) + 1];

	if (writer == NULL)
		return err_set(err, AT, DD_ENOMEM, "no memory to take content in");
	writer->blobs = blobs;
	writer->size_max = size_max;
	sha256_init(&writer->hash);
	env_random(blobs->env, bytes, sizeof(bytes));
	(void)text_print(writer->path, sizeof(writer->path), "%s/%s%s", blobs->folder, temporary,
			 hex_print(digits, bytes, sizeof(bytes)));
	int r = env_file_open(blobs->env, writer->path,
			      ENV_FILE_WRITE | ENV_FILE_CREATE | ENV_FILE_EXCLUSIVE, &writer->file,
			      err);
	if (r < 0) {
		free(writer);
		return r;
	}
	*ret_writer = writer;
	return 0;
}

int
blob_write(struct blob_writer *writer, const void *data, size_t size, struct err *err)
{
	if (size > writer->size_max - writer->size)
		return err_set(err, AT, DD_EFULL,
			       "the content has more than the %llu bytes that are allowed",
			       (unsigned long long)writer->size_max);
	int r = env_file_write(writer->file, writer->size, data, size);
	if (r == DD_ENOSPC)
		return err_set(err, AT, r, "the disk of %s is full: make room",
			       writer->blobs->folder);
	if (r < 0)
		return err_set(err, AT, r, "%s can't be written", writer->path);
	sha256_add(&writer->hash, data, size);
	writer->size += size;
	return 0;
}

uint64_t
blob_size(const struct blob_writer *writer)
{
	return writer->size;
}

void
blob_abort(struct blob_writer *writer)
{
	if (writer == NULL)
		return;
	env_file_close(writer->file);
	(void)env_unlink(writer->blobs->env,
			 writer->path); /* what stays is removed at the next start */
	free(writer);
}

static int
publish(struct blob_writer *writer, const struct sha256 *hash, struct err *err)
{
	struct blobs *blobs = writer->blobs;
	char path[PATH_SIZE];

	int r = env_file_sync(writer->file);
	path_of(blobs, hash, path);
	if (r == 0)
		r = env_rename(blobs->env, writer->path, path);
	if (r == 0)
		r = env_dir_sync(blobs->env, blobs->folder);
	return r < 0 ? err_set(err, AT, r, "content can't be made durable in %s: %s", blobs->folder,
			       err_name(r))
		     : 0;
}

int
blob_publish(struct blob_writer *writer, const struct sha256 *expected, struct sha256 *ret_hash,
	     struct err *err)
{
	struct sha256 hash;
	int r = 0;

	sha256_end(&writer->hash, &hash);
	if (expected != NULL && !sha256_equal(&hash, expected))
		r = err_set(err, AT, DD_EINTEGRITY,
			    "the content has another SHA-256 than it must have");
	if (r == 0)
		r = publish(writer, &hash, err);
	if (r < 0) {
		blob_abort(writer);
		return r;
	}
	env_file_close(writer->file);
	free(writer);
	if (ret_hash != NULL)
		*ret_hash = hash;
	return 0;
}

int
blobs_put(struct blobs *blobs, const void *data, size_t size, struct sha256 *ret_hash,
	  struct err *err)
{
	struct blob_writer *writer = NULL;
	struct sha256 hash;

	sha256_of(data, size, &hash);
	if (blobs_has(blobs, &hash, NULL)) {
		*ret_hash = hash;
		return 0;
	}
	int r = blob_begin(blobs, size, &writer, err);
	if (r < 0)
		return r;
	r = blob_write(writer, data, size, err);
	if (r < 0) {
		blob_abort(writer);
		return r;
	}
	return blob_publish(writer, &hash, ret_hash, err);
}

int
blobs_remove(struct blobs *blobs, const struct sha256 *hash)
{
	char path[PATH_SIZE];

	path_of(blobs, hash, path);
	int r = env_unlink(blobs->env, path);
	return r == DD_ENOTFOUND ? 0 : r;
}
