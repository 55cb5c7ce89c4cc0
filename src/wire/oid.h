/* oid.h - object identifiers (X.660; SMI limits of RFC 2578 section 3.5): up to 128 numbers of 32
 * bits. Pure. */
#pragma once
#include "base/err.h"

enum { OID_NUMBERS_MAX = 128, OID_TEXT_MAX = 128 * 11 + 1 };

struct oid {
	uint8_t count;
	uint32_t number[OID_NUMBERS_MAX];
};

/* Read "1.3.6.1" (a leading dot is allowed). DD_EPARSE. */
int oid_parse(const char *text, struct oid *ret_oid, struct err *err);
/* Print without leading dot. Returns buf. */
const char *oid_text(const struct oid *oid, char buf[static OID_TEXT_MAX]);
/* < 0, 0, > 0 in the order of GETNEXT. */
int oid_compare(const struct oid *a, const struct oid *b);
bool oid_starts(const struct oid *oid, const struct oid *prefix);
/* Add one number at the end; false when full. */
bool oid_add(struct oid *oid, uint32_t number);
/* Whether BER can carry it (X.690 8.19.4): the first number is 0, 1 or 2, the second below 40 after
 * 0 and 1, and 80 + the second fits 32 bits after 2. oid_parse() returns no others. */
bool oid_has_encoding(const struct oid *oid);
