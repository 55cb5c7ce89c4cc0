/* ftp_world.h - a file service and a small FTP client, each on a host of a simulated world. */
#pragma once
#include "env/env_sim.h"
#include "files/room.h"
#include "wire/ftp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { GRANT_OUT = 1, GRANT_IN = 2, GRANT_FOREIGN = 3, CONTENT_SIZE = 300000, ANSWER_MS = 400000 };

struct client {
	struct env *env;
	struct env_stream *control, *data;
	struct env_listener *listener; /* active mode */
	struct buf replies, content;
	bool is_over, is_data_finished, is_data_over;
};

struct world {
	struct sim *sim;
	struct env *server, *device, *stranger;
	struct files files;
	struct client client;
	uint8_t content[CONTENT_SIZE];
};

static inline struct addr
address(const char *text)
{
	struct addr addr;

	assert_int_equal(addr_parse(text, 0, &addr, NULL), 0);
	return addr;
}

/* ---- the client ---- */

static inline void
client_received(void *arg, const uint8_t *data, size_t size)
{
	assert_true(buf_add(&((struct client *)arg)->replies, data, size));
}

static inline void
client_closed(void *arg, int reason)
{
	(void)reason;
	((struct client *)arg)->is_over = true;
}

static inline void
client_data_received(void *arg, const uint8_t *data, size_t size)
{
	assert_true(buf_add(&((struct client *)arg)->content, data, size));
}

static inline void
client_data_finished(void *arg)
{
	((struct client *)arg)->is_data_finished = true;
}

static inline void
client_data_closed(void *arg, int reason)
{
	(void)reason;
	((struct client *)arg)->is_data_over = true;
}

static const struct env_stream_events client_events = { .received = client_received,
							.closed = client_closed };
static const struct env_stream_events client_data_events = { .received = client_data_received,
							     .finished = client_data_finished,
							     .closed = client_data_closed };

static inline void
client_connect(struct client *client, struct env *env)
{
	const struct addr to = address("192.0.2.1:21");

	*client = (struct client){ .env = env };
	assert_int_equal(
		env_connect(env, &to, NULL, &client_events, client, &client->control, NULL), 0);
}

static inline void
client_data_close(struct client *client)
{
	env_stream_close(client->data);
	client->data = NULL;
	env_listener_close(client->listener);
	client->listener = NULL;
	buf_done(&client->content);
	client->is_data_finished = client->is_data_over = false;
}

static inline void
client_close(struct client *client)
{
	client_data_close(client);
	env_stream_close(client->control);
	client->control = NULL;
	buf_done(&client->replies);
}

/* ---- running ---- */

static inline bool
has_line(void *arg)
{
	const struct client *client = arg;

	return client->is_over || strchr(buf_text(&client->replies), '\n') != NULL;
}

static inline bool
data_has_ended(void *arg)
{
	const struct client *client = arg;

	return client->is_data_finished || client->is_data_over;
}

static inline bool
is_over(void *arg)
{
	return ((const struct client *)arg)->is_over;
}

static inline void
run_until(struct world *w, bool (*done)(void *arg))
{
	(void)sim_run(w->sim, sim_now(w->sim) + ANSWER_MS, done, &w->client);
	assert_true(done(&w->client));
}

static inline void
run_for(struct world *w, msec_t duration)
{
	(void)sim_run(w->sim, sim_now(w->sim) + duration, NULL, NULL);
}

/* The next reply line must begin so. Its text lives until the next call. */
static inline const char *
expect(struct world *w, const char *beginning)
{
	static char line[FTP_LINE_MAX];
	struct buf *replies = &w->client.replies;

	run_until(w, has_line);
	const char *end = strchr(buf_text(replies), '\n');
	if (end == NULL)
		fail_msg("expected %s, but the session is over", beginning);
	const size_t size = (size_t)(end - replies->data) + 1;
	(void)snprintf(line, sizeof(line), "%.*s", (int)size, replies->data);
	buf_drop(replies, size);
	if (strncmp(line, beginning, strlen(beginning)) != 0)
		fail_msg("expected %s, got %s", beginning, line);
	return line;
}

static inline void
say(struct world *w, const char *line)
{
	assert_int_equal(env_stream_write(w->client.control, line, strlen(line)), 0);
	assert_int_equal(env_stream_write(w->client.control, "\r\n", 2), 0);
}

static inline void
ask(struct world *w, const char *line, const char *answer)
{
	say(w, line);
	(void)expect(w, answer);
}

static inline void
log_in(struct world *w)
{
	client_connect(&w->client, w->device);
	(void)expect(w, "220 ");
	ask(w, "USER dev", "331 ");
	ask(w, "PASS secret", "230 ");
}

/* EPSV, and connect there. */
static inline void
go_passive(struct world *w)
{
	struct addr to = address("192.0.2.1");
	struct client *client = &w->client;
	unsigned port;

	client_data_close(client);
	say(w, "EPSV");
	assert_int_equal(
		sscanf(expect(w, "229 "), "229 Entering Extended Passive Mode (|||%u|)", &port), 1);
	to.port = (uint16_t)port;
	assert_int_equal(env_connect(client->env, &to, NULL, &client_data_events, client,
				     &client->data, NULL),
			 0);
}

static inline void
client_accepted(void *arg, struct env_stream *stream, const struct addr *peer)
{
	struct client *client = arg;

	(void)peer;
	assert_null(client->data);
	client->data = stream;
	env_stream_use(stream, &client_data_events, client);
}

/* ---- the world ---- */

static inline void
add_grant(struct world *w, uint64_t id, const char *name, enum direction direction,
	  const char *user, const struct sha256 *content)
{
	struct grant grant = { .id = id, .device = address("192.0.2.7") };
	struct err err;

	(void)snprintf(grant.name, sizeof(grant.name), "%s", name);
	(void)snprintf(grant.user, sizeof(grant.user), "%s", user);
	(void)snprintf(grant.password, sizeof(grant.password), "secret");
	grant.direction = (uint8_t)direction;
	grant.protocols = 1u << PROTOCOL_FTP;
	grant.size_max = CONTENT_SIZE;
	grant.wall_deadline_ms = env_wall(w->server) + 3600000;
	if (content != NULL)
		grant.content = *content;
	assert_int_equal(files_grant_open(&w->files, &grant, &err), 0);
}

/* The last entry that the ledger keeps, 0 kinds where there is none. */
static inline struct ledger_entry
last_entry(struct world *w)
{
	struct ledger_entry entry = { 0 };
	struct link_message message;
	char *data = NULL;
	size_t size = 0, at = 0;

	assert_int_equal(env_file_load(w->server, "/data/ledger", 1 << 20, &data, &size, NULL), 0);
	while (at < size) {
		const int64_t used =
			link_decode((const uint8_t *)data + at, size - at, &message, NULL);
		assert_true(used > 0);
		ledger_from_link(&message, &entry);
		at += (size_t)used;
	}
	free(data);
	return entry;
}

static inline int
world_setup(void **state)
{
	static const struct sim_settings settings = { .seed = 11,
						      .latency_min_ms = 1,
						      .latency_max_ms = 9 };
	const struct addr server = address("192.0.2.1"), device = address("192.0.2.7"),
			  stranger = address("192.0.2.8");
	struct world *w = calloc(1, sizeof(*w));
	struct sha256 content;
	struct err err;

	assert_non_null(w);
	assert_int_equal(sim_new(&settings, &w->sim, &err), 0);
	w->server = sim_host(w->sim, "server", &server, 1);
	w->device = sim_host(w->sim, "device", &device, 1);
	w->stranger = sim_host(w->sim, "stranger", &stranger, 1);
	assert_int_equal(env_dir_make(w->server, "/data", &err), 0);
	w->files.env = w->server;
	w->files.settings =
		(struct files_settings){ .root = "/data", .ftp = address("192.0.2.1:21") };
	assert_int_equal(blobs_open(w->server, "/data", &w->files.blobs, &err), 0);
	assert_int_equal(ledger_open(&w->files, &w->files.ledger, &err), 0);
	assert_int_equal(ftp_new(&w->files, &w->files.ftp, &err), 0);
	for (unsigned i = 0; i < CONTENT_SIZE; i++)
		w->content[i] = (uint8_t)(i * 7 + i / 251);
	assert_int_equal(blobs_put(w->files.blobs, w->content, CONTENT_SIZE, &content, &err), 0);
	add_grant(w, GRANT_OUT, "out.bin", DIRECTION_READ, "dev", &content);
	add_grant(w, GRANT_IN, "in.cfg", DIRECTION_WRITE, "dev", NULL);
	add_grant(w, GRANT_FOREIGN, "other.bin", DIRECTION_READ, "other", &content);
	*state = w;
	return 0;
}

static inline int
world_teardown(void **state)
{
	struct world *w = *state;

	client_close(&w->client);
	ftp_free(TAKE(w->files.ftp));
	for (uint64_t id = GRANT_OUT; id <= GRANT_FOREIGN; id++)
		files_grant_close(&w->files, id);
	ledger_close(w->files.ledger);
	blobs_close(w->files.blobs);
	sim_free(w->sim);
	free(w);
	return 0;
}
