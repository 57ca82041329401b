/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One process at a time brings a volume to this host or takes it away. */
#ifndef BERTH_HOOKS_RECORDS_VOLUME_LOCK_H
#define BERTH_HOOKS_RECORDS_VOLUME_LOCK_H

#include "hooks/records/site.h"
#include "storage/volume.h"

/**
 * volume_lock() - lock one volume of this host
 * @deadline_ms: CLOCK_MONOTONIC; then -ETIMEDOUT
 *
 * Return: a descriptor; closing it unlocks; or a negative errno.
 */
int volume_lock(const struct site *site, const struct volume *volume, int64_t deadline_ms,
		struct err *err);

#endif
