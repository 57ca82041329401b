/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside netfw/: names in the kernel's table, and what all ports share. */
#ifndef BERTH_NETFW_TABLE_H
#define BERTH_NETFW_TABLE_H

#include "netfw/firewall.h"
#include "netfw/ruleset.h"

#define TABLE_NAME "berth"
#define TABLE_COMMENT "ports of virtual machines; see berth(1)"

#define MAP_FROM_GUEST "from_guest"
#define MAP_TO_GUEST "to_guest"
#define MAP_ZONE_OF_BRIDGE "zone_of_bridge"
#define MAP_ZONE_OF_VLAN "zone_of_vlan"
#define MAP_ZONE_OF_PVID "zone_of_pvid"
#define CHAIN_ZONE_BY_VLAN "zone_by_vlan"

/* What a guest sends to be found and to find its neighbours. */
#define SET_ICMPV6_FROM_GUEST "icmpv6_from_guest"
#define SET_ICMPV6_FROM_NOBODY "icmpv6_from_nobody"
#define SET_ICMPV6_TO_GUEST "icmpv6_to_guest"
/* What only routers send. */
#define SET_ICMPV6_OF_ROUTERS "icmpv6_of_routers"
/* Headers behind which others stand (RFC 8200; IANA: IPv6 Extension Header Types). */
#define SET_IPV6_EXTENSIONS "ipv6_extensions"
/* Without connection tracking. */
#define SET_ICMP_ANSWERS "icmp_answers"
#define SET_ICMPV6_ANSWERS "icmpv6_answers"
#define SET_WITH_PORTS "protocols_with_ports"
#define SET_OTHERWISE_ANSWERED "protocols_otherwise_answered"

/**
 * port_prefix() - what the names of all objects of an interface's program begin with: "vnet0-"
 *
 * nft wants names of letters, digits and "/-_."; every other character, and "." and "-" too, is
 * written as "." and two hex digits, so that no two interfaces share a prefix.
 *
 * Return: the text, which the caller frees.
 */
char *port_prefix(const char *interface);

/* program_add_base() - append what all ports share: the maps, the sets, and the chains at the
 * hooks.
 */
void program_add_base(const struct firewall_host *host, struct ruleset *out);

/* program_add_answer_sets() - append what ports need whose connections are not tracked, once. */
void program_add_answer_sets(struct ruleset *out);

/**
 * program_add_port() - append one port's program
 *
 * It depends on the port and @host alone.
 *
 * Return: 0; -E2BIG: its rules overlap so much that they become too many elements.
 */
int program_add_port(const struct firewall_host *host, const struct firewall_port *port,
		     struct ruleset *out, struct err *err);

/* The comment of a port's elements in the maps: who it is. */
char *port_comment(const struct firewall_port *port);
/* port_comment_parse() - Return: whether it was one; then *guest and *uuid are the caller's to
 * free.
 */
bool port_comment_parse(const char *comment, struct mac *mac, char **uuid, char **guest);

/* admission*.c: the rules of one direction and family */

struct admission;

/**
 * admission_add_sets() - the sets for what the port's rules of one direction and family allow
 * @prefix: of the port
 *
 * Return: 0 and *@ret, to be freed with admission_free(); -E2BIG.
 */
int admission_add_sets(const struct firewall_port *port, const char *prefix,
		       enum firewall_direction direction, uint8_t family, struct ruleset *out,
		       struct admission **ret, struct err *err);
/* admission_add_rules() - append the rules that accept packets of these sets. */
void admission_add_rules(const struct admission *admission, struct chain *chain);
/* admission_add_answers() - append the rules that accept, without connection tracking, what may be
 * answers to such packets. */
void admission_add_answers(const struct admission *admission, struct chain *chain);
void admission_free(struct admission *admission);

/* rule_parts.c: rules put together from their parts */

void rule_match(struct rule *rule, enum field field, enum comparison comparison, const void *value);
void rule_match_number(struct rule *rule, enum field field, enum comparison comparison,
		       uint32_t value);
void rule_match_range(struct rule *rule, enum field field, uint32_t first, uint32_t last);
/* Some of these bits are set. */
void rule_match_bits(struct rule *rule, enum field field, uint32_t bits);
void rule_lookup(struct rule *rule, const enum field *fields, size_t count,
		 enum comparison comparison, const char *set);
void rule_map(struct rule *rule, enum field field, const char *map);
void rule_counter(struct rule *rule);
void rule_end(struct rule *rule, enum verdict verdict, const char *chain, const char *comment);
/* The end of what is not allowed: it is counted. */
void rule_drop(struct rule *rule, const char *comment);

#endif
