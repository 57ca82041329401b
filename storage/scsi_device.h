/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside storage/: SCSI disks in sysfs: finding them, what they say they are, adding and removing
 * one. */
#ifndef BERTH_STORAGE_SCSI_DEVICE_H
#define BERTH_STORAGE_SCSI_DEVICE_H

#include <stdbool.h>
#include <stdint.h>

#include "storage/volume_driver.h"

/* Where sysfs is; tests bring a copy. */
#define SYSFS "/sys"

/* struct scsi_address - what the kernel calls a SCSI device: "3:0:0:1" */
struct scsi_address {
	unsigned host;
	unsigned channel;
	unsigned target;
	uint64_t lun;
};

/* scsi_address_parse() - "3:0:0:1", nothing else. */
bool scsi_address_parse(const char *text, struct scsi_address *ret);

/* scsi_attribute() - an attribute by its path, without blanks at its ends; the caller frees it.
 * NULL: there is none, it cannot be read, or is empty. */
char *scsi_attribute(const char *path);

bool scsi_device_exists(const char *sysfs, const struct scsi_address *address);

/* scsi_device_is_going() - whether the kernel is removing it: then it is no disk any more. */
bool scsi_device_is_going(const char *sysfs, const struct scsi_address *address);

/* scsi_device_is_lun() - whether there is one that holds data; a target's own controller or
 * enclosure is none. */
bool scsi_device_is_lun(const char *sysfs, const struct scsi_address *address);

/* scsi_device_disk() - the block device ("sdb") of a SCSI device; the caller frees it. NULL: there
 * is no such device, or it is no disk, or not ready yet, or going. */
char *scsi_device_disk(const char *sysfs, const struct scsi_address *address);

/* scsi_disk_wwn() - "naa.6000...", as the kernel took it from VPD page 0x83; the caller frees it;
 * or NULL. */
char *scsi_disk_wwn(const char *sysfs, const char *disk);
/* scsi_disk_serial() - its serial number from VPD page 0x80; the caller frees it; or NULL. */
char *scsi_disk_serial(const char *sysfs, const char *disk);
/* scsi_disk_size() - in bytes; 0: not known. */
uint64_t scsi_disk_size(const char *sysfs, const char *disk);

/**
 * scsi_device_scan() - have the kernel look for one device on its host
 *
 * Nothing happens where it is known already. The block device appears in the background.
 *
 * Return: 0, whether or not there is such a device; -ETIMEDOUT: not done until the deadline, the
 * kernel goes on; or another negative errno.
 */
int scsi_device_scan(const struct scsi_address *address, const struct volume_host *host,
		     struct err *err);

/* scsi_device_refresh() - have the kernel ask the device anew what it is: identity and size. */
int scsi_device_refresh(const struct scsi_address *address, const struct volume_host *host,
			struct err *err);

/* scsi_device_await_end() - until a device that is going is gone. */
int scsi_device_await_end(const struct scsi_address *address, const struct volume_host *host,
			  struct err *err);

/* scsi_device_delete() - have the kernel forget the device, and wait until it has; 0 also where
 * there was none. It is not flushed. */
int scsi_device_delete(const struct scsi_address *address, const struct volume_host *host,
		       struct err *err);

#endif
