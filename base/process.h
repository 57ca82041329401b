/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Telling a process from a later one of the same number. */
#ifndef BERTH_BASE_PROCESS_H
#define BERTH_BASE_PROCESS_H

#include <sys/types.h>

/**
 * process_start() - when a process was started
 * @ret: clock ticks since boot: proc(5), /proc/PID/stat, field 22
 *
 * Allocates nothing.
 *
 * Return: 0, or -ESRCH when there is none.
 */
int process_start(pid_t pid, unsigned long long *ret);

#endif
