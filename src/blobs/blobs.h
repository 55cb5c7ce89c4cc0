/* blobs.h - files by SHA-256, durable: a folder of immutable content. */
#pragma once
#include "base/sha256.h"
#include "env/env.h"

struct blobs;

/* Opens or makes the folder; removes temporary files that a crash left. */
int blobs_open(struct env *env, const char *folder, struct blobs **ret_blobs, struct err *err);
void blobs_close(struct blobs *blobs); /* accepts NULL */

bool blobs_has(struct blobs *blobs, const struct sha256 *hash,
	       uint64_t *ret_size /* may be NULL */);

/* Read: an open file of immutable content, to be closed by env_file_close(). DD_ENOTFOUND. */
int blobs_get(struct blobs *blobs, const struct sha256 *hash, struct env_file **ret_file,
	      uint64_t *ret_size, struct err *err);
/* Load whole, checking the hash: DD_EINTEGRITY where the disk has other bytes. The caller frees
 * *ret_data (NUL after it). */
int blobs_load(struct blobs *blobs, const struct sha256 *hash, size_t size_max, char **ret_data,
	       size_t *ret_size, struct err *err);

/* Read it through and check its hash: DD_EINTEGRITY where the disk has other bytes, DD_ENOTFOUND,
 * DD_EIO. Memory: one chunk. */
int blobs_verify(struct blobs *blobs, const struct sha256 *hash, struct err *err);

/* Write: content streams in under a temporary name, its hash running; nothing is visible before
 * blob_publish() returned 0, and then it is durable (sync, rename, sync of the folder). size_max is
 * enforced before each write (DD_EFULL). */
struct blob_writer;
int blob_begin(struct blobs *blobs, uint64_t size_max, struct blob_writer **ret_writer,
	       struct err *err);
int blob_write(struct blob_writer *writer, const void *data, size_t size, struct err *err);
uint64_t blob_size(const struct blob_writer *writer);
/* expected (may be NULL): DD_EINTEGRITY where the content has another hash. The writer is freed
 * whatever happens. */
int blob_publish(struct blob_writer *writer, const struct sha256 *expected, struct sha256 *ret_hash,
		 struct err *err);
void blob_abort(struct blob_writer *writer); /* accepts NULL */

/* In one go. */
int blobs_put(struct blobs *blobs, const void *data, size_t size, struct sha256 *ret_hash,
	      struct err *err);
/* Remove content; fine where absent. */
int blobs_remove(struct blobs *blobs, const struct sha256 *hash);
