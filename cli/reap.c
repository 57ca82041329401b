/* SPDX-License-Identifier: GPL-2.0-or-later */
/* berth reap: settle migrations that nobody settled, and clear what is certainly garbage. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/reap_volumes.h"
#include "config/config.h"
#include "hooks/journal/journal.h"
#include "hooks/journal/made_folder.h"
#include "hooks/ports/guest_ports.h"
#include "hooks/records/image_record.h"
#include "hooks/records/shared_storage.h"
#include "hooks/records/site.h"
#include "hooks/records/stale_removal.h"
#include "hooks/records/watch_lock.h"
#include "hooks/settle/settle.h"
#include "libvirt/guest.h"

static const char *const outcomes[] = {
	[SETTLED_NOTHING] = "nothing to settle",
	[SETTLED_ARRIVED] = "has arrived: its images are its own now",
	[SETTLED_UNDONE] = "never arrived: what was made for it is removed",
	[SETTLE_UNDER_WAY] = "is under way: left alone",
	[SETTLE_UNCERTAIN] =
		"left as it is: nobody here can tell whether it has run on this host; if it "
		"has: berth reap --keep, if its data is elsewhere: berth reap --discard",
};

struct reaping {
	const struct options *options;
	const struct config *config;
	struct libvirt *libvirt;
	int failed;
	int settled;
};

static bool is_meant(const struct options *options, const char *uuid, const char *name)
{
	return !options->guest || strcmp(options->guest, uuid) == 0 ||
	       (name && strcmp(options->guest, name) == 0);
}

static void say_problem(struct reaping *reaping, const char *name, const struct err *err)
{
	fprintf(stderr, "berth: %s: %s\n", name, err->text);
	reaping->failed++;
}

/* Where there is nothing to watch any more, the lock's file of a killed watcher goes too. */
static void forget_dead_watcher(const char *uuid, enum settlement settlement)
{
	struct err err;

	if (settlement == SETTLE_UNDER_WAY || settlement == SETTLE_UNCERTAIN)
		return;
	cleanup_close int lock = watch_lock(&this_site, uuid, &err);
	if (lock >= 0)
		watch_lock_remove(&this_site, uuid);
}

static int settle_as_told(const struct reaping *reaping, const char *uuid, enum settlement *ret,
			  struct err *err)
{
	if (reaping->options->discard) {
		*ret = SETTLED_UNDONE;
		return settle_discard(&this_site, reaping->config, reaping->libvirt, uuid, err);
	}
	if (reaping->options->keep) {
		*ret = SETTLED_ARRIVED;
		return settle_keep(&this_site, reaping->config, reaping->libvirt, uuid, err);
	}
	return settle(&this_site, reaping->config, reaping->libvirt, uuid, false, ret, err);
}

static void settle_one(struct reaping *reaping, const char *uuid, const char *name)
{
	enum settlement settlement;
	struct err err;

	int rc = settle_as_told(reaping, uuid, &settlement, &err);
	if (rc < 0) {
		say_problem(reaping, name, &err);
		return;
	}
	reaping->settled++;
	forget_dead_watcher(uuid, settlement);
	if (settlement == SETTLE_UNCERTAIN)
		reaping->failed++;
	if (!reaping->options->quiet)
		printf("%s: %s\n", name, outcomes[settlement]);
}

static int settle_journals(struct reaping *reaping, struct err *err)
{
	char **uuids = NULL;
	size_t count = 0;

	int rc = journal_list(&this_site, &uuids, &count, err);
	for (size_t i = 0; i < count; i++) {
		cleanup_journal struct journal *journal = NULL;
		struct err one;
		if (journal_peek(&this_site, uuids[i], &journal, &one) < 0)
			say_problem(reaping, uuids[i], &one);
		else if (is_meant(reaping->options, uuids[i], journal ? journal->name : NULL))
			settle_one(reaping, uuids[i], journal ? journal->name : uuids[i]);
	}
	site_free_uuids(uuids, count);
	return rc;
}

/* One that was noted when the folder did not count as shared yet, or by an older berth. */
static int check_not_shared(const struct config *config, const char *path, struct err *err)
{
	bool shared = true;

	int rc = on_shared_storage(config, path, &shared, err);
	if (rc == 0 && shared)
		rc = err_set(err, EPERM,
			     "'%s' is on storage that the hosts share: the guest may run from it "
			     "elsewhere; left alone",
			     path);
	return rc;
}

static int check_not_doubtful(const struct known_image *image, struct err *err)
{
	if (!image->doubtful)
		return 0;
	return err_set(
		err, EPERM,
		"'%s': the guest has left, but libvirt did not say whether this disk was copied; "
		"left alone: remove it yourself if the guest does not run from it",
		image->path);
}

static bool remove_stale(struct reaping *reaping, const char *name, const struct known_image *image)
{
	struct err err;

	/* Where its file system isn't mounted, it may come again. */
	if (access(image->path, F_OK) < 0)
		return known_image_is_gone(image);
	if (check_not_doubtful(image, &err) < 0 ||
	    check_not_shared(reaping->config, image->path, &err) < 0 ||
	    stale_image_remove(image, &err) < 0) {
		say_problem(reaping, name, &err);
		return false;
	}
	if (!reaping->options->quiet)
		printf("%s: removed '%s'\n", name, image->path);
	return true;
}

static int clear_record(struct reaping *reaping, const char *uuid, struct err *err)
{
	cleanup_image_record struct image_record *record = NULL;
	cleanup_close int lock = image_record_open(&this_site, uuid, &record, err);

	if (lock < 0)
		return lock;
	if (!is_meant(reaping->options, uuid, record->name))
		return 0;
	for (size_t i = record->count; i > 0; i--) {
		const struct known_image *image = &record->images[i - 1];
		if (image->state != IMAGE_RESIDENT &&
		    remove_stale(reaping, record->name ? record->name : uuid, image)) {
			reaping->settled++;
			made_folder_remove(image, reaping->config);
			image_record_drop(record, image->path);
		}
	}
	return image_record_save(&this_site, record, err);
}

static int clear_departed(struct reaping *reaping, struct err *err)
{
	char **uuids = NULL;
	size_t count = 0;

	int rc = image_record_list(&this_site, &uuids, &count, err);
	for (size_t i = 0; i < count; i++) {
		struct err one;
		if (clear_record(reaping, uuids[i], &one) < 0)
			say_problem(reaping, uuids[i], &one);
	}
	site_free_uuids(uuids, count);
	return rc;
}

/* What is noted as to be released goes even where libvirt can't be asked. */
static int reap_all(struct reaping *reaping, struct err *err)
{
	int rc = libvirt_open(&reaping->libvirt, err);
	if (rc < 0) {
		struct err other;
		reap_volumes(reaping->options, reaping->config, NULL, &reaping->failed, &other);
		return rc;
	}
	rc = settle_journals(reaping, err);
	if (rc == 0)
		rc = reap_volumes(reaping->options, reaping->config, reaping->libvirt,
				  &reaping->failed, err);
	if (rc < 0)
		return rc;
	reaping->settled += rc;
	return reaping->options->guest ? 0 : guest_ports_sweep(&this_site, reaping->config, err);
}

static int check_options(const struct options *options, struct err *err)
{
	if ((options->discard || options->keep || options->forget) && !options->guest)
		return err_set(err, EINVAL,
			       "--keep, --discard and --forget want the name of one guest");
	if (options->discard + options->keep + options->departed + options->forget > 1)
		return err_set(err, EINVAL,
			       "--departed, --keep, --discard and --forget exclude one another");
	return 0;
}

static int run(const struct options *options, struct err *err)
{
	cleanup_config struct config *config = NULL;

	int rc = check_options(options, err);
	if (rc == 0 && options->forget)
		return reap_forget(options, err);
	if (rc == 0)
		rc = config_load(this_site.config, &config, err);
	if (rc < 0)
		return rc;
	struct reaping reaping = {options, config, NULL, 0, 0};
	rc = options->departed ? clear_departed(&reaping, err) : reap_all(&reaping, err);
	libvirt_closep(&reaping.libvirt);
	if (rc < 0)
		return rc;
	if (reaping.settled + reaping.failed == 0 && !options->quiet)
		puts("nothing to reap");
	return reaping.failed ? EXIT_REFUSED : EXIT_DONE;
}

const struct verb verb_reap = {
	.name = "reap",
	.arguments = "[--departed|--keep|--discard|--forget] [GUEST]",
	.summary = "settle what a failed migration left, or remove stale images",
	.options = " --departed --keep --discard --forget ",
	.run = run,
};
