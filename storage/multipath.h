/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside storage/: dm-multipath maps over the paths of a volume. */
#ifndef BERTH_STORAGE_MULTIPATH_H
#define BERTH_STORAGE_MULTIPATH_H

#include "storage/volume.h"

/* multipath_is_map() - whether the device ("dm-3") is such a map. */
bool multipath_is_map(const char *device);

/* multipath_is_partition() - whether it is the device that udev makes, by kpartx, for a partition
 * of such a map. */
bool multipath_is_partition(const char *device);

/* multipath_map_of() - the map ("dm-3") that has this device ("sdb") as one of its paths, or NULL.
 * The caller frees it. */
char *multipath_map_of(const char *device);

/* multipath_stable_name() - udev's name of the volume's map, derived from its WWN as udev's scsi_id
 * and multipathd do; NULL where the WWN doesn't tell. The caller frees it. */
char *multipath_stable_name(const struct volume *volume);

/**
 * multipath_wait() - have a map over these paths, made by multipathd
 * @devices: the paths, "sdb"
 *
 * Waits for all paths to be in it; where that does not come about, one will do, and the log names
 * the others.
 *
 * Return: 0; -ETIMEDOUT: there is no map; -ENOENT: multipathd doesn't run here.
 */
int multipath_wait(char *const *devices, size_t count, const struct volume_host *host,
		   struct err *err);

/**
 * multipath_remove() - take a map down; idempotent. Nobody may use it; its paths stay
 * @map: "dm-3"
 */
int multipath_remove(const char *map, const struct volume_host *host, struct err *err);

#endif
