/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Running another program without a shell: fork, exec, bounded output, a deadline. */
#include "base/command.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/die_with.h"

#define SYSTEM_PATH "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
/* As much of a failing program's standard error as is worth quoting. */
#define STDERR_KEPT 4096

static char *const clean_environment[] = {SYSTEM_PATH, "LC_ALL=C", "HOME=/", NULL};

struct running {
	pid_t pid;
	int out;
	int err;
};

/* What a program gets; -1: /dev/null, or none. */
struct descriptors {
	int in;
	int out;
	int err;
	int lock;
};

/* Return: the first descriptor that the program doesn't get. */
static unsigned keep_lock(int lock)
{
	const int place = STDERR_FILENO + 1;

	if (lock < 0)
		return place;
	if (lock == place)
		fcntl(lock, F_SETFD, 0);
	else
		dup2(lock, place);
	return place + 1;
}

static _Noreturn void become(const char *const *argv, struct descriptors fds)
{
	int null = open("/dev/null", O_RDWR);
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	/* Who lives on goes on to its end, although nobody reads any more what it says. */
	signal(SIGPIPE, fds.lock < 0 ? SIG_DFL : SIG_IGN);
	if (null >= 0 && dup2(fds.in >= 0 ? fds.in : null, 0) >= 0 &&
	    dup2(fds.out >= 0 ? fds.out : null, 1) >= 0 &&
	    dup2(fds.err >= 0 ? fds.err : null, 2) >= 0) {
		close_range(keep_lock(fds.lock), ~0U, 0);
		putenv(SYSTEM_PATH); /* execvpe() searches the caller's PATH, not the new one */
		execvpe(argv[0], (char *const *)argv, clean_environment);
	}
	_exit(errno == ENOENT ? 127 : 126);
}

/* Return: a descriptor that the command can read its input from; -1: it has none; else another
 * negative errno. */
static int open_input(const struct command *command, struct err *err)
{
	cleanup_close int fd = -1;

	if (!command->input)
		return -1;
	fd = memfd_create("input", MFD_CLOEXEC);
	if (fd < 0 ||
	    write(fd, command->input, command->input_length) != (ssize_t)command->input_length ||
	    lseek(fd, 0, SEEK_SET) < 0)
		return err_set(err, errno ? errno : EIO, "pass its input: %s", strerror(errno));
	return steal_fd(fd);
}

static _Noreturn void be_child(const struct command *command, struct descriptors fds, pid_t parent)
{
	if (fds.lock < 0)
		die_with_parent(parent);
	become(command->argv, fds);
}

static int start(const struct command *command, int input, struct running *child, struct err *err)
{
	int out[2], errors[2];
	pid_t parent = getpid();

	if (pipe2(out, O_CLOEXEC) < 0)
		return err_set(err, errno, "pipe: %s", strerror(errno));
	if (pipe2(errors, O_CLOEXEC) < 0) {
		int code = errno;
		close(out[0]);
		close(out[1]);
		return err_set(err, code, "pipe: %s", strerror(code));
	}
	child->pid = fork();
	if (child->pid == 0)
		be_child(command,
			 (struct descriptors){.in = input,
					      .out = out[1],
					      .err = errors[1],
					      .lock = command->lock > 0 ? command->lock : -1},
			 parent);
	int code = errno;
	close(out[1]);
	close(errors[1]);
	child->out = out[0];
	child->err = errors[0];
	if (child->pid < 0) {
		close(out[0]);
		close(errors[0]);
		return err_set(err, code, "fork: %s", strerror(code));
	}
	return 0;
}

/* Only the end of a long text is kept: there it says what went wrong. */
static void keep_end(struct strbuf *buf, size_t limit)
{
	if (buf->length <= limit)
		return;
	memmove(buf->text, buf->text + buf->length - limit, limit + 1);
	buf->length = limit;
}

/* Reads once. Return: 1 while there may be more, 0 at the end, -EMSGSIZE past the limit. */
static int drain(int fd, struct strbuf *into, size_t limit, bool cut)
{
	char part[4096];
	ssize_t got = read(fd, part, sizeof(part));

	if (got <= 0)
		return got < 0 && (errno == EINTR || errno == EAGAIN) ? 1 : 0;
	if (!cut && into->length + (size_t)got > limit)
		return -EMSGSIZE;
	strbuf_add(into, part, (size_t)got);
	if (cut)
		keep_end(into, limit);
	return 1;
}

/* A program may close its output long before it ends. */
static int await_end(pid_t pid, long long deadline)
{
	cleanup_close int fd = (int)syscall(SYS_pidfd_open, pid, 0);
	struct pollfd end = {fd, POLLIN, 0};

	while (fd >= 0) {
		long long left = deadline - clock_now_ms();
		int ready = left > 0 ? poll(&end, 1, (int)left) : 0;
		if (ready > 0)
			return 0;
		if (ready == 0)
			return -ETIMEDOUT;
		if (errno != EINTR)
			return 0;
	}
	return 0;
}

static int collect(struct running *child, const struct command *command, struct strbuf *out,
		   struct strbuf *errors)
{
	long long deadline = clock_now_ms() + command->timeout_ms;
	struct pollfd fds[2] = {{child->out, POLLIN, 0}, {child->err, POLLIN, 0}};

	while (fds[0].fd >= 0 || fds[1].fd >= 0) {
		long long left = deadline - clock_now_ms();
		int ready = left > 0 ? poll(fds, 2, (int)left) : 0;
		if (ready < 0 && errno == EINTR)
			continue;
		if (ready <= 0)
			return -ETIMEDOUT;
		for (int i = 0; i < 2; i++) {
			if (!fds[i].revents)
				continue;
			int rc = i == 0 ? drain(fds[0].fd, out, command->output_max, false)
					: drain(fds[1].fd, errors, STDERR_KEPT, true);
			if (rc < 0)
				return rc;
			if (rc == 0)
				fds[i].fd = -1;
		}
	}
	return await_end(child->pid, deadline);
}

/* The line that says why a program failed is its last one. */
static const char *last_line(struct strbuf *errors)
{
	if (!errors->length)
		return "it said nothing";
	while (errors->length && errors->text[errors->length - 1] == '\n')
		errors->text[--errors->length] = '\0';
	const char *newline = strrchr(errors->text, '\n');
	return newline ? newline + 1 : errors->text;
}

static int judge(const char *name, int status, struct strbuf *errors, struct err *err)
{
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	if (WIFSIGNALED(status))
		return err_set(err, EIO, "%s: killed by signal %d", name, WTERMSIG(status));
	if (WEXITSTATUS(status) == 127)
		return err_set(err, ENOENT, "%s: no such program; install it", name);
	return err_set(err, EIO, "%s: exit status %d: %s", name, WEXITSTATUS(status),
		       last_line(errors));
}

int command_run(const struct command *command, struct strbuf *output, struct err *err)
{
	cleanup_strbuf struct strbuf unwanted = {0}, errors = {0};
	const char *name = command->argv[0];
	struct running child = {0};
	int status = 0;

	cleanup_close int input = open_input(command, err);
	if (input < -1)
		return input;
	int rc = start(command, input, &child, err);
	if (rc < 0)
		return rc;
	rc = collect(&child, command, output ? output : &unwanted, &errors);
	if (rc < 0)
		kill(child.pid, SIGKILL);
	close(child.out);
	close(child.err);
	while (waitpid(child.pid, &status, 0) < 0 && errno == EINTR)
		;
	if (rc == -ETIMEDOUT)
		return err_set(err, ETIMEDOUT, "%s: timed out after %d s", name,
			       command->timeout_ms / 1000);
	if (rc < 0)
		return err_set(err, -rc, "%s: printed more than %zu bytes", name,
			       command->output_max);
	if (command->exit_status && WIFEXITED(status))
		*command->exit_status = WEXITSTATUS(status);
	return judge(name, status, &errors, err);
}

int command_detach(const char *const *argv, struct err *err)
{
	int status = 0;

	if (access(argv[0], X_OK) < 0)
		return err_set(err, errno, "start '%s': %s; reinstall berth", argv[0],
			       strerror(errno));
	pid_t middle = fork();

	if (middle < 0)
		return err_set(err, errno, "fork: %s", strerror(errno));
	if (middle == 0) {
		/* Two forks: the grandchild is init's, so nobody here has to reap it. */
		setsid();
		pid_t grandchild = fork();
		if (grandchild == 0) {
			if (chdir("/") == 0)
				become(argv, (struct descriptors){-1, -1, -1, -1});
			_exit(126);
		}
		_exit(grandchild < 0);
	}
	while (waitpid(middle, &status, 0) < 0 && errno == EINTR)
		;
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		return err_set(err, EAGAIN, "start '%s' in the background: fork failed", argv[0]);
	return 0;
}
