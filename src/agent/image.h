/* image.h - software images: a text header and a payload, read as a stream and never held in
 * memory. Pure.
 *
 *   DRYDOCK-IMAGE 1\n
 *   version: 2.0.0\n
 *   model: IAD-24\n
 *   revisions: A,B\n            optional: hardware that it runs on; absent = any
 *   format: 2\n                 of the configuration that this software reads and writes
 *   size: 1048576\n             bytes of payload
 *   sha256: <64 digits>\n       of the payload
 *   \n
 *   <payload>
 *
 * An image of several files is their concatenation in order: after a whole payload the next header
 * may follow, with the same version, model and format; a file that begins without one continues the
 * payload before it. */
#pragma once
#include "agent/device_state.h"

enum {
	IMAGE_LINE_MAX = 160,     /* bytes of a header line with its newline */
	IMAGE_REVISIONS_MAX = 96, /* bytes of the list with the final NUL */
	IMAGE_PARTS_MAX = 64,     /* headers in one image */
	IMAGE_HEADER_MAX = 640,   /* bytes of a printed header */
};

struct image_header {
	char version[SOFTWARE_WORD_MAX], model[SOFTWARE_WORD_MAX];
	char revisions[IMAGE_REVISIONS_MAX]; /* separated by ','; "" = any */
	uint32_t format;
	uint64_t size;      /* of this payload */
	struct sha256 hash; /* of this payload */
};

/* Reads an image given in pieces of any size. Plain data. The first error sticks. */
struct image_reader {
	struct image_header first, current;
	unsigned parts; /* headers read whole */
	uint64_t left;  /* bytes of payload to come */
	struct sha256_state payload;
	char line[IMAGE_LINE_MAX];
	size_t line_size;
	unsigned line_number; /* of this header, from 0 */
	unsigned seen;        /* bits of the header's keys */
	bool is_in_payload;
	struct err err; /* code 0 = fine so far */
};

void image_reader_init(struct image_reader *reader);
void image_reader_add(struct image_reader *reader, const void *data, size_t size);
/* The image must end here: 0 and the first header, or DD_EPARSE, DD_EINTEGRITY (payload hash) with
 * a sentence. */
int image_reader_end(const struct image_reader *reader, struct image_header *ret_header,
		     struct err *err);

/* Does the image run on this hardware? True where it names no revisions. */
bool image_fits_revision(const struct image_header *header, const char *revision);

/* ---- making images ---- */

/* Print the header; returns its size. */
size_t image_header_print(const struct image_header *header, char text[static IMAGE_HEADER_MAX]);
/* `size` bytes of the payload of this seed text from `offset` on (offset a multiple of 32): the
 * same on every machine. */
void image_payload(const char *seed, uint64_t offset, void *ret_data, size_t size);
