/* Text scripts of the workflow: events in, state and effects expected. Every bug of the workflow
 * begins as such a script.
 *
 *   plan goal=upgrade on_failure=ask way=slot activate service repeat=ticket
 *   EVENT [reason=R] [software=S] [old] [failed] => STATE ACT PHASE: EFFECT EFFECT...
 *
 * `old` gives the event an old ticket. Lines that begin with '#' are comments. They stand in
 * $DRYDOCK_SOURCE/tests/replay. */
#include "job/job.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { LINE_SIZE = 512, SCRIPTS_MAX = 256 };

struct script {
	const char *name;
	unsigned line;
	struct job_plan plan;
	struct job job;
	int64_t wall_ms;
};

static int
find_word(const char *(*name)(int), int count, const char *word)
{
	for (int i = 0; i < count; i++)
		if (strcmp(name(i), word) == 0)
			return i;
	return -1;
}

static const char *
event_name(int i)
{
	return job_event_name((enum job_event_kind)i);
}

static const char *
goal_name(int i)
{
	return job_goal_name((enum job_goal)i);
}

static const char *
policy_name(int i)
{
	return job_policy_name((enum job_policy)i);
}

static const char *
software_name(int i)
{
	return job_software_name((enum software)i);
}

static const char *
value_of(const char *word, const char *key)
{
	size_t size = strlen(key);

	return strncmp(word, key, size) == 0 && word[size] == '=' ? word + size + 1 : NULL;
}

static void
set_plan(struct script *script, char *words)
{
	struct job_plan *plan = &script->plan;
	const char *value;

	*plan = (struct job_plan){
		.retries_max = 3, .rollback_tries_max = 3, .look_ms = 5000, .way_back = WAY_SLOT
	};
	for (int i = 0; i < STEP_COUNT; i++) {
		plan->limit_ms[i] = 60000;
		plan->stall_ms[i] = 10000;
	}
	for (char *word = strtok(words, " "); word != NULL; word = strtok(NULL, " ")) {
		if ((value = value_of(word, "goal")) != NULL)
			plan->goal = (uint8_t)find_word(goal_name, GOAL_COUNT, value);
		else if ((value = value_of(word, "on_failure")) != NULL)
			plan->on_failure = (uint8_t)find_word(policy_name, POLICY_STOP + 1, value);
		else if ((value = value_of(word, "way")) != NULL)
			plan->way_back = strcmp(value, "image") == 0 ? WAY_IMAGE : WAY_SLOT;
		else if ((value = value_of(word, "repeat")) != NULL)
			memset(plan->repeat,
			       strcmp(value, "never") == 0 ? REPEAT_NEVER : REPEAT_TICKET,
			       sizeof(plan->repeat));
		else if (strcmp(word, "activate") == 0)
			plan->has_activate = true;
		else if (strcmp(word, "service") == 0)
			plan->has_service = true;
		else
			fail_msg("%s:%u: unknown word '%s'", script->name, script->line, word);
	}
}

static struct job_event
read_event(struct script *script, char *words)
{
	struct job_event event = { .ticket = script->job.ticket, .wall_ms = script->wall_ms };
	const char *value;
	enum reason reason = REASON_NONE;

	char *word = strtok(words, " ");
	int kind = word != NULL ? find_word(event_name, EV_COUNT, word) : -1;
	if (kind < 0)
		fail_msg("%s:%u: no such event", script->name, script->line);
	event.kind = (uint8_t)kind;
	while ((word = strtok(NULL, " ")) != NULL) {
		if ((value = value_of(word, "reason")) != NULL && reason_parse(value, &reason))
			event.reason = (uint8_t)reason;
		else if ((value = value_of(word, "software")) != NULL)
			event.software =
				(uint8_t)find_word(software_name, SOFTWARE_UNKNOWN + 1, value);
		else if (strcmp(word, "old") == 0)
			event.ticket--;
		else if (strcmp(word, "failed") == 0)
			event.has_failed = true;
		else
			fail_msg("%s:%u: unknown word '%s'", script->name, script->line, word);
	}
	return event;
}

static void
print_state(const struct job *job, const struct job_effects *effects, char *text, size_t size)
{
	const char *act = job->act != ACT_NONE ? job_act_name((enum job_act)job->act) : "-";
	const char *phase =
		job->phase != PHASE_NONE ? job_phase_name((enum job_phase)job->phase) : "-";
	int used = snprintf(text, size, "%s %s %s:", job_state_name((enum job_state)job->state),
			    act, phase);

	for (unsigned i = 0; i < effects->count; i++)
		used += snprintf(text + used, size - (size_t)used, " %s",
				 job_effect_name((enum job_effect_kind)effects->item[i].kind));
}

static void
play(struct script *script, char *line)
{
	char found[LINE_SIZE];
	struct job next;
	struct job_effects effects;

	char *expected = strstr(line, " => ");
	if (expected == NULL)
		fail_msg("%s:%u: ' => ' is missing", script->name, script->line);
	*expected = '\0';
	expected += 4;
	struct job_event event = read_event(script, line);
	script->wall_ms += 1000;
	job_step(&script->plan, &script->job, &event, &next, &effects);
	print_state(&next, &effects, found, sizeof(found));
	if (strcmp(found, expected) != 0)
		fail_msg("%s:%u: '%s' gives\n  %s\nexpected\n  %s", script->name, script->line,
			 job_event_name((enum job_event_kind)event.kind), found, expected);
	script->job = next;
}

static void
run_script(void **state)
{
	struct script script = { .name = *state, .wall_ms = 1000 };
	char line[LINE_SIZE];
	FILE *file = fopen(script.name, "r");

	assert_non_null(file);
	while (fgets(line, sizeof(line), file) != NULL) {
		script.line++;
		line[strcspn(line, "\n")] = '\0';
		if (line[0] == '\0' || line[0] == '#')
			continue;
		if (strncmp(line, "plan ", 5) == 0)
			set_plan(&script, line + 5);
		else
			play(&script, line);
	}
	(void)fclose(file);
}

static int
is_script(const struct dirent *entry)
{
	size_t size = strlen(entry->d_name);

	return size > 4 && strcmp(entry->d_name + size - 4, ".job") == 0;
}

int
main(void)
{
	const char *source = getenv("DRYDOCK_SOURCE");
	char folder[LINE_SIZE / 2];
	static char paths[SCRIPTS_MAX][LINE_SIZE];
	struct CMUnitTest tests[SCRIPTS_MAX] = { 0 };
	struct dirent **entries = NULL;

	(void)snprintf(folder, sizeof(folder), "%s/tests/replay", source != NULL ? source : ".");
	int count = scandir(folder, &entries, is_script, alphasort);

	if (count <= 0 || count > SCRIPTS_MAX) {
		(void)fprintf(stderr, "no scripts in %s\n", folder);
		return 1;
	}
	for (int i = 0; i < count; i++) {
		(void)snprintf(paths[i], sizeof(paths[i]), "%s/%s", folder, entries[i]->d_name);
		tests[i] = (struct CMUnitTest){ .name = strrchr(paths[i], '/') + 1,
						.test_func = run_script,
						.initial_state = paths[i] };
		free(entries[i]);
	}
	free(entries);
	return _cmocka_run_group_tests("replay", tests, (size_t)count, NULL, NULL);
}
