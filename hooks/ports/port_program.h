/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a policy wants of one port, in the words of the firewall. */
#ifndef BERTH_HOOKS_PORTS_PORT_PROGRAM_H
#define BERTH_HOOKS_PORTS_PORT_PROGRAM_H

#include "netfw/firewall.h"
#include "xml/policy.h"

/**
 * struct port_identity - which port it is on this host
 * @bridge: that the interface is a port of; may be NULL where the port has no VLAN
 * @vlan_aware: the bridge filters VLANs itself
 */
struct port_identity {
	const char *guest;
	const char *uuid;
	const char *interface;
	const char *bridge;
	bool vlan_aware;
};

/**
 * port_program() - translate
 * @port: one of the policy's
 * @ret: to be cleared with firewall_port_clear()
 *
 * Besides its own addresses and pairs a port that has any may use the link-local address that
 * belongs to its MAC: without it there is no IPv6.
 */
void port_program(const struct policy *policy, const struct policy_port *port,
		  const struct port_identity *identity, struct firewall_port *ret);

#endif
