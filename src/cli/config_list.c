/* drydock config list. */
#include "cli/room.h"

static void
fill(struct table *table, const json_t *row)
{
	char text[64];

	(void)text_print(text, sizeof(text), "%lld", (long long)doc_int(row, "id"));
	table_cell(table, text);
	table_cell(table, doc_text(row, "taken_at"));
	table_cell(table, doc_text(row, "role"));
	table_cell(table, doc_text(row, "software"));
	(void)text_print(text, sizeof(text), "%lld", (long long)doc_int(row, "format"));
	table_cell(table, text);
	table_cell(table, text_bytes((uint64_t)doc_int(row, "size"), text));
	(void)text_print(text, sizeof(text), "%.16s", doc_text(row, "sha256"));
	table_cell(table, text);
}

static int
run(struct cli *cli)
{
	static const char *const titles[] = { "id",     "taken", "role",    "software",
					      "format", "size",  "SHA-256", NULL };
	CLEANUP(buf_done) struct buf path = { 0 };

	(void)buf_add_text(&path, "snapshots?device=");
	add_escaped(&path, cli->plain[0]);
	return run_list(cli, buf_text(&path), "snapshots", titles, fill);
}

const struct verb verb_config_list = {
	.name = "config list",
	.arguments = "DEVICE",
	.summary = "Show the stored configurations of a device",
	.plain_min = 1,
	.plain_max = 1,
	.run = run,
};
