/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A guest that goes: `stopped end`, `release end`; and one that is here already: `reconnect begin`,
 * `attach begin`.
 *
 * At `stopped end` libvirt's status file still says what the domain was doing, at `release end` it
 * is gone. So `stopped` notes what is true, and `release` acts on it, when QEMU has let go of
 * everything. From libvirt 10.5 on `release` is told how it ended, and that overrules the note.
 */
#include "hooks/call.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "hooks/apply.h"
#include "hooks/image_record.h"
#include "hooks/plan.h"
#include "storage/location.h"

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

static void note_departed_disk(const struct domain *domain, const struct domain_disk *disk,
			       struct image_record *record)
{
	const char *path = domain->places[disk->place].value;
	const struct known_image *known = image_record_find(record, path);
	bool shared = false, made = known && known->made;
	struct err err;

	if (image_on_shared_storage(path, &shared, &err) < 0 || shared)
		return;
	if (image_record_note(record, path, IMAGE_DEPARTED, made, &err) < 0)
		log_problem("%s: disk '%s': %s", domain->name, disk->target, err.text);
	else
		log_note("%s: the guest has left; its image '%s' is stale from now on",
			 domain->name, path);
}

/* The storage was copied to where the guest runs now: what is here is stale from this moment on. */
static int note_departure(const struct call *call, struct err *err)
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
			note_departed_disk(call->domain, disk, record);
	}
	return image_record_save(call->site, record, err);
}

int outgoing_stopped(const struct call *call, struct strbuf *out, struct err *err)
{
	cleanup_journal struct journal *journal = NULL;
	struct domain_status status = {0};

	(void)out;
	int rc = call_look_up(call, &status, &journal, err);
	if (rc < 0)
		return rc;
	if (journal) {
		rc = note_end_of_migration(journal, &status, err);
		journal_closep(&journal);
	}
	if (rc == 0)
		rc = volumes_stopped(call, status.left, err);
	if (rc == 0 && status.left && status.storage_copied)
		rc = note_departure(call, err);
	return rc;
}

/* --- release end --- */

static void remove_departed_image(const struct domain *domain, const struct known_image *image)
{
	struct err err;

	if (known_image_check_stale(image, &err) < 0)
		log_problem("%s: %s", domain->name, err.text);
	else if (unlink(image->path) < 0)
		log_problem("%s: remove '%s': %s", domain->name, image->path, strerror(errno));
	else
		log_note("%s: removed '%s', which berth had made; the guest has left", domain->name,
			 image->path);
}

static int settle_departed_images(const struct call *call, struct err *err)
{
	bool not_left = strcmp(call->extra, "-") != 0 && strcmp(call->extra, "migrated") != 0;
	bool remove = call->config && call->config->departed == DEPARTED_REMOVE;
	cleanup_image_record struct image_record *record = NULL;
	cleanup_close int lock = image_record_open(call->site, call->domain->uuid, &record, err);

	if (lock < 0)
		return lock;
	for (size_t i = record->count; i > 0; i--) {
		struct known_image *image = &record->images[i - 1];
		if (image->state != IMAGE_DEPARTED)
			continue;
		if (not_left && image->made) {
			image->state = IMAGE_RESIDENT;
		} else if (not_left) {
			image_record_drop(record, image->path);
		} else if (image->made && remove) {
			remove_departed_image(call->domain, image);
			if (access(image->path, F_OK) < 0)
				image_record_drop(record, image->path);
		}
	}
	return image_record_save(call->site, record, err);
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
	struct err other;

	(void)out;
	int rc = settle_journal_and_images(call, err);
	int volumes = volumes_release(call, rc < 0 ? &other : err);
	if (rc < 0 && volumes < 0)
		log_problem("%s: %s", call->domain->name, other.text);
	return rc < 0 ? rc : volumes;
}

/* --- reconnect begin, attach begin --- */

int running_noted(const struct call *call, struct strbuf *out, struct err *err)
{
	(void)out;
	(void)err;
	call_start_helper(call, "sync");
	return 0;
}
