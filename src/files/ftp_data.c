/* FTP's data connections: made in either direction, and what crosses them.
 *
 *   PASV, EPSV: listener -> accepted from the control peer's host
 *   PORT, EPRT: target -> connect when there is work -> opened
 *   open and work: SEND  chunk -> drained -> next chunk ... -> finish -> complete -> 226
 *                  TAKE  received ... -> peer's end -> durable -> 226
 *                  LIST  names -> drained -> finish -> 226
 *
 * Octets cross unchanged whatever the TYPE: a configuration must stay as it is, byte for byte. */
#include "files/ftp_session.h"

bool
ftp_data_is_set(const struct ftp_session *session)
{
	return !session->is_data_spent && (session->listener != NULL || session->data != NULL ||
					   session->target.family != ADDR_NONE);
}

void
ftp_data_drop(struct ftp_session *session)
{
	env_listener_close(session->listener);
	env_stream_close(session->data);
	session->listener = NULL;
	session->data = NULL;
	session->is_data_open = session->is_data_spent = false;
	session->target = (struct addr){ 0 };
}

/* ---- ends of work ---- */

void
ftp_data_break(struct ftp_session *session, int code, const char *why)
{
	if (session->work == WORK_NONE)
		return;
	transfer_break(&session->transfer, "%s", why);
	ftp_data_drop(session);
	ftp_reply(session, "%d %s", code, why);
	ftp_work_over(session);
}

static void
work_done(struct ftp_session *session)
{
	struct err err = { 0 };

	/* Durable first: the device takes the 226 for a promise (INV-FILES-2). */
	if (session->transfer.is_on && transfer_complete(&session->transfer, &err) < 0) {
		ftp_data_drop(session);
		ftp_reply(session, "%d Not kept: %s", err.code == DD_ENOSPC ? 452 : 451,
			  err_name(err.code));
	} else {
		ftp_reply(session, "226 Done");
	}
	ftp_work_over(session);
}

/* ---- sending ---- */

/* All is handed to the system: end the stream. It stays until the peer's end, the next data
 * connection or the session's end, so that nothing of it is lost. */
static void
send_done(struct ftp_session *session)
{
	env_stream_finish(session->data);
	session->is_data_spent = true;
	work_done(session);
}

static void
send_chunk(struct ftp_session *session)
{
	struct transfer *transfer = &session->transfer;
	const uint64_t left = transfer->size - session->offset;
	const size_t size = left < CHUNK_SIZE ? (size_t)left : CHUNK_SIZE;
	uint8_t *chunk = ftp_chunk(session->ftp);

	if (size == 0) {
		send_done(session);
		return;
	}
	if (env_file_read(transfer->file, session->offset, chunk, size) != (int64_t)size) {
		ftp_data_break(session, 451, "The file can't be read");
		return;
	}
	if (env_stream_write(session->data, chunk, size) < 0) {
		ftp_data_break(session, 426, "The data connection takes no more");
		return;
	}
	session->offset += size;
	session->in_flight = size;
}

static void
data_drained(void *arg)
{
	struct ftp_session *session = arg;

	if (session->work == WORK_SEND && session->in_flight > 0) {
		session->moved_at = env_now(session->files->env);
		transfer_moved(&session->transfer, session->in_flight);
		session->in_flight = 0;
		send_chunk(session);
	} else if (session->work == WORK_LIST) {
		send_done(session);
	}
	ftp_settle(session);
}

static void
send_names(struct ftp_session *session)
{
	const struct buf *names = &session->names;

	if (names->size == 0)
		send_done(session);
	else if (env_stream_write(session->data, names->data, names->size) < 0)
		ftp_data_break(session, 426, "The data connection takes no more");
}

/* ---- taking ---- */

static void
data_received(void *arg, const uint8_t *data, size_t size)
{
	struct ftp_session *session = arg;
	struct err err = { 0 };

	if (session->work != WORK_TAKE)
		return; /* a peer that talks where it should listen */
	session->moved_at = env_now(session->files->env);
	const int r = transfer_take(&session->transfer, data, size, &err);
	if (r == DD_EFULL)
		ftp_data_break(session, 552, "More than this file may have");
	else if (r == DD_ENOSPC)
		ftp_data_break(session, 452, "The disk is full");
	else if (r < 0)
		ftp_data_break(session, 451, "The disk failed");
	ftp_settle(session);
}

static void
data_finished(void *arg)
{
	struct ftp_session *session = arg;

	if (session->work == WORK_TAKE) {
		work_done(session);
		ftp_data_drop(session);
	}
	ftp_settle(session);
}

/* ---- the connection ---- */

static void
data_closed(void *arg, int reason)
{
	struct ftp_session *session = arg;

	(void)reason; /* whichever: what was under way is not whole */
	if (session->work == WORK_NONE)
		ftp_data_drop(session);
	else if (session->is_data_open)
		ftp_data_break(session, 426, "The data connection was lost");
	else
		ftp_data_break(session, 425, "Can't open the data connection");
	ftp_settle(session);
}

static void
work_start(struct ftp_session *session)
{
	session->moved_at = env_now(session->files->env);
	env_stream_pause(session->data, false);
	if (session->work == WORK_SEND)
		send_chunk(session);
	else if (session->work == WORK_LIST)
		send_names(session);
}

static void
data_opened(void *arg)
{
	struct ftp_session *session = arg;

	session->is_data_open = true;
	work_start(session);
	ftp_settle(session);
}

static const struct env_stream_events data_events = { .opened = data_opened,
						      .received = data_received,
						      .drained = data_drained,
						      .finished = data_finished,
						      .closed = data_closed };

/* Anybody may find the port; only the host that gave the command is taken (RFC 2577 section 3). */
static void
data_accepted(void *arg, struct env_stream *stream, const struct addr *peer)
{
	struct ftp_session *session = arg;

	if (session->data != NULL || !addr_host_equal(peer, &session->peer)) {
		env_stream_close(stream);
		return;
	}
	session->data = stream;
	session->is_data_open = true;
	env_stream_use(stream, &data_events, session);
	env_stream_pause(stream, true); /* until there is work */
	if (session->work != WORK_NONE)
		work_start(session);
	ftp_settle(session);
}

int
ftp_data_listen(struct ftp_session *session, struct err *err)
{
	struct addr at = session->local;

	ftp_data_drop(session);
	at.port = 0;
	return env_listen(session->files->env, &at, data_accepted, session, &session->listener,
			  err);
}

static void
data_connect(struct ftp_session *session)
{
	struct addr from = session->local;

	from.port = 0;
	if (env_connect(session->files->env, &session->target, &from, &data_events, session,
			&session->data, NULL) < 0)
		ftp_data_break(session, 425, "Can't open the data connection");
}

void
ftp_data_begin(struct ftp_session *session, enum ftp_work work)
{
	session->work = work;
	session->in_flight = session->queued = 0;
	session->moved_at = env_now(session->files->env);
	ftp_reply(session, "150 Here it comes");
	if (session->is_data_open)
		work_start(session);
	else if (session->listener == NULL)
		data_connect(session);
	ftp_watch(session);
}

void
ftp_data_watch(struct ftp_session *session)
{
	const msec_t now = env_now(session->files->env);
	const size_t queued = session->is_data_open ? env_stream_queued(session->data) : 0;

	if (queued != session->queued) /* a slow line: part of a chunk has gone */
		session->moved_at = now;
	session->queued = queued;
	if (transfer_is_late(&session->transfer)) {
		ftp_data_break(session, 426, "The grant's time is over");
		return;
	}
	if (now - session->moved_at < SILENCE_MS)
		return;
	if (session->is_data_open)
		ftp_data_break(session, 426, "Nothing moved for too long");
	else
		ftp_data_break(session, 425, "Nobody opened the data connection");
}
