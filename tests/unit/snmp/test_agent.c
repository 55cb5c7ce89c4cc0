/* test_agent.c - request in, response out, over a small table of objects. */
#include "table.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#define A    TABLE_BASE ".1.1.0"
#define B    TABLE_BASE ".1.2.0"
#define LONG TABLE_BASE ".1.4.0"
#define LAST TABLE_BASE ".2.100"
#define NONE TABLE_BASE ".9.9"

struct fixture {
	struct table table;
	struct snmp_agent agent;
	struct snmp_message ask, reply;
	struct addr peer;
	msec_t now;
	uint8_t data[SNMP_MESSAGE_MAX], answer[SNMP_MESSAGE_MAX];
	size_t answer_max; /* what the answer may have */
};

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	if (!f)
		return -1;
	table_init(&f->table);
	table_serve(&f->table, &f->agent);
	f->now = 1000;
	f->answer_max = sizeof(f->answer);
	*state = f;
	return addr_parse("192.0.2.1:4000", 0, &f->peer, NULL);
}

static int
teardown(void **state)
{
	free(*state);
	return 0;
}

static struct oid
oid_of(const char *text)
{
	struct oid oid;

	assert_int_equal(oid_parse(text, &oid, NULL), 0);
	return oid;
}

static void
ask_start(struct fixture *f, uint8_t version, uint8_t type)
{
	static const char community[] = "secret";

	f->ask.version = version;
	f->ask.community = (struct slice){ (const uint8_t *)community, 6 };
	f->ask.pdu.type = type;
	f->ask.pdu.request_id = 77;
	f->ask.pdu.error_status = f->ask.pdu.error_index = 0;
	f->ask.pdu.count = 0;
}

static void
ask_community(struct fixture *f, const char *community)
{
	f->ask.community = (struct slice){ (const uint8_t *)community, strlen(community) };
}

static struct snmp_value *
ask_add(struct fixture *f, const char *name, uint8_t type)
{
	const struct oid oid = oid_of(name);
	struct snmp_varbind *varbind = snmp_pdu_add(&f->ask.pdu, &oid, type);

	assert_non_null(varbind);
	return &varbind->value;
}

static void
ask_set(struct fixture *f, const char *name, int32_t value)
{
	ask_add(f, name, SNMP_INTEGER)->integer = value;
}

/* Ask; false where the agent is silent. */
static bool
ask(struct fixture *f)
{
	const int64_t size = snmp_encode(&f->ask, f->data, sizeof(f->data));

	assert_true(size > 0);
	const size_t used = snmp_agent_answer(&f->agent, &f->peer, f->now, f->data, (size_t)size,
					      f->answer, f->answer_max);
	if (used == 0)
		return false;
	assert_true(used <= f->answer_max && used <= SNMP_AGENT_ANSWER_MAX);
	assert_int_equal(snmp_decode(f->answer, used, &f->reply, NULL), 0);
	assert_int_equal(f->reply.pdu.type, SNMP_RESPONSE);
	assert_int_equal(f->reply.pdu.request_id, f->ask.pdu.request_id);
	assert_int_equal(f->reply.version, f->ask.version);
	return true;
}

static void
assert_error(const struct fixture *f, int status, int index)
{
	assert_string_equal(snmp_error_name(f->reply.pdu.error_status), snmp_error_name(status));
	assert_int_equal(f->reply.pdu.error_index, index);
}

static void
assert_name(const struct fixture *f, unsigned i, const char *name)
{
	const struct oid oid = oid_of(name);

	assert_true(i < f->reply.pdu.count);
	assert_int_equal(oid_compare(&f->reply.pdu.varbind[i].name, &oid), 0);
}

static int32_t
table_integer(struct fixture *f, const char *name)
{
	const struct oid oid = oid_of(name);

	return table_row(&f->table, &oid)->value.integer;
}

/* ---- GET ---- */

static void
get_answers_each_varbind(void **state)
{
	struct fixture *f = *state;

	ask_start(f, SNMP_V2C, SNMP_GET);
	ask_community(f, "public");
	ask_add(f, A, SNMP_NULL);
	ask_add(f, NONE, SNMP_NULL);
	ask_add(f, "1.3.6.1.2.1.1.1.0", SNMP_NULL);
	ask_add(f, LONG, SNMP_NULL);

	assert_true(ask(f));
	assert_error(f, SNMP_NO_ERROR, 0);
	assert_int_equal(f->reply.pdu.count, 4);
	assert_int_equal(f->reply.pdu.varbind[0].value.integer, 1);
	assert_int_equal(f->reply.pdu.varbind[1].value.type, SNMP_NO_SUCH_INSTANCE);
	assert_name(f, 1, NONE);
	assert_int_equal(f->reply.pdu.varbind[2].value.octets.size, 6);
	assert_memory_equal(f->reply.pdu.varbind[2].value.octets.data, "device", 6);
	assert_int_equal(f->reply.pdu.varbind[3].value.octets.size, TABLE_LONG_SIZE);
}

static void
get_of_v1_names_the_one_that_is_missing(void **state)
{
	struct fixture *f = *state;

	ask_start(f, SNMP_V1, SNMP_GET);
	ask_add(f, A, SNMP_NULL);
	ask_add(f, NONE, SNMP_NULL);

	assert_true(ask(f));
	assert_error(f, SNMP_NO_SUCH_NAME, 2);
	assert_int_equal(f->reply.pdu.count, 2);
	assert_int_equal(f->reply.pdu.varbind[0].value.type, SNMP_NULL);
}

static void
get_of_v1_has_no_counter64(void **state)
{
	struct fixture *f = *state;

	ask_start(f, SNMP_V1, SNMP_GET);
	ask_add(f, TABLE_BASE ".1.3.0", SNMP_NULL);

	assert_true(ask(f));
	assert_error(f, SNMP_NO_SUCH_NAME, 1);
}

static void
get_that_does_not_fit_is_too_big(void **state)
{
	struct fixture *f = *state;

	ask_start(f, SNMP_V2C, SNMP_GET);
	for (int i = 0; i < 8; i++)
		ask_add(f, LONG, SNMP_NULL);
	assert_true(ask(f));
	assert_error(f, SNMP_TOO_BIG, 0);
	assert_int_equal(f->reply.pdu.count, 0);

	f->ask.version = SNMP_V1;
	assert_true(ask(f));
	assert_error(f, SNMP_TOO_BIG, 0);
	assert_int_equal(f->reply.pdu.count, 8); /* as they were asked: RFC 1157 4.1.2 */
}

static void
get_into_a_small_buffer_is_too_big(void **state)
{
	struct fixture *f = *state;

	f->answer_max = 100;
	ask_start(f, SNMP_V2C, SNMP_GET);
	ask_add(f, LONG, SNMP_NULL);

	assert_true(ask(f));
	assert_error(f, SNMP_TOO_BIG, 0);
}

/* ---- GETNEXT ---- */

static void
getnext_walks_the_whole_table_and_ends(void **state)
{
	struct fixture *f = *state;
	struct oid at = oid_of("0.0");

	for (unsigned i = 0; i < f->table.count; i++) {
		ask_start(f, SNMP_V2C, SNMP_GETNEXT);
		snmp_pdu_add(&f->ask.pdu, &at, SNMP_NULL);
		assert_true(ask(f));
		assert_int_equal(oid_compare(&f->reply.pdu.varbind[0].name, &f->table.rows[i].name),
				 0);
		at = f->reply.pdu.varbind[0].name;
	}
	ask_start(f, SNMP_V2C, SNMP_GETNEXT);
	snmp_pdu_add(&f->ask.pdu, &at, SNMP_NULL);
	assert_true(ask(f));
	assert_error(f, SNMP_NO_ERROR, 0);
	assert_int_equal(f->reply.pdu.varbind[0].value.type, SNMP_END_OF_MIB_VIEW);
	assert_int_equal(oid_compare(&f->reply.pdu.varbind[0].name, &at), 0);
}

static void
getnext_of_v1_steps_over_counter64(void **state)
{
	struct fixture *f = *state;

	ask_start(f, SNMP_V1, SNMP_GETNEXT);
	ask_add(f, B, SNMP_NULL);

	assert_true(ask(f));
	assert_error(f, SNMP_NO_ERROR, 0);
	assert_name(f, 0, LONG);
}

static void
getnext_of_v1_behind_the_last_is_no_such_name(void **state)
{
	struct fixture *f = *state;

	ask_start(f, SNMP_V1, SNMP_GETNEXT);
	ask_add(f, A, SNMP_NULL);
	ask_add(f, LAST, SNMP_NULL);

	assert_true(ask(f));
	assert_error(f, SNMP_NO_SUCH_NAME, 2);
}

/* Objects whose next is never behind what was asked. */
static int
stuck_get(void *arg, const struct oid *name, bool is_next, struct oid *ret_name,
	  struct snmp_value *ret_value, uint8_t scratch[static 256])
{
	(void)arg, (void)is_next, (void)scratch;
	*ret_name = *name;
	ret_value->type = SNMP_INTEGER;
	ret_value->integer = 0;
	return 0;
}

static void
objects_that_stand_still_are_gen_err(void **state)
{
	struct fixture *f = *state;

	f->agent.objects.get = stuck_get;
	ask_start(f, SNMP_V2C, SNMP_GETBULK);
	f->ask.pdu.error_index = 10;
	ask_add(f, A, SNMP_NULL);

	assert_true(ask(f));
	assert_error(f, SNMP_GEN_ERR, 1);
}

/* Objects that have nothing, and say so in the wrong words for GETNEXT. */
static int
empty_get(void *arg, const struct oid *name, bool is_next, struct oid *ret_name,
	  struct snmp_value *ret_value, uint8_t scratch[static 256])
{
	(void)arg, (void)name, (void)is_next, (void)ret_name, (void)ret_value, (void)scratch;
	return SNMP_NO_SUCH_OBJECT;
}

static void
getnext_of_nothing_is_the_end_of_the_view(void **state)
{
	struct fixture *f = *state;

	f->agent.objects.get = empty_get;
	ask_start(f, SNMP_V2C, SNMP_GETNEXT);
	ask_add(f, A, SNMP_NULL);
	assert_true(ask(f));
	assert_int_equal(f->reply.pdu.varbind[0].value.type, SNMP_END_OF_MIB_VIEW);

	f->ask.pdu.type = SNMP_GET;
	assert_true(ask(f));
	assert_int_equal(f->reply.pdu.varbind[0].value.type, SNMP_NO_SUCH_OBJECT);
}

/* Objects with nothing but counters of v2c, without end. */
static int
counters_get(void *arg, const struct oid *name, bool is_next, struct oid *ret_name,
	     struct snmp_value *ret_value, uint8_t scratch[static 256])
{
	(void)arg, (void)is_next, (void)scratch;
	*ret_name = *name;
	ret_name->number[ret_name->count - 1]++;
	ret_value->type = SNMP_COUNTER64;
	ret_value->number = 0;
	return 0;
}

static void
stepping_over_counters_has_an_end(void **state)
{
	struct fixture *f = *state;

	f->agent.objects.get = counters_get;
	ask_start(f, SNMP_V1, SNMP_GETNEXT);
	ask_add(f, A, SNMP_NULL);

	assert_true(ask(f));
	assert_error(f, SNMP_GEN_ERR, 1);
}

/* ---- GETBULK ---- */

static void
ask_bulk(struct fixture *f, int32_t non_repeaters, int32_t repetitions)
{
	ask_start(f, SNMP_V2C, SNMP_GETBULK);
	f->ask.pdu.error_status = non_repeaters;
	f->ask.pdu.error_index = repetitions;
}

static void
bulk_reads_singles_then_rows(void **state)
{
	struct fixture *f = *state;

	ask_bulk(f, 1, 3);
	ask_add(f, "1.3.6.1.2.1.1", SNMP_NULL);
	ask_add(f, TABLE_BASE ".2", SNMP_NULL);
	ask_add(f, TABLE_BASE ".2.50", SNMP_NULL);

	assert_true(ask(f));
	assert_error(f, SNMP_NO_ERROR, 0);
	assert_int_equal(f->reply.pdu.count, 7);
	assert_name(f, 0, "1.3.6.1.2.1.1.1.0");
	assert_name(f, 1, TABLE_BASE ".2.1");
	assert_name(f, 2, TABLE_BASE ".2.51");
	assert_name(f, 5, TABLE_BASE ".2.3");
	assert_name(f, 6, TABLE_BASE ".2.53");
}

static void
bulk_stops_when_all_columns_have_ended(void **state)
{
	struct fixture *f = *state;

	ask_bulk(f, 0, 20);
	ask_add(f, TABLE_BASE ".2.98", SNMP_NULL);
	ask_add(f, LAST, SNMP_NULL);

	assert_true(ask(f));
	assert_int_equal(f->reply.pdu.count, 6);
	assert_name(f, 2, LAST);
	assert_int_equal(f->reply.pdu.varbind[3].value.type, SNMP_END_OF_MIB_VIEW);
	assert_int_equal(f->reply.pdu.varbind[4].value.type, SNMP_END_OF_MIB_VIEW);
	assert_name(f, 4, LAST);
}

static void
bulk_is_cut_to_the_size_of_a_frame(void **state)
{
	struct fixture *f = *state;

	ask_bulk(f, 0, INT32_MAX);
	ask_add(f, TABLE_BASE ".2", SNMP_NULL);

	/* given room for all: as many as a message holds */
	assert_true(ask(f));
	assert_int_equal(f->reply.pdu.count, SNMP_VARBINDS_MAX);

	/* given a small buffer: the first ones, whole */
	f->answer_max = 200;
	assert_true(ask(f));
	assert_error(f, SNMP_NO_ERROR, 0);
	assert_in_range(f->reply.pdu.count, 4, 10);
	for (unsigned i = 0; i < f->reply.pdu.count; i++)
		assert_int_equal(f->reply.pdu.varbind[i].value.number, i + 1);
}

static void
bulk_of_long_strings_is_cut(void **state)
{
	struct fixture *f = *state;

	ask_bulk(f, 20, 0);
	for (int i = 0; i < 20; i++)
		ask_add(f, TABLE_BASE ".1.3.0", SNMP_NULL);

	assert_true(ask(f));
	assert_error(f, SNMP_NO_ERROR, 0);
	assert_int_equal(f->reply.pdu.count, 6);
	assert_int_equal(f->reply.pdu.varbind[5].value.octets.size, TABLE_LONG_SIZE);
}

static void
bulk_takes_odd_counts(void **state)
{
	struct fixture *f = *state;

	ask_bulk(f, INT32_MIN, -1); /* negative is 0: nothing to read */
	ask_add(f, A, SNMP_NULL);
	assert_true(ask(f));
	assert_error(f, SNMP_NO_ERROR, 0);
	assert_int_equal(f->reply.pdu.count, 0);

	ask_bulk(f, INT32_MAX, INT32_MAX); /* all singles */
	ask_add(f, A, SNMP_NULL);
	assert_true(ask(f));
	assert_int_equal(f->reply.pdu.count, 1);

	ask_bulk(f, 0, INT32_MAX); /* no names at all */
	assert_true(ask(f));
	assert_int_equal(f->reply.pdu.count, 0);
}

static void
bulk_without_room_for_one_is_too_big(void **state)
{
	struct fixture *f = *state;

	f->answer_max = 100;
	ask_bulk(f, 0, 5);
	ask_add(f, TABLE_BASE ".1.3.0", SNMP_NULL); /* the next one is long */

	assert_true(ask(f));
	assert_error(f, SNMP_TOO_BIG, 0);
}

/* ---- SET ---- */

static void
set_does_all(void **state)
{
	struct fixture *f = *state;

	ask_start(f, SNMP_V2C, SNMP_SET);
	ask_set(f, A, 10);
	ask_set(f, B, 20);

	assert_true(ask(f));
	assert_error(f, SNMP_NO_ERROR, 0);
	assert_int_equal(f->reply.pdu.count, 2);
	assert_int_equal(f->reply.pdu.varbind[1].value.integer, 20);
	assert_int_equal(table_integer(f, A), 10);
	assert_int_equal(table_integer(f, B), 20);
}

static void
set_does_nothing_where_one_is_wrong(void **state)
{
	struct fixture *f = *state;

	ask_start(f, SNMP_V2C, SNMP_SET);
	ask_set(f, A, 10);
	ask_set(f, B, 101);

	assert_true(ask(f));
	assert_error(f, SNMP_WRONG_VALUE, 2);
	assert_int_equal(table_integer(f, A), 1);
	assert_int_equal(f->table.commits, 0);
}

static void
set_errors_of_v1_are_its_own(void **state)
{
	struct fixture *f = *state;
	static const struct {
		const char *name;
		uint8_t type;
		int status;
	} cases[] = {
		{ A, SNMP_OCTETS, SNMP_BAD_VALUE },        /* wrongType */
		{ A, SNMP_NULL, SNMP_BAD_VALUE },          /* wrongType */
		{ LONG, SNMP_INTEGER, SNMP_NO_SUCH_NAME }, /* notWritable */
	};

	for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
		ask_start(f, SNMP_V1, SNMP_SET);
		f->ask.pdu.request_id = (int32_t)i + 1;
		ask_add(f, cases[i].name, cases[i].type);
		assert_true(ask(f));
		assert_error(f, cases[i].status, 1);
	}
}

static void
set_of_an_exception_never_reaches_the_objects(void **state)
{
	struct fixture *f = *state;

	ask_start(f, SNMP_V2C, SNMP_SET);
	ask_set(f, A, 10);
	ask_add(f, B, SNMP_NO_SUCH_OBJECT);

	assert_true(ask(f));
	assert_error(f, SNMP_WRONG_TYPE, 2);
	assert_int_equal(f->table.tests, 0);
}

static void
set_that_fails_to_commit_says_so(void **state)
{
	struct fixture *f = *state;

	f->table.commit_status = SNMP_COMMIT_FAILED;
	ask_start(f, SNMP_V2C, SNMP_SET);
	ask_set(f, A, 10);
	assert_true(ask(f));
	assert_error(f, SNMP_COMMIT_FAILED, 1);

	ask_start(f, SNMP_V1, SNMP_SET);
	ask_set(f, A, 10);
	assert_true(ask(f));
	assert_error(f, SNMP_GEN_ERR, 1);
}

static void
set_without_setters_is_not_writable(void **state)
{
	struct fixture *f = *state;

	f->agent.objects.test = NULL;
	ask_start(f, SNMP_V2C, SNMP_SET);
	ask_set(f, A, 10);

	assert_true(ask(f));
	assert_error(f, SNMP_NOT_WRITABLE, 1);
}

static void
set_whose_answer_does_not_fit_is_not_done(void **state)
{
	struct fixture *f = *state;

	f->answer_max = 60;
	ask_start(f, SNMP_V2C, SNMP_SET);
	ask_set(f, A, 10);
	ask_set(f, B, 20);

	assert_true(ask(f));
	assert_error(f, SNMP_TOO_BIG, 0);
	assert_int_equal(f->table.tests + f->table.commits, 0);
}

static void
empty_set_is_answered(void **state)
{
	struct fixture *f = *state;

	ask_start(f, SNMP_V2C, SNMP_SET);

	assert_true(ask(f));
	assert_error(f, SNMP_NO_ERROR, 0);
	assert_int_equal(f->table.tests, 0);
}

/* ---- equal SETs ---- */

static void
equal_set_is_answered_again_but_not_done_again(void **state)
{
	struct fixture *f = *state;

	ask_start(f, SNMP_V2C, SNMP_SET);
	ask_set(f, A, 10);
	assert_true(ask(f));
	f->now += SNMP_AGENT_RECENT_MS;
	assert_true(ask(f));

	assert_error(f, SNMP_NO_ERROR, 0);
	assert_int_equal(f->reply.pdu.varbind[0].value.integer, 10);
	assert_int_equal(f->table.commits, 1);
	assert_int_equal(f->agent.repeated_sets, 1);
}

static void
equal_set_into_a_smaller_buffer_is_not_done_again(void **state)
{
	struct fixture *f = *state;

	ask_start(f, SNMP_V2C, SNMP_SET);
	ask_set(f, A, 10);
	assert_true(ask(f));
	f->answer_max = 20;

	assert_false(ask(f));
	assert_int_equal(f->table.commits, 1);
}

static void
refused_set_is_refused_again_from_memory(void **state)
{
	struct fixture *f = *state;

	ask_start(f, SNMP_V2C, SNMP_SET);
	ask_set(f, A, 101);
	assert_true(ask(f));
	assert_true(ask(f));

	assert_error(f, SNMP_WRONG_VALUE, 1);
	assert_int_equal(f->table.tests, 1);
}

static void
set_that_differs_is_done(void **state)
{
	struct fixture *f = *state;

	ask_start(f, SNMP_V2C, SNMP_SET);
	ask_set(f, A, 10);
	assert_true(ask(f));
	f->ask.pdu.request_id++; /* another request */
	assert_true(ask(f));
	f->peer.port++; /* another peer */
	assert_true(ask(f));
	f->ask.pdu.varbind[0].value.integer++; /* another value */
	assert_true(ask(f));
	f->now += SNMP_AGENT_RECENT_MS + 1; /* too long ago */
	assert_true(ask(f));

	assert_int_equal(f->table.commits, 5);
	assert_int_equal(f->agent.repeated_sets, 0);
}

static void
the_32_newest_sets_are_known(void **state)
{
	struct fixture *f = *state;

	ask_start(f, SNMP_V2C, SNMP_SET);
	ask_set(f, A, 10);
	for (int i = 0; i <= SNMP_AGENT_RECENT_MAX; i++) {
		f->ask.pdu.request_id = 100 + i;
		assert_true(ask(f));
	}
	for (int i = 1; i <= SNMP_AGENT_RECENT_MAX; i++) {
		f->ask.pdu.request_id = 100 + i;
		assert_true(ask(f));
	}

	assert_int_equal(f->table.commits, SNMP_AGENT_RECENT_MAX + 1);
	assert_int_equal(f->agent.repeated_sets, SNMP_AGENT_RECENT_MAX);
}

/* ---- silence ---- */

static void
wrong_community_is_met_with_silence(void **state)
{
	struct fixture *f = *state;
	static const char *const wrong[] = { "", "publi", "publicc", "Public", "secres" };

	ask_start(f, SNMP_V2C, SNMP_GET);
	ask_add(f, A, SNMP_NULL);
	for (size_t i = 0; i < ARRAY_COUNT(wrong); i++) {
		ask_community(f, wrong[i]);
		assert_false(ask(f));
	}
	assert_int_equal(f->agent.bad_communities, ARRAY_COUNT(wrong));
}

static void
read_community_may_not_set(void **state)
{
	struct fixture *f = *state;

	ask_start(f, SNMP_V2C, SNMP_SET);
	ask_community(f, "public");
	ask_set(f, A, 10);

	assert_false(ask(f));
	assert_int_equal(f->agent.bad_communities, 1);
	assert_int_equal(f->table.tests, 0);
}

static void
unset_community_is_nobodys(void **state)
{
	struct fixture *f = *state;

	f->agent.read_community[0] = f->agent.write_community[0] = '\0';
	ask_start(f, SNMP_V2C, SNMP_GET);
	ask_community(f, "");
	ask_add(f, A, SNMP_NULL);

	assert_false(ask(f));
}

static void
what_is_no_request_is_met_with_silence(void **state)
{
	struct fixture *f = *state;
	static const uint8_t types[] = { SNMP_RESPONSE, SNMP_INFORM, SNMP_TRAP_V2, SNMP_REPORT };

	for (size_t i = 0; i < ARRAY_COUNT(types); i++) {
		ask_start(f, SNMP_V2C, types[i]);
		assert_false(ask(f));
	}
	assert_int_equal(snmp_agent_answer(&f->agent, &f->peer, f->now, (const uint8_t *)"0", 1,
					   f->answer, sizeof(f->answer)),
			 0);
	assert_int_equal(f->agent.bad_messages, ARRAY_COUNT(types) + 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(get_answers_each_varbind),
		TEST(get_of_v1_names_the_one_that_is_missing),
		TEST(get_of_v1_has_no_counter64),
		TEST(get_that_does_not_fit_is_too_big),
		TEST(get_into_a_small_buffer_is_too_big),
		TEST(getnext_walks_the_whole_table_and_ends),
		TEST(getnext_of_v1_steps_over_counter64),
		TEST(getnext_of_v1_behind_the_last_is_no_such_name),
		TEST(getnext_of_nothing_is_the_end_of_the_view),
		TEST(objects_that_stand_still_are_gen_err),
		TEST(stepping_over_counters_has_an_end),
		TEST(bulk_reads_singles_then_rows),
		TEST(bulk_stops_when_all_columns_have_ended),
		TEST(bulk_is_cut_to_the_size_of_a_frame),
		TEST(bulk_of_long_strings_is_cut),
		TEST(bulk_takes_odd_counts),
		TEST(bulk_without_room_for_one_is_too_big),
		TEST(set_does_all),
		TEST(set_does_nothing_where_one_is_wrong),
		TEST(set_errors_of_v1_are_its_own),
		TEST(set_of_an_exception_never_reaches_the_objects),
		TEST(set_that_fails_to_commit_says_so),
		TEST(set_without_setters_is_not_writable),
		TEST(set_whose_answer_does_not_fit_is_not_done),
		TEST(empty_set_is_answered),
		TEST(equal_set_is_answered_again_but_not_done_again),
		TEST(equal_set_into_a_smaller_buffer_is_not_done_again),
		TEST(refused_set_is_refused_again_from_memory),
		TEST(set_that_differs_is_done),
		TEST(the_32_newest_sets_are_known),
		TEST(wrong_community_is_met_with_silence),
		TEST(read_community_may_not_set),
		TEST(unset_community_is_nobodys),
		TEST(what_is_no_request_is_met_with_silence),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
