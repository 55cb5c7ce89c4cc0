/* The program drydock: find the verb, run it. */
#include "cli/cli.h"

#include "base/version.h"
#include "cli/room.h"

#include <curl/curl.h>
#include <stdarg.h>
#include <stdlib.h>

int
usage(const struct cli *cli, const char *format, ...)
{
	char text[ERR_TEXT_MAX];
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(text, sizeof(text), format, arguments); /* a cut sentence still tells */
	va_end(arguments);
	fprintf(stderr, "drydock%s%s: ", cli->verb != NULL ? " " : "",
		cli->verb != NULL ? cli->verb->name : "");
	print_text(stderr, text);
	fprintf(stderr, "; see drydock%s%s --help\n", cli->verb != NULL ? " " : "",
		cli->verb != NULL ? cli->verb->name : "");
	return CODE_USAGE;
}

int
failed(const struct cli *cli, const struct err *err)
{
	fprintf(stderr, "drydock %s: ", cli->verb->name);
	print_text(stderr, err->text);
	fputc('\n', stderr);
	return CODE_FAILED;
}

int
refused(const struct cli *cli, const struct err *err)
{
	return err->code == DD_EINVAL ? usage(cli, "%s", err->text) : failed(cli, err);
}

static bool
asks_version(int argc, char **argv)
{
	return argc == 2 && text_equal(argv[1], "--version");
}

int
cli_main(int argc, char **argv)
{
	struct cli cli = { 0 };

	if (asks_version(argc, argv)) {
		printf("drydock %s\n", DD_VERSION);
		return CODE_DONE;
	}
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
		fputs("drydock: libcurl can't be used\n", stderr);
		return CODE_FAILED;
	}
	int code = cli_read(&cli, argc > 0 ? argc - 1 : 0, argv + 1);
	if (code == CODE_DONE && cli.verb != NULL)
		code = cli.verb->run(&cli);
	/* What was printed must have arrived, or it was not done. */
	const bool is_lost = fflush(stdout) != 0;
	if ((is_lost || ferror(stdout) != 0) && code == CODE_DONE) {
		fputs("drydock: the output can't be written\n", stderr);
		code = CODE_FAILED;
	}
	client_free(cli.client);
	free(cli.plain);
	free(cli.taken);
	curl_global_cleanup();
	return code;
}
