/* http.h - carries requests to api.h and responses back: HTTP/1.1 by libmicrohttpd, on the
 * manager's own loop.
 *
 * Over a Unix socket everybody who may open it (mode 0600: the same user) is the administrator;
 * over TCP each request must have "Authorization: Bearer TOKEN" (INV-API-1). */
#pragma once
#include "api/api.h"

struct http;

enum {
	HTTP_CONNECTIONS_MAX = 512,
	HTTP_CONNECTION_BYTES =
		128 << 10,         /* memory of a connection: headers, and one piece of a body */
	HTTP_IDLE_S = 120,         /* a connection that is silent for so long is closed */
	HTTP_STRANGER_IDLE_S = 10, /* ... over TCP, before it has shown the token */
	HTTP_CONNECTIONS_OF_ONE_MAX = 64, /* TCP connections from one address */
};

struct http_settings {
	struct addr at;    /* "unix:" or TCP; port 0 = any */
	const char *token; /* copied; NULL only for a Unix socket */
};

/* env must be the real host (env_linux.h). env and api are borrowed. */
int http_new(struct env *env, struct api *api, const struct http_settings *settings,
	     struct http **ret_http, struct err *err);
const struct addr *http_local(const struct http *http);
/* Ends every connection. Accepts NULL; before api_free(). */
void http_free(struct http *http);
