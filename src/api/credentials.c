/* Resource credentials: names that stand for communities. The secret goes in and never comes out
 * (INV-API-2). */
#include "api/room.h"

#include <string.h>

int
credentials_post(struct api_call *call)
{
	static const char *const keys[] = { "name", "kind", "community", NULL };
	struct credential credential = { 0 };
	const char *kind;

	int r = json_only_keys(call->body, keys, &call->err);
	if (r == 0)
		r = json_text_or(call->body, "kind", "v2c", &kind, &call->err);
	if (r == 0 && strcmp(kind, "v2c") != 0)
		r = err_set(&call->err, AT, DD_EUNSUPPORTED,
			    "'kind' must be v2c: other kinds of credential are not known yet");
	if (r == 0)
		r = call_text(call, "name", false, credential.name, sizeof(credential.name));
	if (r == 0)
		r = call_text(call, "community", false, credential.community,
			      sizeof(credential.community));
	if (r == 0)
		r = engine_credential_put(call->api->engine, &credential, &call->err);
	if (r == 0) {
		json_open_object(&call->out, NULL);
		json_put_text(&call->out, "name", credential.name);
		json_put_text(&call->out, "kind", "v2c");
		json_close_object(&call->out);
		call->status = 201;
	}
	explicit_bzero(&credential, sizeof(credential));
	return r;
}

static bool
credential_row(void *arg, const struct credential *credential)
{
	struct listing *listing = arg;
	const char *after = call_argument(listing->call, "after-name");
	bool goes_on;

	if (after != NULL && strcmp(credential->name, after) <= 0)
		return true;
	if (!listing_takes(listing, INT64_MAX, &goes_on))
		return goes_on;
	json_open_object(listing->out, NULL);
	json_put_text(listing->out, "name", credential->name);
	json_put_text(listing->out, "kind", "v2c");
	json_close_object(listing->out);
	return true;
}

int
credentials_list(struct api_call *call)
{
	static const char *const names[] = { "limit", "after-name", NULL };
	struct listing listing;

	int r = call_only_arguments(call, names);
	if (r == 0)
		r = listing_open(&listing, call, "credentials");
	if (r == 0)
		r = store_credential_list(engine_store(call->api->engine), credential_row, &listing,
					  &call->err);
	if (r == 0)
		listing_close(&listing);
	return r;
}
