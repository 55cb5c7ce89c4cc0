/* api.h - what can be asked of the manager, without HTTP: requests in, responses out.
 *
 * http.h carries them; simulation and tests enter here. Every path begins with API_ROOT. Requests
 * and responses are JSON, but for the bytes of blobs and snapshots. An error is {"error": {"code",
 * "message"}} with a fitting status, and changed nothing. Who asks is known to be allowed: that is
 * http.h's matter (INV-API-1). */
#pragma once
#include "base/buf.h"
#include "engine/engine.h"

#define API_ROOT "/api/v1/"

enum {
	API_PATH_MAX = 512,          /* bytes of a path */
	API_BODY_MAX = 1 << 20,      /* bytes of a request, blobs excepted */
	API_RESPONSE_MAX = 64 << 20, /* bytes of a response */
	API_ROWS_MAX =
		10000, /* of one answer; "more" says that there are others, ?after= goes on */
	API_ARGUMENTS_MAX = 24, /* of a query */
	API_WAITING_MAX = 4096, /* requests that wait for a device */
};
#define API_BLOB_MAX (UINT64_C(4) << 30) /* bytes of one file of an image */

struct api;

/* env and engine are borrowed. */
int api_new(struct env *env, struct engine *engine, struct api **ret_api, struct err *err);
/* Accepts NULL. Requests that still wait are forgotten; the engine must make no more calls after
 * it. */
void api_free(struct api *api);

struct api_argument {
	const char *name, *value; /* decoded */
};

/* Borrowed during api_handle(). */
struct api_request {
	const char *method; /* "GET" */
	const char *path;   /* decoded, without the query */
	unsigned arguments_count;
	const struct api_argument *arguments; /* of the query */
	const char *body;                     /* NULL where there is none */
	size_t body_size;
};

struct api_response {
	unsigned status;
	const char *type; /* of the content; static; NULL = no content */
	char allow[64];   /* 405: the methods that are allowed */
	struct buf body;
	/* private: */
	void (*done)(void *arg);
	void *arg;
	struct api_waiting *waiting;
};

/* done (may be NULL where nobody asks for what waits for a device) is called once for a response
 * that waits, when it is there; never before api_handle() returned. */
void api_response_init(struct api_response *response, void (*done)(void *arg), void *arg);
/* Frees the content; a response that waits is given up. */
void api_response_done(struct api_response *response);

/* Answer a request. True: the response is there. False: it waits for a device, and must stay where
 * it is until done(). */
bool api_handle(struct api *api, const struct api_request *request, struct api_response *response);

/* An answer that says no, for who carries the requests. */
void api_refuse(struct api_response *response, unsigned status, const char *code,
		const char *format, ...) PRINTF_LIKE(4, 5);

/* ---- the body of POST blobs, which is never in memory as a whole ---- */

struct api_upload;
bool api_takes_upload(const char *method, const char *path);
/* A failure is told by api_upload_end(), so that the sender can send all and then reads why. */
int api_upload_begin(struct api *api, struct api_upload **ret_upload, struct err *err);
/* False: more than API_BLOB_MAX came, and nobody needs to listen any longer. */
bool api_upload_write(struct api_upload *upload, const void *data, size_t size);
/* All is there: publish it and answer {"sha256", "size"}. Frees. */
void api_upload_end(struct api_upload *upload, struct api_response *response);
void api_upload_abort(struct api_upload *upload); /* accepts NULL */
