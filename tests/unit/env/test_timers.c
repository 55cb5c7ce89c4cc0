/* test_timers.c - timers and datagrams, the same on both hosts. */
#include "fixture.h"

/* ---- timers ---- */

struct bell {
	struct fixture *f;
	struct env_timer timer;
	int number;
	struct order *order;
};
struct order {
	int numbers[64];
	msec_t times[64];
	int count, stop_at;
};

static void
bell_rang(void *arg)
{
	struct bell *bell = arg;
	struct order *order = bell->order;

	order->times[order->count] = env_now(bell->f->env);
	order->numbers[order->count++] = bell->number;
	if (order->count == order->stop_at)
		env_stop(bell->f->env);
}

static void
bells_init(struct bell *bells, int count, struct fixture *f, struct order *order)
{
	for (int i = 0; i < count; i++)
		bells[i] = (struct bell){ .f = f,
					  .timer = { .fire = bell_rang, .arg = &bells[i] },
					  .number = i,
					  .order = order };
}

static void
timers_fire_in_order_of_time_then_of_setting(void **state)
{
	struct fixture *f = *state;
	static const int delays[] = { 30, 10, 20, 10, 0, 20 };
	static const int wanted[] = { 4, 1, 3, 2, 5, 0 };
	struct bell bells[6];
	struct order order = { .stop_at = 6 };
	bells_init(bells, 6, f, &order);
	const msec_t start = env_now(f->env);

	for (int i = 0; i < 6; i++)
		env_timer_set(f->env, &bells[i].timer, start + delays[i]);
	fixture_run(f);

	assert_true(start > 0);
	assert_memory_equal(order.numbers, wanted, sizeof(wanted));
	for (int i = 0; i < 6; i++)
		assert_true(order.times[i] >= start + delays[wanted[i]]);
}

static void
timers_can_be_moved_and_cleared(void **state)
{
	struct fixture *f = *state;
	static const int wanted[] = { 2, 0 };
	struct bell bells[3];
	struct order order = { .stop_at = 2 };
	bells_init(bells, 3, f, &order);
	const msec_t start = env_now(f->env);

	env_timer_set(f->env, &bells[0].timer, start + 1);
	env_timer_set(f->env, &bells[1].timer, start + 2);
	env_timer_set(f->env, &bells[2].timer, start + 5);
	env_timer_set(f->env, &bells[0].timer, start + 10);
	env_timer_clear(f->env, &bells[1].timer);
	env_timer_clear(f->env, &bells[1].timer);
	fixture_run(f);

	assert_int_equal(order.count, 2);
	assert_memory_equal(order.numbers, wanted, sizeof(wanted));
}

struct ticker {
	struct fixture *f;
	struct env_timer timer;
	int left;
};

static void
ticked(void *arg)
{
	struct ticker *ticker = arg;

	if (--ticker->left == 0)
		env_stop(ticker->f->env);
	else
		env_timer_set(ticker->f->env, &ticker->timer, env_now(ticker->f->env));
}

static void
a_timer_can_set_itself_again(void **state)
{
	struct fixture *f = *state;
	struct ticker ticker = { .f = f, .left = 100 };
	ticker.timer = (struct env_timer){ .fire = ticked, .arg = &ticker };

	env_timer_set(f->env, &ticker.timer, env_now(f->env));
	fixture_run(f);

	assert_int_equal(ticker.left, 0);
}

/* A heap that loses its order somewhere shows it: each seed clears and moves other places of it. */
static void
many_timers_keep_their_order(void **state)
{
	enum { COUNT = 60 };
	struct fixture *f = *state;

	for (unsigned seed = 1; seed <= 20; seed++) {
		struct bell bells[COUNT];
		struct order order = { 0 };
		uint64_t x = seed;
		bells_init(bells, COUNT, f, &order);
		const msec_t start = env_now(f->env);
		for (int i = 0; i < COUNT; i++) {
			x = x * 6364136223846793005u + 1442695040888963407u;
			bells[i].number = (int)(x >> 60);
			env_timer_set(f->env, &bells[i].timer, start + bells[i].number);
		}
		for (int i = 0; i < COUNT; i += 3)
			env_timer_clear(f->env, &bells[i].timer);
		order.stop_at = COUNT - COUNT / 3;

		fixture_run(f);

		for (int i = 1; i < order.count; i++)
			assert_true(order.numbers[i - 1] <= order.numbers[i]);
	}
}

static void
random_bytes_differ(void **state)
{
	struct fixture *f = *state;
	uint8_t a[32], b[32];

	env_random(f->env, a, sizeof(a));
	env_random(f->env, b, sizeof(b));

	assert_memory_not_equal(a, b, sizeof(a));
	assert_true(env_wall(f->env) > 1500000000000);
}

static void
stopping_before_the_first_run_ends_it_at_once(void **state)
{
	struct fixture *f = *state;

	env_stop(f->env);

	assert_true(env_is_dead(f->env));
	fixture_run(f);
}

/* ---- datagrams ---- */

struct echo {
	struct fixture *f;
	struct env_udp *client, *server;
	int answers;
	char text[16];
	struct addr from, to;
};

static void
server_received(void *arg, const struct addr *from, const struct addr *to, const uint8_t *data,
		size_t size)
{
	struct echo *echo = arg;

	echo->to = *to;
	assert_int_equal(env_udp_send(echo->server, from, to, data, size), 0);
}

static void
client_received(void *arg, const struct addr *from, const struct addr *to, const uint8_t *data,
		size_t size)
{
	struct echo *echo = arg;

	(void)to;
	echo->from = *from;
	echo->answers++;
	assert_in_range(size, 0, sizeof(echo->text) - 1);
	memcpy(echo->text, data, size);
	env_stop(echo->f->env);
}

static void
echo_open(struct echo *echo, struct fixture *f, const char *server_at)
{
	const struct addr client_at = address("127.0.0.1"), at = address(server_at);
	struct err err;

	*echo = (struct echo){ .f = f };
	assert_int_equal(env_udp_open(f->env, &at, server_received, echo, &echo->server, &err), 0);
	assert_int_equal(
		env_udp_open(f->env, &client_at, client_received, echo, &echo->client, &err), 0);
}

static void
echo_close(struct echo *echo)
{
	env_udp_close(echo->client);
	env_udp_close(echo->server);
}

static void
a_datagram_comes_back_from_where_it_was_sent(void **state)
{
	struct fixture *f = *state;
	struct echo echo;
	echo_open(&echo, f, "0.0.0.0");
	struct addr to = address("127.0.0.3");
	to.port = env_udp_local(echo.server)->port;

	assert_int_equal(env_udp_send(echo.client, &to, NULL, "hello", 5), 0);
	fixture_run(f);

	assert_string_equal(echo.text, "hello");
	assert_true(to.port != 0 && addr_equal(&echo.from, &to));
	assert_true(addr_equal(&echo.to, &to));
	echo_close(&echo);
}

static void
an_empty_datagram_is_one(void **state)
{
	struct fixture *f = *state;
	struct echo echo;
	echo_open(&echo, f, "127.0.0.1");

	assert_int_equal(env_udp_send(echo.client, env_udp_local(echo.server), NULL, "", 0), 0);
	fixture_run(f);

	assert_int_equal(echo.answers, 1);
	echo_close(&echo);
}

static void
a_datagram_that_is_too_long_is_not_sent(void **state)
{
	struct fixture *f = *state;
	static const char long_data[ENV_DATAGRAM_MAX + 1];
	struct echo echo;
	echo_open(&echo, f, "127.0.0.1");

	assert_true(env_udp_send(echo.client, env_udp_local(echo.server), NULL, long_data,
				 sizeof(long_data)) < 0);

	echo_close(&echo);
}

static void
a_port_in_use_is_told(void **state)
{
	struct fixture *f = *state;
	struct echo echo;
	struct env_udp *second = NULL;
	struct err err;
	echo_open(&echo, f, "127.0.0.1");

	const int r = env_udp_open(f->env, env_udp_local(echo.server), server_received, &echo,
				   &second, &err);

	assert_int_equal(r, DD_EBUSY);
	assert_null(second);
	assert_non_null(strstr(err.text, "in use"));
	assert_non_null(strstr(err.text, "choose another"));
	echo_close(&echo);
}

static void
an_address_of_others_is_refused(void **state)
{
	struct fixture *f = *state;
	const struct addr at = address("203.0.113.77:9999");
	struct env_udp *udp = NULL;
	struct err err;

	assert_int_equal(env_udp_open(f->env, &at, server_received, NULL, &udp, &err), DD_EINVAL);
	assert_null(udp);
}

static void
received_and_closed(void *arg, const struct addr *from, const struct addr *to, const uint8_t *data,
		    size_t size)
{
	struct echo *echo = arg;

	(void)from, (void)to, (void)data, (void)size;
	echo->answers++;
	env_udp_close(TAKE(echo->client));
}

static void
bell_stop(void *arg)
{
	struct echo *echo = arg;

	env_stop(echo->f->env);
}

static void
a_socket_can_be_closed_inside_its_callback(void **state)
{
	struct fixture *f = *state;
	const struct addr at = address("127.0.0.1");
	struct echo echo = { .f = f };
	struct env_timer later = { .fire = bell_stop, .arg = &echo };
	struct err err;
	assert_int_equal(env_udp_open(f->env, &at, received_and_closed, &echo, &echo.client, &err),
			 0);
	assert_int_equal(env_udp_open(f->env, &at, server_received, &echo, &echo.server, &err), 0);

	for (int i = 0; i < 3; i++)
		assert_int_equal(
			env_udp_send(echo.server, env_udp_local(echo.client), NULL, "x", 1), 0);
	env_timer_set(f->env, &later, env_now(f->env) + 30);
	fixture_run(f);

	assert_int_equal(echo.answers, 1);
	env_udp_close(echo.server);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		ON_BOTH(timers_fire_in_order_of_time_then_of_setting),
		ON_BOTH(timers_can_be_moved_and_cleared),
		ON_BOTH(a_timer_can_set_itself_again),
		ON_BOTH(many_timers_keep_their_order),
		ON_BOTH(random_bytes_differ),
		ON_BOTH(stopping_before_the_first_run_ends_it_at_once),
		ON_BOTH(a_datagram_comes_back_from_where_it_was_sent),
		ON_BOTH(an_empty_datagram_is_one),
		ON_BOTH(a_datagram_that_is_too_long_is_not_sent),
		ON_BOTH(a_port_in_use_is_told),
		ON_BOTH(an_address_of_others_is_refused),
		ON_BOTH(a_socket_can_be_closed_inside_its_callback),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
