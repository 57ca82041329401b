/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which file this is, under whatever name. */
#ifndef BERTH_STORAGE_FILE_ID_H
#define BERTH_STORAGE_FILE_ID_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

/**
 * struct file_id - this very file, under whatever name
 * @birth_ns: when it was made, in nanoseconds since 1970; 0 where the file system doesn't tell.
 *            A 0 on either side is not compared
 *
 * ext4 gives a freed inode number to the next new file, so device and inode alone do not tell our
 * file from one that somebody put in its place.
 *
 * After a reboot some devices (NFS, LVM) have other numbers: then the file counts as another one,
 * and is left alone.
 */
struct file_id {
	uint64_t device;
	uint64_t inode;
	uint64_t birth_ns;
};

/* file_id_of() - the file at @path itself, no link followed. Return: 0 or a negative errno. */
int file_id_of(const char *path, struct file_id *ret, struct err *err);
/* file_id_equal() - whether both are the same file. */
bool file_id_equal(const struct file_id *a, const struct file_id *b);

#endif
