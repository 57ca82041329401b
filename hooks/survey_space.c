/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The survey, second part: free space, and what other migrations to this host will still take of
 * it. */
#include "hooks/survey.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/strbuf.h"
#include "hooks/journal.h"
#include "storage/location.h"

/* The nearest folder that is there. */
static char *present_folder(const char *path)
{
	char *folder = path_folder(path);

	while (!file_exists(folder) && strcmp(folder, "/") != 0) {
		char *above = path_folder(folder);
		free(folder);
		folder = above;
	}
	return folder;
}

static int add_filesystem(struct facts *facts, const char *path, struct err *err)
{
	cleanup_free char *folder = present_folder(path);
	struct filesystem_facts fs = {0};
	struct stat st;

	if (stat(folder, &st) < 0)
		return err_set(err, errno, "'%s': %s", folder, strerror(errno));
	for (size_t i = 0; i < facts->filesystem_count; i++) {
		if (facts->filesystems[i].device == st.st_dev)
			return (int)i;
	}
	fs.device = st.st_dev;
	int rc = space_available(folder, &fs.available_bytes, err);
	if (rc < 0)
		return rc;
	fs.path = steal_pointer(folder);
	facts->filesystems = xreallocarray(facts->filesystems, facts->filesystem_count + 1,
					   sizeof(*facts->filesystems));
	facts->filesystems[facts->filesystem_count] = fs;
	return (int)facts->filesystem_count++;
}

static uint64_t still_to_write(const struct step_record *record)
{
	struct stat st;
	uint64_t written = 0;

	if (record->step.kind != STEP_IMAGE || record->undone)
		return 0;
	if (lstat(record->step.path, &st) == 0)
		written = (uint64_t)st.st_blocks * 512;
	return record->step.reserved_bytes > written ? record->step.reserved_bytes - written : 0;
}

static void add_claims(const struct journal *journal, struct facts *facts)
{
	for (size_t i = 0; i < journal->step_count; i++) {
		cleanup_free char *folder = present_folder(journal->steps[i].step.path);
		struct stat st;
		if (stat(folder, &st) < 0)
			continue;
		for (size_t f = 0; f < facts->filesystem_count; f++) {
			if (facts->filesystems[f].device == st.st_dev)
				facts->filesystems[f].claimed_bytes +=
					still_to_write(&journal->steps[i]);
		}
	}
}

static int survey_claims(const struct site *site, const struct domain *domain, struct facts *facts,
			 struct err *err)
{
	char **uuids = NULL;
	size_t count = 0;

	int rc = journal_list(site, &uuids, &count, err);
	for (size_t i = 0; i < count && rc >= 0; i++) {
		cleanup_journal struct journal *journal = NULL;
		if (strcmp(uuids[i], domain->uuid) != 0)
			rc = journal_peek(site, uuids[i], &journal, err);
		if (rc > 0)
			add_claims(journal, facts);
	}
	site_free_uuids(uuids, count);
	return rc < 0 ? rc : 0;
}

int survey_space(const struct site *site, const struct domain *domain, struct facts *facts,
		 struct err *err)
{
	for (size_t i = 0; i < domain->disk_count; i++) {
		const struct domain_disk *disk = &domain->disks[i];
		if (disk->place < 0 || disk->type != DISK_FILE || facts->disks[i].roots.code)
			continue;
		int index = add_filesystem(facts, facts->places[disk->place].here, err);
		if (index < 0)
			return err_wrap(err, "disk '%s'", disk->target);
		facts->disks[i].filesystem = index;
	}
	return survey_claims(site, domain, facts, err);
}
