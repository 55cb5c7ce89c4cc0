/* drydock job show: one job, with everything that was seen. */
#include "cli/room.h"

#include <string.h>

/* "12:00:01" of "2026-01-31T12:00:01.000Z" */
static void
print_clock(const char *at)
{
	printf("  %.8s  ", strlen(at) > 19 ? at + 11 : "        ");
}

static void
print_title(const char *title)
{
	bool has_colour = stdout_has_colour();

	printf("%s%s%s\n", has_colour ? "\033[1m" : "", title, has_colour ? "\033[0m" : "");
}

static void
print_attempts(const json_t *attempts)
{
	if (json_array_size(attempts) > 0)
		print_title("attempts");
	for (size_t i = 0; i < json_array_size(attempts); i++) {
		const json_t *attempt = json_array_get(attempts, i);
		const char *result = doc_text(attempt, "result"),
			   *reason = doc_text(attempt, "reason");
		print_clock(doc_text(attempt, "began_at"));
		printf("%-3lld %-10s %s%s%s%s", (long long)doc_int(attempt, "attempt"),
		       doc_text(attempt, "step"), result[0] != '\0' ? result : "goes on",
		       reason[0] != '\0' ? " (" : "", reason, reason[0] != '\0' ? ")" : "");
		if (doc_text(attempt, "text")[0] != '\0' && text_equal(result, "failed")) {
			fputs(": ", stdout);
			print_text(stdout, doc_text(attempt, "text"));
		}
		putchar('\n');
	}
}

static void
print_ledger(const json_t *ledger)
{
	char bytes[24];

	if (json_array_size(ledger) > 0)
		print_title("ledger of the file service");
	for (size_t i = 0; i < json_array_size(ledger); i++) {
		const json_t *entry = json_array_get(ledger, i);
		print_clock(doc_text(entry, "at"));
		printf("%-9s %-5s %-5s from %s  %s", doc_text(entry, "kind"),
		       doc_text(entry, "protocol"), doc_text(entry, "direction"),
		       doc_text(entry, "from"),
		       text_bytes((uint64_t)doc_int(entry, "bytes"), bytes));
		if (text_equal(doc_text(entry, "kind"), "complete"))
			printf("  SHA-256 %.16s", doc_text(entry, "sha256"));
		if (doc_text(entry, "text")[0] != '\0') {
			fputs("  ", stdout);
			print_text(stdout, doc_text(entry, "text"));
		}
		putchar('\n');
	}
}

static void
print_evidence(const json_t *evidence)
{
	if (json_array_size(evidence) > 0)
		print_title("what was seen");
	for (size_t i = 0; i < json_array_size(evidence); i++) {
		const json_t *event = json_array_get(evidence, i);
		print_clock(doc_text(event, "at"));
		printf("%-10s %-9s ", doc_text(event, "step"), doc_text(event, "event"));
		print_text(stdout, doc_text(event, "text"));
		putchar('\n');
	}
}

static void
print_categories(json_t *categories)
{
	const char *name;
	json_t *category;

	if (json_object_size(categories) > 0)
		print_title("configuration, wanted and confirmed");
	json_object_foreach(categories, name, category)
	{
		const json_t *is_equal = json_object_get(category, "is_equal");
		printf("  %-20s %lld values, SHA-256 %.16s%s\n", name,
		       (long long)doc_int(category, "items"), doc_text(category, "sha256"),
		       is_equal == NULL         ? ""
		       : json_is_true(is_equal) ? ", equal on the device"
						: ", DIFFERS on the device");
	}
}

static void
print_job(const json_t *job)
{
	static const char *const keys[] = { "state",         "step",        "reason",
					    "text",          "advice",      "protocol",
					    "old_version",   "new_version", "software",
					    "configuration", "made_at",     "ended_at",
					    "deadline_at" };
	char number[24];

	printf("job %lld: %s of %s\n", (long long)doc_int(job, "job"), doc_text(job, "goal"),
	       doc_text(job, "device"));
	for (size_t i = 0; i < ARRAY_COUNT(keys); i++)
		print_field(keys[i], doc_text(job, keys[i]));
	if (doc_int(job, "decision") != 0) {
		(void)text_print(number, sizeof(number), "%lld",
				 (long long)doc_int(job, "decision"));
		print_field("decision", number);
	}
	print_attempts(json_object_get(job, "attempts"));
	print_ledger(json_object_get(job, "ledger"));
	print_evidence(json_object_get(job, "evidence"));
	print_categories(json_object_get(json_object_get(job, "proof"), "categories"));
}

static int
run(struct cli *cli)
{
	CLEANUP(json_freep) json_t *job = NULL;
	struct err err = { 0 };
	char path[64];
	uint64_t id;

	if (!text_number(cli->plain[0], INT64_MAX, &id) || id == 0)
		return usage(cli, "'%.32s' is no job: drydock job list shows their numbers",
			     cli->plain[0]);
	(void)text_print(path, sizeof(path), "jobs/%llu", (unsigned long long)id);
	if (client_call(cli, "GET", path, NULL, &job, &err) < 0)
		return refused(cli, &err);
	if (cli->is_json)
		print_document(job);
	else
		print_job(job);
	return CODE_DONE;
}

const struct verb verb_job_show = {
	.name = "job show",
	.arguments = "ID",
	.summary = "Show a job: attempts, ledger, everything that was seen, and the proof",
	.plain_min = 1,
	.plain_max = 1,
	.run = run,
};
