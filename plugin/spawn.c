/* SPDX-License-Identifier: GPL-2.0-or-later */
/* posix_spawn() with everything set that a child of libvirtd must not inherit. */
#include "plugin/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#define LEFT_MAX 16

static char *const environment[] = {
	"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
	"LC_ALL=C",
	"HOME=/",
	NULL,
};

static struct {
	pthread_mutex_t lock;
	pid_t pids[LEFT_MAX];
} left = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* A file in memory, so that nobody has to feed a pipe, and no SIGPIPE can come of it. */
static int input_file(const void *input, size_t length)
{
	if (!length)
		return open("/dev/null", O_RDONLY | O_CLOEXEC);
	cleanup_close int fd = memfd_create("berth-gate-input", MFD_CLOEXEC);
	for (size_t done = 0; fd >= 0 && done < length;) {
		ssize_t put = write(fd, (const char *)input + done, length - done);
		if (put < 0 && errno == EINTR)
			continue;
		if (put <= 0)
			return -1;
		done += (size_t)put;
	}
	if (fd < 0 || lseek(fd, 0, SEEK_SET) < 0)
		return -1;
	return steal_fd(fd);
}

static int set_attributes(posix_spawnattr_t *attributes)
{
	sigset_t none, all;

	sigemptyset(&none);
	sigfillset(&all);
	posix_spawnattr_setsigmask(attributes, &none);
	posix_spawnattr_setsigdefault(attributes, &all);
	return posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
							    POSIX_SPAWN_SETSID);
}

static int set_streams(posix_spawn_file_actions_t *actions, const int streams[3])
{
	int rc = 0;

	for (int i = 0; i < 3 && rc == 0; i++)
		rc = posix_spawn_file_actions_adddup2(actions, streams[i], i);
	return rc ? rc : posix_spawn_file_actions_addclosefrom_np(actions, 3);
}

static int start(const char *const *argv, const int streams[3], pid_t *pid)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;

	int rc = posix_spawn_file_actions_init(&actions);
	if (rc)
		return -rc;
	rc = posix_spawnattr_init(&attributes);
	if (rc) {
		posix_spawn_file_actions_destroy(&actions);
		return -rc;
	}
	rc = set_attributes(&attributes);
	if (!rc)
		rc = set_streams(&actions, streams);
	if (!rc)
		rc = posix_spawn(pid, argv[0], &actions, &attributes, (char *const *)argv,
				 environment);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	return -rc;
}

/* The reading end does not block; the other end does, as programs expect it. */
static int open_pipe(int *read_end, int *write_end)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	*read_end = ends[0];
	*write_end = ends[1];
	return fcntl(ends[0], F_SETFL, O_NONBLOCK) < 0 ? -errno : 0;
}

int spawn(const char *const *argv, const void *input, size_t length, struct spawned *ret)
{
	cleanup_spawned struct spawned child = SPAWNED_NONE;
	cleanup_close int output = -1, said = -1, in = input_file(input, length);

	if (in < 0)
		return -errno;
	int rc = open_pipe(&child.output, &output);
	if (rc == 0)
		rc = open_pipe(&child.said, &said);
	if (rc == 0)
		rc = start(argv, (const int[]){in, output, said}, &child.pid);
	if (rc < 0)
		return rc;
	child.ended = (int)syscall(SYS_pidfd_open, child.pid, 0);
	*ret = child;
	child = (struct spawned)SPAWNED_NONE;
	return 0;
}

void spawned_close(struct spawned *spawned)
{
	cleanup_closep(&spawned->ended);
	cleanup_closep(&spawned->output);
	cleanup_closep(&spawned->said);
	*spawned = (struct spawned)SPAWNED_NONE;
}

void spawn_leave(pid_t pid)
{
	pthread_mutex_lock(&left.lock);
	for (size_t i = 0; i < LEFT_MAX; i++) {
		if (left.pids[i])
			continue;
		left.pids[i] = pid;
		break;
	}
	pthread_mutex_unlock(&left.lock);
}

void spawn_reap(void)
{
	pthread_mutex_lock(&left.lock);
	for (size_t i = 0; i < LEFT_MAX; i++) {
		if (left.pids[i] && waitpid(left.pids[i], NULL, WNOHANG) != 0)
			left.pids[i] = 0;
	}
	pthread_mutex_unlock(&left.lock);
}
