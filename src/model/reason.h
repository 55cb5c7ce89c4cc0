/* reason.h - why something failed: one code, one sentence and one next step for each. */
#pragma once
#include "base/types.h"

enum reason {
	REASON_NONE,
	/* preflight: the device is held back */
	REASON_UNREACHABLE,      /* no answer */
	REASON_WRONG_FAMILY,     /* not what its profile says */
	REASON_WRONG_DEVICE,     /* another serial number answers at this address */
	REASON_WRONG_MODEL,      /* the image is not for this model */
	REASON_WRONG_REVISION,   /* not for this hardware revision */
	REASON_UNKNOWN_REVISION, /* the image names revisions, and the device's can't be read */
	REASON_FROM_VERSION,     /* the image does not allow this step */
	REASON_ALREADY_THERE,    /* it runs this version already */
	REASON_NO_ROOM,          /* not enough room for the image */
	REASON_NO_WAY_BACK,      /* neither a slot for the old software nor its image here */
	REASON_NO_MANAGEMENT, /* management access would be lost, and the profile knows no way back
			       */
	REASON_NO_MIGRATION,  /* no rules from this configuration format to the new one */
	REASON_NO_OPERATION,  /* the profile lacks an operation that is needed */
	REASON_NO_CONTENT,    /* the image's files are not in the store any more */
	/* commands */
	REASON_REFUSED,         /* the device refused the command */
	REASON_DEVICE_FAILED,   /* the device says that it failed */
	REASON_TRANSFER_BROKEN, /* the file service saw the transfer end early */
	REASON_LATE,            /* the scheduled time passed */
	REASON_STALLED,         /* no progress within the stall limit */
	REASON_UNCLEAR,         /* it can't be found out whether the command was carried out */
	REASON_FILE_SERVICE,    /* the file service is not there */
	/* what was found afterwards */
	REASON_BAD_SNAPSHOT,  /* the configuration that arrived can't be parsed */
	REASON_NOT_KEPT,      /* the other slot does not hold the old software */
	REASON_WRONG_VERSION, /* the device runs another version than it should */
	REASON_FELL_BACK,     /* the device came back with its old software */
	REASON_NOT_BACK,      /* the device did not come back after the reload */
	REASON_CONVERSION,    /* the conversion would lose values */
	REASON_DIFFERS,       /* the configuration on the device is not what was wanted */
	REASON_SERVICE_WORSE, /* fewer ports up or registrations than before */
	/* ends */
	REASON_OPERATOR,        /* the operator said so */
	REASON_ROLLBACK_FAILED, /* the old software could not be put back */
	REASON_INTERNAL,        /* a fault of Drydock's own */
	REASON_COUNT,
};

const char *reason_name(enum reason reason); /* "wrong-version" */
const char *
reason_sentence(enum reason reason); /* "the device runs another version than it should" */
const char *reason_advice(enum reason reason); /* what to do next, one sentence */
bool reason_parse(const char *name, enum reason *ret_reason);
