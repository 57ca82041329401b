/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One port's program.
 *
 * Theory of operation: the maps send a frame to PORT-egress (it comes from the guest) or
 * PORT-ingress (it goes there); these to a chain for its family. In each, what a forged sender
 * would send is dropped first; then what a guest needs to have an address and find its neighbours
 * passes; then answers to what was allowed; then what a rule allows; the rest is dropped.
 *
 * Invariants:
 * - sets accept, or name the senders of which all others are dropped: where the kernel publishes a
 *   set's new content a moment after the rules that use it, nothing passes that should not;
 * - the maps jump, and each of a port's chains ends with a verdict: a packet that is on its way
 *   through a base chain when the first program comes may find the map's new element and a chain
 * that is still empty; it comes back then, and the next rule is the one that drops for closed
 * names;
 * - all of it depends on the port and the host's configuration alone, so that what the kernel holds
 *   can be compared with it.
 */
#include "netfw/program.h"

#include <linux/if_ether.h>
#include <stdio.h>

struct chain *program_chain(const struct building *building, const char *what, const char *comment)
{
	cleanup_free char *name = program_name(building, what);
	cleanup_free char *text = xasprintf("%s %s", comment, building->port->guest);
	struct chain *chain = ruleset_add_chain(building->out, name);

	chain->comment = comment_copy(text);
	return chain;
}

void program_lookup(const struct building *building, struct rule *rule, const enum field *fields,
		    size_t count, enum comparison comparison, const char *what)
{
	cleanup_free char *name = program_name(building, what);

	rule_lookup(rule, fields, count, comparison, name);
}

void program_add_to_map(const struct building *building, const char *map, const char *key,
			const char *chain, const char *comment)
{
	struct set *set = ruleset_find_set(building->out, map);
	char name[FIELD_MAX_BYTES] = "";

	snprintf(name, sizeof(name), "%s", key);
	struct element *element = set_add_element(set);
	set_put_field(set, 0, name, element->first);
	element->verdict = VERDICT_JUMP;
	element->chain = xstrdup(chain);
	element->comment = comment ? comment_copy(comment) : NULL;
}

/* --- both directions --- */

static void goto_family(const struct building *building, struct chain *chain, uint32_t ether_type,
			const char *what)
{
	cleanup_free char *name = program_name(building, what);
	struct rule *rule = chain_add_rule(chain);

	rule_match_number(rule, FIELD_ETHER_TYPE, COMPARE_EQUAL, ether_type);
	rule_end(rule, VERDICT_GOTO, name, NULL);
}

static void add_egress(const struct building *building)
{
	static const enum field sender = FIELD_ETHER_SADDR;
	static const uint8_t broadcast[6] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
	struct chain *chain = program_chain(building, "egress", "from guest");

	rule_counter(chain_add_rule(chain));
	struct rule *rule = chain_add_rule(chain);
	program_lookup(building, rule, &sender, 1, COMPARE_UNEQUAL, "macs");
	rule_drop(rule, "not the guest's MAC address");
	goto_family(building, chain, ETH_P_IP, "egress4");
	goto_family(building, chain, ETH_P_IPV6, "egress6");
	goto_family(building, chain, ETH_P_ARP, "arp");
	rule = chain_add_rule(chain);
	rule_match_number(rule, FIELD_ETHER_TYPE, COMPARE_EQUAL, ETH_P_RARP);
	rule_match(rule, FIELD_ETHER_DADDR, COMPARE_EQUAL, broadcast);
	rule_end(rule, VERDICT_ACCEPT, NULL, "QEMU announces a guest that has arrived");
	rule_drop(chain_add_rule(chain), "neither IP nor ARP, or with a VLAN tag");
}

static void add_ingress(const struct building *building)
{
	struct chain *chain = program_chain(building, "ingress", "to guest");

	rule_counter(chain_add_rule(chain));
	if (!building->port->filtered) {
		rule_end(chain_add_rule(chain), VERDICT_ACCEPT, NULL, "in no group");
		return;
	}
	goto_family(building, chain, ETH_P_IP, "ingress4");
	goto_family(building, chain, ETH_P_IPV6, "ingress6");
	struct rule *rule = chain_add_rule(chain);
	rule_match_number(rule, FIELD_ETHER_TYPE, COMPARE_EQUAL, ETH_P_ARP);
	rule_end(rule, VERDICT_ACCEPT, NULL, NULL);
	rule_drop(chain_add_rule(chain), "neither IP nor ARP");
}

/* --- all of it --- */

static void add_group_set(const struct building *building, const struct firewall_group *group,
			  uint8_t family)
{
	cleanup_free char *what = xasprintf("members%u-%s", (unsigned)family, group->name);
	cleanup_free char *name = program_name(building, what);
	struct set *set = ruleset_add_set(building->out, name);

	set->fields[0] = family == 4 ? FIELD_IP_SADDR : FIELD_IP6_SADDR;
	set->field_count = 1;
	for (size_t i = 0; i < group->member_count; i++) {
		if (group->members[i].family == family)
			set_put_field(set, 0, group->members[i].bytes, set_add_element(set)->first);
	}
}

static bool group_is_used(const struct firewall_port *port, size_t group, uint8_t family)
{
	for (size_t i = 0; i < port->rule_count; i++) {
		if (port->rules[i].group == (int)group && port->rules[i].family == family)
			return true;
	}
	return false;
}

static void add_group_sets(const struct building *building)
{
	const struct firewall_port *port = building->port;

	for (size_t i = 0; i < port->group_count; i++) {
		for (uint8_t family = 4; family <= 6; family = (uint8_t)(family + 2)) {
			if (group_is_used(port, i, family))
				add_group_set(building, &port->groups[i], family);
		}
	}
}

static int add_family(const struct building *building, uint8_t family, struct err *err)
{
	struct admission *to = NULL, *from = NULL;
	bool has_senders = program_add_senders(building, family);
	int rc = 0;

	if (building->port->filtered) {
		rc = admission_add_sets(building->port, building->prefix, FIREWALL_INGRESS, family,
					building->out, &to, err);
		if (rc == 0)
			rc = admission_add_sets(building->port, building->prefix, FIREWALL_EGRESS,
						family, building->out, &from, err);
	}
	struct admissions egress = {from, to}, ingress = {to, from};
	if (rc == 0 && family == 4) {
		program_add_arp(building, has_senders);
		program_add_egress4(building, has_senders, &egress);
	} else if (rc == 0) {
		program_add_egress6(building, has_senders, &egress);
	}
	if (rc == 0 && building->port->filtered) {
		if (family == 4)
			program_add_ingress4(building, &ingress);
		else
			program_add_ingress6(building, &ingress);
	}
	admission_free(to);
	admission_free(from);
	return rc;
}

void program_add_map_elements(const struct building *building)
{
	cleanup_free char *comment = port_comment(building->port);
	cleanup_free char *egress = program_name(building, "egress");
	cleanup_free char *ingress = program_name(building, "ingress");

	program_add_to_map(building, MAP_FROM_GUEST, building->port->interface, egress, comment);
	program_add_to_map(building, MAP_TO_GUEST, building->port->interface, ingress, comment);
}

int program_add_port(const struct firewall_host *host, const struct firewall_port *port,
		     struct ruleset *out, struct err *err)
{
	cleanup_free char *prefix = port_prefix(port->interface);
	struct building building = {host, port, prefix, out};

	program_add_macs(&building);
	if (port->filtered)
		add_group_sets(&building);
	program_add_zone(&building);
	add_egress(&building);
	add_ingress(&building);
	int rc = add_family(&building, 4, err);
	if (rc == 0)
		rc = add_family(&building, 6, err);
	if (rc == 0)
		program_add_map_elements(&building);
	return rc;
}
