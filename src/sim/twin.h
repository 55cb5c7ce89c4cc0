/* twin.h - one simulated access device of the world: the real agent's box on a simulated host.
 *
 * Kept apart from the manager's rooms, whose words for status and reasons are others than the
 * device's. */
#pragma once
#include "base/buf.h"
#include "base/sha256.h"
#include "env/env.h"

enum { TWIN_FAULTS_MAX = 4, TWIN_TEXT_MAX = 64 };

struct twin;

struct twin_settings {
	struct addr listen, trap_to;
	const char *community; /* for reading and writing */
	const char *config;    /* text in format 1 */
	const char *serial;
	const char *version; /* of the software that the factory put in, format 1 */
	uint64_t image_size;
	bool is_inform;
	unsigned faults_count;
	const char *faults[TWIN_FAULTS_MAX]; /* as drydock-agent's --fault */
	const struct log *log;
};

/* Make the device's folder on its host and switch it on. Borrows `env` and what settings point to.
 */
int twin_new(struct env *env, const struct twin_settings *settings, struct twin **ret_twin,
	     struct err *err);
/* Power cut: before the host is restarted. */
void twin_off(struct twin *twin);
/* Power back: boots from its flash. Faults that were used up stay used up. */
int twin_on(struct twin *twin, struct err *err);
void twin_free(struct twin *twin); /* accepts NULL */

/* What the device knows of itself. */
struct twin_view {
	bool is_on, is_dead; /* dead: no slot boots */
	uint32_t flash_count;
	bool is_fetching;
	char version[TWIN_TEXT_MAX]; /* running */
	struct sha256 meaning; /* of its configuration, in words that do not depend on the format;
				  zero = none or unreadable */
};
/* Images written ever; 0 while it is off. Cheap: asked after every event. */
uint32_t twin_flash_count(const struct twin *twin);
void twin_look(struct twin *twin, struct twin_view *ret_view);
/* The meaning of a configuration's text, in any format. */
int twin_meaning(const char *text, size_t size, struct sha256 *ret_meaning, struct err *err);

/* A software image of this version, as a file's bytes. */
int twin_image(const char *version, uint32_t format, uint64_t size, struct buf *ret_image,
	       struct err *err);
