/* One request on a connection: allowed? - its body - its answer.
 *
 * libmicrohttpd calls first with the headers, then with pieces of the body, then once with nothing:
 * only that last call may answer, or the connection is closed after every response. A refusal of a
 * request that has a body is the exception: there the closing is wanted, as nobody will read the
 * body. */
#include "api/exchange.h"

#include "base/text.h"

#include <stdlib.h>
#include <string.h>

enum {
	SWALLOW_MAX = 8 * API_BODY_MAX
}; /* bytes of a body that is too big, read so that the sender reads why */

struct exchange {
	struct http *http;
	struct MHD_Connection *connection;
	struct exchange *next; /* among those that wait */
	bool is_waiting;
	bool has_response;
	struct buf body;
	size_t body_size; /* of all that came */
	struct api_upload *upload;
	struct api_response response;
};

/* ---- the first call ---- */

static bool
is_allowed(const struct http *http, struct MHD_Connection *connection)
{
	static const char scheme[] = "Bearer ";

	if (http->token == NULL)
		return true; /* a Unix socket: who can open it may do everything */
	const char *header = MHD_lookup_connection_value(connection, MHD_HEADER_KIND,
							 MHD_HTTP_HEADER_AUTHORIZATION);
	return header != NULL && text_starts(header, scheme) &&
	       text_equal_secret(header + strlen(scheme), http->token);
}

/* Does a body follow, and is its size one that will be read? */
static bool
expects_body(struct MHD_Connection *connection, uint64_t size_max, bool *ret_is_too_big)
{
	const char *length = MHD_lookup_connection_value(connection, MHD_HEADER_KIND,
							 MHD_HTTP_HEADER_CONTENT_LENGTH);
	uint64_t size = 0;

	*ret_is_too_big =
		length != NULL && (!text_number(length, UINT64_MAX, &size) || size > size_max);
	return size > 0 || *ret_is_too_big ||
	       MHD_lookup_connection_value(connection, MHD_HEADER_KIND,
					   MHD_HTTP_HEADER_TRANSFER_ENCODING) != NULL;
}

static void response_there(void *arg);

static struct exchange *
exchange_new(struct http *http, struct MHD_Connection *connection)
{
	struct exchange *exchange = calloc(1, sizeof(*exchange));

	if (exchange == NULL)
		return NULL;
	exchange->http = http;
	exchange->connection = connection;
	buf_init(&exchange->body, API_BODY_MAX);
	api_response_init(&exchange->response, response_there, exchange);
	return exchange;
}

static enum MHD_Result
send_response(struct exchange *exchange)
{
	struct api_response *from = &exchange->response;
	size_t size = from->body.size;
	char *data = buf_take(&from->body);

	if (data == NULL)
		return MHD_NO;
	struct MHD_Response *response =
		MHD_create_response_from_buffer(size, data, MHD_RESPMEM_MUST_FREE);
	if (response == NULL) {
		free(data);
		return MHD_NO;
	}
	if (from->type != NULL)
		(void)MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, from->type);
	if (from->allow[0] != '\0')
		(void)MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, from->allow);
	if (from->status == MHD_HTTP_UNAUTHORIZED)
		(void)MHD_add_response_header(response, MHD_HTTP_HEADER_WWW_AUTHENTICATE,
					      "Bearer realm=\"drydock\"");
	(void)MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
	(void)MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
	enum MHD_Result result = MHD_queue_response(exchange->connection, from->status, response);
	MHD_destroy_response(response);
	return result;
}

static enum MHD_Result
begin(struct exchange *exchange, const char *url, const char *method)
{
	bool is_upload = api_takes_upload(method, url), is_too_big;
	bool has_body = expects_body(exchange->connection, is_upload ? API_BLOB_MAX : API_BODY_MAX,
				     &is_too_big);
	struct err err = { 0 };

	const bool may = is_allowed(exchange->http, exchange->connection);
	if (may) /* where it can't be told, the shorter time for strangers stays */
		(void)MHD_set_connection_option(exchange->connection, MHD_CONNECTION_OPTION_TIMEOUT,
						(unsigned)HTTP_IDLE_S);
	if (!may)
		api_refuse(
			&exchange->response, 401, "unauthorized",
			"this needs 'Authorization: Bearer TOKEN' with the administrator's token");
	else if (is_too_big)
		api_refuse(&exchange->response, 413, "too-big",
			   "the body is too big: at most %llu bytes are read here",
			   is_upload ? (unsigned long long)API_BLOB_MAX
				     : (unsigned long long)API_BODY_MAX);
	else if (is_upload && has_body &&
		 api_upload_begin(exchange->http->api, &exchange->upload, &err) < 0)
		api_refuse(&exchange->response, 503, "upload", "%s", err.text);
	exchange->has_response = exchange->response.status != 0;
	return exchange->has_response && has_body ? send_response(exchange) : MHD_YES;
}

/* ---- the body ---- */

static bool
take_body(struct exchange *exchange, const char *data, size_t size)
{
	if (exchange->has_response)
		return false;
	if (exchange->upload != NULL)
		return api_upload_write(exchange->upload, data, size);
	exchange->body_size += size;
	if (exchange->body_size > SWALLOW_MAX)
		return false;
	(void)buf_add(&exchange->body, data, size); /* one that failed is told once all is there */
	return true;
}

/* ---- the answer ---- */

struct arguments {
	struct api_argument list[API_ARGUMENTS_MAX];
	unsigned count;
	bool are_too_many;
};

static enum MHD_Result
add_argument(void *arg, enum MHD_ValueKind kind, const char *name, const char *value)
{
	struct arguments *arguments = arg;

	(void)kind;
	if (arguments->count == API_ARGUMENTS_MAX) {
		arguments->are_too_many = true;
		return MHD_NO;
	}
	arguments->list[arguments->count++] =
		(struct api_argument){ name, value != NULL ? value : "" };
	return MHD_YES;
}

static void
wait_for_response(struct exchange *exchange)
{
	exchange->is_waiting = true;
	exchange->next = exchange->http->waiting;
	exchange->http->waiting = exchange;
	MHD_suspend_connection(exchange->connection);
}

static void
wait_no_more(struct exchange *exchange)
{
	struct exchange **link = &exchange->http->waiting;

	while (*link != exchange)
		link = &(*link)->next;
	*link = exchange->next;
	exchange->is_waiting = false;
	MHD_resume_connection(exchange->connection);
}

static void
response_there(void *arg)
{
	struct exchange *exchange = arg;

	exchange->has_response = true;
	wait_no_more(exchange);
	http_wake(exchange->http);
}

static void
answer(struct exchange *exchange, const char *url, const char *method)
{
	struct arguments arguments = { .count = 0 };
	struct api_request request = { .method = method, .path = url, .arguments = arguments.list };

	(void)MHD_get_connection_values(exchange->connection, MHD_GET_ARGUMENT_KIND, add_argument,
					&arguments);
	exchange->has_response = true;
	request.arguments_count = arguments.count;
	request.body = buf_text(&exchange->body);
	request.body_size = exchange->body.size;
	if (arguments.are_too_many)
		api_refuse(&exchange->response, 400, "invalid", "at most %d arguments are read",
			   API_ARGUMENTS_MAX);
	else if (exchange->body.has_failed)
		api_refuse(&exchange->response, 413, "too-big",
			   "the body is too big: at most %d bytes are read here", API_BODY_MAX);
	else if (exchange->upload != NULL)
		api_upload_end(TAKE(exchange->upload), &exchange->response);
	else
		exchange->has_response =
			api_handle(exchange->http->api, &request, &exchange->response);
}

enum MHD_Result
exchange_handle(void *arg, struct MHD_Connection *connection, const char *url, const char *method,
		const char *version, const char *data, size_t *data_size, void **place)
{
	struct exchange *exchange = *place;

	(void)version;
	if (exchange == NULL) {
		*place = exchange = exchange_new(arg, connection);
		return exchange != NULL ? begin(exchange, url, method) : MHD_NO;
	}
	if (*data_size > 0) {
		const size_t size = *data_size;
		*data_size = 0;
		return take_body(exchange, data, size) ? MHD_YES : MHD_NO;
	}
	if (!exchange->has_response)
		answer(exchange, url, method);
	if (exchange->has_response)
		return send_response(exchange);
	wait_for_response(exchange);
	return MHD_YES;
}

void
exchange_completed(void *arg, struct MHD_Connection *connection, void **place,
		   enum MHD_RequestTerminationCode code)
{
	struct exchange *exchange = *place;

	(void)arg;
	(void)connection;
	(void)code;
	if (exchange == NULL)
		return;
	api_upload_abort(exchange->upload);
	api_response_done(&exchange->response);
	if (exchange->body.data != NULL)
		explicit_bzero(exchange->body.data,
			       exchange->body.size); /* it may carry a community */
	buf_done(&exchange->body);
	free(exchange);
	*place = NULL;
}

void
exchange_give_up_all(struct http *http)
{
	while (http->waiting != NULL) {
		struct exchange *exchange = http->waiting;
		api_response_done(&exchange->response);
		wait_no_more(exchange);
	}
}
