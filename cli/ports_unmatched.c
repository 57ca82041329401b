/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ports of a policy that no interface has, and interfaces that the policy doesn't name. */
#include <string.h>

#include "cli/ports.h"
#include "hooks/ports/guest_port.h"

static struct port_line *add_line(struct port_lines *lines, const struct domain *domain)
{
	struct port_line *line = port_lines_add(lines);

	line->guest = xstrdup(domain->name);
	line->uuid = xstrdup(domain->uuid);
	return line;
}

/* If the guest also has an interface that the policy doesn't name, the policy counts as wrong. */
static void add_absent(struct port_lines *lines, const struct domain *domain)
{
	cleanup_free const struct policy_port **absent = NULL;
	size_t count = guest_ports_absent(domain, &absent);
	struct err wrong;
	bool is_wrong = guest_ports_check_macs(domain, true, &wrong) < 0;
	char mac[MAC_TEXT_SIZE];

	for (size_t i = 0; i < count; i++) {
		struct port_line *line = add_line(lines, domain);
		line->mac = xstrdup(mac_format(&absent[i]->mac, mac));
		line->groups = port_group_names(domain->policy, absent[i]);
		line->vlan = absent[i]->vlan;
		line->state = is_wrong ? "wrong policy" : PORT_WITHOUT_INTERFACE;
		if (is_wrong && i == 0)
			line->differences = xasprintf("%s\n", wrong.text);
	}
}

static bool has_rules(const char *interface, const struct firewall_program *programs, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(programs[i].interface, interface) == 0)
			return true;
	}
	return false;
}

/* For instance one that was plugged in: nothing tells berth of that. */
static void add_unnamed(struct port_lines *lines, const struct config *config,
			const struct domain *domain, const struct firewall_program *programs,
			size_t program_count)
{
	for (size_t i = 0; i < domain->port_count; i++) {
		const struct domain_port *interface = &domain->ports[i];
		if (!interface->mac || !interface->target ||
		    guest_port_is_named(domain, interface) ||
		    has_rules(interface->target, programs, program_count))
			continue;
		struct port_line *line = add_line(lines, domain);
		line->interface = xstrdup(interface->target);
		line->mac = xstrdup(interface->mac);
		line->groups = xstrdup("-");
		line->state =
			guest_port_is_closed(config, interface->target) ? PORT_CLOSED : PORT_OPEN;
	}
}

void port_lines_add_others(struct port_lines *lines, const struct config *config,
			   const struct domain *domain, const struct firewall_program *programs,
			   size_t program_count)
{
	if (!domain->policy)
		return;
	add_absent(lines, domain);
	add_unnamed(lines, config, domain, programs, program_count);
}
