/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Settling.
 *
 * Theory of operation: the journal says how far the migration came, libvirt says where the guest
 * is.
 *
 *   phase                    libvirt: here      coming      inactive or absent
 *   building                 undo (whoever built is dead: its lock is free)
 *   prepared                 undo after a while, when `prepare begin` did not follow
 *   preparing                undo when QEMU is gone, after a while: before `started` nothing ran
 *   started                  commit             wait        undo if the watcher saw all of it and
 *                                                           the guest did not run, or the gate has
 *                                                           not let it; else uncertain
 *   never-ran                undo
 *   ran                      commit
 *
 * Undoing too early can't hurt the guest: `prepare begin` and `started begin` find no journal with
 * their token then, or the image missing, and libvirt gives the migration up. Undoing too late
 * can't either. So "a while" is about not failing good migrations, and about nothing else.
 *
 * A commit keeps the images and leaves the volumes to the guest, whose record has them already.
 *
 * libvirt is asked before the journal is locked, never while (see journal.c); what it said is only
 * used where a later change can't make it wrong: "here" stays true in the sense that the guest has
 * run here, and the phases that allow an undo are checked again under the lock.
 */
#include "hooks/settle/settle.h"

#include <errno.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "base/strbuf.h"
#include "hooks/journal/apply.h"
#include "hooks/journal/journal.h"
#include "hooks/journal/made_folder.h"
#include "hooks/records/image_folders.h"
#include "hooks/records/image_record.h"
#include "hooks/records/stale_removal.h"
#include "hooks/settle/arrival.h"
#include "hooks/settle/guest_manifest.h"
#include "hooks/settle/stored_definition.h"

#define QUIET_S 10

static bool quiet_for_a_while(const struct journal *journal)
{
	time_t age = time(NULL) - journal->phase_began;

	return age >= QUIET_S || age < 0;
}

enum action { ACT_COMMIT, ACT_UNDO, ACT_WAIT, ACT_KEEP };

/* What is known besides the journal. */
struct evidence {
	enum guest_state state;
	bool never_ran;
};

static enum action decide(const struct journal *journal, const struct evidence *evidence)
{
	bool qemu_is_there = evidence->state == GUEST_HERE || evidence->state == GUEST_COMING;

	switch (journal->phase) {
	case PHASE_BUILDING:
	case PHASE_NEVER_RAN:
		return ACT_UNDO;
	case PHASE_RAN:
		return ACT_COMMIT;
	case PHASE_PREPARED:
		return quiet_for_a_while(journal) ? ACT_UNDO : ACT_WAIT;
	case PHASE_PREPARING:
		return !qemu_is_there && quiet_for_a_while(journal) ? ACT_UNDO : ACT_WAIT;
	case PHASE_STARTED:
		if (evidence->state == GUEST_HERE)
			return ACT_COMMIT;
		if (evidence->never_ran && !qemu_is_there)
			return ACT_UNDO;
		/* `stopped end` is on its way where QEMU has just ended: it knows. */
		if (qemu_is_there || !quiet_for_a_while(journal))
			return ACT_WAIT;
		return journal->gated && !journal->verified ? ACT_UNDO : ACT_KEEP;
	default:
		return ACT_KEEP;
	}
}

/* --- commit --- */

/*
 * The image that was set aside gets its last name, PATH.departed. An older stale image of the same
 * guest that has this name is replaced; somebody else's file is not, and the image keeps its name
 * then.
 */
static char *give_last_name(const struct step *step, const struct config *config,
			    const struct image_record *record)
{
	cleanup_free char *last = provision_name_beside(step->path, ".departed");
	const struct known_image *older = image_record_find(record, last);
	cleanup_folders struct folders roots = image_folders(config);
	struct file_id id;
	struct err err;

	if (file_id_of(last, &id, &err) == 0 && file_id_is_same(&id, &step->id))
		return steal_pointer(last); /* a run that was killed has done it */
	if (older && stale_image_remove(older, &err) < 0)
		return xstrdup(step->aside);
	if (provision_set_aside(step->aside, &roots, last, &step->id, &err) < 0)
		return xstrdup(step->aside);
	return steal_pointer(last);
}

static bool remove_superseded(const struct config *config, const struct known_image *aside)
{
	struct err err;

	return config->departed == DEPARTED_REMOVE && aside->made &&
	       stale_image_remove(aside, &err) == 0;
}

static void finish_set_aside(const struct journal *journal, const struct step *step,
			     const struct config *config, struct image_record *record)
{
	const struct known_image *before = image_record_find(record, step->path);
	bool made = before && before->made && before->state == IMAGE_DEPARTED && !before->doubtful;
	cleanup_free char *folder = before ? xstrdup(before->folder) : NULL;
	cleanup_free char *name = give_last_name(step, config, record);
	const struct known_image *noted = image_record_find(record, name);
	struct err err;

	/* A run that was killed has done it. */
	if (noted && noted->state == IMAGE_ASIDE && file_id_is_same(&noted->id, &step->id))
		return;

	if (image_record_note(record, name, IMAGE_ASIDE, made, &err) < 0)
		return;
	made_folder_note(image_record_find(record, name), folder);
	if (remove_superseded(config, image_record_find(record, name))) {
		image_record_drop(record, name);
		log_note("%s: removed '%s', a stale image that berth had made", journal->name,
			 name);
	} else {
		log_note("%s: the guest is back; its stale image of before is '%s'", journal->name,
			 name);
	}
}

static void note_image(const struct journal *journal, const struct step *step,
		       struct image_record *record)
{
	const struct known_image *known = image_record_find(record, step->path);
	struct err err;

	/* It may have left again already: then `stopped` has noted that. */
	if (known && known->state == IMAGE_DEPARTED && step->has_id &&
	    file_id_is_same(&known->id, &step->id)) {
		if (image_record_note(record, step->path, IMAGE_DEPARTED, true, &err) == 0)
			made_folder_note(image_record_find(record, step->path),
					 made_folder_of(journal, step->path));
		return;
	}
	if (image_record_note(record, step->path, IMAGE_RESIDENT, true, &err) < 0)
		log_problem("%s: %s", journal->name, err.text);
	else
		made_folder_note(image_record_find(record, step->path),
				 made_folder_of(journal, step->path));
}

static int record_images(const struct site *site, const struct config *config,
			 const struct journal *journal, struct err *err)
{
	cleanup_image_record struct image_record *record = NULL;
	cleanup_close int lock = image_record_open(site, journal->uuid, &record, err);

	if (lock < 0)
		return lock;
	free(record->name);
	record->name = xstrdup(journal->name);
	for (size_t i = 0; i < journal->step_count; i++) {
		if (journal->steps[i].step.kind == STEP_SET_ASIDE)
			finish_set_aside(journal, &journal->steps[i].step, config, record);
	}
	for (size_t i = 0; i < journal->step_count; i++) {
		if (journal->steps[i].step.kind == STEP_IMAGE)
			note_image(journal, &journal->steps[i].step, record);
	}
	return image_record_save(site, record, err);
}

/* The gate lifts them before the guest runs. One that arrived paused has not run yet; nothing is
 * copied any more, and whoever has its device open must be able to write. */
static void lift_fences(const struct journal *journal)
{
	for (size_t i = 0; i < journal->step_count; i++) {
		const struct step *step = &journal->steps[i].step;
		struct err err;
		if (step->kind != STEP_FENCE || volume_is_fenced(step->path, &err) <= 0)
			continue;
		if (volume_fence(step->path, false, &err) < 0)
			log_problem("%s: disk '%s': %s", journal->name, step->disk, err.text);
		else
			log_note("%s: disk '%s': the guest is here and has not run yet; its write "
				 "fence is lifted",
				 journal->name, step->disk);
	}
}

/* From here on no program of berth ever removes what the migration brought. */
static int mark_ran(const struct site *site, const char *uuid, struct err *err)
{
	cleanup_journal struct journal *journal = NULL;

	int rc = journal_open(site, uuid, &journal, err);
	if (rc <= 0 || journal->phase == PHASE_RAN)
		return rc < 0 ? rc : 0;
	if (journal->phase != PHASE_STARTED)
		return err_set(err, EAGAIN, "the migration went on meanwhile (%s)",
			       journal_phase_name(journal->phase));
	return journal_set_phase(journal, PHASE_RAN, err);
}

static int keep(const struct site *site, const struct config *config, const char *uuid,
		struct err *err)
{
	cleanup_journal struct journal *journal = NULL;

	int rc = journal_open(site, uuid, &journal, err);
	if (rc <= 0)
		return rc;
	lift_fences(journal);
	return record_images(site, config, journal, err);
}

static int finish(const struct site *site, const char *uuid, struct err *err)
{
	cleanup_journal struct journal *journal = NULL;

	int rc = journal_open(site, uuid, &journal, err);
	if (rc <= 0)
		return rc;
	log_note("%s: arrived from host '%s'", journal->name,
		 journal->source ? journal->source : "?");
	return journal_remove(&journal, err);
}

static int commit(const struct site *site, const struct config *config, struct libvirt *libvirt,
		  const struct journal *journal, struct err *err)
{
	struct err manifest_err;

	int rc = mark_ran(site, journal->uuid, err);
	if (rc == 0)
		rc = stored_definition_fix(config, libvirt, journal, err);
	if (rc == 0) /* the manifest names what the record knows */
		rc = keep(site, config, journal->uuid, err);
	if (rc < 0)
		return rc;
	/* A guest without a manifest runs; it only can't move on until `berth sync`. */
	rc = guest_manifest_write(site, config, libvirt, journal->uuid, &manifest_err);
	if (rc < 0 && rc != -ENOENT)
		log_problem("%s: write the manifest: %s", journal->name, manifest_err.text);
	rc = arrival_note(site, libvirt, journal->uuid, journal->began, err);
	if (rc < 0)
		return rc;
	return finish(site, journal->uuid, err);
}

/* --- undo --- */

/* @evidence: NULL: somebody has decided. Return: 1 when it was undone, 0 when it must not be any
 * more. */
static int undo(const struct site *site, const struct config *config, const char *uuid,
		const struct evidence *evidence, struct err *err)
{
	cleanup_journal struct journal *journal = NULL;

	int rc = journal_open(site, uuid, &journal, err);
	if (rc <= 0)
		return rc < 0 ? rc : 1;
	if (journal->phase == PHASE_RAN || (evidence && decide(journal, evidence) != ACT_UNDO))
		return 0;
	log_note("%s: the migration did not arrive; undoing what was made for it", journal->name);
	rc = apply_undo(site, config, &journal, err);
	return rc < 0 ? rc : 1;
}

int settle(const struct site *site, const struct config *config, struct libvirt *libvirt,
	   const char *uuid, bool never_ran, enum settlement *ret, struct err *err)
{
	cleanup_journal struct journal *journal = NULL;
	struct evidence evidence = {.never_ran = never_ran};

	int rc = guest_get_state(libvirt, uuid, &evidence.state, err);
	if (rc == 0)
		rc = journal_peek(site, uuid, &journal, err);
	if (rc < 0)
		return rc;
	if (!journal) {
		*ret = SETTLED_NOTHING;
		return 0;
	}
	switch (decide(journal, &evidence)) {
	case ACT_COMMIT:
		rc = commit(site, config, libvirt, journal, err);
		*ret = SETTLED_ARRIVED;
		break;
	case ACT_UNDO:
		rc = undo(site, config, uuid, &evidence, err);
		*ret = rc == 0 ? SETTLE_UNDER_WAY : SETTLED_UNDONE;
		break;
	case ACT_WAIT:
		*ret = SETTLE_UNDER_WAY;
		break;
	case ACT_KEEP:
		*ret = SETTLE_UNCERTAIN;
		break;
	}
	return rc < 0 ? rc : 0;
}

int settle_keep(const struct site *site, const struct config *config, struct libvirt *libvirt,
		const char *uuid, struct err *err)
{
	cleanup_journal struct journal *journal = NULL;
	enum guest_state state;

	int rc = guest_get_state(libvirt, uuid, &state, err);
	if (rc == 0 && state == GUEST_COMING)
		return err_set(err, EAGAIN, "the migration is still going on; wait for its end");
	if (rc == 0)
		rc = journal_peek(site, uuid, &journal, err);
	return rc <= 0 ? rc : commit(site, config, libvirt, journal, err);
}

int settle_discard(const struct site *site, const struct config *config, struct libvirt *libvirt,
		   const char *uuid, struct err *err)
{
	enum guest_state state;

	int rc = guest_get_state(libvirt, uuid, &state, err);
	if (rc < 0)
		return rc;
	if (state == GUEST_HERE || state == GUEST_COMING)
		return err_set(err, EBUSY, "the guest is on this host; nothing of it is discarded");
	rc = undo(site, config, uuid, NULL, err);
	if (rc == 0)
		return err_set(err, EBUSY, "the guest has run here; its images are not discarded");
	return rc < 0 ? rc : 0;
}
