/* load.c - a profile's YAML file becomes a checked `struct profile`: the frame, and the sections
 * that are lists of words. */
#include "base/text.h"
#include "model/grant.h"
#include "profile/room.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_MAX = 200, NAME_MAX = NAME_MAX_ - 1 };

/* ---- small parts ---- */

int
load_memory(const struct load *load)
{
	return err_set(load->err, AT, DD_ENOMEM, "%s: the profile is too large", load->yaml->file);
}

int
load_text(struct load *load, struct yaml_node *map, const char *key, size_t size_max,
	  bool is_needed, const char **ret_text)
{
	const char *text = "";

	int r = is_needed ? yaml_text(load->yaml, map, key, &text, load->err)
			  : yaml_text_or(load->yaml, map, key, "", &text, load->err);
	if (r < 0)
		return r;
	const struct yaml_node *node = yaml_find(map, key);
	const size_t size = strlen(text);
	if (node != NULL && (size == 0 || size > size_max))
		return yaml_err(load->yaml, node, load->err, AT,
				"'%s' must have 1 to %zu characters", key, size_max);
	for (size_t i = 0; i < size; i++)
		if ((unsigned char)text[i] < ' ' || text[i] == 0x7f)
			return yaml_err(load->yaml, node, load->err, AT,
					"'%s' must be one line without control characters", key);
	*ret_text = arena_text(&load->profile->arena, text, size);
	return *ret_text == NULL ? load_memory(load) : 0;
}

int
load_key_number(struct load *load, const struct yaml_node *node, int64_t min, int64_t max,
		int64_t *ret_number)
{
	uint64_t number = 0;
	const bool is_minus = node->key[0] == '-';

	if (!text_number(node->key + is_minus, INT64_MAX, &number) ||
	    (is_minus ? -(int64_t)number : (int64_t)number) < min ||
	    (is_minus ? -(int64_t)number : (int64_t)number) > max)
		return yaml_err(load->yaml, node, load->err, AT,
				"'%s' must be a whole number from %lld to %lld", node->key,
				(long long)min, (long long)max);
	*ret_number = is_minus ? -(int64_t)number : (int64_t)number;
	return 0;
}

/* ---- OIDs ---- */

static const char *
find_alias(const struct load *load, const char *name, size_t size)
{
	for (unsigned i = 0; i < load->aliases_count; i++)
		if (strlen(load->alias[i].name) == size &&
		    memcmp(load->alias[i].name, name, size) == 0)
			return load->alias[i].oid;
	return NULL;
}

int
load_oid_text(struct load *load, const struct yaml_node *node, const char *text,
	      struct oid *ret_oid)
{
	char whole[OID_TEXT_MAX] = "";
	size_t used = 0;
	struct err why = { 0 };

	while (*text != '\0') {
		const char *end = text[0] == '$' && text[1] == '{' ? strchr(text, '}') : NULL;
		const char *part = text;
		size_t size = strcspn(text + 1, "$") + 1;
		if (end != NULL) {
			part = find_alias(load, text + 2, (size_t)(end - text - 2));
			if (part == NULL)
				return yaml_err(load->yaml, node, load->err, AT,
						"'%.*s' is no name of 'oids'",
						(int)(end - text - 2), text + 2);
			size = strlen(part);
		}
		if (size >= sizeof(whole) - used)
			return yaml_err(load->yaml, node, load->err, AT,
					"the object identifier is too long");
		memcpy(whole + used, part, size);
		used += size;
		text = end != NULL ? end + 1 : text + size;
	}
	whole[used] = '\0';
	if (oid_parse(whole, ret_oid, &why) < 0)
		return yaml_err(load->yaml, node, load->err, AT, "%s", why.text);
	return 0;
}

int
load_oid(struct load *load, const struct yaml_node *node, const struct oid **ret_oid)
{
	struct oid *oid = arena_take(&load->profile->arena, sizeof(*oid));

	if (oid == NULL)
		return load_memory(load);
	if (node->kind != YAML_SCALAR)
		return yaml_err(load->yaml, node, load->err, AT,
				"an object identifier is expected here, such as ${dd}.1.1.0");
	*ret_oid = oid;
	return load_oid_text(load, node, node->text, oid);
}

int
load_oid_entry(struct load *load, struct yaml_node *map, const char *key, bool is_needed,
	       const struct oid **ret_oid)
{
	const struct yaml_node *node = yaml_find(map, key);

	if (node != NULL)
		return load_oid(load, node, ret_oid);
	*ret_oid = NULL;
	return is_needed ? yaml_err(load->yaml, map, load->err, AT, "'%s' is missing", key) : 0;
}

/* An alias may stand on those above it, so there are no circles. */
static int
load_aliases(struct load *load, struct yaml_node *root)
{
	struct yaml_node *map = NULL;

	int r = yaml_map(load->yaml, root, "oids", &map, load->err);
	if (r < 0)
		return r;
	for (const struct yaml_node *node = map->first; node != NULL; node = node->next) {
		const struct oid *oid = NULL;
		char text[OID_TEXT_MAX];
		if (load->aliases_count == PROFILE_ALIASES_MAX)
			return yaml_err(load->yaml, node, load->err, AT,
					"'oids' has more than %d names", PROFILE_ALIASES_MAX);
		if (!text_is_name(node->key, NAME_MAX))
			return yaml_err(load->yaml, node, load->err, AT,
					"'%s' is no name: letters, digits, '.', '_' and '-'",
					node->key);
		r = load_oid(load, node, &oid);
		if (r < 0)
			return r;
		oid_text(oid, text);
		load->alias[load->aliases_count].name = node->key;
		load->alias[load->aliases_count].oid =
			arena_text(&load->profile->arena, text, strlen(text));
		if (load->alias[load->aliases_count++].oid == NULL)
			return load_memory(load);
	}
	return 0;
}

/* ---- sections ---- */

static int
load_match(struct load *load, struct yaml_node *root)
{
	struct profile *profile = load->profile;
	struct yaml_node *map = NULL, *list = NULL;

	int r = yaml_map(load->yaml, root, "match", &map, load->err);
	if (r == 0)
		r = load_text(load, map, "description", TEXT_MAX, false,
			      &profile->system_description);
	if (r == 0 && yaml_find(map, "object_id") != NULL)
		r = yaml_list(load->yaml, map, "object_id", &list, load->err);
	for (const struct yaml_node *node = list != NULL ? list->first : NULL;
	     r == 0 && node != NULL; node = node->next) {
		const struct oid *oid = NULL;
		if (profile->objects_count == PROFILE_OBJECTS_MAX)
			return yaml_err(load->yaml, node, load->err, AT,
					"'object_id' has more than %d entries",
					PROFILE_OBJECTS_MAX);
		r = load_oid(load, node, &oid);
		assert(r < 0 || oid != NULL);
		if (r == 0)
			profile->objects[profile->objects_count++] = *oid;
	}
	if (r == 0 && profile->objects_count == 0 && profile->system_description[0] == '\0')
		return yaml_err(load->yaml, map, load->err, AT,
				"'match' needs object_id, description or both");
	return r < 0 ? r : yaml_only_known(load->yaml, map, load->err);
}

static int
load_protocols(struct load *load, struct yaml_node *root)
{
	struct yaml_node *list = NULL;

	int r = yaml_list(load->yaml, root, "protocols", &list, load->err);
	if (r < 0)
		return r;
	for (const struct yaml_node *node = list->first; node != NULL; node = node->next) {
		enum protocol protocol = PROTOCOL_NONE;
		if (node->kind != YAML_SCALAR || !protocol_parse(node->text, &protocol) ||
		    protocol == PROTOCOL_NONE)
			return yaml_err(load->yaml, node, load->err, AT,
					"a protocol is expected here: tftp, ftp or http");
		load->profile->protocols |= (uint8_t)(1u << protocol);
	}
	if (load->profile->protocols == 0)
		return yaml_err(load->yaml, list, load->err, AT,
				"'protocols' must name one at least");
	return 0;
}

static int
load_limits(struct load *load, struct yaml_node *root)
{
	struct yaml_node *map = NULL;
	int64_t slots = 0, name = 0, files = 0;

	int r = yaml_int(load->yaml, root, "slots", 1, FACT_SLOTS_MAX, &slots, load->err);
	if (r == 0)
		r = yaml_map(load->yaml, root, "limits", &map, load->err);
	/* One-time names have GRANT_NAME_MAX characters: a family that takes fewer can't be
	 * served. */
	if (r == 0)
		r = yaml_int(load->yaml, map, "name", GRANT_NAME_MAX, PROFILE_OCTETS_MAX, &name,
			     load->err);
	if (r == 0)
		r = yaml_int(load->yaml, map, "files", 1, GRANT_FILES_MAX, &files, load->err);
	if (r < 0)
		return r;
	load->profile->slots = (unsigned)slots;
	load->profile->name_max = (unsigned)name;
	load->profile->files_max = (unsigned)files;
	return yaml_only_known(load->yaml, map, load->err);
}

static int
load_factory(struct load *load, struct yaml_node *management)
{
	struct profile *profile = load->profile;
	struct yaml_node *map = NULL;
	struct err why = { 0 };
	const char *address = NULL;

	int r = yaml_map(load->yaml, management, "factory", &map, load->err);
	if (r == 0)
		r = load_text(load, map, "address", ADDR_TEXT_MAX - 1, true, &address);
	if (r == 0)
		r = load_text(load, map, "community", COMMUNITY_MAX - 1, true,
			      &profile->factory_community);
	if (r < 0)
		return r;
	if (addr_parse(address, SNMP_PORT, &profile->factory, &why) < 0 ||
	    profile->factory.family == ADDR_UNIX || addr_is_any(&profile->factory) ||
	    profile->factory.port == 0)
		return yaml_err(load->yaml, yaml_find(map, "address"), load->err, AT,
				"'address' must be one address in numbers, such as 192.0.2.1:161");
	profile->has_factory = true;
	return yaml_only_known(load->yaml, map, load->err);
}

static int
load_management(struct load *load, struct yaml_node *root)
{
	struct profile *profile = load->profile;
	struct yaml_node *map = NULL;

	profile->factory_community = "";
	int r = yaml_map(load->yaml, root, "management", &map, load->err);
	if (r < 0)
		return r;
	if (yaml_find(map, "survives") == NULL)
		return yaml_err(load->yaml, map, load->err, AT,
				"'survives' is missing: true or false");
	r = yaml_bool_or(load->yaml, map, "survives", false, &profile->management_survives,
			 load->err);
	if (r < 0)
		return r;
	const struct yaml_node *factory = yaml_find(map, "factory");
	if (factory != NULL && profile->management_survives)
		return yaml_err(load->yaml, factory, load->err, AT,
				"'factory' is for devices with 'survives: false'");
	if (factory != NULL)
		r = load_factory(load, map);
	return r < 0 ? r : yaml_only_known(load->yaml, map, load->err);
}

static int
load_image(struct load *load, struct yaml_node *root)
{
	struct image_rule *image = &load->profile->image;
	struct yaml_node *map = NULL;

	*image = (struct image_rule){ "", "", "", "", "" };
	if (yaml_find(root, "image") == NULL)
		return 0;
	int r = yaml_map(load->yaml, root, "image", &map, load->err);
	if (r == 0)
		r = load_text(load, map, "magic", NAME_MAX, true, &image->magic);
	if (r == 0)
		r = load_text(load, map, "version", NAME_MAX, false, &image->version);
	if (r == 0)
		r = load_text(load, map, "model", NAME_MAX, false, &image->model);
	if (r == 0)
		r = load_text(load, map, "revisions", NAME_MAX, false, &image->revisions);
	if (r == 0)
		r = load_text(load, map, "format", NAME_MAX, false, &image->format);
	return r < 0 ? r : yaml_only_known(load->yaml, map, load->err);
}

/* ---- the whole ---- */

static int
load_root(struct load *load, struct yaml_node *root)
{
	struct profile *profile = load->profile;

	int r = load_text(load, root, "profile", NAME_MAX, true, &profile->name);
	if (r < 0)
		return r;
	if (!text_is_name(profile->name, NAME_MAX))
		return yaml_err(load->yaml, yaml_find(root, "profile"), load->err, AT,
				"'profile' must be a name: letters, digits, '.', '_' and '-'");
	r = load_text(load, root, "description", TEXT_MAX, true, &profile->description);
	if (r == 0)
		r = load_aliases(load, root);
	if (r == 0)
		r = load_match(load, root);
	if (r == 0)
		r = load_protocols(load, root);
	if (r == 0)
		r = load_limits(load, root);
	if (r == 0)
		r = load_management(load, root);
	if (r == 0)
		r = load_image(load, root);
	if (r == 0)
		r = load_facts(load, root);
	if (r == 0)
		r = load_configuration(load, root);
	if (r == 0)
		r = load_status(load, root);
	if (r == 0)
		r = load_operations(load, root);
	return r < 0 ? r : yaml_only_known(load->yaml, root, load->err);
}

static void
profile_freep(struct profile **profile)
{
	profile_free(*profile);
}

int
profile_load(const char *file, const char *text, size_t size, struct profile **ret_profile,
	     struct err *err)
{
	CLEANUP(yaml_freep) struct yaml *yaml = NULL;
	CLEANUP(profile_freep) struct profile *profile = NULL;

	int r = yaml_read(file, text, size, &yaml, err);
	if (r < 0)
		return r;
	profile = calloc(1, sizeof(*profile));
	if (profile == NULL)
		return err_set(err, AT, DD_ENOMEM, "%s: no memory for the profile", file);
	arena_init(&profile->arena, PROFILE_MEMORY_MAX);
	profile->scratch = arena_take(&profile->arena, PROFILE_SCRATCH_SIZE);

	struct load load = { .yaml = yaml, .profile = profile, .err = err };
	if (profile->scratch == NULL)
		return load_memory(&load);
	r = load_root(&load, yaml->root);
	if (r < 0)
		return r;
	*ret_profile = TAKE(profile);
	return 0;
}

void
profile_free(struct profile *profile)
{
	if (profile == NULL)
		return;
	arena_done(&profile->arena);
	free(profile);
}
