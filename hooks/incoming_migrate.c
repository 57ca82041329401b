/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A guest that comes, first part: `migrate begin`, where all that it needs is made or it is
 * refused; and `restore begin`, where a saved guest gets this host's names.
 */
#include "hooks/call.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/log.h"
#include "hooks/apply.h"
#include "hooks/plan.h"
#include "hooks/survey.h"
#include "xml/rewrite.h"

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
		return call_refuse_unsettled(journal, err);
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
		return volumes_refuse_unmanaged(call, err);
	int rc = clear_earlier_attempt(call, err);
	if (rc == 0)
		rc = make_token(token, err);
	if (rc == 0)
		rc = survey_make(call->site, call->config, call->domain, &facts, err);
	if (rc == 0)
		rc = survey_tracking(call->site, call->domain, &facts->network, err);
	if (rc == 0)
		rc = plan_and_claim(call, facts, token, &plan, &journal, err);
	if (rc == 0)
		rc = rewrite(call, plan, out, err);
	if (rc == 0 && journal)
		rc = apply_steps(call->site, call->config, &journal, err);
	else if (rc < 0 && journal)
		apply_undo(call->site, call->config, &journal, &(struct err){0});
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
		rc = survey_tracking(call->site, call->domain, &facts->network, err);
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
