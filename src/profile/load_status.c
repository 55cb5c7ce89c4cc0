/* load_status.c - what became of a command: `status` and `notifications`. */
#include "base/text.h"
#include "profile/room.h"

#include <assert.h>
#include <stdio.h>

enum { REASON_TEXT_MAX = 120 };

static const char *const kinds[] = { [STATUS_RUNNING] = "running",
				     [STATUS_DONE] = "done",
				     [STATUS_FAILED] = "failed",
				     [STATUS_ABSENT] = "absent" };

/* Reasons that a device itself can have; the others are the manager's findings. */
static const enum reason device_reasons[] = {
	REASON_DEVICE_FAILED, REASON_REFUSED,     REASON_TRANSFER_BROKEN,
	REASON_FELL_BACK,     REASON_WRONG_MODEL, REASON_WRONG_REVISION,
	REASON_FROM_VERSION,  REASON_NO_ROOM,     REASON_ALREADY_THERE,
};

/* An array for a map's entries. */
static int
take_numbers(struct load *load, const struct yaml_node *map, struct number_rule **ret_numbers)
{
	if (map->count > PROFILE_NUMBERS_MAX)
		return yaml_err(load->yaml, map, load->err, AT, "'%s' has more than %d entries",
				map->key, PROFILE_NUMBERS_MAX);
	*ret_numbers = arena_take(&load->profile->arena, (map->count + 1) * sizeof(**ret_numbers));
	return *ret_numbers == NULL ? load_memory(load) : 0;
}

/* Keys differ as texts; 1 and 01 do not as numbers. */
static int
add_number(struct load *load, const struct yaml_node *node, struct number_rule *numbers,
	   unsigned *count, const struct number_rule *number)
{
	for (unsigned i = 0; i < *count; i++)
		if (numbers[i].number == number->number)
			return yaml_err(load->yaml, node, load->err, AT,
					"the number %s is there already", node->key);
	numbers[(*count)++] = *number;
	return 0;
}

/* ---- states ---- */

static int
load_state(struct load *load, const struct yaml_node *node, struct number_rule *ret_state)
{
	int r = load_key_number(load, node, INT32_MIN, UINT32_MAX, &ret_state->number);

	if (r < 0)
		return r;
	for (unsigned i = 0; node->kind == YAML_SCALAR && i < ARRAY_COUNT(kinds); i++) {
		if (text_equal(kinds[i], node->text)) {
			ret_state->kind = (uint8_t)i;
			return 0;
		}
	}
	return yaml_err(load->yaml, node, load->err, AT,
			"a state is running, done, failed or absent");
}

static int
load_states(struct load *load, struct yaml_node *status)
{
	struct status_rule *rule = &load->profile->status;
	struct yaml_node *map = NULL;
	unsigned seen = 0;

	int r = yaml_map(load->yaml, status, "states", &map, load->err);
	if (r == 0)
		r = take_numbers(load, map, &rule->states);
	for (const struct yaml_node *node = r == 0 ? map->first : NULL; r == 0 && node != NULL;
	     node = node->next) {
		struct number_rule state = { .text = "" };
		r = load_state(load, node, &state);
		if (r == 0)
			r = add_number(load, node, rule->states, &rule->states_count, &state);
		seen |= 1u << state.kind;
	}
	for (unsigned i = STATUS_RUNNING; r == 0 && i <= STATUS_FAILED; i++)
		if ((seen & (1u << i)) == 0)
			return yaml_err(load->yaml, map, load->err, AT, "no state means '%s'",
					kinds[i]);
	return r;
}

/* ---- reasons: `5: device-failed` or `5: [device-failed, "the hash differs"]` ---- */

static int
load_reason_name(struct load *load, const struct yaml_node *node, struct number_rule *ret_reason)
{
	enum reason reason = REASON_NONE;

	if (node->kind == YAML_SCALAR && reason_parse(node->text, &reason)) {
		for (size_t i = 0; i < ARRAY_COUNT(device_reasons); i++) {
			if (device_reasons[i] == reason) {
				ret_reason->kind = (uint8_t)reason;
				return 0;
			}
		}
	}
	return yaml_err(load->yaml, node, load->err, AT,
			"a device's reason is device-failed, refused, transfer-broken, fell-back, "
			"wrong-model, wrong-revision, from-version, no-room or already-there");
}

static int
load_reason(struct load *load, const struct yaml_node *node, struct number_rule *ret_reason)
{
	int r = load_key_number(load, node, INT32_MIN, UINT32_MAX, &ret_reason->number);

	if (r < 0 || node->kind == YAML_SCALAR)
		return r < 0 ? r : load_reason_name(load, node, ret_reason);
	if (node->kind != YAML_LIST || node->count != 2 || node->first->next->kind != YAML_SCALAR ||
	    node->first->next->text[0] == '\0')
		return yaml_err(load->yaml, node, load->err, AT,
				"a reason is a name, or [name, text]");
	const char *text = node->first->next->text;
	char clean[REASON_TEXT_MAX];
	if (!text_copy(clean, sizeof(clean), text))
		return yaml_err(load->yaml, node, load->err, AT,
				"the text must have at most %d characters", REASON_TEXT_MAX - 1);
	text_clean(clean);
	size_t size = 0;
	while (clean[size] != '\0')
		size++;
	ret_reason->text = arena_text(&load->profile->arena, clean, size);
	return ret_reason->text == NULL ? load_memory(load)
					: load_reason_name(load, node->first, ret_reason);
}

static int
load_reasons(struct load *load, struct yaml_node *status)
{
	struct status_rule *rule = &load->profile->status;
	struct yaml_node *map = NULL;

	if (yaml_find(status, "reasons") == NULL) {
		if (rule->reason != NULL)
			return yaml_err(load->yaml, status, load->err, AT,
					"'reason' needs 'reasons', the meaning of its numbers");
		return 0;
	}
	if (rule->reason == NULL)
		return yaml_err(load->yaml, yaml_find(status, "reasons"), load->err, AT,
				"'reasons' needs 'reason', where the number is read");
	int r = yaml_map(load->yaml, status, "reasons", &map, load->err);
	if (r == 0)
		r = take_numbers(load, map, &rule->reasons);
	for (const struct yaml_node *node = r == 0 ? map->first : NULL; r == 0 && node != NULL;
	     node = node->next) {
		struct number_rule reason = { .text = "" };
		r = load_reason(load, node, &reason);
		if (r == 0)
			r = add_number(load, node, rule->reasons, &rule->reasons_count, &reason);
	}
	return r;
}

/* ---- notifications ---- */

static int
load_notices(struct load *load, struct yaml_node *root)
{
	struct notice_rule *rule = &load->profile->notice;
	struct yaml_node *map = NULL;

	if (yaml_find(root, "notifications") == NULL)
		return 0;
	int r = yaml_map(load->yaml, root, "notifications", &map, load->err);
	if (r == 0)
		r = load_oid_entry(load, map, "succeeded", false, &rule->succeeded);
	if (r == 0)
		r = load_oid_entry(load, map, "failed", false, &rule->failed);
	if (r == 0)
		r = load_oid_entry(load, map, "ticket", false, &rule->ticket);
	if (r == 0)
		r = load_oid_entry(load, map, "text", false, &rule->text);
	if (r == 0 && rule->succeeded == NULL && rule->failed == NULL)
		return yaml_err(load->yaml, map, load->err, AT,
				"'notifications' needs succeeded, failed or both");
	return r < 0 ? r : yaml_only_known(load->yaml, map, load->err);
}

int
load_status(struct load *load, struct yaml_node *root)
{
	struct status_rule *rule = &load->profile->status;
	struct yaml_node *map = NULL;

	int r = yaml_map(load->yaml, root, "status", &map, load->err);
	if (r == 0)
		r = load_oid_entry(load, map, "ticket", true, &rule->ticket);
	if (r == 0)
		r = load_oid_entry(load, map, "state", true, &rule->state);
	if (r == 0)
		r = load_oid_entry(load, map, "reason", false, &rule->reason);
	if (r == 0)
		r = load_oid_entry(load, map, "text", false, &rule->text);
	if (r == 0)
		r = load_oid_entry(load, map, "bytes", false, &rule->bytes);
	if (r == 0)
		r = load_states(load, map);
	if (r == 0)
		r = load_reasons(load, map);
	if (r == 0)
		r = yaml_only_known(load->yaml, map, load->err);
	return r < 0 ? r : load_notices(load, root);
}
