/* drydock config export: the bytes as the device sent them, secrets included. */
#include "cli/room.h"
#include "env/env_linux.h"

#include <string.h>
#include <sys/stat.h>

static int
write_file(const char *path, const struct buf *bytes, struct err *err)
{
	struct env *env;
	struct stat stat;

	if (lstat(path, &stat) == 0 && !S_ISREG(stat.st_mode)) /* it would be replaced */
		return err_set(err, AT, DD_EEXIST,
			       "%s is there and no plain file: give another name to --output",
			       path);
	int r = env_linux_new(&env, err);
	if (r < 0)
		return r;
	r = env_file_store(env, path, bytes->data, bytes->size, err); /* mode 0600 */
	env_linux_free(env);
	return r;
}

static int
run(struct cli *cli)
{
	CLEANUP(json_freep) json_t *snapshot = NULL;
	CLEANUP(buf_done) struct buf bytes = { 0 };
	const char *output = option(cli, "output");
	struct err err = { 0 };
	char path[64];

	if (cli->is_json && output == NULL)
		return usage(cli, "--json goes with --output FILE, as the bytes go to stdout else");
	int r = snapshot_of(cli, cli->plain[0], option(cli, "snapshot"), &snapshot, &err);
	if (r == 0) {
		(void)text_print(path, sizeof(path), "snapshots/%lld/content",
				 (long long)doc_int(snapshot, "id"));
		r = client_bytes(cli, path, &bytes, &err);
	}
	if (r == 0 && output != NULL)
		r = write_file(output, &bytes, &err);
	if (r < 0)
		return refused(cli, &err);
	if (output == NULL)
		(void)fwrite(buf_text(&bytes), 1, bytes.size,
			     stdout); /* cli_main() looks whether all arrived */
	else if (cli->is_json)
		print_document(snapshot);
	else
		printf("snapshot %lld of %s is in %s; it holds passwords\n",
		       (long long)doc_int(snapshot, "id"), cli->plain[0], output);
	return CODE_DONE;
}

static const struct option_row rows[] = {
	{ "snapshot", "ID", "which one (default: the newest that was read from the device)",
	  false },
	{ "output", "FILE", "write there, readable by you only (default: stdout)", false },
	{ NULL, NULL, NULL, false },
};

const struct verb verb_config_export = {
	.name = "config export",
	.arguments = "DEVICE",
	.summary = "Give out a stored configuration as the device sent it, with its passwords",
	.plain_min = 1,
	.plain_max = 1,
	.run = run,
	.options = { rows },
};
