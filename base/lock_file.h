/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Locks that have a name: flock(2) on a file or a folder.
 *
 * Whoever has the lock may remove the name. The next process makes a new file then, and one that
 * had opened the old file would get a lock that nobody else asks for. So the name is looked at once
 * more when the lock is there, and opened again where it is another file's.
 */
#ifndef BERTH_BASE_LOCK_FILE_H
#define BERTH_BASE_LOCK_FILE_H

#include <stdint.h>

#define LOCK_FILE_TRY 0
#define LOCK_FILE_WAIT INT64_MAX

/**
 * lock_file() - open a file or folder, and lock it against all others
 * @flags: for open(2); a file that O_CREAT makes is its owner's alone (0600)
 * @deadline_ms: CLOCK_MONOTONIC: until then it is tried again; LOCK_FILE_TRY: just once;
 * LOCK_FILE_WAIT: until the lock is there
 *
 * Return: a descriptor, which the caller closes to unlock; -ETIMEDOUT when somebody else has the
 * lock; or what open(2) or flock(2) says. The caller words the error.
 */
int lock_file(const char *path, int flags, int64_t deadline_ms);

#endif
