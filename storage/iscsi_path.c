/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One path to an iSCSI volume.
 *
 * Attaching goes up these steps, and starts where it finds the host:
 *
 *     node record   of somebody else: used as it is; else made, with berth's settings
 *     session       of somebody else: used as it is; else logged in to
 *     device        there already: not berth's; else that one LUN is scanned
 *
 * Before a step is done it is noted (iscsi_note.c), so that it is known whose it is, and whoever
 * is killed in between can be continued by the next attach or detach. A device that came by itself
 * with berth's session is berth's: somebody else's node record says that all LUNs are scanned.
 *
 * Detaching goes down: the device, if berth's; the session, if berth's and no other LUN has a
 * device in it; the node record, if berth's and there is no session any more.
 */
#include "storage/iscsi_path.h"

#include <errno.h>

#include "base/log.h"
#include "storage/iscsi_session.h"

/* How long undoing may take after a failure that has used up all the time. */
#define UNDO_MS 10000
#define UNDO_AGAIN_MS 200
/* How often a session that ends under our hands is made anew. */
#define UP_AGAIN 3

/* Takes berth's own session if it is there, else another; forgets what has ended by itself. */
static void look_up_session(struct iscsi_path *path)
{
	struct iscsi_note *note = &path->note;
	unsigned sids[ISCSI_SESSIONS_MAX];

	size_t count = iscsi_sessions_find(SYSFS, path->volume->iqn, path->portal, sids,
					   ISCSI_SESSIONS_MAX);
	path->here = count > 0;
	path->sid = count > 0 ? sids[0] : 0;
	bool own = note->session && note->sid < 0 && count > 0;
	for (size_t i = 0; i < count; i++) {
		if (note->session && note->sid == (int64_t)sids[i]) {
			path->sid = sids[i];
			own = true;
		}
	}
	if (!own)
		note->session = false;
	for (size_t i = note->lun_count; i-- > 0;) {
		int64_t sid = note->luns[i].sid;
		bool ended = sid == ISCSI_OWN_SESSION ? !own
						      : !iscsi_session_exists(SYSFS, (unsigned)sid);
		if (ended)
			iscsi_note_remove_lun(note, note->luns[i].lun);
	}
}

static int open_path(struct iscsi_path *path, const struct volume *volume, const char *portal,
		     const struct volume_host *host, struct err *err)
{
	*path = (struct iscsi_path){volume, portal, host, ISCSI_NOTE_NONE, false, 0};
	int rc = iscsi_note_open(host, volume->iqn, portal, &path->note, err);
	if (rc == 0)
		look_up_session(path);
	return rc;
}

static void close_path(struct iscsi_path *path)
{
	iscsi_note_close(&path->note);
}
#define cleanup_path cleanup(close_path)

/* A login that has failed may leave a session that comes up, or goes, in the background. */
static void undo(struct iscsi_path *path)
{
	struct volume_host undoing = *path->host;
	struct err err;
	int rc;

	undoing.deadline_ms = volume_deadline_in(UNDO_MS);
	path->host = &undoing;
	do {
		look_up_session(path);
		rc = iscsi_path_down(path, false, &err);
	} while (rc < 0 && rc != -ETIMEDOUT && volume_pause(&undoing, UNDO_AGAIN_MS));
	if (rc < 0)
		log_problem("%s", err.text);
}

int iscsi_path_attach(const struct volume *volume, const char *portal,
		      const struct volume_host *host, struct err *err)
{
	cleanup_path struct iscsi_path path;

	int rc = open_path(&path, volume, portal, host, err);
	if (rc < 0)
		return rc;
	struct scsi_address address;
	bool there = path.here && iscsi_session_address(SYSFS, path.sid, volume->lun, &address) &&
		     scsi_device_exists(SYSFS, &address) && !scsi_device_is_going(SYSFS, &address);
	rc = iscsi_path_up(&path, err);
	/* What was there may have been on its way out. */
	for (int again = UP_AGAIN; rc == -ENOTCONN && again > 0; again--) {
		look_up_session(&path);
		rc = iscsi_path_up(&path, err);
	}
	if (rc < 0 && !there)
		undo(&path);
	return rc;
}

int iscsi_path_is_ours(const struct volume *volume, const char *portal,
		       const struct volume_host *host, struct err *err)
{
	cleanup_iscsi_note struct iscsi_note note = ISCSI_NOTE_NONE;
	unsigned sid;

	int rc = iscsi_note_peek(host, volume->iqn, portal, &note, err);
	if (rc < 0)
		return rc;
	if (iscsi_note_find_lun(&note, volume->lun))
		return 1;
	/* What a killed detach has left belongs to whoever comes first. */
	if (note.lun_count == 0 && (note.record || note.session))
		return 1;
	return host->config->release == RELEASE_ALWAYS &&
	       iscsi_sessions_find(SYSFS, volume->iqn, portal, &sid, 1) > 0;
}

int iscsi_path_detach(const struct volume *volume, const char *portal,
		      const struct volume_host *host, struct err *err)
{
	cleanup_path struct iscsi_path path;

	int rc = open_path(&path, volume, portal, host, err);
	if (rc < 0)
		return rc;
	return iscsi_path_down(&path, host->config->release == RELEASE_ALWAYS, err);
}
