/* device.h - one piece of equipment, as the operator named it, and an image for a family. Plain
 * data. */
#pragma once
#include "base/addr.h"
#include "base/sha256.h"
#include "model/facts.h"
#include "model/grant.h"

enum { NAME_MAX_ = 64, DEVICE_TAGS_MAX = 16, COMMUNITY_MAX = 64 };

struct credential {
	char name[NAME_MAX_];
	char community[COMMUNITY_MAX]; /* secret */
};

struct device {
	int64_t id; /* of the store; 0 = new */
	char name[NAME_MAX_];
	struct addr address;
	char credential[NAME_MAX_]; /* its name */
	char profile[NAME_MAX_];
	char site[NAME_MAX_];
	unsigned tags_count;
	struct {
		char key[NAME_MAX_], value[NAME_MAX_];
	} tags[DEVICE_TAGS_MAX];
	/* last read, "" = never */
	char model[FACT_TEXT_MAX], revision[FACT_TEXT_MAX], serial[FACT_TEXT_MAX],
		version[FACT_TEXT_MAX];
	int64_t seen_wall_ms;
	bool is_disabled;
};

enum { IMAGE_LIST_MAX = 16 };

struct image_file {
	char name[NAME_MAX_]; /* as the operator named it; devices are told a one-time name */
	uint64_t size;
	struct sha256 content;
};

struct image {
	int64_t id;
	char version[FACT_TEXT_MAX], profile[NAME_MAX_];
	uint32_t config_format; /* that this software reads; 0 = as before */
	uint64_t size;          /* all files */
	struct sha256 content;  /* of all files in order */
	unsigned files_count, models_count, revisions_count, froms_count;
	struct image_file files[GRANT_FILES_MAX];
	char models[IMAGE_LIST_MAX][FACT_TEXT_MAX];    /* none = any */
	char revisions[IMAGE_LIST_MAX][FACT_TEXT_MAX]; /* none = any */
	char froms[IMAGE_LIST_MAX][FACT_TEXT_MAX];     /* versions it may replace; none = any */
	int64_t added_wall_ms;
};
