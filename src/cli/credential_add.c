/* drydock credential add: the secret comes from a prompt or from stdin, never from the command
 * line. */
#include "cli/room.h"
#include "model/device.h"

#include <string.h>

enum { SECRET_MAX = 128 };

static int
read_community(struct cli *cli, char community[static SECRET_MAX])
{
	if (!read_line("SNMP community (reading and writing): ", true, community, SECRET_MAX))
		return usage(cli,
			     "no community was given: type it, or give it as a line of text "
			     "on stdin, of at most %d bytes",
			     COMMUNITY_MAX - 1);
	if (community[0] == '\0')
		return usage(cli, "the community is empty");
	return CODE_DONE;
}

static int
send(struct cli *cli, const char *community)
{
	CLEANUP(json_freep) json_t *answer = NULL;
	struct buf body = { 0 };
	struct json_writer out;
	struct err err = { 0 };

	json_writer_init(&out, &body);
	json_open_object(&out, NULL);
	json_put_text(&out, "name", cli->plain[0]);
	json_put_text(&out, "kind", "v2c");
	json_put_text(&out, "community", community);
	json_close_object(&out);
	int r = client_call(cli, "POST", "credentials", &body, &answer, &err);
	if (body.data != NULL)
		explicit_bzero(body.data, body.size);
	buf_done(&body);
	if (r < 0)
		return refused(cli, &err);
	if (cli->is_json)
		print_document(answer);
	else
		printf("credential %s is stored\n", cli->plain[0]);
	return CODE_DONE;
}

static int
run(struct cli *cli)
{
	char community[SECRET_MAX];

	if (option(cli, "v2c") == NULL)
		return usage(cli, "which kind? This version knows --v2c");
	int code = read_community(cli, community);
	if (code == CODE_DONE)
		code = send(cli, community);
	explicit_bzero(community, sizeof(community));
	return code;
}

static const struct option_row rows[] = {
	{ "v2c", NULL, "an SNMP v1/v2c community, from a prompt or the first line of stdin",
	  false },
	{ NULL, NULL, NULL, false },
};

const struct verb verb_credential_add = {
	.name = "credential add",
	.arguments = "NAME",
	.summary = "Store what devices want to be asked with; the same name again replaces it",
	.plain_min = 1,
	.plain_max = 1,
	.run = run,
	.options = { rows },
};
