/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a path leads: inside permitted folders, on what kind of storage, with how much room. */
#ifndef BERTH_STORAGE_LOCATION_H
#define BERTH_STORAGE_LOCATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/**
 * roots_check() - whether a file of that name would really lie inside one of the roots
 * @path: absolute and clean (no "..", no "//"); neither it nor its folder has to exist yet
 * @roots: absolute folders; they may be links themselves
 *
 * All links in the folder part are resolved. The last component must not be a link at all.
 *
 * Return: 0; -EINVAL for a path that is not clean; -EPERM when it lies outside, with the end of the
 * link that leads there; -ENOENT for a root or a link on the way that leads nowhere; -ELOOP when
 * the last component is a link; or another negative errno.
 */
int roots_check(const char *path, const char *const *roots, size_t count, struct err *err);

/* roots_check_folder() - the same of the folder part alone; the last component may be anything. */
int roots_check_folder(const char *path, const char *const *roots, size_t count, struct err *err);

/**
 * roots_check_to_read() - the same of a file that is only read: it may be a link that leads inside
 *
 * Return: as roots_check(); -EPERM for a link that leads out, -ENOENT for one that leads nowhere.
 */
int roots_check_to_read(const char *path, const char *const *roots, size_t count, struct err *err);

/**
 * space_available() - bytes that an unprivileged writer may still use on a file system
 * @path: the nearest of its parents that exists counts
 */
int space_available(const char *path, uint64_t *ret_bytes, struct err *err);

/**
 * image_on_shared_storage() - whether a file lies where other hosts see the very same file
 * @path: the nearest of its parents that exists counts, with all links resolved
 * @folders: @count folders that are known to be shared; they may be links themselves
 *
 * Below one of these folders; or by file system type, as libvirt decides it (src/util/virfile.c,
 * virFileIsSharedFS()): NFS, SMB, AFS, GFS2, OCFS2, CephFS, GPFS, ACFS, BeeGFS, of FUSE glusterfs
 * and Quobyte; and Lustre, which libvirt doesn't know.
 */
int image_on_shared_storage(const char *path, const char *const *folders, size_t count, bool *ret,
			    struct err *err);

#endif
