/* One transfer under a grant: its bytes, its end, and what the ledger is told of it. */
#include "base/text.h"
#include "files/room.h"

#include <stdarg.h>
#include <stdio.h>

static struct ledger_entry
entry_of(const struct transfer *transfer, enum ledger_kind kind)
{
	struct ledger_entry entry = { .grant = transfer->grant_id,
				      .kind = (uint8_t)kind,
				      .from = transfer->peer };

	entry.protocol = transfer->protocol;
	entry.direction = transfer->direction;
	entry.bytes = transfer->bytes;
	entry.retransmits = transfer->retransmits;
	entry.wall_ms = env_wall(transfer->files->env);
	entry.duration_ms = env_now(transfer->files->env) - transfer->began_at;
	return entry;
}

static int
open_content(struct transfer *transfer, const struct grant *grant, struct err *err)
{
	struct files *files = transfer->files;

	if (grant->direction == DIRECTION_WRITE)
		return blob_begin(files->blobs, grant->size_max, &transfer->writer, err);
	transfer->content = grant->content;
	int r = blobs_get(files->blobs, &grant->content, &transfer->file, &transfer->size, err);
	if (r < 0 || transfer->size == grant->size_max)
		return r;
	env_file_close(TAKE(transfer->file));
	return err_set(err, AT, DD_EINTEGRITY, "the content of %s was cut on the disk",
		       grant->name);
}

/* What was here when the grant was opened is not any more. */
static void
lose_content(struct files *files, struct open_grant *grant, const struct err *err)
{
	log_line(files->settings.log, LOG_ERROR, "%s", err->text);
	grant->has_content = false;
	if (files->link != NULL)
		filed_link_fill(files->link);
}

int
transfer_begin(struct transfer *transfer, struct files *files, struct open_grant *grant,
	       enum protocol protocol, const struct addr *peer, struct err *err)
{
	*transfer = (struct transfer){ .files = files,
				       .grant_id = grant->grant.id,
				       .protocol = (uint8_t)protocol,
				       .peer = *peer };
	transfer->wall_deadline_ms = grant->grant.wall_deadline_ms;
	transfer->direction = grant->grant.direction;
	transfer->began_at = transfer->told_at = env_now(files->env);
	int r = open_content(transfer, &grant->grant, err);
	if (r < 0 && transfer->direction == DIRECTION_READ)
		lose_content(files, grant, err);
	if (r < 0)
		return r;
	transfer->is_on = true;
	grant->transfers_count++;
	struct ledger_entry entry = entry_of(transfer, LEDGER_OPENED);
	(void)ledger_add(files->ledger, &entry,
			 NULL); /* only the end of a transfer has to survive */
	return 0;
}

static void
tell_progress(struct transfer *transfer, uint64_t bytes)
{
	msec_t now = env_now(transfer->files->env);
	bool is_first = transfer->bytes == 0;

	transfer->bytes += bytes;
	if (!is_first && now - transfer->told_at < PROGRESS_MS)
		return;
	transfer->told_at = now;
	struct ledger_entry entry = entry_of(transfer, LEDGER_PROGRESS);
	(void)ledger_add(transfer->files->ledger, &entry,
			 NULL); /* only the end of a transfer has to survive */
}

int
transfer_take(struct transfer *transfer, const void *data, size_t size, struct err *err)
{
	int r = blob_write(transfer->writer, data, size, err);

	if (r == 0)
		tell_progress(transfer, size);
	return r;
}

void
transfer_moved(struct transfer *transfer, uint64_t bytes)
{
	tell_progress(transfer, bytes);
}

static void
close_content(struct transfer *transfer)
{
	env_file_close(transfer->file);
	blob_abort(transfer->writer);
	transfer->file = NULL;
	transfer->writer = NULL;
	transfer->is_on = false;
}

int
transfer_complete(struct transfer *transfer, struct err *err)
{
	struct files *files = transfer->files;
	struct open_grant *grant = files_grant_by_id(files, transfer->grant_id);
	bool is_upload = transfer->direction == DIRECTION_WRITE;
	int r = 0;

	if (is_upload && grant != NULL && grant->is_written)
		r = err_set(err, AT, DD_EEXIST, "another upload under this grant ended first");
	if (r == 0 && transfer->writer != NULL)
		r = blob_publish(TAKE(transfer->writer), NULL, &transfer->content, err);
	struct ledger_entry entry = entry_of(transfer, LEDGER_COMPLETE);
	entry.content = transfer->content;
	if (is_upload && grant != NULL) /* ledger_has_upload() knows it by its name */
		(void)text_copy(entry.text, sizeof(entry.text), grant->grant.name);
	if (r == 0)
		r = ledger_add(files->ledger, &entry, err);
	if (r < 0) {
		transfer_break(transfer, "%s", err->text);
		return r;
	}
	if (grant != NULL) {
		grant->is_complete = true;
		grant->is_written = is_upload;
	}
	close_content(transfer);
	return 0;
}

bool
transfer_is_late(const struct transfer *transfer)
{
	return transfer->is_on && env_wall(transfer->files->env) > transfer->wall_deadline_ms;
}

void
transfer_forget(struct transfer *transfer)
{
	if (transfer->is_on)
		close_content(transfer);
}

void
transfer_break(struct transfer *transfer, const char *format, ...)
{
	va_list arguments;

	if (!transfer->is_on)
		return;
	struct ledger_entry entry = entry_of(transfer, LEDGER_BROKEN);
	va_start(arguments, format);
	(void)vsnprintf(entry.text, sizeof(entry.text), format,
			arguments); /* a cut reason is still one */
	va_end(arguments);
	text_clean(entry.text);
	close_content(transfer);
	(void)ledger_add(transfer->files->ledger, &entry,
			 NULL); /* if it can't be kept, the manager's own limits end the step */
}
