/* sim_node.c - the content of one simulated file: what is seen, what is durable, and what a crash
 * makes of it. */
#include "env/env_sim.h"
#include "env/sim_disk.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* One write, or one change of the size, that was not synced. */
struct sim_write {
	struct sim_write *next;
	bool is_truncate;
	uint64_t offset; /* the new size of a truncate */
	size_t size;
	uint8_t data[];
};

static void
bytes_resize(struct sim_bytes *bytes, size_t size)
{
	if (size > bytes->capacity) {
		const size_t capacity = size + size / 2;
		uint8_t *data = realloc(bytes->data, capacity);
		if (!data)
			abort(); /* a world without memory can't go on; nothing real is lost */
		bytes->data = data;
		bytes->capacity = capacity;
	}
	if (size > bytes->size)
		memset(bytes->data + bytes->size, 0, size - bytes->size);
	bytes->size = size;
}

static void
bytes_put(struct sim_bytes *bytes, uint64_t offset, const void *data, size_t size)
{
	if (size == 0)
		return;
	if (offset + size > bytes->size)
		bytes_resize(bytes, (size_t)offset + size);
	memcpy(bytes->data + offset, data, size);
}

static void
bytes_copy(struct sim_bytes *target, const struct sim_bytes *source)
{
	bytes_resize(target, 0);
	bytes_put(target, 0, source->data, source->size);
}

static struct sim_write *
write_add(struct sim_node *node, uint64_t offset, const void *data, size_t size)
{
	struct sim_write *w = malloc(sizeof(*w) + size);

	if (!w)
		abort();
	*w = (struct sim_write){ .offset = offset, .size = size };
	if (size > 0)
		memcpy(w->data, data, size);
	*node->writes_end = w;
	node->writes_end = &w->next;
	return w;
}

static void
writes_clear(struct sim_node *node)
{
	while (node->writes) {
		struct sim_write *w = node->writes;
		node->writes = w->next;
		free(w);
	}
	node->writes_end = &node->writes;
}

void
sim_node_unref(struct sim_node *node)
{
	if (!node || --node->references > 0)
		return;
	writes_clear(node);
	free(node->seen.data);
	free(node->durable.data);
	free(node);
}

size_t
sim_node_read(const struct sim_node *node, uint64_t offset, void *ret_data, size_t size)
{
	if (offset >= node->seen.size || size == 0)
		return 0;
	if (size > node->seen.size - offset)
		size = node->seen.size - (size_t)offset;
	memcpy(ret_data, node->seen.data + offset, size);
	return size;
}

void
sim_node_write(struct sim_node *node, uint64_t offset, const void *data, size_t size)
{
	assert(offset <= SIM_FILE_SIZE_MAX && size <= SIM_FILE_SIZE_MAX - offset);
	bytes_put(&node->seen, offset, data, size);
	(void)write_add(node, offset, data, size);
}

void
sim_node_truncate(struct sim_node *node, uint64_t size)
{
	assert(size <= SIM_FILE_SIZE_MAX);
	bytes_resize(&node->seen, (size_t)size);
	write_add(node, size, NULL, 0)->is_truncate = true;
}

void
sim_node_sync(struct sim_node *node)
{
	for (const struct sim_write *w = node->writes; w; w = w->next) {
		if (w->is_truncate)
			bytes_resize(&node->durable, (size_t)w->offset);
		else
			bytes_put(&node->durable, w->offset, w->data, w->size);
	}
	writes_clear(node);
}

/* Let each sector of a write survive by chance. */
static void
write_tear(struct sim_bytes *bytes, const struct sim_write *w, struct sim *sim, unsigned permille)
{
	for (size_t done = 0, part; done < w->size; done += part) {
		part = SIM_SECTOR_SIZE - (size_t)((w->offset + done) % SIM_SECTOR_SIZE);
		if (part > w->size - done)
			part = w->size - done;
		if (sim_chance(sim, permille))
			bytes_put(bytes, w->offset + done, w->data + done, part);
	}
}

void
sim_node_crash(struct sim_node *node, struct sim *sim)
{
	/* Nothing, all, or a mixture: each is a world of its own, and the mixture alone would hide
	 * the others. */
	const unsigned permille = (unsigned)(sim_random(sim) % 3) * 500;

	for (const struct sim_write *w = node->writes; w; w = w->next) {
		if (!w->is_truncate)
			write_tear(&node->durable, w, sim, permille);
		else if (sim_chance(sim, permille))
			bytes_resize(&node->durable, (size_t)w->offset);
	}
	writes_clear(node);
	bytes_copy(&node->seen, &node->durable);
	node->is_locked = false;
}
