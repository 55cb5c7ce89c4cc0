/* log.h - one line a fact, to whoever holds the log. No global: the log is passed like any other
 * dependency. */
#pragma once
#include "base/types.h"

enum { LOG_LINE_MAX = 1001 }; /* bytes with the final NUL */

enum log_level {
	LOG_ERROR = 3,
	LOG_WARNING = 4,
	LOG_NOTICE = 5,
	LOG_INFO = 6,
	LOG_DEBUG = 7
}; /* as in syslog(3) */

struct log {
	enum log_level level; /* lines above this are not written */
	void (*write)(void *arg, enum log_level level,
		      const char *line); /* line: no newline, control characters masked */
	void *arg;
};

/* Write a line where log is not NULL and its level allows it. Cut at 1,000 characters. */
void log_line(const struct log *log, enum log_level level, const char *format, ...)
	PRINTF_LIKE(3, 4);
