/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A port's program: what passes of IPv4 and of IPv6. */
#include "netfw/program.h"

static const char no_address[16];

static void add_udp(struct chain *chain, uint32_t from, uint32_t to, const char *comment)
{
	struct rule *rule = chain_add_rule(chain);

	rule_match_number(rule, FIELD_UDP_SPORT, COMPARE_EQUAL, from);
	rule_match_number(rule, FIELD_UDP_DPORT, COMPARE_EQUAL, to);
	rule_end(rule, VERDICT_ACCEPT, NULL, comment);
}

static void add_udp_drop(struct chain *chain, uint32_t from, const char *comment)
{
	struct rule *rule = chain_add_rule(chain);

	rule_match_number(rule, FIELD_UDP_SPORT, COMPARE_EQUAL, from);
	rule_drop(rule, comment);
}

/* What a guest must not send could stand behind such headers, in a later fragment (RFC 7113). */
static void add_hidden(struct chain *chain)
{
	static const enum field next = FIELD_IP6_FRAG_NEXT;
	struct rule *rule = chain_add_rule(chain);

	rule_lookup(rule, &next, 1, COMPARE_EQUAL, SET_IPV6_EXTENSIONS);
	rule_drop(rule, "a fragment that doesn't tell what it is");
}

/*
 * Without connection tracking nobody puts fragments together, and all but the first have data where
 * the others have ports.
 */
static void add_fragments(const struct building *building, struct chain *chain, uint8_t family)
{
	struct rule *rule;

	if (building->port->filtered && building->host->tracking)
		return;
	if (family == 6 && !building->port->filtered)
		add_hidden(chain);
	rule = chain_add_rule(chain);
	if (family == 4)
		rule_match_bits(rule, FIELD_IP_FRAG_OFFSET, 0x1fff);
	else
		rule_match_number(rule, FIELD_IP6_FRAG_OFFSET, COMPARE_UNEQUAL, 0);
	if (building->port->filtered)
		rule_drop(rule, "a fragment, and its connection is not tracked");
	else
		rule_end(rule, VERDICT_ACCEPT, NULL, "a later fragment has no ports");
}

static void add_tracked(struct chain *chain)
{
	struct rule *rule = chain_add_rule(chain);

	rule_match_bits(rule, FIELD_CT_STATE, 2 | 4);
	rule_end(rule, VERDICT_ACCEPT, NULL, NULL);
	rule = chain_add_rule(chain);
	rule_match_bits(rule, FIELD_CT_STATE, 1);
	rule_drop(rule, "no connection's packet");
}

static void add_icmp_answers(struct chain *chain, uint8_t family)
{
	enum field field = family == 4 ? FIELD_ICMP_TYPE : FIELD_ICMPV6_TYPE;
	struct rule *rule = chain_add_rule(chain);

	rule_lookup(rule, &field, 1, COMPARE_EQUAL,
		    family == 4 ? SET_ICMP_ANSWERS : SET_ICMPV6_ANSWERS);
	rule_end(rule, VERDICT_ACCEPT, NULL, "errors and replies");
}

static void add_admitted(const struct building *building, struct chain *chain, uint8_t family,
			 const struct admissions *admitted)
{
	if (!building->port->filtered) {
		rule_end(chain_add_rule(chain), VERDICT_ACCEPT, NULL, "in no group");
		return;
	}
	if (building->host->tracking)
		add_tracked(chain);
	admission_add_rules(admitted->own, chain);
	if (!building->host->tracking) {
		program_add_answer_sets(building->out);
		add_icmp_answers(chain, family);
		admission_add_answers(admitted->opposite, chain);
	}
	rule_drop(chain_add_rule(chain), "no rule allows it");
}

static void add_icmpv6(struct chain *chain, const char *set, const char *drop_comment)
{
	static const enum field type = FIELD_ICMPV6_TYPE;
	struct rule *rule = chain_add_rule(chain);

	rule_lookup(rule, &type, 1, COMPARE_EQUAL, set);
	if (drop_comment)
		rule_drop(rule, drop_comment);
	else
		rule_end(rule, VERDICT_ACCEPT, NULL, NULL);
}

/* --- from the guest --- */

void program_add_egress4(const struct building *building, bool has_senders,
			 const struct admissions *admitted)
{
	static const uint8_t broadcast[4] = {0xff, 0xff, 0xff, 0xff};
	struct chain *chain = program_chain(building, "egress4", "IPv4 from guest");

	if (building->port->filtered)
		add_fragments(building, chain, 4);
	if (building->port->source_count > 0) {
		struct rule *rule = chain_add_rule(chain);
		rule_match(rule, FIELD_IP_SADDR, COMPARE_EQUAL, no_address);
		rule_match(rule, FIELD_IP_DADDR, COMPARE_EQUAL, broadcast);
		rule_match_number(rule, FIELD_UDP_SPORT, COMPARE_EQUAL, 68);
		rule_match_number(rule, FIELD_UDP_DPORT, COMPARE_EQUAL, 67);
		rule_end(rule, VERDICT_ACCEPT, NULL, "DHCP client without an address");
	}
	chain = program_check_sender(building, chain, 4, has_senders);
	if (!chain)
		return;
	if (!building->port->filtered)
		add_fragments(building, chain, 4);
	add_udp_drop(chain, 67, "DHCP server");
	add_udp(chain, 68, 67, "DHCP client");
	add_admitted(building, chain, 4, admitted);
}

void program_add_egress6(const struct building *building, bool has_senders,
			 const struct admissions *admitted)
{
	static const enum field type = FIELD_ICMPV6_TYPE;
	struct chain *chain = program_chain(building, "egress6", "IPv6 from guest");

	if (building->port->filtered)
		add_fragments(building, chain, 6);
	if (has_senders) {
		struct rule *rule = chain_add_rule(chain);
		rule_match(rule, FIELD_IP6_SADDR, COMPARE_EQUAL, no_address);
		rule_lookup(rule, &type, 1, COMPARE_EQUAL, SET_ICMPV6_FROM_NOBODY);
		rule_end(rule, VERDICT_ACCEPT, NULL, "asks whether an address is free (RFC 4862)");
	}
	chain = program_check_sender(building, chain, 6, has_senders);
	if (!chain)
		return;
	if (!building->port->filtered)
		add_fragments(building, chain, 6);
	add_icmpv6(chain, SET_ICMPV6_OF_ROUTERS, "only routers send this");
	program_add_advertisements(building, chain);
	add_icmpv6(chain, SET_ICMPV6_FROM_GUEST, NULL);
	add_udp_drop(chain, 547, "DHCPv6 server");
	add_udp(chain, 546, 547, "DHCPv6 client");
	add_admitted(building, chain, 6, admitted);
}

/* --- to the guest --- */

void program_add_ingress4(const struct building *building, const struct admissions *admitted)
{
	struct chain *chain = program_chain(building, "ingress4", "IPv4 to guest");

	add_fragments(building, chain, 4);
	add_udp(chain, 67, 68, "DHCP answer");
	add_admitted(building, chain, 4, admitted);
}

void program_add_ingress6(const struct building *building, const struct admissions *admitted)
{
	struct chain *chain = program_chain(building, "ingress6", "IPv6 to guest");

	add_fragments(building, chain, 6);
	add_icmpv6(chain, SET_ICMPV6_TO_GUEST, NULL);
	add_udp(chain, 547, 546, "DHCPv6 answer");
	add_admitted(building, chain, 6, admitted);
}
