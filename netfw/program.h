/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside netfw/: the parts of one port's program; program_port.c puts them together. */
#ifndef BERTH_NETFW_PROGRAM_H
#define BERTH_NETFW_PROGRAM_H

#include "netfw/table.h"

/**
 * struct building - what all parts need
 * @prefix: of the port's names: port_prefix()
 */
struct building {
	const struct firewall_host *host;
	const struct firewall_port *port;
	const char *prefix;
	struct ruleset *out;
};

/**
 * struct admissions - what the port's rules allow
 * @own: in the chain's direction
 * @opposite: in the other one; answers to it pass too
 */
struct admissions {
	const struct admission *own;
	const struct admission *opposite;
};

/* program_name() - the name of one of the port's objects; to be freed. */
#define program_name(building, what) xasprintf("%s%s", (building)->prefix, what)

/* program_port.c */

struct chain *program_chain(const struct building *building, const char *what, const char *comment);
/* A look-up in one of the port's sets. */
void program_lookup(const struct building *building, struct rule *rule, const enum field *fields,
		    size_t count, enum comparison comparison, const char *what);
/* @key: an interface's name; @comment: may be NULL */
void program_add_to_map(const struct building *building, const char *map, const char *key,
			const char *chain, const char *comment);

/* The port's elements in the maps, which lead to its chains. */
void program_add_map_elements(const struct building *building);

/* program_senders.c */

/* The set of MAC addresses that the port may send from. */
void program_add_macs(const struct building *building);
/* The set of pairs of addresses. Return: whether there are any of that family. */
bool program_add_senders(const struct building *building, uint8_t family);
/* Lets nothing go on but what comes from these pairs: where the sender can't be read, nothing does.
 * @has_senders: as program_add_senders() said. Return: the chain that goes on; NULL: nothing does.
 */
struct chain *program_check_sender(const struct building *building, struct chain *chain,
				   uint8_t family, bool has_senders);
void program_add_arp(const struct building *building, bool has_senders);
/* Neighbour advertisements of the guest's own addresses pass, others don't. */
void program_add_advertisements(const struct building *building, struct chain *chain);

/* program_zone.c: shared by all ports of the VLAN */

void program_add_zone(const struct building *building);

/* program_family.c: the port's chains of a family */

void program_add_egress4(const struct building *building, bool has_senders,
			 const struct admissions *admitted);
void program_add_egress6(const struct building *building, bool has_senders,
			 const struct admissions *admitted);
void program_add_ingress4(const struct building *building, const struct admissions *admitted);
void program_add_ingress6(const struct building *building, const struct admissions *admitted);

#endif
