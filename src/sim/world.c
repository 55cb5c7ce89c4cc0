/* One run of the whole system under one seed. */
#include "sim/world.h"

#include "base/text.h"
#include "sim/room.h"

#include <stdlib.h>
#include <string.h>

enum {
	SLICE_MS = 250,   /* how often chance and the operator have their say */
	AFTER_MS = 60000, /* goes on after the last job, so that late packets still arrive */
	DOWN_MIN_MS = 200,
	DOWN_MAX_MS = 20000,
	OPERATIONS_MAX = 60, /* a crash comes within so many durable operations */
	ANSWERS_MAX = 12,    /* of the operator, who then says stop */
	IMAGE_BYTES = 20000,
	LINK_PORT = 7000,
	TFTP_PORT = 69,
	FTP_PORT = 21,
	TRAP_PORT = 162,
	SNMP_PORT_ = 161,
};

const char world_old_version[] = "1.0.0", world_new_version[] = "2.0.0";
static const char manager_folder[] = "/data", files_folder[] = "/files", community[] = "sim";

static const char *const faults[] = {
	"fail=backup",   "hang=backup",
	"break=backup",  "late=backup,90000",
	"fail=fetch",    "break=fetch",
	"corrupt",       "hang=fetch",
	"noboot",        "wrong",
	"fail=restore",  "break=restore",
	"lie=restore",   "lossy-restore",
	"drop-config",   "refuse=keep",
	"silent=fetch",  "late=fetch,50000",
	"fail=activate", "hang=reload",
	"refuse=reload", "fail=rollback",
	"lie=fetch",     "lie=backup",
};

static struct addr
address(unsigned third, unsigned fourth, uint16_t port)
{
	return (struct addr){ .family = ADDR_IPV4,
			      .port = port,
			      .ip = { 10, 0, (uint8_t)third, (uint8_t)fourth } };
}

static unsigned
between(struct world *world, unsigned low, unsigned high)
{
	return low + (unsigned)(sim_random(world->sim) % (high - low + 1));
}

/* ---- the manager ---- */

static void
manager_crashed(void *arg)
{
	((struct world *)arg)->manager_fell = true;
}

static int
manager_up(struct world *world, struct err *err)
{
	struct engine_settings settings = {
		.folder = manager_folder,
		.link = address(0, 1, LINK_PORT),
		.trap = address(0, 1, TRAP_PORT),
		.advertise = address(0, 2, 0),
		.log = world->settings->log,
		.step = world->settings->step,
	};

	int r = vfs_register(&world->vfs, world->manager_host, err);
	if (r < 0)
		return r;
	settings.vfs = world->vfs.name;
	if (world->manager_crashes_left > 0)
		sim_crash_at(world->sim, world->manager_host, between(world, 1, OPERATIONS_MAX),
			     sim_chance(world->sim, 500), manager_crashed, world);
	r = engine_new(world->manager_host, &settings, &world->engine, err);
	if (r < 0) {
		world->engine = NULL;
		vfs_unregister(&world->vfs);
	}
	return r;
}

static void
manager_down(struct world *world)
{
	engine_free(world->engine);
	world->engine = NULL;
	if (world->vfs.env != NULL)
		vfs_unregister(&world->vfs);
	world->vfs.env = NULL;
}

static int
manager_disk(struct world *world, struct err *err)
{
	const struct world_files *files = world->settings->files;

	int r = env_dir_make(world->manager_host, manager_folder, err);
	if (r == 0)
		r = env_dir_make(world->manager_host, "/data/profiles", err);
	if (r == 0)
		r = env_dir_make(world->manager_host, "/data/migrations", err);
	if (r == 0)
		r = env_file_store(world->manager_host, "/data/profiles/p.yaml", files->profile,
				   strlen(files->profile), err);
	if (r == 0)
		r = env_file_store(world->manager_host, "/data/migrations/m.yaml", files->migration,
				   strlen(files->migration), err);
	return r == 0 ? env_dir_sync(world->manager_host, manager_folder) : r;
}

/* ---- the file service ---- */

static void
files_crashed(void *arg)
{
	((struct world *)arg)->files_fell = true;
}

static int
files_up(struct world *world, struct err *err)
{
	struct files_settings settings = {
		.root = files_folder,
		.tftp = address(0, 2, TFTP_PORT),
		.ftp = address(0, 2, FTP_PORT),
		.link = address(0, 1, LINK_PORT),
		.log = world->settings->log,
	};

	if (world->files_crashes_left > 0)
		sim_crash_at(world->sim, world->files_host, between(world, 1, OPERATIONS_MAX),
			     sim_chance(world->sim, 500), files_crashed, world);
	int r = files_new(world->files_host, &settings, &world->files, err);
	if (r < 0)
		world->files = NULL;
	return r;
}

/* ---- crashes and their ends ---- */

static msec_t
soon(struct world *world)
{
	return sim_now(world->sim) + between(world, DOWN_MIN_MS, DOWN_MAX_MS);
}

/* A crash may also come while a host starts: then the start failed, and it is down like any other
 * time. */
static void
clear_fallen(struct world *world)
{
	if (world->manager_fell) {
		world->manager_fell = false;
		world->manager_crashes_left -= world->manager_crashes_left > 0;
		world->result->crashes_manager++;
		manager_down(world);
		world->manager_back_at = soon(world);
	}
	if (world->files_fell) {
		world->files_fell = false;
		world->files_crashes_left -= world->files_crashes_left > 0;
		world->result->crashes_files++;
		files_free(world->files);
		world->files = NULL;
		world->files_back_at = soon(world);
	}
}

static void
bring_back(struct world *world)
{
	struct err err = { 0 };
	msec_t now = sim_now(world->sim);

	if (world->manager_back_at != 0 && world->manager_back_at <= now) {
		world->manager_back_at = 0;
		sim_restart(world->sim, world->manager_host);
		if (manager_up(world, &err) < 0 && !env_is_dead(world->manager_host))
			world_break(world, "kill it anywhere", "the manager does not start: %s",
				    err.text);
	}
	if (world->files_back_at != 0 && world->files_back_at <= now) {
		world->files_back_at = 0;
		sim_restart(world->sim, world->files_host);
		if (files_up(world, &err) < 0 && !env_is_dead(world->files_host))
			world_break(world, "kill it anywhere",
				    "the file service does not start: %s", err.text);
	}
	for (unsigned i = 0; i < world->devices_count; i++) {
		struct world_device *device = &world->devices[i];
		if (device->back_at == 0 || device->back_at > now)
			continue;
		device->back_at = 0;
		sim_restart(world->sim, device->host);
		if (twin_on(device->twin, &err) < 0)
			world_break(world, "kill it anywhere", "%s does not boot: %s", device->name,
				    err.text);
	}
}

/* A manager that could not write stops by itself: then somebody starts it again. */
static void
watch_manager(struct world *world)
{
	if (world->engine == NULL || env_is_dead(world->manager_host) ||
	    !store_is_lost(engine_store(world->engine)))
		return;
	manager_down(world);
	sim_crash(world->sim, world->manager_host);
	world->manager_back_at = soon(world);
}

static void
cut_power(struct world *world)
{
	for (unsigned i = 0; i < world->devices_count; i++) {
		struct world_device *device = &world->devices[i];
		if (device->crashes_left == 0 || device->back_at != 0 || !sim_chance(world->sim, 3))
			continue;
		device->crashes_left--;
		world->result->crashes_devices++;
		sim_crash(world->sim, device->host);
		twin_off(device->twin);
		device->back_at = soon(world);
	}
}

/* ---- the operator ---- */

struct open_decision {
	struct decision decision;
	bool was_found;
};

static bool
take_decision(void *arg, const struct decision *decision)
{
	struct open_decision *open = arg;

	open->decision = *decision;
	open->was_found = true;
	return false;
}

static void
operate(struct world *world)
{
	struct open_decision open = { .was_found = false };
	enum job_event_kind answer = EV_RETRY;

	if (world->engine == NULL || env_is_dead(world->manager_host) ||
	    !sim_chance(world->sim, 100))
		return;
	if (store_decision_list(engine_store(world->engine), true, take_decision, &open, NULL) <
		    0 ||
	    !open.was_found)
		return;
	unsigned chance = between(world, 0, 99);
	if (world->answers_left == 0 || chance < 10)
		answer = EV_STOP;
	else if (chance < 25 && open.decision.may_rollback)
		answer = EV_ROLLBACK;
	world->answers_left -= world->answers_left > 0;
	world->result->answers++;
	(void)engine_decide(world->engine, open.decision.id, answer, "",
			    NULL); /* a crash in it leaves the question open */
}

/* ---- a stranger ---- */

static void
stranger_heard(void *arg, const struct addr *from, const struct addr *to, const uint8_t *data,
	       size_t size)
{
	(void)from;
	(void)to;
	(void)data;
	(void)size;
	((struct world *)arg)->stranger_heard++;
}

static void
stranger_asks(struct world *world)
{
	static const char request[] = "\0\1startup-config\0octet";
	struct addr server = address(0, 2, TFTP_PORT);

	if (sim_chance(world->sim, 20))
		(void)env_udp_send(world->stranger, &server, NULL, request, sizeof(request));
}

/* ---- building ---- */

static int
device_make(struct world *world, unsigned i, struct err *err)
{
	struct world_device *device = &world->devices[i];
	struct twin_settings settings = { .community = community,
					  .version = world_old_version,
					  .image_size = IMAGE_BYTES / 2 };

	device->address = address(1, i + 1, SNMP_PORT_);
	(void)text_print(device->name, sizeof(device->name), "d%u", i + 1);
	(void)text_print(device->serial, sizeof(device->serial), "SN%06u", i + 1);
	device->crashes_left = sim_chance(world->sim, 300) ? between(world, 1, 2) : 0;
	device->host = sim_host(world->sim, device->name, &device->address, 1);
	settings.listen = device->address;
	settings.trap_to = address(0, 1, TRAP_PORT);
	settings.config = world->settings->files->config;
	settings.serial = device->serial;
	settings.is_inform = sim_chance(world->sim, 500);
	settings.log = world->settings->log;
	settings.faults_count =
		sim_chance(world->sim, 600) ? between(world, 1, TWIN_FAULTS_MAX) : 0;
	if (world->settings->fault != NULL)
		settings.faults_count += settings.faults_count == 0;
	for (unsigned j = 0; j < settings.faults_count; j++)
		settings.faults[j] = faults[between(world, 0, ARRAY_COUNT(faults) - 1)];
	if (world->settings->fault != NULL)
		settings.faults[0] = world->settings->fault;
	return device->host != NULL ? twin_new(device->host, &settings, &device->twin, err)
				    : err_set(err, AT, DD_ENOMEM, "no memory for a host");
}

static int
hosts_make(struct world *world, struct err *err)
{
	struct addr manager = address(0, 1, 0), files = address(0, 2, 0),
		    stranger = address(9, 9, 0);
	const struct world_settings *settings = world->settings;

	world->manager_host = sim_host(world->sim, "manager", &manager, 1);
	world->files_host = sim_host(world->sim, "files", &files, 1);
	world->stranger_host = sim_host(world->sim, "stranger", &stranger, 1);
	if (world->manager_host == NULL || world->files_host == NULL ||
	    world->stranger_host == NULL)
		return err_set(err, AT, DD_ENOMEM, "no memory for the hosts");
	int r = env_udp_open(world->stranger_host, &stranger, stranger_heard, world,
			     &world->stranger, err);
	if (r == 0)
		r = manager_disk(world, err);
	if (r == 0)
		r = env_dir_make(world->files_host, files_folder, err);
	if (r == 0)
		r = twin_meaning(settings->files->config, strlen(settings->files->config),
				 &world->meaning, err);
	world->devices_count = settings->devices;
	for (unsigned i = 0; i < settings->devices && r == 0; i++)
		r = device_make(world, i, err);
	return r;
}

static void
added(void *arg, const struct device *device, const struct err *err)
{
	(void)device;
	(void)err;
	(*(unsigned *)arg)++;
}

static int
add_device(struct world *world, const struct world_device *from, unsigned *count, struct err *err)
{
	struct device device = { .address = from->address };

	(void)text_copy(device.name, sizeof(device.name), from->name);
	(void)text_copy(device.credential, sizeof(device.credential), "c");
	(void)text_copy(device.profile, sizeof(device.profile),
			profile_name(engine_profile_at(world->engine, 0)));
	return engine_device_add(world->engine, &device, added, count, err);
}

static int
add_image(struct world *world, struct err *err)
{
	struct buf bytes = { 0 };
	struct image *image = calloc(1, sizeof(*image));

	if (image == NULL)
		return err_set(err, AT, DD_ENOMEM, "no memory for an image");
	int r = twin_image(world_new_version, 2, IMAGE_BYTES, &bytes, err);
	/* two files: the header and half of the payload, and the rest */
	size_t cut = bytes.size / 2;
	if (r == 0)
		r = blobs_put(engine_blobs(world->engine), bytes.data, cut,
			      &image->files[0].content, err);
	if (r == 0)
		r = blobs_put(engine_blobs(world->engine), bytes.data + cut, bytes.size - cut,
			      &image->files[1].content, err);
	image->files_count = 2;
	(void)text_copy(image->files[0].name, sizeof(image->files[0].name), "a.img");
	(void)text_copy(image->files[1].name, sizeof(image->files[1].name), "b.img");
	(void)text_copy(image->profile, sizeof(image->profile),
			profile_name(engine_profile_at(world->engine, 0)));
	if (r == 0)
		r = engine_image_add(world->engine, image, err);
	world->image = image->id;
	free(image);
	buf_done(&bytes);
	return r;
}

static int
start_job(struct world *world, struct world_device *device, struct err *err)
{
	static const enum job_policy policies[] = { POLICY_ASK, POLICY_ASK, POLICY_RETRY,
						    POLICY_ROLLBACK, POLICY_STOP };
	struct job_order order = { .goal = GOAL_UPGRADE,
				   .device = device->name,
				   .image_id = world->image };

	order.on_failure = policies[between(world, 0, ARRAY_COUNT(policies) - 1)];
	order.protocol = sim_chance(world->sim, 500) ? PROTOCOL_TFTP : PROTOCOL_FTP;
	for (int i = 0; i < STEP_COUNT; i++) {
		order.limit_ms[i] = 120000;
		order.stall_ms[i] = 45000;
	}
	return engine_job_start(world->engine, &order, &device->job, err);
}

/* Before chance has its say: devices, credential, image and jobs are there. */
static int
orders_give(struct world *world, struct err *err)
{
	struct credential credential = { .name = "c" };
	unsigned count = 0;

	(void)text_copy(credential.community, sizeof(credential.community), community);
	if (engine_profile_count(world->engine) == 0)
		return err_set(err, AT, DD_EINVAL, "the profile did not load");
	int r = engine_credential_put(world->engine, &credential, err);
	for (unsigned i = 0; i < world->devices_count && r == 0; i++)
		r = add_device(world, &world->devices[i], &count, err);
	(void)sim_run(world->sim, sim_now(world->sim) + 1000, NULL, NULL);
	if (r == 0)
		r = add_image(world, err);
	for (unsigned i = 0; i < world->devices_count && r == 0; i++)
		r = start_job(world, &world->devices[i], err);
	return r;
}

/* ---- running ---- */

static bool
looked_after_event(void *arg)
{
	struct world *world = arg;

	check_event(world);
	return world->manager_fell || world->files_fell || world->result->broken != NULL;
}

static bool
found_open(void *arg, const struct job_record *record)
{
	(void)record;
	*(bool *)arg = true;
	return false;
}

static bool
is_over(struct world *world)
{
	bool is_open = false;

	if (world->engine == NULL || env_is_dead(world->manager_host))
		return false;
	return store_job_list(engine_store(world->engine), true, 0, found_open, &is_open, NULL) ==
		       0 &&
	       !is_open;
}

static void
run_slice(struct world *world)
{
	msec_t until = sim_now(world->sim) + SLICE_MS;

	while (sim_now(world->sim) < until && world->result->broken == NULL) {
		(void)sim_run(world->sim, until, looked_after_event, world);
		clear_fallen(world);
	}
	watch_manager(world);
	bring_back(world);
	clear_fallen(world);
	check_up(world);
}

static void
run_until_over(struct world *world)
{
	while (!is_over(world) && sim_now(world->sim) < world->settings->limit_ms &&
	       world->result->broken == NULL) {
		run_slice(world);
		cut_power(world);
		operate(world);
		stranger_asks(world);
		clear_fallen(world);
	}
	world->manager_crashes_left = world->files_crashes_left = 0;
	msec_t until = sim_now(world->sim) + AFTER_MS;
	while ((sim_now(world->sim) < until || world->engine == NULL) &&
	       world->result->broken == NULL)
		run_slice(world);
}

static void
world_clear(struct world *world)
{
	manager_down(world);
	files_free(world->files);
	env_udp_close(world->stranger);
	for (unsigned i = 0; i < world->devices_count; i++)
		twin_free(world->devices[i].twin);
	sim_free(world->sim);
}

static int
world_build(struct world *world, struct err *err)
{
	struct sim_settings chances = { .seed = world->settings->seed,
					.latency_min_ms = 1,
					.latency_max_ms = 20,
					.log = NULL };
	uint64_t mix = world->settings->seed * 0x9e3779b97f4a7c15u;

	chances.loss_permille = (unsigned)(mix >> 60) * 6; /* 0 to 90 */
	chances.duplicate_permille = (unsigned)(mix >> 56 & 15) * 4;
	chances.late_permille = (unsigned)(mix >> 52 & 15) * 3;
	chances.late_max_ms = 60000;
	int r = sim_new(&chances, &world->sim, err);
	if (r == 0)
		r = hosts_make(world, err);
	if (r == 0)
		r = manager_up(world, err);
	if (r == 0)
		r = files_up(world, err);
	if (r == 0)
		r = orders_give(world, err);
	return r;
}

int
world_run(const struct world_settings *settings, struct world_result *ret_result, struct err *err)
{
	struct world *world = calloc(1, sizeof(*world));

	*ret_result = (struct world_result){ 0 };
	if (world == NULL)
		return err_set(err, AT, DD_ENOMEM, "no memory for a world");
	world->settings = settings;
	world->result = ret_result;
	world->answers_left = ANSWERS_MAX;
	int r = world_build(world, err);
	if (r == 0) {
		world->manager_crashes_left = between(world, 0, 4);
		world->files_crashes_left = between(world, 0, 2);
		if (world->manager_crashes_left > 0)
			sim_crash_at(world->sim, world->manager_host,
				     between(world, 1, OPERATIONS_MAX), sim_chance(world->sim, 500),
				     manager_crashed, world);
		if (world->files_crashes_left > 0)
			sim_crash_at(world->sim, world->files_host,
				     between(world, 1, OPERATIONS_MAX), sim_chance(world->sim, 500),
				     files_crashed, world);
		run_until_over(world);
		if (ret_result->broken == NULL)
			check_end(world);
		ret_result->simulated_ms = sim_now(world->sim);
		ret_result->digest = sim_digest(world->sim);
	}
	if (world->sim != NULL)
		world_clear(world);
	free(world);
	return r;
}
