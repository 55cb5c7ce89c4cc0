/* server.h - a world for tests: a simulated device host, and a host with a plain TFTP server, a
 * plain FTP server and a manager's socket. The servers keep their files in memory and know nothing
 * of Drydock. */
#pragma once
#include "agent/box.h"
#include "agent/fake.h"
#include "base/buf.h"
#include "env/env_sim.h"

#include <stdio.h>

enum {
	WORLD_FILES_MAX = 8,
	WORLD_SESSIONS_MAX = 64,
	WORLD_AGAIN_MS = 300,
	TFTP_PORT = 1069,
	FTP_PORT = 1021
};

struct world_file {
	char name[64];
	char *data;
	size_t size;
};

struct world;
struct tftp_session {
	struct world *world;
	struct env_udp *udp;
	struct env_timer timer;
	struct addr peer;
	bool is_upload, is_over;
	struct world_file *file;
	struct buf upload;
	size_t block_size, offset;
	uint16_t block;
	uint8_t last[1500];
	size_t last_size;
	unsigned tries;
};

struct ftp_session {
	struct world *world;
	struct env_stream *control, *data;
	struct env_listener *listener;
	struct world_file *file;
	char name[64];
	bool is_upload, is_pending; /* a file was named, the data connection is not there yet */
	struct buf line, upload;
};

struct world {
	struct sim *sim;
	struct env *device_env, *server_env;
	struct box *box;
	struct box_settings settings;
	struct faults faults;
	struct world_file files[WORLD_FILES_MAX];
	unsigned files_count;
	bool has_no_options, is_silent, has_no_epsv, is_crashed;
	const char *ftp_end;       /* what FTP says after the data; NULL = 226 */
	struct addr transfer_from; /* where the last request came from */
	unsigned requests;
	struct env_udp *tftp, *manager;
	struct env_listener *ftp;
	struct tftp_session sessions[WORLD_SESSIONS_MAX];
	struct ftp_session ftp_sessions[WORLD_SESSIONS_MAX];
	unsigned sessions_count, ftp_count;
	struct snmp_message answer;
	bool has_answer;
	int32_t request_id;
};

static inline struct addr
world_addr(const char *text)
{
	struct addr addr;

	if (addr_parse(text, 0, &addr, NULL) < 0)
		abort();
	return addr;
}

static inline struct world_file *
world_file(struct world *world, const char *name)
{
	for (unsigned i = 0; i < world->files_count; i++)
		if (text_equal(world->files[i].name, name))
			return &world->files[i];
	return NULL;
}

static inline void
world_put(struct world *world, const char *name, const void *data, size_t size)
{
	struct world_file *file = world_file(world, name);

	if (file == NULL) {
		file = &world->files[world->files_count++];
		(void)text_copy(file->name, sizeof(file->name), name);
	}
	free(file->data);
	file->data = malloc(size + 1);
	memcpy(file->data, data, size);
	file->size = size;
}

/* ---- TFTP ---- */

static inline void
tftp_say(struct tftp_session *session, const void *data, size_t size)
{
	memcpy(session->last, data, size);
	session->last_size = size;
	session->tries = 0;
	(void)env_udp_send(session->udp, &session->peer, NULL, data, size);
	env_timer_set(session->world->server_env, &session->timer,
		      env_now(session->world->server_env) + WORLD_AGAIN_MS);
}

static inline void
tftp_again(void *arg)
{
	struct tftp_session *session = arg;

	if (session->is_over || ++session->tries > 40)
		return;
	(void)env_udp_send(session->udp, &session->peer, NULL, session->last, session->last_size);
	env_timer_set(session->world->server_env, &session->timer,
		      env_now(session->world->server_env) + WORLD_AGAIN_MS);
}

static inline void
tftp_block(struct tftp_session *session)
{
	uint8_t packet[1500] = { 0, 3 };
	const size_t left = session->file->size - session->offset;
	const size_t n = left < session->block_size ? left : session->block_size;

	session->block++;
	packet[2] = (uint8_t)(session->block >> 8);
	packet[3] = (uint8_t)session->block;
	memcpy(packet + 4, session->file->data + session->offset, n);
	tftp_say(session, packet, n + 4);
}

static inline void
tftp_acked(struct tftp_session *session, uint16_t block)
{
	if (block != session->block)
		return;
	if (session->block > 0 || session->offset > 0) {
		const size_t n = session->last_size - 4;
		session->offset += n;
		if (n < session->block_size) {
			session->is_over = true;
			return;
		}
	}
	tftp_block(session);
}

static inline void
tftp_came(void *arg, const struct addr *from, const struct addr *to, const uint8_t *data,
	  size_t size)
{
	struct tftp_session *session = arg;
	uint8_t ack[4] = { 0, 4 };
	(void)to;

	if (!addr_equal(from, &session->peer) || size < 4)
		return;
	const uint16_t block = (uint16_t)(data[2] << 8 | data[3]);
	if (data[1] == 4 && !session->is_upload && !session->is_over)
		tftp_acked(session, block);
	if (data[1] != 3 || !session->is_upload)
		return;
	if (block == (uint16_t)(session->block + 1) && !session->is_over) {
		session->block++;
		buf_add(&session->upload, data + 4, size - 4);
		session->is_over = size - 4 < session->block_size;
		if (session->is_over)
			world_put(session->world, session->file == NULL ? "?" : session->file->name,
				  buf_text(&session->upload), session->upload.size);
	}
	ack[2] = (uint8_t)(session->block >> 8);
	ack[3] = (uint8_t)session->block;
	(void)env_udp_send(session->udp, from, NULL, ack, sizeof(ack));
}

static inline void
tftp_request(void *arg, const struct addr *from, const struct addr *to, const uint8_t *data,
	     size_t size)
{
	struct world *world = arg;
	const char *name = (const char *)data + 2;
	uint8_t reply[64] = { 0, 6 };
	(void)to;

	if (world->is_silent || size < 4 || world->sessions_count == WORLD_SESSIONS_MAX)
		return;
	for (unsigned i = 0; i < world->sessions_count; i++)
		if (addr_equal(&world->sessions[i].peer, from))
			return; /* a request that came twice */
	struct tftp_session *session = &world->sessions[world->sessions_count++];
	*session =
		(struct tftp_session){ .world = world, .peer = *from, .is_upload = data[1] == 2 };
	session->timer = (struct env_timer){ .fire = tftp_again, .arg = session };
	world->transfer_from = *from;
	world->requests++;
	const struct addr at = world_addr("127.0.0.1:0");
	if (env_udp_open(world->server_env, &at, tftp_came, session, &session->udp, NULL) < 0)
		abort();
	session->file = world_file(world, name);
	if (session->is_upload && session->file == NULL) {
		world_put(world, name, "", 0);
		session->file = world_file(world, name);
	}
	if (session->file == NULL) {
		session->is_over = true;
		(void)env_udp_send(session->udp, from, NULL, "\0\5\0\1no such file", 17);
		return;
	}
	session->block_size = world->has_no_options ? 512 : 1428;
	if (!world->has_no_options) {
		const int n = snprintf((char *)reply + 2, sizeof(reply) - 2,
				       "blksize%c1428%ctsize%c%zu", 0, 0, 0, session->file->size);
		tftp_say(session, reply, (size_t)n + 3);
	} else if (session->is_upload) {
		tftp_say(session, "\0\4\0\0", 4);
	} else {
		tftp_block(session);
	}
	if (session->is_upload)
		env_timer_clear(world->server_env, &session->timer);
	if (session->is_upload)
		env_timer_set(world->server_env, &session->timer,
			      env_now(world->server_env) + WORLD_AGAIN_MS);
}

/* ---- FTP ---- */

static inline void
ftp_say(struct ftp_session *session, const char *line)
{
	if (session->control != NULL)
		(void)env_stream_write(session->control, line, strlen(line));
}

static inline void
ftp_nothing(void *arg)
{
	(void)arg;
}

static inline void
ftp_data_end(struct ftp_session *session)
{
	env_stream_close(TAKE(session->data));
	if (session->is_upload)
		world_put(session->world, session->name, buf_text(&session->upload),
			  session->upload.size);
	buf_clear(&session->upload);
	ftp_say(session,
		session->world->ftp_end != NULL ? session->world->ftp_end : "226 done\r\n");
}

static inline void
ftp_data_came(void *arg, const uint8_t *data, size_t size)
{
	buf_add(&((struct ftp_session *)arg)->upload, data, size);
}

static inline void
ftp_data_drained(void *arg)
{
	struct ftp_session *session = arg;

	if (!session->is_upload && session->data != NULL && env_stream_queued(session->data) == 0)
		ftp_data_end(session);
}

static inline void
ftp_data_finished(void *arg)
{
	struct ftp_session *session = arg;

	if (session->is_upload)
		ftp_data_end(session);
}

static inline void
ftp_data_closed(void *arg, int reason)
{
	(void)reason;
	env_stream_close(TAKE(((struct ftp_session *)arg)->data));
}

static const struct env_stream_events ftp_data_events = { ftp_nothing, ftp_data_came,
							  ftp_data_drained, ftp_data_finished,
							  ftp_data_closed };

static inline void
ftp_move(struct ftp_session *session)
{
	if (session->data == NULL || !session->is_pending)
		return;
	session->is_pending = false;
	if (!session->is_upload)
		(void)env_stream_write(session->data, session->file->data, session->file->size);
}

static inline void
ftp_accepted_data(void *arg, struct env_stream *stream, const struct addr *peer)
{
	struct ftp_session *session = arg;

	session->world->transfer_from = *peer;
	session->data = stream;
	env_stream_use(stream, &ftp_data_events, session);
	ftp_move(session);
}

static inline void
ftp_passive(struct ftp_session *session, bool is_extended)
{
	struct world *world = session->world;
	const struct addr at = world_addr("127.0.0.1:0");
	char line[80];

	env_listener_close(TAKE(session->listener));
	if (env_listen(world->server_env, &at, ftp_accepted_data, session, &session->listener,
		       NULL) < 0)
		abort();
	const unsigned port = env_listener_local(session->listener)->port;
	if (is_extended)
		(void)text_print(line, sizeof(line), "229 passive (|||%u|)\r\n", port);
	else /* the address is a trap: nobody may go there */
		(void)text_print(line, sizeof(line), "227 passive (192,0,2,1,%u,%u)\r\n", port >> 8,
				 port & 255);
	ftp_say(session, line);
}

static inline void
ftp_file(struct ftp_session *session, const char *name, bool is_upload)
{
	session->file = world_file(session->world, name);
	session->is_upload = is_upload;
	(void)text_copy(session->name, sizeof(session->name), name);
	if (!is_upload && session->file == NULL) {
		ftp_say(session, "550 no such file\r\n");
		return;
	}
	session->is_pending = true;
	session->world->requests++;
	ftp_say(session, "150 go\r\n");
	ftp_move(session);
}

static inline void
ftp_command(struct ftp_session *session, char *line)
{
	char *argument = line + strcspn(line, " ");

	if (*argument != '\0')
		*argument++ = '\0';
	if (text_equal(line, "USER"))
		ftp_say(session, "331-please\r\n 226 not this\r\n331 password\r\n");
	else if (text_equal(line, "PASS"))
		ftp_say(session, text_equal(argument, "pw") ? "230 in\r\n" : "530 no\r\n");
	else if (text_equal(line, "TYPE"))
		ftp_say(session, "200 ok\r\n");
	else if (text_equal(line, "EPSV") && !session->world->has_no_epsv)
		ftp_passive(session, true);
	else if (text_equal(line, "PASV"))
		ftp_passive(session, false);
	else if (text_equal(line, "RETR") || text_equal(line, "STOR"))
		ftp_file(session, argument, line[0] == 'S');
	else
		ftp_say(session, "502 what\r\n");
}

static inline void
ftp_control_came(void *arg, const uint8_t *data, size_t size)
{
	struct ftp_session *session = arg;

	for (size_t i = 0; i < size; i++) {
		if (data[i] == '\r')
			continue;
		if (data[i] != '\n') {
			buf_add_char(&session->line, (char)data[i]);
			continue;
		}
		char *line = buf_take(&session->line);
		if (line != NULL && !session->world->is_silent)
			ftp_command(session, line);
		free(line);
	}
}

static inline void
ftp_control_closed(void *arg, int reason)
{
	struct ftp_session *session = arg;
	(void)reason;
	env_stream_close(TAKE(session->control));
}

static const struct env_stream_events ftp_control_events = { ftp_nothing, ftp_control_came,
							     ftp_nothing, NULL,
							     ftp_control_closed };

static inline void
ftp_accepted(void *arg, struct env_stream *stream, const struct addr *peer)
{
	struct world *world = arg;
	(void)peer;

	if (world->ftp_count == WORLD_SESSIONS_MAX) {
		env_stream_close(stream);
		return;
	}
	struct ftp_session *session = &world->ftp_sessions[world->ftp_count++];
	*session = (struct ftp_session){ .world = world, .control = stream };
	env_stream_use(stream, &ftp_control_events, session);
	if (!world->is_silent)
		ftp_say(session, "220-hello\r\n220 there\r\n");
}

/* ---- the world ---- */

static inline void
manager_came(void *arg, const struct addr *from, const struct addr *to, const uint8_t *data,
	     size_t size)
{
	struct world *world = arg;
	(void)from;
	(void)to;

	if (snmp_decode(data, size, &world->answer, NULL) == 0 &&
	    world->answer.pdu.type == SNMP_RESPONSE &&
	    world->answer.pdu.request_id == world->request_id)
		world->has_answer = true;
}

static inline struct world *
world_new(uint64_t seed, unsigned loss_permille)
{
	struct world *world = calloc(1, sizeof(*world));
	const struct sim_settings settings = { .seed = seed,
					       .latency_min_ms = 1,
					       .latency_max_ms = 5,
					       .loss_permille = loss_permille,
					       .duplicate_permille = loss_permille / 4 };
	const struct addr device = world_addr("127.0.0.11"), server = world_addr("127.0.0.1");
	const struct addr tftp = world_addr("127.0.0.1:1069"), ftp = world_addr("127.0.0.1:1021"),
			  manager = world_addr("127.0.0.1:5000");

	if (sim_new(&settings, &world->sim, NULL) < 0)
		abort();
	world->device_env = sim_host(world->sim, "device", &device, 1);
	world->server_env = sim_host(world->sim, "server", &server, 1);
	if (env_udp_open(world->server_env, &tftp, tftp_request, world, &world->tftp, NULL) < 0 ||
	    env_udp_open(world->server_env, &manager, manager_came, world, &world->manager, NULL) <
		    0 ||
	    env_listen(world->server_env, &ftp, ftp_accepted, world, &world->ftp, NULL) < 0)
		abort();
	world->settings = (struct box_settings){ .dir = "/device",
						 .listen = world_addr("127.0.0.11:1161"),
						 .trap_to = world_addr("127.0.0.1:1162"),
						 .read_community = "public",
						 .write_community = "secret",
						 .faults = &world->faults };
	return world;
}

static inline void
world_free(struct world *world)
{
	box_free(world->box);
	for (unsigned i = 0; i < world->sessions_count; i++) {
		env_timer_clear(world->server_env, &world->sessions[i].timer);
		env_udp_close(world->sessions[i].udp);
		buf_done(&world->sessions[i].upload);
	}
	for (unsigned i = 0; i < world->ftp_count; i++) {
		env_stream_close(world->ftp_sessions[i].control);
		env_stream_close(world->ftp_sessions[i].data);
		env_listener_close(world->ftp_sessions[i].listener);
		buf_done(&world->ftp_sessions[i].line);
		buf_done(&world->ftp_sessions[i].upload);
	}
	for (unsigned i = 0; i < world->files_count; i++)
		free(world->files[i].data);
	env_udp_close(world->tftp);
	env_udp_close(world->manager);
	env_listener_close(world->ftp);
	sim_free(world->sim);
	free(world);
}

/* A device with 1.0.0 of this payload size and the sample configuration; not yet on. */
static inline void
world_device(struct world *world, unsigned slots, size_t payload)
{
	static const char *const images[] = { "/v1.img" };
	uint8_t *image = malloc(payload + IMAGE_HEADER_MAX);
	const size_t size = fake_image(image, "1.0.0", "IAD-24", "", 1, payload);
	const struct box_birth birth = { .dir = "/device",
					 .images = images,
					 .images_count = 1,
					 .config = "/c.conf",
					 .serial = "S1",
					 .revision = "A",
					 .slot_count = slots,
					 .capacity = 1 << 24 };
	struct err err = { 0 };

	if (env_file_store(world->device_env, "/v1.img", image, size, &err) < 0 ||
	    env_file_store(world->device_env, "/c.conf", SAMPLE_1, strlen(SAMPLE_1), &err) < 0 ||
	    box_init(world->device_env, &birth, &err) < 0) {
		fprintf(stderr, "%s\n", err.text);
		abort();
	}
	free(image);
}

/* DRYDOCK_TEST_LOG in the environment shows what the device logs. */
static inline void
world_log(void *arg, enum log_level level, const char *line)
{
	(void)arg;
	(void)level;
	if (getenv("DRYDOCK_TEST_LOG") != NULL)
		fprintf(stderr, "device: %s\n", line);
}

static inline int
world_on(struct world *world, struct err *err)
{
	static const struct log log = { LOG_INFO, world_log, NULL };

	world->settings.log = &log;
	return box_new(world->device_env, &world->settings, &world->box, err);
}

static inline bool
world_is_answered(void *arg)
{
	const struct world *world = arg;

	return world->has_answer || world->is_crashed;
}

/* Ask the device until it answers: false where it does not in `tries` seconds, or crashed. A SET is
 * repeated with the same bytes. */
static inline bool
world_ask(struct world *world, struct snmp_pdu *pdu, unsigned tries)
{
	static struct snmp_message request;
	static uint8_t bytes[4096];
	const struct addr to = world->settings.listen;

	request.version = SNMP_V2C;
	request.community = (struct slice){ (const uint8_t *)"secret", 6 };
	request.pdu = *pdu;
	request.pdu.request_id = ++world->request_id;
	const int64_t size = snmp_encode(&request, bytes, sizeof(bytes));
	world->has_answer = false;
	for (unsigned i = 0; i < tries && !world->has_answer && !world->is_crashed; i++) {
		(void)env_udp_send(world->manager, &to, NULL, bytes, (size_t)size);
		sim_run(world->sim, sim_now(world->sim) + 1000, world_is_answered, world);
	}
	return world->has_answer;
}

static inline int
world_set(struct world *world, const struct fake_command *command)
{
	static struct snmp_pdu pdu;

	fake_fill(&pdu, command);
	return world_ask(world, &pdu, 10) ? world->answer.pdu.error_status : -1;
}

static inline int64_t
world_number(struct world *world, const char *tail)
{
	static struct snmp_pdu pdu;
	struct oid name;
	uint64_t number = 0;

	pdu.type = SNMP_GET;
	pdu.count = 0;
	fake_oid(tail, &name);
	snmp_pdu_add(&pdu, &name, SNMP_NULL);
	return world_ask(world, &pdu, 10) &&
			       snmp_value_number(&world->answer.pdu.varbind[0].value, &number)
		       ? (int64_t)number
		       : -1;
}

/* Poll until the command ended: its state, -1 where it did not in `seconds`, or where the device
 * crashed. */
static inline int
world_wait(struct world *world, unsigned seconds)
{
	for (unsigned i = 0; i < seconds && !world->is_crashed; i++) {
		const int64_t status = world_number(world, "1.4.3.0");
		if (status == STATUS_SUCCEEDED || status == STATUS_FAILED)
			return (int)status;
		sim_run(world->sim, sim_now(world->sim) + 1000, NULL, NULL);
	}
	return -1;
}

/* Tell a command and wait for its end. */
static inline int
world_do(struct world *world, const struct fake_command *command, unsigned seconds)
{
	return world_set(world, command) == 0 ? world_wait(world, seconds) : -1;
}
