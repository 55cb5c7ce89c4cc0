/* drydock profile list. */
#include "cli/room.h"

static void
fill(struct table *table, const json_t *row)
{
	char text[256];

	table_cell(table, doc_text(row, "name"));
	table_cell(table, doc_list(json_object_get(row, "protocols"), text, sizeof(text)));
	(void)text_print(text, sizeof(text), "%lld", (long long)doc_int(row, "slots"));
	table_cell(table, text);
	table_cell(table, doc_list(json_object_get(row, "config_formats"), text, sizeof(text)));
	table_cell(table, doc_text(row, "description"));
}

static int
run(struct cli *cli)
{
	static const char *const titles[] = { "name",    "protocols",   "slots",
					      "formats", "description", NULL };

	return run_list(cli, "profiles", "profiles", titles, fill);
}

const struct verb verb_profile_list = {
	.name = "profile list",
	.arguments = "",
	.summary = "Show the families that the manager can drive",
	.run = run,
};
