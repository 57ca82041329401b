/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside storage/: notes on the AoE devices that berth has made appear, and on the driver. */
#ifndef BERTH_STORAGE_AOE_NOTE_H
#define BERTH_STORAGE_AOE_NOTE_H

#include "storage/volume.h"

/* aoe_lock() - one process at a time changes the driver's interfaces, and notes together with the
 * devices that they are of. Return: a descriptor that holds the lock, or a negative errno. */
int aoe_lock(const struct volume_host *host, struct err *err);

/* aoe_note() - notes durably that berth makes it: a device ("e1.2"), or AOE_MODULE: the driver. */
int aoe_note(const struct volume_host *host, const char *what, struct err *err);
#define AOE_MODULE "module"

/* aoe_is_noted() - 1: berth has made it in this boot; 0: not; or a negative errno. */
int aoe_is_noted(const struct volume_host *host, const char *what, struct err *err);

/* aoe_is_only() - whether no other device is noted. */
bool aoe_is_only(const struct volume_host *host, const char *device);

/* aoe_forget() - removes the note, if there is one. */
int aoe_forget(const struct volume_host *host, const char *what, struct err *err);

#endif
