/* drydock doctor: is this machine fit for a manager? Needs none. */
#include "cli/room.h"
#include "env/env_linux.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_SIZE = 512, RMEM_MIN = 4 << 20 };
#define FREE_MIN (INT64_C(1) << 30)

enum finding { FINDING_OK, FINDING_WARNING, FINDING_BAD };

struct doctor {
	struct cli *cli;
	struct env *env;
	const char *data; /* "" = none was named */
	bool has_manager;
	unsigned bad;
};

static void
tell(struct doctor *doctor, enum finding finding, const char *check, const char *text)
{
	static const char *const words[] = { "ok", "warning", "bad" };
	static const char *const colours[] = { "\033[32m", "\033[33m", "\033[31m" };
	bool has_colour = stdout_has_colour();

	doctor->bad += finding == FINDING_BAD;
	if (doctor->cli->is_json) {
		CLEANUP(json_freep)
		json_t *doc = json_pack("{s:s, s:s, s:s}", "check", check, "finding",
					words[finding], "text", text);
		print_document(doc);
		return;
	}
	printf("%s%-8s%s %-16s ", has_colour ? colours[finding] : "", words[finding],
	       has_colour ? "\033[0m" : "", check);
	print_text(stdout, text);
	putchar('\n');
}

/* ---- the data folder ---- */

static void
check_token(struct doctor *doctor)
{
	char path[PATH_SIZE], text[PATH_SIZE + 64];
	struct stat st;

	(void)text_print(path, sizeof(path), "%s/token", doctor->data);
	if (stat(path, &st) < 0) {
		(void)text_print(text, sizeof(text), "%s has no token: drydock init %s makes it",
				 doctor->data, doctor->data);
		tell(doctor, FINDING_BAD, "data folder", text);
	} else if ((st.st_mode & 077) != 0) {
		(void)text_print(text, sizeof(text), "others may read %s: chmod 600 it", path);
		tell(doctor, FINDING_BAD, "data folder", text);
	} else {
		(void)text_print(text, sizeof(text), "%s is private and has its token",
				 doctor->data);
		tell(doctor, FINDING_OK, "data folder", text);
	}
}

static void
check_room(struct doctor *doctor)
{
	char text[96], bytes[24];
	int64_t left = env_disk_free(doctor->env, doctor->data);

	if (left < 0)
		return; /* no such folder: that was told */
	(void)text_print(text, sizeof(text), "%s free for images and snapshots",
			 text_bytes((uint64_t)left, bytes));
	tell(doctor, left < FREE_MIN ? FINDING_WARNING : FINDING_OK, "disk", text);
}

static void
check_data(struct doctor *doctor)
{
	char text[PATH_SIZE + 96];
	struct stat st;

	if (doctor->data[0] == '\0') {
		tell(doctor, FINDING_WARNING, "data folder",
		     "none was named: set $DRYDOCK_DATA or give --data DIR");
		return;
	}
	if (stat(doctor->data, &st) < 0 || !S_ISDIR(st.st_mode)) {
		(void)text_print(text, sizeof(text), "%s is no folder: drydock init %s makes it",
				 doctor->data, doctor->data);
		tell(doctor, FINDING_BAD, "data folder", text);
		return;
	}
	if ((st.st_mode & 077) != 0) {
		(void)text_print(text, sizeof(text),
				 "others may look into %s, which has secrets: chmod 700 it",
				 doctor->data);
		tell(doctor, FINDING_BAD, "data folder", text);
		return;
	}
	check_token(doctor);
	check_room(doctor);
}

static void
check_manager(struct doctor *doctor)
{
	CLEANUP(json_freep) json_t *health = NULL;
	struct err err = { 0 };
	char text[128];

	if (client_call(doctor->cli, "GET", "health", NULL, &health, &err) < 0) {
		tell(doctor, FINDING_WARNING, "manager", err.text);
		return;
	}
	doctor->has_manager = true;
	(void)text_print(text, sizeof(text), "drydockd %s answers; its file service is %s",
			 doc_text(health, "version"),
			 doc_bool(json_object_get(health, "files"), "is_up") ? "up" : "not there");
	tell(doctor, text_equal(doc_text(health, "status"), "ok") ? FINDING_OK : FINDING_BAD,
	     "manager", text);
}

/* ---- the machine ---- */

static void
check_buffers(struct doctor *doctor)
{
	FILE *file = fopen("/proc/sys/net/core/rmem_max", "re");
	char line[32] = "", text[160];
	uint64_t bytes = 0;

	if (file != NULL && fgets(line, sizeof(line), file) != NULL)
		line[strcspn(line, "\n")] = '\0';
	if (file != NULL)
		(void)fclose(file); /* nothing was written */
	if (!text_number(line, UINT64_MAX, &bytes))
		return; /* another kind of system */
	if (bytes >= RMEM_MIN) {
		(void)text_print(text, sizeof(text), "sockets may keep %s of datagrams",
				 text_bytes(bytes, line));
		tell(doctor, FINDING_OK, "socket buffers", text);
		return;
	}
	(void)text_print(
		text, sizeof(text),
		"%s a socket is little for thousands of devices: sysctl -w net.core.rmem_max=%d",
		text_bytes(bytes, line), RMEM_MIN);
	tell(doctor, FINDING_WARNING, "socket buffers", text);
}

static void
never_received(void *arg, const struct addr *from, const struct addr *to, const uint8_t *data,
	       size_t size)
{
	(void)arg;
	(void)from;
	(void)to;
	(void)data;
	(void)size;
}

static void
never_accepted(void *arg, struct env_stream *stream, const struct addr *peer)
{
	(void)arg;
	(void)peer;
	env_stream_close(stream);
}

static int
try_port(struct env *env, uint16_t port, bool is_tcp, struct err *err)
{
	const struct addr at = { .family = ADDR_IPV4, .port = port };
	struct env_listener *listener = NULL;
	struct env_udp *udp = NULL;

	int r = is_tcp ? env_listen(env, &at, never_accepted, NULL, &listener, err)
		       : env_udp_open(env, &at, never_received, NULL, &udp, err);
	env_listener_close(listener);
	env_udp_close(udp);
	return r;
}

static void
check_ports(struct doctor *doctor)
{
	static const struct {
		const char *name;
		uint16_t port;
		bool is_tcp;
	} ports[] = { { "port 69 (TFTP)", 69, false },
		      { "port 21 (FTP)", 21, true },
		      { "port 162 (traps)", 162, false } };

	for (size_t i = 0; i < ARRAY_COUNT(ports); i++) {
		struct err err = { 0 };
		int r = try_port(doctor->env, ports[i].port, ports[i].is_tcp, &err);
		if (r == 0)
			tell(doctor, FINDING_OK, ports[i].name, "free, and may be used");
		else if (r == DD_EBUSY && doctor->has_manager)
			tell(doctor, FINDING_OK, ports[i].name,
			     "in use, perhaps by the manager that runs");
		else
			tell(doctor, FINDING_WARNING, ports[i].name, err.text);
	}
}

static void
check_programs(struct doctor *doctor)
{
	static const char *const names[] = { "drydockd", "drydock-filed" };
	char folder[PATH_SIZE], path[PATH_SIZE + 32], text[PATH_SIZE + 64];

	ssize_t size = readlink("/proc/self/exe", folder, sizeof(folder) - 1);
	folder[size > 0 ? size : 0] = '\0';
	char *slash = strrchr(folder, '/');
	if (slash == NULL)
		return;
	*slash = '\0';
	for (size_t i = 0; i < ARRAY_COUNT(names); i++) {
		(void)text_print(path, sizeof(path), "%s/%s", folder, names[i]);
		bool is_there = access(path, X_OK) == 0;
		(void)text_print(text, sizeof(text),
				 is_there ? "%s" : "%s is not there or can't be run", path);
		tell(doctor, is_there ? FINDING_OK : FINDING_BAD, names[i], text);
	}
}

static int
run(struct cli *cli)
{
	struct doctor doctor = { .cli = cli };
	const char *data =
		option(cli, "data") != NULL ? option(cli, "data") : getenv("DRYDOCK_DATA");
	struct err err = { 0 };

	doctor.data = data != NULL ? data : "";
	if (env_linux_new(&doctor.env, &err) < 0)
		return failed(cli, &err);
	check_programs(&doctor);
	check_data(&doctor);
	check_manager(&doctor);
	check_buffers(&doctor);
	check_ports(&doctor);
	env_linux_free(doctor.env);
	if (doctor.bad > 0)
		fprintf(stderr, "drydock doctor: %u finding%s must be mended\n", doctor.bad,
			doctor.bad == 1 ? "" : "s");
	return doctor.bad > 0 ? CODE_FAILED : CODE_DONE;
}

const struct verb verb_doctor = {
	.name = "doctor",
	.arguments = "",
	.summary = "Check whether this machine is fit for a manager; needs none",
	.run = run,
};
