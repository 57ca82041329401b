/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Having a guest's manifest written anew when libvirtd has changed its disks. */
#ifndef BERTH_GATE_REFRESH_H
#define BERTH_GATE_REFRESH_H

#include "base/err.h"
#include "hooks/records/site.h"

/**
 * gate_refresh() - start `berth sync` for a guest, and don't wait for it
 *
 * libvirtd calls while it is changing the guest; so what is started waits a moment first. Of one
 * guest one is at work and one more waits at most: whoever finds that one leaves the rest to it.
 *
 * Return: 0, or a negative errno: it could not be started.
 */
int gate_refresh(const struct site *site, const char *uuid, struct err *err);

#endif
