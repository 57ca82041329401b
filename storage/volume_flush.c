/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writing out what the kernel still holds for a device. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#include "storage/volume_driver.h"

#define POLL_MS 2

static _Noreturn void flush(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	_exit(fd < 0 || fsync(fd) < 0 ? errno & 0xff : 0);
}

/* A target that says nothing holds fsync() for minutes, and no signal ends it: a child waits for
 * it, who is left behind at the deadline. */
int volume_flush(const char *path, const struct volume_host *host, struct err *err)
{
	int status = 0;
	pid_t child = fork();

	if (child == 0)
		flush(path);
	if (child < 0)
		return err_set(err, errno, "'%s': flush: fork: %s", path, strerror(errno));
	for (pid_t ended; (ended = waitpid(child, &status, WNOHANG)) != child;) {
		if (ended < 0 && errno != EINTR)
			return err_set(err, errno, "'%s': flush: %s", path, strerror(errno));
		if (volume_pause(host, POLL_MS))
			continue;
		kill(child, SIGKILL);
		return err_set(err, ETIMEDOUT, "'%s': flush: its target doesn't answer", path);
	}
	int code = WIFEXITED(status) ? WEXITSTATUS(status) : EINTR;
	return code ? err_set(err, code, "'%s': flush: %s", path, strerror(code)) : 0;
}
