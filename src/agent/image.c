/* image.c - read and make software images. */
#include "agent/image.h"

#include "base/text.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#define MAGIC "DRYDOCK-IMAGE 1"

/* ---- one key of the header a row ---- */

static bool
word_set(char target[static SOFTWARE_WORD_MAX], const char *value)
{
	return software_word_is_valid(value) && text_copy(target, SOFTWARE_WORD_MAX, value);
}

static bool
version_set(struct image_header *header, const char *value)
{
	return word_set(header->version, value);
}

static bool
model_set(struct image_header *header, const char *value)
{
	return word_set(header->model, value);
}

static bool
revisions_set(struct image_header *header, const char *value)
{
	if (value[0] == '\0' || strpbrk(value, " \t") != NULL)
		return false;
	return text_copy(header->revisions, sizeof(header->revisions), value);
}

static bool
format_set(struct image_header *header, const char *value)
{
	uint64_t format;

	if (!text_number(value, UINT32_MAX, &format))
		return false;
	header->format = (uint32_t)format;
	return true;
}

static bool
size_set(struct image_header *header, const char *value)
{
	return text_number(value, INT64_MAX, &header->size);
}

static bool
hash_set(struct image_header *header, const char *value)
{
	return sha256_parse(value, &header->hash);
}

static const struct key {
	const char *name;
	bool is_needed;
	bool (*set)(struct image_header *header, const char *value);
} keys[] = {
	{ "version", true, version_set },
	{ "model", true, model_set },
	{ "revisions", false, revisions_set },
	{ "format", true, format_set },
	{ "size", true, size_set },
	{ "sha256", true, hash_set },
};

/* ---- reading ---- */

static void
reader_fail(struct image_reader *reader, int code, const char *text)
{
	err_set(&reader->err, AT, code, "the image is malformed in line %u of header %u: %s",
		reader->line_number + 1, reader->parts + 1, text);
}

static void
payload_end(struct image_reader *reader)
{
	struct sha256 hash;

	sha256_end(&reader->payload, &hash);
	if (!sha256_equal(&hash, &reader->current.hash))
		err_set(&reader->err, AT, DD_EINTEGRITY,
			"the payload after header %u of the image does not have the hash that the "
			"header names",
			reader->parts);
	reader->is_in_payload = false;
	reader->line_number = 0;
	reader->seen = 0;
	memset(&reader->current, 0, sizeof(reader->current));
}

static void
header_end(struct image_reader *reader)
{
	for (size_t i = 0; i < ARRAY_COUNT(keys); i++)
		if (keys[i].is_needed && (reader->seen & (1u << i)) == 0) {
			reader_fail(reader, DD_EPARSE,
				    "the header ends before version, model, format, size and "
				    "sha256 were told");
			return;
		}
	if (reader->parts == IMAGE_PARTS_MAX) {
		reader_fail(reader, DD_EPARSE, "it has more headers than an image may");
		return;
	}
	if (reader->parts == 0)
		reader->first = reader->current;
	const struct image_header *first = &reader->first, *current = &reader->current;
	if (!text_equal(first->version, current->version) ||
	    !text_equal(first->model, current->model) ||
	    !text_equal(first->revisions, current->revisions) || first->format != current->format) {
		reader_fail(reader, DD_EPARSE,
			    "version, model, revisions or format differ from the first header's");
		return;
	}
	reader->parts++;
	reader->is_in_payload = true;
	reader->left = current->size;
	sha256_init(&reader->payload);
	if (reader->left == 0)
		payload_end(reader);
}

static void
key_read(struct image_reader *reader, char *line)
{
	char *colon = strstr(line, ": ");

	if (colon == NULL) {
		reader_fail(reader, DD_EPARSE, "it is not 'name: value'");
		return;
	}
	*colon = '\0';
	for (size_t i = 0; i < ARRAY_COUNT(keys); i++) {
		if (!text_equal(line, keys[i].name))
			continue;
		if ((reader->seen & (1u << i)) != 0)
			reader_fail(reader, DD_EPARSE, "the name came before");
		else if (!keys[i].set(&reader->current, colon + 2))
			reader_fail(reader, DD_EPARSE, "the value is not valid");
		reader->seen |= 1u << i;
		return;
	}
	reader_fail(reader, DD_EPARSE, "the name is not known");
}

static void
line_end(struct image_reader *reader)
{
	reader->line[reader->line_size] = '\0';
	reader->line_size = 0;
	if (reader->line_number == 0) {
		if (!text_equal(reader->line, MAGIC))
			reader_fail(reader, DD_EPARSE, "it does not begin with '" MAGIC "'");
	} else if (reader->line[0] == '\0') {
		header_end(reader);
		return;
	} else {
		key_read(reader, reader->line);
	}
	reader->line_number++;
}

static void
header_byte(struct image_reader *reader, char byte)
{
	if (byte == '\n')
		line_end(reader);
	else if ((byte < ' ' || byte > '~') || reader->line_size + 1 >= IMAGE_LINE_MAX)
		reader_fail(reader, DD_EPARSE, "it is too long or has bytes that are no text");
	else
		reader->line[reader->line_size++] = byte;
}

void
image_reader_init(struct image_reader *reader)
{
	memset(reader, 0, sizeof(*reader));
}

void
image_reader_add(struct image_reader *reader, const void *data, size_t size)
{
	const uint8_t *next = data;

	while (size > 0 && reader->err.code == 0) {
		if (!reader->is_in_payload) {
			header_byte(reader, (char)*next++);
			size--;
			continue;
		}
		const size_t n = size < reader->left ? size : (size_t)reader->left;
		sha256_add(&reader->payload, next, n);
		next += n;
		size -= n;
		reader->left -= n;
		if (reader->left == 0)
			payload_end(reader);
	}
}

int
image_reader_end(const struct image_reader *reader, struct image_header *ret_header,
		 struct err *err)
{
	if (reader->err.code != 0)
		return err_set(err, reader->err.at, reader->err.code, "%s", reader->err.text);
	if (reader->parts == 0)
		return err_set(err, AT, DD_EPARSE, "the image ends before its header does");
	if (reader->is_in_payload || reader->line_number != 0 || reader->line_size != 0)
		return err_set(err, AT, DD_EPARSE, "the image is cut: it ends inside part %u",
			       reader->parts);
	*ret_header = reader->first;
	return 0;
}

bool
image_fits_revision(const struct image_header *header, const char *revision)
{
	const size_t size = strlen(revision);
	const char *next = header->revisions;

	if (next[0] == '\0')
		return true;
	while (next != NULL) {
		const size_t n = strcspn(next, ",");
		if (n == size && memcmp(next, revision, n) == 0)
			return true;
		next = next[n] == ',' ? next + n + 1 : NULL;
	}
	return false;
}

/* ---- making ---- */

size_t
image_header_print(const struct image_header *header, char text[static IMAGE_HEADER_MAX])
{
	char hash[SHA256_TEXT_SIZE];
	const bool has_revisions = header->revisions[0] != '\0';
	const int n = snprintf(
		text, IMAGE_HEADER_MAX,
		MAGIC "\nversion: %s\nmodel: %s\n%s%s%sformat: %u\nsize: %llu\nsha256: %s\n\n",
		header->version, header->model, has_revisions ? "revisions: " : "",
		header->revisions, has_revisions ? "\n" : "", header->format,
		(unsigned long long)header->size, sha256_text(&header->hash, hash));

	assert(n > 0 && n < IMAGE_HEADER_MAX);
	return (size_t)n;
}

void
image_payload(const char *seed, uint64_t offset, void *ret_data, size_t size)
{
	struct sha256 key;
	uint8_t *next = ret_data;

	assert(offset % SHA256_SIZE == 0);
	sha256_of(seed, strlen(seed), &key);
	/* Block n is SHA-256 of the seed's hash and n: counter mode, so any part can be made alone.
	 */
	for (uint64_t block = offset / SHA256_SIZE; size > 0; block++) {
		uint8_t input[SHA256_SIZE + 8];
		struct sha256 out;

		memcpy(input, key.bytes, SHA256_SIZE);
		for (unsigned i = 0; i < 8; i++)
			input[SHA256_SIZE + i] = (uint8_t)(block >> (8 * i));
		sha256_of(input, sizeof(input), &out);
		const size_t n = size < SHA256_SIZE ? size : SHA256_SIZE;
		memcpy(next, out.bytes, n);
		next += n;
		size -= n;
	}
}
