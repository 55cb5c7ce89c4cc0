/* The listeners: libmicrohttpd's epoll descriptor is watched by our loop, its timeouts are our
 * timers. */
#include "api/http.h"

#include "api/exchange.h"
#include "base/hex.h"
#include "env/env_linux.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static void
run(void *arg)
{
	struct http *http = arg;
	MHD_UNSIGNED_LONG_LONG wait_ms;

	(void)MHD_run(http->daemon); /* fails only for daemons with threads */
	if (MHD_get_timeout(http->daemon, &wait_ms) == MHD_YES)
		env_timer_set(http->env, &http->timer, env_now(http->env) + (msec_t)wait_ms);
	else
		env_timer_clear(http->env, &http->timer);
}

void
http_wake(struct http *http)
{
	env_timer_set(http->env, &http->timer, env_now(http->env));
}

/* Decode %HH, but never to a NUL: what follows one would be passed over, and a request for
 * 'a%00b' would be one for 'a'. */
static size_t
unescape(void *arg, struct MHD_Connection *connection, char *text)
{
	char *to = text;

	(void)arg;
	(void)connection;
	for (const char *from = text; *from != '\0'; to++) {
		char digits[3] = "", byte = '\0';
		if (*from == '%')
			memcpy(digits, from + 1, strnlen(from + 1, 2));
		if (hex_parse(digits, &byte, 1) && byte != '\0') {
			*to = byte;
			from += 3;
		} else {
			*to = *from++;
		}
	}
	*to = '\0';
	return (size_t)(to - text);
}

static int
start(struct http *http, struct err *err)
{
	const bool is_open_to_strangers = http->token != NULL;
	char text[ADDR_TEXT_MAX];
	int fd;

	int r = env_linux_listen(&http->settings.at, &fd, &http->local, err);
	if (r < 0)
		return err_wrap(err, AT, "the API can't listen");
	/* Owns the descriptor from now on, also where it fails. */
	http->daemon = MHD_start_daemon(
		MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL, exchange_handle, http,
		MHD_OPTION_LISTEN_SOCKET, (MHD_socket)fd, MHD_OPTION_NOTIFY_COMPLETED,
		exchange_completed, http, MHD_OPTION_CONNECTION_LIMIT,
		(unsigned)HTTP_CONNECTIONS_MAX, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
		(size_t)HTTP_CONNECTION_BYTES, MHD_OPTION_CONNECTION_TIMEOUT,
		is_open_to_strangers ? (unsigned)HTTP_STRANGER_IDLE_S : (unsigned)HTTP_IDLE_S,
		MHD_OPTION_PER_IP_CONNECTION_LIMIT,
		is_open_to_strangers ? (unsigned)HTTP_CONNECTIONS_OF_ONE_MAX : 0U,
		MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_UNESCAPE_CALLBACK, unescape, NULL,
		MHD_OPTION_END);
	if (http->daemon == NULL)
		return err_set(err, AT, DD_EIO, "the API can't be started at %s",
			       addr_text(&http->local, text));
	const union MHD_DaemonInfo *info =
		MHD_get_daemon_info(http->daemon, MHD_DAEMON_INFO_EPOLL_FD);
	return env_linux_watch(http->env, info->epoll_fd, run, http, &http->watch, err);
}

int
http_new(struct env *env, struct api *api, const struct http_settings *settings,
	 struct http **ret_http, struct err *err)
{
	struct http *http = calloc(1, sizeof(*http));

	assert(settings->token != NULL || settings->at.family == ADDR_UNIX);
	if (http == NULL)
		return err_set(err, AT, DD_ENOMEM, "no memory for the API");
	http->env = env;
	http->api = api;
	http->settings = *settings;
	http->timer = (struct env_timer){ .fire = run, .arg = http };
	int r = 0;
	if (settings->token != NULL && (http->token = strdup(settings->token)) == NULL)
		r = err_set(err, AT, DD_ENOMEM, "no memory for the API");
	if (r == 0)
		r = start(http, err);
	if (r < 0) {
		http_free(http);
		return r;
	}
	*ret_http = http;
	return 0;
}

const struct addr *
http_local(const struct http *http)
{
	return &http->local;
}

void
http_free(struct http *http)
{
	if (http == NULL)
		return;
	env_linux_unwatch(http->watch);
	env_timer_clear(http->env, &http->timer);
	exchange_give_up_all(http);
	if (http->daemon != NULL) {
		MHD_stop_daemon(http->daemon);
		if (http->local.family == ADDR_UNIX)
			(void)env_unlink(
				http->env,
				http->local.path); /* one that stays is cleared by the next start */
	}
	if (http->token != NULL)
		explicit_bzero(http->token, strlen(http->token));
	free(http->token);
	free(http);
}
