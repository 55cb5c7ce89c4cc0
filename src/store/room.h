/* room.h - what the store's files share. */
#pragma once
#include "store/store.h"

#include <sqlite3.h>

struct store {
	sqlite3 *db;
	const struct log *log;
	bool is_lost;
};

/* DD_EIO where the store was lost. */
int store_check(const struct store *store, struct err *err);
