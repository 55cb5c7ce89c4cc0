/* sim_wire.h - private to this room: streams of the simulated world and the wires that join two of
 * them.
 *
 * A wire carries segments in both directions, each in order and late by chance. It lives as long as
 * one of its ends or a segment on it. Side 0 connected, side 1 was accepted. */
#pragma once
#include "env/sim_world.h"

#include "base/buf.h"

enum sim_segment_kind {
	SEGMENT_CONNECT, /* to side 1, which is not there yet */
	SEGMENT_OPENED,  /* to side 0: accepted */
	SEGMENT_DATA,
	SEGMENT_FINISH, /* the sender sends no more */
	SEGMENT_RESET,  /* the stream is over, for the reason that it names */
};

struct sim_wire;

/* Owned by the world while under way, then by the inbox of a stream. */
struct sim_segment {
	struct sim_event event;
	struct sim_wire *wire; /* counted */
	struct sim_segment *next;
	unsigned side; /* where it goes */
	enum sim_segment_kind kind;
	int reason;
	size_t size;
	uint8_t data[];
};

struct sim_wire {
	unsigned references;
	struct sim_host *hosts[2];
	struct sim_stream *ends[2]; /* NULL: not there yet, closed, or dead */
	msec_t last_at[2];          /* when the latest segment to each side arrives */
	bool is_broken;             /* the link was cut: only SEGMENT_RESET passes */
};

struct sim_stream {
	struct env_stream base;
	struct sim_stream *next; /* in the host's list */
	struct sim_wire *wire;   /* counted */
	unsigned side;
	struct buf queue;
	size_t sent;      /* bytes at the queue's start that are on the wire */
	size_t in_flight; /* bytes on the wire or in the peer's inbox */
	struct sim_segment *inbox, **inbox_end;
	int reset_reason; /* arrived, told after the inbox; 0 = none */
	bool is_connecting, is_paused, is_drain_owed, is_finishing, is_shut, has_peer_finished;
	bool is_over;          /* closed() was told */
	struct env_timer wake; /* there is something to tell */
};

struct sim_wire *sim_wire_new(struct sim_host *origin, struct sim_host *target);
void sim_wire_unref(struct sim_wire *wire);
/* Send a segment to a side; it comes not before `at`. Copies data. */
void sim_wire_send(struct sim_wire *wire, unsigned side, enum sim_segment_kind kind, int reason,
		   const void *data, size_t size, msec_t at);
void sim_segment_free(struct sim_segment *segment);

/* A new end of a wire, without events. */
struct sim_stream *sim_stream_new(struct sim_host *host, struct sim_wire *wire, unsigned side,
				  const struct addr *local, const struct addr *peer);
/* A segment has arrived at this side; takes it over. */
void sim_stream_arrive(struct sim_segment *segment);
/* SEGMENT_CONNECT has arrived; frees it. In env_sim_listen.c, which knows the listeners. */
void sim_listener_arrive(struct sim_segment *segment);
