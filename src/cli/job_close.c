/* drydock job close: end a job that asks; nothing more is sent to its device. */
#include "cli/room.h"

static int
answer_stop(struct cli *cli, int64_t decision, struct err *err)
{
	CLEANUP(buf_done) struct buf body = { 0 };
	struct json_writer out;
	char path[64];

	json_writer_init(&out, &body);
	json_open_object(&out, NULL);
	json_put_text(&out, "answer", "stop");
	json_put_text(&out, "note", option(cli, "note") != NULL ? option(cli, "note") : "closed");
	json_close_object(&out);
	(void)text_print(path, sizeof(path), "decisions/%lld", (long long)decision);
	return client_call(cli, "POST", path, &body, NULL, err);
}

static int
close_job(struct cli *cli, const char *path, json_t **ret_job, struct err *err)
{
	CLEANUP(json_freep) json_t *job = NULL;

	int r = client_call(cli, "GET", path, NULL, &job, err);
	if (r < 0)
		return r;
	if (!text_equal(doc_text(job, "state"), "asking"))
		return err_set(err, AT, DD_ECONFLICT,
			       "job %s is %s: only one that asks can be closed", cli->plain[0],
			       doc_text(job, "state"));
	r = answer_stop(cli, doc_int(job, "decision"), err);
	return r < 0 ? r : client_call(cli, "GET", path, NULL, ret_job, err);
}

static int
run(struct cli *cli)
{
	CLEANUP(json_freep) json_t *job = NULL;
	struct err err = { 0 };
	char path[64];
	uint64_t id;

	if (!text_number(cli->plain[0], INT64_MAX, &id) || id == 0)
		return usage(cli, "'%.32s' is no job: drydock job list shows their numbers",
			     cli->plain[0]);
	(void)text_print(path, sizeof(path), "jobs/%llu", (unsigned long long)id);
	if (close_job(cli, path, &job, &err) < 0)
		return refused(cli, &err);
	if (cli->is_json)
		print_document(job);
	else
		printf("job %s is %s: %s runs %s; its configuration is %s\n", cli->plain[0],
		       doc_text(job, "state"), doc_text(job, "device"),
		       doc_text(job, "software")[0] != '\0' ? doc_text(job, "software")
							    : "unknown software",
		       doc_text(job, "configuration"));
	return CODE_DONE;
}

static const struct option_row rows[] = {
	{ "note", "TEXT", "why, for the record", false },
	{ NULL, NULL, NULL, false },
};

const struct verb verb_job_close = {
	.name = "job close",
	.arguments = "ID",
	.summary = "End a job that asks; nothing more is sent to its device",
	.plain_min = 1,
	.plain_max = 1,
	.run = run,
	.options = { rows },
};
