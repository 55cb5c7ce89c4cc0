/* The table of resources: finds who answers, reads the body, and turns failures into answers. */
#include "api/api.h"

#include "api/room.h"
#include "base/text.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct route {
	const char *method, *path; /* '*' stands for one part of the path */
	api_handler_fn *handle;
	bool takes_body;
};

static const struct route routes[] = {
	{ "GET", "health", health_get, false },
	{ "GET", "files/status", files_status_get, false },
	{ "POST", "credentials", credentials_post, true },
	{ "GET", "credentials", credentials_list, false },
	{ "POST", "devices", devices_post, true },
	{ "GET", "devices", devices_list, false },
	{ "GET", "devices/*", devices_get, false },
	{ "DELETE", "devices/*", devices_delete, false },
	{ "POST", "devices/*/probe", devices_probe, false },
	{ "POST", "blobs", blobs_post, false }, /* see api_upload_begin() */
	{ "POST", "images", images_post, true },
	{ "GET", "images", images_list, false },
	{ "GET", "images/*", images_get, false },
	{ "DELETE", "images/*", images_delete, false },
	{ "POST", "jobs", jobs_post, true },
	{ "GET", "jobs", jobs_list, false },
	{ "GET", "jobs/*", jobs_get, false },
	{ "GET", "jobs/*/events", jobs_events, false },
	{ "GET", "decisions", decisions_list, false },
	{ "GET", "decisions/*", decisions_get, false },
	{ "POST", "decisions/*", decisions_post, true },
	{ "GET", "snapshots", snapshots_list, false },
	{ "GET", "snapshots/*", snapshots_get, false },
	{ "GET", "snapshots/*/content", snapshots_content, false },
	{ "GET", "snapshots/*/items", snapshots_items, false },
	{ "GET", "snapshots/*/diff", snapshots_diff, false },
	{ "GET", "profiles", profiles_list, false },
	{ "GET", "profiles/*", profiles_get, false },
};

int
api_new(struct env *env, struct engine *engine, struct api **ret_api, struct err *err)
{
	struct api *api = calloc(1, sizeof(*api));

	if (api == NULL)
		return err_set(err, AT, DD_ENOMEM, "no memory for the API");
	api->env = env;
	api->engine = engine;
	*ret_api = api;
	return 0;
}

void
api_free(struct api *api)
{
	if (api == NULL)
		return;
	while (api->waiting != NULL) {
		struct api_waiting *waiting = api->waiting;
		api->waiting = waiting->next;
		if (waiting->response != NULL)
			waiting->response->waiting = NULL;
		free(waiting);
	}
	free(api);
}

void
api_response_init(struct api_response *response, void (*done)(void *arg), void *arg)
{
	*response = (struct api_response){ .done = done, .arg = arg };
	buf_init(&response->body, API_RESPONSE_MAX);
}

void
api_response_done(struct api_response *response)
{
	if (response->waiting != NULL)
		response->waiting->response = NULL;
	response->waiting = NULL;
	buf_done(&response->body);
}

/* ---- errors ---- */

static const struct {
	int code;
	unsigned status;
	const char *name;
} errors[] = {
	{ DD_EINVAL, 400, "invalid" },
	{ DD_EPARSE, 400, "malformed" },
	{ DD_ERANGE, 400, "out-of-range" },
	{ DD_EACCESS, 500, "no-access" },
	{ DD_ENOTFOUND, 404, "not-found" },
	{ DD_EEXIST, 409, "exists" },
	{ DD_EBUSY, 409, "busy" },
	{ DD_ECONFLICT, 409, "conflict" },
	{ DD_EUNSUPPORTED, 422, "unsupported" },
	{ DD_EINTEGRITY, 422, "damaged" },
	{ DD_ETIMEOUT, 422, "no-answer" },
	{ DD_EFULL, 503, "full" },
	{ DD_ENOMEM, 503, "no-memory" },
	{ DD_ENOSPC, 503, "disk-full" },
};

void
api_refuse(struct api_response *response, unsigned status, const char *code, const char *format,
	   ...)
{
	char text[ERR_TEXT_MAX];
	struct json_writer out;
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(text, sizeof(text), format, arguments); /* a cut sentence still tells */
	va_end(arguments);
	text_clean(text);
	response->status = status;
	response->type = "application/json";
	buf_done(&response->body);
	buf_init(&response->body, API_RESPONSE_MAX);
	json_writer_init(&out, &response->body);
	json_open_object(&out, NULL);
	json_open_object(&out, "error");
	json_put_text(&out, "code", code);
	json_put_text(&out, "message", text);
	json_close_object(&out);
	json_close_object(&out);
}

void
answer_error(struct api_response *response, const struct err *err, bool is_body_at_fault)
{
	unsigned status = 500;
	const char *name = "internal";

	for (size_t i = 0; i < ARRAY_COUNT(errors); i++) {
		if (errors[i].code == err->code) {
			status = errors[i].status;
			name = errors[i].name;
		}
	}
	if (status == 404 && is_body_at_fault)
		status = 422;
	api_refuse(response, status, name, "%s", err->text);
}

/* ---- finding the route ---- */

/* Does the path fit? The parts that stand for '*' are copied; an empty or too long one fits
 * nothing. */
static bool
route_fits(const char *pattern, const char *path, char part[API_PARTS_MAX][API_PART_MAX])
{
	unsigned parts = 0;

	while (*pattern != '\0') {
		if (*pattern != '*') {
			if (*pattern++ != *path++)
				return false;
			continue;
		}
		size_t size = strcspn(path, "/");
		if (size == 0 || size >= API_PART_MAX)
			return false;
		assert(parts < API_PARTS_MAX);
		memcpy(part[parts], path, size);
		part[parts++][size] = '\0';
		path += size;
		pattern++;
	}
	return *path == '\0';
}

static const struct route *
route_find(const char *method, const char *path, struct api_call *call)
{
	char allow[sizeof(call->response->allow)] = "";

	if (text_equal(method, "HEAD"))
		method = "GET";
	for (size_t i = 0; i < ARRAY_COUNT(routes); i++) {
		if (!route_fits(routes[i].path, path, call->part))
			continue;
		if (text_equal(routes[i].method, method))
			return &routes[i];
		size_t used = strlen(allow);
		(void)text_print(allow + used, sizeof(allow) - used, "%s%s", used > 0 ? ", " : "",
				 routes[i].method);
	}
	if (allow[0] == '\0') {
		api_refuse(call->response, 404, "not-found",
			   "there is no resource " API_ROOT "%.200s", path);
		return NULL;
	}
	api_refuse(call->response, 405, "method", "%.16s is not possible here, but %s", method,
		   allow);
	(void)text_copy(call->response->allow, sizeof(call->response->allow), allow);
	return NULL;
}

static int
read_body(const struct route *route, struct api_call *call)
{
	const struct api_request *request = call->request;

	if (!route->takes_body)
		return request->body_size == 0
			       ? 0
			       : err_set(&call->err, AT, DD_EINVAL, "this request takes no body");
	if (request->body_size == 0)
		return err_set(&call->err, AT, DD_EINVAL,
			       "the request has no body: it must be a JSON object");
	int r = json_read(request->body, request->body_size, &call->body, &call->err);
	if (r < 0)
		return r;
	return json_is_object(call->body)
		       ? 0
		       : err_set(&call->err, AT, DD_EINVAL, "the body must be a JSON object");
}

bool
api_handle(struct api *api, const struct api_request *request, struct api_response *response)
{
	struct api_call call = {
		.api = api, .request = request, .response = response, .status = 200
	};

	if (!text_starts(request->path, API_ROOT) || strlen(request->path) > API_PATH_MAX) {
		api_refuse(response, 404, "not-found", "everything is under " API_ROOT);
		return true;
	}
	const struct route *route =
		route_find(request->method, request->path + strlen(API_ROOT), &call);
	if (route == NULL)
		return true;
	response->type = "application/json";
	json_writer_init(&call.out, &response->body);
	int r = read_body(route, &call);
	if (r == 0)
		r = route->handle(&call);
	json_decref(call.body);
	if (r == API_WAITS)
		return false;
	response->status = call.status;
	if (r < 0)
		answer_error(response, &call.err, call.is_body_at_fault);
	else if (response->body.has_failed)
		api_refuse(response, 500, "too-big",
			   "the answer has more than %d bytes: ask for less by ?limit=",
			   API_RESPONSE_MAX);
	if (response->body.size == 0)
		response->type = NULL;
	return true;
}
