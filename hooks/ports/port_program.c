/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A policy's port as a firewall's port. */
#include "hooks/ports/port_program.h"

#include <stdio.h>

static void add_source(struct firewall_port *ret, const struct mac *mac,
		       const struct prefix *address)
{
	ret->sources[ret->source_count++] = (struct firewall_source){*mac, *address};
}

static void add_sources(const struct policy_port *port, struct firewall_port *ret)
{
	struct prefix link_local = mac_link_local(&port->mac);

	ret->sources = xcalloc(port->address_count + port->pair_count + 1, sizeof(*ret->sources));
	for (size_t i = 0; i < port->address_count; i++)
		add_source(ret, &port->mac, &port->addresses[i]);
	for (size_t i = 0; i < port->pair_count; i++) {
		const struct policy_pair *pair = &port->pairs[i];
		add_source(ret, pair->has_mac ? &pair->mac : &port->mac, &pair->address);
	}
	if (ret->source_count > 0)
		add_source(ret, &port->mac, &link_local);
}

/* The firewall's group of that index in the policy; it is added where it is not there yet. */
static int group_index(const struct policy *policy, size_t index, struct firewall_port *ret)
{
	const struct policy_group *group = &policy->groups[index];

	for (size_t i = 0; i < ret->group_count; i++) {
		if (str_equal(ret->groups[i].name, group->name))
			return (int)i;
	}
	ret->groups = xreallocarray(ret->groups, ret->group_count + 1, sizeof(*ret->groups));
	struct firewall_group *added = &ret->groups[ret->group_count];
	*added = (struct firewall_group){
		.name = xstrdup(group->name),
		.members = xcalloc(group->member_count + 1, sizeof(*added->members)),
		.member_count = group->member_count,
	};
	for (size_t i = 0; i < group->member_count; i++)
		added->members[i] = group->members[i];
	return (int)ret->group_count++;
}

static void add_rule(const struct policy *policy, const struct policy_group *group, size_t index,
		     struct firewall_port *ret)
{
	const struct policy_rule *rule = &group->rules[index];

	ret->rules[ret->rule_count++] = (struct firewall_rule){
		.direction = rule->direction == POLICY_INGRESS ? FIREWALL_INGRESS : FIREWALL_EGRESS,
		.family = rule->family,
		.protocol = rule->protocol,
		.has_ports = rule->has_ports,
		.port_first = rule->port_first,
		.port_last = rule->port_last,
		.icmp_type = rule->icmp_type,
		.icmp_code = rule->icmp_code,
		.remote = rule->remote == REMOTE_PREFIX ? rule->prefix
							: (struct prefix){.family = rule->family},
		.group = rule->remote == REMOTE_GROUP ? group_index(policy, rule->group, ret) : -1,
		.label = xasprintf("%s %zu", group->name, index + 1),
	};
}

static void add_rules(const struct policy *policy, const struct policy_port *port,
		      struct firewall_port *ret)
{
	size_t count = 0;

	for (size_t i = 0; i < port->group_count; i++)
		count += policy->groups[port->groups[i]].rule_count;
	ret->rules = xcalloc(count + 1, sizeof(*ret->rules));
	for (size_t i = 0; i < port->group_count; i++) {
		const struct policy_group *group = &policy->groups[port->groups[i]];
		for (size_t j = 0; j < group->rule_count; j++)
			add_rule(policy, group, j, ret);
	}
}

void port_program(const struct policy *policy, const struct policy_port *port,
		  const struct port_identity *identity, struct firewall_port *ret)
{
	*ret = (struct firewall_port){
		.guest = xstrdup(identity->guest),
		.uuid = xstrdup(identity->uuid),
		.mac = port->mac,
		.filtered = port->group_count > 0,
		.zone = identity->bridge ? port->vlan : 0,
		.vlan_aware = identity->vlan_aware,
	};
	snprintf(ret->interface, sizeof(ret->interface), "%s", identity->interface);
	if (identity->bridge)
		snprintf(ret->bridge, sizeof(ret->bridge), "%s", identity->bridge);
	add_sources(port, ret);
	add_rules(policy, port, ret);
}
