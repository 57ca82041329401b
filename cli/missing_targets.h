/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the configuration leads guests to, and is not on this host. */
#ifndef BERTH_CLI_MISSING_TARGETS_H
#define BERTH_CLI_MISSING_TARGETS_H

#include "config/config.h"

/**
 * missing_targets() - a line for each name on the right side of a mapping that nothing here has
 * @ret: lines are added: the object, what is wrong with it, the remedy
 *
 * A folder that lies below a root is not missing: berth makes it when a guest comes. libvirt is
 * asked only where networks are mapped.
 */
void missing_targets(const struct config *config, struct names *ret);

#endif
