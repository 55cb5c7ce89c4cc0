/* The body of POST jobs becomes an order. */
#include "api/room.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

enum { LIMIT_MS_MAX = 7 * 24 * 3600 * 1000, RETRIES_MAX = 100 };

static int
read_word(struct api_call *call, const char *key, const char *otherwise, const char *(*name)(int),
	  int first, int count, int *ret)
{
	const char *text;

	int r = json_text_or(call->body, key, otherwise, &text, &call->err);
	if (r < 0)
		return r;
	for (int i = first; i < count; i++) {
		if (text_equal(name(i), text)) {
			*ret = i;
			return 0;
		}
	}
	char words[256] = "";
	for (int i = first; i < count; i++)
		(void)text_print(words + strlen(words), sizeof(words) - strlen(words), "%s%s",
				 i > first ? ", " : "", name(i));
	return err_set(&call->err, AT, DD_EINVAL, "'%s' must be one of %s", key, words);
}

static const char *
goal_name(int goal)
{
	return job_goal_name((enum job_goal)goal);
}

static const char *
policy_name(int policy)
{
	return job_policy_name((enum job_policy)policy);
}

static const char *
protocol_word(int protocol)
{
	return protocol_name((enum protocol)protocol);
}

/* {"update": 60000}: milliseconds by step. */
static int
read_times(struct api_call *call, const char *key, msec_t times[STEP_COUNT])
{
	json_t *object = json_object_get(call->body, key);
	enum job_step step;
	const char *name;
	json_t *value;

	if (object == NULL || json_is_null(object))
		return 0;
	if (!json_is_object(object))
		return err_set(&call->err, AT, DD_EINVAL,
			       "'%s' must be an object: milliseconds by step", key);
	json_object_foreach(object, name, value)
	{
		if (!job_step_parse(name, &step))
			return err_set(&call->err, AT, DD_EINVAL, "'%s': there is no step '%.32s'",
				       key, name);
		int r = json_get_int(object, name, 1, LIMIT_MS_MAX, &times[step], &call->err);
		if (r < 0)
			return err_wrap(&call->err, AT, "'%s'", key);
	}
	return 0;
}

/* An image by id, or by version: then the newest that fits the device's family and model. */
static int
find_image(struct api_call *call, const struct device *device, int64_t *ret_id)
{
	struct store *store = engine_store(call->api->engine);
	const json_t *value = json_object_get(call->body, "image");
	struct image *image = malloc(sizeof(*image));
	const char *text = json_string_value(value);
	uint64_t id = 0;

	if (image == NULL)
		return err_set(&call->err, AT, DD_ENOMEM, "no memory for an image");
	int r = DD_ENOTFOUND;
	if (json_is_integer(value))
		id = (uint64_t)json_integer_value(value);
	if (json_is_integer(value) || (text != NULL && text_number(text, INT64_MAX, &id)))
		r = store_image_get(store, (int64_t)id, image, &call->err);
	if (r == DD_ENOTFOUND && text != NULL)
		r = store_image_find(store, device->profile, text, device->model, image,
				     &call->err);
	if (r == 0)
		*ret_id = image->id;
	free(image);
	if (text == NULL && !json_is_integer(value))
		return err_set(&call->err, AT, DD_EINVAL,
			       "'image' must be the id or version of an image");
	if (r == DD_ENOTFOUND && text != NULL)
		return err_set(
			&call->err, AT, r,
			"there is no image %.64s for profile %s: drydock image list names them",
			text, device->profile);
	return r;
}

struct newest {
	int64_t id;
};

/* What was read from the device, not what was made for it. */
static bool
find_newest(void *arg, const struct snapshot *snapshot)
{
	struct newest *newest = arg;

	if (!text_equal(snapshot->role, "wanted"))
		newest->id = snapshot->id;
	return true;
}

static int
find_snapshot(struct api_call *call, const struct device *device, int64_t *ret_id)
{
	struct newest newest = { 0 };

	int r = json_int_or(call->body, "snapshot", 1, INT64_MAX, 0, ret_id, &call->err);
	if (r < 0 || *ret_id != 0)
		return r;
	r = store_snapshot_list(engine_store(call->api->engine), device->id, find_newest, &newest,
				&call->err);
	if (r == 0 && newest.id == 0)
		return err_set(&call->err, AT, DD_ENOTFOUND,
			       "device %s has no snapshot: back it up first", device->name);
	*ret_id = newest.id;
	return r;
}

static int
refuse_key(struct api_call *call, const char *key, const char *goal)
{
	const json_t *value = json_object_get(call->body, key);

	if (value == NULL || json_is_null(value))
		return 0;
	return err_set(&call->err, AT, DD_EINVAL, "'%s' means nothing for goal %s", key, goal);
}

static int
read_nouns(struct api_call *call, const struct device *device, struct job_order *order)
{
	const char *goal = job_goal_name(order->goal);
	int r = 0;

	order->device = device->name;
	if (order->goal != GOAL_UPGRADE)
		r = refuse_key(call, "image", goal);
	if (r == 0 && order->goal != GOAL_RESTORE)
		r = refuse_key(call, "snapshot", goal);
	if (r == 0 && order->goal == GOAL_UPGRADE)
		r = find_image(call, device, &order->image_id);
	if (r == 0 && order->goal == GOAL_RESTORE)
		r = find_snapshot(call, device, &order->snapshot_id);
	return r;
}

int
job_order_read(struct api_call *call, struct device *device, struct job_order *ret_order)
{
	static const char *const keys[] = { "device",    "goal",       "image",   "snapshot",
					    "protocol",  "on_failure", "retries", "unproven",
					    "limits_ms", "stalls_ms",  NULL };
	int goal = 0, protocol = 0, policy = 0;
	const char *name;
	int64_t retries = 0;

	*ret_order = (struct job_order){ 0 };
	call->is_body_at_fault = true;
	int r = json_only_keys(call->body, keys, &call->err);
	if (r == 0)
		r = read_word(call, "goal", "", goal_name, 0, GOAL_COUNT, &goal);
	if (r == 0)
		r = read_word(call, "protocol", "tftp", protocol_word, PROTOCOL_NONE + 1,
			      PROTOCOL_COUNT, &protocol);
	if (r == 0)
		r = read_word(call, "on_failure", "ask", policy_name, POLICY_ASK, POLICY_STOP + 1,
			      &policy);
	if (r == 0)
		r = json_int_or(call->body, "retries", 1, RETRIES_MAX, 0, &retries, &call->err);
	if (r == 0)
		r = json_bool_or(call->body, "unproven", false, &ret_order->takes_unproven,
				 &call->err);
	if (r == 0)
		r = read_times(call, "limits_ms", ret_order->limit_ms);
	if (r == 0)
		r = read_times(call, "stalls_ms", ret_order->stall_ms);
	if (r == 0)
		r = json_get_text(call->body, "device", &name, &call->err);
	if (r == 0)
		r = store_device_get(engine_store(call->api->engine), name, device, &call->err);
	if (r < 0)
		return r;
	if (retries != 0 && policy != POLICY_RETRY)
		return err_set(&call->err, AT, DD_EINVAL,
			       "'retries' means nothing without on_failure retry");
	ret_order->goal = (enum job_goal)goal;
	ret_order->protocol = (enum protocol)protocol;
	ret_order->on_failure = (enum job_policy)policy;
	ret_order->retries_max = (unsigned)retries;
	return read_nouns(call, device, ret_order);
}
