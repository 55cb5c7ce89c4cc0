/* Resource decisions: questions that wait for the operator, and the answers. */
#include "api/room.h"
#include "base/text.h"

/* The attempt that a question is about: the last that had failed when it was asked. */
struct failed_attempt {
	int64_t asked_ms;
	uint32_t number;
};

static bool
find_failed(void *arg, const struct attempt *attempt)
{
	struct failed_attempt *failed = arg;

	if (text_equal(attempt->result, "failed") && attempt->ended_wall_ms <= failed->asked_ms &&
	    attempt->number > failed->number)
		failed->number = attempt->number;
	return true;
}

static void
put_answers(struct json_writer *out, const struct decision *decision)
{
	json_open_array(out, "answers");
	if (decision->may_retry)
		json_put_text(out, NULL, "retry");
	if (decision->may_rollback)
		json_put_text(out, NULL, "rollback");
	if (decision->may_stop)
		json_put_text(out, NULL, "stop");
	json_close_array(out);
}

static int
put_decision(struct api_call *call, const struct decision *decision)
{
	struct json_writer *out = &call->out;
	struct failed_attempt failed = { .asked_ms = decision->asked_wall_ms };
	enum reason reason = REASON_NONE;

	json_open_object(out, NULL);
	json_put_int(out, "id", decision->id);
	json_put_int(out, "job", decision->job_id);
	json_put_text(out, "device", decision->device_name);
	put_text_or_null(out, "step", decision->step);
	put_text_or_null(out, "reason", decision->reason);
	(void)reason_parse(decision->reason, &reason); /* an unknown one has no sentence */
	put_text_or_null(out, "sentence", reason != REASON_NONE ? reason_sentence(reason) : "");
	put_text_or_null(out, "advice", reason != REASON_NONE ? reason_advice(reason) : "");
	put_foreign(out, "question", decision->question);
	put_answers(out, decision);
	put_time(out, "asked_at", decision->asked_wall_ms);
	put_time(out, "answered_at", decision->answered_wall_ms);
	put_text_or_null(out, "answer", decision->answer);
	put_text_or_null(out, "note", decision->note);
	int r = store_attempt_list(engine_store(call->api->engine), decision->job_id, find_failed,
				   &failed, &call->err);
	if (r == 0)
		r = put_evidence(call, decision->job_id, failed.number, decision->asked_wall_ms);
	json_close_object(out);
	return r;
}

struct decision_rows {
	struct listing listing;
	struct api_call *call;
	int result;
};

static bool
decision_row(void *arg, const struct decision *decision)
{
	struct decision_rows *rows = arg;
	bool goes_on;

	if (!listing_takes(&rows->listing, decision->id, &goes_on))
		return goes_on;
	rows->result = put_decision(rows->call, decision);
	return rows->result == 0;
}

int
decisions_list(struct api_call *call)
{
	static const char *const names[] = { "limit", "after", "open", NULL };
	struct decision_rows rows = { .call = call };
	int64_t is_open = 0;

	int r = call_only_arguments(call, names);
	if (r == 0)
		r = call_number(call, "open", 0, 1, &is_open);
	if (r == 0)
		r = listing_open(&rows.listing, call, "decisions");
	if (r == 0)
		r = store_decision_list(engine_store(call->api->engine), is_open == 1, decision_row,
					&rows, &call->err);
	if (r < 0 || rows.result < 0)
		return r < 0 ? r : rows.result;
	listing_close(&rows.listing);
	return 0;
}

static int
answer_with_decision(struct api_call *call, int64_t id)
{
	struct decision decision;

	int r = store_decision_get(engine_store(call->api->engine), id, &decision, &call->err);
	return r < 0 ? r : put_decision(call, &decision);
}

int
decisions_get(struct api_call *call)
{
	int64_t id = 0;

	int r = call_id(call, 0, &id);
	return r < 0 ? r : answer_with_decision(call, id);
}

int
decisions_post(struct api_call *call)
{
	static const char *const keys[] = { "answer", "note", NULL };
	static const enum job_event_kind answers[] = { EV_RETRY, EV_ROLLBACK, EV_STOP };
	char note[STORE_NOTE_MAX];
	const char *answer = "";
	int64_t id = 0;

	int r = call_id(call, 0, &id);
	if (r == 0)
		r = json_only_keys(call->body, keys, &call->err);
	if (r == 0)
		r = json_get_text(call->body, "answer", &answer, &call->err);
	if (r == 0)
		r = call_text(call, "note", true, note, sizeof(note));
	if (r < 0)
		return r;
	for (size_t i = 0; i < ARRAY_COUNT(answers); i++) {
		if (!text_equal(answer, job_event_name(answers[i])))
			continue;
		r = engine_decide(call->api->engine, id, answers[i], note, &call->err);
		return r < 0 ? r : answer_with_decision(call, id);
	}
	return err_set(&call->err, AT, DD_EINVAL, "'answer' must be retry, rollback or stop");
}
