/* Jobs, followed until they end: read what is new, show it, ask where a person is there. */
#include "cli/room.h"

#include <stdlib.h>
#include <string.h>

enum {
	TICK_MS = 150,
	TIMEOUT_S_MAX = 30 * 24 * 3600,
	OUTAGE_MS_MAX = 60000, /* the manager may be away so long, as it goes on where it was after
				  a restart */
};

int
follow_new(struct cli *cli, unsigned count, struct follow *ret_follow, struct err *err)
{
	uint64_t seconds;

	int r = option_number(cli, "timeout", 0, TIMEOUT_S_MAX, &seconds, err);
	if (r < 0)
		return r;
	*ret_follow = (struct follow){ .cli = cli,
				       .count = count,
				       .timeout_ms = (int64_t)seconds * 1000 };
	ret_follow->jobs = calloc(count, sizeof(*ret_follow->jobs));
	if (ret_follow->jobs == NULL)
		return err_set(err, AT, DD_ENOMEM, "no memory to follow %u jobs", count);
	terminal_look(&ret_follow->terminal);
	return 0;
}

void
follow_done(struct follow *follow)
{
	for (unsigned i = 0; i < follow->count; i++)
		json_decref(follow->jobs[i].now);
	free(follow->jobs);
	follow->jobs = NULL;
}

bool
followed_is_asking(const struct followed *followed)
{
	return text_equal(doc_text(followed->now, "state"), "asking");
}

bool
followed_is_over(const struct followed *followed)
{
	const char *state = doc_text(followed->now, "state");

	return state[0] != '\0' && !text_equal(state, "queued") && !text_equal(state, "running") &&
	       !text_equal(state, "asking");
}

/* ---- what is new ---- */

static void
tell_event(struct follow *follow, struct followed *followed, json_t *event)
{
	followed->last_event = doc_int(event, "id");
	if (follow->cli->is_json) {
		(void)json_object_set_new(
			event, "job",
			json_integer(followed->job)); /* out of memory: it goes without */
		(void)json_object_set_new(event, "device", json_string(followed->device));
		print_document(event);
	}
	view_event(follow, followed, event);
}

static int
read_new(struct follow *follow, struct followed *followed, struct err *err)
{
	bool has_more = true;
	char path[96];

	while (has_more) {
		CLEANUP(json_freep) json_t *answer = NULL;
		(void)text_print(path, sizeof(path), "jobs/%lld/events?after=%lld",
				 (long long)followed->job, (long long)followed->last_event);
		int r = client_call(follow->cli, "GET", path, NULL, &answer, err);
		if (r < 0)
			return r;
		json_t *events = json_object_get(answer, "events");
		json_decref(followed->now);
		followed->now = json_incref(json_object_get(answer, "job"));
		if (followed->device[0] == '\0')
			(void)text_copy(followed->device, sizeof(followed->device),
					doc_text(followed->now, "device"));
		for (size_t i = 0; i < json_array_size(events); i++)
			tell_event(follow, followed, json_array_get(events, i));
		has_more = doc_bool(answer, "more");
	}
	view_job(follow, followed);
	return 0;
}

static int
read_all(struct follow *follow, struct err *err)
{
	for (unsigned i = 0; i < follow->count; i++) {
		if (followed_is_over(&follow->jobs[i]) && follow->jobs[i].last_event > 0)
			continue;
		int r = read_new(follow, &follow->jobs[i], err);
		if (r < 0)
			return r;
	}
	return 0;
}

/* Nothing goes on any more: each is over, or has a question that nobody answers here. */
static bool
is_settled(const struct follow *follow)
{
	for (unsigned i = 0; i < follow->count; i++) {
		const struct followed *followed = &follow->jobs[i];
		bool is_left = followed_is_asking(followed) &&
			       (!follow->terminal.is_asking ||
				followed->left_decision == doc_int(followed->now, "decision"));
		if (!followed_is_over(followed) && !is_left)
			return false;
	}
	return true;
}

/* Put the first open question. */
static bool
ask_one(struct follow *follow)
{
	for (unsigned i = 0; follow->terminal.is_asking && i < follow->count; i++) {
		struct followed *followed = &follow->jobs[i];
		int64_t decision = doc_int(followed->now, "decision");
		if (!followed_is_asking(followed) || decision == 0 ||
		    followed->left_decision == decision)
			continue;
		view_leave(follow, true);
		if (!question_put(follow, followed))
			followed->left_decision = decision;
		return true;
	}
	return false;
}

/* ---- the loop ---- */

static bool
is_passing(int code)
{
	return code == DD_ECLOSED || code == DD_ENOSPC || code == DD_EFULL;
}

/* Read once; *outage_ms is since when the manager does not answer. Negative: give up. */
static int
read_or_wait(struct follow *follow, int64_t *outage_since_ms, struct err *err)
{
	int r = read_all(follow, err);
	if (r == 0) {
		*outage_since_ms = 0;
		return 0;
	}
	if (!is_passing(r))
		return r;
	if (*outage_since_ms == 0) {
		*outage_since_ms = clock_ms();
		view_leave(follow, true);
		fprintf(stderr, "drydock: %s. Waiting for it; the jobs go on by themselves\n",
			err->text);
	}
	return clock_ms() - *outage_since_ms > OUTAGE_MS_MAX ? r : 0;
}

int
follow_run(struct follow *follow)
{
	int64_t outage_since_ms = 0;
	struct err err = { 0 };

	follow->began_ms = clock_ms();
	for (;;) {
		if (read_or_wait(follow, &outage_since_ms, &err) < 0) {
			view_leave(follow, false);
			return failed(follow->cli, &err);
		}
		if (outage_since_ms == 0) {
			view_draw(follow);
			if (ask_one(follow))
				continue;
			if (is_settled(follow))
				break;
		}
		if (follow->timeout_ms != 0 &&
		    clock_ms() - follow->began_ms >= follow->timeout_ms) {
			view_leave(follow, false);
			return end_print(follow, true);
		}
		sleep_ms(TICK_MS);
	}
	view_leave(follow, false);
	return end_print(follow, false);
}
