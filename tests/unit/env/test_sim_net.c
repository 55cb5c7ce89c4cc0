/* test_sim_net.c - the simulated world alone: chance, networks that fail, crashes, and the same
 * seed twice. */
#include "fixture.h"

/* ---- two hosts ---- */

struct world {
	struct sim *sim;
	struct env *a, *b;
	struct env_udp *udp_a, *udp_b;
	struct env_listener *listener;
	struct env_stream *client, *server;
	int received, parts;
	size_t bytes;
	int order[64];
	msec_t times[64];
	int opened, client_reason, server_reason, crashed;
	msec_t closed_at;
};

static void
world_init(struct world *w, const struct sim_settings *settings)
{
	const struct addr at_a = address("192.0.2.1"), at_b = address("192.0.2.2");
	struct err err;

	*w = (struct world){ 0 };
	assert_int_equal(sim_new(settings, &w->sim, &err), 0);
	w->a = sim_host(w->sim, "a", &at_a, 1);
	w->b = sim_host(w->sim, "b", &at_b, 1);
}

static void
world_done(struct world *w)
{
	env_udp_close(w->udp_a);
	env_udp_close(w->udp_b);
	env_stream_close(w->client);
	env_stream_close(w->server);
	env_listener_close(w->listener);
	sim_free(w->sim);
}

static void
b_received(void *arg, const struct addr *from, const struct addr *to, const uint8_t *data,
	   size_t size)
{
	struct world *w = arg;

	(void)from, (void)to;
	assert_int_equal(size, 1);
	w->order[w->received] = data[0];
	w->times[w->received++] = sim_now(w->sim);
}

static void
udp_open_both(struct world *w)
{
	const struct addr at_a = address("192.0.2.1:1000"), at_b = address("0.0.0.0:2000");
	struct err err;

	assert_int_equal(env_udp_open(w->a, &at_a, b_received, w, &w->udp_a, &err), 0);
	assert_int_equal(env_udp_open(w->b, &at_b, b_received, w, &w->udp_b, &err), 0);
}

/* Send datagrams numbered from 0 from a to b. */
static void
send_numbers(struct world *w, uint8_t count)
{
	const struct addr to = address("192.0.2.2:2000");

	for (uint8_t i = 0; i < count; i++)
		assert_int_equal(env_udp_send(w->udp_a, &to, NULL, &i, 1), 0);
}

/* ---- datagrams ---- */

static void
latency_stays_in_its_range(void **state)
{
	const struct sim_settings settings = { .seed = 1,
					       .latency_min_ms = 5,
					       .latency_max_ms = 8 };
	struct world w;
	bool seen[9] = { false };
	(void)state;
	world_init(&w, &settings);
	udp_open_both(&w);

	send_numbers(&w, 64);
	(void)sim_run(w.sim, DD_NEVER, NULL, NULL);

	assert_int_equal(w.received, 64);
	for (int i = 0; i < 64; i++) {
		assert_in_range(w.times[i] - SIM_START_MS, 5, 8);
		seen[w.times[i] - SIM_START_MS] = true;
	}
	assert_true(seen[5] && seen[6] && seen[7] && seen[8]);
	world_done(&w);
}

static int
count_received(const struct sim_settings *settings, uint8_t sent)
{
	struct world w;

	world_init(&w, settings);
	udp_open_both(&w);
	send_numbers(&w, sent);
	(void)sim_run(w.sim, DD_NEVER, NULL, NULL);
	const int received = w.received;
	world_done(&w);
	return received;
}

static void
datagrams_are_lost_and_doubled_by_chance(void **state)
{
	const struct sim_settings all_lost = { .seed = 1, .loss_permille = 1000 };
	const struct sim_settings some_lost = { .seed = 1, .loss_permille = 300 };
	const struct sim_settings all_doubled = { .seed = 1, .duplicate_permille = 1000 };
	(void)state;

	assert_int_equal(count_received(&all_lost, 32), 0);
	assert_in_range(count_received(&some_lost, 32), 12, 31);
	assert_int_equal(count_received(&all_doubled, 32), 64);
}

static void
late_datagrams_are_overtaken(void **state)
{
	const struct sim_settings settings = { .seed = 3,
					       .late_permille = 300,
					       .late_max_ms = 1000 };
	struct world w;
	int overtaken = 0;
	(void)state;
	world_init(&w, &settings);
	udp_open_both(&w);

	send_numbers(&w, 32);
	(void)sim_run(w.sim, DD_NEVER, NULL, NULL);

	assert_int_equal(w.received, 32);
	for (int i = 1; i < 32; i++)
		overtaken += w.order[i] < w.order[i - 1];
	assert_true(overtaken > 0);
	assert_in_range(sim_now(w.sim), SIM_START_MS + 100, SIM_START_MS + 1000);
	world_done(&w);
}

static void
nothing_passes_a_cut_link(void **state)
{
	const struct sim_settings settings = { .seed = 1,
					       .latency_min_ms = 10,
					       .latency_max_ms = 10 };
	struct world w;
	(void)state;
	world_init(&w, &settings);
	udp_open_both(&w);

	send_numbers(&w, 1); /* on its way when the link is cut */
	sim_cut(w.sim, w.a, w.b, true);
	send_numbers(&w, 1);
	(void)sim_run(w.sim, DD_NEVER, NULL, NULL);
	assert_int_equal(w.received, 0);
	sim_cut(w.sim, w.b, w.a, false);
	send_numbers(&w, 1);
	(void)sim_run(w.sim, DD_NEVER, NULL, NULL);

	assert_int_equal(w.received, 1);
	world_done(&w);
}

static void
an_address_without_a_host_swallows_datagrams(void **state)
{
	const struct sim_settings settings = { .seed = 1 };
	const struct addr nowhere = address("203.0.113.1:1"), foreign = address("192.0.2.2");
	const struct addr to = address("192.0.2.2:2000");
	struct world w;
	(void)state;
	world_init(&w, &settings);
	udp_open_both(&w);

	assert_int_equal(env_udp_send(w.udp_a, &nowhere, NULL, "x", 1), 0);
	assert_int_equal(env_udp_send(w.udp_b, &to, &foreign, "x", 1), 0);
	const struct addr not_ours = address("192.0.2.1");
	assert_true(env_udp_send(w.udp_b, &to, &not_ours, "x", 1) < 0);

	world_done(&w);
}

/* ---- streams ---- */

static void
got(void *arg, const uint8_t *data, size_t size)
{
	struct world *w = arg;

	(void)data;
	w->parts++;
	w->bytes += size;
}

static void
stream_opened(void *arg)
{
	((struct world *)arg)->opened++;
}

static void
client_closed(void *arg, int reason)
{
	struct world *w = arg;

	w->client_reason = reason;
	w->closed_at = sim_now(w->sim);
}

static void
server_closed(void *arg, int reason)
{
	((struct world *)arg)->server_reason = reason;
}

static const struct env_stream_events client_events = { .opened = stream_opened,
							.received = got,
							.closed = client_closed };
static const struct env_stream_events server_events = { .received = got, .closed = server_closed };

static void
accepted(void *arg, struct env_stream *stream, const struct addr *peer)
{
	struct world *w = arg;
	const struct addr from = address("192.0.2.1");

	assert_true(addr_host_equal(peer, &from) && peer->port != 0);
	w->server = stream;
	env_stream_use(stream, &server_events, w);
}

static void
connect_both(struct world *w)
{
	const struct addr at = address("192.0.2.2:3000");
	struct err err;

	assert_int_equal(env_listen(w->b, &at, accepted, w, &w->listener, &err), 0);
	assert_int_equal(env_connect(w->a, &at, NULL, &client_events, w, &w->client, &err), 0);
	(void)sim_run(w->sim, sim_now(w->sim) + 1000, NULL, NULL);
	assert_int_equal(w->opened, 1);
}

static const struct sim_settings calm = { .seed = 5, .latency_min_ms = 1, .latency_max_ms = 20 };

static void
bytes_come_in_parts_that_chance_cuts(void **state)
{
	static const char data[50000];
	struct world w;
	(void)state;
	world_init(&w, &calm);
	connect_both(&w);

	assert_int_equal(env_stream_write(w.client, data, sizeof(data)), 0);
	(void)sim_run(w.sim, DD_NEVER, NULL, NULL);

	assert_int_equal(w.bytes, sizeof(data));
	assert_in_range(w.parts, 4, 64);
	world_done(&w);
}

static void
parts_do_not_shrink_on_a_long_way(void **state)
{
	static const char data[ENV_STREAM_QUEUE_MAX];
	struct world w;
	(void)state;
	world_init(&w, &calm);
	connect_both(&w);

	for (int i = 0; i < 8; i++) {
		assert_int_equal(env_stream_write(w.client, data, sizeof(data)), 0);
		(void)sim_run(w.sim, DD_NEVER, NULL, NULL);
	}

	assert_int_equal(w.bytes, 8 * sizeof(data));
	assert_true(w.bytes / (size_t)w.parts > SIM_SEGMENT_MAX / 3);
	world_done(&w);
}

static void
a_paused_peer_fills_the_queue(void **state)
{
	static const char data[ENV_STREAM_QUEUE_MAX];
	struct world w;
	(void)state;
	world_init(&w, &calm);
	connect_both(&w);
	env_stream_pause(w.server, true);

	assert_int_equal(env_stream_write(w.client, data, sizeof(data)), 0);
	(void)sim_run(w.sim, DD_NEVER, NULL, NULL);

	const size_t on_its_way = sizeof(data) - env_stream_queued(w.client);
	assert_in_range(on_its_way, SIM_WINDOW_MAX - SIM_SEGMENT_MAX + 1, SIM_WINDOW_MAX);
	env_stream_pause(w.server, false);
	(void)sim_run(w.sim, DD_NEVER, NULL, NULL);
	assert_int_equal(env_stream_queued(w.client), 0);
	assert_int_equal(w.bytes, sizeof(data));
	world_done(&w);
}

static void
what_came_before_a_crash_is_received_before_its_end(void **state)
{
	static const char data[30000];
	struct world w;
	(void)state;
	world_init(&w, &calm);
	connect_both(&w);
	env_stream_pause(w.client, true);
	assert_int_equal(env_stream_write(w.server, data, sizeof(data)), 0);
	(void)sim_run(w.sim, DD_NEVER, NULL, NULL);

	sim_crash(w.sim, w.b);
	(void)sim_run(w.sim, DD_NEVER, NULL, NULL);
	assert_int_equal(w.client_reason, 0);
	env_stream_pause(w.client, false);
	(void)sim_run(w.sim, DD_NEVER, NULL, NULL);

	assert_int_equal(w.bytes, sizeof(data));
	assert_int_equal(w.client_reason, DD_ECLOSED);
	world_done(&w);
}

static void
both_ends_of_a_cut_stream_time_out(void **state)
{
	struct world w;
	(void)state;
	world_init(&w, &calm);
	connect_both(&w);

	sim_cut(w.sim, w.a, w.b, true);
	assert_int_equal(env_stream_write(w.client, "lost", 4), 0);
	(void)sim_run(w.sim, DD_NEVER, NULL, NULL);

	assert_int_equal(w.client_reason, DD_ETIMEOUT);
	assert_int_equal(w.server_reason, DD_ETIMEOUT);
	assert_int_equal(w.bytes, 0);
	world_done(&w);
}

static void
connecting_to_nobody_ends_with_a_reason(void **state)
{
	static const struct {
		const char *to;
		bool is_cut, is_crashed;
		int reason;
		msec_t limit_ms;
	} cases[] = {
		{ "192.0.2.2:3001", false, false, DD_ECLOSED, 100 },
		{ "192.0.2.2:3001", true, false, DD_ETIMEOUT, SIM_CONNECT_LIMIT_MS + 100 },
		{ "192.0.2.2:3001", false, true, DD_ETIMEOUT, SIM_CONNECT_LIMIT_MS + 100 },
		{ "203.0.113.9:3001", false, false, DD_ETIMEOUT, SIM_CONNECT_LIMIT_MS + 100 },
	};
	(void)state;

	for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
		struct world w;
		struct err err;
		const struct addr to = address(cases[i].to);
		world_init(&w, &calm);
		if (cases[i].is_cut)
			sim_cut(w.sim, w.a, w.b, true);
		if (cases[i].is_crashed)
			sim_crash(w.sim, w.b);
		assert_int_equal(env_connect(w.a, &to, NULL, &client_events, &w, &w.client, &err),
				 0);
		(void)sim_run(w.sim, DD_NEVER, NULL, NULL);

		assert_int_equal(w.client_reason, cases[i].reason);
		assert_true(w.closed_at - SIM_START_MS <= cases[i].limit_ms);
		assert_int_equal(w.opened, 0);
		world_done(&w);
	}
}

static void
hosts_have_unix_sockets_of_their_own(void **state)
{
	const struct addr at = address("unix:/run/socket");
	struct world w;
	struct err err;
	(void)state;
	world_init(&w, &calm);
	assert_int_equal(env_listen(w.b, &at, accepted, &w, &w.listener, &err), 0);

	assert_int_equal(env_connect(w.a, &at, NULL, &client_events, &w, &w.client, &err),
			 DD_ECLOSED);

	assert_null(w.client);
	world_done(&w);
}

/* ---- crashes ---- */

static void
never_fired(void *arg)
{
	(void)arg;
	fail_msg("a timer of a host that is dead fired");
}

static void
a_crash_ends_all_that_is_open(void **state)
{
	const struct addr at = address("192.0.2.2:3000");
	struct env_timer timer = { .fire = never_fired };
	struct env_udp *udp = NULL;
	struct world w;
	struct err err;
	(void)state;
	world_init(&w, &calm);
	connect_both(&w);
	udp_open_both(&w);
	env_timer_set(w.b, &timer, sim_now(w.sim) + 10);
	send_numbers(&w, 1);

	sim_crash(w.sim, w.b);

	assert_true(env_is_dead(w.b) && !env_is_dead(w.a));
	env_timer_set(w.b, &timer, sim_now(w.sim) + 10);
	assert_int_equal(timer.heap_index, 0);
	assert_true(env_stream_write(w.server, "x", 1) < 0);
	assert_true(env_udp_send(w.udp_b, &at, NULL, "x", 1) < 0);
	assert_true(env_udp_open(w.b, &at, b_received, &w, &udp, &err) < 0);
	(void)sim_run(w.sim, DD_NEVER, NULL, NULL);
	assert_int_equal(w.client_reason, DD_ECLOSED);
	assert_int_equal(w.server_reason, 0);
	assert_int_equal(w.received, 0);
	world_done(&w);
}

static void
after_a_restart_only_what_is_new_lives(void **state)
{
	const struct addr at = address("0.0.0.0:2000");
	struct env_udp *udp = NULL;
	struct world w;
	struct err err;
	(void)state;
	world_init(&w, &calm);
	udp_open_both(&w);
	sim_crash(w.sim, w.b);
	sim_restart(w.sim, w.b);

	send_numbers(&w, 1);
	(void)sim_run(w.sim, DD_NEVER, NULL, NULL);
	assert_int_equal(w.received, 0);
	assert_true(env_udp_send(w.udp_b, env_udp_local(w.udp_a), NULL, "x", 1) < 0);
	assert_int_equal(env_udp_open(w.b, &at, b_received, &w, &udp, &err), 0);
	env_udp_close(TAKE(w.udp_b)); /* the old one, which must not take the new one with it */
	send_numbers(&w, 1);
	(void)sim_run(w.sim, DD_NEVER, NULL, NULL);

	assert_int_equal(w.received, 1);
	env_udp_close(udp);
	world_done(&w);
}

static void
received_and_crashed(void *arg, const uint8_t *data, size_t size)
{
	struct world *w = arg;

	got(w, data, size);
	sim_crash(w->sim, w->b);
	assert_true(env_stream_write(w->server, "x", 1) < 0);
}

static void
a_crash_inside_a_callback_is_the_last_of_it(void **state)
{
	static const struct env_stream_events crashing = { .received = received_and_crashed,
							   .closed = server_closed };
	static const char data[50000];
	struct world w;
	(void)state;
	world_init(&w, &calm);
	connect_both(&w);
	env_stream_use(w.server, &crashing, &w);

	assert_int_equal(env_stream_write(w.client, data, sizeof(data)), 0);
	(void)sim_run(w.sim, DD_NEVER, NULL, NULL);

	assert_int_equal(w.parts, 1);
	assert_int_equal(w.client_reason, DD_ECLOSED);
	world_done(&w);
}

/* ---- stopping and time ---- */

static void
told_to_stop(void *arg)
{
	struct world *w = arg;

	w->crashed++;
	env_stop(w->b);
}

static void
a_host_that_is_told_to_stop_leaves_its_loop(void **state)
{
	struct world w;
	(void)state;
	world_init(&w, &calm);
	udp_open_both(&w);
	env_on_stop(w.b, told_to_stop, &w);
	struct env_timer timer = { .fire = never_fired };
	env_timer_set(w.b, &timer, sim_now(w.sim) + 10);

	sim_stop(w.sim, w.b);
	assert_int_equal(w.crashed, 0);
	(void)sim_run(w.sim, DD_NEVER, NULL, NULL);
	send_numbers(&w, 1);
	(void)sim_run(w.sim, DD_NEVER, NULL, NULL);

	assert_int_equal(w.crashed, 1);
	assert_true(env_is_dead(w.b));
	assert_int_equal(w.received, 0);
	world_done(&w);
}

static void
time_goes_on_to_where_it_was_asked_for(void **state)
{
	struct world w;
	(void)state;
	world_init(&w, &calm);

	assert_int_equal(sim_run(w.sim, 5000, NULL, NULL), 5000);
	assert_int_equal(env_now(w.a), 5000);
	const msec_t wall = env_wall(w.a);
	assert_int_equal(sim_run(w.sim, 6000, NULL, NULL), 6000);
	assert_int_equal(env_wall(w.a) - wall, 1000);
	assert_int_equal(sim_run(w.sim, DD_NEVER, NULL, NULL), 6000);
	world_done(&w);
}

static void
processes_are_not_simulated(void **state)
{
	const char *const argv[] = { "/bin/true", NULL };
	struct env_process *process = NULL;
	struct world w;
	struct err err;
	(void)state;
	world_init(&w, &calm);

	assert_int_equal(env_process_start(w.a, argv, NULL, NULL, &process, &err), DD_EUNSUPPORTED);
	world_done(&w);
}

static void
many_hosts_are_found_by_their_addresses(void **state)
{
	enum { COUNT = 300 };
	struct env_udp *sockets[COUNT];
	struct world w;
	struct err err;
	(void)state;
	world_init(&w, &calm);
	udp_open_both(&w);
	for (int i = 0; i < COUNT; i++) {
		char text[32];
		(void)snprintf(text, sizeof(text), "10.0.%d.%d:161", i / 200, i % 200);
		const struct addr at = address(text);
		struct env *host = sim_host(w.sim, "device", &at, 1);
		assert_int_equal(env_udp_open(host, &at, b_received, &w, &sockets[i], &err), 0);
	}

	const struct addr to = address("10.0.1.42:161");
	assert_int_equal(env_udp_send(w.udp_a, &to, NULL, "x", 1), 0);
	(void)sim_run(w.sim, DD_NEVER, NULL, NULL);

	assert_int_equal(w.received, 1);
	for (int i = 0; i < COUNT; i++)
		env_udp_close(sockets[i]);
	world_done(&w);
}

/* ---- the same seed twice ---- */

static uint64_t
run_digest(uint64_t seed, const char *text)
{
	const struct sim_settings rough = { .seed = seed,
					    .latency_min_ms = 1,
					    .latency_max_ms = 30,
					    .loss_permille = 100,
					    .duplicate_permille = 100,
					    .late_permille = 100,
					    .late_max_ms = 500 };
	struct world w;
	struct err err;

	world_init(&w, &rough);
	connect_both(&w);
	udp_open_both(&w);
	send_numbers(&w, 20);
	for (int i = 0; i < 100; i++)
		assert_int_equal(env_stream_write(w.client, text, strlen(text)), 0);
	assert_int_equal(env_file_store(w.b, "name", text, strlen(text), &err), 0);
	(void)sim_run(w.sim, sim_now(w.sim) + 20, NULL, NULL);
	sim_crash(w.sim, w.b);
	(void)sim_run(w.sim, DD_NEVER, NULL, NULL);
	const uint64_t digest = sim_digest(w.sim);
	world_done(&w);
	return digest;
}

static void
the_same_seed_gives_the_same_run(void **state)
{
	(void)state;

	assert_true(run_digest(1, "text") == run_digest(1, "text"));
	assert_true(run_digest(1, "text") != run_digest(2, "text"));
	assert_true(run_digest(1, "text") != run_digest(1, "texu"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(latency_stays_in_its_range),
		cmocka_unit_test(datagrams_are_lost_and_doubled_by_chance),
		cmocka_unit_test(late_datagrams_are_overtaken),
		cmocka_unit_test(nothing_passes_a_cut_link),
		cmocka_unit_test(an_address_without_a_host_swallows_datagrams),
		cmocka_unit_test(bytes_come_in_parts_that_chance_cuts),
		cmocka_unit_test(parts_do_not_shrink_on_a_long_way),
		cmocka_unit_test(a_paused_peer_fills_the_queue),
		cmocka_unit_test(what_came_before_a_crash_is_received_before_its_end),
		cmocka_unit_test(both_ends_of_a_cut_stream_time_out),
		cmocka_unit_test(connecting_to_nobody_ends_with_a_reason),
		cmocka_unit_test(hosts_have_unix_sockets_of_their_own),
		cmocka_unit_test(a_crash_ends_all_that_is_open),
		cmocka_unit_test(after_a_restart_only_what_is_new_lives),
		cmocka_unit_test(a_crash_inside_a_callback_is_the_last_of_it),
		cmocka_unit_test(a_host_that_is_told_to_stop_leaves_its_loop),
		cmocka_unit_test(time_goes_on_to_where_it_was_asked_for),
		cmocka_unit_test(processes_are_not_simulated),
		cmocka_unit_test(many_hosts_are_found_by_their_addresses),
		cmocka_unit_test(the_same_seed_gives_the_same_run),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
