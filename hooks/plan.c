/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The plan.
 *
 * Theory of operation: the one place where a guest's XML, its manifest, this host's configuration
 * and the facts of the survey meet. It goes through the places of the XML (names that mean
 * something else here), then through the disks (images that must be here, and those that are to be
 * made), and ends with the sum of the space. The first thing that can't work is the answer.
 *
 * Invariants:
 * - an image is planned only where the manifest names that very disk, path and format, and where
 *   nothing is, or the guest's own stale image that is set aside;
 * - each step stands after those it needs, so that undoing in reverse order is right;
 * - a guest without berth's metadata to which no mapping applies gets an empty plan.
 */
#include "hooks/plan.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/file.h"
#include "base/strbuf.h"

#define MIB ((uint64_t)1 << 20)

static const char *const place_kind_names[] = {
	[PLACE_PATH] = "path",
	[PLACE_BRIDGE] = "bridge",
	[PLACE_NETWORK] = "network",
	[PLACE_LISTEN] = "listen",
};

const char *place_kind_name(enum place_kind kind)
{
	return place_kind_names[kind];
}

bool disk_is_copied(const struct domain_disk *disk)
{
	return disk->place >= 0 && !disk->readonly && !disk->shareable;
}

static bool mapping_applies(const struct place *place, const struct config *config)
{
	switch (place->kind) {
	case PLACE_PATH: {
		cleanup_free char *here = mappings_apply_path(&config->paths, place->value);
		return here != NULL;
	}
	case PLACE_BRIDGE:
		return mappings_apply(&config->bridges, place->value) != NULL;
	case PLACE_NETWORK:
		return mappings_apply(&config->networks, place->value) != NULL;
	case PLACE_LISTEN:
		return false;
	}
	return false;
}

bool plan_is_managed(const struct domain *domain, const struct config *config)
{
	if (domain->manifest)
		return true;
	for (size_t i = 0; i < domain->place_count; i++) {
		if (mapping_applies(&domain->places[i], config))
			return true;
	}
	return false;
}

/* --- changes of the XML --- */

static void add_edit(struct plan *plan, unsigned element, const char *attribute, const char *value)
{
	plan->edits =
		xreallocarray(plan->edits, plan->edit_count + 1, sizeof(*plan->edits));
	plan->edits[plan->edit_count++] = (struct xml_edit){
		.element = element,
		.attribute = xstrdup(attribute),
		.value = xstrdup(value),
	};
}

static bool has_control_character(const char *text)
{
	for (; *text; text++) {
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			return true;
	}
	return false;
}

static int change_place(struct plan *plan, const struct place *place, const char *here,
                        struct err *err)
{
	if (strcmp(place->value, here) == 0)
		return 0;
	if (has_control_character(place->value) || has_control_character(here))
		return err_set(err, EINVAL, "%s: '%s' holds control characters; rename it",
		               place->label, place->value);
	add_edit(plan, place->element, place->attribute, here);
	plan->renames =
		xreallocarray(plan->renames, plan->rename_count + 1, sizeof(*plan->renames));
	plan->renames[plan->rename_count++] = (struct rename){
		.what = xstrdup(place_kind_name(place->kind)),
		.from = xstrdup(place->value),
		.to = xstrdup(here),
	};
	return 0;
}

static bool same_family(const char *a, const char *b)
{
	return (strchr(a, ':') != NULL) == (strchr(b, ':') != NULL);
}

static int plan_listen(const struct situation *situation, struct plan *plan,
                       const struct place *place, const struct place_facts *facts, struct err *err)
{
	const struct names *listen = &situation->config->listen;

	if (facts->present)
		return 0;
	for (size_t i = 0; i < listen->count; i++) {
		if (same_family(place->value, listen->items[i]))
			return change_place(plan, place, listen->items[i], err);
	}
	return err_set(err, EADDRNOTAVAIL,
	               "%s: this host has no address '%s' to listen on; name one with 'listen = "
	               "ADDRESS' in [graphics] of berth.conf",
	               place->label, place->value);
}

static int plan_bridge(struct plan *plan, const struct place *place,
                       const struct place_facts *facts, struct err *err)
{
	if (!facts->present)
		return err_set(err, ENODEV,
		               "%s: bridge '%s' is not on this host; make it, or map '%s' in "
		               "[bridges] of berth.conf",
		               place->label, facts->here, place->value);
	return change_place(plan, place, facts->here, err);
}

/* Whether the place is a disk's own path or of its backing chain: the disks are planned by themselves. */
static bool is_of_disk(const struct domain *domain, int place)
{
	for (size_t i = 0; i < domain->disk_count; i++) {
		if (domain->disks[i].place == place)
			return true;
		for (size_t j = 0; j < domain->disks[i].backing_count; j++) {
			if (domain->disks[i].backing[j].place == place)
				return true;
		}
	}
	return false;
}

static bool is_only_read(const struct place *place)
{
	return strcmp(place->label, "kernel") == 0 || strcmp(place->label, "initrd") == 0;
}

static int plan_path(const struct domain *domain, struct plan *plan, size_t index,
                     const struct place_facts *facts, struct err *err)
{
	const struct place *place = &domain->places[index];

	if (is_of_disk(domain, (int)index))
		return 0;
	if (is_only_read(place) && !facts->present)
		return err_set(err, ENOENT,
		               "%s: '%s' is not on this host; copy it there, or map its folder in "
		               "[paths] of berth.conf",
		               place->label, facts->here);
	if (!facts->folder_present)
		return err_set(err, ENOENT,
		               "%s: the folder of '%s' is not on this host; make it, or map it in "
		               "[paths] of berth.conf",
		               place->label, facts->here);
	return change_place(plan, place, facts->here, err);
}

static int plan_place(const struct situation *situation, struct plan *plan, size_t index,
                      struct err *err)
{
	const struct place *place = &situation->domain->places[index];
	const struct place_facts *facts = &situation->facts->places[index];

	switch (place->kind) {
	case PLACE_LISTEN:
		return plan_listen(situation, plan, place, facts, err);
	case PLACE_BRIDGE:
		return plan_bridge(plan, place, facts, err);
	case PLACE_NETWORK:
		return change_place(plan, place, facts->here, err);
	case PLACE_PATH:
		return plan_path(situation->domain, plan, index, facts, err);
	}
	return 0;
}

/* --- disks --- */

static struct step *add_step(struct plan *plan, enum step_kind kind, const struct domain_disk *disk,
                             const char *path)
{
	plan->steps =
		xreallocarray(plan->steps, plan->step_count + 1, sizeof(*plan->steps));
	struct step *step = &plan->steps[plan->step_count++];
	*step = (struct step){
		.kind = kind,
		.disk = xstrdup(disk->target),
		.path = xstrdup(path),
	};
	return step;
}

static void plan_folders(struct plan *plan, const struct domain_disk *disk,
                         const struct disk_facts *facts)
{
	for (size_t i = 0; i < facts->missing_folder_count; i++) {
		bool planned = false;
		for (size_t j = 0; j < plan->step_count; j++)
			planned |= plan->steps[j].kind == STEP_FOLDER &&
			           strcmp(plan->steps[j].path, facts->missing_folders[i]) == 0;
		if (!planned)
			add_step(plan, STEP_FOLDER, disk, facts->missing_folders[i]);
	}
}

static void plan_set_aside(struct plan *plan, const struct situation *situation,
                           const struct domain_disk *disk, const struct disk_facts *facts,
                           const char *path)
{
	struct step *step = add_step(plan, STEP_SET_ASIDE, disk, path);

	step->aside = xasprintf("%s.departed-%.8s", path, situation->token);
	step->id = facts->departed_id;
	step->has_id = true;
}

static int check_manifest_disk(const struct domain *domain, const struct domain_disk *disk,
                               const struct manifest_disk *known, const char *here, struct err *err)
{
	const char *path = domain->places[disk->place].value;

	if (!domain->manifest)
		return err_set(err, ENOENT,
		               "'%s' is not on this host, and the guest brings no manifest; run "
		               "'berth sync %s' on the source host, or copy the image here",
		               here, domain->name);
	if (!known)
		return err_set(err, ESTALE,
		               "the guest's manifest doesn't know this disk; run 'berth sync %s' on "
		               "host '%s'",
		               domain->name, domain->manifest->host);
	if (!str_equal(known->image.path, path))
		return err_set(err, ESTALE,
		               "the guest uses '%s', its manifest says '%s' (a snapshot since?); run "
		               "'berth sync %s' on host '%s'",
		               path, known->image.path, domain->name, domain->manifest->host);
	if (!str_equal(known->image.format, disk->format ? disk->format : "raw"))
		return err_set(err, ESTALE,
		               "the guest uses format '%s', its manifest says '%s'; run 'berth sync "
		               "%s' on host '%s'",
		               disk->format ? disk->format : "raw", known->image.format,
		               domain->name, domain->manifest->host);
	return 0;
}

static int check_format(const struct manifest_disk *known, struct err *err)
{
	if (strcmp(known->image.format, "qcow2") == 0)
		return 0;
	if (strcmp(known->image.format, "raw") != 0)
		return err_set(err, EOPNOTSUPP,
		               "berth makes no image of format '%s'; convert it to qcow2 or raw, or "
		               "make '%s' here by hand",
		               known->image.format, known->image.path);
	if (known->backing_count > 0)
		return err_set(err, EINVAL, "a raw image can't have a backing image");
	return 0;
}

/* The backing images that an explicit <backingStore> names become those that were found here. */
static int plan_chain(struct plan *plan, const struct domain *domain, const struct domain_disk *disk,
                      const struct disk_facts *facts, struct err *err)
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
		int rc = change_place(plan, &domain->places[disk->backing[i].place],
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
	struct step *step = add_step(plan, STEP_IMAGE, disk, path);

	step->format = xstrdup(known->image.format);
	step->virtual_bytes = known->image.virtual_bytes;
	step->reserved_bytes = situation->config->disk_over_commit ? known->allocated_bytes
	                                                           : known->image.virtual_bytes;
	if (facts->chain_count > 0) {
		step->backing_path = xstrdup(facts->chain[0].path);
		step->backing_format = xstrdup(facts->chain[0].format);
	}
}

/* The backing images of a disk that is here already lie where the mappings say. */
static int change_backing(const struct situation *situation, struct plan *plan,
                          const struct domain_disk *disk, struct err *err)
{
	int rc = 0;

	for (size_t i = 0; i < disk->backing_count && rc == 0; i++) {
		int place = disk->backing[i].place;
		if (place >= 0 && situation->facts->places[place].present)
			rc = change_place(plan, &situation->domain->places[place],
			                  situation->facts->places[place].here, err);
	}
	return rc;
}

/* A disk that is not here and whose content the migration is to bring. */
static int plan_missing_disk(const struct situation *situation, struct plan *plan,
                             const struct domain_disk *disk, const struct disk_facts *facts,
                             const char *here, struct err *err)
{
	const struct domain *domain = situation->domain;
	const struct manifest_disk *known =
		domain->manifest ? manifest_find_disk(domain->manifest, disk->target) : NULL;

	int rc = check_manifest_disk(domain, disk, known, here, err);
	if (rc == 0)
		rc = check_format(known, err);
	if (rc == 0)
		rc = plan_chain(plan, domain, disk, facts, err);
	if (rc < 0)
		return rc;
	plan_folders(plan, disk, facts);
	if (facts->departed)
		plan_set_aside(plan, situation, disk, facts, here);
	plan_image(situation, plan, disk, known, facts, here);
	return 0;
}

/* A disk that no migration copies: its content must be here already. */
static int plan_present_disk(const struct situation *situation, struct plan *plan,
                             const struct domain_disk *disk, const struct disk_facts *facts,
                             struct err *err)
{
	const struct place_facts *place = &situation->facts->places[disk->place];

	if (!place->present)
		return err_set(err, ENOENT,
		               "'%s' is not on this host, and a migration doesn't copy it; copy it "
		               "there, or eject it",
		               place->here);
	if (facts->content.code) {
		*err = facts->content;
		return -err->code;
	}
	return change_backing(situation, plan, disk, err);
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
	if (!disk_is_copied(disk) || situation->event == EVENT_RESTORE)
		return plan_present_disk(situation, plan, disk, facts, err);
	if (place->present && (facts->shared || !situation->domain->manifest))
		return change_backing(situation, plan, disk, err);
	if (place->present && !facts->departed)
		return err_set(err, EEXIST,
		               "'%s' exists on this host and is not from this migration; move it "
		               "away, or name its folder in 'shared' in [images] of berth.conf if all "
		               "hosts share it",
		               place->here);
	return plan_missing_disk(situation, plan, disk, facts, place->here, err);
}

static int plan_block_disk(const struct place_facts *place, struct err *err)
{
	if (!place->present)
		return err_set(err, ENODEV,
		               "device '%s' is not on this host; attach it, or map it in [paths] of "
		               "berth.conf",
		               place->here);
	return 0;
}

static int plan_disk(const struct situation *situation, struct plan *plan, size_t index,
                     struct err *err)
{
	const struct domain_disk *disk = &situation->domain->disks[index];
	int rc = 0;

	if (disk->place < 0)
		return 0;
	rc = change_place(plan, &situation->domain->places[disk->place],
	                  situation->facts->places[disk->place].here, err);
	if (rc < 0)
		return rc;
	if (disk->type == DISK_FILE)
		rc = plan_file_disk(situation, plan, disk, &situation->facts->disks[index], err);
	else if (disk->type == DISK_BLOCK)
		rc = plan_block_disk(&situation->facts->places[disk->place], err);
	return rc < 0 ? err_wrap(err, "disk '%s'", disk->target) : 0;
}

/* --- space --- */

static uint64_t planned_bytes(const struct situation *situation, const struct plan *plan, int filesystem)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < plan->step_count; i++) {
		const struct step *step = &plan->steps[i];
		for (size_t d = 0; step->kind == STEP_IMAGE && d < situation->domain->disk_count; d++) {
			if (str_equal(situation->domain->disks[d].target, step->disk) &&
			    situation->facts->disks[d].filesystem == filesystem &&
			    __builtin_add_overflow(sum, step->reserved_bytes, &sum))
				return UINT64_MAX;
		}
	}
	return sum;
}

static int check_space(const struct situation *situation, const struct plan *plan, struct err *err)
{
	uint64_t reserve = situation->config->disk_reserve_mib * MIB;

	for (size_t i = 0; i < situation->facts->filesystem_count; i++) {
		const struct filesystem_facts *fs = &situation->facts->filesystems[i];
		uint64_t planned = planned_bytes(situation, plan, (int)i), taken;

		if (planned == 0)
			continue;
		if (__builtin_add_overflow(reserve, fs->claimed_bytes, &taken))
			taken = UINT64_MAX;
		uint64_t usable = fs->available_bytes > taken ? fs->available_bytes - taken : 0;
		if (planned > usable)
			return err_set(err, ENOSPC,
			               "not enough disk below '%s': the guest's images need %" PRIu64
			               " MiB, %" PRIu64 " MiB are free (%" PRIu64
			               " MiB kept in reserve, %" PRIu64
			               " MiB claimed by others on their way); make room, or set "
			               "disk_over_commit or disk_reserve_mib in [limits] of berth.conf",
			               fs->path, (planned + MIB - 1) / MIB, fs->available_bytes / MIB,
			               reserve / MIB, fs->claimed_bytes / MIB);
	}
	return 0;
}

/* --- the whole --- */

static int fill(const struct situation *situation, struct plan *plan, struct err *err)
{
	const struct domain *domain = situation->domain;
	int rc = 0;

	for (size_t i = 0; i < domain->place_count && rc == 0; i++)
		rc = plan_place(situation, plan, i, err);
	for (size_t i = 0; i < domain->disk_count && rc == 0; i++)
		rc = plan_disk(situation, plan, i, err);
	if (rc == 0)
		rc = check_space(situation, plan, err);
	bool changes = plan->step_count + plan->rename_count > 0;
	if (rc == 0 && changes && situation->event == EVENT_MIGRATE && domain->manifest_element >= 0)
		add_edit(plan, (unsigned)domain->manifest_element, "token", situation->token);
	return rc;
}

int plan_make(const struct situation *situation, struct plan **ret, struct err *err)
{
	cleanup_plan struct plan *plan = xcalloc(1, sizeof(*plan));

	plan->managed = plan_is_managed(situation->domain, situation->config);
	int rc = plan->managed ? fill(situation, plan, err) : 0;
	if (rc < 0)
		return rc;
	*ret = steal_pointer(plan);
	return 0;
}

void plan_freep(struct plan **ref)
{
	struct plan *plan = *ref;

	if (!plan)
		return;
	for (size_t i = 0; i < plan->step_count; i++)
		step_clear(&plan->steps[i]);
	for (size_t i = 0; i < plan->edit_count; i++) {
		free((char *)plan->edits[i].attribute);
		free((char *)plan->edits[i].value);
	}
	for (size_t i = 0; i < plan->rename_count; i++) {
		free(plan->renames[i].what);
		free(plan->renames[i].from);
		free(plan->renames[i].to);
	}
	free(plan->steps);
	free(plan->edits);
	free(plan->renames);
	free(plan);
	*ref = NULL;
}

void plan_print(const struct plan *plan, struct strbuf *out)
{
	if (!plan->managed) {
		strbuf_puts(out, "nothing: no metadata of berth, and no mapping applies\n");
		return;
	}
	for (size_t i = 0; i < plan->step_count; i++) {
		strbuf_printf(out, "%zu. ", i + 1);
		step_describe(&plan->steps[i], out);
		strbuf_puts(out, "\n   undo: ");
		step_describe_undo(&plan->steps[i], out);
		strbuf_puts(out, "\n");
	}
	for (size_t i = 0; i < plan->rename_count; i++)
		strbuf_printf(out, "change %s '%s' to '%s'\n", plan->renames[i].what,
		              plan->renames[i].from, plan->renames[i].to);
	if (plan->step_count + plan->rename_count == 0)
		strbuf_puts(out, "nothing to make and nothing to change\n");
}
