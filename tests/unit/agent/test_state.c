/* test_state.c - the durable state as text and back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "agent/device_state.h"
#include "base/text.h"

#include <string.h>

/* A state with every field at its largest. */
static void
full(struct device_state *state)
{
	struct software software = { .format = UINT32_MAX, .size = INT64_MAX };

	memset(software.version, 'v', SOFTWARE_WORD_MAX - 1);
	memset(software.model, '~', SOFTWARE_WORD_MAX - 1);
	memset(software.hash.bytes, 0xee, SHA256_SIZE);
	memset(state, 0, sizeof(*state));
	state->slot_count = 2;
	state->boot_slot = 2;
	state->running_slot = 1;
	state->running = state->next = software;
	memset(state->reported, 'r', SOFTWARE_WORD_MAX - 1);
	state->is_factory = true;
	state->flash_count = state->boot_count = UINT32_MAX;
	for (unsigned i = 0; i < DEVICE_TICKETS_MAX; i++)
		device_state_add_ticket(state, DEVICE_TICKET_MAX - i);
	state->last = (struct status){ DEVICE_TICKET_MAX,
				       OPERATION_ROLLBACK,
				       STATUS_FAILED,
				       REASON_SLOT_EMPTY,
				       2,
				       INT64_MAX,
				       "" };
	memset(state->last.text, 't', STATUS_TEXT_MAX - 1);
	for (unsigned i = 0; i < DEVICE_SLOTS_MAX; i++)
		state->slots[i] = (struct slot){ SLOT_DAMAGED, true, true, true, true, software };
	state->next_slot = 2;
}

static void
a_full_state_comes_back(void **unused)
{
	struct device_state state, back;
	char text[DEVICE_STATE_BYTES_MAX], again[DEVICE_STATE_BYTES_MAX];
	struct err err = { 0 };
	(void)unused;

	full(&state);
	const size_t size = device_state_print(&state, text);
	assert_int_equal(device_state_parse(text, size, &back, &err), 0);
	assert_int_equal(device_state_print(&back, again), size);
	assert_memory_equal(text, again, size);
	assert_string_equal(back.last.text, state.last.text);
	assert_int_equal(back.slots[1].software.size, INT64_MAX);
	assert_true(back.is_factory);
}

static void
an_empty_state_comes_back(void **unused)
{
	struct device_state state = { .slot_count = 1, .boot_slot = 1 }, back;
	char text[DEVICE_STATE_BYTES_MAX];
	struct err err = { 0 };
	(void)unused;

	state.slots[0].state = state.slots[1].state = SLOT_EMPTY;
	assert_int_equal(device_state_parse(text, device_state_print(&state, text), &back, &err),
			 0);
	assert_int_equal(back.slots[0].state, SLOT_EMPTY);
	assert_string_equal(back.slots[0].software.version, "");
	assert_string_equal(back.last.text, "");
}

static void
every_cut_and_every_flipped_bit_is_seen(void **unused)
{
	struct device_state state, back;
	char text[DEVICE_STATE_BYTES_MAX];
	struct err err = { 0 };
	(void)unused;

	full(&state);
	const size_t size = device_state_print(&state, text);
	for (size_t i = 0; i < size; i++) {
		assert_true(device_state_parse(text, i, &back, &err) < 0);
		text[i] ^= 1;
		assert_true(device_state_parse(text, size, &back, &err) < 0 || i == size - 1);
		text[i] ^= 1;
	}
	assert_int_equal(device_state_parse(text, size, &back, &err), 0);
}

/* Give a changed text a good hash again. */
static size_t
sign(char *text)
{
	char *sum = strstr(text, "sha256: ");
	char hex[SHA256_TEXT_SIZE];
	struct sha256 hash;

	sha256_of(text, (size_t)(sum - text), &hash);
	memcpy(sum + 8, sha256_text(&hash, hex), 64);
	return strlen(text);
}

static void
a_malformed_state_with_a_good_hash_is_refused(void **unused)
{
	static const struct {
		const char *from, *to; /* of equal size */
	} changes[] = {
		{ "state 1", "state 2" },
		{ "running: ", "runnyng: " },
		{ "slots-boot-running: 2 1 0", "slots-boot-running: 2 0 1" },
		{ "slots-boot-running: 2", "slots-boot-running: 3" },
		{ "next: 0", "next: 3" },
		{ "slot-1: empty 0000", "slot-1: empty 0002" },
		{ "last: 0 0 0", "last: 0 0 4" },
	};
	struct device_state state = { .slot_count = 2, .boot_slot = 1 }, back;
	char text[DEVICE_STATE_BYTES_MAX];
	struct err err = { 0 };
	(void)unused;

	state.slots[0].state = state.slots[1].state = SLOT_EMPTY;
	for (size_t i = 0; i < ARRAY_COUNT(changes); i++) {
		text[device_state_print(&state, text)] = '\0';
		assert_int_equal(device_state_parse(text, sign(text), &back, &err), 0);
		char *place = strstr(text, changes[i].from);
		assert_non_null(place);
		memcpy(place, changes[i].to, strlen(changes[i].to));
		if (device_state_parse(text, sign(text), &back, &err) != DD_EPARSE)
			fail_msg("%s was taken", changes[i].to);
	}
}

static void
sixteen_tickets_are_remembered(void **unused)
{
	struct device_state state = { 0 };
	(void)unused;

	assert_false(device_state_has_ticket(&state, 0));
	for (uint32_t ticket = 1; ticket <= DEVICE_TICKETS_MAX + 1; ticket++)
		device_state_add_ticket(&state, ticket);
	assert_false(device_state_has_ticket(&state, 1));
	for (uint32_t ticket = 2; ticket <= DEVICE_TICKETS_MAX + 1; ticket++)
		assert_true(device_state_has_ticket(&state, ticket));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_full_state_comes_back),
		cmocka_unit_test(an_empty_state_comes_back),
		cmocka_unit_test(every_cut_and_every_flipped_bit_is_seen),
		cmocka_unit_test(a_malformed_state_with_a_good_hash_is_refused),
		cmocka_unit_test(sixteen_tickets_are_remembered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
