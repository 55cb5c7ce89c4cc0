/* drydock profile show. */
#include "cli/room.h"

static void
print_list(const json_t *profile, const char *key)
{
	char text[512];

	print_field(key, doc_list(json_object_get(profile, key), text, sizeof(text)));
}

static int
run(struct cli *cli)
{
	CLEANUP(buf_done) struct buf path = { 0 };
	CLEANUP(json_freep) json_t *profile = NULL;
	struct err err = { 0 };
	char text[32];

	(void)buf_add_text(&path, "profiles/");
	add_escaped(&path, cli->plain[0]);
	if (client_call(cli, "GET", buf_text(&path), NULL, &profile, &err) < 0)
		return refused(cli, &err);
	if (cli->is_json) {
		print_document(profile);
		return CODE_DONE;
	}
	printf("%s\n", doc_text(profile, "name"));
	print_field("description", doc_text(profile, "description"));
	print_list(profile, "operations");
	print_list(profile, "protocols");
	print_list(profile, "config_formats");
	(void)text_print(text, sizeof(text), "%lld", (long long)doc_int(profile, "slots"));
	print_field("slots", text);
	(void)text_print(text, sizeof(text), "%lld", (long long)doc_int(profile, "files_max"));
	print_field("files an image", text);
	print_field("management", doc_bool(profile, "management_survives")
					  ? "survives an update"
					  : "is lost by an update until the restore");
	return CODE_DONE;
}

const struct verb verb_profile_show = {
	.name = "profile show",
	.arguments = "NAME",
	.summary = "Show what the manager knows of a family",
	.plain_min = 1,
	.plain_max = 1,
	.run = run,
};
