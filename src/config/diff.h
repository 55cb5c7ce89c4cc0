/* diff.h - what differs between two configurations of one format, by meaning. Pure. */
#pragma once
#include "config/config.h"

enum change { CHANGE_ADDED, CHANGE_REMOVED, CHANGE_CHANGED };

struct config_change {
	enum change change;
	const struct config_item *from, *to; /* NULL where added / removed */
};

/* Call found() (may be NULL) for every difference in order of path (volatile values do not count).
 * Returns how many; counts[CATEGORY_COUNT] (may be NULL) gets them by category. */
size_t config_diff(const struct config *from, const struct config *to,
		   void (*found)(void *arg, const struct config_change *change), void *arg,
		   size_t *counts);

/* "user.3.password changed", 'sip.register-timer changed from "3600" to "60"': without values where
 * they are secret, long ones cut. For evidence and messages. */
void config_change_print(const struct config_change *change, struct buf *out);
