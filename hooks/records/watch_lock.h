/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who watches a migration to this host: one process at a time for each guest. */
#ifndef BERTH_HOOKS_RECORDS_WATCH_LOCK_H
#define BERTH_HOOKS_RECORDS_WATCH_LOCK_H

#include "base/err.h"
#include "hooks/records/site.h"

/**
 * watch_lock() - become the one who watches a guest's migration
 *
 * Return: a descriptor, closing it ends the watch; -EAGAIN when somebody watches; or another
 * negative errno.
 */
int watch_lock(const struct site *site, const char *uuid, struct err *err);

/* watch_lock_remove() - the migration is settled: removes the lock's file, which must be held. */
void watch_lock_remove(const struct site *site, const char *uuid);

/* leaving_lock(), leaving_lock_remove() - the same for who waits for the end of a migration from
 * this host, to write the guest's manifest then. */
int leaving_lock(const struct site *site, const char *uuid, struct err *err);
void leaving_lock_remove(const struct site *site, const char *uuid);

#endif
