/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Steps: one row in the table for each kind. */
#include "hooks/journal/step_volume.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "hooks/records/image_folders.h"
#include "storage/folder.h"

/* As libvirt makes volumes; libvirt itself gives the file to QEMU's user when the guest starts. */
#define IMAGE_MODE 0600
#define FOLDER_MODE 0755

static int do_nothing(const struct step *step, const struct step_context *context, struct err *err)
{
	(void)step;
	(void)context;
	(void)err;
	return 0;
}

/* --- where images may lie --- */

/* Without the configuration the roots aren't known; then storage/ follows no link. */
static const struct folders *roots_of(const struct step_context *context, struct folders *folders)
{
	const struct config *config = context->guest.config;

	if (!config)
		return NULL;
	*folders = image_folders(config);
	return folders;
}

/* --- folder --- */

/* The folder has its mode and group from the first moment on: somebody who may write to the folder
 * above could exchange it before a chmod. libvirtd's umask would keep QEMU out. */
static int make_folder(int above, const char *name, mode_t mode, gid_t gid)
{
	mode_t mask = umask(0);
	gid_t group = (gid_t)setfsgid(gid);
	int rc = mkdirat(above, name, mode) < 0 ? -errno : 0;

	setfsgid(group);
	umask(mask);
	return rc;
}

/* With dynamic_ownership = 0, QEMU has access to the folder above by that folder's group; so the
 * new folder gets the same group and mode. */
static int make_folder_in(int above, const char *name, const struct image_owner *owner)
{
	struct stat st;

	if (fstat(above, &st) < 0)
		return -errno;
	if (owner->fixed && st.st_mode & S_IWGRP)
		return make_folder(above, name, st.st_mode & 0777, st.st_gid);
	return make_folder(above, name, FOLDER_MODE, getegid());
}

static int folder_do(struct step *step, const struct step_context *context, struct err *err)
{
	cleanup_folders struct folders folders = {0};
	cleanup_close int above = folder_open(step->path, roots_of(context, &folders), err);

	if (above < 0)
		return err_wrap(err, "make folder '%s'", step->path);
	int rc = make_folder_in(above, path_name(step->path), &context->owner);
	if (rc < 0 && rc != -EEXIST)
		return err_set(err, -rc, "make folder '%s': %s", step->path, strerror(-rc));
	return folder_sync(above, step->path, err);
}

/* A folder that somebody else uses by now is theirs. */
static int folder_undo(const struct step *step, const struct step_context *context, struct err *err)
{
	cleanup_folders struct folders folders = {0};
	cleanup_close int above =
		folder_open_to_clear(step->path, roots_of(context, &folders), err);
	const char *name = path_name(step->path);
	struct stat st;

	if (above == -ENOENT)
		return 0;
	if (above < 0)
		return err_wrap(err, "remove folder '%s'", step->path);
	if (fstatat(above, name, &st, AT_SYMLINK_NOFOLLOW) < 0 && errno == ENOENT)
		return 0;
	if (unlinkat(above, name, AT_REMOVEDIR) < 0 && errno != ENOENT && errno != ENOTEMPTY &&
	    errno != EEXIST)
		return err_set(err, errno, "remove folder '%s': %s", step->path, strerror(errno));
	return 0;
}

static void folder_describe(const struct step *step, struct strbuf *out)
{
	strbuf_printf(out, "make folder '%s'", step->path);
}

static void folder_describe_undo(const struct step *step, struct strbuf *out)
{
	strbuf_printf(out, "remove '%s' if it is empty", step->path);
}

/* --- set aside --- */

static int aside_do(struct step *step, const struct step_context *context, struct err *err)
{
	cleanup_folders struct folders folders = {0};

	return provision_set_aside(step->path, roots_of(context, &folders), step->aside, &step->id,
				   err);
}

/* Gone under both names: somebody has cleaned up by hand. */
static int aside_undo(const struct step *step, const struct step_context *context, struct err *err)
{
	cleanup_folders struct folders folders = {0};

	int rc = provision_put_back(step->path, roots_of(context, &folders), step->aside, &step->id,
				    err);
	return rc == -ENOENT ? 0 : rc;
}

static void aside_describe(const struct step *step, struct strbuf *out)
{
	strbuf_printf(out, "disk '%s': set the guest's stale image '%s' aside as '%s'", step->disk,
		      step->path, path_name(step->aside));
}

static void aside_describe_undo(const struct step *step, struct strbuf *out)
{
	strbuf_printf(out, "rename it back to '%s'", step->path);
}

/* --- image --- */

static int image_do(struct step *step, const struct step_context *context, struct err *err)
{
	const struct config *config = context->guest.config;
	const struct image_owner *owner = &context->owner;
	cleanup_folders struct folders roots = {0}, readable = {0};

	if (config)
		readable = image_folders_to_read(config);
	/* Without libvirt's dynamic ownership the image is QEMU's user's, if qemu.conf names him,
	 * and else of whoever owns the folder. */
	bool named = owner->fixed && owner->uid != (uid_t)-1;
	struct new_image wanted = {
		.path = step->path,
		.format = step->format,
		.virtual_bytes = step->virtual_bytes,
		.backing_path = step->backing_path,
		.backing_format = step->backing_format,
		.mode = IMAGE_MODE,
		.uid = owner->uid,
		.gid = owner->gid,
		.as_folder = !named,
		.by_group = owner->fixed,
		.token = context->token,
		.readable = config ? &readable : NULL,
	};
	int rc = provision_make(&wanted, roots_of(context, &roots), &step->id, err);
	if (rc < 0)
		return rc;
	step->has_id = true;
	return 0;
}

static int image_place(const struct step *step, const struct step_context *context, struct err *err)
{
	cleanup_folders struct folders folders = {0};

	return provision_place(step->path, roots_of(context, &folders), context->token, &step->id,
			       err);
}

static int image_undo(const struct step *step, const struct step_context *context, struct err *err)
{
	cleanup_folders struct folders folders = {0};

	int rc = provision_undo(step->path, roots_of(context, &folders), context->token,
				step->has_id ? &step->id : NULL, err);
	return rc < 0 ? rc : 0;
}

static void image_describe(const struct step *step, struct strbuf *out)
{
	strbuf_printf(out, "disk '%s': make image '%s' (%s, %" PRIu64 " bytes", step->disk,
		      step->path, step->format, step->virtual_bytes);
	if (step->backing_path)
		strbuf_printf(out, ", backed by '%s'", step->backing_path);
	strbuf_puts(out, ")");
}

static void image_describe_undo(const struct step *step, struct strbuf *out)
{
	strbuf_printf(out, "remove '%s' while it is the same file", step->path);
}

static const struct step_driver {
	const char *name;
	bool slow;
	int (*do_it)(struct step *step, const struct step_context *context, struct err *err);
	int (*place)(const struct step *step, const struct step_context *context, struct err *err);
	int (*undo)(const struct step *step, const struct step_context *context, struct err *err);
	void (*describe)(const struct step *step, struct strbuf *out);
	void (*describe_undo)(const struct step *step, struct strbuf *out);
} drivers[] = {
	[STEP_FOLDER] = {"folder", false, folder_do, do_nothing, folder_undo, folder_describe,
			 folder_describe_undo},
	[STEP_SET_ASIDE] = {"set-aside", false, aside_do, do_nothing, aside_undo, aside_describe,
			    aside_describe_undo},
	[STEP_IMAGE] = {"image", false, image_do, image_place, image_undo, image_describe,
			image_describe_undo},
	[STEP_VOLUME] = {"volume", true, step_volume_do, do_nothing, step_volume_undo,
			 step_volume_describe, step_volume_describe_undo},
	[STEP_FENCE] = {"fence", false, step_fence_do, do_nothing, step_fence_undo,
			step_fence_describe, step_fence_describe_undo},
};
_Static_assert(sizeof(drivers) / sizeof(drivers[0]) == STEP_KINDS, "each kind has its driver");

const char *step_kind_name(enum step_kind kind)
{
	return drivers[kind].name;
}

bool step_is_slow(enum step_kind kind)
{
	return drivers[kind].slow;
}

int step_kind_find(const char *name)
{
	for (int i = 0; i < STEP_KINDS; i++) {
		if (strcmp(drivers[i].name, name) == 0)
			return i;
	}
	return -1;
}

void step_describe(const struct step *step, struct strbuf *out)
{
	drivers[step->kind].describe(step, out);
}

void step_describe_undo(const struct step *step, struct strbuf *out)
{
	drivers[step->kind].describe_undo(step, out);
}

static int name_disk(const struct step *step, int rc, struct err *err)
{
	return rc < 0 && step->disk ? err_wrap(err, "disk '%s'", step->disk) : rc;
}

int step_do(struct step *step, const struct step_context *context, struct err *err)
{
	return name_disk(step, drivers[step->kind].do_it(step, context, err), err);
}

int step_place(const struct step *step, const struct step_context *context, struct err *err)
{
	return name_disk(step, drivers[step->kind].place(step, context, err), err);
}

int step_undo(const struct step *step, const struct step_context *context, struct err *err)
{
	return name_disk(step, drivers[step->kind].undo(step, context, err), err);
}

void step_clear(struct step *step)
{
	free(step->disk);
	free(step->path);
	free(step->aside);
	free(step->format);
	free(step->backing_path);
	free(step->backing_format);
	volume_clear(&step->volume);
	*step = (struct step){0};
}
