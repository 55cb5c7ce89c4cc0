/* tftp_client.c - one file by TFTP, one block at a time (RFC 1350 with the options of RFC 2347 to
 * 2349).
 *
 *   ASKING --OACK, DATA 1 or ACK 0--> MOVING --last block--> LINGERING (downloads: repeats of the
 * last block are answered)
 *
 * What was sent last is sent again after 0.5, 1, 2, 4, 4 ... s until something new comes or the
 * stall limit passes. A repeated ACK never makes it send (RFC 1123 section 4.2.3.1); a repeated
 * DATA is acknowledged again. Blocks roll over to 0. */
#include "agent/transfer_core.h"

#include "base/text.h"
#include "wire/tftp.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
	AGAIN_MS = 500,
	AGAIN_MS_MAX = 4000,
	BLOCK_ASKED = 1428, /* bytes: fits an Ethernet frame through a tunnel */
	PACKET_MAX = TFTP_HEADER_SIZE + BLOCK_ASKED,
	TIMEOUT_S = 1, /* asked: how soon the server sends again */
};
enum phase { ASKING, MOVING, LINGERING };

struct tftp_client {
	struct transfer base;
	enum phase phase;
	struct env_udp *udp;
	struct env_timer timer;
	struct addr peer; /* where packets go: the server, once it took the request with its port of
			     this transfer */
	struct addr answers;  /* where the packet came from that is looked at */
	bool has_plain_asked; /* the request went without options */
	bool has_data;        /* download: some block came, so that `block` is one */
	uint16_t block;       /* last sent (upload) or last received (download) */
	uint32_t block_size;
	size_t sent, in_flight; /* upload: bytes acknowledged, bytes of the block on its way */
	msec_t again_ms;
	size_t packet_size;
	uint8_t packet[PACKET_MAX]; /* what was sent last */
};

static struct tftp_client *
client_of(struct transfer *transfer)
{
	return CONTAINER_OF(transfer, struct tftp_client, base);
}

/* ---- sending ---- */

/* The same again, out of turn: the timer stays as it is. */
static void
again_send(struct tftp_client *client)
{
	/* Not sent is as good as lost: the timer sends it again. */
	(void)env_udp_send(client->udp, &client->peer, NULL, client->packet, client->packet_size);
}

static void
packet_send(struct tftp_client *client)
{
	again_send(client);
	env_timer_set(client->base.env, &client->timer,
		      env_now(client->base.env) + client->again_ms);
}

/* Something new: the timer begins anew. */
static void
new_send(struct tftp_client *client, const struct tftp_packet *packet)
{
	const int64_t size = tftp_encode(packet, client->packet, sizeof(client->packet));

	assert(size > 0); /* names were checked, blocks are at most BLOCK_ASKED */
	client->packet_size = (size_t)size;
	client->again_ms = AGAIN_MS;
	packet_send(client);
}

static void
request_send(struct tftp_client *client)
{
	const bool is_upload = client->base.direction == DIRECTION_WRITE;
	struct tftp_packet packet = { .opcode = is_upload ? TFTP_WRQ : TFTP_RRQ,
				      .mode = TFTP_OCTET };

	(void)text_copy(packet.name, sizeof(packet.name),
			client->base.file); /* fits: checked at the start */
	if (!client->has_plain_asked)
		packet.options =
			(struct tftp_options){ .has_blksize = true,
					       .blksize = BLOCK_ASKED,
					       .has_timeout = true,
					       .timeout_s = TIMEOUT_S,
					       .has_tsize = true,
					       .tsize = is_upload ? client->base.content.size : 0 };
	client->peer = client->base.server;
	client->phase = ASKING;
	client->block_size = TFTP_BLKSIZE_DEFAULT;
	new_send(client, &packet);
}

static void
block_send(struct tftp_client *client)
{
	const struct slice content = client->base.content;
	const size_t left = content.size - client->sent;

	client->in_flight = left < client->block_size ? left : client->block_size;
	client->block++;
	new_send(client, &(struct tftp_packet){
				 .opcode = TFTP_DATA,
				 .block = client->block,
				 .data = { content.data + client->sent, client->in_flight } });
}

static void
ack_send(struct tftp_client *client)
{
	new_send(client, &(struct tftp_packet){ .opcode = TFTP_ACK, .block = client->block });
}

/* ---- what comes ---- */

static void
opened(struct tftp_client *client, uint32_t block_size, uint64_t size)
{
	client->phase = MOVING;
	client->peer = client->answers;
	client->block_size = block_size;
	transfer_opened(&client->base, size);
}

static void
oack_came(struct tftp_client *client, const struct tftp_packet *packet)
{
	const struct tftp_options *options = &packet->options;
	const bool is_upload = client->base.direction == DIRECTION_WRITE;

	if (client->phase != ASKING || client->has_plain_asked)
		return;
	/* A server may lower the size of blocks, not raise it (RFC 2348). */
	if (options->has_blksize && options->blksize > BLOCK_ASKED)
		return;
	opened(client, options->has_blksize ? options->blksize : TFTP_BLKSIZE_DEFAULT,
	       is_upload ? client->base.content.size : options->tsize);
	if (transfer_is_over(&client->base))
		return;
	if (is_upload)
		block_send(client);
	else
		ack_send(client);
}

static void
data_came(struct tftp_client *client, const struct tftp_packet *packet)
{
	struct transfer *transfer = &client->base;

	if (transfer->direction == DIRECTION_WRITE || packet->data.size > client->block_size)
		return;
	if (client->phase == ASKING && packet->block == 1)
		opened(client, TFTP_BLKSIZE_DEFAULT, 0); /* a server without options */
	if (client->phase != ASKING && client->has_data && packet->block == client->block) {
		again_send(client); /* its ACK got lost */
		return;
	}
	if (client->phase != MOVING || packet->block != (uint16_t)(client->block + 1) ||
	    transfer_is_over(transfer))
		return;
	const bool is_last = packet->data.size < client->block_size;
	transfer_data(transfer, packet->data.data, packet->data.size);
	if (transfer_is_over(transfer))
		return;
	client->block++;
	client->has_data = true;
	ack_send(client);
	if (!is_last)
		return;
	client->phase = LINGERING;
	env_timer_set(transfer->env, &client->timer, env_now(transfer->env) + TRANSFER_LINGER_MS);
	transfer_succeeded(transfer);
}

static void
ack_came(struct tftp_client *client, const struct tftp_packet *packet)
{
	struct transfer *transfer = &client->base;

	if (transfer->direction == DIRECTION_READ || client->phase == LINGERING)
		return;
	if (client->phase == ASKING) {
		if (packet->block != 0)
			return;
		opened(client, TFTP_BLKSIZE_DEFAULT, transfer->content.size);
		if (!transfer_is_over(transfer))
			block_send(client);
		return;
	}
	if (packet->block != client->block)
		return;
	const bool is_last = client->in_flight < client->block_size;
	client->sent += client->in_flight;
	transfer_sent(transfer, client->sent);
	if (transfer_is_over(transfer))
		return;
	if (!is_last) {
		block_send(client);
		return;
	}
	client->phase = LINGERING;
	env_timer_clear(transfer->env, &client->timer);
	transfer_succeeded(transfer);
}

static void
error_came(struct tftp_client *client, const struct tftp_packet *packet)
{
	if (client->phase == LINGERING)
		return;
	if (client->phase == ASKING && packet->code == TFTP_ERROR_OPTIONS &&
	    !client->has_plain_asked) {
		client->has_plain_asked = true;
		request_send(client);
		return;
	}
	transfer_failed(&client->base,
			client->phase == ASKING ? REASON_FILE_REFUSED : REASON_TRANSFER_BROKEN,
			"the server says: error %u, %s", packet->code, packet->text);
}

/* The port of the first answer is the transfer's; another one at the server is told that it is not
 * meant. */
static bool
is_peer(struct tftp_client *client, const struct addr *from)
{
	const struct tftp_packet error = { .opcode = TFTP_ERROR,
					   .code = TFTP_ERROR_TID,
					   .text = "unknown transfer" };
	uint8_t bytes[64];

	if (!addr_host_equal(from, &client->base.server))
		return false;
	client->answers = *from;
	if (client->phase == ASKING || addr_equal(from, &client->peer))
		return true;
	const int64_t size = tftp_encode(&error, bytes, sizeof(bytes));
	assert(size > 0);
	(void)env_udp_send(client->udp, from, NULL, bytes, (size_t)size); /* a courtesy */
	return false;
}

static void
packet_came(void *arg, const struct addr *from, const struct addr *to, const uint8_t *data,
	    size_t size)
{
	struct tftp_client *client = arg;
	struct tftp_packet packet;
	(void)to;

	if (client->base.is_freed || tftp_decode(data, size, &packet, NULL) < 0 ||
	    !is_peer(client, from))
		return;
	transfer_enter(&client->base);
	switch (packet.opcode) {
	case TFTP_OACK:
		oack_came(client, &packet);
		break;
	case TFTP_DATA:
		data_came(client, &packet);
		break;
	case TFTP_ACK:
		ack_came(client, &packet);
		break;
	case TFTP_ERROR:
		error_came(client, &packet);
		break;
	default: /* requests: nobody asks a client */
		break;
	}
	transfer_leave(&client->base);
}

/* ---- time ---- */

static void
timer_fired(void *arg)
{
	struct tftp_client *client = arg;
	struct transfer *transfer = &client->base;

	transfer_enter(transfer);
	if (client->phase == LINGERING) {
		env_udp_close(TAKE(client->udp));
	} else if (env_now(transfer->env) - transfer->progress_at >= transfer->stall_ms) {
		transfer_failed(transfer,
				client->phase == ASKING ? REASON_SERVER_UNREACHABLE
							: REASON_TRANSFER_BROKEN,
				client->phase == ASKING ? "the TFTP server does not answer"
							: "the TFTP server stopped answering");
	} else {
		client->again_ms =
			client->again_ms * 2 < AGAIN_MS_MAX ? client->again_ms * 2 : AGAIN_MS_MAX;
		packet_send(client);
	}
	transfer_leave(transfer);
}

/* ---- life ---- */

static void
client_done(struct transfer *transfer)
{
	struct tftp_client *client = client_of(transfer);

	if (transfer->env != NULL)
		env_timer_clear(transfer->env, &client->timer);
	env_udp_close(client->udp);
	free(client);
}

int
tftp_client_new(struct transfer **ret_transfer, struct err *err)
{
	struct tftp_client *client = calloc(1, sizeof(*client));

	if (client == NULL)
		return err_set(err, AT, DD_ENOMEM, "no memory for a transfer");
	client->base.done = client_done;
	client->timer = (struct env_timer){ .fire = timer_fired, .arg = client };
	*ret_transfer = &client->base;
	return 0;
}

int
tftp_client_start(struct transfer *transfer, struct err *err)
{
	struct tftp_client *client = client_of(transfer);
	const size_t length = strlen(transfer->file);

	if (length == 0 || length > TFTP_NAME_MAX)
		return err_set(err, AT, DD_EINVAL, "a file's name has 1 to %d characters on TFTP",
			       TFTP_NAME_MAX);
	const int r = env_udp_open(transfer->env, &transfer->local, packet_came, client,
				   &client->udp, err);
	if (r < 0)
		return r;
	request_send(client);
	return 0;
}
