/* snmp.c - SNMP messages.
 *
 *   message  SEQUENCE { INTEGER version, OCTETS community, pdu }
 *   pdu      [tag] { INTEGER request-id, INTEGER error-status, INTEGER error-index, varbinds }
 *   trap v1  [tag] { OID enterprise, IpAddress agent, INTEGER generic, INTEGER specific, TimeTicks,
 * varbinds } varbinds SEQUENCE { SEQUENCE { OID name, value } ... } */
#include "wire/snmp.h"
#include <assert.h>
#include <string.h>

enum { TAG_SEQUENCE = 0x30, IPADDRESS_SIZE = 4 };

static const char *const error_names[] = {
	[SNMP_NO_ERROR] = "noError",
	[SNMP_TOO_BIG] = "tooBig",
	[SNMP_NO_SUCH_NAME] = "noSuchName",
	[SNMP_BAD_VALUE] = "badValue",
	[SNMP_READ_ONLY] = "readOnly",
	[SNMP_GEN_ERR] = "genErr",
	[SNMP_NO_ACCESS] = "noAccess",
	[SNMP_WRONG_TYPE] = "wrongType",
	[SNMP_WRONG_LENGTH] = "wrongLength",
	[SNMP_WRONG_ENCODING] = "wrongEncoding",
	[SNMP_WRONG_VALUE] = "wrongValue",
	[SNMP_NO_CREATION] = "noCreation",
	[SNMP_INCONSISTENT_VALUE] = "inconsistentValue",
	[SNMP_RESOURCE_UNAVAILABLE] = "resourceUnavailable",
	[SNMP_COMMIT_FAILED] = "commitFailed",
	[SNMP_UNDO_FAILED] = "undoFailed",
	[SNMP_AUTHORIZATION_ERROR] = "authorizationError",
	[SNMP_NOT_WRITABLE] = "notWritable",
	[SNMP_INCONSISTENT_NAME] = "inconsistentName",
};

const char *
snmp_error_name(int status)
{
	if (status < 0 || (size_t)status >= ARRAY_COUNT(error_names))
		return "unknown error";
	return error_names[status];
}

bool
snmp_value_is_exception(const struct snmp_value *value)
{
	return value->type == SNMP_NO_SUCH_OBJECT || value->type == SNMP_NO_SUCH_INSTANCE ||
	       value->type == SNMP_END_OF_MIB_VIEW;
}

/* How the union of a value is used, by its type on the wire. */
enum value_form { FORM_UNKNOWN, FORM_INTEGER, FORM_NUMBER, FORM_OCTETS, FORM_OID, FORM_EMPTY };

static enum value_form
value_form(uint8_t type)
{
	switch (type) {
	case SNMP_INTEGER:
		return FORM_INTEGER;
	case SNMP_COUNTER32:
	case SNMP_GAUGE32:
	case SNMP_TIMETICKS:
	case SNMP_COUNTER64:
		return FORM_NUMBER;
	case SNMP_OCTETS:
	case SNMP_IPADDRESS:
	case SNMP_OPAQUE:
		return FORM_OCTETS;
	case SNMP_OID:
		return FORM_OID;
	case SNMP_NULL:
	case SNMP_NO_SUCH_OBJECT:
	case SNMP_NO_SUCH_INSTANCE:
	case SNMP_END_OF_MIB_VIEW:
		return FORM_EMPTY;
	default: /* any byte may come from outside */
		return FORM_UNKNOWN;
	}
}

static uint64_t
number_max(uint8_t type)
{
	return type == SNMP_COUNTER64 ? UINT64_MAX : UINT32_MAX;
}

bool
snmp_value_number(const struct snmp_value *value, uint64_t *ret_number)
{
	const enum value_form form = value_form(value->type);

	if (form == FORM_INTEGER && value->integer >= 0)
		*ret_number = (uint64_t)value->integer;
	else if (form == FORM_NUMBER)
		*ret_number = value->number;
	else
		return false;
	return true;
}

bool
snmp_value_equal(const struct snmp_value *a, const struct snmp_value *b)
{
	if (a->type != b->type)
		return false;
	switch (value_form(a->type)) {
	case FORM_INTEGER:
		return a->integer == b->integer;
	case FORM_NUMBER:
		return a->number == b->number;
	case FORM_OCTETS:
		return a->octets.size == b->octets.size &&
		       (a->octets.size == 0 ||
			memcmp(a->octets.data, b->octets.data, a->octets.size) == 0);
	case FORM_OID:
		return oid_compare(&a->oid, &b->oid) == 0;
	case FORM_EMPTY:
		return true;
	case FORM_UNKNOWN:
		break;
	}
	return false;
}

/* Which pdus a version has (RFC 3584 section 1.4). */
static bool
version_has(uint8_t version, uint8_t type)
{
	if (type == SNMP_TRAP_V1)
		return version == SNMP_V1;
	if (type == SNMP_GETBULK || type == SNMP_INFORM || type == SNMP_TRAP_V2 ||
	    type == SNMP_REPORT)
		return version == SNMP_V2C;
	return type >= SNMP_GET && type <= SNMP_SET;
}

/* ---- reading ---- */

static struct slice
content_slice(const struct ber_reader *content)
{
	return (struct slice){ content->next, (size_t)(content->end - content->next) };
}

static bool
is_at_end(const struct ber_reader *reader)
{
	return reader->next == reader->end;
}

static bool
read_value(struct ber_reader *reader, struct snmp_value *value)
{
	struct ber_reader content;

	if (!ber_read(reader, &value->type, &content))
		return false;
	switch (value_form(value->type)) {
	case FORM_INTEGER:
		return ber_content_int(&content, &value->integer);
	case FORM_NUMBER:
		return ber_content_unsigned(&content, number_max(value->type), &value->number);
	case FORM_OCTETS:
		value->octets = content_slice(&content);
		return value->type != SNMP_IPADDRESS || value->octets.size == IPADDRESS_SIZE;
	case FORM_OID:
		return ber_content_oid(&content, &value->oid);
	case FORM_EMPTY:
		return is_at_end(&content);
	case FORM_UNKNOWN:
		break;
	}
	return false;
}

static bool
read_varbind(struct ber_reader *reader, struct snmp_varbind *varbind)
{
	struct ber_reader content, name;

	return ber_read_tag(reader, TAG_SEQUENCE, &content) &&
	       ber_read_tag(&content, SNMP_OID, &name) && ber_content_oid(&name, &varbind->name) &&
	       read_value(&content, &varbind->value) && is_at_end(&content);
}

static int
read_varbinds(struct ber_reader *reader, struct snmp_pdu *pdu, struct err *err)
{
	struct ber_reader list;

	pdu->count = 0;
	if (!ber_read_tag(reader, TAG_SEQUENCE, &list) || !is_at_end(reader))
		return err_set(err, AT, DD_EPARSE, "SNMP: the list of varbinds is malformed");
	while (!is_at_end(&list)) {
		if (pdu->count == SNMP_VARBINDS_MAX)
			return err_set(err, AT, DD_EPARSE, "SNMP: more than %d varbinds",
				       SNMP_VARBINDS_MAX);
		if (!read_varbind(&list, &pdu->varbind[pdu->count]))
			return err_set(err, AT, DD_EPARSE, "SNMP: varbind %u is malformed",
				       pdu->count + 1);
		pdu->count++;
	}
	return 0;
}

static int
read_pdu_head(struct ber_reader *reader, struct snmp_pdu *pdu, struct err *err)
{
	if (!ber_read_int(reader, &pdu->request_id))
		return err_set(err, AT, DD_EPARSE, "SNMP: the request-id is malformed");
	if (!ber_read_int(reader, &pdu->error_status) || !ber_read_int(reader, &pdu->error_index))
		return err_set(err, AT, DD_EPARSE, "SNMP: error-status or -index is malformed");
	return 0;
}

static int
read_trap_head(struct ber_reader *reader, struct snmp_pdu *pdu, struct err *err)
{
	struct ber_reader content;
	uint64_t ticks;

	if (!ber_read_tag(reader, SNMP_OID, &content) ||
	    !ber_content_oid(&content, &pdu->enterprise))
		return err_set(err, AT, DD_EPARSE, "SNMP: the trap's enterprise is malformed");
	if (!ber_read_tag(reader, SNMP_IPADDRESS, &content) ||
	    content_slice(&content).size != IPADDRESS_SIZE)
		return err_set(err, AT, DD_EPARSE, "SNMP: the trap's agent address is malformed");
	memcpy(pdu->agent_address, content.next, IPADDRESS_SIZE);
	if (!ber_read_int(reader, &pdu->generic) || !ber_read_int(reader, &pdu->specific))
		return err_set(err, AT, DD_EPARSE, "SNMP: the trap's number is malformed");
	if (!ber_read_tag(reader, SNMP_TIMETICKS, &content) ||
	    !ber_content_unsigned(&content, UINT32_MAX, &ticks))
		return err_set(err, AT, DD_EPARSE, "SNMP: the trap's time is malformed");
	pdu->ticks = (uint32_t)ticks;
	pdu->request_id = pdu->error_status = pdu->error_index = 0;
	return 0;
}

static int
read_pdu(struct ber_reader *reader, uint8_t version, struct snmp_pdu *pdu, struct err *err)
{
	struct ber_reader content;

	if (!ber_read(reader, &pdu->type, &content) || !is_at_end(reader))
		return err_set(err, AT, DD_EPARSE, "SNMP: the pdu is malformed");
	if (!version_has(version, pdu->type))
		return err_set(err, AT, DD_EPARSE, "SNMP: no pdu of this version has tag 0x%02x",
			       pdu->type);

	const int r = pdu->type == SNMP_TRAP_V1 ? read_trap_head(&content, pdu, err)
						: read_pdu_head(&content, pdu, err);
	return r < 0 ? r : read_varbinds(&content, pdu, err);
}

int
snmp_decode(const uint8_t *data, size_t size, struct snmp_message *ret_message, struct err *err)
{
	struct ber_reader datagram = { data, data + size }, message, community;
	int32_t version;

	if (!ber_read_tag(&datagram, TAG_SEQUENCE, &message))
		return err_set(err, AT, DD_EPARSE, "SNMP: %zu bytes are no message", size);
	if (!ber_read_int(&message, &version))
		return err_set(err, AT, DD_EPARSE, "SNMP: the version is malformed");
	if (version != SNMP_V1 && version != SNMP_V2C)
		return err_set(err, AT, DD_EUNSUPPORTED,
			       "SNMP: version number %d is neither v1 (0) nor v2c (1)", version);
	if (!ber_read_tag(&message, SNMP_OCTETS, &community) ||
	    content_slice(&community).size > SNMP_COMMUNITY_MAX)
		return err_set(err, AT, DD_EPARSE, "SNMP: the community is malformed");

	ret_message->version = (uint8_t)version;
	ret_message->community = content_slice(&community);
	return read_pdu(&message, ret_message->version, &ret_message->pdu, err);
}

/* ---- writing, last part first ---- */

static void
write_value(struct ber_writer *writer, const struct snmp_value *value)
{
	assert(value_form(value->type) != FORM_UNKNOWN);

	switch (value_form(value->type)) {
	case FORM_INTEGER:
		ber_write_int(writer, value->type, value->integer);
		return;
	case FORM_NUMBER:
		assert(value->number <= number_max(value->type));
		ber_write_unsigned(writer, value->type, value->number);
		return;
	case FORM_OCTETS:
		assert(value->type != SNMP_IPADDRESS || value->octets.size == IPADDRESS_SIZE);
		ber_write_text(writer, value->type, value->octets.data, value->octets.size);
		return;
	case FORM_OID:
		ber_write_oid(writer, value->type, &value->oid);
		return;
	case FORM_EMPTY:
		ber_write_text(writer, value->type, NULL, 0);
		return;
	case FORM_UNKNOWN:
		return;
	}
}

static void
write_varbinds(struct ber_writer *writer, const struct snmp_pdu *pdu)
{
	const size_t mark = ber_writer_size(writer);

	for (unsigned i = pdu->count; i > 0; i--) {
		const size_t varbind_mark = ber_writer_size(writer);
		write_value(writer, &pdu->varbind[i - 1].value);
		ber_write_oid(writer, SNMP_OID, &pdu->varbind[i - 1].name);
		ber_write_header(writer, TAG_SEQUENCE, varbind_mark);
	}
	ber_write_header(writer, TAG_SEQUENCE, mark);
}

static void
write_pdu(struct ber_writer *writer, int32_t request_id, const struct snmp_pdu *pdu)
{
	const size_t mark = ber_writer_size(writer);

	write_varbinds(writer, pdu);
	if (pdu->type == SNMP_TRAP_V1) {
		ber_write_unsigned(writer, SNMP_TIMETICKS, pdu->ticks);
		ber_write_int(writer, SNMP_INTEGER, pdu->specific);
		ber_write_int(writer, SNMP_INTEGER, pdu->generic);
		ber_write_text(writer, SNMP_IPADDRESS, pdu->agent_address, IPADDRESS_SIZE);
		ber_write_oid(writer, SNMP_OID, &pdu->enterprise);
	} else {
		ber_write_int(writer, SNMP_INTEGER, pdu->error_index);
		ber_write_int(writer, SNMP_INTEGER, pdu->error_status);
		ber_write_int(writer, SNMP_INTEGER, request_id);
	}
	ber_write_header(writer, pdu->type, mark);
}

int64_t
snmp_encode_pdu(uint8_t version, struct slice community, int32_t request_id,
		const struct snmp_pdu *pdu, void *buffer, size_t size)
{
	struct ber_writer writer;

	assert(version_has(version, pdu->type));
	assert(pdu->count <= SNMP_VARBINDS_MAX);
	assert(community.size <= SNMP_COMMUNITY_MAX);

	ber_writer_init(&writer, buffer, size);
	write_pdu(&writer, request_id, pdu);
	ber_write_text(&writer, SNMP_OCTETS, community.data, community.size);
	ber_write_int(&writer, SNMP_INTEGER, version);
	ber_write_header(&writer, TAG_SEQUENCE, 0);
	if (writer.has_failed)
		return DD_EFULL;

	const size_t used = ber_writer_size(&writer);
	memmove(buffer, writer.next, used);
	return (int64_t)used;
}

int64_t
snmp_encode(const struct snmp_message *message, void *buffer, size_t size)
{
	return snmp_encode_pdu(message->version, message->community, message->pdu.request_id,
			       &message->pdu, buffer, size);
}

struct snmp_varbind *
snmp_pdu_add(struct snmp_pdu *pdu, const struct oid *name, uint8_t type)
{
	if (pdu->count >= SNMP_VARBINDS_MAX)
		return NULL;

	struct snmp_varbind *varbind = &pdu->varbind[pdu->count++];
	varbind->name = *name;
	memset(&varbind->value, 0, sizeof(varbind->value));
	varbind->value.type = type;
	return varbind;
}

const struct snmp_varbind *
snmp_pdu_find(const struct snmp_pdu *pdu, const struct oid *name)
{
	for (unsigned i = 0; i < pdu->count; i++)
		if (oid_compare(&pdu->varbind[i].name, name) == 0)
			return &pdu->varbind[i];
	return NULL;
}
