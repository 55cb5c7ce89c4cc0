/* drydock backup. */
#include "cli/room.h"

static int
run(struct cli *cli)
{
	return order_run(cli, "backup", NULL);
}

const struct verb verb_backup = {
	.name = "backup",
	.arguments = "[DEVICE...]",
	.summary = "Fetch and store the configuration of devices",
	.plain_max = PLAIN_MAX,
	.run = run,
	.options = { selector_options, order_options },
};
