/* Verbs that start jobs: the options that they share, the orders, and the waiting. */
#include "cli/room.h"
#include "job/job.h"

#include <stdlib.h>
#include <string.h>

enum { SECONDS_MAX = 7 * 24 * 3600, RETRIES_MAX = 100 };

const struct option_row order_options[] = {
	{ "wait", NULL, "show progress and wait until it ends or asks", false },
	{ "timeout", "SECONDS", "with --wait: wait so long at most (exit code 5)", false },
	{ "on-failure", "WHAT",
	  "ask (default), retry[:N] (N tries more, 3 where not given, then ask), rollback or stop",
	  false },
	{ "protocol", "tftp|ftp", "how files travel (default: tftp)", false },
	{ "limit", "STEP=SECONDS", "scheduled time of a step", true },
	{ "stall", "STEP=SECONDS", "how long no byte may move in a step", true },
	{ "yes", NULL, "don't ask whether several devices are meant", false },
	{ NULL, NULL, NULL, false },
};

/* ---- the order ---- */

static int
put_times(struct cli *cli, const char *name, const char *key, struct json_writer *out,
	  struct err *err)
{
	const char *text;

	json_open_object(out, key);
	for (unsigned i = 0; (text = option_nth(cli, name, i)) != NULL; i++) {
		const char *equals = strchr(text, '=');
		char step_name[32] = "";
		enum job_step step;
		uint64_t seconds;
		if (equals != NULL)
			(void)text_print(step_name, sizeof(step_name), "%.*s", (int)(equals - text),
					 text);
		if (equals == NULL || !text_number(equals + 1, SECONDS_MAX, &seconds) ||
		    seconds == 0)
			return err_set(err, AT, DD_EINVAL,
				       "--%s wants STEP=SECONDS, such as update=600, not '%.64s'",
				       name, text);
		if (!job_step_parse(step_name, &step))
			return err_set(err, AT, DD_EINVAL,
				       "--%s: there is no step '%s', but preflight, backup, keep, "
				       "update, convert, restore, confirm and rollback",
				       name, step_name);
		json_put_int(out, step_name, (int64_t)seconds * 1000);
	}
	json_close_object(out);
	return 0;
}

static int
put_policy(struct cli *cli, struct json_writer *out, struct err *err)
{
	const char *text = option(cli, "on-failure");
	uint64_t retries;

	if (text == NULL)
		return 0;
	if (text_starts(text, "retry:")) {
		if (!text_number(text + strlen("retry:"), RETRIES_MAX, &retries) || retries == 0)
			return err_set(err, AT, DD_EINVAL,
				       "--on-failure retry:N wants a number from 1 to %d",
				       RETRIES_MAX);
		json_put_text(out, "on_failure", "retry");
		json_put_int(out, "retries", (int64_t)retries);
		return 0;
	}
	if (!text_equal(text, "ask") && !text_equal(text, "retry") &&
	    !text_equal(text, "rollback") && !text_equal(text, "stop"))
		return err_set(err, AT, DD_EINVAL,
			       "--on-failure is ask, retry, retry:N, rollback or stop, not '%.32s'",
			       text);
	json_put_text(out, "on_failure", text);
	return 0;
}

static int
order_body(struct cli *cli, const char *goal, const char *device,
	   void (*extra)(struct cli *, struct json_writer *), struct buf *body, struct err *err)
{
	const char *protocol = option(cli, "protocol");
	struct json_writer out;

	buf_clear(body);
	json_writer_init(&out, body);
	json_open_object(&out, NULL);
	json_put_text(&out, "goal", goal);
	json_put_text(&out, "device", device);
	if (protocol != NULL && !text_equal(protocol, "tftp") && !text_equal(protocol, "ftp"))
		return err_set(err, AT, DD_EINVAL, "--protocol is tftp or ftp, not '%.32s'",
			       protocol);
	if (protocol != NULL)
		json_put_text(&out, "protocol", protocol);
	if (extra != NULL)
		extra(cli, &out);
	int r = put_policy(cli, &out, err);
	if (r == 0)
		r = put_times(cli, "limit", "limits_ms", &out, err);
	if (r == 0)
		r = put_times(cli, "stall", "stalls_ms", &out, err);
	if (r == 0)
		json_close_object(&out);
	return r;
}

/* ---- several devices ---- */

/* Is it meant? Returns CODE_DONE, or what to end with. */
static int
confirm(struct cli *cli, const char *goal, unsigned count)
{
	struct terminal terminal;
	char prompt[96], line[16];

	if (count < 2 || !text_equal(goal, "upgrade") || option(cli, "yes") != NULL)
		return CODE_DONE;
	terminal_look(&terminal);
	if (!terminal.is_asking)
		return usage(cli, "%u devices are selected: --yes says that all are meant", count);
	(void)text_print(prompt, sizeof(prompt), "%s %u devices? [y/N] ", goal, count);
	if (!read_line(prompt, false, line, sizeof(line)) ||
	    (!text_equal(line, "y") && !text_equal(line, "yes"))) {
		fputs("drydock: nothing was started\n", stderr);
		return CODE_FAILED;
	}
	return CODE_DONE;
}

static void
tell_refused(struct cli *cli, const char *device, const struct err *why)
{
	struct buf text = { 0 };
	struct json_writer out;

	fprintf(stderr, "drydock %s: %s: ", cli->verb->name, device);
	print_text(stderr, why->text);
	fputc('\n', stderr);
	if (!cli->is_json)
		return;
	json_writer_init(&out, &text);
	json_open_object(&out, NULL);
	json_put_null(&out, "job");
	json_put_text(&out, "device", device);
	json_put_text(&out, "state", "refused");
	json_put_null(&out, "reason");
	json_put_text(&out, "text", why->text);
	json_open_array(&out, "evidence");
	json_close_array(&out);
	json_close_object(&out);
	puts(buf_text(&text));
	buf_done(&text);
}

/* Start one job on each device. Those that are refused are told and counted. */
static int
start_all(struct cli *cli, const char *goal, const struct selection *selection,
	  void (*extra)(struct cli *, struct json_writer *), struct follow *follow,
	  unsigned *ret_refused)
{
	CLEANUP(buf_done) struct buf body = { 0 };

	for (unsigned i = 0; i < selection->count; i++) {
		struct err err = { 0 };
		json_t *job = NULL;
		int r = order_body(cli, goal, selection->names[i], extra, &body, &err);
		if (r < 0)
			return usage(cli, "%s", err.text);
		r = client_call(cli, "POST", "jobs", &body, &job, &err);
		if (r < 0) {
			tell_refused(cli, selection->names[i], &err);
			(*ret_refused)++;
			if (r == DD_ECLOSED)
				return CODE_FAILED; /* the others would only say the same */
			continue;
		}
		struct followed *followed = &follow->jobs[follow->count++];
		followed->job = doc_int(job, "job");
		(void)text_copy(followed->device, sizeof(followed->device), selection->names[i]);
		followed->now = job;
	}
	return CODE_DONE;
}

static void
print_started(struct cli *cli, const char *goal, const struct follow *follow)
{
	for (unsigned i = 0; i < follow->count; i++) {
		const struct followed *followed = &follow->jobs[i];
		if (cli->is_json)
			print_document(followed->now);
		else
			printf("job %lld: %s of %s has begun; drydock job watch %lld shows it\n",
			       (long long)followed->job, goal, followed->device,
			       (long long)followed->job);
	}
}

static int
start_and_wait(struct cli *cli, const char *goal, const struct selection *selection,
	       void (*extra)(struct cli *, struct json_writer *))
{
	struct follow follow;
	unsigned refused_count = 0;
	struct err err = { 0 };

	int r = follow_new(cli, selection->count, &follow, &err);
	if (r < 0)
		return refused(cli, &err);
	follow.count = 0;
	int code = start_all(cli, goal, selection, extra, &follow, &refused_count);
	if (code == CODE_DONE && follow.count > 0) {
		if (option(cli, "wait") != NULL)
			code = follow_run(&follow);
		else
			print_started(cli, goal, &follow);
	}
	if (code == CODE_DONE && refused_count > 0)
		code = CODE_FAILED;
	follow_done(&follow);
	return code;
}

int
order_run(struct cli *cli, const char *goal,
	  void (*extra)(struct cli *cli, struct json_writer *out))
{
	CLEANUP(buf_done) struct buf body = { 0 };
	struct selection selection;
	struct err err = { 0 };

	if (option(cli, "timeout") != NULL && option(cli, "wait") == NULL)
		return usage(cli, "--timeout means nothing without --wait");
	/* What was typed is checked before the manager is asked. */
	if (order_body(cli, goal, "", extra, &body, &err) < 0)
		return usage(cli, "%s", err.text);
	if (selection_make(cli, &selection, &err) < 0)
		return refused(cli, &err);
	int code = confirm(cli, goal, selection.count);
	if (code == CODE_DONE)
		code = start_and_wait(cli, goal, &selection, extra);
	selection_done(&selection);
	return code;
}
