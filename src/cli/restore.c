/* drydock restore: a stored configuration goes back to its device. */
#include "cli/room.h"

static void
put_snapshot(struct cli *cli, struct json_writer *out)
{
	const char *text = option(cli, "snapshot");
	uint64_t id;

	if (text != NULL && text_number(text, INT64_MAX, &id))
		json_put_int(out, "snapshot", (int64_t)id);
}

static int
run(struct cli *cli)
{
	struct err err = { 0 };
	uint64_t id;

	if (option_number(cli, "snapshot", 0, INT64_MAX, &id, &err) < 0)
		return usage(cli, "%s", err.text);
	return order_run(cli, "restore", put_snapshot);
}

static const struct option_row rows[] = {
	{ "snapshot", "ID", "which one (default: the newest that was read from the device)",
	  false },
	{ NULL, NULL, NULL, false },
};

const struct verb verb_restore = {
	.name = "restore",
	.arguments = "DEVICE",
	.summary = "Load a stored configuration into its device, and confirm it",
	.plain_min = 1,
	.plain_max = 1,
	.run = run,
	.options = { rows, order_options },
};
