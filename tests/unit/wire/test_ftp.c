/* FTP command lines and data addresses. */
#include "wire/ftp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static int64_t
decode(const char *text, struct ftp_command *command)
{
	return ftp_command_decode((const uint8_t *)text, strlen(text), command);
}

static void
test_a_line_is_verb_and_argument(void **state)
{
	struct ftp_command command;

	(void)state;
	assert_int_equal(decode("retr a b.cfg\r\nQUIT\r\n", &command), 14);
	assert_string_equal(command.verb, "RETR");
	assert_string_equal(command.argument, "a b.cfg");
	assert_int_equal(decode("QUIT\n", &command), 5);
	assert_string_equal(command.verb, "QUIT");
	assert_string_equal(command.argument, "");
}

static void
test_half_a_line_waits(void **state)
{
	struct ftp_command command;

	(void)state;
	assert_int_equal(decode("", &command), 0);
	assert_int_equal(decode("RETR a\r", &command), 0);
}

static void
test_telnet_codes_before_abor_are_passed_over(void **state)
{
	struct ftp_command command;

	(void)state;
	assert_true(decode("\xff\xf4\xff\xf2"
			   "ABOR\r\n",
			   &command) > 0);
	assert_string_equal(command.verb, "ABOR");
}

static void
test_what_is_no_command_has_no_verb(void **state)
{
	static const char *const lines[] = { "\r\n", " RETR a\r\n", "123\r\n", "RETR\ta\r\n",
					     "ABCDEFGHI\r\n" };
	struct ftp_command command;

	(void)state;
	for (unsigned i = 0; i < ARRAY_COUNT(lines); i++) {
		assert_int_equal(decode(lines[i], &command), strlen(lines[i]));
		assert_string_equal(command.verb, "");
	}
	assert_int_equal(ftp_command_decode((const uint8_t *)"USER a\0b\n", 9, &command), 9);
	assert_string_equal(command.verb, "");
}

static void
test_a_line_has_a_maximum(void **state)
{
	uint8_t line[FTP_LINE_MAX + 1];
	struct ftp_command command;

	(void)state;
	memset(line, 'A', sizeof(line));
	memcpy(line, "RETR ", 5);
	assert_int_equal(ftp_command_decode(line, FTP_LINE_MAX - 1, &command), 0);
	assert_int_equal(ftp_command_decode(line, FTP_LINE_MAX, &command), DD_EFULL);
	line[FTP_LINE_MAX] = '\n';
	assert_int_equal(ftp_command_decode(line, FTP_LINE_MAX + 1, &command), DD_EFULL);
	line[FTP_LINE_MAX - 1] = '\n';
	assert_int_equal(ftp_command_decode(line, FTP_LINE_MAX, &command), FTP_LINE_MAX);
	assert_int_equal(strlen(command.argument), FTP_LINE_MAX - 6);
}

static void
test_port_arguments(void **state)
{
	static const char *const wrong[] = { "",
					     "1,2,3,4,5",
					     "1,2,3,4,5,6,7",
					     "256,2,3,4,5,6",
					     "1,2,3,4,,6",
					     "1,2,3,4,5,6 ",
					     "-1,2,3,4,5,6",
					     "1;2;3;4;5;6",
					     "000001,2,3,4,5,6" };
	char out[FTP_HOST_PORT_MAX];
	struct addr addr, expected;

	(void)state;
	assert_int_equal(addr_parse("192.0.2.1:1025", 0, &expected, NULL), 0);
	assert_int_equal(ftp_host_port_parse("192,0,2,1,4,1", &addr), 0);
	assert_true(addr_equal(&addr, &expected));
	assert_true(ftp_host_port_print(&addr, out));
	assert_string_equal(out, "192,0,2,1,4,1");
	for (unsigned i = 0; i < ARRAY_COUNT(wrong); i++)
		assert_int_equal(ftp_host_port_parse(wrong[i], &addr), DD_EPARSE);
}

static void
test_eprt_arguments(void **state)
{
	static const char *const wrong[] = { "",
					     "|",
					     "|1|192.0.2.1|1024",
					     "|1|192.0.2.1:5|1024|",
					     "|2|[::1]|1024|",
					     "|1|::1|1024|",
					     "|2|192.0.2.1|1024|",
					     "|1|192.0.2.1|65536|",
					     "|1||1024|",
					     "|1|192.0.2.1|1024|x",
					     " 1 192.0.2.1 1024 ",
					     "|1|unix:/a|1024|",
					     "||||" };
	char out[FTP_HOST_PORT_MAX];
	struct addr addr, expected;

	(void)state;
	assert_int_equal(addr_parse("[2001:db8::1]:1025", 0, &expected, NULL), 0);
	assert_int_equal(ftp_extended_parse("#2#2001:db8::1#1025#", &addr), 0);
	assert_true(addr_equal(&addr, &expected));
	assert_true(ftp_extended_print(&addr, out));
	assert_string_equal(out, "|2|2001:db8::1|1025|");
	assert_false(ftp_host_port_print(&addr, out));
	assert_int_equal(ftp_extended_parse("|1|192.0.2.1|1024|", &addr), 0);
	assert_int_equal(addr.family, ADDR_IPV4);
	assert_int_equal(ftp_extended_parse("|3|192.0.2.1|1024|", &addr), DD_EUNSUPPORTED);
	for (unsigned i = 0; i < ARRAY_COUNT(wrong); i++)
		assert_int_equal(ftp_extended_parse(wrong[i], &addr), DD_EPARSE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_line_is_verb_and_argument),
		cmocka_unit_test(test_half_a_line_waits),
		cmocka_unit_test(test_telnet_codes_before_abor_are_passed_over),
		cmocka_unit_test(test_what_is_no_command_has_no_verb),
		cmocka_unit_test(test_a_line_has_a_maximum),
		cmocka_unit_test(test_port_arguments),
		cmocka_unit_test(test_eprt_arguments),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
