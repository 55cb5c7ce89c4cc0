/* The grants that are open here: looked up by name, never by path. */
#include "base/text.h"
#include "files/room.h"

#include <stdlib.h>

static unsigned
bucket_of(const char *name)
{
	unsigned hash = 2166136261u;

	for (; *name != '\0'; name++)
		hash = (hash ^ (unsigned char)*name) * 16777619u;
	return hash % GRANT_BUCKETS;
}

struct open_grant *
files_grant_find(struct files *files, const char *name)
{
	struct open_grant *grant = files->buckets[bucket_of(name)];

	while (grant != NULL && !text_equal(grant->grant.name, name))
		grant = grant->next;
	return grant;
}

void
files_grants_each(struct files *files, void (*each)(void *arg, struct open_grant *grant), void *arg)
{
	for (unsigned i = 0; i < GRANT_BUCKETS; i++) {
		struct open_grant *next;
		for (struct open_grant *grant = files->buckets[i]; grant != NULL; grant = next) {
			next = grant->next;
			each(arg, grant);
		}
	}
}

struct open_grant *
files_grant_by_id(struct files *files, uint64_t id)
{
	for (unsigned i = 0; i < GRANT_BUCKETS; i++)
		for (struct open_grant *grant = files->buckets[i]; grant != NULL;
		     grant = grant->next)
			if (grant->grant.id == id)
				return grant;
	return NULL;
}

static bool
is_verified(const struct files *files, const struct sha256 *content, uint64_t size)
{
	for (unsigned i = 0; i < files->verified_count && i < VERIFIED_MAX; i++)
		if (files->verified[i].size == size &&
		    sha256_equal(&files->verified[i].content, content))
			return true;
	return false;
}

void
files_content_verified(struct files *files, const struct sha256 *content, uint64_t size)
{
	files->verified[files->verified_count++ % VERIFIED_MAX] =
		(struct verified){ *content, size };
}

/* Hash what was not hashed yet. */
static int
verify(struct files *files, const struct sha256 *content, uint64_t size)
{
	struct err err = { 0 };

	if (is_verified(files, content, size))
		return 0;
	int r = blobs_verify(files->blobs, content, &err);
	if (r == 0)
		files_content_verified(files, content, size);
	else
		log_line(files->settings.log, LOG_ERROR, "%s", err.text);
	if (r == DD_EINTEGRITY && blobs_remove(files->blobs, content) < 0)
		r = DD_EIO; /* asking for it again would not help */
	return r;
}

void
files_content_look(struct files *files, struct open_grant *grant)
{
	const struct sha256 *content = &grant->grant.content;
	uint64_t size = 0;

	if (grant->has_content || !blobs_has(files->blobs, content, &size))
		return;
	int r = verify(files, content, size);
	if (r == 0 && size == grant->grant.size_max) {
		grant->has_content = true;
		return;
	}
	if (r == 0 && !grant->is_lacking)
		log_line(files->settings.log, LOG_ERROR,
			 "%s has %llu bytes, its grant says %llu: it is not served",
			 grant->grant.name, (unsigned long long)size,
			 (unsigned long long)grant->grant.size_max);
	grant->is_lacking = grant->is_lacking || r != DD_EINTEGRITY;
}

int
files_grant_open(struct files *files, const struct grant *grant, struct err *err)
{
	struct open_grant *old = files_grant_find(files, grant->name);

	if (old != NULL && old->grant.id == grant->id) {
		old->is_confirmed = true;
		return 0;
	}
	if (old != NULL || !text_is_name(grant->name, GRANT_NAME_MAX))
		return err_set(err, AT, DD_EINVAL, "a grant's name is taken or malformed");
	if (files->grants_count >= FILES_GRANTS_MAX)
		return err_set(err, AT, DD_EFULL, "%d grants are open", FILES_GRANTS_MAX);
	struct open_grant *open = calloc(1, sizeof(*open));
	if (open == NULL)
		return err_set(err, AT, DD_ENOMEM, "no memory for a grant");
	open->grant = *grant;
	open->is_confirmed = true;
	open->has_content = grant->direction == DIRECTION_WRITE;
	open->is_written = open->is_complete = ledger_has_upload(files->ledger, grant);
	files_content_look(files, open);
	unsigned bucket = bucket_of(grant->name);
	open->next = files->buckets[bucket];
	files->buckets[bucket] = open;
	files->grants_count++;
	return 0;
}

void
files_grant_close(struct files *files, uint64_t id)
{
	ledger_forget(files->ledger, id);
	if (files->tftp != NULL)
		tftp_grant_closed(files->tftp, id);
	for (unsigned i = 0; i < GRANT_BUCKETS; i++) {
		for (struct open_grant **link = &files->buckets[i]; *link != NULL;
		     link = &(*link)->next) {
			struct open_grant *grant = *link;
			if (grant->grant.id != id)
				continue;
			*link = grant->next;
			free(grant);
			files->grants_count--;
			if (files->ftp != NULL)
				ftp_grant_closed(files->ftp, id);
			return;
		}
	}
}

/* A valid name asked for wrongly is worth a word: source interfaces, VRFs and address translation
 * are the commonest cause of silence. */
static void
tell_refused(struct files *files, struct open_grant *grant, const struct addr *from,
	     enum direction direction, enum protocol protocol)
{
	struct ledger_entry entry = { .grant = grant->grant.id,
				      .kind = LEDGER_REFUSED,
				      .from = *from };
	char asked[ADDR_TEXT_MAX], allowed[ADDR_TEXT_MAX];
	msec_t now = env_now(files->env);

	if (grant->refused_at != 0 && now - grant->refused_at < REFUSED_EVERY_MS)
		return;
	grant->refused_at = now;
	entry.protocol = (uint8_t)protocol;
	entry.direction = (uint8_t)direction;
	entry.wall_ms = env_wall(files->env);
	if (addr_host_equal(&grant->grant.device, from))
		(void)text_print(entry.text, sizeof(entry.text), "%s may not be %s by %s now",
				 grant->grant.name,
				 direction == DIRECTION_READ ? "read" : "written",
				 protocol_name(protocol));
	else
		(void)text_print(entry.text, sizeof(entry.text),
				 "it came from %.48s; only %.48s may use this name",
				 addr_host_text(from, asked),
				 addr_host_text(&grant->grant.device, allowed));
	(void)ledger_add(files->ledger, &entry, NULL); /* a refusal is not kept over a crash */
}

struct open_grant *
files_grant_for(struct files *files, const char *name, const struct addr *from,
		enum direction direction, enum protocol protocol)
{
	struct open_grant *grant = files_grant_find(files, name);

	if (grant == NULL)
		return NULL;
	bool is_ready = grant->has_content && grant->transfers_count < TRANSFERS_MAX &&
			!(direction == DIRECTION_WRITE && grant->is_written);
	if (is_ready &&
	    grant_allows(&grant->grant, from, name, direction, protocol, env_wall(files->env)))
		return grant;
	tell_refused(files, grant, from, direction, protocol);
	return NULL;
}

struct login {
	const char *user, *password;
	const struct addr *from;
	int64_t wall_now_ms;
	struct open_grant *found;
};

static void
try_login(void *arg, struct open_grant *grant)
{
	struct login *login = arg;
	bool fits = addr_host_equal(&grant->grant.device, login->from) &&
		    grant->grant.user[0] != '\0' && text_equal(grant->grant.user, login->user) &&
		    text_equal_secret(grant->grant.password, login->password) &&
		    (grant->grant.protocols & (1u << PROTOCOL_FTP)) != 0 &&
		    login->wall_now_ms <= grant->grant.wall_deadline_ms;

	if (fits)
		login->found = grant;
}

struct open_grant *
files_grant_login(struct files *files, const char *user, const char *password,
		  const struct addr *from)
{
	struct login login = { .user = user,
			       .password = password,
			       .from = from,
			       .wall_now_ms = env_wall(files->env) };

	files_grants_each(files, try_login, &login);
	return login.found;
}
