/* test_box.c - a whole device on a simulated host: power cuts at every durable operation, full
 * disks, busy ports. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "agent/server.h"

enum { IMAGE_SIZE = 70000, TICKETS_MAX = 40 };

/* ---- a scenario that goes on after a power cut, as a manager would ---- */

struct step {
	enum operation operation;
	const char *files;
	const char *content; /* hashed; NULL = none */
	uint32_t slot;       /* 0 = none */
};

struct tale {
	struct world *world;
	uint32_t ticket;
	unsigned cuts, interrupted_fetches;
	bool is_restored; /* the device said that the new software's configuration is loaded */
};

static struct sha256 meaning; /* of the sample configuration */

static void
meaning_set(void)
{
	static struct iad iad;

	assert_int_equal(iad_parse(&iad, 1, SAMPLE_1, strlen(SAMPLE_1), NULL), 0);
	iad_hash(&iad, IAD_CATEGORY_COUNT, &meaning);
}

static void
crashed(void *arg)
{
	((struct world *)arg)->is_crashed = true;
}

/* What must hold after every boot: old or new software, its configuration whole. */
static void
promise_check(struct tale *tale)
{
	static struct iad iad;
	char text[IAD_CONFIG_MAX];
	struct env *env = tale->world->device_env;
	const struct device_state *state = box_state(tale->world->box);
	const struct slot *slot = &state->slots[state->running_slot - 1];
	const bool is_old = text_equal(state->running.version, "1.0.0");
	char path[64], *data = NULL;
	struct sha256 hash;
	size_t size = 0;

	assert_true(is_old || text_equal(state->running.version, "2.0.0"));
	assert_int_equal(slot->state, SLOT_VALID);
	assert_true(sha256_equal(&slot->software.hash, &state->running.hash));
	if (is_old || tale->is_restored)
		assert_true(slot->has_config);
	if (slot->has_config) {
		(void)text_print(path, sizeof(path), "/device/slot%u.config", state->running_slot);
		assert_int_equal(env_file_load(env, path, sizeof(text), &data, &size, NULL), 0);
		assert_int_equal(iad_parse(&iad, state->running.format, data, size, NULL), 0);
		iad_hash(&iad, IAD_CATEGORY_COUNT, &hash);
		assert_true(sha256_equal(&hash, &meaning));
		free(data);
	}
	assert_int_not_equal(state->last.state, STATUS_RUNNING);
	assert_true(state->flash_count <= 1 + tale->interrupted_fetches);
}

static void
power_back(struct tale *tale)
{
	struct world *world = tale->world;
	struct err err = { 0 };

	box_free(TAKE(world->box));
	sim_restart(world->sim, world->device_env);
	world->is_crashed = false;
	tale->cuts++;
	if (world_on(world, &err) < 0)
		fail_msg("the device does not boot: %s", err.text);
	promise_check(tale);
}

/* One command until the device says that it succeeded; after a power cut the same ticket comes
 * again, and counts once. */
static void
step_do(struct tale *tale, const struct step *step)
{
	struct world *world = tale->world;
	struct sha256 hash = { { 0 } };
	struct fake_command told = { .operation = step->operation,
				     .files = step->files,
				     .protocol = PROTOCOL_TFTP,
				     .slot = step->slot };

	if (step->content != NULL) {
		const struct world_file *file = world_file(world, step->content);
		sha256_of(file->data, file->size, &hash);
		told.hash = &hash;
	}
	told.ticket = ++tale->ticket;
	for (unsigned tries = 0; tries < 10; tries++) {
		const int status = world_do(world, &told, 120);
		if (world->is_crashed) {
			power_back(tale);
			continue;
		}
		const struct device_state *state = box_state(world->box);
		assert_int_equal(state->last.ticket, told.ticket);
		if (status == STATUS_SUCCEEDED)
			return;
		assert_int_equal(state->last.reason, REASON_INTERRUPTED);
		tale->interrupted_fetches += step->operation == OPERATION_FETCH;
		told.ticket = ++tale->ticket;
	}
	fail_msg("%s never succeeded", operation_name(step->operation));
}

/* Run the steps with a power cut at durable operation `cut` (0 = none). Returns how many power cuts
 * came. */
static unsigned
tale_run(unsigned slots, const struct step *steps, size_t count, unsigned cut, bool is_after,
	 uint64_t *ret_operations)
{
	struct tale tale = { .world = world_new(cut * 2 + is_after + 1, 0) };
	struct world *world = tale.world;
	uint8_t *image = malloc(IMAGE_SIZE + IMAGE_HEADER_MAX);
	struct err err = { 0 };

	world_device(world, slots, IMAGE_SIZE);
	world_put(world, "v2", image, fake_image(image, "2.0.0", "IAD-24", "", 2, IMAGE_SIZE));
	world_put(world, "c2", SAMPLE_2, strlen(SAMPLE_2));
	free(image);
	const uint64_t before = sim_durable_count(world->device_env);
	if (cut > 0)
		sim_crash_at(world->sim, world->device_env, cut, is_after, crashed, world);
	if (world_on(world, &err) < 0 && !env_is_dead(world->device_env))
		fail_msg("%s", err.text);
	sim_run(world->sim, sim_now(world->sim) + 1, NULL, NULL);
	if (world->is_crashed)
		power_back(&tale);
	for (size_t i = 0; i < count; i++) {
		step_do(&tale, &steps[i]);
		tale.is_restored = tale.is_restored || steps[i].operation == OPERATION_RESTORE;
	}
	promise_check(&tale);
	assert_string_equal(box_state(world->box)->running.version, "2.0.0");
	assert_true(
		box_state(world->box)->slots[box_state(world->box)->running_slot - 1].has_config);
	*ret_operations = sim_durable_count(world->device_env) - before;
	world_free(world);
	return tale.cuts;
}

static void
cuts_at_every_operation(unsigned slots, const struct step *steps, size_t count)
{
	uint64_t operations = 0, some;

	meaning_set();
	assert_int_equal(tale_run(slots, steps, count, 0, false, &operations), 0);
	for (unsigned cut = 1; cut <= operations; cut++) {
		assert_int_equal(tale_run(slots, steps, count, cut, false, &some), 1);
		assert_int_equal(tale_run(slots, steps, count, cut, true, &some), 1);
	}
	print_message("%u power cuts, at each of %u durable operations before and after it\n",
		      (unsigned)operations * 2, (unsigned)operations);
}

static void
power_cuts_leave_old_or_new_with_its_configuration(void **state)
{
	static const struct step steps[] = {
		{ OPERATION_BACKUP, "up", NULL, 0 },   { OPERATION_KEEP, NULL, NULL, 0 },
		{ OPERATION_FETCH, "v2", "v2", 0 },    { OPERATION_ACTIVATE, NULL, NULL, 1 },
		{ OPERATION_RELOAD, NULL, NULL, 0 },   { OPERATION_RESTORE, "c2", "c2", 0 },
		{ OPERATION_BACKUP, "up2", NULL, 0 },  { OPERATION_ROLLBACK, NULL, NULL, 2 },
		{ OPERATION_ROLLBACK, NULL, NULL, 1 },
	};
	(void)state;

	cuts_at_every_operation(2, steps, ARRAY_COUNT(steps));
}

static void
power_cuts_with_one_slot_leave_old_or_new(void **state)
{
	static const struct step steps[] = {
		{ OPERATION_FETCH, "v2", "v2", 0 },
		{ OPERATION_RELOAD, NULL, NULL, 0 },
		{ OPERATION_RESTORE, "c2", "c2", 0 },
	};
	(void)state;

	cuts_at_every_operation(1, steps, ARRAY_COUNT(steps));
}

/* ---- one thing at a time ---- */

static struct world *
on(unsigned slots, const char *fault)
{
	struct world *world = world_new(1, 0);
	struct err err = { 0 };

	if (fault != NULL && fault_add(&world->faults, fault, &err) < 0)
		fail_msg("%s", err.text);
	world_device(world, slots, 3000);
	if (world_on(world, &err) < 0)
		fail_msg("%s", err.text);
	return world;
}

static void
a_restart_is_deaf_for_its_time(void **state)
{
	struct world *world = on(2, "slow=5000");
	struct fake_command reload = { .ticket = 1, .operation = OPERATION_RELOAD };
	(void)state;

	assert_int_equal(world_set(world, &reload), 0);
	sim_run(world->sim, sim_now(world->sim) + 4900, NULL, NULL);
	assert_int_equal(box_address(world->box).family, ADDR_NONE);
	sim_run(world->sim, sim_now(world->sim) + 200, NULL, NULL);
	assert_int_equal(world_number(world, "1.4.3.0"), STATUS_SUCCEEDED);
	assert_int_equal(world_number(world, "1.1.10.0"), 2);
	world_free(world);
}

static void
a_second_program_is_refused(void **state)
{
	struct world *world = on(2, NULL);
	struct box *second = NULL;
	struct box_settings settings = world->settings;
	struct err err = { 0 };
	(void)state;

	settings.listen = world_addr("127.0.0.11:1162");
	assert_int_equal(box_new(world->device_env, &settings, &second, &err), DD_EBUSY);
	assert_non_null(strstr(err.text, "another drydock-agent"));
	assert_int_equal(world_number(world, "1.1.10.0"), 1); /* the first one did not notice */
	world_free(world);
}

static void
a_busy_port_is_told(void **state)
{
	struct world *world = on(2, NULL);
	struct env_udp *other = NULL;
	struct err err = { 0 };
	(void)state;

	box_free(TAKE(world->box));
	assert_int_equal(env_udp_open(world->device_env, &world->settings.listen, manager_came,
				      world, &other, &err),
			 0);
	assert_int_equal(world_on(world, &err), DD_EBUSY);
	assert_true(strlen(err.text) > 10);
	env_udp_close(other);
	assert_int_equal(world_on(world, &err), 0);
	world_free(world);
}

static void
folders_without_a_device_are_told(void **state)
{
	struct world *world = world_new(1, 0);
	struct err err = { 0 };
	(void)state;

	assert_int_equal(world_on(world, &err), DD_ENOTFOUND);
	assert_int_equal(env_dir_make(world->device_env, "/device", &err), 0);
	assert_int_equal(world_on(world, &err), DD_ENOTFOUND);
	assert_non_null(strstr(err.text, "holds no device"));
	world_device(world, 2, 100);
	assert_int_equal(env_file_store(world->device_env, "/device/state", "noise", 5, &err), 0);
	assert_int_equal(world_on(world, &err), DD_EINTEGRITY);
	world_free(world);
}

static void
a_device_is_made_once_and_of_good_parts(void **state)
{
	static const char *const good[] = { "/v1.img" }, *const none[] = { "/none" },
				 *const not_one[] = { "/c.conf" };
	struct world *world = world_new(1, 0);
	struct box_birth birth = { .dir = "/device",
				   .images = good,
				   .images_count = 1,
				   .config = "/c.conf",
				   .serial = "S2",
				   .revision = "A",
				   .slot_count = 2,
				   .capacity = 1 << 20 };
	struct err err = { 0 };
	(void)state;

	world_device(world, 2, 100);
	assert_int_equal(box_init(world->device_env, &birth, &err), DD_EEXIST);
	birth.dir = "/other";
	birth.images = none;
	assert_int_equal(box_init(world->device_env, &birth, &err), DD_ENOTFOUND);
	birth.images = not_one;
	assert_int_equal(box_init(world->device_env, &birth, &err), DD_EPARSE);
	birth.images = good;
	birth.config = "/v1.img";
	assert_int_equal(box_init(world->device_env, &birth, &err), DD_EPARSE);
	birth.config = "/c.conf";
	birth.serial = "two words";
	assert_int_equal(box_init(world->device_env, &birth, &err), DD_EINVAL);
	birth.serial = "S2";
	birth.capacity = 50;
	assert_int_equal(box_init(world->device_env, &birth, &err), DD_EINVAL);
	birth.capacity = 1 << 20;
	assert_int_equal(box_init(world->device_env, &birth, &err), 0);
	world_free(world);
}

static void
a_full_disk_refuses_commands_and_the_device_lives_on(void **state)
{
	struct world *world = on(2, NULL);
	struct fake_command told = { .ticket = 1, .operation = OPERATION_COMMIT };
	(void)state;

	sim_disk_full(world->device_env, true);
	assert_int_equal(world_set(world, &told), SNMP_COMMIT_FAILED);
	assert_int_equal(world_number(world, "1.4.3.0"), STATUS_IDLE);
	sim_disk_full(world->device_env, false);
	assert_int_equal(world_do(world, &told, 5), STATUS_SUCCEEDED);
	world_free(world);
}

static void
a_full_disk_during_a_fetch_is_told(void **state)
{
	struct world *world = on(2, NULL);
	uint8_t *image = malloc(400000 + IMAGE_HEADER_MAX);
	struct sha256 hash;
	(void)state;

	const size_t size = fake_image(image, "2.0.0", "IAD-24", "", 2, 400000);
	world_put(world, "v2", image, size);
	sha256_of(image, size, &hash);
	free(image);
	struct fake_command told = { .ticket = 1,
				     .operation = OPERATION_FETCH,
				     .files = "v2",
				     .protocol = PROTOCOL_TFTP,
				     .hash = &hash };
	assert_int_equal(world_set(world, &told), 0);
	sim_run(world->sim, sim_now(world->sim) + 200, NULL, NULL);
	assert_int_equal(world_number(world, "1.4.3.0"), STATUS_RUNNING);
	sim_disk_full(world->device_env, true);
	assert_int_equal(world_wait(world, 60), STATUS_FAILED);
	sim_disk_full(world->device_env, false);
	told.ticket = 2;
	assert_int_equal(world_do(world, &told, 60), STATUS_SUCCEEDED);
	assert_int_equal(world_number(world, "1.1.6.0"), 1);
	world_free(world);
}

/* The factory's address is taken after the update, and given up by the restore; files come from
 * there, too. */
static void
the_factory_address_is_real(void **state)
{
	struct world *world = world_new(1, 0);
	const struct addr both[] = { world_addr("127.0.0.21"), world_addr("127.0.0.99") };
	struct err err = { 0 };
	struct sha256 hash;
	char text[ADDR_TEXT_MAX];
	(void)state;

	world->device_env = sim_host(world->sim, "two", both, 2);
	world->settings.listen = world_addr("127.0.0.21:1161");
	assert_int_equal(fault_add(&world->faults, "factory=127.0.0.99:1161,secret", &err), 0);
	uint8_t *image = malloc(3000 + IMAGE_HEADER_MAX);
	world_device(world, 2, 3000);
	world_put(world, "v2", image, fake_image(image, "2.0.0", "IAD-24", "", 2, 3000));
	world_put(world, "c2", SAMPLE_2, strlen(SAMPLE_2));
	free(image);
	assert_int_equal(world_on(world, &err), 0);
	const struct world_file *file = world_file(world, "v2");
	sha256_of(file->data, file->size, &hash);
	struct fake_command told = { .ticket = 1,
				     .operation = OPERATION_FETCH,
				     .files = "v2",
				     .protocol = PROTOCOL_TFTP,
				     .hash = &hash };
	assert_int_equal(world_do(world, &told, 20), STATUS_SUCCEEDED);
	assert_int_equal(world_do(world,
				  &(struct fake_command){
					  .ticket = 2, .operation = OPERATION_ACTIVATE, .slot = 2 },
				  20),
			 STATUS_SUCCEEDED);
	assert_int_equal(world_set(world, &(struct fake_command){ .ticket = 3,
								  .operation = OPERATION_RELOAD }),
			 0);
	sim_run(world->sim, sim_now(world->sim) + 1000, NULL, NULL);
	const struct addr at = box_address(world->box);
	assert_string_equal(addr_text(&at, text), "127.0.0.99:1161");
	world->settings.listen = at; /* the manager asks there now */
	assert_int_equal(world_number(world, "1.1.12.0"), 2);
	sha256_of(SAMPLE_2, strlen(SAMPLE_2), &hash);
	assert_int_equal(world_set(world, &(struct fake_command){ .ticket = 4,
								  .operation = OPERATION_RESTORE,
								  .files = "c2",
								  .protocol = PROTOCOL_TFTP,
								  .hash = &hash }),
			 0);
	sim_run(world->sim, sim_now(world->sim) + 1000, NULL, NULL);
	assert_string_equal(addr_host_text(&world->transfer_from, text), "127.0.0.99");
	world->settings.listen = world_addr("127.0.0.21:1161");
	assert_int_equal(world_number(world, "1.1.12.0"), 1);
	assert_int_equal(world_number(world, "1.4.3.0"), STATUS_SUCCEEDED);
	world_free(world);
}

/* Restart in the middle of everything: nothing of before may come afterwards. */
static void
pulling_the_plug_at_any_time_frees_all(void **state)
{
	(void)state;
	for (unsigned ms = 0; ms < 120; ms += 3) {
		struct world *world = on(2, NULL);
		struct sha256 hash = { { 1 } };
		struct fake_command told = { .ticket = 1,
					     .operation = OPERATION_FETCH,
					     .files = "v",
					     .hash = &hash,
					     .user = "u",
					     .password = "pw" };
		world_put(world, "v", SAMPLE_1, strlen(SAMPLE_1));
		told.protocol = ms % 2 == 0 ? PROTOCOL_TFTP : PROTOCOL_FTP;
		static struct snmp_pdu pdu;
		fake_fill(&pdu, &told);
		(void)world_ask(world, &pdu, 1);
		sim_run(world->sim, sim_now(world->sim) + ms, NULL, NULL);
		box_free(TAKE(world->box));
		sim_run(world->sim, sim_now(world->sim) + 20000, NULL, NULL);
		assert_int_equal(world_on(world, NULL), 0);
		assert_int_not_equal(world_number(world, "1.4.3.0"), STATUS_RUNNING);
		world_free(world);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(power_cuts_leave_old_or_new_with_its_configuration),
		cmocka_unit_test(power_cuts_with_one_slot_leave_old_or_new),
		cmocka_unit_test(a_restart_is_deaf_for_its_time),
		cmocka_unit_test(a_second_program_is_refused),
		cmocka_unit_test(a_busy_port_is_told),
		cmocka_unit_test(folders_without_a_device_are_told),
		cmocka_unit_test(a_device_is_made_once_and_of_good_parts),
		cmocka_unit_test(a_full_disk_refuses_commands_and_the_device_lives_on),
		cmocka_unit_test(a_full_disk_during_a_fetch_is_told),
		cmocka_unit_test(the_factory_address_is_real),
		cmocka_unit_test(pulling_the_plug_at_any_time_frees_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
