/* flash.h - the device's flash as files of one folder, over an env.
 *
 *   identity      what the device is: serial number, model, hardware revision, capacity; written
 * once by init state         device_state.h slotN.image   software: all files of the image, one
 * after the other slotN.config  the configuration of that software slotN.new     a slot's next
 * content, until it is whole and synced lock          held by the program that runs this device */
#pragma once
#include "agent/device.h"
#include "env/env.h"

enum { FLASH_PATH_MAX = 1024, FLASH_CHUNK = 64 << 10 };

struct flash_identity {
	char serial[DEVICE_WORD_MAX], model[SOFTWARE_WORD_MAX], revision[SOFTWARE_WORD_MAX];
	uint64_t capacity; /* bytes of a slot */
};

struct flash {
	struct env *env;
	char dir[FLASH_PATH_MAX];
	/* Writing slotN.new: */
	struct env_file *file;
	unsigned slot;
	uint64_t offset; /* of the first byte in `chunk` */
	size_t used;
	uint8_t chunk[FLASH_CHUNK];
	/* Copying into it: */
	struct env_file *source;
	uint64_t source_offset;
	struct sha256_state source_hash;
};

/* DD_EINVAL where the path is too long. Opens nothing. */
int flash_init(struct flash *flash, struct env *env, const char *dir, struct err *err);
void flash_done(struct flash *flash); /* forgets what was being written */

int flash_identity_load(struct flash *flash, struct flash_identity *ret_identity, struct err *err);
int flash_identity_store(struct flash *flash, const struct flash_identity *identity,
			 struct err *err);
int flash_state_load(struct flash *flash, struct device_state *ret_state, struct err *err);
int flash_state_store(struct flash *flash, const void *data, size_t size, struct err *err);
int flash_config_load(struct flash *flash, unsigned slot, void *ret_data, size_t size_max,
		      size_t *ret_size, struct err *err);
int flash_config_store(struct flash *flash, unsigned slot, const void *data, size_t size,
		       struct err *err);
/* Read a slot's whole file. 0 also where it is absent. */
int flash_slot_check(struct flash *flash, unsigned slot, struct device_slot_fact *ret_fact,
		     struct err *err);

/* Write a slot's next content beside it: begin, write in order. */
int flash_slot_begin(struct flash *flash, unsigned slot, struct err *err);
int flash_slot_write(struct flash *flash, const void *data, size_t size);
int flash_slot_finish(struct flash *flash);
void flash_slot_abort(struct flash *flash);

int flash_copy_begin(struct flash *flash, unsigned from, unsigned to, struct err *err);
/* Copy the next chunk. 1 = there is more; 0 = all is written: *ret_hash, *ret_size say what; or
 * negative. */
int flash_copy_next(struct flash *flash, struct sha256 *ret_hash, uint64_t *ret_size);

/* Bytes that may still be written; 0 where the disk does not tell. */
uint64_t flash_free_bytes(const struct flash *flash);
