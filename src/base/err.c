/* err.c - errors that speak to a person. */
#include "base/err.h"
#include "base/text.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char *const names[] = {
	[-DD_OK] = "done",
	[-DD_EINVAL] = "malformed input",
	[-DD_ENOMEM] = "out of memory",
	[-DD_EIO] = "input or output failed",
	[-DD_ENOSPC] = "disk full",
	[-DD_ENOTFOUND] = "not found",
	[-DD_EEXIST] = "exists already",
	[-DD_EBUSY] = "busy",
	[-DD_EFULL] = "limit reached",
	[-DD_EPARSE] = "malformed content",
	[-DD_ERANGE] = "out of range",
	[-DD_EACCESS] = "not allowed",
	[-DD_ETIMEOUT] = "timed out",
	[-DD_ECLOSED] = "closed by the other side",
	[-DD_EUNSUPPORTED] = "not supported",
	[-DD_ECONFLICT] = "conflict",
	[-DD_EINTEGRITY] = "wrong hash or size",
};

static const struct {
	int errno_value;
	int code;
} errno_codes[] = {
	{ EINVAL, DD_EINVAL },
	{ ENAMETOOLONG, DD_EINVAL },
	{ EDESTADDRREQ, DD_EINVAL },
	{ ENOMEM, DD_ENOMEM },
	{ ENOBUFS, DD_ENOMEM },
	{ ENOSPC, DD_ENOSPC },
	{ EDQUOT, DD_ENOSPC },
	{ ENOENT, DD_ENOTFOUND },
	{ ENOTDIR, DD_ENOTFOUND },
	{ EADDRNOTAVAIL, DD_ENOTFOUND },
	{ EEXIST, DD_EEXIST },
	{ ENOTEMPTY, DD_EEXIST },
	{ EBUSY, DD_EBUSY },
	{ EADDRINUSE, DD_EBUSY },
	{ EAGAIN, DD_EBUSY },
	{ ETXTBSY, DD_EBUSY },
	{ EMFILE, DD_EFULL },
	{ ENFILE, DD_EFULL },
	{ EFBIG, DD_EFULL },
	{ EMSGSIZE, DD_EFULL },
	{ ERANGE, DD_ERANGE },
	{ EOVERFLOW, DD_ERANGE },
	{ EACCES, DD_EACCESS },
	{ EPERM, DD_EACCESS },
	{ EROFS, DD_EACCESS },
	{ ELOOP, DD_EACCESS }, /* O_NOFOLLOW met a link */
	{ ETIMEDOUT, DD_ETIMEOUT },
	{ ECONNREFUSED, DD_ECLOSED },
	{ ECONNRESET, DD_ECLOSED },
	{ ECONNABORTED, DD_ECLOSED },
	{ ENOTCONN, DD_ECLOSED },
	{ EPIPE, DD_ECLOSED },
	{ EAFNOSUPPORT, DD_EUNSUPPORTED },
	{ EOPNOTSUPP, DD_EUNSUPPORTED },
	{ ENOSYS, DD_EUNSUPPORTED },
};

static int
code_of_errno(int errno_value)
{
	for (size_t i = 0; i < ARRAY_COUNT(errno_codes); i++)
		if (errno_codes[i].errno_value == errno_value)
			return errno_codes[i].code;
	return DD_EIO;
}

/* An argument may lie in err->text itself, so the text is made beside it and copied. */
static void
err_fill(struct err *err, const char *at, int code, const char text[static ERR_TEXT_MAX])
{
	err->code = code;
	err->at = at;
	memcpy(err->text, text, ERR_TEXT_MAX);
	text_clean(err->text);
}

int
err_set(struct err *err, const char *at, int code, const char *format, ...)
{
	char text[ERR_TEXT_MAX] = "";
	va_list args;

	if (!err)
		return code;

	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args); /* cut is what the header says */
	va_end(args);
	err_fill(err, at, code, text);
	return code;
}

int
err_wrap(struct err *err, const char *at, const char *format, ...)
{
	char what[ERR_TEXT_MAX] = "", text[ERR_TEXT_MAX] = "";
	va_list args;

	if (!err)
		return DD_EINVAL;

	va_start(args, format);
	(void)vsnprintf(what, sizeof(what), format, args);
	va_end(args);

	const bool is_set = err->code != DD_OK;
	(void)text_print(text, sizeof(text), is_set ? "%s: %s" : "%s%s", what,
			 is_set ? err->text : "");
	err_fill(err, is_set ? err->at : at, is_set ? err->code : DD_EINVAL, text);
	return err->code;
}

int
err_errno(struct err *err, const char *at, int errno_value, const char *format, ...)
{
	const int code = code_of_errno(errno_value);
	char what[ERR_TEXT_MAX] = "", text[ERR_TEXT_MAX] = "";
	va_list args;

	if (!err)
		return code;

	va_start(args, format);
	(void)vsnprintf(what, sizeof(what), format, args);
	va_end(args);

	/* Not strerror(): that one is neither safe between threads nor the same in every locale. */
	const char *reason = strerrordesc_np(errno_value);
	if (reason)
		(void)text_print(text, sizeof(text), "%s: %s", what, reason);
	else
		(void)text_print(text, sizeof(text), "%s: system error %d", what, errno_value);
	err_fill(err, at, code, text);
	return code;
}

const char *
err_name(int code)
{
	if (code > 0 || code < -(int)(ARRAY_COUNT(names) - 1))
		return "error";
	return names[-code];
}
