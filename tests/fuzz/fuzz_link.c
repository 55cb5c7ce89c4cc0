/* fuzz_link.c - a frame that link_decode() takes is written back as the same bytes. */
#include "fuzz.h"
#include "wire/link.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct link_message message;
	struct err err = { 0 };

	while (size > 0) {
		struct buf out = { 0 };
		const int64_t used = link_decode(data, size, &message, &err);
		if (used < 0)
			MUST(used == DD_EPARSE && err.text[0] != '\0');
		if (used <= 0)
			return 0;
		MUST((size_t)used <= size && used <= 4 + LINK_FRAME_MAX);
		MUST(message.bytes.size <= LINK_CHUNK_MAX);
		MUST(link_encode(&message, &out));
		MUST(out.size == (size_t)used && memcmp(out.data, data, out.size) == 0);
		buf_done(&out);
		data += used;
		size -= (size_t)used;
	}
	return 0;
}
