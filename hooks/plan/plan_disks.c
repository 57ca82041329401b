/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The plan's second part: disks that must be here, and those whose images are to be made. */
#include "hooks/plan/plan_parts.h"

#include <errno.h>
#include <search.h>
#include <string.h>

#include "base/strbuf.h"

static int compare_paths(const void *a, const void *b)
{
	return strcmp(a, b);
}

static int plan_folders(struct plan *plan, const struct domain_disk *disk,
			const struct disk_facts *facts, struct err *err)
{
	for (size_t i = 0; i < facts->missing_folder_count; i++) {
		const char *folder = facts->missing_folders[i];
		if (tfind(folder, &plan->folders, compare_paths))
			continue;
		if (plan->folder_count == SURVEY_MAX_FOLDERS)
			return err_set(err, E2BIG,
				       "more than %d folders of the guest's images are missing on "
				       "this host; make them, or map its paths in [paths] of "
				       "berth.conf",
				       SURVEY_MAX_FOLDERS);
		plan_add_step(plan, STEP_FOLDER, disk, folder);
		/* The survey's own string: facts live longer than the search. */
		tsearch(folder, &plan->folders, compare_paths);
		plan->folder_count++;
	}
	return 0;
}

static void plan_set_aside(struct plan *plan, const struct situation *situation,
			   const struct domain_disk *disk, const struct disk_facts *facts,
			   const char *path)
{
	struct step *step = plan_add_step(plan, STEP_SET_ASIDE, disk, path);
	cleanup_free char *suffix = xasprintf(".departed-%.8s", situation->token);

	step->aside = provision_name_beside(path, suffix);
	step->id = facts->departed_id;
	step->has_id = true;
}

/* With `virsh migrate --xml` the user may have put the name of this host there already. */
static bool is_known_path(const struct config *config, const struct manifest_disk *known,
			  const char *path)
{
	cleanup_free char *here = mappings_apply_path(&config->paths, known->image.path);

	return str_equal(known->image.path, path) || str_equal(here, path);
}

static int check_manifest_disk(const struct situation *situation, const struct domain_disk *disk,
			       const struct manifest_disk *known, const char *here, struct err *err)
{
	const struct domain *domain = situation->domain;
	const char *path = domain->places[disk->place].value;

	if (!domain->manifest)
		return err_set(err, ENOENT,
			       "'%s' is not on this host, and the guest brings no manifest; run "
			       "'berth sync %s' on the source host, where the guest runs; if it is "
			       "shut off there, libvirt moves its definition and no storage: start "
			       "it and migrate it with --live, or copy the image here",
			       here, domain->name);
	const struct manifest_problem *problem =
		manifest_find_problem(domain->manifest, disk->target);
	if (!known && problem)
		return err_set(err, EOPNOTSUPP, "host '%s' says that it can't be moved: %s",
			       domain->manifest->host, problem->text);
	if (!known)
		return err_set(
			err, ESTALE,
			"the guest's manifest doesn't know this disk; run 'berth sync %s' on "
			"host '%s'",
			domain->name, domain->manifest->host);
	if (!is_known_path(situation->config, known, path))
		return err_set(
			err, ESTALE,
			"the guest uses '%s', its manifest says '%s' (a snapshot since?); run "
			"'berth sync %s' on host '%s'",
			path, known->image.path, domain->name, domain->manifest->host);
	if (!str_equal(known->image.format, disk->format ? disk->format : "raw"))
		return err_set(
			err, ESTALE,
			"the guest uses format '%s', its manifest says '%s'; run 'berth sync "
			"%s' on host '%s'",
			disk->format ? disk->format : "raw", known->image.format, domain->name,
			domain->manifest->host);
	return 0;
}

/* What no image that berth makes could be. */
static int check_kind(const struct domain_disk *disk, const char *here, struct err *err)
{
	if (disk->encrypted)
		return err_set(err, EOPNOTSUPP, "'%s' " DISK_IS_ENCRYPTED, here);
	if (disk->sliced)
		return err_set(err, EOPNOTSUPP, "'%s' " DISK_IS_SLICED, here);
	return 0;
}

static int check_format(const struct manifest_disk *known, struct err *err)
{
	if (strcmp(known->image.format, "qcow2") == 0)
		return 0;
	if (strcmp(known->image.format, "raw") != 0)
		return err_set(
			err, EOPNOTSUPP,
			"berth makes no image of format '%s'; convert it to qcow2 or raw, or "
			"make '%s' here by hand",
			known->image.format, known->image.path);
	if (known->backing_count > 0)
		return err_set(err, EINVAL, "a raw image can't have a backing image");
	return 0;
}

/* The backing images that an explicit <backingStore> names become those that were found here. */
static int plan_chain(struct plan *plan, const struct domain *domain,
		      const struct domain_disk *disk, const struct disk_facts *facts,
		      struct err *err)
{
	for (size_t i = 0; i < facts->chain_count; i++) {
		if (facts->chain[i].error.code) {
			*err = facts->chain[i].error;
			return -err->code;
		}
	}
	for (size_t i = 0; i < disk->backing_count && i < facts->chain_count; i++) {
		if (disk->backing[i].place < 0)
			continue;
		int rc = plan_change(plan, &domain->places[disk->backing[i].place],
				     facts->chain[i].path, err);
		if (rc < 0)
			return rc;
	}
	return 0;
}

static void plan_image(const struct situation *situation, struct plan *plan,
		       const struct domain_disk *disk, const struct manifest_disk *known,
		       const struct disk_facts *facts, const char *path)
{
	struct step *step = plan_add_step(plan, STEP_IMAGE, disk, path);

	step->format = xstrdup(known->image.format);
	step->virtual_bytes = known->image.virtual_bytes;
	step->reserved_bytes = situation->config->disk_over_commit ? known->allocated_bytes
								   : known->image.virtual_bytes;
	if (facts->filesystem >= 0)
		step->filesystem = situation->facts->filesystems[facts->filesystem].device;
	if (facts->chain_count > 0) {
		step->backing_path = xstrdup(facts->chain[0].path);
		step->backing_format = xstrdup(facts->chain[0].format);
	}
	for (size_t i = 0; i < facts->chain_count; i++)
		compared_add(&plan->compared, disk->target, i + 1, &facts->chain[i].version);
}

/* The backing images of a disk that is here already lie where the mappings say. */
static int change_backing(const struct situation *situation, struct plan *plan,
			  const struct domain_disk *disk, struct err *err)
{
	int rc = 0;

	for (size_t i = 0; i < disk->backing_count && rc == 0; i++) {
		int place = disk->backing[i].place;
		if (place < 0)
			continue;
		const struct place_facts *facts = &situation->facts->places[place];
		if (!facts->present)
			return err_set(err, ENOENT,
				       "its backing image '%s' is not on this host; copy it there, "
				       "or map its folder in [paths] of berth.conf",
				       facts->here);
		rc = plan_change(plan, &situation->domain->places[place], facts->here, err);
	}
	return rc;
}

/* A disk that is not here and whose content the migration is to bring. */
static int plan_missing_disk(const struct situation *situation, struct plan *plan,
			     const struct domain_disk *disk, const struct disk_facts *facts,
			     const char *here, struct err *err)
{
	const struct domain *domain = situation->domain;
	const struct manifest_disk *known = manifest_find_disk(domain->manifest, disk->target);

	int rc = check_kind(disk, here, err);
	if (rc == 0)
		rc = check_manifest_disk(situation, disk, known, here, err);
	if (rc == 0)
		rc = check_format(known, err);
	if (rc == 0)
		rc = plan_chain(plan, domain, disk, facts, err);
	if (rc == 0)
		rc = plan_folders(plan, disk, facts, err);
	if (rc < 0)
		return rc;
	if (facts->departed)
		plan_set_aside(plan, situation, disk, facts, here);
	plan_image(situation, plan, disk, known, facts, here);
	return 0;
}

/* The manifest must know a read-only disk as it is now: a disc may have been changed since. */
static int check_content(const struct situation *situation, const struct domain_disk *disk,
			 const struct disk_facts *facts, const char *here, struct err *err)
{
	const struct manifest *manifest = situation->domain->manifest;

	if (!manifest || !disk->readonly || facts->shared || situation->restore)
		return 0;
	int rc = check_manifest_disk(situation, disk, manifest_find_disk(manifest, disk->target),
				     here, err);
	if (rc == 0 && facts->content.code) {
		*err = facts->content;
		rc = -err->code;
	}
	return rc;
}

/* A disk that nothing brings: it must be here already. */
static int plan_present_disk(const struct situation *situation, struct plan *plan,
			     const struct domain_disk *disk, const struct disk_facts *facts,
			     struct err *err)
{
	const struct place_facts *place = &situation->facts->places[disk->place];

	if (!place->present && disk->optional)
		return 0;
	if (!place->present && situation->restore)
		return err_set(err, ENOENT,
			       "'%s' is not on this host; bring it back, or map its folder in "
			       "[paths] of berth.conf",
			       place->here);
	if (!place->present)
		return err_set(err, ENOENT,
			       "'%s' is not on this host, and a migration doesn't copy it; copy it "
			       "there, or eject it",
			       place->here);
	int rc = check_content(situation, disk, facts, place->here, err);
	if (rc < 0)
		return rc;
	for (size_t i = 0; i < facts->compared_count; i++)
		compared_add(&plan->compared, disk->target, i, &facts->compared[i]);
	return change_backing(situation, plan, disk, err);
}

static int refuse_present_image(const struct disk_facts *facts, const char *here, struct err *err)
{
	if (facts->other_shared_file)
		return err_set(
			err, EEXIST,
			"'%s' exists on this host and is another file than the guest's, "
			"although its folder counts as shared; is the same storage mounted on "
			"both hosts?",
			here);
	return err_set(
		err, EEXIST,
		"'%s' exists on this host and is not from this migration; move it away, or "
		"name its folder in 'shared' in [images] of berth.conf if all hosts share it",
		here);
}

/* Whether berth has no description of the disk: then a file with the disk's name on this host is
 * taken for the one that somebody has made for it. */
static bool nobody_describes(const struct domain *domain, const struct domain_disk *disk,
			     const struct disk_facts *facts)
{
	return !domain->manifest ||
	       (manifest_find_problem(domain->manifest, disk->target) && !facts->departed);
}

static int plan_file_disk(const struct situation *situation, struct plan *plan,
			  const struct domain_disk *disk, const struct disk_facts *facts,
			  struct err *err)
{
	const struct place_facts *place = &situation->facts->places[disk->place];

	if (facts->roots.code) {
		*err = facts->roots;
		return -err->code;
	}
	if (!disk_is_copied(disk) || situation->restore)
		return plan_present_disk(situation, plan, disk, facts, err);
	if (place->present && (facts->shared || nobody_describes(situation->domain, disk, facts)))
		return change_backing(situation, plan, disk, err);
	if (place->present && !facts->departed)
		return refuse_present_image(facts, place->here, err);
	return plan_missing_disk(situation, plan, disk, facts, place->here, err);
}

static int plan_block_disk(const struct place_facts *place, struct err *err)
{
	if (!place->present)
		return err_set(
			err, ENODEV,
			"device '%s' is not on this host; attach it, or map it in [paths] of "
			"berth.conf",
			place->here);
	return 0;
}

int plan_disk(const struct situation *situation, struct plan *plan, size_t index, struct err *err)
{
	const struct domain_disk *disk = &situation->domain->disks[index];
	int rc = 0;

	bool has_own_place = disk->place >= 0 && !plan_is_volume(situation, index);
	if (has_own_place)
		rc = plan_change(plan, &situation->domain->places[disk->place],
				 situation->facts->places[disk->place].here, err);
	if (rc < 0)
		return rc;
	if (has_own_place && disk->type == DISK_BLOCK)
		rc = plan_block_disk(&situation->facts->places[disk->place], err);
	if (has_own_place && disk->type == DISK_FILE)
		rc = plan_file_disk(situation, plan, disk, &situation->facts->disks[index], err);
	else if (rc == 0)
		rc = change_backing(situation, plan, disk, err);
	return rc < 0 ? err_wrap(err, "disk '%s'", disk->target) : 0;
}
