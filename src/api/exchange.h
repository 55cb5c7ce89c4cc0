/* exchange.h - one request and its response on a connection; private to http.c. */
#pragma once
#include "api/http.h"

#include <microhttpd.h>

struct http {
	struct env *env;
	struct api *api;
	struct http_settings settings;
	struct addr local;
	char *token;
	struct MHD_Daemon *daemon;
	struct env_watch *watch;
	struct env_timer timer;
	struct exchange *waiting; /* connections that are suspended */
};

/* Let libmicrohttpd work as soon as the loop goes on. */
void http_wake(struct http *http);

/* libmicrohttpd's callbacks. */
enum MHD_Result exchange_handle(void *http, struct MHD_Connection *connection, const char *url,
				const char *method, const char *version, const char *data,
				size_t *data_size, void **place);
void exchange_completed(void *http, struct MHD_Connection *connection, void **place,
			enum MHD_RequestTerminationCode code);
/* Wake every connection that is suspended, without an answer: the daemon is about to stop. */
void exchange_give_up_all(struct http *http);
