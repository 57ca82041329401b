/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether an image is in use, as the locks say that every QEMU program holds. */
#ifndef BERTH_STORAGE_IN_USE_H
#define BERTH_STORAGE_IN_USE_H

#include "base/err.h"

enum image_use {
	IMAGE_UNUSED,
	IMAGE_READ,    /* some program reads it through QEMU's block layer */
	IMAGE_WRITTEN, /* some program may write it, or change its size */
};

/**
 * image_use() - ask for the locks that QEMU, qemu-img, qemu-nbd and qemu-storage-daemon hold
 *
 * QEMU holds one shared lock per permission that it has, at a byte of its own in the file
 * (block/file-posix.c, raw_apply_lock_bytes()).
 * Not seen: a QEMU whose images are inactive (destination of a migration without storage copy),
 * one started with file.locking=off, and whatever does not come from QEMU: loop devices, mounts,
 * editors.
 *
 * Return: 0 and *@ret; or a negative errno.
 */
int image_use(const char *path, enum image_use *ret, struct err *err);

/* image_use_fd() - the same of an open file; any access mode will do. @path is for messages. */
int image_use_fd(int fd, const char *path, enum image_use *ret, struct err *err);

#endif
