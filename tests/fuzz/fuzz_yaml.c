/* fuzz_yaml.c - any text to yaml_read(): a tree with places inside the text, or an error that names
 * one. */
#include "base/yaml.h"
#include "fuzz.h"

static void
walk(const struct yaml_node *node, unsigned depth)
{
	MUST(depth <= YAML_DEPTH_MAX + 1);
	MUST(node->line >= 1 && node->column >= 1);
	MUST((node->kind == YAML_SCALAR) == (node->text != NULL));
	unsigned count = 0;
	for (const struct yaml_node *child = node->first; child; child = child->next, count++) {
		MUST((node->kind == YAML_MAP) == (child->key != NULL));
		walk(child, depth + 1);
	}
	MUST(count == node->count);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct err err = { 0 };
	struct yaml *yaml = NULL;

	if (yaml_read("input", (const char *)data, size, &yaml, &err) == 0) {
		if (yaml->root)
			walk(yaml->root, 1);
		yaml_free(yaml);
	} else {
		MUST(strncmp(err.text, "input:", 6) == 0);
	}
	return 0;
}
