/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A process's start, from /proc. */
#include "base/process.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdint.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"

#define START_FIELD 22
#define NS_PER_S 1000000000

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

static int64_t clock_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (int64_t)now.tv_sec * NS_PER_S + now.tv_nsec;
}

int process_started_at(pid_t pid, struct timespec *ret)
{
	unsigned long long ticks;

	if (process_start(pid, &ticks) < 0)
		return -ESRCH;
	int64_t ns = (int64_t)ticks * (NS_PER_S / sysconf(_SC_CLK_TCK)) + clock_ns(CLOCK_REALTIME) -
		     clock_ns(CLOCK_BOOTTIME);
	*ret = (struct timespec){.tv_sec = ns / NS_PER_S, .tv_nsec = ns % NS_PER_S};
	return 0;
}
