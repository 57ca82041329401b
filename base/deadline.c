/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A deadline for all that this process does. */
#include "base/deadline.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"

#define NOTHING INT64_MAX

/* @end_ms: when deadline_passed() says so; @grace_ms: how much later the process is ended;
 * @paused_ms: since when it is paused, or NOTHING */
static struct {
	pthread_mutex_t mutex;
	pthread_cond_t changed;
	pid_t pid;
	int64_t end_ms;
	int64_t grace_ms;
	int64_t paused_ms;
	char message[512];
} state = {.mutex = PTHREAD_MUTEX_INITIALIZER, .paused_ms = NOTHING};

static bool is_set(void)
{
	return state.pid != 0 && state.pid == getpid();
}

/* Not to the system log: the main thread may be waiting for that. libvirtd logs it. */
static _Noreturn void end_process(void)
{
	ssize_t unused = write(STDERR_FILENO, state.message, strlen(state.message));

	(void)unused;
	_exit(1);
}

static void *watch(void *unused)
{
	(void)unused;
	pthread_mutex_lock(&state.mutex);
	for (;;) {
		int64_t end = state.end_ms + state.grace_ms;
		struct timespec when = {.tv_sec = end / 1000, .tv_nsec = end % 1000 * 1000000};
		if (state.paused_ms != NOTHING)
			pthread_cond_wait(&state.changed, &state.mutex);
		else if (clock_now_ms() >= end)
			end_process();
		else
			pthread_cond_timedwait(&state.changed, &state.mutex, &when);
	}
	return NULL;
}

/* It takes no signal: those are for the main thread. */
static bool start_thread(void)
{
	pthread_condattr_t clock;
	pthread_t thread;
	sigset_t all, before;

	pthread_condattr_init(&clock);
	pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
	pthread_cond_init(&state.changed, &clock);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	int rc = pthread_create(&thread, NULL, watch, NULL);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return rc == 0 && pthread_detach(thread) == 0;
}

void deadline_start(int seconds, const char *what)
{
	if (state.pid)
		return;
	snprintf(state.message, sizeof(state.message),
		 "berth: %.300s: not done after %d s; check that all storage of this host "
		 "answers, and migrate it again\n",
		 what, seconds);
	state.end_ms = clock_now_ms() + (int64_t)seconds * 1000;
	if (start_thread())
		state.pid = getpid();
}

static void change(int64_t paused_ms, int64_t more_ms, int64_t grace_ms)
{
	pthread_mutex_lock(&state.mutex);
	state.paused_ms = paused_ms;
	state.end_ms += more_ms;
	state.grace_ms += grace_ms;
	pthread_cond_signal(&state.changed);
	pthread_mutex_unlock(&state.mutex);
}

void deadline_pause(const char *what)
{
	if (!is_set() || state.paused_ms != NOTHING)
		return;
	if (what)
		log_note("%s; 'kill %d' cancels the migration", what, (int)getpid());
	change(clock_now_ms(), 0, 0);
}

void deadline_resume(void)
{
	if (is_set() && state.paused_ms != NOTHING)
		change(NOTHING, clock_now_ms() - state.paused_ms, 0);
}

bool deadline_passed(void)
{
	return is_set() && state.paused_ms == NOTHING && clock_now_ms() >= state.end_ms;
}

void deadline_add_grace(int seconds)
{
	if (is_set())
		change(state.paused_ms, 0, (int64_t)seconds * 1000);
}
