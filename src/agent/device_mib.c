/* device_mib.c - the objects of the device: the system group (RFC 3418) and DRYDOCK-MIB, in the
 * order of GETNEXT. */
#include "agent/device_core.h"

#include "base/text.h"

#include <assert.h>
#include <string.h>

/* netSnmpPlaypen.1; the one place to change when Drydock gets an enterprise number of its own. */
#define DD_BASE        1, 3, 6, 1, 4, 1, 8072, 9999, 9999, 1
#define DD_AGENT_IAD24 9, 1 /* sysObjectID below DD_BASE */
#define SYSTEM_BASE    1, 3, 6, 1, 2, 1, 1

enum { SYSTEM_SERVICES = 72 }; /* end-to-end and applications, RFC 3418 sysServices */
enum { MANAGEMENT_CONFIGURED = 1, MANAGEMENT_FACTORY = 2 };

/* ---- values ---- */

static void
put_text(struct snmp_value *value, const char *text)
{
	value->type = SNMP_OCTETS;
	value->octets = (struct slice){ (const uint8_t *)text, strlen(text) };
}

static void
put_bytes(struct snmp_value *value, const void *data, size_t size)
{
	value->type = SNMP_OCTETS;
	value->octets = (struct slice){ data, size };
}

static void
put_int(struct snmp_value *value, int32_t number)
{
	value->type = SNMP_INTEGER;
	value->integer = number;
}

static void
put_number(struct snmp_value *value, enum snmp_value_type type, uint64_t number)
{
	value->type = (uint8_t)type;
	value->number = number > UINT32_MAX ? UINT32_MAX : number;
}

static void
put_oid(struct snmp_value *value, const uint32_t *numbers, size_t count)
{
	value->type = SNMP_OID;
	value->oid.count = (uint8_t)count;
	memcpy(value->oid.number, numbers, count * sizeof(numbers[0]));
}

uint32_t
device_ticks(const struct device_core *core)
{
	return (uint32_t)((core->now - core->booted_at) / 10);
}

/* ---- one function a group; `index` is the slot in the slot table, else 0 ---- */

static void
system_get(const struct device_core *core, unsigned column, unsigned index,
	   struct snmp_value *value, char *scratch)
{
	static const uint32_t id[] = { DD_BASE, DD_AGENT_IAD24 };
	const char *name = iad_value(&core->iad, "system/name");
	(void)index;

	switch (column) {
	case 1:
		(void)text_print(scratch, 256, "Drydock %s, hardware %s, software %s",
				 core->settings->model, core->settings->revision,
				 core->state.reported); /* fits: all are bounded */
		put_text(value, scratch);
		break;
	case 2:
		put_oid(value, id, ARRAY_COUNT(id));
		break;
	case 3:
		put_number(value, SNMP_TIMETICKS, device_ticks(core));
		break;
	case 5:
		put_text(value, name != NULL ? name : "");
		break;
	case 7:
		put_int(value, SYSTEM_SERVICES);
		break;
	default: /* sysContact, sysLocation */
		put_text(value, "");
		break;
	}
}

static void
identity_get(const struct device_core *core, unsigned column, unsigned index,
	     struct snmp_value *value, char *scratch)
{
	const struct device_state *state = &core->state;
	const char *const texts[] = { core->settings->model, core->settings->revision,
				      core->settings->serial, state->reported };
	const uint32_t numbers[] = { state->running.format, state->running_slot, state->boot_slot,
				     state->slot_count };
	(void)index;
	(void)scratch;

	if (column <= 4) {
		put_text(value, texts[column - 1]);
	} else if (column <= 8) {
		put_number(value, SNMP_GAUGE32, numbers[column - 5]);
	} else if (column <= 10) {
		put_number(value, SNMP_COUNTER32,
			   column == 9 ? state->flash_count : state->boot_count);
	} else if (column == 11) {
		const uint64_t free = core->io->free_bytes(core->io->arg);
		put_number(value, SNMP_GAUGE32,
			   free < core->settings->capacity ? free : core->settings->capacity);
	} else {
		put_int(value, state->is_factory ? MANAGEMENT_FACTORY : MANAGEMENT_CONFIGURED);
	}
}

static void
slot_get(const struct device_core *core, unsigned column, unsigned index, struct snmp_value *value,
	 char *scratch)
{
	const struct slot *slot = &core->state.slots[index - 1];
	(void)scratch;

	switch (column) {
	case 2:
		put_int(value, (int32_t)slot->state);
		break;
	case 3:
		put_text(value, slot->software.version);
		break;
	case 4:
		put_bytes(value, slot->software.hash.bytes,
			  slot->state == SLOT_EMPTY ? 0 : SHA256_SIZE);
		break;
	case 5:
		put_number(value, SNMP_GAUGE32, slot->software.size);
		break;
	default:
		put_text(value, slot->software.model);
		break;
	}
}

static void
command_get(const struct device_core *core, unsigned column, unsigned index,
	    struct snmp_value *value, char *scratch)
{
	const struct device_command *command = &core->command;
	const size_t address_size = command->server.family == ADDR_NONE   ? 0
				    : command->server.family == ADDR_IPV4 ? 4
									  : 16;
	(void)index;
	(void)scratch;

	switch ((enum command_field)column) {
	case FIELD_TICKET:
		put_number(value, SNMP_GAUGE32, command->ticket);
		break;
	case FIELD_OPERATION:
		put_int(value, (int32_t)command->operation);
		break;
	case FIELD_SERVER_TYPE:
		put_int(value, command->server_type);
		break;
	case FIELD_SERVER:
		put_bytes(value, command->server.ip, address_size);
		break;
	case FIELD_PORT:
		put_number(value, SNMP_GAUGE32, command->server.port);
		break;
	case FIELD_PROTOCOL:
		put_int(value, command->protocol == PROTOCOL_FTP ? PROTOCOL_FTP : PROTOCOL_TFTP);
		break;
	case FIELD_FILES:
		put_text(value, command->files);
		break;
	case FIELD_USER:
		put_text(value, command->user);
		break;
	case FIELD_PASSWORD: /* never told */
		put_text(value, "");
		break;
	case FIELD_HASH:
		put_bytes(value, command->hash.bytes, command->has_hash ? SHA256_SIZE : 0);
		break;
	case FIELD_SIZE:
		put_number(value, SNMP_GAUGE32, command->size);
		break;
	case FIELD_SLOT:
	case FIELD_COUNT:
		put_number(value, SNMP_GAUGE32, command->slot);
		break;
	}
}

static void
status_get(const struct device_core *core, unsigned column, unsigned index,
	   struct snmp_value *value, char *scratch)
{
	const struct status *last = &core->state.last;
	const int32_t words[] = { (int32_t)last->operation, (int32_t)last->state,
				  (int32_t)last->reason };
	(void)index;
	(void)scratch;

	if (column == 1)
		put_number(value, SNMP_GAUGE32, last->ticket);
	else if (column <= 4)
		put_int(value, words[column - 2]);
	else if (column == 5)
		put_text(value, last->text);
	else
		put_number(value, SNMP_GAUGE32, last->bytes);
}

static void
service_get(const struct device_core *core, unsigned column, unsigned index,
	    struct snmp_value *value, char *scratch)
{
	const uint32_t numbers[] = { IAD_PORTS, device_ports_up(core), device_registrations(core),
				     0 };
	(void)index;
	(void)scratch;

	put_number(value, SNMP_GAUGE32, numbers[column - 1]);
}

/* ---- the groups in order ---- */

static const uint32_t system_base[] = { SYSTEM_BASE }, dd_base[] = { DD_BASE };
static const uint32_t identity_base[] = { DD_BASE, 1, 1 }, slot_base[] = { DD_BASE, 1, 2, 1 },
		      command_base[] = { DD_BASE, 1, 3 }, status_base[] = { DD_BASE, 1, 4 },
		      service_base[] = { DD_BASE, 1, 5 };

static const struct group {
	const uint32_t *base;
	size_t base_count;
	unsigned first, last; /* columns */
	bool is_table;        /* instances 1..slots, else 0 */
	void (*get)(const struct device_core *core, unsigned column, unsigned index,
		    struct snmp_value *value, char *scratch);
} groups[] = {
	{ system_base, ARRAY_COUNT(system_base), 1, 7, false, system_get },
	{ identity_base, ARRAY_COUNT(identity_base), 1, 12, false, identity_get },
	{ slot_base, ARRAY_COUNT(slot_base), 2, 6, true, slot_get },
	{ command_base, ARRAY_COUNT(command_base), FIELD_TICKET, FIELD_SLOT, false, command_get },
	{ status_base, ARRAY_COUNT(status_base), 1, 6, false, status_get },
	{ service_base, ARRAY_COUNT(service_base), 1, 4, false, service_get },
};

static void
name_make(const uint32_t *base, size_t count, unsigned column, unsigned index, struct oid *ret)
{
	memcpy(ret->number, base, count * sizeof(base[0]));
	ret->number[count] = column;
	ret->number[count + 1] = index;
	ret->count = (uint8_t)(count + 2);
}

static bool
group_holds(const struct group *group, const struct oid *name)
{
	return name->count > group->base_count &&
	       memcmp(name->number, group->base, group->base_count * sizeof(group->base[0])) == 0 &&
	       name->number[group->base_count] >= group->first &&
	       name->number[group->base_count] <= group->last;
}

static int
get_exact(const struct device_core *core, const struct oid *name, struct snmp_value *ret_value,
	  char *scratch)
{
	for (size_t i = 0; i < ARRAY_COUNT(groups); i++) {
		const struct group *group = &groups[i];
		if (!group_holds(group, name))
			continue;
		const uint32_t index = name->count == group->base_count + 2
					       ? name->number[group->base_count + 1]
					       : UINT32_MAX;
		const bool is_there = group->is_table
					      ? index >= 1 && index <= core->state.slot_count
					      : index == 0;
		if (!is_there)
			return SNMP_NO_SUCH_INSTANCE;
		group->get(core, name->number[group->base_count], index, ret_value, scratch);
		return 0;
	}
	return SNMP_NO_SUCH_OBJECT;
}

static int
get_next(const struct device_core *core, const struct oid *name, struct oid *ret_name,
	 struct snmp_value *ret_value, char *scratch)
{
	for (size_t i = 0; i < ARRAY_COUNT(groups); i++) {
		const struct group *group = &groups[i];
		const unsigned first = group->is_table ? 1 : 0,
			       last = group->is_table ? core->state.slot_count : 0;
		for (unsigned column = group->first; column <= group->last; column++)
			for (unsigned index = first; index <= last; index++) {
				name_make(group->base, group->base_count, column, index, ret_name);
				if (oid_compare(ret_name, name) <= 0)
					continue;
				group->get(core, column, index, ret_value, scratch);
				return 0;
			}
	}
	return SNMP_END_OF_MIB_VIEW;
}

int
device_mib_get(void *arg, const struct oid *name, bool is_next, struct oid *ret_name,
	       struct snmp_value *ret_value, uint8_t scratch[static 256])
{
	const struct device_core *core = arg;

	if (is_next) {
		/* `name` and `ret_name` may be the same. */
		const struct oid after = *name;
		return get_next(core, &after, ret_name, ret_value, (char *)scratch);
	}
	*ret_name = *name;
	return get_exact(core, name, ret_value, (char *)scratch);
}

/* ---- names for others ---- */

void
device_mib_name(unsigned group, unsigned column, struct oid *ret_name)
{
	const uint32_t base[] = { DD_BASE, 1, group };

	name_make(base, ARRAY_COUNT(base), column, 0, ret_name);
}

void
device_mib_notification(unsigned number, struct oid *ret_name)
{
	name_make(dd_base, ARRAY_COUNT(dd_base), 0, number, ret_name);
}

unsigned
device_mib_command_field(const struct oid *name)
{
	const size_t count = ARRAY_COUNT(command_base);

	if (name->count != count + 2 ||
	    memcmp(name->number, command_base, sizeof(command_base)) != 0 ||
	    name->number[count + 1] != 0)
		return 0;
	return name->number[count] >= FIELD_TICKET && name->number[count] <= FIELD_SLOT
		       ? name->number[count]
		       : 0;
}
