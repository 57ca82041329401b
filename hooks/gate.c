/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The gate.
 *
 * Theory of operation: both hosts look at the guest in the same way (gate_look.h) and come to
 * facts; a pure function compares them (gate_compare.h). Then what can be put right is: the ports'
 * rules. Manifest and policy have prepared this; here it is proved.
 */
#include "hooks/gate.h"

#include <errno.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "hooks/boot_id.h"
#include "hooks/gate_compare.h"
#include "hooks/gate_known_rules.h"
#include "hooks/gate_look.h"
#include "hooks/gate_rules.h"

/* Where rules had to be put right they are looked at once more. */
#define PREPARE_TRIES 3

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
	cleanup_gate_kernel struct gate_kernel kernel = {0};

	int rc = begin(site, name, uuid, &setting, err);
	if (rc < 0)
		return rc;
	struct gate_view view = {
		.site = site,
		.config = setting.config,
		.domain = &setting.domain,
		.kernel = &kernel,
	};
	rc = look(&view, &facts, err);
	if (rc == 0)
		gate_facts_format(&facts, out);
	return rc;
}

/* --- prepare --- */

/* Return: 1: what @here says has been true from then to now; 0: it may have changed; or a negative
 * errno. */
static int look_and_put(const struct gate_view *view, const struct strbuf *status,
			struct gate_facts *here, struct firewall_state *state, struct err *err)
{
	struct gate_case given = {here, here, NULL, true};
	struct firewall_state before = {0};

	int rc = describe_guest(view->domain, here, err);
	if (rc == 0)
		rc = firewall_open(&view->kernel->firewall, err);
	if (rc == 0)
		rc = firewall_look(view->kernel->firewall, &before, err);
	if (rc == 0)
		rc = gate_look_at_ports(view, here, err);
	/* They go with what has to be put right. */
	for (size_t i = 0; i < here->port_count; i++)
		here->ports[i].foreign = 0;
	if (rc == 0)
		rc = gate_put_rules(view, &given, status, err);
	if (rc == 0)
		rc = firewall_look(view->kernel->firewall, state, err);
	return rc < 0 ? rc : state->generation == before.generation;
}

int gate_prepare_guest(const struct site *site, const char *name, const char *uuid, struct err *err)
{
	cleanup_setting struct gate_setting setting = {0};
	int rc = begin(site, name, uuid, &setting, err);

	if (rc < 0 || !setting.domain.incoming || setting.domain.policy_port_count == 0)
		return rc;
	for (int i = 0; i < PREPARE_TRIES; i++) {
		cleanup_gate_facts struct gate_facts here = {0};
		cleanup_gate_kernel struct gate_kernel kernel = {0};
		struct firewall_state state;
		struct gate_view view = {
			.site = site,
			.config = setting.config,
			.domain = &setting.domain,
			.kernel = &kernel,
		};
		rc = look_and_put(&view, &setting.status, &here, &state, err);
		if (rc < 0)
			return rc;
		if (rc == 1)
			return gate_known_rules_keep(site, &state, &here, err);
	}
	return 0;
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

static int pass(const struct gate_view *view, const struct strbuf *status, struct err *err)
{
	cleanup_gate_facts struct gate_facts here = {0};
	int rc = look(view, &here, err);

	if (rc < 0)
		return rc;
	struct gate_case given = {view->there, &here, view->journal, view->domain->incoming};
	rc = gate_compare(&given, err);
	if (rc < 0 || !view->there || !view->there->managed)
		return rc;
	rc = gate_put_rules(view, &given, status, err);
	if (rc == 0)
		rc = gate_check_vlans(view, &here, err);
	return rc < 0 ? rc : gate_lift_fences(view->journal, &here, err);
}

int gate_verify_guest(const struct site *site, const char *name, const char *uuid,
		      struct strbuf *facts, struct err *err)
{
	cleanup_setting struct gate_setting setting = {0};
	cleanup_gate_facts struct gate_facts there = {0};
	cleanup_gate_kernel struct gate_kernel kernel = {0};
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
		.kernel = &kernel,
	};
	rc = pass(&view, &setting.status, err);
	if (rc == 0)
		gate_known_rules_forget(site, uuid);
	return rc;
}
