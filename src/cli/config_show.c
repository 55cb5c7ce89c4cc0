/* drydock config show: a configuration for people; secrets stay masked. */
#include "cli/room.h"

static const struct {
	const char *name, *title;
} categories[] = {
	{ "user_data", "user data" },
	{ "port_data", "port data" },
	{ "protocol_parameters", "protocol parameters" },
	{ "default_parameters", "default parameters" },
};

static void
print_category(const json_t *items, const char *name, const char *title)
{
	bool has_colour = stdout_has_colour(), has_title = false;

	for (size_t i = 0; i < json_array_size(items); i++) {
		const json_t *item = json_array_get(items, i);
		if (!text_equal(doc_text(item, "category"), name))
			continue;
		if (!has_title)
			printf("%s%s%s\n", has_colour ? "\033[1m" : "", title,
			       has_colour ? "\033[0m" : "");
		has_title = true;
		fputs("  ", stdout);
		print_text(stdout, doc_text(item, "path"));
		fputs(" = ", stdout);
		print_text(stdout,
			   doc_bool(item, "is_secret") ? "********" : doc_text(item, "value"));
		putchar('\n');
	}
}

static int
run(struct cli *cli)
{
	CLEANUP(json_freep) json_t *snapshot = NULL;
	CLEANUP(json_freep) json_t *items = NULL;
	struct err err = { 0 };
	char path[64];

	int r = snapshot_of(cli, cli->plain[0], option(cli, "snapshot"), &snapshot, &err);
	if (r == 0) {
		(void)text_print(path, sizeof(path), "snapshots/%lld/items",
				 (long long)doc_int(snapshot, "id"));
		r = client_call(cli, "GET", path, NULL, &items, &err);
	}
	if (r < 0)
		return refused(cli, &err);
	if (cli->is_json) {
		print_document(items);
		return CODE_DONE;
	}
	printf("snapshot %lld of %s, %s, taken %s, format %lld\n",
	       (long long)doc_int(snapshot, "id"), cli->plain[0], doc_text(snapshot, "role"),
	       doc_text(snapshot, "taken_at"), (long long)doc_int(snapshot, "format"));
	for (size_t i = 0; i < ARRAY_COUNT(categories); i++)
		print_category(json_object_get(items, "items"), categories[i].name,
			       categories[i].title);
	return CODE_DONE;
}

static const struct option_row rows[] = {
	{ "snapshot", "ID", "which one (default: the newest that was read from the device)",
	  false },
	{ NULL, NULL, NULL, false },
};

const struct verb verb_config_show = {
	.name = "config show",
	.arguments = "DEVICE",
	.summary = "Show a stored configuration by category, secrets masked",
	.plain_min = 1,
	.plain_max = 1,
	.run = run,
	.options = { rows },
};
