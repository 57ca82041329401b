/* SPDX-License-Identifier: GPL-2.0-or-later */
/* No disk that both hosts have, an image on shared storage or a volume, is copied onto itself. */
#ifndef BERTH_HOOKS_ONTO_ITSELF_H
#define BERTH_HOOKS_ONTO_ITSELF_H

#include "hooks/call.h"

/**
 * onto_itself_let_open() - `prepare begin` of this very migration: QEMU is about to open the
 * volumes, and may have to open them for writing; nobody copies anything yet
 *
 * Return: 0 or a negative errno.
 */
int onto_itself_let_open(const struct journal *journal, struct err *err);

/**
 * onto_itself_refuse() - `started begin`: fences the volumes, and refuses the migration if QEMU has
 * been told to write to what both hosts have
 * @journal: NULL where there is none
 *
 * Return: 0 or a negative errno.
 */
int onto_itself_refuse(const struct call *call, const struct domain_status *status,
		       const struct journal *journal, struct err *err);

#endif
