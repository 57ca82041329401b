/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names of copies, in the image record and in the manifest. */
#include "hooks/plan/image_copies.h"

#include <errno.h>
#include <string.h>

#include "base/file.h"
#include "base/log.h"
#include "base/strbuf.h"
#include "hooks/plan/plan.h"
#include "hooks/plan/token.h"
#include "hooks/records/shared_storage.h"
#include "storage/in_use.h"

/* --- lists of names --- */

static void add_name(struct strbuf *list, const char *name, size_t length)
{
	size_t count = list->length / (MANIFEST_COPY_LENGTH + 1) + (list->length > 0);

	if (length != MANIFEST_COPY_LENGTH || count == MANIFEST_MAX_SUPERSEDED ||
	    (list->text && memmem(list->text, list->length, name, length)))
		return;
	strbuf_puts(list, list->length ? " " : "");
	strbuf_add(list, name, length);
}

static void add_names(struct strbuf *list, const char *names)
{
	while (names && *names) {
		size_t length = strcspn(names, " ");
		add_name(list, names, length);
		names += length + (names[length] == ' ');
	}
}

static char *copy_of(const char *text)
{
	return text ? xstrdup(text) : NULL;
}

/* --- a running guest --- */

/* @had: the manifest that the guest has; @arrived: another host has written it; @brought: a
 * migration has brought the guest, into images that berth had made for it */
struct stay {
	struct image_record *record;
	const struct manifest *had;
	bool arrived;
	bool brought;
	bool changed;
};

/*
 * What the record knows of the file that is at that path now. An image that is noted as departed,
 * and was not written since, belongs to no running guest: the guest has left since it was listed.
 */
static int find_or_note(struct stay *stay, const char *path, struct known_image **ret,
			struct err *err)
{
	struct known_image *known = image_record_find(stay->record, path);

	*ret = NULL;
	if (known && known->state != IMAGE_RESIDENT && known_image_is_unchanged(known))
		return 0;
	if (!known || known->state != IMAGE_RESIDENT || !known_image_is_there(known)) {
		int rc = image_record_note(stay->record, path, IMAGE_RESIDENT, false, err);
		if (rc < 0)
			return rc;
		known = image_record_find(stay->record, path);
	}
	*ret = known;
	return 0;
}

static int name_copy(struct stay *stay, const struct manifest_disk *had, struct known_image *known,
		     struct err *err)
{
	cleanup_strbuf struct strbuf superseded = {0};
	char name[TOKEN_TEXT_MAX];

	int rc = token_make(name, err);
	if (rc < 0)
		return rc;
	/* berth made the file, so its content is what the migration has brought. */
	if (stay->brought && known->made && had)
		add_names(&superseded, had->copy);
	add_names(&superseded, had ? had->superseded : NULL);
	add_names(&superseded, known->superseded);
	free(known->copy);
	free(known->superseded);
	known->copy = xstrdup(name);
	known->superseded = superseded.length ? strbuf_steal(&superseded) : NULL;
	stay->changed = true;
	return 0;
}

static int note_disk(struct stay *stay, const char *path, struct manifest_disk *disk,
		     struct err *err)
{
	const struct manifest_disk *had = manifest_find_disk(stay->had, disk->target);
	struct known_image *known;

	int rc = find_or_note(stay, path, &known, err);
	if (rc < 0 || !known)
		return rc;
	bool goes_on = !stay->arrived && had && known->copy && str_equal(had->copy, known->copy);
	if (!goes_on)
		rc = name_copy(stay, had, known, err);
	if (rc < 0)
		return rc;
	disk->copy = copy_of(known->copy);
	disk->superseded = copy_of(known->superseded);
	return 0;
}

/* A disk that was unplugged is not copied when the guest leaves, so its image has no copy's name.
 */
static void forget_unplugged(struct stay *stay, const struct manifest *manifest)
{
	for (size_t i = 0; i < stay->record->count; i++) {
		struct known_image *known = &stay->record->images[i];
		bool plugged = false;
		for (size_t d = 0; d < manifest->disk_count; d++)
			plugged |= str_equal(manifest->disks[d].copy, known->copy);
		if (!known->copy || plugged)
			continue;
		free(known->copy);
		known->copy = NULL;
		stay->changed = true;
	}
}

/*
 * The disks that a migration would copy, by their index in the manifest. Looked up before the
 * site's lock is taken: a file system that doesn't answer must not hold other guests up.
 */
static int find_own_disks(const struct config *config, const struct domain *domain,
			  const struct manifest *manifest, const char **paths, struct err *err)
{
	for (size_t i = 0; i < domain->disk_count; i++) {
		const struct domain_disk *disk = &domain->disks[i];
		const struct manifest_disk *known = manifest_find_disk(manifest, disk->target);
		bool shared = false;
		if (!known || disk->type != DISK_FILE || !disk_is_copied(disk))
			continue;
		const char *path = domain->places[disk->place].value;
		int rc = on_shared_storage(config, path, &shared, err);
		if (rc < 0)
			return err_wrap(err, "disk '%s'", disk->target);
		if (!shared)
			paths[known - manifest->disks] = path;
	}
	return 0;
}

static int note_disks(struct stay *stay, const struct domain *domain, const char *const *paths,
		      struct manifest *manifest, struct err *err)
{
	for (size_t i = 0; i < manifest->disk_count; i++) {
		int rc = paths[i] ? note_disk(stay, paths[i], &manifest->disks[i], err) : 0;
		if (rc < 0)
			return err_wrap(err, "disk '%s'", manifest->disks[i].target);
	}
	forget_unplugged(stay, manifest);
	free(stay->record->name);
	stay->record->name = xstrdup(domain->name);
	return 0;
}

int image_copies_note(const struct site *site, const struct config *config,
		      const struct domain *domain, struct manifest *manifest, struct err *err)
{
	cleanup_free const char **paths = xcalloc(manifest->disk_count, sizeof(*paths));
	cleanup_image_record struct image_record *record = NULL;
	struct err why;

	int rc = find_own_disks(config, domain, manifest, paths, err);
	if (rc < 0)
		return rc;
	cleanup_close int lock = image_record_open(site, domain->uuid, &record, err);
	if (lock < 0)
		return lock;
	struct stay stay = {
		.record = record,
		.had = domain->manifest,
		.arrived = domain->manifest && !str_equal(domain->manifest->host, manifest->host),
	};
	stay.brought = stay.arrived && domain->manifest->token;
	rc = note_disks(&stay, domain, paths, manifest, err);
	if (rc < 0 || !stay.changed)
		return rc;
	if (image_record_save(site, record, &why) < 0)
		log_problem("%s: %s", domain->name, why.text);
	return 0;
}

/* --- a guest that starts, and one that comes back --- */

int image_copies_forget(const struct site *site, const char *uuid, struct err *err)
{
	cleanup_image_record struct image_record *record = NULL;
	cleanup_close int lock = image_record_open(site, uuid, &record, err);
	bool changed = false;

	if (lock < 0)
		return lock;
	for (size_t i = 0; i < record->count; i++) {
		changed |= record->images[i].copy != NULL;
		free(record->images[i].copy);
		record->images[i].copy = NULL;
	}
	return changed ? image_record_save(site, record, err) : 0;
}

bool image_copy_is_superseded(const struct known_image *image, const struct manifest_disk *disk)
{
	enum image_use use;
	struct err err;

	return image->state == IMAGE_RESIDENT && manifest_supersedes(disk, image->copy) &&
	       known_image_is_there(image) && image_use(image->path, &use, &err) == 0 &&
	       use == IMAGE_UNUSED;
}

/* --- files that are gone --- */

/* Not one that lies on a file system which isn't mounted: also where its folder is the mount point.
 */
static bool is_gone(const struct known_image *image)
{
	cleanup_free char *folder = path_folder(image->path);

	return image->state == IMAGE_RESIDENT && !file_exists(image->path) && file_exists(folder) &&
	       known_image_is_gone(image);
}

static bool drop_gone(struct image_record *record)
{
	size_t before = record->count;

	for (size_t i = record->count; i > 0; i--) {
		if (is_gone(&record->images[i - 1]))
			image_record_drop(record, record->images[i - 1].path);
	}
	return record->count != before;
}

static int sweep(const struct site *site, const char *uuid, struct err *err)
{
	cleanup_image_record struct image_record *seen = NULL, *record = NULL;

	int rc = image_record_load(site, uuid, &seen, err);
	if (rc < 0 || !drop_gone(seen))
		return rc;
	cleanup_close int lock = image_record_open(site, uuid, &record, err);
	if (lock < 0)
		return lock;
	return drop_gone(record) ? image_record_save(site, record, err) : 0;
}

int image_copies_sweep(const struct site *site, struct err *err)
{
	char **uuids = NULL;
	size_t count = 0;

	int rc = image_record_list(site, &uuids, &count, err);
	for (size_t i = 0; i < count; i++) {
		struct err one;
		if (sweep(site, uuids[i], &one) < 0)
			log_problem("%s: %s", uuids[i], one.text);
	}
	site_free_uuids(uuids, count);
	return rc;
}
