/* drydock device list. */
#include "cli/room.h"

static void
fill(struct table *table, const json_t *row)
{
	static const char *const keys[] = { "name",    "address", "profile", "model",
					    "version", "serial",  "seen_at" };

	for (size_t i = 0; i < ARRAY_COUNT(keys); i++) {
		const char *text = doc_text(row, keys[i]);
		table_cell(table, text[0] != '\0' ? text : "-");
	}
}

static int
run(struct cli *cli)
{
	static const char *const titles[] = { "name",    "address", "profile",   "model",
					      "version", "serial",  "last read", NULL };

	return run_list(cli, "devices", "devices", titles, fill);
}

const struct verb verb_device_list = {
	.name = "device list",
	.arguments = "",
	.summary = "Show all devices, with what was last read from them",
	.run = run,
};
