/* fuzz_migration.c - any configuration through fixed rules of every kind: a whole account and a
 * target that prints and parses, or an error and no target. */
#include "config/diff.h"
#include "config/migration.h"
#include "fuzz.h"

static const char rules[] =
	"migration: m\nprofile: p\nfrom: 1\nto: 2\n"
	"keys: {number: \"user.{i}.number\"}\n"
	"rules:\n"
	"- {move: \"user.{i}.name\", to: \"s/{number}/name\"}\n"
	"- {move: \"user.{i}.password\", to: \"s/{number}/secret\"}\n"
	"- {move: \"user.{i}.x{k}y\", to: \"s/{number}/x/{k}\"}\n"
	"- {move: \"p.{i}\", to: \"p/{i}\", scale: 10}\n"
	"- {move: \"q.{i}\", to: \"q/{i}/z\", scale: 1/8, decimals: 3}\n"
	"- {move: \"m.{i}\", to: \"m{i}\", map: {a: b, b: c, c: a}}\n"
	"- {move: \"l.{i}\", to: \"m{i}/{n}\", split: \",,\"}\n"
	"- {move: \"t.{i}.{k}\", to: [\"t/{k}/{i}\", \"t/{i}/{k}/2\"], split: /}\n"
	"- {move: \"v.{i}\", to: \"v/{i}\", value: \"<{value}>\"}\n"
	"- {move: \"z.{i}\", to: \"z/{i}\", map: {a: x, b: x}, lossy: why not}\n"
	"- {default: \"p/1\", value: \"0\", reason: needed}\n"
	"- {drop: \"drop.{i}\", reason: gone}\n";

static const struct schema schema = {
	.formats_count = 2,
	.formats = { { .number = 1,
		       .parser = SCHEMA_INI,
		       .rules_count = 1,
		       .rules = { { .pattern = "*.password", .is_secret = true } } },
		     { .number = 2,
		       .parser = SCHEMA_SET_LINES,
		       .header = "head",
		       .rules_count = 1,
		       .rules = { { .pattern = "*/secret", .is_secret = true } } } },
};

static void
apply(const struct migration *migration, const struct config *source)
{
	struct config *target = NULL, *read = NULL;
	struct migration_account account;
	struct buf notes = { 0 }, text = { 0 };
	struct err err = { 0 };

	int r = migration_apply(migration, &schema, source, &target, &account, &notes, &err);
	if (r < 0) {
		MUST(r == DD_EINTEGRITY && target == NULL && err.text[0] != '\0');
	} else {
		MUST(account.carried + account.changed + account.dropped == source->count);
		MUST(config_print(&schema, target, &text, &err) == 0);
		MUST(config_parse(&schema, 2, buf_text(&text), text.size, &read, &err) == 0);
		MUST(config_diff(target, read, NULL, NULL, NULL) == 0);
		MUST(read->count == target->count);
	}
	buf_done(&text);
	buf_done(&notes);
	config_free(read);
	config_free(target);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct migration *migration;
	struct config *source = NULL;
	struct err err = { 0 };

	if (migration == NULL &&
	    migration_load("rules", rules, strlen(rules), &migration, &err) < 0) {
		fprintf(stderr, "%s\n", err.text);
		abort();
	}
	if (config_parse(&schema, 1, (const char *)data, size, &source, &err) < 0)
		return 0;
	apply(migration, source);
	config_free(source);
	return 0;
}
