/* verb_status.c - tell what a device's own files say, whether it runs or not. Changes nothing. */
#include "agent/flash.h"
#include "agent/verbs.h"
#include "base/json.h"
#include "base/text.h"
#include "env/env_linux.h"

#include <stdio.h>
#include <stdlib.h>

static const char help[] = "Usage: drydock-agent status DIR [--json]\n"
			   "\n"
			   "Tell what the files of the device in DIR say: software, slots, "
			   "counters, configuration, last command.\n"
			   "The configuration's hashes are over its meaning: equal before and "
			   "after a change of format.\n";

enum { OPTION_JSON };
static const struct option_row rows[] = { { "json", false }, { NULL, false } };

struct seen {
	struct flash flash;
	struct flash_identity identity;
	struct device_state state;
	struct iad iad;
	char config[IAD_CONFIG_MAX];
};

static void
seen_freep(struct seen **seen)
{
	free(*seen);
}

static const struct slot *
running_slot(const struct seen *seen)
{
	return &seen->state.slots[seen->state.running_slot - 1];
}

/* The software that a power-on would run now, where the device never booted yet. */
static void
first_boot(struct device_state *state)
{
	if (state->running_slot != 0)
		return;
	state->running_slot = state->boot_slot;
	state->running = state->slots[state->boot_slot - 1].software;
	(void)text_copy(state->reported, sizeof(state->reported),
			state->running.version); /* equal sizes */
}

static int
slots_check(struct seen *seen, struct err *err)
{
	for (unsigned i = 0; i < seen->state.slot_count; i++) {
		struct slot *slot = &seen->state.slots[i];
		struct device_slot_fact fact;
		const int r = flash_slot_check(&seen->flash, i + 1, &fact, err);
		if (r < 0)
			return r;
		const bool is_next = seen->state.next_slot == i + 1 &&
				     sha256_equal(&fact.hash, &seen->state.next.hash);
		if (slot->state == SLOT_VALID && !is_next &&
		    (!fact.is_there || !sha256_equal(&fact.hash, &slot->software.hash)))
			slot->state = SLOT_DAMAGED;
	}
	return 0;
}

static int
config_read(struct seen *seen, struct err *err)
{
	size_t size = 0;

	if (!running_slot(seen)->has_config) {
		iad_defaults(&seen->iad);
		return 0;
	}
	int r = flash_config_load(&seen->flash, seen->state.running_slot, seen->config,
				  sizeof(seen->config), &size, err);
	if (r == 0)
		r = iad_parse(&seen->iad, seen->state.running.format, seen->config, size, err);
	return r < 0 ? err_wrap(err, AT, "the running configuration") : 0;
}

static int
device_read(struct seen *seen, const char *dir, struct env *env, struct err *err)
{
	int r = flash_init(&seen->flash, env, dir, err);

	if (r == 0)
		r = flash_identity_load(&seen->flash, &seen->identity, err);
	if (r == 0)
		r = flash_state_load(&seen->flash, &seen->state, err);
	if (r == DD_ENOTFOUND)
		return err_set(err, AT, r, "%s holds no device", dir);
	if (r == 0) {
		first_boot(&seen->state);
		r = slots_check(seen, err);
	}
	return r == 0 ? config_read(seen, err) : r;
}

/* ---- JSON ---- */

static void
hash_put(struct json_writer *json, const char *key, const struct sha256 *hash)
{
	char text[SHA256_TEXT_SIZE];

	json_put_text(json, key, sha256_text(hash, text));
}

static void
slots_put(struct json_writer *json, const struct device_state *state)
{
	json_open_array(json, "slots");
	for (unsigned i = 0; i < state->slot_count; i++) {
		const struct slot *slot = &state->slots[i];
		const bool is_empty = slot->state == SLOT_EMPTY;
		json_open_object(json, NULL);
		json_put_int(json, "slot", i + 1);
		json_put_text(json, "state", slot_state_name(slot->state));
		json_put_text(json, "version", is_empty ? NULL : slot->software.version);
		if (is_empty)
			json_put_null(json, "sha256");
		else
			hash_put(json, "sha256", &slot->software.hash);
		json_put_bool(json, "has_configuration", slot->has_config);
		json_close_object(json);
	}
	json_close_array(json);
}

static void
config_put(struct json_writer *json, const struct seen *seen)
{
	struct sha256 hash;

	json_open_object(json, "configuration");
	json_put_int(json, "format", seen->state.running.format);
	iad_hash(&seen->iad, IAD_CATEGORY_COUNT, &hash);
	hash_put(json, "sha256", &hash);
	json_open_object(json, "categories");
	for (unsigned i = 0; i < IAD_CATEGORY_COUNT; i++) {
		json_open_object(json, iad_category_name((enum iad_category)i));
		json_put_int(json, "items", iad_count(&seen->iad, (enum iad_category)i));
		iad_hash(&seen->iad, (enum iad_category)i, &hash);
		hash_put(json, "sha256", &hash);
		json_close_object(json);
	}
	json_close_object(json);
	json_close_object(json);
}

static void
last_put(struct json_writer *json, const struct status *last)
{
	json_open_object(json, "last");
	json_put_int(json, "ticket", last->ticket);
	json_put_text(json, "operation", operation_name(last->operation));
	json_put_text(json, "state", status_state_name(last->state));
	json_put_text(json, "reason", status_reason_name(last->reason));
	json_put_text(json, "text", last->text);
	json_close_object(json);
}

static void
json_print(const struct seen *seen, struct buf *out)
{
	struct json_writer json;
	const struct device_state *state = &seen->state;

	json_writer_init(&json, out);
	json_open_object(&json, NULL);
	json_put_text(&json, "version", state->reported);
	json_put_text(&json, "model", seen->identity.model);
	json_put_text(&json, "revision", seen->identity.revision);
	json_put_text(&json, "serial", seen->identity.serial);
	json_put_int(&json, "running_slot", state->running_slot);
	json_put_int(&json, "boot_slot", state->boot_slot);
	json_put_int(&json, "flash_count", state->flash_count);
	json_put_int(&json, "boot_count", state->boot_count);
	json_put_text(&json, "management", state->is_factory ? "factory" : "configured");
	slots_put(&json, state);
	config_put(&json, seen);
	last_put(&json, &state->last);
	json_close_object(&json);
	buf_add_char(out, '\n');
}

/* ---- for people ---- */

static void
text_print_all(const struct seen *seen, struct buf *out)
{
	const struct device_state *state = &seen->state;
	const struct status *last = &state->last;

	buf_printf(out, "%s %s, hardware %s, serial number %s\n", seen->identity.model,
		   state->reported, seen->identity.revision, seen->identity.serial);
	buf_printf(out,
		   "runs from slot %u, boots from slot %u; booted %u times, written %u times\n",
		   state->running_slot, state->boot_slot, state->boot_count, state->flash_count);
	for (unsigned i = 0; i < state->slot_count; i++) {
		const struct slot *slot = &state->slots[i];
		const bool is_empty = slot->state == SLOT_EMPTY;
		buf_printf(out, "slot %u: %s%s%s, %s configuration\n", i + 1,
			   slot_state_name(slot->state), is_empty ? "" : " ",
			   slot->software.version, slot->has_config ? "with" : "without");
	}
	buf_printf(out, "configuration of format %u:", state->running.format);
	for (unsigned i = 0; i < IAD_CATEGORY_COUNT; i++)
		buf_printf(out, "%s %s %u", i == 0 ? "" : ",",
			   iad_category_name((enum iad_category)i),
			   iad_count(&seen->iad, (enum iad_category)i));
	buf_printf(out, " values\nlast command: ticket %u, %s, %s (%s): %s\n", last->ticket,
		   operation_name(last->operation), status_state_name(last->state),
		   status_reason_name(last->reason), last->text);
}

static int
status_print(const char *dir, bool is_json, struct env *env, struct err *err)
{
	CLEANUP(seen_freep) struct seen *seen = calloc(1, sizeof(*seen));
	CLEANUP(buf_done) struct buf out = { 0 };

	if (seen == NULL)
		return err_set(err, AT, DD_ENOMEM, "no memory for a device");
	const int r = device_read(seen, dir, env, err);
	if (r < 0)
		return r;
	if (is_json)
		json_print(seen, &out);
	else
		text_print_all(seen, &out);
	if (out.has_failed || fputs(buf_text(&out), stdout) < 0 || fflush(stdout) != 0)
		return err_set(err, AT, DD_EIO, "the status could not be printed");
	return 0;
}

int
agent_verb_status(int argc, char **argv)
{
	struct arguments arguments = { argc, argv, rows, 0, NULL };
	const char *dir = NULL;
	bool is_json = false;
	struct env *env = NULL;
	struct err err = { 0 };
	int option;

	if (wants_help(argc, argv))
		return fputs(help, stdout) < 0 ? EXIT_FAILED : EXIT_DONE;
	while ((option = arguments_take(&arguments, "status")) != ARG_END) {
		if (option == ARG_WRONG)
			return EXIT_USAGE;
		if (option == OPTION_JSON)
			is_json = true;
		else if (dir != NULL)
			return usage_error("status", "'%s' is a second DIR", arguments.value);
		else
			dir = arguments.value;
	}
	if (dir == NULL)
		return usage_error("status", "DIR is needed");
	int r = env_linux_new(&env, &err);
	if (r == 0)
		r = status_print(dir, is_json, env, &err);
	env_linux_free(env);
	return r < 0 ? verb_failed("status", &err) : EXIT_DONE;
}
