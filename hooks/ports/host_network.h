/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What this host's network can do for guests' ports: its uplink, VLANs, connection tracking. */
#ifndef BERTH_HOOKS_PORTS_HOST_NETWORK_H
#define BERTH_HOOKS_PORTS_HOST_NETWORK_H

#include <stdbool.h>

#include "base/err.h"
#include "config/config.h"
#include "hooks/records/site.h"
#include "xml/domain.h"

/**
 * struct host_network - looked up for guests with a policy
 * @uplink_present: there is an interface of the configured name
 * @uplink_bridge: the bridge that it is a port of, or NULL; owned
 * @vlan_aware: that bridge filters VLANs
 * @tracking: code 0 when this kernel tracks bridged connections; else why not
 */
struct host_network {
	bool uplink_present;
	char *uplink_bridge;
	bool vlan_aware;
	struct err tracking;
};

/* host_network_find_uplink() - fill in all of @network but connection tracking; @uplink_bridge is
 * the caller's to free. */
void host_network_find_uplink(const struct site *site, const struct config *config,
			      struct host_network *network);

/**
 * host_network_find_tracking() - fill in @tracking, if a port of the guest has security groups
 *
 * Return: 0, also when the kernel can't track; or a negative errno when it can't be asked.
 */
int host_network_find_tracking(const struct site *site, const struct domain *domain,
			       struct host_network *network, struct err *err);

/* host_network_forget_tracking() - the kernel tracks no connections, although it had said it would.
 */
void host_network_forget_tracking(const struct site *site);

#endif
