/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/lock_file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/clock.h"

#define POLL_NS 5000000

static int lock(int fd, int64_t deadline_ms)
{
	int operation = deadline_ms == LOCK_FILE_WAIT ? LOCK_EX : LOCK_EX | LOCK_NB;

	while (flock(fd, operation) < 0) {
		if (errno != EINTR && errno != EWOULDBLOCK)
			return -errno;
		if (operation == LOCK_EX)
			continue;
		if (clock_now_ms() >= deadline_ms)
			return -ETIMEDOUT;
		nanosleep(&(struct timespec){.tv_nsec = POLL_NS}, NULL);
	}
	return 0;
}

/* Return: 1: the name is still that file's; 0: not any more; or a negative errno. */
static int is_named(int fd, const char *path)
{
	struct stat opened, named;

	if (fstat(fd, &opened) < 0)
		return -errno;
	if (stat(path, &named) < 0)
		return errno == ENOENT ? 0 : -errno;
	return opened.st_ino == named.st_ino && opened.st_dev == named.st_dev;
}

int lock_file(const char *path, int flags, int64_t deadline_ms)
{
	for (;;) {
		cleanup_close int fd = open(path, flags | O_CLOEXEC, 0600);
		if (fd < 0)
			return -errno;
		int rc = lock(fd, deadline_ms);
		if (rc < 0)
			return rc;
		rc = is_named(fd, path);
		if (rc < 0)
			return rc;
		if (rc > 0)
			return steal_fd(fd);
	}
}
