/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Telling a process from a later one of the same number. */
#ifndef BERTH_BASE_PROCESS_H
#define BERTH_BASE_PROCESS_H

#include <sys/types.h>
#include <time.h>

/**
 * process_start() - when a process was started
 * @ret: clock ticks since boot: proc(5), /proc/PID/stat, field 22
 *
 * Allocates nothing.
 *
 * Return: 0, or -ESRCH when there is none.
 */
int process_start(pid_t pid, unsigned long long *ret);

/**
 * process_started_at() - when a process was started, as time of day, as file times are
 * @ret: with an error of about 10 ms
 *
 * The times of /proc/PID itself are those of its inode, which the kernel makes when somebody first
 * looks, and again after it has dropped it.
 *
 * Return: 0, or -ESRCH when there is none.
 */
int process_started_at(pid_t pid, struct timespec *ret);

#endif
