/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The gate.
 *
 * Theory of operation: both hosts look at the guest in the same way (look.h) and come to
 * facts; a pure function compares them (compare.h). Then what can be put right is: the ports'
 * rules, by the policy that has come along. Manifest and policy have prepared this; here it is
 * proved.
 */
#include "gate/gate.h"

#include <errno.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "gate/compare.h"
#include "gate/known_rules.h"
#include "gate/look.h"
#include "gate/rules.h"
#include "gate/stale.h"
#include "base/boot_id.h"
#include "hooks/records/gate_mark.h"
#include "hooks/records/gate_unverified.h"

/* What is looked up first; all of it is freed. */
struct gate_setting {
	struct strbuf status;
	struct running_domain domain;
	struct config *config;
	struct open_files files;
};

#define cleanup_setting cleanup(setting_clear)

static void setting_clear(struct gate_setting *setting)
{
	strbuf_free(&setting->status);
	running_domain_clear(&setting->domain);
	config_free(setting->config);
	open_files_clear(&setting->files);
}

static int begin(const struct site *site, const char *name, const char *uuid,
		 struct gate_setting *ret, struct err *err)
{
	struct err wrong;

	*ret = (struct gate_setting){0};
	if (config_load(site->config, &ret->config, &wrong) < 0)
		log_problem("%s", wrong.text);
	return gate_running(site, name, uuid, &ret->status, &ret->domain, err);
}

static int describe_guest(const struct running_domain *domain, struct gate_facts *facts,
			  struct err *err)
{
	char host[256] = "";

	gethostname(host, sizeof(host) - 1);
	facts->host = xstrdup(host);
	facts->seconds = (uint64_t)time(NULL);
	facts->name = xstrdup(domain->name);
	facts->uuid = xstrdup(domain->uuid);
	facts->managed = domain->has_manifest || domain->has_policy;
	return boot_id(&facts->boot, err);
}

static int look(const struct gate_view *view, struct gate_facts *facts, struct err *err)
{
	int rc = describe_guest(view->domain, facts, err);

	if (rc < 0 || !facts->managed)
		return rc;
	gate_look_at_disks(view, facts);
	return gate_look_at_ports(view, facts, err);
}

int gate_inquire(const struct site *site, const char *name, const char *uuid, struct strbuf *out,
		 struct err *err)
{
	cleanup_setting struct gate_setting setting = {0};
	cleanup_gate_facts struct gate_facts facts = {0};

	int rc = begin(site, name, uuid, &setting, err);
	if (rc < 0)
		return rc;
	struct gate_view view = {
		.site = site,
		.config = setting.config,
		.domain = &setting.domain,
	};
	rc = look(&view, &facts, err);
	if (rc == 0 && facts.managed)
		rc = gate_check_manifest(&setting.status, &setting.domain, &facts, err);
	if (rc == 0)
		gate_facts_format(&facts, out);
	return rc;
}

/* --- what is noted --- */

/* Rules among a port's own that aren't berth's: guest_ports_start() has just removed such rules, so
 * somebody has added these in the meantime. */
static bool has_foreign(const struct gate_facts *facts)
{
	for (size_t i = 0; i < facts->port_count; i++) {
		if (facts->ports[i].foreign)
			return true;
	}
	return false;
}

static int note(const struct gate_view *view, const struct firewall_state *since,
		struct gate_facts *here, struct err *err)
{
	cleanup_firewall struct firewall *firewall = NULL;
	struct firewall_state now;

	int rc = describe_guest(view->domain, here, err);
	if (rc == 0)
		rc = gate_look_at_ports(view, here, err);
	if (rc == 0)
		rc = firewall_open(&firewall, err);
	if (rc == 0)
		rc = firewall_look(firewall, &now, err);
	if (rc < 0)
		return rc;
	if (now.generation != since->generation || has_foreign(here))
		return 0;
	rc = gate_known_rules_keep(view->site, &now, here, err);
	return rc < 0 ? rc : 1;
}

int gate_note_rules(const struct site *site, const char *name, const char *uuid,
		    const struct firewall_state *since, struct err *err)
{
	cleanup_setting struct gate_setting setting = {0};
	cleanup_gate_facts struct gate_facts here = {0};
	int rc = begin(site, name, uuid, &setting, err);

	if (rc < 0)
		return rc;
	struct gate_view view = {
		.site = site,
		.config = setting.config,
		.domain = &setting.domain,
	};
	return note(&view, since, &here, err);
}

/* --- verify --- */

/* The journal of an earlier migration says nothing about this one. */
static int check_token(const struct running_domain *domain, const struct journal *journal,
		       struct err *err)
{
	if (!journal || !domain->token || strcmp(domain->token, journal->token) == 0)
		return 0;
	return err_set(err, ESTALE,
		       "the journal on this host is of another migration; run 'berth reap %s' here "
		       "and migrate again",
		       domain->name);
}

/*
 * Synced before the guest runs: after a crash nobody may conclude that the guest has not written to
 * its images here. gate_verify_guest() has read the journal without its lock, and the journal may
 * have changed since; so it is opened again, locked.
 */
static int note_verified(const struct site *site, const struct running_domain *domain,
			 const char *uuid, struct err *err)
{
	cleanup_journal struct journal *journal = NULL;

	if (!domain->incoming)
		return 0;
	int rc = journal_open(site, uuid, &journal, err);
	if (rc <= 0 || journal->phase != PHASE_STARTED || !journal->gated)
		return rc < 0 ? rc : 0;
	/* Nobody lets the guest run any more: what was made for it can be undone. */
	if (!gate_is_awaited(site))
		return err_set(err, ESRCH, "libvirtd, which has asked, has ended meanwhile");
	return journal_set_started(journal, true, true, err);
}

static int pass(const struct gate_view *view, const struct strbuf *status, struct err *err)
{
	cleanup_gate_facts struct gate_facts here = {0};
	int rc = look(view, &here, err);

	if (rc < 0)
		return rc;
	struct gate_case given = {
		.there = view->there,
		.here = &here,
		.journal = view->journal,
		.incoming = view->domain->incoming,
		.unverified = gate_is_unverified(view->site, here.uuid, view->domain->pid),
	};
	bool is_known = view->there && view->there->managed;
	rc = gate_compare(&given, err);
	if (rc == 0 && is_known)
		rc = gate_put_rules(view, &given, status, err);
	if (rc == 0 && is_known)
		rc = gate_check_vlans(view, &here, err);
	if (rc == 0)
		rc = note_verified(view->site, view->domain, here.uuid, err);
	/* Last of all: a guest that is refused keeps its fences. */
	return rc == 0 && is_known ? gate_lift_fences(view->journal, &here, err) : rc;
}

int gate_verify_guest(const struct site *site, const char *name, const char *uuid,
		      struct strbuf *facts, struct err *err)
{
	cleanup_setting struct gate_setting setting = {0};
	cleanup_gate_facts struct gate_facts there = {0};
	cleanup_journal struct journal *journal = NULL;

	int rc = begin(site, name, uuid, &setting, err);
	if (rc == 0 && facts->length > 0) {
		rc = gate_facts_parse(facts->text, facts->length, &there, err);
		if (rc < 0)
			return err_wrap(err, "the source host's facts");
	}
	if (rc == 0)
		rc = journal_peek(site, uuid, &journal, err);
	if (rc >= 0)
		rc = check_token(&setting.domain, journal, err);
	if (rc < 0)
		return rc;
	open_files_of(setting.domain.pid, &setting.files);
	struct gate_view view = {
		.site = site,
		.config = setting.config,
		.domain = &setting.domain,
		.files = &setting.files,
		.there = facts->length > 0 ? &there : NULL,
		.journal = journal,
	};
	rc = pass(&view, &setting.status, err);
	if (rc < 0)
		return rc;
	gate_known_rules_forget(site, uuid);
	gate_unverified_forget(site, uuid);
	return 0;
}
