/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A deadline for all that this process does, also for system calls that don't come back. */
#ifndef BERTH_BASE_DEADLINE_H
#define BERTH_BASE_DEADLINE_H

#include <stdbool.h>

/**
 * deadline_start() - end this process when it is at work for longer
 * @what: for the message: "GUEST: migrate begin"; copied
 *
 * A thread waits. It prints one line on stderr and ends the process with 1, also where its main
 * thread waits for storage that does not answer, as long as the kernel lets that be killed. Once a
 * process; in its children there is no deadline.
 */
void deadline_start(int seconds, const char *what);

/**
 * deadline_pause() - what begins now may take as long as it takes
 * @what: told in the log, with how to give it up; only where there is a deadline. NULL: nobody need
 * know
 */
void deadline_pause(const char *what);
void deadline_resume(void);

/* deadline_passed() - whether it is time to stop and to undo. */
bool deadline_passed(void);
/* deadline_add_grace() - from now on deadline_passed() tells, and the process is ended only so much
 * later, if what it does can't be stopped. */
void deadline_add_grace(int seconds);

#endif
