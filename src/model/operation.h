/* operation.h - the words for what a device can be told to do, and over which protocol files
 * travel. */
#pragma once
#include "base/types.h"

enum operation { /* what a profile describes (DESIGN.md) */
		 OPERATION_NONE,
		 OPERATION_BACKUP,   /* the device sends its configuration to the file service */
		 OPERATION_KEEP,     /* the device stores its running software in its other slot */
		 OPERATION_FETCH,    /* the device fetches, checks and stores new software */
		 OPERATION_ACTIVATE, /* the next boot image is chosen */
		 OPERATION_RELOAD,   /* the device restarts */
		 OPERATION_COMMIT,   /* the new software is kept for good */
		 OPERATION_RESTORE,  /* the device fetches a configuration and loads it */
		 OPERATION_ROLLBACK, /* the device goes back to the kept software */
		 OPERATION_COUNT,
};

enum protocol { PROTOCOL_NONE, PROTOCOL_TFTP, PROTOCOL_FTP, PROTOCOL_HTTP, PROTOCOL_COUNT };

enum direction { DIRECTION_READ, DIRECTION_WRITE }; /* as the device sees it: read = it downloads */

/* Whether a command that may have been carried out can be sent again. */
enum repeat {
	REPEAT_TICKET, /* the device recognises the ticket: a repeat is harmless */
	REPEAT_SAFE,   /* doing it twice is the same as once */
	REPEAT_NEVER,  /* look first; where that settles nothing, ask */
};

const char *operation_name(enum operation operation); /* "backup" */
bool operation_parse(const char *name, enum operation *ret_operation);
const char *protocol_name(enum protocol protocol); /* "tftp" */
bool protocol_parse(const char *name, enum protocol *ret_protocol);
