/* The API over libcurl: a Unix socket, or HTTP with the administrator's token. */
#include "cli/room.h"

#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	CONNECT_MS = 5000,
	CALL_S = 300,
	SILENT_S = 300,
	TOKEN_MAX = 256,
	SOCKET_MAX = 107 /* sun_path of unix(7) */
};

struct client {
	CURL *curl;
	struct curl_slist *headers, *headers_bytes;
	char base[512];   /* "http://A:P" */
	char socket[512]; /* "" = TCP */
	char data[512];   /* for the message of what to start; "" = not known */
};

void
json_freep(json_t **json)
{
	json_decref(*json);
}

/* ---- which manager ---- */

static int
use_socket(struct client *client, const char *path, struct err *err)
{
	if (strlen(path) > SOCKET_MAX)
		return err_set(err, AT, DD_EINVAL,
			       "the path of the socket, %.80s..., is longer than %d characters",
			       path, SOCKET_MAX);
	(void)text_copy(client->socket, sizeof(client->socket), path);
	(void)text_copy(client->base, sizeof(client->base), "http://drydock");
	return 0;
}

static int
use_server(struct client *client, const char *server, struct err *err)
{
	bool has_scheme = text_starts(server, "http://") || text_starts(server, "https://");

	if (text_starts(server, "unix:"))
		return use_socket(client, server + strlen("unix:"), err);
	if (server[0] == '/')
		return use_socket(client, server, err);
	if (server[0] == '\0' || (!has_scheme && strstr(server, "://") != NULL) ||
	    strpbrk(server, " \t\r\n?#") != NULL ||
	    !text_print(client->base, sizeof(client->base), "%s%s", has_scheme ? "" : "http://",
			server))
		return err_set(err, AT, DD_EINVAL, "'%.80s' is no server: http://A:P or unix:/path",
			       server);
	size_t size = strlen(client->base);
	while (size > 0 && client->base[size - 1] == '/')
		client->base[--size] = '\0';
	return 0;
}

static int
use_data(struct client *client, const char *data, struct err *err)
{
	char path[512];

	(void)text_copy(client->data, sizeof(client->data), data);
	if (!text_print(path, sizeof(path), "%s/drydock.sock", data))
		return err_set(err, AT, DD_EINVAL, "the path of the data folder is too long");
	return use_socket(client, path, err);
}

static int
find_server(const struct cli *cli, struct client *client, struct err *err)
{
	const char *server = option(cli, "server"), *data = option(cli, "data");

	if (server != NULL && data != NULL)
		return err_set(err, AT, DD_EINVAL, "--server or --data, not both");
	if (server == NULL && data == NULL) {
		server = getenv("DRYDOCK_SERVER");
		data = server == NULL || server[0] == '\0' ? getenv("DRYDOCK_DATA") : NULL;
	}
	if (data != NULL && data[0] != '\0')
		return use_data(client, data, err);
	if (server != NULL && server[0] != '\0')
		return use_server(client, server, err);
	return err_set(err, AT, DD_EINVAL,
		       "which manager? Set $DRYDOCK_DATA to its data folder, or give --data DIR or "
		       "--server URL");
}

/* ---- the token ---- */

static int
read_token_file(const char *path, char token[static TOKEN_MAX + 1], struct err *err)
{
	FILE *file = fopen(path, "re");

	if (file == NULL)
		return err_errno(err, AT, errno, "the token file %s can't be read", path);
	bool was_read = fgets(token, TOKEN_MAX + 1, file) != NULL;
	(void)fclose(file); /* nothing was written */
	token[was_read ? strcspn(token, "\r\n") : 0] = '\0';
	return token[0] != '\0' ? 0 : err_set(err, AT, DD_EINVAL, "%s holds no token", path);
}

static int
add_token(const struct cli *cli, struct client *client, struct err *err)
{
	const char *file = option(cli, "token-file"), *value = getenv("DRYDOCK_TOKEN");
	char token[TOKEN_MAX + 1] = "", line[TOKEN_MAX + 64];
	int r = 0;

	if (file != NULL)
		r = read_token_file(file, token, err);
	else if (value != NULL && !text_copy(token, sizeof(token), value))
		r = err_set(err, AT, DD_EINVAL, "$DRYDOCK_TOKEN is longer than %d characters",
			    TOKEN_MAX);
	if (r == 0 && token[0] != '\0' && strpbrk(token, "\r\n") == NULL &&
	    client->socket[0] == '\0') {
		(void)text_print(line, sizeof(line), "Authorization: Bearer %s", token);
		client->headers = curl_slist_append(client->headers, line);
		client->headers_bytes = curl_slist_append(client->headers_bytes, line);
		explicit_bzero(line, sizeof(line));
	}
	explicit_bzero(token, sizeof(token));
	return r;
}

/* ---- open ---- */

static int
open_curl(struct client *client, struct err *err)
{
	client->curl = curl_easy_init();
	client->headers = curl_slist_append(client->headers, "Content-Type: application/json");
	client->headers_bytes =
		curl_slist_append(client->headers_bytes, "Content-Type: application/octet-stream");
	if (client->curl == NULL || client->headers == NULL || client->headers_bytes == NULL)
		return err_set(err, AT, DD_ENOMEM, "no memory for libcurl");
	return 0;
}

static int
open_client(struct cli *cli, struct err *err)
{
	if (cli->client == NULL) {
		struct client *client = calloc(1, sizeof(*client));
		if (client == NULL)
			return err_set(err, AT, DD_ENOMEM, "no memory");
		int r = find_server(cli, client, err);
		if (r == 0)
			r = open_curl(client, err);
		if (r == 0)
			r = add_token(cli, client, err);
		if (r < 0) {
			client_free(client);
			return r;
		}
		cli->client = client;
	}
	return 0;
}

void
client_free(struct client *client)
{
	if (client == NULL)
		return;
	curl_easy_cleanup(client->curl);
	curl_slist_free_all(client->headers);
	curl_slist_free_all(client->headers_bytes);
	free(client);
}

/* ---- one request ---- */

static size_t
take_bytes(char *data, size_t size, size_t count, void *arg)
{
	return buf_add(arg, data, size * count) ? size * count : 0;
}

/* What every request starts from; the connection is kept. */
static bool
prepare(struct client *client, const char *method, const char *path, struct curl_slist *headers,
	struct buf *answer)
{
	char url[4096];
	CURL *curl = client->curl;

	curl_easy_reset(curl);
	if (!text_print(url, sizeof(url), "%s/api/v1/%s", client->base, path))
		return false;
	bool is_set =
		curl_easy_setopt(curl, CURLOPT_URL, url) == CURLE_OK &&
		curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, method) == CURLE_OK &&
		curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers) == CURLE_OK &&
		curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https") == CURLE_OK &&
		curl_easy_setopt(curl, CURLOPT_PROXY, "") == CURLE_OK &&
		curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
		curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS) == CURLE_OK &&
		curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_bytes) == CURLE_OK &&
		curl_easy_setopt(curl, CURLOPT_WRITEDATA, answer) == CURLE_OK;
	if (is_set && client->socket[0] != '\0')
		is_set = curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, client->socket) ==
			 CURLE_OK;
	return is_set;
}

static int
no_answer(const struct client *client, CURLcode code, struct err *err)
{
	if (code != CURLE_COULDNT_CONNECT && code != CURLE_COULDNT_RESOLVE_HOST &&
	    code != CURLE_OPERATION_TIMEDOUT)
		return err_set(err, AT, DD_ECLOSED, "the manager's answer was cut: %s",
			       curl_easy_strerror(code));
	if (client->data[0] != '\0')
		return err_set(err, AT, DD_ECLOSED,
			       "no drydockd answers at %s: start it with drydockd --data %s",
			       client->socket, client->data);
	return err_set(err, AT, DD_ECLOSED, "no drydockd answers at %s: is it running%s?",
		       client->socket[0] != '\0' ? client->socket : client->base,
		       client->socket[0] != '\0' ? "" : " with --listen");
}

/* The manager's words for its own codes, see src/api. */
static int
code_of(const char *name, long status)
{
	static const struct {
		const char *name;
		int code;
	} codes[] = {
		{ "not-found", DD_ENOTFOUND }, { "exists", DD_EEXIST },
		{ "busy", DD_EBUSY },          { "conflict", DD_ECONFLICT },
		{ "no-answer", DD_ETIMEOUT },  { "unsupported", DD_EUNSUPPORTED },
		{ "damaged", DD_EINTEGRITY },  { "full", DD_EFULL },
		{ "disk-full", DD_ENOSPC },    { "unauthorized", DD_EACCESS },
	};

	for (size_t i = 0; i < ARRAY_COUNT(codes); i++)
		if (text_equal(codes[i].name, name))
			return codes[i].code;
	return status == 404 ? DD_ENOTFOUND : DD_EIO;
}

static int
refusal(const struct client *client, long status, const struct buf *answer, struct err *err)
{
	CLEANUP(json_freep) json_t *json = NULL;
	const json_t *error;

	if (status == 401)
		return err_set(err, AT, DD_EACCESS,
			       "%s wants the administrator's token: --token-file DATA/token, or "
			       "$DRYDOCK_TOKEN",
			       client->base);
	if (json_read(buf_text(answer), answer->size, &json, NULL) < 0 || !json_is_object(json))
		return err_set(err, AT, DD_EIO,
			       "the server answered with status %ld and nothing that could be "
			       "read: is it drydockd?",
			       status);
	error = json_object_get(json, "error");
	return err_set(err, AT, code_of(doc_text(error, "code"), status), "%s",
		       doc_text(error, "message"));
}

static int
perform(struct client *client, struct buf *answer, struct err *err)
{
	long status = 0;

	CURLcode code = curl_easy_perform(client->curl);
	if (answer->has_failed)
		return err_set(err, AT, DD_EFULL, "the manager's answer has more than %d bytes",
			       RESPONSE_MAX);
	(void)curl_easy_getinfo(client->curl, CURLINFO_RESPONSE_CODE,
				&status); /* 0 where none came */
	/* A refusal may come before all of the body was taken. */
	if (code != CURLE_OK && status < 400)
		return no_answer(client, code, err);
	return status >= 400 || status == 0 ? refusal(client, status, answer, err) : 0;
}

static int
parse(const struct buf *answer, json_t **ret_json, struct err *err)
{
	json_error_t error;

	if (ret_json == NULL)
		return 0;
	*ret_json = NULL;
	if (answer->size == 0)
		return 0;
	/* Not by json_read(): lists are longer than what people send. */
	*ret_json = json_loadb(answer->data, answer->size, JSON_REJECT_DUPLICATES, &error);
	return *ret_json != NULL ? 0
				 : err_set(err, AT, DD_EPARSE,
					   "the server's answer is no JSON: is it drydockd? (%s)",
					   error.text);
}

int
client_call(struct cli *cli, const char *method, const char *path, const struct buf *body,
	    json_t **ret_json, struct err *err)
{
	CLEANUP(buf_done) struct buf answer = { .size_max = RESPONSE_MAX };

	int r = open_client(cli, err);
	if (r < 0)
		return r;
	struct client *client = cli->client;
	if (!prepare(client, method, path, client->headers, &answer) ||
	    curl_easy_setopt(client->curl, CURLOPT_TIMEOUT, (long)CALL_S) != CURLE_OK)
		return err_set(err, AT, DD_EINVAL, "the request can't be made");
	if (body != NULL) {
		if (body->has_failed)
			return err_set(err, AT, DD_ENOMEM, "no memory for the request");
		(void)curl_easy_setopt(client->curl, CURLOPT_POSTFIELDSIZE_LARGE,
				       (curl_off_t)body->size); /* these two can't fail */
		(void)curl_easy_setopt(client->curl, CURLOPT_POSTFIELDS, buf_text(body));
	}
	r = perform(client, &answer, err);
	return r < 0 ? r : parse(&answer, ret_json, err);
}

int
client_bytes(struct cli *cli, const char *path, struct buf *ret_bytes, struct err *err)
{

	int r = open_client(cli, err);
	if (r < 0)
		return r;
	struct client *client = cli->client;
	buf_init(ret_bytes, RESPONSE_MAX);
	if (!prepare(client, "GET", path, client->headers, ret_bytes))
		return err_set(err, AT, DD_EINVAL, "the request can't be made");
	return perform(client, ret_bytes, err);
}

/* ---- files ---- */

struct sending {
	FILE *file;
	const char *name;
	bool is_live;
	int64_t shown_ms;
};

static size_t
give_bytes(char *data, size_t size, size_t count, void *arg)
{
	struct sending *sending = arg;

	size_t n = fread(data, 1, size * count, sending->file);
	return n == 0 && ferror(sending->file) ? CURL_READFUNC_ABORT : n;
}

static int
show_sending(void *arg, curl_off_t down_all, curl_off_t down, curl_off_t all, curl_off_t sent)
{
	struct sending *sending = arg;
	char bytes[24];

	(void)down_all;
	(void)down;
	if (!sending->is_live || all <= 0 || clock_ms() - sending->shown_ms < 100)
		return 0;
	sending->shown_ms = clock_ms();
	fprintf(stderr, "\r\033[K  %s: %d%% of %s", sending->name, (int)(sent * 100 / all),
		text_bytes((uint64_t)all, bytes));
	return 0;
}

/* A pipe would wait for its writer for ever, and a folder has a size. */
static int
open_plain(const char *name, FILE **ret_file, struct err *err)
{
	struct stat stat;

	const int fd = open(name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0 || fstat(fd, &stat) != 0) {
		const int r = err_errno(err, AT, errno, "%s can't be read", name);
		if (fd >= 0)
			(void)close(fd); /* nothing was written */
		return r;
	}
	*ret_file = S_ISREG(stat.st_mode) && stat.st_size > 0 ? fdopen(fd, "r") : NULL;
	if (*ret_file != NULL)
		return 0;
	(void)close(fd);
	return err_set(err, AT, DD_EUNSUPPORTED, "%s is empty or no plain file", name);
}

static int
send_open(struct client *client, struct sending *sending, const char *path, struct buf *answer,
	  struct err *err)
{
	CURL *curl = client->curl;

	if (fseeko(sending->file, 0, SEEK_END) != 0)
		return err_errno(err, AT, errno, "%s is no file whose size is known",
				 sending->name);
	off_t size = ftello(sending->file);
	if (size <= 0 || fseeko(sending->file, 0, SEEK_SET) != 0)
		return err_set(err, AT, DD_EINVAL, "%s is empty or no plain file", sending->name);
	if (!prepare(client, "POST", path, client->headers_bytes, answer) ||
	    curl_easy_setopt(curl, CURLOPT_POST, 1L) != CURLE_OK ||
	    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)size) != CURLE_OK ||
	    curl_easy_setopt(curl, CURLOPT_READFUNCTION, give_bytes) != CURLE_OK ||
	    curl_easy_setopt(curl, CURLOPT_READDATA, sending) != CURLE_OK ||
	    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L) != CURLE_OK ||
	    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, show_sending) != CURLE_OK ||
	    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, sending) != CURLE_OK ||
	    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L) != CURLE_OK ||
	    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, (long)SILENT_S) != CURLE_OK)
		return err_set(err, AT, DD_EINVAL, "the request can't be made");
	return 0;
}

int
client_send_file(struct cli *cli, const char *path, const char *file, json_t **ret_json,
		 struct err *err)
{
	CLEANUP(buf_done) struct buf answer = { .size_max = RESPONSE_MAX };
	struct sending sending = { .name = file };
	struct terminal terminal;

	int r = open_client(cli, err);
	if (r < 0)
		return r;
	struct client *client = cli->client;
	terminal_look(&terminal);
	sending.is_live = terminal.is_live;
	r = open_plain(file, &sending.file, err);
	if (r < 0)
		return r;
	r = send_open(client, &sending, path, &answer, err);
	if (r == 0)
		r = perform(client, &answer, err);
	bool was_broken = ferror(sending.file) != 0;
	(void)fclose(sending.file); /* nothing was written */
	if (sending.shown_ms != 0)
		fputs("\r\033[K", stderr);
	if (was_broken)
		return err_set(err, AT, DD_EIO, "%s can't be read to its end", file);
	return r < 0 ? r : parse(&answer, ret_json, err);
}

/* ---- lists ---- */

void
add_escaped(struct buf *path, const char *text)
{
	static const char plain[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-~";

	for (; *text != '\0'; text++) {
		if (strchr(plain, *text) != NULL)
			(void)buf_add_char(path, *text);
		else
			(void)buf_printf(path, "%%%02X", (unsigned char)*text);
	}
}

/* Where the next page begins: after this row's id, job or name. */
static void
add_after(struct buf *path, const json_t *row)
{
	const char *key = json_object_get(row, "id") != NULL ? "id" : "job";

	if (json_is_integer(json_object_get(row, key))) {
		(void)buf_printf(path, "&after=%lld", (long long)doc_int(row, key));
		return;
	}
	(void)buf_add_text(path, "&after-name=");
	add_escaped(path, doc_text(row, "name"));
}

int
client_list(struct cli *cli, const char *path, const char *key,
	    int (*each)(void *arg, json_t *row, struct err *err), void *arg, struct err *err)
{
	CLEANUP(buf_done) struct buf page = { 0 };
	bool has_more = true;
	int r = 0;

	(void)buf_printf(&page, "%s%climit=%d", path, strchr(path, '?') != NULL ? '&' : '?',
			 ROWS_A_PAGE);
	size_t base_size = page.size;
	while (r == 0 && has_more) {
		CLEANUP(json_freep) json_t *json = NULL;
		r = client_call(cli, "GET", buf_text(&page), NULL, &json, err);
		if (r < 0)
			return r;
		json_t *rows = json_object_get(json, key);
		size_t count = json_array_size(rows);
		for (size_t i = 0; i < count && r == 0; i++)
			r = each(arg, json_array_get(rows, i), err);
		has_more = doc_bool(json, "more") && count > 0;
		page.size = base_size;
		if (has_more)
			add_after(&page, json_array_get(rows, count - 1));
	}
	return r;
}
