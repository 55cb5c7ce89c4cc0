/* device_command.c - the SET that carries a command: every field checked, then the whole, then made
 * durable.
 *
 * Order of the checks: types and ranges of each field, the ticket (a known one is answered and
 * forgotten), what the operation needs, whether the device is free. Only a durable command is
 * answered noError (INV-AGENT-2). */
#include "agent/device_core.h"

#include "base/text.h"

#include <string.h>

enum { ADDRESS_IPV4 = 1, ADDRESS_IPV6 = 2 }; /* InetAddressType, RFC 4001 */

struct reading {
	struct device_command command;
	unsigned seen; /* bits of enum command_field */
};

/* ---- one field a row ---- */

static int
number_read(const struct snmp_value *value, uint8_t type, uint64_t min, uint64_t max, uint32_t *ret)
{
	uint64_t number;

	if (value->type != type)
		return SNMP_WRONG_TYPE;
	if (!snmp_value_number(value, &number) || number < min || number > max)
		return SNMP_WRONG_VALUE;
	*ret = (uint32_t)number;
	return 0;
}

/* Printable ASCII without blanks: it becomes part of FTP commands and TFTP requests. */
static int
text_read(const struct snmp_value *value, char *target, size_t size)
{
	if (value->type != SNMP_OCTETS)
		return SNMP_WRONG_TYPE;
	if (value->octets.size >= size)
		return SNMP_WRONG_LENGTH;
	for (size_t i = 0; i < value->octets.size; i++)
		if (value->octets.data[i] <= ' ' || value->octets.data[i] > '~')
			return SNMP_WRONG_VALUE;
	if (value->octets.size > 0)
		memcpy(target, value->octets.data, value->octets.size);
	target[value->octets.size] = '\0';
	return 0;
}

static int
ticket_read(const struct snmp_value *value, struct device_command *command)
{
	return number_read(value, SNMP_GAUGE32, 1, DEVICE_TICKET_MAX, &command->ticket);
}

static int
operation_read(const struct snmp_value *value, struct device_command *command)
{
	uint32_t number = 0;
	const int r = number_read(value, SNMP_INTEGER, 0, OPERATION_COUNT - 1, &number);

	command->operation = (enum operation)number;
	return r;
}

static int
server_type_read(const struct snmp_value *value, struct device_command *command)
{
	uint32_t number = 0;
	const int r = number_read(value, SNMP_INTEGER, ADDRESS_IPV4, ADDRESS_IPV6, &number);

	command->server_type = (uint8_t)number;
	return r;
}

static int
server_read(const struct snmp_value *value, struct device_command *command)
{
	if (value->type != SNMP_OCTETS)
		return SNMP_WRONG_TYPE;
	if (value->octets.size != 4 && value->octets.size != 16)
		return SNMP_WRONG_LENGTH;
	command->server.family = value->octets.size == 4 ? ADDR_IPV4 : ADDR_IPV6;
	memcpy(command->server.ip, value->octets.data, value->octets.size);
	return 0;
}

static int
port_read(const struct snmp_value *value, struct device_command *command)
{
	uint32_t number = 0;
	const int r = number_read(value, SNMP_GAUGE32, 1, UINT16_MAX, &number);

	command->server.port = (uint16_t)number;
	return r;
}

static int
protocol_read(const struct snmp_value *value, struct device_command *command)
{
	uint32_t number = 0;
	const int r = number_read(value, SNMP_INTEGER, PROTOCOL_TFTP, PROTOCOL_FTP, &number);

	command->protocol = (enum protocol)number;
	return r;
}

static int
files_read(const struct snmp_value *value, struct device_command *command)
{
	return text_read(value, command->files, sizeof(command->files));
}

static int
user_read(const struct snmp_value *value, struct device_command *command)
{
	return text_read(value, command->user, sizeof(command->user));
}

static int
password_read(const struct snmp_value *value, struct device_command *command)
{
	return text_read(value, command->password, sizeof(command->password));
}

static int
hash_read(const struct snmp_value *value, struct device_command *command)
{
	if (value->type != SNMP_OCTETS)
		return SNMP_WRONG_TYPE;
	if (value->octets.size != 0 && value->octets.size != SHA256_SIZE)
		return SNMP_WRONG_LENGTH;
	command->has_hash = value->octets.size > 0;
	if (command->has_hash)
		memcpy(command->hash.bytes, value->octets.data, SHA256_SIZE);
	return 0;
}

static int
size_read(const struct snmp_value *value, struct device_command *command)
{
	return number_read(value, SNMP_GAUGE32, 0, UINT32_MAX, &command->size);
}

static int
slot_read(const struct snmp_value *value, struct device_command *command)
{
	uint32_t number = 0;
	const int r = number_read(value, SNMP_GAUGE32, 0, DEVICE_SLOTS_MAX, &number);

	command->slot = (uint8_t)number;
	return r;
}

static int (*const fields[FIELD_COUNT])(const struct snmp_value *value,
					struct device_command *command) = {
	[FIELD_TICKET] = ticket_read,
	[FIELD_OPERATION] = operation_read,
	[FIELD_SERVER_TYPE] = server_type_read,
	[FIELD_SERVER] = server_read,
	[FIELD_PORT] = port_read,
	[FIELD_PROTOCOL] = protocol_read,
	[FIELD_FILES] = files_read,
	[FIELD_USER] = user_read,
	[FIELD_PASSWORD] = password_read,
	[FIELD_HASH] = hash_read,
	[FIELD_SIZE] = size_read,
	[FIELD_SLOT] = slot_read,
};

/* ---- the whole ---- */

static int
set_read(const struct snmp_pdu *set, struct reading *ret, int32_t *ret_index)
{
	memset(ret, 0, sizeof(*ret));
	for (unsigned i = 0; i < set->count; i++) {
		const struct snmp_varbind *varbind = &set->varbind[i];
		const unsigned field = device_mib_command_field(&varbind->name);
		*ret_index = (int32_t)i + 1;
		if (field == 0)
			return SNMP_NOT_WRITABLE;
		if ((ret->seen & (1u << field)) != 0)
			return SNMP_INCONSISTENT_NAME;
		const int status = fields[field](&varbind->value, &ret->command);
		if (status != 0)
			return status;
		ret->seen |= 1u << field;
	}
	*ret_index = 1; /* what is wrong from here on is wrong with the whole */
	return 0;
}

static bool
has_fields(const struct reading *reading, unsigned bits)
{
	return (reading->seen & bits) == bits;
}

static unsigned
files_count(const char *files)
{
	unsigned count = 1;

	/* An empty name anywhere is no list of names. */
	if (files[0] == '\0' || files[0] == ',' || files[strlen(files) - 1] == ',' ||
	    strstr(files, ",,") != NULL)
		return 0;
	for (; *files != '\0'; files++)
		count += *files == ',';
	return count;
}

static bool
server_is_whole(const struct device_command *command)
{
	const uint8_t family = command->server_type == ADDRESS_IPV4 ? ADDR_IPV4 : ADDR_IPV6;

	return command->server.family == family && !addr_is_any(&command->server);
}

static int
needs_check(const struct device_core *core, const struct reading *reading)
{
	const struct device_command *command = &reading->command;
	const unsigned needs = device_operation_needs(command->operation);
	const unsigned server = 1u << FIELD_SERVER_TYPE | 1u << FIELD_SERVER | 1u << FIELD_PORT |
				1u << FIELD_PROTOCOL | 1u << FIELD_FILES;
	const unsigned login = 1u << FIELD_USER | 1u << FIELD_PASSWORD;
	const unsigned count = files_count(command->files);

	if (command->operation == OPERATION_NONE)
		return SNMP_INCONSISTENT_VALUE;
	if ((needs & NEEDS_FILES) != 0 &&
	    (!has_fields(reading, server) || !server_is_whole(command) || count == 0 ||
	     count > DEVICE_FILES_MAX))
		return SNMP_INCONSISTENT_VALUE;
	if ((needs & NEEDS_ONE_FILE) != 0 && count != 1)
		return SNMP_INCONSISTENT_VALUE;
	if ((needs & NEEDS_FILES) != 0 && command->protocol == PROTOCOL_FTP &&
	    !has_fields(reading, login))
		return SNMP_INCONSISTENT_VALUE;
	if ((needs & NEEDS_HASH) != 0 && !command->has_hash)
		return SNMP_INCONSISTENT_VALUE;
	if ((needs & NEEDS_SLOT) != 0 && command->slot == 0)
		return SNMP_INCONSISTENT_VALUE;
	if (command->slot > core->state.slot_count)
		return SNMP_WRONG_VALUE;
	if ((needs & NEEDS_TWO_SLOTS) != 0 && core->state.slot_count < 2)
		return SNMP_WRONG_VALUE;
	return 0;
}

static bool
is_busy(const struct device_core *core)
{
	return core->work != WORK_NONE && core->work != WORK_HANG;
}

int
device_command_test(void *arg, const struct snmp_pdu *set, int32_t *ret_index)
{
	struct device_core *core = arg;
	struct reading reading;
	int status = set_read(set, &reading, ret_index);

	if (status != 0)
		return status;
	if (!has_fields(&reading, 1u << FIELD_TICKET | 1u << FIELD_OPERATION))
		return SNMP_INCONSISTENT_VALUE;
	if (device_state_has_ticket(&core->state, reading.command.ticket))
		return 0;
	status = needs_check(core, &reading);
	if (status != 0)
		return status;
	if (is_busy(core))
		return SNMP_RESOURCE_UNAVAILABLE;
	return fault_take(core->faults, FAULT_REFUSE, reading.command.operation, NULL)
		       ? SNMP_GEN_ERR
		       : 0;
}

static uint8_t
target_slot(const struct device_core *core, const struct device_command *command)
{
	if (command->operation == OPERATION_RELOAD)
		return core->state.boot_slot;
	return command->operation == OPERATION_ROLLBACK ? command->slot : 0;
}

int
device_command_commit(void *arg, const struct snmp_pdu *set, int32_t *ret_index)
{
	struct device_core *core = arg;
	struct reading reading;

	if (set_read(set, &reading, ret_index) != 0)
		return SNMP_COMMIT_FAILED; /* it was tested just now */
	if (device_state_has_ticket(&core->state, reading.command.ticket)) {
		device_log(core, LOG_INFO, "ticket %u came again: not executed again",
			   reading.command.ticket);
		return 0;
	}
	device_state_add_ticket(&core->state, reading.command.ticket);
	core->state.last = (struct status){ .ticket = reading.command.ticket,
					    .operation = reading.command.operation,
					    .state = STATUS_RUNNING,
					    .slot = target_slot(core, &reading.command) };
	if (device_store(core) < 0)
		return SNMP_COMMIT_FAILED;
	core->command = reading.command;
	core->work = WORK_BEGIN;
	device_log(core, LOG_NOTICE, "ticket %u: %s accepted", reading.command.ticket,
		   operation_name(reading.command.operation));
	return 0;
}
