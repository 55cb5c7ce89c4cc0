/* ftp_session.h - what ftp.c (control connections), ftp_verbs.c and ftp_data.c (data
 * connections) share. */
#pragma once
#include "files/room.h"
#include "wire/ftp.h"

/* What a session's data connection is for. */
enum ftp_work { WORK_NONE, WORK_SEND, WORK_TAKE, WORK_LIST };

struct ftp_session {
	struct ftp_session *next;
	struct ftp *ftp;
	struct files *files;
	struct env_stream *control;
	struct addr peer, local; /* of the control connection */
	uint8_t line[FTP_LINE_MAX];
	size_t line_size;

	char user[GRANT_USER_MAX + 1];
	bool has_user, is_logged_in;
	unsigned wrong_logins;

	/* The data connection: one of waiting here (listener), told to call (target), open (data).
	 */
	struct env_listener *listener;
	struct addr target; /* PORT, EPRT: ADDR_NONE where not given */
	struct env_stream *data;
	bool is_data_open;
	bool is_data_spent;    /* its work is done; only its end is awaited */
	bool is_extended_only; /* EPSV ALL was given */

	enum ftp_work work;
	struct transfer transfer;
	uint64_t restart_at; /* REST, for the next RETR */
	uint64_t offset;     /* WORK_SEND: of the next chunk in the file */
	size_t in_flight;    /* WORK_SEND: bytes written and not yet handed to the system */
	size_t queued;       /* data's queue when last looked at */
	struct buf names;    /* WORK_LIST */

	msec_t began_at, heard_at, moved_at;
	struct env_timer timer;
	bool is_quitting; /* QUIT came during a transfer */
	bool is_leaving;  /* the last reply is on its way; nothing more is read */
	bool is_gone;     /* to be freed at the end of this callback */
};

/* ---- ftp.c ---- */

/* One reply line; a peer that does not read its replies is let go. */
void ftp_reply(struct ftp_session *session, const char *format, ...) PRINTF_LIKE(2, 3);
/* After a last reply: send no more, read no more, and go when the peer has. */
void ftp_leave(struct ftp_session *session);
/* The work has ended and was answered. */
void ftp_work_over(struct ftp_session *session);
/* Look after the session again when time has passed. */
void ftp_watch(struct ftp_session *session);
/* Every callback ends with it: frees a session that is gone. */
void ftp_settle(struct ftp_session *session);
/* Room for one chunk, used within one callback. */
uint8_t *ftp_chunk(struct ftp *ftp);

/* ---- ftp_verbs.c ---- */

/* Carry out one command line and answer it. */
void ftp_command_run(struct ftp_session *session, const struct ftp_command *command);

/* ---- ftp_data.c ---- */

/* Listen for the peer's data connection (PASV, EPSV), in place of any earlier one. */
int ftp_data_listen(struct ftp_session *session, struct err *err);
bool ftp_data_is_set(const struct ftp_session *session);
/* Close it and forget how it was to be made. */
void ftp_data_drop(struct ftp_session *session);
/* Answer 150 and do `work` as soon as the data connection is open. */
void ftp_data_begin(struct ftp_session *session, enum ftp_work work);
/* End the work early: the reply, the ledger's reason, the connection closed. */
void ftp_data_break(struct ftp_session *session, int code, const char *why);
/* The timer's part: whether the work still moves; breaks it off where not. */
void ftp_data_watch(struct ftp_session *session);
