/* The TFTP server: one session a transfer, each on a socket of its own, one block in flight.
 *
 *   read:  request -> OACK -> ACK 0 -> DATA 1 -> ACK 1 ...    (without options DATA 1 comes at
 * once) write: request -> OACK or ACK 0 -> DATA 1 -> ACK 1 ...    (the last ACK only after the
 * content is durable)
 *
 * A request without a grant meets silence. A request repeated from the same port is the same
 * transfer. A doubled ACK never makes data (RFC 1123 section 4.2.3.1). Timers follow measured round
 * trips. */
#include "wire/tftp.h"
#include "base/text.h"
#include "files/room.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
	BLOCK_CAP = 1468, /* an Ethernet frame without fragments */
	RTO_START_MS = 1000,
	RTO_MIN_MS = 20,
	RTO_MAX_MS = 2000,
	TRIES_UNHEARD = 2, /* of the first data block to an address that asked without options */
	TRIES_UNHEARD_OPTIONS = 4, /* of the OACK */
	REPEAT_MS = 10000,         /* a request, or an upload's last block, that comes again so soon
				      after its transfer began or ended is the same one */
	HALF_OPEN_MAX =
		4, /* sessions of one address that have not been heard of since their request */
};

struct session {
	struct session *next;
	struct tftp *tftp;
	struct env_udp *udp;
	struct addr peer, local;
	struct transfer transfer;
	char name[GRANT_NAME_MAX + 1];
	uint8_t opcode; /* TFTP_RRQ or TFTP_WRQ */
	uint16_t block_size;
	uint64_t block;     /* read: last sent; write: last taken */
	size_t block_bytes; /* read: bytes in the last sent */
	bool is_heard;      /* anything came after the request */
	bool has_options, is_repeated /* Karn: the last packet was sent again */, is_dallying;
	unsigned tries;
	msec_t rto_ms, srtt_ms, sent_at, heard_at, began_at;
	struct env_timer timer;
	size_t last_size;
	uint8_t last[TFTP_HEADER_SIZE + BLOCK_CAP]; /* the packet in flight */
};

struct tftp {
	struct files *files;
	struct env_udp *udp;
	struct session *sessions;
	unsigned count;
};

/* ---- sending ---- */

static void
session_free(struct session *session)
{
	struct tftp *tftp = session->tftp;

	for (struct session **link = &tftp->sessions; *link != NULL; link = &(*link)->next) {
		if (*link == session) {
			*link = session->next;
			tftp->count--;
			break;
		}
	}
	env_timer_clear(tftp->files->env, &session->timer);
	env_udp_close(session->udp);
	free(session);
}

static void
arm(struct session *session, msec_t delay_ms)
{
	env_timer_set(session->tftp->files->env, &session->timer,
		      env_now(session->tftp->files->env) + delay_ms);
}

static void
transmit(struct session *session)
{
	session->sent_at = env_now(session->tftp->files->env);
	(void)env_udp_send(session->udp, &session->peer, NULL, session->last,
			   session->last_size); /* the timer sends what was not */
	arm(session, session->rto_ms);
}

/* Write what is to be sent next. Every packet of ours is valid and fits: a block is BLOCK_CAP at
 * most. */
static void
encode(struct session *session, const struct tftp_packet *packet)
{
	const int64_t size = tftp_encode(packet, session->last, sizeof(session->last));

	assert(size > 0);
	session->last_size = (size_t)size;
}

static void
send_packet(struct session *session, const struct tftp_packet *packet)
{
	encode(session, packet);
	session->tries = 1;
	session->is_repeated = false;
	transmit(session);
}

static void
send_error(struct session *session, enum tftp_code code, const char *text)
{
	struct tftp_packet packet = { .opcode = TFTP_ERROR, .code = (uint16_t)code };

	(void)text_copy(packet.text, sizeof(packet.text), text);
	encode(session, &packet);
	(void)env_udp_send(session->udp, &session->peer, NULL, session->last,
			   session->last_size); /* one word, sent once */
}

/* A device that asks from two ports and reads from one leaves nothing broken. */
static bool
is_idle_double(const struct session *session)
{
	const struct open_grant *grant =
		files_grant_by_id(session->tftp->files, session->transfer.grant_id);

	return !session->is_heard && grant != NULL && grant->is_complete;
}

static void
give_up(struct session *session, const char *why)
{
	if (is_idle_double(session))
		transfer_forget(&session->transfer);
	transfer_break(&session->transfer, "%s", why);
	session_free(session);
}

/* Its grant's time is over: say so and end it. */
static bool
end_late(struct session *session)
{
	if (!transfer_is_late(&session->transfer))
		return false;
	send_error(session, TFTP_ERROR_ACCESS, "not allowed any more");
	give_up(session, "the grant's time is over");
	return true;
}

/* All is done: stay for a while, so that a repeated request begins nothing anew. */
static void
dally(struct session *session)
{
	session->is_dallying = true;
	arm(session, REPEAT_MS);
}

static void
send_ack(struct session *session)
{
	send_packet(session,
		    &(struct tftp_packet){ .opcode = TFTP_ACK, .block = (uint16_t)session->block });
}

/* The next block of a download. */
static void
send_data(struct session *session)
{
	uint8_t bytes[BLOCK_CAP];
	uint64_t offset = session->block * session->block_size;
	int64_t got = env_file_read(session->transfer.file, offset, bytes, session->block_size);

	if (got < 0) {
		send_error(session, TFTP_ERROR_TOLD, "the file can't be read");
		give_up(session, "the content can't be read from the disk");
		return;
	}
	session->block++;
	session->block_bytes = (size_t)got;
	send_packet(session, &(struct tftp_packet){
				     .opcode = TFTP_DATA,
				     .block = (uint16_t)session->block,
				     .data = { bytes, (size_t)got },
			     });
}

/* ---- time ---- */

static unsigned
tries_max(const struct session *session)
{
	if (session->is_heard)
		return UINT32_MAX; /* silence ends it, not a count */
	return session->has_options || session->opcode == TFTP_WRQ ? TRIES_UNHEARD_OPTIONS
								   : TRIES_UNHEARD;
}

static void
fired(void *arg)
{
	struct session *session = arg;
	msec_t silent_ms = env_now(session->tftp->files->env) - session->heard_at;

	if (session->is_dallying) {
		session_free(session);
		return;
	}
	if (end_late(session))
		return;
	if (silent_ms >= SILENCE_MS) {
		give_up(session, "the device was silent for 30 s");
		return;
	}
	if (session->tries >= tries_max(session)) { /* no more packets to an address that never
						       answered; the request may still come again */
		arm(session, SILENCE_MS - silent_ms);
		return;
	}
	session->tries++;
	session->is_repeated = true;
	session->transfer.retransmits++;
	session->rto_ms = session->rto_ms * 2 > RTO_MAX_MS ? RTO_MAX_MS : session->rto_ms * 2;
	transmit(session);
}

/* An answer to the packet in flight came: measure, unless it was sent twice (Karn). */
static void
measure(struct session *session)
{
	msec_t sample = env_now(session->tftp->files->env) - session->sent_at;

	if (session->is_repeated)
		return;
	session->srtt_ms = session->srtt_ms == 0 ? sample : (7 * session->srtt_ms + sample) / 8;
	session->rto_ms = 4 * session->srtt_ms;
	if (session->rto_ms < RTO_MIN_MS)
		session->rto_ms = RTO_MIN_MS;
	if (session->rto_ms > RTO_MAX_MS)
		session->rto_ms = RTO_MAX_MS;
}

/* ---- packets of a session ---- */

static void
take_ack(struct session *session, const struct tftp_packet *packet)
{
	bool is_expected = packet->block == (uint16_t)session->block;
	struct err err = { 0 };

	if (!is_expected || session->opcode != TFTP_RRQ)
		return; /* old or never sent */
	measure(session);
	if (session->block > 0) {
		transfer_moved(&session->transfer, session->block_bytes);
		if (session->block_bytes < session->block_size) {
			(void)transfer_complete(&session->transfer,
						&err); /* a failure to write it is told as broken */
			dally(session);
			return;
		}
	}
	send_data(session);
}

static void
break_upload(struct session *session, int code, const struct err *err)
{
	send_error(session,
		   code == DD_ENOSPC || code == DD_EFULL ? TFTP_ERROR_FULL : TFTP_ERROR_TOLD,
		   code == DD_EFULL    ? "the file is larger than allowed"
		   : code == DD_ENOSPC ? "the disk is full"
				       : "the file can't be stored");
	give_up(session, err->text);
}

static void
take_data(struct session *session, const struct tftp_packet *packet)
{
	struct err err = { 0 };

	if (session->opcode != TFTP_WRQ || packet->data.size > session->block_size)
		return;
	if (packet->block == (uint16_t)session->block &&
	    session->block > 0) { /* our ACK was lost */
		session->transfer.retransmits++;
		(void)env_udp_send(session->udp, &session->peer, NULL, session->last,
				   session->last_size); /* it will ask again */
		return;
	}
	if (packet->block != (uint16_t)(session->block + 1) || session->is_dallying)
		return;
	measure(session);
	int r = transfer_take(&session->transfer, packet->data.data, packet->data.size, &err);
	bool is_last = packet->data.size < session->block_size;
	if (r == 0 && is_last)
		r = transfer_complete(&session->transfer, &err);
	if (r < 0) {
		break_upload(session, r, &err);
		return;
	}
	session->block++;
	send_ack(session);
	if (is_last)
		dally(session);
}

static void
received(void *arg, const struct addr *from, const struct addr *to, const uint8_t *data,
	 size_t size)
{
	struct session *session = arg;
	struct tftp_packet packet;
	char why[160];

	(void)to;
	if (!addr_equal(from, &session->peer) || tftp_decode(data, size, &packet, NULL) < 0)
		return; /* foreign or malformed: ignored, without a word */
	if (session->is_dallying && packet.opcode != TFTP_DATA)
		return;
	session->is_heard = true;
	session->heard_at = env_now(session->tftp->files->env);
	if (end_late(session))
		return;
	switch ((enum tftp_opcode)packet.opcode) {
	case TFTP_ACK:
		take_ack(session, &packet);
		break;
	case TFTP_DATA:
		take_data(session, &packet);
		break;
	case TFTP_ERROR:
		(void)text_print(why, sizeof(why), "the device broke off with error %u: %s",
				 packet.code, packet.text);
		give_up(session, why);
		break;
	default: /* requests come to the listener, OACKs never to a server */
		break;
	}
}

/* ---- requests ---- */

static struct session *
find_repeated(struct tftp *tftp, const struct addr *from, const struct tftp_packet *packet)
{
	msec_t now = env_now(tftp->files->env);

	for (struct session *session = tftp->sessions; session != NULL; session = session->next)
		if (addr_equal(&session->peer, from) && session->opcode == packet->opcode &&
		    text_equal(session->name, packet->name) &&
		    (session->is_dallying || now - session->began_at < REPEAT_MS))
			return session;
	return NULL;
}

static unsigned
half_open(const struct tftp *tftp, const struct addr *from)
{
	unsigned count = 0;

	for (const struct session *session = tftp->sessions; session != NULL;
	     session = session->next)
		count += !session->is_heard && addr_host_equal(&session->peer, from);
	return count;
}

/* What is granted of the options that were asked for. */
static struct tftp_options
grant_options(struct session *session, const struct tftp_packet *packet)
{
	struct tftp_options options = packet->options;

	if (options.has_blksize && options.blksize > BLOCK_CAP)
		options.blksize = BLOCK_CAP;
	if (options.has_blksize)
		session->block_size = (uint16_t)options.blksize; /* at most BLOCK_CAP */
	if (options.has_timeout)
		session->rto_ms = options.timeout_s * 1000 < RTO_MAX_MS ? options.timeout_s * 1000
									: RTO_MAX_MS;
	if (options.has_tsize && session->opcode == TFTP_RRQ)
		options.tsize = session->transfer.size;
	return options;
}

static void
first_answer(struct session *session, const struct tftp_packet *packet)
{
	struct tftp_options options = grant_options(session, packet);

	session->has_options = options.has_blksize || options.has_timeout || options.has_tsize;
	if (session->has_options)
		send_packet(session,
			    &(struct tftp_packet){ .opcode = TFTP_OACK, .options = options });
	else if (session->opcode == TFTP_RRQ)
		send_data(session);
	else
		send_ack(session);
}

/* Something that fits the grant and still can't be done: one error packet, from a socket of its
 * own. */
static void
refuse(struct session *session, enum tftp_code code, const char *text)
{
	send_error(session, code, text);
	give_up(session, text);
}

static void
begin(struct tftp *tftp, struct open_grant *grant, const struct tftp_packet *packet,
      const struct addr *from, const struct addr *to)
{
	struct files *files = tftp->files;
	struct session *session = calloc(1, sizeof(*session));
	struct addr local = *to;
	struct err err = { 0 };

	if (session == NULL)
		return;
	session->tftp = tftp;
	session->peer = *from;
	session->opcode = packet->opcode;
	session->block_size = TFTP_BLKSIZE_DEFAULT;
	session->rto_ms = RTO_START_MS;
	session->began_at = session->heard_at = env_now(files->env);
	session->timer = (struct env_timer){ .fire = fired, .arg = session };
	(void)text_copy(session->name, sizeof(session->name), packet->name);
	local.port = 0;
	int r = env_udp_open(files->env, &local, received, session, &session->udp, &err);
	if (r < 0) {
		log_line(files->settings.log, LOG_ERROR, "no socket for a transfer: %s", err.text);
		free(session);
		return;
	}
	session->next = tftp->sessions;
	tftp->sessions = session;
	tftp->count++;
	r = transfer_begin(&session->transfer, files, grant, PROTOCOL_TFTP, from, &err);
	if (r < 0)
		refuse(session, r == DD_ENOSPC ? TFTP_ERROR_FULL : TFTP_ERROR_TOLD,
		       "the file service can't take this now");
	else if (packet->mode != TFTP_OCTET)
		refuse(session, TFTP_ERROR_ILLEGAL,
		       "only mode octet: configurations and images stay as they are");
	else if (session->opcode == TFTP_WRQ && packet->options.has_tsize &&
		 packet->options.tsize > grant->grant.size_max)
		refuse(session, TFTP_ERROR_FULL, "the file is larger than allowed");
	else
		first_answer(session, packet);
}

static void
requested(void *arg, const struct addr *from, const struct addr *to, const uint8_t *data,
	  size_t size)
{
	struct tftp *tftp = arg;
	struct tftp_packet packet;

	if (tftp_decode(data, size, &packet, NULL) < 0 ||
	    (packet.opcode != TFTP_RRQ && packet.opcode != TFTP_WRQ))
		return;
	struct session *repeated = find_repeated(tftp, from, &packet);
	if (repeated != NULL) {
		if (!repeated->is_heard && repeated->tries < tries_max(repeated)) {
			repeated->tries++;
			repeated->is_repeated = true;
			transmit(repeated);
		}
		return;
	}
	struct open_grant *grant = files_grant_for(
		tftp->files, packet.name, from,
		packet.opcode == TFTP_RRQ ? DIRECTION_READ : DIRECTION_WRITE, PROTOCOL_TFTP);
	if (grant == NULL || tftp->count >= FILES_SESSIONS_MAX ||
	    half_open(tftp, from) >= HALF_OPEN_MAX)
		return; /* default silent (INV-FILES-1) */
	begin(tftp, grant, &packet, from, to);
}

/* ---- the service ---- */

int
tftp_new(struct files *files, struct tftp **ret_tftp, struct err *err)
{
	struct tftp *tftp = calloc(1, sizeof(*tftp));

	if (tftp == NULL)
		return err_set(err, AT, DD_ENOMEM, "no memory for the TFTP server");
	tftp->files = files;
	int r = env_udp_open(files->env, &files->settings.tftp, requested, tftp, &tftp->udp, err);
	if (r < 0) {
		free(tftp);
		return err_wrap(err, AT, "TFTP (--tftp)");
	}
	*ret_tftp = tftp;
	return 0;
}

void
tftp_free(struct tftp *tftp)
{
	if (tftp == NULL)
		return;
	while (tftp->sessions != NULL)
		give_up(tftp->sessions, "the file service stopped");
	env_udp_close(tftp->udp);
	free(tftp);
}

const struct addr *
tftp_local(const struct tftp *tftp)
{
	return env_udp_local(tftp->udp);
}

void
tftp_grant_closed(struct tftp *tftp, uint64_t grant)
{
	struct session *next;

	for (struct session *session = tftp->sessions; session != NULL; session = next) {
		next = session->next;
		if (session->transfer.grant_id != grant || session->is_dallying)
			continue;
		send_error(session, TFTP_ERROR_ACCESS, "not allowed any more");
		give_up(session, "the grant was closed");
	}
}
