/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What all ports share.
 *
 * Theory of operation: packets enter at three hooks. "zones" gives each frame of a VLAN the
 * connection tracking zone of that VLAN, before the kernel looks its connection up (priority
 * -200): the same addresses may be in use in two VLANs. "from_port" and "to_port" look the
 * interface up in a map, so that a packet costs the same however many guests there are, and the
 * map's verdict is that guest's own chain. from_port runs before the bridge learns the sender's
 * address, to_port for each copy of a flooded frame.
 *
 * Frames without a VLAN are tracked in zone 0, where the host's own connections are: its dnsmasq
 * answers a guest whose question was tracked here.
 */
#include "netfw/table.h"

#include <string.h>

#define PRIORITY_ZONES (-300)
#define PRIORITY_FILTER 0

/* --- names --- */

char *port_prefix(const char *interface)
{
	cleanup_strbuf struct strbuf name = {0};

	for (const char *c = interface; *c; c++) {
		bool plain = (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') || *c == '_' ||
			     (*c >= '0' && *c <= '9' && c != interface);
		if (plain)
			strbuf_add(&name, c, 1);
		else
			strbuf_printf(&name, ".%02x", (unsigned char)*c);
	}
	strbuf_puts(&name, "-");
	return strbuf_steal(&name);
}

char *port_comment(const struct firewall_port *port)
{
	char mac[MAC_TEXT_SIZE];
	cleanup_free char *text =
		xasprintf("%s %s %s", mac_format(&port->mac, mac), port->uuid, port->guest);

	return comment_copy(text);
}

bool port_comment_parse(const char *comment, struct mac *mac, char **uuid, char **guest)
{
	const size_t uuid_at = MAC_TEXT_SIZE, guest_at = uuid_at + 36 + 1;
	cleanup_free char *mac_text = xstrndup(comment, MAC_TEXT_SIZE - 1);

	if (strlen(comment) < guest_at || !mac_parse(mac_text, mac))
		return false;
	*uuid = xstrndup(comment + uuid_at, 36);
	*guest = xstrdup(comment + guest_at);
	return true;
}

/* --- sets that depend on nothing --- */

static const struct {
	const char *name;
	enum field field;
	size_t count;
	uint8_t values[8];
	bool answers; /* only for ports whose connections are not tracked */
} base_sets[] = {
	/* RFC 4861, 2710, 3810: solicitations, reports of multicast listeners */
	{SET_ICMPV6_FROM_GUEST, FIELD_ICMPV6_TYPE, 5, {131, 132, 133, 135, 143}, false},
	{SET_ICMPV6_FROM_NOBODY, FIELD_ICMPV6_TYPE, 4, {131, 132, 135, 143}, false},
	/* advertisements, queries for multicast listeners */
	{SET_ICMPV6_TO_GUEST, FIELD_ICMPV6_TYPE, 5, {130, 134, 135, 136, 137}, false},
	/* router advertisement, redirect, router renumbering */
	{SET_ICMPV6_OF_ROUTERS, FIELD_ICMPV6_TYPE, 3, {134, 137, 138}, false},
	{SET_IPV6_EXTENSIONS, FIELD_L4PROTO, 7, {0, 43, 44, 60, 135, 139, 140}, false},
	/* errors, and replies to requests: echo, timestamp, information, mask */
	{SET_ICMP_ANSWERS, FIELD_ICMP_TYPE, 7, {0, 3, 11, 12, 14, 16, 18}, true},
	{SET_ICMPV6_ANSWERS, FIELD_ICMPV6_TYPE, 5, {1, 2, 3, 4, 129}, true},
	{SET_WITH_PORTS, FIELD_L4PROTO, 4, {17, 33, 132, 136}, true},
	{SET_OTHERWISE_ANSWERED, FIELD_L4PROTO, 7, {1, 6, 17, 33, 58, 132, 136}, true},
};

static void add_byte(struct set *set, uint8_t value)
{
	set_put_field(set, 0, &value, set_add_element(set)->first);
}

static void add_base_set(struct ruleset *out, size_t index)
{
	struct set *set = ruleset_add_set(out, base_sets[index].name);

	set->fields[0] = base_sets[index].field;
	set->field_count = 1;
	for (size_t i = 0; i < base_sets[index].count; i++)
		add_byte(set, base_sets[index].values[i]);
}

static void add_base_sets(struct ruleset *out, bool answers)
{
	for (size_t i = 0; i < sizeof(base_sets) / sizeof(base_sets[0]); i++) {
		if (base_sets[i].answers == answers)
			add_base_set(out, i);
	}
}

void program_add_answer_sets(struct ruleset *out)
{
	if (!ruleset_find_set(out, SET_ICMP_ANSWERS))
		add_base_sets(out, true);
}

static struct set *add_map(struct ruleset *out, const char *name, enum field field)
{
	struct set *map = ruleset_add_set(out, name);

	map->fields[0] = field;
	map->field_count = 1;
	map->verdicts = true;
	return map;
}

/* --- chains --- */

static struct chain *add_hook(struct ruleset *out, const char *name, const char *hook, int priority)
{
	struct chain *chain = ruleset_add_chain(out, name);

	chain->hook = hook;
	chain->priority = priority;
	return chain;
}

static void add_closed(struct chain *chain, enum field field, const char *pattern)
{
	struct rule *rule = chain_add_rule(chain);
	size_t length = strlen(pattern);
	uint8_t name[FIELD_MAX_BYTES] = {0};

	bool any_end = length > 0 && pattern[length - 1] == '*';
	memcpy(name, pattern, any_end ? length - 1 : length);
	rule_match(rule, field, COMPARE_EQUAL, name);
	if (any_end) {
		struct statement *match = &rule->statements[rule->statement_count - 1];
		match->masked = true;
		memset(match->mask, 0xff, length - 1);
	}
	rule_drop(rule, "closed until it has a program");
}

/* Each interface goes to its own chain; those that have none but a closed name, nowhere. */
static void add_dispatch(const struct firewall_host *host, const char *map, enum field field,
			 struct chain *chain)
{
	struct rule *rule = chain_add_rule(chain);

	rule_map(rule, field, map);
	for (size_t i = 0; i < host->closed_count; i++)
		add_closed(chain, field, host->closed[i]);
}

static void add_zones(struct ruleset *out)
{
	add_map(out, MAP_ZONE_OF_BRIDGE, FIELD_BRIDGE_NAME);
	add_map(out, MAP_ZONE_OF_VLAN, FIELD_VLAN_ID);
	add_map(out, MAP_ZONE_OF_PVID, FIELD_BRIDGE_PVID);
	struct chain *by_vlan = ruleset_add_chain(out, CHAIN_ZONE_BY_VLAN);
	by_vlan->comment = comment_copy("of a VLAN-aware bridge");
	rule_map(chain_add_rule(by_vlan), FIELD_VLAN_ID, MAP_ZONE_OF_VLAN);
	rule_map(chain_add_rule(by_vlan), FIELD_BRIDGE_PVID, MAP_ZONE_OF_PVID);
	struct chain *zones = add_hook(out, "zones", "prerouting", PRIORITY_ZONES);
	rule_map(chain_add_rule(zones), FIELD_BRIDGE_NAME, MAP_ZONE_OF_BRIDGE);
}

void program_add_base(const struct firewall_host *host, struct ruleset *out)
{
	add_base_sets(out, false);
	add_map(out, MAP_FROM_GUEST, FIELD_IIFNAME);
	add_map(out, MAP_TO_GUEST, FIELD_OIFNAME);
	if (host->tracking)
		add_zones(out);
	struct chain *from = add_hook(out, "from_port", "prerouting", PRIORITY_FILTER);
	add_dispatch(host, MAP_FROM_GUEST, FIELD_IIFNAME, from);
	struct chain *to = add_hook(out, "to_port", "postrouting", PRIORITY_FILTER);
	add_dispatch(host, MAP_TO_GUEST, FIELD_OIFNAME, to);
}
