/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The plan's part about ports: VLANs and security groups that the policy asks for. */
#include "hooks/plan/plan_parts.h"

#include <errno.h>
#include <string.h>

#include "base/strbuf.h"
#include "hooks/ports/guest_port.h"

bool plan_is_vlan_place(const struct domain *domain, int place)
{
	cleanup_free struct guest_port *ports = NULL;
	size_t count = guest_ports_find(domain, &ports);

	for (size_t i = 0; i < count; i++) {
		if (ports[i].interface->place == place && ports[i].policy->vlan)
			return true;
	}
	return false;
}

/* A VLAN is where this host has it, whatever the bridge's name on the source. */
static int move_to_bridge(const struct situation *situation, struct plan *plan,
			  const struct guest_port *port, const char *bridge, struct err *err)
{
	const struct domain_port *interface = port->interface;

	if (interface->place < 0 || !str_equal(interface->type, "bridge"))
		return 0;
	const struct place *place = &situation->domain->places[interface->place];
	cleanup_free char *mapped = plan_mapped_name(situation->config, place);
	if (mapped && strcmp(mapped, bridge) != 0)
		return err_set(err, EINVAL,
			       "%s: [bridges] of berth.conf maps '%s' to '%s', but VLAN %u is on "
			       "'%s' here; take one of them back",
			       place->label, place->value, mapped, port->policy->vlan, bridge);
	plan_change_port(plan, place, interface->mac, bridge);
	return 0;
}

static void describe_groups(const struct policy *policy, const struct policy_port *port,
			    struct strbuf *out)
{
	size_t rules = 0;

	for (size_t i = 0; i < port->group_count; i++) {
		const struct policy_group *group = &policy->groups[port->groups[i]];
		strbuf_printf(out, "%s%s", i ? ", " : "security groups ", group->name);
		rules += group->rule_count;
	}
	if (port->group_count > 0)
		strbuf_printf(out, " (%zu rule%s)", rules, rules == 1 ? "" : "s");
	else
		strbuf_puts(out, "no security group, forged senders are dropped");
}

static void describe(const struct situation *situation, struct plan *plan,
		     const struct guest_port *port, const char *bridge)
{
	const struct config *config = situation->config;
	struct strbuf line = {0};

	strbuf_printf(&line, "port %s: ", port->interface->mac);
	if (port->policy->vlan && config->mode == NETWORK_AWARE)
		strbuf_printf(&line, "VLAN %u untagged on bridge '%s', tagged on '%s'; ",
			      port->policy->vlan, bridge, config->uplink);
	else if (port->policy->vlan)
		strbuf_printf(&line, "VLAN %u of '%s' by bridge '%s'; ", port->policy->vlan,
			      config->uplink, bridge);
	describe_groups(situation->domain->policy, port->policy, &line);
	if (port->policy->group_count > 0 && situation->facts->network.tracking.code)
		strbuf_puts(&line, ", answers by port and flag");
	plan->ports = xreallocarray(plan->ports, plan->port_count + 1, sizeof(*plan->ports));
	plan->ports[plan->port_count++] = strbuf_steal(&line);
}

int plan_ports(const struct situation *situation, struct plan *plan, struct err *err)
{
	cleanup_free struct guest_port *ports = NULL;
	size_t count = guest_ports_find(situation->domain, &ports);
	char bridge[16];
	int rc = guest_ports_check_macs(situation->domain, true, err);

	for (size_t i = 0; i < count && rc == 0; i++) {
		rc = guest_port_check(&ports[i], situation->config, &situation->facts->network,
				      bridge, err);
		if (rc == 0 && ports[i].policy->vlan)
			rc = move_to_bridge(situation, plan, &ports[i], bridge, err);
		if (rc == 0)
			describe(situation, plan, &ports[i], bridge);
	}
	return rc;
}
