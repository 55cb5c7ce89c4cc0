/* test_log.c - log lines: levels, masking, length. */
#include "base/log.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct seen {
	unsigned count;
	enum log_level level;
	char line[2000];
};

static void
see(void *arg, enum log_level level, const char *line)
{
	struct seen *seen = arg;

	seen->count++;
	seen->level = level;
	assert_true(strlen(line) < sizeof(seen->line));
	memcpy(seen->line, line, strlen(line) + 1);
}

static void
a_line_reaches_its_log(void **state)
{
	struct seen seen = { 0 };
	const struct log log = { LOG_INFO, see, &seen };

	(void)state;
	log_line(&log, LOG_WARNING, "device %s: %d", "iad-7", 3);
	assert_int_equal(seen.count, 1);
	assert_int_equal(seen.level, LOG_WARNING);
	assert_string_equal(seen.line, "device iad-7: 3");
}

static void
lines_above_the_level_are_not_written(void **state)
{
	struct seen seen = { 0 };
	const struct log log = { LOG_NOTICE, see, &seen };

	(void)state;
	log_line(&log, LOG_DEBUG, "x");
	log_line(&log, LOG_INFO, "x");
	assert_int_equal(seen.count, 0);
	log_line(&log, LOG_NOTICE, "x");
	log_line(&log, LOG_ERROR, "x");
	assert_int_equal(seen.count, 2);
}

static void
no_log_is_silence(void **state)
{
	(void)state;
	log_line(NULL, LOG_ERROR, "x");
}

static void
a_stranger_can_not_forge_a_line(void **state)
{
	struct seen seen = { 0 };
	const struct log log = { LOG_INFO, see, &seen };

	(void)state;
	log_line(&log, LOG_INFO, "name '%s'", "a\nb\r\033[2J\x7f\xff\xc2\x9b\xc3\xa4");
	assert_string_equal(seen.line, "name 'a?b??[2J???\xc3\xa4'");
}

static void
long_lines_are_cut_at_1000(void **state)
{
	struct seen seen = { 0 };
	const struct log log = { LOG_INFO, see, &seen };
	char text[1500];

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	log_line(&log, LOG_INFO, "%s", text);
	assert_int_equal(strlen(seen.line), 1000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_reaches_its_log),
		cmocka_unit_test(lines_above_the_level_are_not_written),
		cmocka_unit_test(no_log_is_silence),
		cmocka_unit_test(a_stranger_can_not_forge_a_line),
		cmocka_unit_test(long_lines_are_cut_at_1000),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
