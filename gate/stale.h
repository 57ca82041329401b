/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether the manifest that goes with a guest is still true when its migration begins. */
#ifndef BERTH_GATE_STALE_H
#define BERTH_GATE_STALE_H

#include "base/strbuf.h"
#include "gate/facts.h"
#include "xml/running.h"

/**
 * gate_check_manifest() - compare the facts of the source with its own manifest
 * @status: libvirt's status file, and @domain what was read of it
 *
 * Only while libvirt says that a migration from here is going on. Looked at are the disks that the
 * destination makes images for, and volumes; not what lies on shared storage, of which nothing is
 * made.
 *
 * Return: 0; or -ESTALE with what both say and the remedy.
 */
int gate_check_manifest(const struct strbuf *status, const struct running_domain *domain,
			const struct gate_facts *facts, struct err *err);

#endif
