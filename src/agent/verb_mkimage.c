/* verb_mkimage.c - make a software image file: a header, and a payload that is the same wherever it
 * is made. */
#include "agent/image.h"
#include "agent/verbs.h"
#include "base/text.h"
#include "env/env_linux.h"

#include <stdio.h>
#include <string.h>

enum { SIZE_DEFAULT = 1 << 20, CHUNK = 64 << 10 };
#define SIZE_MAX_BYTES (1ull << 32)

static const char help[] =
	"Usage: drydock-agent mkimage FILE --version V --model M --format N [--size BYTES] "
	"[--revision R]... [--seed TEXT]\n"
	"\n"
	"Make a software image for the simulated access device: a text header and a payload.\n"
	"\n"
	"  --version V    version of the software, one word\n"
	"  --model M      model that it is for, one word (IAD-24)\n"
	"  --format N     configuration format that it reads and writes (1 or 2)\n"
	"  --size BYTES   size of the payload (default 1048576)\n"
	"  --revision R   hardware revision that it runs on; may be repeated (default: any)\n"
	"  --seed TEXT    what the payload is made from (default: the version), for files that "
	"differ\n"
	"\n"
	"An image of several files is made by several calls with the same version, model and "
	"format.\n";

enum { OPTION_VERSION, OPTION_MODEL, OPTION_FORMAT, OPTION_SIZE, OPTION_REVISION, OPTION_SEED };
static const struct option_row rows[] = { { "version", true },  { "model", true },
					  { "format", true },   { "size", true },
					  { "revision", true }, { "seed", true },
					  { NULL, false } };

struct mkimage {
	struct image_header header;
	const char *path, *seed;
};

static bool
revision_add(struct image_header *header, const char *revision)
{
	const size_t used = strlen(header->revisions);

	if (!software_word_is_valid(revision) || strchr(revision, ',') != NULL)
		return false;
	return text_print(header->revisions + used, sizeof(header->revisions) - used, "%s%s",
			  used > 0 ? "," : "", revision);
}

static bool
value_take(struct mkimage *make, int option, const char *value)
{
	struct image_header *header = &make->header;
	uint64_t format = 0;

	switch (option) {
	case OPTION_VERSION:
		return software_word_is_valid(value) &&
		       text_copy(header->version, sizeof(header->version), value);
	case OPTION_MODEL:
		return software_word_is_valid(value) &&
		       text_copy(header->model, sizeof(header->model), value);
	case OPTION_FORMAT:
		if (!text_number(value, UINT32_MAX, &format) || format == 0)
			return false;
		header->format = (uint32_t)format;
		return true;
	case OPTION_SIZE:
		return text_number(value, SIZE_MAX_BYTES, &header->size);
	case OPTION_REVISION:
		return revision_add(header, value);
	case OPTION_SEED:
		make->seed = value;
		return true;
	default: /* ARG_PLAIN */
		if (make->path != NULL)
			return false;
		make->path = value;
		return true;
	}
}

static void
payload_hash(struct mkimage *make)
{
	struct sha256_state hash;
	uint8_t chunk[CHUNK];

	sha256_init(&hash);
	for (uint64_t done = 0; done < make->header.size; done += CHUNK) {
		const uint64_t left = make->header.size - done;
		const size_t n = left < CHUNK ? (size_t)left : CHUNK;
		image_payload(make->seed, done, chunk, n);
		sha256_add(&hash, chunk, n);
	}
	sha256_end(&hash, &make->header.hash);
}

static int
image_write(struct mkimage *make, struct env_file *file)
{
	char header[IMAGE_HEADER_MAX];
	uint8_t chunk[CHUNK];
	const size_t header_size = image_header_print(&make->header, header);
	int r = env_file_write(file, 0, header, header_size);

	for (uint64_t done = 0; done < make->header.size && r == 0; done += CHUNK) {
		const uint64_t left = make->header.size - done;
		const size_t n = left < CHUNK ? (size_t)left : CHUNK;
		image_payload(make->seed, done, chunk, n);
		r = env_file_write(file, header_size + done, chunk, n);
	}
	return r == 0 ? env_file_sync(file) : r;
}

static int
image_make(struct mkimage *make, struct env *env, struct err *err)
{
	struct env_file *file = NULL;
	int r = env_file_open(env, make->path, ENV_FILE_WRITE | ENV_FILE_CREATE | ENV_FILE_TRUNCATE,
			      &file, err);

	if (r < 0)
		return r;
	payload_hash(make);
	r = image_write(make, file);
	env_file_close(file);
	if (r < 0) {
		(void)env_unlink(env, make->path); /* half an image is worse than none */
		return err_set(err, AT, r, "%s could not be written: %s", make->path, err_name(r));
	}
	return 0;
}

int
agent_verb_mkimage(int argc, char **argv)
{
	struct arguments arguments = { argc, argv, rows, 0, NULL };
	struct mkimage make = { .header.size = SIZE_DEFAULT };
	struct env *env = NULL;
	struct err err = { 0 };
	int option;

	if (wants_help(argc, argv))
		return fputs(help, stdout) < 0 ? EXIT_FAILED : EXIT_DONE;
	while ((option = arguments_take(&arguments, "mkimage")) != ARG_END) {
		if (option == ARG_WRONG)
			return EXIT_USAGE;
		if (!value_take(&make, option, arguments.value))
			return option >= 0 ? usage_error("mkimage", "'%s' is not valid for --%s",
							 arguments.value, rows[option].name)
					   : usage_error("mkimage", "'%s' is one argument too many",
							 arguments.value);
	}
	if (make.path == NULL || make.header.version[0] == '\0' || make.header.model[0] == '\0' ||
	    make.header.format == 0)
		return usage_error("mkimage", "FILE, --version, --model and --format are needed");
	if (make.seed == NULL)
		make.seed = make.header.version;
	int r = env_linux_new(&env, &err);
	if (r == 0)
		r = image_make(&make, env, &err);
	env_linux_free(env);
	return r < 0 ? verb_failed("mkimage", &err) : EXIT_DONE;
}
