/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The stored definition of a guest that has arrived: libvirt stored the source's, with the source's
 * names. */
#ifndef BERTH_HOOKS_SETTLE_STORED_DEFINITION_H
#define BERTH_HOOKS_SETTLE_STORED_DEFINITION_H

#include "config/config.h"
#include "hooks/journal/journal.h"
#include "libvirt/guest.h"
#include "xml/domain.h"
#include "xml/rewrite.h"

/**
 * stored_definition_fix() - put this host's names into it
 *
 * Hooks don't filter what `virsh migrate --persistent` stores (libvirt src/qemu/qemu_migration.c,
 * qemuMigrationDstPersist()): left as it is, the next cold start would open what has the source's
 * names on this host, be it another guest's (CVE-2020-17376 in OpenStack).
 *
 * The names that the migration changed are changed in the same way, and the configuration's
 * mappings to what else it holds. A guest without stored definition is left alone.
 *
 * Return: 0, or a negative errno.
 */
int stored_definition_fix(const struct config *config, struct libvirt *libvirt,
			  const struct journal *journal, struct err *err);

/**
 * stored_definition_edits() - the names of the source in it, and what they are here
 * @edits: room for as many as the domain has places; the caller frees their values
 *
 * Return: how many.
 */
size_t stored_definition_edits(const struct config *config, const struct journal *journal,
			       const struct domain *domain, struct xml_edit *edits);

#endif
