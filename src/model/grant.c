/* The one rule on a grant: who may use it, how, and until when. */
#include "model/grant.h"

#include "base/text.h"

bool
grant_allows(const struct grant *grant, const struct addr *from, const char *name,
	     enum direction direction, enum protocol protocol, int64_t wall_now_ms)
{
	return addr_host_equal(&grant->device, from) && text_equal(grant->name, name) &&
	       grant->direction == direction && (grant->protocols & (1u << protocol)) != 0 &&
	       wall_now_ms <= grant->wall_deadline_ms;
}
