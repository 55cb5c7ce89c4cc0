/* device_state.c - the durable state as text: one table row a line of the file. */
#include "agent/device_state.h"

#include "base/text.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define HEADER "drydock-agent state 1\n"
#define SUM    "sha256: "

static const char *const slot_names[] = { "?", "empty", "valid", "damaged" };
static const char *const state_names[] = { "idle", "running", "succeeded", "failed" };
static const char *const reason_names[REASON_COUNT] = {
	"none",         "unknown",    "serverUnreachable", "fileRefused", "transferBroken",
	"hashMismatch", "wrongModel", "wrongRevision",     "noRoom",      "badImage",
	"flashError",   "badConfig",  "fellBack",          "interrupted", "refused",
	"loginRefused", "slotEmpty",
};

/* Text that grows in a fixed block. */
struct out {
	char *text;
	size_t size, used;
};

static void PRINTF_LIKE(2, 3) out_add(struct out *out, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	int n = vsnprintf(out->text + out->used, out->size - out->used, format, args);
	va_end(args);
	/* All fields are bounded, and DEVICE_STATE_BYTES_MAX has room for the longest of each. */
	assert(n >= 0 && (size_t)n < out->size - out->used);
	out->used += (size_t)n;
}

/* The next word of a value, cut off in place; "" at the end. */
static char *
word_take(char **cursor)
{
	char *word = *cursor;
	char *blank = strchr(word, ' ');

	*cursor = blank != NULL ? blank + 1 : word + strlen(word);
	if (blank != NULL)
		*blank = '\0';
	return word;
}

static bool
number_take(char **cursor, uint64_t max, uint64_t *ret)
{
	return text_number(word_take(cursor), UINT64_MAX, ret) && *ret <= max;
}

/* ---- one pair of functions a kind of line ---- */

static void
slots_print(const struct device_state *state, unsigned index, struct out *out)
{
	(void)index;
	out_add(out, "%u %u %u", state->slot_count, state->boot_slot, state->running_slot);
}

static bool
slots_parse(struct device_state *state, unsigned index, char *value)
{
	uint64_t count, boot, running;
	(void)index;

	if (!number_take(&value, DEVICE_SLOTS_MAX, &count) || count == 0 ||
	    !number_take(&value, count, &boot) || boot == 0 ||
	    !number_take(&value, count, &running))
		return false;
	state->slot_count = (uint8_t)count;
	state->boot_slot = (uint8_t)boot;
	state->running_slot = (uint8_t)running;
	return *value == '\0';
}

static void
software_print(const struct software *software, struct out *out)
{
	char hash[SHA256_TEXT_SIZE];

	if (software->version[0] == '\0') {
		out_add(out, "none");
		return;
	}
	out_add(out, "%s %s %u %llu %s", software->version, software->model, software->format,
		(unsigned long long)software->size, sha256_text(&software->hash, hash));
}

static bool
software_parse(struct software *software, char *value)
{
	uint64_t format;

	if (text_equal(value, "none"))
		return true;
	const char *version = word_take(&value);
	const char *model = word_take(&value);
	if (!software_word_is_valid(version) || !software_word_is_valid(model) ||
	    !number_take(&value, UINT32_MAX, &format) ||
	    !number_take(&value, INT64_MAX, &software->size))
		return false;
	(void)text_copy(software->version, sizeof(software->version), version); /* checked above */
	(void)text_copy(software->model, sizeof(software->model), model);
	software->format = (uint32_t)format;
	return sha256_parse(value, &software->hash);
}

static void
running_print(const struct device_state *state, unsigned index, struct out *out)
{
	(void)index;
	out_add(out, "%s %d ", state->reported[0] != '\0' ? state->reported : "-",
		state->is_factory);
	software_print(&state->running, out);
}

static bool
running_parse(struct device_state *state, unsigned index, char *value)
{
	uint64_t is_factory;
	(void)index;
	const char *reported = word_take(&value);

	if (!software_word_is_valid(reported) || !number_take(&value, 1, &is_factory))
		return false;
	if (!text_equal(reported, "-"))
		(void)text_copy(state->reported, sizeof(state->reported),
				reported); /* fits: valid */
	state->is_factory = is_factory != 0;
	return software_parse(&state->running, value);
}

static void
counts_print(const struct device_state *state, unsigned index, struct out *out)
{
	(void)index;
	out_add(out, "%u %u", state->flash_count, state->boot_count);
}

static bool
counts_parse(struct device_state *state, unsigned index, char *value)
{
	uint64_t flash, boot;
	(void)index;

	if (!number_take(&value, UINT32_MAX, &flash) || !number_take(&value, UINT32_MAX, &boot))
		return false;
	state->flash_count = (uint32_t)flash;
	state->boot_count = (uint32_t)boot;
	return *value == '\0';
}

static void
tickets_print(const struct device_state *state, unsigned index, struct out *out)
{
	(void)index;
	for (unsigned i = 0; i < DEVICE_TICKETS_MAX; i++)
		out_add(out, i == 0 ? "%u" : " %u", state->tickets[i]);
}

static bool
tickets_parse(struct device_state *state, unsigned index, char *value)
{
	(void)index;
	for (unsigned i = 0; i < DEVICE_TICKETS_MAX; i++) {
		uint64_t ticket;
		if (!number_take(&value, DEVICE_TICKET_MAX, &ticket))
			return false;
		state->tickets[i] = (uint32_t)ticket;
	}
	return *value == '\0';
}

static void
last_print(const struct device_state *state, unsigned index, struct out *out)
{
	const struct status *last = &state->last;
	(void)index;
	out_add(out, "%u %u %u %u %u %llu %s", last->ticket, last->operation, last->state,
		last->reason, last->slot, (unsigned long long)last->bytes, last->text);
}

static bool
last_parse(struct device_state *state, unsigned index, char *value)
{
	struct status *last = &state->last;
	uint64_t ticket, operation, outcome, reason, slot;
	(void)index;

	if (!number_take(&value, DEVICE_TICKET_MAX, &ticket) ||
	    !number_take(&value, OPERATION_COUNT - 1, &operation) ||
	    !number_take(&value, STATUS_FAILED, &outcome) ||
	    !number_take(&value, REASON_COUNT - 1, &reason) ||
	    !number_take(&value, DEVICE_SLOTS_MAX, &slot) ||
	    !number_take(&value, INT64_MAX, &last->bytes))
		return false;
	last->ticket = (uint32_t)ticket;
	last->operation = (enum operation)operation;
	last->state = (enum status_state)outcome;
	last->reason = (enum status_reason)reason;
	last->slot = (uint8_t)slot;
	return text_copy(last->text, sizeof(last->text), value);
}

static void
slot_print(const struct device_state *state, unsigned index, struct out *out)
{
	const struct slot *slot = &state->slots[index];

	out_add(out, "%s %d%d%d%d ", slot_state_name(slot->state), slot->has_config,
		slot->has_booted, slot->is_wrong, slot->has_no_ports);
	software_print(&slot->software, out);
}

static bool
slot_parse(struct device_state *state, unsigned index, char *value)
{
	struct slot *slot = &state->slots[index];
	const char *name = word_take(&value);
	const char *flags = word_take(&value);

	for (unsigned i = SLOT_EMPTY; i <= SLOT_DAMAGED; i++)
		if (text_equal(name, slot_names[i]))
			slot->state = (enum slot_state)i;
	if (slot->state == 0 || strlen(flags) != 4 || strspn(flags, "01") != 4)
		return false;
	slot->has_config = flags[0] == '1';
	slot->has_booted = flags[1] == '1';
	slot->is_wrong = flags[2] == '1';
	slot->has_no_ports = flags[3] == '1';
	return software_parse(&slot->software, value);
}

static void
next_print(const struct device_state *state, unsigned index, struct out *out)
{
	(void)index;
	out_add(out, "%u ", state->next_slot);
	software_print(&state->next, out);
}

static bool
next_parse(struct device_state *state, unsigned index, char *value)
{
	uint64_t slot;
	(void)index;

	if (!number_take(&value, DEVICE_SLOTS_MAX, &slot))
		return false;
	state->next_slot = (uint8_t)slot;
	return software_parse(&state->next, value);
}

static const struct row {
	const char *name;
	void (*print)(const struct device_state *state, unsigned index, struct out *out);
	bool (*parse)(struct device_state *state, unsigned index, char *value);
	unsigned index;
} rows[] = {
	{ "slots-boot-running", slots_print, slots_parse, 0 },
	{ "running", running_print, running_parse, 0 },
	{ "flashes-boots", counts_print, counts_parse, 0 },
	{ "tickets", tickets_print, tickets_parse, 0 },
	{ "last", last_print, last_parse, 0 },
	{ "slot-1", slot_print, slot_parse, 0 },
	{ "slot-2", slot_print, slot_parse, 1 },
	{ "next", next_print, next_parse, 0 },
};

/* ---- the file ---- */

size_t
device_state_print(const struct device_state *state, char text[static DEVICE_STATE_BYTES_MAX])
{
	struct out out = { text, DEVICE_STATE_BYTES_MAX, 0 };
	struct sha256 hash;
	char hex[SHA256_TEXT_SIZE];

	out_add(&out, HEADER);
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		out_add(&out, "%s: ", rows[i].name);
		rows[i].print(state, rows[i].index, &out);
		out_add(&out, "\n");
	}
	sha256_of(text, out.used, &hash);
	out_add(&out, SUM "%s\n", sha256_text(&hash, hex));
	return out.used;
}

/* Check the last line against all before it; returns where it begins, 0 where it does not fit. */
static size_t
sum_check(const char *text, size_t size)
{
	const size_t sum_size =
		strlen(SUM) + SHA256_TEXT_SIZE; /* the newline in place of the NUL */
	struct sha256 hash;
	char hex[SHA256_TEXT_SIZE];

	if (size < strlen(HEADER) + sum_size || size >= DEVICE_STATE_BYTES_MAX)
		return 0;
	const size_t body = size - sum_size;
	sha256_of(text, body, &hash);
	if (memcmp(text + body, SUM, strlen(SUM)) != 0 ||
	    memcmp(text + body + strlen(SUM), sha256_text(&hash, hex), SHA256_TEXT_SIZE - 1) != 0)
		return 0;
	return body;
}

static bool
row_parse(const struct row *row, struct device_state *state, char **cursor)
{
	char *line = *cursor;
	char *end = strchr(line, '\n');
	const size_t name_size = strlen(row->name);

	if (end == NULL)
		return false;
	*end = '\0';
	*cursor = end + 1;
	if (strncmp(line, row->name, name_size) != 0 || strncmp(line + name_size, ": ", 2) != 0)
		return false;
	return row->parse(state, row->index, line + name_size + 2);
}

int
device_state_parse(const char *text, size_t size, struct device_state *ret_state, struct err *err)
{
	struct device_state state = { 0 };
	char copy[DEVICE_STATE_BYTES_MAX];
	char *cursor = copy + strlen(HEADER);
	const size_t body = sum_check(text, size);

	if (body == 0)
		return err_set(err, AT, DD_EINTEGRITY,
			       "the device's state file is damaged: its hash does not fit");
	memcpy(copy, text, body);
	copy[body] = '\0';
	if (strncmp(copy, HEADER, strlen(HEADER)) != 0)
		return err_set(err, AT, DD_EPARSE,
			       "this is no state file of this version of drydock-agent");
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++)
		if (!row_parse(&rows[i], &state, &cursor))
			return err_set(err, AT, DD_EPARSE,
				       "the device's state file is malformed at '%s'",
				       rows[i].name);
	if (*cursor != '\0')
		return err_set(err, AT, DD_EPARSE,
			       "the device's state file has more lines than it may");
	*ret_state = state;
	return 0;
}

/* ---- tickets and names ---- */

bool
device_state_has_ticket(const struct device_state *state, uint32_t ticket)
{
	for (unsigned i = 0; i < DEVICE_TICKETS_MAX; i++)
		if (ticket != 0 && state->tickets[i] == ticket)
			return true;
	return false;
}

void
device_state_add_ticket(struct device_state *state, uint32_t ticket)
{
	memmove(state->tickets + 1, state->tickets,
		(DEVICE_TICKETS_MAX - 1) * sizeof(state->tickets[0]));
	state->tickets[0] = ticket;
}

bool
software_word_is_valid(const char *word)
{
	const size_t size = strnlen(word, SOFTWARE_WORD_MAX);

	if (size == 0 || size >= SOFTWARE_WORD_MAX)
		return false;
	for (size_t i = 0; i < size; i++)
		if (word[i] <= ' ' || word[i] > '~')
			return false;
	return true;
}

const char *
slot_state_name(enum slot_state state)
{
	return (unsigned)state < ARRAY_COUNT(slot_names) ? slot_names[state] : "?";
}

const char *
status_state_name(enum status_state state)
{
	return (unsigned)state < ARRAY_COUNT(state_names) ? state_names[state] : "?";
}

const char *
status_reason_name(enum status_reason reason)
{
	return (unsigned)reason < ARRAY_COUNT(reason_names) ? reason_names[reason] : "?";
}
