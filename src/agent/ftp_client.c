/* ftp_client.c - one file by FTP, passive (RFC 959, RFC 2428).
 *
 *   GREETING -> USER -> PASSWORD -> TYPE -> [SIZE] -> EPSV [-> PASV] -> FILE -> MOVING -> over
 *
 * It is complete when the data connection has ended and the server has said 226. The data
 * connection goes to the host of the control connection, whatever the server's reply says: no
 * server can send a device elsewhere. */
#include "agent/ftp_reply.h"
#include "agent/transfer_core.h"

#include "base/text.h"

#include <stdlib.h>
#include <string.h>

enum { PIECE = 1024 }; /* bytes of an upload handed over at once */
enum phase { GREETING, USER, PASSWORD, TYPE, SIZE, EPSV, PASV, FILE_NAMED, MOVING, OVER };

struct ftp_client {
	struct transfer base;
	enum phase phase;
	struct env_stream *control, *data;
	struct env_timer timer;
	struct ftp_reader reader;
	uint64_t size; /* of the download; 0 = not known */
	size_t sent;   /* upload: bytes handed over */
	bool is_data_open, has_data_ended, has_said_done;
};

static struct ftp_client *
client_of(struct transfer *transfer)
{
	return CONTAINER_OF(transfer, struct ftp_client, base);
}

static bool
is_upload(const struct ftp_client *client)
{
	return client->base.direction == DIRECTION_WRITE;
}

/* ---- commands ---- */

static void
say(struct ftp_client *client, enum phase next, const char *verb, const char *argument)
{
	char line[TRANSFER_FILE_MAX + 16];

	client->phase = next;
	/* Fits. Names and logins are printable without blanks: the SET was refused otherwise. */
	(void)text_print(line, sizeof(line), "%s%s%s\r\n", verb, argument[0] != '\0' ? " " : "",
			 argument);
	if (client->control != NULL)
		(void)env_stream_write(client->control, line,
				       strlen(line)); /* a lost one is found by the stall limit */
}

static void
fail(struct ftp_client *client, enum status_reason reason, const struct ftp_reply *reply)
{
	client->phase = OVER;
	transfer_failed(&client->base, reason, "the FTP server says: %u %.100s", reply->code,
			reply->text);
}

static void
end_if_done(struct ftp_client *client)
{
	if (!client->has_said_done || !client->has_data_ended || client->phase == OVER)
		return;
	say(client, OVER, "QUIT", "");
	transfer_succeeded(&client->base);
}

/* ---- data ---- */

static void
piece_send(struct ftp_client *client)
{
	const struct slice content = client->base.content;
	const size_t left = content.size - client->sent;
	const size_t n = left < PIECE ? left : PIECE;

	/* The server may have cut the data connection before its word about the file arrived. */
	if (client->phase != MOVING || client->data == NULL || !client->is_data_open ||
	    client->has_data_ended)
		return;
	if (left == 0) {
		client->has_data_ended = true;
		env_stream_finish(client->data);
		end_if_done(client);
		return;
	}
	if (env_stream_write(client->data, content.data + client->sent, n) == 0)
		client->sent += n;
}

static void
data_opened(void *arg)
{
	struct ftp_client *client = arg;

	transfer_enter(&client->base);
	client->is_data_open = true;
	if (is_upload(client))
		piece_send(client);
	transfer_leave(&client->base);
}

static void
data_drained(void *arg)
{
	struct ftp_client *client = arg;

	transfer_enter(&client->base);
	if (is_upload(client) && client->sent > 0 && !client->has_data_ended) {
		transfer_sent(&client->base, client->sent);
		if (!transfer_is_over(&client->base))
			piece_send(client);
	}
	transfer_leave(&client->base);
}

static void
data_received(void *arg, const uint8_t *data, size_t size)
{
	struct ftp_client *client = arg;

	transfer_enter(&client->base);
	if (!is_upload(client) && client->phase != OVER)
		transfer_data(&client->base, data, size);
	transfer_leave(&client->base);
}

static void
data_closed(void *arg, int reason)
{
	struct ftp_client *client = arg;
	(void)reason;

	transfer_enter(&client->base);
	env_stream_close(TAKE(client->data));
	/* An upload's end is its own finish; a connection that goes before is a broken one, which
	 * the server tells, or the limit. */
	if (!is_upload(client)) {
		client->has_data_ended = true;
		end_if_done(client);
	} else if (!client->has_data_ended && client->phase == MOVING) {
		client->phase = OVER;
		transfer_failed(&client->base, REASON_TRANSFER_BROKEN,
				"the FTP server closed the data connection");
	}
	transfer_leave(&client->base);
}

static void
data_finished(void *arg)
{
	struct ftp_client *client = arg;

	if (!is_upload(client))
		data_closed(arg, DD_ECLOSED);
}

static const struct env_stream_events data_events = { data_opened, data_received, data_drained,
						      data_finished, data_closed };

static void
data_connect(struct ftp_client *client, const struct ftp_reply *reply)
{
	struct addr to = client->base.server;
	struct err err = { 0 };

	to.port = ftp_reply_port(reply);
	if (to.port == 0) {
		fail(client, REASON_TRANSFER_BROKEN, reply);
		return;
	}
	if (env_connect(client->base.env, &to, &client->base.local, &data_events, client,
			&client->data, &err) < 0) {
		client->phase = OVER;
		transfer_failed(&client->base, REASON_TRANSFER_BROKEN, "no data connection: %s",
				err.text);
		return;
	}
	say(client, FILE_NAMED, is_upload(client) ? "STOR" : "RETR", client->base.file);
}

/* ---- replies: one function a phase ---- */

static void
greeting_came(struct ftp_client *client, const struct ftp_reply *reply)
{
	if (reply->code == 220)
		say(client, USER, "USER", client->base.user);
	else
		fail(client, REASON_SERVER_UNREACHABLE, reply);
}

static void
user_came(struct ftp_client *client, const struct ftp_reply *reply)
{
	if (reply->code == 331)
		say(client, PASSWORD, "PASS", client->base.password);
	else if (reply->code == 230)
		say(client, TYPE, "TYPE", "I");
	else
		fail(client, REASON_LOGIN_REFUSED, reply);
}

static void
password_came(struct ftp_client *client, const struct ftp_reply *reply)
{
	if (reply->code == 230 || reply->code == 202)
		say(client, TYPE, "TYPE", "I");
	else
		fail(client, REASON_LOGIN_REFUSED, reply);
}

static void
type_came(struct ftp_client *client, const struct ftp_reply *reply)
{
	if (reply->code / 100 != 2)
		fail(client, REASON_TRANSFER_BROKEN, reply);
	else if (is_upload(client))
		say(client, EPSV, "EPSV", "");
	else
		say(client, SIZE, "SIZE", client->base.file);
}

static void
size_came(struct ftp_client *client, const struct ftp_reply *reply)
{
	/* Servers without SIZE are fine: 226 and the hash tell the end. */
	client->size = ftp_reply_size(reply);
	say(client, EPSV, "EPSV", "");
}

static void
epsv_came(struct ftp_client *client, const struct ftp_reply *reply)
{
	if (reply->code == 229)
		data_connect(client, reply);
	else if (client->base.server.family == ADDR_IPV4)
		say(client, PASV, "PASV", "");
	else
		fail(client, REASON_TRANSFER_BROKEN, reply);
}

static void
pasv_came(struct ftp_client *client, const struct ftp_reply *reply)
{
	if (reply->code == 227)
		data_connect(client, reply);
	else
		fail(client, REASON_TRANSFER_BROKEN, reply);
}

static void
done_came(struct ftp_client *client, const struct ftp_reply *reply)
{
	if (reply->code / 100 == 1)
		return;
	if (reply->code / 100 != 2) {
		fail(client, REASON_TRANSFER_BROKEN, reply);
		return;
	}
	/* A server that is done before all was handed over has not got all of it. */
	if (is_upload(client) && !client->has_data_ended) {
		fail(client, REASON_TRANSFER_BROKEN, reply);
		return;
	}
	client->has_said_done = true;
	end_if_done(client);
}

static void
file_came(struct ftp_client *client, const struct ftp_reply *reply)
{
	if (reply->code / 100 >= 4) {
		const bool is_data = reply->code == 425 || reply->code == 426 || reply->code == 421;
		fail(client, is_data ? REASON_TRANSFER_BROKEN : REASON_FILE_REFUSED, reply);
		return;
	}
	client->phase = MOVING;
	transfer_opened(&client->base,
			is_upload(client) ? client->base.content.size : client->size);
	if (transfer_is_over(&client->base))
		return;
	if (is_upload(client))
		piece_send(client);
	/* A server may answer 226 at once where all went with the first segment. */
	if (reply->code / 100 == 2)
		done_came(client, reply);
}

static void (*const phases[])(struct ftp_client *client, const struct ftp_reply *reply) = {
	[GREETING] = greeting_came, [USER] = user_came,       [PASSWORD] = password_came,
	[TYPE] = type_came,         [SIZE] = size_came,       [EPSV] = epsv_came,
	[PASV] = pasv_came,         [FILE_NAMED] = file_came, [MOVING] = done_came,
};

static void
control_received(void *arg, const uint8_t *data, size_t size)
{
	struct ftp_client *client = arg;

	transfer_enter(&client->base);
	while (size > 0 && client->phase != OVER && !client->base.is_freed) {
		struct ftp_reply reply;
		bool is_whole;
		const size_t used = ftp_reply_take(&client->reader, data, size, &reply, &is_whole);
		data += used;
		size -= used;
		if (client->reader.has_failed) {
			client->phase = OVER;
			transfer_failed(&client->base, REASON_TRANSFER_BROKEN,
					"the server does not speak FTP");
		} else if (is_whole) {
			transfer_progress(&client->base);
			phases[client->phase](client, &reply);
		}
	}
	transfer_leave(&client->base);
}

static void
control_closed(void *arg, int reason)
{
	struct ftp_client *client = arg;
	const bool is_new = client->phase == GREETING;
	(void)reason;

	transfer_enter(&client->base);
	env_stream_close(TAKE(client->control));
	if (client->phase != OVER) {
		client->phase = OVER;
		transfer_failed(&client->base,
				is_new ? REASON_SERVER_UNREACHABLE : REASON_TRANSFER_BROKEN,
				is_new ? "the FTP server can't be reached"
				       : "the FTP server closed the connection");
	}
	transfer_leave(&client->base);
}

static void
nothing(void *arg)
{
	(void)arg;
}

static const struct env_stream_events control_events = { nothing, control_received, nothing, NULL,
							 control_closed };

/* ---- time ---- */

static void
timer_fired(void *arg)
{
	struct ftp_client *client = arg;
	struct transfer *transfer = &client->base;
	const msec_t limit = transfer->progress_at + transfer->stall_ms;

	transfer_enter(transfer);
	if (client->phase == OVER || transfer->is_freed) {
		/* nothing to wait for */
	} else if (env_now(transfer->env) < limit) {
		env_timer_set(transfer->env, &client->timer, limit);
	} else {
		const bool is_new = client->phase == GREETING;
		client->phase = OVER;
		transfer_failed(transfer,
				is_new ? REASON_SERVER_UNREACHABLE : REASON_TRANSFER_BROKEN,
				is_new ? "the FTP server does not answer"
				       : "the FTP server stopped answering");
	}
	transfer_leave(transfer);
}

/* ---- life ---- */

static void
client_done(struct transfer *transfer)
{
	struct ftp_client *client = client_of(transfer);

	if (transfer->env != NULL)
		env_timer_clear(transfer->env, &client->timer);
	env_stream_close(client->data);
	env_stream_close(client->control);
	free(client);
}

int
ftp_client_new(struct transfer **ret_transfer, struct err *err)
{
	struct ftp_client *client = calloc(1, sizeof(*client));

	if (client == NULL)
		return err_set(err, AT, DD_ENOMEM, "no memory for a transfer");
	client->base.done = client_done;
	client->timer = (struct env_timer){ .fire = timer_fired, .arg = client };
	*ret_transfer = &client->base;
	return 0;
}

int
ftp_client_start(struct transfer *transfer, struct err *err)
{
	struct ftp_client *client = client_of(transfer);

	env_timer_set(transfer->env, &client->timer, env_now(transfer->env) + transfer->stall_ms);
	return env_connect(transfer->env, &transfer->server, &transfer->local, &control_events,
			   client, &client->control, err);
}
