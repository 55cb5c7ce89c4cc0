/* What is asked of a loaded profile: its words, the requests that it makes, and what answers mean.
 */
#include "profile/profile.h"

#include "base/text.h"
#include "profile/room.h"

#include <stdlib.h>
#include <string.h>

static const struct oid sys_object_id = {
	9, { 1, 3, 6, 1, 2, 1, 1, 2, 0 }
}; /* SNMPv2-MIB sysObjectID.0 */

/* ---- words ---- */

void
profile_free(struct profile *profile)
{
	free(profile);
}

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
	return profile->operations[operation].is_there;
}

enum repeat
profile_repeat(const struct profile *profile, enum operation operation)
{
	return (enum repeat)profile->operations[operation].repeat;
}

const struct schema *
profile_schema(const struct profile *profile)
{
	return &profile->schema;
}

bool
profile_allows(const struct profile *profile, enum protocol protocol)
{
	return (profile->protocols & (1u << protocol)) != 0;
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
	*ret_address = profile->factory_address;
	*ret_community = profile->factory_community;
	return true;
}

bool
profile_matches(const struct profile *profile, const char *object_id, const char *description)
{
	struct oid oid;

	(void)description;
	if (oid_parse(object_id, &oid, NULL) < 0)
		return false;
	for (unsigned i = 0; i < profile->object_ids_count; i++)
		if (oid_starts(&oid, &profile->object_ids[i]))
			return true;
	return false;
}

bool
number_map_find(const struct number_map *map, uint64_t number, uint8_t *ret_value)
{
	*ret_value = map->otherwise;
	for (unsigned i = 0; i < map->count; i++) {
		if (map->item[i].number != number)
			continue;
		*ret_value = map->item[i].value;
		return true;
	}
	return false;
}

/* ---- images ---- */

/* Copy the value of "key: value" in the header lines; "" where it is not there. */
static void
header_value(const char *header, const char *key, char *value, size_t size)
{
	size_t key_size = strlen(key);

	value[0] = '\0';
	for (const char *line = header; key_size > 0 && line != NULL; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, key, key_size) != 0 || line[key_size] != ':')
			continue;
		line += key_size + 1;
		line += strspn(line, " ");
		(void)text_print(value, size, "%.*s", (int)strcspn(line, "\r\n"), line);
		text_clean(value);
		return;
	}
}

static void
split_list(char *text, char list[][FACT_TEXT_MAX], unsigned *count)
{
	char *rest = text;

	for (char *word; (word = strsep(&rest, ",")) != NULL && *count < IMAGE_LIST_MAX;)
		if (*word != '\0' && text_copy(list[*count], FACT_TEXT_MAX, word))
			(*count)++;
}

int
profile_image_read(const struct profile *profile, const void *data, size_t size,
		   struct image *image, struct err *err)
{
	const struct profile_image *rules = &profile->image;
	size_t magic_size = strlen(rules->magic);
	char header[2048], value[512];
	uint64_t number;

	if (!rules->has_header)
		return 0;
	if (size < magic_size || memcmp(data, rules->magic, magic_size) != 0)
		return err_set(err, AT, DD_EPARSE,
			       "the first file is no image of %s: it must begin with %s",
			       profile->name, rules->magic);
	(void)text_print(header, sizeof(header), "%.*s",
			 (int)(size < sizeof(header) - 1 ? size : sizeof(header) - 1),
			 (const char *)data);
	char *end = strstr(header, "\n\n");
	if (end != NULL)
		*end = '\0';
	header_value(header, rules->version, image->version, sizeof(image->version));
	header_value(header, rules->models, value, sizeof(value));
	split_list(value, image->models, &image->models_count);
	header_value(header, rules->revisions, value, sizeof(value));
	split_list(value, image->revisions, &image->revisions_count);
	header_value(header, rules->config_format, value, sizeof(value));
	if (text_number(value, UINT32_MAX, &number))
		image->config_format = (uint32_t)number;
	return 0;
}

/* ---- probing ---- */

static void
ask(struct snmp_pdu *get, const struct oid *name)
{
	if (name->count > 0 && snmp_pdu_find(get, name) == NULL)
		(void)snmp_pdu_add(get, name, SNMP_NULL); /* the loader saw to it that all fit */
}

void
profile_probe_ask(const struct profile *profile, struct snmp_pdu *ret_get)
{
	const struct profile_facts *facts = &profile->facts;
	const struct oid *const names[] = {
		&sys_object_id,       &facts->model,         &facts->revision,    &facts->serial,
		&facts->version,      &facts->config_format, &facts->free_bytes,  &facts->boots,
		&facts->uptime,       &facts->running_slot,  &facts->slots_count, &facts->ports_up,
		&facts->registrations
	};

	*ret_get = (struct snmp_pdu){ .type = SNMP_GET };
	for (size_t i = 0; i < ARRAY_COUNT(names); i++)
		ask(ret_get, names[i]);
	for (unsigned i = 0; i < FACT_SLOTS_MAX; i++) {
		ask(ret_get, &facts->slot_state[i]);
		ask(ret_get, &facts->slot_version[i]);
		ask(ret_get, &facts->slot_content[i]);
	}
	ask(ret_get, &profile->status.ticket);
	ask(ret_get, &profile->status.state);
}

static bool
read_number(const struct snmp_pdu *answer, const struct oid *name, uint64_t *ret)
{
	const struct snmp_varbind *varbind = name->count > 0 ? snmp_pdu_find(answer, name) : NULL;

	return varbind != NULL && snmp_value_number(&varbind->value, ret);
}

static uint32_t
number_or_0(const struct snmp_pdu *answer, const struct oid *name)
{
	uint64_t number = 0;

	return read_number(answer, name, &number) && number <= UINT32_MAX ? (uint32_t)number : 0;
}

static void
read_text(const struct snmp_pdu *answer, const struct oid *name, char *text, size_t size)
{
	const struct snmp_varbind *varbind = name->count > 0 ? snmp_pdu_find(answer, name) : NULL;

	text[0] = '\0';
	if (varbind == NULL || varbind->value.type != SNMP_OCTETS)
		return;
	size_t length = varbind->value.octets.size < size ? varbind->value.octets.size : size - 1;
	memcpy(text, varbind->value.octets.data, length);
	text[length] = '\0';
	text_clean(text);
}

static void
read_hash(const struct snmp_pdu *answer, const struct oid *name, struct sha256 *hash)
{
	const struct snmp_varbind *varbind = name->count > 0 ? snmp_pdu_find(answer, name) : NULL;

	if (varbind != NULL && varbind->value.type == SNMP_OCTETS &&
	    varbind->value.octets.size == SHA256_SIZE)
		memcpy(hash->bytes, varbind->value.octets.data, SHA256_SIZE);
}

static void
read_slots(const struct profile_facts *places, const struct snmp_pdu *answer, struct facts *facts)
{
	facts->running_slot = number_or_0(answer, &places->running_slot);
	facts->slots_count = number_or_0(answer, &places->slots_count);
	if (facts->slots_count > FACT_SLOTS_MAX)
		facts->slots_count = FACT_SLOTS_MAX;
	for (unsigned i = 0; i < facts->slots_count; i++) {
		facts->slots[i].is_valid =
			places->slot_state[i].count > 0 &&
			number_or_0(answer, &places->slot_state[i]) == places->slot_valid;
		read_text(answer, &places->slot_version[i], facts->slots[i].version,
			  sizeof(facts->slots[i].version));
		read_hash(answer, &places->slot_content[i], &facts->slots[i].content);
	}
}

static void
read_busy(const struct profile *profile, const struct snmp_pdu *answer, struct facts *facts)
{
	uint64_t state;
	uint8_t kind;

	if (!read_number(answer, &profile->status.state, &state))
		return;
	(void)number_map_find(&profile->status.states, state, &kind);
	if (kind == STATUS_RUNNING)
		facts->busy_ticket = number_or_0(answer, &profile->status.ticket);
}

int
profile_probe_read(const struct profile *profile, const struct snmp_pdu *answer,
		   struct facts *ret_facts, struct err *err)
{
	const struct profile_facts *places = &profile->facts;
	const struct snmp_varbind *object_id = snmp_pdu_find(answer, &sys_object_id);
	struct facts facts = { 0 };
	char text[OID_TEXT_MAX];
	uint64_t number;

	if (object_id == NULL || object_id->value.type != SNMP_OID)
		return err_set(err, AT, DD_ENOTFOUND, "the device does not tell its sysObjectID");
	(void)text_copy(facts.object_id, sizeof(facts.object_id),
			oid_text(&object_id->value.oid, text));
	if (!profile_matches(profile, text, ""))
		return err_set(err, AT, DD_ENOTFOUND, "sysObjectID %.100s is not of family %s",
			       text, profile->name);
	read_text(answer, &places->model, facts.model, sizeof(facts.model));
	read_text(answer, &places->revision, facts.revision, sizeof(facts.revision));
	read_text(answer, &places->serial, facts.serial, sizeof(facts.serial));
	read_text(answer, &places->version, facts.version, sizeof(facts.version));
	facts.config_format = number_or_0(answer, &places->config_format);
	facts.has_free_bytes = read_number(answer, &places->free_bytes, &facts.free_bytes);
	facts.has_boots = read_number(answer, &places->boots, &number);
	facts.boots = number_or_0(answer, &places->boots);
	facts.uptime_ms = (uint64_t)number_or_0(answer, &places->uptime) *
			  10; /* TimeTicks: hundredths of a second */
	facts.has_service = read_number(answer, &places->ports_up, &number) &&
			    read_number(answer, &places->registrations, &number);
	facts.ports_up = number_or_0(answer, &places->ports_up);
	facts.registrations = number_or_0(answer, &places->registrations);
	read_slots(places, answer, &facts);
	read_busy(profile, answer, &facts);
	*ret_facts = facts;
	return 0;
}

/* ---- commands ---- */

static int
put_octets(struct snmp_varbind *varbind, const void *data, size_t size)
{
	varbind->value.octets = (struct slice){ data, size };
	return 0;
}

static int
put_number(struct snmp_varbind *varbind, uint64_t number, struct err *err)
{
	if (varbind->value.type == SNMP_INTEGER) {
		if (number > INT32_MAX)
			return err_set(err, AT, DD_EINVAL, "%llu does not fit an INTEGER",
				       (unsigned long long)number);
		varbind->value.integer = (int32_t)number;
		return 0;
	}
	if (number > UINT32_MAX)
		return err_set(err, AT, DD_EINVAL, "%llu does not fit 32 bits",
			       (unsigned long long)number);
	varbind->value.number = number;
	return 0;
}

static int
put_text(struct snmp_varbind *varbind, const char *text, const char *what, struct err *err)
{
	if (text == NULL)
		return err_set(err, AT, DD_EINVAL, "the command needs %s", what);
	return put_octets(varbind, text, strlen(text));
}

static int
put_literal(struct snmp_varbind *varbind, const struct template *template, struct err *err)
{
	if (template->type == 's')
		return put_octets(varbind, template->text, strlen(template->text));
	if (template->type == 'x')
		return put_octets(varbind, NULL, 0);
	if (template->type == 'i') {
		varbind->value.integer = (int32_t) template->number;
		return 0;
	}
	return put_number(varbind, (uint64_t) template->number, err);
}

static int
put_value(struct snmp_varbind *varbind, const struct profile_operation *operation,
	  const struct template *template, const struct operation_args *args, struct err *err)
{
	switch ((enum variable) template->variable) {
	case VARIABLE_TICKET:
		return put_number(varbind, args->ticket, err);
	case VARIABLE_SERVER:
		return put_octets(varbind, args->server.ip,
				  args->server.family == ADDR_IPV6 ? 16 : 4);
	case VARIABLE_SERVER_TYPE:
		return put_number(varbind, args->server.family == ADDR_IPV6 ? 2 : 1, err);
	case VARIABLE_SERVER_PORT:
		return put_number(varbind, args->server.port, err);
	case VARIABLE_PROTOCOL:
		return put_number(varbind, operation->protocols[args->protocol], err);
	case VARIABLE_FILES:
		return put_text(varbind, args->files, "file names", err);
	case VARIABLE_USER:
		return put_text(varbind, args->user, "a user", err);
	case VARIABLE_PASSWORD:
		return put_text(varbind, args->password, "a password", err);
	case VARIABLE_CONTENT:
		return put_octets(varbind, args->content.bytes, SHA256_SIZE);
	case VARIABLE_SIZE:
		return put_number(varbind, args->size, err);
	case VARIABLE_SLOT:
		return put_number(varbind, args->slot, err);
	case VARIABLE_NONE:
	case VARIABLE_COUNT:
		break;
	}
	return put_literal(varbind, template, err);
}

static uint8_t
wire_type(char type)
{
	switch (type) {
	case 'i':
		return SNMP_INTEGER;
	case 'u':
		return SNMP_GAUGE32;
	case 'a':
		return SNMP_IPADDRESS;
	default: /* s and x; the loader lets no other pass */
		return SNMP_OCTETS;
	}
}

int
profile_command(const struct profile *profile, enum operation operation,
		const struct operation_args *args, struct snmp_pdu *ret_set, struct err *err)
{
	const struct profile_operation *rules = &profile->operations[operation];

	if (!rules->is_there)
		return err_set(err, AT, DD_EUNSUPPORTED, "profile %s has no operation %s",
			       profile->name, operation_name(operation));
	*ret_set = (struct snmp_pdu){ .type = SNMP_SET };
	for (unsigned i = 0; i < rules->sets_count; i++) {
		const struct template *template = &rules->sets[i];
		if (template->is_ftp_only && args->protocol != PROTOCOL_FTP)
			continue;
		struct snmp_varbind *varbind =
			snmp_pdu_add(ret_set, &template->name, wire_type(template->type));
		if (varbind == NULL)
			return err_set(err, AT, DD_EFULL, "operation %s sets too many variables",
				       operation_name(operation));
		int r = put_value(varbind, rules, template, args, err);
		if (r < 0)
			return err_wrap(err, AT, "operation %s", operation_name(operation));
	}
	return 0;
}

/* ---- status ---- */

void
profile_status_ask(const struct profile *profile, enum operation operation,
		   struct snmp_pdu *ret_get)
{
	const struct profile_status *status = &profile->status;

	(void)operation;
	*ret_get = (struct snmp_pdu){ .type = SNMP_GET };
	ask(ret_get, &status->ticket);
	ask(ret_get, &status->state);
	ask(ret_get, &status->reason);
	ask(ret_get, &status->text);
	ask(ret_get, &status->progress);
}

int
profile_status_read(const struct profile *profile, enum operation operation, uint32_t ticket,
		    const struct snmp_pdu *answer, struct operation_status *ret_status,
		    struct err *err)
{
	const struct profile_status *rules = &profile->status;
	struct operation_status status = { .kind = STATUS_ABSENT };
	uint64_t state, number = 0;
	uint8_t value;

	(void)operation;
	if (!read_number(answer, &rules->state, &state) ||
	    !read_number(answer, &rules->ticket, &number) || number > UINT32_MAX)
		return err_set(err, AT, DD_EPARSE, "the device's status can't be read");
	status.ticket = (uint32_t)number;
	if (status.ticket == ticket) {
		(void)number_map_find(&rules->states, state, &value);
		status.kind = (enum status_kind)value;
		status.bytes = number_or_0(answer, &rules->progress);
	}
	if (status.kind == STATUS_FAILED) {
		(void)number_map_find(&rules->reasons, number_or_0(answer, &rules->reason), &value);
		status.reason = (enum reason)value;
		read_text(answer, &rules->text, status.text, sizeof(status.text));
	}
	*ret_status = status;
	return 0;
}

bool
profile_notice_read(const struct profile *profile, const struct oid *name,
		    const struct snmp_pdu *pdu, struct operation_notice *ret_notice)
{
	const struct profile_notices *notices = &profile->notices;
	struct operation_notice notice = { 0 };
	bool is_ours = false;

	for (unsigned i = 0; i < notices->done_count; i++)
		is_ours = is_ours || oid_compare(name, &notices->done[i]) == 0;
	for (unsigned i = 0; i < notices->failed_count; i++)
		notice.has_failed =
			notice.has_failed || oid_compare(name, &notices->failed[i]) == 0;
	if (!is_ours && !notice.has_failed)
		return false;
	notice.ticket = number_or_0(pdu, &notices->ticket);
	read_text(pdu, &notices->text, notice.text, sizeof(notice.text));
	*ret_notice = notice;
	return true;
}
