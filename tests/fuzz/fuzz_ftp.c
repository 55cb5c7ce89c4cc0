/* fuzz_ftp.c - command lines stay in their bounds; an address that is taken prints and reads back
 * the same. */
#include "fuzz.h"
#include "wire/ftp.h"

static void
check_address(const char *text)
{
	char out[FTP_HOST_PORT_MAX];
	struct addr first, second;

	if (ftp_host_port_parse(text, &first) == 0) {
		MUST(ftp_host_port_print(&first, out));
		MUST(ftp_host_port_parse(out, &second) == 0 && addr_equal(&first, &second));
	}
	if (ftp_extended_parse(text, &first) == 0) {
		MUST(ftp_extended_print(&first, out));
		MUST(ftp_extended_parse(out, &second) == 0 && addr_equal(&first, &second));
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ftp_command command;

	while (size > 0) {
		const int64_t used = ftp_command_decode(data, size, &command);
		if (used <= 0) {
			MUST(used == 0 ? size < FTP_LINE_MAX : size >= FTP_LINE_MAX);
			return 0;
		}
		MUST((size_t)used <= size && used <= FTP_LINE_MAX);
		MUST(memchr(command.verb, 0, sizeof(command.verb)) != NULL);
		MUST(memchr(command.argument, 0, sizeof(command.argument)) != NULL);
		check_address(command.argument);
		data += used;
		size -= (size_t)used;
	}
	return 0;
}
