/* The FTP server: its control connections, from the greeting to the end. */
#include "files/ftp_session.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	PEER_SESSIONS_MAX = 16, /* of one address */
	LOGIN_MS = 60000,       /* from the connect to a login */
	IDLE_MS = 300000,       /* between commands after it */
	LINGER_MS = 5000,       /* for the last reply to be taken */
	WATCH_MS = 5000,        /* between two looks at a running transfer */
	REPLY_MAX = 256,
	REPLIES_QUEUE_MAX = 16 << 10, /* bytes of replies that a peer may leave unread */
};

struct ftp {
	struct files *files;
	struct env_listener *listener;
	struct ftp_session *sessions;
	unsigned count;
	uint8_t chunk[CHUNK_SIZE];
};

uint8_t *
ftp_chunk(struct ftp *ftp)
{
	return ftp->chunk;
}

/* ---- a session's life ---- */

void
ftp_reply(struct ftp_session *session, const char *format, ...)
{
	char text[REPLY_MAX];
	va_list arguments;

	if (session->is_leaving || session->is_gone)
		return;
	va_start(arguments, format);
	const int size = vsnprintf(text, sizeof(text) - 2, format, arguments);
	va_end(arguments);
	size_t used = size < 0 ? 0 : (size_t)size;
	used = used > sizeof(text) - 3 ? sizeof(text) - 3 : used;
	memcpy(text + used, "\r\n", 2);
	if (env_stream_queued(session->control) > REPLIES_QUEUE_MAX ||
	    env_stream_write(session->control, text, used + 2) < 0)
		session->is_gone = true;
}

void
ftp_watch(struct ftp_session *session)
{
	const msec_t now = env_now(session->files->env);
	msec_t at = session->heard_at + IDLE_MS;

	if (session->is_leaving)
		at = now + LINGER_MS;
	else if (session->work != WORK_NONE)
		at = now + WATCH_MS;
	else if (!session->is_logged_in)
		at = session->began_at + LOGIN_MS;
	env_timer_set(session->files->env, &session->timer, at);
}

void
ftp_leave(struct ftp_session *session)
{
	if (session->is_leaving)
		return;
	transfer_break(&session->transfer, "the session ended");
	ftp_data_drop(session);
	session->work = WORK_NONE;
	session->is_leaving = true;
	env_stream_finish(session->control);
	ftp_watch(session);
}

void
ftp_work_over(struct ftp_session *session)
{
	session->work = WORK_NONE;
	session->restart_at = 0;
	buf_done(&session->names);
	session->heard_at = env_now(session->files->env);
	if (session->is_quitting) {
		ftp_reply(session, "221 Goodbye");
		ftp_leave(session);
	}
	ftp_watch(session);
}

static void
session_free(struct ftp_session *session)
{
	struct ftp *ftp = session->ftp;
	struct ftp_session **link = &ftp->sessions;

	while (*link != session)
		link = &(*link)->next;
	*link = session->next;
	ftp->count--;
	env_timer_clear(session->files->env, &session->timer);
	transfer_break(&session->transfer, "the control connection was closed");
	ftp_data_drop(session);
	env_stream_close(session->control);
	buf_done(&session->names);
	explicit_bzero(session->line, sizeof(session->line)); /* may hold a password */
	free(session);
}

void
ftp_settle(struct ftp_session *session)
{
	if (session->is_gone)
		session_free(session);
}

static void
session_timer(void *arg)
{
	struct ftp_session *session = arg;
	const msec_t now = env_now(session->files->env);
	const msec_t limit =
		session->is_logged_in ? session->heard_at + IDLE_MS : session->began_at + LOGIN_MS;

	if (session->is_leaving) {
		session->is_gone = true;
	} else if (session->work != WORK_NONE) {
		ftp_data_watch(session);
		ftp_watch(session);
	} else if (now >= limit) {
		ftp_reply(session, "421 Nothing was said for too long");
		ftp_leave(session);
	} else {
		ftp_watch(session);
	}
	ftp_settle(session);
}

/* ---- the control connection ---- */

/* Run the whole lines that are there; the rest waits. */
static void
lines_run(struct ftp_session *session)
{
	struct ftp_command command;
	int64_t used = 1;

	while (!session->is_leaving && !session->is_gone && used > 0) {
		used = ftp_command_decode(session->line, session->line_size, &command);
		if (used == 0)
			break;
		if (used < 0) {
			ftp_reply(session, "500 A line has %d bytes at most", FTP_LINE_MAX);
			ftp_leave(session);
			break;
		}
		session->line_size -= (size_t)used;
		memmove(session->line, session->line + used, session->line_size);
		ftp_command_run(session, &command);
	}
	explicit_bzero(&command, sizeof(command)); /* may hold a password */
}

static void
control_received(void *arg, const uint8_t *data, size_t size)
{
	struct ftp_session *session = arg;

	session->heard_at = env_now(session->files->env);
	while (size > 0 && !session->is_leaving && !session->is_gone) {
		const size_t room = sizeof(session->line) - session->line_size;
		const size_t part = size < room ? size : room;
		memcpy(session->line + session->line_size, data, part);
		session->line_size += part;
		data += part;
		size -= part;
		lines_run(session);
	}
	if (!session->is_leaving && !session->is_gone)
		ftp_watch(session);
	ftp_settle(session);
}

static void
control_finished(void *arg)
{
	struct ftp_session *session = arg;

	if (!session->is_leaving) /* else closed() follows */
		session->is_gone = true;
	ftp_settle(session);
}

static void
control_closed(void *arg, int reason)
{
	struct ftp_session *session = arg;

	(void)reason; /* whichever: nobody is left to answer */
	session->is_gone = true;
	ftp_settle(session);
}

/* ---- the server ---- */

static bool
has_room(const struct ftp *ftp, const struct addr *peer)
{
	unsigned of_peer = 0;

	for (const struct ftp_session *session = ftp->sessions; session != NULL;
	     session = session->next)
		of_peer += addr_host_equal(&session->peer, peer);
	return ftp->count < FILES_SESSIONS_MAX && of_peer < PEER_SESSIONS_MAX;
}

static void
control_accepted(void *arg, struct env_stream *stream, const struct addr *peer)
{
	static const struct env_stream_events events = { .received = control_received,
							 .finished = control_finished,
							 .closed = control_closed };
	struct ftp *ftp = arg;
	struct ftp_session *session = has_room(ftp, peer) ? calloc(1, sizeof(*session)) : NULL;

	if (session == NULL) {
		env_stream_close(stream);
		return;
	}
	session->ftp = ftp;
	session->files = ftp->files;
	session->control = stream;
	session->peer = *peer;
	session->local = *env_stream_local(stream);
	session->began_at = session->heard_at = env_now(ftp->files->env);
	session->timer = (struct env_timer){ .fire = session_timer, .arg = session };
	session->next = ftp->sessions;
	ftp->sessions = session;
	ftp->count++;
	env_stream_use(stream, &events, session);
	ftp_reply(session, "220 Ready");
	ftp_watch(session);
	ftp_settle(session);
}

int
ftp_new(struct files *files, struct ftp **ret_ftp, struct err *err)
{
	struct ftp *ftp = calloc(1, sizeof(*ftp));

	if (ftp == NULL)
		return err_set(err, AT, DD_ENOMEM, "no memory for the FTP server");
	ftp->files = files;
	const int r = env_listen(files->env, &files->settings.ftp, control_accepted, ftp,
				 &ftp->listener, err);
	if (r < 0) {
		free(ftp);
		return err_wrap(err, AT, "FTP");
	}
	*ret_ftp = ftp;
	return 0;
}

void
ftp_free(struct ftp *ftp)
{
	if (ftp == NULL)
		return;
	while (ftp->sessions != NULL)
		session_free(ftp->sessions);
	env_listener_close(ftp->listener);
	free(ftp);
}

const struct addr *
ftp_local(const struct ftp *ftp)
{
	return env_listener_local(ftp->listener);
}

void
ftp_grant_closed(struct ftp *ftp, uint64_t grant)
{
	struct ftp_session *next;

	for (struct ftp_session *session = ftp->sessions; session != NULL; session = next) {
		next = session->next;
		if (!session->transfer.is_on || session->transfer.grant_id != grant)
			continue;
		ftp_data_break(session, 426, "the grant was closed");
		ftp_settle(session);
	}
}
