/* test_sha256.c - SHA-256 against the examples of FIPS 180-4, in pieces, and copied. */
#include "base/sha256.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char *
text_of(const struct sha256 *hash)
{
	static char text[SHA256_TEXT_SIZE];

	return sha256_text(hash, text);
}

static void
the_standards_examples_come_out(void **state)
{
	struct sha256 hash;

	(void)state;
	sha256_of("abc", 3, &hash);
	assert_string_equal(text_of(&hash),
			    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	sha256_of("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 56, &hash);
	assert_string_equal(text_of(&hash),
			    "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
	sha256_of(NULL, 0, &hash);
	assert_string_equal(text_of(&hash),
			    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

static void
pieces_give_the_same_hash(void **state)
{
	uint8_t bytes[300];
	struct sha256 whole, pieces;

	(void)state;
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(i * 7);
	sha256_of(bytes, sizeof(bytes), &whole);
	for (size_t cut = 0; cut <= sizeof(bytes); cut++) {
		struct sha256_state running;
		sha256_init(&running);
		sha256_add(&running, bytes, cut);
		sha256_add(&running, NULL, 0);
		sha256_add(&running, bytes + cut, sizeof(bytes) - cut);
		sha256_end(&running, &pieces);
		assert_true(sha256_equal(&whole, &pieces));
	}
}

/* A device's state is copied as a value, wherever it lies; both copies go on by themselves. */
static void
a_copied_state_goes_on_alone(void **state)
{
	struct sha256_state running, copy;
	struct sha256 left, right, expected;

	(void)state;
	sha256_init(&running);
	sha256_add(&running, "ab", 2);
	memcpy(&copy, &running, sizeof(copy));
	sha256_add(&running, "X", 1);
	sha256_add(&copy, "c", 1);
	sha256_end(&running, &left);
	sha256_end(&copy, &right);
	sha256_of("abc", 3, &expected);
	assert_true(sha256_equal(&right, &expected));
	assert_false(sha256_equal(&left, &expected));
}

static void
text_is_read_strictly(void **state)
{
	struct sha256 hash, again;
	char text[SHA256_TEXT_SIZE + 2] = "";

	(void)state;
	sha256_of("abc", 3, &hash);
	assert_true(sha256_parse(text_of(&hash), &again));
	assert_true(sha256_equal(&hash, &again));

	(void)sha256_text(&hash, text);
	text[64] = '0';
	assert_false(sha256_parse(text, &again));
	text[63] = '\0';
	assert_false(sha256_parse(text, &again));
	(void)sha256_text(&hash, text);
	text[10] = 'g';
	assert_false(sha256_parse(text, &again));
	assert_false(sha256_parse("", &again));
	assert_true(sha256_equal(&hash, &again));
}

static void
equality_sees_every_byte(void **state)
{
	struct sha256 zero = { 0 };

	(void)state;
	assert_true(sha256_is_zero(&zero));
	for (size_t i = 0; i < SHA256_SIZE; i++) {
		struct sha256 other = { 0 };
		other.bytes[i] = 1;
		assert_false(sha256_equal(&zero, &other));
		assert_false(sha256_is_zero(&other));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_standards_examples_come_out),
		cmocka_unit_test(pieces_give_the_same_hash),
		cmocka_unit_test(a_copied_state_goes_on_alone),
		cmocka_unit_test(text_is_read_strictly),
		cmocka_unit_test(equality_sees_every_byte),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
