/* box_init.c - the factory: check images and configuration, then write a device's folder. */
#include "agent/box.h"

#include "agent/flash.h"

#include "base/text.h"

#include <stdlib.h>
#include <string.h>

/* What is gathered before anything is written. */
struct birth {
	const struct box_birth *ask;
	struct env *env;
	struct flash flash;
	struct flash_identity identity;
	struct image_reader reader;
	struct sha256_state hash;
	struct software software;
	struct iad iad;
	char config[IAD_CONFIG_MAX + 1];
	size_t config_size;
	uint8_t chunk[FLASH_CHUNK];
};

/* Read all image files in order; `take` gets each piece. */
static int
images_read(struct birth *birth, int (*take)(struct birth *birth, const void *data, size_t size),
	    struct err *err)
{
	for (unsigned i = 0; i < birth->ask->images_count; i++) {
		const char *path = birth->ask->images[i];
		struct env_file *file = NULL;
		uint64_t offset = 0;
		int64_t n;
		int r = env_file_open(birth->env, path, ENV_FILE_READ, &file, err);

		if (r < 0)
			return r;
		while (r == 0 &&
		       (n = env_file_read(file, offset, birth->chunk, sizeof(birth->chunk))) != 0) {
			r = n < 0 ? (int)n : take(birth, birth->chunk, (size_t)n);
			offset += n > 0 ? (uint64_t)n : 0;
		}
		env_file_close(file);
		if (r < 0)
			return err_set(err, AT, r, "%s could not be copied: %s", path, err_name(r));
	}
	return 0;
}

static int
piece_check(struct birth *birth, const void *data, size_t size)
{
	image_reader_add(&birth->reader, data, size);
	sha256_add(&birth->hash, data, size);
	birth->software.size += size;
	return 0;
}

static int
piece_write(struct birth *birth, const void *data, size_t size)
{
	return flash_slot_write(&birth->flash, data, size);
}

static int
image_check(struct birth *birth, struct err *err)
{
	struct image_header header;
	const char *revision = birth->ask->revision;

	image_reader_init(&birth->reader);
	sha256_init(&birth->hash);
	int r = images_read(birth, piece_check, err);
	if (r < 0)
		return r;
	r = image_reader_end(&birth->reader, &header, err);
	if (r < 0)
		return err_wrap(err, AT, "%s", birth->ask->images[0]);
	if (!image_fits_revision(&header, revision))
		return err_set(err, AT, DD_EINVAL, "%s is for hardware %s, not for %s",
			       birth->ask->images[0], header.revisions, revision);
	if (birth->software.size > birth->ask->capacity)
		return err_set(err, AT, DD_EINVAL, "the image is larger than a slot of %llu bytes",
			       (unsigned long long)birth->ask->capacity);
	birth->software.format = header.format;
	sha256_end(&birth->hash, &birth->software.hash);
	/* Equal sizes. */
	(void)text_copy(birth->software.version, sizeof(birth->software.version), header.version);
	(void)text_copy(birth->software.model, sizeof(birth->software.model), header.model);
	return 0;
}

static int
config_check(struct birth *birth, struct err *err)
{
	char *data = NULL;
	int r = env_file_load(birth->env, birth->ask->config, IAD_CONFIG_MAX, &data,
			      &birth->config_size, err);

	if (r < 0)
		return r;
	memcpy(birth->config, data, birth->config_size);
	free(data);
	r = iad_parse(&birth->iad, birth->software.format, birth->config, birth->config_size, err);
	if (r < 0)
		return err_wrap(err, AT, "%s, as configuration of format %u", birth->ask->config,
				birth->software.format);
	return 0;
}

static int
identity_check(struct birth *birth, struct err *err)
{
	const struct box_birth *ask = birth->ask;

	if (!software_word_is_valid(ask->serial) || !software_word_is_valid(ask->revision))
		return err_set(err, AT, DD_EINVAL,
			       "serial number and revision must be words of 1 to %d characters",
			       SOFTWARE_WORD_MAX - 1);
	(void)text_copy(birth->identity.serial, sizeof(birth->identity.serial),
			ask->serial); /* valid words fit */
	(void)text_copy(birth->identity.revision, sizeof(birth->identity.revision), ask->revision);
	birth->identity.capacity = ask->capacity;
	return flash_init(&birth->flash, birth->env, ask->dir, err);
}

static int
folder_check(struct birth *birth, struct err *err)
{
	struct device_state state;
	const int r = flash_state_load(&birth->flash, &state, err);

	if (r == DD_ENOTFOUND)
		return 0;
	if (r == 0 || r == DD_EPARSE || r == DD_EINTEGRITY)
		return err_set(
			err, AT, DD_EEXIST,
			"%s holds a device already: choose another folder, or remove it first",
			birth->ask->dir);
	return r;
}

static int
birth_write(struct birth *birth, struct err *err)
{
	char text[DEVICE_STATE_BYTES_MAX];
	struct device_state state;
	int r = env_dir_make(birth->env, birth->ask->dir, err);

	if (r == 0)
		r = flash_identity_store(&birth->flash, &birth->identity, err);
	if (r == 0)
		r = flash_slot_begin(&birth->flash, 1, err);
	if (r == 0)
		r = images_read(birth, piece_write, err);
	if (r < 0)
		return r;
	r = flash_slot_finish(&birth->flash);
	if (r < 0)
		return err_set(err, AT, r, "the software could not be written to %s: %s",
			       birth->ask->dir, err_name(r));
	r = flash_config_store(&birth->flash, 1, birth->config, birth->config_size, err);
	if (r < 0)
		return r;
	device_state_new(&state, birth->ask->slot_count, &birth->software, true);
	return flash_state_store(&birth->flash, text, device_state_print(&state, text), err);
}

static int
birth_do(struct birth *birth, struct err *err)
{
	int r = identity_check(birth, err);

	if (r == 0)
		r = folder_check(birth, err);
	if (r == 0)
		r = image_check(birth, err);
	if (r == 0)
		r = config_check(birth, err);
	if (r < 0)
		return r;
	(void)text_copy(birth->identity.model, sizeof(birth->identity.model),
			birth->software.model); /* equal sizes */
	return birth_write(birth, err);
}

int
box_init(struct env *env, const struct box_birth *ask, struct err *err)
{
	struct birth *birth = calloc(1, sizeof(*birth));

	if (birth == NULL)
		return err_set(err, AT, DD_ENOMEM, "no memory for a device");
	birth->ask = ask;
	birth->env = env;
	const int r = birth_do(birth, err);
	flash_done(&birth->flash);
	free(birth);
	return r;
}
