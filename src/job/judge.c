/* Verdicts on facts: the rules that hold a device back, and what a reading afterwards proves. */
#include "job/judge.h"

#include "base/text.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

static void say(struct verdict *ret, enum reason reason, const char *format, ...) PRINTF_LIKE(3, 4);

static void
say(struct verdict *ret, enum reason reason, const char *format, ...)
{
	va_list arguments;

	ret->reason = reason;
	va_start(arguments, format);
	(void)vsnprintf(ret->text, sizeof(ret->text), format,
			arguments); /* a cut sentence is still evidence */
	va_end(arguments);
}

static bool
lists(const char list[][FACT_TEXT_MAX], unsigned count, const char *text)
{
	for (unsigned i = 0; i < count; i++)
		if (text_equal(list[i], text))
			return true;
	return false;
}

/* Is this image for this device? */
static void
judge_fit(const struct preflight_ask *ask, const struct facts *facts, struct verdict *ret)
{
	const struct image *image = ask->image;

	if (image->models_count > 0 && !lists(image->models, image->models_count, facts->model))
		say(ret, REASON_WRONG_MODEL, "the device is a %s; the image is for %s",
		    facts->model, image->models[0]);
	else if (image->revisions_count > 0 && facts->revision[0] == '\0' &&
		 !ask->takes_unknown_revision)
		say(ret, REASON_UNKNOWN_REVISION,
		    "the image names hardware revisions, and the device does not tell its own");
	else if (image->revisions_count > 0 && facts->revision[0] != '\0' &&
		 !lists(image->revisions, image->revisions_count, facts->revision))
		say(ret, REASON_WRONG_REVISION,
		    "the device has hardware revision %s; the image names %s", facts->revision,
		    image->revisions[0]);
	else if (text_equal(facts->version, image->version))
		say(ret, REASON_ALREADY_THERE, "the device runs %s already", facts->version);
	else if (image->froms_count > 0 && !lists(image->froms, image->froms_count, facts->version))
		say(ret, REASON_FROM_VERSION, "the device runs %s; the image may replace %s",
		    facts->version, image->froms[0]);
	else if (facts->has_free_bytes && facts->free_bytes < image->size)
		say(ret, REASON_NO_ROOM,
		    "the image has %" PRIu64 " bytes; the device has room for %" PRIu64,
		    image->size, facts->free_bytes);
}

/* Is there a way back to what it is now, and a way to its configuration afterwards? */
static void
judge_way_back(const struct preflight_ask *ask, const struct facts *facts, struct verdict *ret)
{
	bool has_slot = ask->slots >= 2 && (facts->slots_count == 0 || facts->slots_count >= 2);

	if (!has_slot && !ask->has_old_image)
		say(ret, REASON_NO_WAY_BACK,
		    "the device has one slot, and no image of version %s is in the store",
		    facts->version);
	else if (!ask->management_survives && !ask->has_factory)
		say(ret, REASON_NO_MANAGEMENT,
		    "the device loses its management address, and its profile names no other");
	else if (!ask->management_survives && facts->serial[0] == '\0')
		say(ret, REASON_NO_MANAGEMENT,
		    "the device comes up at its factory address, and has no serial number to know "
		    "it by");
	else if (!ask->has_migration)
		say(ret, REASON_NO_MIGRATION,
		    "no migration from configuration format %" PRIu32 " to %" PRIu32,
		    facts->config_format, ask->image->config_format);
}

void
judge_preflight(const struct preflight_ask *ask, const struct facts *facts, struct verdict *ret)
{
	*ret = (struct verdict){ .software = SOFTWARE_OLD };
	if (ask->device->serial[0] != '\0' && !text_equal(ask->device->serial, facts->serial))
		say(ret, REASON_WRONG_DEVICE, "serial number %s answers; %s is known here",
		    facts->serial, ask->device->serial);
	else if (facts->version[0] == '\0')
		say(ret, REASON_WRONG_FAMILY, "the device does not tell its software version");
	if (ret->reason != REASON_NONE)
		return;
	if (ask->image != NULL) {
		judge_fit(ask, facts, ret);
		if (ret->reason == REASON_NONE)
			judge_way_back(ask, facts, ret);
	}
	if (ret->reason == REASON_NONE)
		say(ret, REASON_NONE, "%s, revision %s, serial number %s, runs %s", facts->model,
		    facts->revision[0] != '\0' ? facts->revision : "unknown", facts->serial,
		    facts->version);
}

void
judge_kept(const struct facts *facts, const char *old_version, unsigned *ret_slot,
	   struct verdict *ret)
{
	*ret = (struct verdict){ .software = SOFTWARE_OLD };
	if (facts->slots_count < 2 || facts->running_slot < 1 ||
	    facts->running_slot > facts->slots_count) {
		say(ret, REASON_NOT_KEPT, "the device shows %u slots and runs from slot %" PRIu32,
		    facts->slots_count, facts->running_slot);
		return;
	}
	const struct slot_facts *running = &facts->slots[facts->running_slot - 1];
	const struct slot_facts *other = &facts->slots[2 - facts->running_slot];
	bool is_same = other->is_valid && text_equal(other->version, old_version) &&
		       text_equal(facts->version, old_version) &&
		       sha256_equal(&other->content, &running->content) &&
		       !sha256_is_zero(&other->content);
	char hash[SHA256_TEXT_SIZE];

	if (!is_same) {
		say(ret, REASON_NOT_KEPT,
		    "slot %u holds %s, slot %" PRIu32 " runs %s; both should hold %s with one hash",
		    (unsigned)(3 - facts->running_slot),
		    other->is_valid ? other->version : "nothing", facts->running_slot,
		    facts->version, old_version);
		return;
	}
	*ret_slot = facts->running_slot;
	say(ret, REASON_NONE, "both slots hold %s, SHA-256 %.16s", old_version,
	    sha256_text(&other->content, hash));
}

void
judge_version(const struct facts *facts, const char *wanted, const char *old_version,
	      const char *new_version, const char *serial, struct verdict *ret)
{
	*ret = (struct verdict){ .software = SOFTWARE_UNKNOWN };
	if (text_equal(facts->version, old_version))
		ret->software = SOFTWARE_OLD;
	else if (text_equal(facts->version, new_version))
		ret->software = SOFTWARE_NEW;

	if (serial[0] != '\0' && !text_equal(facts->serial, serial))
		say(ret, REASON_WRONG_DEVICE, "serial number %s answers instead of %s",
		    facts->serial, serial);
	else if (!text_equal(facts->version, wanted))
		say(ret, ret->software == SOFTWARE_OLD ? REASON_FELL_BACK : REASON_WRONG_VERSION,
		    "the device runs %s instead of %s", facts->version, wanted);
	else
		say(ret, REASON_NONE, "the device runs %s", facts->version);
}

void
judge_service(const struct facts *before, const struct facts *now, struct verdict *ret)
{
	bool is_worse =
		before->has_service && (!now->has_service || now->ports_up < before->ports_up ||
					now->registrations < before->registrations);

	*ret = (struct verdict){ .software = SOFTWARE_NEW };
	say(ret, is_worse ? REASON_SERVICE_WORSE : REASON_NONE,
	    "ports up %" PRIu32 ", before %" PRIu32 "; registrations %" PRIu32 ", before %" PRIu32,
	    now->ports_up, before->ports_up, now->registrations, before->registrations);
}
