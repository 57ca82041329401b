/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside storage/: the parts of the driver of AoE volumes. */
#ifndef BERTH_STORAGE_AOE_H
#define BERTH_STORAGE_AOE_H

#include "storage/volume.h"

/* What stands before "e1.2" in sysfs. */
#define AOE_DEVICE_PREFIX "etherd!"

/* aoe_device_name() - "etherd!e1.2"; the caller frees it. */
char *aoe_device_name(const struct volume *volume);

/* aoe_attach.c; see struct volume_driver */
int aoe_attach(const struct volume *volume, const struct volume_host *host, struct err *err);
int aoe_is_ours(const struct volume *volume, const struct volume_host *host, struct err *err);
int aoe_detach(const struct volume *volume, const struct volume_host *host, struct err *err);

#endif
