/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Steps: one row in the table for each kind. */
#include "hooks/step_volume.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

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

/* --- folder --- */

static int folder_do(struct step *step, const struct step_context *context, struct err *err)
{
	(void)context;
	/* libvirtd's umask would keep QEMU out, so the mode is set by itself. */
	if (mkdir(step->path, FOLDER_MODE) == 0 ? chmod(step->path, FOLDER_MODE) < 0
						: errno != EEXIST)
		return err_set(err, errno, "make folder '%s': %s", step->path, strerror(errno));
	return file_sync_folder_of(step->path, err);
}

/* A folder that somebody else uses by now is theirs. */
static int folder_undo(const struct step *step, const struct step_context *context, struct err *err)
{
	(void)context;
	if (rmdir(step->path) < 0 && errno != ENOENT && errno != ENOTEMPTY && errno != EEXIST)
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
	(void)context;
	return provision_set_aside(step->path, step->aside, &step->id, err);
}

/* Gone under both names: somebody has cleaned up by hand. */
static int aside_undo(const struct step *step, const struct step_context *context, struct err *err)
{
	(void)context;
	int rc = provision_put_back(step->path, step->aside, &step->id, err);
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
	cleanup_free char *folder = path_folder(step->path);
	struct stat st;

	/* Without libvirt's dynamic ownership QEMU's user owns the folder, so the image is its too.
	 */
	if (stat(folder, &st) < 0)
		return err_set(err, errno, "folder '%s': %s", folder, strerror(errno));
	struct new_image wanted = {
		.path = step->path,
		.format = step->format,
		.virtual_bytes = step->virtual_bytes,
		.backing_path = step->backing_path,
		.backing_format = step->backing_format,
		.mode = IMAGE_MODE,
		.uid = st.st_uid,
		.gid = st.st_gid,
		.token = context->token,
	};
	int rc = provision_make(&wanted, &step->id, err);
	if (rc < 0)
		return rc;
	step->has_id = true;
	return 0;
}

static int image_place(const struct step *step, const struct step_context *context, struct err *err)
{
	return provision_place(step->path, context->token, &step->id, err);
}

static int image_undo(const struct step *step, const struct step_context *context, struct err *err)
{
	int rc = provision_undo(step->path, context->token, step->has_id ? &step->id : NULL, err);

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
