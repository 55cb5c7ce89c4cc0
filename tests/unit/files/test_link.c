/* Manager and file service over their link: nothing is told twice, forgotten early, or left out. */
#include "env/env_sim.h"
#include "files/manager_link.h"
#include "files/room.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { MANY = 12000 /* more than a stream queues at once */, CONTENT_SIZE = 300000 };

struct world {
	struct sim *sim;
	struct env *manager, *filed;
	struct blobs *blobs;
	struct manager_link *link;
	struct files *files;
	/* what the manager heard */
	unsigned entries, granted;
	uint64_t last_number;
	bool has_hole, refuses, lacks_content;
	/* a file service played by hand */
	struct env_stream *raw;
	struct buf raw_in;
};

static struct addr
address(const char *text)
{
	struct addr addr;

	assert_int_equal(addr_parse(text, 0, &addr, NULL), 0);
	return addr;
}

static void
run_for(struct world *w, msec_t duration)
{
	(void)sim_run(w->sim, sim_now(w->sim) + duration, NULL, NULL);
}

/* ---- the manager's side ---- */

static int
heard_ledger(void *arg, const struct ledger_entry *entry)
{
	struct world *w = arg;

	if (entry->number == 0)
		return 0;
	if (w->refuses)
		return DD_EIO;
	w->has_hole = w->has_hole || (w->last_number != 0 && entry->number != w->last_number + 1);
	w->last_number = entry->number;
	w->entries++;
	if (entry->kind == LEDGER_COMPLETE && entry->direction == DIRECTION_WRITE)
		w->lacks_content = !blobs_has(w->blobs, &entry->content, NULL);
	return 0;
}

static void
heard_change(void *arg, bool is_up, uint16_t port_tftp, uint16_t port_ftp)
{
	(void)arg;
	(void)is_up;
	(void)port_tftp;
	(void)port_ftp;
}

static void
heard_granted(void *arg, uint64_t grant)
{
	(void)grant;
	((struct world *)arg)->granted++;
}

static void
manager_up(struct world *w)
{
	static const struct manager_link_events events = { .ledger = heard_ledger,
							   .changed = heard_change,
							   .granted = heard_granted };
	const struct addr at = address("192.0.2.1:7000");

	w->last_number = 0;
	assert_int_equal(
		manager_link_new(w->manager, &at, w->blobs, &events, w, NULL, &w->link, NULL), 0);
}

static void
files_up(struct world *w)
{
	const struct files_settings settings = { .root = "/files",
						 .link = address("192.0.2.1:7000") };

	assert_int_equal(files_new(w->filed, &settings, &w->files, NULL), 0);
}

static void
open_grant(struct world *w, uint64_t id, enum direction direction, const struct sha256 *content)
{
	struct grant grant = { .id = id,
			       .device = address("192.0.2.7"),
			       .direction = (uint8_t)direction };

	(void)snprintf(grant.name, sizeof(grant.name), "n-%u", (unsigned)id);
	grant.protocols = 1u << PROTOCOL_TFTP;
	grant.size_max = CONTENT_SIZE;
	grant.wall_deadline_ms = INT64_MAX;
	if (content != NULL)
		grant.content = *content;
	assert_int_equal(manager_link_grant(w->link, &grant, NULL), 0);
}

static void
add_entries(struct world *w, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		struct ledger_entry entry = { .grant = i + 1, .kind = LEDGER_BROKEN };
		(void)snprintf(entry.text, sizeof(entry.text), "%0150u", i);
		assert_int_equal(ledger_add(w->files->ledger, &entry, NULL), 0);
	}
}

/* ---- a file service played by hand ---- */

static void
raw_received(void *arg, const uint8_t *data, size_t size)
{
	assert_true(buf_add(&((struct world *)arg)->raw_in, data, size));
}

static void
raw_closed(void *arg, int reason)
{
	(void)arg;
	fail_msg("the manager closed the link: %s", err_name(reason));
}

static void
raw_greet(struct world *w)
{
	static const struct env_stream_events events = { .received = raw_received,
							 .closed = raw_closed };
	const struct addr to = address("192.0.2.1:7000");
	const struct link_message hello = { .type = LINK_HELLO, .version = LINK_VERSION };
	struct buf frame = { 0 };

	assert_int_equal(env_connect(w->filed, &to, NULL, &events, w, &w->raw, NULL), 0);
	run_for(w, 100);
	assert_true(link_encode(&hello, &frame));
	assert_int_equal(env_stream_write(w->raw, frame.data, frame.size), 0);
	buf_done(&frame);
	run_for(w, 100);
}

static unsigned
raw_count(struct world *w, enum link_type type, uint64_t id)
{
	struct link_message message;
	unsigned count = 0;

	for (size_t at = 0; at < w->raw_in.size;) {
		int64_t used = link_decode((const uint8_t *)w->raw_in.data + at,
					   w->raw_in.size - at, &message, NULL);
		assert_true(used > 0);
		count += message.type == type && message.id == id;
		at += (size_t)used;
	}
	return count;
}

/* ---- the world ---- */

static int
set_up(void **state)
{
	static const struct sim_settings settings = { .seed = 5,
						      .latency_min_ms = 1,
						      .latency_max_ms = 9 };
	const struct addr manager = address("192.0.2.1"), filed = address("192.0.2.2");
	struct world *w = calloc(1, sizeof(*w));

	assert_non_null(w);
	assert_int_equal(sim_new(&settings, &w->sim, NULL), 0);
	w->manager = sim_host(w->sim, "manager", &manager, 1);
	w->filed = sim_host(w->sim, "filed", &filed, 1);
	assert_int_equal(blobs_open(w->manager, "/blobs", &w->blobs, NULL), 0);
	*state = w;
	return 0;
}

static int
tear_down(void **state)
{
	struct world *w = *state;

	env_stream_close(w->raw);
	buf_done(&w->raw_in);
	files_free(w->files);
	manager_link_free(w->link);
	blobs_close(w->blobs);
	sim_free(w->sim);
	free(w);
	return 0;
}

/* ---- grants ---- */

static void
a_grant_opened_while_greeting_is_told(void **state)
{
	struct world *w = *state;

	/* given a file service that said hello, and has not yet told its ports */
	manager_up(w);
	open_grant(w, 1, DIRECTION_WRITE, NULL);
	raw_greet(w);
	assert_int_equal(raw_count(w, LINK_GRANT, 1), 1);
	/* when one grant is opened and another closed; then it hears of both */
	open_grant(w, 2, DIRECTION_WRITE, NULL);
	manager_link_revoke(w->link, 1);
	run_for(w, 100);
	assert_int_equal(raw_count(w, LINK_GRANT, 2), 1);
	assert_int_equal(raw_count(w, LINK_REVOKE, 1), 1);
	assert_int_equal(raw_count(w, LINK_GRANTS_END, 0), 1);
}

static void
more_grants_than_a_stream_queues_are_all_told(void **state)
{
	struct world *w = *state;

	/* given many open grants; when a file service connects; then each is confirmed once */
	manager_up(w);
	for (uint64_t id = 1; id <= MANY; id++)
		open_grant(w, id, DIRECTION_WRITE, NULL);
	files_up(w);
	run_for(w, 60000);
	assert_int_equal(w->granted, MANY);
	assert_int_equal(w->files->grants_count, MANY);
}

static void
closed_grants_are_closed_by_the_next_connect(void **state)
{
	struct world *w = *state;

	/* given two grants; when the manager comes back with one of them */
	manager_up(w);
	open_grant(w, 1, DIRECTION_WRITE, NULL);
	open_grant(w, 2, DIRECTION_WRITE, NULL);
	files_up(w);
	run_for(w, 1000);
	assert_int_equal(w->files->grants_count, 2);
	manager_link_free(w->link);
	manager_up(w);
	open_grant(w, 2, DIRECTION_WRITE, NULL);
	run_for(w, 20000);
	/* then the other is closed */
	assert_null(files_grant_by_id(w->files, 1));
	assert_non_null(files_grant_by_id(w->files, 2));
}

/* ---- content ---- */

static void
content_for_a_grant_comes_first(void **state)
{
	struct world *w = *state;
	uint8_t *bytes = calloc(1, CONTENT_SIZE);
	struct sha256 content, absent = { .bytes = { 1 } };

	/* given grants of content that the manager has, and of content that it lost */
	assert_non_null(bytes);
	assert_int_equal(blobs_put(w->blobs, bytes, CONTENT_SIZE, &content, NULL), 0);
	free(bytes);
	manager_up(w);
	open_grant(w, 1, DIRECTION_READ, &absent);
	open_grant(w, 2, DIRECTION_READ, &content);
	open_grant(w, 3, DIRECTION_READ, &absent);
	/* when the file service connects */
	files_up(w);
	run_for(w, 20000);
	/* then what is there is granted, and the lost one holds nothing up */
	assert_int_equal(w->granted, 1);
	assert_true(files_grant_by_id(w->files, 2)->has_content);
	assert_true(blobs_has(w->files->blobs, &content, NULL));
}

static void
an_upload_is_there_before_its_entry(void **state)
{
	struct world *w = *state;
	struct ledger_entry entry = { .grant = 1,
				      .kind = LEDGER_COMPLETE,
				      .direction = DIRECTION_WRITE,
				      .bytes = CONTENT_SIZE };
	uint8_t *bytes = calloc(1, CONTENT_SIZE);

	/* given an upload that ended while the manager was away, and entries behind it */
	assert_non_null(bytes);
	files_up(w);
	assert_int_equal(blobs_put(w->files->blobs, bytes, CONTENT_SIZE, &entry.content, NULL), 0);
	free(bytes);
	assert_int_equal(ledger_add(w->files->ledger, &entry, NULL), 0);
	add_entries(w, 3);
	/* when it comes; then it hears of it when it has the content, and of the others in order */
	manager_up(w);
	w->lacks_content = true;
	run_for(w, 20000);
	assert_int_equal(w->entries, 4);
	assert_false(w->lacks_content);
	assert_false(w->has_hole);
}

/* ---- the ledger ---- */

static void
a_long_ledger_arrives_without_a_hole(void **state)
{
	struct world *w = *state;

	/* given more entries than a stream queues, and the manager away */
	files_up(w);
	add_entries(w, MANY);
	/* when it comes, and new ones are added meanwhile */
	manager_up(w);
	for (int i = 0; i < 100; i++) {
		run_for(w, 100);
		add_entries(w, 1);
	}
	run_for(w, 60000);
	/* then it hears all, in order */
	assert_int_equal(w->entries, MANY + 100);
	assert_false(w->has_hole);
}

static void
what_is_not_durable_comes_again(void **state)
{
	struct world *w = *state;

	/* given a manager that can't write, and then dies */
	manager_up(w);
	w->refuses = true;
	files_up(w);
	run_for(w, 1000);
	add_entries(w, 2);
	run_for(w, 1000);
	assert_int_equal(w->entries, 0);
	manager_link_free(w->link);
	/* when it comes back; then it hears them */
	w->refuses = false;
	manager_up(w);
	run_for(w, 20000);
	assert_int_equal(w->entries, 2);
	assert_int_equal((uint32_t)w->last_number, 2);
}

static void
acknowledged_entries_are_forgotten_and_numbers_go_on(void **state)
{
	struct world *w = *state;
	struct env_file *file = NULL;

	/* given a long ledger, all acknowledged */
	manager_up(w);
	files_up(w);
	run_for(w, 1000);
	for (int i = 0; i < 60; i++) {
		add_entries(w, 100);
		run_for(w, 1000);
	}
	assert_int_equal(w->entries, 6000);
	/* then the file stayed small */
	assert_int_equal(env_file_open(w->filed, "/files/ledger", ENV_FILE_READ, &file, NULL), 0);
	assert_in_range(env_file_size(file), 1, 400 << 10);
	env_file_close(file);
	/* when it starts anew; then the next entry has the next number */
	files_free(w->files);
	files_up(w);
	add_entries(w, 1);
	run_for(w, 20000);
	assert_int_equal((uint32_t)w->last_number, 6001);
}

static void
a_ledger_that_always_waits_stays_small(void **state)
{
	struct world *w = *state;
	struct env_file *file = NULL;

	/* given transfers that end faster than the last one is acknowledged */
	manager_up(w);
	files_up(w);
	run_for(w, 1000);
	for (int i = 0; i < 6000; i++) {
		add_entries(w, 1);
		run_for(w, 3);
	}
	/* then the file does not grow for ever */
	assert_int_equal(env_file_open(w->filed, "/files/ledger", ENV_FILE_READ, &file, NULL), 0);
	assert_in_range(env_file_size(file), 1, 400 << 10);
	env_file_close(file);
	run_for(w, 1000);
	assert_int_equal(w->entries, 6000);
	assert_false(w->has_hole);
}

static void
raw_tell(struct world *w, uint64_t number, enum ledger_kind kind)
{
	const struct ledger_entry entry = { .number = number, .grant = 1, .kind = (uint8_t)kind };
	struct link_message message;
	struct buf frame = { 0 };

	link_from_ledger(&entry, &message);
	assert_true(link_encode(&message, &frame));
	assert_int_equal(env_stream_write(w->raw, frame.data, frame.size), 0);
	buf_done(&frame);
	run_for(w, 100);
}

static void
news_are_not_acknowledged(void **state)
{
	struct world *w = *state;

	/* given entries without a number; when they come; then nothing is acknowledged */
	manager_up(w);
	raw_greet(w);
	raw_tell(w, 0, LEDGER_OPENED);
	raw_tell(w, 0, LEDGER_PROGRESS);
	raw_tell(w, 0, LEDGER_REFUSED);
	assert_int_equal(raw_count(w, LINK_LEDGER_ACK, 0), 0);
	/* when one with a number comes; then it is */
	raw_tell(w, 5, LEDGER_BROKEN);
	assert_int_equal(raw_count(w, LINK_LEDGER_ACK, 5), 1);
	assert_int_equal(w->entries, 1);
}

static void
a_torn_end_is_cut_and_its_number_given_again(void **state)
{
	struct world *w = *state;
	struct env_file *file = NULL;

	/* given a ledger whose last entry was torn by a crash */
	files_up(w);
	add_entries(w, 3);
	files_free(w->files);
	assert_int_equal(env_file_open(w->filed, "/files/ledger", ENV_FILE_READ | ENV_FILE_WRITE,
				       &file, NULL),
			 0);
	assert_int_equal(env_file_truncate(file, (uint64_t)env_file_size(file) - 1), 0);
	env_file_close(file);
	/* when it starts again; then two stand, and the next is the third */
	files_up(w);
	add_entries(w, 1);
	manager_up(w);
	run_for(w, 20000);
	assert_int_equal(w->entries, 3);
	assert_int_equal((uint32_t)w->last_number, 3);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_grant_opened_while_greeting_is_told),
		TEST(more_grants_than_a_stream_queues_are_all_told),
		TEST(closed_grants_are_closed_by_the_next_connect),
		TEST(content_for_a_grant_comes_first),
		TEST(an_upload_is_there_before_its_entry),
		TEST(a_long_ledger_arrives_without_a_hole),
		TEST(what_is_not_durable_comes_again),
		TEST(acknowledged_entries_are_forgotten_and_numbers_go_on),
		TEST(a_ledger_that_always_waits_stays_small),
		TEST(news_are_not_acknowledged),
		TEST(a_torn_end_is_cut_and_its_number_given_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
