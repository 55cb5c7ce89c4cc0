/* A child process that is kept running. */
#include "engine/supervisor.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* Signals by number, as their header opens the world. */
enum { SIGNAL_KILL = 9, SIGNAL_TERM = 15 };

struct supervisor {
	struct env *env;
	const struct log *log;
	char *argv[SUPERVISOR_ARGUMENTS_MAX + 1];
	struct env_process *process; /* NULL: not running */
	struct env_timer timer;      /* until the next start, or until it is killed */
	msec_t started_at, wait_ms;
	unsigned failures; /* in a row */
	bool is_stopping;
	void (*done)(void *arg);
	void *arg;
};

static void ended(void *arg, int status);

static int
start(struct supervisor *supervisor, struct err *err)
{
	supervisor->started_at = env_now(supervisor->env);
	return env_process_start(supervisor->env, (const char *const *)supervisor->argv, ended,
				 supervisor, &supervisor->process, err);
}

static void
start_later(struct supervisor *supervisor)
{
	env_timer_set(supervisor->env, &supervisor->timer,
		      env_now(supervisor->env) + supervisor->wait_ms);
	supervisor->wait_ms *= 2;
	if (supervisor->wait_ms > SUPERVISOR_WAIT_MAX_MS)
		supervisor->wait_ms = SUPERVISOR_WAIT_MAX_MS;
}

/* wait(2): the low seven bits are the signal that ended it, 0 where it exited by itself. */
static void
log_end(const struct supervisor *supervisor, int status)
{
	const int signal = status & 0x7f;

	log_line(supervisor->log, LOG_WARNING,
		 "%s ended with %s %d; it is started again in %lld ms", supervisor->argv[0],
		 signal != 0 ? "signal" : "exit code", signal != 0 ? signal : status >> 8 & 0xff,
		 (long long)supervisor->wait_ms);
}

static void
finish(struct supervisor *supervisor)
{
	void (*done)(void *arg) = TAKE(supervisor->done);

	env_timer_clear(supervisor->env, &supervisor->timer);
	if (done != NULL)
		done(supervisor->arg);
}

static void
ended(void *arg, int status)
{
	struct supervisor *supervisor = arg;

	env_process_free(TAKE(supervisor->process));
	if (supervisor->is_stopping) {
		finish(supervisor);
		return;
	}
	supervisor->failures++;
	if (env_now(supervisor->env) - supervisor->started_at >= SUPERVISOR_WELL_MS) {
		supervisor->wait_ms = SUPERVISOR_WAIT_MIN_MS;
		supervisor->failures = 0;
	}
	log_end(supervisor, status);
	start_later(supervisor);
}

static void
timer_fired(void *arg)
{
	struct supervisor *supervisor = arg;
	struct err err = { 0 };

	if (supervisor->is_stopping) {
		if (supervisor->process != NULL)
			env_process_kill(supervisor->process, SIGNAL_KILL);
		else
			finish(supervisor);
		return;
	}
	if (start(supervisor, &err) < 0) {
		supervisor->failures++;
		log_line(supervisor->log, LOG_ERROR, "%s", err.text);
		start_later(supervisor);
	}
}

int
supervisor_new(struct env *env, const char *const *argv, const struct log *log,
	       struct supervisor **ret_supervisor, struct err *err)
{
	struct supervisor *supervisor = calloc(1, sizeof(*supervisor));
	int r = 0;

	if (supervisor == NULL)
		return err_set(err, AT, DD_ENOMEM, "no memory to start %s", argv[0]);
	supervisor->env = env;
	supervisor->log = log;
	supervisor->wait_ms = SUPERVISOR_WAIT_MIN_MS;
	supervisor->timer = (struct env_timer){ .fire = timer_fired, .arg = supervisor };
	for (unsigned i = 0; argv[i] != NULL && r == 0; i++) {
		assert(i < SUPERVISOR_ARGUMENTS_MAX);
		supervisor->argv[i] = strdup(argv[i]);
		if (supervisor->argv[i] == NULL)
			r = err_set(err, AT, DD_ENOMEM, "no memory to start %s", argv[0]);
	}
	if (r == 0)
		r = start(supervisor, err);
	if (r < 0) {
		supervisor_free(supervisor);
		return r;
	}
	*ret_supervisor = supervisor;
	return 0;
}

void
supervisor_stop(struct supervisor *supervisor, msec_t wait_ms, void (*done)(void *arg), void *arg)
{
	supervisor->is_stopping = true;
	supervisor->done = done;
	supervisor->arg = arg;
	/* Where there is no child the timer ends it from the loop, as the header says. */
	env_timer_set(supervisor->env, &supervisor->timer,
		      env_now(supervisor->env) + (supervisor->process != NULL ? wait_ms : 0));
	if (supervisor->process != NULL)
		env_process_kill(supervisor->process, SIGNAL_TERM);
}

void
supervisor_free(struct supervisor *supervisor)
{
	if (supervisor == NULL)
		return;
	env_timer_clear(supervisor->env, &supervisor->timer);
	env_process_free(supervisor->process);
	for (unsigned i = 0; i < SUPERVISOR_ARGUMENTS_MAX; i++)
		free(supervisor->argv[i]);
	free(supervisor);
}

int64_t
supervisor_child(const struct supervisor *supervisor)
{
	return supervisor->process != NULL ? env_process_id(supervisor->process) : 0;
}

unsigned
supervisor_failures(const struct supervisor *supervisor)
{
	return supervisor->failures;
}
