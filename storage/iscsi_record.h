/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside storage/: open-iscsi's node records: how this host logs in to a target. */
#ifndef BERTH_STORAGE_ISCSI_RECORD_H
#define BERTH_STORAGE_ISCSI_RECORD_H

#include "storage/iscsi_secrets.h"
#include "storage/volume.h"

/**
 * iscsi_record_find() - the record of a target at a portal
 * @folders: NULL-terminated: where open-iscsi may keep them; iscsi_record_folders
 * @portal: as iscsi_portal() spells it
 *
 * Return: its file, or the folder that holds a file for each network interface, which the caller
 * frees; NULL: there is none.
 */
char *iscsi_record_find(const char *const *folders, const char *iqn, const char *portal);
extern const char *const iscsi_record_folders[];

/**
 * iscsi_record_configure() - write berth's settings into a record that berth made
 * @path: of iscsi_record_find()
 * @secret: for CHAP; or NULL: what iscsid.conf says stays
 * @login_ms: how long a login may take: iscsid gives up before that
 *
 * So that the session comes up only when berth asks for it, and shows only the LUNs that are asked
 * for. All of the file is replaced at once, and only root can read it.
 */
int iscsi_record_configure(const char *path, const struct iscsi_secret *secret, int login_ms,
			   struct err *err);

#endif
