/* probe.c - the GET that reads every fact of a family, and what its answer means. */
#include "base/text.h"
#include "profile/room.h"

#include <string.h>

/* SNMPv2-MIB (RFC 3418), which every device has */
static const struct oid sys_descr = { 9, { 1, 3, 6, 1, 2, 1, 1, 1, 0 } };
static const struct oid sys_object_id = { 9, { 1, 3, 6, 1, 2, 1, 1, 2, 0 } };
static const struct oid sys_up_time = { 9, { 1, 3, 6, 1, 2, 1, 1, 3, 0 } };

enum { DESCRIPTION_MAX = 256 };

static bool
is_column(enum fact fact)
{
	return fact == FACT_SLOT_STATE || fact == FACT_SLOT_VERSION || fact == FACT_SLOT_CONTENT;
}

/* The column's instance of this slot; NULL where the profile gives no such column. */
static const struct oid *
slot_name(const struct profile *profile, enum fact fact, unsigned slot, struct oid *name)
{
	if (profile->facts[fact] == NULL)
		return NULL;
	*name = *profile->facts[fact];
	return oid_add(name, slot) ? name : NULL;
}

void
profile_probe_ask(const struct profile *profile, struct snmp_pdu *ret_get)
{
	struct oid name;

	pdu_begin(ret_get, SNMP_GET);
	pdu_ask(ret_get, &sys_descr);
	pdu_ask(ret_get, &sys_object_id);
	pdu_ask(ret_get, &sys_up_time);
	for (unsigned i = 0; i < FACT_COUNT; i++)
		if (!is_column((enum fact)i))
			pdu_ask(ret_get, profile->facts[i]);
	for (unsigned slot = 1; slot <= profile->slots; slot++)
		for (unsigned i = FACT_SLOT_STATE; i <= FACT_SLOT_CONTENT; i++)
			pdu_ask(ret_get, slot_name(profile, (enum fact)i, slot, &name));
	pdu_ask(ret_get, profile->status.ticket);
	pdu_ask(ret_get, profile->status.state);
}

/* ---- the answer ---- */

static uint32_t
read_number(const struct profile *profile, const struct snmp_pdu *answer, enum fact fact,
	    bool *ret_has)
{
	int64_t number = 0;
	const bool has = value_number(pdu_value(answer, profile->facts[fact]), &number) &&
			 number >= 0 && number <= UINT32_MAX;

	if (ret_has != NULL)
		*ret_has = has;
	return has ? (uint32_t)number : 0;
}

static void
read_slot(const struct profile *profile, const struct snmp_pdu *answer, unsigned slot,
	  struct slot_facts *ret_slot)
{
	struct oid name;
	int64_t state = 0;

	const struct snmp_value *value =
		pdu_value(answer, slot_name(profile, FACT_SLOT_STATE, slot, &name));
	ret_slot->is_valid = value_number(value, &state) && state == profile->slot_valid;
	value = pdu_value(answer, slot_name(profile, FACT_SLOT_VERSION, slot, &name));
	(void)value_text(value, ret_slot->version, sizeof(ret_slot->version)); /* "" is a fact */
	value = pdu_value(answer, slot_name(profile, FACT_SLOT_CONTENT, slot, &name));
	if (value != NULL && value->type == SNMP_OCTETS && value->octets.size == SHA256_SIZE)
		memcpy(ret_slot->content.bytes, value->octets.data, SHA256_SIZE);
}

static void
read_slots(const struct profile *profile, const struct snmp_pdu *answer, struct facts *facts)
{
	bool has_count = false;

	if (profile->facts[FACT_SLOT_STATE] == NULL)
		return;
	facts->slots_count = read_number(profile, answer, FACT_SLOTS_COUNT, &has_count);
	if (!has_count || facts->slots_count > profile->slots)
		facts->slots_count = profile->slots;
	for (unsigned i = 0; i < facts->slots_count; i++)
		read_slot(profile, answer, i + 1, &facts->slots[i]);
}

static void
read_busy(const struct profile *profile, const struct snmp_pdu *answer, struct facts *facts)
{
	int64_t ticket = 0, state = 0;
	enum status_kind kind = STATUS_ABSENT;

	if (value_number(pdu_value(answer, profile->status.ticket), &ticket) && ticket > 0 &&
	    ticket <= UINT32_MAX &&
	    value_number(pdu_value(answer, profile->status.state), &state) &&
	    status_kind_of(profile, state, &kind) && kind == STATUS_RUNNING)
		facts->busy_ticket = (uint32_t)ticket;
}

static void
read_text(const struct profile *profile, const struct snmp_pdu *answer, enum fact fact, char *text)
{
	/* A fact that is not there or no text is "". */
	(void)value_text(pdu_value(answer, profile->facts[fact]), text, FACT_TEXT_MAX);
}

static void
read_facts(const struct profile *profile, const struct snmp_pdu *answer, struct facts *facts)
{
	int64_t ticks = 0;
	bool has_registrations = false, has_free = false;

	read_text(profile, answer, FACT_MODEL, facts->model);
	read_text(profile, answer, FACT_REVISION, facts->revision);
	read_text(profile, answer, FACT_SERIAL, facts->serial);
	read_text(profile, answer, FACT_VERSION, facts->version);
	facts->config_format = read_number(profile, answer, FACT_CONFIG_FORMAT, NULL);
	facts->running_slot = read_number(profile, answer, FACT_RUNNING_SLOT, NULL);
	facts->free_bytes = read_number(profile, answer, FACT_FREE_BYTES, &has_free);
	facts->has_free_bytes = has_free;
	facts->boots = read_number(profile, answer, FACT_BOOTS, &facts->has_boots);
	if (value_number(pdu_value(answer, &sys_up_time), &ticks))
		facts->uptime_ms = (uint64_t)ticks * 10;
	facts->ports_up = read_number(profile, answer, FACT_PORTS_UP, &facts->has_service);
	facts->registrations = read_number(profile, answer, FACT_REGISTRATIONS, &has_registrations);
	facts->has_service = facts->has_service && has_registrations;
	read_slots(profile, answer, facts);
	read_busy(profile, answer, facts);
}

int
profile_probe_read(const struct profile *profile, const struct snmp_pdu *answer,
		   struct facts *ret_facts, struct err *err)
{
	struct facts facts = { 0 };
	char description[DESCRIPTION_MAX], object[OID_TEXT_MAX] = "";

	if (answer->error_status != SNMP_NO_ERROR)
		return err_set(err, AT, DD_ENOTFOUND, "the device answered %s",
			       snmp_error_name(answer->error_status));
	const struct snmp_value *id = pdu_value(answer, &sys_object_id);
	if (id != NULL && id->type == SNMP_OID)
		(void)oid_text(&id->oid, object);
	(void)value_text(pdu_value(answer, &sys_descr), description, sizeof(description));
	if (!profile_matches(profile, object, description))
		return err_set(err, AT, DD_ENOTFOUND,
			       "the device is not of family %s: sysObjectID is %s, sysDescr \"%s\"",
			       profile->name, object[0] != '\0' ? object : "missing", description);
	(void)text_copy(facts.object_id, sizeof(facts.object_id), object); /* cut: for people */
	read_facts(profile, answer, &facts);
	*ret_facts = facts;
	return 0;
}
