/* drydock image show. */
#include "cli/room.h"

static void
print_list(const json_t *image, const char *key, const char *label)
{
	char text[1024];

	doc_list(json_object_get(image, key), text, sizeof(text));
	print_field(label, text[0] != '\0' ? text : "any");
}

static void
print_image(const json_t *image)
{
	const json_t *files = json_object_get(image, "files");
	char text[256], size[24];

	printf("image %lld\n", (long long)doc_int(image, "id"));
	print_field("version", doc_text(image, "version"));
	print_field("profile", doc_text(image, "profile"));
	(void)text_print(text, sizeof(text), "%lld", (long long)doc_int(image, "config_format"));
	print_field("config format",
		    json_is_null(json_object_get(image, "config_format")) ? "as before" : text);
	print_field("size", text_bytes((uint64_t)doc_int(image, "size"), size));
	print_field("SHA-256", doc_text(image, "sha256"));
	print_list(image, "models", "models");
	print_list(image, "revisions", "revisions");
	print_list(image, "froms", "from versions");
	for (size_t i = 0; i < json_array_size(files); i++) {
		const json_t *file = json_array_get(files, i);
		(void)text_print(text, sizeof(text), "%s, %s, SHA-256 %s", doc_text(file, "name"),
				 text_bytes((uint64_t)doc_int(file, "size"), size),
				 doc_text(file, "sha256"));
		print_field("file", text);
	}
	print_field("added", doc_text(image, "added_at"));
}

static int
run(struct cli *cli)
{
	CLEANUP(json_freep) json_t *image = NULL;
	struct err err = { 0 };

	if (image_of(cli, cli->plain[0], &image, &err) < 0)
		return refused(cli, &err);
	if (cli->is_json)
		print_document(image);
	else
		print_image(image);
	return CODE_DONE;
}

const struct verb verb_image_show = {
	.name = "image show",
	.arguments = "ID|VERSION",
	.summary = "Show an image",
	.plain_min = 1,
	.plain_max = 1,
	.run = run,
};
