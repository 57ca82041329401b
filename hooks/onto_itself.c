/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What both hosts have isn't copied onto itself.
 *
 * Theory of operation: libvirt mirrors each disk that it isn't told to leave out, also one that is
 * the same on both hosts, and what the guest writes meanwhile is lost. No hook is told which disks
 * those are. But at `started begin` libvirt has had its QEMU here export each of them for writing,
 * and QEMU shows it by a lock (storage/written_by.h); so the migration is refused before anything
 * has moved.
 *
 * For a volume that isn't left to QEMU's lock alone. A write fence, the kernel's read-only mark,
 * keeps everybody on this host from writing to it until the gate lets the guest run. It is set at
 * `migrate begin`, and again at `started begin`: the kernel asks for the mark at each write, also
 * of a descriptor that was opened for writing before (block/fops.c, blkdev_write_iter()), and the
 * source begins to write only when these hooks have ended. Between the two QEMU opens the device:
 * from libvirt 9.10 with QEMU 9.0 on a raw one for writing at once, without auto-read-only, which
 * it could not do with the mark (measured on 11.3 with 10.0: "The device is not writable"). Others
 * may open it then too; so where somebody else may write to it by `started begin`, that is refused,
 * and his writes do not fail.
 */
#include "hooks/onto_itself.h"

#include <errno.h>

#include "hooks/journal/step_volume.h"
#include "hooks/plan/plan.h"
#include "hooks/records/shared_storage.h"
#include "storage/written_by.h"

static int refuse(const char *path, const char *what, struct err *err)
{
	return err_set(err, EPERM,
		       "'%s' is %s, and the migration would copy it onto itself, which loses what "
		       "the guest writes meanwhile; name the other disks in --migrate-disks, or "
		       "migrate without --copy-storage-inc where there are none",
		       path, what);
}

/* --- volumes --- */

/* The fences that this migration has set and not taken back. */
static bool is_fence(const struct step_record *record)
{
	return record->step.kind == STEP_FENCE && !record->undone;
}

int onto_itself_let_open(const struct journal *journal, struct err *err)
{
	for (size_t i = 0; i < journal->step_count; i++) {
		const struct step *step = &journal->steps[i].step;
		if (is_fence(&journal->steps[i]) && step_fence_lift(step, err) < 0)
			return err_wrap(err, "disk '%s'", step->disk);
	}
	return 0;
}

static int check_volume(const struct step *step, pid_t qemu, struct err *err)
{
	bool written = false;

	int rc = step_fence_set(step, qemu, err);
	if (rc == 0 && qemu)
		rc = image_is_written_by(qemu, step->path, &written, err);
	return rc < 0 || !written ? rc : refuse(step->path, "a volume that both hosts have", err);
}

static int check_volumes(const struct journal *journal, pid_t qemu, struct err *err)
{
	for (size_t i = 0; journal && i < journal->step_count; i++) {
		const struct step *step = &journal->steps[i].step;
		int rc = is_fence(&journal->steps[i]) ? check_volume(step, qemu, err) : 0;
		if (rc < 0)
			return err_wrap(err, "disk '%s'", step->disk);
	}
	return 0;
}

/* --- images on shared storage --- */

static int check_image(const struct call *call, const struct domain_disk *disk, pid_t qemu,
		       struct err *err)
{
	const char *path = call->domain->places[disk->place].value;
	bool shared = false, written = false;

	int rc = on_shared_storage(call->config, path, &shared, err);
	if (rc == 0 && shared)
		rc = image_is_written_by(qemu, path, &written, err);
	return rc < 0 || !written ? rc : refuse(path, "on storage that the hosts share", err);
}

/*
 * Where the file system passes locks on, QEMU could not have taken it; so this is for the others.
 * An image that was made for this migration is no file of the source's: a guest may come from a
 * local disk.
 */
static int check_images(const struct call *call, const struct journal *journal, pid_t qemu,
			struct err *err)
{
	for (size_t i = 0; i < call->domain->disk_count; i++) {
		const struct domain_disk *disk = &call->domain->disks[i];
		if (disk->type != DISK_FILE || !disk_is_copied(disk) ||
		    (journal && incoming_image_of_disk(journal, call->domain, disk)))
			continue;
		int rc = check_image(call, disk, qemu, err);
		if (rc < 0)
			return err_wrap(err, "disk '%s'", disk->target);
	}
	return 0;
}

int onto_itself_refuse(const struct call *call, const struct domain_status *status,
		       const struct journal *journal, struct err *err)
{
	if (!status->incoming)
		return 0;
	int rc = check_volumes(journal, status->pid, err);
	if (rc < 0 || !status->pid || !call->config || !plan_is_managed(call->domain, call->config))
		return rc;
	return check_images(call, journal, status->pid, err);
}
