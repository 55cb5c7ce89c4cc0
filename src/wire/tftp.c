/* tftp.c - TFTP packets: bytes <-> structs. */
#include "wire/tftp.h"

#include "base/text.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

static const char *const mode_names[] = { [TFTP_OCTET] = "octet", [TFTP_NETASCII] = "netascii" };

/* ---- reading ---- */

static uint16_t
number_at(const uint8_t *at)
{
	return (uint16_t)(at[0] << 8 | at[1]);
}

/* The next NUL-terminated text, NULL where there is none. */
static const char *
text_take(struct slice *left)
{
	const uint8_t *end = left->size > 0 ? memchr(left->data, '\0', left->size) : NULL;
	const char *text = (const char *)left->data;

	if (end == NULL)
		return NULL;
	left->size -= (size_t)(end + 1 - left->data);
	left->data = end + 1;
	return text;
}

/* Take one option's value. Returns false where the option may not have it. */
static bool
option_set(struct tftp_options *options, const char *name, const char *value, bool is_request)
{
	uint64_t number = 0;
	const bool is_number = text_number(value, INT64_MAX, &number);

	if (strcasecmp(name, "blksize") == 0 && !options->has_blksize) {
		if (is_request && is_number && number > TFTP_BLKSIZE_MAX)
			number = TFTP_BLKSIZE_MAX;
		if (!is_number || number < TFTP_BLKSIZE_MIN || number > TFTP_BLKSIZE_MAX)
			return false;
		options->has_blksize = true;
		options->blksize = (uint32_t)number;
	} else if (strcasecmp(name, "timeout") == 0 && !options->has_timeout) {
		if (!is_number || number < 1 || number > TFTP_TIMEOUT_MAX_S)
			return false;
		options->has_timeout = true;
		options->timeout_s = (uint32_t)number;
	} else if (strcasecmp(name, "tsize") == 0 && !options->has_tsize) {
		if (!is_number)
			return false;
		options->has_tsize = true;
		options->tsize = number;
	}
	return true;
}

static int
options_read(struct slice left, bool is_request, struct tftp_options *options, struct err *err)
{
	while (left.size > 0) {
		const char *name = text_take(&left);
		const char *value = name != NULL ? text_take(&left) : NULL;
		if (value == NULL)
			return err_set(err, AT, DD_EPARSE, "an option does not end");
		if (!option_set(options, name, value, is_request) && !is_request)
			return err_set(err, AT, DD_EPARSE,
				       "an option is accepted with a value "
				       "that it may not have");
	}
	return 0;
}

static bool
is_clean(const char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			return false;
	return true;
}

static bool
mode_read(const char *text, uint8_t *ret_mode)
{
	for (size_t i = 0; i < ARRAY_COUNT(mode_names); i++) {
		if (strcasecmp(text, mode_names[i]) == 0) {
			*ret_mode = (uint8_t)i;
			return true;
		}
	}
	return false;
}

static int
request_read(struct slice left, struct tftp_packet *packet, struct err *err)
{
	const char *name = text_take(&left);
	const char *mode = name != NULL ? text_take(&left) : NULL;

	if (mode == NULL)
		return err_set(err, AT, DD_EPARSE, "a request does not end");
	if (name[0] == '\0' || !is_clean(name) ||
	    !text_copy(packet->name, sizeof(packet->name), name))
		return err_set(err, AT, DD_EPARSE,
			       "the name of a file is empty, too long or has "
			       "control characters");
	if (!mode_read(mode, &packet->mode))
		return err_set(err, AT, DD_EPARSE, "a mode is neither octet nor netascii");
	return options_read(left, true, &packet->options, err);
}

static void
error_read(struct slice left, struct tftp_packet *packet)
{
	const size_t size = left.size < TFTP_TEXT_MAX ? left.size : TFTP_TEXT_MAX;

	if (size > 0)
		memcpy(packet->text, left.data, size); /* the array behind it is zero */
	text_clean(packet->text);
}

/* The part behind the opcode. */
static int
body_read(struct slice body, struct tftp_packet *packet, struct err *err)
{
	const struct slice rest = { body.data + 2, body.size - 2 };

	switch ((enum tftp_opcode)packet->opcode) {
	case TFTP_RRQ:
	case TFTP_WRQ:
	case TFTP_OACK:
		if (body.size + 2 > TFTP_REQUEST_MAX)
			return err_set(err, AT, DD_EPARSE, "a request has more than %d bytes",
				       TFTP_REQUEST_MAX);
		return packet->opcode == TFTP_OACK
			       ? options_read(body, false, &packet->options, err)
			       : request_read(body, packet, err);
	case TFTP_DATA:
	case TFTP_ACK:
	case TFTP_ERROR:
		break;
	}
	if (body.size < 2 || rest.size > TFTP_BLKSIZE_MAX)
		return err_set(err, AT, DD_EPARSE, "a packet is too short or too long");
	if (packet->opcode == TFTP_ERROR) {
		packet->code = number_at(body.data);
		error_read(rest, packet);
		return 0;
	}
	packet->block = number_at(body.data);
	if (packet->opcode == TFTP_DATA)
		packet->data = rest;
	return 0;
}

int
tftp_decode(const uint8_t *data, size_t size, struct tftp_packet *ret_packet, struct err *err)
{
	if (size < 2)
		return err_set(err, AT, DD_EPARSE, "a packet is too short");
	const uint16_t opcode = number_at(data);
	if (opcode < TFTP_RRQ || opcode > TFTP_OACK)
		return err_set(err, AT, DD_EPARSE, "opcode %u is unknown", opcode);
	*ret_packet = (struct tftp_packet){ .opcode = (uint8_t)opcode };
	return body_read((struct slice){ data + 2, size - 2 }, ret_packet, err);
}

/* ---- writing ---- */

struct writer {
	uint8_t *next;
	size_t left;
	bool has_failed; /* no room: sticky */
};

static void
put(struct writer *writer, const void *data, size_t size)
{
	if (writer->has_failed || size > writer->left) {
		writer->has_failed = true;
		return;
	}
	if (size > 0)
		memcpy(writer->next, data, size);
	writer->next += size;
	writer->left -= size;
}

static void
put_number(struct writer *writer, uint16_t number)
{
	const uint8_t bytes[] = { (uint8_t)(number >> 8), (uint8_t)number };

	put(writer, bytes, sizeof(bytes));
}

static void
put_text(struct writer *writer, const char *text)
{
	put(writer, text, strlen(text) + 1);
}

static void
put_option(struct writer *writer, bool is_there, const char *name, uint64_t value)
{
	char digits[24];

	if (!is_there)
		return;
	(void)text_print(digits, sizeof(digits), "%llu", (unsigned long long)value); /* fits */
	put_text(writer, name);
	put_text(writer, digits);
}

static void
put_options(struct writer *writer, const struct tftp_options *options)
{
	put_option(writer, options->has_blksize, "blksize", options->blksize);
	put_option(writer, options->has_timeout, "timeout", options->timeout_s);
	put_option(writer, options->has_tsize, "tsize", options->tsize);
}

static bool
options_are_valid(const struct tftp_options *options)
{
	if (options->has_blksize &&
	    (options->blksize < TFTP_BLKSIZE_MIN || options->blksize > TFTP_BLKSIZE_MAX))
		return false;
	if (options->has_timeout &&
	    (options->timeout_s < 1 || options->timeout_s > TFTP_TIMEOUT_MAX_S))
		return false;
	return !options->has_tsize || options->tsize <= INT64_MAX;
}

static bool
is_valid(const struct tftp_packet *packet)
{
	switch ((enum tftp_opcode)packet->opcode) {
	case TFTP_RRQ:
	case TFTP_WRQ:
		return packet->name[0] != '\0' && is_clean(packet->name) &&
		       packet->mode < ARRAY_COUNT(mode_names) &&
		       options_are_valid(&packet->options);
	case TFTP_OACK:
		return options_are_valid(&packet->options);
	case TFTP_DATA:
		return packet->data.size <= TFTP_BLKSIZE_MAX;
	case TFTP_ACK:
	case TFTP_ERROR:
		return true;
	}
	return false;
}

int64_t
tftp_encode(const struct tftp_packet *packet, uint8_t *buffer, size_t size)
{
	struct writer writer = { .next = buffer, .left = size };
	const uint8_t opcode = packet->opcode;

	if (!is_valid(packet))
		return DD_EINVAL;
	put_number(&writer, opcode);
	if (opcode == TFTP_RRQ || opcode == TFTP_WRQ) {
		put_text(&writer, packet->name);
		put_text(&writer, mode_names[packet->mode]);
		put_options(&writer, &packet->options);
	} else if (opcode == TFTP_OACK) {
		put_options(&writer, &packet->options);
	} else if (opcode == TFTP_ERROR) {
		put_number(&writer, packet->code);
		put_text(&writer, packet->text);
	} else {
		put_number(&writer, packet->block);
		put(&writer, packet->data.data, opcode == TFTP_DATA ? packet->data.size : 0);
	}
	return writer.has_failed ? DD_EFULL : (int64_t)(writer.next - buffer);
}
