/* test_addr.c - addresses as text and back; texts that are none. */
#include "base/addr.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct addr
parsed(const char *text)
{
	struct addr addr = { 0 };
	struct err err = { 0 };

	assert_int_equal(addr_parse(text, 161, &addr, &err), 0);
	return addr;
}

static void
every_form_is_read(void **state)
{
	(void)state;
	const struct addr bare = parsed("192.0.2.1"), ported = parsed("192.0.2.1:10162");
	const struct addr six = parsed("2001:db8::1"), bracketed = parsed("[2001:db8::1]:69");
	const struct addr path = parsed("unix:/run/drydock.sock");

	assert_int_equal(bare.family, ADDR_IPV4);
	assert_int_equal(bare.port, 161);
	assert_memory_equal(bare.ip, "\xc0\x00\x02\x01", 4);
	assert_int_equal(ported.port, 10162);
	assert_int_equal(six.family, ADDR_IPV6);
	assert_int_equal(six.port, 161);
	assert_int_equal(bracketed.port, 69);
	assert_true(addr_host_equal(&six, &bracketed));
	assert_int_equal(path.family, ADDR_UNIX);
	assert_string_equal(path.path, "/run/drydock.sock");
	assert_int_equal(parsed("[::1]").port, 161);
	assert_int_equal(parsed("127.0.0.1:0").port, 0);
}

static void
what_is_printed_is_read_again(void **state)
{
	static const char *const texts[] = { "192.0.2.1:161",       "0.0.0.0:1",
					     "[2001:db8::1]:65535", "[::]:9",
					     "unix:/tmp/a b",       "unix:relative",
					     "255.255.255.255:2" };
	char text[ADDR_TEXT_MAX];

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(texts); i++) {
		const struct addr addr = parsed(texts[i]);
		assert_string_equal(addr_text(&addr, text), texts[i]);
		const struct addr again = parsed(text);
		assert_true(addr_equal(&addr, &again));
	}
}

static void
a_port_of_0_is_not_printed(void **state)
{
	const struct addr four = parsed("192.0.2.1:0"), six = parsed("[::1]:0");
	const struct addr none = { 0 };
	char text[ADDR_TEXT_MAX];

	(void)state;
	assert_string_equal(addr_text(&four, text), "192.0.2.1");
	assert_string_equal(addr_text(&six, text), "::1");
	assert_string_equal(addr_text(&none, text), "none");
}

static void
the_host_is_printed_alone(void **state)
{
	const struct addr six = parsed("[2001:db8::1]:161"), four = parsed("192.0.2.1:161");
	char text[ADDR_TEXT_MAX];

	(void)state;
	assert_string_equal(addr_host_text(&six, text), "2001:db8::1");
	assert_string_equal(addr_host_text(&four, text), "192.0.2.1");
}

static void
what_is_no_address_is_refused(void **state)
{
	static const char *const texts[] = {
		"",
		" ",
		"router",
		"192.0.2",
		"192.0.2.256",
		"192.0.2.1:",
		"192.0.2.1:x",
		"192.0.2.1:65536",
		"192.0.2.1:-1",
		"192.0.2.1:+1",
		"192.0.2.1 ",
		" 192.0.2.1",
		"192.0.2.01",
		"192.0.2.1:1:2",
		"192.0.2.1: 1",
		"[::1",
		"[::1]161",
		"[::1]:",
		"[::1]:99999",
		"::1]",
		"[]",
		"[]:1",
		"[192.0.2.1]",
		"[192.0.2.1]:161",
		":161",
		":",
		"::1%lo",
		"fe80::1%1",
		"2001:db8::g",
		"1:2:3:4:5:6:7:8:9",
		"unix:",
		"0x7f000001",
		"127.1",
		"2130706433",
		"[[::1]]",
		"192.0.2.1:161\n",
		"[::1]:161 ",
		"[::1]]:1",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(texts); i++) {
		struct addr addr = { .family = 77 };
		struct err err = { 0 };
		if (addr_parse(texts[i], 161, &addr, &err) != DD_EPARSE)
			fail_msg("'%s' was taken", texts[i]);
		assert_int_equal(err.code, DD_EPARSE);
		assert_true(strlen(err.text) > 0);
		assert_int_equal(addr.family, 77);
	}
}

static void
the_refused_text_is_quoted(void **state)
{
	struct addr addr;
	struct err err = { 0 };

	(void)state;
	assert_int_equal(addr_parse("rout\033er-7", 0, &addr, &err), DD_EPARSE);
	assert_non_null(strstr(err.text, "rout?er-7"));
}

static void
long_texts_are_refused(void **state)
{
	char text[5000] = "";
	struct addr addr;
	struct err err = { 0 };

	(void)state;
	for (const char *c = "1:[]./"; *c; c++) {
		memset(text, *c, sizeof(text) - 1);
		assert_int_equal(addr_parse(text, 0, &addr, &err), DD_EPARSE);
	}
	memset(text, '0', sizeof(text) - 1);
	memcpy(text, "[::", 3);
	assert_int_equal(addr_parse(text, 0, &addr, &err), DD_EPARSE);
}

static void
a_path_fits_to_the_last_byte(void **state)
{
	char text[5 + ADDR_PATH_MAX + 1] = "unix:", printed[ADDR_TEXT_MAX];
	struct addr addr;
	struct err err = { 0 };

	(void)state;
	memset(text + 5, 'p', ADDR_PATH_MAX - 1);
	assert_int_equal(addr_parse(text, 0, &addr, &err), 0);
	assert_string_equal(addr_text(&addr, printed), text);
	text[5 + ADDR_PATH_MAX - 1] = 'p';
	assert_int_equal(addr_parse(text, 0, &addr, &err), DD_EPARSE);
}

static void
equality_is_of_family_host_and_port(void **state)
{
	const struct addr a = parsed("192.0.2.1:1"), port = parsed("192.0.2.1:2");
	const struct addr host = parsed("192.0.2.2:1"), six = parsed("[::1]:1");
	const struct addr path = parsed("unix:/a"), other = parsed("unix:/b");

	(void)state;
	assert_true(addr_equal(&a, &a));
	assert_false(addr_equal(&a, &port));
	assert_true(addr_host_equal(&a, &port));
	assert_false(addr_host_equal(&a, &host));
	assert_false(addr_host_equal(&a, &six));
	assert_true(addr_equal(&path, &path));
	assert_false(addr_equal(&path, &other));
}

/* What lies behind the four bytes of an IPv4 address is nobody's. */
static void
unused_bytes_do_not_count(void **state)
{
	struct addr a = parsed("192.0.2.1:1"), b = a;

	(void)state;
	memset(b.ip + 4, 0xff, 12);
	assert_true(addr_equal(&a, &b));
	assert_int_equal(addr_hash(&a), addr_hash(&b));
}

static void
any_is_any_in_both_families(void **state)
{
	const struct addr four = parsed("0.0.0.0:9"), six = parsed("[::]:9");
	const struct addr host = parsed("127.0.0.1"), path = parsed("unix:/"), none = { 0 };

	(void)state;
	assert_true(addr_is_any(&four));
	assert_true(addr_is_any(&six));
	assert_false(addr_is_any(&host));
	assert_false(addr_is_any(&path));
	assert_false(addr_is_any(&none));
}

/* Tables take the low bits: addresses in a row must not fall into a few buckets. */
static void
hashes_of_neighbours_spread(void **state)
{
	unsigned filled[256] = { 0 }, used = 0;
	struct addr addr = parsed("10.0.0.0:161");

	(void)state;
	for (unsigned i = 0; i < 1024; i++) {
		addr.ip[2] = (uint8_t)(i >> 8);
		addr.ip[3] = (uint8_t)i;
		used += filled[addr_hash(&addr) & 255]++ == 0;
	}
	assert_true(used > 200);

	memset(filled, 0, sizeof(filled));
	used = 0;
	for (unsigned i = 0; i < 1024; i++) {
		addr.port = (uint16_t)i;
		used += filled[addr_hash(&addr) & 255]++ == 0;
	}
	assert_true(used > 200);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_form_is_read),
		cmocka_unit_test(what_is_printed_is_read_again),
		cmocka_unit_test(a_port_of_0_is_not_printed),
		cmocka_unit_test(the_host_is_printed_alone),
		cmocka_unit_test(what_is_no_address_is_refused),
		cmocka_unit_test(the_refused_text_is_quoted),
		cmocka_unit_test(long_texts_are_refused),
		cmocka_unit_test(a_path_fits_to_the_last_byte),
		cmocka_unit_test(equality_is_of_family_host_and_port),
		cmocka_unit_test(unused_bytes_do_not_count),
		cmocka_unit_test(any_is_any_in_both_families),
		cmocka_unit_test(hashes_of_neighbours_spread),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
