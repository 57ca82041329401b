/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Several functions at the same time.
 *
 * Each child writes its answer into a pipe of its own; it fits into PIPE_BUF bytes, so it is there
 * whole or not at all, and a child never waits for its reader. The parent reads until each pipe has
 * ended, then waits for each child.
 */
#include "base/parallel.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/fault.h"
#include "base/die_with.h"
#include "base/strbuf.h"

struct answer {
	int rc;
	struct err err;
};
_Static_assert(sizeof(struct answer) <= PIPE_BUF, "an answer is written whole");

struct child {
	pid_t pid;
	int fd;
	bool answered;
};

static _Noreturn void be_child(const struct parallel_job *job, pid_t parent, int fd)
{
	struct answer answer = {0};

	die_with_parent(parent);
	answer.rc = job->run(job->argument, &answer.err);
	ssize_t put = write(fd, &answer, sizeof(answer));
	_exit(put == (ssize_t)sizeof(answer) ? 0 : 1);
}

static int start(struct parallel_job *job, struct child *child)
{
	pid_t parent = getpid();
	int fds[2];

	if (pipe2(fds, O_CLOEXEC) < 0)
		return err_set(&job->err, errno, "pipe: %s", strerror(errno));
	child->pid = fork();
	if (child->pid == 0) {
		close(fds[0]);
		be_child(job, parent, fds[1]);
	}
	int code = errno;
	close(fds[1]);
	if (child->pid < 0) {
		close(fds[0]);
		return err_set(&job->err, code, "fork: %s", strerror(code));
	}
	child->fd = fds[0];
	return 0;
}

static void take_answer(struct parallel_job *job, struct child *child)
{
	struct answer answer;
	ssize_t got = read(child->fd, &answer, sizeof(answer));

	if (got < 0 && errno == EINTR)
		return;
	if (got == (ssize_t)sizeof(answer)) {
		job->rc = answer.rc;
		job->err = answer.err;
		child->answered = true;
	}
	close(steal_fd(child->fd));
}

/* The next jobs, as many as may run beside those that do. Return: whether one is waited for. */
static bool start_more(struct parallel_job *jobs, struct child *children, size_t count,
		       size_t *next)
{
	size_t running = 0;

	for (size_t i = 0; i < *next; i++)
		running += children[i].fd >= 0;
	for (; *next < count && running < PARALLEL_MAX; (*next)++) {
		jobs[*next].rc = start(&jobs[*next], &children[*next]);
		running += children[*next].fd >= 0;
	}
	return running > 0;
}

/* Until all have answered or ended, or the time is over. */
static void collect(struct parallel_job *jobs, struct child *children, size_t count,
		    int64_t deadline_ms)
{
	struct pollfd *fds = xcalloc(count, sizeof(*fds));
	size_t next = 0;

	while (start_more(jobs, children, count, &next)) {
		int64_t left = deadline_ms - clock_now_ms();
		if (left <= 0)
			break;
		if (next == count)
			fault_point("all-started");
		for (size_t i = 0; i < next; i++)
			fds[i] = (struct pollfd){.fd = children[i].fd, .events = POLLIN};
		int ready = poll(fds, next, left > INT_MAX ? INT_MAX : (int)left);
		for (size_t i = 0; ready > 0 && i < next; i++) {
			if (fds[i].revents)
				take_answer(&jobs[i], &children[i]);
		}
	}
	free(fds);
}

static void end(struct parallel_job *job, struct child *child)
{
	bool late = child->fd >= 0;
	int status = 0;

	if (child->pid <= 0)
		return;
	if (late) {
		kill(child->pid, SIGKILL);
		close(steal_fd(child->fd));
	}
	while (waitpid(child->pid, &status, 0) < 0 && errno == EINTR)
		;
	if (child->answered)
		return;
	if (late)
		job->rc = err_set(&job->err, ETIMEDOUT, "did not end in time");
	else if (WIFSIGNALED(status))
		job->rc = err_set(&job->err, ECHILD, "its process was killed by signal %d",
				  WTERMSIG(status));
	else
		job->rc = err_set(&job->err, ECHILD, "its process ended without an answer");
}

int parallel_run(struct parallel_job *jobs, size_t count, int64_t deadline_ms, struct err *err)
{
	struct child *children = xcalloc(count, sizeof(*children));
	int first = 0;

	for (size_t i = 0; i < count; i++) {
		children[i] = (struct child){.pid = -1, .fd = -1};
		jobs[i].rc = err_set(&jobs[i].err, ETIMEDOUT, "was not begun in time");
	}
	collect(jobs, children, count, deadline_ms);
	for (size_t i = 0; i < count; i++) {
		end(&jobs[i], &children[i]);
		if (jobs[i].rc < 0 && first == 0) {
			first = jobs[i].rc;
			*err = jobs[i].err;
		}
	}
	free(children);
	return first;
}
