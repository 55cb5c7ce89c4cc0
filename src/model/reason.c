/* Why something failed: the one table of codes, sentences and next steps. */
#include "model/reason.h"

#include <string.h>

static const struct row {
	const char *name, *sentence, *advice;
} rows[REASON_COUNT] = {
	[REASON_NONE] = { "none", "nothing failed", "" },
	[REASON_UNREACHABLE] = { "unreachable", "the device does not answer",
				 "Check its address, community and the way to it, then retry." },
	[REASON_WRONG_FAMILY] = { "wrong-family", "the device is not what its profile says",
				  "Give the device the profile that fits it." },
	[REASON_WRONG_DEVICE] = { "wrong-device", "another device answers at this address",
				  "Correct the address, or remove the device and add it anew." },
	[REASON_WRONG_MODEL] = { "wrong-model", "the image is not for this model",
				 "Choose an image for this model." },
	[REASON_WRONG_REVISION] = { "wrong-revision", "the image is not for this hardware revision",
				    "Choose an image for this hardware revision." },
	[REASON_UNKNOWN_REVISION] = { "unknown-revision",
				      "the image names hardware revisions, and the device's is not "
				      "known",
				      "Find the revision out; --unproven goes on without it." },
	[REASON_FROM_VERSION] = { "from-version", "the image may not replace this version",
				  "Upgrade to a version between the two first." },
	[REASON_ALREADY_THERE] = { "already-there", "the device runs this version already",
				   "Nothing needs to be done." },
	[REASON_NO_ROOM] = { "no-room", "the device has no room for the image",
			     "Free room on the device, then try again." },
	[REASON_NO_WAY_BACK] = { "no-way-back", "the old software could not be put back",
				 "Add the image of the running version with drydock image add." },
	[REASON_NO_MANAGEMENT] = { "no-management",
				   "the device would be lost to management after the update",
				   "Name its factory address in the profile, or upgrade it on "
				   "site." },
	[REASON_NO_MIGRATION] = { "no-migration",
				  "no rules convert the configuration to the new format",
				  "Add a migration between the two formats." },
	[REASON_NO_OPERATION] = { "no-operation", "the command can't be made from the profile",
				  "Correct the profile." },
	[REASON_NO_CONTENT] = { "no-content", "the image's files are not in the store",
				"Add the image again." },
	[REASON_REFUSED] = { "refused", "the device refused the command",
			     "See what the device answered; it may be busy: retry later." },
	[REASON_DEVICE_FAILED] = { "device-failed", "the device says that it failed",
				   "See the device's own words, mend the cause, then retry." },
	[REASON_TRANSFER_BROKEN] = { "transfer-broken", "the transfer ended early",
				     "Check the line and the device, then retry." },
	[REASON_LATE] = { "late", "the scheduled time passed",
			  "Check the device; retry with a longer --limit where it is only slow." },
	[REASON_STALLED] = { "stalled", "nothing moved within the stall limit",
			     "Check that the device reaches the file service, then retry." },
	[REASON_UNCLEAR] = { "unclear", "it can't be known whether the command was carried out",
			     "Look at the device before you retry." },
	[REASON_FILE_SERVICE] = { "file-service", "the file service is not there",
				  "Start it or look into its log, then retry." },
	[REASON_BAD_SNAPSHOT] = { "bad-snapshot", "the configuration that arrived can't be read",
				  "Retry; if it stays so, the profile does not fit." },
	[REASON_NOT_KEPT] = { "not-kept", "the other slot does not hold the old software",
			      "Retry; without it nothing is updated." },
	[REASON_WRONG_VERSION] = { "wrong-version",
				   "the device runs another version than it should",
				   "Retry goes back to the old software first." },
	[REASON_FELL_BACK] = { "fell-back", "the device came back with its old software",
			       "The image did not start: check it before you retry." },
	[REASON_NOT_BACK] = { "not-back", "the device did not come back",
			      "Check power and line on site; retry when it answers." },
	[REASON_CONVERSION] = { "conversion", "the conversion would lose values",
				"Correct the migration, then retry." },
	[REASON_DIFFERS] = { "differs", "the configuration on the device is not what was wanted",
			     "Retry restores it again." },
	[REASON_SERVICE_WORSE] = { "service-worse",
				   "fewer ports or registrations are up than before",
				   "Check the lines; retry looks again." },
	[REASON_OPERATOR] = { "operator", "the operator said so", "" },
	[REASON_ROLLBACK_FAILED] = { "rollback-failed", "the old software could not be put back",
				     "Somebody must go there: load the old image on site, then "
				     "restore the kept snapshot." },
	[REASON_INTERNAL] = { "internal", "a fault in Drydock itself",
			      "Please report it with the job's journal." },
};

const char *
reason_name(enum reason reason)
{
	return (unsigned)reason < REASON_COUNT ? rows[reason].name : "?";
}

const char *
reason_sentence(enum reason reason)
{
	return (unsigned)reason < REASON_COUNT ? rows[reason].sentence : "?";
}

const char *
reason_advice(enum reason reason)
{
	return (unsigned)reason < REASON_COUNT ? rows[reason].advice : "";
}

bool
reason_parse(const char *name, enum reason *ret_reason)
{
	for (int i = 0; i < REASON_COUNT; i++) {
		if (strcmp(rows[i].name, name) == 0) {
			*ret_reason = (enum reason)i;
			return true;
		}
	}
	return false;
}
