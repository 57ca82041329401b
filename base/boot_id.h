/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which boot of this host it is: what the kernel has forgotten, berth forgets too. */
#ifndef BERTH_BASE_BOOT_ID_H
#define BERTH_BASE_BOOT_ID_H

#include "base/err.h"

/* boot_id() - a text that is new at each boot (/proc/sys/kernel/random/boot_id). Return: 0 and
 * *@ret, which the caller frees; or a negative errno. */
int boot_id(char **ret, struct err *err);

#endif
