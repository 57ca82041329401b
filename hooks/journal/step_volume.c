/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The steps about volumes: attach one, fence one. */
#include "hooks/journal/step_volume.h"

#include <errno.h>
#include <unistd.h>

#include "base/log.h"

/* How long somebody may look at a new device without being a user of it. */
#define LOOK_MS 2000
#define LOOK_POLL_US 20000

/* --- volume --- */

int step_volume_do(struct step *step, const struct step_context *context, struct err *err)
{
	return guest_volume_attach(&context->guest, step->disk, step->path, step->path,
				   &step->volume, err);
}

/* Only a volume that is noted as this guest's is released: without a note nothing was begun. The
 * guest goes on at its source, so this host then forgets the volume, unless it knew the volume
 * before the migration. */
static int note_leaving(const struct step *step, const struct volume_guest *guest, struct err *err)
{
	cleanup_volume_record struct volume_record *record = NULL;
	cleanup_close int lock = volume_record_open(guest->site, guest->uuid, &record, err);

	if (lock < 0)
		return lock;
	struct known_volume *known = volume_record_find(record, step->disk);
	if (!known || !volume_is_same(&known->volume, &step->volume))
		return 0;
	volume_record_take_back(record, step->disk);
	return volume_record_save(guest->site, record, err);
}

int step_volume_undo(const struct step *step, const struct step_context *context, struct err *err)
{
	int rc = note_leaving(step, &context->guest, err);

	if (rc == 0)
		rc = guest_volume_release(&context->guest, step->disk, err);
	if (rc == 0)
		log_problem("%s: disk '%s': not released yet: %s", context->guest.name, step->disk,
			    err->text);
	return rc < 0 ? rc : 0;
}

void step_volume_describe(const struct step *step, struct strbuf *out)
{
	strbuf_printf(out, "disk '%s': attach ", step->disk);
	volume_describe(&step->volume, out);
	strbuf_printf(out, " as '%s'", step->path);
}

void step_volume_describe_undo(const struct step *step, struct strbuf *out)
{
	(void)step;
	strbuf_puts(out, "detach it, if nobody else uses it");
}

/* --- fence --- */

/* Programs that udev runs look at a new device too, and let go. */
static int wait_unused(const char *path, int64_t deadline_ms, pid_t except, struct err *err)
{
	cleanup_strbuf struct strbuf users = {0};
	int64_t until_ms = volume_deadline_in(LOOK_MS);

	if (until_ms > deadline_ms)
		until_ms = deadline_ms;
	int rc = volume_writers(path, except, &users, err);
	while (rc > 0 && volume_deadline_in(0) < until_ms) {
		usleep(LOOK_POLL_US);
		strbuf_free(&users);
		rc = volume_writers(path, except, &users, err);
	}
	if (rc <= 0)
		return rc;
	return err_set(err, EBUSY,
		       "'%s' is in use on this host: %s; end that use, or mark the disk "
		       "<shareable/>",
		       path, users.text);
}

int step_fence_do(struct step *step, const struct step_context *context, struct err *err)
{
	int rc = wait_unused(step->path, context->guest.deadline_ms, 0, err);

	return rc < 0 ? rc : volume_fence(step->path, true, err);
}

/* The name may lead elsewhere by now, to a volume that is fenced for another guest. */
static int find_fenced(const struct step *step, char **ret_path, struct err *err)
{
	cleanup_volume struct volume here = {0};

	if (volume_of_device(step->path, &here, err) <= 0 || !volume_is_same(&here, &step->volume))
		return volume_find(&step->volume, ret_path, err);
	*ret_path = xstrdup(step->path);
	return 1;
}

/* Somebody who has begun to write since STEP_FENCE would lose what he writes. */
int step_fence_set(const struct step *step, pid_t qemu, struct err *err)
{
	cleanup_volume struct volume here = {0};

	int rc = volume_of_device(step->path, &here, err);
	if (rc < 0)
		return rc;
	if (rc == 0 || !volume_is_same(&here, &step->volume))
		return err_set(err, ESTALE, "'%s' leads to another device by now; migrate again",
			       step->path);
	rc = qemu ? wait_unused(step->path, volume_deadline_in(LOOK_MS), qemu, err) : 0;
	return rc < 0 ? rc : volume_fence(step->path, true, err);
}

/* A device that has gone took its fence along. */
int step_fence_lift(const struct step *step, struct err *err)
{
	cleanup_free char *path = NULL;

	int rc = find_fenced(step, &path, err);
	if (rc > 0)
		rc = volume_fence(path, false, err);
	return rc == -ENOENT || rc == -ENXIO || rc == -ENODEV ? 0 : rc;
}

int step_fence_undo(const struct step *step, const struct step_context *context, struct err *err)
{
	(void)context;
	return step_fence_lift(step, err);
}

void step_fence_describe(const struct step *step, struct strbuf *out)
{
	strbuf_printf(out, "disk '%s': keep everybody from writing to '%s' until the guest is here",
		      step->disk, step->path);
}

void step_fence_describe_undo(const struct step *step, struct strbuf *out)
{
	(void)step;
	strbuf_puts(out, "allow writing");
}
