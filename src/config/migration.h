/* migration.h - rules that change a configuration from one format to another, and the account of every value. Pure.
 *
 * Every value of the source must be carried, changed or dropped with a reason by exactly one rule, and every number must convert
 * exactly; otherwise nothing is made and the error lists what would be lost (INV-CONFIG-1). After converting, values that a rule
 * can turn back are turned back and compared. The file (YAML, strict): see migrations/. */
#pragma once
#include "config/config.h"

struct migration;

int migration_load(const char *file, const char *text, size_t size, struct migration **ret_migration, struct err *err);
void migration_free(struct migration *migration); /* accepts NULL */
const char *migration_profile(const struct migration *migration); /* the family it is for */
uint32_t migration_from(const struct migration *migration);       /* configuration formats */
uint32_t migration_to(const struct migration *migration);

struct migration_account {
	size_t carried, changed, dropped, added; /* values of the source; added: of the target, by default rules */
};

/* Convert. `notes` (may be NULL) gets a line for each dropped or added value, with its reason, no secrets. DD_EINTEGRITY where a value would be lost:
 * the text names the first ones. The caller owns *ret_target. */
int migration_apply(const struct migration *migration, const struct schema *schema, const struct config *source, struct config **ret_target,
                    struct migration_account *ret_account, struct buf *notes, struct err *err);
