/* SPDX-License-Identifier: GPL-2.0-or-later */
/* berth verify: whether the kernel holds what the guests' policies want; and put it right. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "cli/cli.h"
#include "cli/guest_domain.h"
#include "cli/ports.h"
#include "hooks/ports/guest_ports.h"
#include "hooks/records/site.h"

static void print(const struct port_lines *lines)
{
	for (size_t i = 0; i < lines->count; i++) {
		const struct port_line *line = &lines->items[i];
		printf("%s: %s: %s\n", line->guest, line->interface ? line->interface : "-",
		       line->state);
		for (const char *at = line->differences; at && *at;) {
			size_t length = strcspn(at, "\n");
			printf("  %.*s\n", (int)length, at);
			at += length + (at[length] == '\n');
		}
	}
	if (lines->count == 0)
		puts("no running guest has a policy");
}

static int repair_guest(const struct config *config, struct libvirt *libvirt,
			const struct port_line *line, struct err *err)
{
	cleanup_domain struct domain *domain = NULL;

	int rc = guest_domain(libvirt, line->uuid, &domain, err);
	/* The program of a guest that doesn't run is swept away when its interface is gone. */
	if (rc == -ENOENT)
		return 0;
	if (rc == 0)
		rc = guest_ports_start(&this_site, config, domain, false, err);
	if (rc > 0)
		log_note("%s: the rules of its ports were not as its policy wants them; %d "
			 "objects are put right",
			 line->guest, rc);
	return rc < 0 ? err_wrap(err, "%s", line->guest) : 0;
}

static int repair(const struct config *config, const struct port_lines *lines, struct err *err)
{
	cleanup_libvirt struct libvirt *libvirt = NULL;
	struct err one;
	int failed = 0;

	int rc = libvirt_open(&libvirt, err);
	for (size_t i = 0; i < lines->count && rc == 0; i++) {
		/* What belongs to nobody any more is swept away below. */
		if (port_line_agrees(&lines->items[i]) ||
		    strcmp(lines->items[i].state, "guest gone") == 0 ||
		    repair_guest(config, libvirt, &lines->items[i], &one) == 0)
			continue;
		fprintf(stderr, "berth: %s\n", one.text);
		failed++;
	}
	if (rc == 0)
		rc = guest_ports_sweep(&this_site, config, err);
	return rc < 0 ? rc : failed;
}

static int look(const struct options *options, const struct config *config, struct port_lines *ret,
		struct err *err)
{
	cleanup_strbuf struct strbuf out = {0};

	int rc = port_lines_collect(config, options->guest, ret, err);
	if (rc == 0 && options->guest && ret->count == 0)
		rc = guest_must_exist(options->guest, err);
	if (rc < 0 || (options->quiet && port_lines_agree(ret)))
		return rc;
	if (options->json) {
		port_lines_to_json(ret, &out);
		puts(out.text);
	} else {
		print(ret);
	}
	return 0;
}

static int run(const struct options *options, struct err *err)
{
	cleanup_config struct config *config = NULL;
	cleanup_port_lines struct port_lines before = {0}, after = {0};

	int rc = config_load(this_site.config, &config, err);
	if (rc == 0)
		rc = look(options, config, &before, err);
	if (rc < 0)
		return rc;
	if (port_lines_agree(&before) || !options->repair)
		return port_lines_agree(&before) ? EXIT_DONE : EXIT_REFUSED;
	rc = repair(config, &before, err);
	if (rc < 0)
		return rc;
	int failed = rc;
	rc = port_lines_collect(config, options->guest, &after, err);
	if (rc < 0)
		return rc;
	if (failed || !port_lines_agree(&after))
		return EXIT_REFUSED;
	if (!options->quiet && !options->json)
		puts("put right");
	return EXIT_DONE;
}

const struct verb verb_verify = {
	.name = "verify",
	.arguments = "[--repair] [--json] [GUEST]",
	.summary = "whether ports have the rules that policies want",
	.options = " --repair --json ",
	.run = run,
};
