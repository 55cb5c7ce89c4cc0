/* drydock image remove. */
#include "cli/room.h"

static int
run(struct cli *cli)
{
	CLEANUP(json_freep) json_t *image = NULL;
	struct err err = { 0 };
	char path[64];

	int r = image_of(cli, cli->plain[0], &image, &err);
	if (r == 0) {
		(void)text_print(path, sizeof(path), "images/%lld",
				 (long long)doc_int(image, "id"));
		r = client_call(cli, "DELETE", path, NULL, NULL, &err);
	}
	if (r < 0)
		return refused(cli, &err);
	if (cli->is_json) {
		CLEANUP(json_freep)
		json_t *doc = json_pack("{s:I}", "removed", (json_int_t)doc_int(image, "id"));
		print_document(doc);
	} else {
		printf("image %lld (version %s) is removed\n", (long long)doc_int(image, "id"),
		       doc_text(image, "version"));
	}
	return CODE_DONE;
}

const struct verb verb_image_remove = {
	.name = "image remove",
	.arguments = "ID|VERSION",
	.summary = "Forget an image that no open job uses",
	.plain_min = 1,
	.plain_max = 1,
	.run = run,
};
