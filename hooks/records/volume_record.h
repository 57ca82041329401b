/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The volume record: which volumes a guest has on this host, and which of them are still to be
 * taken away. */
#ifndef BERTH_HOOKS_RECORDS_VOLUME_RECORD_H
#define BERTH_HOOKS_RECORDS_VOLUME_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "hooks/records/site.h"
#include "storage/volume.h"

enum volume_state {
	VOLUME_ATTACHED,  /* the guest has it, or is to have it: nobody takes it away */
	VOLUME_RELEASING, /* the guest has stopped: to be taken away, and then remembered */
	VOLUME_LEAVING,   /* the guest has left, or never came: to be taken away and forgotten */
	VOLUME_DETACHED,  /* the guest is stopped: what it had, for its next start */
	VOLUME_STATES
};

/**
 * struct known_volume - one volume of a guest
 * @target: the guest's name of the disk: "vdb"
 * @path: the name by which the guest uses it here
 * @path_before: NULL, or the name that the guest had for the volume when it last stopped here. If
 * the migration that the volume is attached for is undone, this name is kept
 * @volume: what it is, with its identity
 * @since: when it came into this state
 */
struct known_volume {
	char *target;
	char *path;
	char *path_before;
	struct volume volume;
	enum volume_state state;
	time_t since;
};

struct volume_record {
	char *uuid;
	char *name;
	struct known_volume *volumes;
	size_t count;
};

#define cleanup_volume_record cleanup(volume_record_freep)

/**
 * volume_record_load() - what is known of a guest's volumes here
 *
 * Return: 0 and *@ret, empty when there is no record; -EBADMSG when it can't be understood; or
 * another negative errno.
 */
int volume_record_load(const struct site *site, const char *uuid, struct volume_record **ret,
		       struct err *err);

/**
 * volume_record_open() - volume_record_load() under site_lock_record(), to change the record and
 * save it
 *
 * Return: the lock's descriptor, to be closed after volume_record_save(); or a negative errno.
 */
int volume_record_open(const struct site *site, const char *uuid, struct volume_record **ret,
		       struct err *err);

/* volume_record_save() - replaces the record on disk; an empty one is removed. */
int volume_record_save(const struct site *site, const struct volume_record *record,
		       struct err *err);

/* volume_record_find() - the volume of that target, or NULL; owned by the record. */
struct known_volume *volume_record_find(const struct volume_record *record, const char *target);

/* volume_record_note() - note a volume, in place of what was known of that target; all is copied.
 * Of the same volume that was detached, or is to be, the old name stays as @path_before. */
void volume_record_note(struct volume_record *record, const char *target, const char *path,
			const struct volume *volume, enum volume_state state);
void volume_record_set_state(struct known_volume *known, enum volume_state state);
/* volume_record_take_back() - the migration that a volume was attached for is undone: the volume is
 * to be released, and the record keeps what it knew of it before. */
void volume_record_take_back(struct volume_record *record, const char *target);
void volume_record_drop(struct volume_record *record, const char *target);

/* known_volume_is_pending() - whether it is still to be taken away. */
bool known_volume_is_pending(const struct known_volume *known);

/**
 * volume_record_change() - open, put all volumes of a guest that are in a state into another, save
 *
 * Return: how many there were, or a negative errno.
 */
int volume_record_change(const struct site *site, const char *uuid, enum volume_state from,
			 enum volume_state to, struct err *err);

/**
 * volume_record_user() - which guest has this volume on this host
 * @uuid, @target: this disk doesn't count
 * @ret: on 1 the guest's name, or its UUID; the caller frees it
 *
 * A record that can't be read counts as that of a guest which has it, if it names the volume.
 *
 * Return: 1; 0: none; or a negative errno.
 */
int volume_record_user(const struct site *site, const struct volume *volume, const char *uuid,
		       const char *target, char **ret, struct err *err);

const char *volume_state_name(enum volume_state state);
/* volume_record_list() - the UUIDs that have a record; as site_list_uuids(). */
int volume_record_list(const struct site *site, char ***ret, size_t *ret_count, struct err *err);
void volume_record_freep(struct volume_record **record);

#endif
