/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command `berth`: one verb a file. */
#ifndef BERTH_CLI_CLI_H
#define BERTH_CLI_CLI_H

#include <stdbool.h>

#include "base/err.h"
#include "base/strbuf.h"

/* Exit statuses. */
enum { EXIT_DONE = 0, EXIT_REFUSED = 1, EXIT_USAGE = 2 };

/**
 * struct options - what stood on the command line behind the verb
 * @guest: the guest's name or UUID, or NULL
 * @action: one of the verb's actions, or NULL
 */
struct options {
	bool json;
	bool quiet;
	bool discard;
	bool keep;
	bool departed;
	bool forget;
	bool repair;
	bool yes;
	const char *xml;
	const char *config;
	const char *guest;
	const char *action;
};

/* One verb. @run returns an exit status; a negative errno with @err set is EXIT_REFUSED. */
struct verb {
	const char *name;
	const char *arguments;
	const char *summary;
	const char *options; /* the long options it takes, between blanks: " --json --quiet " */
	bool needs_guest;
	const char *
		actions; /* one of these must follow, between blanks: " enable disable "; or NULL */
	int (*run)(const struct options *options, struct err *err);
};

extern const struct verb verb_status, verb_sync, verb_plan, verb_reap, verb_watch, verb_verify,
	verb_check, verb_gate, verb_reclaim;

/* json_string() - appends a JSON string, or null for NULL. */
void json_string(struct strbuf *out, const char *text);

#endif
