/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Deeds that the kernel may hold up for minutes, where a target says nothing: no signal ends them.
 *
 * A child does them and is left behind at the deadline. It keeps no descriptor of ours: libvirtd
 * waits for a hook until all copies of its standard streams are closed.
 */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/die_with.h"
#include "storage/volume_driver.h"

#define POLL_MS 1

static _Noreturn void be_child(int (*deed)(const void *argument), const void *argument,
			       pid_t parent)
{
	die_with_parent(parent);
	close_range(0, ~0U, 0);
	_exit(deed(argument) & 0xff);
}

int volume_in_child(int (*deed)(const void *argument), const void *argument,
		    const struct volume_host *host, struct err *err)
{
	int status = 0;
	pid_t parent = getpid(), child = fork();

	if (child == 0)
		be_child(deed, argument, parent);
	if (child < 0)
		return err_set(err, errno, "fork: %s", strerror(errno));
	for (pid_t ended; (ended = waitpid(child, &status, WNOHANG)) != child;) {
		if (ended < 0 && errno != EINTR)
			return err_set(err, errno, "%s", strerror(errno));
		if (volume_pause(host, POLL_MS))
			continue;
		kill(child, SIGKILL);
		return err_set(err, ETIMEDOUT, "timed out; the target doesn't answer any more");
	}
	int code = WIFEXITED(status) ? WEXITSTATUS(status) : EINTR;
	return code ? err_set(err, code, "%s", strerror(code)) : 0;
}
