/* tables.h - the tables of the store. Only the store room includes this. */
#pragma once
#include "store/store.h"
#include "store/table.h"

/* A file of an image, in a table of its own. */
struct image_file_row {
	int64_t id, image_id;
	uint32_t position;
	struct image_file file;
};

/* A ledger entry with the job of its grant. */
struct ledger_row {
	int64_t id, job_id;
	struct ledger_entry entry;
};

/* A grant's id is its number. */
extern const struct table table_credential, table_device, table_image, table_image_file,
	table_snapshot, table_job, table_journal, table_attempt, table_decision, table_grant,
	table_ledger;
extern const struct table *const tables_all[];
extern const unsigned tables_count;
