/* drydock init: a data folder for a manager. */
#include "base/hex.h"
#include "cli/room.h"
#include "env/env_linux.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

enum { TOKEN_BYTES = 32, HEX_SIZE = 64, PATH_SIZE = 512 };

/* Everything that may be in a folder that an earlier init was interrupted in. */
static bool
is_ours(const char *name)
{
	static const char *const names[] = { ".", "..", "profiles", "migrations", "token.tmp" };

	for (size_t i = 0; i < ARRAY_COUNT(names); i++)
		if (text_equal(names[i], name))
			return true;
	return false;
}

/* The token is written last: a folder that has it is whole. */
static int
check_folder(const char *folder, bool *ret_is_whole, struct err *err)
{
	bool is_foreign = false;
	struct dirent *entry;

	*ret_is_whole = false;
	DIR *dir = opendir(folder);
	if (dir == NULL)
		return errno == ENOENT ? 0 : err_errno(err, AT, errno, "%s can't be used", folder);
	while ((entry = readdir(dir)) != NULL) {
		*ret_is_whole = *ret_is_whole || text_equal(entry->d_name, "token");
		is_foreign = is_foreign || !is_ours(entry->d_name);
	}
	(void)closedir(dir); /* nothing was written */
	if (is_foreign && !*ret_is_whole)
		return err_set(err, AT, DD_EEXIST,
			       "%s is not empty and no data folder: name another one", folder);
	return 0;
}

static int
make_folders(struct env *env, const char *folder, struct err *err)
{
	static const char *const names[] = { "", "/profiles", "/migrations" };
	char path[PATH_SIZE];
	int r = 0;

	for (size_t i = 0; i < ARRAY_COUNT(names) && r == 0; i++) {
		if (!text_print(path, sizeof(path), "%s%s", folder, names[i]))
			return err_set(err, AT, DD_EINVAL, "the path of the folder is too long");
		r = env_dir_make(env, path, err);
	}
	/* One that was there already may be open to others. */
	if (r == 0 && chmod(folder, 0700) < 0)
		return err_errno(err, AT, errno, "%s can't be made private", folder);
	return r;
}

static int
make_token(struct env *env, const char *folder, struct err *err)
{
	uint8_t secret[TOKEN_BYTES];
	char text[HEX_SIZE + 2], path[PATH_SIZE];

	env_random(env, secret, sizeof(secret));
	(void)hex_print(text, secret, sizeof(secret));
	text[HEX_SIZE] = '\n';
	(void)text_print(path, sizeof(path), "%s/token", folder);
	int r = env_file_store(env, path, text, HEX_SIZE + 1, err);
	explicit_bzero(secret, sizeof(secret));
	explicit_bzero(text, sizeof(text));
	return r;
}

static int
make_all(const char *folder, struct err *err)
{
	struct env *env;

	int r = env_linux_new(&env, err);
	if (r < 0)
		return r;
	r = make_folders(env, folder, err);
	if (r == 0)
		r = make_token(env, folder, err);
	env_linux_free(env);
	return r;
}

static int
run(struct cli *cli)
{
	const char *folder = cli->plain[0];
	struct err err = { 0 };
	bool is_whole;

	int r = check_folder(folder, &is_whole, &err);
	if (r == 0 && !is_whole)
		r = make_all(folder, &err);
	if (r < 0)
		return failed(cli, &err);
	if (cli->is_json) {
		CLEANUP(json_freep)
		json_t *doc = json_pack("{s:s, s:b}", "data", folder, "is_new", !is_whole);
		print_document(doc);
		return CODE_DONE;
	}
	printf(is_whole ? "%s is a data folder already; nothing was changed\n" : "%s is ready\n",
	       folder);
	printf("  start the manager:  drydockd --data %s --advertise ADDRESS\n  and tell drydock:  "
	       " export DRYDOCK_DATA=%s\n",
	       folder, folder);
	return CODE_DONE;
}

const struct verb verb_init = {
	.name = "init",
	.arguments = "DIR",
	.summary = "Make a data folder for a manager: private, with the administrator's token",
	.plain_min = 1,
	.plain_max = 1,
	.run = run,
};
