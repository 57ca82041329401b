/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether anything was ever written to an image, as its own tables say. */
#ifndef BERTH_STORAGE_IMAGE_DATA_H
#define BERTH_STORAGE_IMAGE_DATA_H

#include <stdbool.h>

#include "base/err.h"

enum image_data {
	IMAGE_DATA_UNKNOWN, /* the tables that were read don't tell */
	IMAGE_DATA_NONE,    /* nothing was written since it was made */
	IMAGE_DATA_SOME,    /* it holds data of its own */
};

/**
 * image_data_of() - look at the tables of an image, and at which parts of its file are holes
 * @path: a regular file
 * @format: "raw" or "qcow2"
 * @beyond_end: the tables name parts of the file that lie behind its end: it was cut
 *
 * A qcow2 image holds data where a cluster is neither absent nor marked as zeros, and the file
 * system has something at its place. It holds none where not even a table of clusters is there: a
 * mirror writes zeros too, and they need one. So an image between the two is UNKNOWN.
 *
 * Of a raw image the first 4 KiB don't count: qemu-img allocates them when it makes it
 * (block/file-posix.c, allocate_first_block()).
 *
 * Reads the L1 table, 1 MiB of it at most, and at most 8 tables of clusters and 1 MiB of them,
 * those that stand last in the file. The image may be in use: QEMU writes an L1 entry through at
 * once, and the table before it (block/qcow2-cluster.c, l2_allocate()); other changes may still be
 * in its memory.
 *
 * Return: 0 and *@ret; or a negative errno.
 */
int image_data_of(const char *path, const char *format, enum image_data *ret, bool *beyond_end,
		  struct err *err);

#endif
