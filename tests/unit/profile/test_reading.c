/* test_reading.c - what devices say: facts, status, notifications, and images' headers. */
#include "sample.h"

/* ---- facts ---- */

static void
start(struct snmp_pdu *answer)
{
	memset(answer, 0, sizeof(*answer));
	answer->type = SNMP_RESPONSE;
}

static void
answer_whole(struct snmp_pdu *answer)
{
	static const uint8_t hash[32] = { 1, 2, 3 };

	start(answer);
	add_text(answer, "1.3.6.1.2.1.1.1.0", "Drydock IAD-24, hardware B, software 1.4.2");
	add(answer, "1.3.6.1.2.1.1.2.0", SNMP_OID)->oid = oid_of(DD ".9.1");
	add(answer, "1.3.6.1.2.1.1.3.0", SNMP_TIMETICKS)->number = 500;
	add_text(answer, DD ".1.1.1.0", "IAD-24");
	add_text(answer, DD ".1.1.2.0", "B");
	add_text(answer, DD ".1.1.3.0", "SN-7");
	add_text(answer, DD ".1.1.4.0", "1.4.2");
	add_gauge(answer, DD ".1.1.5.0", 1);
	add_gauge(answer, DD ".1.1.6.0", 2);
	add_gauge(answer, DD ".1.1.8.0", 2);
	add(answer, DD ".1.1.10.0", SNMP_COUNTER32)->number = 9;
	add_gauge(answer, DD ".1.1.11.0", 4000000000u);
	add_int(answer, DD ".1.2.1.2.1", 2);
	add_int(answer, DD ".1.2.1.2.2", 3);
	add_text(answer, DD ".1.2.1.3.1", "1.4.2");
	add_text(answer, DD ".1.2.1.3.2", "1.0.0");
	add_bytes(answer, DD ".1.2.1.4.1", hash, 32);
	add_bytes(answer, DD ".1.2.1.4.2", hash, 0);
	add_gauge(answer, DD ".1.5.2.0", 22);
	add_gauge(answer, DD ".1.5.3.0", 10);
	add_gauge(answer, DD ".1.4.1.0", 77);
	add_int(answer, DD ".1.4.3.0", 1);
}

static void
every_fact_is_asked_for_once(void **state)
{
	static struct snmp_pdu get, answer;
	struct profile *profile = own_profile();

	(void)state;
	profile_probe_ask(profile, &get);
	answer_whole(&answer);
	assert_int_equal(get.type, SNMP_GET);
	assert_int_equal(get.count, answer.count);
	for (unsigned i = 0; i < answer.count; i++) {
		assert_ptr_not_equal(snmp_pdu_find(&get, &answer.varbind[i].name), NULL);
		assert_int_equal(get.varbind[i].value.type, SNMP_NULL);
	}
	profile_free(profile);
}

static void
facts_are_read(void **state)
{
	static struct snmp_pdu answer;
	struct profile *profile = own_profile();
	struct facts facts;
	struct err err = { 0 };

	(void)state;
	answer_whole(&answer);
	if (profile_probe_read(profile, &answer, &facts, &err) < 0)
		fail_msg("%s", err.text);
	assert_string_equal(facts.model, "IAD-24");
	assert_string_equal(facts.revision, "B");
	assert_string_equal(facts.serial, "SN-7");
	assert_string_equal(facts.version, "1.4.2");
	assert_string_equal(facts.object_id, DD ".9.1");
	assert_int_equal(facts.config_format, 1);
	assert_int_equal(facts.running_slot, 2);
	assert_true(facts.has_boots && facts.has_service && facts.has_free_bytes);
	assert_int_equal(facts.boots, 9);
	assert_int_equal(facts.free_bytes, 4000000000u);
	assert_int_equal(facts.uptime_ms, 5000);
	assert_int_equal(facts.slots_count, 2);
	assert_true(facts.slots[0].is_valid && !facts.slots[1].is_valid);
	assert_string_equal(facts.slots[1].version, "1.0.0");
	assert_int_equal(facts.slots[0].content.bytes[2], 3);
	assert_true(sha256_is_zero(&facts.slots[1].content));
	assert_int_equal(facts.ports_up, 22);
	assert_int_equal(facts.registrations, 10);
	assert_int_equal(facts.busy_ticket, 77);
	profile_free(profile);
}

static void
facts_that_are_not_told_stay_empty(void **state)
{
	static struct snmp_pdu answer;
	struct profile *profile = own_profile();
	struct facts facts;

	(void)state;
	start(&answer);
	add(&answer, "1.3.6.1.2.1.1.2.0", SNMP_OID)->oid = oid_of(DD ".9.1");
	add(&answer, DD ".1.1.1.0", SNMP_NO_SUCH_OBJECT);
	add_int(&answer, DD ".1.1.3.0", 5);         /* no text */
	add_text(&answer, DD ".1.1.5.0", "1");      /* no number */
	add_int(&answer, DD ".1.1.10.0", -1);       /* no count */
	add_gauge(&answer, DD ".1.1.8.0", 4000000); /* more than there can be */
	add_bytes(&answer, DD ".1.1.4.0", "1.\0\033[2J\xff", 8);
	add_gauge(&answer, DD ".1.5.2.0", 22); /* no registrations */
	add_gauge(&answer, DD ".1.4.1.0", 77);
	add_int(&answer, DD ".1.4.3.0", 2); /* done */
	assert_int_equal(profile_probe_read(profile, &answer, &facts, NULL), 0);
	assert_string_equal(facts.model, "");
	assert_string_equal(facts.serial, "");
	assert_string_equal(facts.version, "1.??[2J?");
	assert_int_equal(facts.config_format, 0);
	assert_false(facts.has_boots || facts.has_service || facts.has_free_bytes);
	assert_int_equal(facts.slots_count, 2);
	assert_false(facts.slots[0].is_valid);
	assert_int_equal(facts.busy_ticket, 0);
	profile_free(profile);
}

static void
long_texts_are_cut(void **state)
{
	static struct snmp_pdu answer;
	struct profile *profile = own_profile();
	struct facts facts;
	char text[500];

	(void)state;
	memset(text, 'x', sizeof(text));
	start(&answer);
	add(&answer, "1.3.6.1.2.1.1.2.0", SNMP_OID)->oid = oid_of(DD ".9.1");
	add_bytes(&answer, "1.3.6.1.2.1.1.1.0", text, sizeof(text));
	add_bytes(&answer, DD ".1.1.4.0", text, sizeof(text));
	assert_int_equal(profile_probe_read(profile, &answer, &facts, NULL), 0);
	assert_int_equal(strlen(facts.version), FACT_TEXT_MAX - 1);
	profile_free(profile);
}

static void
one_slot_devices_have_one(void **state)
{
	static struct snmp_pdu answer;
	struct profile *profile = own_profile();
	struct facts facts;

	(void)state;
	answer_whole(&answer);
	for (unsigned i = 0; i < answer.count; i++) {
		const struct oid count = oid_of(DD ".1.1.8.0");
		if (oid_compare(&answer.varbind[i].name, &count) == 0)
			answer.varbind[i].value.number = 1;
	}
	assert_int_equal(profile_probe_read(profile, &answer, &facts, NULL), 0);
	assert_int_equal(facts.slots_count, 1);
	assert_string_equal(facts.slots[1].version, "");
	profile_free(profile);
}

static void
other_families_are_not_taken(void **state)
{
	static struct snmp_pdu answer;
	struct profile *profile = own_profile();
	struct facts facts;
	struct err err = { 0 };

	(void)state;
	start(&answer);
	assert_int_equal(profile_probe_read(profile, &answer, &facts, &err), DD_ENOTFOUND);
	assert_non_null(strstr(err.text, "sysObjectID is missing"));
	add(&answer, "1.3.6.1.2.1.1.2.0", SNMP_OID)->oid = oid_of("1.3.6.1.4.1.9.1.1");
	add_text(&answer, "1.3.6.1.2.1.1.1.0", "Something else");
	assert_int_equal(profile_probe_read(profile, &answer, &facts, &err), DD_ENOTFOUND);
	assert_string_equal(err.text, "the device is not of family drydock-agent: sysObjectID is "
				      "1.3.6.1.4.1.9.1.1, sysDescr \"Something else\"");
	answer_whole(&answer);
	answer.error_status = SNMP_GEN_ERR;
	assert_int_equal(profile_probe_read(profile, &answer, &facts, &err), DD_ENOTFOUND);
	assert_string_equal(err.text, "the device answered genErr");
	profile_free(profile);
}

/* ---- status ---- */

static void
answer_status(struct snmp_pdu *answer, uint32_t ticket, int32_t state, int32_t reason,
	      const char *text)
{
	start(answer);
	add_gauge(answer, DD ".1.4.1.0", ticket);
	add_int(answer, DD ".1.4.3.0", state);
	add_int(answer, DD ".1.4.4.0", reason);
	add_text(answer, DD ".1.4.5.0", text);
	add_gauge(answer, DD ".1.4.6.0", 4096);
}

static struct operation_status
status_of(uint32_t ticket, int32_t state, int32_t reason, const char *text)
{
	static struct snmp_pdu answer;
	struct profile *profile = own_profile();
	struct operation_status status;
	struct err err = { 0 };

	answer_status(&answer, ticket, state, reason, text);
	if (profile_status_read(profile, OPERATION_FETCH, 5, &answer, &status, &err) < 0)
		fail_msg("%s", err.text);
	profile_free(profile);
	return status;
}

static void
status_is_asked_for(void **state)
{
	static struct snmp_pdu get;
	struct profile *profile = own_profile();

	(void)state;
	profile_status_ask(profile, OPERATION_FETCH, &get);
	assert_int_equal(get.count, 5);
	assert_int_equal(asked(&get, DD ".1.4.1.0")->type, SNMP_NULL);
	assert_int_equal(asked(&get, DD ".1.4.6.0")->type, SNMP_NULL);
	profile_free(profile);
}

static void
status_of_our_ticket(void **state)
{
	(void)state;
	struct operation_status status = status_of(5, 1, 0, "");
	assert_int_equal(status.kind, STATUS_RUNNING);
	assert_int_equal(status.bytes, 4096);
	assert_int_equal(status.ticket, 5);
	assert_int_equal(status_of(5, 2, 0, "").kind, STATUS_DONE);
	assert_int_equal(status_of(5, 0, 0, "").kind, STATUS_ABSENT);
}

/* Answers with an old ticket are evidence, never progress. */
static void
status_of_another_ticket_is_absent(void **state)
{
	(void)state;
	for (int32_t i = 0; i <= 3; i++) {
		struct operation_status status = status_of(4, i, 5, "text");
		assert_int_equal(status.kind, STATUS_ABSENT);
		assert_int_equal(status.ticket, 4);
		assert_int_equal(status.bytes, 0);
		assert_string_equal(status.text, "");
	}
}

static void
failures_have_reasons(void **state)
{
	(void)state;
	struct operation_status status = status_of(5, 3, 5, "hash\ndiffers");
	assert_int_equal(status.kind, STATUS_FAILED);
	assert_int_equal(status.reason, REASON_DEVICE_FAILED);
	assert_string_equal(status.text, "hash?differs");
	status = status_of(5, 3, 5, "");
	assert_string_equal(status.text, "what arrived does not have the hash that was announced");
	assert_int_equal(status_of(5, 3, 4, "").reason, REASON_TRANSFER_BROKEN);
	assert_int_equal(status_of(5, 3, 12, "").reason, REASON_FELL_BACK);
	assert_int_equal(status_of(5, 3, 14, "").reason, REASON_REFUSED);
	status = status_of(5, 3, 99, "");
	assert_int_equal(status.reason, REASON_DEVICE_FAILED);
	assert_string_equal(status.text, "the device says that it failed");
}

static void
answers_without_status_are_errors(void **state)
{
	static struct snmp_pdu answer;
	struct profile *profile = own_profile();
	struct operation_status status;
	struct err err = { 0 };

	(void)state;
	start(&answer);
	assert_int_equal(profile_status_read(profile, OPERATION_KEEP, 5, &answer, &status, &err),
			 DD_ENOTFOUND);
	add(&answer, DD ".1.4.1.0", SNMP_NO_SUCH_INSTANCE);
	assert_int_equal(profile_status_read(profile, OPERATION_KEEP, 5, &answer, &status, &err),
			 DD_ENOTFOUND);
	start(&answer);
	add_gauge(&answer, DD ".1.4.1.0", 5);
	assert_int_equal(profile_status_read(profile, OPERATION_KEEP, 5, &answer, &status, &err),
			 DD_ENOTFOUND);
	answer_status(&answer, 5, 4, 0, "");
	assert_int_equal(profile_status_read(profile, OPERATION_KEEP, 5, &answer, &status, &err),
			 DD_EUNSUPPORTED);
	assert_string_equal(err.text,
			    "the device is in state 4, which profile drydock-agent does not know");
	answer.error_status = SNMP_AUTHORIZATION_ERROR;
	assert_int_equal(profile_status_read(profile, OPERATION_KEEP, 5, &answer, &status, &err),
			 DD_ENOTFOUND);
	profile_free(profile);
}

/* ---- notifications ---- */

static void
notifications_are_read(void **state)
{
	static struct snmp_pdu trap;
	struct profile *profile = own_profile(), *small = profile_of(SMALL);
	const struct oid done = oid_of(DD ".0.1"), failed = oid_of(DD ".0.2"),
			 other = oid_of(DD ".0.3");
	struct operation_notice notice = { .ticket = 1 };

	(void)state;
	answer_status(&trap, 5, 3, 4, "broken\x01off");
	assert_true(profile_notice_read(profile, &failed, &trap, &notice));
	assert_true(notice.has_failed);
	assert_int_equal(notice.ticket, 5);
	assert_string_equal(notice.text, "broken?off");
	assert_true(profile_notice_read(profile, &done, &trap, &notice));
	assert_false(notice.has_failed);
	start(&trap);
	assert_true(profile_notice_read(profile, &done, &trap, &notice));
	assert_int_equal(notice.ticket, 0);
	assert_string_equal(notice.text, "");
	assert_false(profile_notice_read(profile, &other, &trap, &notice));
	assert_false(profile_notice_read(small, &done, &trap, &notice));
	profile_free(profile);
	profile_free(small);
}

/* ---- images ---- */

static int
read_image(const char *text, size_t size, struct image *image, struct err *err)
{
	struct profile *profile = own_profile();
	int r = profile_image_read(profile, text, size, image, err);

	profile_free(profile);
	return r;
}

static void
image_headers_are_read(void **state)
{
	static const char text[] =
		"DRYDOCK-IMAGE 1\nversion: 2.0.0\nmodel: IAD-24\nrevisions: A,B\n"
		"format: 2\nsize: 5\nsha256: 00\n\n\0\1\2\3";
	static struct image image;
	struct err err = { 0 };

	(void)state;
	if (read_image(text, sizeof(text), &image, &err) < 0)
		fail_msg("%s", err.text);
	assert_string_equal(image.version, "2.0.0");
	assert_int_equal(image.models_count, 1);
	assert_string_equal(image.models[0], "IAD-24");
	assert_int_equal(image.revisions_count, 2);
	assert_string_equal(image.revisions[1], "B");
	assert_int_equal(image.config_format, 2);
	assert_int_equal(image.size, 0); /* that of the files, which their owner knows */
}

static void
images_without_a_good_header_are_refused(void **state)
{
	static const struct {
		const char *text, *wanted;
	} rows[] = {
		{ "", "does not begin with 'DRYDOCK-IMAGE 1'" },
		{ "\x7f"
		  "ELF\n\n",
		  "does not begin" },
		{ "DRYDOCK-IMAGE 1", "does not begin" },
		{ "DRYDOCK-IMAGE 10\n\n", "does not begin" },
		{ "DRYDOCK-IMAGE 1\nversion: 1\n", "does not end" },
		{ "DRYDOCK-IMAGE 1\nversion 1\n\n", "not 'name: value'" },
		{ "DRYDOCK-IMAGE 1\nversion:\n\n", "empty or too long" },
		{ "DRYDOCK-IMAGE 1\nversion: 1\nversion: 2\n\n", "has its version twice" },
		{ "DRYDOCK-IMAGE 1\nmodel: 1\nmodel: 2\n\n", "has its model twice" },
		{ "DRYDOCK-IMAGE 1\nrevisions: A,\n\n", "empty or too long" },
		{ "DRYDOCK-IMAGE 1\nrevisions: 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17\n\n",
		  "too long" },
		{ "DRYDOCK-IMAGE 1\nformat: 0\n\n", "no number from 1" },
		{ "DRYDOCK-IMAGE 1\nformat: two\n\n", "no number from 1" },
		{ "DRYDOCK-IMAGE 1\nformat: 1\nformat: 1\n\n", "has its format twice" },
		{ "DRYDOCK-IMAGE 1\nversion: "
		  "0123456789012345678901234567890123456789012345678901234567890123\n\n",
		  "empty or too long" },
	};
	static struct image image;

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		struct err err = { 0 };
		int r = read_image(rows[i].text, strlen(rows[i].text), &image, &err);
		if (r != DD_EPARSE || strstr(err.text, rows[i].wanted) == NULL)
			fail_msg("row %zu: %d \"%s\"", i, r, err.text);
	}
}

static void
image_lines_are_bounded(void **state)
{
	static char text[70000];
	static struct image image;
	struct err err = { 0 };

	(void)state;
	size_t used = strlen(strcpy(text, "DRYDOCK-IMAGE 1\n"));
	memset(text + used, 'x', 200);
	text[used + 200] = '\n';
	assert_int_equal(read_image(text, used + 201, &image, &err), DD_EPARSE);
	for (; used + 5 < sizeof(text); used += 5)
		memcpy(text + used, "a: b\n", 5);
	assert_int_equal(read_image(text, used, &image, &err), DD_EPARSE);
	assert_string_equal(err.text, "the image's header has too many lines");
	assert_int_equal(read_image("DRYDOCK-IMAGE 1\na\0: b\n\n", 24, &image, &err), DD_EPARSE);
}

static void
families_without_header_take_any_file(void **state)
{
	static struct image image;
	struct profile *profile = profile_of(SMALL);

	(void)state;
	assert_int_equal(profile_image_read(profile, "x", 1, &image, NULL), 0);
	assert_string_equal(image.version, "");
	profile_free(profile);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_fact_is_asked_for_once),
		cmocka_unit_test(facts_are_read),
		cmocka_unit_test(facts_that_are_not_told_stay_empty),
		cmocka_unit_test(long_texts_are_cut),
		cmocka_unit_test(one_slot_devices_have_one),
		cmocka_unit_test(other_families_are_not_taken),
		cmocka_unit_test(status_is_asked_for),
		cmocka_unit_test(status_of_our_ticket),
		cmocka_unit_test(status_of_another_ticket_is_absent),
		cmocka_unit_test(failures_have_reasons),
		cmocka_unit_test(answers_without_status_are_errors),
		cmocka_unit_test(notifications_are_read),
		cmocka_unit_test(image_headers_are_read),
		cmocka_unit_test(images_without_a_good_header_are_refused),
		cmocka_unit_test(image_lines_are_bounded),
		cmocka_unit_test(families_without_header_take_any_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
