/* test_transfer.c - files over simulated networks: whole or told why not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "agent/ftp_reply.h"
#include "agent/server.h"
#include "agent/transfer.h"

static struct world *
world_with_device(uint64_t seed, unsigned loss_permille, size_t payload)
{
	struct world *world = world_new(seed, loss_permille);
	struct err err = { 0 };
	uint8_t *image = malloc(payload + IMAGE_HEADER_MAX);

	world_device(world, 2, 1000);
	if (world_on(world, &err) < 0)
		fail_msg("%s", err.text);
	world_put(world, "v2", image, fake_image(image, "2.0.0", "IAD-24", "", 2, payload));
	world_put(world, "c1", SAMPLE_1, strlen(SAMPLE_1));
	free(image);
	return world;
}

static struct fake_command
command(struct world *world, uint32_t ticket, enum operation operation, enum protocol protocol,
	const char *file, struct sha256 *hash)
{
	const struct world_file *content = world_file(world, file);
	struct fake_command told = {
		.ticket = ticket, .operation = operation, .files = file, .protocol = protocol
	};

	if (content != NULL && operation != OPERATION_BACKUP) {
		sha256_of(content->data, content->size, hash);
		told.hash = hash;
		told.size = (uint32_t)content->size;
	}
	if (protocol == PROTOCOL_FTP) {
		told.user = "u";
		told.password = "pw";
	}
	return told;
}

/* All three operations; what arrives is what was sent. */
static void
all_three(struct world *world, enum protocol protocol)
{
	struct sha256 hash;
	struct fake_command told = command(world, 1, OPERATION_BACKUP, protocol, "up", &hash);

	assert_int_equal(world_do(world, &told, 200), STATUS_SUCCEEDED);
	assert_int_equal(world_file(world, "up")->size, strlen(SAMPLE_1));
	assert_memory_equal(world_file(world, "up")->data, SAMPLE_1, strlen(SAMPLE_1));
	assert_true(addr_host_equal(&world->transfer_from, &world->settings.listen));
	told = command(world, 2, OPERATION_FETCH, protocol, "v2", &hash);
	assert_int_equal(world_do(world, &told, 600), STATUS_SUCCEEDED);
	assert_int_equal(world_number(world, "1.2.1.2.2"), SLOT_VALID);
	assert_int_equal(world_number(world, "1.4.6.0"), world_file(world, "v2")->size);
	told = command(world, 3, OPERATION_RESTORE, protocol, "c1", &hash);
	assert_int_equal(world_do(world, &told, 200), STATUS_SUCCEEDED);
}

static void
tftp_moves_all(void **state)
{
	struct world *world = world_with_device(1, 0, 200000);
	(void)state;

	all_three(world, PROTOCOL_TFTP);
	world_free(world);
}

static void
tftp_moves_all_without_options(void **state)
{
	struct world *world = world_with_device(1, 0, 20000);
	(void)state;

	world->has_no_options = true;
	all_three(world, PROTOCOL_TFTP);
	world_free(world);
}

static void
tftp_blocks_roll_over(void **state)
{
	struct world *world = world_with_device(1, 0, 512 * 66000);
	struct sha256 hash;
	(void)state;

	world->has_no_options = true;
	/* The device of the other tests has slots of 16 MiB. */
	box_free(TAKE(world->box));
	char *identity = NULL;
	size_t size = 0;
	assert_int_equal(
		env_file_load(world->device_env, "/device/identity", 1000, &identity, &size, NULL),
		0);
	free(identity);
	static const char large[] = "drydock-agent identity 1\nserial: S1\nmodel: "
				    "IAD-24\nrevision: A\ncapacity: 67108864\n";
	assert_int_equal(
		env_file_store(world->device_env, "/device/identity", large, strlen(large), NULL),
		0);
	assert_int_equal(world_on(world, NULL), 0);
	struct fake_command told = command(world, 1, OPERATION_FETCH, PROTOCOL_TFTP, "v2", &hash);
	assert_int_equal(world_do(world, &told, 2000), STATUS_SUCCEEDED);
	world_free(world);
}

static void
exact_multiples_of_a_block_end(void **state)
{
	struct world *world = world_with_device(1, 0, 100);
	char text[1428 * 2 + 1];
	struct sha256 hash;
	(void)state;

	/* A configuration of exactly two blocks: blank lines fill it up. */
	memset(text, '\n', sizeof(text));
	memcpy(text, SAMPLE_1, strlen(SAMPLE_1));
	world_put(world, "c1", text, sizeof(text) - 1);
	struct fake_command told = command(world, 1, OPERATION_RESTORE, PROTOCOL_TFTP, "c1", &hash);
	assert_int_equal(world_do(world, &told, 60), STATUS_SUCCEEDED);
	told = command(world, 2, OPERATION_BACKUP, PROTOCOL_TFTP, "up", &hash);
	assert_int_equal(world_do(world, &told, 60), STATUS_SUCCEEDED);
	assert_int_equal(world_file(world, "up")->size, sizeof(text) - 1);
	world_free(world);
}

static void
tftp_survives_loss_and_doubles(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 20; seed++) {
		struct world *world = world_with_device(seed, 200, 60000);
		all_three(world, PROTOCOL_TFTP);
		world_free(world);
	}
}

/* A configuration of several blocks: comments fill it up. */
static void
long_uploads_survive_loss_and_doubles(void **state)
{
	static char text[20000];
	struct sha256 hash;
	(void)state;

	(void)text_copy(text, sizeof(text), SAMPLE_1);
	for (unsigned i = 0; strlen(text) + 100 < sizeof(text); i++)
		(void)text_print(text + strlen(text), 100, "# line %u of many that say nothing\n",
				 i);
	for (uint64_t seed = 1; seed <= 10; seed++) {
		struct world *world = world_with_device(seed, 200, 1000);
		world_put(world, "c1", text, strlen(text));
		struct fake_command told =
			command(world, 1, OPERATION_RESTORE, PROTOCOL_TFTP, "c1", &hash);
		assert_int_equal(world_do(world, &told, 300), STATUS_SUCCEEDED);
		told = command(world, 2, OPERATION_BACKUP, PROTOCOL_TFTP, "up", &hash);
		assert_int_equal(world_do(world, &told, 300), STATUS_SUCCEEDED);
		assert_int_equal(world_file(world, "up")->size, strlen(text));
		assert_memory_equal(world_file(world, "up")->data, text, strlen(text));
		world_free(world);
	}
}

static void
ftp_moves_all(void **state)
{
	struct world *world = world_with_device(1, 0, 200000);
	(void)state;

	all_three(world, PROTOCOL_FTP);
	world_free(world);
}

/* The server's 227 names a stranger's address: the device must not go there. */
static void
ftp_falls_back_to_pasv_at_the_same_host(void **state)
{
	struct world *world = world_with_device(1, 0, 20000);
	(void)state;

	world->has_no_epsv = true;
	all_three(world, PROTOCOL_FTP);
	world_free(world);
}

static void
failures_have_their_reasons(void **state)
{
	static const struct {
		enum protocol protocol;
		const char *file, *password;
		bool is_silent;
		enum status_reason reason;
	} cases[] = {
		{ PROTOCOL_TFTP, "v2", "pw", true, REASON_SERVER_UNREACHABLE },
		{ PROTOCOL_FTP, "v2", "pw", true, REASON_SERVER_UNREACHABLE },
		{ PROTOCOL_TFTP, "none", "pw", false, REASON_FILE_REFUSED },
		{ PROTOCOL_FTP, "none", "pw", false, REASON_FILE_REFUSED },
		{ PROTOCOL_FTP, "v2", "bad", false, REASON_LOGIN_REFUSED },
	};
	struct world *world = world_with_device(1, 0, 1000);
	struct sha256 hash = { { 1 } };
	(void)state;

	for (uint32_t i = 0; i < ARRAY_COUNT(cases); i++) {
		struct fake_command told = command(world, i + 1, OPERATION_FETCH, cases[i].protocol,
						   cases[i].file, &hash);
		told.hash = &hash;
		if (cases[i].protocol == PROTOCOL_FTP)
			told.password = cases[i].password;
		world->is_silent = cases[i].is_silent;
		assert_int_equal(world_do(world, &told, 60), STATUS_FAILED);
		assert_int_equal(world_number(world, "1.4.4.0"), cases[i].reason);
		assert_int_equal(world_number(world, "1.1.9.0"), 0);
	}
	world_free(world);
}

/* All bytes moved, and yet the server says that it did not work. */
static void
ftp_is_not_done_before_the_server_says_so(void **state)
{
	struct world *world = world_with_device(1, 0, 3000);
	struct sha256 hash;
	(void)state;

	world->ftp_end = "451 not stored\r\n";
	struct fake_command told = command(world, 1, OPERATION_BACKUP, PROTOCOL_FTP, "up", &hash);
	assert_int_equal(world_do(world, &told, 60), STATUS_FAILED);
	assert_int_equal(world_number(world, "1.4.4.0"), REASON_TRANSFER_BROKEN);
	told = command(world, 2, OPERATION_FETCH, PROTOCOL_FTP, "v2", &hash);
	assert_int_equal(world_do(world, &told, 60), STATUS_FAILED);
	assert_int_equal(world_number(world, "1.4.4.0"), REASON_TRANSFER_BROKEN);
	world->ftp_end = ""; /* silence */
	told = command(world, 3, OPERATION_BACKUP, PROTOCOL_FTP, "up", &hash);
	assert_int_equal(world_do(world, &told, 60), STATUS_FAILED);
	assert_int_equal(world_number(world, "1.4.4.0"), REASON_TRANSFER_BROKEN);
	world_free(world);
}

static void
a_cut_line_ends_the_transfer(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		const enum protocol protocol = i == 0 ? PROTOCOL_TFTP : PROTOCOL_FTP;
		struct world *world = world_with_device(3, 0, 8000000);
		struct sha256 hash;
		struct fake_command told =
			command(world, 1, OPERATION_FETCH, protocol, "v2", &hash);
		assert_int_equal(world_set(world, &told), 0);
		sim_run(world->sim, sim_now(world->sim) + (i == 0 ? 500 : 30), NULL, NULL);
		assert_int_equal(world_number(world, "1.4.3.0"), STATUS_RUNNING);
		sim_cut(world->sim, world->device_env, world->server_env, true);
		sim_run(world->sim, sim_now(world->sim) + 60000, NULL, NULL);
		sim_cut(world->sim, world->device_env, world->server_env, false);
		assert_int_equal(world_wait(world, 60), STATUS_FAILED);
		assert_int_equal(world_number(world, "1.4.4.0"), REASON_TRANSFER_BROKEN);
		assert_int_equal(world_number(world, "1.2.1.2.2"), SLOT_EMPTY);
		world_free(world);
	}
}

/* ---- the TFTP client, packet by packet ---- */

struct peer { /* a server that does only what the test says */
	struct sim *sim;
	struct env *device, *server;
	struct env_udp *request, *session, *stranger;
	struct transfer *transfer;
	struct addr client;
	uint8_t got[2000];
	size_t got_size;
	unsigned count, to_stranger; /* packets at the server, at the stranger */
	unsigned opened, complete, failed, bytes;
};

static void
peer_opened(void *arg, uint64_t size)
{
	(void)size;
	((struct peer *)arg)->opened++;
}

static void
peer_data(void *arg, struct slice data)
{
	((struct peer *)arg)->bytes += (unsigned)data.size;
}

static void
peer_sent(void *arg, uint64_t bytes)
{
	((struct peer *)arg)->bytes = (unsigned)bytes;
}

static void
peer_complete(void *arg)
{
	((struct peer *)arg)->complete++;
}

static void
peer_failed(void *arg, enum status_reason reason, const char *text)
{
	(void)reason;
	(void)text;
	((struct peer *)arg)->failed++;
}

static const struct transfer_events peer_events = { peer_opened, peer_data, peer_sent,
						    peer_complete, peer_failed };

static void
peer_came(void *arg, const struct addr *from, const struct addr *to, const uint8_t *data,
	  size_t size)
{
	struct peer *peer = arg;

	if (to->port == 7777) {
		peer->to_stranger++;
		return;
	}
	peer->client = *from;
	peer->count++;
	peer->got_size = size;
	memcpy(peer->got, data, size < sizeof(peer->got) ? size : sizeof(peer->got));
}

static void
peer_on(struct peer *peer, enum direction direction, const char *content)
{
	const struct sim_settings settings = { .seed = 1,
					       .latency_min_ms = 1,
					       .latency_max_ms = 1 };
	const struct addr device = world_addr("127.0.0.11"), server = world_addr("127.0.0.1"),
			  at = world_addr("127.0.0.1:69"), session = world_addr("127.0.0.1:6969"),
			  stranger = world_addr("127.0.0.1:7777");
	const struct device_transfer ask = { .protocol = PROTOCOL_TFTP,
					     .direction = direction,
					     .local = device,
					     .server = at,
					     .file = "f",
					     .user = "",
					     .password = "",
					     .content = { (const uint8_t *)content,
							  strlen(content) } };

	memset(peer, 0, sizeof(*peer));
	assert_int_equal(sim_new(&settings, &peer->sim, NULL), 0);
	peer->device = sim_host(peer->sim, "device", &device, 1);
	peer->server = sim_host(peer->sim, "server", &server, 1);
	assert_int_equal(env_udp_open(peer->server, &at, peer_came, peer, &peer->request, NULL), 0);
	assert_int_equal(
		env_udp_open(peer->server, &session, peer_came, peer, &peer->session, NULL), 0);
	assert_int_equal(
		env_udp_open(peer->server, &stranger, peer_came, peer, &peer->stranger, NULL), 0);
	assert_int_equal(
		transfer_new(peer->device, &ask, 15000, &peer_events, peer, &peer->transfer, NULL),
		0);
	sim_run(peer->sim, sim_now(peer->sim) + 10, NULL, NULL);
}

static void
peer_off(struct peer *peer)
{
	transfer_free(peer->transfer);
	env_udp_close(peer->request);
	env_udp_close(peer->session);
	env_udp_close(peer->stranger);
	sim_free(peer->sim);
}

/* Send to the client; returns how many packets it answers with at once. */
static unsigned
peer_say(struct peer *peer, struct env_udp *from, const void *data, size_t size)
{
	const unsigned before = peer->count;

	assert_int_equal(env_udp_send(from, &peer->client, NULL, data, size), 0);
	sim_run(peer->sim, sim_now(peer->sim) + 10, NULL, NULL);
	return peer->count - before;
}

static void
a_repeated_block_is_acknowledged_again_at_once(void **state)
{
	static const uint8_t last[10] = { 0, 3, 0, 1, 'x' };
	struct peer peer;
	(void)state;

	peer_on(&peer, DIRECTION_READ, "");
	assert_int_equal(peer_say(&peer, peer.session, "\0\6", 2), 1);
	assert_int_equal(peer_say(&peer, peer.session, last, sizeof(last)), 1);
	assert_int_equal(peer.complete, 1);
	assert_int_equal(peer_say(&peer, peer.session, last, sizeof(last)), 1); /* it lingers */
	assert_int_equal(peer.bytes, 6);
	assert_int_equal(peer.complete, 1);
	sim_run(peer.sim, sim_now(peer.sim) + TRANSFER_LINGER_MS + 100, NULL, NULL);
	assert_int_equal(peer_say(&peer, peer.session, last, sizeof(last)), 0);
	peer_off(&peer);
}

static void
a_repeated_ack_sends_nothing(void **state)
{
	static char content[3000];
	struct peer peer;
	(void)state;

	memset(content, 'a', sizeof(content) - 1);
	peer_on(&peer, DIRECTION_WRITE, content);
	assert_int_equal(peer_say(&peer, peer.session, "\0\4\0\0", 4),
			 1); /* no options: blocks of 512 */
	assert_int_equal(peer.got_size, 516);
	assert_int_equal(peer_say(&peer, peer.session, "\0\4\0\1", 4), 1);
	assert_int_equal(peer_say(&peer, peer.session, "\0\4\0\1", 4), 0);
	assert_int_equal(peer_say(&peer, peer.session, "\0\4\0\0", 4), 0);
	assert_int_equal(peer_say(&peer, peer.session, "\0\4\0\5", 4),
			 0); /* a block that was never sent */
	assert_int_equal(peer.bytes, 512);
	peer_off(&peer);
}

static void
strangers_are_told_off_and_change_nothing(void **state)
{
	static const uint8_t last[10] = { 0, 3, 0, 1, 'x' };
	struct peer peer;
	(void)state;

	peer_on(&peer, DIRECTION_READ, "");
	assert_int_equal(peer_say(&peer, peer.session, "\0\6", 2), 1);
	assert_int_equal(peer_say(&peer, peer.stranger, last, sizeof(last)), 0);
	assert_int_equal(peer_say(&peer, peer.stranger, "\0\5\0\1no", 7), 0);
	assert_int_equal(peer.to_stranger, 2);
	assert_int_equal(peer.complete + peer.failed + peer.bytes, 0);
	peer_off(&peer);
}

static void
a_server_that_hates_options_gets_none(void **state)
{
	struct peer peer;
	(void)state;

	peer_on(&peer, DIRECTION_READ, "");
	assert_true(peer.got_size > 20);
	assert_int_equal(peer_say(&peer, peer.session, "\0\5\0\10no", 7), 1);
	assert_int_equal(peer.got_size, 2 + 2 + 6); /* the name and "octet" */
	assert_int_equal(peer_say(&peer, peer.session, "\0\5\0\10no", 7), 0);
	assert_int_equal(peer.failed, 1);
	peer_off(&peer);
}

static void
an_acceptance_of_larger_blocks_is_refused(void **state)
{
	struct peer peer;
	(void)state;

	peer_on(&peer, DIRECTION_READ, "");
	assert_int_equal(peer_say(&peer, peer.session, "\0\6blksize\0001429", 15), 0);
	assert_int_equal(peer.opened, 0);
	assert_int_equal(peer_say(&peer, peer.session, "\0\6blksize\0001428", 15), 1);
	assert_int_equal(peer.opened, 1);
	peer_off(&peer);
}

/* ---- FTP replies ---- */

static unsigned
reply_code(const char *text, size_t piece, bool *has_failed)
{
	struct ftp_reader reader = { 0 };
	struct ftp_reply reply = { 0 };
	const size_t size = strlen(text);

	for (size_t done = 0; done < size;) {
		bool is_whole;
		const size_t n = size - done < piece ? size - done : piece;
		done += ftp_reply_take(&reader, (const uint8_t *)text + done, n, &reply, &is_whole);
		*has_failed = reader.has_failed;
		if (is_whole)
			return reply.code;
	}
	return 0;
}

static void
ftp_replies_come_in_any_pieces(void **state)
{
	static const struct {
		const char *text;
		unsigned code;
		bool has_failed;
	} cases[] = {
		{ "220 hello\r\n", 220, false },
		{ "220\r\n", 220, false },
		{ "220-a\r\nb\r\n230 c\r\n220-d\r\n220 e\r\n", 220, false },
		{ "220-a\r\n", 0, false },
		{ "hello\r\n", 0, true },
		{ "\r\n", 0, true },
		{ "620 x\r\n", 0, true },
		{ "2200 x\r\n", 0, true },
	};
	(void)state;

	for (size_t i = 0; i < ARRAY_COUNT(cases); i++)
		for (size_t piece = 1; piece < 20; piece += 6) {
			bool has_failed = false;
			assert_int_equal(reply_code(cases[i].text, piece, &has_failed),
					 cases[i].code);
			assert_int_equal(has_failed, cases[i].has_failed);
		}
}

static void
ports_of_ftp_replies_are_checked(void **state)
{
	static const struct {
		unsigned code;
		const char *text;
		uint16_t port;
	} cases[] = {
		{ 229, "ok (|||65535|)", 65535 }, { 229, "ok (|||65536|)", 0 },
		{ 229, "ok |||1|", 0 },           { 227, "ok (1,2,3,4,5,6).", 5 * 256 + 6 },
		{ 227, "ok (1,2,3,4,256,6)", 0 }, { 227, "ok (1,2,3,4,5)", 0 },
	};
	(void)state;

	for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
		struct ftp_reply reply = { .code = cases[i].code };
		(void)text_copy(reply.text, sizeof(reply.text), cases[i].text);
		assert_int_equal(ftp_reply_port(&reply), cases[i].port);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tftp_moves_all),
		cmocka_unit_test(tftp_moves_all_without_options),
		cmocka_unit_test(tftp_blocks_roll_over),
		cmocka_unit_test(exact_multiples_of_a_block_end),
		cmocka_unit_test(tftp_survives_loss_and_doubles),
		cmocka_unit_test(long_uploads_survive_loss_and_doubles),
		cmocka_unit_test(ftp_moves_all),
		cmocka_unit_test(ftp_falls_back_to_pasv_at_the_same_host),
		cmocka_unit_test(failures_have_their_reasons),
		cmocka_unit_test(ftp_is_not_done_before_the_server_says_so),
		cmocka_unit_test(a_cut_line_ends_the_transfer),
		cmocka_unit_test(a_repeated_block_is_acknowledged_again_at_once),
		cmocka_unit_test(a_repeated_ack_sends_nothing),
		cmocka_unit_test(strangers_are_told_off_and_change_nothing),
		cmocka_unit_test(a_server_that_hates_options_gets_none),
		cmocka_unit_test(an_acceptance_of_larger_blocks_is_refused),
		cmocka_unit_test(ftp_replies_come_in_any_pieces),
		cmocka_unit_test(ports_of_ftp_replies_are_checked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
