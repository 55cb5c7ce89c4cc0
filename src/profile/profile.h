/* profile.h - how one family of equipment does each operation: a YAML data file, loaded, checked
 * and interpreted. Pure.
 *
 * The file (see profiles/drydock-agent.yaml) says how to recognise the family, where its facts are,
 * and for each operation the variables of the one SET that commands it, the status that tells what
 * became of it, and whether it may be repeated. No expressions beyond ${name}; unknown keys are
 * errors with file, line and column. */
#pragma once
#include "model/device.h"
#include "model/facts.h"
#include "model/operation.h"
#include "model/reason.h"
#include "model/schema.h"
#include "wire/snmp.h"

struct profile;

/* Load and check. DD_EPARSE "FILE:LINE:COLUMN: ..." with what to write instead; a profile that
 * loads can make no malformed command (INV-PROFILE-1). The text is not kept; the caller owns
 * *ret_profile. */
int profile_load(const char *file, const char *text, size_t size, struct profile **ret_profile,
		 struct err *err);
void profile_free(struct profile *profile); /* accepts NULL */

/* What the file says. Texts live as long as the profile. */
const char *profile_name(const struct profile *profile);
const char *profile_description(const struct profile *profile);
bool profile_has(const struct profile *profile, enum operation operation);
enum repeat profile_repeat(const struct profile *profile, enum operation operation);
const struct schema *profile_schema(const struct profile *profile);
bool profile_allows(const struct profile *profile, enum protocol protocol);
unsigned profile_files_max(const struct profile *profile); /* files of one image */
unsigned profile_slots(const struct profile *profile); /* 2: the device keeps its old software; 1:
							  the manager's image is the fallback */

/* Does management access survive an update whose configuration is lost? If not, *ret_address and
 * community (empty where the profile names none: then there is no way back) are where the device
 * comes up. */
bool profile_management_survives(const struct profile *profile);
bool profile_factory(const struct profile *profile, struct addr *ret_address,
		     const char **ret_community);

/* What may be said about an image from its own first bytes (`header` of the profile's image
 * section). Fields that the profile or file does not give stay empty. DD_EPARSE where the profile
 * demands a header and the file has none. */
int profile_image_read(const struct profile *profile, const void *data, size_t size,
		       struct image *image, struct err *err);

/* ---- reading facts ---- */

/* The GET that reads every fact of the family. Fits one PDU. */
void profile_probe_ask(const struct profile *profile, struct snmp_pdu *ret_get);
/* DD_ENOTFOUND with a sentence where the answer is not of this family. */
int profile_probe_read(const struct profile *profile, const struct snmp_pdu *answer,
		       struct facts *ret_facts, struct err *err);
/* Is a device with these system values of this family? (sysObjectID and sysDescr; no device is
 * guessed) */
bool profile_matches(const struct profile *profile, const char *object_id, const char *description);

/* ---- operations ---- */

struct operation_args {
	uint32_t ticket;
	struct addr server; /* file service: address that the device must use, with port */
	enum protocol protocol;
	const char *files; /* names in order, separated by ',' */
	const char *user, *password;
	struct sha256 content; /* of all files in order */
	uint64_t size;
	unsigned slot; /* activate, rollback */
};

/* The one SET that commands it. DD_EUNSUPPORTED where the profile has no such operation, DD_EINVAL
 * where an argument does not fit; *ret_set is then empty. Nothing of `args` is needed afterwards:
 * octets in *ret_set are the profile's, until its next profile_command(). */
int profile_command(const struct profile *profile, enum operation operation,
		    const struct operation_args *args, struct snmp_pdu *ret_set, struct err *err);

enum status_kind {
	STATUS_RUNNING,
	STATUS_DONE,
	STATUS_FAILED,
	STATUS_ABSENT, /* the status is of another command: ours was not received, or a later one
			  replaced it */
};

struct operation_status {
	enum status_kind kind;
	uint32_t ticket;    /* that the status is of */
	enum reason reason; /* FAILED */
	char text[160];     /* FAILED: the device's own words, cleaned */
	uint64_t bytes;     /* progress, 0 = not told */
};

/* The GET that asks what became of the last command. */
void profile_status_ask(const struct profile *profile, enum operation operation,
			struct snmp_pdu *ret_get);
/* What the answer says of the command with this ticket: the status is of it only where it names the
 * ticket (INV-PROFILE-2), else STATUS_ABSENT. DD_ENOTFOUND where the answer has no status in it,
 * DD_EUNSUPPORTED for a state that the profile does not know. */
int profile_status_read(const struct profile *profile, enum operation operation, uint32_t ticket,
			const struct snmp_pdu *answer, struct operation_status *ret_status,
			struct err *err);

/* A notification of this family: which command it speaks of. False where it is none of ours. */
struct operation_notice {
	uint32_t ticket; /* 0 = not told */
	bool has_failed; /* a failure message */
	char text[160];
};
bool profile_notice_read(const struct profile *profile, const struct oid *name,
			 const struct snmp_pdu *pdu, struct operation_notice *ret_notice);
