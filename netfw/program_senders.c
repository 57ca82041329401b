/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A port's program: who may send, and what of that ARP and neighbour discovery tell. */
#include "netfw/program.h"

#include <linux/if_ether.h>
#include <string.h>

#define ICMPV6_NEIGHBOUR_ADVERTISEMENT 136
#define ETHER_ARP 1

static const char no_address[4];

/* --- sets --- */

static bool has_mac(const struct set *set, const struct mac *mac)
{
	for (size_t i = 0; i < set->element_count; i++) {
		if (memcmp(set->elements[i].first, mac->bytes, sizeof(mac->bytes)) == 0)
			return true;
	}
	return false;
}

static void add_mac(struct set *set, const struct mac *mac)
{
	if (!has_mac(set, mac))
		set_put_field(set, 0, mac->bytes, set_add_element(set)->first);
}

void program_add_macs(const struct building *building)
{
	cleanup_free char *name = program_name(building, "macs");
	struct set *set = ruleset_add_set(building->out, name);

	set->fields[0] = FIELD_ETHER_SADDR;
	set->field_count = 1;
	add_mac(set, &building->port->mac);
	for (size_t i = 0; i < building->port->source_count; i++)
		add_mac(set, &building->port->sources[i].mac);
}

static bool covered(const struct firewall_port *port, size_t index)
{
	const struct firewall_source *source = &port->sources[index];
	const size_t size = address_size(source->address.family);
	uint8_t first[16], last[16], other_first[16], other_last[16];

	prefix_range(&source->address, first, last);
	for (size_t i = 0; i < port->source_count; i++) {
		const struct firewall_source *other = &port->sources[i];
		if (i == index || other->address.family != source->address.family ||
		    !mac_equal(&other->mac, &source->mac))
			continue;
		prefix_range(&other->address, other_first, other_last);
		bool inside = memcmp(other_first, first, size) <= 0 &&
			      memcmp(last, other_last, size) <= 0;
		/* Of two that are the same the first one stays. */
		if (inside && (!prefix_equal(&other->address, &source->address) || i < index))
			return true;
	}
	return false;
}

static bool has_prefixes(const struct firewall_port *port, uint8_t family)
{
	for (size_t i = 0; i < port->source_count; i++) {
		if (port->sources[i].address.family == family &&
		    !prefix_is_address(&port->sources[i].address))
			return true;
	}
	return false;
}

/* A set's name says its kind: another kind of set is another set. */
static const char *senders_name(const struct firewall_port *port, uint8_t family)
{
	if (has_prefixes(port, family))
		return family == 4 ? "sender-ranges4" : "sender-ranges6";
	return family == 4 ? "senders4" : "senders6";
}

static void add_source(struct set *set, const struct firewall_source *source)
{
	struct element *element = set_add_element(set);
	uint8_t first[16], last[16];

	prefix_range(&source->address, first, last);
	set_put_field(set, 0, source->mac.bytes, element->first);
	set_put_field(set, 1, first, element->first);
	if (!set->intervals)
		return;
	set_put_field(set, 0, source->mac.bytes, element->last);
	set_put_field(set, 1, last, element->last);
}

/* Return: whether there are senders of that family. */
bool program_add_senders(const struct building *building, uint8_t family)
{
	const struct firewall_port *port = building->port;
	bool any = false;

	for (size_t i = 0; i < port->source_count; i++)
		any = any || port->sources[i].address.family == family;
	if (!any)
		return false;
	cleanup_free char *name = program_name(building, senders_name(port, family));
	struct set *set = ruleset_add_set(building->out, name);
	set->fields[0] = FIELD_ETHER_SADDR;
	set->fields[1] = family == 4 ? FIELD_IP_SADDR : FIELD_IP6_SADDR;
	set->field_count = 2;
	set->intervals = has_prefixes(port, family);
	for (size_t i = 0; i < port->source_count; i++) {
		if (port->sources[i].address.family == family && !covered(port, i))
			add_source(set, &port->sources[i]);
	}
	return true;
}

/* --- rules --- */

struct chain *program_check_sender(const struct building *building, struct chain *chain,
				   uint8_t family, bool has_senders)
{
	enum field fields[] = {FIELD_ETHER_SADDR, family == 4 ? FIELD_IP_SADDR : FIELD_IP6_SADDR};
	const char *what = family == 4 ? "egress4-own" : "egress6-own";
	cleanup_free char *name = program_name(building, what);

	if (building->port->source_count == 0)
		return chain;
	if (has_senders) {
		struct rule *rule = chain_add_rule(chain);
		program_lookup(building, rule, fields, 2, COMPARE_EQUAL,
			       senders_name(building->port, family));
		rule_end(rule, VERDICT_GOTO, name, NULL);
	}
	rule_drop(chain_add_rule(chain), "not the guest's address");
	if (!has_senders)
		return NULL;
	return program_chain(building, what,
			     family == 4 ? "IPv4 from an address of guest"
					 : "IPv6 from an address of guest");
}

/* The header that every ARP packet for IPv4 over Ethernet has (RFC 826). */
static struct rule *add_arp_rule(struct chain *chain, bool only_request)
{
	struct rule *rule = chain_add_rule(chain);

	rule_match_number(rule, FIELD_ARP_HTYPE, COMPARE_EQUAL, ETHER_ARP);
	rule_match_number(rule, FIELD_ARP_PTYPE, COMPARE_EQUAL, ETH_P_IP);
	rule_match_number(rule, FIELD_ARP_HLEN, COMPARE_EQUAL, 6);
	rule_match_number(rule, FIELD_ARP_PLEN, COMPARE_EQUAL, 4);
	if (only_request)
		rule_match_number(rule, FIELD_ARP_OPERATION, COMPARE_EQUAL, 1);
	else
		rule_match_range(rule, FIELD_ARP_OPERATION, 1, 2);
	return rule;
}

void program_add_arp(const struct building *building, bool has_senders)
{
	static const enum field sender[] = {FIELD_ARP_SADDR_ETHER, FIELD_ARP_SADDR_IP};
	struct chain *chain = program_chain(building, "arp", "ARP from guest");
	struct rule *rule;

	if (building->port->source_count == 0) {
		rule = add_arp_rule(chain, false);
		program_lookup(building, rule, sender, 1, COMPARE_EQUAL, "macs");
		rule_end(rule, VERDICT_ACCEPT, NULL, NULL);
	} else if (has_senders) {
		rule = add_arp_rule(chain, false);
		program_lookup(building, rule, sender, 2, COMPARE_EQUAL,
			       senders_name(building->port, 4));
		rule_end(rule, VERDICT_ACCEPT, NULL, NULL);
		rule = add_arp_rule(chain, true);
		program_lookup(building, rule, sender, 1, COMPARE_EQUAL, "macs");
		rule_match(rule, FIELD_ARP_SADDR_IP, COMPARE_EQUAL, no_address);
		rule_end(rule, VERDICT_ACCEPT, NULL, "asks whether an address is free (RFC 5227)");
	}
	rule_drop(chain_add_rule(chain), "not the guest's ARP");
}

static void prefix_mask(uint8_t length, uint8_t mask[static 16])
{
	memset(mask, 0, 16);
	for (uint8_t i = 0; i < length; i++)
		mask[i / 8] = (uint8_t)(mask[i / 8] | 0x80 >> i % 8);
}

static void add_own_advertisement(struct chain *chain, const struct prefix *address)
{
	char text[PREFIX_TEXT_SIZE];
	cleanup_free char *comment =
		xasprintf("advertises its own %s", prefix_format(address, text));
	struct rule *rule = chain_add_rule(chain);

	rule_match_number(rule, FIELD_ICMPV6_TYPE, COMPARE_EQUAL, ICMPV6_NEIGHBOUR_ADVERTISEMENT);
	if (address->length > 0)
		rule_match(rule, FIELD_ND_TARGET, COMPARE_EQUAL, address->bytes);
	if (address->length > 0 && address->length < 128) {
		struct statement *match = &rule->statements[rule->statement_count - 1];
		match->masked = true;
		prefix_mask(address->length, match->mask);
	}
	rule_end(rule, VERDICT_ACCEPT, NULL, address->length > 0 ? comment : NULL);
}

void program_add_advertisements(const struct building *building, struct chain *chain)
{
	static const struct prefix any = {.family = 6};
	const struct firewall_port *port = building->port;

	for (size_t i = 0; i < port->source_count; i++) {
		if (port->sources[i].address.family == 6 && !covered(port, i))
			add_own_advertisement(chain, &port->sources[i].address);
	}
	if (port->source_count == 0)
		add_own_advertisement(chain, &any);
	struct rule *rule = chain_add_rule(chain);
	rule_match_number(rule, FIELD_ICMPV6_TYPE, COMPARE_EQUAL, ICMPV6_NEIGHBOUR_ADVERTISEMENT);
	rule_drop(rule, "advertises a neighbour that is not the guest");
}
