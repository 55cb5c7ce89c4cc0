/* fault.c - read the fault switches and count them down. */
#include "agent/fault.h"

#include "base/text.h"

#include <string.h>

enum arg { ARG_NONE, ARG_OPERATION, ARG_MS, ARG_OPERATION_MS, ARG_ADDRESS_COMMUNITY };

enum { FAULT_TEXT_MAX = 200, SNMP_PORT_DEFAULT = 161 };

static const struct row {
	const char *name;
	enum arg arg;
} rows[FAULT_KIND_COUNT] = {
	[FAULT_REFUSE] = { "refuse", ARG_OPERATION },
	[FAULT_FAIL] = { "fail", ARG_OPERATION },
	[FAULT_BREAK] = { "break", ARG_OPERATION },
	[FAULT_CORRUPT] = { "corrupt", ARG_NONE },
	[FAULT_HANG] = { "hang", ARG_OPERATION },
	[FAULT_MUTE] = { "mute", ARG_OPERATION },
	[FAULT_SLOW] = { "slow", ARG_MS },
	[FAULT_NOBOOT] = { "noboot", ARG_NONE },
	[FAULT_WRONG] = { "wrong", ARG_NONE },
	[FAULT_DROP_CONFIG] = { "drop-config", ARG_NONE },
	[FAULT_LIE] = { "lie", ARG_OPERATION },
	[FAULT_LATE] = { "late", ARG_OPERATION_MS },
	[FAULT_FACTORY] = { "factory", ARG_ADDRESS_COMMUNITY },
	[FAULT_SILENT] = { "silent", ARG_OPERATION },
	[FAULT_NO_PORTS] = { "no-ports", ARG_NONE },
	[FAULT_LOSSY_RESTORE] = { "lossy-restore", ARG_NONE },
};

static const char *const arg_texts[] = {
	[ARG_NONE] = "no argument",
	[ARG_OPERATION] = "an operation",
	[ARG_MS] = "milliseconds up to an hour",
	[ARG_OPERATION_MS] = "an operation and milliseconds, as in 'backup,5000'",
	[ARG_ADDRESS_COMMUNITY] = "an address and a community, as in '127.0.0.99:1161,public'",
};

static bool
ms_parse(const char *text, struct fault *fault)
{
	uint64_t ms;

	if (text == NULL || !text_number(text, FAULT_MS_MAX, &ms))
		return false;
	fault->ms = (uint32_t)ms;
	return true;
}

/* The part after the last comma, which is cut off; NULL where there is none. */
static char *
tail_cut(char *text)
{
	char *comma = strrchr(text, ',');

	if (comma == NULL)
		return NULL;
	*comma = '\0';
	return comma + 1;
}

static bool
arg_parse(enum arg arg, char *text, struct fault *fault)
{
	if (text == NULL)
		return arg == ARG_NONE;
	switch (arg) {
	case ARG_NONE:
		return false;
	case ARG_OPERATION:
		return operation_parse(text, &fault->operation);
	case ARG_MS:
		return ms_parse(text, fault);
	case ARG_OPERATION_MS:
		return ms_parse(tail_cut(text), fault) && operation_parse(text, &fault->operation);
	case ARG_ADDRESS_COMMUNITY: {
		const char *community = tail_cut(text);
		return community != NULL && community[0] != '\0' &&
		       text_copy(fault->community, sizeof(fault->community), community) &&
		       addr_parse(text, SNMP_PORT_DEFAULT, &fault->address, NULL) == 0;
	}
	}
	return false;
}

/* Cut ":COUNT" off; what follows the last colon may also be a part of an address, and then is no
 * number alone. */
static void
count_cut(char *text, struct fault *fault)
{
	char *colon = strrchr(text, ':');
	uint64_t count;

	fault->left = 1;
	if (colon == NULL || !text_number(colon + 1, UINT32_MAX, &count))
		return;
	*colon = '\0';
	fault->left = (uint32_t)count;
	fault->is_always = count == 0;
}

int
fault_add(struct faults *faults, const char *text, struct err *err)
{
	struct fault fault = { 0 };
	char copy[FAULT_TEXT_MAX];

	if (faults->count == FAULTS_MAX)
		return err_set(err, AT, DD_EFULL, "more than %d faults", FAULTS_MAX);
	if (!text_copy(copy, sizeof(copy), text))
		return err_set(err, AT, DD_EINVAL, "the fault '%.40s...' is too long", text);
	count_cut(copy, &fault);
	char *arg = strchr(copy, '=');
	if (arg != NULL)
		*arg++ = '\0';
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		if (!text_equal(copy, rows[i].name))
			continue;
		fault.kind = (enum fault_kind)i;
		if (!arg_parse(rows[i].arg, arg, &fault))
			return err_set(err, AT, DD_EINVAL, "the fault '%s' wants %s", text,
				       arg_texts[rows[i].arg]);
		faults->item[faults->count++] = fault;
		return 0;
	}
	return err_set(err, AT, DD_EINVAL,
		       "there is no fault '%s': it must be refuse, fail, break, corrupt, hang, "
		       "mute, slow, noboot, wrong, "
		       "drop-config, lie, late, factory, silent, no-ports or lossy-restore",
		       text);
}

static bool
fault_fits(const struct fault *fault, enum fault_kind kind, enum operation operation)
{
	return fault->kind == kind && (fault->is_always || fault->left > 0) &&
	       (fault->operation == OPERATION_NONE || fault->operation == operation);
}

const struct fault *
fault_find(const struct faults *faults, enum fault_kind kind, enum operation operation)
{
	for (unsigned i = 0; faults != NULL && i < faults->count; i++)
		if (fault_fits(&faults->item[i], kind, operation))
			return &faults->item[i];
	return NULL;
}

bool
fault_take(struct faults *faults, enum fault_kind kind, enum operation operation,
	   struct fault *ret_fault)
{
	for (unsigned i = 0; faults != NULL && i < faults->count; i++) {
		struct fault *fault = &faults->item[i];
		if (!fault_fits(fault, kind, operation))
			continue;
		if (!fault->is_always)
			fault->left--;
		if (ret_fault != NULL)
			*ret_fault = *fault;
		return true;
	}
	return false;
}
