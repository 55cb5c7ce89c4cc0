/* drydock decisions: the questions that wait. */
#include "cli/room.h"

struct questions {
	struct cli *cli;
	unsigned count;
};

static int
print_one(void *arg, json_t *row, struct err *err)
{
	struct questions *questions = arg;
	char words[64];

	(void)err;
	questions->count++;
	if (questions->cli->is_json) {
		print_document(row);
		return 0;
	}
	question_print(stdout, row, stdout_has_colour());
	printf("    answer: drydock decide %lld %s\n\n", (long long)doc_int(row, "id"),
	       doc_words(json_object_get(row, "answers"), "|", words, sizeof(words)));
	return 0;
}

static int
run(struct cli *cli)
{
	struct questions questions = { .cli = cli };
	struct err err = { 0 };

	int r = client_list(cli, "decisions?open=1", "decisions", print_one, &questions, &err);
	if (r < 0)
		return refused(cli, &err);
	if (questions.count == 0 && !cli->is_json)
		puts("no question waits");
	return CODE_DONE;
}

const struct verb verb_decisions = {
	.name = "decisions",
	.arguments = "",
	.summary = "Show the questions that wait for an answer",
	.run = run,
};
