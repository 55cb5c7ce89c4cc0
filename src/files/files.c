/* The file service as a whole: opened, listening, connected; and closed. */
#include "files/files.h"

#include "base/text.h"
#include "files/room.h"

#include <stdlib.h>

/* Two services on one folder would number their ledgers alike, cut off each other's entries, and
 * remove each other's uploads: the lock comes first. */
static int
take_lock(struct files *files, struct err *err)
{
	const char *root = files->settings.root;
	char path[ADDR_PATH_MAX];

	if (!text_print(path, sizeof(path), "%s/lock", root))
		return err_set(err, AT, DD_EINVAL, "the path %.40s... is too long", root);
	int r = env_dir_make(files->env, root, err);
	if (r == 0)
		r = env_file_open(files->env, path,
				  ENV_FILE_READ | ENV_FILE_WRITE | ENV_FILE_CREATE |
					  ENV_FILE_PRIVATE_LOCK,
				  &files->lock, err);
	return r == DD_EBUSY ? err_set(err, AT, r,
				       "another drydock-filed runs on %s: stop it first, or choose "
				       "another folder (--root)",
				       root)
			     : r;
}

int
files_new(struct env *env, const struct files_settings *settings, struct files **ret_files,
	  struct err *err)
{
	struct files *files = calloc(1, sizeof(*files));

	if (files == NULL)
		return err_set(err, AT, DD_ENOMEM, "no memory for the file service");
	files->env = env;
	files->settings = *settings;
	int r = take_lock(files, err);
	if (r == 0)
		r = blobs_open(env, settings->root, &files->blobs, err);
	if (r == 0)
		r = ledger_open(files, &files->ledger, err);
	if (r == 0 && settings->tftp.family != ADDR_NONE)
		r = tftp_new(files, &files->tftp, err);
	if (r == 0 && settings->ftp.family != ADDR_NONE)
		r = ftp_new(files, &files->ftp, err);
	if (r == 0)
		r = filed_link_new(files, &files->link, err);
	if (r < 0) {
		files_free(files);
		return r;
	}
	*ret_files = files;
	return 0;
}

static void
close_grant(void *arg, struct open_grant *grant)
{
	files_grant_close(arg, grant->grant.id);
}

void
files_free(struct files *files)
{
	if (files == NULL)
		return;
	tftp_free(files->tftp);
	ftp_free(files->ftp);
	files->tftp = NULL;
	files->ftp = NULL;
	files_grants_each(files, close_grant, files);
	filed_link_free(files->link);
	ledger_close(files->ledger);
	blobs_close(files->blobs);
	env_file_close(files->lock);
	free(files);
}

const struct addr *
files_tftp_local(const struct files *files)
{
	return files->tftp != NULL ? tftp_local(files->tftp) : NULL;
}

const struct addr *
files_ftp_local(const struct files *files)
{
	return files->ftp != NULL ? ftp_local(files->ftp) : NULL;
}
