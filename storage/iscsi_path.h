/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside storage/: one way to an iSCSI volume: target, portal, session, device. */
#ifndef BERTH_STORAGE_ISCSI_PATH_H
#define BERTH_STORAGE_ISCSI_PATH_H

#include "storage/iscsi_note.h"
#include "storage/volume_driver.h"

/* iscsi_path_attach() - make the volume's device appear by way of one portal; what this makes is
 * undone when it fails. See volume_attach(). */
int iscsi_path_attach(const struct volume *volume, const char *portal,
		      const struct volume_host *host, struct err *err);

/* iscsi_path_is_ours() - whether iscsi_path_detach() has something to do; 1, 0, or a negative
 * errno. */
int iscsi_path_is_ours(const struct volume *volume, const char *portal,
		       const struct volume_host *host, struct err *err);

/* iscsi_path_detach() - take away what berth made of it, or, as host->config says, what is there.
 * Nobody uses the device. */
int iscsi_path_detach(const struct volume *volume, const char *portal,
		      const struct volume_host *host, struct err *err);

/* --- between iscsi_path.c, iscsi_path_up.c and iscsi_path_down.c --- */

/**
 * struct iscsi_path - one path that is worked on
 * @note: open
 * @here, @sid: whether there is a session, and its number
 */
struct iscsi_path {
	const struct volume *volume;
	const char *portal;
	const struct volume_host *host;
	struct iscsi_note note;
	bool here;
	unsigned sid;
};

/* iscsi_path_up() - whatever steps are missing; -ENOTCONN: the session has ended meanwhile. */
int iscsi_path_up(struct iscsi_path *path, struct err *err);

/* iscsi_path_down() - what is berth's, or @all that is there. */
int iscsi_path_down(struct iscsi_path *path, bool all, struct err *err);

#endif
