/* What a reading means for the act that it was made for: preflight, kept software, versions,
 * service. */
#include "base/text.h"
#include "engine/room.h"

#include <stdio.h>

/* ---- inside the transaction ---- */

static int
remember_device(struct live *live, const struct facts *facts, struct err *err)
{
	struct device *device = &live->device;

	(void)text_copy(device->model, sizeof(device->model), facts->model);
	(void)text_copy(device->revision, sizeof(device->revision), facts->revision);
	(void)text_copy(device->version, sizeof(device->version), facts->version);
	if (device->serial[0] == '\0')
		(void)text_copy(device->serial, sizeof(device->serial), facts->serial);
	device->seen_wall_ms = env_wall(live->engine->env);
	return store_device_update(live->engine->store, device, err);
}

static int
prepare_probe(struct live *live, struct fact *fact, struct err *err)
{
	struct job_record *record = &live->record;

	record->before = fact->read;
	record->has_facts = true;
	(void)text_copy(record->old_version, sizeof(record->old_version), fact->read.version);
	(void)text_copy(record->found_version, sizeof(record->found_version), fact->read.version);
	if (fact->event.reason == REASON_WRONG_DEVICE)
		return 0;
	if (fact->read.slots_count == 1)
		record->plan.way_back = WAY_IMAGE;
	record->plan.has_service = fact->read.has_service;
	return remember_device(live, &fact->read, err);
}

static int
prepare_found(struct live *live, struct fact *fact, struct err *err)
{
	(void)err;
	(void)text_copy(live->record.found_version, sizeof(live->record.found_version),
			fact->read.version);
	return 0;
}

static int
prepare_kept(struct live *live, struct fact *fact, struct err *err)
{
	if (fact->event.kind == EV_FOUND)
		live->record.kept_slot = fact->read.running_slot;
	return prepare_found(live, fact, err);
}

/* ---- verdicts ---- */

static void
add_verdict(struct live *live, const struct facts *facts, const struct verdict *verdict,
	    int (*prepare)(struct live *, struct fact *, struct err *))
{
	enum job_event_kind kind = verdict->reason == REASON_NONE ? EV_FOUND : EV_AMISS;

	env_timer_clear(live->engine->env, &live->again);
	struct fact *fact =
		fact_add(live, kind, live->record.job.ticket, verdict->reason, "%s", verdict->text);
	fact->event.software = (uint8_t)verdict->software;
	fact->read = *facts;
	fact->has_read = true;
	fact->prepare = prepare;
}

static bool
has_image_of(struct live *live, const struct facts *facts)
{
	struct image image;
	struct err err = { 0 };

	return store_image_find(live->engine->store, live->device.profile, facts->version,
				facts->model, &image, &err) == 0;
}

static void
judge_probe(struct live *live, const struct facts *facts)
{
	struct verdict verdict;
	struct addr factory;
	const char *community;
	const struct image *image = live->record.image_id != 0 ? &live->image : NULL;
	bool converts = image != NULL && image->config_format != 0 && facts->config_format != 0 &&
			image->config_format != facts->config_format;

	if (facts->busy_ticket != 0) { /* somebody else's command runs on the device: wait for its
					  end, or for ours to be late */
		(void)text_print(live->note, sizeof(live->note),
				 "the device is busy with command %u",
				 (unsigned)facts->busy_ticket);
		return;
	}
	struct preflight_ask ask = {
		.device = &live->device,
		.image = image,
		.takes_unknown_revision = live->record.takes_unproven,
		.has_old_image = has_image_of(live, facts),
		.has_migration = !converts || engine_migration(live->engine, live->device.profile,
							       facts->config_format,
							       image->config_format) != NULL,
		.slots = profile_slots(live->profile),
		.management_survives = profile_management_survives(live->profile),
		.has_factory = profile_factory(live->profile, &factory, &community),
	};
	judge_preflight(&ask, facts, &verdict);
	add_verdict(live, facts, &verdict, prepare_probe);
}

static void
judge_now(struct live *live, const struct facts *facts)
{
	struct verdict verdict;

	judge_service(&live->record.before, facts, &verdict);
	if (verdict.reason != REASON_NONE) { /* telephones need a while to register: only the
						scheduled time ends the waiting */
		(void)text_copy(live->note, sizeof(live->note), verdict.text);
		return;
	}
	add_verdict(live, facts, &verdict, prepare_found);
}

static void
judge_running(struct live *live, const struct facts *facts, const char *wanted)
{
	const struct job_record *record = &live->record;
	struct verdict verdict;

	judge_version(facts, wanted, record->old_version, record->new_version,
		      record->before.serial, &verdict);
	if (verdict.reason == REASON_WRONG_DEVICE && !profile_management_survives(live->profile)) {
		live->record.at_factory =
			!live->record
				 .at_factory; /* another device stands at that factory address */
		return;
	}
	add_verdict(live, facts, &verdict, prepare_found);
}

/* Whatever runs is what was to be found out: only the sentence names what should run. */
static void
judge_after(struct live *live, const struct facts *facts)
{
	struct verdict verdict;

	judge_version(facts, facts->version, live->record.old_version, live->record.new_version,
		      live->record.before.serial, &verdict);
	if (verdict.reason == REASON_NONE)
		add_verdict(live, facts, &verdict, prepare_found);
}

void
reading_judge(struct live *live, const struct facts *facts)
{
	struct verdict verdict;
	unsigned slot = 0;

	switch ((enum job_act)live->record.job.act) {
	case ACT_PROBE:
		judge_probe(live, facts);
		break;
	case ACT_READ_KEPT:
		judge_kept(facts, live->record.old_version, &slot, &verdict);
		add_verdict(live, facts, &verdict, prepare_kept);
		break;
	case ACT_READ_NEW:
	case ACT_READ_AGAIN:
		judge_running(live, facts, live->record.new_version);
		break;
	case ACT_READ_OLD:
		judge_running(live, facts, live->record.old_version);
		break;
	case ACT_READ_SERVICE:
		judge_now(live, facts);
		break;
	case ACT_LOOK_AFTER:
		judge_after(live, facts);
		break;
	default: /* a late answer to a reading of an act that has ended: channel_stop() cancels
		    those */
		break;
	}
}
