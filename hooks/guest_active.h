/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether a guest is active on this host, as libvirt's status files tell: a hook can't ask
 * libvirtd. */
#ifndef BERTH_HOOKS_GUEST_ACTIVE_H
#define BERTH_HOOKS_GUEST_ACTIVE_H

#include "base/err.h"
#include "hooks/records/site.h"

/**
 * guest_refuse_active() - nothing may be done for a guest that comes while it is active here
 * @uuid: the guest may have any name here
 *
 * libvirt refuses such a migration, but only after the hook. What the hook had made would be undone
 * then, and with it what the records say of the guest that runs. One that is on its way to this
 * host, or is leaving it at this moment, is not refused here: its journal and the wait for its end
 * decide.
 *
 * Return: 0; -EEXIST with the reason; or another negative errno.
 */
int guest_refuse_active(const struct site *site, const char *uuid, struct err *err);

#endif
