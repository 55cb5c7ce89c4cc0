/* world.h - a manager on a simulated host, asked at the handlers: no HTTP, no waiting for real. */
#pragma once
#include "api/api.h"
#include "base/json.h"
#include "env/env_sim.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define HOST "192.0.2.1"

struct world {
	struct sim *sim;
	struct env *env;
	struct engine *engine;
	struct api *api;
	char folder[64];
	json_t *answer;  /* of the last request; NULL = no JSON */
	char text[4096]; /* its bytes */
	unsigned status;
	bool is_there;
};

static inline struct addr
address(const char *text)
{
	struct addr addr;
	struct err err;

	assert_int_equal(addr_parse(text, 0, &addr, &err), 0);
	return addr;
}

static inline void
world_open(struct world *world)
{
	struct engine_settings settings = { .folder = world->folder,
					    .advertise = address(HOST),
					    .profiles = "/profiles" };
	char link[128];
	struct err err = { 0 };

	(void)snprintf(link, sizeof(link), "unix:%s/link.sock", world->folder);
	settings.link = address(link);
	if (engine_new(world->env, &settings, &world->engine, &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(api_new(world->env, world->engine, &world->api, &err), 0);
}

/* The folder of the source tree: this file's name without what is known of it. */
static inline void
source_path(char path[static 512], const char *name)
{
	const size_t top = strlen(__FILE__) - strlen("tests/unit/api/world.h");

	(void)snprintf(path, 512, "%.*s%s", (int)top, __FILE__, name);
}

/* A file of the real machine becomes one of the simulated host. */
static inline void
world_copy(struct world *world, const char *from, const char *to)
{
	FILE *file = fopen(from, "r");
	static char text[1 << 20];
	struct err err = { 0 };

	if (file == NULL)
		fail_msg("%s can't be read", from);
	size_t size = fread(text, 1, sizeof(text), file);
	(void)fclose(file);
	assert_int_equal(env_file_store(world->env, to, text, size, &err), 0);
}

static inline int
world_setup(void **state)
{
	static const struct sim_settings settings = { .seed = 7,
						      .latency_min_ms = 1,
						      .latency_max_ms = 5 };
	const struct addr at = address(HOST);
	struct world *world = calloc(1, sizeof(*world));
	struct err err = { 0 };

	assert_non_null(world);
	assert_int_equal(sim_new(&settings, &world->sim, &err), 0);
	world->env = sim_host(world->sim, "manager", &at, 1);
	/* SQLite is on the real disk, everything else on the simulated one, under the same path. */
	(void)snprintf(world->folder, sizeof(world->folder), "/tmp/drydock-api-XXXXXX");
	assert_non_null(mkdtemp(world->folder));
	assert_int_equal(env_dir_make(world->env, "/tmp", &err), 0);
	assert_int_equal(env_dir_make(world->env, world->folder, &err), 0);
	assert_int_equal(env_dir_make(world->env, "/profiles", &err), 0);
	char profile[512];
	source_path(profile, "profiles/drydock-agent.yaml");
	world_copy(world, profile, "/profiles/drydock-agent.yaml");
	world_open(world);
	*state = world;
	return 0;
}

static inline int
world_teardown(void **state)
{
	struct world *world = *state;
	char command[128];

	json_decref(world->answer);
	api_free(world->api);
	engine_free(world->engine);
	sim_free(world->sim);
	(void)snprintf(command, sizeof(command), "rm -rf %s", world->folder);
	assert_int_equal(system(command), 0);
	free(world);
	return 0;
}

static inline void
world_answered(void *arg)
{
	((struct world *)arg)->is_there = true;
}

static inline bool
world_is_answered(void *arg)
{
	return ((struct world *)arg)->is_there;
}

static inline void
world_keep(struct world *world, struct api_response *response)
{
	json_decref(world->answer);
	world->answer = NULL;
	world->status = response->status;
	(void)snprintf(world->text, sizeof(world->text), "%s", buf_text(&response->body));
	if (response->type != NULL && strcmp(response->type, "application/json") == 0) {
		json_error_t error;
		world->answer = json_loadb(response->body.data, response->body.size,
					   JSON_REJECT_DUPLICATES, &error);
		if (world->answer == NULL)
			fail_msg("no JSON: %s in %s", error.text, buf_text(&response->body));
	}
	api_response_done(response);
}

/* Ask, and run the world until the answer is there. query: "a=b&c=d" or NULL. Returns the status.
 */
static inline unsigned
ask_with(struct world *world, const char *method, const char *path, const char *query,
	 const char *body, size_t size)
{
	char full[640], words[256] = "";
	struct api_argument arguments[API_ARGUMENTS_MAX];
	struct api_request request = { .method = method,
				       .path = full,
				       .arguments = arguments,
				       .body = body,
				       .body_size = size };
	struct api_response response;

	(void)snprintf(full, sizeof(full), "%s%s", API_ROOT, path);
	(void)snprintf(words, sizeof(words), "%s", query != NULL ? query : "");
	for (char *rest = words, *word; (word = strsep(&rest, "&")) != NULL && *word != '\0';) {
		char *equals = strchr(word, '=');
		assert_non_null(equals);
		*equals = '\0';
		arguments[request.arguments_count++] = (struct api_argument){ word, equals + 1 };
	}
	world->is_there = false;
	api_response_init(&response, world_answered, world);
	if (!api_handle(world->api, &request, &response)) {
		(void)sim_run(world->sim, sim_now(world->sim) + 60000, world_is_answered, world);
		assert_true(world->is_there);
	}
	world_keep(world, &response);
	return world->status;
}

static inline unsigned
ask(struct world *world, const char *method, const char *path, const char *body)
{
	return ask_with(world, method, path, NULL, body, body != NULL ? strlen(body) : 0);
}

static inline unsigned
get(struct world *world, const char *path, const char *query)
{
	return ask_with(world, "GET", path, query, NULL, 0);
}

/* Text of a member of the last answer, "" where there is none. */
static inline const char *
said(const struct world *world, const char *key)
{
	const char *text = json_string_value(json_object_get(world->answer, key));

	return text != NULL ? text : "";
}

static inline const char *
error_of(const struct world *world, const char *key)
{
	const char *text =
		json_string_value(json_object_get(json_object_get(world->answer, "error"), key));

	return text != NULL ? text : "";
}

#define REFUSES(world, status_, code_, words)                                               \
	do {                                                                                \
		assert_int_equal((world)->status, status_);                                 \
		assert_string_equal(error_of(world, "code"), code_);                        \
		if (strstr(error_of(world, "message"), words) == NULL)                      \
			fail_msg("'%s' does not speak of '%s'", error_of(world, "message"), \
				 words);                                                    \
	} while (0)

/* Store bytes as a blob by the upload interface; its SHA-256 in `hash`. */
static inline unsigned
upload(struct world *world, const void *data, size_t size, char hash[static SHA256_TEXT_SIZE])
{
	struct api_upload *upload_ = NULL;
	struct api_response response;
	struct err err = { 0 };

	api_response_init(&response, NULL, NULL);
	assert_int_equal(api_upload_begin(world->api, &upload_, &err), 0);
	for (size_t at = 0; at < size; at += 1000)
		assert_true(api_upload_write(upload_, (const char *)data + at,
					     size - at < 1000 ? size - at : 1000));
	api_upload_end(upload_, &response);
	world_keep(world, &response);
	(void)snprintf(hash, SHA256_TEXT_SIZE, "%s", said(world, "sha256"));
	return world->status;
}

static inline void
add_credential(struct world *world)
{
	assert_int_equal(ask(world, "POST", "credentials",
			     "{\"name\":\"lab\",\"community\":\"very-secret\"}"),
			 201);
}

static inline void
add_device(struct world *world, const char *name, const char *at)
{
	char body[256];

	(void)snprintf(body, sizeof(body),
		       "{\"name\":\"%s\",\"address\":\"%s\",\"credential\":\"lab\",\"profile\":"
		       "\"drydock-agent\"}",
		       name, at);
	assert_int_equal(ask(world, "POST", "devices", body), 201);
}

#define IN_WORLD(test) cmocka_unit_test_setup_teardown(test, world_setup, world_teardown)
