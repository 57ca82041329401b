/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The survey, third part: what the images that are here already may yet grow to.
 *
 * Where disk_over_commit is "no", each guest here may fill its disks. So all files count that lie
 * below the image roots on a file system that gets images, also those that berth did not make; but
 * not what never grows: images that others rest on, those in the base folders, stale images of
 * guests that have left; nor those of migrations under way, whose claims are counted.
 */
#include "hooks/plan/survey.h"

#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/log.h"
#include "base/strbuf.h"
#include "hooks/records/image_record.h"

static bool is_base_folder(const char *folder, const void *argument)
{
	const struct config *config = argument;

	return path_under_any(folder, (const char *const *)config->base.items, config->base.count);
}

static bool lies_below_roots(const struct config *config, const char *path)
{
	return path_under_any(path, (const char *const *)config->roots.items, config->roots.count);
}

/* The outermost folder below the roots on that file system: other images may lie beside. */
static char *outermost_folder(const struct config *config, const struct filesystem_facts *fs)
{
	char *folder = xstrdup(fs->path);

	while (strcmp(folder, "/") != 0) {
		cleanup_free char *above = path_folder(folder);
		struct stat st;
		if (!lies_below_roots(config, above) || stat(above, &st) < 0 ||
		    st.st_dev != fs->device)
			break;
		free(folder);
		folder = steal_pointer(above);
	}
	return folder;
}

static int scan(const struct config *config, const struct filesystem_facts *fs,
		struct growth *growth, struct err *err)
{
	cleanup_free char *folder = outermost_folder(config, fs);

	int rc = growth_scan(folder, fs->device, is_base_folder, config, growth, err);
	for (size_t i = 0; i < config->roots.count && rc == 0; i++) {
		if (!path_under(config->roots.items[i], folder))
			rc = growth_scan(config->roots.items[i], fs->device, is_base_folder, config,
					 growth, err);
	}
	return rc;
}

static void leave_out_path(const char *path, struct growth *growth)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return;
	struct growing_file *file = growth_find(growth, st.st_dev, st.st_ino);
	if (file)
		file->bytes = 0;
}

/* What others rest on is not written; nor is what this guest will rest on. */
static void leave_out_backing(const struct config *config, struct facts *facts)
{
	struct growth *growth = &facts->growth;

	for (size_t i = 0; i < growth->count; i++) {
		const char *backing = growth->files[i].backing;
		if (backing && lies_below_roots(config, backing))
			leave_out_path(backing, growth);
	}
	for (size_t i = 0; i < facts->disk_count; i++) {
		for (size_t j = 0; j < facts->disks[i].chain_count; j++) {
			if (facts->disks[i].chain[j].path)
				leave_out_path(facts->disks[i].chain[j].path, growth);
		}
	}
}

static void leave_out_stale(const struct image_record *record, struct growth *growth)
{
	for (size_t i = 0; i < record->count; i++) {
		const struct known_image *image = &record->images[i];
		struct growing_file *file = growth_find(growth, image->id.device, image->id.inode);
		if (file && image->state != IMAGE_RESIDENT && file->mtime_ns == image->mtime_ns &&
		    file->size_bytes == image->size_bytes)
			file->bytes = 0;
	}
}

static int leave_out_departed(const struct site *site, struct growth *growth, struct err *err)
{
	char **uuids = NULL;
	size_t count = 0;

	int rc = image_record_list(site, &uuids, &count, err);
	for (size_t i = 0; i < count && rc == 0; i++) {
		cleanup_image_record struct image_record *record = NULL;
		struct err unread;
		/* See hooks/records/unread.c. Its images count as those of a guest that is here. */
		if (image_record_load(site, uuids[i], &record, &unread) < 0)
			log_problem("%s; passed over", unread.text);
		else
			leave_out_stale(record, growth);
	}
	site_free_uuids(uuids, count);
	return rc;
}

void survey_leave_out_claimed(const struct step_record *record, struct facts *facts)
{
	struct growing_file *file =
		record->step.has_id
			? growth_find(&facts->growth, record->step.id.device, record->step.id.inode)
			: NULL;

	if (file)
		file->bytes = 0;
}

int survey_growth(const struct site *site, const struct config *config, struct facts *facts,
		  struct err *err)
{
	struct growth *growth = &facts->growth;
	int rc = 0;

	for (size_t i = 0; i < facts->filesystem_count && rc == 0; i++) {
		if (facts->filesystems[i].gets_images)
			rc = scan(config, &facts->filesystems[i], growth, err);
	}
	if (rc < 0)
		return rc;
	growth_sort(growth);
	survey_take_for_raw(site, growth);
	leave_out_backing(config, facts);
	return leave_out_departed(site, growth, err);
}

void survey_sum_growth(struct facts *facts)
{
	for (size_t i = 0; i < facts->filesystem_count; i++) {
		struct filesystem_facts *fs = &facts->filesystems[i];
		fs->growth_bytes = 0;
		for (size_t j = 0; j < facts->growth.count; j++) {
			const struct growing_file *file = &facts->growth.files[j];
			if (file->device == fs->device &&
			    __builtin_add_overflow(fs->growth_bytes, file->bytes,
						   &fs->growth_bytes))
				fs->growth_bytes = UINT64_MAX;
		}
	}
}
