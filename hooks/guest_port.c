/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A guest's interfaces, and whether this host can give them what their policy wants. */
#include "hooks/guest_port.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "netfw/link.h"

size_t guest_ports_find(const struct domain *domain, struct guest_port **ret)
{
	struct guest_port *ports = xcalloc(domain->port_count + 1, sizeof(*ports));
	size_t count = 0;
	struct mac mac;

	for (size_t i = 0; i < domain->port_count; i++) {
		const struct domain_port *interface = &domain->ports[i];
		if (!interface->mac || !mac_parse(interface->mac, &mac))
			continue;
		const struct policy_port *policy = policy_find_port(domain->policy, &mac);
		if (policy)
			ports[count++] = (struct guest_port){interface, policy};
	}
	*ret = ports;
	return count;
}

bool guest_has_groups(const struct domain *domain)
{
	cleanup_free struct guest_port *ports = NULL;
	size_t count = guest_ports_find(domain, &ports);

	for (size_t i = 0; i < count; i++) {
		if (ports[i].policy->group_count > 0)
			return true;
	}
	return false;
}

static bool is_on_bridge(const struct domain_port *interface)
{
	return str_equal(interface->type, "bridge") || str_equal(interface->type, "network") ||
	       str_equal(interface->type, "ethernet");
}

static int check_kind(const struct domain_port *interface, struct err *err)
{
	if (!is_on_bridge(interface))
		return err_set(err, ENOTSUP,
			       "its type is '%s', and no bridge of this host sees its packets; use "
			       "type 'bridge', or take the port out of the policy",
			       interface->type ? interface->type : "?");
	if (interface->has_virtualport)
		return err_set(err, ENOTSUP,
			       "it has a virtualport%s%s, whose switch doesn't ask this host's "
			       "bridge; use a plain bridge, or take the port out of the policy",
			       interface->virtualport ? " of type " : "",
			       interface->virtualport ? interface->virtualport : "");
	if (interface->target && strlen(interface->target) >= LINK_NAME_SIZE)
		return err_set(err, EINVAL,
			       "its name '%.64s' on the host has more than %d characters; choose a "
			       "shorter one",
			       interface->target, LINK_NAME_SIZE - 1);
	return 0;
}

static int check_aware(const struct config *config, const struct network_facts *network,
		       struct err *err)
{
	if (!network->uplink_bridge)
		return err_set(err, ENODEV,
			       "uplink '%s' is no bridge's port; make it one of a VLAN-aware "
			       "bridge, or say 'mode = per-vlan' in [network] of berth.conf",
			       config->uplink);
	if (!network->vlan_aware)
		return err_set(err, ENOTSUP,
			       "bridge '%s' of uplink '%s' doesn't filter VLANs; 'ip link set %s "
			       "type bridge vlan_filtering 1', or say 'mode = per-vlan' in "
			       "[network] of berth.conf",
			       network->uplink_bridge, config->uplink, network->uplink_bridge);
	return 0;
}

static int check_vlan(uint16_t vlan, const struct config *config,
		      const struct network_facts *network, char bridge[static 16], struct err *err)
{
	if (!config_vlan_allowed(config, vlan))
		return err_set(err, EPERM,
			       "VLAN %u is not allowed on this host; add it to 'vlans' in "
			       "[network] of berth.conf",
			       vlan);
	if (!config->uplink)
		return err_set(err, ENODEV,
			       "VLAN %u needs an uplink on this host; name it with 'uplink = "
			       "INTERFACE' in [network] of berth.conf",
			       vlan);
	if (!network->uplink_present)
		return err_set(err, ENODEV,
			       "VLAN %u: uplink '%s' is not on this host; correct 'uplink' in "
			       "[network] of berth.conf",
			       vlan, config->uplink);
	if (config->mode == NETWORK_PER_VLAN) {
		vlan_bridge_name(vlan, bridge);
		return 0;
	}
	int rc = check_aware(config, network, err);
	if (rc < 0)
		return err_wrap(err, "VLAN %u", vlan);
	snprintf(bridge, 16, "%s", network->uplink_bridge);
	return 0;
}

static int check_tracking(const struct config *config, const struct network_facts *network,
			  struct err *err)
{
	if (!network->tracking.code || config->approximate)
		return 0;
	return err_set(err, ENOTSUP,
		       "its security groups: %s; load or build it, or say 'stateless = "
		       "approximate' in [firewall] of berth.conf",
		       network->tracking.text);
}

int guest_port_check(const struct guest_port *port, const struct config *config,
		     const struct network_facts *network, char bridge[static 16], struct err *err)
{
	int rc = check_kind(port->interface, err);

	bridge[0] = '\0';
	if (rc == 0 && port->policy->vlan)
		rc = check_vlan(port->policy->vlan, config, network, bridge, err);
	if (rc == 0 && port->policy->group_count > 0)
		rc = check_tracking(config, network, err);
	return rc < 0 ? err_wrap(err, "interface '%s'", port->interface->mac) : 0;
}
