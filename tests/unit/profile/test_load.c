/* test_load.c - a profile that is wrong anywhere is refused with its place and what to write. */
#include "sample.h"

static void
own_profile_loads(void **state)
{
	static const enum operation there[] = { OPERATION_BACKUP,  OPERATION_KEEP,
						OPERATION_FETCH,   OPERATION_ACTIVATE,
						OPERATION_RELOAD,  OPERATION_RESTORE,
						OPERATION_ROLLBACK };
	struct profile *profile = own_profile();
	struct addr address;
	const char *community;

	(void)state;
	assert_string_equal(profile_name(profile), "drydock-agent");
	for (size_t i = 0; i < ARRAY_COUNT(there); i++) {
		assert_true(profile_has(profile, there[i]));
		assert_int_equal(profile_repeat(profile, there[i]), REPEAT_TICKET);
	}
	assert_false(profile_has(profile, OPERATION_NONE));
	assert_false(profile_has(profile, OPERATION_COUNT));
	assert_true(profile_allows(profile, PROTOCOL_TFTP) &&
		    profile_allows(profile, PROTOCOL_FTP));
	assert_false(profile_allows(profile, PROTOCOL_HTTP) ||
		     profile_allows(profile, PROTOCOL_NONE));
	assert_int_equal(profile_slots(profile), 2);
	assert_int_equal(profile_files_max(profile), 8);
	assert_true(profile_management_survives(profile));
	assert_false(profile_factory(profile, &address, &community));
	profile_free(profile);
	profile_free(NULL);
}

static void
own_schema_sorts_the_configuration(void **state)
{
	struct profile *profile = own_profile();
	const struct schema *schema = profile_schema(profile);
	const struct schema_format *one = schema_format(schema, 1), *two = schema_format(schema, 2);

	(void)state;
	assert_int_equal(schema->formats_count, 2);
	assert_int_equal(one->parser, SCHEMA_INI);
	assert_string_equal(one->header, "# drydock-iad configuration");
	assert_string_equal(one->number_path, "system.format");
	assert_true(schema_judge(one, "user.1.password").is_secret);
	assert_int_equal(schema_judge(one, "user.1.password").category, CATEGORY_USER);
	assert_int_equal(schema_judge(one, "codec.order").category, CATEGORY_PROTOCOL);
	assert_true(schema_judge(one, "system.format").is_volatile);
	assert_int_equal(two->parser, SCHEMA_SET_LINES);
	assert_string_equal(two->header, "drydock-iad 2");
	assert_true(schema_judge(two, "subscriber/1/secret").is_secret);
	assert_int_equal(schema_judge(two, "line/fxs1/admin").category, CATEGORY_PORT);
	assert_int_equal(schema_judge(two, "h248/mgc/1").category, CATEGORY_PROTOCOL);
	assert_int_equal(schema_judge(two, "default/dial-ms").category, CATEGORY_DEFAULT);
	profile_free(profile);
}

static void
small_profile_loads(void **state)
{
	struct profile *profile = profile_of(SMALL);
	struct addr address;
	const char *community = NULL;
	char text[ADDR_TEXT_MAX];

	(void)state;
	assert_string_equal(profile_description(profile), "a small family");
	assert_int_equal(profile_repeat(profile, OPERATION_FETCH), REPEAT_NEVER);
	assert_int_equal(profile_repeat(profile, OPERATION_BACKUP), REPEAT_NEVER);
	assert_false(profile_management_survives(profile));
	assert_true(profile_factory(profile, &address, &community));
	assert_string_equal(addr_text(&address, text), "192.0.2.1:161");
	assert_string_equal(community, "factory");
	profile_free(profile);
}

static void
families_are_told_apart(void **state)
{
	struct profile *own = own_profile(), *small = profile_of(SMALL);

	(void)state;
	assert_true(profile_matches(own, DD ".9.1", "Drydock IAD-24"));
	assert_true(profile_matches(own, DD ".9.1", ""));
	assert_false(profile_matches(own, DD ".90", "Drydock IAD-24"));
	assert_false(profile_matches(own, DD, "Drydock IAD-24"));
	assert_false(profile_matches(own, "", "Drydock IAD-24"));
	assert_false(profile_matches(own, "no oid", "Drydock IAD-24"));
	assert_true(profile_matches(small, "1.3.6.1.4.1.99999.7", "Small thing"));
	assert_true(profile_matches(small, "1.3.6.1.4.1.99999.7.1", "Small "));
	assert_false(profile_matches(small, "1.3.6.1.4.1.99999.7", "A Small thing"));
	assert_false(profile_matches(small, "1.3.6.1.4.1.99999.8", "Small thing"));
	profile_free(own);
	profile_free(small);
}

/* ---- what is refused: SMALL with one piece of text replaced ---- */

static void
refuses(const char *from, const char *to, const char *wanted)
{
	char text[8000];
	struct profile *profile = NULL;
	struct err err = { 0 };
	const char *place = strstr(SMALL, from);

	if (place == NULL)
		fail_msg("'%s' is not in the sample", from);
	assert_true(text_print(text, sizeof(text), "%.*s%s%s", (int)(place - SMALL), SMALL, to,
			       place + strlen(from)));
	int r = profile_load("p.yaml", text, strlen(text), &profile, &err);
	if (r != DD_EPARSE || strstr(err.text, wanted) == NULL || !text_starts(err.text, "p.yaml:"))
		fail_msg("'%s': %d \"%s\" instead of \"%s\"", to, r, err.text, wanted);
	assert_null(profile);
}

static void
frames_are_strict(void **state)
{
	(void)state;
	refuses("profile: small", "profil: small", "p.yaml:1:1: 'profile' is missing");
	refuses("profile: small", "profile: a b", "'profile' must be a name");
	refuses("profile: small\n", "profile: small\nextra: 1\n",
		"p.yaml:2:1: unknown key 'extra'");
	refuses("description: a small", "description: \"\" #", "'description' must have 1 to 200");
	refuses("a: 1.3.6.1.4.1.99999", "a: 1.3.6.x",
		"p.yaml:4:6: \"1.3.6.x\" is no object identifier");
	refuses("b: ${a}.1", "b: ${c}.1", "p.yaml:5:6: 'c' is no name of 'oids'");
	refuses("b: ${a}.1", "b: ${b}.1", "'b' is no name of 'oids'");
	refuses("b: ${a}.1", "b: ${a.1", "is no object identifier");
	refuses("b: ${a}.1", "b b: ${a}.1", "'b b' is no name");
	refuses("  object_id: [1.3.6.1.4.1.99999.7]\n  description: Small *\n", "  {}\n",
		"'match' needs object_id, description or both");
	refuses("[1.3.6.1.4.1.99999.7]", "[[1]]", "an object identifier is expected here");
	refuses("[tftp]", "[xmodem]", "a protocol is expected here: tftp, ftp or http");
	refuses("[tftp]", "[none]", "a protocol is expected here");
	refuses("[tftp]", "[]", "'protocols' must name one at least");
	refuses("slots: 1", "slots: 3", "p.yaml:10:8: 'slots' must be");
	refuses("slots: 1", "slots: 0", "'slots'");
	refuses("name: 40", "name: 30", "'name' must be");
	refuses("files: 2", "files: 9", "'files' must be");
	refuses("survives: false", "survived: false", "'survives' is missing");
	refuses("survives: false", "survives: maybe", "'survives' must be true");
	refuses("survives: false", "survives: true",
		"'factory' is for devices with 'survives: false'");
	refuses("192.0.2.1,", "somewhere,", "'address' must be one address in numbers");
	refuses("192.0.2.1,", "0.0.0.0,", "'address' must be one address in numbers");
	refuses(", community: factory", "", "'community' is missing");
	refuses("  version: ${b}.1.0\n", "  model: ${b}.1.0\n", "'version' is missing");
	refuses("  version: ${b}.1.0\n", "  version: ${b}.1.0\n  color: ${b}.1.0\n",
		"unknown key 'color'");
}

static void
configurations_are_strict(void **state)
{
	(void)state;
	refuses("    1:\n", "    0:\n", "'0' must be a whole number from 1");
	refuses("    1:\n", "    x:\n", "'x' must be a whole number from 1");
	refuses("parser: ini", "parser: xml", "'parser' must be ini or set-lines");
	refuses("user_data", "users", "'users' is no category: user_data, port_data");
	refuses("port_data: [], ", "", "category 'port_data' is missing");
	refuses("['*']", "[d.*]", "the last pattern must be '*'");
	refuses("[u.*]", "['*']", "nothing is left for '*'");
	refuses("[u.*]", "u.*", "'user_data' must be a list of patterns");
	refuses("[u.*]", "[[u]]", "a pattern of paths is expected here");
	refuses("      parser: ini\n",
		"      parser: ini\n      header: "
		"'0123456789012345678901234567890123456789012345678901234567890123'\n",
		"'header' must have 1 to 63");
	refuses("      parser: ini\n", "      parser: ini\n      header: ' x'\n",
		"must not begin or end with a blank");
	refuses("      parser: ini\n", "      parser: ini\n      secret: [x]\n",
		"unknown key 'secret'");
	refuses("status:\n",
		"    2:\n      parser: ini\n      categories: {user_data: ['*'], port_data: [], "
		"protocol_parameters: [], default_parameters: []}\nstatus:\n",
		"each format needs a 'header' of its own");
}

static void
statuses_are_strict(void **state)
{
	(void)state;
	refuses("  ticket: ${b}.2.0\n", "", "'ticket' is missing");
	refuses("  state: ${b}.3.0\n", "", "'state' is missing");
	refuses("3: failed", "3: broken", "a state is running, done, failed or absent");
	refuses(", 3: failed", "", "no state means 'failed'");
	refuses("1: running, ", "", "no state means 'running'");
	refuses("3: failed", "3: failed, 03: done", "the number 03 is there already");
	refuses("3: failed", "x: failed", "'x' must be a whole number");
	refuses("  state: ${b}.3.0\n", "  state: ${b}.3.0\n  reason: ${b}.4.0\n",
		"'reason' needs 'reasons'");
	refuses("  state: ${b}.3.0\n", "  state: ${b}.3.0\n  reasons: {1: refused}\n",
		"'reasons' needs 'reason'");
	refuses("  state: ${b}.3.0\n",
		"  state: ${b}.3.0\n  reason: ${b}.4.0\n  reasons: {1: operator}\n",
		"a device's reason is device-failed, refused");
	refuses("  state: ${b}.3.0\n",
		"  state: ${b}.3.0\n  reason: ${b}.4.0\n  reasons: {1: [refused]}\n",
		"a reason is a name, or [name, text]");
	refuses("operations:\n", "notifications:\n  ticket: ${b}.1\noperations:\n",
		"'notifications' needs succeeded, failed or both");
}

static void
optional_sections_are_strict(void **state)
{
	char slots[2000] = "  version: ${b}.1.0\n  slots: {state: 1.3",
	     *end = slots + strlen(slots);

	(void)state;
	refuses("operations:\n", "image: {magic: M, versions: x}\noperations:\n",
		"unknown key 'versions'");
	refuses("operations:\n", "image: {version: x}\noperations:\n", "'magic' is missing");
	refuses("operations:\n", "notifications: {failed: 1.3, x: 1.3}\noperations:\n",
		"unknown key 'x'");
	refuses("operations:\n", "service: {ports_up: 1.3}\noperations:\n",
		"'registrations' is missing");
	refuses("  version: ${b}.1.0\n", "  version: ${b}.1.0\n  slots: {state: 1.3}\n",
		"'valid' is missing");
	for (int i = 0; i < 126; i++)
		end = stpcpy(end, ".1");
	(void)stpcpy(end, ", valid: 1, version: 1.3}\n");
	refuses("  version: ${b}.1.0\n", slots, "a column of 'slots' is too long");
}

static void
failure_alone_may_be_notified(void **state)
{
	static const char text[] = SMALL "notifications: {failed: 1.3.6.1}\n";

	(void)state;
	profile_free(profile_of(text));
}

static void
operations_are_strict(void **state)
{
	(void)state;
	refuses("  fetch:\n", "  fetchit:\n", "'fetchit' is no operation: backup, keep, fetch");
	refuses("  fetch:\n", "  none:\n", "'none' is no operation");
	refuses("repeat: never", "repeat: always", "'repeat' must be ticket, safe or never");
	refuses("    repeat: never\n", "", "'repeat' is missing");
	refuses("    repeat: never\n", "    repeat: never\n    retry: 3\n", "unknown key 'retry'");
	refuses("u ${ticket}", "u 5", "no line of 'fetch' carries ${ticket}");
	refuses("flash:/${files}@", "", "no line of 'fetch' carries ${files}");
}

static void
lines_are_strict(void **state)
{
	(void)state;
	refuses("u ${ticket}", "u", "types u and t want a whole number");
	refuses("u ${ticket}", "", "a line is OID TYPE VALUE");
	refuses("u ${ticket}", "q ${ticket}", "a line is OID TYPE VALUE");
	refuses("u ${ticket}", "uu ${ticket}", "a line is OID TYPE VALUE");
	refuses("u ${ticket}", "u ${tickets}", "${tickets} is not known; there are ticket, server");
	refuses("u ${ticket}", "u ${ticket", "a '${' without '}'");
	refuses("u ${ticket}", "u 1${ticket}", "only type s takes text around ${name}");
	refuses("u ${ticket}", "u ${ticket}${ticket}", "only type s takes text around");
	refuses("u ${ticket}", "x ${ticket}",
		"${ticket} does not fit type x; it takes one of iuts");
	refuses("u ${ticket}", "u ${slot}", "fetch has no ${slot}");
	refuses("u ${ticket}", "u -1", "types u and t want");
	refuses("u ${ticket}", "u 4294967296", "types u and t want");
	refuses("a ${server}", "a 1.2.3", "type a wants an IPv4 address");
	refuses("a ${server}", "a ${files}", "${files} does not fit type a");
	refuses("i -5", "i 2147483648", "type i wants a whole number of 32 bits");
	refuses("i -5", "i -2147483649", "type i wants");
	refuses("i -5", "i five", "type i wants");
	refuses("x 00ffA0", "x 00f", "type x wants pairs of hexadecimal digits");
	refuses("x 00ffA0", "x 0xff", "type x wants pairs");
	refuses("o ${a}.3", "o ${ticket}", "'ticket' is no name of 'oids'");
	refuses("${b}.5.0", "${b}.4.0", "this variable is in the SET already");
	refuses("${b}.5.0", "${x}.4.0", "'x' is no name of 'oids'");
	refuses("- ${b}.5.0 a ${server}", "- [x]", "a line OID TYPE VALUE is expected here");
	refuses("i ${size}", "i ${protocol}", "'fetch' needs 'protocol', a number for each");
	refuses("    repeat: never\n", "    repeat: never\n    protocol: {ftp: 1}\n",
		"'ftp' is none of the profile's 'protocols'");
	refuses("    repeat: never\n", "    repeat: never\n    when_ftp: []\n",
		"'when_ftp' makes no sense");
	refuses("[tftp]", "[tftp, ftp]", "no line of 'fetch' carries ${protocol}");
}

static void
one_set_has_a_maximum(void **state)
{
	char lines[4000] = "i ${size}\n";

	(void)state;
	for (int i = 100; i < 123; i++)
		(void)sprintf(lines + strlen(lines), "      - ${b}.%d.0 i 1\n", i);
	refuses("i ${size}\n", lines, "one SET has at most 32 variables");
}

static void
long_values_are_refused(void **state)
{
	char line[400] = "s ";

	(void)state;
	memset(line + 2, 'x', 256);
	refuses("i -5", line, "the value is longer than 255 bytes");
	refuses("i -5", "s ${size}${size}${size}${size}${size}${size}${size}${size}${size}",
		"the value has too many parts");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(own_profile_loads),
		cmocka_unit_test(own_schema_sorts_the_configuration),
		cmocka_unit_test(small_profile_loads),
		cmocka_unit_test(families_are_told_apart),
		cmocka_unit_test(frames_are_strict),
		cmocka_unit_test(configurations_are_strict),
		cmocka_unit_test(statuses_are_strict),
		cmocka_unit_test(optional_sections_are_strict),
		cmocka_unit_test(failure_alone_may_be_notified),
		cmocka_unit_test(operations_are_strict),
		cmocka_unit_test(lines_are_strict),
		cmocka_unit_test(one_set_has_a_maximum),
		cmocka_unit_test(long_values_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
