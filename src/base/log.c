/* log.c - one line a fact, to whoever holds the log. */
#include "base/log.h"
#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>

void
log_line(const struct log *log, enum log_level level, const char *format, ...)
{
	char line[LOG_LINE_MAX] = "";
	va_list args;

	if (!log || level > log->level)
		return;

	va_start(args, format);
	(void)vsnprintf(line, sizeof(line), format, args); /* cut is what the header says */
	va_end(args);
	text_clean(line);
	log->write(log->arg, level, line);
}
