/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Removing an image that a guest has left behind. */
#ifndef BERTH_HOOKS_RECORDS_STALE_REMOVAL_H
#define BERTH_HOOKS_RECORDS_STALE_REMOVAL_H

#include "hooks/records/image_record.h"

/**
 * stale_image_remove() - remove the file, if it is just as the guest left it and nobody uses it
 *
 * It is looked at in the very folder that it is removed from, whatever becomes of the folder's name
 * meanwhile.
 *
 * Return: 0, also when it is gone; as known_image_check_stale(); or another negative errno.
 */
int stale_image_remove(const struct known_image *image, struct err *err);

#endif
