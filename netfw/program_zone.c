/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A port's program: the connection tracking zone of its VLAN. */
#include "netfw/program.h"

#include <string.h>

static void add_zone_element(struct ruleset *out, const char *map, uint16_t vlan, const char *chain)
{
	struct set *set = ruleset_find_set(out, map);
	struct element *element = set_add_element(set);
	uint8_t wire[2] = {(uint8_t)(vlan >> 8), (uint8_t)vlan};

	set_put_field(set, 0, set->fields[0] == FIELD_VLAN_ID ? (void *)wire : (void *)&vlan,
		      element->first);
	element->verdict = VERDICT_JUMP;
	element->chain = xstrdup(chain);
}

/* Shared by all ports of the VLAN. */
void program_add_zone(const struct building *building)
{
	const struct firewall_port *port = building->port;
	cleanup_free char *name = xasprintf("zone_%u", port->zone);

	if (!building->host->tracking || port->zone == 0)
		return;
	if (!ruleset_find_chain(building->out, name)) {
		struct rule *rule = chain_add_rule(ruleset_add_chain(building->out, name));
		rule_add(rule, STATEMENT_ZONE)->zone = port->zone;
		if (port->vlan_aware) {
			add_zone_element(building->out, MAP_ZONE_OF_VLAN, port->zone, name);
			add_zone_element(building->out, MAP_ZONE_OF_PVID, port->zone, name);
		}
	}
	uint8_t key[SET_KEY_BYTES] = {0};
	const struct set *bridges = ruleset_find_set(building->out, MAP_ZONE_OF_BRIDGE);
	memcpy(key, port->bridge, strlen(port->bridge));
	for (size_t i = 0; i < bridges->element_count; i++) {
		if (memcmp(bridges->elements[i].first, key, sizeof(key)) == 0)
			return;
	}
	program_add_to_map(building, MAP_ZONE_OF_BRIDGE, port->bridge,
			   port->vlan_aware ? CHAIN_ZONE_BY_VLAN : name, NULL);
}
