/* drydock config diff: two stored configurations of a device, by meaning. */
#include "cli/room.h"

static int
keep_row(void *arg, json_t *row, struct err *err)
{
	(void)err;
	return text_equal(doc_text(row, "role"), "wanted") || json_array_append(arg, row) == 0
		       ? 0
		       : DD_ENOMEM;
}

/* The newest before `to` in the same format. */
static int
find_older(struct cli *cli, int64_t to, int64_t *ret_from, struct err *err)
{
	CLEANUP(buf_done) struct buf path = { 0 };
	CLEANUP(json_freep) json_t *rows = json_array();
	const json_t *newer = NULL;

	(void)buf_add_text(&path, "snapshots?device=");
	add_escaped(&path, cli->plain[0]);
	int r = client_list(cli, buf_text(&path), "snapshots", keep_row, rows, err);
	if (r < 0)
		return r;
	for (size_t i = json_array_size(rows); i-- > 0;) {
		const json_t *row = json_array_get(rows, i);
		if (doc_int(row, "id") == to) {
			newer = row;
		} else if (newer != NULL && doc_int(row, "format") == doc_int(newer, "format")) {
			*ret_from = doc_int(row, "id");
			return 0;
		}
	}
	return err_set(err, AT, DD_ENOTFOUND,
		       "%s has no earlier snapshot in the format of %lld: name one by --from",
		       cli->plain[0], (long long)to);
}

static void
print_value(const char *mark, const json_t *change, const char *key)
{
	printf("    %s ", mark);
	print_text(stdout, doc_bool(change, "is_secret") ? "********" : doc_text(change, key));
	putchar('\n');
}

static void
print_diff(const json_t *diff)
{
	const json_t *changes = json_object_get(diff, "changes");

	for (size_t i = 0; i < json_array_size(changes); i++) {
		const json_t *change = json_array_get(changes, i);
		const char *word = doc_text(change, "change");
		printf("%s: ", word);
		print_text(stdout, doc_text(change, "path"));
		putchar('\n');
		if (!text_equal(word, "added"))
			print_value("-", change, "from");
		if (!text_equal(word, "removed"))
			print_value("+", change, "to");
	}
	printf("snapshots %lld and %lld: %lld difference%s in meaning\n",
	       (long long)doc_int(diff, "from"), (long long)doc_int(diff, "to"),
	       (long long)doc_int(diff, "count"), doc_int(diff, "count") == 1 ? "" : "s");
}

static int
run(struct cli *cli)
{
	CLEANUP(json_freep) json_t *newer = NULL;
	CLEANUP(json_freep) json_t *older = NULL;
	CLEANUP(json_freep) json_t *diff = NULL;
	struct err err = { 0 };
	int64_t from = 0;
	char path[96];

	int r = snapshot_of(cli, cli->plain[0], option(cli, "to"), &newer, &err);
	if (r == 0 && option(cli, "from") != NULL) {
		r = snapshot_of(cli, cli->plain[0], option(cli, "from"), &older, &err);
		from = doc_int(older, "id");
	} else if (r == 0) {
		r = find_older(cli, doc_int(newer, "id"), &from, &err);
	}
	if (r == 0) {
		(void)text_print(path, sizeof(path), "snapshots/%lld/diff?to=%lld", (long long)from,
				 (long long)doc_int(newer, "id"));
		r = client_call(cli, "GET", path, NULL, &diff, &err);
	}
	if (r < 0)
		return refused(cli, &err);
	if (cli->is_json)
		print_document(diff);
	else
		print_diff(diff);
	return CODE_DONE;
}

static const struct option_row rows[] = {
	{ "from", "ID", "the older one (default: the one before it, in the same format)", false },
	{ "to", "ID", "the newer one (default: the newest that was read from the device)", false },
	{ NULL, NULL, NULL, false },
};

const struct verb verb_config_diff = {
	.name = "config diff",
	.arguments = "DEVICE",
	.summary = "Show what differs in meaning between two stored configurations, secrets masked",
	.plain_min = 1,
	.plain_max = 1,
	.run = run,
	.options = { rows },
};
