/* sha256.h - SHA-256 (FIPS 180-4) by OpenSSL, as a value that can be copied, and hashes as text. */
#pragma once
#include "base/types.h"

enum { SHA256_SIZE = 32, SHA256_TEXT_SIZE = 65 }; /* text: 64 digits and NUL */

struct sha256 {
	uint8_t bytes[SHA256_SIZE];
};

/* A running hash: plain data, no allocation, copyable. */
struct sha256_state {
	uint64_t opaque[16];
};

/* init, add as often as needed, end (the state is used up then); or all at once: sha256_of. */
void sha256_init(struct sha256_state *state);
void sha256_add(struct sha256_state *state, const void *data, size_t size);
void sha256_end(struct sha256_state *state, struct sha256 *ret_hash);
void sha256_of(const void *data, size_t size, struct sha256 *ret_hash);

bool sha256_equal(const struct sha256 *a, const struct sha256 *b);
bool sha256_is_zero(const struct sha256 *hash);
const char *sha256_text(const struct sha256 *hash,
			char text[static SHA256_TEXT_SIZE]);  /* returns text */
bool sha256_parse(const char *text, struct sha256 *ret_hash); /* 64 digits, nothing else */
