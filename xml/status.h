/* SPDX-License-Identifier: GPL-2.0-or-later */
/* libvirt's status file of a running domain, /run/libvirt/qemu/NAME.xml: what a hook may know
 * without asking libvirtd. */
#ifndef BERTH_XML_STATUS_H
#define BERTH_XML_STATUS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

/**
 * struct domain_status - how far libvirt is with a domain
 * @known: there was a status; otherwise all else is false
 * @incoming: a migration to this host is going on
 * @running: its processors run
 * @paused_for_migration: its processors stand: they wait for a migration that comes in, or have
 * just been stopped for one that goes out
 * @ending: it is being shut down; what it did before is not to be seen any more
 * @left: a migration away from this host was confirmed: the guest runs elsewhere
 * @storage_copied: that migration was told to copy storage
 * @post_copy: it may switch to post-copy; false where libvirt writes no flags
 *
 * From libvirt src/qemu/qemu_domain.c (qemuDomainObjPrivateXMLFormat) and qemu_migration.c:
 * <domstatus state= reason=>, <job async= phase= flags=>; flags are VIR_MIGRATE_*.
 * Measured on 9.0.0: at `stopped end` the file is still there. When libvirt stops an incoming guest
 * whose source was lost, it says state='shutdown' and no job; as for every guest that is destroyed.
 */
struct domain_status {
	bool known;
	bool incoming;
	bool running;
	bool paused_for_migration;
	bool ending;
	bool left;
	bool storage_copied;
	bool post_copy;
};

/* domain_status_parse() - Return: 0; -EBADMSG when it isn't such a file. */
int domain_status_parse(const char *text, size_t length, struct domain_status *ret,
			struct err *err);

#endif
