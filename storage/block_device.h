/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside storage/: what sysfs says about block devices. They are named as below /sys/block there:
 * "sdb", "dm-3", "etherd!e1.2". */
#ifndef BERTH_STORAGE_BLOCK_DEVICE_H
#define BERTH_STORAGE_BLOCK_DEVICE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"

/**
 * block_device_name() - the name in sysfs of the device that a path leads to
 * @ret: the caller frees it; of a partition it is the partition's ("sdb1")
 *
 * Return: 0; -ENOTBLK: it is no block device; or another negative errno.
 */
int block_device_name(const char *path, char **ret, struct err *err);

/* block_device_path() - its path below /dev, "/dev/etherd/e1.2"; the caller frees it. */
char *block_device_path(const char *device);

/* block_device_number() - its major and minor number; 0: there is no such device. */
dev_t block_device_number(const char *device);

/* block_device_attribute() - a sysfs attribute of it ("dm/uuid"), without blanks at its ends; the
 * caller frees it. NULL: there is none, or it is empty. */
char *block_device_attribute(const char *device, const char *attribute);

/* block_device_size() - in bytes; 0: there is no such device, or it is not ready. */
uint64_t block_device_size(const char *device);

/**
 * block_device_list() - the devices on top of it, or below it
 * @list: "holders" or "slaves"
 * @ret: at most @max names, which the caller frees
 *
 * Return: how many there are, which may be more than @max.
 */
size_t block_device_list(const char *device, const char *list, char **ret, size_t max);

#endif
