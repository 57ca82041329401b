/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The survey, second part: free space, and what other migrations to this host will still take of
 * it.
 *
 * Under the site's lock no path of a guest is looked at, for storage that does not answer would
 * stop all guests of this host then. So everything is counted before: first what migrations still
 * claim, and what their images have of it already, then what is free; what is written in between
 * counts twice. Under the lock only those migrations are added that have begun since, with all that
 * they claim; their journals say on which file system. What has ended since stays counted. All this
 * errs to one side: a guest may be refused that would fit a moment later.
 */
#include "hooks/plan/survey.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/log.h"
#include "base/strbuf.h"
#include "hooks/journal/journal.h"
#include "hooks/plan/plan.h"
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
	fs.path = steal_pointer(folder);
	facts->filesystems = xreallocarray(facts->filesystems, facts->filesystem_count + 1,
					   sizeof(*facts->filesystems));
	facts->filesystems[facts->filesystem_count] = fs;
	return (int)facts->filesystem_count++;
}

/* --- claims --- */

static uint64_t device_of(const char *path)
{
	cleanup_free char *folder = present_folder(path);
	struct stat st;

	return stat(folder, &st) < 0 ? 0 : st.st_dev;
}

/* What of its size is in the file by now. */
static uint64_t written_bytes(const struct step *step)
{
	struct stat st;

	return lstat(step->path, &st) == 0 ? (uint64_t)st.st_blocks * 512 : 0;
}

/* @device: where the image goes; 0: nobody knows, so it counts everywhere. */
static void claim(struct facts *facts, uint64_t device, uint64_t bytes)
{
	for (size_t i = 0; i < facts->filesystem_count; i++) {
		struct filesystem_facts *fs = &facts->filesystems[i];
		if (device && fs->device != device)
			continue;
		if (__builtin_add_overflow(fs->claimed_bytes, bytes, &fs->claimed_bytes))
			fs->claimed_bytes = UINT64_MAX;
	}
}

static bool is_ours(const struct facts *facts, uint64_t device)
{
	for (size_t i = 0; i < facts->filesystem_count; i++) {
		if (facts->filesystems[i].device == device)
			return true;
	}
	return false;
}

/* Looks at the image where it lies on a file system of this guest's. */
static void claim_rest(struct facts *facts, const struct step *step)
{
	uint64_t device = step->filesystem ? step->filesystem : device_of(step->path);

	if (!is_ours(facts, device))
		return;
	uint64_t written = written_bytes(step);
	claim(facts, device, step->reserved_bytes > written ? step->reserved_bytes - written : 0);
}

static bool is_claimant(const struct facts *facts, const char *token)
{
	for (size_t i = 0; i < facts->claimant_count; i++) {
		if (strcmp(facts->claimants[i], token) == 0)
			return true;
	}
	return false;
}

/* A migration's images are counted as its claim, so they don't count as images that may grow: also
 * those that were made since the claims were counted. */
static void leave_out(const struct journal *journal, struct facts *facts)
{
	for (size_t i = 0; i < journal->step_count; i++) {
		if (journal->steps[i].step.kind == STEP_IMAGE)
			survey_leave_out_claimed(&journal->steps[i], facts);
	}
}

static void add_claims(const struct journal *journal, struct facts *facts, bool look)
{
	leave_out(journal, facts);
	if (is_claimant(facts, journal->token))
		return;
	facts->claimants = xreallocarray(facts->claimants, facts->claimant_count + 1,
					 sizeof(*facts->claimants));
	facts->claimants[facts->claimant_count++] = xstrdup(journal->token);
	for (size_t i = 0; i < journal->step_count; i++) {
		const struct step_record *record = &journal->steps[i];
		if (record->step.kind != STEP_IMAGE || record->undone)
			continue;
		if (look)
			claim_rest(facts, &record->step);
		else
			claim(facts, record->step.filesystem, record->step.reserved_bytes);
	}
}

static int survey_claims(const struct site *site, const struct domain *domain, struct facts *facts,
			 bool look, struct err *err)
{
	char **uuids = NULL;
	size_t count = 0;

	int rc = journal_list(site, &uuids, &count, err);
	for (size_t i = 0; i < count && rc == 0; i++) {
		cleanup_journal struct journal *journal = NULL;
		struct err unread;
		if (strcmp(uuids[i], domain->uuid) == 0)
			continue;
		/* What an unreadable one claims is not known; see hooks/records/unread.c. */
		int found = journal_peek(site, uuids[i], &journal, &unread);
		if (found < 0 && look)
			log_problem("%s; passed over", unread.text);
		else if (found > 0)
			add_claims(journal, facts, look);
	}
	site_free_uuids(uuids, count);
	return rc;
}

int survey_new_claims(const struct site *site, const struct domain *domain, struct facts *facts,
		      struct err *err)
{
	int rc = survey_claims(site, domain, facts, false, err);

	survey_sum_growth(facts);
	return rc;
}

static bool may_be_made(const struct facts *facts, size_t index, const struct domain_disk *disk)
{
	const struct disk_facts *known = &facts->disks[index];

	return disk_is_copied(disk) && !known->shared &&
	       (!facts->places[disk->place].present || known->departed);
}

static int find_filesystems(const struct domain *domain, struct facts *facts, struct err *err)
{
	for (size_t i = 0; i < domain->disk_count; i++) {
		const struct domain_disk *disk = &domain->disks[i];
		if (disk->place < 0 || disk->type != DISK_FILE || facts->disks[i].roots.code)
			continue;
		int index = add_filesystem(facts, facts->places[disk->place].here, err);
		if (index < 0)
			return err_wrap(err, "disk '%s'", disk->target);
		facts->disks[i].filesystem = index;
		facts->filesystems[index].gets_images |= may_be_made(facts, i, disk);
	}
	return 0;
}

/* Comes last: what a migration has written since its claim was counted is no longer free either, so
 * it counts twice and never goes uncounted. */
static int count_free(struct facts *facts, struct err *err)
{
	for (size_t i = 0; i < facts->filesystem_count; i++) {
		int rc = space_available(facts->filesystems[i].path,
					 &facts->filesystems[i].available_bytes, err);
		if (rc < 0)
			return rc;
	}
	return 0;
}

int survey_space(const struct site *site, const struct config *config, const struct domain *domain,
		 struct facts *facts, struct err *err)
{
	int rc = find_filesystems(domain, facts, err);

	if (rc == 0)
		rc = survey_claims(site, domain, facts, true, err);
	if (rc == 0 && !config->disk_over_commit)
		rc = survey_growth(site, config, facts, err);
	/* Once more: survey_growth() may have found images of migrations that began meanwhile. */
	if (rc == 0)
		rc = survey_new_claims(site, domain, facts, err);
	return rc < 0 ? rc : count_free(facts, err);
}
