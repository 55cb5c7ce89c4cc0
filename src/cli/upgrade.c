/* drydock upgrade: the whole loop, from backup to confirm. */
#include "cli/room.h"

static void
put_image(struct cli *cli, struct json_writer *out)
{
	/* As text: the manager looks for an id, then for a version that fits the device. */
	json_put_text(out, "image", option(cli, "image"));
	if (option(cli, "unproven") != NULL)
		json_put_bool(out, "unproven", true);
}

static int
run(struct cli *cli)
{
	if (option(cli, "image") == NULL)
		return usage(cli, "--image I is needed: an id or a version of drydock image list");
	return order_run(cli, "upgrade", put_image);
}

static const struct option_row rows[] = {
	{ "image", "ID|VERSION", "what to upgrade to", false },
	{ "unproven", NULL, "take devices whose hardware revision can't be read", false },
	{ NULL, NULL, NULL, false },
};

const struct verb verb_upgrade = {
	.name = "upgrade",
	.arguments = "[DEVICE...]",
	.summary = "Back up, update, convert, restore and confirm devices",
	.plain_max = PLAIN_MAX,
	.run = run,
	.options = { rows, selector_options, order_options },
};
