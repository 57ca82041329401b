/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A guest that comes, second part: `prepare begin` and `started begin`.
 *
 * Theory of operation: `migrate begin` has made images, and nothing in its input told whether the
 * migration copies storage into them. An image that stays empty must never be a running guest's
 * disk. So the rewritten XML carries the migration's token, and these events hold the guest up
 * until it is proved that this is the very migration, and that it brings the disks:
 *
 * - `prepare begin`: a journal without the same token in the XML, or with the token in a stored
 *   definition, or too old to be still under way, means an ordinary start. Images that never had a
 *   guest are removed then, and the start of a domain that would use them is refused. So is that of
 *   one that would use an image which is stale (stale_start.h). Its volumes are attached; for a
 *   migration `migrate begin` has done that.
 * - `started begin`: QEMU waits for the stream, its processors stand. With storage copy libvirt has
 *   exported each image for writing by now, and QEMU shows it by its image lock
 *   (block/file-posix.c). Without that lock on every image that was made, the migration is refused;
 *   and so it is with that lock on what both hosts have (onto_itself.h). Nothing has moved yet.
 */
#include "hooks/call.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "hooks/journal/apply.h"
#include "hooks/journal/interruption.h"
#include "hooks/onto_itself.h"
#include "hooks/plan/image_copies.h"
#include "hooks/plan/plan.h"
#include "hooks/records/departure_mark.h"
#include "hooks/records/gate_mark.h"
#include "hooks/records/image_mark.h"
#include "hooks/records/stale_start.h"
#include "hooks/records/unread.h"
#include "storage/in_use.h"

/* libvirt goes from `migrate begin` to `prepare begin` without waiting for anybody. */
#define PREPARE_DEADLINE_S 60

/* --- prepare begin --- */

const struct step *incoming_image_of_disk(const struct journal *journal,
					  const struct domain *domain,
					  const struct domain_disk *disk)
{
	if (disk->place < 0)
		return NULL;
	for (size_t i = 0; i < journal->step_count; i++) {
		const struct step *step = &journal->steps[i].step;
		if (step->kind == STEP_IMAGE &&
		    strcmp(step->path, domain->places[disk->place].value) == 0)
			return step;
	}
	return NULL;
}

/* Whether the domain would run from an image that this journal has made. */
static int refuse_empty_images(const struct journal *journal, const struct domain *domain,
			       struct err *err)
{
	for (size_t i = 0; i < domain->disk_count; i++) {
		const struct step *step =
			incoming_image_of_disk(journal, domain, &domain->disks[i]);
		if (step)
			return err_set(
				err, EPERM,
				"disk '%s': '%s' is an empty image, made for a migration "
				"from host '%s' that has not brought the guest's data; start "
				"the guest there, or migrate it with --copy-storage-inc",
				domain->disks[i].target, step->path,
				journal->source ? journal->source : "?");
	}
	return 0;
}

/*
 * An offline migration runs `migrate begin` too, and libvirt stores the XML that came out of it.
 * What comes next is an ordinary start of that definition, with the token in it (measured
 * on 9.0.0). Of a live migration nothing with this token is stored before the guest has arrived.
 */
static bool token_is_stored(const struct call *call, const char *token)
{
	cleanup_free char *path =
		xasprintf("%s/%s.xml", call->site->libvirt_config, call->domain->name);
	cleanup_strbuf struct strbuf text = {0};
	struct err err;

	int rc = file_read(path, DOMAIN_XML_MAX_BYTES, &text, &err);
	if (rc == -ENOENT)
		return false;
	return rc < 0 || (text.text && strstr(text.text, token));
}

static bool is_this_migration(const struct call *call, const struct journal *journal)
{
	const struct manifest *manifest = call->domain->manifest;

	if (journal->phase != PHASE_PREPARED ||
	    time(NULL) - journal->phase_began > PREPARE_DEADLINE_S ||
	    token_is_stored(call, journal->token))
		return false;
	/* Without a manifest there is no place for the token, but no step either: see plan.c. */
	return manifest ? str_equal(manifest->token, journal->token) : journal->step_count == 0;
}

/* An ordinary start of a guest whose migration to this host is unsettled. */
static int start_with_journal(const struct call *call, struct journal **journal, struct err *err)
{
	struct err why = {0};

	if ((*journal)->phase == PHASE_RAN ||
	    ((*journal)->phase == PHASE_STARTED && !interruption_is_harmless(*journal)))
		return call_refuse_unsettled(*journal, err);
	int refused = refuse_empty_images(*journal, call->domain, &why);
	int rc = apply_undo(call->site, call->config, journal, err);
	if (rc == 0 && refused < 0)
		*err = why;
	return rc < 0 ? rc : refused;
}

/* Whether the image may have been made for the migration of a journal that can't be read. */
static bool may_be_made_for(const struct unread *journal, const char *path)
{
	struct file_id id;
	struct err unused;

	if (journal->text)
		return unread_has_value(journal, "path", path);
	return file_id_of(path, &id, &unused) == 0 && id.birth_ns >= journal->birth_ns;
}

/* A journal of another guest that can't be read: only a domain with an image that it names is
 * concerned (see hooks/records/unread.c). */
static int check_unread_journal(const struct call *call, const char *uuid, struct err *err)
{
	const struct domain *domain = call->domain;
	cleanup_unread struct unread unread = {0};

	unread_look(call->site, "journal", uuid, &unread);
	for (size_t i = 0; i < domain->disk_count; i++) {
		const struct domain_disk *disk = &domain->disks[i];
		if (disk->place < 0 || disk->type != DISK_FILE)
			continue;
		const char *path = domain->places[disk->place].value;
		if (may_be_made_for(&unread, path))
			return err_wrap(
				err,
				"disk '%s': '%s' may be an empty image, made for a migration of "
				"guest %s whose journal can't be read",
				disk->target, path, uuid);
	}
	log_problem("%s; %s starts all the same", err->text, domain->name);
	return 0;
}

static int check_other(const struct call *call, const char *uuid, struct err *err)
{
	cleanup_journal struct journal *journal = NULL;

	int rc = journal_peek(call->site, uuid, &journal, err);
	if (rc < 0)
		return check_unread_journal(call, uuid, err);
	if (rc == 0 || journal->phase == PHASE_RAN)
		return 0;
	return refuse_empty_images(journal, call->domain, err);
}

/* Another domain's definition may name a path that was free until an image was made there. */
static int check_others(const struct call *call, struct err *err)
{
	char **uuids = NULL;
	size_t count = 0;

	int rc = journal_list(call->site, &uuids, &count, err);
	for (size_t i = 0; i < count && rc == 0; i++) {
		if (strcmp(uuids[i], call->domain->uuid) != 0)
			rc = check_other(call, uuids[i], err);
	}
	site_free_uuids(uuids, count);
	return rc;
}

/* The stored token of a migration whose images were removed: better a clear word than QEMU's. */
static int check_left_token(const struct call *call, struct err *err)
{
	const struct domain *domain = call->domain;

	if (!domain->manifest || !domain->manifest->token)
		return 0;
	for (size_t i = 0; i < domain->disk_count; i++) {
		const struct domain_disk *disk = &domain->disks[i];
		if (disk->type != DISK_FILE || !disk_is_copied(disk) ||
		    access(domain->places[disk->place].value, F_OK) == 0)
			continue;
		return err_set(
			err, ENOENT,
			"disk '%s': '%s' is not on this host: the migration from host '%s' did "
			"not bring it; start the guest there, or migrate it with "
			"--copy-storage-inc",
			disk->target, domain->places[disk->place].value, domain->manifest->host);
	}
	return 0;
}

int incoming_prepare(const struct call *call, struct strbuf *out, struct err *err)
{
	cleanup_journal struct journal *journal = NULL;

	(void)out;
	/* Of an end whose `release` was lost, and of a departure. */
	departure_marks_remove(call->site, call->domain->uuid);
	int rc = journal_open(call->site, call->domain->uuid, &journal, err);
	if (rc < 0)
		return rc;
	if (journal && is_this_migration(call, journal)) {
		/* Without a token it may be a start, after an offline migration. */
		rc = stale_images_refuse(call->site, call->domain, call->domain->manifest, err);
		if (rc == 0)
			rc = onto_itself_let_open(journal, err);
		return rc < 0 ? rc : journal_set_phase(journal, PHASE_PREPARING, err);
	}
	if (journal)
		rc = start_with_journal(call, &journal, err);
	if (rc == 0)
		rc = check_others(call, err);
	if (rc == 0)
		rc = image_marks_settle(call->site, call->domain, err);
	if (rc == 0)
		rc = stale_images_refuse(call->site, call->domain, false, err);
	if (rc == 0)
		rc = check_left_token(call, err);
	return rc < 0 ? rc : volumes_start(call, err);
}

/* --- started begin --- */

static int check_image_is_written(const struct step *step, struct err *err)
{
	enum image_use use;

	int rc = image_use(step->path, &use, err);
	if (rc < 0 || use == IMAGE_WRITTEN)
		return rc;
	return err_set(
		err, EPERM,
		"disk '%s': the migration doesn't copy it, and '%s' on this host is empty; "
		"migrate with --copy-storage-inc, and with '%s' in --migrate-disks if that is "
		"given",
		step->disk, step->path, step->disk);
}

static int check_storage_comes(const struct journal *journal, struct err *err)
{
	for (size_t i = 0; i < journal->step_count; i++) {
		const struct step *step = &journal->steps[i].step;
		int rc = step->kind == STEP_IMAGE ? check_image_is_written(step, err) : 0;
		if (rc < 0)
			return rc;
	}
	return 0;
}

/* The source's gate lets none of these begin; so the source has none, and the gate here would
 * refuse the guest when there is no way back for it. */
static int check_way_back(const struct call *call, const struct domain_status *status,
			  struct err *err)
{
	if (!status->post_copy || !gate_is_active(call->site, 0))
		return 0;
	return err_set(err, ENOTSUP,
		       "the gate of this host can't refuse a guest in post-copy without losing it; "
		       "migrate without --postcopy, or turn the gate off on both hosts: 'berth "
		       "gate disable'");
}

int incoming_started(const struct call *call, struct strbuf *out, struct err *err)
{
	cleanup_journal struct journal *journal = NULL;
	struct domain_status status = {0};
	struct err why;

	(void)out;
	int rc = call_look_up(call, &status, &journal, err);
	if (rc == 0)
		rc = onto_itself_refuse(call, &status, journal, err);
	if (rc < 0)
		return rc;
	if (journal && status.incoming) {
		rc = check_way_back(call, &status, err);
		return rc < 0 ? rc : check_storage_comes(journal, err);
	}
	rc = journal ? refuse_empty_images(journal, call->domain, err) : 0;
	if (rc < 0)
		return rc;
	if (!status.incoming && image_copies_forget(call->site, call->domain->uuid, &why) < 0)
		log_problem("%s: %s", call->domain->name, why.text);
	call_start_helper(call, status.incoming ? "watch" : "sync");
	return 0;
}

/*
 * Until then `stopped end` knows without a word of libvirt's that no processor has run here.
 *
 * A guest that arrives paused isn't verified before somebody resumes it; but its data is here.
 */
int incoming_accepted(const struct call *call, struct err *err)
{
	cleanup_journal struct journal *journal = NULL;
	struct domain_status status = {0};

	int rc = journal_open(call->site, call->domain->uuid, &journal, err);
	if (rc <= 0)
		return rc;
	rc = call_read_status(call->site, call->domain->name, &status, err);
	if (rc < 0 || !status.incoming)
		return rc;
	bool gated = status.runs_on_arrival && gate_is_active(call->site, 0);
	return journal_set_started(journal, gated, false, err);
}
