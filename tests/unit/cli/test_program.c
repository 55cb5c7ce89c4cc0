/* test_program.c - the whole program against a manager in another process: what it prints, and its
 * exit codes. */
#include "api/http.h"
#include "base/json.h"
#include "cli/cli.h"
#include "env/env_linux.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { TEXT_MAX = 64 << 10 };

static char folder[] = "/tmp/drydock-cli-XXXXXX"; /* one manager for all tests of this program */
static pid_t manager;
static char out[TEXT_MAX], errors[TEXT_MAX];

/* ---- the manager ---- */

static struct addr
address(const char *text)
{
	struct addr addr = { 0 };

	(void)addr_parse(text, 0, &addr, NULL);
	return addr;
}

static int
serve(int ready_fd)
{
	const size_t top = strlen(__FILE__) - strlen("tests/unit/cli/test_program.c");
	struct engine_settings settings = { .folder = folder, .advertise = address("127.0.0.1") };
	struct http_settings http_settings = { .token = NULL };
	struct engine *engine = NULL;
	struct http *http = NULL;
	struct api *api = NULL;
	struct env *env = NULL;
	char profiles[512], path[128];

	(void)snprintf(profiles, sizeof(profiles), "%.*sprofiles", (int)top, __FILE__);
	settings.profiles = profiles;
	(void)snprintf(path, sizeof(path), "unix:%s/link.sock", folder);
	settings.link = address(path);
	(void)snprintf(path, sizeof(path), "unix:%s/drydock.sock", folder);
	http_settings.at = address(path);
	if (env_linux_new(&env, NULL) < 0 || engine_new(env, &settings, &engine, NULL) < 0 ||
	    api_new(env, engine, &api, NULL) < 0 ||
	    http_new(env, api, &http_settings, &http, NULL) < 0)
		return 1;
	if (write(ready_fd, "r", 1) != 1)
		return 1;
	int r = env_linux_run(env, NULL);
	http_free(http);
	api_free(api);
	engine_free(engine);
	env_linux_free(env);
	return r < 0;
}

static int
setup(void **state)
{
	int fds[2];
	char ready = 0;

	(void)state;
	if (mkdtemp(folder) == NULL || pipe(fds) < 0)
		return -1;
	manager = fork();
	if (manager == 0)
		_exit(serve(fds[1]));
	(void)close(fds[1]);
	bool is_up = read(fds[0], &ready, 1) == 1;
	(void)close(fds[0]);
	return is_up ? 0 : -1;
}

static int
teardown(void **state)
{
	char command[128];
	int status;

	(void)state;
	(void)kill(manager, SIGKILL);
	(void)waitpid(manager, &status, 0);
	(void)snprintf(command, sizeof(command), "rm -rf %s", folder);
	return system(command);
}

/* ---- the program ---- */

static void
slurp(int fd, char *text)
{
	size_t size = 0;
	ssize_t n;

	(void)lseek(fd, 0, SEEK_SET);
	while ((n = read(fd, text + size, TEXT_MAX - 1 - size)) > 0)
		size += (size_t)n;
	text[size] = '\0';
	(void)close(fd);
}

static int
temporary(void)
{
	char path[] = "/tmp/drydock-cli-out-XXXXXX";
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	(void)unlink(path);
	return fd;
}

/* Run `drydock LINE` on this manager with something on stdin; the exit code. */
static int
drydock_with(const char *input, const char *line)
{
	int in_fd = temporary(), out_fd = temporary(), error_fd = temporary(), status = 0;
	char name[] = "drydock", words[1024], *argv[64] = { name };
	int argc = 1;

	assert_int_equal(write(in_fd, input, strlen(input)), strlen(input));
	(void)lseek(in_fd, 0, SEEK_SET);
	(void)snprintf(words, sizeof(words), "%s", line);
	for (char *rest = words, *word; (word = strsep(&rest, " ")) != NULL;)
		if (*word != '\0')
			argv[argc++] = word;
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		if (dup2(in_fd, 0) < 0 || dup2(out_fd, 1) < 0 || dup2(error_fd, 2) < 0)
			_exit(99);
		(void)unsetenv("DRYDOCK_SERVER");
		(void)setenv("DRYDOCK_DATA", folder, 1);
		exit(cli_main(argc, argv));
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	(void)close(in_fd);
	slurp(out_fd, out);
	slurp(error_fd, errors);
	if (!WIFEXITED(status))
		fail_msg("drydock %s ended by a signal\n%s%s", line, out, errors);
	return WEXITSTATUS(status);
}

static int
drydock(const char *line)
{
	return drydock_with("", line);
}

#define GIVES(code, line)                                                                \
	do {                                                                             \
		int code_ = drydock(line);                                               \
		if (code_ != (code))                                                     \
			fail_msg("drydock %s: exit %d\n%s%s", line, code_, out, errors); \
	} while (0)

/* A line of stdout as JSON; the caller owns it. */
static json_t *
document(void)
{
	json_error_t error;
	json_t *json = json_loads(out, JSON_REJECT_DUPLICATES, &error);

	if (json == NULL)
		fail_msg("no JSON: %s\n%s", out, errors);
	return json;
}

static void
assert_says(const char *text, const char *words)
{
	if (strstr(text, words) == NULL)
		fail_msg("'%s' is not in: %s%s", words, out, errors);
}

/* ---- the tests: in order, on one manager ---- */

static void
test_credential(void **state)
{
	(void)state;
	assert_int_equal(drydock_with("s3cret-word\n", "credential add lab --v2c"), 0);
	assert_null(strstr(out, "s3cret"));
	assert_int_equal(drydock_with("", "credential add other --v2c"), 2);
	assert_says(errors, "no community");
	assert_int_equal(drydock_with("\n", "credential add other --v2c"), 2);
	assert_int_equal(drydock_with("x\n", "credential add other"), 2);
	GIVES(0, "credential list --json");
	assert_string_equal(out, "{\"name\":\"lab\",\"kind\":\"v2c\"}\n");
}

static void
test_device(void **state)
{
	(void)state;
	GIVES(0, "device add box-1 --address 127.0.0.1:9 --credential lab --profile drydock-agent "
		 "--tag floor=2 --site east");
	GIVES(0, "device add box-2 --address 127.0.0.2:9 --credential lab --profile drydock-agent "
		 "--json");
	GIVES(0, "device show box-1 --json");
	json_t *device = document();
	assert_string_equal(json_string_value(json_object_get(device, "profile")), "drydock-agent");
	json_decref(device);
	GIVES(0, "device show box-1");
	assert_says(out, "floor=2");
	GIVES(0, "device list");
	assert_says(out, "box-2");
	GIVES(1, "device show box-9");
	GIVES(1, "device add box-1 --address 127.0.0.3 --credential lab --profile drydock-agent");
	assert_says(errors, "box-1");
	GIVES(1, "device add box-3 --address nonsense --credential lab --profile drydock-agent");
	assert_says(errors, "nonsense");
	GIVES(2, "device add box-3 --address 127.0.0.3");
	GIVES(2, "device add box-3 --address 127.0.0.3 --credential lab --tag floor");
	GIVES(1, "device remove ..%2f..");
}

static void
test_image(void **state)
{
	static const char image[] =
		"DRYDOCK-IMAGE 1\nversion: 2.0.0\nmodel: IAD-24\nformat: 2\nsize: 4\n"
		"sha256: 88d4266fd4e6338d13b845fcf289579d209c897823b9217da3e161936f031589\n\nabcd";
	char path[128], line[256];

	(void)state;
	(void)snprintf(path, sizeof(path), "%s/new.img", folder);
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	assert_int_equal(fwrite(image, 1, sizeof(image) - 1, file), sizeof(image) - 1);
	assert_int_equal(fclose(file), 0);
	(void)snprintf(line, sizeof(line),
		       "image add %s --version 2.0.0 --profile drydock-agent --json", path);
	GIVES(0, line);
	json_t *doc = document();
	assert_true(json_is_integer(json_object_get(doc, "id")));
	json_decref(doc);
	(void)snprintf(line, sizeof(line), "image add %s --version 9.9 --profile drydock-agent",
		       path);
	GIVES(1, line);
	assert_says(errors, "2.0.0");
	assert_int_equal(unlink(path), 0);
	GIVES(1, line);
	assert_says(errors, path);
	(void)snprintf(line, sizeof(line), "image add %s --profile drydock-agent", folder);
	GIVES(1, line);
	assert_says(errors, "no plain file");
	GIVES(1, "image add /dev/null --profile drydock-agent"); /* nor is it waited for */
	assert_says(errors, "no plain file");
	GIVES(2, "image add x");
	GIVES(0, "image list");
	assert_says(out, "2.0.0");
	GIVES(0, "image show 1");
	GIVES(0, "image show 2.0.0 --json");
	GIVES(1, "image show 3.0.0");
	GIVES(1, "image remove 77");
}

static void
test_orders_are_checked(void **state)
{
	(void)state;
	GIVES(2, "upgrade box-1");
	GIVES(2, "upgrade --image 1");
	GIVES(2, "upgrade box-1 --all --image 1");
	GIVES(2, "upgrade box-1 box-2 --image 1"); /* several devices, nobody to ask, no --yes */
	assert_says(errors, "--yes");
	GIVES(2, "upgrade box-1 --image 1 --limit update");
	GIVES(2, "upgrade box-1 --image 1 --limit lunch=5");
	GIVES(2, "upgrade box-1 --image 1 --stall update=0");
	GIVES(2, "upgrade box-1 --image 1 --on-failure cry");
	GIVES(2, "upgrade box-1 --image 1 --on-failure retry:0");
	GIVES(2, "upgrade box-1 --image 1 --protocol smoke");
	GIVES(2, "upgrade box-1 --image 1 --timeout 5");
	GIVES(1, "upgrade box-9 --image 1");
	GIVES(1, "upgrade box-1 box-9 --image 1 --yes");
	GIVES(1, "upgrade --tag floor=9 --image 1");
	GIVES(1, "upgrade box-1 --image 7");
	assert_says(errors, "image");
	GIVES(0, "job list");
	assert_null(strstr(out, "box-1"));
}

static void
test_waiting(void **state)
{
	(void)state;
	/* Nobody answers at the discard port: preflight fails, and policy ends the job. */
	GIVES(3, "backup box-1 --wait --on-failure stop --limit preflight=1 --json");
	assert_says(out, "\"reason\":\"unreachable\"");
	assert_says(out, "\"device\":\"box-1\"");
	GIVES(0, "backup box-2 --json");
	json_t *job = document();
	long long id = (long long)json_integer_value(json_object_get(job, "job"));
	char line[64];
	json_decref(job);
	GIVES(1, "backup box-2");
	assert_says(errors, "job");
	GIVES(1, "device remove box-2");
	(void)snprintf(line, sizeof(line), "job watch %lld --timeout 1", id);
	GIVES(5, line);
	assert_says(errors, "goes on");
	(void)snprintf(line, sizeof(line), "job show %lld", id);
	GIVES(0, line);
	GIVES(1, "job show 999");
	GIVES(2, "job show x");
	(void)snprintf(line, sizeof(line), "job close %lld", id);
	GIVES(1, line);
	assert_says(errors, "only one that asks");
}

static void
test_decisions(void **state)
{
	(void)state;
	GIVES(0, "decisions --json");
	assert_string_equal(out, "");
	GIVES(2, "decide x retry");
	GIVES(2, "decide 1 skip");
	GIVES(1, "decide 999 retry");
}

static void
test_configurations(void **state)
{
	(void)state;
	GIVES(0, "config list box-1");
	GIVES(1, "config show box-1");
	assert_says(errors, "drydock backup box-1");
	GIVES(1, "config show box-9");
	GIVES(2, "config show box-1 --snapshot x");
	GIVES(1, "config export box-1 --snapshot 5");
	GIVES(2, "config export box-1 --json");
	GIVES(1, "restore box-1");
	GIVES(2, "restore box-1 --snapshot x");
}

static void
test_profiles(void **state)
{
	const size_t top = strlen(__FILE__) - strlen("tests/unit/cli/test_program.c");
	char line[640];

	(void)state;
	GIVES(0, "profile list");
	assert_says(out, "drydock-agent");
	GIVES(0, "profile show drydock-agent");
	GIVES(1, "profile show other");
	(void)snprintf(line, sizeof(line), "profile check %.*sprofiles/drydock-agent.yaml",
		       (int)top, __FILE__);
	GIVES(0, line);
	(void)snprintf(line, sizeof(line), "profile check %s", __FILE__);
	GIVES(1, line);
	assert_says(errors, ":1:");
	GIVES(1, "profile check /nowhere/x.yaml");
}

static void
test_which_manager(void **state)
{
	char line[256];

	(void)state;
	(void)snprintf(line, sizeof(line), "device list --server unix:%s/drydock.sock", folder);
	GIVES(0, line);
	GIVES(1, "device list --data /nowhere");
	assert_says(errors, "drydockd --data /nowhere");
	GIVES(1, "device list --server http://127.0.0.1:9");
	assert_says(errors, "--listen");
	GIVES(2, "device list --server ftp://x");
	GIVES(2, "device list --server http://x --data /y");
	GIVES(1, "files status"); /* here none was started */
	assert_says(out, "not there");
}

static void
test_init(void **state)
{
	char line[256], path[256];
	struct stat st;

	(void)state;
	(void)snprintf(line, sizeof(line), "init %s/fresh", folder);
	GIVES(0, line);
	(void)snprintf(path, sizeof(path), "%s/fresh/token", folder);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(st.st_size, 65);
	(void)snprintf(path, sizeof(path), "%s/fresh", folder);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	GIVES(0, line); /* again: nothing changes */
	assert_says(out, "already");
	(void)snprintf(line, sizeof(line), "init %s", folder);
	GIVES(1, line); /* other things are in it */
	assert_says(errors, "not empty");
	(void)snprintf(line, sizeof(line), "init %s/no/such", folder);
	GIVES(1, line);
}

static void
test_odd_words(void **state)
{
	(void)state;
	GIVES(0, "--version");
	GIVES(0, "help");
	GIVES(2, "xyzzy");
	assert_says(errors, "device add");
	GIVES(2, "devise list");
	assert_says(errors, "did you mean 'device list'");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_credential),     cmocka_unit_test(test_device),
		cmocka_unit_test(test_image),          cmocka_unit_test(test_orders_are_checked),
		cmocka_unit_test(test_waiting),        cmocka_unit_test(test_decisions),
		cmocka_unit_test(test_configurations), cmocka_unit_test(test_profiles),
		cmocka_unit_test(test_which_manager),  cmocka_unit_test(test_init),
		cmocka_unit_test(test_odd_words),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
