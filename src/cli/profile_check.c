/* drydock profile check: read a profile as the manager would; needs no manager. */
#include "cli/room.h"
#include "env/env_linux.h"
#include "profile/profile.h"

#include <stdlib.h>

enum { PROFILE_BYTES_MAX = 1 << 20 };

static int
check(const char *file, struct profile **ret_profile, struct err *err)
{
	struct env *env;
	char *text = NULL;
	size_t size = 0;

	int r = env_linux_new(&env, err);
	if (r < 0)
		return r;
	r = env_file_load(env, file, PROFILE_BYTES_MAX, &text, &size, err);
	env_linux_free(env);
	if (r == 0)
		r = profile_load(file, text, size, ret_profile, err);
	free(text);
	return r;
}

static int
run(struct cli *cli)
{
	struct profile *profile = NULL;
	struct err err = { 0 };

	if (check(cli->plain[0], &profile, &err) < 0)
		return failed(cli, &err);
	if (cli->is_json) {
		CLEANUP(json_freep)
		json_t *doc = json_pack("{s:s, s:s, s:b}", "file", cli->plain[0], "profile",
					profile_name(profile), "ok", 1);
		print_document(doc);
	} else {
		printf("%s: profile %s can be used\n", cli->plain[0], profile_name(profile));
	}
	profile_free(profile);
	return CODE_DONE;
}

const struct verb verb_profile_check = {
	.name = "profile check",
	.arguments = "FILE",
	.summary = "Check a profile's file; needs no manager",
	.plain_min = 1,
	.plain_max = 1,
	.run = run,
};
