/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How the gate stands on this host: in libvirt's configuration, and in the daemon that runs. */
#ifndef BERTH_CLI_GATE_STATE_H
#define BERTH_CLI_GATE_STATE_H

#include <stdbool.h>

#include "base/err.h"
#include "base/strbuf.h"
#include "cli/libvirt_daemon.h"

#define GATE_QEMU_CONF SYSCONFDIR "/libvirt/qemu.conf"
#define GATE_CONF SYSCONFDIR "/libvirt/qemu-berth.conf"
#define GATE_PLUGINS LIBDIR "/libvirt/lock-driver"
#define GATE_OBJECT GATE_PLUGINS "/berth.so"
#define GATE_LOCK_MANAGER "berth"

/**
 * struct gate_state - see gate_look()
 * @lock_manager: what qemu.conf names, or NULL: none; owned
 * @chain: the lock manager that the gate hands every call on to, or NULL; owned
 * @daemon: libvirt's
 * @loaded: the daemon that runs has the gate
 * @trouble: why the daemon would not start with the gate; its code is 0 if nothing is known
 */
struct gate_state {
	char *lock_manager;
	char *chain;
	struct libvirt_daemon daemon;
	bool loaded;
	struct err trouble;
};

#define cleanup_gate_state cleanup(gate_state_clear)

/* gate_look() - Return: 0 or a negative errno: a file can't be read. */
int gate_look(struct gate_state *ret, struct err *err);
void gate_state_clear(struct gate_state *state);

/**
 * gate_check_plugin() - whether the plugin of another lock manager is there
 *
 * libvirt's daemon does not start without it, whether it or the gate has to load it.
 *
 * Return: 0 or a negative errno.
 */
int gate_check_plugin(const char *lock_manager, struct err *err);

/* gate_is_wanted() - whether qemu.conf turns it on. */
bool gate_is_wanted(const struct gate_state *state);
/* gate_needs_restart() - whether the daemon runs with another setting than qemu.conf's. */
bool gate_needs_restart(const struct gate_state *state);

/* gate_is_good() - whether it is on, the daemon runs with it or would, and nothing is known that
 * keeps it from starting again. */
bool gate_is_good(const struct gate_state *state);

/* gate_describe() - appends one line for people, without a line break. */
void gate_describe(const struct gate_state *state, struct strbuf *out);

#endif
