/* drydock image add: the files' bytes first, then what they are. */
#include "cli/room.h"

#include <stdlib.h>
#include <string.h>

enum { FILES_MAX = 8 };

static void
put_list(struct cli *cli, struct json_writer *out, const char *name, const char *key)
{
	const char *value;

	json_open_array(out, key);
	for (unsigned i = 0; (value = option_nth(cli, name, i)) != NULL; i++)
		json_put_text(out, NULL, value);
	json_close_array(out);
}

static int
send_files(struct cli *cli, struct json_writer *out, struct err *err)
{
	json_open_array(out, "files");
	for (unsigned i = 0; i < cli->plain_count; i++) {
		CLEANUP(json_freep) json_t *blob = NULL;
		const char *slash = strrchr(cli->plain[i], '/');
		int r = client_send_file(cli, "blobs", cli->plain[i], &blob, err);
		if (r < 0)
			return r;
		json_open_object(out, NULL);
		json_put_text(out, "name", slash != NULL ? slash + 1 : cli->plain[i]);
		json_put_text(out, "sha256", doc_text(blob, "sha256"));
		json_close_object(out);
	}
	json_close_array(out);
	return 0;
}

static int
make_body(struct cli *cli, uint64_t format, struct buf *body, struct err *err)
{
	struct json_writer out;

	json_writer_init(&out, body);
	json_open_object(&out, NULL);
	json_put_text(&out, "profile", option(cli, "profile"));
	if (option(cli, "version") != NULL)
		json_put_text(&out, "version", option(cli, "version"));
	if (format != 0)
		json_put_int(&out, "config_format", (int64_t)format);
	put_list(cli, &out, "model", "models");
	put_list(cli, &out, "revision", "revisions");
	put_list(cli, &out, "from", "froms");
	int r = send_files(cli, &out, err);
	if (r == 0)
		json_close_object(&out);
	return r;
}

static int
run(struct cli *cli)
{
	CLEANUP(buf_done) struct buf body = { 0 };
	CLEANUP(json_freep) json_t *image = NULL;
	struct err err = { 0 };
	uint64_t format;
	char size[24];

	if (option(cli, "profile") == NULL)
		return usage(cli, "--profile P is needed: for which family is it?");
	if (option_number(cli, "format", 0, UINT32_MAX, &format, &err) < 0)
		return usage(cli, "%s", err.text);
	int r = make_body(cli, format, &body, &err);
	if (r == 0)
		r = client_call(cli, "POST", "images", &body, &image, &err);
	if (r < 0)
		return refused(cli, &err);
	if (cli->is_json)
		print_document(image);
	else
		printf("image %lld is stored: version %s for %s, %u file%s, %s, SHA-256 %.16s; "
		       "your copies are not needed any more\n",
		       (long long)doc_int(image, "id"), doc_text(image, "version"),
		       doc_text(image, "profile"), cli->plain_count,
		       cli->plain_count == 1 ? "" : "s",
		       text_bytes((uint64_t)doc_int(image, "size"), size),
		       doc_text(image, "sha256"));
	return CODE_DONE;
}

static const struct option_row rows[] = {
	{ "version", "V", "its version, where the file does not say it", false },
	{ "profile", "P", "the family that it is for", false },
	{ "model", "M", "a model that it is for (default: what the file says, or any)", true },
	{ "revision", "R", "a hardware revision that it is for (likewise)", true },
	{ "from", "V", "a version that it may replace (default: any)", true },
	{ "format", "N", "configuration format of this software, where the file does not say it",
	  false },
	{ NULL, NULL, NULL, false },
};

const struct verb verb_image_add = {
	.name = "image add",
	.arguments = "FILE...",
	.summary = "Store software in the server: one file or several, in order",
	.plain_min = 1,
	.plain_max = FILES_MAX,
	.run = run,
	.options = { rows },
};
