/* Resource jobs: start one, list them, and show one with its evidence. */
#include "api/room.h"
#include "base/text.h"

#include <stdlib.h>

/* The version that runs on the device now, as far as the job knows; NULL = unknown. */
static const char *
software_version(const struct job_record *record)
{
	const char *found = record->found_version;

	switch ((enum software)record->job.software) {
	case SOFTWARE_OLD:
	case SOFTWARE_PENDING:
		return record->old_version[0] != '\0' ? record->old_version : NULL;
	case SOFTWARE_NEW:
		return record->new_version;
	case SOFTWARE_UNKNOWN:
		/* A third one can only have been read after the update. */
		return found[0] != '\0' && !text_equal(found, record->old_version) &&
				       !text_equal(found, record->new_version)
			       ? found
			       : NULL;
	}
	return NULL;
}

struct open_decision {
	int64_t job_id, id;
};

static bool
find_decision(void *arg, const struct decision *decision)
{
	struct open_decision *open = arg;

	if (decision->job_id == open->job_id)
		open->id = decision->id;
	return open->id == 0;
}

/* What the operator may answer now, and the question's number. */
static void
put_question(struct api_call *call, const struct job_record *record)
{
	static const enum job_event_kind answers[] = { EV_RETRY, EV_ROLLBACK, EV_STOP };
	struct open_decision open = { .job_id = record->id };

	if (record->job.state == JOB_ASKING)
		(void)store_decision_list(engine_store(call->api->engine), true, find_decision,
					  &open, NULL); /* told as none */
	if (open.id != 0)
		json_put_int(&call->out, "decision", open.id);
	else
		json_put_null(&call->out, "decision");
	json_open_array(&call->out, "answers");
	for (size_t i = 0; i < ARRAY_COUNT(answers); i++)
		if (job_may_answer(&record->job, answers[i]))
			json_put_text(&call->out, NULL, job_event_name(answers[i]));
	json_close_array(&call->out);
}

static void
put_progress(struct api_call *call, const struct job_record *record)
{
	struct json_writer *out = &call->out;
	int64_t now_ms = env_wall(call->api->env),
		end_ms = record->ended_wall_ms != 0 ? record->ended_wall_ms : now_ms;
	uint64_t bytes = 0, size = 0;

	if (engine_job_progress(call->api->engine, record->id, &bytes, &size)) {
		json_put_int(out, "bytes", (int64_t)bytes);
		json_put_int(out, "size", (int64_t)size);
	}
	json_put_int(out, "attempt", record->job.attempt);
	put_time(out, "made_at", record->made_wall_ms);
	put_time(out, "ended_at", record->ended_wall_ms);
	json_put_int(out, "elapsed_ms", end_ms - record->made_wall_ms);
	put_time(out, "deadline_at", job_is_over(&record->job) ? 0 : record->job.deadline_wall_ms);
}

void
put_job(struct api_call *call, const struct job_record *record)
{
	struct json_writer *out = &call->out;
	const struct job *job = &record->job;
	enum reason reason = job->state == JOB_DONE ? REASON_NONE : (enum reason)job->reason;
	enum job_step step = (enum job_step)job->step;

	if (job->state == JOB_ASKING) /* what the question is about, not the looking after it */
		step = job_act_step((enum job_act)job->failed_act);
	json_put_int(out, "job", record->id);
	json_put_text(out, "device", record->device_name);
	json_put_text(out, "goal", job_goal_name((enum job_goal)record->plan.goal));
	json_put_text(out, "state", job_state_name((enum job_state)job->state));
	put_text_or_null(out, "step", job_step_name(step));
	put_text_or_null(out, "act", job_act_name((enum job_act)job->act));
	put_text_or_null(out, "reason", reason != REASON_NONE ? reason_name(reason) : "");
	put_text_or_null(out, "text", reason != REASON_NONE ? record->text : "");
	put_text_or_null(out, "advice", reason != REASON_NONE ? reason_advice(reason) : "");
	put_question(call, record);
	json_put_text(out, "protocol", protocol_name((enum protocol)record->protocol));
	if (record->image_id != 0)
		json_put_int(out, "image", record->image_id);
	else
		json_put_null(out, "image");
	put_text_or_null(out, "old_version", record->old_version);
	put_text_or_null(out, "new_version", record->new_version);
	json_put_text(out, "software", software_version(record));
	json_put_text(out, "configuration",
		      job_configuration_name((enum configuration)job->configuration));
	put_progress(call, record);
}

/* ---- POST, GET jobs ---- */

int
jobs_post(struct api_call *call)
{
	struct engine *engine = call->api->engine;
	struct device device;
	struct job_order order;
	struct job_record record = { 0 };
	int64_t id = 0;

	int r = job_order_read(call, &device, &order);
	if (r == 0)
		r = engine_job_start(engine, &order, &id, &call->err);
	if (r == 0)
		r = store_job_get(engine_store(engine), id, &record, &call->err);
	if (r < 0)
		return r;
	json_open_object(&call->out, NULL);
	put_job(call, &record);
	json_close_object(&call->out);
	call->status = 201;
	return 0;
}

static bool
job_row(void *arg, const struct job_record *record)
{
	struct listing *listing = arg;
	bool goes_on;

	if (listing_takes(listing, record->id, &goes_on)) {
		json_open_object(listing->out, NULL);
		put_job(listing->call, record);
		json_close_object(listing->out);
	}
	return goes_on;
}

int
jobs_list(struct api_call *call)
{
	static const char *const names[] = { "limit", "after", "open", "device", NULL };
	struct store *store = engine_store(call->api->engine);
	const char *name = call_argument(call, "device");
	struct device device = { 0 };
	struct listing listing = { 0 };
	int64_t is_open = 0;

	int r = call_only_arguments(call, names);
	if (r == 0)
		r = call_number(call, "open", 0, 1, &is_open);
	if (r == 0 && name != NULL)
		r = store_device_get(store, name, &device, &call->err);
	if (r == 0)
		r = listing_open(&listing, call, "jobs");
	if (r == 0)
		r = store_job_list(store, is_open == 1, device.id, job_row, &listing, &call->err);
	if (r == 0)
		listing_close(&listing);
	return r;
}

/* ---- one job ---- */

static bool
attempt_row(void *arg, const struct attempt *attempt)
{
	struct json_writer *out = arg;

	json_open_object(out, NULL);
	json_put_int(out, "attempt", attempt->number);
	json_put_text(out, "step", attempt->step);
	put_text_or_null(out, "result", attempt->result);
	put_text_or_null(out, "reason", attempt->reason);
	put_text_or_null(out, "text", attempt->text);
	json_put_int(out, "ticket_first", attempt->ticket_first);
	put_time(out, "began_at", attempt->began_wall_ms);
	put_time(out, "deadline_at", attempt->deadline_wall_ms);
	put_time(out, "ended_at", attempt->ended_wall_ms);
	json_close_object(out);
	return true;
}

/* User and password of a grant stay inside (INV-API-2). */
static bool
grant_row(void *arg, const struct grant_record *record)
{
	struct json_writer *out = arg;

	json_open_object(out, NULL);
	json_put_int(out, "grant", (int64_t)record->grant.id);
	json_put_int(out, "ticket", record->ticket);
	put_addr(out, "device", &record->grant.device);
	json_put_text(out, "name", record->grant.name);
	json_put_text(out, "direction",
		      record->grant.direction == DIRECTION_WRITE ? "write" : "read");
	json_put_int(out, "size_max", (int64_t)record->grant.size_max);
	put_hash(out, "sha256", &record->grant.content);
	put_time(out, "deadline_at", record->grant.wall_deadline_ms);
	json_put_bool(out, "is_open", record->is_open);
	json_put_bool(out, "is_complete", record->is_complete);
	json_close_object(out);
	return true;
}

static bool
ledger_row(void *arg, const struct ledger_entry *entry)
{
	struct json_writer *out = arg;

	json_open_object(out, NULL);
	json_put_int(out, "number", (int64_t)entry->number);
	json_put_int(out, "grant", (int64_t)entry->grant);
	json_put_text(out, "kind", ledger_kind_name((enum ledger_kind)entry->kind));
	json_put_text(out, "protocol", protocol_name((enum protocol)entry->protocol));
	json_put_text(out, "direction", entry->direction == DIRECTION_WRITE ? "write" : "read");
	put_addr(out, "from", &entry->from);
	json_put_int(out, "bytes", (int64_t)entry->bytes);
	put_hash(out, "sha256", &entry->content);
	json_put_int(out, "retransmits", entry->retransmits);
	put_time(out, "at", entry->wall_ms);
	json_put_int(out, "duration_ms", entry->duration_ms);
	put_text_or_null(out, "text", entry->text);
	json_close_object(out);
	return true;
}

static int
put_whole_job(struct api_call *call, const struct job_record *record)
{
	struct store *store = engine_store(call->api->engine);
	struct json_writer *out = &call->out;

	json_open_object(out, NULL);
	put_job(call, record);
	json_open_array(out, "attempts");
	int r = store_attempt_list(store, record->id, attempt_row, out, &call->err);
	json_close_array(out);
	json_open_array(out, "grants");
	if (r == 0)
		r = store_grant_list(store, record->id, 0, false, grant_row, out, &call->err);
	json_close_array(out);
	json_open_array(out, "ledger");
	if (r == 0)
		r = store_ledger_list(store, record->id, ledger_row, out, &call->err);
	json_close_array(out);
	if (r == 0)
		r = put_evidence(call, record->id, 0, 0);
	if (r == 0)
		r = put_proof(call, record);
	json_close_object(out);
	return r;
}

static int
job_of_path(struct api_call *call, struct job_record *ret_record)
{
	int64_t id = 0;

	int r = call_id(call, 0, &id);
	return r < 0 ? r
		     : store_job_get(engine_store(call->api->engine), id, ret_record, &call->err);
}

int
jobs_get(struct api_call *call)
{
	struct job_record record = { 0 };

	int r = job_of_path(call, &record);
	return r < 0 ? r : put_whole_job(call, &record);
}

static bool
event_row(void *arg, const struct journal_entry *entry)
{
	struct listing *listing = arg;
	bool goes_on;

	if (!listing_takes(listing, entry->id, &goes_on))
		return goes_on;
	json_open_object(listing->out, NULL);
	put_event(listing->out, entry);
	json_close_object(listing->out);
	return true;
}

/* The journal after an entry, and how the job stands: what somebody needs who follows it. */
int
jobs_events(struct api_call *call)
{
	static const char *const names[] = { "limit", "after", NULL };
	struct job_record record = { 0 };
	struct listing listing = { 0 };

	int r = call_only_arguments(call, names);
	if (r == 0)
		r = job_of_path(call, &record);
	if (r == 0)
		r = listing_open(&listing, call, "events");
	if (r == 0)
		r = store_journal_list(engine_store(call->api->engine), record.id, listing.after,
				       event_row, &listing, &call->err);
	if (r < 0)
		return r;
	json_close_array(&call->out);
	json_put_bool(&call->out, "more", listing.has_more);
	json_open_object(&call->out, "job");
	put_job(call, &record);
	json_close_object(&call->out);
	json_close_object(&call->out);
	return 0;
}
