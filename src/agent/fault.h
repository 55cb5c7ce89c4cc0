/* fault.h - what a test tells a device to do wrong, and how often. Pure.
 *
 * NAME[=ARG][:COUNT]; COUNT is how many times (default 1), 0 = always. The names are in fault.c's
 * table and in README.md. */
#pragma once
#include "base/addr.h"
#include "model/operation.h"

enum fault_kind {
	FAULT_REFUSE,  /* =OP: the SET is answered genErr, nothing else happens */
	FAULT_FAIL,    /* =OP: accepted, then failed(unknown) */
	FAULT_BREAK,   /* =OP: the transfer dies midway */
	FAULT_CORRUPT, /* a byte of the image arrives wrong */
	FAULT_HANG,    /* =OP: accepted, stays running for ever; the next command takes its place */
	FAULT_MUTE,   /* =OP: accepted, then no answer to anything until the program is restarted */
	FAULT_SLOW,   /* =MS: a restart takes so long */
	FAULT_NOBOOT, /* new software does not come up: the device falls back */
	FAULT_WRONG,  /* new software reports another version */
	FAULT_DROP_CONFIG,   /* the configuration is lost at a reload, even without an update */
	FAULT_LIE,           /* =OP: succeeded, without doing it */
	FAULT_LATE,          /* =OP,MS: the outcome comes MS after the work */
	FAULT_FACTORY,       /* =ADDRESS,COMMUNITY: new software comes up there, until a restore */
	FAULT_SILENT,        /* =OP: no notification of the outcome */
	FAULT_NO_PORTS,      /* with new software all ports stay down */
	FAULT_LOSSY_RESTORE, /* a restored value is changed */
	FAULT_KIND_COUNT,
};

enum { FAULTS_MAX = 16, FAULT_COMMUNITY_MAX = 64, FAULT_MS_MAX = 3600 * 1000 };

struct fault {
	enum fault_kind kind;
	enum operation operation; /* where its ARG names one */
	uint32_t left;            /* times to come, where not is_always */
	bool is_always;
	uint32_t ms;
	struct addr address;
	char community[FAULT_COMMUNITY_MAX];
};

struct faults {
	unsigned count;
	struct fault item[FAULTS_MAX];
};

/* Add one written as above. DD_EINVAL quoting it and listing what may stand there; DD_EFULL. */
int fault_add(struct faults *faults, const char *text, struct err *err);
/* The first armed fault of this kind (and operation, where the kind has one), or NULL. */
const struct fault *fault_find(const struct faults *faults, enum fault_kind kind,
			       enum operation operation);
/* The same, and counts it down; *ret_fault (may be NULL) is a copy. `faults` may be NULL: none. */
bool fault_take(struct faults *faults, enum fault_kind kind, enum operation operation,
		struct fault *ret_fault);
