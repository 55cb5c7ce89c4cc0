/* Devices added and probed by the operator: one reading, outside of any job. */
#include "base/text.h"
#include "engine/room.h"

#include <stdlib.h>

enum { PROBE_TRIES = 2, PROBE_TIMEOUT_MS = 1500 };

/* One probe on its way: it tries the profiles in order until one fits. */
struct probing {
	struct engine *engine;
	struct probing *next;
	struct device device;
	struct snmp_target target;
	unsigned profile; /* being tried */
	bool is_adding, tries_all;
	void (*added)(void *arg, const struct device *device, const struct err *err);
	void (*probed)(void *arg, const struct device *device, const struct facts *facts,
		       const struct err *err);
	void *arg;
	struct env_timer now; /* ends it from the loop, where no answer does */
	struct err why;       /* it fails for this; code 0: it is written as it is */
};

static void
probing_free(struct probing *probing)
{
	struct probing **link = &probing->engine->probings;

	while (*link != probing)
		link = &(*link)->next;
	*link = probing->next;
	env_timer_clear(probing->engine->env, &probing->now);
	free(probing);
}

void
probing_free_all(struct engine *engine)
{
	while (engine->probings != NULL)
		probing_free(engine->probings);
}

static void
finish(struct probing *probing, const struct facts *facts, const struct err *err)
{
	const struct device *device = err == NULL ? &probing->device : NULL;

	if (probing->is_adding)
		probing->added(probing->arg, device, err);
	else
		probing->probed(probing->arg, device, facts, err);
	probing_free(probing);
}

static int
device_write(struct probing *probing, struct err *err)
{
	struct store *store = probing->engine->store;

	int r = store_begin(store, err);
	if (r < 0)
		return r;
	r = probing->is_adding ? store_device_add(store, &probing->device, err)
			       : store_device_update(store, &probing->device, err);
	if (r == 0)
		return engine_commit(probing->engine, err);
	store_rollback(store);
	return r;
}

static void
finish_written(struct probing *probing, const struct facts *facts)
{
	struct err err = { 0 };

	finish(probing, facts, device_write(probing, &err) < 0 ? &err : NULL);
}

static void
take_facts(struct device *device, const struct facts *facts, int64_t wall_ms)
{
	(void)text_copy(device->model, sizeof(device->model), facts->model);
	(void)text_copy(device->revision, sizeof(device->revision), facts->revision);
	(void)text_copy(device->version, sizeof(device->version), facts->version);
	if (device->serial[0] == '\0')
		(void)text_copy(device->serial, sizeof(device->serial), facts->serial);
	device->seen_wall_ms = wall_ms;
}

static void probe_next(struct probing *probing);

static void
answered(void *arg, const struct snmp_result *result)
{
	struct probing *probing = arg;
	struct engine *engine = probing->engine;
	const struct profile *profile = engine->profiles[probing->profile];
	struct facts facts;
	struct err err = { 0 };

	if (result->outcome == SNMP_NOT_SENT || result->outcome == SNMP_UNKNOWN) {
		(void)err_set(&err, AT, DD_ETIMEOUT,
			      "device %s: %s. Check address, community and SNMP on the device",
			      probing->device.name, result->text);
		finish(probing, NULL, &err);
		return;
	}
	if (result->outcome == SNMP_ANSWERED &&
	    profile_probe_read(profile, result->answer, &facts, &err) == 0) {
		(void)text_copy(probing->device.profile, sizeof(probing->device.profile),
				profile_name(profile));
		/* jobs and the operator may have changed it meanwhile, or removed it */
		if (!probing->is_adding && store_device_get_id(engine->store, probing->device.id,
							       &probing->device, &err) < 0) {
			finish(probing, NULL, &err);
			return;
		}
		take_facts(&probing->device, &facts, env_wall(engine->env));
		finish_written(probing, &facts);
		return;
	}
	if (probing->tries_all && ++probing->profile < engine->profiles_count) {
		probe_next(probing);
		return;
	}
	(void)err_set(&err, AT, DD_ENOTFOUND,
		      "device %s answers, but is of no family that has a profile%s%s: give one "
		      "with --profile",
		      probing->device.name, err.text[0] != '\0' ? "; the last one says: " : "",
		      err.text);
	finish(probing, NULL, &err);
}

static void
end_now(void *arg)
{
	struct probing *probing = arg;

	if (probing->why.code != 0)
		finish(probing, NULL, &probing->why);
	else
		finish_written(probing, NULL);
}

/* done() is never called before the order returned. */
static void
end_soon(struct probing *probing)
{
	probing->now = (struct env_timer){ .fire = end_now, .arg = probing };
	env_timer_set(probing->engine->env, &probing->now, env_now(probing->engine->env));
}

static void
probe_next(struct probing *probing)
{
	struct snmp_pdu get;

	profile_probe_ask(probing->engine->profiles[probing->profile], &get);
	int64_t number =
		snmp_manager_ask(probing->engine->snmp, &(struct snmp_ask){
								.target = &probing->target,
								.pdu = &get,
								.tries = PROBE_TRIES,
								.timeout_ms = PROBE_TIMEOUT_MS,
								.done = answered,
								.arg = probing,
							});
	if (number > 0)
		return;
	(void)err_set(&probing->why, AT, (int)number, "too many requests are in flight: try again");
	end_soon(probing);
}

static int
probing_new(struct engine *engine, const struct device *device, struct probing **ret_probing,
	    struct err *err)
{
	struct credential credential;

	int r = store_credential_get(engine->store, device->credential, &credential, err);
	if (r < 0)
		return err_set(err, AT, r,
			       "no credential '%s': make it with drydock credential add",
			       device->credential);
	struct probing *probing = calloc(1, sizeof(*probing));
	if (probing == NULL)
		return err_set(err, AT, DD_ENOMEM, "no memory for a probe");
	probing->engine = engine;
	probing->device = *device;
	probing->target = (struct snmp_target){ .address = device->address, .version = SNMP_V2C };
	(void)text_copy(probing->target.community, sizeof(probing->target.community),
			credential.community);
	probing->next = engine->probings;
	engine->probings = probing;
	*ret_probing = probing;
	return 0;
}

static int
check_new(struct engine *engine, const struct device *device, struct err *err)
{
	struct device twin;

	if (!text_is_name(device->name, NAME_MAX_ - 1))
		return err_set(err, AT, DD_EINVAL,
			       "'%.64s' can't be a name: use letters, digits, '.', '_' and '-'",
			       device->name);
	if (device->address.family != ADDR_IPV4 && device->address.family != ADDR_IPV6)
		return err_set(err, AT, DD_EINVAL, "device %s needs an IP address", device->name);
	if (store_device_get(engine->store, device->name, &twin, NULL) == 0)
		return err_set(err, AT, DD_EEXIST, "a device named %s is there already",
			       device->name);
	if (device->profile[0] != '\0' && engine_profile(engine, device->profile) == NULL)
		return err_set(err, AT, DD_ENOTFOUND,
			       "no profile %s is loaded: drydock profile list names them",
			       device->profile);
	return 0;
}

int
engine_device_add(struct engine *engine, const struct device *device,
		  void (*done)(void *, const struct device *, const struct err *), void *arg,
		  struct err *err)
{
	struct probing *probing = NULL;

	int r = check_new(engine, device, err);
	if (r == 0)
		r = probing_new(engine, device, &probing, err);
	if (r < 0)
		return r;
	probing->is_adding = true;
	probing->added = done;
	probing->arg = arg;
	if (device->profile[0] != '\0') {
		end_soon(probing);
		return 0;
	}
	if (engine->profiles_count == 0) {
		probing_free(probing);
		return err_set(err, AT, DD_ENOTFOUND, "no profile is loaded");
	}
	probing->tries_all = true;
	probe_next(probing);
	return 0;
}

int
engine_device_probe(struct engine *engine, const char *name,
		    void (*done)(void *, const struct device *, const struct facts *,
				 const struct err *),
		    void *arg, struct err *err)
{
	struct device device;
	struct probing *probing = NULL;

	int r = store_device_get(engine->store, name, &device, err);
	if (r == 0)
		r = probing_new(engine, &device, &probing, err);
	if (r < 0)
		return r;
	probing->probed = done;
	probing->arg = arg;
	while (probing->profile < engine->profiles_count &&
	       engine->profiles[probing->profile] != engine_profile(engine, device.profile))
		probing->profile++;
	if (probing->profile == engine->profiles_count) {
		probing_free(probing);
		return err_set(err, AT, DD_ENOTFOUND, "device %s: no profile %s is loaded", name,
			       device.profile);
	}
	probe_next(probing);
	return 0;
}
