/* The manager's loop in a simulated world: what must hold whatever peers, restarts and other orders
 * do. */
#include "engine/engine.h"
#include "engine/room.h"
#include "env/env_sim.h"
#include "sim/vfs.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { FILE_SIZE_MAX = 1 << 20 };

struct world {
	struct sim *sim;
	struct env *host;
	struct vfs vfs;
	struct engine *engine;
	struct err err;
	int64_t job;
	bool was_told;
	int told_code;
};

static struct addr
address(const char *text)
{
	struct addr addr;

	assert_int_equal(addr_parse(text, 0, &addr, NULL), 0);
	return addr;
}

static void
run_for(struct world *w, msec_t duration)
{
	(void)sim_run(w->sim, sim_now(w->sim) + duration, NULL, NULL);
}

/* ---- the world ---- */

static void
put_profile(struct world *w)
{
	char path[1024]; /* in the repository, found from this file's place in it */
	const int top = (int)(strlen(__FILE__) - strlen("tests/unit/engine/test_engine.c"));

	(void)snprintf(path, sizeof(path), "%.*sprofiles/drydock-agent.yaml", top, __FILE__);
	FILE *file = fopen(path, "r");
	char *text = malloc(FILE_SIZE_MAX);

	assert_non_null(file);
	assert_non_null(text);
	size_t size = fread(text, 1, FILE_SIZE_MAX, file);
	(void)fclose(file);
	assert_int_equal(env_dir_make(w->host, "/data", &w->err), 0);
	assert_int_equal(env_dir_make(w->host, "/data/profiles", &w->err), 0);
	assert_int_equal(env_file_store(w->host, "/data/profiles/p.yaml", text, size, &w->err), 0);
	free(text);
}

static void
manager_up(struct world *w)
{
	const struct engine_settings settings = { .folder = "/data",
						  .vfs = w->vfs.name,
						  .link = address("192.0.2.1:7000"),
						  .trap = address("192.0.2.1:162"),
						  .advertise = address("192.0.2.1") };

	if (engine_new(w->host, &settings, &w->engine, &w->err) < 0)
		fail_msg("%s", w->err.text);
}

static void
told(void *arg, const struct device *device, const struct err *err)
{
	struct world *w = arg;

	(void)device;
	w->was_told = true;
	w->told_code = err != NULL ? err->code : 0;
}

static void
told_probed(void *arg, const struct device *device, const struct facts *facts,
	    const struct err *err)
{
	(void)facts;
	told(arg, device, err);
}

static void
add_device(struct world *w, const char *name, const char *at, bool has_profile)
{
	struct device device = { .address = address(at), .credential = "c" };

	(void)snprintf(device.name, sizeof(device.name), "%s", name);
	if (has_profile)
		(void)snprintf(device.profile, sizeof(device.profile), "%s",
			       profile_name(engine_profile_at(w->engine, 0)));
	w->was_told = false;
	if (engine_device_add(w->engine, &device, told, w, &w->err) < 0)
		fail_msg("%s", w->err.text);
	assert_false(w->was_told);
}

static int
set_up(void **state)
{
	const struct sim_settings settings = { .seed = 1, .latency_max_ms = 2 };
	const struct credential credential = { .name = "c", .community = "public" };
	const struct addr addr = address("192.0.2.1");
	struct world *w = calloc(1, sizeof(*w));
	const struct job_order order = { .goal = GOAL_BACKUP, .device = "d1" };

	assert_non_null(w);
	*state = w;
	assert_int_equal(sim_new(&settings, &w->sim, &w->err), 0);
	w->host = sim_host(w->sim, "manager", &addr, 1);
	put_profile(w);
	assert_int_equal(vfs_register(&w->vfs, w->host, &w->err), 0);
	manager_up(w);
	assert_int_equal(engine_credential_put(w->engine, &credential, &w->err), 0);
	/* a device that never answers, and a backup of it */
	add_device(w, "d1", "192.0.2.7:161", true);
	run_for(w, 1000);
	assert_true(w->was_told);
	assert_int_equal(w->told_code, 0);
	if (engine_job_start(w->engine, &order, &w->job, &w->err) < 0)
		fail_msg("%s", w->err.text);
	run_for(w, 1000);
	return 0;
}

static int
tear_down(void **state)
{
	struct world *w = *state;

	engine_free(w->engine);
	vfs_unregister(&w->vfs);
	sim_free(w->sim);
	free(w);
	return 0;
}

static bool
take_open(void *arg, const struct decision *decision)
{
	*(struct decision *)arg = *decision;
	return true;
}

static bool
count_line(void *arg, const struct journal_entry *entry)
{
	*(unsigned *)arg += strncmp(entry->kind, "message", 7) == 0;
	return true;
}

/* ---- hostile peers ---- */

static void
a_flood_of_notifications_stops_nothing(void **state)
{
	struct world *w = *state;
	struct live *live = live_find(w->engine, w->job);
	unsigned lines = 0;

	/* given a job that runs; when its device, or somebody in its name, tells things for ever */
	for (unsigned i = 0; i < 2 * FACTS_MAX; i++) {
		(void)fact_add(live, EV_MESSAGE, 1, REASON_NONE, "trap: the device says no");
		if (i % 1000 == 0)
			run_for(w, 1);
	}
	run_for(w, 60000);
	/* then the manager lives, its journal is no longer for it, and the job ends by its time */
	assert_false(w->engine->is_lost);
	assert_int_equal(w->engine->facts_count, 0);
	assert_int_equal(
		store_journal_list(engine_store(w->engine), w->job, 0, count_line, &lines, &w->err),
		0);
	assert_in_range(lines, 1, 2 * NEWS_LINES_MAX);
	assert_int_equal(live_find(w->engine, w->job)->record.job.state, JOB_ASKING);
}

static void
a_busy_job_holds_up_no_other(void **state)
{
	struct world *w = *state;
	const struct job_order order = { .goal = GOAL_BACKUP, .device = "d2" };
	int64_t other = 0;

	/* given a job with many facts in the queue, and behind them another job's start */
	for (unsigned i = 0; i < NEWS_MAX; i++)
		(void)fact_add(live_find(w->engine, w->job), EV_MESSAGE, 1, REASON_NONE, "trap");
	add_device(w, "d2", "192.0.2.8:161", true);
	run_for(w, 0);
	for (unsigned i = 0; i < NEWS_MAX; i++)
		(void)fact_add(live_find(w->engine, w->job), EV_MESSAGE, 1, REASON_NONE, "trap");
	assert_int_equal(engine_job_start(w->engine, &order, &other, &w->err), 0);
	/* when one pass is run; then the other job has begun */
	pass_run(w->engine);
	assert_int_equal(live_find(w->engine, other)->record.job.state, JOB_RUNNING);
}

/* ---- answers ---- */

static void
an_answer_outlives_a_restart(void **state)
{
	struct world *w = *state;
	struct decision decision = { 0 };
	struct job_record record;

	/* given a question, and an answer that was written and not yet acted upon */
	run_for(w, 60000);
	assert_int_equal(
		store_decision_list(engine_store(w->engine), true, take_open, &decision, &w->err),
		0);
	assert_int_equal(decision.job_id, w->job);
	assert_int_equal(store_begin(engine_store(w->engine), &w->err), 0);
	assert_int_equal(store_decision_answer(engine_store(w->engine), decision.id,
					       job_event_name(EV_STOP), "", 5, &w->err),
			 0);
	assert_int_equal(store_commit(engine_store(w->engine), &w->err), 0);
	/* when the manager starts anew; then it is acted upon, and nobody is asked again */
	engine_free(w->engine);
	manager_up(w);
	run_for(w, 1000);
	assert_int_equal(store_job_get(engine_store(w->engine), w->job, &record, &w->err), 0);
	assert_int_equal(record.job.state, JOB_STOPPED);
	decision = (struct decision){ 0 };
	assert_int_equal(
		store_decision_list(engine_store(w->engine), true, take_open, &decision, &w->err),
		0);
	assert_int_equal(decision.id, 0);
}

static void
a_question_outlives_a_restart(void **state)
{
	struct world *w = *state;
	struct decision decision = { 0 }, again = { 0 };

	/* given a question; when the manager starts anew; then the same one stands, and an answer
	 * is taken */
	run_for(w, 60000);
	(void)store_decision_list(engine_store(w->engine), true, take_open, &decision, &w->err);
	engine_free(w->engine);
	manager_up(w);
	run_for(w, 1000);
	(void)store_decision_list(engine_store(w->engine), true, take_open, &again, &w->err);
	assert_int_equal(again.id, decision.id);
	assert_int_equal(engine_decide(w->engine, again.id, EV_STOP, NULL, &w->err), 0);
	assert_null(live_find(w->engine, w->job));
}

/* ---- images ---- */

static int64_t
put_image(struct world *w, const char *version)
{
	struct image image = { .files_count = 1, .size = 1 };

	(void)snprintf(image.version, sizeof(image.version), "%s", version);
	(void)snprintf(image.profile, sizeof(image.profile), "%s",
		       profile_name(engine_profile_at(w->engine, 0)));
	image.files[0].size = 1;
	image.content.bytes[0] = (uint8_t)version[0];
	assert_int_equal(store_begin(engine_store(w->engine), &w->err), 0);
	assert_int_equal(store_image_add(engine_store(w->engine), &image, &w->err), 0);
	assert_int_equal(store_commit(engine_store(w->engine), &w->err), 0);
	return image.id;
}

/* A device of one slot goes back to an image that the manager holds. */
static struct live *
go_back_to(struct world *w, const char *version)
{
	struct live *live = live_find(w->engine, w->job);

	live->record.plan.goal = GOAL_UPGRADE;
	live->record.plan.way_back = WAY_IMAGE;
	(void)snprintf(live->record.old_version, sizeof(live->record.old_version), "%s", version);
	live->record.job.state = JOB_RUNNING;
	live->record.job.step = STEP_ROLLBACK;
	live->record.job.act = ACT_OLD_FETCH;
	live->record.job.phase = PHASE_OPENING;
	live->record.job.needs = NEED_REPORT | NEED_LEDGER;
	live->record.job.has_snapshot = true;
	return live;
}

static void
the_image_of_the_way_back_stays(void **state)
{
	struct world *w = *state;

	/* given a job whose way back is an image; then that one can't be removed, others can */
	int64_t old = put_image(w, "1.0"), other = put_image(w, "2.0");
	(void)go_back_to(w, "1.0");
	assert_int_equal(engine_image_remove(w->engine, old, &w->err), DD_EBUSY);
	assert_int_equal(engine_image_remove(w->engine, other, &w->err), 0);
	assert_int_equal(engine_image_remove(w->engine, other, &w->err), DD_ENOTFOUND);
}

static void
a_missing_image_stops_no_manager(void **state)
{
	struct world *w = *state;

	/* given a job that goes back to an image that is gone all the same; when it goes on */
	struct live *live = go_back_to(w, "1.0");
	(void)fact_add(live, EV_RESUME, live->record.job.ticket, REASON_NONE, NULL);
	run_for(w, 1000);
	/* then the manager lives, and that attempt ends by its time */
	assert_false(w->engine->is_lost);
	run_for(w, 60000);
	assert_true(live_find(w->engine, w->job) == NULL ||
		    live_find(w->engine, w->job)->record.job.rollback_tries > 0);
}

/* ---- probes ---- */

static void
forget(void *arg, const struct snmp_result *result)
{
	(void)arg;
	(void)result;
}

static void
an_order_is_answered_after_it_was_given(void **state)
{
	struct world *w = *state;
	const struct snmp_target target = { .address = address("192.0.2.9:161"),
					    .version = SNMP_V2C };
	struct snmp_pdu get;

	/* given as many requests in flight as there may be */
	profile_probe_ask(engine_profile_at(w->engine, 0), &get);
	while (snmp_manager_ask(w->engine->snmp, &(struct snmp_ask){ .target = &target,
								     .pdu = &get,
								     .tries = 1,
								     .timeout_ms = 60000,
								     .done = forget }) > 0)
		;
	/* when a device is added without profile; then the word comes later (add_device() checks)
	 */
	add_device(w, "d3", "192.0.2.9:161", false);
	run_for(w, 0);
	assert_true(w->was_told);
	assert_int_equal(w->told_code, DD_EFULL);
}

static void
a_probe_that_ends_with_the_engine_is_not_heard(void **state)
{
	struct world *w = *state;

	/* given a probe in flight; when the manager ends; then nobody is called */
	assert_int_equal(engine_device_probe(w->engine, "d1", told_probed, w, &w->err), 0);
	w->was_told = false;
	engine_free(w->engine);
	w->engine = NULL;
	run_for(w, 60000);
	assert_false(w->was_told);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_flood_of_notifications_stops_nothing),
		TEST(a_busy_job_holds_up_no_other),
		TEST(an_answer_outlives_a_restart),
		TEST(a_question_outlives_a_restart),
		TEST(the_image_of_the_way_back_stays),
		TEST(a_missing_image_stops_no_manager),
		TEST(an_order_is_answered_after_it_was_given),
		TEST(a_probe_that_ends_with_the_engine_is_not_heard),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
