/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What libvirt's own status file says of a domain; as text, without libxml2, whose globals are
 * libvirtd's. */
#ifndef BERTH_PLUGIN_STATUS_H
#define BERTH_PLUGIN_STATUS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

enum guest_job {
	JOB_NONE,
	JOB_MIGRATION_IN,
	JOB_MIGRATION_OUT,
	JOB_OTHER, /* starting, saving, dumping, a snapshot */
};

/**
 * struct guest_status - what is going on with a domain
 * @managed: berth manages it: its metadata has a policy or a manifest. What can't be read is taken
 *           for managed, a domain without a status file is not
 * @job: what libvirt is doing with it
 * @post_copy: that may switch to post-copy (VIR_MIGRATE_POSTCOPY in the job's flags); false where
 *             libvirt doesn't write them
 *
 * From libvirt src/qemu/qemu_domain.c: <job async= phase= flags=> stands below <domstatus>, before
 * the domain. The file is written when a job begins and at each phase of a migration, before the
 * lock manager is called (qemuDomainObjSetJobPhase); seen on 9.0.0.
 */
struct guest_status {
	bool managed;
	enum guest_job job;
	bool post_copy;
};

/**
 * guest_status_read() - read libvirt's status file of a domain
 * @folder: libvirt's /run/libvirt/qemu
 * @ret: set in any case
 *
 * Return: 0, or a negative errno for a file that is there but can't be read.
 */
int guest_status_read(const char *folder, const char *name, struct guest_status *ret,
		      struct err *err);

/* guest_status_of() - the same of a text. */
struct guest_status guest_status_of(const char *text, size_t length);

#endif
