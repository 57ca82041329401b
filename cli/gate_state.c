/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How the gate stands: qemu.conf says what the next start of the daemon does, the gate's own mark
 * what the daemon that runs has done. */
#include "cli/gate_state.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "hooks/records/gate_mark.h"
#include "hooks/records/site.h"
#include "libvirt/daemon_conf.h"
#include "plugin/conf.h"

#define CONF_MAX_BYTES ((size_t)1 << 20)

static int read_value(const char *path, const char *key, char **ret, struct err *err)
{
	cleanup_strbuf struct strbuf text = {0};

	int rc = file_read(path, CONF_MAX_BYTES, &text, err);
	if (rc < 0)
		return rc == -ENOENT ? 0 : rc;
	strbuf_puts(&text, "");
	*ret = daemon_conf_value(text.text, key);
	return 0;
}

int gate_check_plugin(const char *lock_manager, struct err *err)
{
	cleanup_free char *path = xasprintf(GATE_PLUGINS "/%s.so", lock_manager);

	if (access(path, R_OK) == 0)
		return 0;
	return err_set(err, errno,
		       "lock manager '%s': '%s': %s; install libvirt's plugin for it%s, or name "
		       "another, or none",
		       lock_manager, path, strerror(errno), lock_manager_package(lock_manager));
}

/* As the gate itself reads it (plugin/driver.c), which is stricter than daemon_conf_value(). */
static void check_conf(struct err *trouble)
{
	struct gate_conf conf;

	if (gate_conf_read(GATE_CONF, &conf, trouble) < 0)
		return;
	trouble->code = 0;
	if (conf.chain[0] && gate_check_plugin(conf.chain, trouble) < 0)
		err_wrap(trouble, "'" GATE_CONF "'");
}

int gate_look(struct gate_state *ret, struct err *err)
{
	cleanup_gate_state struct gate_state state = {0};

	int rc = read_value(GATE_QEMU_CONF, "lock_manager", &state.lock_manager, err);
	if (rc == 0)
		rc = read_value(GATE_CONF, "chain", &state.chain, err);
	if (rc < 0)
		return rc;
	check_conf(&state.trouble);
	state.daemon = libvirt_daemon_find();
	state.loaded = state.daemon.pid && gate_is_active(&this_site, state.daemon.pid);
	*ret = state;
	state = (struct gate_state){0};
	return 0;
}

void gate_state_clear(struct gate_state *state)
{
	free(state->lock_manager);
	free(state->chain);
	*state = (struct gate_state){0};
}

bool gate_is_wanted(const struct gate_state *state)
{
	return str_equal(state->lock_manager, GATE_LOCK_MANAGER);
}

bool gate_needs_restart(const struct gate_state *state)
{
	return state->daemon.pid && state->loaded != gate_is_wanted(state);
}

bool gate_is_good(const struct gate_state *state)
{
	return gate_is_wanted(state) && !gate_needs_restart(state) && !state->trouble.code &&
	       (state->daemon.pid || state->daemon.on_demand);
}

void gate_describe(const struct gate_state *state, struct strbuf *out)
{
	strbuf_printf(out, "gate: %s", gate_is_wanted(state) ? "on" : "off");
	if (gate_is_wanted(state) && state->trouble.code)
		strbuf_printf(out, "; %s will not start again: %s", state->daemon.name,
			      state->trouble.text);
	else if (gate_is_wanted(state) && state->chain)
		strbuf_printf(out, ", then lock manager '%s'", state->chain);
	else if (!gate_is_wanted(state) && state->lock_manager)
		strbuf_printf(out, "; lock manager '%s'", state->lock_manager);
	if (!state->daemon.pid)
		strbuf_printf(out, "; %s %s", state->daemon.name,
			      state->daemon.on_demand ? "starts when it is wanted"
						      : "does not run");
	else if (gate_needs_restart(state))
		strbuf_printf(out,
			      ", but not before '%s' is restarted: systemctl restart %s (guests go "
			      "on running)",
			      state->daemon.name, state->daemon.name);
}
