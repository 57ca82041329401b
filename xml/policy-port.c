/* SPDX-License-Identifier: GPL-2.0-or-later */
/* <port> of the policy: the VLAN, addresses and groups of one interface. */
#include <errno.h>
#include <string.h>

#include "base/strbuf.h"
#include "xml/policy-value.h"
#include "xml/view.h"

#define VLAN_MAX 4094

static const struct policy_shape port_shape = {"mac vlan", "address pair group", false};
static const struct policy_shape pair_shape = {"address mac", "", false};
static const struct policy_shape text_shape = {"", "", true};

static int add_address(const xmlNode *element, const struct prefix *address, struct prefix **array,
		       size_t *count, struct err *err)
{
	char text[PREFIX_TEXT_SIZE];

	for (size_t i = 0; i < *count; i++) {
		if (prefix_equal(&(*array)[i], address))
			return policy_second(element, prefix_format(address, text), "one <port>",
					     err);
	}
	if (*count == POLICY_MAX_OF_PORT)
		return policy_too_many(element, POLICY_MAX_OF_PORT, "one <port>", err);
	*array = view_room(*array, *count, sizeof(**array));
	(*array)[(*count)++] = *address;
	return 0;
}

static int read_address(const xmlNode *element, const struct policy *policy,
			struct policy_port *port, struct err *err)
{
	struct prefix address;
	int rc = policy_check_shape(element, &text_shape, err);

	(void)policy;
	if (rc == 0)
		rc = policy_read_address(element, &address, err);
	return rc < 0 ? rc
		      : add_address(element, &address, &port->addresses, &port->address_count, err);
}

static int read_pair_values(const xmlNode *element, struct policy_pair *pair, struct err *err)
{
	cleanup_free char *address = tree_attribute(element, "address");

	if (!address)
		return err_set(err, EINVAL,
			       "line %ld: <pair> without address=", tree_line(element));
	int rc = policy_read_prefix(element, "address", &pair->address, err);
	if (rc < 0)
		return rc;
	cleanup_free char *mac = tree_attribute(element, "mac");
	pair->has_mac = mac != NULL;
	return mac ? policy_read_mac(element, "mac", &pair->mac, err) : 0;
}

static bool pair_equal(const struct policy_pair *a, const struct policy_pair *b)
{
	return prefix_equal(&a->address, &b->address) && a->has_mac == b->has_mac &&
	       (!a->has_mac || mac_equal(&a->mac, &b->mac));
}

static int read_pair(const xmlNode *element, const struct policy *policy, struct policy_port *port,
		     struct err *err)
{
	struct policy_pair pair = {0};
	char text[PREFIX_TEXT_SIZE];
	int rc = policy_check_shape(element, &pair_shape, err);

	(void)policy;
	if (rc == 0)
		rc = read_pair_values(element, &pair, err);
	if (rc < 0)
		return rc;
	for (size_t i = 0; i < port->pair_count; i++) {
		if (pair_equal(&port->pairs[i], &pair))
			return policy_second(element, prefix_format(&pair.address, text),
					     "one <port>", err);
	}
	if (port->pair_count == POLICY_MAX_OF_PORT)
		return policy_too_many(element, POLICY_MAX_OF_PORT, "one <port>", err);
	port->pairs = view_room(port->pairs, port->pair_count, sizeof(pair));
	port->pairs[port->pair_count++] = pair;
	return 0;
}

static int read_group_name(const xmlNode *element, const struct policy *policy,
			   struct policy_port *port, struct err *err)
{
	int rc = policy_check_shape(element, &text_shape, err);

	if (rc < 0)
		return rc;
	cleanup_free char *name = policy_text(element);
	long index = policy_find_group(policy, name);
	if (index < 0)
		return policy_wrong_text(element, name,
					 "there is no <group> of this name; add one, be it empty",
					 err);
	for (size_t i = 0; i < port->group_count; i++) {
		if (port->groups[i] == (size_t)index)
			return policy_second(element, name, "one <port>", err);
	}
	/* There are no more groups than a port may have: POLICY_MAX_OF_PORT. */
	port->groups = view_room(port->groups, port->group_count, sizeof(*port->groups));
	port->groups[port->group_count++] = (size_t)index;
	return 0;
}

_Static_assert(POLICY_MAX_GROUPS <= POLICY_MAX_OF_PORT, "a port may be in each group");

static const struct {
	const char *element;
	int (*read)(const xmlNode *element, const struct policy *policy, struct policy_port *port,
		    struct err *err);
} port_children[] = {
	{"address", read_address},
	{"pair", read_pair},
	{"group", read_group_name},
};

static int read_vlan(const xmlNode *element, uint16_t *ret, struct err *err)
{
	cleanup_free char *text = tree_attribute(element, "vlan");
	unsigned vlan = 0;

	if (text && (!policy_number(text, VLAN_MAX, &vlan) || vlan == 0))
		return err_set(err, EINVAL,
			       "line %ld: <port> vlan='%.100s': VLAN %.100s is not 1 to %d",
			       tree_line(element), text, *text ? text : "''", VLAN_MAX);
	*ret = (uint16_t)vlan;
	return 0;
}

static int read_port_values(const xmlNode *element, const struct policy *policy,
			    struct policy_port *port, struct err *err)
{
	cleanup_free char *mac = tree_attribute(element, "mac");

	if (!mac)
		return err_set(err, EINVAL, "line %ld: <port> without mac=", tree_line(element));
	int rc = policy_read_mac(element, "mac", &port->mac, err);
	if (rc == 0 && policy_find_port(policy, &port->mac))
		rc = policy_wrong(element, "mac", mac, "a second <port> with this MAC address",
				  err);
	return rc < 0 ? rc : read_vlan(element, &port->vlan, err);
}

static int read_port_children(const xmlNode *element, const struct policy *policy,
			      struct policy_port *port, struct err *err)
{
	const xmlNode *node = element->children;

	while ((node = policy_next(node))) {
		for (size_t i = 0; i < ARRAY_SIZE(port_children); i++) {
			if (strcmp((const char *)node->name, port_children[i].element) != 0)
				continue;
			int rc = port_children[i].read(node, policy, port, err);
			if (rc < 0)
				return rc;
		}
		node = node->next;
	}
	return 0;
}

/* Floating addresses are planned. What has no effect is not accepted: the guest would run without
 * what its operator wants. */
static int refuse_floating(const xmlNode *port, struct err *err)
{
	for (const xmlNode *node = port->children; node; node = node->next) {
		if (tree_is_in(node, "floating", tree_namespace(port)))
			return err_set(err, EINVAL,
				       "line %ld: <floating>: this version of berth has no "
				       "floating addresses; take it out of the policy",
				       tree_line(node));
	}
	return 0;
}

int policy_read_port(const xmlNode *element, struct policy *policy, struct err *err)
{
	struct policy_port port = {0};
	int rc = refuse_floating(element, err);

	if (rc == 0)
		rc = policy_check_shape(element, &port_shape, err);
	if (rc == 0 && policy->port_count == POLICY_MAX_PORTS)
		rc = policy_too_many(element, POLICY_MAX_PORTS, "one <policy>", err);
	if (rc == 0)
		rc = read_port_values(element, policy, &port, err);
	if (rc < 0)
		return rc;
	policy->ports = view_room(policy->ports, policy->port_count, sizeof(port));
	policy->ports[policy->port_count] = port;
	return read_port_children(element, policy, &policy->ports[policy->port_count++], err);
}
