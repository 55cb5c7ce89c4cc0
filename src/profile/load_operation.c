/* load_operation.c - `operations`: each the variables of one SET, as lines of snmpset: OID TYPE
 * VALUE. */
#include "base/hex.h"
#include "base/text.h"
#include "profile/room.h"

#include <arpa/inet.h>
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define TRANSFERS (1u << OPERATION_BACKUP | 1u << OPERATION_FETCH | 1u << OPERATION_RESTORE)
#define EVERY     ((1u << OPERATION_COUNT) - 1)

/* What each word is, so which types of snmpset may carry it, and which operations have it. */
static const struct {
	const char *name, *types;
	unsigned operations; /* bits 1 << enum operation */
} words[] = {
	[WORD_TICKET] = { "ticket", "iuts", EVERY },
	[WORD_SERVER] = { "server", "axs", TRANSFERS },
	[WORD_SERVER_TYPE] = { "server.type", "iuts", TRANSFERS },
	[WORD_SERVER_PORT] = { "server.port", "iuts", TRANSFERS },
	[WORD_PROTOCOL] = { "protocol", "iuts", TRANSFERS },
	[WORD_FILES] = { "files", "s", TRANSFERS },
	[WORD_USER] = { "user", "s", TRANSFERS },
	[WORD_PASSWORD] = { "password", "s", TRANSFERS },
	[WORD_CONTENT] = { "content", "xs", 1u << OPERATION_FETCH | 1u << OPERATION_RESTORE },
	[WORD_SIZE] = { "size", "iuts", 1u << OPERATION_FETCH | 1u << OPERATION_RESTORE },
	[WORD_SLOT] = { "slot", "iuts", 1u << OPERATION_ACTIVATE | 1u << OPERATION_ROLLBACK },
};
static_assert(ARRAY_COUNT(words) == WORD_COUNT, "every word has its row");

/* A line in hand: its three parts. */
struct line {
	const struct yaml_node *node;
	enum operation operation;
	char *oid, *type, *value;
};

static int
fail(struct load *load, const struct line *line, const char *why)
{
	return yaml_err(load->yaml, line->node, load->err, AT, "%s", why);
}

/* ---- values ---- */

static int
load_word(struct load *load, const struct line *line, const char *name, size_t size, char type,
	  enum word *ret_word)
{
	for (unsigned i = 0; i < WORD_COUNT; i++) {
		if (strlen(words[i].name) != size || memcmp(words[i].name, name, size) != 0)
			continue;
		if ((words[i].operations & (1u << line->operation)) == 0)
			return yaml_err(load->yaml, line->node, load->err, AT, "%s has no ${%s}",
					operation_name(line->operation), words[i].name);
		if (strchr(words[i].types, type) == NULL)
			return yaml_err(load->yaml, line->node, load->err, AT,
					"${%s} does not fit type %c; it takes one of %s",
					words[i].name, type, words[i].types);
		*ret_word = (enum word)i;
		return 0;
	}
	return yaml_err(load->yaml, line->node, load->err, AT,
			"${%.*s} is not known; there are ticket, server, server.type, server.port, "
			"protocol, files, user, password, content, size and slot",
			(int)size, name);
}

static int
add_text(struct load *load, const struct line *line, struct set_rule *rule, const char *text,
	 size_t size)
{
	struct piece *piece = &rule->piece[rule->pieces_count];

	if (rule->pieces_count == PROFILE_PIECES_MAX)
		return fail(load, line, "the value has too many parts");
	if (size > PROFILE_OCTETS_MAX)
		return fail(load, line, "the value is longer than 255 bytes");
	piece->text = arena_text(&load->profile->arena, text, size);
	rule->pieces_count++;
	return piece->text == NULL ? load_memory(load) : 0;
}

/* The value's text and words in order. */
static int
load_pieces(struct load *load, const struct line *line, struct set_rule *rule)
{
	const char *value = line->value;
	int r = 0;

	while (r == 0 && *value != '\0') {
		const char *next = strstr(value, "${");
		if (next != value) {
			size_t size = next != NULL ? (size_t)(next - value) : strlen(value);
			r = add_text(load, line, rule, value, size);
			value += size;
			continue;
		}
		const char *end = strchr(value, '}');
		if (end == NULL)
			return fail(load, line, "a '${' without '}'");
		if (rule->pieces_count == PROFILE_PIECES_MAX)
			return fail(load, line, "the value has too many parts");
		r = load_word(load, line, value + 2, (size_t)(end - value - 2), rule->type,
			      &rule->piece[rule->pieces_count++].word);
		value = end + 1;
	}
	return r;
}

static int
load_number(struct load *load, const struct line *line, struct set_rule *rule)
{
	const bool is_minus = line->value[0] == '-' && rule->type == 'i';
	const uint64_t max = rule->type == 'i' ? (uint64_t)INT32_MAX + is_minus : UINT32_MAX;
	uint64_t number = 0;

	if (!text_number(line->value + is_minus, max, &number))
		return fail(load, line,
			    rule->type == 'i'
				    ? "type i wants a whole number of 32 bits, or one ${name}"
				    : "types u and t want a whole number from 0 to 4294967295, or "
				      "one ${name}");
	rule->value.type = rule->type == 'i'   ? SNMP_INTEGER
			   : rule->type == 'u' ? SNMP_GAUGE32
					       : SNMP_TIMETICKS;
	if (rule->type == 'i')
		rule->value.integer = (int32_t)(is_minus ? -(int64_t)number : (int64_t)number);
	else
		rule->value.number = number;
	return 0;
}

static int
set_octets(struct load *load, struct set_rule *rule, uint8_t type, const void *data, size_t size)
{
	uint8_t *copy = arena_take(&load->profile->arena, size + 1);

	if (copy == NULL)
		return load_memory(load);
	memcpy(copy, data, size);
	rule->value.type = type;
	rule->value.octets = (struct slice){ copy, size };
	return 0;
}

static int
load_octets(struct load *load, const struct line *line, struct set_rule *rule)
{
	const size_t digits = strlen(line->value);
	uint8_t bytes[PROFILE_OCTETS_MAX];

	if (rule->type == 's' && digits > PROFILE_OCTETS_MAX)
		return fail(load, line, "the value is longer than 255 bytes");
	if (rule->type == 's')
		return set_octets(load, rule, SNMP_OCTETS, line->value, digits);
	if (digits % 2 != 0 || digits / 2 > sizeof(bytes) ||
	    !hex_parse(line->value, bytes, digits / 2))
		return fail(load, line,
			    "type x wants pairs of hexadecimal digits, 255 at most, or one "
			    "${name}");
	return set_octets(load, rule, SNMP_OCTETS, bytes, digits / 2);
}

static int
load_literal(struct load *load, const struct line *line, struct set_rule *rule)
{
	struct in_addr address;

	rule->is_fixed = true;
	switch (rule->type) {
	case 'i':
	case 'u':
	case 't':
		return load_number(load, line, rule);
	case 'a':
		if (inet_pton(AF_INET, line->value, &address) != 1)
			return fail(load, line, "type a wants an IPv4 address, or ${server}");
		return set_octets(load, rule, SNMP_IPADDRESS, &address, sizeof(address));
	case 'o':
		rule->value.type = SNMP_OID;
		return load_oid_text(load, line->node, line->value, &rule->value.oid);
	default: /* s, x: load_line() lets no other type through */
		return load_octets(load, line, rule);
	}
}

static int
load_value(struct load *load, const struct line *line, struct set_rule *rule)
{
	if (rule->type == 'o' || strstr(line->value, "${") == NULL)
		return load_literal(load, line, rule);
	int r = load_pieces(load, line, rule);
	if (r == 0 && rule->type != 's' && (rule->pieces_count != 1 || rule->piece[0].text != NULL))
		return fail(load, line, "only type s takes text around ${name}");
	return r;
}

/* ---- lines ---- */

/* Cut at the first run of blanks; returns what is behind it. */
static char *
cut(char *text)
{
	char *end = text + strcspn(text, " \t");

	if (*end == '\0')
		return end;
	*end++ = '\0';
	return end + strspn(end, " \t");
}

static int
load_line(struct load *load, const struct line *line, struct set_rule *rule)
{
	if (line->type[0] == '\0' || line->type[1] != '\0' ||
	    strchr("iutasxo", line->type[0]) == NULL)
		return fail(load, line,
			    "a line is OID TYPE VALUE, TYPE one of i u t a s x o as for snmpset");
	rule->type = line->type[0];
	int r = load_oid_text(load, line->node, line->oid, &rule->name);
	return r < 0 ? r : load_value(load, line, rule);
}

static int
load_set(struct load *load, const struct yaml_node *node, enum operation operation,
	 struct operation_rule *rule)
{
	const unsigned count = rule->sets_count + rule->ftp_count;
	struct set_rule *set = &rule->sets[count];

	if (count == PROFILE_SETS_MAX)
		return yaml_err(load->yaml, node, load->err, AT, "one SET has at most %d variables",
				PROFILE_SETS_MAX);
	if (node->kind != YAML_SCALAR)
		return yaml_err(load->yaml, node, load->err, AT,
				"a line OID TYPE VALUE is expected here");
	char *text = strdup(node->text);
	if (text == NULL)
		return load_memory(load);
	struct line line = { .node = node, .operation = operation, .oid = text };
	line.type = cut(line.oid);
	line.value = cut(line.type);
	int r = load_line(load, &line, set);
	free(text);
	if (r < 0)
		return r;
	for (unsigned i = 0; i < count; i++)
		if (oid_compare(&rule->sets[i].name, &set->name) == 0)
			return yaml_err(load->yaml, node, load->err, AT,
					"this variable is in the SET already");
	for (unsigned i = 0; i < set->pieces_count; i++)
		if (set->piece[i].text == NULL)
			rule->uses |= 1u << set->piece[i].word;
	return 0;
}

/* ---- one operation ---- */

static int
load_repeat(struct load *load, struct yaml_node *map, struct operation_rule *rule)
{
	const char *word = NULL;

	int r = yaml_text(load->yaml, map, "repeat", &word, load->err);
	if (r < 0)
		return r;
	if (text_equal(word, "ticket"))
		rule->repeat = REPEAT_TICKET;
	else if (text_equal(word, "safe"))
		rule->repeat = REPEAT_SAFE;
	else if (text_equal(word, "never"))
		rule->repeat = REPEAT_NEVER;
	else
		return yaml_err(load->yaml, yaml_find(map, "repeat"), load->err, AT,
				"'repeat' must be ticket, safe or never");
	return 0;
}

/* Numbers of protocols differ even inside one family, so each operation has its own. */
static int
load_protocol_numbers(struct load *load, struct yaml_node *map, struct operation_rule *rule)
{
	struct yaml_node *numbers = NULL;

	if (yaml_find(map, "protocol") == NULL)
		return 0;
	int r = yaml_map(load->yaml, map, "protocol", &numbers, load->err);
	for (struct yaml_node *node = r == 0 ? numbers->first : NULL; r == 0 && node != NULL;
	     node = node->next) {
		enum protocol protocol = PROTOCOL_NONE;
		if (!protocol_parse(node->key, &protocol) ||
		    (load->profile->protocols & (1u << protocol)) == 0)
			return yaml_err(load->yaml, node, load->err, AT,
					"'%s' is none of the profile's 'protocols'", node->key);
		r = yaml_int(load->yaml, numbers, node->key, 0, INT32_MAX,
			     &rule->protocol_number[protocol], load->err);
		rule->protocols |= (uint8_t)(1u << protocol);
	}
	return r;
}

static int
load_sets(struct load *load, struct yaml_node *map, enum operation operation,
	  struct operation_rule *rule)
{
	struct yaml_node *list = NULL;

	int r = yaml_list(load->yaml, map, "set", &list, load->err);
	for (const struct yaml_node *node = r == 0 ? list->first : NULL; r == 0 && node != NULL;
	     node = node->next) {
		r = load_set(load, node, operation, rule);
		rule->sets_count++;
	}
	if (r < 0 || yaml_find(map, "when_ftp") == NULL)
		return r;
	r = yaml_list(load->yaml, map, "when_ftp", &list, load->err);
	if (r == 0 && (load->profile->protocols & (1u << PROTOCOL_FTP)) == 0)
		return yaml_err(load->yaml, list, load->err, AT,
				"'when_ftp' makes no sense: ftp is none of the 'protocols'");
	for (const struct yaml_node *node = r == 0 ? list->first : NULL; r == 0 && node != NULL;
	     node = node->next) {
		r = load_set(load, node, operation, rule);
		rule->ftp_count++;
	}
	return r;
}

/* Nobody could do what is asked without these words. */
static int
check_uses(struct load *load, const struct yaml_node *map, enum operation operation,
	   const struct operation_rule *rule)
{
	const uint8_t protocols = load->profile->protocols;
	const bool is_ftp = (protocols & (1u << PROTOCOL_FTP)) != 0;
	unsigned needs = 1u << WORD_TICKET;

	if ((TRANSFERS & (1u << operation)) != 0) {
		needs |= 1u << WORD_SERVER | 1u << WORD_FILES;
		needs |= is_ftp ? 1u << WORD_USER | 1u << WORD_PASSWORD : 0;
		/* one protocol needs no number */
		needs |= (protocols & (protocols - 1)) != 0 ? 1u << WORD_PROTOCOL : 0;
	}
	for (unsigned i = 0; i < WORD_COUNT; i++)
		if ((needs & ~rule->uses & (1u << i)) != 0)
			return yaml_err(load->yaml, map, load->err, AT,
					"no line of '%s' carries ${%s}", map->key, words[i].name);
	if ((rule->uses & (1u << WORD_PROTOCOL)) != 0 && rule->protocols != protocols)
		return yaml_err(load->yaml, map, load->err, AT,
				"'%s' needs 'protocol', a number for each of the profile's "
				"'protocols'",
				map->key);
	return 0;
}

static int
load_operation(struct load *load, struct yaml_node *map)
{
	enum operation operation = OPERATION_NONE;
	struct operation_rule *rule = arena_take(&load->profile->arena, sizeof(*rule));

	if (!operation_parse(map->key, &operation) || operation == OPERATION_NONE)
		return yaml_err(load->yaml, map, load->err, AT,
				"'%s' is no operation: backup, keep, fetch, activate, reload, "
				"commit, restore, rollback",
				map->key);
	if (rule == NULL)
		return load_memory(load);
	/* One more than may be: load_set() looks at the next before it counts. */
	rule->sets =
		arena_take(&load->profile->arena, (PROFILE_SETS_MAX + 1) * sizeof(rule->sets[0]));
	if (rule->sets == NULL)
		return load_memory(load);
	int r = load_repeat(load, map, rule);
	if (r == 0)
		r = load_protocol_numbers(load, map, rule);
	if (r == 0)
		r = load_sets(load, map, operation, rule);
	if (r == 0)
		r = check_uses(load, map, operation, rule);
	if (r < 0)
		return r;
	load->profile->operations[operation] = rule;
	return yaml_only_known(load->yaml, map, load->err);
}

int
load_operations(struct load *load, struct yaml_node *root)
{
	struct yaml_node *map = NULL;

	int r = yaml_map(load->yaml, root, "operations", &map, load->err);
	if (r == 0 && map->count == 0)
		return yaml_err(load->yaml, map, load->err, AT,
				"'operations' must have one at least");
	for (struct yaml_node *node = r == 0 ? map->first : NULL; r == 0 && node != NULL;
	     node = node->next)
		r = load_operation(load, node);
	return r;
}
