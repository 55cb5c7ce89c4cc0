/* ftp_reply.c - FTP replies: lines with a code, and what some of them carry. */
#include "agent/ftp_reply.h"

#include "base/text.h"

#include <stdio.h>
#include <string.h>

static bool
is_code(const char *line)
{
	return line[0] >= '1' && line[0] <= '5' && line[1] >= '0' && line[1] <= '9' &&
	       line[2] >= '0' && line[2] <= '9' &&
	       (line[3] == ' ' || line[3] == '-' || line[3] == '\0');
}

static unsigned
code_of(const char *line)
{
	return (unsigned)(line[0] - '0') * 100 + (unsigned)(line[1] - '0') * 10 +
	       (unsigned)(line[2] - '0');
}

/* One line is whole: does it end a reply? "123-" begins one of several lines, "123 " with the same
 * code ends it. */
static bool
line_end(struct ftp_reader *reader, struct ftp_reply *ret_reply)
{
	const char *line = reader->line;
	const bool has_code = is_code(line);

	if (++reader->lines > FTP_REPLY_LINES_MAX || (reader->code == 0 && !has_code)) {
		reader->has_failed = true;
		return false;
	}
	if (line[3] == '-' && reader->code == 0)
		reader->code = code_of(line);
	const bool is_last =
		has_code && line[3] != '-' && (reader->code == 0 || reader->code == code_of(line));
	if (!is_last)
		return false;
	ret_reply->code = code_of(line);
	(void)text_copy(ret_reply->text, sizeof(ret_reply->text),
			line[3] == ' ' ? line + 4 : ""); /* of equal size */
	text_clean(ret_reply->text);
	reader->code = reader->lines = 0;
	return true;
}

size_t
ftp_reply_take(struct ftp_reader *reader, const uint8_t *data, size_t size,
	       struct ftp_reply *ret_reply, bool *ret_is_whole)
{
	*ret_is_whole = false;
	for (size_t i = 0; i < size && !reader->has_failed; i++) {
		const char byte = (char)data[i];
		if (byte != '\n') {
			if (reader->size + 1 < FTP_REPLY_LINE_MAX && byte != '\r' && byte != '\0')
				reader->line[reader->size++] = byte;
			continue;
		}
		/* Nothing of an older, longer line may follow: is_code() looks at four bytes. */
		memset(reader->line + reader->size, 0, FTP_REPLY_LINE_MAX - reader->size);
		reader->size = 0;
		*ret_is_whole = line_end(reader, ret_reply);
		if (*ret_is_whole)
			return i + 1;
	}
	return size;
}

uint16_t
ftp_reply_port(const struct ftp_reply *reply)
{
	const char *open = strchr(reply->text, '(');
	unsigned n[6], port = 0;

	if (open == NULL)
		return 0;
	if (reply->code == 229)
		return sscanf(open, "(|||%5u|)", &port) == 1 && port <= UINT16_MAX ? (uint16_t)port
										   : 0;
	if (sscanf(open, "(%3u,%3u,%3u,%3u,%3u,%3u)", &n[0], &n[1], &n[2], &n[3], &n[4], &n[5]) !=
		    6 ||
	    n[4] > 255 || n[5] > 255)
		return 0;
	return (uint16_t)(n[4] << 8 | n[5]);
}

uint64_t
ftp_reply_size(const struct ftp_reply *reply)
{
	uint64_t size = 0;

	return reply->code == 213 && text_number(reply->text, INT64_MAX, &size) ? size : 0;
}
