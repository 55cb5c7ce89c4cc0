/* test_turn_back.c - the proof itself: a target that a faulty engine could have made does not lead
 * back to its source. */
#include "config/rules.h"
#include "sample.h"

static const char rules[] =
	"migration: m\nprofile: p\nfrom: 1\nto: 2\n"
	"keys: {number: \"user.{i}.number\"}\n"
	"rules:\n"
	"- {move: \"user.{i}.name\", to: \"s/{number}/name\"}\n"
	"- {move: \"port.{i}.gain\", to: \"line/{i}\", scale: 10}\n"
	"- {move: \"port.{i}.state\", to: \"admin/{i}\", map: {up: enabled, down: disabled}}\n"
	"- {move: \"port.{i}.ohm\", to: \"ohm/{i}\", value: \"{value}-ohm\"}\n"
	"- {move: codec.order, to: \"codec/{n}\", split: \",\"}\n"
	"- {move: d.ring, to: [on, off], split: /}\n"
	"- {default: extra, value: \"1\", reason: needed}\n"
	"- {drop: system.format, reason: gone}\n";

static const char source_text[] =
	"# drydock-iad configuration\n[system]\nformat=1\n"
	"[user.1]\nnumber=70\nname=Anna\n[user.2]\nnumber=80\nname=Bo\n"
	"[port.1]\ngain=-3\nstate=up\nohm=600\n[codec]\norder=a,b,c\n[d]\nring=1/4\n";

#define TARGET                                                                                  \
	"drydock-iad 2\nset s/70/name Anna\nset s/80/name Bo\nset line/1 -30\n"                 \
	"set admin/1 enabled\nset ohm/1 600-ohm\nset codec/1 a\nset codec/2 b\nset codec/3 c\n" \
	"set on 1\nset off 4\nset extra 1\n"

/* As migration_apply() leaves it before the proof. */
static void
prepare(struct applying *applying)
{
	const struct migration *migration = applying->migration;
	struct captures captures;

	for (size_t i = 0; i < applying->source->count; i++) {
		const char *path = applying->source->items[i].path;
		if (place_match(&migration->keys[0].from, path, '.', &captures))
			applying->keys[applying->keys_count++] = (struct key_value){ 0, i };
		for (unsigned k = 0; k < migration->rules_count; k++)
			if (migration->rules[k].kind != RULE_DEFAULT &&
			    place_match(&migration->rules[k].from, path, '.', &captures))
				applying->taken[i] = &migration->rules[k];
	}
}

static size_t
problems_of(const char *target_text, char *text, size_t size)
{
	struct migration *migration = NULL;
	const struct rule *taken[32] = { NULL };
	struct key_value keys[8];
	struct err err = { 0 };

	assert_int_equal(migration_load("m.yaml", rules, strlen(rules), &migration, &err), 0);
	struct config *source = config_of(1, source_text), *target = config_of(2, target_text);
	struct applying applying = { .migration = migration,
				     .from = schema_format(iad_schema(), 1),
				     .to = schema_format(iad_schema(), 2),
				     .source = source,
				     .target = target,
				     .taken = taken,
				     .keys = keys,
				     .err = &err };
	assert_true(source->count <= ARRAY_COUNT(taken));
	prepare(&applying);
	assert_int_equal(applying.keys_count, 2);
	assert_int_equal(turn_back(&applying), 0);
	(void)text_copy(text, size, applying.problems.text);
	config_free(source);
	config_free(target);
	migration_free(migration);
	return applying.problems.count;
}

static void
a_true_target_leads_back(void **state)
{
	char text[ERR_TEXT_MAX];

	(void)state;
	assert_int_equal(problems_of(TARGET, text, sizeof(text)), 0);
}

/* Put `to` in the place of `from` in the true target. */
static void
falsify(const char *from, const char *to, char text[static 1000])
{
	const char *place = strstr(TARGET, from);

	assert_non_null(place);
	assert_true(text_print(text, 1000, "%.*s%s%s", (int)(place - TARGET), TARGET, to,
			       place + strlen(from)));
}

static void
false_targets_do_not(void **state)
{
	static const struct {
		const char *from, *to, *problem;
	} rows[] = {
		{ "set s/70/name Anna\n", "", "user.1.name did not come back" },
		{ "name Anna", "name Anne", "s/70/name does not lead back" },
		{ "s/70/name Anna\nset s/80/name Bo", "s/70/name Bo\nset s/80/name Anna",
		  "s/70/name does not lead back" },
		{ "s/70/", "s/71/", "s/71/name does not lead back" },
		{ "line/1 -30", "line/1 -3", "line/1 does not lead back" },
		{ "line/1 -30", "line/1 30", "line/1 does not lead back" },
		{ "line/1 -30", "line/1 -30.1", "line/1 does not lead back" },
		{ "line/1 -30", "line/1 x", "line/1 does not lead back" },
		{ "line/1 -30", "line/2 -30", "line/2 does not lead back" },
		{ "admin/1 enabled", "admin/1 disabled", "admin/1 does not lead back" },
		{ "admin/1 enabled", "admin/1 up", "admin/1 does not lead back" },
		{ "600-ohm", "600", "ohm/1 does not lead back" },
		{ "600-ohm", "60-ohm", "ohm/1 does not lead back" },
		{ "set codec/3 c\n", "", "codec.order did not come back" },
		{ "codec/3 c", "codec/4 c", "codec/4 does not lead back" },
		{ "codec/3 c", "codec/0 c", "codec/0 does not lead back" },
		{ "codec/3 c", "codec/x c", "codec/x does not lead back" },
		{ "codec/1 a\nset codec/2 b", "codec/1 b\nset codec/2 a",
		  "codec/1 does not lead back" },
		{ "on 1\nset off 4", "on 4\nset off 1", "off does not lead back" },
		{ "set off 4\n", "", "d.ring did not come back" },
		{ "extra 1", "extra 2", "extra does not lead back" },
		{ "extra 1", "more 1", "more does not lead back" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		char target[1000], text[ERR_TEXT_MAX];
		falsify(rows[i].from, rows[i].to, target);
		const size_t count = problems_of(target, text, sizeof(text));
		if (count == 0 || strstr(text, rows[i].problem) == NULL)
			fail_msg("row %zu: %zu problems, \"%s\" instead of \"%s\"", i, count, text,
				 rows[i].problem);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_true_target_leads_back),
		cmocka_unit_test(false_targets_do_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
