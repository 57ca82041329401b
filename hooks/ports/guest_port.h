/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A guest's interfaces together with what its policy says of them. */
#ifndef BERTH_HOOKS_PORTS_GUEST_PORT_H
#define BERTH_HOOKS_PORTS_GUEST_PORT_H

#include <stdbool.h>

#include "base/err.h"
#include "config/config.h"
#include "hooks/ports/host_network.h"
#include "xml/domain.h"

/* struct guest_port - an interface that the policy speaks of; nothing in it is owned */
struct guest_port {
	const struct domain_port *interface;
	const struct policy_port *policy;
};

/* guest_ports_find() - those of the domain, in its order. Return: their number and *@ret, which the
 * caller frees. */
size_t guest_ports_find(const struct domain *domain, struct guest_port **ret);

/* guest_has_groups() - whether one of them has security groups. */
bool guest_has_groups(const struct domain *domain);

/* guest_ports_absent() - those of the policy that no interface has: pointers into it, which the
 * caller frees. Return: their number. */
size_t guest_ports_absent(const struct domain *domain, const struct policy_port ***ret);

/* guest_port_is_named() - whether the guest's policy has a port for the interface. */
bool guest_port_is_named(const struct domain *domain, const struct domain_port *interface);

/* guest_port_is_closed() - whether [firewall] closed has an interface of that name: without rules
 * it passes nothing. */
bool guest_port_is_closed(const struct config *config, const char *name);

/**
 * guest_ports_check_macs() - whether the policy means the interfaces that the guest has
 * @runs: it runs already, or comes as it ran: one of its interfaces may have been unplugged, or is
 *        still to be plugged in. A port without an interface is only wrong then if the guest has an
 *        interface that the policy doesn't name, which may be the one that was meant
 *
 * Return: 0, or a negative errno.
 */
int guest_ports_check_macs(const struct domain *domain, bool runs, struct err *err);

/**
 * guest_port_check() - whether this host can give the port what its policy wants
 * @bridge: the bridge that carries the port's VLAN here; "" where it has no VLAN
 *
 * Pure: it looks at @network alone.
 *
 * Return: 0, or a negative errno.
 */
int guest_port_check(const struct guest_port *port, const struct config *config,
		     const struct host_network *network, char bridge[static 16], struct err *err);

#endif
