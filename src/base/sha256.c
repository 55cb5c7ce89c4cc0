/* SHA-256 as a value. OpenSSL's older functions are used on purpose: the EVP form keeps its state
 * on the heap, and the device's core may not allocate after its start. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "base/sha256.h"

#include "base/hex.h"

#include <openssl/sha.h>
#include <string.h>

_Static_assert(sizeof(SHA256_CTX) <= sizeof(struct sha256_state), "OpenSSL's state fits ours");

static SHA256_CTX *
context(struct sha256_state *state)
{
	return (SHA256_CTX *)(void *)state->opaque;
}

void
sha256_init(struct sha256_state *state)
{
	memset(state, 0, sizeof(*state));
	(void)SHA256_Init(context(state)); /* can't fail: it only sets numbers */
}

void
sha256_add(struct sha256_state *state, const void *data, size_t size)
{
	if (size > 0)
		(void)SHA256_Update(context(state), data, size);
}

void
sha256_end(struct sha256_state *state, struct sha256 *ret_hash)
{
	(void)SHA256_Final(ret_hash->bytes, context(state));
}

void
sha256_of(const void *data, size_t size, struct sha256 *ret_hash)
{
	struct sha256_state state;

	sha256_init(&state);
	sha256_add(&state, data, size);
	sha256_end(&state, ret_hash);
}

bool
sha256_equal(const struct sha256 *a, const struct sha256 *b)
{
	return memcmp(a->bytes, b->bytes, SHA256_SIZE) == 0;
}

bool
sha256_is_zero(const struct sha256 *hash)
{
	static const struct sha256 zero;

	return sha256_equal(hash, &zero);
}

const char *
sha256_text(const struct sha256 *hash, char text[static SHA256_TEXT_SIZE])
{
	return hex_print(text, hash->bytes, SHA256_SIZE);
}

bool
sha256_parse(const char *text, struct sha256 *ret_hash)
{
	return strlen(text) == SHA256_TEXT_SIZE - 1 &&
	       hex_parse(text, ret_hash->bytes, SHA256_SIZE);
}
