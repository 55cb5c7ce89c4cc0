/* Which member of which record stands in which column. */
#include "store/tables.h"

#define TABLE(variable, name_, type, list, also_) \
	const struct table variable = { name_, list, ARRAY_COUNT(list), sizeof(type), also_ }

static const struct column credential_columns[] = {
	COLUMN(struct credential, name, COLUMN_TEXT),
	COLUMN(struct credential, community, COLUMN_TEXT),
};
TABLE(table_credential, "credential", struct credential, credential_columns, NULL);

static const struct column device_columns[] = {
	COLUMN(struct device, id, COLUMN_I64),
	COLUMN_RULE("name", struct device, name, COLUMN_TEXT, "UNIQUE"),
	COLUMN_RULE("address", struct device, address, COLUMN_ADDR, "UNIQUE"),
	COLUMN(struct device, credential, COLUMN_TEXT),
	COLUMN(struct device, profile, COLUMN_TEXT),
	COLUMN(struct device, site, COLUMN_TEXT),
	{ "tags", COLUMN_PAIRS, offsetof(struct device, tags), sizeof(((struct device *)0)->tags),
	  offsetof(struct device, tags_count), NULL },
	COLUMN(struct device, model, COLUMN_TEXT),
	COLUMN(struct device, revision, COLUMN_TEXT),
	COLUMN(struct device, serial, COLUMN_TEXT),
	COLUMN(struct device, version, COLUMN_TEXT),
	COLUMN(struct device, seen_wall_ms, COLUMN_I64),
	COLUMN(struct device, is_disabled, COLUMN_U8),
};
TABLE(table_device, "device", struct device, device_columns, NULL);

static const struct column image_columns[] = {
	COLUMN(struct image, id, COLUMN_I64),
	COLUMN(struct image, version, COLUMN_TEXT),
	COLUMN(struct image, profile, COLUMN_TEXT),
	COLUMN(struct image, config_format, COLUMN_U32),
	COLUMN(struct image, size, COLUMN_U64),
	COLUMN(struct image, content, COLUMN_HASH),
	COLUMN_LIST(struct image, models, models_count),
	COLUMN_LIST(struct image, revisions, revisions_count),
	COLUMN_LIST(struct image, froms, froms_count),
	COLUMN(struct image, added_wall_ms, COLUMN_I64),
};
TABLE(table_image, "image", struct image, image_columns,
      "CREATE UNIQUE INDEX image_once ON image (profile, version, content)");

static const struct column image_file_columns[] = {
	COLUMN(struct image_file_row, id, COLUMN_I64),
	COLUMN(struct image_file_row, image_id, COLUMN_I64),
	COLUMN(struct image_file_row, position, COLUMN_U32),
	COLUMN_AS("name", struct image_file_row, file.name, COLUMN_TEXT),
	COLUMN_AS("size", struct image_file_row, file.size, COLUMN_U64),
	COLUMN_AS("content", struct image_file_row, file.content, COLUMN_HASH),
};
TABLE(table_image_file, "image_file", struct image_file_row, image_file_columns,
      "CREATE INDEX image_file_of ON image_file (image_id, position)");

static const struct column snapshot_columns[] = {
	COLUMN(struct snapshot, id, COLUMN_I64),
	COLUMN(struct snapshot, device_id, COLUMN_I64),
	COLUMN(struct snapshot, job_id, COLUMN_I64),
	COLUMN(struct snapshot, taken_wall_ms, COLUMN_I64),
	COLUMN(struct snapshot, format, COLUMN_U32),
	COLUMN(struct snapshot, size, COLUMN_U64),
	COLUMN(struct snapshot, content, COLUMN_HASH),
	COLUMN(struct snapshot, software, COLUMN_TEXT),
	COLUMN(struct snapshot, role, COLUMN_TEXT),
};
TABLE(table_snapshot, "snapshot", struct snapshot, snapshot_columns,
      "CREATE INDEX snapshot_of ON snapshot (device_id, id)");

/* NOLINTBEGIN(bugprone-macro-parentheses): what stands in offsetof() can't be in parentheses */
#define SLOT(n)                                                                               \
	COLUMN_AS("before_slot" #n "_valid", struct job_record, before.slots[n - 1].is_valid, \
		  COLUMN_U8),                                                                 \
		COLUMN_AS("before_slot" #n "_version", struct job_record,                     \
			  before.slots[n - 1].version, COLUMN_TEXT),                          \
		COLUMN_AS("before_slot" #n "_content", struct job_record,                     \
			  before.slots[n - 1].content, COLUMN_HASH)

/* NOLINTEND(bugprone-macro-parentheses) */

static const struct column job_columns[] = {
	COLUMN(struct job_record, id, COLUMN_I64),
	COLUMN(struct job_record, device_id, COLUMN_I64),
	COLUMN(struct job_record, image_id, COLUMN_I64),
	COLUMN(struct job_record, device_name, COLUMN_TEXT),
	COLUMN_AS("goal", struct job_record, plan.goal, COLUMN_U8),
	COLUMN_AS("on_failure", struct job_record, plan.on_failure, COLUMN_U8),
	COLUMN_AS("retries_max", struct job_record, plan.retries_max, COLUMN_U8),
	COLUMN_AS("rollback_tries_max", struct job_record, plan.rollback_tries_max, COLUMN_U8),
	COLUMN_AS("way_back", struct job_record, plan.way_back, COLUMN_U8),
	COLUMN_AS("has_activate", struct job_record, plan.has_activate, COLUMN_U8),
	COLUMN_AS("has_service", struct job_record, plan.has_service, COLUMN_U8),
	COLUMN_AS("repeat", struct job_record, plan.repeat, COLUMN_U8S),
	COLUMN_AS("limit_ms", struct job_record, plan.limit_ms, COLUMN_I64S),
	COLUMN_AS("stall_ms", struct job_record, plan.stall_ms, COLUMN_I64S),
	COLUMN_AS("look_ms", struct job_record, plan.look_ms, COLUMN_I64),
	COLUMN_AS("state", struct job_record, job.state, COLUMN_U8),
	COLUMN_AS("step", struct job_record, job.step, COLUMN_U8),
	COLUMN_AS("act", struct job_record, job.act, COLUMN_U8),
	COLUMN_AS("phase", struct job_record, job.phase, COLUMN_U8),
	COLUMN_AS("needs", struct job_record, job.needs, COLUMN_U8),
	COLUMN_AS("failed_act", struct job_record, job.failed_act, COLUMN_U8),
	COLUMN_AS("reason", struct job_record, job.reason, COLUMN_U8),
	COLUMN_AS("retries", struct job_record, job.retries, COLUMN_U8),
	COLUMN_AS("retried_step", struct job_record, job.retried_step, COLUMN_U8),
	COLUMN_AS("rollback_tries", struct job_record, job.rollback_tries, COLUMN_U8),
	COLUMN_AS("is_going_back", struct job_record, job.is_going_back, COLUMN_U8),
	COLUMN_AS("has_snapshot", struct job_record, job.has_snapshot, COLUMN_U8),
	COLUMN_AS("has_kept", struct job_record, job.has_kept, COLUMN_U8),
	COLUMN_AS("is_touched", struct job_record, job.is_touched, COLUMN_U8),
	COLUMN_AS("new_may_run", struct job_record, job.new_may_run, COLUMN_U8),
	COLUMN_AS("has_message", struct job_record, job.has_message, COLUMN_U8),
	COLUMN_AS("has_broken", struct job_record, job.has_broken, COLUMN_U8),
	COLUMN_AS("was_old_restored", struct job_record, job.was_old_restored, COLUMN_U8),
	COLUMN_AS("software", struct job_record, job.software, COLUMN_U8),
	COLUMN_AS("configuration", struct job_record, job.configuration, COLUMN_U8),
	COLUMN_AS("attempt", struct job_record, job.attempt, COLUMN_U32),
	COLUMN_AS("ticket", struct job_record, job.ticket, COLUMN_U32),
	COLUMN_AS("deadline_wall_ms", struct job_record, job.deadline_wall_ms, COLUMN_I64),
	COLUMN(struct job_record, protocol, COLUMN_U8),
	COLUMN(struct job_record, takes_unproven, COLUMN_U8),
	COLUMN(struct job_record, made_wall_ms, COLUMN_I64),
	COLUMN(struct job_record, ended_wall_ms, COLUMN_I64),
	COLUMN(struct job_record, old_version, COLUMN_TEXT),
	COLUMN(struct job_record, new_version, COLUMN_TEXT),
	COLUMN(struct job_record, found_version, COLUMN_TEXT),
	COLUMN(struct job_record, kept_slot, COLUMN_U32),
	COLUMN(struct job_record, at_factory, COLUMN_U8),
	COLUMN(struct job_record, has_facts, COLUMN_U8),
	COLUMN_AS("before_model", struct job_record, before.model, COLUMN_TEXT),
	COLUMN_AS("before_revision", struct job_record, before.revision, COLUMN_TEXT),
	COLUMN_AS("before_serial", struct job_record, before.serial, COLUMN_TEXT),
	COLUMN_AS("before_version", struct job_record, before.version, COLUMN_TEXT),
	COLUMN_AS("before_object_id", struct job_record, before.object_id, COLUMN_TEXT),
	COLUMN_AS("before_config_format", struct job_record, before.config_format, COLUMN_U32),
	COLUMN_AS("before_has_free_bytes", struct job_record, before.has_free_bytes, COLUMN_U8),
	COLUMN_AS("before_free_bytes", struct job_record, before.free_bytes, COLUMN_U64),
	COLUMN_AS("before_boots", struct job_record, before.boots, COLUMN_U32),
	COLUMN_AS("before_has_boots", struct job_record, before.has_boots, COLUMN_U8),
	COLUMN_AS("before_uptime_ms", struct job_record, before.uptime_ms, COLUMN_U64),
	COLUMN_AS("before_running_slot", struct job_record, before.running_slot, COLUMN_U32),
	COLUMN_AS("before_slots_count", struct job_record, before.slots_count, COLUMN_U32),
	SLOT(1),
	SLOT(2),
	COLUMN_AS("before_has_service", struct job_record, before.has_service, COLUMN_U8),
	COLUMN_AS("before_ports_up", struct job_record, before.ports_up, COLUMN_U32),
	COLUMN_AS("before_registrations", struct job_record, before.registrations, COLUMN_U32),
	COLUMN(struct job_record, snapshot_id, COLUMN_I64),
	COLUMN(struct job_record, wanted_id, COLUMN_I64),
	COLUMN(struct job_record, confirm_id, COLUMN_I64),
	COLUMN(struct job_record, source_id, COLUMN_I64),
	COLUMN(struct job_record, text, COLUMN_TEXT),
};
_Static_assert(FACT_SLOTS_MAX == 2, "a column for each slot");
TABLE(table_job, "job", struct job_record, job_columns,
      "CREATE INDEX job_open ON job (device_id) WHERE ended_wall_ms = 0; CREATE INDEX job_of ON "
      "job (device_id, id)");

static const struct column journal_columns[] = {
	COLUMN(struct journal_entry, id, COLUMN_I64),
	COLUMN(struct journal_entry, job_id, COLUMN_I64),
	COLUMN(struct journal_entry, wall_ms, COLUMN_I64),
	COLUMN(struct journal_entry, kind, COLUMN_TEXT),
	COLUMN(struct journal_entry, step, COLUMN_TEXT),
	COLUMN(struct journal_entry, act, COLUMN_TEXT),
	COLUMN(struct journal_entry, ticket, COLUMN_U32),
	COLUMN(struct journal_entry, attempt, COLUMN_U32),
	COLUMN(struct journal_entry, reason, COLUMN_TEXT),
	COLUMN(struct journal_entry, text, COLUMN_TEXT),
};
TABLE(table_journal, "journal", struct journal_entry, journal_columns,
      "CREATE INDEX journal_of ON journal (job_id, id)");

static const struct column attempt_columns[] = {
	COLUMN(struct attempt, id, COLUMN_I64),
	COLUMN(struct attempt, job_id, COLUMN_I64),
	COLUMN(struct attempt, number, COLUMN_U32),
	COLUMN(struct attempt, step, COLUMN_TEXT),
	COLUMN(struct attempt, ticket_first, COLUMN_U32),
	COLUMN(struct attempt, began_wall_ms, COLUMN_I64),
	COLUMN(struct attempt, deadline_wall_ms, COLUMN_I64),
	COLUMN(struct attempt, ended_wall_ms, COLUMN_I64),
	COLUMN(struct attempt, result, COLUMN_TEXT),
	COLUMN(struct attempt, reason, COLUMN_TEXT),
	COLUMN(struct attempt, text, COLUMN_TEXT),
};
TABLE(table_attempt, "attempt", struct attempt, attempt_columns,
      "CREATE UNIQUE INDEX attempt_once ON attempt (job_id, number)");

static const struct column decision_columns[] = {
	COLUMN(struct decision, id, COLUMN_I64),
	COLUMN(struct decision, job_id, COLUMN_I64),
	COLUMN(struct decision, ticket, COLUMN_U32),
	COLUMN(struct decision, device_name, COLUMN_TEXT),
	COLUMN(struct decision, step, COLUMN_TEXT),
	COLUMN(struct decision, reason, COLUMN_TEXT),
	COLUMN(struct decision, question, COLUMN_TEXT),
	COLUMN(struct decision, may_retry, COLUMN_U8),
	COLUMN(struct decision, may_rollback, COLUMN_U8),
	COLUMN(struct decision, may_stop, COLUMN_U8),
	COLUMN(struct decision, asked_wall_ms, COLUMN_I64),
	COLUMN(struct decision, answered_wall_ms, COLUMN_I64),
	COLUMN(struct decision, answer, COLUMN_TEXT),
	COLUMN(struct decision, note, COLUMN_TEXT),
};
TABLE(table_decision, "decision", struct decision, decision_columns,
      "CREATE INDEX decision_open ON decision (id) WHERE answered_wall_ms = 0");

static const struct column grant_columns[] = {
	COLUMN_AS("id", struct grant_record, grant.id, COLUMN_U64),
	COLUMN_AS("device", struct grant_record, grant.device, COLUMN_ADDR),
	COLUMN_AS("name", struct grant_record, grant.name, COLUMN_TEXT),
	COLUMN_AS("direction", struct grant_record, grant.direction, COLUMN_U8),
	COLUMN_AS("protocols", struct grant_record, grant.protocols, COLUMN_U8),
	COLUMN_AS("size_max", struct grant_record, grant.size_max, COLUMN_U64),
	COLUMN_AS("content", struct grant_record, grant.content, COLUMN_HASH),
	COLUMN_AS("wall_deadline_ms", struct grant_record, grant.wall_deadline_ms, COLUMN_I64),
	COLUMN_AS("user", struct grant_record, grant.user, COLUMN_TEXT),
	COLUMN_AS("password", struct grant_record, grant.password, COLUMN_TEXT),
	COLUMN(struct grant_record, job_id, COLUMN_I64),
	COLUMN(struct grant_record, ticket, COLUMN_U32),
	COLUMN(struct grant_record, position, COLUMN_U32),
	COLUMN(struct grant_record, is_open, COLUMN_U8),
	COLUMN(struct grant_record, is_complete, COLUMN_U8),
};
TABLE(table_grant, "permission", struct grant_record, grant_columns,
      "CREATE INDEX permission_of ON permission (job_id, ticket, position)");

static const struct column ledger_columns[] = {
	COLUMN(struct ledger_row, id, COLUMN_I64),
	COLUMN(struct ledger_row, job_id, COLUMN_I64),
	COLUMN_AS("number", struct ledger_row, entry.number, COLUMN_U64),
	COLUMN_AS("permission", struct ledger_row, entry.grant, COLUMN_U64),
	COLUMN_AS("kind", struct ledger_row, entry.kind, COLUMN_U8),
	COLUMN_AS("protocol", struct ledger_row, entry.protocol, COLUMN_U8),
	COLUMN_AS("direction", struct ledger_row, entry.direction, COLUMN_U8),
	COLUMN_AS("peer", struct ledger_row, entry.from, COLUMN_ADDR),
	COLUMN_AS("bytes", struct ledger_row, entry.bytes, COLUMN_U64),
	COLUMN_AS("content", struct ledger_row, entry.content, COLUMN_HASH),
	COLUMN_AS("retransmits", struct ledger_row, entry.retransmits, COLUMN_U32),
	COLUMN_AS("wall_ms", struct ledger_row, entry.wall_ms, COLUMN_I64),
	COLUMN_AS("duration_ms", struct ledger_row, entry.duration_ms, COLUMN_I64),
	COLUMN_AS("text", struct ledger_row, entry.text, COLUMN_TEXT),
};
TABLE(table_ledger, "ledger", struct ledger_row, ledger_columns,
      "CREATE INDEX ledger_of ON ledger (job_id, id);"
      "CREATE INDEX ledger_by ON ledger (number, permission)");

const struct table *const tables_all[] = {
	&table_credential, &table_device, &table_image,   &table_image_file,
	&table_snapshot,   &table_job,    &table_journal, &table_attempt,
	&table_decision,   &table_grant,  &table_ledger,
};
const unsigned tables_count = ARRAY_COUNT(tables_all);
