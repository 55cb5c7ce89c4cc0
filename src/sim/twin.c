/* One simulated access device: the agent's box on a simulated host. */
#include "sim/twin.h"

#include "agent/box.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

enum { SLOT_BYTES = 8 << 20, PATH_SIZE = 64 };

static const char model[] = "IAD-24";
static const char folder[] = "/flash";
static const char device_folder[] = "/flash/device";

struct twin {
	struct env *env;
	struct twin_settings settings;
	struct faults faults;
	struct box *box; /* NULL while it is off */
};

int
twin_image(const char *version, uint32_t format, uint64_t size, struct buf *ret_image,
	   struct err *err)
{
	struct image_header header = { .format = format, .size = size };
	char text[IMAGE_HEADER_MAX];
	uint8_t *payload = malloc(size > 0 ? size : 1);

	if (payload == NULL)
		return err_set(err, AT, DD_ENOMEM, "no memory for an image");
	image_payload(version, 0, payload, size);
	sha256_of(payload, size, &header.hash);
	(void)text_copy(header.version, sizeof(header.version), version);
	(void)text_copy(header.model, sizeof(header.model), model);
	size_t header_size = image_header_print(&header, text);
	(void)buf_add(ret_image, text, header_size);
	(void)buf_add(ret_image, payload, size);
	free(payload);
	return ret_image->has_failed ? err_set(err, AT, DD_ENOMEM, "no memory for an image") : 0;
}

static int
make_device(struct twin *twin, struct err *err)
{
	const struct twin_settings *settings = &twin->settings;
	static const char image_path[] = "/flash/first.img", config_path[] = "/flash/first.conf";
	const char *images[] = { image_path };
	struct buf image = { 0 };

	int r = env_dir_make(twin->env, folder, err);
	if (r == 0)
		r = twin_image(settings->version, 1, settings->image_size, &image, err);
	if (r == 0)
		r = env_file_store(twin->env, image_path, image.data, image.size, err);
	if (r == 0)
		r = env_file_store(twin->env, config_path, settings->config,
				   strlen(settings->config), err);
	buf_done(&image);
	if (r < 0)
		return r;
	r = box_init(twin->env,
		     &(struct box_birth){
			     .dir = device_folder,
			     .images = images,
			     .images_count = 1,
			     .config = config_path,
			     .serial = settings->serial,
			     .revision = "A",
			     .slot_count = 2,
			     .capacity = SLOT_BYTES,
		     },
		     err);
	if (r == 0 && env_dir_sync(twin->env, folder) < 0)
		r = err_set(err, AT, DD_EIO, "the folder of a device can't be made durable");
	return r;
}

int
twin_on(struct twin *twin, struct err *err)
{
	return box_new(twin->env,
		       &(struct box_settings){
			       .dir = device_folder,
			       .listen = twin->settings.listen,
			       .trap_to = twin->settings.trap_to,
			       .is_inform = twin->settings.is_inform,
			       .read_community = twin->settings.community,
			       .write_community = twin->settings.community,
			       .faults = &twin->faults,
			       .log = twin->settings.log,
		       },
		       &twin->box, err);
}

int
twin_new(struct env *env, const struct twin_settings *settings, struct twin **ret_twin,
	 struct err *err)
{
	struct twin *twin = calloc(1, sizeof(*twin));

	if (twin == NULL)
		return err_set(err, AT, DD_ENOMEM, "no memory for a device");
	twin->env = env;
	twin->settings = *settings;
	int r = 0;
	for (unsigned i = 0; i < settings->faults_count && r == 0; i++)
		r = fault_add(&twin->faults, settings->faults[i], err);
	if (r == 0)
		r = make_device(twin, err);
	if (r == 0)
		r = twin_on(twin, err);
	if (r < 0) {
		twin_free(twin);
		return r;
	}
	*ret_twin = twin;
	return 0;
}

void
twin_off(struct twin *twin)
{
	box_free(twin->box);
	twin->box = NULL;
	twin->faults.count = 0; /* a device that was switched off and on behaves */
}

void
twin_free(struct twin *twin)
{
	if (twin == NULL)
		return;
	box_free(twin->box);
	free(twin);
}

int
twin_meaning(const char *text, size_t size, struct sha256 *ret_meaning, struct err *err)
{
	struct iad *iad = calloc(1, sizeof(*iad));

	if (iad == NULL)
		return err_set(err, AT, DD_ENOMEM, "no memory for a configuration");
	int r = iad_parse(iad, 1, text, size, NULL);
	if (r < 0)
		r = iad_parse(iad, 2, text, size, err);
	if (r == 0)
		iad_hash(iad, IAD_CATEGORY_COUNT, ret_meaning);
	free(iad);
	return r;
}

/* The running slot's configuration file, as it lies on the flash. */
static void
look_at_config(struct twin *twin, unsigned slot, struct sha256 *ret_meaning)
{
	char path[PATH_SIZE];
	char *text = NULL;
	size_t size = 0;

	*ret_meaning = (struct sha256){ 0 };
	(void)text_print(path, sizeof(path), "%s/slot%u.config", device_folder, slot);
	if (env_file_load(twin->env, path, IAD_CONFIG_MAX, &text, &size, NULL) == 0)
		(void)twin_meaning(text, size, ret_meaning,
				   NULL); /* zero says that it can't be read */
	free(text);
}

uint32_t
twin_flash_count(const struct twin *twin)
{
	return twin->box != NULL ? box_state(twin->box)->flash_count : 0;
}

void
twin_look(struct twin *twin, struct twin_view *ret_view)
{
	*ret_view = (struct twin_view){ .is_on = twin->box != NULL };
	if (twin->box == NULL)
		return;
	const struct device_state *state = box_state(twin->box);
	ret_view->is_dead = box_is_dead(twin->box);
	ret_view->flash_count = state->flash_count;
	ret_view->is_fetching =
		state->last.state == STATUS_RUNNING && state->last.operation == OPERATION_FETCH;
	(void)text_copy(ret_view->version, sizeof(ret_view->version), state->reported);
	if (state->running_slot >= 1 && state->slots[state->running_slot - 1].has_config)
		look_at_config(twin, state->running_slot, &ret_view->meaning);
}
