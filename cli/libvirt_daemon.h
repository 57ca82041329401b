/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The daemon of libvirt's that runs QEMU on this host. */
#ifndef BERTH_CLI_LIBVIRT_DAEMON_H
#define BERTH_CLI_LIBVIRT_DAEMON_H

#include <stdbool.h>
#include <sys/types.h>

/**
 * struct libvirt_daemon
 * @name: of the daemon: "libvirtd", or "virtqemud", which is for QEMU alone (libvirt
 * docs/daemons.rst)
 * @pid: 0: it doesn't run
 * @start: tells it from a later process of the same number: process_start()
 * @on_demand: it doesn't run, but somebody, such as systemd, listens at its socket and starts it
 * when it is wanted. That is ordinary: libvirt's units have their daemons end after two minutes
 * without guests and clients
 */
struct libvirt_daemon {
	const char *name;
	pid_t pid;
	unsigned long long start;
	bool on_demand;
};

/* libvirt_daemon_find() - looks; starts none. */
struct libvirt_daemon libvirt_daemon_find(void);

/* libvirt_daemon_find_in() - the same, with another folder than /run. */
struct libvirt_daemon libvirt_daemon_find_in(const char *run);

/**
 * libvirt_daemon_wait_end() - wait until the process has ended
 *
 * Return: true; or false where there was none, or it hasn't ended within @timeout_ms.
 */
bool libvirt_daemon_wait_end(const struct libvirt_daemon *daemon, int timeout_ms);

#endif
