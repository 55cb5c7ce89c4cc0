/* drydock decide: answer a question. */
#include "cli/room.h"

static int
run(struct cli *cli)
{
	CLEANUP(buf_done) struct buf body = { 0 };
	CLEANUP(json_freep) json_t *decision = NULL;
	const char *answer = cli->plain[1];
	struct json_writer out;
	struct err err = { 0 };
	char path[64];
	uint64_t id;

	if (!text_number(cli->plain[0], INT64_MAX, &id) || id == 0)
		return usage(cli, "'%.32s' is no decision: drydock decisions shows their numbers",
			     cli->plain[0]);
	if (!text_equal(answer, "retry") && !text_equal(answer, "rollback") &&
	    !text_equal(answer, "stop"))
		return usage(cli, "the answer is retry, rollback or stop, not '%.32s'", answer);
	json_writer_init(&out, &body);
	json_open_object(&out, NULL);
	json_put_text(&out, "answer", answer);
	if (option(cli, "note") != NULL)
		json_put_text(&out, "note", option(cli, "note"));
	json_close_object(&out);
	(void)text_print(path, sizeof(path), "decisions/%llu", (unsigned long long)id);
	int r = client_call(cli, "POST", path, &body, &decision, &err);
	if (r < 0)
		return refused(cli, &err);
	if (cli->is_json)
		print_document(decision);
	else
		printf("%s: %s; drydock job watch %lld shows how it goes on\n",
		       doc_text(decision, "device"), answer, (long long)doc_int(decision, "job"));
	return CODE_DONE;
}

static const struct option_row rows[] = {
	{ "note", "TEXT", "why, for the record", false },
	{ NULL, NULL, NULL, false },
};

const struct verb verb_decide = {
	.name = "decide",
	.arguments = "ID retry|rollback|stop",
	.summary = "Answer a question",
	.plain_min = 2,
	.plain_max = 2,
	.run = run,
	.options = { rows },
};
