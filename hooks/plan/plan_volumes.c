/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The plan's part about volumes: disks that this host attaches from a target in the network.
 *
 * What a volume is, the manifest says, or its name. It gets a name that leads to it on any host. A
 * name that [paths] maps is the operator's business: then a device must be here.
 *
 * With --copy-storage-inc and without --migrate-disks libvirt copies a volume onto itself, and
 * nothing tells hooks. A write fence makes that fail; only the gate can lift it in time.
 */
#include "hooks/plan/plan_parts.h"

#include <errno.h>
#include <string.h>

#include "base/file.h"
#include "base/strbuf.h"

static bool is_mapped(const struct situation *situation, const struct domain_disk *disk)
{
	return strcmp(situation->facts->places[disk->place].here,
		      situation->domain->places[disk->place].value) != 0;
}

/* Whether a migration would copy it onto itself, if libvirt is told to copy storage. */
static bool is_in_danger(const struct situation *situation, size_t index)
{
	return disk_is_copied(&situation->domain->disks[index]) && !situation->restore;
}

/* One that is here, and that nobody copies, needs nothing of us; of a guest that is restored
 * `prepare begin` attaches it. */
static bool is_left_alone(const struct situation *situation, size_t index)
{
	int place = situation->domain->disks[index].place;

	return situation->facts->disks[index].volume.source == VOLUME_BY_NAME &&
	       (situation->restore ||
		(situation->facts->places[place].present && !is_in_danger(situation, index)));
}

bool plan_is_volume(const struct situation *situation, size_t index)
{
	const struct domain_disk *disk = &situation->domain->disks[index];

	return disk->type == DISK_BLOCK && disk->place >= 0 &&
	       situation->facts->disks[index].volume.source != VOLUME_UNKNOWN &&
	       !is_mapped(situation, disk);
}

/* Volumes that are not berth's business on this host are the administrator's, who has attached this
 * one. */
static bool is_kept_here_by_others(const struct situation *situation, size_t index)
{
	const struct volume_facts *facts = &situation->facts->disks[index].volume;

	return facts->check.code == EPERM && facts->attached && !is_in_danger(situation, index);
}

/* --- whether it can come --- */

static int refuse_unknown(const struct domain *domain, const char *path, struct err *err)
{
	if (!domain->manifest)
		return err_set(err, ENOENT,
			       "'%s' is a volume, and the guest brings no manifest; run 'berth "
			       "sync %s' on the source host, where the guest runs; if it is shut "
			       "off there, start it first, and migrate it with --live",
			       path, domain->name);
	return err_set(err, ESTALE,
		       "the guest's manifest doesn't know this volume; run 'berth sync %s' on host "
		       "'%s'",
		       domain->name, domain->manifest->host);
}

/* The guest must use what the manifest speaks of; with `virsh migrate --xml` under another name. */
static int check_name(const struct domain *domain, const struct domain_disk *disk,
		      const struct volume *volume, struct err *err)
{
	const struct manifest_volume *known = manifest_find_volume(domain->manifest, disk->target);
	const char *path = domain->places[disk->place].value;
	cleanup_volume struct volume named = {0};

	bool same = volume_of_name(path, &named) == 1
			    ? volume_is_same(&named, volume)
			    : str_equal(path, known->path) || volume_name_is_stable(path, volume);
	if (!same)
		return err_set(err, ESTALE,
			       "the guest uses '%s', its manifest says '%s'; run 'berth sync %s' "
			       "on host '%s'",
			       path, known->path, domain->name, domain->manifest->host);
	if (!path_is_clean(path))
		return err_set(err, EINVAL, "'%s' is not a plain path; rename it", path);
	return 0;
}

/* What would be copied onto itself needs the fence, and the fence needs the gate. */
static int check_fence(const struct facts *facts, const struct volume_facts *volume,
		       struct err *err)
{
	if (!facts->gate)
		return err_set(
			err, EPERM,
			"libvirt may copy this volume onto itself, and libvirt's daemon on this "
			"host does not have berth's gate, which prevents it; mark the disk "
			"<shareable/>, or run 'berth gate enable' on both hosts");
	if (volume->users)
		return err_set(err, EBUSY,
			       "is in use on this host: %s; end that use, or mark the disk "
			       "<shareable/>",
			       volume->users);
	return 0;
}

static int check_volume(const struct situation *situation, size_t index, struct err *err)
{
	const struct domain_disk *disk = &situation->domain->disks[index];
	const struct volume_facts *facts = &situation->facts->disks[index].volume;
	const char *path = situation->domain->places[disk->place].value;
	int rc = 0;

	if (facts->source != VOLUME_BY_MANIFEST)
		return refuse_unknown(situation->domain, path, err);
	if (facts->error.code) {
		*err = facts->error;
		return -err->code;
	}
	rc = check_name(situation->domain, disk, &facts->volume, err);
	if (rc < 0)
		return rc;
	if (facts->found.code || (facts->check.code && !is_kept_here_by_others(situation, index))) {
		*err = facts->check.code ? facts->check : facts->found;
		return volume_describe_error(&facts->volume, err);
	}
	rc = is_in_danger(situation, index) ? check_fence(situation->facts, facts, err) : 0;
	return rc < 0 ? volume_describe_error(&facts->volume, err) : 0;
}

/* --- what is done for it --- */

static char *name_here(const char *path, const struct volume *volume)
{
	return volume_name_is_stable(path, volume) ? xstrdup(path) : volume_stable_name(volume);
}

/* At `restore begin` it only gets its name: `prepare begin` attaches it. */
static int plan_volume(const struct situation *situation, struct plan *plan, size_t index,
		       struct err *err)
{
	const struct domain_disk *disk = &situation->domain->disks[index];
	const struct place *place = &situation->domain->places[disk->place];
	const struct volume *volume = &situation->facts->disks[index].volume.volume;

	if (is_left_alone(situation, index))
		return 0;
	int rc = check_volume(situation, index, err);
	if (rc < 0)
		return err_wrap(err, "disk '%s'", disk->target);
	cleanup_free char *here = name_here(place->value, volume);
	rc = plan_change(plan, place, here, err);
	if (rc == 0 && !situation->restore && !is_kept_here_by_others(situation, index))
		plan_add_step(plan, STEP_VOLUME, disk, here)->volume = volume_copy(volume);
	return rc;
}

static void plan_fence(const struct situation *situation, struct plan *plan, size_t index)
{
	const struct domain_disk *disk = &situation->domain->disks[index];
	const char *path = situation->domain->places[disk->place].value;
	const struct volume *volume = &situation->facts->disks[index].volume.volume;
	cleanup_free char *here = name_here(path, volume);

	if (is_in_danger(situation, index))
		plan_add_step(plan, STEP_FENCE, disk, here)->volume = volume_copy(volume);
}

int plan_volumes(const struct situation *situation, struct plan *plan, struct err *err)
{
	size_t count = situation->domain->disk_count;
	int rc = 0;

	/* All are attached at the same time, so they stand side by side; the fences come then. */
	for (size_t i = 0; i < count && rc == 0; i++)
		rc = plan_is_volume(situation, i) ? plan_volume(situation, plan, i, err) : 0;
	for (size_t i = 0; i < count && rc == 0; i++) {
		if (plan_is_volume(situation, i))
			plan_fence(situation, plan, i);
	}
	return rc;
}
