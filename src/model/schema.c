/* Categories and formats by their words and numbers. */
#include "model/schema.h"

static const char *const names[CATEGORY_COUNT] = { "user_data", "port_data", "protocol_parameters",
						   "default_parameters" };
static const char *const titles[CATEGORY_COUNT] = { "user data", "port data", "protocol parameters",
						    "default parameters" };

const char *
category_name(enum category category)
{
	return (unsigned)category < CATEGORY_COUNT ? names[category] : "?";
}

const char *
category_title(enum category category)
{
	return (unsigned)category < CATEGORY_COUNT ? titles[category] : "?";
}

const struct schema_format *
schema_format(const struct schema *schema, uint32_t number)
{
	for (unsigned i = 0; i < schema->formats_count; i++)
		if (schema->formats[i].number == number)
			return &schema->formats[i];
	return NULL;
}
