/* SPDX-License-Identifier: GPL-2.0-or-later */
/* berth check: whether this host is ready for guests that come: a line for each thing that matters.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/process.h"
#include "cli/cli.h"
#include "cli/gate_state.h"
#include "cli/missing_targets.h"
#include "config/config.h"
#include "config/value.h"
#include "hooks/records/site.h"

#define HOOK_LINK SYSCONFDIR "/libvirt/hooks/qemu.d/berth"

/* A host without the gate is complete; that it is off is only said. */
enum finding { GOOD, NOTE, WRONG };

/**
 * struct look - what the checks look at, and the line that one of them writes
 * @config: NULL where there is a mistake in it: then @config_error
 * @name: of the check that runs
 * @wrong: one has found something wrong
 */
struct look {
	const struct options *options;
	const char *name;
	bool wrong;
	struct strbuf json;
	struct config *config;
	struct err config_error;
	struct gate_state gate;
	struct strbuf line;
};

static enum finding check_configuration(struct look *look)
{
	if (!look->config) {
		strbuf_puts(&look->line, look->config_error.text);
		return WRONG;
	}
	strbuf_printf(&look->line, "'%s' has no mistake", this_site.config);
	return GOOD;
}

/* libvirt looks for hooks only when it starts (src/util/virhook.c). */
static bool started_before(pid_t pid, const struct timespec *when)
{
	struct timespec start;

	return process_started_at(pid, &start) == 0 && start.tv_sec < when->tv_sec;
}

static enum finding check_hook(struct look *look)
{
	struct stat st;

	if (access(HOOK_LINK, X_OK) < 0 || lstat(HOOK_LINK, &st) < 0) {
		strbuf_printf(&look->line, "'%s': %s; reinstall berth", HOOK_LINK, strerror(errno));
		return WRONG;
	}
	if (look->gate.daemon.on_demand) {
		strbuf_printf(&look->line, "%s will run it: it starts when it is wanted",
			      look->gate.daemon.name);
		return GOOD;
	}
	if (!look->gate.daemon.pid) {
		strbuf_printf(&look->line, "%s does not run", look->gate.daemon.name);
		return WRONG;
	}
	if (started_before(look->gate.daemon.pid, &st.st_ctim)) {
		strbuf_printf(&look->line,
			      "%s has run since before berth was installed: systemctl restart %s "
			      "(guests go on running)",
			      look->gate.daemon.name, look->gate.daemon.name);
		return WRONG;
	}
	strbuf_printf(&look->line, "%s runs it", look->gate.daemon.name);
	return GOOD;
}

static enum finding check_gate(struct look *look)
{
	struct strbuf *line = &look->line;

	if (gate_is_wanted(&look->gate) && look->gate.trouble.code) {
		strbuf_printf(line, "%s will not start again: %s", look->gate.daemon.name,
			      look->gate.trouble.text);
		return WRONG;
	}
	if (gate_needs_restart(&look->gate)) {
		strbuf_printf(line, "%s in qemu.conf, but %s has not been restarted since",
			      gate_is_wanted(&look->gate) ? "on" : "off", look->gate.daemon.name);
		return WRONG;
	}
	if (gate_is_wanted(&look->gate)) {
		strbuf_puts(line, "on; it must be on wherever guests go to or come from");
		if (look->gate.chain)
			strbuf_printf(line, ", with lock manager '%s' behind it there too",
				      look->gate.chain);
		return GOOD;
	}
	strbuf_puts(line, "off; hosts that have it on take no managed guest from here");
	return NOTE;
}

static enum finding check_folders(struct look *look)
{
	const struct names *roots = look->config ? &look->config->roots : NULL;

	for (size_t i = 0; roots && i < roots->count; i++) {
		if (access(roots->items[i], R_OK | W_OK | X_OK) == 0)
			continue;
		strbuf_printf(&look->line,
			      "'%s': %s; make it, or name others in 'roots' in [images]",
			      roots->items[i], strerror(errno));
		return WRONG;
	}
	strbuf_printf(&look->line, "%zu for images", roots ? roots->count : 0);
	return GOOD;
}

/* Nothing tells berth of an interface that is plugged into a running guest. */
static enum finding check_closed(struct look *look)
{
	const struct names *closed = look->config ? &look->config->closed : NULL;

	if (!closed || closed->count == 0) {
		strbuf_puts(&look->line,
			    "an interface that is plugged into a running guest passes everything "
			    "until 'berth sync'; 'closed = vnet*' in [firewall] prevents that");
		return NOTE;
	}
	strbuf_puts(&look->line, "without rules these pass nothing:");
	for (size_t i = 0; i < closed->count; i++)
		strbuf_printf(&look->line, " %s", closed->items[i]);
	return GOOD;
}

static const char *const words[] = {[GOOD] = "ok", [NOTE] = "note", [WRONG] = "wrong"};

static void add_json(struct strbuf *json, const char *name, enum finding found, const char *line)
{
	strbuf_puts(json, json->length ? ",\n  " : "[\n  ");
	strbuf_puts(json, "{\"check\": ");
	json_string(json, name);
	strbuf_puts(json, ", \"finding\": ");
	json_string(json, words[found]);
	strbuf_puts(json, ", \"text\": ");
	json_string(json, line);
	strbuf_puts(json, "}");
}

/* The line that was written, which is empty afterwards. */
static void tell(struct look *look, enum finding found)
{
	look->wrong |= found == WRONG;
	if (look->options->json)
		add_json(&look->json, look->name, found, look->line.text);
	else if (!look->options->quiet || found == WRONG)
		printf("%-13s %-5s  %s\n", look->name, words[found], look->line.text);
	strbuf_free(&look->line);
}

/* A line for each that is missing. */
static enum finding check_mappings(struct look *look)
{
	struct names missing = {0};

	if (look->config)
		missing_targets(look->config, &missing);
	for (size_t i = 0; i < missing.count; i++) {
		if (i > 0)
			tell(look, WRONG);
		strbuf_puts(&look->line, missing.items[i]);
	}
	if (missing.count == 0)
		strbuf_puts(&look->line,
			    look->config ? "all that they lead to is here" : "not checked");
	enum finding found = missing.count ? WRONG : look->config ? GOOD : NOTE;
	names_clear(&missing);
	return found;
}

static const struct check {
	const char *name;
	enum finding (*run)(struct look *look);
} checks[] = {
	{"configuration", check_configuration},
	{"hook", check_hook},
	{"gate", check_gate},
	{"folders", check_folders},
	{"mappings", check_mappings},
	{"interfaces", check_closed},
};

static int run(const struct options *options, struct err *err)
{
	cleanup_config struct config *config = NULL;
	struct look look = {.options = options};

	if (config_load(this_site.config, &config, &look.config_error) == 0)
		look.config = config;
	int rc = gate_look(&look.gate, err);
	if (rc < 0)
		return rc;
	for (size_t i = 0; i < ARRAY_SIZE(checks); i++) {
		look.name = checks[i].name;
		tell(&look, checks[i].run(&look));
	}
	if (options->json)
		printf("%s\n]\n", look.json.text);
	strbuf_free(&look.json);
	gate_state_clear(&look.gate);
	return look.wrong ? EXIT_REFUSED : EXIT_DONE;
}

const struct verb verb_check = {
	.name = "check",
	.arguments = "[--json]",
	.summary = "whether this host is ready for guests that come",
	.options = " --json ",
	.run = run,
};
