/* drydock device show, drydock device probe: one device, from the store or freshly asked. */
#include "cli/room.h"

static void
print_tags(const json_t *device)
{
	const char *key;
	json_t *value;

	json_object_foreach(json_object_get(device, "tags"), key, value)
	{
		char line[160];
		(void)text_print(line, sizeof(line), "%s=%s", key, json_string_value(value));
		print_field("tag", line);
	}
}

static void
print_facts(const json_t *facts)
{
	const json_t *slots = json_object_get(facts, "slots");
	char line[160];

	if (facts == NULL)
		return;
	(void)text_print(line, sizeof(line), "%lld", (long long)doc_int(facts, "config_format"));
	print_field("config format", line);
	for (size_t i = 0; i < json_array_size(slots); i++) {
		const json_t *slot = json_array_get(slots, i);
		bool is_running = doc_int(facts, "running_slot") == doc_int(slot, "slot");
		(void)text_print(line, sizeof(line), "%lld: %s%s%s",
				 (long long)doc_int(slot, "slot"),
				 doc_bool(slot, "is_valid") ? doc_text(slot, "version") : "empty",
				 is_running ? ", running" : "", "");
		print_field("slot", line);
	}
	if (json_object_get(facts, "ports_up") == NULL)
		return;
	(void)text_print(line, sizeof(line), "%lld ports up, %lld users registered",
			 (long long)doc_int(facts, "ports_up"),
			 (long long)doc_int(facts, "registrations"));
	print_field("service", line);
}

static void
print_device(const json_t *device)
{
	static const char *const keys[] = { "address", "credential", "profile", "site",
					    "model",   "revision",   "serial",  "version" };

	printf("%s\n", doc_text(device, "name"));
	for (size_t i = 0; i < ARRAY_COUNT(keys); i++)
		print_field(keys[i], doc_text(device, keys[i]));
	print_tags(device);
	print_field("last read", doc_text(device, "seen_at"));
	print_facts(json_object_get(device, "facts"));
}

static int
run_on(struct cli *cli, const char *method, const char *after)
{
	CLEANUP(buf_done) struct buf path = { 0 };
	CLEANUP(json_freep) json_t *device = NULL;
	struct err err = { 0 };

	(void)buf_add_text(&path, "devices/");
	add_escaped(&path, cli->plain[0]);
	(void)buf_add_text(&path, after);
	int r = client_call(cli, method, buf_text(&path), NULL, &device, &err);
	if (r < 0)
		return refused(cli, &err);
	if (cli->is_json)
		print_document(device);
	else
		print_device(device);
	return CODE_DONE;
}

static int
run_show(struct cli *cli)
{
	return run_on(cli, "GET", "");
}

static int
run_probe(struct cli *cli)
{
	return run_on(cli, "POST", "/probe");
}

const struct verb verb_device_show = {
	.name = "device show",
	.arguments = "NAME",
	.summary = "Show a device, with what was last read from it",
	.plain_min = 1,
	.plain_max = 1,
	.run = run_show,
};

const struct verb verb_device_probe = {
	.name = "device probe",
	.arguments = "NAME",
	.summary = "Ask a device now what it is and runs",
	.plain_min = 1,
	.plain_max = 1,
	.run = run_probe,
};
