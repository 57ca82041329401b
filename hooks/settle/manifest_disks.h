/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The manifest's disks: from the domain XML, the images' own headers, and sysfs. */
#ifndef BERTH_HOOKS_SETTLE_MANIFEST_DISKS_H
#define BERTH_HOOKS_SETTLE_MANIFEST_DISKS_H

#include "hooks/records/site.h"
#include "xml/domain.h"
#include "xml/manifest.h"

/**
 * manifest_add_disks() - describe all disks of a guest that runs here
 *
 * A disk that can't be described leaves the others alone: the manifest gets a problem in its place,
 * which tells what is wrong with it.
 */
void manifest_add_disks(const struct site *site, const struct domain *domain,
			struct manifest *manifest);

#endif
