/* fuzz_snmp.c - whatever snmp_decode() takes can be written, and reads back as the same message. */
#include "wire/snmp.h"
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(bool is_true)
{
	if (!is_true)
		abort();
}

static bool
slice_equal(struct slice a, struct slice b)
{
	return a.size == b.size && (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}

static bool
pdu_equal(const struct snmp_pdu *a, const struct snmp_pdu *b)
{
	if (a->type != b->type || a->request_id != b->request_id || a->count != b->count ||
	    a->error_status != b->error_status || a->error_index != b->error_index)
		return false;
	for (unsigned i = 0; i < a->count; i++)
		if (oid_compare(&a->varbind[i].name, &b->varbind[i].name) != 0 ||
		    !snmp_value_equal(&a->varbind[i].value, &b->varbind[i].value))
			return false;
	if (a->type != SNMP_TRAP_V1)
		return true;
	return oid_compare(&a->enterprise, &b->enterprise) == 0 && a->generic == b->generic &&
	       a->specific == b->specific && a->ticks == b->ticks &&
	       memcmp(a->agent_address, b->agent_address, sizeof(a->agent_address)) == 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct snmp_message first, second;
	static uint8_t buffer[2 * SNMP_MESSAGE_MAX]; /* the shortest form may be longer than a
							broken one */
	struct err err;

	if (snmp_decode(data, size, &first, &err) < 0) {
		check(err.code == DD_EPARSE || err.code == DD_EUNSUPPORTED);
		return 0;
	}
	const int64_t used = snmp_encode(&first, buffer, sizeof(buffer));
	check(used > 0);
	check(snmp_decode(buffer, (size_t)used, &second, NULL) == 0);
	check(first.version == second.version);
	check(slice_equal(first.community, second.community));
	check(pdu_equal(&first.pdu, &second.pdu));

	/* and a writer without room for it says so */
	check(snmp_encode(&first, buffer, (size_t)used - 1) == DD_EFULL);
	return 0;
}
