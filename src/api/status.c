/* Resources health and files/status: is the manager there, and its file service? */
#include "api/room.h"
#include "base/version.h"

static void
put_files(struct api_call *call, const char *key)
{
	struct engine *engine = call->api->engine;
	uint16_t tftp, ftp;

	bool is_up = engine_files_up(engine, &tftp, &ftp);
	json_open_object(&call->out, key);
	json_put_bool(&call->out, "is_up", is_up);
	json_put_int(&call->out, "port_tftp", tftp);
	json_put_int(&call->out, "port_ftp", ftp);
	json_close_object(&call->out);
}

int
health_get(struct api_call *call)
{
	struct engine *engine = call->api->engine;
	const struct addr *trap = engine_trap_local(engine);

	json_open_object(&call->out, NULL);
	json_put_text(&call->out, "status", store_is_lost(engine_store(engine)) ? "lost" : "ok");
	json_put_text(&call->out, "version", DD_VERSION);
	put_time(&call->out, "now", env_wall(call->api->env));
	put_addr(&call->out, "trap", trap != NULL ? trap : &(struct addr){ 0 });
	json_put_int(&call->out, "profiles", engine_profile_count(engine));
	put_files(call, "files");
	json_close_object(&call->out);
	return 0;
}

int
files_status_get(struct api_call *call)
{
	put_files(call, NULL);
	return 0;
}
