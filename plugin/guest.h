/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The domain that a call of libvirt's is about. */
#ifndef BERTH_PLUGIN_GUEST_H
#define BERTH_PLUGIN_GUEST_H

#include <sys/types.h>

#include "base/err.h"
#include "plugin/chain.h"
#include "plugin/lock_driver.h"

#define UUID_TEXT_SIZE 37

/**
 * struct guest - a domain, between drvNew and drvFree
 * @name: owned
 * @uuid: as text, lower case
 * @pid: its QEMU's; 0 or less if it doesn't run
 * @chain: the chained lock manager; not owned
 * @chained: what the chained one sees as its own
 */
struct guest {
	char *name;
	char uuid[UUID_TEXT_SIZE];
	pid_t pid;
	const struct chain *chain;
	struct lock_manager chained;
};

/**
 * guest_new() - from the parameters of drvNew; nothing of them is kept
 *
 * May be called in a child of libvirtd that other threads have forked: no lock is taken.
 *
 * Return: the guest, to be freed with guest_free(); or NULL and *err.
 */
struct guest *guest_new(const struct lock_param *params, size_t count, struct err *err);
void guest_free(struct guest *guest);

#endif
