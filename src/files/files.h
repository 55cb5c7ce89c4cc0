/* files.h - the file service: TFTP and FTP under grants, and a ledger of what really crossed.
 *
 * Default silent: a request without a matching grant gets no packet on TFTP and one plain error on
 * FTP (INV-FILES-1). An upload becomes content only whole and synced, before its last
 * acknowledgement (INV-FILES-2). Names are looked up among the grants, never joined to a path
 * (INV-FILES-3). */
#pragma once
#include "blobs/blobs.h"
#include "env/env.h"
#include "model/grant.h"
#include "model/ledger.h"

enum { FILES_GRANTS_MAX = 65536, FILES_SESSIONS_MAX = 4096, FILES_LEDGER_MAX = 65536 };

struct files;

struct files_settings {
	const char *root; /* folder for content and the ledger */
	struct addr tftp; /* ADDR_NONE = no TFTP; port 0 = any */
	struct addr ftp;  /* ADDR_NONE = no FTP */
	struct addr link; /* where the manager listens: unix: or IP; reconnects for ever, 100 ms to
			     5 s apart */
	const struct log *log;
};

/* Start: open the root, bind the ports, begin connecting. The service lives on env callbacks until
 * files_free(). */
int files_new(struct env *env, const struct files_settings *settings, struct files **ret_files,
	      struct err *err);
void files_free(struct files *files); /* accepts NULL */
const struct addr *files_tftp_local(const struct files *files);
const struct addr *files_ftp_local(const struct files *files);
