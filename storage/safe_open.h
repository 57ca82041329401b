/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Opening what a domain XML, a manifest or an image's header names: only files and disks, only
 * where they may lie. */
#ifndef BERTH_STORAGE_SAFE_OPEN_H
#define BERTH_STORAGE_SAFE_OPEN_H

#include <stddef.h>

#include "base/err.h"

/* struct folders - absolute paths; they may be links */
struct folders {
	const char *const *items;
	size_t count;
};

enum open_kind {
	OPEN_FILE = 1,         /* a regular file */
	OPEN_BLOCK_DEVICE = 2, /* a block device */
};

/**
 * open_safely() - open for reading
 * @path: links are followed
 * @kinds: of enum open_kind, which it may be
 *
 * To open some devices does something: /dev/watchdog is armed by it, /dev/ptmx makes a terminal. So
 * what the name leads to is looked at before it is opened, and that very thing is opened then.
 *
 * Return: a descriptor, which the caller closes; -EINVAL for anything else than @kinds; or another
 * negative errno. The error doesn't name the path.
 */
int open_safely(const char *path, unsigned kinds, struct err *err);

/**
 * open_safely_in() - open_safely() of what lies below one of the folders, also by a link
 *
 * Return: as open_safely(); -EPERM when it lies elsewhere. Then the error tells nothing of it, not
 * even whether there is such a file: another host may have named it.
 */
int open_safely_in(const char *path, unsigned kinds, const struct folders *folders,
		   struct err *err);

#endif
