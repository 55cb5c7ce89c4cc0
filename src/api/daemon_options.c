/* The options of drydockd: one table. */
#include "api/daemon.h"
#include "base/text.h"

#include <string.h>

enum { PORT_TFTP = 69, PORT_FTP = 21, PORT_TRAP = 162, PORT_API = 8080 };

const char daemon_help[] =
	"Usage: drydockd --data DIR [OPTION]...\n"
	"\n"
	"The manager: backs up, updates and restores devices, and starts the file service.\n"
	"\n"
	"  --data DIR             data folder, made by drydock init DIR\n"
	"  --listen A[:P]         API by TCP as well, with the administrator's token; port 8080\n"
	"                         (always: the socket DIR/drydock.sock, for the same user)\n"
	"  --tftp A[:P]           where devices find TFTP; default 0.0.0.0:69\n"
	"  --ftp A[:P]            where devices find FTP; default 0.0.0.0:21\n"
	"  --trap A[:P]           where notifications of devices arrive; default 0.0.0.0:162\n"
	"  --advertise A          address that devices are told for the file service; needed "
	"where\n"
	"                         --tftp is 0.0.0.0, else that address\n"
	"  --files local|remote   start the file service as a child (default), or not\n"
	"  --store sqlite         where the manager keeps what it knows: in the data folder\n"
	"  --help\n";

static int
read_address(struct addr *target, const char *name, uint16_t port, const char *value,
	     struct err *err)
{
	int r = addr_parse(value, port, target, err);
	if (r < 0)
		return err_wrap(err, AT, "--%s", name);
	if (target->family == ADDR_UNIX)
		return err_set(err, AT, DD_EINVAL, "--%s needs an IP address, not '%s'", name,
			       value);
	return 0;
}

static int
read_data(struct daemon_options *options, const char *value, struct err *err)
{
	static const char longest[] = "/drydock.sock";
	size_t room = sizeof(options->data) - sizeof(longest) + 1;

	if (value[0] == '\0' || strlen(value) >= room)
		return err_set(err, AT, DD_EINVAL,
			       "--data wants a path of 1 to %zu characters (there are sockets in "
			       "the folder)",
			       room - 1);
	(void)text_copy(options->data, sizeof(options->data), value);
	size_t size = strlen(options->data);
	while (size > 1 && options->data[size - 1] == '/')
		options->data[--size] = '\0';
	return 0;
}

static int
read_option(struct daemon_options *options, const char *name, const char *value, struct err *err)
{
	const struct {
		const char *name;
		struct addr *target;
		uint16_t port;
	} addresses[] = {
		{ "listen", &options->listen, PORT_API }, { "tftp", &options->tftp, PORT_TFTP },
		{ "ftp", &options->ftp, PORT_FTP },       { "trap", &options->trap, PORT_TRAP },
		{ "advertise", &options->advertise, 0 },
	};

	for (size_t i = 0; i < ARRAY_COUNT(addresses); i++)
		if (text_equal(addresses[i].name, name))
			return read_address(addresses[i].target, name, addresses[i].port, value,
					    err);
	if (text_equal(name, "data"))
		return read_data(options, value, err);
	if (text_equal(name, "files")) {
		options->is_files_remote = text_equal(value, "remote");
		return options->is_files_remote || text_equal(value, "local")
			       ? 0
			       : err_set(err, AT, DD_EINVAL, "--files is local or remote, not '%s'",
					 value);
	}
	if (text_equal(name, "store"))
		return text_equal(value, "sqlite") ? 0
						   : err_set(err, AT, DD_EINVAL,
							     "--store: only sqlite can be used in "
							     "this version, not '%s'",
							     value);
	if (text_equal(name, "http"))
		return err_set(err, AT, DD_EINVAL,
			       "--http: the file service of this version speaks TFTP and FTP only");
	return err_set(err, AT, DD_EINVAL, "there is no option --%s", name);
}

/* What follows from the others. */
static int
complete(struct daemon_options *options, struct err *err)
{
	if (options->data[0] == '\0')
		return err_set(err, AT, DD_EINVAL, "--data DIR is needed");
	if (options->advertise.family == ADDR_NONE && addr_is_any(&options->tftp))
		return err_set(err, AT, DD_EINVAL,
			       "--advertise A is needed: devices must be told an address of this "
			       "machine, and --tftp names none");
	if (options->advertise.family == ADDR_NONE)
		options->advertise = options->tftp;
	if (addr_is_any(&options->advertise))
		return err_set(err, AT, DD_EINVAL,
			       "--advertise must be an address that devices can reach");
	options->advertise.port = 0;
	return 0;
}

int
daemon_options_read(int argc, char **argv, struct daemon_options *ret_options, struct err *err)
{
	struct daemon_options *options = ret_options;
	char name[32];

	*options = (struct daemon_options){ .tftp = { .family = ADDR_IPV4, .port = PORT_TFTP },
					    .ftp = { .family = ADDR_IPV4, .port = PORT_FTP },
					    .trap = { .family = ADDR_IPV4, .port = PORT_TRAP } };
	for (int i = 0; i < argc; i++) {
		const char *equals = strchr(argv[i], '=');
		if (text_equal(argv[i], "--help") || text_equal(argv[i], "-h")) {
			options->wants_help = true;
			return 0;
		}
		if (!text_starts(argv[i], "--"))
			return err_set(err, AT, DD_EINVAL, "'%.64s' is no option", argv[i]);
		size_t size = equals != NULL ? (size_t)(equals - argv[i] - 2) : strlen(argv[i] + 2);
		if (!text_print(name, sizeof(name), "%.*s", (int)(size < 64 ? size : 64),
				argv[i] + 2))
			return err_set(err, AT, DD_EINVAL, "there is no option %.64s", argv[i]);
		if (equals == NULL && i + 1 == argc)
			return err_set(err, AT, DD_EINVAL, "--%s wants a value", name);
		int r = read_option(options, name, equals != NULL ? equals + 1 : argv[++i], err);
		if (r < 0)
			return r;
	}
	return complete(options, err);
}
