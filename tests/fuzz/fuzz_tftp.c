/* fuzz_tftp.c - whatever tftp_decode() takes can be written, reads back the same, and a writer
 * without room says so. */
#include "fuzz.h"
#include "wire/tftp.h"

static bool
options_equal(const struct tftp_options *a, const struct tftp_options *b)
{
	return a->has_blksize == b->has_blksize && a->has_timeout == b->has_timeout &&
	       a->has_tsize == b->has_tsize && a->blksize == b->blksize &&
	       a->timeout_s == b->timeout_s && a->tsize == b->tsize;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t out[TFTP_HEADER_SIZE + TFTP_BLKSIZE_MAX + TFTP_REQUEST_MAX];
	struct tftp_packet first, second;
	struct err err = { 0 };

	if (tftp_decode(data, size, &first, &err) < 0) {
		MUST(err.code == DD_EPARSE && err.text[0] != '\0');
		return 0;
	}
	MUST(memchr(first.name, 0, sizeof(first.name)) != NULL);
	MUST(memchr(first.text, 0, sizeof(first.text)) != NULL);
	const int64_t used = tftp_encode(&first, out, sizeof(out));
	MUST(used > 0);
	MUST(tftp_decode(out, (size_t)used, &second, NULL) == 0);
	MUST(first.opcode == second.opcode && first.mode == second.mode);
	MUST(first.block == second.block && first.code == second.code);
	MUST(strcmp(first.name, second.name) == 0 && strcmp(first.text, second.text) == 0);
	MUST(options_equal(&first.options, &second.options));
	MUST(first.data.size == second.data.size);
	MUST(first.data.size == 0 ||
	     memcmp(first.data.data, second.data.data, first.data.size) == 0);
	MUST(tftp_encode(&first, out, (size_t)used - 1) == DD_EFULL);
	return 0;
}
