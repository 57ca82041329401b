/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A guest's interfaces, and whether this host can give them what their policy wants. */
#include "hooks/ports/guest_port.h"

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

static bool has_interface(const struct domain *domain, const struct policy_port *port)
{
	struct mac mac;

	for (size_t i = 0; i < domain->port_count; i++) {
		const char *text = domain->ports[i].mac;
		if (text && mac_parse(text, &mac) && mac_equal(&mac, &port->mac))
			return true;
	}
	return false;
}

size_t guest_ports_absent(const struct domain *domain, const struct policy_port ***ret)
{
	const struct policy *policy = domain->policy;
	size_t count = 0;

	*ret = xcalloc(policy ? policy->port_count + 1 : 1, sizeof(**ret));
	for (size_t i = 0; policy && i < policy->port_count; i++) {
		if (!has_interface(domain, &policy->ports[i]))
			(*ret)[count++] = &policy->ports[i];
	}
	return count;
}

bool guest_port_is_named(const struct domain *domain, const struct domain_port *interface)
{
	struct mac mac;

	return interface->mac && mac_parse(interface->mac, &mac) &&
	       policy_find_port(domain->policy, &mac);
}

bool guest_port_is_closed(const struct config *config, const char *name)
{
	for (size_t i = 0; i < config->closed.count; i++) {
		const char *pattern = config->closed.items[i];
		size_t length = strlen(pattern);
		bool any_end = length > 0 && pattern[length - 1] == '*';
		if (any_end ? strncmp(name, pattern, length - 1) == 0 : strcmp(name, pattern) == 0)
			return true;
	}
	return false;
}

/* An interface that the policy doesn't name, or NULL. */
static const struct domain_port *find_unnamed(const struct domain *domain)
{
	for (size_t i = 0; i < domain->port_count; i++) {
		if (!guest_port_is_named(domain, &domain->ports[i]))
			return &domain->ports[i];
	}
	return NULL;
}

int guest_ports_check_macs(const struct domain *domain, bool runs, struct err *err)
{
	cleanup_free const struct policy_port **absent = NULL;
	size_t count = guest_ports_absent(domain, &absent);
	const struct domain_port *unnamed = find_unnamed(domain);
	char mac[MAC_TEXT_SIZE];

	if (count == 0 || (runs && !unnamed))
		return 0;
	mac_format(&absent[0]->mac, mac);
	if (unnamed)
		return err_set(err, EINVAL,
			       "policy: <port> mac='%s': no interface of the guest has this "
			       "address, and its interface '%s' would have no rules; correct the "
			       "address, or take the port out of the policy",
			       mac, unnamed->mac ? unnamed->mac : "?");
	return err_set(err, EINVAL,
		       "policy: <port> mac='%s': no interface of the guest has this address; "
		       "correct it, or take the port out of the policy",
		       mac);
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

static int check_aware(const struct config *config, const struct host_network *network,
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
		      const struct host_network *network, char bridge[static 16], struct err *err)
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

/* libvirt 11.0 and newer put a port of a Linux bridge into the VLAN of its <vlan> themselves. The
 * policy wins, so both must say the same; a policy without a VLAN leaves it to libvirt. */
static int check_own_vlan(const struct guest_port *port, struct err *err)
{
	const char *own = port->interface->vlan;
	unsigned long long tag;

	if (!own || (str_to_u64(own, &tag) && tag == port->policy->vlan))
		return 0;
	return err_set(err, EINVAL,
		       "its <vlan> says '%.64s', the policy VLAN %u; take <vlan> out of the domain "
		       "XML, for berth puts the port into the policy's VLAN",
		       own, port->policy->vlan);
}

static int check_tracking(const struct config *config, const struct host_network *network,
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
		     const struct host_network *network, char bridge[static 16], struct err *err)
{
	int rc = check_kind(port->interface, err);

	bridge[0] = '\0';
	if (rc == 0 && port->policy->vlan)
		rc = check_own_vlan(port, err);
	if (rc == 0 && port->policy->vlan)
		rc = check_vlan(port->policy->vlan, config, network, bridge, err);
	if (rc == 0 && port->policy->group_count > 0)
		rc = check_tracking(config, network, err);
	return rc < 0 ? err_wrap(err, "interface '%s'", port->interface->mac) : 0;
}
