/* table.h - a small device for tests: a sorted table of objects behind struct snmp_objects. */
#pragma once
#include "snmp/agent.h"
#include <string.h>

enum { TABLE_ROWS = 120, TABLE_LONG_SIZE = 200 };

struct table {
	struct snmp_varbind rows[TABLE_ROWS];
	unsigned count;
	unsigned tests, commits; /* how often they were called */
	int commit_status;       /* what commit() answers */
};

static inline struct snmp_varbind *
table_add(struct table *table, const char *name, uint8_t type)
{
	struct snmp_varbind *row = &table->rows[table->count++];

	memset(row, 0, sizeof(*row));
	(void)oid_parse(name, &row->name, NULL); /* the names below are well formed */
	row->value.type = type;
	return row;
}

static inline struct snmp_varbind *
table_row(struct table *table, const struct oid *name)
{
	for (unsigned i = 0; i < table->count; i++)
		if (oid_compare(&table->rows[i].name, name) == 0)
			return &table->rows[i];
	return NULL;
}

static inline int
table_get(void *arg, const struct oid *name, bool is_next, struct oid *ret_name,
	  struct snmp_value *ret_value, uint8_t scratch[static 256])
{
	struct table *table = arg;

	for (unsigned i = 0; i < table->count; i++) {
		const int order = oid_compare(&table->rows[i].name, name);
		if (is_next ? order <= 0 : order != 0)
			continue;
		*ret_name = table->rows[i].name;
		*ret_value = table->rows[i].value;
		if (ret_value->type == SNMP_OCTETS) { /* as objects do that compose their text */
			memcpy(scratch, ret_value->octets.data, ret_value->octets.size);
			ret_value->octets.data = scratch;
		}
		return 0;
	}
	return is_next ? SNMP_END_OF_MIB_VIEW : SNMP_NO_SUCH_INSTANCE;
}

/* INTEGERs of 0..100 may be set. */
static inline int
table_test(void *arg, const struct snmp_pdu *set, int32_t *ret_index)
{
	struct table *table = arg;

	table->tests++;
	for (unsigned i = 0; i < set->count; i++) {
		const struct snmp_varbind *row = table_row(table, &set->varbind[i].name);
		*ret_index = (int32_t)i + 1;
		if (!row || row->value.type != SNMP_INTEGER)
			return SNMP_NOT_WRITABLE;
		if (set->varbind[i].value.type != SNMP_INTEGER)
			return SNMP_WRONG_TYPE;
		if (set->varbind[i].value.integer < 0 || set->varbind[i].value.integer > 100)
			return SNMP_WRONG_VALUE;
	}
	return SNMP_NO_ERROR;
}

static inline int
table_commit(void *arg, const struct snmp_pdu *set, int32_t *ret_index)
{
	struct table *table = arg;

	table->commits++;
	*ret_index = 1;
	if (table->commit_status != SNMP_NO_ERROR)
		return table->commit_status;
	for (unsigned i = 0; i < set->count; i++)
		table_row(table, &set->varbind[i].name)->value = set->varbind[i].value;
	return SNMP_NO_ERROR;
}

#define TABLE_BASE    "1.3.6.1.4.1.8072.9999.9999.1"
#define TABLE_ENTRIES 100 /* gauges .2.1 to .2.100, each its own index */

/* sysDescr, sysUpTime, two INTEGERs, a Counter64, a long string, then the gauges. */
static inline void
table_init(struct table *table)
{
	static const uint8_t text[TABLE_LONG_SIZE] = "device";

	table->count = table->tests = table->commits = 0;
	table->commit_status = SNMP_NO_ERROR;
	table_add(table, "1.3.6.1.2.1.1.1.0", SNMP_OCTETS)->value.octets =
		(struct slice){ text, 6 };
	table_add(table, "1.3.6.1.2.1.1.3.0", SNMP_TIMETICKS)->value.number = 4711;
	table_add(table, TABLE_BASE ".1.1.0", SNMP_INTEGER)->value.integer = 1;
	table_add(table, TABLE_BASE ".1.2.0", SNMP_INTEGER)->value.integer = 2;
	table_add(table, TABLE_BASE ".1.3.0", SNMP_COUNTER64)->value.number = UINT64_MAX;
	table_add(table, TABLE_BASE ".1.4.0", SNMP_OCTETS)->value.octets =
		(struct slice){ text, sizeof(text) };
	for (uint32_t i = 1; i <= TABLE_ENTRIES; i++) {
		struct snmp_varbind *row = table_add(table, TABLE_BASE ".2", SNMP_GAUGE32);
		(void)oid_add(&row->name, i);
		row->value.number = i;
	}
}

static inline void
table_serve(struct table *table, struct snmp_agent *agent)
{
	strcpy(agent->read_community, "public");
	strcpy(agent->write_community, "secret");
	agent->objects = (struct snmp_objects){ table_get, table_test, table_commit, table };
}
