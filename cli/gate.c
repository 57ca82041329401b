/* SPDX-License-Identifier: GPL-2.0-or-later */
/* berth gate: turns the gate inside libvirt's daemon on and off, and tells how it stands. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "cli/cli.h"
#include "cli/gate_state.h"
#include "libvirt/daemon_conf.h"

#define CONF_MAX_BYTES ((size_t)1 << 20)

/* Return: whether it was changed; or a negative errno. */
static int set(const char *path, const char *key, const char *value, bool on, struct err *err)
{
	cleanup_strbuf struct strbuf before = {0}, after = {0};

	int rc = file_read(path, CONF_MAX_BYTES, &before, err);
	if (rc < 0 && rc != -ENOENT)
		return rc;
	strbuf_puts(&before, "");
	bool changed = on ? daemon_conf_set(before.text, key, value, &after)
			  : daemon_conf_set_back(before.text, key, value, &after);
	if (!changed)
		return 0;
	rc = daemon_conf_write(path, &before, &after, err);
	return rc < 0 ? rc : 1;
}

/* Another lock manager goes on protecting what it protects: the gate hands every call on to it. */
static int chain_other(const struct gate_state *state, struct err *err)
{
	const char *other = state->lock_manager;

	if (!other || strcmp(other, "nop") == 0)
		return 0;
	if (state->chain && strcmp(other, state->chain) != 0)
		return err_set(err, EEXIST,
			       "lock manager '%s' is in use, but '%s' has chain = \"%s\"; make the "
			       "two agree",
			       other, GATE_CONF, state->chain);
	int rc = gate_check_plugin(other, err);
	return rc < 0 ? rc : set(GATE_CONF, "chain", other, true, err);
}

static int enable(const struct gate_state *state, struct err *err)
{
	if (access(GATE_OBJECT, R_OK) < 0)
		return err_set(err, errno, "'%s': %s; reinstall berth", GATE_OBJECT,
			       strerror(errno));
	if (state->trouble.code) {
		*err = state->trouble;
		return -err->code;
	}
	if (gate_is_wanted(state))
		return 0;
	int rc = chain_other(state, err);
	return rc < 0 ? rc : set(GATE_QEMU_CONF, "lock_manager", GATE_LOCK_MANAGER, true, err);
}

static int disable(const struct gate_state *state, struct err *err)
{
	if (!gate_is_wanted(state))
		return 0;
	int rc = set(GATE_QEMU_CONF, "lock_manager", GATE_LOCK_MANAGER, false, err);
	if (rc < 0 || !state->chain)
		return rc;
	int chain = set(GATE_CONF, "chain", state->chain, false, err);
	return chain < 0 ? chain : rc;
}

static int print_state(const struct options *options, struct err *err)
{
	cleanup_gate_state struct gate_state state = {0};
	cleanup_strbuf struct strbuf line = {0};

	int rc = gate_look(&state, err);
	if (rc < 0)
		return rc;
	bool good = gate_is_good(&state);
	gate_describe(&state, &line);
	if (!options->quiet || !good)
		puts(line.text);
	return good ? EXIT_DONE : EXIT_REFUSED;
}

static int run(const struct options *options, struct err *err)
{
	cleanup_gate_state struct gate_state state = {0};

	if (strcmp(options->action, "status") == 0)
		return print_state(options, err);
	int rc = gate_look(&state, err);
	if (rc < 0)
		return rc;
	rc = strcmp(options->action, "enable") == 0 ? enable(&state, err) : disable(&state, err);
	if (rc < 0)
		return rc;
	if (rc > 0)
		log_note("gate: %s in '%s'", options->action, GATE_QEMU_CONF);
	if (!options->quiet)
		print_state(options, err);
	return EXIT_DONE;
}

const struct verb verb_gate = {
	.name = "gate",
	.arguments = "enable|disable|status",
	.summary = "turn the check inside libvirt's daemon, just before a guest runs, on or off, or tell",
	.options = " ",
	.actions = " enable disable status ",
	.run = run,
};
