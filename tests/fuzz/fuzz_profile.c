/* fuzz_profile.c - any text as a profile: an error that names its place, or a profile whose every
 * request can be written and read again, and which takes any answer.
 *
 * Bytes behind a NUL are what a device answers: an SNMP message. */
#include "fuzz.h"
#include "profile/profile.h"

enum { MESSAGE_MAX = 32768 };

static struct snmp_message read_back;

static void
check_pdu(const struct snmp_pdu *pdu)
{
	static uint8_t buffer[MESSAGE_MAX];
	const struct slice community = { (const uint8_t *)"c", 1 };
	struct err err = { 0 };
	const int64_t size = snmp_encode_pdu(SNMP_V2C, community, 7, pdu, buffer, sizeof(buffer));

	MUST(size > 0);
	MUST(snmp_decode(buffer, (size_t)size, &read_back, &err) == 0);
	MUST(read_back.pdu.type == pdu->type && read_back.pdu.count == pdu->count);
	for (unsigned i = 0; i < pdu->count; i++) {
		MUST(oid_compare(&read_back.pdu.varbind[i].name, &pdu->varbind[i].name) == 0);
		MUST(snmp_value_equal(&read_back.pdu.varbind[i].value, &pdu->varbind[i].value));
	}
}

static void
check_commands(const struct profile *profile, uint8_t family)
{
	static struct snmp_pdu set;
	struct operation_args args = {
		.ticket = 0x7fffffff,
		.server = { .family = family, .port = 69, .ip = { 127, 0, 0, 1 } },
		.user = "user",
		.password = "password",
		.content = { { 1 } },
		.size = 0xffffffff,
		.slot = 1
	};

	for (int operation = 0; operation < OPERATION_COUNT; operation++) {
		args.files = operation == OPERATION_FETCH ? "a.img,b.img" : "a.cfg";
		for (int protocol = 0; protocol < PROTOCOL_COUNT; protocol++) {
			struct err err = { 0 };
			args.protocol = (enum protocol)protocol;
			int r = profile_command(profile, (enum operation)operation, &args, &set,
						&err);
			MUST(r == 0 || err.text[0] != '\0');
			MUST(r == 0 ? set.count > 0 : set.count == 0);
			MUST(r == 0 || (r == DD_EUNSUPPORTED) ==
					       !profile_has(profile, (enum operation)operation));
			check_pdu(&set);
		}
	}
}

static void
check_answers(const struct profile *profile, const struct snmp_pdu *answer)
{
	struct operation_status status;
	struct operation_notice notice;
	struct facts facts;
	struct err err;

	if (profile_probe_read(profile, answer, &facts, &err) == 0)
		MUST(facts.slots_count <= FACT_SLOTS_MAX);
	if (profile_status_read(profile, OPERATION_FETCH, 1, answer, &status, &err) == 0)
		MUST(status.ticket == 1 || status.kind == STATUS_ABSENT);
	for (unsigned i = 0; i < answer->count; i++)
		(void)profile_notice_read(profile, &answer->varbind[i].name, answer, &notice);
}

static void
check(const struct profile *profile, const uint8_t *answer, size_t answer_size)
{
	static struct snmp_pdu get;
	static struct snmp_message message;
	static struct image image;
	struct err err = { 0 };

	MUST(profile_name(profile)[0] != '\0' && profile_description(profile)[0] != '\0');
	MUST(profile_schema(profile)->formats_count > 0);
	check_commands(profile, ADDR_IPV4);
	check_commands(profile, ADDR_IPV6);
	profile_probe_ask(profile, &get);
	check_pdu(&get);
	profile_status_ask(profile, OPERATION_BACKUP, &get);
	check_pdu(&get);
	if (snmp_decode(answer, answer_size, &message, &err) == 0)
		check_answers(profile, &message.pdu);
	(void)profile_image_read(profile, answer, answer_size, &image, &err);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct profile *profile = NULL;
	struct err err = { 0 };
	const uint8_t *nul = size > 0 ? memchr(data, 0, size) : NULL;
	const size_t text_size = nul != NULL ? (size_t)(nul - data) : size;

	if (profile_load("input", (const char *)data, text_size, &profile, &err) == 0) {
		check(profile, nul != NULL ? nul + 1 : data + size,
		      nul != NULL ? size - text_size - 1 : 0);
		profile_free(profile);
	} else {
		MUST(strncmp(err.text, "input:", 6) == 0);
	}
	return 0;
}
