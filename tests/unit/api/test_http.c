/* test_http.c - requests over real sockets: who is let in, bodies of every size, connections that
 * are kept. */
#include "api/http.h"
#include "base/json.h"
#include "env/env_linux.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define TOKEN "0123456789abcdef0123456789abcdef"
#define PASS  "Authorization: Bearer " TOKEN "\r\n"

#define PROBE "POST /api/v1/devices/box/probe HTTP/1.1\r\nHost: x\r\n\r\n"

enum { LIMIT_MS = 20000, RECEIVED_MAX = 64 << 10 };

struct world {
	struct env *env;
	struct engine *engine;
	struct api *api;
	struct http *socket, *tcp;
	char folder[64];
	struct env_stream *stream;
	char received[RECEIVED_MAX];
	size_t size;
	unsigned wanted; /* responses to wait for */
	bool is_opened, was_closed, has_hung;
	struct env_timer limit;
};

static struct addr
address(const char *text)
{
	struct addr addr;

	assert_int_equal(addr_parse(text, 0, &addr, NULL), 0);
	return addr;
}

static void
open_all(struct world *world)
{
	char profiles[512];
	struct engine_settings settings = { .folder = world->folder,
					    .profiles = profiles,
					    .advertise = address("127.0.0.1") };
	struct http_settings at = { .token = NULL };
	const size_t top = strlen(__FILE__) - strlen("tests/unit/api/test_http.c");
	char path[128];
	struct err err = { 0 };

	(void)snprintf(profiles, sizeof(profiles), "%.*sprofiles", (int)top, __FILE__);
	(void)snprintf(path, sizeof(path), "unix:%s/link.sock", world->folder);
	settings.link = address(path);
	if (engine_new(world->env, &settings, &world->engine, &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(api_new(world->env, world->engine, &world->api, &err), 0);
	(void)snprintf(path, sizeof(path), "unix:%s/drydock.sock", world->folder);
	at.at = address(path);
	if (http_new(world->env, world->api, &at, &world->socket, &err) < 0)
		fail_msg("%s", err.text);
	at = (struct http_settings){ .at = address("127.0.0.1"), .token = TOKEN };
	if (http_new(world->env, world->api, &at, &world->tcp, &err) < 0)
		fail_msg("%s", err.text);
}

static int
setup(void **state)
{
	struct world *world = calloc(1, sizeof(*world));

	assert_non_null(world);
	assert_int_equal(env_linux_new(&world->env, NULL), 0);
	(void)snprintf(world->folder, sizeof(world->folder), "/tmp/drydock-http-XXXXXX");
	assert_non_null(mkdtemp(world->folder));
	open_all(world);
	*state = world;
	return 0;
}

static int
teardown(void **state)
{
	struct world *world = *state;
	char command[128];

	env_stream_close(world->stream);
	http_free(world->tcp);
	http_free(world->socket);
	api_free(world->api);
	engine_free(world->engine);
	env_linux_free(world->env);
	(void)snprintf(command, sizeof(command), "rm -rf %s", world->folder);
	assert_int_equal(system(command), 0);
	free(world);
	return 0;
}

/* ---- a client of few words ---- */

static unsigned
responses_count(const struct world *world)
{
	unsigned count = 0;

	for (const char *at = world->received; (at = strstr(at, "HTTP/1.1 ")) != NULL; at++)
		count += strncmp(at, "HTTP/1.1 100", 12) != 0;
	return count;
}

/* The last response's body is whole where it ends the JSON object, as all of ours do. */
static bool
is_whole(const struct world *world)
{
	return responses_count(world) >= world->wanted && world->size > 0 &&
	       (world->received[world->size - 1] == '}' ||
		strstr(world->received, "HTTP/1.1 204") != NULL);
}

static void
opened(void *arg)
{
	struct world *world = arg;

	world->is_opened = true;
	env_stop(world->env);
}

static void
received(void *arg, const uint8_t *data, size_t size)
{
	struct world *world = arg;

	assert_true(world->size + size < RECEIVED_MAX);
	memcpy(world->received + world->size, data, size);
	world->size += size;
	world->received[world->size] = '\0';
	if (is_whole(world))
		env_stop(world->env);
}

static void
closed(void *arg, int reason)
{
	struct world *world = arg;

	(void)reason;
	world->was_closed = true;
	env_stop(world->env);
}

static void
hung(void *arg)
{
	struct world *world = arg;

	world->has_hung = true;
	env_stop(world->env);
}

static void
run(struct world *world)
{
	world->limit = (struct env_timer){ .fire = hung, .arg = world };
	env_timer_set(world->env, &world->limit, env_now(world->env) + LIMIT_MS);
	assert_int_equal(env_linux_run(world->env, NULL), 0);
	env_timer_clear(world->env, &world->limit);
	if (world->has_hung)
		fail_msg("it hangs after: %s", world->received);
}

static void
dial(struct world *world, const struct http *http)
{
	static const struct env_stream_events events = { .opened = opened,
							 .received = received,
							 .closed = closed };

	env_stream_close(world->stream);
	world->is_opened = world->was_closed = false;
	world->size = 0;
	world->received[0] = '\0';
	world->wanted = 0;
	assert_int_equal(env_connect(world->env, http_local(http), NULL, &events, world,
				     &world->stream, NULL),
			 0);
	run(world);
	assert_true(world->is_opened);
}

static void
say(struct world *world, const void *data, size_t size)
{
	assert_int_equal(env_stream_write(world->stream, data, size), 0);
}

/* Send a request on the open connection and wait for its whole response; its status. */
static unsigned
ask(struct world *world, const char *text)
{
	world->wanted++;
	say(world, text, strlen(text));
	while (!is_whole(world) && !world->was_closed)
		run(world);
	const char *last = world->received;
	for (const char *at = last; (at = strstr(at, "HTTP/1.1 ")) != NULL; at++)
		last = at;
	return (unsigned)strtoul(last + strlen("HTTP/1.1 "), NULL, 10);
}

/* ---- the tests ---- */

static void
test_connection_is_kept(void **state)
{
	struct world *world = *state;

	/* Answering too early makes libmicrohttpd close after each response. */
	dial(world, world->socket);
	for (int i = 0; i < 20; i++) {
		assert_int_equal(ask(world, "GET /api/v1/health HTTP/1.1\r\nHost: x\r\n\r\n"), 200);
		assert_false(world->was_closed);
		if (i % 4 == 3) {
			world->size = 0;
			world->received[0] = '\0';
			world->wanted = 0;
		}
	}
	assert_int_equal(
		ask(world,
		    "POST /api/v1/credentials HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}"),
		400);
	assert_int_equal(ask(world, "GET /api/v1/health HTTP/1.1\r\nHost: x\r\n\r\n"), 200);
	assert_false(world->was_closed);
}

static void
test_requests_in_a_row(void **state)
{
	static const char text[] = "GET /api/v1/health HTTP/1.1\r\nHost: x\r\n\r\n"
				   "GET /api/v1/nothing HTTP/1.1\r\nHost: x\r\n\r\n"
				   "GET /api/v1/files/status HTTP/1.1\r\nHost: x\r\n\r\n";
	struct world *world = *state;

	dial(world, world->socket);
	world->wanted = 2;
	assert_int_equal(ask(world, text), 200);
	assert_non_null(strstr(world->received, "HTTP/1.1 404"));
}

static void
test_tcp_needs_the_token(void **state)
{
	static const char *const wrong[] = {
		"",
		"Authorization: Bearer \r\n",
		"Authorization: Bearer 0123456789abcdef0123456789abcdeX\r\n",
		"Authorization: Bearer " TOKEN "0\r\n",
		"Authorization: " TOKEN "\r\n",
		"Authorization: Basic " TOKEN "\r\n",
	};
	struct world *world = *state;
	char text[512];

	for (size_t i = 0; i < ARRAY_COUNT(wrong); i++) {
		dial(world, world->tcp);
		(void)snprintf(text, sizeof(text),
			       "GET /api/v1/health HTTP/1.1\r\nHost: x\r\n%s\r\n", wrong[i]);
		assert_int_equal(ask(world, text), 401);
		assert_null(strstr(world->received, "files"));
	}
	dial(world, world->tcp);
	assert_int_equal(ask(world, "GET /api/v1/health HTTP/1.1\r\nHost: x\r\n" PASS "\r\n"), 200);
	assert_int_equal(ask(world, "GET /api/v1/health HTTP/1.1\r\nHost: x\r\n" PASS "\r\n"), 200);
	assert_false(world->was_closed);
	/* The token of one request is not that of the next. */
	assert_int_equal(ask(world, "GET /api/v1/health HTTP/1.1\r\nHost: x\r\n\r\n"), 401);
}

static void
test_stranger_can_store_nothing(void **state)
{
	struct world *world = *state;

	dial(world, world->tcp);
	assert_int_equal(
		ask(world,
		    "POST /api/v1/blobs HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello"),
		401);
	dial(world, world->tcp);
	assert_int_equal(
		ask(world,
		    "POST /api/v1/credentials HTTP/1.1\r\nHost: x\r\nContent-Length: 34\r\n\r\n"
		    "{\"name\":\"a\",\"community\":\"whatever\"}"),
		401);
	dial(world, world->socket);
	assert_int_equal(ask(world, "GET /api/v1/credentials HTTP/1.1\r\nHost: x\r\n\r\n"), 200);
	assert_non_null(strstr(world->received, "[]"));
}

static void
test_bodies_that_are_too_big(void **state)
{
	struct world *world = *state;

	dial(world, world->socket);
	assert_int_equal(ask(world, "POST /api/v1/credentials HTTP/1.1\r\nHost: "
				    "x\r\nContent-Length: 1048577\r\n\r\n"),
			 413);
	dial(world, world->socket);
	assert_int_equal(
		ask(world,
		    "POST /api/v1/blobs HTTP/1.1\r\nHost: x\r\nContent-Length: 4294967297\r\n\r\n"),
		413);
	dial(world, world->socket);
	/* Without a size that is known before: read until it is too much, and told then. */
	say(world,
	    "POST /api/v1/credentials HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n",
	    strlen("POST /api/v1/credentials HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: "
		   "chunked\r\n\r\n"));
	static char chunk[(512 << 10) + 16];
	int head = snprintf(chunk, sizeof(chunk), "80000\r\n");
	memset(chunk + head, ' ', 512 << 10);
	memcpy(chunk + head + (512 << 10), "\r\n", 2);
	for (int i = 0; i < 3; i++) {
		while (env_stream_queued(world->stream) > 0) {
			world->limit = (struct env_timer){ .fire = hung, .arg = world };
			env_timer_set(world->env, &world->limit, env_now(world->env) + 5);
			assert_int_equal(env_linux_run(world->env, NULL), 0);
			world->has_hung = false;
		}
		say(world, chunk, (size_t)head + (512 << 10) + 2);
	}
	assert_int_equal(ask(world, "0\r\n\r\n"), 413);
}

static void
test_upload_and_use(void **state)
{
	struct world *world = *state;
	struct sha256 hash;
	char text[SHA256_TEXT_SIZE];

	dial(world, world->socket);
	assert_int_equal(
		ask(world,
		    "POST /api/v1/blobs HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello"),
		201);
	sha256_of("hello", 5, &hash);
	assert_non_null(strstr(world->received, sha256_text(&hash, text)));
	assert_true(blobs_has(engine_blobs(world->engine), &hash, NULL));
	assert_int_equal(ask(world, "POST /api/v1/blobs HTTP/1.1\r\nHost: x\r\n\r\n"), 400);
}

static void
count_name(void *arg, const char *name)
{
	(void)name;
	(*(unsigned *)arg)++;
}

/* Let the manager work until its folder of content has so many files. */
static void
run_until_blobs(struct world *world, unsigned wanted)
{
	char path[128];

	(void)snprintf(path, sizeof(path), "%s/blobs", world->folder);
	for (int i = 0; i < 100; i++) {
		unsigned names = 0;
		assert_int_equal(ask(world, "GET /api/v1/health HTTP/1.1\r\nHost: x\r\n\r\n"), 200);
		assert_int_equal(env_dir_list(world->env, path, count_name, &names, NULL), 0);
		if (names == wanted)
			return;
	}
	fail_msg("there are never %u files", wanted);
}

static void
test_upload_that_breaks_leaves_nothing(void **state)
{
	static const char half[] =
		"POST /api/v1/blobs HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nhello";
	struct world *world = *state;

	dial(world, world->socket);
	say(world, half, strlen(half));
	struct env_stream *broken = TAKE(world->stream);
	dial(world, world->socket);
	run_until_blobs(world, 1);
	env_stream_close(broken);
	run_until_blobs(world, 0);
}

static void
test_garbage(void **state)
{
	static const char *const lines[] = {
		"\r\n\r\n\r\n",
		"GET\r\n\r\n",
		"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
		"GET /api/v1/health HTTP/9.9\r\n\r\n",
		"POST /api/v1/devices HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n",
		"POST /api/v1/devices HTTP/1.1\r\nHost: x\r\nContent-Length: 5x\r\n\r\n",
		"POST /api/v1/devices HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: "
		"chunked\r\n\r\nzz\r\n",
	};
	struct world *world = *state;

	for (size_t i = 0; i < ARRAY_COUNT(lines); i++) {
		dial(world, world->socket);
		say(world, lines[i], strlen(lines[i]));
		dial(world, world->socket);
		assert_int_equal(ask(world, "GET /api/v1/health HTTP/1.1\r\nHost: x\r\n\r\n"), 200);
	}
}

static void
test_escaped_path_and_arguments(void **state)
{
	struct world *world = *state;
	char text[4096] = "GET /api/v1/devices?";

	dial(world, world->socket);
	assert_int_equal(
		ask(world, "GET /api/v1/devices/%2e%2e%2f%2e%2e HTTP/1.1\r\nHost: x\r\n\r\n"), 404);
	assert_int_equal(ask(world, "DELETE /api/v1/devices/a%00b HTTP/1.1\r\nHost: x\r\n\r\n"),
			 404);
	assert_non_null(strstr(world->received, "'a%00b'")); /* not 'a' */
	assert_int_equal(ask(world, "GET /api/v1/devices/a%2 HTTP/1.1\r\nHost: x\r\n\r\n"), 404);
	assert_non_null(strstr(world->received, "'a%2'"));
	assert_int_equal(
		ask(world,
		    "GET /api/v1/devices?tag=a%3Db%26c&limit=%31 HTTP/1.1\r\nHost: x\r\n\r\n"),
		200);
	for (int i = 0; i < 30; i++)
		strcat(text, "tag=a%3Db&");
	strcat(text, " HTTP/1.1\r\nHost: x\r\n\r\n");
	assert_int_equal(ask(world, text), 400);
}

/* ---- a device that answers when it is told to ---- */

struct late_device {
	struct env_udp *udp;
	struct addr from;
	uint8_t answer[2048];
	int64_t size;
};

/* Keep an answer that says that the device could not: the first of the family's facts is refused.
 */
static void
asked(void *arg, const struct addr *from, const struct addr *to, const uint8_t *data, size_t size)
{
	struct late_device *device = arg;
	struct snmp_message *message = malloc(sizeof(*message));

	(void)to;
	assert_non_null(message);
	assert_int_equal(snmp_decode(data, size, message, NULL), 0);
	message->pdu.type = SNMP_RESPONSE;
	message->pdu.error_status = SNMP_GEN_ERR;
	message->pdu.error_index = 1;
	device->size = snmp_encode(message, device->answer, sizeof(device->answer));
	device->from = *from;
	assert_true(device->size > 0);
	free(message);
}

static void
add_device(struct world *world, const struct addr *at)
{
	struct credential credential = { .name = "lab", .community = "x" };
	struct device device = { .name = "box", .credential = "lab", .profile = "drydock-agent" };
	struct store *store = engine_store(world->engine);

	device.address = *at;
	assert_int_equal(store_begin(store, NULL), 0);
	assert_int_equal(store_credential_put(store, &credential, NULL), 0);
	assert_int_equal(store_device_add(store, &device, NULL), 0);
	assert_int_equal(store_commit(store, NULL), 0);
}

/* A probe waits for its device; other requests do not. */
static void
test_waiting_holds_up_nobody(void **state)
{
	const struct addr any = address("127.0.0.1");
	struct world *world = *state;
	struct late_device device = { .size = 0 };

	assert_int_equal(env_udp_open(world->env, &any, asked, &device, &device.udp, NULL), 0);
	add_device(world, env_udp_local(device.udp));
	dial(world, world->socket);
	say(world, PROBE, strlen(PROBE));
	struct env_stream *waiting = TAKE(world->stream);
	dial(world, world->tcp);
	while (device.size == 0)
		assert_int_equal(
			ask(world, "GET /api/v1/health HTTP/1.1\r\nHost: x\r\n" PASS "\r\n"), 200);
	assert_int_equal(ask(world, "GET /api/v1/health HTTP/1.1\r\nHost: x\r\n" PASS "\r\n"), 200);
	/* The device answers, and so does the manager, on a connection that goes on. */
	env_stream_close(world->stream);
	world->stream = waiting;
	world->size = 0;
	world->received[0] = '\0';
	world->wanted = 0;
	assert_int_equal(
		env_udp_send(device.udp, &device.from, NULL, device.answer, (size_t)device.size),
		0);
	assert_int_equal(ask(world, ""), 422);
	assert_non_null(strstr(world->received, "device box"));
	assert_int_equal(ask(world, "GET /api/v1/health HTTP/1.1\r\nHost: x\r\n\r\n"), 200);
	env_udp_close(device.udp);
}

/* The manager may end while a request waits, and who asked may go. */
static void
test_end_while_waiting(void **state)
{
	const struct addr any = address("127.0.0.1");
	struct world *world = *state;
	struct late_device device = { .size = 0 };

	assert_int_equal(env_udp_open(world->env, &any, asked, &device, &device.udp, NULL), 0);
	add_device(world, env_udp_local(device.udp));
	dial(world, world->socket);
	say(world, PROBE, strlen(PROBE));
	dial(world, world->socket); /* closes the first one */
	say(world, PROBE, strlen(PROBE));
	struct env_stream *waiting = TAKE(world->stream);
	dial(world, world->socket);
	while (device.size == 0)
		assert_int_equal(ask(world, "GET /api/v1/health HTTP/1.1\r\nHost: x\r\n\r\n"), 200);
	env_stream_close(waiting);
	env_udp_close(device.udp);
}

#define IN_WORLD(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		IN_WORLD(test_connection_is_kept),
		IN_WORLD(test_requests_in_a_row),
		IN_WORLD(test_tcp_needs_the_token),
		IN_WORLD(test_stranger_can_store_nothing),
		IN_WORLD(test_bodies_that_are_too_big),
		IN_WORLD(test_upload_and_use),
		IN_WORLD(test_upload_that_breaks_leaves_nothing),
		IN_WORLD(test_garbage),
		IN_WORLD(test_escaped_path_and_arguments),
		IN_WORLD(test_waiting_holds_up_nobody),
		IN_WORLD(test_end_while_waiting),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
