/* SPDX-License-Identifier: GPL-2.0-or-later */
/* libvirt's status file of a running domain, /run/libvirt/qemu/NAME.xml: what a hook may know
 * without asking libvirtd. */
#ifndef BERTH_XML_STATUS_H
#define BERTH_XML_STATUS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/err.h"

/* A larger file is no status of libvirt's. */
#define DOMAIN_STATUS_MAX_BYTES (16u << 20)

/**
 * struct domain_status - how far libvirt is with a domain
 * @known: there was a status; otherwise all else is false
 * @pid: of its QEMU, or 0
 * @incoming: a migration to this host is going on
 * @preparing: libvirt has not begun to finish it: no processor has run here
 * @running: its processors run
 * @paused_for_migration: its processors stand: they wait for a migration that comes in, or have
 * just been stopped for one that goes out
 * @ending: it is being shut down; what it did before is not to be seen any more
 * @left: a migration away from this host was confirmed: the guest runs elsewhere
 * @storage_copied: that migration was told to copy storage
 * @unsafe: that migration was told not to ask whether what it doesn't copy is on shared storage
 * @post_copy: it may switch to post-copy; false where libvirt writes no flags
 * @runs_on_arrival: that migration lets its guest run when it has arrived; false where it stays
 * paused, and where libvirt writes no flags
 *
 * From libvirt src/qemu/qemu_domain.c (qemuDomainObjPrivateXMLFormat) and qemu_migration.c:
 * <domstatus state= reason=>, <job async= phase= flags=>; flags are VIR_MIGRATE_*.
 * Measured on 9.0.0: at `stopped end` the file is still there. When libvirt stops an incoming guest
 * whose source was lost, it says state='shutdown' and no job; as for every guest that is destroyed.
 * The phase is saved before what it is about begins (qemuMigrationJobStartPhase()), so it is still
 * 'prepare' only where nothing has let the processors run.
 *
 * Which disks were copied it doesn't say any more then: <disk dev='vda' migrating='no'/>, for the
 * copying has ended. But without --unsafe libvirt lets no migration begin that leaves a disk where
 * it is, if that is neither read-only nor on a file system which libvirt takes for shared
 * (qemuMigrationSrcIsSafe()): so each other one was copied.
 */
struct domain_status {
	bool known;
	pid_t pid;
	bool incoming;
	bool preparing;
	bool running;
	bool paused_for_migration;
	bool ending;
	bool left;
	bool storage_copied;
	bool unsafe;
	bool post_copy;
	bool runs_on_arrival;
};

/* domain_status_parse() - Return: 0; -EBADMSG when it isn't such a file. */
int domain_status_parse(const char *text, size_t length, struct domain_status *ret,
			struct err *err);

#endif
