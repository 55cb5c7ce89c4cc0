/* The words for ledger entries. */
#include "model/ledger.h"

static const char *const kinds[] = { "opened", "progress", "complete", "broken", "refused" };

const char *
ledger_kind_name(enum ledger_kind kind)
{
	return (unsigned)kind < ARRAY_COUNT(kinds) ? kinds[kind] : "?";
}
