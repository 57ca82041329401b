/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Starting a process with pipes, and reaping those that could not be ended at once. */
#ifndef BERTH_PLUGIN_SPAWN_H
#define BERTH_PLUGIN_SPAWN_H

#include <stddef.h>
#include <sys/types.h>

#include "base/cleanup.h"

/**
 * struct spawned - a process that was started
 * @pid: to be waited for
 * @ended: its pidfd: readable when it has ended; -1 where there is none
 * @output, @said: its standard output and error; reading does not block
 */
struct spawned {
	pid_t pid;
	int ended;
	int output;
	int said;
};

#define SPAWNED_NONE           \
	{                      \
		-1, -1, -1, -1 \
	}
#define cleanup_spawned cleanup(spawned_close)

/**
 * spawn() - start a process
 * @argv: NULL-terminated, argv[0] is its path
 * @input: its standard input; copied
 *
 * Return: 0 and *@ret, or a negative errno and nothing is left open.
 */
int spawn(const char *const *argv, const void *input, size_t length, struct spawned *ret);

/* spawned_close() - closes its descriptors. */
void spawned_close(struct spawned *spawned);

/* spawn_leave() - remembers a killed process that has not ended yet. */
void spawn_leave(pid_t pid);
/* spawn_reap() - reaps those that have ended meanwhile. */
void spawn_reap(void);

#endif
