/* profile.c - what a profile says of itself, and the small parts that its readers share. */
#include "base/text.h"
#include "profile/room.h"

#include <assert.h>
#include <string.h>

const char *
profile_name(const struct profile *profile)
{
	return profile->name;
}

const char *
profile_description(const struct profile *profile)
{
	return profile->description;
}

bool
profile_has(const struct profile *profile, enum operation operation)
{
	return (unsigned)operation < OPERATION_COUNT && profile->operations[operation] != NULL;
}

enum repeat
profile_repeat(const struct profile *profile, enum operation operation)
{
	return profile_has(profile, operation) ? profile->operations[operation]->repeat
					       : REPEAT_NEVER;
}

const struct schema *
profile_schema(const struct profile *profile)
{
	return &profile->schema;
}

bool
profile_allows(const struct profile *profile, enum protocol protocol)
{
	return (unsigned)protocol < PROTOCOL_COUNT && (profile->protocols & (1u << protocol)) != 0;
}

unsigned
profile_files_max(const struct profile *profile)
{
	return profile->files_max;
}

unsigned
profile_slots(const struct profile *profile)
{
	return profile->slots;
}

bool
profile_management_survives(const struct profile *profile)
{
	return profile->management_survives;
}

bool
profile_factory(const struct profile *profile, struct addr *ret_address, const char **ret_community)
{
	if (!profile->has_factory)
		return false;
	*ret_address = profile->factory;
	*ret_community = profile->factory_community;
	return true;
}

bool
profile_matches(const struct profile *profile, const char *object_id, const char *description)
{
	struct oid oid;
	bool is_ours = profile->objects_count == 0;

	if (!is_ours && oid_parse(object_id, &oid, NULL) < 0)
		return false;
	for (unsigned i = 0; !is_ours && i < profile->objects_count; i++)
		is_ours = oid_starts(&oid, &profile->objects[i]);
	return is_ours && (profile->system_description[0] == '\0' ||
			   schema_match(profile->system_description, description));
}

/* ---- pdus and values ---- */

void
pdu_begin(struct snmp_pdu *pdu, enum snmp_pdu_type type)
{
	pdu->type = (uint8_t)type;
	pdu->request_id = pdu->error_status = pdu->error_index = 0;
	pdu->count = 0;
	pdu->enterprise.count = 0;
	memset(pdu->agent_address, 0, sizeof(pdu->agent_address));
	pdu->generic = pdu->specific = 0;
	pdu->ticks = 0;
}

void
pdu_ask(struct snmp_pdu *get, const struct oid *name)
{
	if (name == NULL || snmp_pdu_find(get, name) != NULL)
		return;
	const struct snmp_varbind *varbind = snmp_pdu_add(get, name, SNMP_NULL);
	assert(varbind != NULL); /* facts and status are fewer than SNMP_VARBINDS_MAX */
}

const struct snmp_value *
pdu_value(const struct snmp_pdu *answer, const struct oid *name)
{
	const struct snmp_varbind *varbind = name != NULL ? snmp_pdu_find(answer, name) : NULL;

	return varbind == NULL || snmp_value_is_exception(&varbind->value) ? NULL : &varbind->value;
}

bool
value_number(const struct snmp_value *value, int64_t *ret_number)
{
	uint64_t number = 0;

	if (value == NULL)
		return false;
	if (value->type == SNMP_INTEGER) {
		*ret_number = value->integer;
		return true;
	}
	if (!snmp_value_number(value, &number) || number > INT64_MAX)
		return false;
	*ret_number = (int64_t)number;
	return true;
}

bool
value_text(const struct snmp_value *value, char *text, size_t size)
{
	text[0] = '\0';
	if (value == NULL || value->type != SNMP_OCTETS)
		return false;
	const size_t length = value->octets.size < size - 1 ? value->octets.size : size - 1;
	if (length > 0)
		memcpy(text, value->octets.data, length);
	for (size_t i = 0; i < length; i++)
		if (text[i] == '\0')
			text[i] = '?'; /* as text_clean() does with the other control characters */
	text[length] = '\0';
	text_clean(text);
	return true;
}

bool
status_kind_of(const struct profile *profile, int64_t number, enum status_kind *ret_kind)
{
	for (unsigned i = 0; i < profile->status.states_count; i++) {
		if (profile->status.states[i].number == number) {
			*ret_kind = (enum status_kind)profile->status.states[i].kind;
			return true;
		}
	}
	return false;
}
