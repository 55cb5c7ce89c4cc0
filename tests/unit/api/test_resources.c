/* test_resources.c - what is put in is told again, secrets are not, and requests may wait for a
 * device. */
#include "api/room.h"
#include "world.h"

#define IMAGE                                                                  \
	"DRYDOCK-IMAGE 1\nversion: 2.0.0\nmodel: IAD-24\nformat: 2\nsize: 4\n" \
	"sha256: 88d4266fd4e6338d13b845fcf289579d209c897823b9217da3e161936f031589\n\nabcd"

static void
test_credentials_keep_their_secret(void **state)
{
	struct world *world = *state;

	add_credential(world);
	assert_null(strstr(world->text, "very-secret"));
	assert_int_equal(get(world, "credentials", NULL), 200);
	assert_non_null(strstr(world->text, "\"lab\""));
	assert_null(strstr(world->text, "very-secret"));
}

static void
test_device_goes_in_and_out(void **state)
{
	struct world *world = *state;

	add_credential(world);
	assert_int_equal(ask(world, "POST", "devices",
			     "{\"name\":\"box-1\",\"address\":\"192.0.2.11:1161\",\"credential\":"
			     "\"lab\",\"profile\":\"drydock-agent\","
			     "\"site\":\"east\",\"tags\":{\"floor\":\"2\"}}"),
			 201);
	assert_string_equal(said(world, "address"), "192.0.2.11:1161");
	assert_int_equal(get(world, "devices/box-1", NULL), 200);
	assert_string_equal(said(world, "site"), "east");
	assert_string_equal(
		json_string_value(json_object_get(json_object_get(world->answer, "tags"), "floor")),
		"2");
	assert_int_equal(ask(world, "POST", "devices",
			     "{\"name\":\"box-1\",\"address\":\"192.0.2.12\",\"credential\":"
			     "\"lab\",\"profile\":\"drydock-agent\"}"),
			 409);
	assert_int_equal(ask(world, "DELETE", "devices/box-1", NULL), 204);
	assert_null(world->answer);
	assert_int_equal(get(world, "devices/box-1", NULL), 404);
	assert_int_equal(ask(world, "DELETE", "devices/box-1", NULL), 404);
}

static void
test_device_is_refused(void **state)
{
	static const struct {
		const char *body;
		unsigned status;
		const char *words;
	} cases[] = {
		{ "{\"name\":\"a "
		  "b\",\"address\":\"192.0.2.11\",\"credential\":\"lab\",\"profile\":\"drydock-"
		  "agent\"}",
		  400, "name" },
		{ "{\"name\":\"a\",\"address\":\"nowhere\",\"credential\":\"lab\",\"profile\":"
		  "\"drydock-agent\"}",
		  400, "nowhere" },
		{ "{\"name\":\"a\",\"address\":\"unix:/"
		  "x\",\"credential\":\"lab\",\"profile\":\"drydock-agent\"}",
		  400, "IP" },
		{ "{\"name\":\"a\",\"address\":\"192.0.2.11\",\"credential\":\"none\",\"profile\":"
		  "\"drydock-agent\"}",
		  422, "credential" },
		{ "{\"name\":\"a\",\"address\":\"192.0.2.11\",\"credential\":\"lab\",\"profile\":"
		  "\"none\"}",
		  422, "profile" },
		{ "{\"name\":\"a\",\"address\":\"192.0.2.11\",\"credential\":\"lab\",\"tags\":[]}",
		  400, "tags" },
		{ "{\"name\":\"a\",\"address\":\"192.0.2.11\",\"credential\":\"lab\",\"tags\":{\"a "
		  "b\":\"x\"}}",
		  400, "tag" },
		{ "{\"name\":\"a\",\"address\":\"192.0.2.11\",\"credential\":\"lab\",\"tags\":{"
		  "\"a\":1}}",
		  400, "tag" },
	};
	struct world *world = *state;

	add_credential(world);
	for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
		assert_int_equal(ask(world, "POST", "devices", cases[i].body), cases[i].status);
		if (strstr(error_of(world, "message"), cases[i].words) == NULL)
			fail_msg("'%s' does not speak of '%s'", error_of(world, "message"),
				 cases[i].words);
	}
	assert_int_equal(get(world, "devices", NULL), 200);
	assert_int_equal(json_array_size(json_object_get(world->answer, "devices")), 0);
}

static void
test_silent_device(void **state)
{
	struct world *world = *state;

	/* Without a profile it is asked what it is, and nobody is there. */
	add_credential(world);
	(void)ask(world, "POST", "devices",
		  "{\"name\":\"a\",\"address\":\"192.0.2.11\",\"credential\":\"lab\"}");
	REFUSES(world, 422, "no-answer", "device a");
	add_device(world, "b", "192.0.2.12");
	(void)ask(world, "POST", "devices/b/probe", NULL);
	REFUSES(world, 422, "no-answer", "device b");
	(void)ask(world, "POST", "devices/c/probe", NULL);
	REFUSES(world, 404, "not-found", "");
}

/* Who asked is gone before the device was late: nobody is called, nothing leaks. */
static void
test_waiting_is_given_up(void **state)
{
	struct world *world = *state;
	struct api_request request = { .method = "POST", .path = API_ROOT "devices/b/probe" };
	struct api_response response;

	add_credential(world);
	add_device(world, "b", "192.0.2.12");
	world->is_there = false;
	api_response_init(&response, world_answered, world);
	assert_false(api_handle(world->api, &request, &response));
	api_response_done(&response);
	(void)sim_run(world->sim, sim_now(world->sim) + 60000, NULL, NULL);
	assert_false(world->is_there);
	assert_int_equal(world->api->waiting_count, 0);
}

static void
test_lists_have_pages(void **state)
{
	struct world *world = *state;

	add_credential(world);
	add_device(world, "a", "192.0.2.11");
	add_device(world, "b", "192.0.2.12");
	add_device(world, "c", "192.0.2.13");
	assert_int_equal(get(world, "devices", "limit=2"), 200);
	assert_int_equal(json_array_size(json_object_get(world->answer, "devices")), 2);
	assert_true(json_is_true(json_object_get(world->answer, "more")));
	assert_int_equal(get(world, "devices", "limit=2&after-name=b"), 200);
	assert_int_equal(json_array_size(json_object_get(world->answer, "devices")), 1);
	assert_non_null(strstr(world->text, "\"c\""));
	assert_true(json_is_false(json_object_get(world->answer, "more")));
}

static void
test_devices_are_selected(void **state)
{
	struct world *world = *state;
	static const struct {
		const char *query;
		size_t count;
	} cases[] = {
		{ "profile=drydock-agent", 3 },
		{ "profile=other", 0 },
		{ "tag=floor=2", 2 },
		{ "tag=floor=2&tag=wing=w", 1 },
		{ "tag=floor", 0 },
		{ "tag=floor=", 0 },
		{ "version=1.4.2", 0 },
		{ "tag=wing=w&profile=drydock-agent", 1 },
	};

	add_credential(world);
	add_device(world, "a", "192.0.2.11");
	assert_int_equal(ask(world, "POST", "devices",
			     "{\"name\":\"b\",\"address\":\"192.0.2.12\",\"credential\":\"lab\","
			     "\"profile\":\"drydock-agent\",\"tags\":{\"floor\":\"2\"}}"),
			 201);
	assert_int_equal(ask(world, "POST", "devices",
			     "{\"name\":\"c\",\"address\":\"192.0.2.13\",\"credential\":\"lab\","
			     "\"profile\":\"drydock-agent\","
			     "\"tags\":{\"floor\":\"2\",\"wing\":\"w\"}}"),
			 201);
	for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
		assert_int_equal(get(world, "devices", cases[i].query), 200);
		if (json_array_size(json_object_get(world->answer, "devices")) != cases[i].count)
			fail_msg("%s: %s", cases[i].query, world->text);
	}
}

static void
test_image(void **state)
{
	struct world *world = *state;
	char hash[SHA256_TEXT_SIZE], body[512];

	assert_int_equal(upload(world, IMAGE, sizeof(IMAGE) - 1, hash), 201);
	(void)snprintf(body, sizeof(body),
		       "{\"profile\":\"drydock-agent\",\"files\":[{\"name\":\"x.img\",\"sha256\":"
		       "\"%s\"}]}",
		       hash);
	assert_int_equal(ask(world, "POST", "images", body), 201);
	assert_string_equal(said(world, "version"), "2.0.0");
	assert_int_equal(json_integer_value(json_object_get(world->answer, "id")), 1);
	assert_int_equal(json_integer_value(json_object_get(world->answer, "config_format")), 2);
	assert_int_equal(ask(world, "POST", "images", body), 409);
	assert_int_equal(get(world, "images", NULL), 200);
	assert_int_equal(json_array_size(json_object_get(world->answer, "images")), 1);
	assert_int_equal(get(world, "images/1", NULL), 200);
	assert_int_equal(ask(world, "DELETE", "images/1", NULL), 204);
	assert_int_equal(get(world, "images/1", NULL), 404);
}

static void
test_image_is_refused(void **state)
{
	struct world *world = *state;
	char hash[SHA256_TEXT_SIZE], body[512];

	(void)ask(world, "POST", "images", "{\"profile\":\"drydock-agent\",\"files\":[]}");
	REFUSES(world, 400, "invalid", "'files'");
	(void)ask(world, "POST", "images",
		  "{\"profile\":\"drydock-agent\",\"files\":[{\"name\":\"x\",\"sha256\":\"12\"}]}");
	REFUSES(world, 400, "invalid", "64");
	(void)ask(world, "POST", "images",
		  "{\"profile\":\"drydock-agent\",\"files\":[{\"name\":\"../"
		  "x\",\"sha256\":\"12\"}]}");
	REFUSES(world, 400, "invalid", "../x");
	(void)snprintf(
		body, sizeof(body),
		"{\"profile\":\"drydock-agent\",\"files\":[{\"name\":\"x\",\"sha256\":\"%064d\"}]}",
		1);
	(void)ask(world, "POST", "images", body);
	REFUSES(world, 422, "not-found", "x is not here");
	(void)ask(world, "POST", "images",
		  "{\"profile\":\"drydock-agent\",\"files\":[],\"models\":\"x\"}");
	REFUSES(world, 400, "invalid", "'models'");
	assert_int_equal(upload(world, IMAGE, sizeof(IMAGE) - 1, hash), 201);
	(void)snprintf(body, sizeof(body),
		       "{\"profile\":\"drydock-agent\",\"version\":\"9\",\"files\":[{\"name\":"
		       "\"x\",\"sha256\":\"%s\"}]}",
		       hash);
	(void)ask(world, "POST", "images", body);
	REFUSES(world, 409, "conflict", "2.0.0");
	(void)snprintf(body, sizeof(body),
		       "{\"profile\":\"none\",\"files\":[{\"name\":\"x\",\"sha256\":\"%s\"}]}",
		       hash);
	(void)ask(world, "POST", "images", body);
	REFUSES(world, 422, "not-found", "profile");
}

static void
test_empty_upload(void **state)
{
	struct world *world = *state;
	char hash[SHA256_TEXT_SIZE];

	(void)upload(world, "", 0, hash);
	REFUSES(world, 400, "invalid", "no body");
}

static void
test_upload_on_a_full_disk(void **state)
{
	struct world *world = *state;
	char hash[SHA256_TEXT_SIZE];

	sim_disk_full(world->env, true);
	(void)upload(world, IMAGE, sizeof(IMAGE) - 1, hash);
	REFUSES(world, 503, "disk-full", "");
	sim_disk_full(world->env, false);
	assert_int_equal(upload(world, IMAGE, sizeof(IMAGE) - 1, hash), 201);
}

static void
test_profiles(void **state)
{
	struct world *world = *state;

	assert_int_equal(get(world, "profiles", NULL), 200);
	assert_int_equal(json_array_size(json_object_get(world->answer, "profiles")), 1);
	assert_int_equal(get(world, "profiles/drydock-agent", NULL), 200);
	assert_int_equal(json_integer_value(json_object_get(world->answer, "slots")), 2);
	assert_int_equal(get(world, "profiles/other", NULL), 404);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		IN_WORLD(test_credentials_keep_their_secret),
		IN_WORLD(test_device_goes_in_and_out),
		IN_WORLD(test_device_is_refused),
		IN_WORLD(test_silent_device),
		IN_WORLD(test_waiting_is_given_up),
		IN_WORLD(test_lists_have_pages),
		IN_WORLD(test_devices_are_selected),
		IN_WORLD(test_image),
		IN_WORLD(test_image_is_refused),
		IN_WORLD(test_empty_upload),
		IN_WORLD(test_upload_on_a_full_disk),
		IN_WORLD(test_profiles),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
