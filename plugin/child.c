/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Running a program from inside libvirtd: posix_spawn, bounded output, a deadline. */
#include "plugin/child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "plugin/spawn.h"

/* As much of what a program says on its standard error as is kept: its end. */
#define SAID_KEPT 1024
/* A program in the kernel's hands (a dead disk) does not even end when it is killed. */
#define KILL_WAIT_MS 500
#define LOOK_AGAIN_MS 10

struct said {
	char text[SAID_KEPT + 1];
	size_t length;
};

static void keep_end(struct said *said, const char *part, size_t length)
{
	if (length > SAID_KEPT) {
		part += length - SAID_KEPT;
		length = SAID_KEPT;
	}
	size_t kept = said->length + length > SAID_KEPT ? SAID_KEPT - length : said->length;

	memmove(said->text, said->text + said->length - kept, kept);
	memcpy(said->text + kept, part, length);
	said->length = kept + length;
	said->text[said->length] = '\0';
}

static const char *last_line(struct said *said)
{
	while (said->length && said->text[said->length - 1] == '\n')
		said->text[--said->length] = '\0';
	const char *newline = strrchr(said->text, '\n');
	return newline ? newline + 1 : said->text;
}

/* Reads what is there, but not endlessly: whoever writes all the time is stopped by the deadline.
 * Return: whether more may come; -EMSGSIZE, -ENOMEM. */
static int drain(int fd, struct buffer *output, size_t limit, struct said *said)
{
	char part[16384];
	ssize_t got = 0;

	for (int i = 0; i < 16 && (got = read(fd, part, sizeof(part))) > 0; i++) {
		if (said)
			keep_end(said, part, (size_t)got);
		if (!output)
			continue;
		if (output->length + (size_t)got > limit)
			return -EMSGSIZE;
		buffer_add(output, part, (size_t)got);
		if (output->failed)
			return -ENOMEM;
	}
	return got > 0 || (got < 0 && (errno == EAGAIN || errno == EINTR));
}

/* Valgrind knows no pidfd, and a container may not allow it: then one looks again and again. */
static int wait_ms(const struct spawned *running, long long left)
{
	return running->ended < 0 && left > LOOK_AGAIN_MS ? LOOK_AGAIN_MS : (int)left;
}

static bool has_ended(const struct spawned *running)
{
	siginfo_t info = {.si_pid = 0};

	/* On an error too: libvirtd may have reaped what isn't its own. */
	return waitid(P_PID, (id_t)running->pid, &info, WEXITED | WNOHANG | WNOWAIT) < 0 ||
	       info.si_pid == running->pid;
}

/* Until the process has ended; it may close its streams long before, and others may keep them open
 * long after. */
static int collect(struct spawned *running, const struct child *child, struct said *said)
{
	long long deadline = clock_now_ms() + child->timeout_ms, left;
	struct pollfd fds[] = {
		{running->ended, POLLIN, 0},
		{running->output, POLLIN, 0},
		{running->said, POLLIN, 0},
	};

	while ((left = deadline - clock_now_ms()) > 0) {
		if (poll(fds, ARRAY_SIZE(fds), wait_ms(running, left)) < 0 && errno != EINTR)
			return -errno;
		bool ended = has_ended(running); /* before its last output is read */
		int more = drain(running->output, child->output, child->output_max, NULL);
		if (more < 0)
			return more;
		fds[1].fd = more ? running->output : -1;
		fds[2].fd = drain(running->said, NULL, 0, said) ? running->said : -1;
		if (ended)
			return 0;
	}
	return -ETIMEDOUT;
}

static int judge(const char *name, int status, struct said *said, struct err *err)
{
	const char *why = last_line(said);

	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 1 && *why)
		return err_set(err, ECANCELED, "%s", why);
	if (WIFSIGNALED(status))
		return err_set(err, EIO, "'%s' was killed by signal %d", name, WTERMSIG(status));
	return err_set(err, EIO, "'%s' ended with status %d: %s", name, WEXITSTATUS(status),
		       *why ? why : "it said nothing");
}

/* A process that doesn't end is left for a later call to reap. */
static void stop(const struct spawned *running)
{
	struct pollfd end = {running->ended, POLLIN, 0};
	long long deadline = clock_now_ms() + KILL_WAIT_MS, left;

	kill(running->pid, SIGKILL);
	while (!has_ended(running) && (left = deadline - clock_now_ms()) > 0)
		poll(&end, 1, wait_ms(running, left));
	if (waitpid(running->pid, NULL, WNOHANG) == 0)
		spawn_leave(running->pid);
}

static int fail(const char *name, const struct child *child, int rc, struct err *err)
{
	switch (-rc) {
	case ETIMEDOUT:
		return err_set(err, ETIMEDOUT, "'%s' took longer than %d ms and was ended", name,
			       child->timeout_ms);
	case EMSGSIZE:
		return err_set(err, EMSGSIZE, "'%s' printed more than %zu bytes and was ended",
			       name, child->output_max);
	default:
		return err_set(err, -rc, "run '%s': %s", name, strerror(-rc));
	}
}

int child_run(const struct child *child, struct err *err)
{
	cleanup_spawned struct spawned running = SPAWNED_NONE;
	const char *name = child->argv[0];
	struct said said = {.length = 0};
	int status = 0;

	spawn_reap();
	int rc = spawn(child->argv, child->input, child->input_length, &running);
	if (rc == -ENOENT)
		return err_set(err, ENOENT, "'%s' is not there; reinstall berth", name);
	if (rc < 0)
		return fail(name, child, rc, err);
	rc = collect(&running, child, &said);
	kill(-running.pid, SIGKILL); /* before it is reaped: until then the number is its own */
	if (rc < 0) {
		stop(&running);
		return fail(name, child, rc, err);
	}
	while ((rc = waitpid(running.pid, &status, 0)) < 0 && errno == EINTR)
		;
	if (rc < 0)
		return fail(name, child, -errno, err);
	return judge(name, status, &said, err);
}
