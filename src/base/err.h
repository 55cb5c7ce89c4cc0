/* err.h - errors that speak to a person: what happened, where, what to do. */
#pragma once
#include "base/types.h"

/* Every failing function returns one of these, negative. err_name() prints them. */
enum dd_error {
	DD_OK = 0,
	DD_EINVAL = -1,        /* the caller's or operator's input is malformed */
	DD_ENOMEM = -2,        /* memory or a fixed maximum of it is used up */
	DD_EIO = -3,           /* the disk or a socket failed */
	DD_ENOSPC = -4,        /* the disk is full */
	DD_ENOTFOUND = -5,     /* no such thing */
	DD_EEXIST = -6,        /* it is there already */
	DD_EBUSY = -7,         /* somebody else holds it */
	DD_EFULL = -8,         /* a named maximum is reached */
	DD_EPARSE = -9,        /* a file or packet is malformed; the text names the place */
	DD_ERANGE = -10,       /* a number is outside its limits */
	DD_EACCESS = -11,      /* not allowed */
	DD_ETIMEOUT = -12,     /* the scheduled time passed */
	DD_ECLOSED = -13,      /* the other side has gone */
	DD_EUNSUPPORTED = -14, /* this build, profile or peer can't */
	DD_ECONFLICT = -15,    /* what is asked contradicts what stands */
	DD_EINTEGRITY = -16,   /* content does not have the hash or size it must have */
};

enum { ERR_TEXT_MAX = 512 };

/* One error, told to a person. `text` is whole sentences without a final full stop. */
struct err {
	int code;       /* enum dd_error */
	const char *at; /* "file:line" where it was first set; static */
	char text[ERR_TEXT_MAX];
};

#define DD_STR_(x) #x
#define DD_STR(x)  DD_STR_(x)
#define AT         __FILE__ ":" DD_STR(__LINE__)

/* All three clean the text (text_clean): what it quotes may come from a stranger. Secrets never
 * belong in it. An argument may be err->text itself. */

/* Set *err (may be NULL) and return `code`, so that `return err_set(...)` reads well. Cut at
 * ERR_TEXT_MAX. */
int err_set(struct err *err, const char *at, int code, const char *format, ...) PRINTF_LIKE(4, 5);

/* Put "<what>: " before the text of *err (may be NULL), keeping its code and place; returns its
 * code (DD_EINVAL where err is NULL or unset). */
int err_wrap(struct err *err, const char *at, const char *format, ...) PRINTF_LIKE(3, 4);

/* As err_set, adding the text of `errno_value` and mapping it (ENOSPC to DD_ENOSPC, EADDRINUSE to
 * DD_EBUSY, ...). */
int err_errno(struct err *err, const char *at, int errno_value, const char *format, ...)
	PRINTF_LIKE(4, 5);

/* "not found" and so on: static text for a code; "error" where it is unknown. */
const char *err_name(int code);
