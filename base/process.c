/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A process's start, from /proc. */
#include "base/process.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"

#define START_FIELD 22

int process_start(pid_t pid, unsigned long long *ret)
{
	char path[32], text[1024], *at;

	if (pid <= 0)
		return -ESRCH;
	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	cleanup_close int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t got = fd >= 0 ? read(fd, text, sizeof(text) - 1) : -1;
	if (got <= 0)
		return -ESRCH;
	text[got] = '\0';
	at = strrchr(text, ')'); /* the second field, a name, may hold blanks and ')' */
	for (int field = 2; at && field < START_FIELD; field++)
		at = strchr(at + 1, ' ');
	if (!at || sscanf(at, " %llu", ret) != 1)
		return -ESRCH;
	return 0;
}
