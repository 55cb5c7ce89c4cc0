/* drydock job watch: follow jobs until they end or ask. */
#include "cli/room.h"

enum { WATCHED_MAX = 1000 };

static int
run(struct cli *cli)
{
	struct follow follow;
	struct err err = { 0 };
	uint64_t id;

	if (follow_new(cli, cli->plain_count, &follow, &err) < 0)
		return refused(cli, &err);
	for (unsigned i = 0; i < cli->plain_count; i++) {
		if (!text_number(cli->plain[i], INT64_MAX, &id) || id == 0) {
			follow_done(&follow);
			return usage(cli, "'%.32s' is no job: drydock job list shows their numbers",
				     cli->plain[i]);
		}
		follow.jobs[i].job = (int64_t)id;
	}
	int code = follow_run(&follow);
	follow_done(&follow);
	return code;
}

static const struct option_row rows[] = {
	{ "timeout", "SECONDS", "wait so long at most (exit code 5)", false },
	{ NULL, NULL, NULL, false },
};

const struct verb verb_job_watch = {
	.name = "job watch",
	.arguments = "ID...",
	.summary = "Show progress and wait until jobs end or ask",
	.plain_min = 1,
	.plain_max = WATCHED_MAX,
	.run = run,
	.options = { rows },
};
