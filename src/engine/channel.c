/* Commands, polls and readings over SNMP: what the engine says to a device, and what it makes of
 * the answers.
 *
 * A command is one SET, sent once; only a device that said that it is busy, and so did not take it,
 * gets it again. Everything else is a GET and may be repeated. */
#include "base/text.h"
#include "engine/room.h"

#include <stdio.h>
#include <string.h>

static void
note(struct live *live, const char *text)
{
	(void)text_copy(live->note, sizeof(live->note), text);
}

void
channel_target(const struct live *live, struct snmp_target *ret_target)
{
	const char *community = NULL;

	*ret_target = (struct snmp_target){ .address = live->device.address, .version = SNMP_V2C };
	(void)text_copy(ret_target->community, sizeof(ret_target->community),
			live->credential.community);
	if (live->record.at_factory &&
	    profile_factory(live->profile, &ret_target->address, &community))
		(void)text_copy(ret_target->community, sizeof(ret_target->community), community);
}

void
channel_stop(struct live *live)
{
	if (live->request != 0 && live->engine->snmp != NULL)
		snmp_manager_cancel(live->engine->snmp, live->request);
	live->request = 0;
	live->is_watching = false;
	live->silent = 0;
	env_timer_clear(live->engine->env, &live->again);
}

static void
again_in(struct live *live, void (*fire)(void *arg), msec_t delay_ms)
{
	live->again.fire = fire;
	env_timer_set(live->engine->env, &live->again, env_now(live->engine->env) + delay_ms);
}

/* Ask; false where the request could not even be made (then it is tried again by whoever asks). */
static bool
ask(struct live *live, const struct snmp_pdu *pdu, unsigned timeout_ms,
    void (*done)(void *, const struct snmp_result *))
{
	struct snmp_target target;

	channel_target(live, &target);
	int64_t number = snmp_manager_ask(live->engine->snmp, &(struct snmp_ask){
								      .target = &target,
								      .pdu = pdu,
								      .tries = 1,
								      .timeout_ms = timeout_ms,
								      .done = done,
								      .arg = live,
							      });
	live->request = number > 0 ? number : 0;
	return number > 0;
}

/* A device that loses its management access in the update is looked for at both addresses in turn,
 * and known by its serial number or by our ticket. */
static void
heard_silence(struct live *live, const struct snmp_result *result)
{
	struct addr factory;
	const char *community;

	note(live, result->text);
	live->silent++;
	if (live->silent % FACTORY_AFTER == 0 && live->record.job.is_touched &&
	    !profile_management_survives(live->profile) &&
	    profile_factory(live->profile, &factory, &community))
		live->record.at_factory = !live->record.at_factory;
}

/* ---- commands ---- */

static void
command_again(void *arg)
{
	channel_command(arg);
}

/* The device carries out something else: our command was surely not taken, and the same one is
 * asked for again until the attempt is late. Without this, retries and the tries of going back
 * would be spent within a moment. */
static bool
is_busy(const struct snmp_result *result)
{
	return result->outcome == SNMP_REFUSED &&
	       result->answer->error_status == SNMP_RESOURCE_UNAVAILABLE;
}

static void
commanded(void *arg, const struct snmp_result *result)
{
	struct live *live = arg;
	uint32_t ticket = live->record.job.ticket;

	live->request = 0;
	if (is_busy(result)) {
		note(live, "the device is busy with another command");
		again_in(live, command_again, READ_AGAIN_MS);
		return;
	}
	switch (result->outcome) {
	case SNMP_ANSWERED:
		(void)fact_add(live, EV_ACCEPTED, ticket, REASON_NONE,
			       "the device accepted the command");
		break;
	case SNMP_REFUSED:
		(void)fact_add(live, EV_REFUSED, ticket, REASON_REFUSED,
			       "the device answered %s at variable %d",
			       snmp_error_name(result->answer->error_status),
			       (int)result->answer->error_index);
		break;
	case SNMP_NOT_SENT:
		(void)fact_add(live, EV_NOT_SENT, ticket, REASON_NONE, "%s", result->text);
		break;
	case SNMP_UNKNOWN:
		(void)fact_add(live, EV_UNKNOWN, ticket, REASON_NONE, "%s", result->text);
		break;
	}
}

static unsigned
slot_of(const struct live *live, enum operation operation)
{
	unsigned kept = live->record.kept_slot;

	if (kept == 0)
		return 1;
	return operation == OPERATION_ROLLBACK ? kept : 3 - kept;
}

static const struct sha256 *
content_of(const struct live *live, const struct image *old_image, const struct snapshot *snapshot,
	   uint64_t *ret_size)
{
	const struct image *image =
		live->record.job.act == ACT_OLD_FETCH ? old_image : &live->image;

	if (live->record.job.act == ACT_FETCH || live->record.job.act == ACT_OLD_FETCH) {
		*ret_size = image->size;
		return &image->content;
	}
	*ret_size = snapshot->size;
	return &snapshot->content;
}

/* The advertised address and port of the file service, for this protocol. */
static void
server_of(const struct live *live, struct addr *ret_server)
{
	const struct engine *engine = live->engine;
	bool is_ftp = live->record.protocol == PROTOCOL_FTP;

	*ret_server = engine->settings.advertise;
	ret_server->port = is_ftp ? engine->settings.port_ftp : engine->settings.port_tftp;
	if (ret_server->port == 0)
		ret_server->port = is_ftp ? engine->port_ftp : engine->port_tftp;
}

static int
command_make(struct live *live, struct snmp_pdu *ret_set, struct err *err)
{
	struct engine *engine = live->engine;
	enum operation operation = job_act_operation((enum job_act)live->record.job.act);
	struct operation_args args = { .ticket = live->record.job.ticket,
				       .protocol = (enum protocol)live->record.protocol };
	char files[GRANT_FILES_MAX * (GRANT_NAME_MAX + 1)] = "";
	struct grant grant = { 0 };
	struct image old_image = { 0 };
	struct snapshot snapshot = { 0 };

	args.slot = slot_of(live, operation);
	if (operation == OPERATION_BACKUP || operation == OPERATION_FETCH ||
	    operation == OPERATION_RESTORE) {
		int r = grants_args(live, files, sizeof(files), &grant, err);
		if (r < 0)
			return r;
		args.files = files;
		args.user = grant.user;
		args.password = grant.password;
		server_of(live, &args.server);
	}
	if (live->record.job.act == ACT_OLD_FETCH) {
		int r = store_image_find(engine->store, live->device.profile,
					 live->record.old_version, live->record.before.model,
					 &old_image, err);
		if (r < 0)
			return r;
	}
	if (operation == OPERATION_RESTORE) {
		int64_t id = live->record.job.act == ACT_RESTORE ? live->record.wanted_id
								 : live->record.snapshot_id;
		int r = store_snapshot_get(engine->store, id, &snapshot, err);
		if (r < 0)
			return r;
	}
	if (operation == OPERATION_FETCH || operation == OPERATION_RESTORE)
		args.content = *content_of(live, &old_image, &snapshot, &args.size);
	return profile_command(live->profile, operation, &args, ret_set, err);
}

void
channel_command(struct live *live)
{
	struct snmp_pdu set;
	struct err err = { 0 };

	if (command_make(live, &set, &err) < 0) {
		(void)fact_add(live, EV_REFUSED, live->record.job.ticket, REASON_NO_OPERATION, "%s",
			       err.text);
		return;
	}
	if (!ask(live, &set, COMMAND_TIMEOUT_MS, commanded))
		(void)fact_add(live, EV_NOT_SENT, live->record.job.ticket, REASON_NONE,
			       "too many requests are in flight");
}

/* ---- looking and watching ---- */

static int
status_read(struct live *live, const struct snmp_result *result,
	    struct operation_status *ret_status)
{
	struct err err = { 0 };
	enum operation operation = job_act_operation((enum job_act)live->record.job.act);

	int r = profile_status_read(live->profile, operation, live->record.job.ticket,
				    result->answer, ret_status, &err);
	if (r < 0)
		note(live, err.text);
	return r;
}

static void
status_ask(struct live *live, void (*done)(void *, const struct snmp_result *),
	   void (*again)(void *))
{
	struct snmp_pdu get;

	profile_status_ask(live->profile, job_act_operation((enum job_act)live->record.job.act),
			   &get);
	if (!ask(live, &get, ASK_TIMEOUT_MS, done))
		again_in(live, again, POLL_MS);
}

/* A status that ends the act, as a fact. False where it is still running. */
static bool
status_tell(struct live *live, const struct operation_status *status)
{
	uint32_t ticket = live->record.job.ticket;

	if (status->kind == STATUS_DONE) {
		if (live->record.job.needs & NEED_REPORT)
			(void)fact_add(live, EV_REPORT, ticket, REASON_NONE,
				       "the device's status says that it succeeded");
		return true;
	}
	if (status->kind == STATUS_FAILED) {
		(void)fact_add(live, EV_FAILURE, ticket, status->reason,
			       "the device's status says that it failed: %s", status->text);
		return true;
	}
	return false;
}

static void
look_again(void *arg)
{
	channel_look(arg);
}

static void
looked(void *arg, const struct snmp_result *result)
{
	struct live *live = arg;
	struct operation_status status;

	live->request = 0;
	if (result->outcome != SNMP_ANSWERED || status_read(live, result, &status) < 0) {
		heard_silence(live, result);
		again_in(live, look_again, READ_AGAIN_MS);
		return;
	}
	if (status.kind == STATUS_ABSENT) {
		(void)fact_add(live, EV_ABSENT, live->record.job.ticket, REASON_NONE,
			       "the device does not know this command: its status is of ticket %u",
			       (unsigned)status.ticket);
		return;
	}
	(void)fact_add(live, EV_PRESENT, live->record.job.ticket, REASON_NONE,
		       "the device knows this command");
	(void)status_tell(live, &status);
}

void
channel_look(struct live *live)
{
	channel_stop(live);
	status_ask(live, looked, look_again);
}

static void
poll_again(void *arg)
{
	channel_poll(arg);
}

static void
polled(void *arg, const struct snmp_result *result)
{
	struct live *live = arg;
	struct operation_status status = { 0 };

	live->request = 0;
	if (result->outcome != SNMP_ANSWERED || status_read(live, result, &status) < 0) {
		heard_silence(live, result);
		again_in(live, poll_again, POLL_MS);
		return;
	}
	live->silent = 0;
	if (status_tell(live, &status)) {
		/* the file may still be on its way: a status that lasts is asked again seldom */
		again_in(live, poll_again, ASK_TIMEOUT_MS);
		return;
	}
	if (status.kind == STATUS_ABSENT)
		(void)fact_add(live, EV_ABSENT, live->record.job.ticket, REASON_NONE, NULL);
	if (status.bytes != live->status_bytes) {
		live->status_bytes = status.bytes;
		live->bytes = status.bytes > live->bytes ? status.bytes : live->bytes;
		(void)fact_add(live, EV_PROGRESS, live->record.job.ticket, REASON_NONE, NULL);
	}
	note(live, status.kind == STATUS_ABSENT ? "the device's status is of another command"
						: "the device's status says that it is running");
	again_in(live, poll_again, POLL_MS);
}

void
channel_poll(struct live *live)
{
	if (live->request != 0 || live->record.job.phase != PHASE_WATCHING)
		return; /* an answer is on its way, or the look will tell */
	env_timer_clear(live->engine->env, &live->again);
	status_ask(live, polled, poll_again);
}

void
channel_watch(struct live *live)
{
	channel_stop(live);
	live->is_watching = true;
	again_in(live, poll_again, POLL_MS / 5);
}

/* ---- readings ---- */

static void
read_again(void *arg)
{
	channel_read(arg);
}

static void
was_read(void *arg, const struct snmp_result *result)
{
	struct live *live = arg;
	struct facts facts;
	struct err err = { 0 };

	live->request = 0;
	again_in(live, read_again,
		 live->record.job.act == ACT_READ_SERVICE ? SERVICE_AGAIN_MS : READ_AGAIN_MS);
	if (result->outcome != SNMP_ANSWERED) {
		heard_silence(live, result);
		return;
	}
	live->silent = 0;
	if (profile_probe_read(live->profile, result->answer, &facts, &err) < 0) {
		note(live, err.text);
		if (live->record.job.act == ACT_PROBE)
			(void)fact_add(live, EV_AMISS, live->record.job.ticket, REASON_WRONG_FAMILY,
				       "%s", err.text);
		return;
	}
	reading_judge(live, &facts);
}

void
channel_read(struct live *live)
{
	struct snmp_pdu get;

	if (live->request != 0)
		return;
	profile_probe_ask(live->profile, &get);
	if (!ask(live, &get, ASK_TIMEOUT_MS, was_read))
		again_in(live, read_again, READ_AGAIN_MS);
}

/* ---- notifications ---- */

static bool
is_from(const struct live *live, const struct addr *from)
{
	struct snmp_target target;

	channel_target(live, &target);
	return addr_host_equal(&target.address, from) ||
	       addr_host_equal(&live->device.address, from);
}

/* A notification wakes whoever watches that device. What it says is kept as evidence and is never
 * believed by itself (INV-SNMP-3). */
void
channel_heard(void *arg, const struct snmp_notice *notice)
{
	struct engine *engine = arg;
	struct operation_notice said;

	for (struct live *live = engine->lives; live != NULL; live = live->next) {
		if (!is_from(live, &notice->from) ||
		    !profile_notice_read(live->profile, &notice->name, notice->pdu, &said))
			continue;
		struct fact *fact = fact_add(
			live, EV_MESSAGE, said.ticket, REASON_NONE, "%s: the device says %s%s%s",
			notice->is_inform ? "inform" : "trap",
			said.has_failed ? "that it failed" : "that it succeeded",
			said.text[0] != '\0' ? ": " : "", said.text);
		fact->event.has_failed = said.has_failed;
	}
}
