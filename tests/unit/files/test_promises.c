/* What the file service promises over damage, repeats, restarts and time. */
#include "env/env_sim.h"
#include "files/manager_link.h"
#include "files/room.h"
#include "wire/tftp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { CONTENT_SIZE = 1000, GRANT = 7, HEARD_MAX = 64 };

struct device {
	struct env_udp *udp;
	struct addr server; /* where its last packet came from */
	struct tftp_packet heard[HEARD_MAX];
	unsigned count;
};

struct world {
	struct sim *sim;
	struct env *manager, *filed, *device_env;
	struct blobs *blobs;
	struct manager_link *link;
	struct files *files;
	struct device device, other;
	unsigned entries[LEDGER_REFUSED + 1], granted, refusals;
	uint64_t first_number;
	uint8_t bytes[CONTENT_SIZE];
	struct sha256 content;
};

static struct addr
address(const char *text)
{
	struct addr addr;

	assert_int_equal(addr_parse(text, 0, &addr, NULL), 0);
	return addr;
}

static void
run_for(struct world *w, msec_t duration)
{
	(void)sim_run(w->sim, sim_now(w->sim) + duration, NULL, NULL);
}

/* ---- the manager's side ---- */

static int
heard_ledger(void *arg, const struct ledger_entry *entry)
{
	struct world *w = arg;

	if (entry->number == 0)
		return 0;
	if (w->refusals > 0) {
		w->refusals--;
		return DD_EIO;
	}
	if (w->first_number == 0)
		w->first_number = entry->number;
	w->entries[entry->kind]++;
	return 0;
}

static void
heard_change(void *arg, bool is_up, uint16_t port_tftp, uint16_t port_ftp)
{
	(void)arg;
	(void)is_up;
	(void)port_tftp;
	(void)port_ftp;
}

static void
heard_granted(void *arg, uint64_t grant)
{
	(void)grant;
	((struct world *)arg)->granted++;
}

static void
manager_up(struct world *w)
{
	static const struct manager_link_events events = { .ledger = heard_ledger,
							   .changed = heard_change,
							   .granted = heard_granted };
	const struct addr at = address("192.0.2.1:7000");

	assert_int_equal(
		manager_link_new(w->manager, &at, w->blobs, &events, w, NULL, &w->link, NULL), 0);
}

static int
files_start(struct world *w, const char *root, struct files **ret_files, struct err *err)
{
	const struct files_settings settings = { .root = root,
						 .tftp = address("192.0.2.2:69"),
						 .link = address("192.0.2.1:7000") };

	return files_new(w->filed, &settings, ret_files, err);
}

static void
files_up(struct world *w)
{
	assert_int_equal(files_start(w, "/files", &w->files, NULL), 0);
}

static void
files_killed(struct world *w)
{
	sim_crash(w->sim, w->filed);
	files_free(w->files);
	sim_restart(w->sim, w->filed);
	files_up(w);
}

static struct grant
grant_of(struct world *w, enum direction direction)
{
	struct grant grant = { .id = GRANT,
			       .device = address("192.0.2.7"),
			       .name = "the-file",
			       .direction = (uint8_t)direction,
			       .protocols = 1u << PROTOCOL_TFTP,
			       .size_max = CONTENT_SIZE,
			       .wall_deadline_ms = INT64_MAX };

	if (direction == DIRECTION_READ)
		grant.content = w->content;
	return grant;
}

/* Change a byte of the content, or cut it, in the file service's folder. */
static void
damage(struct world *w, bool is_cut)
{
	char path[128], digits[SHA256_TEXT_SIZE];
	struct env_file *file = NULL;

	(void)snprintf(path, sizeof(path), "/files/%s", sha256_text(&w->content, digits));
	assert_int_equal(env_file_open(w->filed, path, ENV_FILE_READ | ENV_FILE_WRITE, &file, NULL),
			 0);
	if (is_cut)
		assert_int_equal(env_file_truncate(file, CONTENT_SIZE - 1), 0);
	else
		assert_int_equal(env_file_write(file, 10, "?", 1), 0);
	env_file_close(file);
}

static void
put_content(struct world *w)
{
	assert_int_equal(blobs_put(w->files->blobs, w->bytes, CONTENT_SIZE, &w->content, NULL), 0);
}

/* ---- a device ---- */

static void
device_received(void *arg, const struct addr *from, const struct addr *to, const uint8_t *data,
		size_t size)
{
	struct device *device = arg;

	(void)to;
	assert_true(device->count < HEARD_MAX);
	assert_int_equal(tftp_decode(data, size, &device->heard[device->count++], NULL), 0);
	device->server = *from;
}

static void
device_send(struct device *device, const struct addr *to, const struct tftp_packet *packet)
{
	uint8_t bytes[1024];
	const int64_t size = tftp_encode(packet, bytes, sizeof(bytes));

	assert_true(size > 0);
	assert_int_equal(env_udp_send(device->udp, to, NULL, bytes, (size_t)size), 0);
}

static void
ask_for_file(struct world *w, struct device *device)
{
	const struct addr server = address("192.0.2.2:69");

	device_send(device, &server,
		    &(struct tftp_packet){ .opcode = TFTP_RRQ, .name = "the-file" });
	run_for(w, 20);
}

static void
acknowledge(struct world *w, struct device *device, uint16_t block)
{
	device_send(device, &device->server,
		    &(struct tftp_packet){ .opcode = TFTP_ACK, .block = block });
	run_for(w, 20);
}

static void
read_file(struct world *w, struct device *device)
{
	ask_for_file(w, device);
	acknowledge(w, device, 1);
	acknowledge(w, device, 2);
}

static void
upload(struct world *w)
{
	const struct addr from = address("192.0.2.7:2000");
	struct open_grant *grant = files_grant_by_id(w->files, GRANT);
	struct transfer transfer;
	struct err err = { 0 };

	assert_non_null(grant);
	assert_int_equal(transfer_begin(&transfer, w->files, grant, PROTOCOL_TFTP, &from, &err), 0);
	assert_int_equal(transfer_take(&transfer, "hostname a", 10, &err), 0);
	assert_int_equal(transfer_complete(&transfer, &err), 0);
}

static void
add_entries(struct world *w, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		struct ledger_entry entry = { .grant = 1000 + i, .kind = LEDGER_BROKEN };
		(void)snprintf(entry.text, sizeof(entry.text), "%0150u", i);
		assert_int_equal(ledger_add(w->files->ledger, &entry, NULL), 0);
	}
}

/* How many whole transfers the ledger's file holds. */
static unsigned
completes_on_disk(struct world *w)
{
	struct link_message message;
	char *data = NULL;
	size_t size = 0;
	unsigned count = 0;

	assert_int_equal(env_file_load(w->filed, "/files/ledger", 1 << 20, &data, &size, NULL), 0);
	for (size_t at = 0; at < size;) {
		const int64_t used =
			link_decode((const uint8_t *)data + at, size - at, &message, NULL);
		assert_true(used > 0);
		at += (size_t)used;
		count += message.kind == LEDGER_COMPLETE;
	}
	free(data);
	return count;
}

/* ---- the world ---- */

static int
set_up(void **state)
{
	static const struct sim_settings settings = { .seed = 9,
						      .latency_min_ms = 1,
						      .latency_max_ms = 1 };
	const struct addr manager = address("192.0.2.1"), filed = address("192.0.2.2"),
			  device = address("192.0.2.7"), first = address("192.0.2.7:2000"),
			  second = address("192.0.2.7:2001");
	struct world *w = calloc(1, sizeof(*w));

	assert_non_null(w);
	assert_int_equal(sim_new(&settings, &w->sim, NULL), 0);
	w->manager = sim_host(w->sim, "manager", &manager, 1);
	w->filed = sim_host(w->sim, "filed", &filed, 1);
	w->device_env = sim_host(w->sim, "device", &device, 1);
	for (unsigned i = 0; i < CONTENT_SIZE; i++)
		w->bytes[i] = (uint8_t)(i * 7);
	assert_int_equal(blobs_open(w->manager, "/blobs", &w->blobs, NULL), 0);
	assert_int_equal(blobs_put(w->blobs, w->bytes, CONTENT_SIZE, &w->content, NULL), 0);
	assert_int_equal(env_udp_open(w->device_env, &first, device_received, &w->device,
				      &w->device.udp, NULL),
			 0);
	assert_int_equal(env_udp_open(w->device_env, &second, device_received, &w->other,
				      &w->other.udp, NULL),
			 0);
	files_up(w);
	*state = w;
	return 0;
}

static int
tear_down(void **state)
{
	struct world *w = *state;

	env_udp_close(w->device.udp);
	env_udp_close(w->other.udp);
	files_free(w->files);
	manager_link_free(w->link);
	blobs_close(w->blobs);
	sim_free(w->sim);
	free(w);
	return 0;
}

/* ---- content ---- */

static void
damaged_content_is_fetched_anew(void **state)
{
	for (int is_cut = 0; is_cut < 2; is_cut++) {
		struct world *w = *state;
		const struct grant grant = grant_of(w, DIRECTION_READ);
		char *data = NULL;
		size_t size = 0;

		/* given content that was damaged on the file service's disk */
		put_content(w);
		damage(w, is_cut != 0);
		/* when a grant asks for it */
		manager_up(w);
		assert_int_equal(manager_link_grant(w->link, &grant, NULL), 0);
		run_for(w, 10000);
		/* then it is open, with the manager's bytes */
		assert_int_equal(w->granted, 1);
		assert_int_equal(
			blobs_load(w->files->blobs, &w->content, CONTENT_SIZE, &data, &size, NULL),
			0);
		free(data);
		assert_int_equal(tear_down(state), 0);
		assert_int_equal(set_up(state), 0);
	}
}

static void
content_that_the_manager_has_damaged_holds_up_nothing(void **state)
{
	struct world *w = *state;
	struct grant grant = grant_of(w, DIRECTION_READ), other = grant;
	char path[128], digits[SHA256_TEXT_SIZE];

	/* given a manager whose copy of one content is damaged */
	(void)snprintf(path, sizeof(path), "/blobs/%s", sha256_text(&w->content, digits));
	assert_int_equal(env_file_store(w->manager, path, "?", 1, NULL), 0);
	assert_int_equal(blobs_put(w->blobs, "other", 5, &other.content, NULL), 0);
	other.id++;
	other.size_max = 5;
	(void)snprintf(other.name, sizeof(other.name), "another");
	/* when grants need it and another */
	manager_up(w);
	assert_int_equal(manager_link_grant(w->link, &grant, NULL), 0);
	assert_int_equal(manager_link_grant(w->link, &other, NULL), 0);
	run_for(w, 10000);
	/* then the other is open */
	assert_int_equal(w->granted, 1);
	assert_true(files_grant_by_id(w->files, other.id)->has_content);
	assert_false(files_grant_by_id(w->files, grant.id)->has_content);
}

static void
content_of_another_size_is_never_served(void **state)
{
	struct world *w = *state;
	struct grant grant = grant_of(w, DIRECTION_READ);

	/* given a grant that names another size than its content has; then it has no content */
	put_content(w);
	grant.size_max--;
	assert_int_equal(files_grant_open(w->files, &grant, NULL), 0);
	assert_false(files_grant_by_id(w->files, GRANT)->has_content);
	assert_true(blobs_has(w->files->blobs, &w->content, NULL));
	files_grant_close(w->files, GRANT);
	/* given content that is cut after its grant was opened; when it is read */
	grant = grant_of(w, DIRECTION_READ);
	assert_int_equal(files_grant_open(w->files, &grant, NULL), 0);
	damage(w, true);
	ask_for_file(w, &w->device);
	/* then nothing of it is served */
	assert_int_equal(w->device.count, 1);
	assert_int_equal(w->device.heard[0].opcode, TFTP_ERROR);
}

/* ---- repeats ---- */

static void
a_request_repeated_after_the_end_is_the_same_transfer(void **state)
{
	struct world *w = *state;
	const struct grant grant = grant_of(w, DIRECTION_READ);

	/* given a device that read its file; when its request comes again within 10 s */
	manager_up(w);
	put_content(w);
	assert_int_equal(manager_link_grant(w->link, &grant, NULL), 0);
	run_for(w, 10000);
	read_file(w, &w->device);
	assert_int_equal(w->device.count, 2);
	run_for(w, 9000);
	ask_for_file(w, &w->device);
	run_for(w, 60000);
	/* then no second transfer begins */
	assert_int_equal(w->device.count, 2);
	assert_int_equal(w->entries[LEDGER_COMPLETE], 1);
	assert_int_equal(w->entries[LEDGER_BROKEN], 0);
	/* when it comes later; then it is served again */
	read_file(w, &w->device);
	run_for(w, 1000);
	assert_int_equal(w->device.count, 4);
	assert_int_equal(w->entries[LEDGER_COMPLETE], 2);
}

static void
an_unanswered_request_under_a_complete_grant_is_no_news(void **state)
{
	for (int is_closed = 0; is_closed < 2; is_closed++) {
		struct world *w = *state;
		const struct grant grant = grant_of(w, DIRECTION_READ);

		/* given a device that asked from one port, never answered there, and read from
		 * another */
		manager_up(w);
		put_content(w);
		assert_int_equal(manager_link_grant(w->link, &grant, NULL), 0);
		run_for(w, 10000);
		ask_for_file(w, &w->other);
		assert_true(w->other.count > 0);
		read_file(w, &w->device);
		/* when the first one's time is over, or the grant is closed */
		if (is_closed)
			manager_link_revoke(w->link, GRANT);
		run_for(w, 60000);
		/* then nothing is told to be broken */
		assert_int_equal(w->entries[LEDGER_COMPLETE], 1);
		assert_int_equal(w->entries[LEDGER_BROKEN], 0);
		assert_int_equal(tear_down(state), 0);
		assert_int_equal(set_up(state), 0);
	}
}

static void
a_request_that_nobody_answered_is_broken(void **state)
{
	struct world *w = *state;
	const struct grant grant = grant_of(w, DIRECTION_READ);

	/* given a request; when nobody answers, and nothing was read elsewhere */
	manager_up(w);
	put_content(w);
	assert_int_equal(manager_link_grant(w->link, &grant, NULL), 0);
	run_for(w, 10000);
	ask_for_file(w, &w->other);
	run_for(w, 60000);
	/* then that is told */
	assert_int_equal(w->entries[LEDGER_BROKEN], 1);
}

/* ---- time ---- */

static void
a_deadline_ends_its_transfer(void **state)
{
	struct world *w = *state;
	struct grant grant = grant_of(w, DIRECTION_READ);

	/* given a transfer under way; when its grant's time is over */
	manager_up(w);
	put_content(w);
	grant.wall_deadline_ms = env_wall(w->filed) + 11000;
	assert_int_equal(manager_link_grant(w->link, &grant, NULL), 0);
	run_for(w, 10000);
	ask_for_file(w, &w->device);
	acknowledge(w, &w->device, 1);
	run_for(w, 5000);
	/* then the device is told, and the ledger */
	assert_int_equal(w->device.heard[w->device.count - 1].opcode, TFTP_ERROR);
	assert_int_equal(w->entries[LEDGER_BROKEN], 1);
	assert_int_equal(w->entries[LEDGER_COMPLETE], 0);
}

/* ---- the folder and its ledger ---- */

static void
a_folder_has_one_service(void **state)
{
	struct world *w = *state;
	struct files *second = NULL;
	struct err err = { 0 };

	/* given a running service; when another starts on its folder; then that one is refused */
	assert_int_equal(files_start(w, "/files", &second, &err), DD_EBUSY);
	assert_non_null(strstr(err.text, "/files"));
	/* when the first was killed; then a new one may start */
	files_killed(w);
}

static void
a_finished_upload_stays_finished(void **state)
{
	struct world *w = *state;
	const struct grant grant = grant_of(w, DIRECTION_WRITE);

	/* given an upload that ended well; when the service is killed */
	assert_int_equal(files_grant_open(w->files, &grant, NULL), 0);
	upload(w);
	files_killed(w);
	/* then the grant, told again, takes no second one */
	assert_int_equal(files_grant_open(w->files, &grant, NULL), 0);
	assert_true(files_grant_by_id(w->files, GRANT)->is_written);
}

static void
another_grant_of_that_id_may_be_written(void **state)
{
	struct world *w = *state;
	struct grant grant = grant_of(w, DIRECTION_WRITE);

	/* given an upload under a manager that counted its grants anew since */
	assert_int_equal(files_grant_open(w->files, &grant, NULL), 0);
	upload(w);
	files_killed(w);
	(void)snprintf(grant.name, sizeof(grant.name), "another-file");
	/* when it opens another grant with the same id; then that may be written */
	assert_int_equal(files_grant_open(w->files, &grant, NULL), 0);
	assert_false(files_grant_by_id(w->files, GRANT)->is_written);
}

static void
an_upload_is_remembered_as_long_as_its_grant(void **state)
{
	struct world *w = *state;
	const struct grant grant = grant_of(w, DIRECTION_WRITE);

	/* given an upload, acknowledged, in a ledger that was written anew since */
	manager_up(w);
	assert_int_equal(manager_link_grant(w->link, &grant, NULL), 0);
	run_for(w, 10000);
	upload(w);
	for (int i = 0; i < 30; i++) {
		add_entries(w, 100);
		run_for(w, 1000);
	}
	assert_int_equal(completes_on_disk(w), 1);
	/* when the service is killed; then the grant takes no second one */
	files_killed(w);
	run_for(w, 10000);
	assert_true(files_grant_by_id(w->files, GRANT)->is_written);
	assert_int_equal(w->entries[LEDGER_BROKEN] >= 3000, true);
	/* when the grant is closed; then it is forgotten in time */
	manager_link_revoke(w->link, GRANT);
	for (int i = 0; i < 30; i++) {
		add_entries(w, 100);
		run_for(w, 1000);
	}
	assert_int_equal(completes_on_disk(w), 0);
}

static void
two_folders_never_share_a_number(void **state)
{
	struct world *w = *state;
	uint64_t first;

	/* given a folder with entries; when it is replaced by a new one */
	manager_up(w);
	add_entries(w, 3);
	run_for(w, 10000);
	first = w->first_number;
	files_free(w->files);
	assert_int_equal(files_start(w, "/new", &w->files, NULL), 0);
	w->first_number = 0;
	add_entries(w, 1);
	run_for(w, 10000);
	/* then its numbers are others, and readers of JSON can keep them */
	assert_true(first >> 32 != w->first_number >> 32);
	assert_true(first < 1ull << 53 && w->first_number < 1ull << 53);
	assert_int_equal((uint32_t)first, 1);
}

static void
an_entry_that_was_refused_comes_again(void **state)
{
	struct world *w = *state;

	/* given a manager that can't keep an entry just now */
	manager_up(w);
	run_for(w, 10000);
	w->refusals = 2;
	/* when entries come; then it has them all in the end */
	add_entries(w, 3);
	run_for(w, 10000);
	assert_int_equal(w->entries[LEDGER_BROKEN], 3);
	assert_int_equal(w->refusals, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(damaged_content_is_fetched_anew),
		TEST(content_that_the_manager_has_damaged_holds_up_nothing),
		TEST(content_of_another_size_is_never_served),
		TEST(a_request_repeated_after_the_end_is_the_same_transfer),
		TEST(an_unanswered_request_under_a_complete_grant_is_no_news),
		TEST(a_request_that_nobody_answered_is_broken),
		TEST(a_deadline_ends_its_transfer),
		TEST(a_folder_has_one_service),
		TEST(a_finished_upload_stays_finished),
		TEST(another_grant_of_that_id_may_be_written),
		TEST(an_upload_is_remembered_as_long_as_its_grant),
		TEST(two_folders_never_share_a_number),
		TEST(an_entry_that_was_refused_comes_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
