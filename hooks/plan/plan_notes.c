/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The plan's notes: what berth does nothing for, and libvirt may refuse. */
#include "hooks/plan/plan_parts.h"

#include "base/strbuf.h"

/*
 * libvirt wants to make the volume itself, and refuses that for an incremental copy (libvirt
 * src/qemu/qemu_migration.c, qemuMigrationDstPrecreateDisk()). On a pool that both hosts share it
 * migrates without a storage copy, and hooks aren't told which it is.
 */
char *plan_note_of_disk(const struct domain_disk *disk)
{
	if (disk->type != DISK_VOLUME || disk->readonly || disk->shareable)
		return NULL;
	return xasprintf(
		"disk '%s' is of a storage pool: berth makes no image for it, and libvirt "
		"refuses to migrate it with --copy-storage-inc; name its file or device in "
		"the definition (type='file' or 'block'), or migrate without storage copy "
		"where the hosts share the pool",
		disk->target);
}

void plan_notes(const struct domain *domain, struct plan *plan)
{
	for (size_t i = 0; i < domain->disk_count; i++) {
		char *note = plan_note_of_disk(&domain->disks[i]);
		if (!note)
			continue;
		plan->notes = xreallocarray(plan->notes, plan->note_count + 1, sizeof(char *));
		plan->notes[plan->note_count++] = note;
	}
}
