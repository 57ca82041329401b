/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which rules are alike, and what they allow as rectangles. */
#include "netfw/admission.h"

#include <string.h>

#define IPPROTO_ANY (-1)

/* --- which rules are alike --- */

static enum selector selector_of(const struct firewall_rule *rule)
{
	if (rule->protocol == IPPROTO_ANY)
		return SELECT_ALL;
	if (rule->has_ports)
		return SELECT_PORTS;
	return rule->icmp_type >= 0 ? SELECT_ICMP : SELECT_PROTOCOL;
}

static enum peer peer_of(const struct firewall_rule *rule)
{
	if (rule->group >= 0)
		return PEER_GROUP;
	return rule->remote.length > 0 ? PEER_PREFIX : PEER_ANY;
}

/* With a prefix, all protocols are a range of protocols. */
bool is_in_row(const struct admission *admission, const struct firewall_rule *rule,
	       const struct row *row, int group)
{
	enum selector selector = selector_of(rule);

	if (rule->direction != admission->direction || rule->family != admission->family ||
	    peer_of(rule) != row->peer || (row->peer == PEER_GROUP && rule->group != group))
		return false;
	if (row->peer == PEER_PREFIX && selector == SELECT_ALL)
		selector = SELECT_PROTOCOL;
	return selector == row->selector;
}

/* --- rules as rectangles --- */

static void put_addresses(const struct firewall_rule *rule, struct rectangle *ret)
{
	size_t size = address_size(rule->family);
	uint8_t first[16], last[16];

	if (peer_of(rule) != PEER_PREFIX)
		return;
	prefix_range(&rule->remote, first, last);
	memcpy(ret->first + 16 - size, first, size);
	memcpy(ret->last + 16 - size, last, size);
}

static struct rectangle rectangle_of(const struct firewall_rule *rule)
{
	struct rectangle ret = {.label = rule->label};

	put_addresses(rule, &ret);
	switch (selector_of(rule)) {
	case SELECT_ALL:
		ret.high = 255;
		break;
	case SELECT_PROTOCOL:
		ret.low = ret.high = (uint32_t)rule->protocol;
		break;
	case SELECT_PORTS:
		ret.low = rule->port_first;
		ret.high = rule->port_last;
		break;
	case SELECT_ICMP:
		ret.low = (uint32_t)rule->icmp_type << 8;
		ret.high = ret.low | 255;
		if (rule->icmp_code >= 0)
			ret.low = ret.high = ret.low | (uint32_t)rule->icmp_code;
		break;
	case SELECTORS:
		break;
	}
	return ret;
}

/* Those of one protocol in the row; -1: of all. */
int row_collect(const struct admission *admission, const struct firewall_port *port,
		const struct row *row, int group, int protocol, struct rectangles *ret)
{
	cleanup_rectangles struct rectangles all = {0};
	/* ICMP types are ranges of 256 codes, and a protocol is one for people too. */
	uint32_t grain = row->selector == SELECT_ICMP                                   ? 256
			 : row->selector == SELECT_PROTOCOL && row->peer != PEER_PREFIX ? 1
											: 0;

	for (size_t i = 0; i < port->rule_count; i++) {
		const struct firewall_rule *rule = &port->rules[i];
		if (!is_in_row(admission, rule, row, group) ||
		    (protocol >= 0 && rule->protocol != protocol))
			continue;
		struct rectangle rectangle = rectangle_of(rule);
		rectangles_add(&all, &rectangle);
	}
	return rectangles_make_disjoint(&all, grain, ADMISSION_MAX_ELEMENTS, ret);
}

/* --- fields --- */

enum field address_field(enum firewall_direction direction, uint8_t family)
{
	if (family == 4)
		return direction == FIREWALL_INGRESS ? FIELD_IP_SADDR : FIELD_IP_DADDR;
	return direction == FIREWALL_INGRESS ? FIELD_IP6_SADDR : FIELD_IP6_DADDR;
}

/* The fields of the row's sets for packets in @direction. Return: their number. */
size_t row_fields(const struct row *row, enum firewall_direction direction, uint8_t family,
		  enum field port, enum field ret[static SET_MAX_FIELDS])
{
	bool v4 = family == 4;
	size_t count = 0;

	if (row->peer == PEER_PREFIX && (row->selector != SELECT_PORTS || row->address_first))
		ret[count++] = address_field(direction, family);
	if (row->selector == SELECT_PORTS)
		ret[count++] = port;
	if (row->peer == PEER_PREFIX && row->selector == SELECT_PORTS && !row->address_first)
		ret[count++] = address_field(direction, family);
	if (row->selector == SELECT_ICMP) {
		ret[count++] = v4 ? FIELD_ICMP_TYPE : FIELD_ICMPV6_TYPE;
		ret[count++] = v4 ? FIELD_ICMP_CODE : FIELD_ICMPV6_CODE;
	} else {
		ret[count++] = FIELD_L4PROTO;
	}
	return count;
}

/* --- which field is first --- */

static int compare_port_ranges(const void *a, const void *b)
{
	const struct firewall_rule *one = *(const struct firewall_rule *const *)a;
	const struct firewall_rule *other = *(const struct firewall_rule *const *)b;
	int order = one->port_first - other->port_first;

	return order ? order : one->port_last - other->port_last;
}

static int compare_remotes(const void *a, const void *b)
{
	const struct firewall_rule *one = *(const struct firewall_rule *const *)a;
	const struct firewall_rule *other = *(const struct firewall_rule *const *)b;
	int order = one->remote.length - other->remote.length;

	return order ? order
		     : memcmp(one->remote.bytes, other->remote.bytes, sizeof(one->remote.bytes));
}

static size_t count_different(const struct firewall_rule **rules, size_t count,
			      int (*compare)(const void *, const void *))
{
	size_t different = count > 0;

	qsort(rules, count, sizeof(*rules), compare);
	for (size_t i = 1; i < count; i++)
		different += compare(&rules[i - 1], &rules[i]) != 0;
	return different;
}

bool row_has_more_addresses(const struct admission *admission, const struct firewall_port *port,
			    const struct row *row)
{
	cleanup_free const struct firewall_rule **rules =
		xcalloc(port->rule_count + 1, sizeof(*rules));
	size_t count = 0;

	for (size_t i = 0; i < port->rule_count; i++) {
		if (is_in_row(admission, &port->rules[i], row, -1))
			rules[count++] = &port->rules[i];
	}
	return count_different(rules, count, compare_remotes) >
	       count_different(rules, count, compare_port_ranges);
}
