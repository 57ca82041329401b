/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside storage/: the kernel's aoe driver. */
#ifndef BERTH_STORAGE_AOE_KERNEL_H
#define BERTH_STORAGE_AOE_KERNEL_H

#include "storage/volume.h"

/* aoe_interface_is_up() - whether there is a network interface of that name, and it is up. */
bool aoe_interface_is_up(const char *name);

/* aoe_is_loaded() - whether the driver is there. */
bool aoe_is_loaded(void);

/* aoe_module_is_available() - 0: loaded, or can be; -ENOENT; ... */
int aoe_module_is_available(const struct volume_host *host, struct err *err);

/**
 * aoe_allow_interfaces() - have the driver loaded, and listening on the configured interfaces
 *
 * Where berth loads it, it listens on no other; where it was loaded already, those that are missing
 * are added.
 */
int aoe_allow_interfaces(const struct volume_host *host, struct err *err);

/* aoe_unload() - takes the driver out of the kernel, where nobody has a device of its open. */
int aoe_unload(const struct volume_host *host, struct err *err);

/* aoe_discover() - has the driver ask who is there, as it does each minute by itself; what answers
 * becomes a device. */
int aoe_discover(struct err *err);

/* aoe_flush() - has the driver forget a device ("e1.2") at once, whoever uses it. */
int aoe_flush(const char *name, struct err *err);

#endif
