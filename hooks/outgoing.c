/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A guest that goes: `stopped end`, `release end`; and one that is here already: `reconnect begin`,
 * `attach begin`.
 *
 * At `stopped end` libvirt's status file still says what the domain was doing, at `release end` it
 * is gone. So `stopped` notes what is true, and `release` acts on it, when QEMU has let go of
 * everything. From libvirt 10.5 on `release` is told how it ended. 'failed' overrules the note of
 * the same end: a start that is refused, because the image is stale, ends as 'failed' too.
 * 'daemon', 'crashed' and the others don't: a libvirtd that was killed after the destination's
 * confirmation (phase confirm3) ends the guest's QEMU when it starts again, and calls that 'daemon'
 * (qemuProcessRecoverMigrationOut()).
 */
#include "hooks/call.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "hooks/journal/apply.h"
#include "hooks/journal/made_folder.h"
#include "hooks/plan/plan.h"
#include "hooks/records/departure_mark.h"
#include "hooks/records/image_mark.h"
#include "hooks/records/shared_storage.h"
#include "hooks/records/stale_removal.h"
#include "hooks/settle/late_departure.h"

/* --- stopped end --- */

enum verdict { NEVER_RAN, HAS_RUN, NOBODY_KNOWS };

/*
 * Did its processors run here? Where libvirt's status doesn't tell, the watcher does, by the events
 * that it saw: see settle.c.
 */
static enum verdict judge(const struct journal *journal, const struct domain_status *status)
{
	/* Before `started` no processor has run, whatever the status says. */
	if (journal->phase < PHASE_STARTED)
		return NEVER_RAN;
	if (!status->known || status->ending)
		return NOBODY_KNOWS;
	if (!status->paused_for_migration || status->left)
		return HAS_RUN;
	return status->incoming ? NEVER_RAN : NOBODY_KNOWS;
}

static int note_end_of_migration(struct journal *journal, const struct domain_status *status,
				 struct err *err)
{
	if (journal->phase == PHASE_NEVER_RAN || journal->phase == PHASE_RAN)
		return 0;
	switch (judge(journal, status)) {
	case NEVER_RAN:
		return journal_set_phase(journal, PHASE_NEVER_RAN, err);
	case HAS_RUN:
		return journal_set_phase(journal, PHASE_RAN, err);
	case NOBODY_KNOWS:
		break;
	}
	return 0;
}

static void note_departed_disk(const struct call *call, const struct domain_disk *disk,
			       struct image_record *record)
{
	const struct domain *domain = call->domain;
	const char *path = domain->places[disk->place].value;
	const struct known_image *known = image_record_find(record, path);
	bool shared = false, made = known && known->made;
	struct err err;

	if (on_shared_storage(call->config, path, &shared, &err) < 0 || shared)
		return;
	if (image_record_note(record, path, IMAGE_DEPARTED, made, &err) < 0)
		log_problem("%s: disk '%s': %s", domain->name, disk->target, err.text);
	else
		log_note("%s: the guest has left; its image '%s' is stale from now on",
			 domain->name, path);
}

/* What is here may be the very file that the guest runs from. */
static void say_nothing_is_stale(const struct call *call, const char *why)
{
	log_note("%s: the guest has left; none of its images is noted as stale: %s",
		 call->domain->name, why);
}

/* The processors were stopped for a migration away, and what became of it the status doesn't say.
 */
static bool may_have_left(const struct domain_status *status)
{
	return status->paused_for_migration && !status->left && !status->incoming;
}

/* The storage was copied to where the guest runs now: what is here is stale from this moment on. */
static int note_in_record(const struct call *call, struct err *err)
{
	cleanup_image_record struct image_record *record = NULL;
	cleanup_close int lock = image_record_open(call->site, call->domain->uuid, &record, err);

	if (lock < 0)
		return lock;
	free(record->name);
	record->name = xstrdup(call->domain->name);
	for (size_t i = 0; i < call->domain->disk_count; i++) {
		const struct domain_disk *disk = &call->domain->disks[i];
		if (disk->type == DISK_FILE && disk_is_copied(disk))
			note_departed_disk(call, disk, record);
	}
	return image_record_save(call->site, record, err);
}

static void mark_departed_disk(const struct call *call, const struct domain_disk *disk,
			       const struct image_record *record)
{
	const char *path = call->domain->places[disk->place].value;
	const struct known_image *known = record ? image_record_find(record, path) : NULL;
	bool shared = false;
	struct err err;

	if (on_shared_storage(call->config, path, &shared, &err) < 0 || shared)
		return;
	if (image_mark_set(path, call->domain->uuid, known && known->made, &err) < 0)
		log_problem(
			"%s: disk '%s': %s; its image is stale, which could not be noted: don't "
			"start the guest here",
			call->domain->name, disk->target, err.text);
	else
		log_note("%s: the guest has left; its image '%s' is stale from now on, which is "
			 "noted on the image itself",
			 call->domain->name, path);
}

/* Where the record can't be written (a full or read-only file system), the images themselves keep
 * the fact. */
static int note_departure(const struct call *call, struct err *err)
{
	cleanup_image_record struct image_record *record = NULL;
	struct err other;

	if (note_in_record(call, err) == 0)
		return 0;
	image_record_load(call->site, call->domain->uuid, &record, &other);
	for (size_t i = 0; i < call->domain->disk_count; i++) {
		const struct domain_disk *disk = &call->domain->disks[i];
		if (disk->type == DISK_FILE && disk_is_copied(disk))
			mark_departed_disk(call, disk, record);
	}
	return -err->code;
}

/* Of two results: the first failure is returned with its error, the second is logged. */
static int keep_first(const struct call *call, int first, int second, struct err *err,
		      const struct err *second_err)
{
	if (second >= 0)
		return first;
	if (first < 0)
		log_problem("%s: %s", call->domain->name, second_err->text);
	else
		*err = *second_err;
	return first < 0 ? first : second;
}

static int note_end(const struct call *call, const struct domain_status *status, struct err *err)
{
	cleanup_journal struct journal *journal = NULL;

	int rc = journal_open(call->site, call->domain->uuid, &journal, err);
	if (rc < 0)
		return rc;
	return journal ? note_end_of_migration(journal, status, err) : 0;
}

/* `release` must know whether that was now. */
static int note_departure_now(const struct call *call, struct err *err)
{
	struct err why;

	int rc = note_departure(call, err);
	return keep_first(call, rc,
			  departure_mark_set(call->site, call->domain->uuid, DEPARTURE_NOTED, &why),
			  err, &why);
}

/* The guest has left, and libvirt has copied storage: each disk that isn't on shared storage,
 * unless with --unsafe. */
static int departed_with_copies(const struct call *call, const struct domain_status *status,
				struct err *err)
{
	if (status->unsafe) {
		say_nothing_is_stale(call,
				     "with --unsafe libvirt doesn't say which disks it has copied");
		return departure_mark_set(call->site, call->domain->uuid, DEPARTURE_UNTOLD, err);
	}
	if (!call->config) {
		say_nothing_is_stale(
			call, "berth.conf has a mistake, and which folders are shared isn't known");
		return 0;
	}
	return note_departure_now(call, err);
}

int outgoing_stopped(const struct call *call, struct strbuf *out, struct err *err)
{
	struct domain_status status = {0};
	struct err why;

	(void)out;
	int rc = call_read_status(call->site, call->domain->name, &status, err);
	if (rc < 0)
		return rc;
	/* None of these keeps the others from being done. */
	rc = note_end(call, &status, err);
	if (status.left && status.storage_copied)
		rc = keep_first(call, rc, departed_with_copies(call, &status, &why), err, &why);
	else if (may_have_left(&status))
		call_start_helper(call,
				  "sync"); /* it asks libvirt: hooks/settle/late_departure.h */
	else if (status.ending)
		rc = keep_first(
			call, rc,
			departure_mark_set(call->site, call->domain->uuid, DEPARTURE_UNCLEAR, &why),
			err, &why);
	return keep_first(call, rc, volumes_stopped(call, status.left, &why), err, &why);
}

/* --- release end --- */

/* Return: whether the image is gone. Where its file system isn't mounted, it may come again. */
static bool remove_departed_image(const struct domain *domain, const struct known_image *image)
{
	struct err err;

	if (access(image->path, F_OK) < 0)
		return known_image_is_gone(image);
	if (stale_image_remove(image, &err) < 0) {
		log_problem("%s: %s", domain->name, err.text);
		return false;
	}
	log_note("%s: removed '%s', which berth had made; the guest has left", domain->name,
		 image->path);
	return true;
}

static void remove_marks(const struct domain *domain)
{
	for (size_t i = 0; i < domain->disk_count; i++) {
		const struct domain_disk *disk = &domain->disks[i];
		if (disk->type == DISK_FILE && disk->place >= 0)
			image_mark_remove(domain->places[disk->place].value);
	}
}

static bool is_disk_of(const struct domain *domain, const struct known_image *image)
{
	for (size_t i = 0; i < domain->disk_count; i++) {
		int place = domain->disks[i].place;
		if (place >= 0 && strcmp(domain->places[place].value, image->path) == 0)
			return true;
	}
	return false;
}

/* The guest has not left after all: what it ran from is its good image. */
static int take_back(const struct call *call, struct err *err)
{
	cleanup_image_record struct image_record *record = NULL;
	cleanup_close int lock = image_record_open(call->site, call->domain->uuid, &record, err);

	if (lock < 0)
		return lock;
	for (size_t i = record->count; i > 0; i--) {
		struct known_image *image = &record->images[i - 1];
		if (image->state != IMAGE_DEPARTED || !is_disk_of(call->domain, image))
			continue;
		if (image->made || image->copy)
			image->state = IMAGE_RESIDENT;
		else
			image_record_drop(record, image->path);
	}
	return image_record_save(call->site, record, err);
}

static int remove_departed(const struct call *call, struct err *err)
{
	cleanup_image_record struct image_record *record = NULL;
	cleanup_close int lock = image_record_open(call->site, call->domain->uuid, &record, err);

	if (lock < 0)
		return lock;
	for (size_t i = record->count; i > 0; i--) {
		struct known_image *image = &record->images[i - 1];
		if (image->state != IMAGE_DEPARTED || !image->made || image->doubtful)
			continue;
		if (remove_departed_image(call->domain, image)) {
			made_folder_remove(image, call->config);
			image_record_drop(record, image->path);
		}
	}
	return image_record_save(call->site, record, err);
}

static int settle_departed_images(const struct call *call, struct err *err)
{
	enum departure_mark mark = departure_mark_take(call->site, call->domain->uuid);
	bool left = strcmp(call->extra, "migrated") == 0;
	bool untold = strcmp(call->extra, "-") == 0;

	if (left && mark == DEPARTURE_UNCLEAR && call->config) {
		int rc = late_departure_note(call->site, call->config, call->domain->uuid, err);
		return rc < 0 ? rc : 0;
	}
	if (strcmp(call->extra, "failed") == 0 && mark == DEPARTURE_NOTED) {
		remove_marks(call->domain);
		return take_back(call, err);
	}
	if (!(left || untold) || !call->config || call->config->departed != DEPARTED_REMOVE)
		return 0;
	return remove_departed(call, err);
}

static int settle_journal_and_images(const struct call *call, struct err *err)
{
	cleanup_journal struct journal *journal = NULL;

	int rc = journal_open(call->site, call->domain->uuid, &journal, err);
	if (rc < 0)
		return rc;
	if (journal && journal->phase != PHASE_STARTED && journal->phase != PHASE_RAN) {
		log_note("%s: the migration did not arrive; undoing what was made for it",
			 call->domain->name);
		return apply_undo(call->site, call->config, &journal, err);
	}
	journal_closep(&journal);
	return settle_departed_images(call, err);
}

/* Neither keeps the other from being done. */
int outgoing_release(const struct call *call, struct strbuf *out, struct err *err)
{
	struct err why;

	(void)out;
	int rc = settle_journal_and_images(call, err);
	return keep_first(call, rc, volumes_release(call, &why), err, &why);
}

/* --- reconnect begin, attach begin --- */

int running_noted(const struct call *call, struct strbuf *out, struct err *err)
{
	(void)out;
	(void)err;
	call_start_helper(call, "sync");
	return 0;
}
