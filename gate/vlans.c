/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether a guest's ports are in their VLANs on this host. */
#include "gate/rules.h"

#include <errno.h>
#include <string.h>

#include "netfw/link.h"

static int check_aware(struct route *route, const char *uplink, const char *tap, uint16_t vlan,
		       struct err *err)
{
	cleanup_free struct port_vlan *of_tap = NULL, *of_uplink = NULL;
	bool carried = false;

	int count = port_vlan_list(route, tap, &of_tap, err);
	if (count < 0)
		return count;
	if (count != 1 || of_tap[0].vlan != vlan || !of_tap[0].pvid || !of_tap[0].untagged)
		return err_set(err, ESTALE, "'%s' is not in it alone any more", tap);
	count = port_vlan_list(route, uplink, &of_uplink, err);
	for (int i = 0; i < count && !carried; i++)
		carried = of_uplink[i].vlan == vlan && !of_uplink[i].untagged;
	if (count >= 0 && !carried)
		return err_set(err, ESTALE, "uplink '%s' doesn't carry it any more", uplink);
	return count < 0 ? count : 0;
}

static int check_per_vlan(struct route *route, const char *uplink, const struct link *bridge,
			  uint16_t vlan, struct err *err)
{
	char name[LINK_NAME_SIZE];

	vlan_bridge_name(vlan, name);
	if (strcmp(bridge->name, name) != 0)
		return err_set(err, ESTALE, "it is on bridge '%s', not on '%s'", bridge->name,
			       name);
	int rc = vlan_bridge_carries(route, uplink, vlan, err);
	if (rc == 0)
		return err_set(err, ESTALE, "bridge '%s' has no VLAN device of uplink '%s'", name,
			       uplink);
	return rc < 0 ? rc : 0;
}

static int check_port(struct route *route, const struct config *config,
		      const struct gate_port *port, struct err *err)
{
	struct link tap, bridge, uplink;

	if (!config || !config->uplink)
		return err_set(err, ENODEV, "berth.conf names no uplink");
	if (!port->interface)
		return err_set(err, ENODEV, "the port has no interface on this host");
	int rc = link_find(route, port->interface, &tap, err);
	if (rc == 1 && tap.master)
		rc = link_find_index(route, tap.master, &bridge, err);
	if (rc == 0 || (rc == 1 && !tap.master))
		return err_set(err, ENODEV, "'%s' is no bridge's port", port->interface);
	if (rc > 0)
		rc = link_find(route, config->uplink, &uplink, err);
	if (rc == 0)
		return err_set(err, ENODEV, "uplink '%s' is not on this host", config->uplink);
	if (rc < 0)
		return rc;
	if (config->mode == NETWORK_PER_VLAN)
		return check_per_vlan(route, config->uplink, &bridge, port->vlan, err);
	if (uplink.master != tap.master || !bridge.vlan_aware)
		return err_set(err, ESTALE,
			       "'%s' is on bridge '%s', which is not the VLAN-aware bridge of "
			       "uplink '%s'",
			       port->interface, bridge.name, config->uplink);
	return check_aware(route, config->uplink, port->interface, port->vlan, err);
}

int gate_check_vlans(const struct gate_view *view, const struct gate_facts *here, struct err *err)
{
	cleanup_route struct route *route = NULL;
	int rc = 0;

	for (size_t i = 0; i < here->port_count && rc == 0; i++) {
		const struct gate_port *port = &here->ports[i];
		if (!port->vlan)
			continue;
		if (!route)
			rc = route_open(&route, err);
		if (rc == 0)
			rc = check_port(route, view->config, port, err);
		if (rc < 0)
			return err_wrap(err, "interface '%s': VLAN %u", port->mac, port->vlan);
	}
	return rc;
}
