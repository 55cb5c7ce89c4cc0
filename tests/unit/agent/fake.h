/* fake.h - a device core on flash, network and clock that are plain memory, for tests that look at
 * every callback. */
#pragma once
#include "agent/device.h"
#include "agent/samples.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

enum { FAKE_BYTES_MAX = 16384, FAKE_SENT_MAX = 16 };

struct fake_content {
	bool is_there;
	size_t size;
	uint8_t bytes[FAKE_BYTES_MAX];
};

struct fake {
	struct device_core core;
	struct device_settings settings;
	struct faults faults;
	struct device_io io;
	msec_t now, timer_at;

	char state[DEVICE_STATE_BYTES_MAX];
	size_t state_size;
	struct fake_content images[DEVICE_SLOTS_MAX], configs[DEVICE_SLOTS_MAX], aside;
	unsigned aside_slot, copy_from;
	uint64_t free_bytes;
	int store_error; /* what state_store() answers from now on */
	int config_error, write_error;

	struct addr listens;
	unsigned state_stores, stores_at_send; /* stores done when the last datagram left */
	struct {                               /* datagrams, newest last */
		struct addr to;
		size_t size;
		uint8_t bytes[1500];
	} sent[FAKE_SENT_MAX];
	unsigned sent_count;
	struct device_transfer transfer;
	unsigned transfers, stops;
	bool is_moving, is_restarting;
	uint32_t restart_ms;
	int32_t request_id;
	struct snmp_message message; /* the last answer */
};

/* ---- callbacks ---- */

static inline int
fake_listen(void *arg, const struct addr *at)
{
	((struct fake *)arg)->listens = *at;
	return 0;
}

static inline void
fake_send(void *arg, const struct addr *to, const void *data, size_t size)
{
	struct fake *fake = arg;
	const unsigned place = fake->sent_count++ % FAKE_SENT_MAX;

	fake->sent[place].to = *to;
	fake->sent[place].size = size;
	memcpy(fake->sent[place].bytes, data, size);
	fake->stores_at_send = fake->state_stores;
}

static inline void
fake_timer(void *arg, msec_t at)
{
	((struct fake *)arg)->timer_at = at;
}

static inline int
fake_transfer_start(void *arg, const struct device_transfer *transfer)
{
	struct fake *fake = arg;

	fake->transfer = *transfer;
	fake->transfers++;
	fake->is_moving = true;
	return 0;
}

static inline void
fake_transfer_stop(void *arg)
{
	struct fake *fake = arg;

	fake->stops++;
	fake->is_moving = false;
}

static inline int
fake_state_store(void *arg, const void *data, size_t size)
{
	struct fake *fake = arg;

	if (fake->store_error < 0)
		return fake->store_error;
	memcpy(fake->state, data, size);
	fake->state_size = size;
	fake->state_stores++;
	return 0;
}

static inline int
fake_config_store(void *arg, unsigned slot, const void *data, size_t size)
{
	struct fake *fake = arg;
	struct fake_content *config = &fake->configs[slot - 1];

	if (fake->config_error < 0)
		return fake->config_error;
	config->is_there = true;
	config->size = size;
	memcpy(config->bytes, data, size);
	return 0;
}

static inline int
fake_config_load(void *arg, unsigned slot, void *ret_data, size_t size_max, size_t *ret_size)
{
	const struct fake_content *config = &((struct fake *)arg)->configs[slot - 1];

	if (!config->is_there || config->size > size_max)
		return DD_ENOTFOUND;
	memcpy(ret_data, config->bytes, config->size);
	*ret_size = config->size;
	return 0;
}

static inline int
fake_slot_begin(void *arg, unsigned slot)
{
	struct fake *fake = arg;

	fake->aside = (struct fake_content){ .is_there = true };
	fake->aside_slot = slot;
	return 0;
}

static inline int
fake_slot_write(void *arg, const void *data, size_t size)
{
	struct fake *fake = arg;

	if (fake->write_error < 0 || size > FAKE_BYTES_MAX - fake->aside.size)
		return fake->write_error < 0 ? fake->write_error : DD_ENOSPC;
	memcpy(fake->aside.bytes + fake->aside.size, data, size);
	fake->aside.size += size;
	return 0;
}

static inline int
fake_slot_finish(void *arg)
{
	struct fake *fake = arg;

	fake->images[fake->aside_slot - 1] = fake->aside;
	fake->aside.is_there = false;
	return 0;
}

static inline void
fake_slot_abort(void *arg)
{
	((struct fake *)arg)->aside.is_there = false;
}

static inline int
fake_slot_copy(void *arg, unsigned from, unsigned to)
{
	struct fake *fake = arg;

	fake->copy_from = from;
	(void)fake_slot_begin(fake, to);
	return fake_slot_write(fake, fake->images[from - 1].bytes, fake->images[from - 1].size);
}

static inline uint64_t
fake_free_bytes(void *arg)
{
	return ((struct fake *)arg)->free_bytes;
}

static inline void
fake_restart(void *arg, uint32_t after_ms)
{
	struct fake *fake = arg;

	fake->is_restarting = true;
	fake->restart_ms = after_ms;
}

/* ---- making ---- */

/* An image of this version; returns its size. */
static inline size_t
fake_image(uint8_t *out, const char *version, const char *model, const char *revisions,
	   uint32_t format, size_t payload_size)
{
	struct image_header header = { .format = format, .size = payload_size };
	char text[IMAGE_HEADER_MAX];

	(void)text_copy(header.version, sizeof(header.version), version);
	(void)text_copy(header.model, sizeof(header.model), model);
	(void)text_copy(header.revisions, sizeof(header.revisions), revisions);
	uint8_t *payload = malloc(payload_size + 1);
	image_payload(version, 0, payload, payload_size);
	sha256_of(payload, payload_size, &header.hash);
	const size_t size = image_header_print(&header, text);
	memcpy(out, text, size);
	memcpy(out + size, payload, payload_size);
	free(payload);
	return size + payload_size;
}

static inline void
fake_step(struct fake *fake, struct device_event *event)
{
	event->now = fake->now;
	device_step(&fake->core, event, &fake->io);
}

static inline struct device_slot_fact
fake_fact(const struct fake_content *image)
{
	struct device_slot_fact fact = { image->is_there, image->size, { { 0 } } };

	sha256_of(image->bytes, image->size, &fact.hash);
	return fact;
}

/* Power on: all but flash and faults is forgotten. */
static inline void
fake_boot(struct fake *fake)
{
	static struct device_state state;
	struct device_event event = {
		.kind = DEVICE_BOOTED,
		.boot = { &state, { fake_fact(&fake->images[0]), fake_fact(&fake->images[1]) } }
	};
	struct err err = { 0 };

	if (device_state_parse(fake->state, fake->state_size, &state, &err) < 0)
		abort();
	fake->is_restarting = fake->is_moving = false;
	fake->aside.is_there = false;
	fake->now += 1000;
	device_init(&fake->core, &fake->settings, &fake->faults);
	fake_step(fake, &event);
}

static inline struct fake *
fake_new(unsigned slots)
{
	struct fake *fake = calloc(1, sizeof(*fake));
	struct software software = { .format = 1 };
	struct device_state state;

	fake->settings = (struct device_settings){ .serial = "S1",
						   .revision = "A",
						   .model = "IAD-24",
						   .read_community = "public",
						   .write_community = "secret",
						   .capacity = FAKE_BYTES_MAX,
						   .restart_ms = 300 };
	(void)addr_parse("127.0.0.11:1161", 0, &fake->settings.listen, NULL);
	(void)addr_parse("127.0.0.1:1162", 0, &fake->settings.trap_to, NULL);
	fake->io = (struct device_io){ fake,
				       fake_listen,
				       fake_send,
				       fake_timer,
				       fake_transfer_start,
				       fake_transfer_stop,
				       fake_state_store,
				       fake_config_store,
				       fake_config_load,
				       fake_slot_begin,
				       fake_slot_write,
				       fake_slot_finish,
				       fake_slot_abort,
				       fake_slot_copy,
				       fake_free_bytes,
				       fake_restart,
				       NULL };
	fake->now = 1000;
	fake->free_bytes = 1 << 20;
	fake->images[0].size = fake_image(fake->images[0].bytes, "1.0.0", "IAD-24", "", 1, 500);
	fake->images[0].is_there = true;
	software.size = fake->images[0].size;
	sha256_of(fake->images[0].bytes, fake->images[0].size, &software.hash);
	(void)text_copy(software.version, sizeof(software.version), "1.0.0");
	(void)text_copy(software.model, sizeof(software.model), "IAD-24");
	device_state_new(&state, slots, &software, true);
	fake->state_size = device_state_print(&state, fake->state);
	(void)fake_config_store(fake, 1, SAMPLE_1, strlen(SAMPLE_1));
	return fake;
}

static inline struct fake *
fake_on(unsigned slots, const char *fault)
{
	struct fake *fake = fake_new(slots);

	if (fault != NULL && fault_add(&fake->faults, fault, NULL) < 0)
		abort();
	fake_boot(fake);
	return fake;
}

/* ---- SNMP ---- */

static inline void
fake_oid(const char *tail, struct oid *ret)
{
	char text[200];

	(void)text_print(text, sizeof(text), "1.3.6.1.4.1.8072.9999.9999.1.%s", tail);
	if (oid_parse(text, ret, NULL) < 0)
		abort();
}

/* Send a PDU and read the answer into fake->message: its error status, or -1 for silence. */
static inline int
fake_ask(struct fake *fake, struct snmp_pdu *pdu, const char *community)
{
	static struct snmp_message request;
	static uint8_t bytes[4096];
	struct addr from;
	const unsigned before = fake->sent_count;

	(void)addr_parse("127.0.0.1:5000", 0, &from, NULL);
	request.version = SNMP_V2C;
	request.community = (struct slice){ (const uint8_t *)community, strlen(community) };
	request.pdu = *pdu;
	request.pdu.request_id = ++fake->request_id;
	const int64_t size = snmp_encode(&request, bytes, sizeof(bytes));
	struct device_event event = { .kind = DEVICE_PACKET,
				      .packet = { &from, { bytes, (size_t)size } } };
	fake_step(fake, &event);
	for (unsigned i = before; i < fake->sent_count; i++)
		if (addr_equal(&fake->sent[i % FAKE_SENT_MAX].to, &from) &&
		    snmp_decode(fake->sent[i % FAKE_SENT_MAX].bytes,
				fake->sent[i % FAKE_SENT_MAX].size, &fake->message, NULL) == 0)
			return fake->message.pdu.error_status;
	return -1;
}

/* Read one object: its value, owned by fake->message. */
static inline const struct snmp_value *
fake_get(struct fake *fake, const char *tail)
{
	static struct snmp_pdu pdu;
	struct oid name;

	pdu.type = SNMP_GET;
	pdu.count = 0;
	fake_oid(tail, &name);
	snmp_pdu_add(&pdu, &name, SNMP_NULL);
	return fake_ask(fake, &pdu, "public") == 0 ? &fake->message.pdu.varbind[0].value : NULL;
}

static inline int64_t
fake_number(struct fake *fake, const char *tail)
{
	const struct snmp_value *value = fake_get(fake, tail);
	uint64_t number = 0;

	return value != NULL && snmp_value_number(value, &number) ? (int64_t)number : -1;
}

/* What a command carries; zero or NULL = the SET does not carry it. */
struct fake_command {
	uint32_t ticket;
	enum operation operation;
	const char *files;
	enum protocol protocol;
	const struct sha256 *hash;
	uint32_t size, slot;
	const char *user, *password;
};

static inline void
fake_add_number(struct snmp_pdu *pdu, const char *tail, uint8_t type, uint64_t number)
{
	struct oid name;

	fake_oid(tail, &name);
	struct snmp_varbind *varbind = snmp_pdu_add(pdu, &name, type);
	if (type == SNMP_INTEGER)
		varbind->value.integer = (int32_t)number;
	else
		varbind->value.number = number;
}

static inline void
fake_add_bytes(struct snmp_pdu *pdu, const char *tail, const void *data, size_t size)
{
	struct oid name;

	fake_oid(tail, &name);
	snmp_pdu_add(pdu, &name, SNMP_OCTETS)->value.octets = (struct slice){ data, size };
}

static inline void
fake_fill(struct snmp_pdu *pdu, const struct fake_command *command)
{
	static const uint8_t server[4] = { 127, 0, 0, 1 };

	pdu->type = SNMP_SET;
	pdu->count = 0;
	if (command->ticket != 0)
		fake_add_number(pdu, "1.3.1.0", SNMP_GAUGE32, command->ticket);
	fake_add_number(pdu, "1.3.2.0", SNMP_INTEGER, command->operation);
	if (command->files != NULL) {
		fake_add_number(pdu, "1.3.3.0", SNMP_INTEGER, 1);
		fake_add_bytes(pdu, "1.3.4.0", server, sizeof(server));
		fake_add_number(pdu, "1.3.5.0", SNMP_GAUGE32,
				command->protocol == PROTOCOL_FTP ? 1021 : 1069);
		fake_add_number(pdu, "1.3.6.0", SNMP_INTEGER, command->protocol);
		fake_add_bytes(pdu, "1.3.7.0", command->files, strlen(command->files));
	}
	if (command->user != NULL)
		fake_add_bytes(pdu, "1.3.8.0", command->user, strlen(command->user));
	if (command->password != NULL)
		fake_add_bytes(pdu, "1.3.9.0", command->password, strlen(command->password));
	if (command->hash != NULL)
		fake_add_bytes(pdu, "1.3.10.0", command->hash->bytes, SHA256_SIZE);
	if (command->size != 0)
		fake_add_number(pdu, "1.3.11.0", SNMP_GAUGE32, command->size);
	if (command->slot != 0)
		fake_add_number(pdu, "1.3.12.0", SNMP_GAUGE32, command->slot);
}

static inline int
fake_set(struct fake *fake, const struct fake_command *command)
{
	static struct snmp_pdu pdu;

	fake_fill(&pdu, command);
	return fake_ask(fake, &pdu, "secret");
}

/* ---- transfers ---- */

static inline void
fake_data(struct fake *fake, const void *data, size_t size, size_t piece)
{
	for (size_t done = 0; done < size && fake->is_moving; done += piece) {
		struct device_event event = { .kind = DEVICE_DATA,
					      .data = { (const uint8_t *)data + done,
							size - done < piece ? size - done
									    : piece } };
		fake_step(fake, &event);
	}
}

static inline void
fake_complete(struct fake *fake)
{
	struct device_event event = { .kind = DEVICE_COMPLETE };

	fake->is_moving = false;
	fake_step(fake, &event);
}

/* Let the copy of a slot end, as it should. */
static inline void
fake_copied(struct fake *fake)
{
	struct device_event event = { .kind = DEVICE_COPIED,
				      .copied = { .size = fake->aside.size } };

	sha256_of(fake->aside.bytes, fake->aside.size, &event.copied.hash);
	fake_step(fake, &event);
}

static inline void
fake_advance(struct fake *fake, msec_t ms)
{
	struct device_event event = { .kind = DEVICE_TIMER };

	fake->now += ms;
	if (fake->timer_at <= fake->now)
		fake_step(fake, &event);
}

/* Fetch an image into the other slot under this ticket, its hash as it should be. */
static inline void
fake_fetch(struct fake *fake, uint32_t ticket, const uint8_t *image, size_t size)
{
	struct sha256 hash;

	sha256_of(image, size, &hash);
	if (fake_set(fake, &(struct fake_command){ .ticket = ticket,
						   .operation = OPERATION_FETCH,
						   .files = "a",
						   .protocol = PROTOCOL_TFTP,
						   .hash = &hash,
						   .size = (uint32_t)size }) != 0)
		return;
	fake_data(fake, image, size, 512);
	if (fake->is_moving)
		fake_complete(fake);
}

static inline void
fake_restore(struct fake *fake, uint32_t ticket, const char *text)
{
	struct sha256 hash;

	sha256_of(text, strlen(text), &hash);
	if (fake_set(fake, &(struct fake_command){ .ticket = ticket,
						   .operation = OPERATION_RESTORE,
						   .files = "c",
						   .protocol = PROTOCOL_TFTP,
						   .hash = &hash,
						   .size = (uint32_t)strlen(text) }) != 0)
		return;
	fake_data(fake, text, strlen(text), 512);
	if (fake->is_moving)
		fake_complete(fake);
}

/* The newest notification's number below dd.0 (1 succeeded, 2 failed), 0 where it is another. */
static inline unsigned
fake_notice(struct fake *fake)
{
	static struct snmp_message message;

	for (unsigned i = fake->sent_count; i-- > 0 && fake->sent_count - i <= FAKE_SENT_MAX;) {
		const unsigned place = i % FAKE_SENT_MAX;
		if (!addr_equal(&fake->sent[place].to, &fake->settings.trap_to) ||
		    snmp_decode(fake->sent[place].bytes, fake->sent[place].size, &message, NULL) <
			    0)
			continue;
		const struct oid *name = &message.pdu.varbind[1].value.oid;
		return name->count == 12 ? name->number[11] : 0;
	}
	return 0;
}
