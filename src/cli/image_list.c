/* drydock image list. */
#include "cli/room.h"

static void
fill(struct table *table, const json_t *row)
{
	char text[256], number[24];

	(void)text_print(number, sizeof(number), "%lld", (long long)doc_int(row, "id"));
	table_cell(table, number);
	table_cell(table, doc_text(row, "version"));
	table_cell(table, doc_text(row, "profile"));
	table_cell(table, text_bytes((uint64_t)doc_int(row, "size"), number));
	(void)text_print(number, sizeof(number), "%zu",
			 json_array_size(json_object_get(row, "files")));
	table_cell(table, number);
	doc_list(json_object_get(row, "models"), text, sizeof(text));
	table_cell(table, text[0] != '\0' ? text : "any");
	(void)text_print(text, sizeof(text), "%.16s", doc_text(row, "sha256"));
	table_cell(table, text);
	table_cell(table, doc_text(row, "added_at"));
}

static int
run(struct cli *cli)
{
	static const char *const titles[] = { "id",     "version", "profile", "size", "files",
					      "models", "SHA-256", "added",   NULL };

	return run_list(cli, "images", "images", titles, fill);
}

const struct verb verb_image_list = {
	.name = "image list",
	.arguments = "",
	.summary = "Show the stored images",
	.run = run,
};
