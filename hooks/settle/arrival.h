/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a guest's arrival says of the images that it runs from. */
#ifndef BERTH_HOOKS_SETTLE_ARRIVAL_H
#define BERTH_HOOKS_SETTLE_ARRIVAL_H

#include <time.h>

#include "hooks/records/site.h"
#include "libvirt/guest.h"

/**
 * arrival_note() - a guest that a migration has brought runs from good images
 * @began: when that migration began
 *
 * Return: 0, also when the guest doesn't run here any more; or a negative errno.
 */
int arrival_note(const struct site *site, struct libvirt *libvirt, const char *uuid, time_t began,
		 struct err *err);

#endif
