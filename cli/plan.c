/* SPDX-License-Identifier: GPL-2.0-or-later */
/* berth plan: what berth would do on this host for a guest that migrates here, without doing it. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "cli/cli.h"
#include "hooks/plan/plan.h"
#include "hooks/plan/survey.h"

#define DRY_TOKEN "00000000000000000000000000000000"

static int read_xml(const struct options *options, struct strbuf *xml, struct err *err)
{
	if (options->xml && strcmp(options->xml, "-") != 0)
		return file_read(options->xml, DOMAIN_XML_MAX_BYTES, xml, err);
	return file_read_fd(STDIN_FILENO, DOMAIN_XML_MAX_BYTES, xml, err);
}

static void print_json(const struct plan *plan, struct strbuf *out)
{
	strbuf_printf(out, "{\"managed\": %s, \"steps\": [", plan->managed ? "true" : "false");
	for (size_t i = 0; i < plan->step_count; i++) {
		cleanup_strbuf struct strbuf text = {0};
		step_describe(&plan->steps[i], &text);
		strbuf_puts(out, i ? ", {\"step\": " : "{\"step\": ");
		json_string(out, text.text);
		strbuf_free(&text);
		step_describe_undo(&plan->steps[i], &text);
		strbuf_puts(out, ", \"undo\": ");
		json_string(out, text.text);
		strbuf_puts(out, "}");
	}
	strbuf_puts(out, "], \"changes\": [");
	for (size_t i = 0; i < plan->rename_count; i++) {
		strbuf_puts(out, i ? ", {\"what\": " : "{\"what\": ");
		json_string(out, plan->renames[i].what);
		strbuf_puts(out, ", \"from\": ");
		json_string(out, plan->renames[i].from);
		strbuf_puts(out, ", \"to\": ");
		json_string(out, plan->renames[i].to);
		strbuf_puts(out, "}");
	}
	strbuf_puts(out, "], \"ports\": [");
	for (size_t i = 0; i < plan->port_count; i++) {
		strbuf_puts(out, i ? ", " : "");
		json_string(out, plan->ports[i]);
	}
	strbuf_puts(out, "], \"notes\": [");
	for (size_t i = 0; i < plan->note_count; i++) {
		strbuf_puts(out, i ? ", " : "");
		json_string(out, plan->notes[i]);
	}
	strbuf_puts(out, "]}\n");
}

static int make_plan(const struct options *options, const struct domain *domain, struct plan **ret,
		     struct err *err)
{
	cleanup_config struct config *config = NULL;
	cleanup_facts struct facts *facts = NULL;

	int rc = config_load(options->config ? options->config : this_site.config, &config, err);
	if (rc == 0)
		rc = survey_make(&this_site, config, domain, &facts, err);
	if (rc == 0)
		rc = survey_space(&this_site, config, domain, facts, err);
	if (rc == 0)
		rc = host_network_find_tracking(&this_site, domain, &facts->network, err);
	if (rc < 0)
		return rc;
	struct situation situation = {
		.domain = domain,
		.config = config,
		.facts = facts,
		.token = DRY_TOKEN,
	};
	return plan_make(&situation, ret, err);
}

static int run(const struct options *options, struct err *err)
{
	cleanup_strbuf struct strbuf xml = {0}, out = {0};
	cleanup_domain struct domain *domain = NULL;
	cleanup_plan struct plan *plan = NULL;

	int rc = read_xml(options, &xml, err);
	if (rc == 0)
		rc = domain_parse(xml.text ? xml.text : "", xml.length, &domain, err);
	if (rc < 0)
		return rc;
	rc = make_plan(options, domain, &plan, err);
	if (rc < 0)
		return err_wrap(err, "%s", domain->name);
	if (options->json)
		print_json(plan, &out);
	else
		plan_print(plan, &out);
	fputs(out.text, stdout);
	return EXIT_DONE;
}

const struct verb verb_plan = {
	.name = "plan",
	.arguments = "[--json] [--config FOLDER] [--xml FILE]",
	.summary = "what a guest would need here; nothing is done",
	.options = " --json --config --xml ",
	.run = run,
};
