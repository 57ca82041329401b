/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside netfw/: what is behind struct firewall. */
#ifndef BERTH_NETFW_FIREWALL_SOCKET_H
#define BERTH_NETFW_FIREWALL_SOCKET_H

#include <stdbool.h>

#include "netfw/firewall.h"
#include "netfw/netlink.h"

/* @has_deleted: something was removed through it */
struct firewall {
	struct netlink *netlink;
	bool has_deleted;
};

#endif
