/* command.c - an operation and its arguments become one SET.
 *
 * Everything about the rules was checked when the file was loaded; here only the arguments are. */
#include "base/hex.h"
#include "base/text.h"
#include "profile/room.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

enum { ADDRESS_IPV4 = 1, ADDRESS_IPV6 = 2 }; /* InetAddressType, RFC 4001 */

struct making {
	const struct profile *profile;
	const struct operation_rule *rule;
	const struct operation_args *args;
	struct err *err;
	size_t scratch_used;
};

static int
refuse(const struct making *making, const char *why)
{
	return err_set(making->err, AT, DD_EINVAL, "%s: %s", making->profile->name, why);
}

/* ---- arguments ---- */

static bool
uses(const struct making *making, enum word word)
{
	return (making->rule->uses & (1u << word)) != 0;
}

static int
check_files(const struct making *making, unsigned files_max)
{
	const char *name = making->args->files;
	unsigned count = 0;

	while (name != NULL && ++count <= files_max) {
		const size_t size = strcspn(name, ",");
		char one[PROFILE_OCTETS_MAX + 1];
		if (size > making->profile->name_max || size >= sizeof(one))
			return refuse(making, "a file name is longer than the device takes");
		memcpy(one, name, size);
		one[size] = '\0';
		if (!text_is_name(one, PROFILE_OCTETS_MAX))
			return refuse(making, "a file name is empty or has characters other than "
					      "letters, digits, '.', '_' and '-'");
		name = name[size] == ',' ? name + size + 1 : NULL;
	}
	if (count == 0 || count > files_max)
		return refuse(making, "the operation has no file, or more than the device takes");
	return 0;
}

static int
check_server(const struct making *making)
{
	const struct addr *server = &making->args->server;

	if ((server->family != ADDR_IPV4 && server->family != ADDR_IPV6) || addr_is_any(server) ||
	    server->port == 0)
		return refuse(making, "the file service's address is not known");
	return 0;
}

static int
check_transfer(const struct making *making, enum operation operation)
{
	const struct operation_args *args = making->args;

	if (!profile_allows(making->profile, args->protocol))
		return refuse(making, "this family does not know the protocol");
	if (args->protocol == PROTOCOL_FTP &&
	    (args->user == NULL || args->user[0] == '\0' || args->password == NULL))
		return refuse(making, "FTP needs a user and a password");
	if (uses(making, WORD_CONTENT) && sha256_is_zero(&args->content))
		return refuse(making, "the content's hash is not known");
	int r = check_server(making);
	if (r < 0)
		return r;
	return check_files(making, operation == OPERATION_FETCH ? making->profile->files_max : 1);
}

static int
check_args(const struct making *making, enum operation operation)
{
	const struct operation_args *args = making->args;

	if (args->ticket == 0 || args->ticket > INT32_MAX)
		return refuse(making, "a ticket is a number from 1 to 2147483647");
	if (uses(making, WORD_SLOT) && (args->slot == 0 || args->slot > making->profile->slots))
		return refuse(making, "the device has no such slot");
	if (uses(making, WORD_SERVER))
		return check_transfer(making, operation);
	return 0;
}

/* ---- values ---- */

static bool
is_ipv4(const struct making *making)
{
	return making->args->server.family == ADDR_IPV4;
}

/* Words that are numbers; false for the others. */
static bool
number_of(const struct making *making, enum word word, uint64_t *ret_number)
{
	const struct operation_args *args = making->args;

	switch (word) {
	case WORD_TICKET:
		*ret_number = args->ticket;
		return true;
	case WORD_SERVER_TYPE:
		*ret_number = is_ipv4(making) ? ADDRESS_IPV4 : ADDRESS_IPV6;
		return true;
	case WORD_SERVER_PORT:
		*ret_number = args->server.port;
		return true;
	case WORD_PROTOCOL:
		*ret_number = (uint64_t)making->rule->protocol_number[args->protocol];
		return true;
	case WORD_SIZE:
		*ret_number = args->size;
		return true;
	case WORD_SLOT:
		*ret_number = args->slot;
		return true;
	case WORD_SERVER:
	case WORD_FILES:
	case WORD_USER:
	case WORD_PASSWORD:
	case WORD_CONTENT:
	case WORD_COUNT:
		break;
	}
	return false;
}

/* The word as text; `buf` holds what is not text already. */
static const char *
text_of(const struct making *making, enum word word, char buf[static ADDR_TEXT_MAX])
{
	const struct operation_args *args = making->args;
	uint64_t number = 0;

	switch (word) {
	case WORD_SERVER:
		return addr_host_text(&args->server, buf);
	case WORD_FILES:
		return args->files;
	case WORD_USER:
		return args->user != NULL ? args->user : "";
	case WORD_PASSWORD:
		return args->password != NULL ? args->password : "";
	case WORD_CONTENT:
		return sha256_text(&args->content, buf);
	default: /* the numbers */
		(void)number_of(making, word, &number);
		(void)text_print(buf, ADDR_TEXT_MAX, "%llu", (unsigned long long)number);
		return buf;
	}
}

/* Octets live in the profile's scratch, as a pdu has no room for them. */
static int
add_octets(struct making *making, struct slice *octets, const void *data, size_t size)
{
	uint8_t *scratch = making->profile->scratch + making->scratch_used;

	assert(scratch != NULL && making->scratch_used <= PROFILE_SCRATCH_SIZE);
	if (octets->size + size > PROFILE_OCTETS_MAX)
		return refuse(making, "a value is longer than 255 bytes");
	if (octets->data == NULL)
		octets->data = scratch;
	if (size > 0)
		memcpy(scratch, data, size);
	octets->size += size;
	making->scratch_used += size;
	return 0;
}

static int
make_text(struct making *making, const struct set_rule *set, struct snmp_value *value)
{
	for (unsigned i = 0; i < set->pieces_count; i++) {
		char buf[ADDR_TEXT_MAX];
		const char *text = set->piece[i].text != NULL
					   ? set->piece[i].text
					   : text_of(making, set->piece[i].word, buf);
		int r = add_octets(making, &value->octets, text, strlen(text));
		if (r < 0)
			return r;
	}
	return 0;
}

static int
make_number(struct making *making, const struct set_rule *set, struct snmp_value *value)
{
	uint64_t number = 0;
	const bool is_number = number_of(making, set->piece[0].word, &number);

	assert(is_number); /* the file was refused otherwise */
	if (number > (value->type == SNMP_INTEGER ? (uint64_t)INT32_MAX : (uint64_t)UINT32_MAX))
		return refuse(making, "a number is larger than the device takes");
	if (value->type == SNMP_INTEGER)
		value->integer = (int32_t)number;
	else
		value->number = number;
	return 0;
}

static int
make_bytes(struct making *making, const struct set_rule *set, struct snmp_value *value)
{
	const struct operation_args *args = making->args;

	if (set->piece[0].word == WORD_CONTENT)
		return add_octets(making, &value->octets, args->content.bytes, SHA256_SIZE);
	if (value->type == SNMP_IPADDRESS && !is_ipv4(making))
		return refuse(making, "this family takes an IPv4 address of the file service only");
	return add_octets(making, &value->octets, args->server.ip, is_ipv4(making) ? 4 : 16);
}

static uint8_t
value_type(char type)
{
	switch (type) {
	case 'i':
		return SNMP_INTEGER;
	case 'u':
		return SNMP_GAUGE32;
	case 't':
		return SNMP_TIMETICKS;
	case 'a':
		return SNMP_IPADDRESS;
	default: /* s, x; o is always fixed */
		return SNMP_OCTETS;
	}
}

static int
make_varbind(struct making *making, const struct set_rule *set, struct snmp_pdu *pdu)
{
	struct snmp_varbind *varbind = snmp_pdu_add(
		pdu, &set->name, set->is_fixed ? set->value.type : value_type(set->type));

	assert(varbind != NULL); /* PROFILE_SETS_MAX is below SNMP_VARBINDS_MAX */
	if (set->is_fixed) {
		varbind->value = set->value;
		return 0;
	}
	if (set->type == 's')
		return make_text(making, set, &varbind->value);
	if (set->type == 'a' || set->type == 'x')
		return make_bytes(making, set, &varbind->value);
	return make_number(making, set, &varbind->value);
}

int
profile_command(const struct profile *profile, enum operation operation,
		const struct operation_args *args, struct snmp_pdu *ret_set, struct err *err)
{
	pdu_begin(ret_set, SNMP_SET);
	if (!profile_has(profile, operation))
		return err_set(err, AT, DD_EUNSUPPORTED, "profile %s has no operation %s",
			       profile->name, operation_name(operation));

	const struct operation_rule *rule = profile->operations[operation];
	struct making making = { .profile = profile, .rule = rule, .args = args, .err = err };
	int r = check_args(&making, operation);
	const bool is_ftp = uses(&making, WORD_SERVER) && args->protocol == PROTOCOL_FTP;
	const unsigned count = rule->sets_count + (is_ftp ? rule->ftp_count : 0);

	for (unsigned i = 0; r == 0 && i < count; i++)
		r = make_varbind(&making, &rule->sets[i], ret_set);
	if (r < 0)
		pdu_begin(ret_set, SNMP_SET); /* half a command must not be sent by mistake */
	return r;
}
