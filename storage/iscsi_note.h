/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside storage/: what berth itself has made on this host for a target at a portal. */
#ifndef BERTH_STORAGE_ISCSI_NOTE_H
#define BERTH_STORAGE_ISCSI_NOTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "storage/volume_driver.h"

/* In struct iscsi_note_lun: the session that berth has made. */
#define ISCSI_OWN_SESSION -1

/**
 * struct iscsi_note_lun - a device that berth has brought
 * @sid: the session of somebody else in which it is, or ISCSI_OWN_SESSION
 */
struct iscsi_note_lun {
	uint64_t lun;
	int64_t sid;
};

/**
 * struct iscsi_note - what berth has made, or is about to make
 * @record: the node record
 * @session: a session
 * @sid: its number, or -1: not known yet
 * @luns: devices; owned
 * @lock: a descriptor that is locked by flock(2) while the note is open, else -1
 */
struct iscsi_note {
	bool record;
	bool session;
	int64_t sid;
	struct iscsi_note_lun *luns;
	size_t lun_count;
	int lock;
	/* of iscsi_note.c */
	char *folder;
};

#define ISCSI_NOTE_NONE ((struct iscsi_note){.sid = -1, .lock = -1})

/**
 * iscsi_note_open() - read the note, and keep all others from it until iscsi_note_close()
 * @host: below its state it is iscsi/IQN/PORTAL/
 *
 * Of an earlier boot only the record counts: sessions and devices ended with it.
 *
 * Return: 0 and *@ret; -ETIMEDOUT: another process had it until the deadline; or another negative
 * errno.
 */
int iscsi_note_open(const struct volume_host *host, const char *iqn, const char *portal,
		    struct iscsi_note *ret, struct err *err);

/* iscsi_note_peek() - reads it without keeping others from it; nothing noted where there is none.
 * *@ret can't be saved. */
int iscsi_note_peek(const struct volume_host *host, const char *iqn, const char *portal,
		    struct iscsi_note *ret, struct err *err);

/* iscsi_note_save() - makes it durable; to be called before what it says is done. */
int iscsi_note_save(struct iscsi_note *note, struct err *err);

/* iscsi_note_save_sid() - keeps @sid alone, which needn't survive a boot, and so is quick. */
int iscsi_note_save_sid(struct iscsi_note *note, struct err *err);

/* iscsi_note_close() - lets others go on; where nothing is noted no file is left. */
void iscsi_note_close(struct iscsi_note *note);
#define cleanup_iscsi_note cleanup(iscsi_note_close)

void iscsi_note_add_lun(struct iscsi_note *note, uint64_t lun, int64_t sid);
void iscsi_note_remove_lun(struct iscsi_note *note, uint64_t lun);
const struct iscsi_note_lun *iscsi_note_find_lun(const struct iscsi_note *note, uint64_t lun);

#endif
