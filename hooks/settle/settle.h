/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Settling a migration to this host: keep what it brought when the guest is here, undo it when it
 * never came. */
#ifndef BERTH_HOOKS_SETTLE_SETTLE_H
#define BERTH_HOOKS_SETTLE_SETTLE_H

#include "config/config.h"
#include "hooks/records/site.h"
#include "libvirt/guest.h"

enum settlement {
	SETTLED_NOTHING,  /* there is no journal */
	SETTLED_ARRIVED,  /* the guest is here; all is committed */
	SETTLED_UNDONE,   /* the guest never came; all is undone */
	SETTLE_UNDER_WAY, /* the migration is still going on: come back later */
	SETTLE_UNCERTAIN, /* nobody here can tell whether the guest has run here: its files stay */
};

/**
 * settle() - settle the migration of one guest as far as it is certain how it ended
 * @never_ran: whoever calls has seen the whole end of the migration, and the guest did not run here
 * @ret: on success what came of it
 *
 * Return: 0, or a negative errno; calling again continues.
 */
int settle(const struct site *site, const struct config *config, struct libvirt *libvirt,
	   const char *uuid, bool never_ran, enum settlement *ret, struct err *err);

/**
 * settle_keep() - commit a migration although it is not certain that the guest has run here
 *
 * Return: 0; -EAGAIN when the migration is still going on; or another negative errno.
 */
int settle_keep(const struct site *site, const struct config *config, struct libvirt *libvirt,
		const char *uuid, struct err *err);

/**
 * settle_discard() - undo a migration although it is not certain that the guest never ran here
 *
 * Return: 0; -EBUSY when the guest is here or on its way; or another negative errno.
 */
int settle_discard(const struct site *site, const struct config *config, struct libvirt *libvirt,
		   const char *uuid, struct err *err);

#endif
