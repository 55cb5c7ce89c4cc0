/* The ledger: entries that matter are frames in one file, synced before they are sent, kept until
 * they are acknowledged.
 *
 * They are sent in order and without a hole, as an acknowledgement covers all entries before it.
 * The file holds link frames one after the other; a torn last one is cut off at the start. When
 * most of a grown file is acknowledged, it is replaced by what still waits (or its last entry, so
 * that numbers go on), and by the uploads whose grants are open: those take no second one.
 *
 * A new folder begins its numbers at a random one, so that two folders that follow each other under
 * one manager share none. They stay below 2^53: readers of JSON keep them. */
#include "base/text.h"
#include "files/room.h"

#include <stdlib.h>
#include <string.h>

enum { FILE_SIZE_MAX = 64 << 20, COMPACT_SIZE = 256 << 10, PATH_SIZE = 256 };

struct ledger {
	struct files *files;
	char path[PATH_SIZE];
	struct env_file *file;
	uint64_t size, compact_size;  /* of the file: now, and when it was last written anew */
	uint64_t last;                /* number */
	struct ledger_entry *waiting; /* not acknowledged, in order */
	unsigned waiting_count, waiting_capacity;
	unsigned sent_count;          /* of those that wait: sent since the last connect */
	struct ledger_entry *uploads; /* complete, of grants that may be open, in order */
	unsigned uploads_count, uploads_capacity;
};

static bool
grow(struct ledger_entry **entries, unsigned count, unsigned *capacity)
{
	if (count < *capacity)
		return true;

	unsigned grown_capacity = *capacity == 0 ? 64 : *capacity * 2;
	struct ledger_entry *grown = realloc(*entries, grown_capacity * sizeof(*grown));
	if (grown == NULL)
		return false;
	*entries = grown;
	*capacity = grown_capacity;
	return true;
}

/* Room for one more that waits. */
static bool
reserve(struct ledger *ledger)
{
	return grow(&ledger->waiting, ledger->waiting_count, &ledger->waiting_capacity) &&
	       grow(&ledger->uploads, ledger->uploads_count, &ledger->uploads_capacity);
}

/* It stands in the file: there is room for it. */
static void
keep(struct ledger *ledger, const struct ledger_entry *entry)
{
	ledger->waiting[ledger->waiting_count++] = *entry;
	if (entry->kind == LEDGER_COMPLETE && entry->direction == DIRECTION_WRITE)
		ledger->uploads[ledger->uploads_count++] = *entry;
	ledger->last = entry->number;
}

bool
ledger_has_upload(const struct ledger *ledger, const struct grant *grant)
{
	for (unsigned i = 0; i < ledger->uploads_count; i++)
		if (ledger->uploads[i].grant == grant->id &&
		    text_equal(ledger->uploads[i].text, grant->name))
			return true;
	return false;
}

void
ledger_forget(struct ledger *ledger, uint64_t grant)
{
	unsigned kept = 0;

	for (unsigned i = 0; i < ledger->uploads_count; i++)
		if (ledger->uploads[i].grant != grant)
			ledger->uploads[kept++] = ledger->uploads[i];
	ledger->uploads_count = kept;
}

void
ledger_forget_closed(struct ledger *ledger)
{
	unsigned kept = 0;

	for (unsigned i = 0; i < ledger->uploads_count; i++)
		if (files_grant_by_id(ledger->files, ledger->uploads[i].grant) != NULL)
			ledger->uploads[kept++] = ledger->uploads[i];
	ledger->uploads_count = kept;
}

/* Read what an earlier run left: all of it, as what is not taken is cut off. */
static int
load(struct ledger *ledger, struct err *err)
{
	char *data = NULL;
	size_t size = 0;
	struct link_message message;
	struct ledger_entry entry;

	int r = env_file_load(ledger->files->env, ledger->path, FILE_SIZE_MAX, &data, &size, err);
	if (r == DD_ENOTFOUND)
		return 0;
	if (r < 0)
		return r;
	while (r == 0 && ledger->size < size) {
		int64_t used = link_decode((const uint8_t *)data + ledger->size,
					   size - ledger->size, &message, NULL);
		if (used <= 0 || message.type != LINK_LEDGER)
			break; /* torn by a crash: it was never sent */
		if (!reserve(ledger)) {
			r = err_set(err, AT, DD_ENOMEM, "no memory for the ledger");
			break;
		}
		ledger_from_link(&message, &entry);
		keep(ledger, &entry);
		ledger->size += (uint64_t)used;
	}
	free(data);
	return r;
}

static int
open_file(struct ledger *ledger, struct err *err)
{
	struct files *files = ledger->files;

	int r = env_file_open(files->env, ledger->path,
			      ENV_FILE_READ | ENV_FILE_WRITE | ENV_FILE_CREATE, &ledger->file, err);
	if (r == 0)
		r = env_file_truncate(ledger->file, ledger->size);
	if (r == 0)
		r = env_file_sync(ledger->file);
	if (r == 0)
		r = env_dir_sync(files->env, files->settings.root);
	return r < 0 ? err_set(err, AT, r, "%s can't be written: %s", ledger->path, err_name(r))
		     : 0;
}

/* One less than the first number of a folder that has no entry yet: 20 random bits, and 32 zero.
 * The first entry makes it last. */
static uint64_t
first_number(struct env *env)
{
	uint32_t random;

	env_random(env, &random, sizeof(random));
	return (uint64_t)(random >> 12) << 32;
}

int
ledger_open(struct files *files, struct ledger **ret_ledger, struct err *err)
{
	struct ledger *ledger = calloc(1, sizeof(*ledger));

	if (ledger == NULL)
		return err_set(err, AT, DD_ENOMEM, "no memory for the ledger");
	ledger->files = files;
	(void)text_print(ledger->path, sizeof(ledger->path), "%s/ledger", files->settings.root);
	int r = load(ledger, err);
	if (r == 0 && ledger->last == 0)
		ledger->last = first_number(files->env);
	if (r == 0)
		r = open_file(ledger, err);
	if (r < 0) {
		ledger_close(ledger);
		return r;
	}
	*ret_ledger = ledger;
	return 0;
}

void
ledger_close(struct ledger *ledger)
{
	if (ledger == NULL)
		return;
	env_file_close(ledger->file);
	free(ledger->waiting);
	free(ledger->uploads);
	free(ledger);
}

static int
append(struct ledger *ledger, const struct ledger_entry *entry, struct err *err)
{
	struct link_message message;
	struct buf frame = { 0 };

	link_from_ledger(entry, &message);
	int r = link_encode(&message, &frame) ? 0 : DD_ENOMEM;
	if (r == 0 && ledger->file == NULL)
		r = open_file(ledger, NULL);
	if (r == 0)
		r = env_file_write(ledger->file, ledger->size, frame.data, frame.size);
	if (r == 0)
		r = env_file_sync(ledger->file);
	if (r == 0)
		ledger->size += frame.size;
	buf_done(&frame);
	return r < 0 ? err_set(err, AT, r, "the ledger can't be written: %s", err_name(r)) : 0;
}

static bool
send_entry(struct ledger *ledger, const struct ledger_entry *entry)
{
	struct link_message message;

	if (ledger->files->link == NULL)
		return false;
	link_from_ledger(entry, &message);
	return filed_link_send(ledger->files->link, &message);
}

void
ledger_send(struct ledger *ledger)
{
	while (ledger->sent_count < ledger->waiting_count &&
	       send_entry(ledger, &ledger->waiting[ledger->sent_count]))
		ledger->sent_count++;
}

void
ledger_resend(struct ledger *ledger)
{
	ledger->sent_count = 0;
	ledger_send(ledger);
}

static int
add_kept(struct ledger *ledger, struct ledger_entry *entry, struct err *err)
{
	entry->number = ledger->last + 1;
	if (ledger->waiting_count >= FILES_LEDGER_MAX || !reserve(ledger))
		return err_set(err, AT, DD_EFULL, "%u ledger entries wait for the manager",
			       ledger->waiting_count);
	int r = append(ledger, entry, err);
	if (r < 0)
		return r;
	keep(ledger, entry);
	ledger_send(ledger);
	return 0;
}

int
ledger_add(struct ledger *ledger, struct ledger_entry *entry, struct err *err)
{
	if (entry->kind == LEDGER_COMPLETE || entry->kind == LEDGER_BROKEN)
		return add_kept(ledger, entry, err);
	(void)send_entry(ledger, entry); /* only news: the next one says it again */
	return 0;
}

static bool
add_frame(struct buf *frames, const struct ledger_entry *entry)
{
	struct link_message message;

	link_from_ledger(entry, &message);
	return link_encode(&message, frames);
}

/* Start the file anew with what waits, or with the last entry. If that fails the long file stays,
 * which is no harm. */
static void
compact(struct ledger *ledger, const struct ledger_entry *last)
{
	const struct ledger_entry *entries = ledger->waiting_count > 0 ? ledger->waiting : last;
	unsigned count = ledger->waiting_count > 0 ? ledger->waiting_count : 1;
	struct buf frames = { 0 };
	bool is_whole = true;

	for (unsigned i = 0; i < ledger->uploads_count && is_whole; i++)
		if (ledger->uploads[i].number < entries[0].number)
			is_whole = add_frame(&frames, &ledger->uploads[i]);
	for (unsigned i = 0; i < count && is_whole; i++)
		is_whole = add_frame(&frames, &entries[i]);
	if (is_whole &&
	    env_file_store(ledger->files->env, ledger->path, frames.data, frames.size, NULL) == 0) {
		env_file_close(ledger->file);
		ledger->file = NULL;
		ledger->size = ledger->compact_size = frames.size;
		(void)open_file(ledger, NULL); /* a file that can't be opened fails the next append,
						  which is told */
	}
	buf_done(&frames);
}

void
ledger_ack(struct ledger *ledger, uint64_t number)
{
	unsigned done = 0;
	struct ledger_entry last;

	while (done < ledger->sent_count && ledger->waiting[done].number <= number)
		done++;
	if (done == 0)
		return;
	last = ledger->waiting[done - 1];
	ledger->waiting_count -= done;
	ledger->sent_count -= done;
	memmove(ledger->waiting, ledger->waiting + done,
		ledger->waiting_count * sizeof(*ledger->waiting));
	if (ledger->size > COMPACT_SIZE + 2 * ledger->compact_size)
		compact(ledger, &last);
}

void
link_from_ledger(const struct ledger_entry *entry, struct link_message *ret_message)
{
	*ret_message = (struct link_message){
		.type = LINK_LEDGER, .id = entry->number, .grant = entry->grant, .kind = entry->kind
	};
	ret_message->protocol = entry->protocol;
	ret_message->direction = entry->direction;
	ret_message->address = entry->from;
	ret_message->size = entry->bytes;
	ret_message->content = entry->content;
	ret_message->retransmits = entry->retransmits;
	ret_message->wall_ms = entry->wall_ms;
	ret_message->duration_ms = entry->duration_ms;
	(void)text_copy(ret_message->text, sizeof(ret_message->text), entry->text);
}

void
ledger_from_link(const struct link_message *message, struct ledger_entry *ret_entry)
{
	*ret_entry = (struct ledger_entry){ .number = message->id,
					    .grant = message->grant,
					    .kind = message->kind };
	ret_entry->protocol = message->protocol;
	ret_entry->direction = message->direction;
	ret_entry->from = message->address;
	ret_entry->bytes = message->size;
	ret_entry->content = message->content;
	ret_entry->retransmits = message->retransmits;
	ret_entry->wall_ms = message->wall_ms;
	ret_entry->duration_ms = message->duration_ms;
	(void)text_copy(ret_entry->text, sizeof(ret_entry->text), message->text);
}
