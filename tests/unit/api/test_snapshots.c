/* test_snapshots.c - configurations: listed, shown with masked secrets, compared, exported. */
#include "world.h"

#define FIRST                                                                                      \
	"# drydock-iad configuration\n[system]\nformat = 1\nhostname = iad-7\n[user.1]\nnumber = " \
	"4971110001\nname = Anna\npassword = s3cret\n"                                             \
	"[sip]\nregister-timer = 3600\n"
#define SECOND                                                                                     \
	"# drydock-iad configuration\n[system]\nformat = 1\nhostname = iad-7\n[user.1]\nnumber = " \
	"4971110001\nname = Bert\npassword = 0ther\n"                                              \
	"[sip]\nregister-timer = 1800\n"

/* Store a snapshot of device 1 as the engine would; its id. */
static int64_t
add_snapshot(struct world *world, int64_t device_id, const char *text, const char *role)
{
	struct snapshot snapshot = { .device_id = device_id,
				     .job_id = 1,
				     .taken_wall_ms = 1000,
				     .format = 1,
				     .size = strlen(text) };
	struct store *store = engine_store(world->engine);
	struct err err = { 0 };

	assert_int_equal(
		blobs_put(engine_blobs(world->engine), text, strlen(text), &snapshot.content, &err),
		0);
	(void)snprintf(snapshot.role, sizeof(snapshot.role), "%s", role);
	(void)snprintf(snapshot.software, sizeof(snapshot.software), "1.4.2");
	assert_int_equal(store_begin(store, &err), 0);
	assert_int_equal(store_snapshot_add(store, &snapshot, &err), 0);
	assert_int_equal(store_commit(store, &err), 0);
	return snapshot.id;
}

static void
set_up(struct world *world)
{
	add_credential(world);
	add_device(world, "box", "192.0.2.11");
	add_device(world, "bax", "192.0.2.12");
	(void)add_snapshot(world, 1, FIRST, "backup");
	(void)add_snapshot(world, 1, SECOND, "confirm");
	(void)add_snapshot(world, 2, FIRST, "backup");
}

static void
test_list_and_one(void **state)
{
	struct world *world = *state;

	set_up(world);
	assert_int_equal(get(world, "snapshots", "device=box"), 200);
	assert_int_equal(json_array_size(json_object_get(world->answer, "snapshots")), 2);
	assert_int_equal(get(world, "snapshots", "device=box&after=1"), 200);
	assert_int_equal(json_array_size(json_object_get(world->answer, "snapshots")), 1);
	assert_int_equal(get(world, "snapshots", "device=other"), 404);
	assert_int_equal(get(world, "snapshots/1", NULL), 200);
	const json_t *users =
		json_object_get(json_object_get(world->answer, "categories"), "user_data");
	assert_int_equal(json_integer_value(json_object_get(users, "items")), 3);
}

static void
test_secrets_are_masked(void **state)
{
	struct world *world = *state;

	set_up(world);
	assert_int_equal(get(world, "snapshots/1/items", NULL), 200);
	assert_non_null(strstr(world->text, "Anna"));
	assert_null(strstr(world->text, "s3cret"));
	assert_int_equal(get(world, "snapshots/1/diff", "to=2"), 200);
	assert_int_equal(json_integer_value(json_object_get(world->answer, "count")), 3);
	assert_non_null(strstr(world->text, "1800"));
	assert_null(strstr(world->text, "s3cret"));
	assert_null(strstr(world->text, "0ther"));
}

static void
test_export_is_the_bytes(void **state)
{
	struct world *world = *state;

	set_up(world);
	assert_int_equal(get(world, "snapshots/1/content", NULL), 200);
	assert_string_equal(world->text, FIRST);
}

static void
test_diff_is_refused(void **state)
{
	struct world *world = *state;

	set_up(world);
	(void)get(world, "snapshots/1/diff", NULL);
	REFUSES(world, 400, "invalid", "?to=");
	(void)get(world, "snapshots/1/diff", "to=3");
	REFUSES(world, 409, "conflict", "one device");
	assert_int_equal(get(world, "snapshots/1/diff", "to=9"), 404);
}

static void
test_what_cant_be_read(void **state)
{
	struct world *world = *state;

	set_up(world);
	int64_t id = add_snapshot(world, 1, "garbage\n", "backup");
	char path[64];
	(void)snprintf(path, sizeof(path), "snapshots/%lld/items", (long long)id);
	(void)get(world, path, NULL);
	REFUSES(world, 422, "damaged", "snapshot");
	(void)snprintf(path, sizeof(path), "snapshots/%lld", (long long)id);
	assert_int_equal(get(world, path, NULL), 200);
	/* Its device is gone: the profile is not known any more, the bytes are still there. */
	assert_int_equal(ask(world, "DELETE", "devices/box", NULL), 204);
	(void)get(world, "snapshots/1/items", NULL);
	REFUSES(world, 422, "unsupported", "profile");
	assert_int_equal(get(world, "snapshots/1/content", NULL), 200);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		IN_WORLD(test_list_and_one),        IN_WORLD(test_secrets_are_masked),
		IN_WORLD(test_export_is_the_bytes), IN_WORLD(test_diff_is_refused),
		IN_WORLD(test_what_cant_be_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
