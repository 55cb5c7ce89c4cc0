/* The TFTP server against a small client in a simulated world. */
#include "env/env_sim.h"
#include "files/room.h"
#include "wire/tftp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { CONTENT_MAX = 1 << 20, GRANT_OUT = 1, GRANT_IN = 2, SIZE_MAX_IN = 5000 };

/* What a client does beside what it should. */
struct client {
	struct env *env;
	struct env_udp *udp;
	struct addr server; /* of the transfer; port 0 until its first packet */
	uint8_t opcode;
	uint16_t block_size;
	uint64_t block;        /* read: last taken; write: last sent */
	const uint8_t *upload; /* write */
	size_t size;           /* write: to send; read: taken */
	uint8_t *content;      /* read */
	bool doubles_acks, is_mute;
	bool is_done, has_error;
	uint16_t error;
	uint64_t tsize;
	unsigned heard, data_heard;
};

struct world {
	struct sim *sim;
	struct env *server, *device, *stranger;
	struct files files;
	struct client client;
	uint8_t content[CONTENT_MAX];
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

/* ---- the client ---- */

static void
client_send(struct client *client, const struct addr *to, const struct tftp_packet *packet)
{
	uint8_t bytes[2048];
	const int64_t size = tftp_encode(packet, bytes, sizeof(bytes));

	assert_true(size > 0);
	assert_int_equal(env_udp_send(client->udp, to, NULL, bytes, (size_t)size), 0);
}

static void
client_ack(struct client *client)
{
	const struct tftp_packet ack = { .opcode = TFTP_ACK, .block = (uint16_t)client->block };

	for (int i = 0; i <= client->doubles_acks; i++)
		client_send(client, &client->server, &ack);
}

static void
client_take(struct client *client, const struct tftp_packet *packet)
{
	client->data_heard++;
	if (packet->block == (uint16_t)(client->block + 1)) {
		assert_true(client->size + packet->data.size <= CONTENT_MAX);
		memcpy(client->content + client->size, packet->data.data, packet->data.size);
		client->size += packet->data.size;
		client->block++;
		client->is_done = packet->data.size < client->block_size;
	}
	client_ack(client);
}

static void
client_put(struct client *client)
{
	const size_t at = client->block * client->block_size;
	struct tftp_packet data = { .opcode = TFTP_DATA };

	if (at > client->size) {
		client->is_done = true;
		return;
	}
	client->block++;
	data.block = (uint16_t)client->block;
	data.data = (struct slice){ client->upload + at, client->size - at < client->block_size
								 ? client->size - at
								 : client->block_size };
	client_send(client, &client->server, &data);
}

static void
client_received(void *arg, const struct addr *from, const struct addr *to, const uint8_t *data,
		size_t size)
{
	struct client *client = arg;
	struct tftp_packet packet;

	(void)to;
	assert_int_equal(tftp_decode(data, size, &packet, NULL), 0);
	client->heard++;
	if (client->server.port == 0)
		client->server = *from;
	if (client->is_mute || !addr_equal(from, &client->server))
		return;
	if (packet.opcode == TFTP_ERROR) {
		client->has_error = true;
		client->error = packet.code;
	} else if (packet.opcode == TFTP_OACK) {
		client->tsize = packet.options.tsize;
		if (packet.options.has_blksize)
			client->block_size = (uint16_t)packet.options.blksize;
		if (client->opcode == TFTP_RRQ && client->block == 0)
			client_ack(client);
		else if (client->block == 0)
			client_put(client);
	} else if (packet.opcode == TFTP_DATA) {
		client_take(client, &packet);
	} else if (packet.opcode == TFTP_ACK && packet.block == (uint16_t)client->block) {
		client_put(client);
	}
}

static void
client_open(struct client *client, struct env *env, const char *at)
{
	const struct addr local = address(at);

	env_udp_close(client->udp);
	free(client->content);
	*client = (struct client){ .env = env, .block_size = TFTP_BLKSIZE_DEFAULT };
	client->content = malloc(CONTENT_MAX);
	assert_non_null(client->content);
	assert_int_equal(env_udp_open(env, &local, client_received, client, &client->udp, NULL), 0);
}

static void
client_request(struct client *client, uint8_t opcode, const char *name,
	       const struct tftp_options *options)
{
	const struct addr to = address("192.0.2.1:69");
	struct tftp_packet request = { .opcode = opcode };

	client->opcode = opcode;
	(void)snprintf(request.name, sizeof(request.name), "%s", name);
	if (options != NULL)
		request.options = *options;
	client_send(client, &to, &request);
}

static const struct tftp_options sized = { .has_blksize = true, .blksize = 8, .has_tsize = true };

/* ---- the world ---- */

static void
open_grant(struct world *w, uint64_t id, const char *name, enum direction direction,
	   uint64_t size_max, const struct sha256 *content)
{
	struct grant grant = { .id = id, .device = address("192.0.2.7") };

	(void)snprintf(grant.name, sizeof(grant.name), "%s", name);
	grant.direction = (uint8_t)direction;
	grant.protocols = 1u << PROTOCOL_TFTP;
	grant.size_max = size_max;
	grant.wall_deadline_ms = INT64_MAX;
	if (content != NULL)
		grant.content = *content;
	assert_int_equal(files_grant_open(&w->files, &grant, NULL), 0);
}

/* Offer so many bytes as out.bin. */
static void
offer(struct world *w, size_t size)
{
	struct sha256 content;

	files_grant_close(&w->files, GRANT_OUT);
	assert_int_equal(blobs_put(w->files.blobs, w->content, size, &content, NULL), 0);
	open_grant(w, GRANT_OUT, "out.bin", DIRECTION_READ, size, &content);
}

/* How many entries of a kind the ledger keeps, and the last of them. */
static unsigned
entries(struct world *w, enum ledger_kind kind, struct ledger_entry *ret_last)
{
	struct link_message message;
	struct ledger_entry entry;
	char *data = NULL;
	size_t size = 0;
	unsigned count = 0;

	assert_int_equal(env_file_load(w->server, "/data/ledger", 1 << 20, &data, &size, NULL), 0);
	for (size_t at = 0; at < size;) {
		const int64_t used =
			link_decode((const uint8_t *)data + at, size - at, &message, NULL);
		assert_true(used > 0);
		ledger_from_link(&message, &entry);
		at += (size_t)used;
		count += entry.kind == kind;
		if (entry.kind == kind && ret_last != NULL)
			*ret_last = entry;
	}
	free(data);
	return count;
}

static void
count_file(void *arg, const char *name)
{
	*(unsigned *)arg += strcmp(name, "ledger") != 0;
}

static unsigned
files_on_disk(struct world *w)
{
	unsigned count = 0;

	assert_int_equal(env_dir_list(w->server, "/data", count_file, &count, NULL), 0);
	return count;
}

static int
set_up(void **state)
{
	static const struct sim_settings settings = { .seed = 3,
						      .latency_min_ms = 1,
						      .latency_max_ms = 1 };
	const struct addr server = address("192.0.2.1"), device = address("192.0.2.7"),
			  stranger = address("192.0.2.8");
	struct world *w = calloc(1, sizeof(*w));

	assert_non_null(w);
	assert_int_equal(sim_new(&settings, &w->sim, NULL), 0);
	w->server = sim_host(w->sim, "server", &server, 1);
	w->device = sim_host(w->sim, "device", &device, 1);
	w->stranger = sim_host(w->sim, "stranger", &stranger, 1);
	w->files.env = w->server;
	w->files.settings =
		(struct files_settings){ .root = "/data", .tftp = address("192.0.2.1:69") };
	assert_int_equal(blobs_open(w->server, "/data", &w->files.blobs, NULL), 0);
	assert_int_equal(ledger_open(&w->files, &w->files.ledger, NULL), 0);
	assert_int_equal(tftp_new(&w->files, &w->files.tftp, NULL), 0);
	for (unsigned i = 0; i < CONTENT_MAX; i++)
		w->content[i] = (uint8_t)(i * 7 + i / 251);
	open_grant(w, GRANT_IN, "in.cfg", DIRECTION_WRITE, SIZE_MAX_IN, NULL);
	client_open(&w->client, w->device, "192.0.2.7:2000");
	*state = w;
	return 0;
}

static int
tear_down(void **state)
{
	struct world *w = *state;

	env_udp_close(w->client.udp);
	free(w->client.content);
	tftp_free(TAKE(w->files.tftp));
	files_grant_close(&w->files, GRANT_OUT);
	files_grant_close(&w->files, GRANT_IN);
	ledger_close(w->files.ledger);
	blobs_close(w->files.blobs);
	sim_free(w->sim);
	free(w);
	return 0;
}

/* ---- reading ---- */

static void
every_size_is_read_whole(void **state)
{
	static const size_t sizes[] = { 0, 1, 511, 512, 513, 1024, 100000 };
	struct world *w = *state;
	struct ledger_entry entry = { 0 };

	for (size_t i = 0; i < ARRAY_COUNT(sizes); i++) {
		/* given a file of this size; when it is read */
		offer(w, sizes[i]);
		client_open(&w->client, w->device, "192.0.2.7:2000");
		client_request(&w->client, TFTP_RRQ, "out.bin", NULL);
		run_for(w, 5000);
		/* then every byte came, and the ledger says so */
		assert_true(w->client.is_done);
		assert_int_equal(w->client.size, sizes[i]);
		assert_memory_equal(w->client.content, w->content, sizes[i]);
		assert_int_equal(entries(w, LEDGER_COMPLETE, &entry), i + 1);
		assert_int_equal(entry.bytes, sizes[i]);
		run_for(w, 20000);
	}
}

static void
blocks_roll_over(void **state)
{
	struct world *w = *state;
	struct ledger_entry entry = { 0 };

	/* given a file of 131,073 blocks of 8 bytes; when it is read */
	offer(w, CONTENT_MAX - 1);
	client_request(&w->client, TFTP_RRQ, "out.bin", &sized);
	run_for(w, 600000);
	/* then the block numbers went past 65,535 twice, and nothing is missing */
	assert_true(w->client.is_done);
	assert_int_equal(w->client.tsize, CONTENT_MAX - 1);
	assert_int_equal(w->client.block, (CONTENT_MAX - 1) / 8 + 1);
	assert_memory_equal(w->client.content, w->content, CONTENT_MAX - 1);
	assert_int_equal(entries(w, LEDGER_COMPLETE, &entry), 1);
	assert_int_equal(entry.bytes, CONTENT_MAX - 1);
}

static void
a_doubled_ack_makes_no_data(void **state)
{
	struct world *w = *state;

	/* given a client that says every ACK twice (the sorcerer's apprentice) */
	offer(w, 512 * 50);
	w->client.doubles_acks = true;
	client_request(&w->client, TFTP_RRQ, "out.bin", NULL);
	run_for(w, 20000);
	/* then each of the 51 blocks was sent once */
	assert_true(w->client.is_done);
	assert_int_equal(w->client.data_heard, 51);
}

static void
a_repeated_request_is_the_same_transfer(void **state)
{
	struct world *w = *state;

	/* given a request that comes three times before its first answer arrives */
	offer(w, 2000);
	for (int i = 0; i < 3; i++)
		client_request(&w->client, TFTP_RRQ, "out.bin", NULL);
	run_for(w, 60000);
	/* then it is one transfer */
	assert_true(w->client.is_done);
	assert_int_equal(w->client.size, 2000);
	assert_int_equal(files_grant_by_id(&w->files, GRANT_OUT)->transfers_count, 1);
	assert_int_equal(entries(w, LEDGER_COMPLETE, NULL), 1);
	assert_int_equal(entries(w, LEDGER_BROKEN, NULL), 0);
}

static void
a_foreign_packet_changes_nothing(void **state)
{
	struct world *w = *state;
	struct client foreign = { 0 };
	const struct tftp_packet error = { .opcode = TFTP_ERROR, .text = "die" };

	/* given a transfer that goes on */
	offer(w, 512 * 100);
	client_request(&w->client, TFTP_RRQ, "out.bin", NULL);
	run_for(w, 20);
	assert_in_range(w->client.data_heard, 1, 99);
	/* when another address, and another port of the device, tell its socket to stop */
	client_open(&foreign, w->stranger, "192.0.2.8:2000");
	client_send(&foreign, &w->client.server, &error);
	client_open(&foreign, w->device, "192.0.2.7:2001");
	client_send(&foreign, &w->client.server, &error);
	run_for(w, 20000);
	/* then they hear nothing, and it ends well */
	assert_int_equal(foreign.heard, 0);
	assert_true(w->client.is_done);
	assert_int_equal(entries(w, LEDGER_COMPLETE, NULL), 1);
	env_udp_close(foreign.udp);
	free(foreign.content);
}

/* ---- silence ---- */

static void
without_a_grant_there_is_silence(void **state)
{
	struct world *w = *state;

	/* given a name without grant, a grant of the other direction, and a stranger */
	offer(w, 10);
	client_request(&w->client, TFTP_RRQ, "startup-config", NULL);
	client_request(&w->client, TFTP_RRQ, "in.cfg", NULL);
	client_request(&w->client, TFTP_WRQ, "out.bin", NULL);
	run_for(w, 40000);
	assert_int_equal(w->client.heard, 0);
	client_open(&w->client, w->stranger, "192.0.2.8:2000");
	client_request(&w->client, TFTP_RRQ, "out.bin", NULL);
	run_for(w, 40000);
	/* then nobody hears a word, and the wrong address is kept for the manager */
	assert_int_equal(w->client.heard, 0);
	assert_true(files_grant_by_id(&w->files, GRANT_OUT)->refused_at > 0);
	assert_int_equal(files_grant_by_id(&w->files, GRANT_OUT)->transfers_count, 0);
}

static void
a_device_that_never_answers_is_not_flooded(void **state)
{
	struct world *w = *state;

	/* given a request from an address that answers nothing */
	offer(w, 5000);
	w->client.is_mute = true;
	client_request(&w->client, TFTP_RRQ, "out.bin", NULL);
	run_for(w, 60000);
	/* then it got its block twice, and the transfer is told as broken */
	assert_int_equal(w->client.heard, 2);
	assert_int_equal(entries(w, LEDGER_BROKEN, NULL), 1);
}

static void
transfers_under_one_grant_are_counted(void **state)
{
	struct world *w = *state;
	const struct tftp_packet error = { .opcode = TFTP_ERROR, .text = "again" };

	/* given a device that asks and breaks off, for ever */
	offer(w, 5000);
	for (unsigned i = 0; i < TRANSFERS_MAX + 10; i++) {
		client_open(&w->client, w->device, "192.0.2.7:2000");
		w->client.is_mute = true;
		client_request(&w->client, TFTP_RRQ, "out.bin", NULL);
		run_for(w, 5);
		if (w->client.heard > 0)
			client_send(&w->client, &w->client.server, &error);
		run_for(w, 5);
	}
	/* then at some time it is not heard any more */
	assert_int_equal(entries(w, LEDGER_BROKEN, NULL), TRANSFERS_MAX);
	assert_int_equal(w->client.heard, 0);
}

/* ---- writing ---- */

static void
put(struct world *w, size_t size, const struct tftp_options *options)
{
	client_open(&w->client, w->device, "192.0.2.7:2000");
	w->client.upload = w->content;
	w->client.size = size;
	client_request(&w->client, TFTP_WRQ, "in.cfg", options);
}

static void
every_size_is_written_whole(void **state)
{
	static const size_t sizes[] = { 0, 1, 511, 512, 513, SIZE_MAX_IN };
	struct world *w = *state;

	for (size_t i = 0; i < ARRAY_COUNT(sizes); i++) {
		struct ledger_entry entry = { 0 };
		struct sha256 content;
		/* given a grant; when a file of this size is written */
		put(w, sizes[i], NULL);
		run_for(w, 20000);
		/* then it is content, and the ledger has its hash */
		assert_true(w->client.is_done);
		sha256_of(w->content, sizes[i], &content);
		assert_true(blobs_has(w->files.blobs, &content, NULL));
		assert_int_equal(entries(w, LEDGER_COMPLETE, &entry), i + 1);
		assert_true(sha256_equal(&entry.content, &content));
		assert_int_equal(entry.bytes, sizes[i]);
		files_grant_close(&w->files, GRANT_IN);
		open_grant(w, GRANT_IN, "in.cfg", DIRECTION_WRITE, SIZE_MAX_IN, NULL);
	}
}

static void
too_large_an_upload_leaves_nothing(void **state)
{
	struct world *w = *state;
	struct tftp_options told = { .has_tsize = true, .tsize = SIZE_MAX_IN + 1 };

	/* given a device that tells its size, and one that does not */
	put(w, SIZE_MAX_IN + 1, &told);
	run_for(w, 20000);
	assert_true(w->client.has_error);
	assert_int_equal(w->client.error, TFTP_ERROR_FULL);
	assert_int_equal(w->client.block, 0);
	put(w, SIZE_MAX_IN + 1, NULL);
	run_for(w, 20000);
	/* then both get ERROR 3, and nothing stays */
	assert_int_equal(w->client.error, TFTP_ERROR_FULL);
	assert_false(w->client.is_done);
	assert_int_equal(files_on_disk(w), 0);
	assert_int_equal(entries(w, LEDGER_BROKEN, NULL), 2);
	assert_int_equal(entries(w, LEDGER_COMPLETE, NULL), 0);
}

static void
a_full_disk_leaves_nothing(void **state)
{
	struct world *w = *state;

	/* given an upload that goes on; when the disk gets full */
	put(w, SIZE_MAX_IN, NULL);
	run_for(w, 6);
	assert_in_range(w->client.block, 1, 9);
	sim_disk_full(w->server, true);
	run_for(w, 20000);
	/* then the device gets ERROR 3, and nothing is visible */
	assert_true(w->client.has_error);
	assert_int_equal(w->client.error, TFTP_ERROR_FULL);
	assert_int_equal(files_on_disk(w), 0);
	/* when there is room again; then it works */
	sim_disk_full(w->server, false);
	put(w, SIZE_MAX_IN, NULL);
	run_for(w, 20000);
	assert_true(w->client.is_done);
	assert_int_equal(entries(w, LEDGER_COMPLETE, NULL), 1);
}

static void
a_second_upload_meets_silence(void **state)
{
	struct world *w = *state;

	/* given an upload that has ended; when another one is tried */
	put(w, 700, NULL);
	run_for(w, 20000);
	assert_true(w->client.is_done);
	put(w, 800, NULL);
	run_for(w, 20000);
	/* then it is not heard */
	assert_int_equal(w->client.heard, 0);
	assert_int_equal(entries(w, LEDGER_COMPLETE, NULL), 1);
}

static void
of_two_uploads_at_once_one_counts(void **state)
{
	struct world *w = *state;
	struct client other = { 0 };
	struct sha256 content;

	/* given two uploads under one grant that began at once */
	put(w, 2000, NULL);
	client_open(&other, w->device, "192.0.2.7:2001");
	other.upload = w->content + 5;
	other.size = 4000;
	client_request(&other, TFTP_WRQ, "in.cfg", NULL);
	run_for(w, 60000);
	/* then the one that ended first is content, and the other one is told that it is not */
	assert_true(w->client.is_done);
	assert_true(other.has_error);
	sha256_of(w->content + 5, 4000, &content);
	assert_false(blobs_has(w->files.blobs, &content, NULL));
	assert_int_equal(entries(w, LEDGER_COMPLETE, NULL), 1);
	assert_int_equal(files_on_disk(w), 1);
	env_udp_close(other.udp);
	free(other.content);
}

static void
a_closed_grant_ends_its_transfer(void **state)
{
	struct world *w = *state;

	/* given an upload that goes on; when its grant is closed */
	put(w, SIZE_MAX_IN, NULL);
	run_for(w, 6);
	files_grant_close(&w->files, GRANT_IN);
	run_for(w, 20000);
	/* then the device is told, and nothing stays */
	assert_true(w->client.has_error);
	assert_int_equal(w->client.error, TFTP_ERROR_ACCESS);
	assert_int_equal(files_on_disk(w), 0);
	assert_int_equal(entries(w, LEDGER_BROKEN, NULL), 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_size_is_read_whole),
		TEST(blocks_roll_over),
		TEST(a_doubled_ack_makes_no_data),
		TEST(a_repeated_request_is_the_same_transfer),
		TEST(a_foreign_packet_changes_nothing),
		TEST(without_a_grant_there_is_silence),
		TEST(a_device_that_never_answers_is_not_flooded),
		TEST(transfers_under_one_grant_are_counted),
		TEST(every_size_is_written_whole),
		TEST(too_large_an_upload_leaves_nothing),
		TEST(a_full_disk_leaves_nothing),
		TEST(a_second_upload_meets_silence),
		TEST(of_two_uploads_at_once_one_counts),
		TEST(a_closed_grant_ends_its_transfer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
