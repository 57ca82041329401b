/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A guest that comes, first part: `migrate begin`, where all that it needs is made or it is
 * refused; and `restore begin`, where a saved guest gets this host's names.
 */
#include "hooks/call.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/deadline.h"
#include "base/log.h"
#include "hooks/guest_active.h"
#include "hooks/journal/apply.h"
#include "hooks/journal/interruption.h"
#include "hooks/plan/plan.h"
#include "hooks/plan/survey.h"
#include "hooks/plan/token.h"
#include "hooks/ports/guest_port.h"
#include "base/boot_id.h"
#include "hooks/records/comer_mark.h"
#include "xml/rewrite.h"

/* How long a guest that has just left may take until its arrival here before is settled. */
#define SETTLE_WAIT_MS 10000
#define SETTLE_POLL_MS 100
/* How long `migrate begin` may take. Hashing is not counted, and the timeout of volumes is added
 * twice: for those of an earlier attempt, and for its own. Undoing has UNDO_GRACE_S and the timeout
 * of volumes once more. */
#define BEGIN_DEADLINE_S 240
#define UNDO_GRACE_S 60

static void start_deadline(const struct call *call)
{
	cleanup_free char *what = xasprintf("%s: migrate begin", call->domain->name);

	deadline_start(BEGIN_DEADLINE_S + 2 * (int)call->config->volume_timeout_s, what);
}

/* --- migrate begin --- */

/*
 * This host has booted since the earlier attempt, so the guest is not running here. Where it can't
 * have run here before the boot either, what was made is removed. Otherwise the images are kept
 * under other names: the guest's manifest, which no stored definition has, says that the guest runs
 * at another host, and its images need their names now.
 */
static int clear_interrupted(const struct call *call, struct journal **journal, struct err *err)
{
	int rc = 0;

	if (!interruption_is_harmless(*journal)) {
		if (!interruption_runs_elsewhere(call->domain))
			return call_refuse_unsettled(*journal, err);
		rc = interruption_keep_images(call->site, call->config, *journal, err);
	}
	return rc < 0 ? rc : apply_undo(call->site, call->config, journal, err);
}

/* Return: 1 when nothing is in the way any more, 0 when its helper is still at it, or a negative
 * errno. */
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
		rc = apply_undo(call->site, call->config, &journal, err);
		return rc < 0 ? rc : 1;
	case PHASE_RAN:
		call_refuse_unsettled(journal, err);
		return 0;
	default:
		if (!interruption_was(journal))
			return call_refuse_unsettled(journal, err);
		rc = clear_interrupted(call, &journal, err);
		return rc < 0 ? rc : 1;
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
	cleanup_free char *boot = NULL;

	int rc = boot_id(&boot, err);
	if (rc < 0)
		return rc;
	struct journal_start start = {
		.name = call->domain->name,
		.uuid = call->domain->uuid,
		.token = token,
		.source = manifest ? manifest->host : NULL,
		.boot = boot,
		.steps = plan->steps,
		.step_count = plan->step_count,
		.renames = plan->renames,
		.rename_count = plan->rename_count,
		.compared = plan->compared,
	};

	return journal_create(call->site, &start, ret, err);
}

/* Under the site's lock from counting the claims of others until this one is in the journal; the
 * guest's paths have been looked at before. */
static int claim_space(const struct situation *situation, const struct call *call,
		       struct facts *facts, const struct plan *plan, struct journal **journal,
		       struct err *err)
{
	cleanup_close int lock = site_lock(call->site, err);

	if (lock < 0)
		return lock;
	int rc = survey_new_claims(call->site, call->domain, facts, err);
	if (rc == 0)
		rc = plan_check_space(situation, plan, err);
	return rc < 0 ? rc : create_journal(call, plan, situation->token, journal, err);
}

static int plan_and_claim(const struct call *call, struct facts *facts, const char *token,
			  struct plan **plan, struct journal **journal, struct err *err)
{
	struct situation situation = {
		.restore = call->event == EVENT_RESTORE,
		.domain = call->domain,
		.config = call->config,
		.facts = facts,
		.token = token,
	};

	int rc = survey_space(call->site, call->config, call->domain, facts, err);
	if (rc == 0)
		rc = plan_make(&situation, plan, err);
	if (rc < 0 || (*plan)->edit_count == 0)
		return rc;
	return claim_space(&situation, call, facts, *plan, journal, err);
}

/* Also where nothing is to be done: libvirt's own refusal doesn't name the disk. */
static void log_notes(const struct call *call, const struct plan *plan)
{
	for (size_t i = 0; i < plan->note_count; i++)
		log_note("%s: %s", call->domain->name, plan->notes[i]);
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

/* A policy's port without an interface is a mistake at an ordinary start, and none here: the mark
 * tells `prepare begin`. */
static int mark_absent_ports(const struct call *call, struct err *err)
{
	cleanup_free const struct policy_port **absent = NULL;
	size_t count = guest_ports_absent(call->domain, &absent);

	return count > 0 ? comer_mark_set(call->site, call->domain->uuid, err) : 0;
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
	char token[TOKEN_TEXT_MAX];

	if (!plan_is_managed(call->domain, call->config))
		return volumes_refuse_unmanaged(call, err);
	start_deadline(call);
	int rc = guest_refuse_active(call->site, call->domain->uuid, err);
	if (rc == 0)
		rc = clear_earlier_attempt(call, err);
	if (rc == 0)
		rc = token_make(token, err);
	if (rc == 0)
		rc = survey_make(call->site, call->config, call->domain, &facts, err);
	if (rc == 0)
		rc = host_network_find_tracking(call->site, call->domain, &facts->network, err);
	if (rc == 0)
		rc = plan_and_claim(call, facts, token, &plan, &journal, err);
	if (rc == 0)
		rc = rewrite(call, plan, out, err);
	if (rc == 0)
		rc = mark_absent_ports(call, err);
	deadline_add_grace(UNDO_GRACE_S + (int)call->config->volume_timeout_s);
	if (rc == 0 && journal)
		rc = apply_steps(call->site, call->config, &journal, err);
	else if (rc < 0 && journal)
		apply_undo(call->site, call->config, &journal, &(struct err){0});
	if (rc == 0)
		log_notes(call, plan);
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
	if (rc == 0)
		rc = host_network_find_tracking(call->site, call->domain, &facts->network, err);
	if (rc < 0)
		return rc;
	struct situation situation = {
		.restore = call->event == EVENT_RESTORE,
		.domain = call->domain,
		.config = call->config,
		.facts = facts,
	};
	rc = plan_make(&situation, &plan, err);
	if (rc == 0)
		rc = mark_absent_ports(call, err);
	return rc < 0 ? rc : rewrite(call, plan, out, err);
}
