/* The manager's end of the link. A file service connects; a newer connection replaces the older. */
#include "files/manager_link.h"

#include "base/text.h"
#include "files/room.h"

#include <stdlib.h>
#include <string.h>

enum { QUEUE_HIGH = ENV_STREAM_QUEUE_MAX / 2, GRANTS_MAX = FILES_GRANTS_MAX };

/* A grant that is open here, and whether this connection has told it. */
struct told_grant {
	struct grant grant;
	bool was_told;
};

struct manager_link {
	struct env *env;
	struct blobs *blobs;
	struct manager_link_events events;
	void *arg;
	const struct log *log;
	struct env_listener *listener;
	struct env_stream *stream;
	bool is_greeted; /* HELLO came: grants are told */
	bool is_up;      /* STATUS came, too */
	bool has_ended;  /* GRANTS_END was told */
	struct buf in;
	struct told_grant *grants;
	unsigned grants_count, grants_capacity, untold_count;
	/* content that filed asked for, being sent */
	struct env_file *sending;
	struct sha256 sending_hash;
	uint64_t sending_size, sending_at;
	/* the ledger entry whose upload is being fetched, and those that came behind it: they are
	 * handed on in order */
	struct blob_writer *receiving;
	struct ledger_entry fetching;
	bool is_fetching;
	struct ledger_entry *behind;
	unsigned behind_count, behind_capacity;
};

static bool
send_message(struct manager_link *link, const struct link_message *message)
{
	struct buf frame = { 0 };
	bool is_sent = link->stream != NULL && link_encode(message, &frame) &&
		       env_stream_write(link->stream, frame.data, frame.size) == 0;

	buf_done(&frame);
	return is_sent;
}

static void
link_down(struct manager_link *link)
{
	bool was_up = link->is_up;

	env_stream_close(link->stream);
	link->stream = NULL;
	link->is_greeted = link->is_up = link->is_fetching = false;
	link->behind_count = 0;
	buf_clear(&link->in);
	env_file_close(link->sending);
	link->sending = NULL;
	blob_abort(link->receiving);
	link->receiving = NULL;
	if (was_up)
		link->events.changed(link->arg, false, 0, 0);
}

/* ---- content ---- */

static void
send_chunks(struct manager_link *link)
{
	uint8_t chunk[LINK_CHUNK_MAX];

	while (link->sending != NULL && env_stream_queued(link->stream) < QUEUE_HIGH) {
		struct link_message message = { .type = LINK_CONTENT,
						.content = link->sending_hash,
						.size = link->sending_size };
		int64_t got = env_file_read(link->sending, link->sending_at, chunk, sizeof(chunk));
		message.offset = link->sending_at;
		message.bytes = (struct slice){ chunk, got > 0 ? (size_t)got : 0 };
		if (got < 0 || !send_message(link, &message)) {
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
content_asked(struct manager_link *link, const struct link_message *message)
{
	char digits[SHA256_TEXT_SIZE];
	struct env_file *file = NULL;

	if (link->sending != NULL ||
	    blobs_get(link->blobs, &message->content, &file, &link->sending_size, NULL) < 0) {
		log_line(link->log, LOG_ERROR,
			 "the file service asks for content %.16s..., which can't be sent",
			 sha256_text(&message->content, digits));
		if (!send_message(link, &(struct link_message){ .type = LINK_CONTENT_NONE,
								.content = message->content }))
			link_down(link); /* the file service waits for this word */
		return;
	}
	link->sending = file;
	link->sending_hash = message->content;
	link->sending_at = 0;
	send_chunks(link);
}

/* ---- the ledger ---- */

static void
hand_on(struct manager_link *link, const struct ledger_entry *entry)
{
	int r = link->events.ledger(link->arg, entry);

	if (entry->number == 0)
		return; /* only news: nothing is acknowledged */
	if (r < 0)
		link_down(link); /* all that was not acknowledged is told again */
	else
		(void)send_message(link, &(struct link_message){
						 .type = LINK_LEDGER_ACK,
						 .id = entry->number }); /* else it comes again */
}

/* Hand an entry on, or begin to fetch its upload first. */
static void
take_entry(struct manager_link *link, const struct ledger_entry *entry)
{
	struct err err = { 0 };
	bool is_upload = entry->kind == LEDGER_COMPLETE && entry->direction == DIRECTION_WRITE;

	if (!is_upload || blobs_has(link->blobs, &entry->content, NULL)) {
		hand_on(link, entry);
		return;
	}
	if (blob_begin(link->blobs, entry->bytes, &link->receiving, &err) < 0) {
		log_line(link->log, LOG_ERROR, "an upload can't be taken over: %s", err.text);
		link_down(link);
		return;
	}
	link->fetching = *entry;
	link->is_fetching = true;
	if (!send_message(link, &(struct link_message){ .type = LINK_CONTENT_ASK,
							.content = entry->content }))
		link_down(link); /* else it would be waited for for ever */
}

static bool
put_behind(struct manager_link *link, const struct ledger_entry *entry)
{
	if (link->behind_count == link->behind_capacity) {
		unsigned capacity = link->behind_capacity == 0 ? 16 : link->behind_capacity * 2;
		struct ledger_entry *behind =
			capacity <= FILES_LEDGER_MAX
				? realloc(link->behind, capacity * sizeof(*behind))
				: NULL;
		if (behind == NULL)
			return false;
		link->behind = behind;
		link->behind_capacity = capacity;
	}
	link->behind[link->behind_count++] = *entry;
	return true;
}

static void
ledger_came(struct manager_link *link, const struct link_message *message)
{
	struct ledger_entry entry;

	ledger_from_link(message, &entry);
	if (!link->is_fetching)
		take_entry(link, &entry);
	else if (!put_behind(link, &entry))
		link_down(link); /* all of them come again after the next connect */
}

/* The upload is here, or lost: hand its entry on, and then those that waited. */
static void
fetched(struct manager_link *link)
{
	unsigned taken = 0;

	link->is_fetching = false;
	hand_on(link, &link->fetching);
	while (taken < link->behind_count && !link->is_fetching && link->stream != NULL) {
		struct ledger_entry entry = link->behind[taken++];
		take_entry(link, &entry);
	}
	taken = taken < link->behind_count ? taken
					   : link->behind_count; /* link_down() forgets them */
	link->behind_count -= taken;
	if (link->behind_count > 0)
		memmove(link->behind, link->behind + taken,
			link->behind_count * sizeof(*link->behind));
}

static void
content_came(struct manager_link *link, const struct link_message *message)
{
	struct err err = { 0 };

	if (!link->is_fetching || !sha256_equal(&message->content, &link->fetching.content) ||
	    message->offset != blob_size(link->receiving))
		return;
	int r = blob_write(link->receiving, message->bytes.data, message->bytes.size, &err);
	if (r == 0 && blob_size(link->receiving) < message->size)
		return;
	if (r == 0)
		r = blob_publish(TAKE(link->receiving), &link->fetching.content, NULL, &err);
	if (r < 0) {
		log_line(link->log, LOG_ERROR, "an upload from the file service: %s", err.text);
		blob_abort(TAKE(link->receiving));
	}
	if (r < 0 && r != DD_EINTEGRITY && r != DD_EFULL) {
		link_down(link);
		return;
	}
	fetched(link); /* damaged over there: handed on as one that was lost */
}

/* An upload that the file service has lost: its entry is handed on all the same, and the manager
 * finds the content missing. */
static void
content_missing(struct manager_link *link, const struct link_message *message)
{
	if (!link->is_fetching || !sha256_equal(&message->content, &link->fetching.content))
		return;
	blob_abort(TAKE(link->receiving));
	fetched(link);
}

/* ---- grants ---- */

static bool
tell_grant(struct manager_link *link, const struct grant *grant)
{
	struct link_message message = { .type = LINK_GRANT,
					.id = grant->id,
					.address = grant->device,
					.direction = grant->direction };

	message.protocols = grant->protocols;
	message.size = grant->size_max;
	message.content = grant->content;
	message.wall_ms = grant->wall_deadline_ms;
	(void)text_copy(message.name, sizeof(message.name), grant->name);
	(void)text_copy(message.user, sizeof(message.user), grant->user);
	(void)text_copy(message.password, sizeof(message.password), grant->password);
	return send_message(link, &message);
}

/* Tell what was not told yet. What the stream has no room for is told when it is drained, and the
 * end only after everything: the file service then closes all others. */
static void
tell_grants(struct manager_link *link)
{
	if (!link->is_greeted)
		return;
	for (unsigned i = 0; i < link->grants_count && link->untold_count > 0; i++) {
		struct told_grant *told = &link->grants[i];
		if (told->was_told)
			continue;
		if (!tell_grant(link, &told->grant))
			return;
		told->was_told = true;
		link->untold_count--;
	}
	if (!link->has_ended)
		link->has_ended =
			send_message(link, &(struct link_message){ .type = LINK_GRANTS_END });
}

static void
hello_came(struct manager_link *link, const struct link_message *message)
{
	if (message->version != LINK_VERSION) {
		log_line(link->log, LOG_ERROR,
			 "the file service speaks version %u of the link, we speak %d: update the "
			 "older of the two",
			 (unsigned)message->version, LINK_VERSION);
		link_down(link);
		return;
	}
	(void)send_message(link, &(struct link_message){ .type = LINK_HELLO,
							 .version = LINK_VERSION,
							 .text = "drydockd" });
	link->is_greeted = true;
	link->has_ended = false;
	link->untold_count = link->grants_count;
	for (unsigned i = 0; i < link->grants_count; i++)
		link->grants[i].was_told = false;
	tell_grants(link);
}

static void
message_came(struct manager_link *link, const struct link_message *message)
{
	switch ((enum link_type)message->type) {
	case LINK_HELLO:
		hello_came(link, message);
		break;
	case LINK_STATUS:
		link->is_up = true;
		link->events.changed(link->arg, true, message->port_tftp, message->port_ftp);
		break;
	case LINK_GRANTED:
		link->events.granted(link->arg, message->id);
		break;
	case LINK_LEDGER:
		ledger_came(link, message);
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
	default: /* the others go from us to the file service */
		break;
	}
}

static void
link_received(void *arg, const uint8_t *data, size_t size)
{
	struct manager_link *link = arg;
	struct link_message message;
	struct err err = { 0 };

	(void)buf_add(&link->in, data, size);
	while (link->stream != NULL) {
		int64_t used = link_decode((const uint8_t *)buf_text(&link->in), link->in.size,
					   &message, &err);
		if (used == 0)
			return;
		if (used < 0) {
			log_line(link->log, LOG_ERROR, "the file service: %s", err.text);
			link_down(link);
			return;
		}
		message_came(link, &message);
		if (link->stream != NULL)
			buf_drop(&link->in, (size_t)used);
	}
}

static void
link_drained(void *arg)
{
	struct manager_link *link = arg;

	tell_grants(link);
	send_chunks(link);
}

static void
link_closed(void *arg, int reason)
{
	(void)reason;
	link_down(arg);
}

static void
link_accepted(void *arg, struct env_stream *stream, const struct addr *peer)
{
	static const struct env_stream_events events = {
		.received = link_received,
		.drained = link_drained,
		.closed = link_closed,
	};
	struct manager_link *link = arg;

	(void)peer;
	link_down(link);
	link->stream = stream;
	env_stream_use(stream, &events, link);
}

int
manager_link_new(struct env *env, const struct addr *listen, struct blobs *blobs,
		 const struct manager_link_events *events, void *arg, const struct log *log,
		 struct manager_link **ret_link, struct err *err)
{
	struct manager_link *link = calloc(1, sizeof(*link));

	if (link == NULL)
		return err_set(err, AT, DD_ENOMEM, "no memory for the link");
	link->env = env;
	link->blobs = blobs;
	link->events = *events;
	link->arg = arg;
	link->log = log;
	buf_init(&link->in, 4 * LINK_FRAME_MAX + ENV_STREAM_QUEUE_MAX);
	int r = env_listen(env, listen, link_accepted, link, &link->listener, err);
	if (r < 0) {
		free(link);
		return err_wrap(err, AT, "link to the file service");
	}
	*ret_link = link;
	return 0;
}

void
manager_link_free(struct manager_link *link)
{
	if (link == NULL)
		return;
	env_stream_close(link->stream);
	env_listener_close(link->listener);
	env_file_close(link->sending);
	blob_abort(link->receiving);
	buf_done(&link->in);
	free(link->grants);
	free(link->behind);
	free(link);
}

bool
manager_link_is_up(const struct manager_link *link)
{
	return link->is_up;
}

int
manager_link_grant(struct manager_link *link, const struct grant *grant, struct err *err)
{
	struct told_grant *told = NULL;

	for (unsigned i = 0; i < link->grants_count && told == NULL; i++)
		if (link->grants[i].grant.id == grant->id)
			told = &link->grants[i];
	if (told == NULL && link->grants_count == link->grants_capacity) {
		unsigned capacity = link->grants_capacity == 0 ? 64 : link->grants_capacity * 2;
		struct told_grant *grants =
			capacity <= GRANTS_MAX
				? realloc(link->grants, capacity * sizeof(*link->grants))
				: NULL;
		if (grants == NULL)
			return err_set(err, AT, DD_EFULL, "%d grants are open", GRANTS_MAX);
		link->grants = grants;
		link->grants_capacity = capacity;
	}
	if (told == NULL) {
		told = &link->grants[link->grants_count++];
		*told = (struct told_grant){ .grant = *grant, .was_told = true };
	}
	if (told->was_told) {
		told->was_told = false; /* told again: confirmed again */
		link->untold_count++;
	}
	tell_grants(link);
	return 0;
}

void
manager_link_revoke(struct manager_link *link, uint64_t grant)
{
	struct link_message message = { .type = LINK_REVOKE, .id = grant };

	for (unsigned i = 0; i < link->grants_count; i++) {
		if (link->grants[i].grant.id != grant)
			continue;
		bool was_told = link->grants[i].was_told;
		link->untold_count -= !was_told;
		link->grants[i] = link->grants[--link->grants_count];
		if (link->is_greeted && was_told && !send_message(link, &message))
			link_down(link); /* a new connection closes what is not told in it */
		return;
	}
}
