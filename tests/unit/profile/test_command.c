/* test_command.c - operations become SETs: the right variables, types and values. */
#include "sample.h"

static struct operation_args
tftp_args(void)
{
	return (struct operation_args){
		.ticket = 4711,
		.server = { .family = ADDR_IPV4, .port = 6969, .ip = { 127, 0, 0, 2 } },
		.protocol = PROTOCOL_TFTP,
		.files = "c-3F9K2Q7M.cfg",
		.content = { { 0xab, 0xcd } },
		.size = 1234,
		.slot = 2
	};
}

static void
make(const struct profile *profile, enum operation operation, const struct operation_args *args,
     struct snmp_pdu *set)
{
	struct err err = { 0 };

	if (profile_command(profile, operation, args, set, &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(set->type, SNMP_SET);
}

static void
is_number(const struct snmp_pdu *set, const char *name, uint8_t type, int64_t number)
{
	const struct snmp_value *value = asked(set, name);

	assert_int_equal(value->type, type);
	assert_int_equal(type == SNMP_INTEGER ? value->integer : (int64_t)value->number, number);
}

static void
is_bytes(const struct snmp_pdu *set, const char *name, uint8_t type, const void *data, size_t size)
{
	const struct snmp_value *value = asked(set, name);

	assert_int_equal(value->type, type);
	assert_int_equal(value->octets.size, size);
	if (size > 0)
		assert_memory_equal(value->octets.data, data, size);
}

static void
is_text(const struct snmp_pdu *set, const char *name, const char *text)
{
	is_bytes(set, name, SNMP_OCTETS, text, strlen(text));
}

static void
backup_over_tftp(void **state)
{
	static const uint8_t server[] = { 127, 0, 0, 2 };
	static struct snmp_pdu set;
	struct profile *profile = own_profile();
	const struct operation_args args = tftp_args();

	(void)state;
	make(profile, OPERATION_BACKUP, &args, &set);
	assert_int_equal(set.count, 7);
	is_number(&set, DD ".1.3.1.0", SNMP_GAUGE32, 4711);
	is_number(&set, DD ".1.3.2.0", SNMP_INTEGER, 1);
	is_number(&set, DD ".1.3.3.0", SNMP_INTEGER, 1);
	is_bytes(&set, DD ".1.3.4.0", SNMP_OCTETS, server, 4);
	is_number(&set, DD ".1.3.5.0", SNMP_GAUGE32, 6969);
	is_number(&set, DD ".1.3.6.0", SNMP_INTEGER, 1);
	is_text(&set, DD ".1.3.7.0", "c-3F9K2Q7M.cfg");
	profile_free(profile);
}

static void
fetch_over_ftp_and_ipv6(void **state)
{
	static const uint8_t server[16] = { 0x20, 1, 0xd, 0xb8, [15] = 7 };
	static struct snmp_pdu set;
	struct profile *profile = own_profile();
	struct operation_args args = tftp_args();

	(void)state;
	args.server = (struct addr){ .family = ADDR_IPV6, .port = 21 };
	memcpy(args.server.ip, server, 16);
	args.protocol = PROTOCOL_FTP;
	args.files = "a.img,b.img,c.img";
	args.user = "u-1";
	args.password = "p-1";
	make(profile, OPERATION_FETCH, &args, &set);
	assert_int_equal(set.count, 11);
	is_number(&set, DD ".1.3.2.0", SNMP_INTEGER, 3);
	is_number(&set, DD ".1.3.3.0", SNMP_INTEGER, 2);
	is_bytes(&set, DD ".1.3.4.0", SNMP_OCTETS, server, 16);
	is_number(&set, DD ".1.3.6.0", SNMP_INTEGER, 2);
	is_text(&set, DD ".1.3.7.0", "a.img,b.img,c.img");
	is_text(&set, DD ".1.3.8.0", "u-1");
	is_text(&set, DD ".1.3.9.0", "p-1");
	is_bytes(&set, DD ".1.3.10.0", SNMP_OCTETS, args.content.bytes, 32);
	is_number(&set, DD ".1.3.11.0", SNMP_GAUGE32, 1234);
	profile_free(profile);
}

static void
commands_without_files(void **state)
{
	static const struct {
		enum operation operation;
		int number;
		bool has_slot;
	} rows[] = { { OPERATION_KEEP, 2, false },
		     { OPERATION_ACTIVATE, 4, true },
		     { OPERATION_RELOAD, 5, false },
		     { OPERATION_ROLLBACK, 8, true } };
	static struct snmp_pdu set;
	struct profile *profile = own_profile();

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		const struct operation_args args = { .ticket = 1, .slot = 2 };
		make(profile, rows[i].operation, &args, &set);
		assert_int_equal(set.count, rows[i].has_slot ? 3 : 2);
		is_number(&set, DD ".1.3.1.0", SNMP_GAUGE32, 1);
		is_number(&set, DD ".1.3.2.0", SNMP_INTEGER, rows[i].number);
		if (rows[i].has_slot)
			is_number(&set, DD ".1.3.12.0", SNMP_GAUGE32, 2);
	}
	profile_free(profile);
}

/* Whoever made the command is gone when it is sent. */
static void
arguments_may_go(void **state)
{
	static struct snmp_pdu set;
	struct profile *profile = own_profile();
	struct operation_args *args = malloc(sizeof(*args));
	char *files = strdup("one.cfg");

	(void)state;
	assert_true(args != NULL && files != NULL);
	*args = tftp_args();
	args->files = files;
	make(profile, OPERATION_RESTORE, args, &set);
	memset(files, 'x', 7);
	free(files);
	memset(args, 0xff, sizeof(*args));
	free(args);
	is_text(&set, DD ".1.3.7.0", "one.cfg");
	assert_int_equal(asked(&set, DD ".1.3.10.0")->octets.data[0], 0xab);
	profile_free(profile);
}

static void
every_type_of_value(void **state)
{
	static const uint8_t server[] = { 127, 0, 0, 2 }, bytes[] = { 0x00, 0xff, 0xa0 };
	static struct snmp_pdu set;
	struct profile *profile = profile_of(SMALL);
	struct operation_args args = tftp_args();
	char text[100], hash[SHA256_TEXT_SIZE];

	(void)state;
	args.files = "a.img";
	make(profile, OPERATION_FETCH, &args, &set);
	assert_int_equal(set.count, 10);
	is_number(&set, "1.3.6.1.4.1.99999.1.4.0", SNMP_GAUGE32, 4711);
	is_bytes(&set, "1.3.6.1.4.1.99999.1.5.0", SNMP_IPADDRESS, server, 4);
	is_text(&set, "1.3.6.1.4.1.99999.1.6.0", "flash:/a.img@127.0.0.2:6969");
	is_number(&set, "1.3.6.1.4.1.99999.1.7.0", SNMP_INTEGER, -5);
	is_bytes(&set, "1.3.6.1.4.1.99999.1.8.0", SNMP_OCTETS, bytes, 3);
	assert_int_equal(asked(&set, "1.3.6.1.4.1.99999.1.9.0")->type, SNMP_OID);
	const struct oid wanted = oid_of("1.3.6.1.4.1.99999.3");
	assert_int_equal(oid_compare(&asked(&set, "1.3.6.1.4.1.99999.1.9.0")->oid, &wanted), 0);
	is_number(&set, "1.3.6.1.4.1.99999.1.10.0", SNMP_TIMETICKS, 7);
	(void)text_print(text, sizeof(text), "%s 1234", sha256_text(&args.content, hash));
	is_text(&set, "1.3.6.1.4.1.99999.1.11.0", text);
	is_bytes(&set, "1.3.6.1.4.1.99999.1.12.0", SNMP_OCTETS, NULL, 0);
	is_number(&set, "1.3.6.1.4.1.99999.1.13.0", SNMP_INTEGER, 1234);
	profile_free(profile);
}

/* ---- arguments that do not fit ---- */

static void
refuses(const struct profile *profile, enum operation operation, const struct operation_args *args,
	int code, const char *wanted)
{
	static struct snmp_pdu set;
	struct err err = { 0 };

	set.count = 5;
	int r = profile_command(profile, operation, args, &set, &err);
	if (r != code || strstr(err.text, wanted) == NULL)
		fail_msg("%d \"%s\" instead of \"%s\"", r, err.text, wanted);
	assert_int_equal(set.count, 0);
	assert_null(strstr(err.text, "s3cret"));
}

static void
bad_arguments_are_refused(void **state)
{
	static const char *const names[] = {
		"",     "a,",  ",a",  "a,,b", "a b",
		"../x", "a/b", "a\n", "-a",   "a-name-of-thirty-two-characters1",
	};
	struct profile *profile = own_profile();
	struct operation_args args = tftp_args();

	(void)state;
	args.ticket = 0;
	refuses(profile, OPERATION_RELOAD, &args, DD_EINVAL, "a ticket is a number from 1");
	args.ticket = 0x80000000u;
	refuses(profile, OPERATION_RELOAD, &args, DD_EINVAL, "a ticket is a number from 1");
	args = tftp_args();
	for (size_t i = 0; i < ARRAY_COUNT(names); i++) {
		args.files = names[i];
		refuses(profile, OPERATION_FETCH, &args, DD_EINVAL, "file");
	}
	args.files = NULL;
	refuses(profile, OPERATION_BACKUP, &args, DD_EINVAL, "has no file");
	args.files = "a,b";
	refuses(profile, OPERATION_BACKUP, &args, DD_EINVAL, "or more than the device takes");
	args.files = "1,2,3,4,5,6,7,8,9";
	refuses(profile, OPERATION_FETCH, &args, DD_EINVAL, "or more than the device takes");
	profile_free(profile);
}

static void
bad_servers_and_logins_are_refused(void **state)
{
	struct profile *profile = own_profile();
	struct operation_args args = tftp_args();

	(void)state;
	args.server.port = 0;
	refuses(profile, OPERATION_BACKUP, &args, DD_EINVAL, "address is not known");
	args.server = (struct addr){ .family = ADDR_IPV4, .port = 69 };
	refuses(profile, OPERATION_BACKUP, &args, DD_EINVAL, "address is not known");
	args.server = (struct addr){ .family = ADDR_UNIX };
	refuses(profile, OPERATION_BACKUP, &args, DD_EINVAL, "address is not known");
	args = tftp_args();
	args.protocol = PROTOCOL_HTTP;
	refuses(profile, OPERATION_BACKUP, &args, DD_EINVAL, "does not know the protocol");
	args.protocol = PROTOCOL_FTP;
	refuses(profile, OPERATION_BACKUP, &args, DD_EINVAL, "FTP needs a user and a password");
	args.user = "u";
	refuses(profile, OPERATION_BACKUP, &args, DD_EINVAL, "FTP needs a user and a password");
	args.user = "";
	args.password = "s3cret";
	refuses(profile, OPERATION_BACKUP, &args, DD_EINVAL, "FTP needs a user and a password");
	char password[300];
	memset(password, 'p', sizeof(password));
	password[256] = '\0';
	args.user = "u";
	args.password = password;
	refuses(profile, OPERATION_BACKUP, &args, DD_EINVAL, "longer than 255 bytes");
	profile_free(profile);
}

static void
bad_contents_and_slots_are_refused(void **state)
{
	struct profile *profile = own_profile(), *small = profile_of(SMALL);
	struct operation_args args = tftp_args();

	(void)state;
	args.content = (struct sha256){ { 0 } };
	refuses(profile, OPERATION_FETCH, &args, DD_EINVAL, "hash is not known");
	args = tftp_args();
	args.size = (uint64_t)UINT32_MAX + 1;
	refuses(profile, OPERATION_FETCH, &args, DD_EINVAL, "a number is larger");
	args.slot = 0;
	refuses(profile, OPERATION_ROLLBACK, &args, DD_EINVAL, "no such slot");
	args.slot = 3;
	refuses(profile, OPERATION_ACTIVATE, &args, DD_EINVAL, "no such slot");
	refuses(profile, OPERATION_COMMIT, &args, DD_EUNSUPPORTED, "has no operation commit");
	args = tftp_args();
	args.size = INT32_MAX + 1ull;
	refuses(small, OPERATION_FETCH, &args, DD_EINVAL, "a number is larger"); /* type i */
	args = tftp_args();
	args.server = (struct addr){ .family = ADDR_IPV6, .port = 69, .ip = { 1 } };
	refuses(small, OPERATION_FETCH, &args, DD_EINVAL,
		"an IPv4 address of the file service only");
	profile_free(profile);
	profile_free(small);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(backup_over_tftp),
		cmocka_unit_test(fetch_over_ftp_and_ipv6),
		cmocka_unit_test(commands_without_files),
		cmocka_unit_test(arguments_may_go),
		cmocka_unit_test(every_type_of_value),
		cmocka_unit_test(bad_arguments_are_refused),
		cmocka_unit_test(bad_servers_and_logins_are_refused),
		cmocka_unit_test(bad_contents_and_slots_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
