/* reason.c - each reason's name, sentence and next step, in one table. */
#include "model/reason.h"

#include "base/text.h"

#include <assert.h>

static const struct {
	const char *name, *sentence, *advice;
} rows[] = {
	[REASON_NONE] = { "none", "nothing is wrong", "nothing needs to be done" },
	[REASON_UNREACHABLE] = { "unreachable", "the device does not answer",
				 "check its address, its credential and the way to it, then start "
				 "again" },
	[REASON_WRONG_FAMILY] = { "wrong-family", "the device is not what its profile says",
				  "probe it with 'drydock device probe' and give it the right "
				  "profile" },
	[REASON_WRONG_DEVICE] = { "wrong-device", "another serial number answers at this address",
				  "check the address; if the device was replaced, remove it here "
				  "and add it again" },
	[REASON_WRONG_MODEL] = { "wrong-model", "the image is not for this model",
				 "choose an image for this model" },
	[REASON_WRONG_REVISION] = { "wrong-revision", "the image is not for this hardware revision",
				    "choose an image for this hardware revision" },
	[REASON_UNKNOWN_REVISION] = { "unknown-revision",
				      "the image names hardware revisions, and the device's can't "
				      "be read",
				      "find out the revision; if it fits, order the upgrade with "
				      "--unproven" },
	[REASON_FROM_VERSION] = { "from-version", "the image does not allow this step",
				  "upgrade to a version between the two first" },
	[REASON_ALREADY_THERE] = { "already-there", "the device runs this version already",
				   "nothing needs to be done" },
	[REASON_NO_ROOM] = { "no-room", "the device has not enough room for the image",
			     "free room on the device, or choose a smaller image" },
	[REASON_NO_WAY_BACK] = { "no-way-back",
				 "the old software could not be put back: neither a slot nor its "
				 "image is there",
				 "add the image of the version that runs now with 'drydock image "
				 "add', then start again" },
	[REASON_NO_MANAGEMENT] = { "no-management",
				   "the update would lose management access, and the profile knows "
				   "no way back",
				   "name the factory address and community in the profile, or "
				   "update "
				   "this device on site" },
	[REASON_NO_MIGRATION] = { "no-migration",
				  "no rules from this configuration format to the new one",
				  "add a migration between the two formats, or choose another "
				  "image" },
	[REASON_NO_OPERATION] = { "no-operation", "the profile lacks an operation that is needed",
				  "choose another profile, or describe the operation in this one" },
	[REASON_NO_CONTENT] = { "no-content", "the image's files are not in the store any more",
				"add the image again with 'drydock image add'" },
	[REASON_REFUSED] = { "refused", "the device refused the command",
			     "look at the device's own log; if the refusal is over, answer retry" },
	[REASON_DEVICE_FAILED] = { "device-failed", "the device says that it failed",
				   "read its words in the evidence, mend the cause and answer "
				   "retry" },
	[REASON_TRANSFER_BROKEN] = { "transfer-broken", "the transfer ended early",
				     "check the way between device and file service, then answer "
				     "retry" },
	[REASON_LATE] = { "late", "the scheduled time passed",
			  "see in the evidence how far it came; answer retry, or give the step "
			  "more time" },
	[REASON_STALLED] = { "stalled", "nothing moved within the stall limit",
			     "check the device and the way to it, then answer retry" },
	[REASON_UNCLEAR] = { "unclear", "it can't be found out whether the command was carried out",
			     "look at the device, then answer retry or stop" },
	[REASON_FILE_SERVICE] = { "file-service", "the file service is not there",
				  "start drydock-filed or see why it ended, then answer retry" },
	[REASON_BAD_SNAPSHOT] = { "bad-snapshot", "the configuration that arrived can't be parsed",
				  "answer retry; if it stays so, the profile does not fit the "
				  "device's configuration" },
	[REASON_NOT_KEPT] = { "not-kept", "the other slot does not hold the old software",
			      "answer retry; if it stays so, the device's flash may be worn out" },
	[REASON_WRONG_VERSION] = { "wrong-version",
				   "the device runs another version than it should",
				   "answer rollback to have the old software back, or retry" },
	[REASON_FELL_BACK] = { "fell-back", "the device came back with its old software",
			       "check whether the image is good for this device, then answer retry "
			       "or stop" },
	[REASON_NOT_BACK] = { "not-back", "the device did not come back after the restart",
			      "wait and answer retry; if it stays silent, somebody must look at "
			      "it" },
	[REASON_CONVERSION] = { "conversion", "the conversion would lose values",
				"complete the migration's rules for the values in the evidence, "
				"then answer retry" },
	[REASON_DIFFERS] = { "differs", "the configuration on the device is not what was wanted",
			     "see the differences in the evidence, then answer retry or rollback" },
	[REASON_SERVICE_WORSE] = { "service-worse",
				   "fewer ports are up or fewer users registered than before",
				   "check lines and servers, then answer retry or rollback" },
	[REASON_OPERATOR] = { "operator", "the operator said so", "nothing needs to be done" },
	[REASON_ROLLBACK_FAILED] = { "rollback-failed", "the old software could not be put back",
				     "somebody must go there and load the old software and its "
				     "snapshot by hand" },
	[REASON_INTERNAL] = { "internal", "a fault of Drydock's own",
			      "report it with the log and the job's evidence" },
};
static_assert(ARRAY_COUNT(rows) == REASON_COUNT, "every reason has its row");

static bool
is_known(enum reason reason)
{
	return (unsigned)reason < REASON_COUNT;
}

const char *
reason_name(enum reason reason)
{
	return is_known(reason) ? rows[reason].name : "unknown";
}

const char *
reason_sentence(enum reason reason)
{
	return is_known(reason) ? rows[reason].sentence : "an unknown reason";
}

const char *
reason_advice(enum reason reason)
{
	return is_known(reason) ? rows[reason].advice : rows[REASON_INTERNAL].advice;
}

bool
reason_parse(const char *name, enum reason *ret_reason)
{
	for (unsigned i = 0; i < REASON_COUNT; i++) {
		if (text_equal(rows[i].name, name)) {
			*ret_reason = (enum reason)i;
			return true;
		}
	}
	return false;
}
