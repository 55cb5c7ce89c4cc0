/* test_image.c - software images in pieces of any size. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "agent/image.h"
#include "base/text.h"

#include <string.h>

enum { SIZE_MAX_TEST = 8192 };

static size_t
make(char *out, const char *version, const char *revisions, const char *seed, size_t size)
{
	struct image_header header = { .format = 2, .size = size };
	uint8_t payload[SIZE_MAX_TEST];

	(void)text_copy(header.version, sizeof(header.version), version);
	(void)text_copy(header.model, sizeof(header.model), "IAD-24");
	(void)text_copy(header.revisions, sizeof(header.revisions), revisions);
	image_payload(seed, 0, payload, size);
	sha256_of(payload, size, &header.hash);
	char text[IMAGE_HEADER_MAX];
	const size_t n = image_header_print(&header, text);
	memcpy(out, text, n);
	memcpy(out + n, payload, size);
	return n + size;
}

static int
read_in_pieces(const char *image, size_t size, size_t piece, struct image_header *header,
	       struct err *err)
{
	struct image_reader reader;

	image_reader_init(&reader);
	for (size_t done = 0; done < size; done += piece)
		image_reader_add(&reader, image + done, size - done < piece ? size - done : piece);
	return image_reader_end(&reader, header, err);
}

static void
images_read_in_any_pieces(void **state)
{
	static const size_t pieces[] = { 1, 7, 512, 100000 };
	char image[3 * SIZE_MAX_TEST];
	struct image_header header;
	struct err err = { 0 };
	(void)state;

	size_t size = make(image, "2.0.0", "A,B", "x", 3000);
	size += make(image + size, "2.0.0", "A,B", "y", 0);
	size += make(image + size, "2.0.0", "A,B", "y", 1000);
	for (size_t i = 0; i < ARRAY_COUNT(pieces); i++) {
		assert_int_equal(read_in_pieces(image, size, pieces[i], &header, &err), 0);
		assert_string_equal(header.version, "2.0.0");
		assert_int_equal(header.format, 2);
		assert_true(image_fits_revision(&header, "A"));
		assert_true(image_fits_revision(&header, "B"));
		assert_false(image_fits_revision(&header, "A,B"));
		assert_false(image_fits_revision(&header, "C"));
	}
}

static void
every_cut_is_seen(void **state)
{
	char image[SIZE_MAX_TEST];
	struct image_header header;
	struct err err = { 0 };
	(void)state;

	const size_t size = make(image, "2.0.0", "", "x", 100);
	for (size_t cut = 0; cut < size; cut++)
		assert_true(read_in_pieces(image, cut, 64, &header, &err) < 0);
	image[size] = 'x';
	assert_true(read_in_pieces(image, size + 1, 64, &header, &err) < 0);
}

static void
a_flipped_bit_of_the_payload_is_seen(void **state)
{
	char image[SIZE_MAX_TEST];
	struct image_header header;
	struct err err = { 0 };
	(void)state;

	const size_t size = make(image, "2.0.0", "", "x", 100);
	/* Words of the header may become other words: the hash over the whole image, in the
	 * command, finds that. */
	for (size_t i = size - 100; i < size; i++) {
		image[i] ^= 0x10;
		assert_int_equal(read_in_pieces(image, size, 64, &header, &err), DD_EINTEGRITY);
		image[i] ^= 0x10;
	}
	assert_int_equal(read_in_pieces(image, size, 64, &header, &err), 0);
}

static void
parts_of_two_images_do_not_mix(void **state)
{
	char image[2 * SIZE_MAX_TEST];
	struct image_header header;
	struct err err = { 0 };
	(void)state;

	size_t size = make(image, "2.0.0", "", "x", 100);
	size += make(image + size, "2.0.1", "", "x", 100);
	assert_int_equal(read_in_pieces(image, size, 64, &header, &err), DD_EPARSE);
	assert_non_null(strstr(err.text, "header 2"));
}

#define TOP  "DRYDOCK-IMAGE 1\n"
#define HASH "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define REST "version: 1\nmodel: m\nformat: 1\nsize: 0\nsha256: " HASH "\n"

static void
bad_headers_are_refused(void **state)
{
	static const char *const bad[] = {
		"DRYDOCK-IMAGE 2\n" REST "\n",
		TOP "model: m\nformat: 1\nsize: 0\nsha256: " HASH "\n\n",
		TOP REST "version: 1\n\n",
		TOP REST "colour: red\n\n",
		TOP REST "no colon\n\n",
		TOP "version: a b\n",
		TOP "format: -1\n",
		TOP "size: 99999999999999999999\n",
		TOP "sha256: 12\n",
		TOP "revisions: \n",
		TOP "version: \001\n",
		"\x7f" TOP,
		TOP "version: "
		    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n",
	};
	struct image_header header;
	struct err err = { 0 };
	(void)state;

	assert_int_equal(read_in_pieces(TOP REST "\n", strlen(TOP REST "\n"), 9, &header, &err), 0);
	for (size_t i = 0; i < ARRAY_COUNT(bad); i++)
		assert_int_equal(read_in_pieces(bad[i], strlen(bad[i]), 9, &header, &err),
				 DD_EPARSE);
}

static void
the_payload_is_the_same_in_any_parts(void **state)
{
	uint8_t whole[1000], part[1000];
	(void)state;

	image_payload("2.0.0", 0, whole, sizeof(whole));
	image_payload("2.0.0", 320, part, 600);
	assert_memory_equal(whole + 320, part, 600);
	image_payload("2.0.1", 0, part, sizeof(part));
	assert_memory_not_equal(whole, part, sizeof(part));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(images_read_in_any_pieces),
		cmocka_unit_test(every_cut_is_seen),
		cmocka_unit_test(a_flipped_bit_of_the_payload_is_seen),
		cmocka_unit_test(parts_of_two_images_do_not_mix),
		cmocka_unit_test(bad_headers_are_refused),
		cmocka_unit_test(the_payload_is_the_same_in_any_parts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
