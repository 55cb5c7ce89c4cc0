/* test_streams.c - streams, the same on both hosts, over TCP and over Unix sockets. */
#include "fixture.h"

enum { BULK_SIZE = 3 << 20, CHUNK_SIZE = 64 << 10, ECHO_QUEUE_PAUSE = 256 << 10 };

/* Both ends of one connection and what they saw. */
struct pair {
	struct fixture *f;
	struct env_listener *listener;
	struct env_stream *server, *client;
	size_t sent, received; /* by the client */
	size_t served;         /* received by the server */
	char text[64];         /* what the server received first */
	int full_count, drained_count, server_paused_count;
	bool is_opened, has_client_finished, has_server_finished;
	int client_reason, server_reason;
	struct env_timer timer;
	const struct env_stream_events *server_events;
};

static char
pattern(size_t i)
{
	return (char)(i * 131 ^ i >> 9);
}

static void
accepted(void *arg, struct env_stream *stream, const struct addr *peer)
{
	struct pair *pair = arg;

	(void)peer;
	assert_null(pair->server);
	pair->server = stream;
	env_stream_use(stream, pair->server_events, pair);
}

static void
pair_listen(struct pair *pair, struct fixture *f, bool is_unix,
	    const struct env_stream_events *server_events)
{
	char text[160] = "127.0.0.1";
	struct err err;

	*pair = (struct pair){ .f = f, .server_events = server_events };
	if (is_unix)
		(void)snprintf(text, sizeof(text), "unix:%s", fixture_path(f, "socket"));
	const struct addr at = address(text);
	assert_int_equal(env_listen(f->env, &at, accepted, pair, &pair->listener, &err), 0);
}

static void
pair_connect(struct pair *pair, const struct env_stream_events *client_events)
{
	struct err err;

	assert_int_equal(env_connect(pair->f->env, env_listener_local(pair->listener), NULL,
				     client_events, pair, &pair->client, &err),
			 0);
	assert_false(pair->is_opened);
}

static void
pair_close(struct pair *pair)
{
	env_stream_close(pair->client);
	env_stream_close(pair->server);
	env_listener_close(pair->listener);
}

static void
pair_stop(void *arg)
{
	struct pair *pair = arg;

	env_stop(pair->f->env);
}

/* Stop after the callbacks that are still to come. */
static void
pair_stop_soon(struct pair *pair)
{
	pair->timer = (struct env_timer){ .fire = pair_stop, .arg = pair };
	env_timer_set(pair->f->env, &pair->timer, env_now(pair->f->env) + 50);
}

static void
stop_when_both_closed(struct pair *pair)
{
	if (pair->client_reason != 0 && pair->server_reason != 0)
		env_stop(pair->f->env);
}

static void
client_closed(void *arg, int reason)
{
	struct pair *pair = arg;

	assert_int_equal(pair->client_reason, 0);
	pair->client_reason = reason;
	stop_when_both_closed(pair);
}

static void
server_closed(void *arg, int reason)
{
	struct pair *pair = arg;

	assert_int_equal(pair->server_reason, 0);
	pair->server_reason = reason;
	stop_when_both_closed(pair);
}

/* ---- a bulk echo with backpressure ---- */

static void
bulk_send(void *arg)
{
	struct pair *pair = arg;
	char chunk[CHUNK_SIZE];

	while (pair->sent < BULK_SIZE) {
		for (size_t i = 0; i < sizeof(chunk); i++)
			chunk[i] = pattern(pair->sent + i);
		const int r = env_stream_write(pair->client, chunk, sizeof(chunk));
		if (r == DD_EFULL) {
			pair->full_count++;
			assert_in_range(env_stream_queued(pair->client), 1, ENV_STREAM_QUEUE_MAX);
			return;
		}
		assert_int_equal(r, 0);
		pair->sent += sizeof(chunk);
	}
	env_stream_finish(pair->client);
	assert_int_equal(env_stream_write(pair->client, "x", 1), DD_ECLOSED);
}

static void
bulk_opened(void *arg)
{
	struct pair *pair = arg;

	pair->is_opened = true;
	env_stream_pause(pair->client, true); /* a slow reader, until the server has felt it */
	bulk_send(pair);
}

static void
bulk_drained(void *arg)
{
	struct pair *pair = arg;

	pair->drained_count++;
	assert_int_equal(env_stream_queued(pair->client), 0);
	if (pair->sent < BULK_SIZE)
		bulk_send(pair);
}

static void
bulk_received(void *arg, const uint8_t *data, size_t size)
{
	struct pair *pair = arg;

	for (size_t i = 0; i < size; i++)
		assert_true(data[i] == (uint8_t)pattern(pair->received + i));
	pair->received += size;
}

static void
bulk_served(void *arg, const uint8_t *data, size_t size)
{
	struct pair *pair = arg;

	pair->served += size;
	assert_int_equal(env_stream_write(pair->server, data, size), 0);
	if (env_stream_queued(pair->server) > ECHO_QUEUE_PAUSE) {
		pair->server_paused_count++;
		env_stream_pause(pair->server, true);
		env_stream_pause(pair->client, false);
	}
}

static void
bulk_server_drained(void *arg)
{
	struct pair *pair = arg;

	env_stream_pause(pair->server, false);
}

static void
bulk_server_finished(void *arg)
{
	struct pair *pair = arg;

	pair->has_server_finished = true;
	env_stream_finish(pair->server);
	env_stream_pause(pair->client, false);
}

static void
client_finished(void *arg)
{
	struct pair *pair = arg;

	pair->has_client_finished = true;
}

static const struct env_stream_events bulk_client = { .opened = bulk_opened,
						      .received = bulk_received,
						      .drained = bulk_drained,
						      .finished = client_finished,
						      .closed = client_closed };
static const struct env_stream_events bulk_server = { .received = bulk_served,
						      .drained = bulk_server_drained,
						      .finished = bulk_server_finished,
						      .closed = server_closed };

static void
bulk_run(struct fixture *f, bool is_unix)
{
	struct pair pair;
	pair_listen(&pair, f, is_unix, &bulk_server);
	pair_connect(&pair, &bulk_client);

	fixture_run(f);

	assert_int_equal(pair.served, BULK_SIZE);
	assert_int_equal(pair.received, BULK_SIZE);
	assert_true(pair.drained_count > 0);
	if (is_unix || f->sim) /* the kernel's buffers for TCP may take it all at once */
		assert_true(pair.full_count > 0 && pair.server_paused_count > 0);
	assert_true(pair.has_client_finished && pair.has_server_finished);
	assert_int_equal(pair.client_reason, DD_ECLOSED);
	assert_int_equal(pair.server_reason, DD_ECLOSED);
	pair_close(&pair);
}

static void
three_megabytes_come_back_over_tcp(void **state)
{
	bulk_run(*state, false);
}

static void
three_megabytes_come_back_over_unix(void **state)
{
	bulk_run(*state, true);
}

/* ---- small exchanges ---- */

static void
text_served(void *arg, const uint8_t *data, size_t size)
{
	struct pair *pair = arg;

	assert_in_range(pair->served + size, 0, sizeof(pair->text) - 1);
	memcpy(pair->text + pair->served, data, size);
	pair->served += size;
}

static void
text_server_finished(void *arg)
{
	struct pair *pair = arg;

	assert_int_equal(env_stream_write(pair->server, "answer", 6), 0);
	env_stream_finish(pair->server);
}

static void
count_received(void *arg, const uint8_t *data, size_t size)
{
	struct pair *pair = arg;

	(void)data;
	pair->received += size;
}

static const struct env_stream_events text_server = { .received = text_served,
						      .finished = text_server_finished,
						      .closed = server_closed };
static const struct env_stream_events text_client = { .received = count_received,
						      .finished = client_finished,
						      .closed = client_closed };

static void
an_answer_comes_after_the_question_is_finished(void **state)
{
	struct pair pair;
	pair_listen(&pair, *state, false, &text_server);
	pair_connect(&pair, &text_client);

	/* Before it is opened: the bytes and the end wait for that. */
	assert_int_equal(env_stream_write(pair.client, "ques", 4), 0);
	assert_int_equal(env_stream_write(pair.client, "tion", 4), 0);
	assert_int_equal(env_stream_queued(pair.client), 8);
	env_stream_finish(pair.client);
	fixture_run(pair.f);

	assert_string_equal(pair.text, "question");
	assert_int_equal(pair.received, 6);
	assert_true(addr_equal(env_stream_local(pair.client), env_stream_peer(pair.server)));
	assert_true(addr_equal(env_stream_peer(pair.client), env_stream_local(pair.server)));
	pair_close(&pair);
}

static void
writing_more_than_the_maximum_queues_nothing(void **state)
{
	struct pair pair;
	char *big = calloc(1, ENV_STREAM_QUEUE_MAX + 1);
	assert_non_null(big);
	pair_listen(&pair, *state, false, &text_server);
	pair_connect(&pair, &text_client);

	assert_int_equal(env_stream_write(pair.client, big, ENV_STREAM_QUEUE_MAX + 1), DD_EFULL);
	assert_int_equal(env_stream_queued(pair.client), 0);
	assert_int_equal(env_stream_write(pair.client, big, ENV_STREAM_QUEUE_MAX), 0);
	assert_int_equal(env_stream_write(pair.client, big, 1), DD_EFULL);

	pair_close(&pair);
	free(big);
}

static void
drained_stop(void *arg)
{
	struct pair *pair = arg;

	pair->drained_count++;
	pair_stop_soon(pair);
}

static void
drained_is_told_once_and_never_inside_write(void **state)
{
	static const struct env_stream_events client = { .received = count_received,
							 .drained = drained_stop,
							 .closed = client_closed };
	struct pair pair;
	pair_listen(&pair, *state, true, &text_server);
	pair_connect(&pair, &client);

	assert_int_equal(env_stream_write(pair.client, "abc", 3), 0);
	assert_int_equal(pair.drained_count, 0);
	fixture_run(pair.f);

	assert_int_equal(pair.drained_count, 1);
	assert_string_equal(pair.text, "abc");
	pair_close(&pair);
}

static void
nobody_listens(void **state)
{
	struct pair pair;
	const struct env_stream_events client = { .opened = bulk_opened, .closed = client_closed };
	pair_listen(&pair, *state, false, &text_server);
	const struct addr at = *env_listener_local(pair.listener);
	struct err err;
	env_listener_close(TAKE(pair.listener));
	pair.server_reason = DD_ECLOSED; /* there is none */

	assert_int_equal(env_connect(pair.f->env, &at, NULL, &client, &pair, &pair.client, &err),
			 0);
	fixture_run(pair.f);

	assert_int_equal(pair.client_reason, DD_ECLOSED);
	assert_false(pair.is_opened);
	pair_close(&pair);
}

static void
a_port_that_is_listened_at_is_told(void **state)
{
	struct pair pair, second;
	struct err err;
	pair_listen(&pair, *state, false, &text_server);

	const int r = env_listen(pair.f->env, env_listener_local(pair.listener), accepted, &second,
				 &second.listener, &err);

	assert_int_equal(r, DD_EBUSY);
	assert_non_null(strstr(err.text, "in use"));
	pair_close(&pair);
}

/* ---- closing inside callbacks ---- */

static void
refused(void *arg, struct env_stream *stream, const struct addr *peer)
{
	struct pair *pair = arg;

	(void)peer;
	env_stream_close(stream);
	env_listener_close(TAKE(pair->listener));
	pair->server_reason = DD_ECLOSED;
}

static void
stream_and_listener_closed_in_accepted(void **state)
{
	struct fixture *f = *state;
	const struct addr at = address("127.0.0.1");
	static const struct env_stream_events client = { .received = count_received,
							 .closed = client_closed };
	struct pair pair = { .f = f };
	struct err err;
	assert_int_equal(env_listen(f->env, &at, refused, &pair, &pair.listener, &err), 0);
	pair_connect(&pair, &client);

	fixture_run(f);

	assert_null(pair.listener);
	assert_int_equal(pair.client_reason, DD_ECLOSED);
	pair_close(&pair);
}

static void
opened_and_closed(void *arg)
{
	struct pair *pair = arg;

	pair->is_opened = true;
	env_stream_close(TAKE(pair->client));
}

static void
server_finished_stop(void *arg)
{
	struct pair *pair = arg;

	pair->has_server_finished = true;
	pair_stop_soon(pair);
}

static void
stream_closed_in_opened(void **state)
{
	static const struct env_stream_events client = { .opened = opened_and_closed,
							 .closed = client_closed };
	static const struct env_stream_events server = { .received = text_served,
							 .finished = server_finished_stop,
							 .closed = server_closed };
	struct pair pair;
	pair_listen(&pair, *state, false, &server);
	pair_connect(&pair, &client);

	fixture_run(pair.f);

	assert_true(pair.is_opened && pair.has_server_finished);
	assert_int_equal(pair.client_reason, 0);
	pair_close(&pair);
}

static void
served_and_closed(void *arg, const uint8_t *data, size_t size)
{
	struct pair *pair = arg;

	(void)data;
	pair->served += size;
	env_stream_close(TAKE(pair->server));
	pair->server_reason = DD_ECLOSED;
}

static void
bulk_write_on(void *arg)
{
	struct pair *pair = arg;
	static const char chunk[CHUNK_SIZE];

	if (pair->client_reason == 0)
		(void)env_stream_write(pair->client, chunk,
				       sizeof(chunk)); /* fails once the end is known */
}

static void
stream_closed_in_received_while_the_peer_sends(void **state)
{
	static const struct env_stream_events client = { .opened = bulk_write_on,
							 .received = count_received,
							 .drained = bulk_write_on,
							 .finished = client_finished,
							 .closed = client_closed };
	static const struct env_stream_events server = { .received = served_and_closed,
							 .closed = server_closed };
	struct pair pair;
	pair_listen(&pair, *state, false, &server);
	pair_connect(&pair, &client);

	fixture_run(pair.f);

	assert_null(pair.server);
	assert_true(pair.served > 0);
	assert_int_equal(pair.client_reason, DD_ECLOSED);
	pair_close(&pair);
}

static void
closed_and_freed(void *arg, int reason)
{
	struct pair *pair = arg;

	env_stream_close(TAKE(pair->client));
	client_closed(pair, reason);
}

static void
stream_closed_in_closed(void **state)
{
	static const struct env_stream_events client = { .received = count_received,
							 .closed = closed_and_freed };
	struct pair pair;
	pair_listen(&pair, *state, true, &text_server);
	pair_connect(&pair, &client);
	assert_int_equal(env_stream_write(pair.client, "q", 1), 0);
	env_stream_finish(pair.client);

	fixture_run(pair.f);

	assert_null(pair.client);
	pair_close(&pair);
}

/* ---- pausing ---- */

static void
paused_long_enough(void *arg)
{
	struct pair *pair = arg;

	assert_int_equal(pair->served, 0);
	env_stream_pause(pair->server, false);
}

static void
accepted_paused(void *arg, struct env_stream *stream, const struct addr *peer)
{
	struct pair *pair = arg;

	accepted(pair, stream, peer);
	env_stream_pause(stream, true);
	pair->timer = (struct env_timer){ .fire = paused_long_enough, .arg = pair };
	env_timer_set(pair->f->env, &pair->timer, env_now(pair->f->env) + 40);
}

static void
a_paused_stream_receives_nothing_until_it_goes_on(void **state)
{
	struct fixture *f = *state;
	const struct addr at = address("127.0.0.1");
	struct pair pair = { .f = f, .server_events = &text_server };
	struct err err;
	assert_int_equal(env_listen(f->env, &at, accepted_paused, &pair, &pair.listener, &err), 0);
	pair_connect(&pair, &text_client);
	assert_int_equal(env_stream_write(pair.client, "waiting", 7), 0);
	env_stream_finish(pair.client);

	fixture_run(f);

	assert_string_equal(pair.text, "waiting");
	assert_int_equal(pair.received, 6);
	pair_close(&pair);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		ON_BOTH(three_megabytes_come_back_over_tcp),
		ON_BOTH(three_megabytes_come_back_over_unix),
		ON_BOTH(an_answer_comes_after_the_question_is_finished),
		ON_BOTH(writing_more_than_the_maximum_queues_nothing),
		ON_BOTH(drained_is_told_once_and_never_inside_write),
		ON_BOTH(nobody_listens),
		ON_BOTH(a_port_that_is_listened_at_is_told),
		ON_BOTH(stream_and_listener_closed_in_accepted),
		ON_BOTH(stream_closed_in_opened),
		ON_BOTH(stream_closed_in_received_while_the_peer_sends),
		ON_BOTH(stream_closed_in_closed),
		ON_BOTH(a_paused_stream_receives_nothing_until_it_goes_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
