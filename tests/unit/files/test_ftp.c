/* The FTP server, asked by a small client over a simulated network. */
#include "files/ftp_world.h"

static void
assert_content(const struct world *w, size_t from)
{
	assert_int_equal(w->client.content.size, CONTENT_SIZE - from);
	assert_memory_equal(w->client.content.data, w->content + from, CONTENT_SIZE - from);
}

static void
assert_entry(struct world *w, enum ledger_kind kind, uint64_t bytes)
{
	const struct ledger_entry entry = last_entry(w);

	assert_string_equal(ledger_kind_name(entry.kind), ledger_kind_name(kind));
	assert_int_equal(entry.protocol, PROTOCOL_FTP);
	assert_int_equal(entry.bytes, bytes);
}

/* ---- logging in ---- */

static void
test_wrong_logins_end_the_session(void **state)
{
	struct world *w = *state;

	client_connect(&w->client, w->device);
	(void)expect(w, "220 ");
	ask(w, "RETR out.bin", "530 ");
	ask(w, "PASS secret", "503 ");
	for (unsigned i = 0; i < 3; i++) {
		ask(w, "USER dev", "331 ");
		ask(w, "PASS wrong", "530 ");
	}
	run_until(w, is_over);
}

static void
test_a_login_counts_at_its_address_only(void **state)
{
	struct world *w = *state;

	client_connect(&w->client, w->stranger);
	(void)expect(w, "220 ");
	ask(w, "USER dev", "331 ");
	ask(w, "PASS secret", "530 ");
}

static void
test_silent_sessions_end(void **state)
{
	struct world *w = *state;
	msec_t began_at = sim_now(w->sim);

	client_connect(&w->client, w->device);
	(void)expect(w, "220 ");
	run_for(w, 50000);
	ask(w, "NOOP", "200 "); /* is no login */
	(void)expect(w, "421 ");
	assert_in_range(sim_now(w->sim) - began_at, 60000, 61000);
	run_until(w, is_over);
	client_close(&w->client);
	log_in(w);
	began_at = sim_now(w->sim);
	(void)expect(w, "421 ");
	assert_in_range(sim_now(w->sim) - began_at, 299000, 301000);
}

static void
test_an_address_has_so_many_sessions(void **state)
{
	struct world *w = *state;
	struct client others[16];

	for (unsigned i = 0; i < 16; i++)
		client_connect(&others[i], w->device);
	run_for(w, 1000);
	client_connect(&w->client, w->device);
	run_until(w, is_over);
	assert_int_equal(w->client.replies.size, 0);
	client_close(&others[0]);
	client_close(&w->client);
	run_for(w, 1000);
	client_connect(&w->client, w->device);
	(void)expect(w, "220 ");
	for (unsigned i = 1; i < 16; i++)
		client_close(&others[i]);
}

/* ---- commands ---- */

static void
test_small_verbs(void **state)
{
	static const char *const asked[][2] = {
		{ "syst", "215 UNIX" },  { "TYPE I", "200 " },
		{ "TYPE A", "200 " },    { "TYPE E", "504 " },
		{ "MODE S", "200 " },    { "MODE B", "504 " },
		{ "STRU F", "200 " },    { "STRU R", "504 " },
		{ "PWD", "257 \"/\"" },  { "CWD /", "250 " },
		{ "CWD /etc", "550 " },  { "CWD ..", "550 " },
		{ "NOOP", "200 " },      { "OPTS UTF8 ON", "200 " },
		{ "OPTS MLST", "501 " }, { "ALLO 5", "202 " },
		{ "HELP", "214 " },      { "DELE out.bin", "502 " },
		{ "AUTH TLS", "502 " },  { "", "500 " },
		{ "RETR", "501 " },      { "REST x", "501 " },
		{ "ABOR", "226 " },      { "RETR out.bin", "425 " },
		{ "LIST", "425 " },      { "EPSV 2", "522 " },
		{ "QUIT", "221 " },
	};
	struct world *w = *state;

	log_in(w);
	for (unsigned i = 0; i < ARRAY_COUNT(asked); i++)
		ask(w, asked[i][0], asked[i][1]);
	run_until(w, is_over);
}

static void
test_features_are_told(void **state)
{
	struct world *w = *state;

	log_in(w);
	ask(w, "FEAT", "211-");
	(void)expect(w, " EPRT");
	(void)expect(w, " EPSV");
	(void)expect(w, " PASV");
	(void)expect(w, " REST STREAM");
	(void)expect(w, " SIZE");
	(void)expect(w, " UTF8");
	(void)expect(w, "211 ");
}

static void
test_too_long_a_line_ends_the_session(void **state)
{
	struct world *w = *state;
	char line[2000];

	memset(line, 'A', sizeof(line));
	line[sizeof(line) - 1] = '\0';
	log_in(w);
	ask(w, line, "500 ");
	run_until(w, is_over);
}

static void
test_unread_replies_end_the_session(void **state)
{
	struct world *w = *state;
	char lines[6 * 1000 + 1] = { 0 };

	log_in(w);
	for (unsigned i = 0; i < 1000; i++)
		memcpy(lines + i * 6, "SYST\r\n", 6);
	env_stream_pause(w->client.control, true);
	for (unsigned i = 0; i < 20; i++) {
		(void)env_stream_write(w->client.control, lines, 6000); /* may be closed already */
		run_for(w, 1000);
	}
	assert_true(is_over(&w->client));
}

/* ---- downloads ---- */

static void
test_a_download_crosses_whole(void **state)
{
	static const char *const names[] = { "out.bin", "/out.bin", "./out.bin" };
	struct world *w = *state;

	log_in(w);
	ask(w, "TYPE A", "200 ");
	ask(w, "SIZE out.bin", "213 300000");
	for (unsigned i = 0; i < ARRAY_COUNT(names); i++) {
		char line[64];
		go_passive(w);
		(void)snprintf(line, sizeof(line), "RETR %s", names[i]);
		ask(w, line, "150 ");
		(void)expect(w, "226 ");
		run_until(w, data_has_ended);
		assert_content(w, 0);
		assert_entry(w, LEDGER_COMPLETE, CONTENT_SIZE);
	}
	ask(w, "RETR out.bin", "425 "); /* each has its own data connection */
}

static void
test_pasv_names_the_port(void **state)
{
	struct world *w = *state;
	struct addr to = address("192.0.2.1");
	unsigned high, low;

	log_in(w);
	say(w, "PASV");
	assert_int_equal(sscanf(expect(w, "227 "), "227 Entering Passive Mode (192,0,2,1,%u,%u).",
				&high, &low),
			 2);
	to.port = (uint16_t)(high << 8 | low);
	ask(w, "RETR out.bin", "150 "); /* before the connection is there */
	assert_int_equal(env_connect(w->device, &to, NULL, &client_data_events, &w->client,
				     &w->client.data, NULL),
			 0);
	(void)expect(w, "226 ");
	run_until(w, data_has_ended);
	assert_content(w, 0);
}

static void
test_rest_goes_on_in_the_middle(void **state)
{
	struct world *w = *state;

	log_in(w);
	ask(w, "REST 299000", "350 ");
	go_passive(w);
	ask(w, "RETR out.bin", "150 ");
	(void)expect(w, "226 ");
	run_until(w, data_has_ended);
	assert_content(w, 299000);
	ask(w, "REST 300001", "350 ");
	go_passive(w);
	ask(w, "RETR out.bin", "554 ");
	ask(w, "REST 1", "350 ");
	ask(w, "STOR in.cfg", "504 ");
}

static void
test_an_empty_rest_of_a_file(void **state)
{
	struct world *w = *state;

	log_in(w);
	ask(w, "REST 300000", "350 ");
	go_passive(w);
	ask(w, "RETR out.bin", "150 ");
	(void)expect(w, "226 ");
	run_until(w, data_has_ended);
	assert_int_equal(w->client.content.size, 0);
}

static void
test_what_is_not_granted_is_not_there(void **state)
{
	static const char *const asked[] = { "RETR other.bin", "RETR nothing",    "RETR in.cfg",
					     "STOR out.bin",   "RETR ../out.bin", "STOR a/in.cfg" };
	struct world *w = *state;

	log_in(w);
	go_passive(w);
	for (unsigned i = 0; i < ARRAY_COUNT(asked); i++)
		ask(w, asked[i], "550 ");
	ask(w, "SIZE other.bin", "550 ");
	ask(w, "SIZE in.cfg", "550 ");
}

static void
test_active_mode(void **state)
{
	const struct addr at = address("192.0.2.7:5000");
	struct world *w = *state;

	log_in(w);
	ask(w, "PORT 192,0,2,8,19,136", "500 ");
	ask(w, "PORT 192,0,2,7,3,255", "500 ");
	ask(w, "PORT x", "501 ");
	ask(w, "EPRT |3|x|5000|", "522 ");
	ask(w, "PORT 192,0,2,7,19,136", "200 ");
	assert_int_equal(
		env_listen(w->device, &at, client_accepted, &w->client, &w->client.listener, NULL),
		0);
	ask(w, "RETR out.bin", "150 ");
	(void)expect(w, "226 ");
	run_until(w, data_has_ended);
	assert_content(w, 0);
	client_data_close(&w->client);
	ask(w, "EPRT |1|192.0.2.7|5000|", "200 "); /* nobody listens there now */
	ask(w, "RETR out.bin", "150 ");
	(void)expect(w, "425 ");
	assert_entry(w, LEDGER_BROKEN, 0);
	ask(w, "EPSV ALL", "200 ");
	ask(w, "PORT 192,0,2,7,19,136", "501 ");
}

static void
test_a_stranger_gets_no_data_connection(void **state)
{
	struct world *w = *state;
	struct client stranger = { .env = w->stranger };
	struct addr to = address("192.0.2.1");
	unsigned port;

	log_in(w);
	say(w, "EPSV");
	assert_int_equal(
		sscanf(expect(w, "229 "), "229 Entering Extended Passive Mode (|||%u|)", &port), 1);
	to.port = (uint16_t)port;
	assert_int_equal(env_connect(w->stranger, &to, NULL, &client_data_events, &stranger,
				     &stranger.data, NULL),
			 0);
	run_for(w, 1000);
	assert_true(data_has_ended(&stranger));
	assert_int_equal(env_connect(w->device, &to, NULL, &client_data_events, &w->client,
				     &w->client.data, NULL),
			 0);
	ask(w, "RETR out.bin", "150 ");
	(void)expect(w, "226 ");
	run_until(w, data_has_ended);
	assert_content(w, 0);
	assert_int_equal(stranger.content.size, 0);
	client_close(&stranger);
}

static void
test_a_device_that_stops_reading_is_left(void **state)
{
	struct world *w = *state;

	log_in(w);
	go_passive(w);
	run_for(w, 100);
	env_stream_pause(w->client.data, true);
	ask(w, "RETR out.bin", "150 ");
	ask(w, "SYST", "503 ");
	ask(w, "NOOP", "200 ");
	const msec_t began_at = sim_now(w->sim);
	(void)expect(w, "426 ");
	assert_in_range(sim_now(w->sim) - began_at, 29000, 36000);
	assert_int_equal(last_entry(w).kind, LEDGER_BROKEN);
	ask(w, "NOOP", "200 ");
}

static void
test_nobody_comes_for_the_data(void **state)
{
	struct world *w = *state;

	log_in(w);
	ask(w, "EPSV", "229 ");
	ask(w, "RETR out.bin", "150 ");
	(void)expect(w, "425 ");
	assert_int_equal(last_entry(w).kind, LEDGER_BROKEN);
}

static void
test_abort_ends_a_transfer(void **state)
{
	struct world *w = *state;

	log_in(w);
	go_passive(w);
	run_for(w, 100);
	env_stream_pause(w->client.data, true);
	ask(w, "RETR out.bin", "150 ");
	say(w, "\xff\xf4\xff\xf2"
	       "ABOR");
	(void)expect(w, "426 ");
	(void)expect(w, "226 ");
	assert_int_equal(last_entry(w).kind, LEDGER_BROKEN);
}

static void
test_quit_waits_for_the_transfer(void **state)
{
	struct world *w = *state;

	log_in(w);
	go_passive(w);
	ask(w, "RETR out.bin\r\nQUIT", "150 ");
	(void)expect(w, "226 ");
	(void)expect(w, "221 ");
	run_until(w, data_has_ended);
	assert_content(w, 0);
	run_until(w, is_over);
}

static void
test_a_closed_grant_ends_its_transfers(void **state)
{
	struct world *w = *state;

	log_in(w);
	go_passive(w);
	run_for(w, 100);
	env_stream_pause(w->client.data, true);
	ask(w, "RETR out.bin", "150 ");
	files_grant_close(&w->files, GRANT_IN);
	ask(w, "NOOP", "200 ");
	files_grant_close(&w->files, GRANT_OUT);
	(void)expect(w, "426 ");
	assert_string_equal(last_entry(w).text, "the grant was closed");
	go_passive(w);
	ask(w, "RETR out.bin", "550 ");
}

/* ---- uploads ---- */

static void
test_an_upload_is_kept_before_226(void **state)
{
	struct world *w = *state;
	uint64_t size = 0;

	log_in(w);
	go_passive(w);
	ask(w, "STOR in.cfg", "150 ");
	assert_int_equal(env_stream_write(w->client.data, w->content, 100000), 0);
	run_for(w, 1000);
	assert_int_equal(w->client.replies.size, 0); /* more may come */
	env_stream_finish(w->client.data);
	(void)expect(w, "226 ");
	assert_entry(w, LEDGER_COMPLETE, 100000);
	const struct ledger_entry entry = last_entry(w);
	assert_true(blobs_has(w->files.blobs, &entry.content, &size));
	assert_int_equal(size, 100000);
	go_passive(w);
	ask(w, "STOR in.cfg", "550 "); /* once */
}

static void
test_bytes_before_stor_are_not_lost(void **state)
{
	struct world *w = *state;

	log_in(w);
	go_passive(w);
	assert_int_equal(env_stream_write(w->client.data, "abc", 3), 0);
	env_stream_finish(w->client.data);
	run_for(w, 1000);
	ask(w, "STOR in.cfg", "150 ");
	(void)expect(w, "226 ");
	assert_entry(w, LEDGER_COMPLETE, 3);
}

static void
test_too_big_an_upload(void **state)
{
	struct world *w = *state;

	log_in(w);
	go_passive(w);
	ask(w, "STOR in.cfg", "150 ");
	assert_int_equal(env_stream_write(w->client.data, w->content, CONTENT_SIZE), 0);
	assert_int_equal(env_stream_write(w->client.data, "x", 1), 0);
	(void)expect(w, "552 ");
	assert_int_equal(last_entry(w).kind, LEDGER_BROKEN);
	ask(w, "NOOP", "200 ");
}

static void
test_an_upload_to_a_full_disk(void **state)
{
	struct world *w = *state;

	log_in(w);
	go_passive(w);
	ask(w, "STOR in.cfg", "150 ");
	sim_disk_full(w->server, true);
	assert_int_equal(env_stream_write(w->client.data, w->content, 1000), 0);
	env_stream_finish(w->client.data);
	(void)expect(w, "452 ");
}

static void
test_a_lost_upload_is_broken(void **state)
{
	struct world *w = *state;

	log_in(w);
	go_passive(w);
	ask(w, "STOR in.cfg", "150 ");
	assert_int_equal(env_stream_write(w->client.data, w->content, 1000), 0);
	run_for(w, 1000);
	env_stream_close(TAKE(w->client.control)); /* nobody says that it is whole */
	run_for(w, 1000);
	assert_entry(w, LEDGER_BROKEN, 1000);
}

static void
test_a_cut_line_breaks_an_upload(void **state)
{
	struct world *w = *state;

	log_in(w);
	go_passive(w);
	ask(w, "STOR in.cfg", "150 ");
	assert_int_equal(env_stream_write(w->client.data, w->content, 1000), 0);
	run_for(w, 1000);
	sim_cut(w->sim, w->server, w->device, true);
	run_for(w, 60000);
	assert_entry(w, LEDGER_BROKEN, 1000);
}

/* ---- lists and ends ---- */

static void
test_lists_have_the_names_of_the_login(void **state)
{
	struct world *w = *state;

	log_in(w);
	go_passive(w);
	ask(w, "NLST", "150 ");
	(void)expect(w, "226 ");
	run_until(w, data_has_ended);
	assert_non_null(strstr(buf_text(&w->client.content), "out.bin\r\n"));
	assert_non_null(strstr(buf_text(&w->client.content), "in.cfg\r\n"));
	assert_null(strstr(buf_text(&w->client.content), "other"));
	go_passive(w);
	ask(w, "LIST -la", "150 ");
	(void)expect(w, "226 ");
	run_until(w, data_has_ended);
	assert_non_null(strstr(buf_text(&w->client.content), " 300000 Jan 1 1970 out.bin\r\n"));
}

static void
test_free_in_the_middle(void **state)
{
	struct world *w = *state;

	log_in(w);
	go_passive(w);
	run_for(w, 100);
	env_stream_pause(w->client.data, true);
	ask(w, "RETR out.bin", "150 ");
	ftp_free(TAKE(w->files.ftp));
	assert_int_equal(last_entry(w).kind, LEDGER_BROKEN);
	run_until(w, is_over);
}

static void
test_free_after_a_crash(void **state)
{
	struct world *w = *state;

	log_in(w);
	go_passive(w);
	ask(w, "STOR in.cfg", "150 ");
	assert_int_equal(env_stream_write(w->client.data, w->content, 1000), 0);
	run_for(w, 1000);
	sim_crash(w->sim, w->server);
	ftp_free(TAKE(w->files.ftp));
	run_until(w, is_over);
}

#define T(test) cmocka_unit_test_setup_teardown(test, world_setup, world_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_wrong_logins_end_the_session),
		T(test_a_login_counts_at_its_address_only),
		T(test_silent_sessions_end),
		T(test_an_address_has_so_many_sessions),
		T(test_small_verbs),
		T(test_features_are_told),
		T(test_too_long_a_line_ends_the_session),
		T(test_unread_replies_end_the_session),
		T(test_a_download_crosses_whole),
		T(test_pasv_names_the_port),
		T(test_rest_goes_on_in_the_middle),
		T(test_an_empty_rest_of_a_file),
		T(test_what_is_not_granted_is_not_there),
		T(test_active_mode),
		T(test_a_stranger_gets_no_data_connection),
		T(test_a_device_that_stops_reading_is_left),
		T(test_nobody_comes_for_the_data),
		T(test_abort_ends_a_transfer),
		T(test_quit_waits_for_the_transfer),
		T(test_a_closed_grant_ends_its_transfers),
		T(test_an_upload_is_kept_before_226),
		T(test_bytes_before_stor_are_not_lost),
		T(test_too_big_an_upload),
		T(test_an_upload_to_a_full_disk),
		T(test_a_lost_upload_is_broken),
		T(test_a_cut_line_breaks_an_upload),
		T(test_lists_have_the_names_of_the_login),
		T(test_free_in_the_middle),
		T(test_free_after_a_crash),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
