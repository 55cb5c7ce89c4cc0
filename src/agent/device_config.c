/* device_config.c - the running configuration, and what the service has of it. */
#include "agent/device_core.h"

#include <assert.h>
#include <string.h>

int
device_config_check(struct device_core *core, const char *text, size_t size, struct err *err)
{
	const int r = iad_parse(&core->iad, core->state.running.format, text, size, err);

	/* `iad` has to say again what runs, which was good before; the factory's has no text where
	 * the format is foreign. */
	if (core->config_size > 0)
		(void)iad_parse(&core->iad, core->state.running.format, core->config,
				core->config_size, NULL);
	return r;
}

void
device_config_use(struct device_core *core, const char *text, size_t size)
{
	assert(size <= sizeof(core->config));
	memmove(core->config, text, size);
	core->config_size = size;
	core->has_config = true;
	const int r = iad_parse(&core->iad, core->state.running.format, core->config,
				core->config_size, NULL);
	assert(r == 0);
}

void
device_config_default(struct device_core *core)
{
	iad_defaults(&core->iad);
	const int64_t size = iad_print(&core->iad, core->state.running.format, core->config,
				       sizeof(core->config));
	/* Software of a format that this device does not know has no configuration to send. */
	core->config_size = size > 0 ? (size_t)size : 0;
	core->has_config = false;
}

/* The last digit of the first value that is a gain; of the first port's gain, as a careless device
 * would. */
void
device_config_spoil(char *text, size_t size)
{
	const char *word = memmem(text, size, "gain", 4);
	char *end = word != NULL ? memchr(word, '\n', size - (size_t)(word - text)) : NULL;

	while (end != NULL && end > word) {
		end--;
		if (*end >= '0' && *end <= '9') {
			*end = *end == '1' ? '2' : '1';
			return;
		}
	}
}

unsigned
device_ports_up(const struct device_core *core)
{
	const unsigned slot = core->state.running_slot;

	return slot > 0 && core->state.slots[slot - 1].has_no_ports ? 0 : iad_ports_up(&core->iad);
}

unsigned
device_registrations(const struct device_core *core)
{
	return device_ports_up(core) == 0 ? 0 : iad_registrations(&core->iad);
}
