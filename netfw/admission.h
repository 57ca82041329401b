/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside netfw/: what the rules of one direction and family allow, in rows of rules that are alike.
 */
#ifndef BERTH_NETFW_ADMISSION_H
#define BERTH_NETFW_ADMISSION_H

#include "netfw/rectangle.h"
#include "netfw/table.h"

/* Elements of a direction, family and kind; and so many rectangles are tried. */
#define ADMISSION_MAX_ELEMENTS 65536

/* What a rule says of the packet. */
enum selector { SELECT_ALL, SELECT_PROTOCOL, SELECT_PORTS, SELECT_ICMP, SELECTORS };
/* Who is at the other end. */
enum peer { PEER_ANY, PEER_PREFIX, PEER_GROUP };

/**
 * struct row - rules of one kind
 * @group: PEER_GROUP: its members' set
 * @address_first: PEER_PREFIX with SELECT_PORTS: the address is the first field
 * @sets: none with SELECT_ALL, unless PEER_PREFIX
 * @label: without sets: which rules they are
 */
struct row {
	enum selector selector;
	enum peer peer;
	char *members;
	bool address_first;
	char **sets;
	size_t set_count;
	char *label;
};

struct admission {
	enum firewall_direction direction;
	uint8_t family;
	struct row *rows;
	size_t row_count;
};

/* admission_rows.c */

/* The fields of the row's sets for packets in @direction; @port: the field of the row's ports.
 * Return: their number. */
size_t row_fields(const struct row *row, enum firewall_direction direction, uint8_t family,
		  enum field port, enum field ret[static SET_MAX_FIELDS]);
enum field address_field(enum firewall_direction direction, uint8_t family);

/* Whether the rule is one of the row. @group: PEER_GROUP: index of the row's group. */
bool is_in_row(const struct admission *admission, const struct firewall_rule *rule,
	       const struct row *row, int group);

/**
 * row_collect() - the row's rules as rectangles that don't overlap
 * @protocol: only those of that protocol; -1: all
 *
 * Return: 0; or -E2BIG.
 */
int row_collect(const struct admission *admission, const struct firewall_port *port,
		const struct row *row, int group, int protocol, struct rectangles *ret);

/* Whether more different addresses than ports stand in the row's rules. */
bool row_has_more_addresses(const struct admission *admission, const struct firewall_port *port,
			    const struct row *row);

#endif
