/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whose an image must be for QEMU to open it: what libvirt's qemu.conf says. */
#ifndef BERTH_HOOKS_JOURNAL_IMAGE_OWNER_H
#define BERTH_HOOKS_JOURNAL_IMAGE_OWNER_H

#include <stdbool.h>
#include <sys/types.h>

#include "hooks/records/site.h"

/**
 * struct image_owner - who opens images on this host
 * @fixed: libvirt gives no image to QEMU's user: dynamic_ownership = 0
 * @uid, @gid: with @fixed: QEMU's, where qemu.conf names them; else -1
 */
struct image_owner {
	bool fixed;
	uid_t uid;
	gid_t gid;
};

/* image_owner_of_host() - read it; where qemu.conf can't be read, libvirt's defaults count. */
struct image_owner image_owner_of_host(const struct site *site);

#endif
