/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The rules that the kernel holds for ports, as something that can be compared: with what was there
 * a moment ago, and with what another host has for the same ports. */
#ifndef BERTH_NETFW_PORT_RULES_H
#define BERTH_NETFW_PORT_RULES_H

#include "base/strbuf.h"
#include "netfw/firewall.h"

enum port_rules_kind {
	PORT_RULES_NONE,      /* there are none, or the table is switched off */
	PORT_RULES_PLAIN,     /* they look at addresses alone */
	PORT_RULES_TRACKING,  /* they look at the connection that a packet is of */
	PORT_RULES_STATELESS, /* they know answers by their ports and flags */
};

/* The table of this host's kernel, as far as it concerns some ports. */
struct port_table;

#define cleanup_port_table cleanup(port_table_freep)

/**
 * port_table_load() - read what the kernel holds for these ports, and what all ports share
 * @ports: only their interfaces are looked at
 *
 * Return: 0 and *@ret; or a negative errno.
 */
int port_table_load(struct firewall *firewall, const struct firewall_port *ports, size_t count,
		    struct port_table **ret, struct err *err);
void port_table_freep(struct port_table **table);

/**
 * port_table_take() - move a port's own chains and sets out of the table
 * @bytes: they are appended, as nf_tables messages: the same bytes for the same rules, in whatever
 *         order the kernel lists them and whatever the interface is called
 * @foreign: how many rules and sets among them aren't berth's; those are left out of @bytes
 *
 * Return: of which kind they are; with PORT_RULES_NONE nothing is appended.
 */
enum port_rules_kind port_table_take(struct port_table *table, const char *interface,
				     struct strbuf *bytes, size_t *foreign);

/**
 * port_table_leads_to() - whether each frame of these ports comes to their chains
 * @host: what all ports share is compared with what firewall_put() would make for it
 * @ports: interface, guest, uuid, mac, filtered, zone, bridge and vlan_aware count
 */
bool port_table_leads_to(const struct port_table *table, const struct firewall_host *host,
			 const struct firewall_port *ports, size_t count);

#endif
