/* What each FTP verb does: a table.
 *
 * A session knows one login, whose grants are all that it sees: there are no folders and no paths
 * (INV-FILES-3). While a transfer runs only the verbs that may interrupt it are taken. */
#include "base/text.h"
#include "files/ftp_session.h"

#include <string.h>
#include <strings.h>

enum {
	WRONG_LOGINS_MAX = 3,
	NAMES_MAX = 64 << 10, /* bytes of one list of names */
	PORT_MIN = 1024,      /* RFC 2577 section 3 */
};

/* ---- logging in and out ---- */

static void
verb_user(struct ftp_session *session, const char *argument)
{
	session->is_logged_in = false;
	/* Too long a name is nobody's: the password is then wrong, as with any other. */
	session->has_user = true;
	if (!text_copy(session->user, sizeof(session->user), argument))
		session->user[0] = '\0';
	ftp_reply(session, "331 Password, please");
}

static void
verb_pass(struct ftp_session *session, const char *argument)
{
	if (!session->has_user) {
		ftp_reply(session, "503 USER comes first");
		return;
	}
	session->has_user = false;
	if (files_grant_login(session->files, session->user, argument, &session->peer) != NULL) {
		session->is_logged_in = true;
		ftp_reply(session, "230 Welcome");
		return;
	}
	session->user[0] = '\0';
	ftp_reply(session, "530 Not allowed");
	if (++session->wrong_logins >= WRONG_LOGINS_MAX)
		ftp_leave(session);
}

static void
verb_quit(struct ftp_session *session, const char *argument)
{
	(void)argument;
	if (session->work != WORK_NONE) { /* RFC 959: the transfer's end is awaited */
		session->is_quitting = true;
		return;
	}
	ftp_reply(session, "221 Goodbye");
	ftp_leave(session);
}

/* ---- settings that have one value ---- */

static bool
is_one_of(const char *argument, const char *const *words)
{
	while (*words != NULL && strcasecmp(argument, *words) != 0)
		words++;
	return *words != NULL;
}

/* A is taken since some devices know no other, but octets are never changed. */
static void
verb_type(struct ftp_session *session, const char *argument)
{
	static const char *const words[] = { "A", "A N", "I", "L 8", NULL };

	ftp_reply(session, is_one_of(argument, words) ? "200 Octets stay as they are"
						      : "504 TYPE A or I only");
}

static void
verb_mode(struct ftp_session *session, const char *argument)
{
	static const char *const words[] = { "S", NULL };

	ftp_reply(session, is_one_of(argument, words) ? "200 Stream" : "504 MODE S only");
}

static void
verb_structure(struct ftp_session *session, const char *argument)
{
	static const char *const words[] = { "F", NULL };

	ftp_reply(session, is_one_of(argument, words) ? "200 File" : "504 STRU F only");
}

static void
verb_options(struct ftp_session *session, const char *argument)
{
	static const char *const words[] = { "UTF8 ON", "UTF8", NULL };

	ftp_reply(session, is_one_of(argument, words) ? "200 UTF8 is on" : "501 OPTS UTF8 ON only");
}

static void
verb_folder(struct ftp_session *session, const char *argument)
{
	static const char *const words[] = { "/", ".", "./", NULL };

	ftp_reply(session, is_one_of(argument, words) ? "250 There is one folder"
						      : "550 There is one folder");
}

static void
verb_where(struct ftp_session *session, const char *argument)
{
	(void)argument;
	ftp_reply(session, "257 \"/\" is the one folder");
}

static void
verb_nothing(struct ftp_session *session, const char *argument)
{
	(void)argument;
	ftp_reply(session, "200 Here");
}

static void
verb_allocate(struct ftp_session *session, const char *argument)
{
	(void)argument;
	ftp_reply(session, "202 Not needed");
}

static void
verb_system(struct ftp_session *session, const char *argument)
{
	(void)argument;
	ftp_reply(session, "215 UNIX Type: L8");
}

static void
verb_features(struct ftp_session *session, const char *argument)
{
	(void)argument;
	ftp_reply(session, "211-Features:\r\n EPRT\r\n EPSV\r\n PASV\r\n REST STREAM\r\n SIZE\r\n"
			   " UTF8\r\n211 End");
}

static void
verb_help(struct ftp_session *session, const char *argument)
{
	(void)argument;
	ftp_reply(session, "214 Log in as you were told, then RETR or STOR the one name");
}

/* ---- making data connections ---- */

static void
verb_pasv(struct ftp_session *session, const char *argument)
{
	char where[FTP_HOST_PORT_MAX];
	struct err err;

	(void)argument;
	if (session->is_extended_only) {
		ftp_reply(session, "501 EPSV ALL was given");
		return;
	}
	if (session->local.family != ADDR_IPV4) {
		ftp_reply(session, "425 PASV is for IPv4; use EPSV");
		return;
	}
	if (ftp_data_listen(session, &err) < 0 ||
	    !ftp_host_port_print(env_listener_local(session->listener), where))
		ftp_reply(session, "425 No port is free");
	else
		ftp_reply(session, "227 Entering Passive Mode (%s).", where);
}

static void
verb_epsv(struct ftp_session *session, const char *argument)
{
	const char *own = session->local.family == ADDR_IPV4 ? "1" : "2";
	struct err err;

	if (strcasecmp(argument, "ALL") == 0) {
		session->is_extended_only = true;
		ftp_reply(session, "200 EPSV only");
	} else if (*argument != '\0' && !text_equal(argument, own)) {
		ftp_reply(session, "522 Use (%s)", own);
	} else if (ftp_data_listen(session, &err) < 0) {
		ftp_reply(session, "425 No port is free");
	} else {
		ftp_reply(session, "229 Entering Extended Passive Mode (|||%u|)",
			  env_listener_local(session->listener)->port);
	}
}

/* Only the device itself, and no port of a service: nobody is called on a stranger's behalf (RFC
 * 2577 section 3). */
static void
aim(struct ftp_session *session, int parsed, const struct addr *target)
{
	if (session->is_extended_only) {
		ftp_reply(session, "501 EPSV ALL was given");
	} else if (parsed == DD_EUNSUPPORTED) {
		ftp_reply(session, "522 Use (1,2)");
	} else if (parsed < 0) {
		ftp_reply(session, "501 That is no address");
	} else if (!addr_host_equal(target, &session->peer) || target->port < PORT_MIN) {
		ftp_reply(session, "500 Only your own address and a port from %d on", PORT_MIN);
	} else {
		ftp_data_drop(session);
		session->target = *target;
		ftp_reply(session, "200 There, then");
	}
}

static void
verb_port(struct ftp_session *session, const char *argument)
{
	struct addr target = { 0 };
	const int r = ftp_host_port_parse(argument, &target);

	aim(session, r, &target);
}

static void
verb_eprt(struct ftp_session *session, const char *argument)
{
	struct addr target = { 0 };
	const int r = ftp_extended_parse(argument, &target);

	aim(session, r, &target);
}

/* ---- files ---- */

/* There is one folder, so what says just that is no part of a name. */
static const char *
plain_name(const char *name)
{
	while (name[0] == '/' || (name[0] == '.' && name[1] == '/'))
		name += name[0] == '/' ? 1 : 2;
	return name;
}

static bool
is_of_session(const struct ftp_session *session, const struct open_grant *grant)
{
	return text_equal(grant->grant.user, session->user) &&
	       addr_host_equal(&grant->grant.device, &session->peer) &&
	       (grant->grant.protocols & (1u << PROTOCOL_FTP)) != 0;
}

static void
verb_size(struct ftp_session *session, const char *argument)
{
	const struct files *files = session->files;
	const char *name = plain_name(argument);
	/* Not files_grant_for(): a client that asks the size of what it is about to write is no
	 * refusal to tell. */
	const struct open_grant *grant = files_grant_find(session->files, name);
	uint64_t size;

	if (grant == NULL || !is_of_session(session, grant) ||
	    !grant_allows(&grant->grant, &session->peer, name, DIRECTION_READ, PROTOCOL_FTP,
			  env_wall(files->env)) ||
	    !blobs_has(files->blobs, &grant->grant.content, &size))
		ftp_reply(session, "550 Not here");
	else
		ftp_reply(session, "213 %llu", (unsigned long long)size);
}

static void
verb_restart(struct ftp_session *session, const char *argument)
{
	if (text_number(argument, INT64_MAX, &session->restart_at))
		ftp_reply(session, "350 RETR goes on from there");
	else
		ftp_reply(session, "501 That is no number");
}

static void
transfer_start(struct ftp_session *session, const char *argument, enum direction direction)
{
	const uint64_t restart_at = session->restart_at;
	struct err err = { 0 };

	session->restart_at = 0;
	if (restart_at > 0 && direction == DIRECTION_WRITE) {
		ftp_reply(session, "504 REST is for RETR only");
		return;
	}
	if (!ftp_data_is_set(session)) {
		ftp_reply(session, "425 PASV, EPSV, PORT or EPRT comes first");
		return;
	}
	struct open_grant *grant = files_grant_for(session->files, plain_name(argument),
						   &session->peer, direction, PROTOCOL_FTP);
	if (grant == NULL || !is_of_session(session, grant)) {
		ftp_reply(session, "550 Not here");
		return;
	}
	if (transfer_begin(&session->transfer, session->files, grant, PROTOCOL_FTP, &session->peer,
			   &err) < 0) {
		log_line(session->files->settings.log, LOG_ERROR, "an FTP transfer can't begin: %s",
			 err.text);
		ftp_reply(session, "451 The disk failed");
		return;
	}
	session->offset = restart_at;
	if (direction == DIRECTION_READ && restart_at > session->transfer.size) {
		transfer_break(&session->transfer, "the device asked for what is past the end");
		ftp_reply(session, "554 The file ends before that");
		return;
	}
	ftp_data_begin(session, direction == DIRECTION_READ ? WORK_SEND : WORK_TAKE);
}

static void
verb_retrieve(struct ftp_session *session, const char *argument)
{
	transfer_start(session, argument, DIRECTION_READ);
}

static void
verb_store(struct ftp_session *session, const char *argument)
{
	transfer_start(session, argument, DIRECTION_WRITE);
}

static void
verb_abort(struct ftp_session *session, const char *argument)
{
	(void)argument;
	ftp_data_break(session, 426, "The device aborted");
	ftp_data_drop(session);
	ftp_reply(session, "226 Nothing runs");
}

/* ---- lists ---- */

static void
add_name(void *arg, struct open_grant *grant)
{
	struct ftp_session *session = arg;

	if (is_of_session(session, grant))
		(void)buf_printf(&session->names, "%s\r\n", grant->grant.name); /* it is sticky */
}

/* As ls -l has it, which clients take apart. The date is of no meaning. */
static void
add_line(void *arg, struct open_grant *grant)
{
	struct ftp_session *session = arg;
	const bool is_read = grant->grant.direction == DIRECTION_READ;

	if (is_of_session(session, grant))
		(void)buf_printf(&session->names,
				 "-%s------- 1 drydock drydock %llu Jan 1 1970 %s\r\n",
				 is_read ? "r-" : "-w",
				 is_read ? (unsigned long long)grant->grant.size_max : 0,
				 grant->grant.name); /* a failure is sticky */
}

static void
list(struct ftp_session *session, void (*add)(void *arg, struct open_grant *grant))
{
	if (!ftp_data_is_set(session)) {
		ftp_reply(session, "425 PASV, EPSV, PORT or EPRT comes first");
		return;
	}
	buf_init(&session->names, NAMES_MAX);
	files_grants_each(session->files, add, session);
	if (session->names.has_failed) {
		buf_done(&session->names);
		ftp_reply(session, "451 Too many names");
		return;
	}
	ftp_data_begin(session, WORK_LIST);
}

static void
verb_list(struct ftp_session *session, const char *argument)
{
	(void)argument; /* "-la", ".": there is one folder */
	list(session, add_line);
}

static void
verb_names(struct ftp_session *session, const char *argument)
{
	(void)argument;
	list(session, add_name);
}

/* ---- commands ---- */

enum {
	ANYBODY = 1,     /* before a login, too */
	ANY_TIME = 2,    /* during a transfer, too */
	NEEDS_VALUE = 4, /* an argument must be there */
};

static const struct verb {
	const char *name;
	void (*run)(struct ftp_session *session, const char *argument);
	unsigned flags;
} verbs[] = {
	{ "USER", verb_user, ANYBODY | NEEDS_VALUE },
	{ "PASS", verb_pass, ANYBODY },
	{ "QUIT", verb_quit, ANYBODY | ANY_TIME },
	{ "NOOP", verb_nothing, ANYBODY | ANY_TIME },
	{ "ABOR", verb_abort, ANY_TIME },
	{ "SYST", verb_system, ANYBODY },
	{ "FEAT", verb_features, ANYBODY },
	{ "HELP", verb_help, ANYBODY },
	{ "OPTS", verb_options, ANYBODY | NEEDS_VALUE },
	{ "TYPE", verb_type, NEEDS_VALUE },
	{ "MODE", verb_mode, NEEDS_VALUE },
	{ "STRU", verb_structure, NEEDS_VALUE },
	{ "ALLO", verb_allocate, 0 },
	{ "PWD", verb_where, 0 },
	{ "CWD", verb_folder, NEEDS_VALUE },
	{ "PASV", verb_pasv, 0 },
	{ "EPSV", verb_epsv, 0 },
	{ "PORT", verb_port, NEEDS_VALUE },
	{ "EPRT", verb_eprt, NEEDS_VALUE },
	{ "SIZE", verb_size, NEEDS_VALUE },
	{ "REST", verb_restart, NEEDS_VALUE },
	{ "RETR", verb_retrieve, NEEDS_VALUE },
	{ "STOR", verb_store, NEEDS_VALUE },
	{ "LIST", verb_list, 0 },
	{ "NLST", verb_names, 0 },
};

static const struct verb *
verb_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_COUNT(verbs); i++)
		if (text_equal(verbs[i].name, name))
			return &verbs[i];
	return NULL;
}

void
ftp_command_run(struct ftp_session *session, const struct ftp_command *command)
{
	const struct verb *verb = verb_find(command->verb);

	if (command->verb[0] == '\0')
		ftp_reply(session, "500 That is no command");
	else if (verb == NULL)
		ftp_reply(session, "502 Not done here");
	else if (!session->is_logged_in && (verb->flags & ANYBODY) == 0)
		ftp_reply(session, "530 Log in first");
	else if (session->work != WORK_NONE && (verb->flags & ANY_TIME) == 0)
		ftp_reply(session, "503 A transfer is running");
	else if (command->argument[0] == '\0' && (verb->flags & NEEDS_VALUE) != 0)
		ftp_reply(session, "501 %s of what?", verb->name);
	else
		verb->run(session, command->argument);
}
