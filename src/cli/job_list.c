/* drydock job list. */
#include "cli/room.h"

static void
fill(struct table *table, const json_t *row)
{
	static const char *const keys[] = { "device", "goal",    "state",   "step",
					    "reason", "made_at", "ended_at" };
	char number[24];

	(void)text_print(number, sizeof(number), "%lld", (long long)doc_int(row, "job"));
	table_cell(table, number);
	for (size_t i = 0; i < ARRAY_COUNT(keys); i++) {
		const char *text = doc_text(row, keys[i]);
		table_cell(table, text[0] != '\0' ? text : "-");
	}
}

static int
run(struct cli *cli)
{
	static const char *const titles[] = { "job",    "device", "goal",  "state", "step",
					      "reason", "begun",  "ended", NULL };
	CLEANUP(buf_done) struct buf path = { 0 };
	const char *device = option(cli, "device");

	(void)buf_printf(&path, "jobs?open=%d", option(cli, "open") != NULL);
	if (device != NULL) {
		(void)buf_add_text(&path, "&device=");
		add_escaped(&path, device);
	}
	return run_list(cli, buf_text(&path), "jobs", titles, fill);
}

static const struct option_row rows[] = {
	{ "open", NULL, "only those that are not over", false },
	{ "device", "NAME", "only those of a device", false },
	{ NULL, NULL, NULL, false },
};

const struct verb verb_job_list = {
	.name = "job list",
	.arguments = "",
	.summary = "Show jobs, open ones or all",
	.run = run,
	.options = { rows },
};
