/* The words for operations and protocols. */
#include "model/operation.h"

#include <string.h>

static const char *const operations[OPERATION_COUNT] = { "none",   "backup",   "keep",
							 "fetch",  "activate", "reload",
							 "commit", "restore",  "rollback" };
static const char *const protocols[PROTOCOL_COUNT] = { "none", "tftp", "ftp", "http" };

const char *
operation_name(enum operation operation)
{
	return (unsigned)operation < OPERATION_COUNT ? operations[operation] : "?";
}

bool
operation_parse(const char *name, enum operation *ret_operation)
{
	for (int i = OPERATION_BACKUP; i < OPERATION_COUNT; i++) {
		if (strcmp(operations[i], name) == 0) {
			*ret_operation = (enum operation)i;
			return true;
		}
	}
	return false;
}

const char *
protocol_name(enum protocol protocol)
{
	return (unsigned)protocol < PROTOCOL_COUNT ? protocols[protocol] : "?";
}

bool
protocol_parse(const char *name, enum protocol *ret_protocol)
{
	for (int i = PROTOCOL_TFTP; i < PROTOCOL_COUNT; i++) {
		if (strcmp(protocols[i], name) == 0) {
			*ret_protocol = (enum protocol)i;
			return true;
		}
	}
	return false;
}
