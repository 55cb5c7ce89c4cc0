/* Errors that speak to a person. */
#include "base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char *const names[] = {
	"ok",        "invalid",   "out of memory",  "input/output error",
	"disk full", "not found", "exists already", "busy",
	"full",      "malformed", "out of range",   "not allowed",
	"too late",  "closed",    "not supported",  "conflict",
	"damaged",
};

const char *
err_name(int code)
{
	return code <= 0 && (size_t)-code < ARRAY_COUNT(names) ? names[-code] : "error";
}

static void
set_text(struct err *err, const char *at, int code, const char *format, va_list arguments)
{
	err->code = code;
	err->at = at;
	(void)vsnprintf(err->text, sizeof(err->text), format,
			arguments); /* cut at ERR_TEXT_MAX, as the header says */
}

int
err_set(struct err *err, const char *at, int code, const char *format, ...)
{
	va_list arguments;

	if (err == NULL)
		return code;
	va_start(arguments, format);
	set_text(err, at, code, format, arguments);
	va_end(arguments);
	return code;
}

int
err_wrap(struct err *err, const char *at, const char *format, ...)
{
	char inner[ERR_TEXT_MAX];
	va_list arguments;

	if (err == NULL || err->code == 0)
		return DD_EINVAL;
	memcpy(inner, err->text, sizeof(inner));
	va_start(arguments, format);
	(void)vsnprintf(err->text, sizeof(err->text), format, arguments);
	va_end(arguments);
	size_t used = strlen(err->text);
	(void)snprintf(err->text + used, sizeof(err->text) - used, ": %s", inner);
	err->at = err->at != NULL ? err->at : at;
	return err->code;
}

static int
code_of(int errno_value)
{
	switch (errno_value) {
	case ENOSPC:
	case EDQUOT:
		return DD_ENOSPC;
	case EADDRINUSE:
	case EBUSY:
	case EWOULDBLOCK:
	case ETXTBSY:
		return DD_EBUSY;
	case ENOENT:
	case ENOTDIR:
		return DD_ENOTFOUND;
	case EEXIST:
		return DD_EEXIST;
	case EACCES:
	case EPERM:
	case EROFS:
		return DD_EACCESS;
	case ENOMEM:
		return DD_ENOMEM;
	case EMFILE:
	case ENFILE:
		return DD_EFULL;
	case ECONNREFUSED:
	case ECONNRESET:
	case EPIPE:
		return DD_ECLOSED;
	case ETIMEDOUT:
		return DD_ETIMEOUT;
	default:
		return DD_EIO;
	}
}

int
err_errno(struct err *err, const char *at, int errno_value, const char *format, ...)
{
	int code = code_of(errno_value);
	va_list arguments;

	if (err == NULL)
		return code;
	va_start(arguments, format);
	set_text(err, at, code, format, arguments);
	va_end(arguments);
	size_t used = strlen(err->text);
	(void)snprintf(err->text + used, sizeof(err->text) - used, ": %s",
		       strerrordesc_np(errno_value));
	return code;
}
