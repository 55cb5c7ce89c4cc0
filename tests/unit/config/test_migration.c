/* test_migration.c - converting, and every way in which a conversion that loses something is
 * caught. */
#include "agent/iad.h"
#include "config/diff.h"
#include "sample.h"

#define HEAD  "migration: m\nprofile: p\nfrom: 1\nto: 2\n"
#define HEAD1 "# drydock-iad configuration\n[system]\nformat = 1\n"
#define DROP  "- {drop: system.format, reason: said elsewhere}\n"

static struct migration *
rules_of(const char *text)
{
	struct migration *migration = NULL;
	struct err err = { 0 };

	if (migration_load("m.yaml", text, strlen(text), &migration, &err) < 0)
		fail_msg("%s", err.text);
	return migration;
}

static struct config *
convert(const struct migration *migration, const struct config *source,
	struct migration_account *account, struct buf *notes)
{
	struct config *target = NULL;
	struct err err = { 0 };

	if (migration_apply(migration, iad_schema(), source, &target, account, notes, &err) < 0)
		fail_msg("%s", err.text);
	return target;
}

/* ---- the real one ---- */

static struct migration *
iad_rules(void)
{
	size_t size = 0;
	char *text = file_text("migrations/drydock-iad-1-2.yaml", &size);
	struct migration *migration = rules_of(text);

	free(text);
	return migration;
}

static void
sample_becomes_the_sample_of_format_2(void **state)
{
	struct migration *migration = iad_rules();
	struct config *source = config_of_file(1, "tests/data/iad-24-format1.conf");
	struct config *wanted = config_of_file(2, "tests/data/iad-24-format2.conf");
	struct migration_account account;
	struct buf notes = { 0 };

	(void)state;
	struct config *target = convert(migration, source, &account, &notes);
	assert_int_equal(config_diff(wanted, target, NULL, NULL, NULL), 0);
	assert_int_equal(account.carried, 40);
	assert_int_equal(account.changed, 107);
	assert_int_equal(account.dropped, 1);
	assert_int_equal(account.added, 0);
	assert_string_equal(buf_text(&notes),
			    "dropped system.format: format 2 names itself in its first line\n");
	for (size_t i = 0; i < target->count; i++)
		assert_int_equal(target->items[i].line, 0);
	assert_true(config_find(target, "subscriber/4971110001/secret")->is_secret);
	buf_done(&notes);
	config_free(target);
	config_free(wanted);
	config_free(source);
	migration_free(migration);
}

/* The device knows its own configuration by other code: both must mean the same by it. */
static void
device_agrees(void **state)
{
	static struct iad iad;
	struct migration *migration = iad_rules();
	struct config *source = config_of_file(1, "tests/data/iad-24-format1.conf");
	struct config *target = convert(migration, source, NULL, NULL);
	struct err err = { 0 };
	size_t size = 0;
	char *text = file_text("tests/data/iad-24-format1.conf", &size);

	(void)state;
	if (iad_parse(&iad, 1, text, size, &err) < 0)
		fail_msg("%s", err.text);
	for (int i = 0; i < CATEGORY_COUNT; i++) {
		struct sha256 ours, theirs;
		config_hash(target, (enum category)i, &ours);
		iad_hash(&iad, (enum iad_category)i, &theirs);
		assert_string_equal(category_name((enum category)i),
				    iad_category_name((enum iad_category)i));
		assert_int_equal(config_count(target, (enum category)i),
				 iad_count(&iad, (enum iad_category)i));
		assert_true(sha256_equal(&ours, &theirs));
	}
	free(text);
	config_free(target);
	config_free(source);
	migration_free(migration);
}

static void
says_what_it_is_for(void **state)
{
	struct migration *migration = iad_rules();

	(void)state;
	assert_string_equal(migration_name(migration), "drydock-iad-1-2");
	assert_string_equal(migration_profile(migration), "drydock-agent");
	assert_int_equal(migration_from(migration), 1);
	assert_int_equal(migration_to(migration), 2);
	migration_free(migration);
	migration_free(NULL);
}

/* ---- planted losses: each is caught, and names the path and never a secret ---- */

static void
loses(const char *rules, const char *config, const char *wanted)
{
	char text[4000], lines[4000];
	struct config *target = NULL;
	struct err err = { 0 };

	assert_true(text_print(text, sizeof(text), HEAD "%s" DROP, rules));
	assert_true(text_print(lines, sizeof(lines), HEAD1 "%s", config));
	struct migration *migration = rules_of(text);
	struct config *source = config_of(1, lines);
	int r = migration_apply(migration, iad_schema(), source, &target, NULL, NULL, &err);
	if (r != DD_EINTEGRITY || strstr(err.text, wanted) == NULL)
		fail_msg("%d \"%s\" instead of \"%s\"", r, err.text, wanted);
	assert_null(target);
	assert_null(strstr(err.text, "s3cret"));
	config_free(source);
	migration_free(migration);
}

static void
forgotten_passwords_are_caught(void **state)
{
	(void)state;
	loses("rules:\n- {move: \"user.{i}.name\", to: \"s/{i}/name\"}\n",
	      "[user.1]\nname=Anna\npassword=s3cret\n[user.2]\npassword=s3cret2\n",
	      "m: 2 problems: no rule takes user.1.password; no rule takes user.2.password");
}

static void
values_missing_in_a_map_are_caught(void **state)
{
	(void)state;
	loses("rules:\n- {move: \"port.{i}.state\", to: \"line/{i}\", map: {up: enabled}}\n",
	      "[port.1]\nstate=up\n[port.2]\nstate=down\n",
	      "m: 1 problem: port.2.state: its value is not in the rule's map");
	loses("rules:\n- {move: user.password, to: u/secret, map: {a: b}}\n",
	      "[user]\npassword=s3cret\n", "user.password: its value is not in the rule's map");
}

static void
inexact_numbers_are_caught(void **state)
{
	(void)state;
	loses("rules:\n- {move: a.gain, to: a/gain, scale: 10}\n", "[a]\ngain=2.55\n",
	      "a.gain: the number can't be converted exactly");
	loses("rules:\n- {move: a.ms, to: a/s, scale: 1/1000}\n", "[a]\nms=1500\n",
	      "a.ms: the number can't be converted exactly");
	loses("rules:\n- {move: a.ms, to: a/s, scale: 1/3, decimals: 3}\n", "[a]\nms=10\n",
	      "a.ms: the number can't be converted exactly");
	loses("rules:\n- {move: a.b, to: a/b, scale: 2}\n", "[a]\nb=12 dB\n",
	      "a.b: it is no number");
	loses("rules:\n- {move: a.b, to: a/b, scale: 2}\n", "[a]\nb=\n", "a.b: it is no number");
	loses("rules:\n- {move: a.b, to: a/b, scale: 2}\n", "[a]\nb=1234567890\n",
	      "a.b: it is no number of at most 9 digits");
}

static void
values_that_two_rules_take_are_caught(void **state)
{
	(void)state;
	loses("rules:\n- {move: \"a.{x}\", to: \"a/{x}\"}\n- {move: a.b, to: c/b}\n", "[a]\nb=1\n",
	      "a.b is taken in line 6 and in line 7");
	loses("keys: {k: \"a.{x}.n\"}\nrules:\n- {move: \"a.{x}.{y}\", to: \"a/{k}/{y}\"}\n",
	      "[a.1]\nn=1\n", "a.1.n is taken in line 5 and in line 7");
}

static void
values_that_meet_in_one_path_are_caught(void **state)
{
	(void)state;
	loses("rules:\n- {move: a.b, to: x/b}\n- {move: \"c.{y}\", to: \"x/{y}\"}\n",
	      "[a]\nb=1\n[c]\nb=2\n", "a.b and c.b would both become x/b");
}

static void
keys_must_be_there_alone_and_needed(void **state)
{
	static const char rules[] = "keys: {number: \"user.{i}.number\"}\n"
				    "rules:\n- {move: \"user.{i}.name\", to: \"s/{number}/name\"}\n"
				    "- {move: \"user.{i}.port\", to: \"s/{number}/port\"}\n";

	(void)state;
	loses(rules, "[user.1]\nname=Anna\n",
	      "m: 1 problem: user.1.name needs user.1.number for its new path, which is missing");
	loses(rules, "[user.1]\nnumber=7\n[user.2]\nnumber=8\nname=Bo\n",
	      "user.1.number would be lost: no other value has it in its new path");
	/* without this, Anna would get Bo's port */
	loses(rules, "[user.1]\nnumber=7\nname=Anna\n[user.2]\nnumber=7\nport=2\n",
	      "have the same value, which is to be a key");
	loses(rules, "[user.1]\nnumber=7/8\nname=Anna\n",
	      "user.1.number is to be a part of a path, which its value can't be");
	loses(rules, "[user.1]\nnumber=\nname=Anna\n", "user.1.number is to be a part of a path");
	char lines[400] = "[user.1]\nname=Anna\nnumber=";
	memset(lines + strlen(lines), '7', 300);
	loses(rules, lines, "m: 1 problem: user.1.name has no valid path in the new format");
	loses(rules, "[user.1]\nnumber=7 8\nname=Anna\n",
	      "user.1.name has no valid path in the new format");
}

static void
splits_that_do_not_fit_are_caught(void **state)
{
	static const char pair[] = "rules:\n- {move: a.pair, to: [a/x, a/y], split: /}\n";
	static const char list[] = "rules:\n- {move: a.list, to: \"l/{n}\", split: \",\"}\n";

	(void)state;
	loses(pair, "[a]\npair=1/2/3\n", "a.pair has 3 parts instead of 2");
	loses(pair, "[a]\npair=1\n", "a.pair has 1 parts instead of 2");
	loses(pair, "[a]\npair=1/\n", "a.pair has an empty part");
	loses(list, "[a]\nlist=a,,b\n", "a.list has an empty part");
	loses(list, "[a]\nlist=\n", "a.list has an empty part");
}

static void
secrets_may_not_become_readable(void **state)
{
	(void)state;
	loses("rules:\n- {move: \"user.{i}.password\", to: \"subscriber/{i}/note\"}\n",
	      "[user.1]\npassword=s3cret\n",
	      "user.1.password is secret and would be readable at subscriber/1/note");
}

static void
many_problems_are_counted(void **state)
{
	char lines[4000] = "[section-with-a-long-name]\n";

	(void)state;
	for (int i = 10; i < 60; i++)
		(void)sprintf(lines + strlen(lines), "value-%d = s3cret\n", i);
	loses("rules:\n- {move: a.b, to: a/b}\n", lines,
	      "m: 50 problems: no rule takes section-with");
	loses("rules:\n- {move: a.b, to: a/b}\n", lines, " more");
}

/* ---- what converts ---- */

static void
becomes(const char *rules, const char *config, const char *wanted)
{
	char text[4000], lines[4000];
	struct buf out = { 0 };

	assert_true(text_print(text, sizeof(text), HEAD "%s" DROP, rules));
	assert_true(text_print(lines, sizeof(lines), HEAD1 "%s", config));
	struct migration *migration = rules_of(text);
	struct config *source = config_of(1, lines),
		      *target = convert(migration, source, NULL, NULL);
	assert_int_equal(config_print(iad_schema(), target, &out, NULL), 0);
	assert_string_equal(buf_text(&out) + strlen("drydock-iad 2\n"), wanted);
	buf_done(&out);
	config_free(source);
	config_free(target);
	migration_free(migration);
}

static void
numbers_convert_exactly(void **state)
{
	static const struct {
		const char *scale, *from, *to;
	} rows[] = {
		{ "10", "-3", "-30" },
		{ "10", "2.5", "25" },
		{ "10", "-0", "0" },
		{ "10", "007", "70" },
		{ "1000000", "999999999", "999999999000000" },
		{ "1/10, decimals: 1", "-35", "-3.5" },
		{ "1/10, decimals: 1", "30", "3" },
		{ "1/10, decimals: 3", "5", "0.5" },
		{ "1/1000, decimals: 3", "-1", "-0.001" },
		{ "1/1000", "30000", "30" },
		{ "1, decimals: 2", "1.50", "1.5" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		char rules[200], config[100], wanted[100];
		(void)sprintf(rules, "rules:\n- {move: a.b, to: a/b, scale: %s}\n", rows[i].scale);
		(void)sprintf(config, "[a]\nb=%s\n", rows[i].from);
		(void)sprintf(wanted, "set a/b %s\n", rows[i].to);
		becomes(rules, config, wanted);
	}
}

static void
lists_and_names_convert(void **state)
{
	(void)state;
	becomes("rules:\n- {move: a.list, to: \"l/{n}\", split: \", \"}\n",
		"[a]\nlist=x,  y\t, \tz\n", "set l/1 x\nset l/2 y\nset l/3 z\n");
	becomes("rules:\n- {move: \"p.{i}.pair\", to: [\"p{i}/x\", \"p{i}/y\"], split: \"--\"}\n",
		"[p.7]\npair=1 -- 2\n", "set p7/x 1\nset p7/y 2\n");
	becomes("rules:\n- {move: \"never.{x}\", to: \"met/{x}\"}\n", "", "");
	becomes("rules:\n- {move: \"a.{x}.{y}\", to: \"{y}/{x}\", value: \"<{value}>\"}\n",
		"[a.1]\nb=2\n", "set b/1 <2>\n");
	becomes("rules:\n- {move: \"a.x{i}y\", to: \"z{i}\"}\n", "[a]\nx1y=2\n", "set z1 2\n");
}

static void
lossy_maps_and_defaults_say_why(void **state)
{
	static const char rules[] = HEAD
		"rules:\n- {move: \"p.{i}\", to: \"p/{i}\", map: {a: x, b: x}, lossy: b is gone}\n"
		"- {default: new/one, value: \"1\", reason: it is needed}\n"
		"- {default: p/1, value: \"2\", reason: it is needed}\n" DROP;
	struct migration *migration = rules_of(rules);
	struct config *source = config_of(1, HEAD1 "[p]\n1=a\n2=b\n");
	struct migration_account account;
	struct buf notes = { 0 };

	(void)state;
	struct config *target = convert(migration, source, &account, &notes);
	assert_string_equal(value_of(target, "p/1"), "x"); /* no default over a value */
	assert_string_equal(value_of(target, "p/2"), "x");
	assert_string_equal(value_of(target, "new/one"), "1");
	assert_int_equal(account.changed, 2);
	assert_int_equal(account.added, 1);
	assert_string_equal(buf_text(&notes), "changed for good p.1: b is gone\n"
					      "changed for good p.2: b is gone\n"
					      "dropped system.format: said elsewhere\n"
					      "added new/one: it is needed\n");
	buf_done(&notes);
	config_free(target);
	config_free(source);
	migration_free(migration);
}

static void
other_formats_are_refused(void **state)
{
	struct migration *migration = iad_rules();
	struct config *source = config_of(2, "drydock-iad 2\n"), *target = NULL;
	struct err err = { 0 };

	(void)state;
	assert_int_equal(
		migration_apply(migration, iad_schema(), source, &target, NULL, NULL, &err),
		DD_EINVAL);
	assert_string_equal(err.text, "drydock-iad-1-2 is for format 1; this is format 2");
	migration_free(migration);
	config_free(source);

	migration = rules_of("migration: m\nprofile: p\nfrom: 1\nto: 9\nrules: []\n");
	source = config_of(1, HEAD1);
	assert_int_equal(
		migration_apply(migration, iad_schema(), source, &target, NULL, NULL, &err),
		DD_EINVAL);
	assert_string_equal(err.text, "m: the profile lacks format 9");
	migration_free(migration);

	migration = rules_of(HEAD "rules:\n- {move: \"a.{x}/{y}\", to: \"{x}/{y}\"}\n");
	assert_int_equal(
		migration_apply(migration, iad_schema(), source, &target, NULL, NULL, &err),
		DD_EINVAL);
	assert_string_equal(err.text, "m: 'a.{x}/{y}' has two names in one part of the path");
	migration_free(migration);
	config_free(source);
}

/* ---- loading ---- */

static void
rule_files_are_strict(void **state)
{
	static const struct {
		const char *rules, *wanted;
	} rows[] = {
		{ "", "'rules' is missing" },
		{ "rules: []\nrulez: []\n", "m.yaml:6:1: " },
		{ "rules:\n- {to: x}\n", "m.yaml:6:3: a rule begins with move, drop or default" },
		{ "rules:\n- {move: a.b}\n", "m.yaml:6:3: 'to' is missing" },
		{ "rules:\n- {move: a.b, to: a/b, scal: 3}\n", "unknown key 'scal'" },
		{ "rules:\n- {move: a.b, to: a/b, lossy: x}\n", "unknown key 'lossy'" },
		{ "rules:\n- {drop: a.b}\n", "'reason' is missing" },
		{ "rules:\n- {drop: a.b, reason: \"\"}\n", "'reason' must say why" },
		{ "rules:\n- {move: a.b, to: a/b}\n- {drop: a.b, reason: x}\n",
		  "m.yaml:7:10: the values of 'a.b' are taken in line 6 already" },
		{ "rules:\n- {move: \"a.{i}\", to: \"a/{i}\"}\n- {drop: \"a.{k}\", reason: x}\n",
		  "the values of 'a.{k}' are taken in line 6 already" },
		{ "rules:\n- {move: a.b, to: a/b}\n- {move: a.c, to: a/b}\n",
		  "m.yaml:7:19: 'a/b' is written in line 6 already" },
		{ "rules:\n- {move: \"a.{i}\", to: a}\n", "{i} of 'a.{i}' is lost here" },
		{ "rules:\n- {move: a.b, to: \"a/{i}\"}\n",
		  "{i} is neither in 'a.b' nor one of 'keys'" },
		{ "rules:\n- {move: a.b, to: \"a/{n}\"}\n", "{n} is neither" },
		{ "rules:\n- {move: \"a.{i\", to: a/b}\n", "a brace without its other one" },
		{ "rules:\n- {move: \"a.i}\", to: a/b}\n", "a brace without its other one" },
		{ "rules:\n- {move: \"a.{}\", to: a/b}\n", "a {name} is letters" },
		{ "rules:\n- {move: \"a.{i}.{i}\", to: a/b}\n", "may be there once only" },
		{ "rules:\n- {move: \"a.{n}\", to: \"a/{n}\"}\n", "{n} is taken" },
		{ "rules:\n- {move: \"{a}.{b}.{c}.{d}.{e}\", to: x}\n", "at most 4 {names}" },
		{ "rules:\n- {move: a.b, to: a/b, map: {x: y}, scale: 2}\n",
		  "one of value, map, scale and split" },
		{ "rules:\n- {move: a.b, to: a/b, map: {x: y, z: y}}\n",
		  "'x' and 'z' would both become 'y', which can't be undone" },
		{ "rules:\n- {move: a.b, to: a/b, map: {}}\n", "'map' has 1 to" },
		{ "rules:\n- {move: a.b, to: a/b, map: {x: y}, lossy: [x]}\n", "'lossy'" },
		{ "rules:\n- {move: a.b, to: a/b, map: {x: y}, lossy: \"a\\tb\\x01\"}\n",
		  "a text here is one line" },
		{ "rules:\n- {move: a.b, to: a/b, map: {x: [y]}}\n",
		  "'x' must be mapped to a text" },
		{ "rules:\n- {move: a.b, to: a/b, map: {x: y}, lossy: \"\"}\n",
		  "'lossy' must say why" },
		{ "rules:\n- {move: a.b, to: a/b, scale: 0}\n", "'scale' must be N or 1/N" },
		{ "rules:\n- {move: a.b, to: a/b, scale: 1/0}\n", "'scale' must be N or 1/N" },
		{ "rules:\n- {move: a.b, to: a/b, scale: -10}\n", "'scale' must be N or 1/N" },
		{ "rules:\n- {move: a.b, to: a/b, scale: 0.1}\n", "'scale' must be N or 1/N" },
		{ "rules:\n- {move: a.b, to: a/b, scale: 1000001}\n", "'scale' must be N or 1/N" },
		{ "rules:\n- {move: a.b, to: a/b, scale: 10, decimals: 4}\n", "decimals" },
		{ "rules:\n- {move: a.b, to: a/b, decimals: 1}\n", "unknown key 'decimals'" },
		{ "rules:\n- {move: a.b, to: a/b, value: x}\n",
		  "'value' must have {value} in it, once" },
		{ "rules:\n- {move: a.b, to: a/b, value: \"{value}{value}\"}\n", "once" },
		{ "rules:\n- {move: a.b, to: a/b, split: \",\"}\n", "'split' needs {n} in 'to'" },
		{ "rules:\n- {move: a.b, to: [a/b], split: \",\"}\n", "a list of 2 to 8 paths" },
		{ "rules:\n- {move: a.b, to: [a/b, a/c]}\n", "a list of 2 to 8 paths" },
		{ "rules:\n- {move: a.b, to: [a/b, a/b], split: \",\"}\n", "must differ" },
		{ "rules:\n- {move: a.b, to: [a/b, \"a/{n}\"], split: \",\"}\n", "without {n}" },
		{ "rules:\n- {move: a.b, to: \"a/{n}\", split: \" \"}\n",
		  "'split' must be what stands" },
		{ "rules:\n- {default: \"a/{i}\", value: x, reason: y}\n", "without {names}" },
		{ "rules:\n- {default: a/b, reason: y}\n", "'value' is missing" },
		{ "keys: {n: \"a.{i}\"}\nrules: []\n", "'n' is no name for a key" },
		{ "keys: {k: \"a.{i}.n\"}\nrules:\n- {move: \"b.{j}\", to: \"b/{k}/{j}\"}\n",
		  "{k} is found by {i}, which 'b.{j}' does not have" },
		{ "keys: {k: \"a.{i}.n\"}\nrules:\n- {move: \"b.{k}\", to: \"b/{k}\"}\n",
		  "{k} is taken" },
		{ "keys: {k: \"a.{i}.n\"}\nrules:\n- {drop: \"a.{x}.n\", reason: y}\n",
		  "are taken in line 5 already" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
		char text[1000];
		struct migration *migration = NULL;
		struct err err = { 0 };
		assert_true(text_print(text, sizeof(text), HEAD "%s", rows[i].rules));
		int r = migration_load("m.yaml", text, strlen(text), &migration, &err);
		if (r != DD_EPARSE || strstr(err.text, rows[i].wanted) == NULL ||
		    !text_starts(err.text, "m.yaml:"))
			fail_msg("%d \"%s\" instead of \"%s\"", r, err.text, rows[i].wanted);
		assert_null(migration);
	}
}

static void
heads_are_strict(void **state)
{
	static const char *const heads[] = {
		"profile: p\nfrom: 1\nto: 2\nrules: []\n",
		"migration: m\nfrom: 1\nto: 2\nrules: []\n",
		"migration: m\nprofile: p\nfrom: 1\nrules: []\n",
		"migration: m\nprofile: p\nfrom: 0\nto: 2\nrules: []\n",
		"migration: m\nprofile: p\nfrom: 2\nto: 2\nrules: []\n",
		"migration: a b\nprofile: p\nfrom: 1\nto: 2\nrules: []\n",
		"- migration: m\n",
		"word\n",
		"",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_COUNT(heads); i++) {
		struct migration *migration = NULL;
		struct err err = { 0 };
		assert_int_equal(
			migration_load("m.yaml", heads[i], strlen(heads[i]), &migration, &err),
			DD_EPARSE);
		assert_true(text_starts(err.text, "m.yaml:"));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sample_becomes_the_sample_of_format_2),
		cmocka_unit_test(device_agrees),
		cmocka_unit_test(says_what_it_is_for),
		cmocka_unit_test(forgotten_passwords_are_caught),
		cmocka_unit_test(values_missing_in_a_map_are_caught),
		cmocka_unit_test(inexact_numbers_are_caught),
		cmocka_unit_test(values_that_two_rules_take_are_caught),
		cmocka_unit_test(values_that_meet_in_one_path_are_caught),
		cmocka_unit_test(keys_must_be_there_alone_and_needed),
		cmocka_unit_test(splits_that_do_not_fit_are_caught),
		cmocka_unit_test(secrets_may_not_become_readable),
		cmocka_unit_test(many_problems_are_counted),
		cmocka_unit_test(numbers_convert_exactly),
		cmocka_unit_test(lists_and_names_convert),
		cmocka_unit_test(lossy_maps_and_defaults_say_why),
		cmocka_unit_test(other_formats_are_refused),
		cmocka_unit_test(rule_files_are_strict),
		cmocka_unit_test(heads_are_strict),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
