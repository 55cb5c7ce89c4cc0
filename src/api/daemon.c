/* The life of drydockd. */
#include "api/daemon.h"

#include "api/http.h"
#include "base/text.h"
#include "engine/supervisor.h"
#include "env/env_linux.h"

#include <stdlib.h>
#include <string.h>

enum { TOKEN_MIN = 16, TOKEN_MAX = 256, READY_LOOK_MS = 20, START_TRIES = 4 };

struct daemon {
	struct env *env;
	struct daemon_options options;
	const struct log *log;
	struct env_file *lock;
	char token[TOKEN_MAX + 1];
	char profiles[DAEMON_PATH_MAX], migrations[DAEMON_PATH_MAX], filed[DAEMON_PATH_MAX];
	struct engine *engine;
	struct api *api;
	struct http *socket, *tcp;
	struct supervisor *supervisor;
	struct env_timer ready;
	bool has_failed; /* the file service never came up */
};

static bool
data_path(const struct daemon *daemon, const char *name, char path[static DAEMON_PATH_MAX])
{
	return text_print(path, DAEMON_PATH_MAX, "%s/%s", daemon->options.data, name);
}

/* ---- the data folder ---- */

static int
read_token(struct daemon *daemon, struct err *err)
{
	const char *data = daemon->options.data;
	char path[DAEMON_PATH_MAX], *text;
	size_t size;

	(void)data_path(daemon, "token", path);
	int r = env_file_load(daemon->env, path, TOKEN_MAX, &text, &size, err);
	if (r == DD_ENOTFOUND)
		return err_set(err, AT, r, "%s is no data folder: make one with drydock init %s",
			       data, data);
	if (r < 0)
		return r;
	(void)text_copy(daemon->token, sizeof(daemon->token), text);
	explicit_bzero(text, size);
	free(text);
	daemon->token[strcspn(daemon->token, "\r\n")] = '\0';
	if (strlen(daemon->token) < TOKEN_MIN)
		return err_set(err, AT, DD_EINVAL,
			       "%s holds no administrator's token of at least %d characters: "
			       "remove it and run drydock init %s",
			       path, TOKEN_MIN, data);
	return 0;
}

static int
take_lock(struct daemon *daemon, struct err *err)
{
	char path[DAEMON_PATH_MAX];

	(void)data_path(daemon, "lock", path);
	int r = env_file_open(daemon->env, path,
			      ENV_FILE_READ | ENV_FILE_WRITE | ENV_FILE_CREATE |
				      ENV_FILE_PRIVATE_LOCK,
			      &daemon->lock, err);
	if (r == DD_EBUSY)
		return err_set(
			err, AT, r,
			"another drydockd runs on %s: stop it first, or choose another data folder",
			daemon->options.data);
	return r;
}

static void
found_file(void *arg, const char *name)
{
	(void)arg;
	(void)name;
}

/* Beside the source tree's build folder, or where they are installed. */
static void
find_folder(struct daemon *daemon, const char *program_folder, const char *name,
	    char path[static DAEMON_PATH_MAX])
{
	static const char *const places[] = { "..", "../share/drydock" };

	for (size_t i = 0; i < ARRAY_COUNT(places); i++) {
		if (text_print(path, DAEMON_PATH_MAX, "%s/%s/%s", program_folder, places[i],
			       name) &&
		    env_dir_list(daemon->env, path, found_file, NULL, NULL) == 0)
			return;
	}
	log_line(daemon->log, LOG_WARNING, "the %s that come with Drydock are not found beside %s",
		 name, program_folder);
	path[0] = '\0';
}

/* ---- opening ---- */

static int
open_engine(struct daemon *daemon, struct err *err)
{
	char link[DAEMON_PATH_MAX];
	struct engine_settings settings = {
		.folder = daemon->options.data,
		.profiles = daemon->profiles[0] != '\0' ? daemon->profiles : NULL,
		.migrations = daemon->migrations[0] != '\0' ? daemon->migrations : NULL,
		.trap = daemon->options.trap,
		.advertise = daemon->options.advertise,
		.log = daemon->log,
	};

	(void)text_print(link, sizeof(link), "unix:%s/link.sock", daemon->options.data);
	int r = addr_parse(link, 0, &settings.link, err);
	return r < 0 ? r : engine_new(daemon->env, &settings, &daemon->engine, err);
}

static int
open_listeners(struct daemon *daemon, struct err *err)
{
	struct http_settings settings = { .token = NULL };
	char path[DAEMON_PATH_MAX];

	(void)text_print(path, sizeof(path), "unix:%s/drydock.sock", daemon->options.data);
	int r = addr_parse(path, 0, &settings.at, err);
	if (r == 0)
		r = http_new(daemon->env, daemon->api, &settings, &daemon->socket, err);
	if (r < 0 || daemon->options.listen.family == ADDR_NONE)
		return r;
	settings = (struct http_settings){ .at = daemon->options.listen, .token = daemon->token };
	return http_new(daemon->env, daemon->api, &settings, &daemon->tcp, err);
}

static int
start_files(struct daemon *daemon, struct err *err)
{
	char link[DAEMON_PATH_MAX], root[DAEMON_PATH_MAX], tftp[ADDR_TEXT_MAX], ftp[ADDR_TEXT_MAX];
	const char *argv[] = { daemon->filed,
			       "--link",
			       link,
			       "--root",
			       root,
			       "--tftp",
			       addr_text(&daemon->options.tftp, tftp),
			       "--ftp",
			       addr_text(&daemon->options.ftp, ftp),
			       NULL };

	if (daemon->options.is_files_remote)
		return 0;
	(void)text_print(link, sizeof(link), "unix:%s/link.sock", daemon->options.data);
	(void)data_path(daemon, "files", root);
	int r = env_dir_make(daemon->env, root, err);
	return r < 0 ? r : supervisor_new(daemon->env, argv, daemon->log, &daemon->supervisor, err);
}

/* A file service that does not come up at all is a mistake of the operator's; one that ends later
 * is started again and again. */
static bool
is_hopeless(struct daemon *daemon)
{
	if (daemon->supervisor == NULL || supervisor_failures(daemon->supervisor) < START_TRIES)
		return false;
	daemon->has_failed = true;
	env_stop(daemon->env);
	return true;
}

static void
tell_ready(void *arg)
{
	struct daemon *daemon = arg;
	char socket[ADDR_TEXT_MAX], tcp[ADDR_TEXT_MAX] = "", host[ADDR_TEXT_MAX],
				    trap[ADDR_TEXT_MAX] = "nowhere";
	const struct addr *trap_local = engine_trap_local(daemon->engine);
	uint16_t port_tftp, port_ftp;

	if (!engine_files_up(daemon->engine, &port_tftp, &port_ftp)) {
		if (is_hopeless(daemon))
			return;
		env_timer_set(daemon->env, &daemon->ready, env_now(daemon->env) + READY_LOOK_MS);
		return;
	}
	if (trap_local != NULL)
		(void)addr_text(trap_local, trap);
	if (daemon->tcp != NULL)
		(void)addr_text(http_local(daemon->tcp), tcp);
	log_line(daemon->log, LOG_NOTICE,
		 "ready, API at %s%s%s, devices are told %s with TFTP port %u and FTP port %u, "
		 "notifications at %s",
		 addr_text(http_local(daemon->socket), socket), tcp[0] != '\0' ? " and " : "", tcp,
		 addr_host_text(&daemon->options.advertise, host), port_tftp, port_ftp, trap);
}

static int
open_all(struct daemon *daemon, struct err *err)
{
	int r = read_token(daemon, err);
	if (r == 0)
		r = take_lock(daemon, err);
	if (r == 0)
		r = open_engine(daemon, err);
	if (r == 0)
		r = api_new(daemon->env, daemon->engine, &daemon->api, err);
	if (r == 0)
		r = open_listeners(daemon, err);
	return r == 0 ? start_files(daemon, err) : r;
}

int
daemon_new(struct env *env, const struct daemon_options *options, const char *program_folder,
	   const struct log *log, struct daemon **ret_daemon, struct err *err)
{
	struct daemon *daemon = calloc(1, sizeof(*daemon));

	if (daemon == NULL)
		return err_set(err, AT, DD_ENOMEM, "no memory for the manager");
	daemon->env = env;
	daemon->options = *options;
	daemon->log = log;
	daemon->ready = (struct env_timer){ .fire = tell_ready, .arg = daemon };
	find_folder(daemon, program_folder, "profiles", daemon->profiles);
	find_folder(daemon, program_folder, "migrations", daemon->migrations);
	int r = text_print(daemon->filed, sizeof(daemon->filed), "%s/drydock-filed", program_folder)
			? open_all(daemon, err)
			: err_set(err, AT, DD_EINVAL, "the path of the programs is too long");
	if (r < 0) {
		daemon_free(daemon);
		return r;
	}
	env_timer_set(env, &daemon->ready, env_now(env));
	*ret_daemon = daemon;
	return 0;
}

/* ---- running ---- */

static void
leave(void *arg)
{
	struct daemon *daemon = arg;

	env_stop(daemon->env);
}

static void
told_to_stop(void *arg)
{
	struct daemon *daemon = arg;

	log_line(daemon->log, LOG_NOTICE, "told to stop: jobs go on at the next start");
	if (daemon->supervisor != NULL)
		supervisor_stop(daemon->supervisor, DAEMON_STOP_MS, leave, daemon);
	else
		leave(daemon);
}

int
daemon_run(struct daemon *daemon, struct err *err)
{
	env_on_stop(daemon->env, told_to_stop, daemon);
	int r = env_linux_run(daemon->env, err);
	if (r == 0 && store_is_lost(engine_store(daemon->engine)))
		return err_set(err, AT, DD_EIO,
			       "the store failed: see the line above; after that is mended start "
			       "drydockd again");
	if (r == 0 && daemon->has_failed)
		return err_set(
			err, AT, DD_EIO,
			"the file service can't start: mend what it says above, and start again");
	return r;
}

void
daemon_free(struct daemon *daemon)
{
	if (daemon == NULL)
		return;
	env_timer_clear(daemon->env, &daemon->ready);
	http_free(daemon->tcp);
	http_free(daemon->socket);
	api_free(daemon->api);
	supervisor_free(daemon->supervisor);
	engine_free(daemon->engine);
	env_file_close(daemon->lock);
	explicit_bzero(daemon->token, sizeof(daemon->token));
	free(daemon);
}
