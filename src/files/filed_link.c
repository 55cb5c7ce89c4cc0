/* The file service's end of the link: grants in, ledger out, content by hash in both directions.
 * Reconnects for ever. */
#include "base/text.h"
#include "files/room.h"

#include <stdlib.h>
#include <string.h>

enum { RETRY_MIN_MS = 100, RETRY_MAX_MS = 5000, QUEUE_HIGH = ENV_STREAM_QUEUE_MAX / 2 };

struct filed_link {
	struct files *files;
	struct env_stream *stream;
	bool is_up;    /* HELLO came */
	bool was_full; /* something was not taken by the stream: it is sent when that is drained */
	struct buf in;
	struct env_timer retry;
	msec_t retry_ms;
	/* content that the manager asked for, being sent */
	struct env_file *sending;
	struct sha256 sending_hash;
	uint64_t sending_size, sending_at;
	/* content that we asked for, being received */
	struct blob_writer *receiving;
	struct sha256 receiving_hash;
};

static void connect_now(void *arg);

static void
link_down(struct filed_link *link)
{
	env_stream_close(link->stream);
	link->stream = NULL;
	link->is_up = link->was_full = false;
	buf_clear(&link->in);
	env_file_close(link->sending);
	link->sending = NULL;
	blob_abort(link->receiving);
	link->receiving = NULL;
	env_timer_set(link->files->env, &link->retry, env_now(link->files->env) + link->retry_ms);
	link->retry_ms = link->retry_ms * 2 > RETRY_MAX_MS ? RETRY_MAX_MS : link->retry_ms * 2;
}

bool
filed_link_send(struct filed_link *link, const struct link_message *message)
{
	struct buf frame = { 0 };
	bool is_sent = false;

	if (link->is_up || message->type == LINK_HELLO)
		is_sent = link->stream != NULL && link_encode(message, &frame) &&
			  env_stream_write(link->stream, frame.data, frame.size) == 0;
	link->was_full = link->was_full || (link->is_up && !is_sent);
	buf_done(&frame);
	return is_sent;
}

bool
filed_link_is_up(const struct filed_link *link)
{
	return link->is_up;
}

/* ---- content that we lack ---- */

struct wanting {
	struct filed_link *link;
	bool was_found;
};

static void
ask_for(struct filed_link *link, const struct sha256 *hash)
{
	struct err err = { 0 };

	link->receiving_hash = *hash;
	if (blob_begin(link->files->blobs, UINT64_MAX, &link->receiving, &err) < 0) {
		log_line(link->files->settings.log, LOG_ERROR, "content can't be taken in: %s",
			 err.text);
		return;
	}
	if (!filed_link_send(link,
			     &(struct link_message){ .type = LINK_CONTENT_ASK, .content = *hash }))
		blob_abort(TAKE(link->receiving)); /* asked for again when the link has room */
}

static void
tell_granted(struct filed_link *link, struct open_grant *grant)
{
	grant->was_told = filed_link_send(
		link, &(struct link_message){ .type = LINK_GRANTED, .id = grant->grant.id });
}

static void
look_for_missing(void *arg, struct open_grant *grant)
{
	struct wanting *wanting = arg;

	files_content_look(wanting->link->files, grant);
	if (grant->has_content) {
		if (!grant->was_told)
			tell_granted(wanting->link, grant);
		return;
	}
	if (!grant->is_lacking && !wanting->was_found && wanting->link->receiving == NULL) {
		wanting->was_found = true;
		ask_for(wanting->link, &grant->grant.content);
	}
}

/* One content at a time: ask for the next that a grant lacks, and tell which grants are whole now.
 */
void
filed_link_fill(struct filed_link *link)
{
	struct wanting wanting = { .link = link };

	files_grants_each(link->files, look_for_missing, &wanting);
}

/* ---- content that the manager lacks ---- */

static void
send_chunks(struct filed_link *link)
{
	uint8_t chunk[LINK_CHUNK_MAX];

	while (link->sending != NULL && env_stream_queued(link->stream) < QUEUE_HIGH) {
		struct link_message message = { .type = LINK_CONTENT,
						.content = link->sending_hash,
						.size = link->sending_size };
		int64_t got = env_file_read(link->sending, link->sending_at, chunk, sizeof(chunk));
		if (got < 0) {
			link_down(link);
			return;
		}
		message.offset = link->sending_at;
		message.bytes = (struct slice){ chunk, (size_t)got };
		if (!filed_link_send(link, &message)) {
			link_down(link);
			return;
		}
		link->sending_at += (uint64_t)got;
		if (link->sending_at >= link->sending_size) {
			env_file_close(link->sending);
			link->sending = NULL;
		}
	}
}

static void
content_asked(struct filed_link *link, const struct link_message *message)
{
	struct env_file *file = NULL;

	if (link->sending != NULL || blobs_get(link->files->blobs, &message->content, &file,
					       &link->sending_size, NULL) < 0) {
		if (!filed_link_send(link, &(struct link_message){ .type = LINK_CONTENT_NONE,
								   .content = message->content }))
			link_down(link); /* the manager waits for this word */
		return;
	}
	link->sending = file;
	link->sending_hash = message->content;
	link->sending_at = 0;
	send_chunks(link);
}

static void
mark_lacking(void *arg, struct open_grant *grant)
{
	if (!grant->has_content && sha256_equal(&grant->grant.content, arg))
		grant->is_lacking = true;
}

/* What we asked for is not to be had: its grants must not hold up the others. */
static void
give_content_up(struct filed_link *link)
{
	blob_abort(TAKE(link->receiving));
	files_grants_each(link->files, mark_lacking, &link->receiving_hash);
	filed_link_fill(link);
}

static void
content_came(struct filed_link *link, const struct link_message *message)
{
	struct err err = { 0 };

	if (link->receiving == NULL || !sha256_equal(&message->content, &link->receiving_hash) ||
	    message->offset != blob_size(link->receiving))
		return;
	int r = blob_write(link->receiving, message->bytes.data, message->bytes.size, &err);
	if (r == 0 && blob_size(link->receiving) < message->size)
		return;
	if (r == 0)
		r = blob_publish(TAKE(link->receiving), &link->receiving_hash, NULL, &err);
	if (r == DD_EINTEGRITY) { /* the manager's copy is damaged: asking again would not help */
		log_line(link->files->settings.log, LOG_ERROR, "content from the manager: %s",
			 err.text);
		give_content_up(link);
		return;
	}
	if (r < 0) {
		log_line(link->files->settings.log, LOG_ERROR, "content from the manager: %s",
			 err.text);
		blob_abort(TAKE(link->receiving));
		link_down(link); /* everything is told and asked for again */
		return;
	}
	files_content_verified(link->files, &link->receiving_hash, message->size);
	filed_link_fill(link);
}

/* ---- messages ---- */

static void
grant_came(struct filed_link *link, const struct link_message *message)
{
	struct grant grant = { .id = message->id,
			       .device = message->address,
			       .direction = message->direction,
			       .protocols = message->protocols };
	struct err err = { 0 };

	grant.size_max = message->size;
	grant.content = message->content;
	grant.wall_deadline_ms = message->wall_ms;
	bool fits = text_copy(grant.name, sizeof(grant.name), message->name) &&
		    text_copy(grant.user, sizeof(grant.user), message->user) &&
		    text_copy(grant.password, sizeof(grant.password), message->password);
	int r = fits ? files_grant_open(link->files, &grant, &err)
		     : err_set(&err, AT, DD_EINVAL, "a grant's words are too long");
	if (r < 0) {
		log_line(link->files->settings.log, LOG_ERROR, "grant %llu is not opened: %s",
			 (unsigned long long)message->id, err.text);
		return;
	}
	struct open_grant *open = files_grant_find(link->files, grant.name);
	open->was_told = open->is_lacking = false;
	look_for_missing(&(struct wanting){ .link = link }, open);
}

static void
content_missing(struct filed_link *link, const struct link_message *message)
{
	char digits[SHA256_TEXT_SIZE];

	if (link->receiving == NULL || !sha256_equal(&message->content, &link->receiving_hash))
		return;
	log_line(link->files->settings.log, LOG_ERROR, "the manager has no content %.16s...",
		 sha256_text(&message->content, digits));
	give_content_up(link);
}

static void
close_unconfirmed(void *arg, struct open_grant *grant)
{
	if (!grant->is_confirmed)
		files_grant_close(arg, grant->grant.id);
}

static void
unconfirm(void *arg, struct open_grant *grant)
{
	(void)arg;
	grant->is_confirmed = false;
}

static void
hello_came(struct filed_link *link, const struct link_message *message)
{
	struct files *files = link->files;
	struct link_message status = { .type = LINK_STATUS };

	if (message->version != LINK_VERSION) {
		log_line(files->settings.log, LOG_ERROR,
			 "the manager speaks version %u of the link, we speak %d: update the older "
			 "of the two",
			 (unsigned)message->version, LINK_VERSION);
		link_down(link);
		return;
	}
	link->is_up = true;
	link->retry_ms = RETRY_MIN_MS;
	status.port_tftp = files->tftp != NULL ? tftp_local(files->tftp)->port : 0;
	status.port_ftp = files->ftp != NULL ? ftp_local(files->ftp)->port : 0;
	files_grants_each(files, unconfirm, NULL);
	(void)filed_link_send(link, &status); /* a lost link is seen by its closed() */
	ledger_resend(files->ledger);
}

static void
message_came(struct filed_link *link, const struct link_message *message)
{
	if (!link->is_up && message->type != LINK_HELLO)
		return;
	switch ((enum link_type)message->type) {
	case LINK_HELLO:
		hello_came(link, message);
		break;
	case LINK_GRANT:
		grant_came(link, message);
		break;
	case LINK_REVOKE:
		files_grant_close(link->files, message->id);
		break;
	case LINK_GRANTS_END:
		files_grants_each(link->files, close_unconfirmed, link->files);
		ledger_forget_closed(link->files->ledger);
		break;
	case LINK_LEDGER_ACK:
		ledger_ack(link->files->ledger, message->id);
		break;
	case LINK_CONTENT_ASK:
		content_asked(link, message);
		break;
	case LINK_CONTENT:
		content_came(link, message);
		break;
	case LINK_CONTENT_NONE:
		content_missing(link, message);
		break;
	default: /* the others go from us to the manager */
		break;
	}
}

static void
link_received(void *arg, const uint8_t *data, size_t size)
{
	struct filed_link *link = arg;
	struct link_message message;
	struct err err = { 0 };

	(void)buf_add(&link->in, data, size);
	while (link->stream != NULL) {
		int64_t used = link_decode((const uint8_t *)buf_text(&link->in), link->in.size,
					   &message, &err);
		if (used == 0)
			return;
		if (used < 0) {
			log_line(link->files->settings.log, LOG_ERROR, "the manager: %s", err.text);
			link_down(link);
			return;
		}
		message_came(link, &message);
		buf_drop(&link->in, link->stream != NULL ? (size_t)used : 0);
	}
}

static void
link_opened(void *arg)
{
	struct filed_link *link = arg;
	struct link_message hello = { .type = LINK_HELLO,
				      .version = LINK_VERSION,
				      .text = "drydock-filed" };

	(void)filed_link_send(link, &hello); /* a lost link is seen by its closed() */
}

static void
link_drained(void *arg)
{
	struct filed_link *link = arg;

	if (link->was_full) {
		link->was_full = false;
		ledger_send(link->files->ledger);
		filed_link_fill(link);
	}
	send_chunks(link);
}

static void
link_closed(void *arg, int reason)
{
	struct filed_link *link = arg;

	if (link->is_up)
		log_line(link->files->settings.log, LOG_WARNING,
			 "the manager has gone (%s); grants stay open until their time",
			 err_name(reason));
	link_down(link);
}

static void
connect_now(void *arg)
{
	static const struct env_stream_events events = {
		.opened = link_opened,
		.received = link_received,
		.drained = link_drained,
		.closed = link_closed,
	};
	struct filed_link *link = arg;

	if (env_connect(link->files->env, &link->files->settings.link, NULL, &events, link,
			&link->stream, NULL) < 0) {
		link->stream = NULL;
		link_down(link);
	}
}

int
filed_link_new(struct files *files, struct filed_link **ret_link, struct err *err)
{
	struct filed_link *link = calloc(1, sizeof(*link));

	if (link == NULL)
		return err_set(err, AT, DD_ENOMEM, "no memory for the link");
	link->files = files;
	link->retry_ms = RETRY_MIN_MS;
	link->retry = (struct env_timer){ .fire = connect_now, .arg = link };
	buf_init(&link->in, 4 * LINK_FRAME_MAX + ENV_STREAM_QUEUE_MAX);
	env_timer_set(files->env, &link->retry, env_now(files->env));
	*ret_link = link;
	return 0;
}

void
filed_link_free(struct filed_link *link)
{
	if (link == NULL)
		return;
	env_timer_clear(link->files->env, &link->retry);
	env_stream_close(link->stream);
	env_file_close(link->sending);
	blob_abort(link->receiving);
	buf_done(&link->in);
	free(link);
}
