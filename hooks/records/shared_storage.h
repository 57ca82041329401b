/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether an image lies on storage that the hosts share: the one answer for all who ask. */
#ifndef BERTH_HOOKS_RECORDS_SHARED_STORAGE_H
#define BERTH_HOOKS_RECORDS_SHARED_STORAGE_H

#include "config/config.h"
#include "hooks/records/site.h"

/**
 * shared_by_libvirt() - whether qemu.conf's shared_filesystems (libvirt 11.0 on) names a folder
 * above @path, or @path itself
 * @path: the nearest of its parents that exists counts, with all links resolved
 *
 * Without a qemu.conf none is named. What changed since libvirtd was started counts here at once.
 *
 * Return: 0; or a negative errno, also where qemu.conf can't be read: then nobody can tell.
 */
int shared_by_libvirt(const struct site *site, const char *path, bool *ret, struct err *err);

/**
 * on_shared_storage() - whether other hosts see the very same file
 * @config: whose `shared` in [images] names folders; NULL where it can't be read: then the type of
 * the file system is all that tells
 *
 * What libvirt takes for shared must count as shared here too, or a guest that moves without a copy
 * would leave an image behind that counts as stale, and is the guest's own. So qemu.conf's
 * shared_filesystems count besides, as the file is when this process first asks. See
 * image_on_shared_storage().
 */
int on_shared_storage(const struct config *config, const char *path, bool *ret, struct err *err);

#endif
