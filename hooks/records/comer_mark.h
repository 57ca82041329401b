/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A mark that a guest is about to come by a migration or a restore. `prepare begin`, which follows,
 * can't tell these from an ordinary start, and they may have ports without an interface. */
#ifndef BERTH_HOOKS_RECORDS_COMER_MARK_H
#define BERTH_HOOKS_RECORDS_COMER_MARK_H

#include <stdbool.h>

#include "hooks/records/site.h"

/* comer_mark_set() - at `migrate begin` and `restore begin`. Return: 0; or a negative errno. */
int comer_mark_set(const struct site *site, const char *uuid, struct err *err);

/* comer_mark_take() - remove the mark. Return: whether there was one, not older than libvirt needs
 * from one event to the next. */
bool comer_mark_take(const struct site *site, const char *uuid);

#endif
