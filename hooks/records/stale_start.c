/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Stale images.
 *
 * When a guest has left, and its storage was copied, the image that stays here is what it was at
 * that moment; the guest writes to its copy on the other host. A start from it makes two guests of
 * one, with one MAC and two disks that differ more with each second. So whoever would write to such
 * a file is refused, the guest itself as well as any other domain that names it.
 *
 * Files are compared, not names: a link, another mount of the folder or a new name lead to the same
 * inode. Whether it has been written to since doesn't matter: an image that was started once is
 * stale all the same, until `berth reclaim` says otherwise.
 *
 * A disk that is read-only may be stale: reading harms nobody. A backing image is opened for
 * reading, too: somebody looks at what was, in an overlay of his own. <shareable/> and <transient/>
 * disks are opened for writing, so they count.
 */
#include "hooks/records/stale_start.h"

#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "hooks/records/image_record.h"

/* Return: the file that a disk would write to, or NULL. */
static const char *written_file(const struct domain *domain, const struct domain_disk *disk)
{
	if (disk->place < 0 || disk->readonly)
		return NULL;
	return domain->places[disk->place].value;
}

static bool is_stale(const struct known_image *image)
{
	return image->state == IMAGE_DEPARTED || image->state == IMAGE_ASIDE;
}

static const struct known_image *find_stale(const struct image_record *record, const char *path,
					    const struct file_id *id)
{
	for (size_t i = 0; i < record->count; i++) {
		if (is_stale(&record->images[i]) && known_image_is(&record->images[i], path, id))
			return &record->images[i];
	}
	return NULL;
}

static int say_why(const struct domain *domain, const struct image_record *record,
		   const struct known_image *image, const char *path, struct err *err)
{
	bool own = strcmp(record->uuid, domain->uuid) == 0;
	const char *name = record->name && (!own || strcmp(record->name, domain->name) == 0)
				   ? record->name
				   : record->uuid;
	const char *written = known_image_is_unchanged(image) ? "" : ", and was written to since";
	char since[CLOCK_TEXT_SIZE];

	clock_text(image->since, since);
	if (image->state == IMAGE_ASIDE)
		return err_set(err, EPERM,
			       "'%s' is an old image of guest '%s', set aside on %s when a newer "
			       "one came%s; use a copy of it",
			       path, name, since, written);
	if (own)
		return err_set(err, EPERM,
			       "'%s' is stale: the guest left for another host on %s%s; start it "
			       "there, or migrate it back; if it is to stay there, 'virsh undefine "
			       "%s'; if that copy is lost or unwanted, 'berth reclaim %s'",
			       path, since, written, domain->name, name);
	return err_set(err, EPERM,
		       "'%s' is the stale image of guest '%s', which left for another host on "
		       "%s%s; use another image; if the copy there is lost or unwanted, 'berth "
		       "reclaim %s'",
		       path, name, since, written, name);
}

static int check_disks(const struct domain *domain, const struct image_record *record,
		       struct err *err)
{
	for (size_t i = 0; i < domain->disk_count; i++) {
		const struct domain_disk *disk = &domain->disks[i];
		const char *path = written_file(domain, disk);
		struct file_id id;
		if (!path || file_id_of_target(path, &id, err) < 0)
			continue;
		const struct known_image *image = find_stale(record, path, &id);
		if (image) {
			say_why(domain, record, image, path, err);
			return err_wrap(err, "disk '%s'", disk->target);
		}
	}
	return 0;
}

/* --- notes that are out of date --- */

static bool names_path(const struct domain *domain, const char *path)
{
	for (size_t i = 0; i < domain->disk_count; i++) {
		const char *file = written_file(domain, &domain->disks[i]);
		if (file && strcmp(file, path) == 0)
			return true;
	}
	return false;
}

/* Whether an image's file is gone for good. Only images of this domain, and those that it names,
 * are asked for: another one's file may have been renamed, and is still to be recognized.
 */
static bool is_over(const struct domain *domain, const struct image_record *record,
		    const struct known_image *image)
{
	return is_stale(image) &&
	       (strcmp(record->uuid, domain->uuid) == 0 || names_path(domain, image->path)) &&
	       known_image_is_gone(image);
}

static int forget(const struct site *site, const struct domain *domain, const char *uuid,
		  struct err *err)
{
	cleanup_image_record struct image_record *record = NULL;
	cleanup_close int lock = image_record_open(site, uuid, &record, err);

	if (lock < 0)
		return lock;
	for (size_t i = record->count; i > 0; i--) {
		const struct known_image *image = &record->images[i - 1];
		if (!is_over(domain, record, image))
			continue;
		log_note("%s: '%s' is not stale any more: it is gone, or another file has its name",
			 domain->name, image->path);
		image_record_drop(record, image->path);
	}
	return image_record_save(site, record, err);
}

static void forget_what_is_over(const struct site *site, const struct domain *domain,
				const struct image_record *record)
{
	bool over = false;
	struct err err;

	for (size_t i = 0; i < record->count; i++)
		over |= is_over(domain, record, &record->images[i]);
	if (over && forget(site, domain, record->uuid, &err) < 0)
		log_problem("%s: %s", domain->name, err.text);
}

/* --- one domain, all records --- */

/* Another guest's record that can't be read concerns nobody else. */
static int check_record(const struct site *site, const struct domain *domain, const char *uuid,
			struct err *err)
{
	cleanup_image_record struct image_record *record = NULL;

	int rc = image_record_load(site, uuid, &record, err);
	if (rc < 0 && strcmp(uuid, domain->uuid) == 0)
		return rc;
	if (rc < 0) {
		log_problem("%s", err->text);
		return 0;
	}
	rc = check_disks(domain, record, err);
	if (rc == 0)
		forget_what_is_over(site, domain, record);
	return rc;
}

int stale_images_refuse(const struct site *site, const struct domain *domain, bool arrives,
			struct err *err)
{
	char **uuids = NULL;
	size_t count = 0;

	int rc = image_record_list(site, &uuids, &count, err);
	for (size_t i = 0; i < count && rc == 0; i++) {
		if (!arrives || strcmp(uuids[i], domain->uuid) != 0)
			rc = check_record(site, domain, uuids[i], err);
	}
	site_free_uuids(uuids, count);
	return rc;
}

/* --- the guest is back --- */

static bool came_back(const struct domain *domain, const struct known_image *image, time_t began)
{
	struct file_id id;
	struct err err;

	if (image->state != IMAGE_DEPARTED || image->since >= began)
		return false;
	for (size_t i = 0; i < domain->disk_count; i++) {
		const char *path = written_file(domain, &domain->disks[i]);
		if (path && file_id_of_target(path, &id, &err) == 0 &&
		    known_image_is(image, path, &id))
			return true;
	}
	return false;
}

int stale_images_came_back(const struct site *site, const struct domain *domain, time_t began,
			   struct err *err)
{
	cleanup_image_record struct image_record *record = NULL;
	cleanup_close int lock = image_record_open(site, domain->uuid, &record, err);
	bool changed = false;

	if (lock < 0)
		return lock;
	for (size_t i = record->count; i > 0; i--) {
		struct known_image *image = &record->images[i - 1];
		if (!came_back(domain, image, began))
			continue;
		changed = true;
		if (image->made)
			image->state = IMAGE_RESIDENT;
		else
			image_record_drop(record, image->path);
	}
	return changed ? image_record_save(site, record, err) : 0;
}
