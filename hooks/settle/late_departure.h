/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A guest that has left although its last event didn't say so. */
#ifndef BERTH_HOOKS_SETTLE_LATE_DEPARTURE_H
#define BERTH_HOOKS_SETTLE_LATE_DEPARTURE_H

#include "config/config.h"
#include "hooks/records/site.h"

/**
 * late_departure_note() - note that the images of a guest that libvirt says has left are stale
 *
 * Which disks libvirt has copied it doesn't say: the images are stale, but nothing removes them.
 * Of a migration with --unsafe, which `stopped end` has marked, it is not even certain that there
 * is a copy: nothing is noted.
 *
 * Return: how many images it has noted; or a negative errno.
 */
int late_departure_note(const struct site *site, const struct config *config, const char *uuid,
			struct err *err);

#endif
