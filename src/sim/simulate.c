/* Many worlds, one seed after the other; then every planted bug, which must be caught. */
#include "sim/simulate.h"

#include "base/json.h"
#include "base/text.h"
#include "sim/plants.h"
#include "sim/world.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	SEEDS_DEFAULT = 100,
	DEVICES_DEFAULT = 2,
	HOURS_DEFAULT = 6,
	PLANT_SEEDS_MAX = 200,
	FILE_SIZE_MAX = 1 << 20
};

static const char help[] =
	"Usage: drydock-sim simulate [--seeds N] [--seed FIRST] [--hours H] [--devices D] [--json] "
	"[--trace]\n"
	"\n"
	"Run the whole system in simulated worlds and check every promise after every event.\n"
	"\n"
	"  --seeds N     worlds to run (default 100)\n"
	"  --seed FIRST  seed of the first (default 1)\n"
	"  --hours H     simulated hours after which every job must be over (default 6)\n"
	"  --devices D   devices in each world (default 2, at most 32)\n"
	"  --json        one JSON object at the end\n"
	"  --trace       print what happens\n";

struct totals {
	uint64_t worlds, ends[JOB_STATE_COUNT], crashes_manager, crashes_files, crashes_devices,
		answers, flashes;
	msec_t simulated_ms;
	unsigned caught;
};

struct simulate {
	struct env *env;
	uint64_t seeds, first, hours, devices;
	bool is_json, is_tracing;
	char *profile, *migration, *config;
	struct log log;
	struct totals totals;
};

static void
log_write(void *arg, enum log_level level, const char *line)
{
	(void)arg;
	(void)level;
	(void)fprintf(stderr, "%s\n", line);
}

static bool
take_number(const char *text, uint64_t max, uint64_t *ret)
{
	return text != NULL && text_number(text, max, ret) && *ret > 0;
}

/* False where the words make no sense. */
static bool
take_options(struct simulate *simulate, int argc, char **argv)
{
	for (int i = 0; i < argc; i++) {
		const char *value = i + 1 < argc ? argv[i + 1] : NULL;
		bool is_fine = true, has_value = true;
		if (text_equal(argv[i], "--seeds"))
			is_fine = take_number(value, 1000000000, &simulate->seeds);
		else if (text_equal(argv[i], "--seed"))
			is_fine = take_number(value, UINT64_MAX, &simulate->first);
		else if (text_equal(argv[i], "--hours"))
			is_fine = take_number(value, 1000, &simulate->hours);
		else if (text_equal(argv[i], "--devices"))
			is_fine = take_number(value, WORLD_DEVICES_MAX, &simulate->devices);
		else
			has_value = false;
		if (text_equal(argv[i], "--json"))
			simulate->is_json = true;
		else if (text_equal(argv[i], "--trace"))
			simulate->is_tracing = true;
		else if (!has_value)
			return false;
		if (!is_fine)
			return false;
		i += has_value;
	}
	return true;
}

static int
load_files(struct simulate *simulate, struct err *err)
{
	size_t size;

	int r = env_file_load(simulate->env, "profiles/drydock-agent.yaml", FILE_SIZE_MAX,
			      &simulate->profile, &size, err);
	if (r == 0)
		r = env_file_load(simulate->env, "migrations/drydock-iad-1-2.yaml", FILE_SIZE_MAX,
				  &simulate->migration, &size, err);
	if (r == 0)
		r = env_file_load(simulate->env, "tests/data/iad-24-format1.conf", FILE_SIZE_MAX,
				  &simulate->config, &size, err);
	return r < 0 ? err_wrap(err, AT, "simulate is run in the folder of the sources") : 0;
}

static int
run_one(struct simulate *simulate, uint64_t seed, const struct plant *plant,
	struct world_result *ret_result, struct err *err)
{
	struct world_files files = { simulate->profile, simulate->migration, simulate->config };
	struct world_settings settings = {
		.seed = seed,
		.devices = (unsigned)simulate->devices,
		.limit_ms = (msec_t)simulate->hours * 3600000,
		.files = &files,
		.step = plant != NULL ? plant->step : NULL,
		.fault = plant != NULL ? plant->fault : NULL,
		.log = simulate->is_tracing ? &simulate->log : NULL,
	};

	return world_run(&settings, ret_result, err);
}

static void
add_up(struct totals *totals, const struct world_result *result)
{
	totals->worlds++;
	for (int i = 0; i < JOB_STATE_COUNT; i++)
		totals->ends[i] += result->ends[i];
	totals->crashes_manager += result->crashes_manager;
	totals->crashes_files += result->crashes_files;
	totals->crashes_devices += result->crashes_devices;
	totals->answers += result->answers;
	totals->flashes += result->flashes;
	totals->simulated_ms += result->simulated_ms;
}

static bool
run_seeds(struct simulate *simulate)
{
	struct world_result result;
	struct err err = { 0 };

	for (uint64_t seed = simulate->first; seed < simulate->first + simulate->seeds; seed++) {
		if (run_one(simulate, seed, NULL, &result, &err) < 0) {
			(void)fprintf(stderr,
				      "drydock-sim: seed %" PRIu64
				      ": the world can't be built: %s\n",
				      seed, err.text);
			return false;
		}
		add_up(&simulate->totals, &result);
		if (result.broken != NULL) {
			(void)fprintf(stderr,
				      "drydock-sim: seed %" PRIu64 " broke the promise '%s': %s\n",
				      seed, result.broken, result.text);
			(void)fprintf(stderr,
				      "see it again: ./dev simulate --seeds 1 --seed %" PRIu64
				      " --trace\n",
				      seed);
			return false;
		}
	}
	return true;
}

/* A planted bug must break a promise within some seeds; which one is printed beside the one that it
 * was meant for. */
static bool
run_plant(struct simulate *simulate, const struct plant *plant)
{
	struct world_result result;
	struct err err = { 0 };

	for (uint64_t seed = simulate->first; seed < simulate->first + PLANT_SEEDS_MAX; seed++) {
		if (run_one(simulate, seed, plant, &result, &err) < 0)
			continue;
		if (result.broken == NULL)
			continue;
		if (!simulate->is_json)
			(void)printf("planted bug '%s' (%s): caught by '%s' at seed %" PRIu64
				     "%s: %s\n",
				     plant->name, plant->what, result.broken, seed,
				     text_equal(result.broken, plant->promise)
					     ? ""
					     : " (another checker than meant)",
				     result.text);
		simulate->totals.caught++;
		return true;
	}
	(void)fprintf(stderr, "drydock-sim: planted bug '%s' (%s) was not caught in %d seeds\n",
		      plant->name, plant->what, PLANT_SEEDS_MAX);
	return false;
}

static void
print_totals(const struct simulate *simulate, bool is_good)
{
	const struct totals *totals = &simulate->totals;

	(void)printf("simulate: %" PRIu64 " worlds, %.1f simulated hours; jobs:", totals->worlds,
		     (double)totals->simulated_ms / 3600000.0);
	for (int i = JOB_DONE; i < JOB_STATE_COUNT; i++)
		(void)printf(" %" PRIu64 " %s,", totals->ends[i],
			     job_state_name((enum job_state)i));
	(void)printf(" crashes: %" PRIu64 " manager, %" PRIu64 " file service, %" PRIu64
		     " devices; %" PRIu64 " answers, %" PRIu64
		     " flashes; %u of %u planted bugs caught; %s\n",
		     totals->crashes_manager, totals->crashes_files, totals->crashes_devices,
		     totals->answers, totals->flashes, totals->caught, plants_count,
		     is_good ? "all promises hold" : "FAILED");
}

static void
print_json(const struct simulate *simulate, bool is_good)
{
	const struct totals *totals = &simulate->totals;
	struct json_writer writer;
	struct buf out = { 0 };

	json_writer_init(&writer, &out);
	json_open_object(&writer, NULL);
	json_put_bool(&writer, "holds", is_good);
	json_put_int(&writer, "worlds", (int64_t)totals->worlds);
	json_put_int(&writer, "simulated_ms", totals->simulated_ms);
	json_open_object(&writer, "jobs");
	for (int i = JOB_DONE; i < JOB_STATE_COUNT; i++)
		json_put_int(&writer, job_state_name((enum job_state)i), (int64_t)totals->ends[i]);
	json_close_object(&writer);
	json_put_int(&writer, "crashes_manager", (int64_t)totals->crashes_manager);
	json_put_int(&writer, "crashes_files", (int64_t)totals->crashes_files);
	json_put_int(&writer, "crashes_devices", (int64_t)totals->crashes_devices);
	json_put_int(&writer, "answers", (int64_t)totals->answers);
	json_put_int(&writer, "flashes", (int64_t)totals->flashes);
	json_put_int(&writer, "planted_caught", totals->caught);
	json_put_int(&writer, "planted", plants_count);
	json_close_object(&writer);
	(void)printf("%s\n", buf_text(&out));
	buf_done(&out);
}

int
simulate_main(struct env *env, int argc, char **argv)
{
	struct simulate simulate = { .env = env,
				     .seeds = SEEDS_DEFAULT,
				     .first = 1,
				     .hours = HOURS_DEFAULT,
				     .devices = DEVICES_DEFAULT };
	struct err err = { 0 };

	simulate.log = (struct log){ .level = LOG_DEBUG, .write = log_write };
	if (!take_options(&simulate, argc, argv)) {
		(void)fputs(help, stderr);
		return 2;
	}
	if (load_files(&simulate, &err) < 0) {
		(void)fprintf(stderr, "drydock-sim: %s\n", err.text);
		return 1;
	}
	bool is_good = run_seeds(&simulate);
	for (unsigned i = 0; i < plants_count && is_good && simulate.seeds > 1; i++)
		is_good = run_plant(&simulate, &plants[i]);
	if (simulate.is_json)
		print_json(&simulate, is_good);
	else
		print_totals(&simulate, is_good);
	free(simulate.profile);
	free(simulate.migration);
	free(simulate.config);
	return is_good ? 0 : 1;
}
