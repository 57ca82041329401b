/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether this host has any stale image, as fast as can be. */
#ifndef BERTH_HOOKS_RECORDS_STALE_LOOK_H
#define BERTH_HOOKS_RECORDS_STALE_LOOK_H

#include <stdbool.h>

#include "hooks/records/site.h"

/* stale_look() - whether a record speaks of a stale image, or can't be read. Nothing but libc: the
 * small hook asks it at each start. */
bool stale_look(const struct site *site);

#endif
