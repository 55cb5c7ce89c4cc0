/* Resource devices. */
#include "api/room.h"
#include "base/text.h"

#include <string.h>

void
put_device(struct json_writer *out, const struct device *device)
{
	json_put_text(out, "name", device->name);
	put_addr(out, "address", &device->address);
	json_put_text(out, "credential", device->credential);
	put_text_or_null(out, "profile", device->profile);
	put_text_or_null(out, "site", device->site);
	json_open_object(out, "tags");
	for (unsigned i = 0; i < device->tags_count; i++)
		json_put_text(out, device->tags[i].key, device->tags[i].value);
	json_close_object(out);
	put_text_or_null(out, "model", device->model);
	put_text_or_null(out, "revision", device->revision);
	put_text_or_null(out, "serial", device->serial);
	put_text_or_null(out, "version", device->version);
	put_time(out, "seen_at", device->seen_wall_ms);
	json_put_bool(out, "is_disabled", device->is_disabled);
}

static void
write_device(struct json_writer *out, const void *noun)
{
	json_open_object(out, NULL);
	put_device(out, noun);
	json_close_object(out);
}

/* ---- POST devices ---- */

static int
read_tags(struct api_call *call, struct device *device)
{
	json_t *tags = json_object_get(call->body, "tags");
	const char *key;
	json_t *value;

	if (tags == NULL || json_is_null(tags))
		return 0;
	if (!json_is_object(tags) || json_object_size(tags) > DEVICE_TAGS_MAX)
		return err_set(&call->err, AT, DD_EINVAL,
			       "'tags' must be an object of at most %d texts", DEVICE_TAGS_MAX);
	json_object_foreach(tags, key, value)
	{
		unsigned i = device->tags_count++;
		if (!text_is_name(key, sizeof(device->tags[i].key) - 1) || !json_is_string(value))
			return err_set(&call->err, AT, DD_EINVAL,
				       "tag '%.64s': a key has letters, digits, '.', '_' and '-', "
				       "and its value is a text",
				       key);
		(void)text_copy(device->tags[i].key, sizeof(device->tags[i].key), key);
		int r = call_copy(call, key, json_string_value(value), device->tags[i].value,
				  sizeof(device->tags[i].value));
		if (r < 0)
			return r;
	}
	return 0;
}

static int
read_device(struct api_call *call, struct device *device)
{
	static const char *const keys[] = { "name", "address", "credential", "profile",
					    "site", "tags",    NULL };
	char address[ADDR_TEXT_MAX];

	int r = json_only_keys(call->body, keys, &call->err);
	if (r == 0)
		r = call_text(call, "name", false, device->name, sizeof(device->name));
	if (r == 0)
		r = call_text(call, "address", false, address, sizeof(address));
	if (r == 0)
		r = addr_parse(address, SNMP_PORT, &device->address, &call->err);
	if (r == 0)
		r = call_text(call, "credential", false, device->credential,
			      sizeof(device->credential));
	if (r == 0)
		r = call_text(call, "profile", true, device->profile, sizeof(device->profile));
	if (r == 0)
		r = call_text(call, "site", true, device->site, sizeof(device->site));
	return r == 0 ? read_tags(call, device) : r;
}

static void
device_added(void *arg, const struct device *device, const struct err *err)
{
	answer_done(arg, 201, err, write_device, device);
}

int
devices_post(struct api_call *call)
{
	struct device device = { 0 };

	int r = read_device(call, &device);
	if (r < 0)
		return r;
	struct api_waiting *waiting = call_wait(call);
	if (waiting == NULL)
		return call->err.code;
	call->is_body_at_fault = true;
	r = engine_device_add(call->api->engine, &device, device_added, waiting, &call->err);
	if (r == 0)
		return API_WAITS;
	answer_drop(waiting);
	return r;
}

/* ---- GET devices ---- */

struct filter {
	struct listing listing;
	const char *after, *profile, *version;
	const struct api_request *request;
};

/* ?tag=key=value, as often as wanted: all must hold. */
static bool
has_tag(const struct device *device, const char *tag)
{
	for (unsigned i = 0; i < device->tags_count; i++) {
		size_t size = strlen(device->tags[i].key);
		if (strncmp(device->tags[i].key, tag, size) == 0 && tag[size] == '=' &&
		    text_equal(device->tags[i].value, tag + size + 1))
			return true;
	}
	return false;
}

static bool
passes(const struct filter *filter, const struct device *device)
{
	if (filter->after != NULL && strcmp(device->name, filter->after) <= 0)
		return false;
	if (filter->profile != NULL && !text_equal(device->profile, filter->profile))
		return false;
	if (filter->version != NULL && !text_equal(device->version, filter->version))
		return false;
	for (unsigned i = 0; i < filter->request->arguments_count; i++)
		if (text_equal(filter->request->arguments[i].name, "tag") &&
		    !has_tag(device, filter->request->arguments[i].value))
			return false;
	return true;
}

static bool
device_row(void *arg, const struct device *device)
{
	struct filter *filter = arg;
	bool goes_on;

	if (!passes(filter, device))
		return true;
	if (listing_takes(&filter->listing, INT64_MAX, &goes_on))
		write_device(filter->listing.out, device);
	return goes_on;
}

int
devices_list(struct api_call *call)
{
	static const char *const names[] = { "limit",   "after-name", "profile",
					     "version", "tag",        NULL };
	struct filter filter = {
		.after = call_argument(call, "after-name"),
		.profile = call_argument(call, "profile"),
		.version = call_argument(call, "version"),
		.request = call->request,
	};

	int r = call_only_arguments(call, names);
	if (r == 0)
		r = listing_open(&filter.listing, call, "devices");
	if (r == 0)
		r = store_device_list(engine_store(call->api->engine), device_row, &filter,
				      &call->err);
	if (r == 0)
		listing_close(&filter.listing);
	return r;
}

/* ---- one device ---- */

int
devices_get(struct api_call *call)
{
	struct device device;

	int r = store_device_get(engine_store(call->api->engine), call->part[0], &device,
				 &call->err);
	if (r == 0)
		write_device(&call->out, &device);
	return r;
}

int
devices_delete(struct api_call *call)
{
	int r = engine_device_remove(call->api->engine, call->part[0], &call->err);
	if (r == 0)
		call->status = 204;
	return r;
}

struct probed {
	const struct device *device;
	const struct facts *facts;
};

static void
put_slots(struct json_writer *out, const struct facts *facts)
{
	json_open_array(out, "slots");
	for (unsigned i = 0; i < facts->slots_count && i < FACT_SLOTS_MAX; i++) {
		json_open_object(out, NULL);
		json_put_int(out, "slot", i + 1);
		json_put_bool(out, "is_valid", facts->slots[i].is_valid);
		put_text_or_null(out, "version", facts->slots[i].version);
		put_hash(out, "sha256", &facts->slots[i].content);
		json_close_object(out);
	}
	json_close_array(out);
}

static void
write_probed(struct json_writer *out, const void *noun)
{
	const struct probed *probed = noun;
	const struct facts *facts = probed->facts;

	json_open_object(out, NULL);
	put_device(out, probed->device);
	json_open_object(out, "facts");
	put_text_or_null(out, "object_id", facts->object_id);
	json_put_int(out, "config_format", facts->config_format);
	json_put_int(out, "uptime_ms", (int64_t)facts->uptime_ms);
	json_put_int(out, "running_slot", facts->running_slot);
	put_slots(out, facts);
	if (facts->has_service) {
		json_put_int(out, "ports_up", facts->ports_up);
		json_put_int(out, "registrations", facts->registrations);
	}
	json_put_int(out, "busy_ticket", facts->busy_ticket);
	json_close_object(out);
	json_close_object(out);
}

static void
device_probed(void *arg, const struct device *device, const struct facts *facts,
	      const struct err *err)
{
	struct probed probed = { device, facts };

	answer_done(arg, 200, err, write_probed, &probed);
}

int
devices_probe(struct api_call *call)
{
	struct device device;

	int r = store_device_get(engine_store(call->api->engine), call->part[0], &device,
				 &call->err);
	if (r < 0)
		return r;
	struct api_waiting *waiting = call_wait(call);
	if (waiting == NULL)
		return call->err.code;
	call->is_body_at_fault = true; /* the device is there; what it needs may not be */
	r = engine_device_probe(call->api->engine, call->part[0], device_probed, waiting,
				&call->err);
	if (r == 0)
		return API_WAITS;
	answer_drop(waiting);
	return r;
}
