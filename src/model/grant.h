/* grant.h - permission for one transfer: one device, one name, one direction, one deadline, one
 * size limit. */
#pragma once
#include "base/addr.h"
#include "base/sha256.h"
#include "model/operation.h"

enum {
	GRANT_NAME_MAX =
		31, /* characters; flat, [A-Za-z0-9._-]: the shortest limit of the known families */
	GRANT_USER_MAX = 32,
	GRANT_FILES_MAX = 8, /* files of one image */
};

/* One file under a grant id. An image of three files has three grants. Plain data. */
struct grant {
	uint64_t id;        /* given by the manager, never used again */
	struct addr device; /* host from which the device comes; its port does not matter */
	char name[GRANT_NAME_MAX + 1];
	uint8_t direction;                 /* enum direction */
	uint8_t protocols;                 /* bit 1 << enum protocol */
	uint64_t size_max;                 /* upload: bytes at most; download: the content's size */
	struct sha256 content;             /* download: what is served */
	int64_t wall_deadline_ms;          /* wall time after which it is closed */
	char user[GRANT_USER_MAX + 1];     /* FTP */
	char password[GRANT_USER_MAX + 1]; /* FTP; secret */
};

/* May a device at `from` use it so? */
bool grant_allows(const struct grant *grant, const struct addr *from, const char *name,
		  enum direction direction, enum protocol protocol, int64_t wall_now_ms);
