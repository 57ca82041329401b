/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A running guest as berth sees it. */
#ifndef BERTH_CLI_GUEST_DOMAIN_H
#define BERTH_CLI_GUEST_DOMAIN_H

#include "base/err.h"
#include "libvirt/guest.h"
#include "xml/domain.h"

/* guest_domain() - ask libvirt for what runs. A wrong manifest does no harm. Return: 0 and *@ret;
 * or a negative errno. */
int guest_domain(struct libvirt *libvirt, const char *uuid, struct domain **ret, struct err *err);

/**
 * guest_must_exist() - for a verb that has found nothing about a guest
 * @guest: as it was typed
 *
 * Return: 0: libvirt has such a guest here; -ENOENT; or another negative errno: libvirt can't be
 * asked.
 */
int guest_must_exist(const char *guest, struct err *err);

#endif
