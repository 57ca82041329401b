/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What image files may yet grow to: a bounded walk, reading headers and starting no process. */
#ifndef BERTH_STORAGE_GROWTH_H
#define BERTH_STORAGE_GROWTH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/err.h"

/* More are not looked at, and deeper folders are not either: -E2BIG. */
#define GROWTH_MAX_ENTRIES 262144
#define GROWTH_MAX_DEPTH 16

/**
 * struct growing_file - a file that may take more of its file system than it has
 * @bytes: how much more: of a qcow2 its virtual size, of any other file its own size, without what
 *         is allocated
 * @backing: what a qcow2 says that it rests on, absolute; NULL: nothing, or no plain path; owned
 * @path: of what begins as a qcow2 does; NULL: it doesn't; owned
 * @raw_bytes: @bytes if a guest has written that on its raw disk: see growth_take_for_raw()
 */
struct growing_file {
	uint64_t device;
	uint64_t inode;
	uint64_t mtime_ns;
	uint64_t size_bytes;
	uint64_t bytes;
	char *backing;
	char *path;
	uint64_t raw_bytes;
};

/* struct growth - all files that were found, in order of device and inode once growth_sort() was
 * called; @entries: how many names were looked at */
struct growth {
	struct growing_file *files;
	size_t count;
	size_t entries;
};

#define cleanup_growth cleanup(growth_clear)

/**
 * growth_scan() - add all files on one file system below a folder
 * @skip: of a folder's path: true: nothing in it grows
 *
 * Files that nobody may write don't grow. Links are not followed, what is mounted below is not
 * entered, and names that begin with ".berth-" left out: those are images that are being made. The
 * format is read off the file, where a guest that has it as a raw disk may have written any header:
 * whoever knows that tells it with growth_take_for_raw().
 *
 * Return: 0; -E2BIG: there is too much; or another negative errno. What can't be opened for its
 * permissions, or vanishes, is passed over.
 */
int growth_scan(const char *folder, uint64_t device,
		bool (*skip)(const char *folder, const void *argument), const void *argument,
		struct growth *growth, struct err *err);

/* growth_sort() - so that growth_find() can find; what was found twice counts once. */
void growth_sort(struct growth *growth);
/* growth_take_for_raw() - what the file says of itself is its guest's word. */
void growth_take_for_raw(struct growing_file *file);
/* growth_find() - the file, or NULL. */
struct growing_file *growth_find(const struct growth *growth, uint64_t device, uint64_t inode);
void growth_clear(struct growth *growth);

#endif
