/* drydock credential list: names and kinds, no secrets. */
#include "cli/room.h"

static void
fill(struct table *table, const json_t *row)
{
	table_cell(table, doc_text(row, "name"));
	table_cell(table, doc_text(row, "kind"));
}

static int
run(struct cli *cli)
{
	static const char *const titles[] = { "name", "kind", NULL };

	return run_list(cli, "credentials", "credentials", titles, fill);
}

const struct verb verb_credential_list = {
	.name = "credential list",
	.arguments = "",
	.summary = "Show the names of the stored credentials",
	.run = run,
};
