/* judge.h - what facts read from a device mean for its job: pure verdicts with a sentence of
 * evidence. */
#pragma once
#include "job/job.h"
#include "model/device.h"

enum { VERDICT_TEXT_MAX = 256 };

struct verdict {
	enum reason reason;          /* REASON_NONE = all is well */
	enum software software;      /* what the version read says */
	char text[VERDICT_TEXT_MAX]; /* the evidence: what was read, what was wanted */
};

/* What preflight has to know beside the facts. */
struct preflight_ask {
	const struct device *device; /* serial: "" = not yet known */
	const struct image *image;   /* NULL for a backup or restore */
	bool takes_unknown_revision; /* the operator said --unproven */
	bool has_old_image;          /* the manager holds an image of the version that runs */
	bool has_migration; /* from facts->config_format to image->config_format, or none is needed
			     */
	unsigned slots;     /* of the profile: 2, or 1 where the manager's image is the way back */
	bool management_survives, has_factory; /* of the profile */
};
void judge_preflight(const struct preflight_ask *ask, const struct facts *facts,
		     struct verdict *ret);

/* Does the other slot hold the old software, by version and hash? *ret_slot gets the slot to go
 * back to. */
void judge_kept(const struct facts *facts, const char *old_version, unsigned *ret_slot,
		struct verdict *ret);
/* Does the device run `wanted`? Names the old version by REASON_FELL_BACK. serial "" = not
 * compared. */
void judge_version(const struct facts *facts, const char *wanted, const char *old_version,
		   const char *new_version, const char *serial, struct verdict *ret);
/* Is the service no worse than `before`? */
void judge_service(const struct facts *before, const struct facts *now, struct verdict *ret);
