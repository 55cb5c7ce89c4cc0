/* load_facts.c - where a family's facts are: `facts` and `service`. */
#include "profile/room.h"

#include <assert.h>

static const struct {
	const char *key;
	enum fact fact;
} facts[] = {
	{ "model", FACT_MODEL },
	{ "revision", FACT_REVISION },
	{ "serial", FACT_SERIAL },
	{ "config_format", FACT_CONFIG_FORMAT },
	{ "running_slot", FACT_RUNNING_SLOT },
	{ "free_bytes", FACT_FREE_BYTES },
	{ "boots", FACT_BOOTS },
};

static int
load_slots(struct load *load, struct yaml_node *parent)
{
	struct profile *profile = load->profile;
	struct yaml_node *map = NULL;

	int r = yaml_map(load->yaml, parent, "slots", &map, load->err);
	if (r == 0)
		r = load_oid_entry(load, map, "count", false, &profile->facts[FACT_SLOTS_COUNT]);
	if (r == 0)
		r = load_oid_entry(load, map, "state", true, &profile->facts[FACT_SLOT_STATE]);
	if (r == 0)
		r = yaml_int(load->yaml, map, "valid", INT32_MIN, UINT32_MAX, &profile->slot_valid,
			     load->err);
	if (r == 0)
		r = load_oid_entry(load, map, "version", true, &profile->facts[FACT_SLOT_VERSION]);
	if (r == 0)
		r = load_oid_entry(load, map, "content", false, &profile->facts[FACT_SLOT_CONTENT]);
	for (unsigned i = FACT_SLOT_STATE; r == 0 && i <= FACT_SLOT_CONTENT; i++)
		if (profile->facts[i] != NULL && profile->facts[i]->count == OID_NUMBERS_MAX)
			return yaml_err(load->yaml, map, load->err, AT,
					"a column of 'slots' is too long for the slot's number");
	return r < 0 ? r : yaml_only_known(load->yaml, map, load->err);
}

static int
load_service(struct load *load, struct yaml_node *root)
{
	struct profile *profile = load->profile;
	struct yaml_node *map = NULL;

	if (yaml_find(root, "service") == NULL)
		return 0;
	int r = yaml_map(load->yaml, root, "service", &map, load->err);
	if (r == 0)
		r = load_oid_entry(load, map, "ports_up", true, &profile->facts[FACT_PORTS_UP]);
	if (r == 0)
		r = load_oid_entry(load, map, "registrations", true,
				   &profile->facts[FACT_REGISTRATIONS]);
	return r < 0 ? r : yaml_only_known(load->yaml, map, load->err);
}

int
load_facts(struct load *load, struct yaml_node *root)
{
	struct profile *profile = load->profile;
	struct yaml_node *map = NULL;

	int r = yaml_map(load->yaml, root, "facts", &map, load->err);
	if (r == 0) /* nothing can be proven without it */
		r = load_oid_entry(load, map, "version", true, &profile->facts[FACT_VERSION]);
	for (size_t i = 0; r == 0 && i < ARRAY_COUNT(facts); i++)
		r = load_oid_entry(load, map, facts[i].key, false, &profile->facts[facts[i].fact]);
	if (r == 0 && yaml_find(map, "slots") != NULL)
		r = load_slots(load, map);
	if (r == 0)
		r = yaml_only_known(load->yaml, map, load->err);
	return r < 0 ? r : load_service(load, root);
}
