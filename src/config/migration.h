/* migration.h - rules that change a configuration from one format to another, and the account of
 * every value. Pure.
 *
 * Every value of the source must be carried, changed or dropped with a reason by exactly one rule,
 * and every number must convert exactly; otherwise nothing is made and the error lists what would
 * be lost (INV-CONFIG-1). Afterwards the result is turned back and compared with the source, and
 * printed and parsed again (INV-CONFIG-2).
 *
 * The file (YAML, strict; see migrations/):
 *
 *   migration: NAME     profile: NAME     from: FORMAT     to: FORMAT
 *   keys:               values that become part of the new paths: NAME: PATH. Such a value must be
 *                       one part of a path, no two may be the same, and each must be needed by some
 *                       rule.
 *   rules:              a list of
 *     - move: PATH      to: PATH (or, with split, a list of them), and at most one of
 *                       value: TEXT with {value} in it
 *                       map: {OLD: NEW, ...}   two OLDs may have one NEW only with  lossy: REASON
 *                       scale: N or 1/N, with  decimals: 0 to 3 (0 where it is not given)
 *                       split: TEXT            into as many values as `to` has paths, or into any
 *                                              number where `to` has {n}, which counts from 1
 *     - drop: PATH      reason: TEXT
 *     - default: PATH   value: TEXT, reason: TEXT; added where no rule gave the path a value
 *
 * In a PATH, {i} (any name) stands for one part of a path or some of its characters; the same names
 * must be in `to`, or a key that is found by them. */
#pragma once
#include "config/config.h"

struct migration;

/* DD_EPARSE "FILE:LINE:COLUMN: ..." . The caller owns *ret_migration (migration_free). */
int migration_load(const char *file, const char *text, size_t size,
		   struct migration **ret_migration, struct err *err);
void migration_free(struct migration *migration);                 /* accepts NULL */
const char *migration_name(const struct migration *migration);    /* as the file says */
const char *migration_profile(const struct migration *migration); /* the family it is for */
uint32_t migration_from(const struct migration *migration);       /* configuration formats */
uint32_t migration_to(const struct migration *migration);         /* the new one */

struct migration_account {
	size_t carried, changed, dropped, added; /* values of the source; added: of the target, by
						    default rules */
};

/* Convert. `notes` (may be NULL) gets a line for each dropped or added value and each change that
 * can't be undone, with its reason and without the value. DD_EINTEGRITY where a value would be
 * lost, become readable though it is secret, or not be what it was: the text names the first ones
 * by their paths. DD_EINVAL where the source has another format or the rules don't fit the schema.
 * The caller owns *ret_target (config_free). */
int migration_apply(const struct migration *migration, const struct schema *schema,
		    const struct config *source, struct config **ret_target,
		    struct migration_account *ret_account, struct buf *notes, struct err *err);
