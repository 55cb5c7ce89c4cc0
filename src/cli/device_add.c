/* drydock device add. */
#include "cli/room.h"

#include <string.h>

static int
put_tags(struct cli *cli, struct json_writer *out, struct err *err)
{
	const char *tag;

	json_open_object(out, "tags");
	for (unsigned i = 0; (tag = option_nth(cli, "tag", i)) != NULL; i++) {
		char key[80];
		const char *equals = strchr(tag, '=');
		if (equals == NULL || equals == tag ||
		    !text_print(key, sizeof(key), "%.*s", (int)(equals - tag), tag))
			return err_set(err, AT, DD_EINVAL, "--tag wants K=V, not '%.64s'", tag);
		json_put_text(out, key, equals + 1);
	}
	json_close_object(out);
	return 0;
}

static int
make_body(struct cli *cli, struct buf *body, struct err *err)
{
	static const char *const keys[] = { "address", "credential", "profile", "site" };
	struct json_writer out;

	json_writer_init(&out, body);
	json_open_object(&out, NULL);
	json_put_text(&out, "name", cli->plain[0]);
	for (size_t i = 0; i < ARRAY_COUNT(keys); i++)
		if (option(cli, keys[i]) != NULL)
			json_put_text(&out, keys[i], option(cli, keys[i]));
	int r = put_tags(cli, &out, err);
	json_close_object(&out);
	return r;
}

static int
run(struct cli *cli)
{
	CLEANUP(buf_done) struct buf body = { 0 };
	CLEANUP(json_freep) json_t *device = NULL;
	struct err err = { 0 };

	if (option(cli, "address") == NULL || option(cli, "credential") == NULL)
		return usage(cli, "--address A[:P] and --credential C are needed");
	int r = make_body(cli, &body, &err);
	if (r < 0)
		return usage(cli, "%s", err.text);
	r = client_call(cli, "POST", "devices", &body, &device, &err);
	if (r < 0)
		return refused(cli, &err);
	if (cli->is_json)
		print_document(device);
	else
		printf("device %s is added: profile %s%s%s\n", doc_text(device, "name"),
		       doc_text(device, "profile"),
		       doc_text(device, "version")[0] != '\0' ? ", runs " : "",
		       doc_text(device, "version"));
	return CODE_DONE;
}

static const struct option_row rows[] = {
	{ "address", "A[:P]", "where it answers SNMP", false },
	{ "credential", "C", "the name of a stored credential", false },
	{ "profile", "P", "its family; without, the device is asked", false },
	{ "site", "S", "where it stands", false },
	{ "tag", "K=V", "a word of your own", true },
	{ NULL, NULL, NULL, false },
};

const struct verb verb_device_add = {
	.name = "device add",
	.arguments = "NAME",
	.summary = "Add a device",
	.plain_min = 1,
	.plain_max = 1,
	.run = run,
	.options = { rows },
};
