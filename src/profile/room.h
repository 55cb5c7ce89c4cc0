/* room.h - what the files of this room share; nobody else includes it.
 *
 * load*.c turn the YAML file into a `struct profile`, checked so far that the others need no check
 * of it: every OID parses, every ${name} is known and fits its type, every map is complete
 * (INV-PROFILE-1). */
#pragma once
#include "base/yaml.h"
#include "profile/profile.h"

enum {
	PROFILE_MEMORY_MAX = 4 << 20, /* bytes of one profile's texts, rules and scratch */
	PROFILE_ALIASES_MAX = 64,     /* oids */
	PROFILE_OBJECTS_MAX = 16,     /* match: object_id */
	PROFILE_SETS_MAX = 32,        /* variables of one SET, those of FTP with them */
	PROFILE_PIECES_MAX = 8,       /* of one text value */
	PROFILE_NUMBERS_MAX = 64,     /* entries of `states` and of `reasons` */
	PROFILE_OCTETS_MAX = 255,     /* bytes of one value: what the known families take at most */
	PROFILE_SCRATCH_SIZE = PROFILE_SETS_MAX * PROFILE_OCTETS_MAX,
};

/* What ${...} in a value stands for. */
enum word {
	WORD_TICKET,
	WORD_SERVER,
	WORD_SERVER_TYPE,
	WORD_SERVER_PORT,
	WORD_PROTOCOL,
	WORD_FILES,
	WORD_USER,
	WORD_PASSWORD,
	WORD_CONTENT,
	WORD_SIZE,
	WORD_SLOT,
	WORD_COUNT,
};

struct piece {
	const char *text; /* NULL: the word */
	enum word word;
};

/* One variable of a SET. */
struct set_rule {
	struct oid name;
	char type; /* of snmpset: i u t a s x o */
	bool is_fixed;
	struct snmp_value value; /* is_fixed; octets are the profile's */
	unsigned pieces_count;   /* else: one word, or for type s any pieces */
	struct piece piece[PROFILE_PIECES_MAX];
};

struct operation_rule {
	enum repeat repeat;
	unsigned uses; /* bit 1 << enum word, over `set` and `when_ftp` */
	uint8_t protocols;
	int64_t protocol_number[PROTOCOL_COUNT];
	unsigned sets_count, ftp_count; /* those of FTP follow the others */
	struct set_rule *sets;
};

struct number_rule {
	int64_t number;
	uint8_t kind;     /* states: enum status_kind; reasons: enum reason */
	const char *text; /* reasons: what to say where the device says nothing; "" = none */
};

struct status_rule {
	const struct oid *ticket, *state, *reason, *text, *bytes; /* the last three may be NULL */
	unsigned states_count, reasons_count;
	struct number_rule *states, *reasons;
};

struct notice_rule {
	const struct oid *succeeded, *failed, *ticket, *text; /* all may be NULL */
};

enum fact {
	FACT_MODEL,
	FACT_REVISION,
	FACT_SERIAL,
	FACT_VERSION,
	FACT_CONFIG_FORMAT,
	FACT_RUNNING_SLOT,
	FACT_FREE_BYTES,
	FACT_BOOTS,
	FACT_SLOTS_COUNT,
	FACT_SLOT_STATE,   /* columns: the slot's number follows */
	FACT_SLOT_VERSION, /* the same */
	FACT_SLOT_CONTENT, /* the same */
	FACT_PORTS_UP,
	FACT_REGISTRATIONS,
	FACT_COUNT,
};

/* Names of the lines of an image's header; "" = it has no such line. */
struct image_rule {
	const char *magic; /* the first line; "" = images have no header */
	const char *version, *model, *revisions, *format;
};

struct profile {
	struct arena arena;
	const char *name, *description;
	unsigned objects_count;
	struct oid objects[PROFILE_OBJECTS_MAX];
	const char *system_description; /* pattern; "" = any */
	uint8_t protocols;              /* bit 1 << enum protocol */
	unsigned slots, name_max, files_max;
	bool management_survives, has_factory;
	struct addr factory;
	const char *factory_community;
	struct image_rule image;
	const struct oid *facts[FACT_COUNT]; /* NULL = not given */
	int64_t slot_valid;                  /* FACT_SLOT_STATE of a slot that can boot */
	struct status_rule status;
	struct notice_rule notice;
	struct operation_rule *operations[OPERATION_COUNT]; /* NULL = not there */
	struct schema schema;
	uint8_t *scratch; /* octets of the last SET: PROFILE_SCRATCH_SIZE */
};

/* ---- loading ---- */

struct load {
	struct yaml *yaml;
	struct profile *profile;
	struct err *err;
	unsigned aliases_count;
	struct {
		const char *name, *oid;
	} alias[PROFILE_ALIASES_MAX];
};

/* DD_ENOMEM naming the file. */
int load_memory(const struct load *load);
/* An OID, in which ${alias} stands for one of `oids`. *ret_oid is the profile's. */
int load_oid(struct load *load, const struct yaml_node *node, const struct oid **ret_oid);
/* The same from a part of a node's text. */
int load_oid_text(struct load *load, const struct yaml_node *node, const char *text,
		  struct oid *ret_oid);
/* The entry of a map as an OID; NULL where it is absent and may be. */
int load_oid_entry(struct load *load, struct yaml_node *map, const char *key, bool is_needed,
		   const struct oid **ret_oid);
/* A text of 1 to `size_max` bytes without control characters, copied; "" where it is absent and may
 * be. */
int load_text(struct load *load, struct yaml_node *map, const char *key, size_t size_max,
	      bool is_needed, const char **ret_text);
/* A whole number that is a key. */
int load_key_number(struct load *load, const struct yaml_node *node, int64_t min, int64_t max,
		    int64_t *ret_number);

int load_facts(struct load *load, struct yaml_node *root);         /* facts, service */
int load_status(struct load *load, struct yaml_node *root);        /* status, notifications */
int load_operations(struct load *load, struct yaml_node *root);    /* operations */
int load_configuration(struct load *load, struct yaml_node *root); /* configuration */

/* ---- using ---- */

/* Make an empty pdu of this type. */
void pdu_begin(struct snmp_pdu *pdu, enum snmp_pdu_type type);
/* Ask for a value; NULL asks for nothing. */
void pdu_ask(struct snmp_pdu *get, const struct oid *name);
/* The value of this name in an answer; NULL where it is not there or an exception. */
const struct snmp_value *pdu_value(const struct snmp_pdu *answer, const struct oid *name);
/* An INTEGER, counter, gauge or ticks; false where it is none. */
bool value_number(const struct snmp_value *value, int64_t *ret_number);
/* Octets as cleaned text, cut at `size`; false (and "") where it is no octets. */
bool value_text(const struct snmp_value *value, char *text, size_t size);
/* What state this number means; false where the profile does not know it. */
bool status_kind_of(const struct profile *profile, int64_t number, enum status_kind *ret_kind);
