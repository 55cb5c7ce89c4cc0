/* ledger.h - what the file service really sent and received under a grant. */
#pragma once
#include "base/addr.h"
#include "base/sha256.h"
#include "model/operation.h"

enum ledger_kind {
	LEDGER_OPENED,   /* the device's request was accepted */
	LEDGER_PROGRESS, /* bytes so far; at least once a second while bytes move */
	LEDGER_COMPLETE, /* whole: a download's last byte was acknowledged, an upload is durable */
	LEDGER_BROKEN,   /* ended early; reason says why */
	LEDGER_REFUSED,  /* a request for this grant's name that was not allowed (wrong address,
			    direction, time) */
};

enum { LEDGER_TEXT_MAX = 160 };

/* Numbered by the file service, kept by it until acknowledged. Plain data. */
struct ledger_entry {
	uint64_t number;   /* counts up from where the file service's root began, which is random:
			      two roots share none; below 2^53. 0: only news (OPENED, PROGRESS,
			      REFUSED), told once and not kept */
	uint64_t grant;    /* grant.id */
	uint8_t kind;      /* enum ledger_kind */
	uint8_t protocol;  /* enum protocol */
	uint8_t direction; /* enum direction */
	struct addr from;  /* the device's address and port */
	uint64_t bytes;
	struct sha256 content; /* COMPLETE: of what was sent or received */
	uint32_t retransmits;
	int64_t wall_ms, duration_ms;
	char text[LEDGER_TEXT_MAX]; /* BROKEN, REFUSED: why, for people; COMPLETE upload: the
				       grant's name */
};

const char *ledger_kind_name(enum ledger_kind kind); /* "complete" */
