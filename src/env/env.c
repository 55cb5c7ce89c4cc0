/* env.c - the door itself: finds the host behind an object and calls it; timers and stopping, which
 * all hosts share. */
#include "env/env.h"

#include "env/env_ops.h"

#include <assert.h>

/* ---- clock, timers, random ---- */

msec_t
env_now(struct env *env)
{
	return env->ops->now(env);
}

msec_t
env_wall(struct env *env)
{
	return env->ops->wall(env);
}

void
env_timer_set(struct env *env, struct env_timer *timer, msec_t at)
{
	assert(timer->fire);
	if (env->has_crashed)
		return;
	timers_set(env->timers, env, timer, at);
}

void
env_timer_clear(struct env *env, struct env_timer *timer)
{
	timers_clear(env->timers, timer);
}

void
env_random(struct env *env, void *ret_data, size_t size)
{
	env->ops->random(env, ret_data, size);
}

/* ---- datagrams ---- */

int
env_udp_open(struct env *env, const struct addr *at, env_udp_fn *received, void *arg,
	     struct env_udp **ret_udp, struct err *err)
{
	return env->ops->udp_open(env, at, received, arg, ret_udp, err);
}

const struct addr *
env_udp_local(const struct env_udp *udp)
{
	return &udp->local;
}

int
env_udp_send(struct env_udp *udp, const struct addr *to, const struct addr *from, const void *data,
	     size_t size)
{
	return udp->env->ops->udp_send(udp, to, from, data, size);
}

void
env_udp_close(struct env_udp *udp)
{
	if (udp)
		udp->env->ops->udp_close(udp);
}

/* ---- streams ---- */

int
env_listen(struct env *env, const struct addr *at, env_accepted_fn *accepted, void *arg,
	   struct env_listener **ret_listener, struct err *err)
{
	return env->ops->listen(env, at, accepted, arg, ret_listener, err);
}

const struct addr *
env_listener_local(const struct env_listener *listener)
{
	return &listener->local;
}

void
env_listener_close(struct env_listener *listener)
{
	if (listener)
		listener->env->ops->listener_close(listener);
}

int
env_connect(struct env *env, const struct addr *to, const struct addr *local,
	    const struct env_stream_events *events, void *arg, struct env_stream **ret_stream,
	    struct err *err)
{
	return env->ops->connect(env, to, local, events, arg, ret_stream, err);
}

void
env_stream_use(struct env_stream *stream, const struct env_stream_events *events, void *arg)
{
	stream->events = *events;
	stream->arg = arg;
	stream->is_used = true;
	stream->env->ops->stream_used(stream);
}

int
env_stream_write(struct env_stream *stream, const void *data, size_t size)
{
	return stream->env->ops->stream_write(stream, data, size);
}

size_t
env_stream_queued(const struct env_stream *stream)
{
	return stream->env->ops->stream_queued(stream);
}

void
env_stream_pause(struct env_stream *stream, bool is_paused)
{
	stream->env->ops->stream_pause(stream, is_paused);
}

void
env_stream_finish(struct env_stream *stream)
{
	stream->env->ops->stream_finish(stream);
}

const struct addr *
env_stream_local(const struct env_stream *stream)
{
	return &stream->local;
}

const struct addr *
env_stream_peer(const struct env_stream *stream)
{
	return &stream->peer;
}

void
env_stream_close(struct env_stream *stream)
{
	if (stream)
		stream->env->ops->stream_close(stream);
}

/* ---- disk ---- */

int
env_file_open(struct env *env, const char *path, unsigned flags, struct env_file **ret_file,
	      struct err *err)
{
	assert(flags & (ENV_FILE_READ | ENV_FILE_WRITE));
	assert(flags & ENV_FILE_WRITE || !(flags & (ENV_FILE_CREATE | ENV_FILE_TRUNCATE)));
	return env->ops->file_open(env, path, flags, ret_file, err);
}

int64_t
env_file_read(struct env_file *file, uint64_t offset, void *ret_data, size_t size)
{
	return file->env->ops->file_read(file, offset, ret_data, size);
}

int
env_file_write(struct env_file *file, uint64_t offset, const void *data, size_t size)
{
	return file->env->ops->file_write(file, offset, data, size);
}

int
env_file_truncate(struct env_file *file, uint64_t size)
{
	return file->env->ops->file_truncate(file, size);
}

int64_t
env_file_size(struct env_file *file)
{
	return file->env->ops->file_size(file);
}

int
env_file_sync(struct env_file *file)
{
	return file->env->ops->file_sync(file);
}

void
env_file_close(struct env_file *file)
{
	if (file)
		file->env->ops->file_close(file);
}

int
env_rename(struct env *env, const char *from, const char *to)
{
	return env->ops->rename(env, from, to);
}

int
env_unlink(struct env *env, const char *path)
{
	return env->ops->unlink(env, path);
}

int
env_dir_make(struct env *env, const char *path, struct err *err)
{
	return env->ops->dir_make(env, path, err);
}

int
env_dir_sync(struct env *env, const char *path)
{
	return env->ops->dir_sync(env, path);
}

int
env_dir_list(struct env *env, const char *path, void (*found)(void *arg, const char *name),
	     void *arg, struct err *err)
{
	return env->ops->dir_list(env, path, found, arg, err);
}

int64_t
env_disk_free(struct env *env, const char *path)
{
	return env->ops->disk_free(env, path);
}

/* ---- processes and the program's own end ---- */

int
env_process_start(struct env *env, const char *const *argv, void (*ended)(void *arg, int status),
		  void *arg, struct env_process **ret_process, struct err *err)
{
	assert(argv[0]);
	return env->ops->process_start(env, argv, ended, arg, ret_process, err);
}

void
env_process_kill(struct env_process *process, int signal)
{
	process->env->ops->process_kill(process, signal);
}

int64_t
env_process_id(const struct env_process *process)
{
	return process->env->ops->process_id(process);
}

void
env_process_free(struct env_process *process)
{
	if (process)
		process->env->ops->process_free(process);
}

void
env_on_stop(struct env *env, void (*stop)(void *arg), void *arg)
{
	env->stop = stop;
	env->stop_arg = arg;
}

void
env_tell_stop(struct env *env)
{
	void (*stop)(void *arg) = env->stop;

	env->stop = NULL;
	if (stop)
		stop(env->stop_arg);
	else
		env_stop(env);
}

void
env_stop(struct env *env)
{
	env->is_stopping = true;
}

bool
env_is_dead(const struct env *env)
{
	return env->has_crashed || env->is_stopping;
}
