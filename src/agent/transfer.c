/* transfer.c - what both clients share: the ask, the events, and being freed inside their own
 * callbacks. */
#include "agent/transfer_core.h"

#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>

static const struct {
	int (*make)(struct transfer **ret_transfer, struct err *err);
	int (*start)(struct transfer *transfer, struct err *err);
} protocols[PROTOCOL_COUNT] = {
	[PROTOCOL_TFTP] = { tftp_client_new, tftp_client_start },
	[PROTOCOL_FTP] = { ftp_client_new, ftp_client_start },
};

int
transfer_new(struct env *env, const struct device_transfer *ask, msec_t stall_ms,
	     const struct transfer_events *events, void *arg, struct transfer **ret_transfer,
	     struct err *err)
{
	struct transfer *transfer = NULL;

	if (ask->protocol >= PROTOCOL_COUNT || protocols[ask->protocol].make == NULL)
		return err_set(err, AT, DD_EUNSUPPORTED, "files move by TFTP or FTP only");
	int r = protocols[ask->protocol].make(&transfer, err);
	if (r < 0)
		return r;
	transfer->env = env;
	transfer->events = events;
	transfer->arg = arg;
	transfer->stall_ms = stall_ms;
	transfer->progress_at = env_now(env);
	transfer->direction = ask->direction;
	transfer->local = ask->local;
	transfer->server = ask->server;
	transfer->content = ask->content;
	if (!text_copy(transfer->file, sizeof(transfer->file), ask->file) ||
	    !text_copy(transfer->user, sizeof(transfer->user), ask->user) ||
	    !text_copy(transfer->password, sizeof(transfer->password), ask->password))
		r = err_set(err, AT, DD_EINVAL, "the file's name or the login is too long");
	else
		r = protocols[ask->protocol].start(transfer, err);
	if (r < 0)
		transfer->done(transfer);
	else
		*ret_transfer = transfer;
	return r;
}

void
transfer_free(struct transfer *transfer)
{
	if (transfer == NULL)
		return;
	transfer->is_freed = true;
	if (transfer->depth == 0)
		transfer->done(transfer);
}

void
transfer_enter(struct transfer *transfer)
{
	transfer->depth++;
}

void
transfer_leave(struct transfer *transfer)
{
	if (--transfer->depth == 0 && transfer->is_freed)
		transfer->done(transfer);
}

bool
transfer_is_over(const struct transfer *transfer)
{
	return transfer->is_over || transfer->is_freed;
}

void
transfer_progress(struct transfer *transfer)
{
	transfer->progress_at = env_now(transfer->env);
}

void
transfer_opened(struct transfer *transfer, uint64_t size)
{
	transfer_progress(transfer);
	if (!transfer_is_over(transfer))
		transfer->events->opened(transfer->arg, size);
}

void
transfer_data(struct transfer *transfer, const void *data, size_t size)
{
	transfer_progress(transfer);
	if (!transfer_is_over(transfer) && size > 0)
		transfer->events->data(transfer->arg, (struct slice){ data, size });
}

void
transfer_sent(struct transfer *transfer, uint64_t bytes)
{
	transfer_progress(transfer);
	if (!transfer_is_over(transfer))
		transfer->events->sent(transfer->arg, bytes);
}

void
transfer_succeeded(struct transfer *transfer)
{
	if (transfer_is_over(transfer))
		return;
	transfer->is_over = true;
	transfer->events->complete(transfer->arg);
}

void
transfer_failed(struct transfer *transfer, enum status_reason reason, const char *format, ...)
{
	char text[STATUS_TEXT_MAX];
	va_list args;

	if (transfer_is_over(transfer))
		return;
	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args); /* cut is fine */
	va_end(args);
	text_clean(text);
	transfer->is_over = true;
	transfer->events->failed(transfer->arg, reason, text);
}
