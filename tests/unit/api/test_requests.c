/* test_requests.c - what is asked wrongly gets a clear answer and changes nothing. */
#include "world.h"

static void
test_health(void **state)
{
	struct world *world = *state;

	assert_int_equal(get(world, "health", NULL), 200);
	assert_string_equal(said(world, "status"), "ok");
	assert_int_equal(strlen(said(world, "now")), strlen("2026-01-31T12:00:00.000Z"));
	assert_int_equal(get(world, "files/status", NULL), 200);
	assert_false(json_is_true(json_object_get(world->answer, "is_up")));
}

static void
test_unknown_path(void **state)
{
	static const char *const paths[] = { "",
					     "nothing",
					     "devices/",
					     "devices/a/b",
					     "devices/a/probe/x",
					     "snapshots/1/secret",
					     "jobs//events" };
	struct world *world = *state;

	for (size_t i = 0; i < ARRAY_COUNT(paths); i++) {
		(void)get(world, paths[i], NULL);
		REFUSES(world, 404, "not-found", "no resource");
	}
}

static void
test_path_outside(void **state)
{
	struct world *world = *state;
	struct api_request request = { .method = "GET", .path = "/etc/passwd" };
	struct api_response response;

	api_response_init(&response, NULL, NULL);
	assert_true(api_handle(world->api, &request, &response));
	world_keep(world, &response);
	REFUSES(world, 404, "not-found", "/api/v1/");
}

static void
test_long_parts(void **state)
{
	struct world *world = *state;
	char path[600] = "devices/";

	memset(path + 8, 'a', 200);
	path[208] = '\0';
	assert_int_equal(get(world, path, NULL), 404);
	memset(path + 8, 'a', 580);
	path[588] = '\0';
	assert_int_equal(get(world, path, NULL), 404);
}

static void
test_wrong_method(void **state)
{
	struct world *world = *state;
	struct api_request request = { .method = "PUT", .path = API_ROOT "devices" };
	struct api_response response;

	api_response_init(&response, NULL, NULL);
	assert_true(api_handle(world->api, &request, &response));
	assert_int_equal(response.status, 405);
	assert_string_equal(response.allow, "POST, GET");
	api_response_done(&response);
}

static void
test_bodies(void **state)
{
	static const struct {
		const char *body, *code, *words;
	} cases[] = {
		{ "", "invalid", "no body" },
		{ "{", "malformed", "line 1" },
		{ "[]", "invalid", "object" },
		{ "{\"name\":\"a\",\"name\":\"b\"}", "malformed", "line 1" },
		{ "{\"nam\":\"a\"}", "invalid", "nam" },
		{ "{}", "invalid", "name" },
		{ "{\"name\":7}", "invalid", "name" },
		{ "{\"name\":\"a\",\"community\":\"\"}", "invalid", "empty" },
		{ "{\"name\":\"../a\",\"community\":\"x\"}", "invalid", "name" },
		{ "{\"name\":\"a\",\"community\":\"x\\ny\"}", "invalid", "control" },
		{ "{\"name\":\"a\\u0000b\",\"community\":\"x\"}", "malformed", "" },
		{ "{\"name\":\"a\",\"community\":\"x\",\"kind\":7}", "invalid", "kind" },
	};
	struct world *world = *state;

	for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
		(void)ask(world, "POST", "credentials", cases[i].body);
		REFUSES(world, 400, cases[i].code, cases[i].words);
	}
	(void)ask(world, "POST", "credentials",
		  "{\"name\":\"a\",\"community\":\"x\",\"kind\":\"v3\"}");
	REFUSES(world, 422, "unsupported", "v2c");
	(void)ask(world, "GET", "credentials", "{}");
	REFUSES(world, 400, "invalid", "no body");
	assert_int_equal(get(world, "credentials", NULL), 200);
	assert_int_equal(json_array_size(json_object_get(world->answer, "credentials")), 0);
}

static void
test_body_too_big(void **state)
{
	struct world *world = *state;
	size_t size = API_BODY_MAX + 10;
	char *body = malloc(size);

	assert_non_null(body);
	memset(body, ' ', size);
	assert_int_equal(ask_with(world, "POST", "credentials", NULL, body, size), 400);
	free(body);
}

static void
test_long_field(void **state)
{
	struct world *world = *state;
	char body[600];

	(void)snprintf(body, sizeof(body), "{\"name\":\"a\",\"community\":\"%0500d\"}", 7);
	(void)ask(world, "POST", "credentials", body);
	REFUSES(world, 400, "invalid", "'community' is longer than 63 bytes");
}

static void
test_arguments(void **state)
{
	struct world *world = *state;

	(void)get(world, "jobs", "opn=1");
	REFUSES(world, 400, "invalid", "'opn'");
	(void)get(world, "jobs", "open=2");
	REFUSES(world, 400, "invalid", "'open'");
	(void)get(world, "jobs", "limit=-1");
	REFUSES(world, 400, "invalid", "'limit'");
	(void)get(world, "jobs", "limit=99999999999999999999");
	REFUSES(world, 400, "invalid", "'limit'");
	(void)get(world, "snapshots", NULL);
	REFUSES(world, 400, "invalid", "device");
}

static void
test_ids(void **state)
{
	static const char *const ids[] = { "0", "-1", "x", "1x", "99999999999999999999", "%31" };
	struct world *world = *state;
	char path[64];

	for (size_t i = 0; i < ARRAY_COUNT(ids); i++) {
		(void)snprintf(path, sizeof(path), "jobs/%s", ids[i]);
		assert_int_equal(get(world, path, NULL), 400);
	}
	assert_int_equal(get(world, "jobs/7", NULL), 404);
	assert_int_equal(get(world, "images/7", NULL), 404);
	assert_int_equal(get(world, "snapshots/7/content", NULL), 404);
	assert_int_equal(ask(world, "POST", "decisions/7", "{\"answer\":\"stop\"}"), 404);
}

static void
test_head_is_get(void **state)
{
	struct world *world = *state;

	assert_int_equal(ask_with(world, "HEAD", "health", NULL, NULL, 0), 200);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		IN_WORLD(test_health),       IN_WORLD(test_unknown_path),
		IN_WORLD(test_path_outside), IN_WORLD(test_long_parts),
		IN_WORLD(test_wrong_method), IN_WORLD(test_bodies),
		IN_WORLD(test_body_too_big), IN_WORLD(test_long_field),
		IN_WORLD(test_arguments),    IN_WORLD(test_ids),
		IN_WORLD(test_head_is_get),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
