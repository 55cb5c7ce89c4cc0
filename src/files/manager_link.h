/* manager_link.h - the manager's end of the link: opens grants, hears the ledger, moves content.
 *
 * Listens for one file service at a time (a newer connection replaces the older). Open grants are
 * told again after every connect; content that a grant needs is sent before filed answers GRANTED.
 */
#pragma once
#include "blobs/blobs.h"
#include "env/env.h"
#include "model/grant.h"
#include "model/ledger.h"

struct manager_link;

struct manager_link_events {
	/* A ledger entry; return 0 when it is durable (it is then acknowledged), negative to get it
	 * again: the link is then dropped and made anew. Number 0 is only news, never
	 * acknowledged. Entries come in order; a COMPLETE upload comes when its content is in
	 * `blobs` of the manager. */
	int (*ledger)(void *arg, const struct ledger_entry *entry);
	/* The file service is there (with its ports) or gone (both 0). */
	void (*changed)(void *arg, bool is_up, uint16_t port_tftp, uint16_t port_ftp);
	/* A grant is open at the file service and its content is there: the command may leave. */
	void (*granted)(void *arg, uint64_t grant);
};

int manager_link_new(struct env *env, const struct addr *listen, struct blobs *blobs,
		     const struct manager_link_events *events, void *arg, const struct log *log,
		     struct manager_link **ret_link, struct err *err);
void manager_link_free(struct manager_link *link); /* accepts NULL */
bool manager_link_is_up(const struct manager_link *link);
/* Open: kept (and told again after reconnects) until revoked. DD_EFULL. granted() follows, never
 * before this returns. */
int manager_link_grant(struct manager_link *link, const struct grant *grant, struct err *err);
void manager_link_revoke(struct manager_link *link, uint64_t grant);
