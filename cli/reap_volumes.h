/* SPDX-License-Identifier: GPL-2.0-or-later */
/* berth reap: volumes that could not be taken away when their guests ended. */
#ifndef BERTH_CLI_REAP_VOLUMES_H
#define BERTH_CLI_REAP_VOLUMES_H

#include "cli/cli.h"
#include "config/config.h"
#include "libvirt/guest.h"

/**
 * reap_volumes() - take away volumes that are noted as releasing or leaving
 * @libvirt: to be asked for guests that are gone although their volumes are noted as attached;
 * NULL: those stay
 *
 * Return: how many guests' volumes were looked at, in *@failed those some of whose stay; or a
 * negative errno.
 */
int reap_volumes(const struct options *options, const struct config *config,
		 struct libvirt *libvirt, int *failed, struct err *err);

/* reap_forget() - forget what is known of a stopped guest's volumes: the next start takes what is
 * there. */
int reap_forget(const struct options *options, struct err *err);

#endif
