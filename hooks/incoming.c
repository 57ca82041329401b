/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A guest that comes: `migrate begin`, `restore begin`, `prepare begin`, `started begin`.
 *
 * Theory of operation: `migrate begin` makes the images, and nothing in its input tells whether the
 * migration copies storage into them. An image that stays empty must never be a running guest's disk.
 * So the rewritten XML carries the migration's token, and the events that follow hold the guest up
 * until it is proved that this is the very migration, and that it brings the disks:
 *
 * - `prepare begin`: a journal without the same token in the XML, or with the token in a stored
 *   definition, or too old to be still under way, means an ordinary start. Images that never had a guest are removed then, and the start of a
 *   domain that would use them is refused.
 * - `started begin`: QEMU waits for the stream, its processors stand. With storage copy libvirt has
 *   exported each image for writing by now, and QEMU shows it by its image lock (block/file-posix.c).
 *   Without that lock on every image that was made, the migration is refused. Nothing has moved yet.
 */
#include "hooks/call.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "hooks/apply.h"
#include "hooks/plan.h"
#include "hooks/survey.h"
#include "storage/in_use.h"
#include "xml/rewrite.h"

/* libvirt goes from `migrate begin` to `prepare begin` without waiting for anybody. */
#define PREPARE_DEADLINE_S 60
/* How long a guest that has just left may take until its arrival here before is settled. */
#define SETTLE_WAIT_MS 10000
#define SETTLE_POLL_MS 100
#define TOKEN_BYTES 16

static int make_token(char token[static TOKEN_BYTES * 2 + 1], struct err *err)
{
	unsigned char bytes[TOKEN_BYTES];

	if (getrandom(bytes, sizeof(bytes), 0) != sizeof(bytes))
		return err_set(err, EIO, "getrandom: %s", strerror(errno));
	for (size_t i = 0; i < sizeof(bytes); i++)
		snprintf(token + 2 * i, 3, "%02x", bytes[i]);
	return 0;
}

/* --- migrate begin --- */

static int refuse_unsettled(const struct journal *journal, struct err *err)
{
	return err_set(err, EBUSY,
	               "an earlier migration to this host is not settled (%s); wait for it to end, "
	               "or run 'berth reap %s' on this host",
	               journal_phase_name(journal->phase), journal->name);
}

/* Return: 1 when nothing is in the way any more, 0 when its helper is still at it, or a negative errno. */
static int try_clear(const struct call *call, struct err *err)
{
	cleanup_journal struct journal *journal = NULL;

	int rc = journal_open(call->site, call->domain->uuid, &journal, err);
	if (rc <= 0)
		return rc < 0 ? rc : 1;
	switch (journal->phase) {
	case PHASE_BUILDING:
	case PHASE_PREPARED:
	case PHASE_NEVER_RAN:
		rc = apply_undo(&journal, err);
		return rc < 0 ? rc : 1;
	case PHASE_RAN:
		refuse_unsettled(journal, err);
		return 0;
	default:
		return refuse_unsettled(journal, err);
	}
}

/* What an earlier attempt left is undone before this one looks around. */
static int clear_earlier_attempt(const struct call *call, struct err *err)
{
	int rc = 0;

	for (int waited = 0; rc == 0 && waited < SETTLE_WAIT_MS; waited += SETTLE_POLL_MS) {
		rc = try_clear(call, err);
		if (rc == 0)
			usleep(SETTLE_POLL_MS * 1000);
	}
	if (rc == 0)
		return -err->code;
	return rc < 0 ? rc : 0;
}

static int create_journal(const struct call *call, const struct plan *plan, const char *token,
                          struct journal **ret, struct err *err)
{
	const struct manifest *manifest = call->domain->manifest;
	struct journal_start start = {
		.name = call->domain->name,
		.uuid = call->domain->uuid,
		.token = token,
		.source = manifest ? manifest->host : NULL,
		.steps = plan->steps,
		.step_count = plan->step_count,
		.renames = plan->renames,
		.rename_count = plan->rename_count,
	};

	return journal_create(call->site, &start, ret, err);
}

/* Under the site's lock from counting the free space until the claim is in the journal. */
static int plan_and_claim(const struct call *call, struct facts *facts, const char *token,
                          struct plan **plan, struct journal **journal, struct err *err)
{
	struct situation situation = {
		.event = call->event,
		.domain = call->domain,
		.config = call->config,
		.facts = facts,
		.token = token,
	};
	cleanup_close int lock = site_lock(call->site, err);

	if (lock < 0)
		return lock;
	int rc = survey_space(call->site, call->domain, facts, err);
	if (rc == 0)
		rc = plan_make(&situation, plan, err);
	if (rc < 0 || (*plan)->edit_count == 0)
		return rc;
	return create_journal(call, *plan, token, journal, err);
}

static void log_plan(const struct call *call, const struct plan *plan)
{
	for (size_t i = 0; i < plan->step_count; i++) {
		cleanup_strbuf struct strbuf line = {0};
		step_describe(&plan->steps[i], &line);
		log_note("%s: %s", call->domain->name, line.text);
	}
	for (size_t i = 0; i < plan->rename_count; i++)
		log_note("%s: change %s '%s' to '%s'", call->domain->name, plan->renames[i].what,
		         plan->renames[i].from, plan->renames[i].to);
}

static int rewrite(const struct call *call, const struct plan *plan, struct strbuf *out,
                   struct err *err)
{
	if (plan->edit_count == 0)
		return 0;
	return xml_rewrite(call->text.text, call->text.length, plan->edits, plan->edit_count, out,
	                   err);
}

int incoming_migrate(const struct call *call, struct strbuf *out, struct err *err)
{
	cleanup_facts struct facts *facts = NULL;
	cleanup_plan struct plan *plan = NULL;
	cleanup_journal struct journal *journal = NULL;
	char token[TOKEN_BYTES * 2 + 1];

	if (!plan_is_managed(call->domain, call->config))
		return 0;
	int rc = clear_earlier_attempt(call, err);
	if (rc == 0)
		rc = make_token(token, err);
	if (rc == 0)
		rc = survey_make(call->site, call->config, call->domain, &facts, err);
	if (rc == 0)
		rc = plan_and_claim(call, facts, token, &plan, &journal, err);
	if (rc == 0)
		rc = rewrite(call, plan, out, err);
	if (rc == 0 && journal)
		rc = apply_steps(&journal, err);
	else if (rc < 0 && journal)
		apply_undo(&journal, &(struct err){0});
	if (rc < 0 || !journal)
		return rc;
	log_plan(call, plan);
	return 0;
}

int incoming_restore(const struct call *call, struct strbuf *out, struct err *err)
{
	cleanup_facts struct facts *facts = NULL;
	cleanup_plan struct plan *plan = NULL;

	if (!plan_is_managed(call->domain, call->config))
		return 0;
	int rc = survey_make(call->site, call->config, call->domain, &facts, err);
	if (rc < 0)
		return rc;
	struct situation situation = {
		.event = call->event,
		.domain = call->domain,
		.config = call->config,
		.facts = facts,
	};
	rc = plan_make(&situation, &plan, err);
	return rc < 0 ? rc : rewrite(call, plan, out, err);
}

/* --- prepare begin --- */

static const struct step *image_of_disk(const struct journal *journal, const struct domain *domain,
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
		const struct step *step = image_of_disk(journal, domain, &domain->disks[i]);
		if (step)
			return err_set(err, EPERM,
			               "disk '%s': '%s' is an empty image, made for a migration "
			               "from host '%s' that has not brought the guest's data; start "
			               "the guest there, or migrate it with --copy-storage-inc",
			               domain->disks[i].target, step->path,
			               journal->source ? journal->source : "?");
	}
	return 0;
}

/*
 * An offline migration runs `migrate begin` too, and libvirt stores the XML that came out of it. What
 * comes next is an ordinary start of that definition, with the token in it (measured on 9.0.0). Of a
 * live migration nothing with this token is stored before the guest has arrived.
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
	/* Without a manifest there is no place for the token, but no image either: see plan.c. */
	return manifest ? str_equal(manifest->token, journal->token) : true;
}

/* An ordinary start of a guest whose migration to this host is unsettled. */
static int start_with_journal(const struct call *call, struct journal **journal, struct err *err)
{
	struct err why = {0};

	switch ((*journal)->phase) {
	case PHASE_STARTED:
	case PHASE_RAN:
		return refuse_unsettled(*journal, err);
	default:
		break;
	}
	int refused = refuse_empty_images(*journal, call->domain, &why);
	int rc = apply_undo(journal, err);
	if (rc == 0 && refused < 0)
		*err = why;
	return rc < 0 ? rc : refused;
}

/* Another domain's definition may name a path that was free until an image was made there. */
static int check_others(const struct call *call, struct err *err)
{
	char **uuids = NULL;
	size_t count = 0;

	int rc = journal_list(call->site, &uuids, &count, err);
	for (size_t i = 0; i < count && rc >= 0; i++) {
		cleanup_journal struct journal *journal = NULL;
		if (strcmp(uuids[i], call->domain->uuid) == 0)
			continue;
		rc = journal_peek(call->site, uuids[i], &journal, err);
		if (rc > 0 && journal->phase != PHASE_RAN)
			rc = refuse_empty_images(journal, call->domain, err);
	}
	site_free_uuids(uuids, count);
	return rc < 0 ? rc : 0;
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
		return err_set(err, ENOENT,
		               "disk '%s': '%s' is not on this host: the migration from host '%s' did "
		               "not bring it; start the guest there, or migrate it with "
		               "--copy-storage-inc",
		               disk->target, domain->places[disk->place].value,
		               domain->manifest->host);
	}
	return 0;
}

int incoming_prepare(const struct call *call, struct strbuf *out, struct err *err)
{
	cleanup_journal struct journal *journal = NULL;

	(void)out;
	int rc = journal_open(call->site, call->domain->uuid, &journal, err);
	if (rc < 0)
		return rc;
	if (journal && is_this_migration(call, journal))
		return journal_set_phase(journal, PHASE_PREPARING, err);
	if (journal)
		rc = start_with_journal(call, &journal, err);
	if (rc == 0)
		rc = check_others(call, err);
	return rc < 0 ? rc : check_left_token(call, err);
}

/* --- started begin --- */

static int check_image_is_written(const struct step *step, struct err *err)
{
	enum image_use use;

	int rc = image_use(step->path, &use, err);
	if (rc < 0 || use == IMAGE_WRITTEN)
		return rc;
	return err_set(err, EPERM,
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

int incoming_started(const struct call *call, struct strbuf *out, struct err *err)
{
	cleanup_journal struct journal *journal = NULL;
	struct domain_status status = {0};

	(void)out;
	int rc = call_status(call, &status, err);
	if (rc == 0)
		rc = journal_open(call->site, call->domain->uuid, &journal, err);
	if (rc < 0)
		return rc;
	if (journal && status.incoming) {
		rc = check_storage_comes(journal, err);
		return rc < 0 ? rc : journal_set_phase(journal, PHASE_STARTED, err);
	}
	rc = journal ? refuse_empty_images(journal, call->domain, err) : 0;
	if (rc < 0)
		return rc;
	call_start_helper(call, status.incoming ? "watch" : "sync");
	return 0;
}
