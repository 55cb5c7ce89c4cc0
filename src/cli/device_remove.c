/* drydock device remove. */
#include "cli/room.h"

static int
run(struct cli *cli)
{
	CLEANUP(buf_done) struct buf path = { 0 };
	struct err err = { 0 };

	(void)buf_add_text(&path, "devices/");
	add_escaped(&path, cli->plain[0]);
	int r = client_call(cli, "DELETE", buf_text(&path), NULL, NULL, &err);
	if (r < 0)
		return refused(cli, &err);
	if (cli->is_json) {
		CLEANUP(json_freep) json_t *doc = json_pack("{s:s}", "removed", cli->plain[0]);
		print_document(doc);
	} else {
		printf("device %s is removed; its jobs and snapshots are kept\n", cli->plain[0]);
	}
	return CODE_DONE;
}

const struct verb verb_device_remove = {
	.name = "device remove",
	.arguments = "NAME",
	.summary = "Forget a device; its jobs and snapshots are kept",
	.plain_min = 1,
	.plain_max = 1,
	.run = run,
};
