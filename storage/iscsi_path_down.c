/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Taking one path to an iSCSI volume down: device, session, node record. See iscsi_path.c. */
#include "storage/iscsi_path.h"

#include <errno.h>

#include "base/fault.h"
#include "storage/iscsi_admin.h"
#include "storage/iscsi_record.h"
#include "storage/iscsi_session.h"

static int remove_device(struct iscsi_path *path, bool all, struct err *err)
{
	const struct iscsi_note_lun *noted = iscsi_note_find_lun(&path->note, path->volume->lun);
	struct scsi_address address;

	if (!noted && !all)
		return 0;
	unsigned sid = noted && noted->sid != ISCSI_OWN_SESSION ? (unsigned)noted->sid : path->sid;
	/* Where the session is down, only its end ends the device in a bounded time. */
	if (iscsi_session_is_up(SYSFS, sid) &&
	    iscsi_session_address(SYSFS, sid, path->volume->lun, &address)) {
		int rc = scsi_device_delete(&address, path->host, err);
		if (rc < 0)
			return rc;
		fault_point("iscsi-device-gone");
	}
	iscsi_note_remove_lun(&path->note, path->volume->lun);
	return 0;
}

static int remove_session(struct iscsi_path *path, bool all, struct err *err)
{
	if (!path->here || (!path->note.session && !all) ||
	    iscsi_session_has_others(SYSFS, path->sid, path->volume->lun))
		return 0;
	/* Or iscsiadm itself might start it, and leave it our lock. */
	int rc = iscsi_admin_ready(path->host, err);
	if (rc == 0)
		rc = iscsi_admin_logout(path->sid, path->note.lock, path->host, err);
	if (rc < 0)
		return rc;
	path->here = false;
	path->note.session = false;
	fault_point("iscsi-session-gone");
	return 0;
}

static int remove_record(struct iscsi_path *path, struct err *err)
{
	if (!path->note.record || path->here)
		return 0;
	cleanup_free char *record =
		iscsi_record_find(iscsi_record_folders, path->volume->iqn, path->portal);
	if (record) {
		int rc = iscsi_admin_delete_record(path->volume->iqn, path->portal, path->note.lock,
						   path->host, err);
		if (rc < 0)
			return rc;
		fault_point("iscsi-record-gone");
	}
	path->note.record = false;
	return 0;
}

int iscsi_path_down(struct iscsi_path *path, bool all, struct err *err)
{
	int rc = remove_device(path, all, err);

	if (rc == 0)
		rc = remove_session(path, all, err);
	if (rc == 0)
		rc = remove_record(path, err);
	return rc < 0 ? rc : iscsi_note_save(&path->note, err);
}
