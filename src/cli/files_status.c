/* drydock files status. */
#include "cli/room.h"

static int
run(struct cli *cli)
{
	CLEANUP(json_freep) json_t *status = NULL;
	struct err err = { 0 };

	if (client_call(cli, "GET", "files/status", NULL, &status, &err) < 0)
		return refused(cli, &err);
	if (cli->is_json)
		print_document(status);
	else if (doc_bool(status, "is_up"))
		printf("the file service is up: TFTP port %lld, FTP port %lld\n",
		       (long long)doc_int(status, "port_tftp"),
		       (long long)doc_int(status, "port_ftp"));
	else
		puts("the file service is not there: see the log of drydockd");
	return doc_bool(status, "is_up") ? CODE_DONE : CODE_FAILED;
}

const struct verb verb_files_status = {
	.name = "files status",
	.arguments = "",
	.summary = "Show whether the file service is there, and its ports",
	.run = run,
};
