/* Permissions for an act's transfers, and what the ledger says of them.
 *
 * A grant is made in the transaction that intends the act, told to the file service, and closed
 * when the act is left. The act's file is whole when every grant of its ticket has a complete entry
 * in the ledger that is stored here (INV-ENGINE-2). */
#include "base/hex.h"
#include "base/text.h"
#include "engine/room.h"

#include <stdlib.h>
#include <string.h>

/* ---- making ---- */

/* A name that can't be guessed: 80 random bits, used once. */
static void
random_name(struct env *env, const char *prefix, const char *suffix,
	    char name[static GRANT_NAME_MAX + 1])
{
	uint8_t bytes[10];
	char digits[2 * sizeof(bytes) + 1];

	env_random(env, bytes, sizeof(bytes));
	(void)text_print(name, GRANT_NAME_MAX + 1, "%s%s%s", prefix,
			 hex_print(digits, bytes, sizeof(bytes)), suffix);
}

static int
make_one(struct live *live, const struct grant *like, unsigned position, struct err *err)
{
	struct grant_record record = {
		.grant = *like, .job_id = live->record.id, .position = position, .is_open = true
	};

	record.ticket = live->record.job.ticket;
	int r = store_next(live->engine->store, COUNTER_GRANT, 1, &record.grant.id, err);
	return r < 0 ? r : store_grant_add(live->engine->store, &record, err);
}

static int
make_image(struct live *live, struct grant *like, struct err *err)
{
	struct image old_image;
	const struct image *image = &live->image;

	if (live->record.job.act == ACT_OLD_FETCH) {
		int r = store_image_find(live->engine->store, live->device.profile,
					 live->record.old_version, live->record.before.model,
					 &old_image, err);
		if (r < 0)
			return r;
		image = &old_image;
	}
	for (unsigned i = 0; i < image->files_count; i++) {
		random_name(live->engine->env, "i-", ".bin", like->name);
		like->size_max = image->files[i].size;
		like->content = image->files[i].content;
		int r = make_one(live, like, i, err);
		if (r < 0)
			return r;
	}
	return 0;
}

static int
make_config(struct live *live, struct grant *like, struct err *err)
{
	struct snapshot snapshot;
	int64_t id = live->record.job.act == ACT_RESTORE ? live->record.wanted_id
							 : live->record.snapshot_id;

	int r = store_snapshot_get(live->engine->store, id, &snapshot, err);
	if (r < 0)
		return r;
	random_name(live->engine->env, "c-", ".cfg", like->name);
	like->size_max = snapshot.size;
	like->content = snapshot.content;
	return make_one(live, like, 0, err);
}

static bool
count_one(void *arg, const struct grant_record *record)
{
	(void)record;
	(*(unsigned *)arg)++;
	return true;
}

int
grants_make(struct live *live, struct err *err)
{
	enum job_act act = (enum job_act)live->record.job.act;
	struct snmp_target target;
	struct grant like = { .protocols = (uint8_t)(1 << live->record.protocol) };
	unsigned count = 0;

	int r = store_grant_list(live->engine->store, live->record.id, live->record.job.ticket,
				 true, count_one, &count, err);
	if (r < 0 || count > 0)
		return r; /* resumed: they stand already */
	channel_target(live, &target);
	like.device = target.address;
	like.direction = job_act_uploads(act) ? DIRECTION_WRITE : DIRECTION_READ;
	like.wall_deadline_ms = live->record.job.deadline_wall_ms;
	random_name(live->engine->env, "u", "", like.user);
	random_name(live->engine->env, "p", "", like.password);
	if (job_act_uploads(act)) {
		random_name(live->engine->env, "c-", ".cfg", like.name);
		like.size_max = CONFIG_BYTES_MAX;
		return make_one(live, &like, 0, err);
	}
	return job_act_operation(act) == OPERATION_FETCH ? make_image(live, &like, err)
							 : make_config(live, &like, err);
}

/* ---- telling the file service ---- */

static bool
open_one(void *arg, const struct grant_record *record)
{
	struct live *live = arg;
	struct err err = { 0 };

	live->grants++;
	live->size +=
		job_act_downloads((enum job_act)live->record.job.act) ? record->grant.size_max : 0;
	if (manager_link_grant(live->engine->link, &record->grant, &err) < 0)
		(void)text_copy(live->note, sizeof(live->note), err.text);
	return true;
}

void
grants_open(struct live *live)
{
	struct err err = { 0 };

	live->granted_ticket = live->record.job.ticket;
	live->granted = live->grants = 0;
	live->size = 0;
	if (!live->engine->is_files_up)
		(void)text_copy(live->note, sizeof(live->note), "the file service is not there");
	if (store_grant_list(live->engine->store, live->record.id, live->record.job.ticket, true,
			     open_one, live, &err) < 0)
		engine_lose(live->engine, &err);
	grants_review(live);
}

struct closing {
	struct manager_link *link;
};

static bool
close_one(void *arg, const struct grant_record *record)
{
	manager_link_revoke(((struct closing *)arg)->link, record->grant.id);
	return true;
}

void
grants_close(struct live *live, uint32_t ticket)
{
	struct closing closing = { live->engine->link };
	struct err err = { 0 };

	if (store_grant_list(live->engine->store, live->record.id, ticket, false, close_one,
			     &closing, &err) < 0)
		engine_lose(live->engine, &err);
}

struct args {
	char *files;
	size_t size;
	struct grant first;
	unsigned count;
};

static bool
args_one(void *arg, const struct grant_record *record)
{
	struct args *args = arg;
	size_t used = strlen(args->files);

	if (args->count++ == 0)
		args->first = record->grant;
	return text_print(args->files + used, args->size - used, "%s%s", used > 0 ? "," : "",
			  record->grant.name);
}

int
grants_args(struct live *live, char *files, size_t files_size, struct grant *ret_first,
	    struct err *err)
{
	struct args args = { .files = files, .size = files_size };

	files[0] = '\0';
	int r = store_grant_list(live->engine->store, live->record.id, live->record.job.ticket,
				 true, args_one, &args, err);
	if (r < 0)
		return r;
	if (args.count == 0)
		return err_set(err, AT, DD_ENOTFOUND, "the command has no grant");
	*ret_first = args.first;
	return 0;
}

/* ---- what comes back ---- */

static struct live *
live_of_grant(struct engine *engine, uint64_t grant, struct grant_record *ret_record)
{
	struct err err = { 0 };

	if (store_grant_get(engine->store, grant, ret_record, &err) < 0)
		return NULL;
	return live_find(engine, ret_record->job_id);
}

void
grants_granted(void *arg, uint64_t grant)
{
	struct engine *engine = arg;
	struct grant_record record;
	struct live *live = live_of_grant(engine, grant, &record);

	if (live == NULL || record.ticket != live->record.job.ticket ||
	    live->granted_ticket != record.ticket)
		return;
	if (++live->granted == live->grants)
		(void)fact_add(live, EV_GRANTED, record.ticket, REASON_NONE, NULL);
}

void
grants_link_changed(void *arg, bool is_up, uint16_t port_tftp, uint16_t port_ftp)
{
	struct engine *engine = arg;

	log_line(engine->settings.log, is_up ? LOG_INFO : LOG_WARNING,
		 is_up ? "the file service is there: TFTP port %u, FTP port %u"
		       : "the file service has gone (ports %u, %u)",
		 port_tftp, port_ftp);
	engine->is_files_up = is_up;
	engine->port_tftp = port_tftp;
	engine->port_ftp = port_ftp;
	for (struct live *live = engine->lives; is_up && live != NULL; live = live->next)
		live->granted = 0; /* the open grants are told again, and confirmed again */
}

struct review {
	unsigned count, complete;
};

static bool
review_one(void *arg, const struct grant_record *record)
{
	struct review *review = arg;

	review->count++;
	review->complete += record->is_complete;
	return true;
}

struct upload {
	uint64_t grant;
	bool was_found;
	struct ledger_entry entry;
};

static bool
find_upload(void *arg, const struct ledger_entry *entry)
{
	struct upload *upload = arg;

	if (entry->grant == upload->grant && entry->kind == LEDGER_COMPLETE) {
		upload->entry = *entry;
		upload->was_found = true;
	}
	return true;
}

static int64_t *
snapshot_field(struct live *live)
{
	bool is_first = live->record.job.act == ACT_BACKUP;

	return is_first ? &live->record.snapshot_id : &live->record.confirm_id;
}

/* An upload is there: is it a configuration? Only then it counts as stored. */
static int
prepare_upload(struct live *live, struct fact *fact, struct err *err)
{
	struct engine *engine = live->engine;
	char files[GRANT_NAME_MAX + 1];
	struct grant grant;
	enum job_act act = (enum job_act)live->record.job.act;

	if (fact->event.ticket != live->record.job.ticket ||
	    !(live->record.job.needs & NEED_LEDGER))
		return 0; /* told twice */
	int r = grants_args(live, files, sizeof(files), &grant, err);
	if (r < 0)
		return r;
	struct upload upload = { .grant = grant.id };
	r = store_ledger_list(engine->store, live->record.id, find_upload, &upload, err);
	if (r < 0)
		return r;
	const char *role = act == ACT_BACKUP ? "backup" : act == ACT_OLD_BACKUP ? "old" : "confirm";
	struct err why = { 0 };
	struct config *config = NULL;
	char *text = NULL;
	size_t size = 0;
	uint32_t format = 0;
	r = upload.was_found ? blobs_load(engine->blobs, &upload.entry.content, CONFIG_BYTES_MAX,
					  &text, &size, &why)
			     : err_set(&why, AT, DD_ENOTFOUND, "the ledger entry is gone");
	if (r == 0)
		r = config_format_of(profile_schema(live->profile), text, size, &format, &why);
	if (r == 0)
		r = config_parse(profile_schema(live->profile), format, text, size, &config, &why);
	free(text);
	config_free(config);
	if (r < 0) {
		fact->event.kind = EV_FAILURE;
		fact->event.reason = REASON_BAD_SNAPSHOT;
		(void)text_print(fact->text, sizeof(fact->text),
				 "the configuration that arrived (%zu bytes) can't be read: %s",
				 size, why.text);
		return 0;
	}
	return snapshot_store(live, &upload.entry.content, upload.entry.bytes, format, role,
			      snapshot_field(live), err);
}

void
grants_review(struct live *live)
{
	struct review review = { 0 };
	struct err err = { 0 };
	const struct job *job = &live->record.job;

	if (!(job->needs & NEED_LEDGER))
		return;
	if (store_grant_list(live->engine->store, live->record.id, job->ticket, true, review_one,
			     &review, &err) < 0) {
		engine_lose(live->engine, &err);
		return;
	}
	if (review.count == 0 || review.complete < review.count)
		return;
	struct fact *fact = fact_add(live, EV_STORED, job->ticket, REASON_NONE,
				     "the file service's ledger: %u of %u files whole",
				     review.complete, review.count);
	if (job_act_uploads((enum job_act)job->act))
		fact->prepare = prepare_upload;
}

/* Write an entry. It is durable when 0 is returned; the file service may then forget it. It tells
 * entries again when it was started again: *ret_is_known. */
static int
ledger_write(struct engine *engine, const struct ledger_entry *entry, bool *ret_is_known,
	     struct err *err)
{
	int r = store_begin(engine->store, err);
	if (r < 0)
		return r;
	r = store_ledger_add(engine->store, entry, err);
	if (r == 0 && entry->kind == LEDGER_COMPLETE)
		r = store_grant_complete(engine->store, entry->grant, err);
	if (r < 0) {
		store_rollback(engine->store);
		*ret_is_known = r == DD_EEXIST;
		return r == DD_EEXIST ? 0 : r;
	}
	return store_commit(engine->store, err);
}

static void
ledger_tell(struct live *live, uint32_t ticket, const struct ledger_entry *entry)
{
	char from[ADDR_TEXT_MAX], bytes[24];

	(void)addr_text(&entry->from, from);
	(void)text_bytes(entry->bytes, bytes);
	switch ((enum ledger_kind)entry->kind) {
	case LEDGER_OPENED:
	case LEDGER_PROGRESS:
		if (ticket == live->record.job.ticket && live->grants <= 1)
			live->bytes = entry->bytes;
		(void)fact_add(live, EV_PROGRESS, ticket, REASON_NONE, NULL);
		break;
	case LEDGER_COMPLETE: {
		char hash[SHA256_TEXT_SIZE];
		(void)fact_add(live, EV_PROGRESS, ticket, REASON_NONE, "%s %s %s, SHA-256 %.16s",
			       from, entry->direction == DIRECTION_WRITE ? "sent" : "fetched",
			       bytes, sha256_text(&entry->content, hash));
		if (ticket == live->record.job.ticket)
			grants_review(live);
		break;
	}
	case LEDGER_BROKEN:
		(void)fact_add(live, EV_BROKEN, ticket, REASON_NONE,
			       "the transfer with %s ended early after %s: %s", from, bytes,
			       entry->text);
		break;
	case LEDGER_REFUSED:
		(void)fact_add(live, EV_PROGRESS, ticket, REASON_NONE, "a request was refused: %s",
			       entry->text);
		break;
	}
}

int
grants_ledger(void *arg, const struct ledger_entry *entry)
{
	struct engine *engine = arg;
	struct grant_record record;
	struct err err = { 0 };
	struct live *live = live_of_grant(engine, entry->grant, &record);
	bool is_known = false;

	if (engine->is_lost)
		return DD_EIO;
	if (entry->number != 0) { /* unnumbered ones are only news */
		int r = ledger_write(engine, entry, &is_known, &err);
		if (r < 0) {
			engine_lose(engine, &err);
			return r;
		}
	}
	/* of acts that are over, nothing is told twice; for the one that is on it may be news, as
	 * we may have ended between the entry and its event */
	if (live != NULL && !(is_known && record.ticket != live->record.job.ticket))
		ledger_tell(live, record.ticket, entry);
	return 0;
}
