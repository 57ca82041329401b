/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Steps: what berth may do to a host, each with its undo. */
#ifndef BERTH_HOOKS_JOURNAL_STEP_H
#define BERTH_HOOKS_JOURNAL_STEP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/strbuf.h"
#include "hooks/journal/image_owner.h"
#include "hooks/volumes/guest_volume.h"
#include "storage/provision.h"
#include "storage/volume.h"

enum step_kind {
	STEP_FOLDER,    /* make one folder; undo: remove it while it is empty */
	STEP_SET_ASIDE, /* rename the stale image that this guest left here; undo: rename it back */
	STEP_IMAGE,     /* make an image; undo: remove it while it is the same file */
	STEP_VOLUME,    /* attach a volume; undo: detach it unless another guest has it */
	STEP_FENCE,     /* keep everybody from writing to a volume; undo: allow it */
	STEP_KINDS
};

/**
 * struct step - one thing to do, as planned and as journalled
 * @disk: the disk's target name, for messages
 * @path: the folder, the image's path, the path that is to become free, or the name by which the
 * guest will use the volume
 * @aside: STEP_SET_ASIDE: the name that the stale image gets
 * @format, @virtual_bytes, @backing_path, @backing_format: STEP_IMAGE; no backing: NULL
 * @reserved_bytes: STEP_IMAGE: how much of the file system it is expected to fill
 * @filesystem: STEP_IMAGE: the device number of that file system; 0: an older berth did not note it
 * @volume: STEP_VOLUME, STEP_FENCE
 * @id: STEP_SET_ASIDE: the stale image; STEP_IMAGE: the made image, once @has_id
 */
struct step {
	enum step_kind kind;
	char *disk;
	char *path;
	char *aside;
	char *format;
	uint64_t virtual_bytes;
	uint64_t reserved_bytes;
	uint64_t filesystem;
	char *backing_path;
	char *backing_format;
	struct volume volume;
	struct file_id id;
	bool has_id;
};

/**
 * struct step_context - what all steps of a migration have in common
 * @guest: whose, where, and until when
 * @token: of the migration, 32 hex digits
 * @owner: whose images are on this host
 */
struct step_context {
	struct volume_guest guest;
	const char *token;
	struct image_owner owner;
};

/* step_kind_name() - "folder", "set-aside", "image", "volume", "fence". */
const char *step_kind_name(enum step_kind kind);
/* step_kind_find() - the kind of that name, or -1. */
int step_kind_find(const char *name);
/* step_is_slow() - whether such steps wait for somebody else, and may be done at the same time. */
bool step_is_slow(enum step_kind kind);

/* step_describe() - appends what the step does, for people: "make image '/srv/vm/a.qcow2' (qcow2,
 * ...)". */
void step_describe(const struct step *step, struct strbuf *out);
/* step_describe_undo() - appends what its undo does. */
void step_describe_undo(const struct step *step, struct strbuf *out);

/**
 * step_do() - do a step; a step that is done already is done again without effect
 *
 * STEP_IMAGE happens in two halves, because the journal must know the image before it gets its
 * name: step_do() makes it under a temporary name and sets @step->id, step_place() gives it its
 * name.
 *
 * Return: 0 or a negative errno.
 */
int step_do(struct step *step, const struct step_context *context, struct err *err);
int step_place(const struct step *step, const struct step_context *context, struct err *err);

/* step_undo() - undo a step in whatever state it is; 0 also when there is nothing to undo. A volume
 * that is in use stays noted as leaving: that is no failure. */
int step_undo(const struct step *step, const struct step_context *context, struct err *err);

void step_clear(struct step *step);

#endif
