/* room.h - what the resources share; nobody else includes it. */
#pragma once
#include "api/api.h"
#include "base/json.h"

enum { API_PARTS_MAX = 2, API_PART_MAX = 128, API_WAITS = 1 };

struct api {
	struct env *env;
	struct engine *engine;
	struct api_waiting *waiting; /* requests that wait for a device */
	unsigned waiting_count;
};

/* A request that waits. The response is NULL where nobody wants it any more. */
struct api_waiting {
	struct api *api;
	struct api_waiting *next;
	struct api_response *response;
};

/* One request being answered. */
struct api_call {
	struct api *api;
	const struct api_request *request;
	struct api_response *response;
	char part[API_PARTS_MAX][API_PART_MAX]; /* what stood for each '*' of the route */
	json_t *body;                           /* an object, where the route takes one */
	struct json_writer out;                 /* into the response */
	struct err err;
	unsigned status;       /* of success; 200 */
	bool is_body_at_fault; /* what is not found was named by the body: 422, not 404 */
};

/* Returns 0, API_WAITS, or negative with call->err set. */
typedef int api_handler_fn(struct api_call *call);

api_handler_fn health_get, files_status_get;
api_handler_fn blobs_post;
api_handler_fn credentials_post, credentials_list;
api_handler_fn devices_post, devices_list, devices_get, devices_delete, devices_probe;
api_handler_fn images_post, images_list, images_get, images_delete;
api_handler_fn jobs_post, jobs_list, jobs_get, jobs_events;
api_handler_fn decisions_list, decisions_get, decisions_post;
api_handler_fn snapshots_list, snapshots_get, snapshots_content, snapshots_items, snapshots_diff;
api_handler_fn profiles_list, profiles_get;

/* ---- answer.c ---- */

/* The value of ?name=, or NULL. */
const char *call_argument(const struct api_call *call, const char *name);
/* DD_EINVAL for one that is not in `names` (ends with NULL). */
int call_only_arguments(struct api_call *call, const char *const *names);
/* A number from ?name=; `otherwise` where it is absent. */
int call_number(struct api_call *call, const char *name, int64_t otherwise, int64_t max,
		int64_t *ret);
/* The id that stands in the path. */
int call_id(struct api_call *call, unsigned part, int64_t *ret_id);
/* Copy a text of the body; DD_EINVAL where it is longer than the field or has control characters.
 */
int call_copy(struct api_call *call, const char *key, const char *text, char *target, size_t size);
/* The body's text under `key` into a field; absent = "" where it is optional. */
int call_text(struct api_call *call, const char *key, bool is_optional, char *target, size_t size);
/* The body's list of texts into an array of `max` fields of `size` bytes; absent = none. */
int call_texts(struct api_call *call, const char *key, char *target, size_t size, unsigned max,
	       unsigned *ret_count);
/* The call is answered later, by answer_done(); the handler returns API_WAITS. NULL: too many wait;
 * call->err is set. */
struct api_waiting *call_wait(struct api_call *call);
/* The call's answer, from a callback: writes the error, or what write() puts. Frees. */
void answer_done(struct api_waiting *waiting, unsigned status, const struct err *err,
		 void (*write)(struct json_writer *out, const void *noun), const void *noun);
/* The call failed after call_wait(): it does not wait. */
void answer_drop(struct api_waiting *waiting);
void answer_error(struct api_response *response, const struct err *err, bool is_body_at_fault);

/* "2026-01-31T12:00:00.000Z"; null for 0. */
void put_time(struct json_writer *out, const char *key, int64_t wall_ms);
/* null for "" */
void put_text_or_null(struct json_writer *out, const char *key, const char *text);
void put_hash(struct json_writer *out, const char *key, const struct sha256 *hash);
/* Text that others wrote: control characters and what is no UTF-8 become '?'. */
void put_foreign(struct json_writer *out, const char *key, const char *text);
void put_addr(struct json_writer *out, const char *key, const struct addr *addr);

/* Rows of a list: at most `rows_max` after the one named by ?after=. */
struct listing {
	struct json_writer *out;
	struct api_call *call;
	unsigned rows, rows_max;
	int64_t after;
	bool has_more;
};
/* Opens {"key": [ ; takes ?limit= and ?after= . */
int listing_open(struct listing *listing, struct api_call *call, const char *key);
/* May a row with this id be written? False and has_more when the list is full. */
bool listing_takes(struct listing *listing, int64_t id, bool *ret_goes_on);
void listing_close(struct listing *listing);

/* ---- nouns as JSON, as values of `key` (NULL in lists and at the top) ---- */

void put_device(struct json_writer *out, const struct device *device);
void put_image(struct json_writer *out, const struct image *image);
void put_snapshot(struct json_writer *out, const struct snapshot *snapshot);
/* A job in short: open object, as more may follow. */
void put_job(struct api_call *call, const struct job_record *record);
/* Fields of one line of a journal. */
void put_event(struct json_writer *out, const struct journal_entry *entry);
/* "evidence": [...] of a job's journal; attempts before `attempt_min` and entries after `before_ms`
 * (0 = none) are left out. */
int put_evidence(struct api_call *call, int64_t job_id, uint32_t attempt_min, int64_t before_ms);
/* "proof": {...}: what was there before, what was wanted and what is there now. */
int put_proof(struct api_call *call, const struct job_record *record);
/* Read the body of POST jobs. `device` is room for the device, which order->device points into. */
int job_order_read(struct api_call *call, struct device *device, struct job_order *ret_order);
/* "categories": items and hash of each, where profile and format are known; nothing else. */
int put_categories(struct api_call *call, const struct snapshot *snapshot,
		   const struct snapshot *twin);
