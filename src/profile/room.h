/* room.h - a profile as it is in memory, once its file was checked. Only the profile room includes
 * this. */
#pragma once
#include "profile/profile.h"

enum {
	PROFILE_TEXT_MAX = 128,
	PROFILE_MATCHES_MAX = 8,
	PROFILE_MAP_MAX = 32,
	PROFILE_SETS_MAX = 24,
	PROFILE_ALIASES_MAX = 32,
	PROFILE_NOTICES_MAX = 8,
};

/* A variable of the command that a value stands for. */
enum variable {
	VARIABLE_NONE, /* a literal */
	VARIABLE_TICKET,
	VARIABLE_SERVER,
	VARIABLE_SERVER_TYPE, /* InetAddressType: ipv4 1, ipv6 2 (RFC 4001) */
	VARIABLE_SERVER_PORT,
	VARIABLE_PROTOCOL,
	VARIABLE_FILES,
	VARIABLE_USER,
	VARIABLE_PASSWORD,
	VARIABLE_CONTENT,
	VARIABLE_SIZE,
	VARIABLE_SLOT,
	VARIABLE_COUNT,
};

/* One variable of a SET: "OID TYPE VALUE" of the file. */
struct template
{
	struct oid name;
	char type; /* of snmpset(1): i u a s x */
	uint8_t variable;
	bool is_ftp_only;
	int64_t number;              /* literal of types i, u */
	char text[PROFILE_TEXT_MAX]; /* literal of type s */
};

struct profile_operation {
	bool is_there;
	uint8_t repeat;                     /* enum repeat */
	uint32_t protocols[PROTOCOL_COUNT]; /* this operation's numbers */
	unsigned sets_count;
	struct template sets[PROFILE_SETS_MAX];
};

/* A place to read from; count 0 = the family does not tell. */
struct profile_facts {
	struct oid model, revision, serial, version, config_format, free_bytes, boots, uptime,
		running_slot, slots_count;
	struct oid slot_state[FACT_SLOTS_MAX], slot_version[FACT_SLOTS_MAX],
		slot_content[FACT_SLOTS_MAX];
	uint32_t slot_valid; /* value of the state */
	struct oid ports_up, registrations;
};

struct number_map {
	unsigned count;
	struct {
		uint32_t number;
		uint8_t value;
	} item[PROFILE_MAP_MAX];
	uint8_t otherwise;
};

struct profile_status {
	struct oid ticket, state, reason, text, progress;
	struct number_map states;  /* to enum status_kind */
	struct number_map reasons; /* to enum reason */
};

struct profile_notices {
	unsigned done_count, failed_count;
	struct oid done[PROFILE_NOTICES_MAX], failed[PROFILE_NOTICES_MAX];
	struct oid ticket, text;
};

struct profile_image {
	bool has_header;
	char magic[PROFILE_TEXT_MAX];
	char version[PROFILE_TEXT_MAX], models[PROFILE_TEXT_MAX], revisions[PROFILE_TEXT_MAX],
		config_format[PROFILE_TEXT_MAX]; /* keys */
};

struct profile {
	char name[NAME_MAX_], description[PROFILE_TEXT_MAX];
	unsigned object_ids_count;
	struct oid object_ids[PROFILE_MATCHES_MAX]; /* each a prefix */
	uint8_t protocols;                          /* bit 1 << enum protocol */
	unsigned slots, files_max;
	bool management_survives, has_factory;
	struct addr factory_address;
	char factory_community[COMMUNITY_MAX];
	struct profile_image image;
	struct profile_facts facts;
	struct schema schema;
	struct profile_status status;
	struct profile_notices notices;
	struct profile_operation operations[OPERATION_COUNT];
};

bool number_map_find(const struct number_map *map, uint64_t number, uint8_t *ret_value);
