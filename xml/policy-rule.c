/* SPDX-License-Identifier: GPL-2.0-or-later */
/* <rule> of the policy: one thing that a security group allows. */
#include <errno.h>
#include <string.h>

#include "base/strbuf.h"
#include "xml/policy-value.h"

#define PROTOCOL_ICMP 1
#define PROTOCOL_ICMPV6 58

static const struct policy_shape rule_shape = {
	"direction ethertype protocol ports type code remote group", "", false};

/* Names as OpenStack has them, numbers as IANA has them. The schema has the same list. */
static const struct {
	const char *name;
	uint8_t number;
	bool has_ports;
} protocols[] = {
	{"ah", 51, false},         {"dccp", 33, true},       {"egp", 8, false},
	{"eigrp", 88, false},      {"esp", 50, false},       {"etherip", 97, false},
	{"gre", 47, false},        {"icmp", 1, false},       {"icmpv6", 58, false},
	{"igmp", 2, false},        {"ipcomp", 108, false},   {"ipip", 4, false},
	{"ipv6-encap", 41, false}, {"ipv6-frag", 44, false}, {"ipv6-icmp", 58, false},
	{"ipv6-nonxt", 59, false}, {"ipv6-opts", 60, false}, {"ipv6-route", 43, false},
	{"l2tp", 115, false},      {"ospf", 89, false},      {"pgm", 113, false},
	{"pim", 103, false},       {"rsvp", 46, false},      {"sctp", 132, true},
	{"tcp", 6, true},          {"udp", 17, true},        {"udplite", 136, true},
	{"vrrp", 112, false},
};

static int read_direction(const xmlNode *element, struct policy_rule *rule, struct err *err)
{
	cleanup_free char *text = tree_attribute(element, "direction");

	if (!text)
		return err_set(err, EINVAL,
			       "line %ld: <rule> without direction=", tree_line(element));
	if (!str_equal(text, "ingress") && !str_equal(text, "egress"))
		return policy_wrong(element, "direction", text, "neither ingress nor egress", err);
	rule->direction = str_equal(text, "ingress") ? POLICY_INGRESS : POLICY_EGRESS;
	return 0;
}

static int read_remote_group(const xmlNode *element, const struct policy *policy, const char *name,
			     struct policy_rule *rule, struct err *err)
{
	long index = policy_find_group(policy, name);

	if (index < 0)
		return policy_wrong(element, "group", name,
				    "there is no <group> of this name; add one, be it empty", err);
	rule->remote = REMOTE_GROUP;
	rule->group = (size_t)index;
	return 0;
}

/* The family of remote= is the rule's, until ethertype= was read. */
static int read_remote(const xmlNode *element, const struct policy *policy,
		       struct policy_rule *rule, struct err *err)
{
	cleanup_free char *remote = tree_attribute(element, "remote");
	cleanup_free char *group = tree_attribute(element, "group");

	if (remote && group)
		return policy_wrong(element, "remote", remote, "only without group=", err);
	if (group)
		return read_remote_group(element, policy, group, rule, err);
	if (!remote)
		return 0;
	int rc = policy_read_prefix(element, "remote", &rule->prefix, err);
	if (rc < 0)
		return rc;
	rule->family = rule->prefix.family;
	rule->remote = rule->prefix.length > 0 ? REMOTE_PREFIX : REMOTE_ANY;
	return 0;
}

static int read_ethertype(const xmlNode *element, struct policy_rule *rule, struct err *err)
{
	cleanup_free char *text = tree_attribute(element, "ethertype");

	if (!text) {
		if (!rule->family)
			rule->family = 4;
		return 0;
	}
	if (!str_equal(text, "ipv4") && !str_equal(text, "ipv6"))
		return policy_wrong(element, "ethertype", text, "neither ipv4 nor ipv6", err);
	uint8_t family = str_equal(text, "ipv4") ? 4 : 6;
	if (rule->family && rule->family != family)
		return policy_wrong(element, "ethertype", text,
				    "remote= is of the other IP version", err);
	rule->family = family;
	return 0;
}

static bool find_protocol(const char *text, int *ret)
{
	unsigned number;

	for (size_t i = 0; i < ARRAY_SIZE(protocols); i++) {
		if (strcmp(protocols[i].name, text) == 0) {
			*ret = protocols[i].number;
			return true;
		}
	}
	if (!policy_number(text, 255, &number))
		return false;
	*ret = (int)number;
	return true;
}

static int read_protocol(const xmlNode *element, struct policy_rule *rule, struct err *err)
{
	cleanup_free char *text = tree_attribute(element, "protocol");

	rule->protocol = -1;
	if (!text)
		return 0;
	if (!find_protocol(text, &rule->protocol))
		return policy_wrong(element, "protocol", text,
				    "neither a protocol's name like tcp, udp or icmp, nor a number "
				    "0 to 255",
				    err);
	if (rule->protocol == PROTOCOL_ICMP && rule->family == 6)
		return policy_wrong(element, "protocol", text,
				    "the rule is for IPv6; write protocol='icmpv6', or "
				    "ethertype='ipv4'",
				    err);
	if (rule->protocol == PROTOCOL_ICMPV6 && rule->family == 4)
		return policy_wrong(element, "protocol", text,
				    "the rule is for IPv4; write protocol='icmp', or "
				    "ethertype='ipv6'",
				    err);
	return 0;
}

static bool has_ports(int protocol)
{
	for (size_t i = 0; i < ARRAY_SIZE(protocols); i++) {
		if (protocols[i].number == protocol)
			return protocols[i].has_ports;
	}
	return false;
}

/* "80" or "80-443". */
static bool parse_ports(const char *text, unsigned *first, unsigned *last)
{
	const char *minus = strchr(text, '-');

	if (!minus) {
		bool is_port = policy_number(text, UINT16_MAX, first);
		*last = *first;
		return is_port;
	}
	cleanup_free char *before = xstrndup(text, (size_t)(minus - text));
	return policy_number(before, UINT16_MAX, first) &&
	       policy_number(minus + 1, UINT16_MAX, last);
}

static int read_ports(const xmlNode *element, struct policy_rule *rule, struct err *err)
{
	cleanup_free char *text = tree_attribute(element, "ports");
	unsigned first = 0;
	unsigned last = 0;

	if (!text)
		return 0;
	if (!has_ports(rule->protocol))
		return policy_wrong(element, "ports", text,
				    "only with protocol= tcp, udp, sctp, dccp or udplite", err);
	if (!parse_ports(text, &first, &last))
		return policy_wrong(element, "ports", text,
				    "neither a port 0 to 65535 nor a range like 80-443", err);
	if (first > last)
		return policy_wrong(element, "ports", text, "the first port is above the last",
				    err);
	rule->has_ports = true;
	rule->port_first = (uint16_t)first;
	rule->port_last = (uint16_t)last;
	return 0;
}

static int read_icmp_value(const xmlNode *element, const char *attribute, bool is_icmp, int *ret,
			   struct err *err)
{
	cleanup_free char *text = tree_attribute(element, attribute);
	unsigned number;

	*ret = -1;
	if (!text)
		return 0;
	if (!is_icmp)
		return policy_wrong(element, attribute, text, "only with protocol= icmp or icmpv6",
				    err);
	if (!policy_number(text, 255, &number))
		return policy_wrong(element, attribute, text, "not a number 0 to 255", err);
	*ret = (int)number;
	return 0;
}

static int read_icmp(const xmlNode *element, struct policy_rule *rule, struct err *err)
{
	bool is_icmp = rule->protocol == PROTOCOL_ICMP || rule->protocol == PROTOCOL_ICMPV6;
	int rc = read_icmp_value(element, "type", is_icmp, &rule->icmp_type, err);

	if (rc == 0)
		rc = read_icmp_value(element, "code", is_icmp, &rule->icmp_code, err);
	if (rc == 0 && rule->icmp_code >= 0 && rule->icmp_type < 0)
		rc = err_set(err, EINVAL,
			     "line %ld: <rule> code='%d': only with type=", tree_line(element),
			     rule->icmp_code);
	return rc;
}

int policy_read_rule(const xmlNode *element, const struct policy *policy, struct policy_rule *ret,
		     struct err *err)
{
	struct policy_rule rule = {0};
	int rc = policy_check_shape(element, &rule_shape, err);

	if (rc == 0)
		rc = read_direction(element, &rule, err);
	if (rc == 0)
		rc = read_remote(element, policy, &rule, err);
	if (rc == 0)
		rc = read_ethertype(element, &rule, err);
	if (rc == 0)
		rc = read_protocol(element, &rule, err);
	if (rc == 0)
		rc = read_ports(element, &rule, err);
	if (rc == 0)
		rc = read_icmp(element, &rule, err);
	if (rc == 0)
		*ret = rule;
	return rc;
}
