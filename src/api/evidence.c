/* What was seen: the journal of a job as evidence, and the proof of its end. */
#include "api/room.h"
#include "base/text.h"

#include <string.h>

/* The engine marks what changed nothing by this word after the event's name. */
#define NOTED " (noted)"

void
put_event(struct json_writer *out, const struct journal_entry *entry)
{
	const char *noted = strstr(entry->kind, NOTED);
	size_t size = noted != NULL ? (size_t)(noted - entry->kind) : strlen(entry->kind);

	json_put_int(out, "id", entry->id);
	json_put_text_n(out, "event", entry->kind, size);
	json_put_bool(out, "is_noted", noted != NULL);
	put_text_or_null(out, "step", entry->step);
	put_text_or_null(out, "act", entry->act);
	put_text_or_null(out, "reason", entry->reason);
	put_text_or_null(out, "text", entry->text);
	json_put_int(out, "ticket", entry->ticket);
	json_put_int(out, "attempt", entry->attempt);
	put_time(out, "at", entry->wall_ms);
}

struct evidence {
	struct json_writer *out;
	uint32_t attempt_min;
	int64_t before_ms;
	unsigned rows;
};

static bool
evidence_row(void *arg, const struct journal_entry *entry)
{
	struct evidence *evidence = arg;

	if (entry->text[0] == '\0' || entry->attempt < evidence->attempt_min)
		return true;
	if (evidence->before_ms != 0 && entry->wall_ms > evidence->before_ms)
		return true;
	json_open_object(evidence->out, NULL);
	put_event(evidence->out, entry);
	json_close_object(evidence->out);
	return ++evidence->rows < API_ROWS_MAX;
}

int
put_evidence(struct api_call *call, int64_t job_id, uint32_t attempt_min, int64_t before_ms)
{
	struct evidence evidence = { .out = &call->out,
				     .attempt_min = attempt_min,
				     .before_ms = before_ms };

	json_open_array(&call->out, "evidence");
	int r = store_journal_list(engine_store(call->api->engine), job_id, 0, evidence_row,
				   &evidence, &call->err);
	json_close_array(&call->out);
	return r;
}

/* ---- proof ---- */

static int
put_one_snapshot(struct api_call *call, const char *key, int64_t id, struct snapshot *ret_snapshot)
{
	*ret_snapshot = (struct snapshot){ 0 };
	if (id == 0) {
		json_put_null(&call->out, key);
		return 0;
	}
	int r = store_snapshot_get(engine_store(call->api->engine), id, ret_snapshot, &call->err);
	if (r < 0)
		return r;
	json_open_object(&call->out, key);
	put_snapshot(&call->out, ret_snapshot);
	json_close_object(&call->out);
	return 0;
}

int
put_proof(struct api_call *call, const struct job_record *record)
{
	struct json_writer *out = &call->out;
	struct snapshot first, wanted, confirm;

	json_open_object(out, "proof");
	put_text_or_null(out, "old_version", record->old_version);
	put_text_or_null(out, "new_version", record->new_version);
	put_text_or_null(out, "found_version", record->found_version);
	json_put_int(out, "kept_slot", record->kept_slot);
	if (record->has_facts && record->before.has_service) {
		json_put_int(out, "ports_up_before", record->before.ports_up);
		json_put_int(out, "registrations_before", record->before.registrations);
	}
	int r = put_one_snapshot(call, "backup", record->snapshot_id, &first);
	if (r == 0)
		r = put_one_snapshot(call, "wanted", record->wanted_id, &wanted);
	if (r == 0)
		r = put_one_snapshot(call, "confirm", record->confirm_id, &confirm);
	if (r == 0 && first.id != 0)
		r = put_categories(call, wanted.id != 0 ? &wanted : &first,
				   confirm.id != 0 ? &confirm : NULL);
	json_close_object(out);
	return r;
}
