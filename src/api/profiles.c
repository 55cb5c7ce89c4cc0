/* Resource profiles: which families can be driven. */
#include "api/room.h"

static void
put_profile(struct json_writer *out, const struct profile *profile)
{
	const struct schema *schema = profile_schema(profile);

	json_open_object(out, NULL);
	json_put_text(out, "name", profile_name(profile));
	put_foreign(out, "description", profile_description(profile));
	json_put_int(out, "slots", profile_slots(profile));
	json_put_int(out, "files_max", profile_files_max(profile));
	json_open_array(out, "operations");
	for (int i = OPERATION_NONE + 1; i < OPERATION_COUNT; i++)
		if (profile_has(profile, (enum operation)i))
			json_put_text(out, NULL, operation_name((enum operation)i));
	json_close_array(out);
	json_open_array(out, "protocols");
	for (int i = PROTOCOL_NONE + 1; i < PROTOCOL_COUNT; i++)
		if (profile_allows(profile, (enum protocol)i))
			json_put_text(out, NULL, protocol_name((enum protocol)i));
	json_close_array(out);
	json_open_array(out, "config_formats");
	for (unsigned i = 0; i < schema->formats_count; i++)
		json_put_int(out, NULL, schema->formats[i].number);
	json_close_array(out);
	json_put_bool(out, "management_survives", profile_management_survives(profile));
	json_close_object(out);
}

int
profiles_list(struct api_call *call)
{
	const struct engine *engine = call->api->engine;

	json_open_object(&call->out, NULL);
	json_open_array(&call->out, "profiles");
	for (unsigned i = 0; i < engine_profile_count(engine); i++)
		put_profile(&call->out, engine_profile_at(engine, i));
	json_close_array(&call->out);
	json_put_bool(&call->out, "more", false);
	json_close_object(&call->out);
	return 0;
}

int
profiles_get(struct api_call *call)
{
	const struct profile *profile = engine_profile(call->api->engine, call->part[0]);

	if (profile == NULL)
		return err_set(&call->err, AT, DD_ENOTFOUND, "no profile %s is loaded",
			       call->part[0]);
	put_profile(&call->out, profile);
	return 0;
}
