/* A question to the person at the terminal: which step, why, on what evidence, and what can be
 * answered. */
#include "cli/room.h"

#include <string.h>

enum { EVIDENCE_SHOWN_MAX = 12, EVIDENCE_INDENT = 26, ANSWER_MAX = 32 };

/* The time of day in "2026-01-31T12:00:01.000Z". */
static void
print_line(FILE *out, const json_t *event, unsigned columns)
{
	const char *at = doc_text(event, "at");

	fprintf(out, "      %.8s  %-9s ", strlen(at) > 19 ? at + 11 : "        ",
		doc_text(event, "event"));
	print_wrapped(out, EVIDENCE_INDENT, EVIDENCE_INDENT, columns, doc_text(event, "text"));
}

/* The newest ones; what the question itself says is left out. */
static void
print_evidence(FILE *out, const json_t *evidence, unsigned columns)
{
	size_t count = json_array_size(evidence);
	size_t first = count > EVIDENCE_SHOWN_MAX ? count - EVIDENCE_SHOWN_MAX : 0;

	if (first > 0)
		fprintf(out, "      (%zu earlier ones: drydock job show)\n", first);
	for (size_t i = first; i < count; i++)
		if (!text_equal(doc_text(json_array_get(evidence, i), "event"), "failed"))
			print_line(out, json_array_get(evidence, i), columns);
}

void
question_print(FILE *out, const json_t *decision, bool has_colour)
{
	unsigned columns, lines;

	terminal_size(&columns, &lines);
	fprintf(out, "%s? %s%s asks about step %s (decision %lld, job %lld)\n",
		has_colour ? "\033[33m" : "", doc_text(decision, "device"),
		has_colour ? "\033[0m" : "", doc_text(decision, "step"),
		(long long)doc_int(decision, "id"), (long long)doc_int(decision, "job"));
	print_wrapped(out, 0, 4, columns, doc_text(decision, "question"));
	fputs("    what was seen:\n", out);
	print_evidence(out, json_object_get(decision, "evidence"), columns);
}

/* The answer that begins so; NULL where none or several do. */
static const char *
answer_of(const json_t *answers, const char *typed)
{
	const char *found = NULL;

	for (size_t i = 0; typed[0] != '\0' && i < json_array_size(answers); i++) {
		const char *answer = json_string_value(json_array_get(answers, i));
		if (answer == NULL || !text_starts(answer, typed))
			continue;
		if (text_equal(answer, typed))
			return answer;
		if (found != NULL)
			return NULL;
		found = answer;
	}
	return found;
}

static int
send_answer(struct cli *cli, int64_t decision, const char *answer, struct err *err)
{
	CLEANUP(buf_done) struct buf body = { 0 };
	struct json_writer out;
	char path[64];

	json_writer_init(&out, &body);
	json_open_object(&out, NULL);
	json_put_text(&out, "answer", answer);
	json_close_object(&out);
	(void)text_print(path, sizeof(path), "decisions/%lld", (long long)decision);
	return client_call(cli, "POST", path, &body, NULL, err);
}

bool
question_put(struct follow *follow, struct followed *followed)
{
	CLEANUP(json_freep) json_t *decision = NULL;
	int64_t id = doc_int(followed->now, "decision");
	char path[64], prompt[192], words[64], line[ANSWER_MAX];
	const char *answer = NULL;
	struct err err = { 0 };

	(void)text_print(path, sizeof(path), "decisions/%lld", (long long)id);
	if (client_call(follow->cli, "GET", path, NULL, &decision, &err) < 0) {
		(void)failed(follow->cli, &err);
		return false;
	}
	if (doc_text(decision, "answer")[0] != '\0')
		return true; /* by somebody else, just now */
	const json_t *answers = json_object_get(decision, "answers");
	question_print(stderr, decision, follow->terminal.has_colour);
	(void)text_print(prompt, sizeof(prompt),
			 "    %.64s: answer (%s): ", doc_text(decision, "device"),
			 doc_list(answers, words, sizeof(words)));
	while (answer == NULL) {
		if (!read_line(prompt, false, line, sizeof(line))) {
			fputs("\n", stderr);
			return false;
		}
		answer = answer_of(answers, line);
	}
	if (send_answer(follow->cli, id, answer, &err) < 0)
		(void)failed(follow->cli, &err);
	return err.code == 0 || err.code == DD_ECONFLICT;
}
