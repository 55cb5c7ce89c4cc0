/* drydock-filed: the file service, a process of its own. */
#include "base/text.h"
#include "env/env_linux.h"
#include "files/files.h"

#include <stdio.h>

static const char help[] =
	"Usage: drydock-filed --link unix:PATH|ADDRESS:PORT --root DIR [--tftp A:P] [--ftp A:P]\n"
	"\n"
	"Serve images and take configurations in, only what the manager allows.\n"
	"\n"
	"  --link L   where the manager (drydockd) listens\n"
	"  --root D   folder for content and the ledger\n"
	"  --tftp A   serve TFTP at this address and port\n"
	"  --ftp A    serve FTP at this address and port\n";

static void
log_write(void *arg, enum log_level level, const char *line)
{
	(void)arg;
	(void)fprintf(stderr, "<%d>drydock-filed: %s\n", (int)level, line);
}

static int
take_options(int argc, char **argv, struct files_settings *settings, struct err *err)
{
	for (int i = 1; i < argc; i++) {
		const char *value = i + 1 < argc ? argv[i + 1] : NULL;
		int r = 0;
		if (value == NULL)
			return err_set(err, AT, DD_EINVAL, "%s needs a value (see --help)",
				       argv[i]);
		if (text_equal(argv[i], "--link"))
			r = addr_parse(value, 0, &settings->link, err);
		else if (text_equal(argv[i], "--root"))
			settings->root = value;
		else if (text_equal(argv[i], "--tftp"))
			r = addr_parse(value, 69, &settings->tftp, err);
		else if (text_equal(argv[i], "--ftp"))
			r = addr_parse(value, 21, &settings->ftp, err);
		else
			return err_set(err, AT, DD_EINVAL, "unknown option %s (see --help)",
				       argv[i]);
		if (r < 0)
			return err_wrap(err, AT, "%s", argv[i]);
		i++;
	}
	return settings->root != NULL && settings->link.family != ADDR_NONE
		       ? 0
		       : err_set(err, AT, DD_EINVAL, "--link and --root are needed");
}

static void
stop(void *arg)
{
	env_stop(arg);
}

static int
run(struct env *env, const struct files_settings *settings, struct err *err)
{
	struct files *files = NULL;
	char tftp[ADDR_TEXT_MAX] = "no TFTP", ftp[ADDR_TEXT_MAX] = "no FTP";

	int r = files_new(env, settings, &files, err);
	if (r < 0)
		return r;
	if (files_tftp_local(files) != NULL)
		(void)addr_text(files_tftp_local(files), tftp);
	if (files_ftp_local(files) != NULL)
		(void)addr_text(files_ftp_local(files), ftp);
	log_line(settings->log, LOG_INFO, "ready: TFTP %s, FTP %s", tftp, ftp);
	env_on_stop(env, stop, env);
	r = env_linux_run(env, err);
	files_free(files);
	return r;
}

int
main(int argc, char **argv)
{
	struct log log = { .level = LOG_INFO, .write = log_write };
	struct files_settings settings = { .log = &log };
	struct env *env = NULL;
	struct err err = { 0 };

	if (argc == 2 && text_equal(argv[1], "--help"))
		return fputs(help, stdout) < 0;
	if (take_options(argc, argv, &settings, &err) < 0) {
		(void)fprintf(stderr, "drydock-filed: %s\n", err.text);
		return 2;
	}
	int r = env_linux_new(&env, &err);
	if (r == 0)
		r = run(env, &settings, &err);
	env_linux_free(env);
	if (r < 0)
		(void)fprintf(stderr, "drydock-filed: %s\n", err.text);
	return r < 0;
}
