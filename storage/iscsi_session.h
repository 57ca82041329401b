/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside storage/: iSCSI sessions of this host and their devices, as sysfs shows them. */
#ifndef BERTH_STORAGE_ISCSI_SESSION_H
#define BERTH_STORAGE_ISCSI_SESSION_H

#include "storage/scsi_device.h"

/**
 * iscsi_sessions_find() - sessions with a target through a portal, whoever made them
 * @sysfs: SYSFS
 * @iqn: the target
 * @portal: as iscsi_portal() spells it
 * @ret: their numbers, which no other session gets until the next boot
 *
 * Return: how many there are, at most @max.
 */
size_t iscsi_sessions_find(const char *sysfs, const char *iqn, const char *portal, unsigned *ret,
			   size_t max);
#define ISCSI_SESSIONS_MAX 8

bool iscsi_session_exists(const char *sysfs, unsigned sid);
/* iscsi_session_is_up() - whether it is logged in now; one whose portal is dead is not. */
bool iscsi_session_is_up(const char *sysfs, unsigned sid);

/* iscsi_session_address() - what the device of that LUN is called, whether or not there is one;
 * false: there is no such session. */
bool iscsi_session_address(const char *sysfs, unsigned sid, uint64_t lun, struct scsi_address *ret);

/* iscsi_session_has_others() - whether it has the device of any LUN but that one. What the target
 * itself is, its controller or enclosure, is no LUN that anybody uses. */
bool iscsi_session_has_others(const char *sysfs, unsigned sid, uint64_t lun);

/**
 * iscsi_session_of_disk() - which volume a disk is
 * @disk: "sdb"
 *
 * Return: 1 and *@ret with its identity; 0: it isn't one of iSCSI.
 */
int iscsi_session_of_disk(const char *sysfs, const char *disk, struct volume *ret);

#endif
