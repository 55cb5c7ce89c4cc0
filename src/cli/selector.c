/* Which devices are meant: names, or everything that some options say. */
#include "cli/room.h"

#include <stdlib.h>
#include <string.h>

enum { SELECTION_MAX = 100000 };

const struct option_row selector_options[] = {
	{ "tag", "K=V", "devices with this tag", true },
	{ "profile", "P", "devices of this family", false },
	{ "version", "V", "devices that run this software, as last read", false },
	{ "all", NULL, "all devices", false },
	{ NULL, NULL, NULL, false },
};

static int
add_name(struct selection *selection, const char *name, struct err *err)
{
	if (selection->count == SELECTION_MAX)
		return err_set(err, AT, DD_EFULL, "more than %d devices are selected",
			       SELECTION_MAX);
	if ((selection->count & (selection->count + 1)) == 0 || selection->names == NULL) {
		char **names = realloc(selection->names,
				       ((size_t)selection->count * 2 + 2) * sizeof(*names));
		if (names == NULL)
			return err_set(err, AT, DD_ENOMEM, "no memory");
		selection->names = names;
	}
	char *copy = strdup(name);
	if (copy == NULL)
		return err_set(err, AT, DD_ENOMEM, "no memory");
	selection->names[selection->count++] = copy;
	return 0;
}

static int
add_row(void *arg, json_t *row, struct err *err)
{
	return add_name(arg, doc_text(row, "name"), err);
}

static bool
has_name(const struct selection *selection, const char *name)
{
	for (unsigned i = 0; i < selection->count; i++)
		if (text_equal(selection->names[i], name))
			return true;
	return false;
}

/* Everything that the options say; all of them must hold. */
static int
add_filtered(struct cli *cli, struct selection *selection, struct err *err)
{
	CLEANUP(buf_done) struct buf path = { 0 };
	const char *tag;

	(void)buf_add_text(&path, "devices");
	for (unsigned i = 0; (tag = option_nth(cli, "tag", i)) != NULL; i++) {
		if (strchr(tag, '=') == NULL)
			return err_set(err, AT, DD_EINVAL, "--tag wants K=V, not '%.64s'", tag);
		(void)buf_printf(&path, "%ctag=", path.size == strlen("devices") ? '?' : '&');
		add_escaped(&path, tag);
	}
	static const char *const keys[] = { "profile", "version" };
	for (size_t i = 0; i < ARRAY_COUNT(keys); i++) {
		if (option(cli, keys[i]) == NULL)
			continue;
		(void)buf_printf(&path, "%c%s=", path.size == strlen("devices") ? '?' : '&',
				 keys[i]);
		add_escaped(&path, option(cli, keys[i]));
	}
	return client_list(cli, buf_text(&path), "devices", add_row, selection, err);
}

/* Every name must be known before anything begins. */
static int
add_named(struct cli *cli, struct selection *selection, struct err *err)
{
	for (unsigned i = 0; i < cli->plain_count; i++) {
		CLEANUP(buf_done) struct buf path = { 0 };
		CLEANUP(json_freep) json_t *device = NULL;
		if (has_name(selection, cli->plain[i]))
			continue;
		(void)buf_add_text(&path, "devices/");
		add_escaped(&path, cli->plain[i]);
		int r = client_call(cli, "GET", buf_text(&path), NULL, &device, err);
		if (r == DD_ENOTFOUND)
			return err_set(err, AT, r,
				       "there is no device %.64s: drydock device list names them",
				       cli->plain[i]);
		if (r == 0)
			r = add_name(selection, cli->plain[i], err);
		if (r < 0)
			return r;
	}
	return 0;
}

int
selection_make(struct cli *cli, struct selection *ret_selection, struct err *err)
{
	bool has_filter = option(cli, "tag") != NULL || option(cli, "profile") != NULL ||
			  option(cli, "version") != NULL;
	bool is_all = option(cli, "all") != NULL;

	*ret_selection = (struct selection){ 0 };
	if (cli->plain_count == 0 && !has_filter && !is_all)
		return err_set(
			err, AT, DD_EINVAL,
			"which devices? Give a name, --tag K=V, --profile P, --version V or --all");
	if (cli->plain_count > 0 && (has_filter || is_all))
		return err_set(
			err, AT, DD_EINVAL,
			"devices by name, or by --tag, --profile, --version and --all: not both");
	int r = cli->plain_count > 0 ? add_named(cli, ret_selection, err)
				     : add_filtered(cli, ret_selection, err);
	if (r == 0 && ret_selection->count == 0)
		r = err_set(err, AT, DD_ENOTFOUND, "no device is selected");
	if (r < 0)
		selection_done(ret_selection);
	return r;
}

void
selection_done(struct selection *selection)
{
	for (unsigned i = 0; i < selection->count; i++)
		free(selection->names[i]);
	free(selection->names);
	*selection = (struct selection){ 0 };
}
