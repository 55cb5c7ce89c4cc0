/* What the resources share: reading requests, waiting for devices, and writing values. */
#include "api/room.h"
#include "base/text.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* ---- the request ---- */

const char *
call_argument(const struct api_call *call, const char *name)
{
	for (unsigned i = 0; i < call->request->arguments_count; i++)
		if (text_equal(call->request->arguments[i].name, name))
			return call->request->arguments[i].value;
	return NULL;
}

int
call_only_arguments(struct api_call *call, const char *const *names)
{
	for (unsigned i = 0; i < call->request->arguments_count; i++) {
		const char *const *known = names;
		while (*known != NULL && !text_equal(*known, call->request->arguments[i].name))
			known++;
		if (*known == NULL)
			return err_set(&call->err, AT, DD_EINVAL,
				       "there is no argument '%.64s' here",
				       call->request->arguments[i].name);
	}
	return 0;
}

int
call_number(struct api_call *call, const char *name, int64_t otherwise, int64_t max, int64_t *ret)
{
	const char *text = call_argument(call, name);
	uint64_t number;

	if (text == NULL) {
		*ret = otherwise;
		return 0;
	}
	if (!text_number(text, (uint64_t)max, &number))
		return err_set(&call->err, AT, DD_EINVAL, "'%s' must be a number up to %lld", name,
			       (long long)max);
	*ret = (int64_t)number;
	return 0;
}

int
call_id(struct api_call *call, unsigned part, int64_t *ret_id)
{
	uint64_t number;

	if (!text_number(call->part[part], INT64_MAX, &number) || number == 0)
		return err_set(&call->err, AT, DD_EINVAL, "'%.64s' is no id: it is a number from 1",
			       call->part[part]);
	*ret_id = (int64_t)number;
	return 0;
}

int
call_copy(struct api_call *call, const char *key, const char *text, char *target, size_t size)
{
	char cleaned[1024];

	if (strlen(text) >= size)
		return err_set(&call->err, AT, DD_EINVAL, "'%s' is longer than %zu bytes", key,
			       size - 1);
	assert(size <= sizeof(cleaned));
	(void)text_copy(cleaned, sizeof(cleaned), text);
	text_clean(cleaned);
	if (!text_equal(cleaned, text))
		return err_set(&call->err, AT, DD_EINVAL, "'%s' has control characters", key);
	(void)text_copy(target, size, text);
	return 0;
}

int
call_text(struct api_call *call, const char *key, bool is_optional, char *target, size_t size)
{
	const char *text;

	int r = is_optional ? json_text_or(call->body, key, "", &text, &call->err)
			    : json_get_text(call->body, key, &text, &call->err);
	if (r < 0)
		return r;
	if (!is_optional && text[0] == '\0')
		return err_set(&call->err, AT, DD_EINVAL, "'%s' is empty", key);
	return call_copy(call, key, text, target, size);
}

int
call_texts(struct api_call *call, const char *key, char *target, size_t size, unsigned max,
	   unsigned *ret_count)
{
	const json_t *list = json_object_get(call->body, key);

	*ret_count = 0;
	if (list == NULL || json_is_null(list))
		return 0;
	if (!json_is_array(list) || json_array_size(list) > max)
		return err_set(&call->err, AT, DD_EINVAL, "'%s' must be a list of at most %u texts",
			       key, max);
	for (unsigned i = 0; i < json_array_size(list); i++) {
		const char *text = json_string_value(json_array_get(list, i));
		if (text == NULL || text[0] == '\0')
			return err_set(&call->err, AT, DD_EINVAL,
				       "'%s' must be a list of texts that are not empty", key);
		int r = call_copy(call, key, text, target + (size_t)i * size, size);
		if (r < 0)
			return r;
	}
	*ret_count = (unsigned)json_array_size(list);
	return 0;
}

/* ---- waiting ---- */

struct api_waiting *
call_wait(struct api_call *call)
{
	struct api *api = call->api;

	if (api->waiting_count >= API_WAITING_MAX) {
		(void)err_set(&call->err, AT, DD_EFULL,
			      "%d requests wait for their devices: try again later",
			      API_WAITING_MAX);
		return NULL;
	}
	struct api_waiting *waiting = calloc(1, sizeof(*waiting));
	if (waiting == NULL) {
		(void)err_set(&call->err, AT, DD_ENOMEM, "no memory for a request");
		return NULL;
	}
	waiting->api = api;
	waiting->response = call->response;
	waiting->next = api->waiting;
	api->waiting = waiting;
	api->waiting_count++;
	call->response->waiting = waiting;
	return waiting;
}

static void
waiting_free(struct api_waiting *waiting)
{
	struct api *api = waiting->api;
	struct api_waiting **link = &api->waiting;

	while (*link != waiting)
		link = &(*link)->next;
	*link = waiting->next;
	api->waiting_count--;
	if (waiting->response != NULL)
		waiting->response->waiting = NULL;
	free(waiting);
}

void
answer_drop(struct api_waiting *waiting)
{
	waiting_free(waiting);
}

void
answer_done(struct api_waiting *waiting, unsigned status, const struct err *err,
	    void (*write)(struct json_writer *out, const void *noun), const void *noun)
{
	struct api_response *response = waiting->response;
	struct json_writer out;

	waiting_free(waiting);
	if (response == NULL)
		return;
	response->status = status;
	response->type = "application/json";
	json_writer_init(&out, &response->body);
	if (err != NULL)
		answer_error(response, err, true);
	else
		write(&out, noun);
	if (response->done != NULL)
		response->done(response->arg);
}

/* ---- values ---- */

/* Days since 1970-01-01 to a date of the Gregorian calendar. */
static void
date_of(int64_t days, int64_t *ret_year, unsigned *ret_month, unsigned *ret_day)
{
	const int64_t shifted = days + 719468; /* since 0000-03-01, so that leap days end a year */
	const int64_t era = shifted / 146097;
	const unsigned day_of_era = (unsigned)(shifted - era * 146097);
	const unsigned year_of_era =
		(day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
	const unsigned day_of_year =
		day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	const unsigned month = (5 * day_of_year + 2) / 153; /* from March */

	*ret_day = day_of_year - (153 * month + 2) / 5 + 1;
	*ret_month = month < 10 ? month + 3 : month - 9;
	*ret_year = (int64_t)year_of_era + era * 400 + (*ret_month <= 2);
}

void
put_time(struct json_writer *out, const char *key, int64_t wall_ms)
{
	char text[48];
	int64_t year;
	unsigned month, day;

	if (wall_ms <= 0) {
		json_put_null(out, key);
		return;
	}
	date_of(wall_ms / 86400000, &year, &month, &day);
	const unsigned left = (unsigned)(wall_ms % 86400000);
	(void)text_print(text, sizeof(text), "%04lld-%02u-%02uT%02u:%02u:%02u.%03uZ",
			 (long long)year, month, day, left / 3600000, left / 60000 % 60,
			 left / 1000 % 60, left % 1000);
	json_put_text(out, key, text);
}

void
put_text_or_null(struct json_writer *out, const char *key, const char *text)
{
	if (text[0] == '\0')
		json_put_null(out, key);
	else
		put_foreign(out, key, text);
}

void
put_hash(struct json_writer *out, const char *key, const struct sha256 *hash)
{
	char text[SHA256_TEXT_SIZE];

	if (sha256_is_zero(hash))
		json_put_null(out, key);
	else
		json_put_text(out, key, sha256_text(hash, text));
}

void
put_foreign(struct json_writer *out, const char *key, const char *text)
{
	char *copy = strdup(text);

	if (copy == NULL) {
		out->out->has_failed = true;
		return;
	}
	text_clean(copy);
	json_put_text(out, key, copy);
	free(copy);
}

void
put_addr(struct json_writer *out, const char *key, const struct addr *addr)
{
	char text[ADDR_TEXT_MAX];

	if (addr->family == ADDR_NONE)
		json_put_null(out, key);
	else
		json_put_text(out, key, addr_text(addr, text));
}

/* ---- lists ---- */

int
listing_open(struct listing *listing, struct api_call *call, const char *key)
{
	int64_t limit = 0;

	*listing = (struct listing){ .out = &call->out, .call = call };
	int r = call_number(call, "limit", API_ROWS_MAX, API_ROWS_MAX, &limit);
	if (r == 0)
		r = call_number(call, "after", 0, INT64_MAX, &listing->after);
	if (r < 0)
		return r;
	listing->rows_max = (unsigned)limit;
	json_open_object(&call->out, NULL);
	json_open_array(&call->out, key);
	return 0;
}

bool
listing_takes(struct listing *listing, int64_t id, bool *ret_goes_on)
{
	*ret_goes_on = true;
	if (id <= listing->after)
		return false;
	if (listing->rows == listing->rows_max) {
		listing->has_more = true;
		*ret_goes_on = false;
		return false;
	}
	listing->rows++;
	return true;
}

void
listing_close(struct listing *listing)
{
	json_close_array(listing->out);
	json_put_bool(listing->out, "more", listing->has_more);
	json_close_object(listing->out);
}
