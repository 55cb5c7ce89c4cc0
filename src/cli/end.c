/* What became of the jobs: a row a device with its proof, and what to do about the others. */
#include "cli/room.h"

#include <stdlib.h>
#include <string.h>

enum { COLUMNS_OF_A_FILE = 1 << 20, TEXT_SIZE = 512 };

/* "equal in 4 categories", or how the configuration stands. */
static void
configuration_text(const json_t *job, char *text, size_t size)
{
	json_t *categories = json_object_get(json_object_get(job, "proof"), "categories"),
	       *category;
	size_t equal = 0, compared = 0;
	const char *name;

	json_object_foreach(categories, name, category)
	{
		equal += doc_bool(category, "is_equal");
		compared += json_object_get(category, "is_equal") != NULL;
	}
	if (compared > 0 && equal == compared)
		(void)text_print(text, size, "equal in %zu categories", compared);
	else
		(void)text_copy(text, size, doc_text(job, "configuration"));
}

static uint64_t
bytes_moved(const json_t *job)
{
	const json_t *ledger = json_object_get(job, "ledger");
	uint64_t bytes = 0;

	for (size_t i = 0; i < json_array_size(ledger); i++)
		if (text_equal(doc_text(json_array_get(ledger, i), "kind"), "complete"))
			bytes += (uint64_t)doc_int(json_array_get(ledger, i), "bytes");
	return bytes;
}

static void
add_row(struct table *table, const json_t *job)
{
	char number[24], software[160], configuration[64], bytes[24], took[24];
	const char *old = doc_text(job, "old_version"), *now = doc_text(job, "software");
	int64_t ms = doc_int(job, "elapsed_ms");

	(void)text_print(number, sizeof(number), "%lld", (long long)doc_int(job, "job"));
	if (now[0] == '\0')
		now = "unknown";
	if (old[0] != '\0' && !text_equal(old, now))
		(void)text_print(software, sizeof(software), "%.60s -> %.60s", old, now);
	else
		(void)text_copy(software, sizeof(software), now);
	configuration_text(job, configuration, sizeof(configuration));
	(void)text_print(took, sizeof(took), "%lld.%lld s", (long long)(ms / 1000),
			 (long long)(ms % 1000 / 100));
	table_cell(table, doc_text(job, "device"));
	table_cell(table, number);
	table_cell(table, doc_text(job, "state"));
	table_cell(table, software);
	table_cell(table, configuration);
	table_cell(table, text_bytes(bytes_moved(job), bytes));
	table_cell(table, took);
}

/* What to do now, one sentence. */
static void
next_step(const json_t *job, char *text, size_t size)
{
	const char *state = doc_text(job, "state"), *now = doc_text(job, "software");
	long long id = (long long)doc_int(job, "job");
	char words[64];

	if (doc_int(job, "decision") != 0)
		(void)text_print(
			text, size,
			"answer it: drydock decide %lld %s (drydock decisions shows the question)",
			(long long)doc_int(job, "decision"),
			doc_words(json_object_get(job, "answers"), "|", words, sizeof(words)));
	else if (text_equal(state, "running") || text_equal(state, "queued"))
		(void)text_print(text, size, "it goes on; drydock job watch %lld shows it", id);
	else if (text_equal(state, "held") || text_equal(state, "needs-hands"))
		(void)text_print(text, size, "%s; drydock job show %lld tells all",
				 doc_text(job, "advice"), id);
	else
		(void)text_print(
			text, size,
			"it runs %s, its configuration is %s; drydock job show %lld tells all",
			now[0] != '\0' ? now : "unknown software", doc_text(job, "configuration"),
			id);
}

/* Every failure line says device, step, cause and next command. */
static void
tell_trouble(const struct follow *follow, const json_t *job)
{
	const char *state = doc_text(job, "state"), *device = doc_text(job, "device");
	bool has_colour = follow->terminal.has_colour;
	unsigned columns = COLUMNS_OF_A_FILE, lines;
	char text[TEXT_SIZE];

	if (text_equal(state, "done"))
		return;
	if (follow->terminal.is_live)
		terminal_size(&columns, &lines);
	fprintf(stderr, "%s%s: %s%s: ", has_colour ? state_colour(state) : "", device, state,
		has_colour ? "\033[0m" : "");
	print_wrapped(stderr, (unsigned)(strlen(device) + strlen(state) + 4), 2, columns,
		      doc_text(job, "text"));
	next_step(job, text, sizeof(text));
	print_wrapped(stderr, 0, 2, columns, text);
}

static int
code_of(const json_t *job)
{
	const char *state = doc_text(job, "state");

	if (text_equal(state, "done"))
		return CODE_DONE;
	if (text_equal(state, "asking"))
		return CODE_WAITS;
	return text_equal(state, "running") || text_equal(state, "queued") ? CODE_TIMED_OUT
									   : CODE_DEVICES;
}

int
end_print(struct follow *follow, bool is_timed_out)
{
	static const char *const titles[] = { "device",        "job",   "state", "software",
					      "configuration", "moved", "took",  NULL };
	int code = is_timed_out ? CODE_TIMED_OUT : CODE_DONE;
	struct table table;
	char path[64];

	table_init(&table, follow->cli, titles);
	for (unsigned i = 0; i < follow->count; i++) {
		CLEANUP(json_freep) json_t *job = NULL;
		struct err err = { 0 };
		(void)text_print(path, sizeof(path), "jobs/%lld", (long long)follow->jobs[i].job);
		if (client_call(follow->cli, "GET", path, NULL, &job, &err) < 0) {
			buf_done(&table.cells);
			return failed(follow->cli, &err);
		}
		if (code_of(job) > code && !is_timed_out)
			code = code_of(job);
		if (follow->cli->is_json)
			print_document(job);
		else
			add_row(&table, job);
		tell_trouble(follow, job);
	}
	if (follow->cli->is_json)
		buf_done(&table.cells);
	else
		table_end(&table);
	if (is_timed_out)
		fprintf(stderr, "drydock: not over after %lld s; the jobs go on\n",
			(long long)(follow->timeout_ms / 1000));
	return code;
}
