/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bringing one path to an iSCSI volume up: node record, session, device. See iscsi_path.c. */
#include "storage/iscsi_path.h"

#include <errno.h>
#include <fcntl.h>

#include "base/fault.h"
#include "storage/iscsi_admin.h"
#include "storage/iscsi_record.h"
#include "storage/iscsi_session.h"

#define POLL_MS 5
/* The kernel asks a new disk a handful of questions before it shows it. */
#define DISK_POLL_MS 1

/* --- the session --- */

/* Return: whether there is a node record that somebody else made. */
static bool is_foreign(const struct iscsi_path *path, const char *record)
{
	return record && !path->note.record;
}

static int make_record(struct iscsi_path *path, char *record, struct err *err)
{
	cleanup_iscsi_secret struct iscsi_secret secret = {0};
	cleanup_free char *made = NULL;
	const struct volume_host *host = path->host;

	int has_secret = iscsi_secret_find(host->secrets, path->volume->iqn, &secret, err);
	if (has_secret < 0)
		return has_secret;
	if (!record) {
		int rc = iscsi_admin_new_record(path->volume->iqn, path->portal, path->note.lock,
						host, err);
		if (rc < 0)
			return rc;
		made = iscsi_record_find(iscsi_record_folders, path->volume->iqn, path->portal);
		if (!made)
			return err_set(err, ENOENT,
				       "iscsiadm has made a node record, but not below '%s' or "
				       "'%s'",
				       iscsi_record_folders[0], iscsi_record_folders[1]);
	}
	return iscsi_record_configure(record ? record : made, has_secret ? &secret : NULL,
				      volume_left_ms(host), err);
}

/* All that is going to be made is noted at once: syncing takes its time. */
static int note_all(struct iscsi_path *path, bool foreign_record, struct err *err)
{
	if (!foreign_record)
		path->note.record = true;
	path->note.session = true;
	path->note.sid = -1;
	iscsi_note_add_lun(&path->note, path->volume->lun, ISCSI_OWN_SESSION);
	return iscsi_note_save(&path->note, err);
}

static int log_in(struct iscsi_path *path, struct err *err)
{
	const char *iqn = path->volume->iqn;
	unsigned sids[ISCSI_SESSIONS_MAX];

	int rc = iscsi_admin_login(iqn, path->portal, path->note.lock, path->host, err);
	bool foreign = rc == -EEXIST;
	if (rc < 0 && !foreign)
		return rc;
	if (iscsi_sessions_find(SYSFS, iqn, path->portal, sids, ISCSI_SESSIONS_MAX) == 0)
		return err_set(err, ENOTCONN,
			       "portal '%s': logged in, but the session is gone; see iscsid's log",
			       path->portal);
	path->here = true;
	path->sid = sids[0];
	if (foreign) {
		path->note.session = false;
		iscsi_note_remove_lun(&path->note, path->volume->lun);
		return iscsi_note_save(&path->note, err);
	}
	path->note.sid = path->sid;
	return iscsi_note_save_sid(&path->note, err);
}

static int session_has_ended(const struct iscsi_path *path, struct err *err)
{
	return err_set(err, ENOTCONN, "portal '%s': the session has ended", path->portal);
}

/* It may be one whose login goes on since whoever asked for it was killed. */
static int wait_until_up(const struct iscsi_path *path, struct err *err)
{
	while (!iscsi_session_is_up(SYSFS, path->sid)) {
		if (!iscsi_session_exists(SYSFS, path->sid))
			return session_has_ended(path, err);
		if (!volume_pause(path->host, POLL_MS))
			return err_set(err, ETIMEDOUT,
				       "portal '%s': there is a session, but it has lost its "
				       "target: timed out",
				       path->portal);
	}
	return 0;
}

static int have_session(struct iscsi_path *path, struct err *err)
{
	cleanup_free char *record =
		iscsi_record_find(iscsi_record_folders, path->volume->iqn, path->portal);
	bool foreign = is_foreign(path, record);

	if (path->here)
		return wait_until_up(path, err);
	int rc = iscsi_admin_probe(path->portal, path->host, err);
	if (rc == 0)
		rc = iscsi_admin_ready(path->host, err);
	if (rc == 0)
		rc = note_all(path, foreign, err);
	if (rc < 0)
		return rc;
	fault_point("iscsi-noted");
	if (!foreign)
		rc = make_record(path, record, err);
	if (rc < 0)
		return rc;
	fault_point("iscsi-record");
	rc = log_in(path, err);
	if (rc < 0)
		return rc;
	fault_point("iscsi-session");
	return 0;
}

/* --- the device --- */

static int no_such_lun(const struct iscsi_path *path, struct err *err)
{
	return err_set(err, ENODEV,
		       "portal '%s': the target has no LUN %llu for this host; export it, or check "
		       "the number",
		       path->portal, (unsigned long long)path->volume->lun);
}

/* A disk is in sysfs before it is ready. */
static bool is_ready(const char *disk)
{
	cleanup_free char *path = xasprintf("/dev/%s", disk);
	cleanup_close int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	return fd >= 0 || (errno != ENXIO && errno != ENOENT);
}

/* Waits for what the kernel does in the background. */
static bool wait_for_disk(const struct iscsi_path *path, const struct scsi_address *address)
{
	while (scsi_device_is_lun(SYSFS, address) && !scsi_device_is_going(SYSFS, address)) {
		cleanup_free char *disk = scsi_device_disk(SYSFS, address);
		if (disk && is_ready(disk))
			return true;
		if (!volume_pause(path->host, DISK_POLL_MS))
			return false;
	}
	return false;
}

static int scan(const struct iscsi_path *path, const struct scsi_address *address, struct err *err)
{
	/* A target that has just been told of a new LUN may need a moment. */
	static const int pauses_ms[] = {0, 100, 400, 1000, 2000};

	for (size_t i = 0; i < ARRAY_SIZE(pauses_ms); i++) {
		if (!volume_pause(path->host, pauses_ms[i]))
			break;
		if (!iscsi_session_exists(SYSFS, path->sid))
			break;
		int rc = scsi_device_scan(address, path->host, err);
		if (rc < 0)
			return iscsi_session_exists(SYSFS, path->sid)
				       ? rc
				       : session_has_ended(path, err);
		if (scsi_device_exists(SYSFS, address))
			break;
	}
	if (!iscsi_session_exists(SYSFS, path->sid))
		return session_has_ended(path, err);
	if (!scsi_device_is_lun(SYSFS, address))
		return no_such_lun(path, err);
	if (wait_for_disk(path, address))
		return 0;
	return err_set(err, ETIMEDOUT, "portal '%s': LUN %llu is there, but no disk appears",
		       path->portal, (unsigned long long)path->volume->lun);
}

/* It may have been here for long, and the LUN may be another by now; or it may be going.
 * Return: 1: it is there; 0: it has gone; or a negative errno. */
static int take_device(const struct iscsi_path *path, const struct scsi_address *address,
		       struct err *err)
{
	int rc = scsi_device_is_going(SYSFS, address)
			 ? 0
			 : scsi_device_refresh(address, path->host, err);

	if (rc == 0 && wait_for_disk(path, address))
		return 1;
	if (scsi_device_is_going(SYSFS, address))
		return scsi_device_await_end(address, path->host, err);
	if (!scsi_device_exists(SYSFS, address))
		return 0;
	return rc < 0 ? rc : no_such_lun(path, err);
}

static int have_device(struct iscsi_path *path, struct err *err)
{
	const uint64_t lun = path->volume->lun;
	struct scsi_address address;

	if (!iscsi_session_address(SYSFS, path->sid, lun, &address))
		return session_has_ended(path, err);
	if (scsi_device_exists(SYSFS, &address)) {
		int rc = take_device(path, &address, err);
		if (rc != 0)
			return rc < 0 ? rc : 0;
	}
	if (!iscsi_note_find_lun(&path->note, lun)) {
		iscsi_note_add_lun(&path->note, lun,
				   path->note.session ? ISCSI_OWN_SESSION : (int64_t)path->sid);
		int rc = iscsi_note_save(&path->note, err);
		if (rc < 0)
			return rc;
		fault_point("iscsi-noted-device");
	}
	int rc = scan(path, &address, err);
	if (rc == 0)
		fault_point("iscsi-device");
	return rc;
}

int iscsi_path_up(struct iscsi_path *path, struct err *err)
{
	int rc = have_session(path, err);

	return rc < 0 ? rc : have_device(path, err);
}
