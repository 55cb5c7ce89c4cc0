/* test_manager.c - requests in flight: tries, waits, matching of answers, outcomes; in a simulated
 * network. */
#include "snmp/manager.h"
#include "world.h"

#define NAME  "1.3.6.1.4.1.8072.9999.9999.1.1.0"
#define OTHER "1.3.6.1.4.1.8072.9999.9999.1.2.0"

struct outcome {
	unsigned calls;
	struct snmp_result last; /* text and answer as below */
	char text[512];
	int32_t error_status, error_index, value;
	unsigned count;
};

struct fixture {
	struct world world;
	struct snmp_manager *manager;
	struct inbox device, stranger, other_port;
	struct snmp_target target;
	struct snmp_pdu pdu;
	struct snmp_message reply;
	struct outcome outcome;
	int64_t next; /* asked inside done() */
};

static int
setup(void **state)
{
	const struct sim_settings settings = { .seed = 1,
					       .latency_min_ms = LATENCY_MS,
					       .latency_max_ms = LATENCY_MS };
	struct fixture *f = calloc(1, sizeof(*f));

	if (!f)
		return -1;
	world_open(&f->world, &settings);
	assert_int_equal(snmp_manager_new(f->world.here, NULL, NULL, &f->manager, NULL), 0);
	inbox_open(&f->device, f->world.device, DEVICE ":161");
	inbox_open(&f->other_port, f->world.device, DEVICE ":1161");
	inbox_open(&f->stranger, f->world.stranger, STRANGER ":161");
	f->target.address = addr_of(DEVICE ":161");
	f->target.version = SNMP_V2C;
	strcpy(f->target.community, "public");
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	snmp_manager_free(f->manager);
	env_udp_close(f->device.udp);
	env_udp_close(f->other_port.udp);
	env_udp_close(f->stranger.udp);
	sim_free(f->world.sim);
	free(f);
	return 0;
}

static void
keep(void *arg, const struct snmp_result *result)
{
	struct outcome *outcome = arg;

	outcome->calls++;
	outcome->last = *result;
	strcpy(outcome->text, result->text);
	if (!result->answer)
		return;
	outcome->error_status = result->answer->error_status;
	outcome->error_index = result->answer->error_index;
	outcome->count = result->answer->count;
	outcome->value = result->answer->count > 0 ? result->answer->varbind[0].value.integer : 0;
}

static void
pdu_start(struct fixture *f, uint8_t type)
{
	const struct oid name = oid_of(NAME);

	f->pdu.type = type;
	f->pdu.error_status = f->pdu.error_index = 0;
	f->pdu.count = 0;
	if (type == SNMP_SET)
		snmp_pdu_add(&f->pdu, &name, SNMP_INTEGER)->value.integer = 7;
	else
		snmp_pdu_add(&f->pdu, &name, SNMP_NULL);
}

static struct snmp_ask
ask_of(struct fixture *f, unsigned tries, unsigned timeout_ms)
{
	return (struct snmp_ask){ .target = &f->target,
				  .pdu = &f->pdu,
				  .tries = tries,
				  .timeout_ms = timeout_ms,
				  .done = keep,
				  .arg = &f->outcome };
}

static int64_t
ask(struct fixture *f, unsigned tries, unsigned timeout_ms)
{
	const struct snmp_ask what = ask_of(f, tries, timeout_ms);
	const int64_t number = snmp_manager_ask(f->manager, &what);

	assert_true(number > 0);
	return number;
}

/* Ask for NAME once, with a second's patience, and let it reach the device. */
static void
ask_get(struct fixture *f)
{
	pdu_start(f, SNMP_GET);
	ask(f, 1, 1000);
	world_run(&f->world, LATENCY_MS);
}

/* The right Response to what the device got last, for a test to spoil. */
static struct snmp_message *
reply_start(struct fixture *f)
{
	assert_int_equal(snmp_decode(f->device.data, f->device.size, &f->reply, NULL), 0);
	f->reply.pdu.type = SNMP_RESPONSE;
	f->reply.pdu.error_status = f->reply.pdu.error_index = 0;
	for (unsigned i = 0; i < f->reply.pdu.count; i++) {
		f->reply.pdu.varbind[i].value.type = SNMP_INTEGER;
		f->reply.pdu.varbind[i].value.integer = 5;
	}
	return &f->reply;
}

static void
reply_from(struct fixture *f, struct inbox *sender)
{
	message_send(sender->udp, &f->device.from, &f->reply);
	world_run(&f->world, LATENCY_MS);
}

static void
reply(struct fixture *f)
{
	reply_from(f, &f->device);
}

static void
assert_ended(const struct fixture *f, enum snmp_outcome outcome)
{
	assert_int_equal(f->outcome.calls, 1);
	assert_int_equal(f->outcome.last.outcome, outcome);
}

/* After a spoilt answer: nothing happened, and the right one is still taken. */
static void
assert_still_waits(struct fixture *f)
{
	assert_int_equal(f->outcome.calls, 0);
	reply_start(f);
	reply(f);
	assert_ended(f, SNMP_ANSWERED);
}

/* ---- outcomes ---- */

static void
an_answer_is_handed_over_once(void **state)
{
	struct fixture *f = *state;

	ask_get(f);
	reply_start(f);
	reply(f);
	world_run(&f->world, 10000);

	assert_ended(f, SNMP_ANSWERED);
	assert_int_equal(f->outcome.value, 5);
	assert_int_equal(f->outcome.last.tries, 1);
	assert_int_equal(f->outcome.last.elapsed_ms, 2 * LATENCY_MS);
	assert_int_equal(snmp_manager_counts(f->manager)->answered, 1);
	assert_int_equal(f->device.count, 1);
}

static void
an_error_is_refused_with_its_place(void **state)
{
	struct fixture *f = *state;

	pdu_start(f, SNMP_SET);
	ask(f, 1, 1000);
	world_run(&f->world, LATENCY_MS);
	reply_start(f)->pdu.error_status = SNMP_WRONG_VALUE;
	f->reply.pdu.error_index = 1;
	reply(f);

	assert_ended(f, SNMP_REFUSED);
	assert_int_equal(f->outcome.error_status, SNMP_WRONG_VALUE);
	assert_int_equal(f->outcome.error_index, 1);
	assert_string_equal(f->outcome.text, "192.0.2.2:161 refused: wrongValue (10) at " NAME);
}

static void
an_error_of_no_varbind_has_no_place(void **state)
{
	struct fixture *f = *state;
	static const int32_t indexes[] = { 2, INT32_MAX, -1, INT32_MIN };

	for (size_t i = 0; i < ARRAY_COUNT(indexes); i++) {
		ask_get(f);
		reply_start(f)->pdu.error_status = SNMP_GEN_ERR;
		f->reply.pdu.error_index = indexes[i];
		reply(f);
		assert_ended(f, SNMP_REFUSED);
		f->outcome.calls = 0;
		assert_int_equal(f->outcome.error_index, 0);
	}
}

static void
too_big_may_come_without_varbinds(void **state)
{
	struct fixture *f = *state;

	ask_get(f);
	reply_start(f)->pdu.error_status = SNMP_TOO_BIG;
	f->reply.pdu.count = 0;
	reply(f);

	assert_ended(f, SNMP_REFUSED);
}

static void
a_mute_device_is_asked_again_with_doubled_waits(void **state)
{
	struct fixture *f = *state;

	pdu_start(f, SNMP_GET);
	const msec_t start = sim_now(f->world.sim);
	ask(f, 3, 100);
	world_run(&f->world, 10000);

	assert_int_equal(f->device.count, 3);
	assert_false(f->device.has_changed); /* the same bytes */
	assert_int_equal(f->device.at[0] - start, LATENCY_MS);
	assert_int_equal(f->device.at[1] - start, 100 + LATENCY_MS);
	assert_int_equal(f->device.at[2] - start, 300 + LATENCY_MS);
	assert_ended(f, SNMP_UNKNOWN);
	assert_int_equal(f->outcome.last.tries, 3);
	assert_int_equal(f->outcome.last.elapsed_ms, 700);
	assert_string_equal(f->outcome.text, "no answer from 192.0.2.2:161 to 3 tries in 0.7 s");
}

static void
a_set_without_answer_is_sent_once_and_unknown(void **state)
{
	struct fixture *f = *state;

	pdu_start(f, SNMP_SET);
	ask(f, 1, 100);
	world_run(&f->world, 100000);

	assert_int_equal(f->device.count, 1);
	assert_ended(f, SNMP_UNKNOWN);
	assert_string_equal(f->outcome.text, "no answer from 192.0.2.2:161 to 1 try in 0.1 s");
}

static void
an_answer_to_the_first_try_counts_during_the_second(void **state)
{
	struct fixture *f = *state;

	pdu_start(f, SNMP_GET);
	ask(f, 2, 100);
	world_run(&f->world, 150);
	assert_int_equal(f->device.count, 2);
	reply_start(f);
	reply(f);

	assert_ended(f, SNMP_ANSWERED);
	assert_int_equal(f->outcome.last.tries, 2);
}

static void
what_could_not_leave_is_not_sent(void **state)
{
	struct fixture *f = *state;

	f->target.address = addr_of("[2001:db8::1]:161"); /* the socket has IPv4 only */
	pdu_start(f, SNMP_SET);
	ask(f, 1, 1000);
	assert_int_equal(f->outcome.calls, 0); /* never before ask() has returned */
	world_run(&f->world, 1);

	assert_ended(f, SNMP_NOT_SENT);
	assert_int_equal(f->outcome.last.tries, 0);
	assert_string_equal(f->outcome.text, "nothing could be sent to [2001:db8::1]:161 in 1 try");
	assert_int_equal(snmp_manager_counts(f->manager)->sent, 0);
	assert_int_equal(snmp_manager_counts(f->manager)->not_sent, 1);
}

static void
what_could_not_leave_is_tried_again(void **state)
{
	struct fixture *f = *state;

	f->target.address = addr_of("[2001:db8::1]:161");
	pdu_start(f, SNMP_GET);
	ask(f, 2, 100);
	world_run(&f->world, 99);
	assert_int_equal(f->outcome.calls, 0);
	world_run(&f->world, 1);

	assert_ended(f, SNMP_NOT_SENT);
	assert_int_equal(f->outcome.last.elapsed_ms, 100); /* no wait after the last */
}

/* ---- answers that are none ---- */

static void
an_answer_from_elsewhere_is_dropped(void **state)
{
	struct fixture *f = *state;

	ask_get(f);
	reply_start(f);
	reply_from(f, &f->stranger);
	reply_from(f, &f->other_port);

	assert_int_equal(snmp_manager_counts(f->manager)->dropped_foreign, 2);
	assert_still_waits(f);
}

static void
an_answer_with_another_community_or_version_is_dropped(void **state)
{
	struct fixture *f = *state;

	ask_get(f);
	reply_start(f)->community = (struct slice){ (const uint8_t *)"publix", 6 };
	reply(f);
	reply_start(f)->community = (struct slice){ (const uint8_t *)"publi", 5 };
	reply(f);
	reply_start(f)->community = (struct slice){ (const uint8_t *)"publicc", 7 };
	reply(f);
	reply_start(f)->version = SNMP_V1;
	reply(f);

	assert_int_equal(snmp_manager_counts(f->manager)->dropped_foreign, 4);
	assert_still_waits(f);
}

static void
an_answer_with_another_id_is_dropped(void **state)
{
	struct fixture *f = *state;

	ask_get(f);
	const int32_t id = reply_start(f)->pdu.request_id;
	const int32_t wrong[] = { id + 1, id ^ SNMP_FLIGHTS_MAX, 0, -id, INT32_MIN };
	for (size_t i = 0; i < ARRAY_COUNT(wrong); i++) {
		f->reply.pdu.request_id = wrong[i];
		reply(f);
	}

	assert_int_equal(snmp_manager_counts(f->manager)->dropped_late, ARRAY_COUNT(wrong));
	assert_still_waits(f);
}

static void
an_answer_that_names_something_else_is_dropped(void **state)
{
	struct fixture *f = *state;
	const struct oid other = oid_of(OTHER);

	ask_get(f);
	reply_start(f)->pdu.varbind[0].name = other;
	reply(f);
	reply_start(f)->pdu.count = 0;
	reply(f);
	reply_start(f);
	snmp_pdu_add(&f->reply.pdu, &other, SNMP_NULL);
	reply(f);

	assert_int_equal(snmp_manager_counts(f->manager)->dropped_mismatched, 3);
	assert_still_waits(f);
}

static void
getnext_is_answered_by_another_name(void **state)
{
	struct fixture *f = *state;

	pdu_start(f, SNMP_GETNEXT);
	ask(f, 1, 1000);
	world_run(&f->world, LATENCY_MS);
	reply_start(f)->pdu.varbind[0].name = oid_of(OTHER);
	reply(f);

	assert_ended(f, SNMP_ANSWERED);
}

static void
getbulk_is_answered_by_any_number(void **state)
{
	struct fixture *f = *state;
	const struct oid other = oid_of(OTHER);

	pdu_start(f, SNMP_GETBULK);
	f->pdu.error_index = 10;
	ask(f, 1, 1000);
	world_run(&f->world, LATENCY_MS);
	reply_start(f);
	snmp_pdu_add(&f->reply.pdu, &other, SNMP_NULL);
	reply(f);

	assert_ended(f, SNMP_ANSWERED);
	assert_int_equal(f->outcome.count, 2);
}

static void
noise_is_dropped(void **state)
{
	struct fixture *f = *state;

	ask_get(f);
	assert_int_equal(env_udp_send(f->device.udp, &f->device.from, NULL, "noise", 5), 0);
	reply_start(f)->pdu.type = SNMP_GET;
	reply(f);

	assert_int_equal(snmp_manager_counts(f->manager)->dropped_malformed, 2);
	assert_still_waits(f);
}

static void
a_doubled_answer_is_dropped(void **state)
{
	struct fixture *f = *state;

	ask_get(f);
	reply_start(f);
	reply(f);
	reply(f);

	assert_int_equal(f->outcome.calls, 1);
	assert_int_equal(snmp_manager_counts(f->manager)->dropped_late, 1);
}

static void
a_late_answer_does_not_meet_the_next_request_of_its_slot(void **state)
{
	struct fixture *f = *state;

	/* given a request that was given up, and another one in its slot */
	ask_get(f);
	reply_start(f);
	static uint8_t first[SNMP_MESSAGE_MAX];
	const size_t size = f->device.size;
	memcpy(first, f->device.data, size);
	world_run(&f->world, 2000);
	assert_ended(f, SNMP_UNKNOWN);
	for (unsigned i = 1; i < SNMP_FLIGHTS_MAX; i++)
		snmp_manager_cancel(f->manager, ask(f, 1, 1000));
	ask(f, 1, 1000);
	world_run(&f->world, LATENCY_MS);
	const int32_t late_id = f->reply.pdu.request_id;
	assert_int_equal(reply_start(f)->pdu.request_id % SNMP_FLIGHTS_MAX,
			 late_id % SNMP_FLIGHTS_MAX);

	/* when the first one is answered after all */
	f->reply.pdu.request_id = late_id;
	reply(f);

	/* then the second one goes on waiting */
	assert_int_equal(snmp_manager_counts(f->manager)->dropped_late, 1);
	assert_int_equal(f->outcome.calls, 1);
	reply_start(f);
	reply(f);
	assert_int_equal(f->outcome.calls, 2);
}

/* ---- asking ---- */

static void
ids_are_positive_and_differ_between_managers(void **state)
{
	struct fixture *f = *state;
	struct snmp_manager *second;

	assert_int_equal(snmp_manager_new(f->world.here, NULL, NULL, &second, NULL), 0);
	ask_get(f);
	const int32_t id = reply_start(f)->pdu.request_id;
	const struct snmp_ask what = ask_of(f, 1, 1000);
	assert_true(snmp_manager_ask(second, &what) > 0);
	world_run(&f->world, LATENCY_MS);

	assert_true(id > 0);
	assert_true(reply_start(f)->pdu.request_id > 0);
	assert_true(f->reply.pdu.request_id != id);
	snmp_manager_free(second);
}

static void
a_cancelled_request_is_forgotten(void **state)
{
	struct fixture *f = *state;

	pdu_start(f, SNMP_GET);
	const int64_t number = ask(f, 3, 1000);
	world_run(&f->world, LATENCY_MS);
	snmp_manager_cancel(f->manager, number);
	snmp_manager_cancel(f->manager, number);
	snmp_manager_cancel(f->manager, 0);
	snmp_manager_cancel(f->manager, DD_EINVAL);
	reply_start(f);
	reply(f);
	world_run(&f->world, 100000);

	assert_int_equal(f->outcome.calls, 0);
	assert_int_equal(f->device.count, 1);
	assert_int_equal(snmp_manager_counts(f->manager)->dropped_late, 1);
}

static void
an_old_number_does_not_cancel_a_new_request(void **state)
{
	struct fixture *f = *state;

	pdu_start(f, SNMP_GET);
	const int64_t old = ask(f, 1, 1000);
	snmp_manager_cancel(f->manager, old);
	for (unsigned i = 1; i < SNMP_FLIGHTS_MAX; i++)
		snmp_manager_cancel(f->manager, ask(f, 1, 1000));
	ask(f, 1, 1000);
	snmp_manager_cancel(f->manager, old);
	world_run(&f->world, 2000);

	assert_int_equal(f->outcome.calls, 1);
}

static void
requests_have_a_maximum(void **state)
{
	struct fixture *f = *state;
	const struct snmp_ask what = ask_of(f, 1, 1000);

	pdu_start(f, SNMP_GET);
	for (unsigned i = 0; i < SNMP_FLIGHTS_MAX; i++)
		ask(f, 1, 1000);
	assert_int_equal(snmp_manager_ask(f->manager, &what), DD_EFULL);
	world_run(&f->world, 2000);

	assert_int_equal(f->outcome.calls, SNMP_FLIGHTS_MAX);
	assert_int_equal(snmp_manager_counts(f->manager)->unknown, SNMP_FLIGHTS_MAX);
	ask(f, 1, 1000);
}

static void
asks_outside_the_limits_are_refused(void **state)
{
	struct fixture *f = *state;
	static const unsigned limits[][2] = { { 0, 1000 }, { 11, 1000 }, { 1, 49 }, { 1, 60001 } };
	static const uint8_t types[] = { SNMP_RESPONSE, SNMP_TRAP_V1, SNMP_TRAP_V2, SNMP_REPORT };

	pdu_start(f, SNMP_GET);
	for (size_t i = 0; i < ARRAY_COUNT(limits); i++) {
		const struct snmp_ask what = ask_of(f, limits[i][0], limits[i][1]);
		assert_int_equal(snmp_manager_ask(f->manager, &what), DD_EINVAL);
	}
	const struct snmp_ask what = ask_of(f, 1, 1000);
	for (size_t i = 0; i < ARRAY_COUNT(types); i++) {
		f->pdu.type = types[i];
		assert_int_equal(snmp_manager_ask(f->manager, &what), DD_EINVAL);
	}
	f->pdu.type = SNMP_GETBULK;
	f->target.version = SNMP_V1;
	assert_int_equal(snmp_manager_ask(f->manager, &what), DD_EINVAL);
	f->pdu.type = SNMP_GET;
	f->target.address.port = 0;
	assert_int_equal(snmp_manager_ask(f->manager, &what), DD_EINVAL);
	world_run(&f->world, 1000);
	assert_int_equal(f->device.count, 0);
}

static void
a_request_larger_than_a_frame_is_refused(void **state)
{
	struct fixture *f = *state;
	const struct oid name = oid_of(NAME);
	static const uint8_t text[SNMP_ASK_BYTES_MAX];
	const struct snmp_ask what = ask_of(f, 1, 1000);

	pdu_start(f, SNMP_SET);
	f->pdu.count = 0;
	struct slice *octets = &snmp_pdu_add(&f->pdu, &name, SNMP_OCTETS)->value.octets;
	*octets = (struct slice){ text, sizeof(text) };
	assert_int_equal(snmp_manager_ask(f->manager, &what), DD_EINVAL);
	octets->size -= 100;
	assert_true(snmp_manager_ask(f->manager, &what) > 0);
}

/* ---- what done() may do ---- */

static void
ask_again(void *arg, const struct snmp_result *result)
{
	struct fixture *f = arg;
	const struct snmp_ask what = ask_of(f, 1, 100);

	assert_int_equal(result->outcome, SNMP_UNKNOWN);
	f->next = snmp_manager_ask(f->manager, &what);
}

static void
done_may_ask(void **state)
{
	struct fixture *f = *state;

	pdu_start(f, SNMP_GET);
	struct snmp_ask what = ask_of(f, 1, 100);
	what.done = ask_again;
	what.arg = f;
	assert_true(snmp_manager_ask(f->manager, &what) > 0);
	world_run(&f->world, 1000);

	assert_true(f->next > 0);
	assert_int_equal(f->device.count, 2);
	assert_int_equal(f->outcome.calls, 1);
}

static void
free_manager(void *arg, const struct snmp_result *result)
{
	struct fixture *f = arg;

	(void)result;
	f->outcome.calls++;
	snmp_manager_free(f->manager);
	f->manager = NULL;
}

static void
done_may_free_the_manager(void **state)
{
	struct fixture *f = *state;

	pdu_start(f, SNMP_GET);
	ask(f, 1, 1000); /* forgotten without done() */
	struct snmp_ask what = ask_of(f, 1, 500);
	what.done = free_manager;
	what.arg = f;
	assert_true(snmp_manager_ask(f->manager, &what) > 0);
	world_run(&f->world, LATENCY_MS);
	reply_start(f);
	reply(f);
	world_run(&f->world, 10000);

	assert_int_equal(f->outcome.calls, 1);
	assert_null(f->manager);
}

/* ---- a bad network ---- */

/* Answers whatever comes, at once. */
static void
echo_received(void *arg, const struct addr *from, const struct addr *to, const uint8_t *data,
	      size_t size)
{
	struct inbox *inbox = arg;
	static struct snmp_message message;

	(void)to;
	inbox->count++;
	assert_int_equal(snmp_decode(data, size, &message, NULL), 0);
	message.pdu.type = SNMP_RESPONSE;
	message_send(inbox->udp, from, &message);
}

static void
every_request_ends_once_in_a_bad_network(void **state)
{
	const struct sim_settings settings = { .seed = 7,
					       .latency_min_ms = 5,
					       .latency_max_ms = 60,
					       .loss_permille = 100,
					       .duplicate_permille = 200,
					       .late_permille = 50,
					       .late_max_ms = 3000 };
	enum { REQUESTS = 1000 };
	static struct fixture f;
	static struct outcome outcomes[REQUESTS];
	struct inbox device = { 0 };

	(void)state;
	world_open(&f.world, &settings);
	assert_int_equal(snmp_manager_new(f.world.here, NULL, NULL, &f.manager, NULL), 0);
	const struct addr at = addr_of(DEVICE ":161");
	assert_int_equal(
		env_udp_open(f.world.device, &at, echo_received, &device, &device.udp, NULL), 0);
	f.target = (struct snmp_target){ .address = at, .version = SNMP_V2C, .community = "c" };
	for (unsigned i = 0; i < REQUESTS; i++) {
		pdu_start(&f, i % 2 ? SNMP_SET : SNMP_GET);
		struct snmp_ask what = ask_of(&f, i % 2 ? 1 : 5, 100);
		what.arg = &outcomes[i];
		assert_true(snmp_manager_ask(f.manager, &what) > 0);
	}
	world_run(&f.world, 20000);

	const struct snmp_counts *counts = snmp_manager_counts(f.manager);
	unsigned unknown_gets = 0;
	for (unsigned i = 0; i < REQUESTS; i++) {
		assert_int_equal(outcomes[i].calls, 1);
		assert_true(i % 2 == 0 || outcomes[i].last.tries == 1);
		unknown_gets += i % 2 == 0 && outcomes[i].last.outcome == SNMP_UNKNOWN;
	}
	assert_in_range(unknown_gets, 0, 5);
	assert_int_equal(counts->answered + counts->unknown, REQUESTS);
	assert_in_range(counts->unknown, 50, 250);
	assert_true(counts->dropped_late > 0);
	assert_int_equal(counts->dropped_foreign + counts->dropped_mismatched, 0);

	snmp_manager_free(f.manager);
	env_udp_close(device.udp);
	sim_free(f.world.sim);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_answer_is_handed_over_once),
		TEST(an_error_is_refused_with_its_place),
		TEST(an_error_of_no_varbind_has_no_place),
		TEST(too_big_may_come_without_varbinds),
		TEST(a_mute_device_is_asked_again_with_doubled_waits),
		TEST(a_set_without_answer_is_sent_once_and_unknown),
		TEST(an_answer_to_the_first_try_counts_during_the_second),
		TEST(what_could_not_leave_is_not_sent),
		TEST(what_could_not_leave_is_tried_again),
		TEST(an_answer_from_elsewhere_is_dropped),
		TEST(an_answer_with_another_community_or_version_is_dropped),
		TEST(an_answer_with_another_id_is_dropped),
		TEST(an_answer_that_names_something_else_is_dropped),
		TEST(getnext_is_answered_by_another_name),
		TEST(getbulk_is_answered_by_any_number),
		TEST(noise_is_dropped),
		TEST(a_doubled_answer_is_dropped),
		TEST(a_late_answer_does_not_meet_the_next_request_of_its_slot),
		TEST(ids_are_positive_and_differ_between_managers),
		TEST(a_cancelled_request_is_forgotten),
		TEST(an_old_number_does_not_cancel_a_new_request),
		TEST(requests_have_a_maximum),
		TEST(asks_outside_the_limits_are_refused),
		TEST(a_request_larger_than_a_frame_is_refused),
		TEST(done_may_ask),
		TEST(done_may_free_the_manager),
		cmocka_unit_test(every_request_ends_once_in_a_bad_network),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
