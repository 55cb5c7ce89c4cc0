/* The promises of the design as checkers: what is looked at after every event, and what must be
 * true at the end. */
#include "base/text.h"
#include "sim/room.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void
world_break(struct world *world, const char *promise, const char *format, ...)
{
	va_list arguments;

	if (world->result->broken != NULL)
		return;
	world->result->broken = promise;
	va_start(arguments, format);
	(void)vsnprintf(world->result->text, sizeof(world->result->text), format, arguments);
	va_end(arguments);
}

/* ---- while it runs ---- */

static bool
has_snapshot(struct world *world, const struct world_device *device,
	     const struct job_record *record)
{
	char *text = NULL;
	size_t size = 0;
	struct sha256 meaning = { 0 };

	(void)device;
	if (record->snapshot_id == 0 ||
	    engine_snapshot_load(world->engine, record->snapshot_id, &text, &size, NULL) < 0)
		return false;
	bool is_whole = twin_meaning(text, size, &meaning, NULL) == 0 &&
			sha256_equal(&meaning, &world->meaning);
	free(text);
	return is_whole;
}

static bool
count_updates(void *arg, const struct attempt *attempt)
{
	*(unsigned *)arg += text_equal(attempt->step, "update");
	return true;
}

/* A device began to write an image: was its configuration safe, its old software running, and was
 * it told to? */
static void
check_flash(struct world *world, struct world_device *device)
{
	struct job_record record;
	unsigned updates = 0;

	if (store_job_get(engine_store(world->engine), device->job, &record, NULL) < 0) {
		world_break(world, "kill it anywhere", "%s was flashed and its job is gone",
			    device->name);
		return;
	}
	if (!has_snapshot(world, device, &record))
		world_break(world, "a configuration is never lost",
			    "%s was flashed before its backup was durable", device->name);
	(void)store_attempt_list(engine_store(world->engine), device->job, count_updates, &updates,
				 NULL);
	if (device->flash_count > updates)
		world_break(world, "never flashed twice by accident",
			    "%s was flashed %u times in %u attempts", device->name,
			    (unsigned)device->flash_count, updates);
	if (!device->was_old_at_flash)
		world_break(world, "old software before another try",
			    "%s was flashed while it did not run its old software", device->name);
}

void
check_up(struct world *world)
{
	bool is_up = world->engine != NULL && !env_is_dead(world->manager_host);

	for (unsigned i = 0; is_up && i < world->devices_count; i++) {
		struct world_device *device = &world->devices[i];
		if (!device->is_flash_open)
			continue;
		device->is_flash_open = false;
		check_flash(world, device);
	}
}

void
check_event(struct world *world)
{
	for (unsigned i = 0; i < world->devices_count; i++) {
		struct world_device *device = &world->devices[i];
		uint32_t count = device->twin != NULL ? twin_flash_count(device->twin) : 0;
		struct twin_view view;
		if (count <= device->flash_count)
			continue;
		world->result->flashes += count - device->flash_count;
		device->flash_count = count;
		device->is_flash_open = true;
		twin_look(device->twin, &view);
		device->was_old_at_flash = text_equal(view.version, world_old_version);
	}
	if (world->stranger_heard > 0)
		world_break(world, "nobody gets in",
			    "a stranger got %u packets from the file service",
			    world->stranger_heard);
}

/* ---- at the end ---- */

static void
check_done(struct world *world, const struct world_device *device, const struct job_record *record,
	   const struct twin_view *view)
{
	const char *wanted = record->job.state == JOB_DONE ? world_new_version : world_old_version;

	if (!text_equal(view->version, wanted))
		world_break(world, "success is proven", "job of %s ended as %s, and it runs %s",
			    device->name, job_state_name((enum job_state)record->job.state),
			    view->version);
	if (!sha256_equal(&view->meaning, &world->meaning))
		world_break(world, "success is proven",
			    "job of %s ended as %s, and its configuration is another", device->name,
			    job_state_name((enum job_state)record->job.state));
}

static void
check_stopped(struct world *world, const struct world_device *device,
	      const struct job_record *record, const struct twin_view *view)
{
	const char *named =
		record->job.software == SOFTWARE_OLD ? world_old_version : world_new_version;

	if (record->job.software <= SOFTWARE_NEW && !text_equal(view->version, named))
		world_break(world, "success is proven", "job of %s says that %s runs; it runs %s",
			    device->name, named, view->version);
	if (record->job.configuration == CONFIGURATION_UNTOUCHED &&
	    !sha256_equal(&view->meaning, &world->meaning))
		world_break(world, "a configuration is never lost",
			    "job of %s says that its configuration is untouched; it is another",
			    device->name);
}

static void
check_device(struct world *world, struct world_device *device)
{
	struct job_record record;
	struct twin_view view;

	if (store_job_get(engine_store(world->engine), device->job, &record, NULL) < 0) {
		world_break(world, "kill it anywhere", "the job of %s is gone", device->name);
		return;
	}
	if (!job_is_over(&record.job)) {
		world_break(world, "nothing waits for ever",
			    "the job of %s is %s in %s/%s (%s) after %lld s", device->name,
			    job_state_name((enum job_state)record.job.state),
			    job_act_name((enum job_act)record.job.act),
			    job_phase_name((enum job_phase)record.job.phase), record.text,
			    (long long)(sim_now(world->sim) / 1000));
		return;
	}
	world->result->ends[record.job.state]++;
	twin_look(device->twin, &view);
	if (record.job.state != JOB_DONE &&
	    (record.job.reason == REASON_NONE || record.text[0] == '\0'))
		world_break(world, "nothing fails in silence",
			    "the job of %s ended as %s without a reason", device->name,
			    job_state_name((enum job_state)record.job.state));
	if (view.is_dead)
		world_break(world, "kill it anywhere", "%s boots neither old nor new software",
			    device->name);
	if (!sha256_equal(&view.meaning, &world->meaning) && !has_snapshot(world, device, &record))
		world_break(world, "a configuration is never lost",
			    "%s has another configuration, and no snapshot of its own is kept",
			    device->name);
	if (record.job.state == JOB_DONE || record.job.state == JOB_ROLLED_BACK)
		check_done(world, device, &record, &view);
	else
		check_stopped(world, device, &record, &view);
}

static bool
count_grants(void *arg, const struct grant_record *record)
{
	(void)record;
	(*(unsigned *)arg)++;
	return true;
}

void
check_end(struct world *world)
{
	unsigned open = 0;

	for (unsigned i = 0; i < world->devices_count; i++)
		check_device(world, &world->devices[i]);
	(void)store_grant_list(engine_store(world->engine), 0, 0, true, count_grants, &open, NULL);
	if (open > 0)
		world_break(world, "nobody gets in", "%u grants are open after every job has ended",
			    open);
}
