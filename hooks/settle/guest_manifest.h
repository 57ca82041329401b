/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The manifest of a running guest: looked up here, and written into its metadata. */
#ifndef BERTH_HOOKS_SETTLE_GUEST_MANIFEST_H
#define BERTH_HOOKS_SETTLE_GUEST_MANIFEST_H

#include "config/config.h"
#include "hooks/records/site.h"
#include "libvirt/guest.h"

/**
 * guest_manifest_write() - write what is true of the guest's disks now
 *
 * Reads the headers of all images of the guest, and the whole of each backing image whose digest
 * isn't kept yet. Nothing is written when nothing has changed, or when the guest has neither a disk
 * in a file nor a volume. The guest's volume record gets the same volumes.
 *
 * Return: 1 when it was written, 0 when there was nothing to write; -ENOENT when the guest doesn't
 * run; -EAGAIN when it is on its way to this host; -EBUSY when it is on its way to another; or
 * another negative errno.
 */
int guest_manifest_write(const struct site *site, const struct config *config,
			 struct libvirt *libvirt, const char *uuid, struct err *err);

#endif
