/* verb_init.c - make a device: its folder with software in slot 1 and its configuration. */
#include "agent/box.h"
#include "agent/verbs.h"
#include "base/hex.h"
#include "base/text.h"
#include "env/env_linux.h"

#include <stdio.h>

enum { IMAGES_MAX = 16, SERIAL_BYTES = 4 };
#define CAPACITY_DEFAULT (64ull << 20)
#define CAPACITY_MAX     (1ull << 32)

static const char help[] =
	"Usage: drydock-agent init DIR --image FILE... --config FILE [--serial S] [--revision R] "
	"[--slots 1|2] [--capacity BYTES]\n"
	"\n"
	"Make a device in the new folder DIR: software in slot 1, and its configuration.\n"
	"\n"
	"  --image FILE...    the files of its software, in order; see mkimage\n"
	"  --config FILE      its configuration, in the format of that software\n"
	"  --serial S         serial number (default: a random one)\n"
	"  --revision R       hardware revision (default A)\n"
	"  --slots 1|2        how many software slots it has (default 2)\n"
	"  --capacity BYTES   what one slot holds (default 67108864)\n";

enum { OPTION_IMAGE, OPTION_CONFIG, OPTION_SERIAL, OPTION_REVISION, OPTION_SLOTS, OPTION_CAPACITY };
static const struct option_row rows[] = { { "image", true },  { "config", true },
					  { "serial", true }, { "revision", true },
					  { "slots", true },  { "capacity", true },
					  { NULL, false } };

struct init {
	struct box_birth birth;
	const char *images[IMAGES_MAX];
	char serial[2 * SERIAL_BYTES + 4]; /* the random one: "DD-" and digits */
	bool is_in_images;                 /* plain arguments are more files of --image */
};

static bool
image_add(struct init *init, const char *path)
{
	if (init->birth.images_count == IMAGES_MAX)
		return false;
	init->images[init->birth.images_count++] = path;
	return true;
}

static bool
value_take(struct init *init, int option, const char *value)
{
	struct box_birth *birth = &init->birth;
	uint64_t slots = 0;

	if (option == ARG_PLAIN && init->is_in_images && birth->dir != NULL)
		return image_add(init, value);
	init->is_in_images = option == OPTION_IMAGE;
	switch (option) {
	case OPTION_IMAGE:
		return image_add(init, value);
	case OPTION_CONFIG:
		birth->config = value;
		return true;
	case OPTION_SERIAL:
		birth->serial = value;
		return software_word_is_valid(value);
	case OPTION_REVISION:
		birth->revision = value;
		return software_word_is_valid(value);
	case OPTION_SLOTS:
		if (!text_number(value, UINT32_MAX, &slots) || slots == 0 ||
		    slots > DEVICE_SLOTS_MAX)
			return false;
		birth->slot_count = (unsigned)slots;
		return true;
	case OPTION_CAPACITY:
		return text_number(value, CAPACITY_MAX, &birth->capacity) && birth->capacity > 0;
	default: /* ARG_PLAIN */
		if (birth->dir != NULL)
			return false;
		birth->dir = value;
		return true;
	}
}

static int
device_make(struct init *init, struct err *err)
{
	struct box_birth *birth = &init->birth;
	uint8_t random[SERIAL_BYTES];
	char hex[2 * SERIAL_BYTES + 1];
	struct env *env = NULL;
	int r = env_linux_new(&env, err);

	if (r < 0)
		return r;
	env_random(env, random, sizeof(random));
	(void)text_print(init->serial, sizeof(init->serial), "DD-%s",
			 hex_print(hex, random, sizeof(random))); /* fits */
	if (birth->serial == NULL)
		birth->serial = init->serial;
	r = box_init(env, birth, err);
	if (r == 0)
		printf("made device %s in %s\n", birth->serial, birth->dir);
	env_linux_free(env);
	return r;
}

int
agent_verb_init(int argc, char **argv)
{
	struct arguments arguments = { argc, argv, rows, 0, NULL };
	struct init init = {
		.birth = { .revision = "A", .slot_count = 2, .capacity = CAPACITY_DEFAULT }
	};
	struct err err = { 0 };
	int option;

	if (wants_help(argc, argv))
		return fputs(help, stdout) < 0 ? EXIT_FAILED : EXIT_DONE;
	while ((option = arguments_take(&arguments, "init")) != ARG_END) {
		if (option == ARG_WRONG)
			return EXIT_USAGE;
		if (!value_take(&init, option, arguments.value))
			return option >= 0 ? usage_error("init", "'%s' is not valid for --%s",
							 arguments.value, rows[option].name)
					   : usage_error("init", "'%s' is one argument too many",
							 arguments.value);
	}
	if (init.birth.dir == NULL || init.birth.images_count == 0 || init.birth.config == NULL)
		return usage_error("init", "DIR, --image and --config are needed");
	init.birth.images = init.images;
	return device_make(&init, &err) < 0 ? verb_failed("init", &err) : EXIT_DONE;
}
