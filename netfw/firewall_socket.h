/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside netfw/: what is behind struct firewall. */
#ifndef BERTH_NETFW_FIREWALL_SOCKET_H
#define BERTH_NETFW_FIREWALL_SOCKET_H

#include <stdbool.h>

#include "netfw/firewall.h"
#include "netfw/netlink.h"
#include "netfw/ruleset.h"

/* @has_deleted: something was removed through it */
struct firewall {
	struct netlink *netlink;
	bool has_deleted;
};

/**
 * firewall_put_ruleset() - as firewall_put(), of programs that are put together already
 * @ports: whose they are; only their interfaces are looked at
 * @wanted: what all ports share, and these ports' programs
 */
int firewall_put_ruleset(struct firewall *firewall, const struct firewall_host *host,
			 const struct firewall_port *ports, size_t count,
			 const struct ruleset *wanted, struct err *err);

#endif
