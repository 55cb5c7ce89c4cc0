/* flash.c - the files of a device's folder. */
#include "agent/flash.h"

#include "base/text.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define IDENTITY "drydock-agent identity 1\nserial: %s\nmodel: %s\nrevision: %s\ncapacity: %llu\n"

enum { IDENTITY_BYTES_MAX = 512 };

static void
path_print(const struct flash *flash, char path[static FLASH_PATH_MAX], const char *format,
	   unsigned slot)
{
	char name[32];
	const char *place = strchr(format, '#');

	if (place == NULL)
		(void)text_copy(name, sizeof(name),
				format); /* the names are short, and flash_init() left room */
	else
		(void)text_print(name, sizeof(name), "%.*s%u%s", (int)(place - format), format,
				 slot, place + 1);
	(void)text_print(path, FLASH_PATH_MAX, "%s/%s", flash->dir, name);
}

int
flash_init(struct flash *flash, struct env *env, const char *dir, struct err *err)
{
	memset(flash, 0, sizeof(*flash));
	flash->env = env;
	if (strlen(dir) + 32 > FLASH_PATH_MAX)
		return err_set(err, AT, DD_EINVAL, "the folder's path is longer than %d characters",
			       FLASH_PATH_MAX - 32);
	(void)text_copy(flash->dir, sizeof(flash->dir), dir); /* fits: checked */
	return 0;
}

void
flash_done(struct flash *flash)
{
	env_file_close(TAKE(flash->source));
	env_file_close(TAKE(flash->file));
}

/* ---- small files, replaced whole ---- */

static int
small_load(struct flash *flash, const char *format, unsigned slot, void *ret_data, size_t size_max,
	   size_t *ret_size, struct err *err)
{
	char path[FLASH_PATH_MAX];
	char *data = NULL;
	size_t size = 0;

	path_print(flash, path, format, slot);
	const int r = env_file_load(flash->env, path, size_max, &data, &size, err);
	if (r < 0)
		return r;
	memcpy(ret_data, data, size);
	*ret_size = size;
	free(data);
	return 0;
}

static int
small_store(struct flash *flash, const char *format, unsigned slot, const void *data, size_t size,
	    struct err *err)
{
	char path[FLASH_PATH_MAX];

	path_print(flash, path, format, slot);
	return env_file_store(flash->env, path, data, size, err);
}

int
flash_state_load(struct flash *flash, struct device_state *ret_state, struct err *err)
{
	char text[DEVICE_STATE_BYTES_MAX];
	size_t size;
	const int r = small_load(flash, "state", 0, text, sizeof(text), &size, err);

	return r < 0 ? r : device_state_parse(text, size, ret_state, err);
}

int
flash_state_store(struct flash *flash, const void *data, size_t size, struct err *err)
{
	return small_store(flash, "state", 0, data, size, err);
}

int
flash_config_load(struct flash *flash, unsigned slot, void *ret_data, size_t size_max,
		  size_t *ret_size, struct err *err)
{
	return small_load(flash, "slot#.config", slot, ret_data, size_max, ret_size, err);
}

int
flash_config_store(struct flash *flash, unsigned slot, const void *data, size_t size,
		   struct err *err)
{
	return small_store(flash, "slot#.config", slot, data, size, err);
}

int
flash_identity_store(struct flash *flash, const struct flash_identity *identity, struct err *err)
{
	char text[IDENTITY_BYTES_MAX];

	/* Fits: its words are bounded. */
	(void)text_print(text, sizeof(text), IDENTITY, identity->serial, identity->model,
			 identity->revision, (unsigned long long)identity->capacity);
	return small_store(flash, "identity", 0, text, strlen(text), err);
}

int
flash_identity_load(struct flash *flash, struct flash_identity *ret_identity, struct err *err)
{
	struct flash_identity identity = { 0 };
	char text[IDENTITY_BYTES_MAX + 1];
	unsigned long long capacity = 0;
	size_t size;
	int end = 0;
	const int r = small_load(flash, "identity", 0, text, IDENTITY_BYTES_MAX, &size, err);

	if (r < 0)
		return r;
	text[size] = '\0';
	/* The widths are those of the fields, less the NUL. */
	_Static_assert(DEVICE_WORD_MAX == 64 && SOFTWARE_WORD_MAX == 48, "widths below");
	const int n = sscanf(text,
			     "drydock-agent identity 1\nserial: %63s\nmodel: %47s\nrevision: "
			     "%47s\ncapacity: %19llu\n%n",
			     identity.serial, identity.model, identity.revision, &capacity, &end);
	if (n != 4 || (size_t)end != size || capacity == 0)
		return err_set(err, AT, DD_EPARSE, "%s/identity is malformed", flash->dir);
	identity.capacity = capacity;
	*ret_identity = identity;
	return 0;
}

/* ---- slots ---- */

int
flash_slot_check(struct flash *flash, unsigned slot, struct device_slot_fact *ret_fact,
		 struct err *err)
{
	char path[FLASH_PATH_MAX];
	struct env_file *file = NULL;
	struct sha256_state hash;
	int64_t n;

	memset(ret_fact, 0, sizeof(*ret_fact));
	path_print(flash, path, "slot#.image", slot);
	const int r = env_file_open(flash->env, path, ENV_FILE_READ, &file, err);
	if (r < 0)
		return r == DD_ENOTFOUND ? 0 : r;
	sha256_init(&hash);
	while ((n = env_file_read(file, ret_fact->size, flash->chunk, FLASH_CHUNK)) > 0) {
		sha256_add(&hash, flash->chunk, (size_t)n);
		ret_fact->size += (uint64_t)n;
	}
	sha256_end(&hash, &ret_fact->hash);
	ret_fact->is_there = n == 0; /* what can't be read is as good as absent */
	env_file_close(file);
	return 0;
}

int
flash_slot_begin(struct flash *flash, unsigned slot, struct err *err)
{
	char path[FLASH_PATH_MAX];

	flash_slot_abort(flash);
	path_print(flash, path, "slot#.new", slot);
	const int r = env_file_open(flash->env, path,
				    ENV_FILE_WRITE | ENV_FILE_CREATE | ENV_FILE_TRUNCATE,
				    &flash->file, err);
	flash->slot = slot;
	flash->offset = 0;
	flash->used = 0;
	return r;
}

static int
chunk_flush(struct flash *flash)
{
	const int r = env_file_write(flash->file, flash->offset, flash->chunk, flash->used);

	if (r < 0)
		return r;
	flash->offset += flash->used;
	flash->used = 0;
	return 0;
}

int
flash_slot_write(struct flash *flash, const void *data, size_t size)
{
	const uint8_t *next = data;

	if (flash->file == NULL)
		return DD_EIO;
	while (size > 0) {
		const size_t room = FLASH_CHUNK - flash->used;
		const size_t n = size < room ? size : room;
		memcpy(flash->chunk + flash->used, next, n);
		flash->used += n;
		next += n;
		size -= n;
		if (flash->used == FLASH_CHUNK) {
			const int r = chunk_flush(flash);
			if (r < 0)
				return r;
		}
	}
	return 0;
}

int
flash_slot_finish(struct flash *flash)
{
	char from[FLASH_PATH_MAX], to[FLASH_PATH_MAX];

	if (flash->file == NULL)
		return DD_EIO;
	int r = chunk_flush(flash);
	if (r == 0)
		r = env_file_sync(flash->file);
	env_file_close(TAKE(flash->file));
	path_print(flash, from, "slot#.new", flash->slot);
	path_print(flash, to, "slot#.image", flash->slot);
	if (r == 0)
		r = env_rename(flash->env, from, to);
	if (r == 0)
		r = env_dir_sync(flash->env, flash->dir);
	return r;
}

void
flash_slot_abort(struct flash *flash)
{
	char path[FLASH_PATH_MAX];

	env_file_close(TAKE(flash->source));
	if (flash->file == NULL)
		return;
	env_file_close(TAKE(flash->file));
	path_print(flash, path, "slot#.new", flash->slot);
	(void)env_unlink(flash->env, path); /* what is left of it is overwritten next time */
}

int
flash_copy_begin(struct flash *flash, unsigned from, unsigned to, struct err *err)
{
	char path[FLASH_PATH_MAX];
	int r = flash_slot_begin(flash, to, err);

	if (r < 0)
		return r;
	path_print(flash, path, "slot#.image", from);
	r = env_file_open(flash->env, path, ENV_FILE_READ, &flash->source, err);
	if (r < 0)
		flash_slot_abort(flash);
	flash->source_offset = 0;
	sha256_init(&flash->source_hash);
	return r;
}

int
flash_copy_next(struct flash *flash, struct sha256 *ret_hash, uint64_t *ret_size)
{
	assert(flash->used == 0);
	const int64_t n =
		env_file_read(flash->source, flash->source_offset, flash->chunk, FLASH_CHUNK);
	if (n < 0)
		return (int)n;
	if (n > 0) {
		sha256_add(&flash->source_hash, flash->chunk, (size_t)n);
		flash->source_offset += (uint64_t)n;
		flash->used = (size_t)n;
		const int r = chunk_flush(flash);
		return r < 0 ? r : 1;
	}
	env_file_close(TAKE(flash->source));
	sha256_end(&flash->source_hash, ret_hash);
	*ret_size = flash->source_offset;
	return 0;
}

uint64_t
flash_free_bytes(const struct flash *flash)
{
	const int64_t free_bytes = env_disk_free(flash->env, flash->dir);

	return free_bytes > 0 ? (uint64_t)free_bytes : 0;
}
