/* test_jobs.c - orders, how jobs are told, questions and answers. */
#include "world.h"

static void
test_order_is_refused(void **state)
{
	static const struct {
		const char *body;
		unsigned status;
		const char *words;
	} cases[] = {
		{ "{\"goal\":\"upgrade\",\"device\":\"box\"}", 400, "image" },
		{ "{\"goal\":\"upgrade\",\"device\":\"box\",\"image\":\"9.9\"}", 422, "9.9" },
		{ "{\"goal\":\"upgrade\",\"device\":\"box\",\"image\":77}", 422, "" },
		{ "{\"goal\":\"upgrade\",\"device\":\"box\",\"image\":0}", 422, "no image 0" },
		{ "{\"goal\":\"upgrade\",\"device\":\"box\",\"image\":-1}", 422, "no image -1" },
		{ "{\"goal\":\"upgrade\",\"device\":\"box\",\"image\":true}", 400, "image" },
		{ "{\"goal\":\"fly\",\"device\":\"box\"}", 400, "upgrade, backup, restore" },
		{ "{\"device\":\"box\"}", 400, "goal" },
		{ "{\"goal\":\"backup\"}", 400, "device" },
		{ "{\"goal\":\"backup\",\"device\":\"other\"}", 422, "" },
		{ "{\"goal\":\"backup\",\"device\":\"box\",\"image\":1}", 400, "image" },
		{ "{\"goal\":\"backup\",\"device\":\"box\",\"protocol\":\"smoke\"}", 400,
		  "tftp, ftp" },
		{ "{\"goal\":\"backup\",\"device\":\"box\",\"protocol\":\"http\"}", 422, "http" },
		{ "{\"goal\":\"backup\",\"device\":\"box\",\"on_failure\":\"cry\"}", 400,
		  "ask, retry, rollback, stop" },
		{ "{\"goal\":\"backup\",\"device\":\"box\",\"retries\":2}", 400, "retries" },
		{ "{\"goal\":\"backup\",\"device\":\"box\",\"on_failure\":\"retry\",\"retries\":0}",
		  400, "retries" },
		{ "{\"goal\":\"backup\",\"device\":\"box\",\"limits_ms\":7}", 400, "limits_ms" },
		{ "{\"goal\":\"backup\",\"device\":\"box\",\"limits_ms\":{\"lunch\":7}}", 400,
		  "lunch" },
		{ "{\"goal\":\"backup\",\"device\":\"box\",\"limits_ms\":{\"backup\":0}}", 400,
		  "backup" },
		{ "{\"goal\":\"backup\",\"device\":\"box\",\"stalls_ms\":{\"backup\":\"x\"}}", 400,
		  "backup" },
		{ "{\"goal\":\"backup\",\"device\":\"box\",\"unproven\":1}", 400, "unproven" },
		{ "{\"goal\":\"backup\",\"device\":\"box\",\"snapshot\":1}", 400, "snapshot" },
		{ "{\"goal\":\"restore\",\"device\":\"box\"}", 422, "snapshot" },
		{ "{\"goal\":\"restore\",\"device\":\"box\",\"snapshot\":5}", 422, "" },
	};
	struct world *world = *state;

	add_credential(world);
	add_device(world, "box", "192.0.2.11");
	for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
		(void)ask(world, "POST", "jobs", cases[i].body);
		if (world->status != cases[i].status ||
		    strstr(error_of(world, "message"), cases[i].words) == NULL)
			fail_msg("%s: %u %s", cases[i].body, world->status, world->text);
	}
	assert_int_equal(get(world, "jobs", NULL), 200);
	assert_int_equal(json_array_size(json_object_get(world->answer, "jobs")), 0);
}

static bool
never(void *arg)
{
	(void)arg;
	return false;
}

static void
run_for(struct world *world, msec_t ms)
{
	(void)sim_run(world->sim, sim_now(world->sim) + ms, never, NULL);
}

static void
start_backup(struct world *world)
{
	add_credential(world);
	add_device(world, "box", "192.0.2.11");
	assert_int_equal(ask(world, "POST", "jobs",
			     "{\"goal\":\"backup\",\"device\":\"box\",\"on_failure\":\"stop\","
			     "\"limits_ms\":{\"preflight\":3000}}"),
			 201);
}

static void
test_job_of_a_silent_device(void **state)
{
	struct world *world = *state;

	start_backup(world);
	assert_int_equal(json_integer_value(json_object_get(world->answer, "job")), 1);
	assert_string_equal(said(world, "device"), "box");
	assert_int_equal(ask(world, "POST", "jobs", "{\"goal\":\"backup\",\"device\":\"box\"}"),
			 409);
	assert_int_equal(ask(world, "DELETE", "devices/box", NULL), 409);
	assert_int_equal(get(world, "jobs", "open=1&device=box"), 200);
	assert_int_equal(json_array_size(json_object_get(world->answer, "jobs")), 1);
	run_for(world, 10000);
	assert_int_equal(get(world, "jobs/1", NULL), 200);
	assert_true(json_is_string(json_object_get(world->answer, "ended_at")));
	assert_string_equal(said(world, "reason"), "unreachable");
	assert_int_not_equal(json_array_size(json_object_get(world->answer, "evidence")), 0);
	assert_int_not_equal(json_array_size(json_object_get(world->answer, "attempts")), 0);
	assert_int_equal(json_integer_value(json_object_get(world->answer, "attempt")), 1);
	assert_non_null(json_object_get(world->answer, "proof"));
	assert_int_equal(get(world, "jobs", "open=1"), 200);
	assert_int_equal(json_array_size(json_object_get(world->answer, "jobs")), 0);
	assert_int_equal(get(world, "jobs", "device=nobody"), 404);
}

static void
test_events_go_on_after_an_entry(void **state)
{
	struct world *world = *state;

	start_backup(world);
	run_for(world, 10000);
	assert_int_equal(get(world, "jobs/1/events", NULL), 200);
	const json_t *events = json_object_get(world->answer, "events");
	size_t count = json_array_size(events);
	assert_int_not_equal(count, 0);
	assert_string_equal(
		json_string_value(json_object_get(json_object_get(world->answer, "job"), "reason")),
		"unreachable");
	char query[64];
	(void)snprintf(query, sizeof(query), "after=%lld",
		       (long long)json_integer_value(
			       json_object_get(json_array_get(events, count - 1), "id")));
	assert_int_equal(get(world, "jobs/1/events", query), 200);
	assert_int_equal(json_array_size(json_object_get(world->answer, "events")), 0);
}

/* A question as the engine would put it, for a job that the engine does not know: told, but not
 * answered. */
static void
test_decision_is_told(void **state)
{
	struct world *world = *state;
	struct store *store = engine_store(world->engine);
	struct decision decision = {
		.job_id = 1, .may_retry = true, .may_stop = true, .asked_wall_ms = INT64_MAX / 2
	};
	struct err err = { 0 };

	start_backup(world);
	run_for(world, 10000);
	(void)snprintf(decision.device_name, sizeof(decision.device_name), "box");
	(void)snprintf(decision.step, sizeof(decision.step), "backup");
	(void)snprintf(decision.reason, sizeof(decision.reason), "late");
	(void)snprintf(decision.question, sizeof(decision.question), "box: what now?");
	assert_int_equal(store_begin(store, &err), 0);
	assert_int_equal(store_decision_add(store, &decision, &err), 0);
	assert_int_equal(store_commit(store, &err), 0);
	assert_int_equal(get(world, "decisions", "open=1"), 200);
	json_t *row = json_array_get(json_object_get(world->answer, "decisions"), 0);
	assert_string_equal(json_string_value(json_object_get(row, "reason")), "late");
	assert_int_equal(json_array_size(json_object_get(row, "answers")), 2);
	assert_int_not_equal(json_array_size(json_object_get(row, "evidence")), 0);
	(void)ask(world, "POST", "decisions/1", "{\"answer\":\"stop\"}");
	REFUSES(world, 409, "conflict", "not open");
	(void)ask(world, "POST", "decisions/1", "{\"answer\":\"skip\"}");
	REFUSES(world, 400, "invalid", "retry, rollback or stop");
	(void)ask(world, "POST", "decisions/1", "{}");
	REFUSES(world, 400, "invalid", "answer");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		IN_WORLD(test_order_is_refused),
		IN_WORLD(test_job_of_a_silent_device),
		IN_WORLD(test_events_go_on_after_an_entry),
		IN_WORLD(test_decision_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
