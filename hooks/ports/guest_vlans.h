/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The VLANs of a guest's ports, on this host's bridges and uplinks. */
#ifndef BERTH_HOOKS_PORTS_GUEST_VLANS_H
#define BERTH_HOOKS_PORTS_GUEST_VLANS_H

#include "hooks/ports/guest_port.h"
#include "hooks/records/site.h"

/**
 * guest_vlans_prepare() - before libvirt makes the guest's taps: the bridges that they are to be
 * ports of
 * @ports: those with a VLAN count
 *
 * Nothing to do but in mode per-vlan.
 */
int guest_vlans_prepare(const struct site *site, const struct config *config, const char *uuid,
			const struct guest_port *ports, size_t count, struct err *err);

/**
 * guest_vlans_check_bridge() - whether the port's tap is where its VLAN is
 * @bridge: as guest_port_check() says
 */
int guest_vlans_check_bridge(const struct guest_port *port, const char *bridge, struct err *err);

/**
 * guest_vlans_start() - the taps are there: put them in their VLANs, and these on the uplink
 *
 * Idempotent. What the guest's preparation claimed it has now.
 *
 * Return: 1: something had to be changed; 0: it was so; or a negative errno.
 */
int guest_vlans_start(const struct site *site, const struct config *config, const char *uuid,
		      const struct guest_port *ports, size_t count, struct err *err);

/**
 * guest_vlans_compare() - whether it is as guest_vlans_start() makes it
 * @words: what differs, a line each, is appended
 *
 * Return: 0, 1, or a negative errno.
 */
int guest_vlans_compare(const struct config *config, const struct guest_port *ports, size_t count,
			struct strbuf *words, struct err *err);

/* guest_vlans_stop() - the guest has stopped: its taps leave their VLANs, if they are still there.
 */
int guest_vlans_stop(const struct guest_port *ports, size_t count, struct err *err);

/**
 * guest_vlans_sweep() - take away what berth has put on uplinks, or made, and nobody needs
 * @uuid: a guest that claims nothing any more; NULL: none
 */
int guest_vlans_sweep(const struct site *site, const char *uuid, struct err *err);

#endif
