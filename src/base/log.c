/* One line a fact, to whoever holds the log. */
#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>

enum { LINE_MAX_ = 1000 };

void
log_line(const struct log *log, enum log_level level, const char *format, ...)
{
	char line[LINE_MAX_ + 1];
	va_list arguments;

	if (log == NULL || level > log->level)
		return;
	va_start(arguments, format);
	(void)vsnprintf(line, sizeof(line), format, arguments); /* cut, as the header says */
	va_end(arguments);
	for (char *c = line; *c != '\0'; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			*c = '?';
	log->write(log->arg, level, line);
}
