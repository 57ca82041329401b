/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * `berth sync` in the background.
 *
 * Theory of operation: the process that berth.so waits for forks and ends; its child has a session
 * of its own, for what is left in berth.so's is killed. Two bytes of one lock file stand for each
 * guest: who has the first waits for its turn, who has the second is at work, to the end of `berth
 * sync`, which inherits the descriptor.
 */
#include "gate/refresh.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/log.h"

/* What libvirtd does to a disk it does in several calls. */
#define PAUSE_US 500000
/* A `berth sync` that doesn't end keeps nobody waiting for ever. */
#define TURN_S 300
#define PROGRAM BINDIR "/berth"

enum { WAITING, AT_WORK };

/* Two guests that meet in it wait for each other, no more. */
static off_t byte_of(const char *uuid, int which)
{
	return (off_t)((str_hash(uuid) >> 2) & ~(uint64_t)1) + which;
}

static int lock(int fd, const char *uuid, int which, int command, short type)
{
	struct flock range = {
		.l_type = type,
		.l_whence = SEEK_SET,
		.l_start = byte_of(uuid, which),
		.l_len = 1,
	};

	return fcntl(fd, command, &range) < 0 ? -errno : 0;
}

/* Return: a descriptor without O_CLOEXEC, which has the guest's turn; or a negative errno: somebody
 * else waits for it already, ... */
static int wait_for_turn(const struct site *site, const char *uuid)
{
	int fd = open(site->refresh_lock, O_RDWR | O_CREAT | O_NOFOLLOW, 0600);

	if (fd < 0)
		return -errno;
	int rc = lock(fd, uuid, WAITING, F_OFD_SETLK, F_WRLCK);
	alarm(TURN_S);
	if (rc == 0)
		rc = lock(fd, uuid, AT_WORK, F_OFD_SETLKW, F_WRLCK);
	alarm(0);
	if (rc < 0) {
		close(fd);
		return rc;
	}
	usleep(PAUSE_US);
	lock(fd, uuid, WAITING, F_OFD_SETLK, F_UNLCK);
	return fd;
}

/* So that berth.so sees its streams end. */
static void leave_streams(void)
{
	int null = open("/dev/null", O_RDWR);

	for (int i = 0; i < 3 && null >= 0; i++)
		dup2(null, i);
	if (null > 2)
		close(null);
}

static _Noreturn void run_sync(const struct site *site, const char *uuid, int started)
{
	char *const argv[] = {(char *)PROGRAM, (char *)"sync", (char *)"--quiet", (char *)uuid,
			      NULL};

	setsid();
	leave_streams();
	close(started);
	signal(SIGALRM, SIG_DFL);
	if (wait_for_turn(site, uuid) < 0)
		_exit(0);
	execv(PROGRAM, argv);
	log_problem("%s: run '" PROGRAM "': %s", uuid, strerror(errno));
	_exit(1);
}

int gate_refresh(const struct site *site, const char *uuid, struct err *err)
{
	int started[2];
	char nothing;

	if (pipe2(started, O_CLOEXEC) < 0)
		return err_set(err, errno, "pipe: %s", strerror(errno));
	pid_t pid = fork();
	if (pid == 0) {
		close(started[0]);
		run_sync(site, uuid, started[1]);
	}
	int code = errno;
	close(started[1]);
	/* Until it has a session of its own. */
	while (pid > 0 && read(started[0], &nothing, 1) < 0 && errno == EINTR)
		;
	close(started[0]);
	return pid < 0 ? err_set(err, code, "fork: %s", strerror(code)) : 0;
}
