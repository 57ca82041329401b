/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The policy: what the operator wants of a guest's ports; an element of the domain's <metadata>. */
#ifndef BERTH_XML_POLICY_H
#define BERTH_XML_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/address.h"
#include "base/cleanup.h"
#include "base/err.h"

#define POLICY_URI "urn:berth:policy:1"

#define POLICY_MAX_PORTS 64
#define POLICY_MAX_GROUPS 256
/* Of all groups together. */
#define POLICY_MAX_RULES 4096
/* Of one group. */
#define POLICY_MAX_MEMBERS 4096
/* Of one port, each: addresses, pairs, groups. */
#define POLICY_MAX_OF_PORT 256

enum policy_direction {
	POLICY_INGRESS, /* to the guest */
	POLICY_EGRESS,  /* from the guest */
};

enum policy_remote {
	REMOTE_ANY,    /* no remote=, or a prefix of length 0 */
	REMOTE_PREFIX, /* remote= */
	REMOTE_GROUP,  /* group= */
};

/**
 * struct policy_rule - one thing that is allowed
 * @family: 4 or 6, from ethertype=
 * @protocol: 0 to 255, or -1: any
 * @has_ports: @port_first and @port_last count; only with a protocol that has ports
 * @icmp_type, @icmp_code: 0 to 255, or -1: any; a code only with a type
 * @remote: who is at the other end
 * @prefix: REMOTE_PREFIX; of @family
 * @group: REMOTE_GROUP: index in the policy's groups
 */
struct policy_rule {
	enum policy_direction direction;
	uint8_t family;
	int protocol;
	bool has_ports;
	uint16_t port_first;
	uint16_t port_last;
	int icmp_type;
	int icmp_code;
	enum policy_remote remote;
	struct prefix prefix;
	size_t group;
};

/**
 * struct policy_group - a security group
 * @members: addresses that a rule with group= means; IPv4 and IPv6
 */
struct policy_group {
	char *name;
	struct policy_rule *rules;
	size_t rule_count;
	struct prefix *members;
	size_t member_count;
};

/* struct policy_pair - an allowed address pair: what a port may use besides its own addresses
 * @has_mac: with this MAC; otherwise with the port's own */
struct policy_pair {
	struct prefix address;
	bool has_mac;
	struct mac mac;
};

/**
 * struct policy_port - what is wanted of the interface with this MAC
 * @vlan: 1 to 4094, or 0: none
 * @addresses: fixed addresses
 * @groups: indices in the policy's groups
 */
struct policy_port {
	struct mac mac;
	uint16_t vlan;
	struct prefix *addresses;
	size_t address_count;
	struct policy_pair *pairs;
	size_t pair_count;
	size_t *groups;
	size_t group_count;
};

/* struct policy - everything is owned by it. @project may be NULL. */
struct policy {
	char *project;
	struct policy_port *ports;
	size_t port_count;
	struct policy_group *groups;
	size_t group_count;
};

/**
 * policy_parse() - read a policy that stands alone
 * @text: a <policy> in POLICY_URI or, as virDomainGetMetadata() returns it, in no namespace
 * @ret: the policy; the caller frees it with policy_free()
 *
 * Unlike the manifest a policy is written by hand, and a rule that is misread opens or closes
 * something: what isn't known is refused. The rules are those of packaging/schemas/policy.rng; see
 * there for what only this function refuses.
 *
 * Return: 0; -EINVAL: @err names line, element, attribute and value; -EBADMSG, -EFBIG, -ELOOP,
 * -EPERM as domain_parse().
 */
int policy_parse(const char *text, size_t length, struct policy **ret, struct err *err);

/* policy_find_port() - the port of that MAC, or NULL; @policy may be NULL. */
const struct policy_port *policy_find_port(const struct policy *policy, const struct mac *mac);

/* policy_free() - frees the policy and all it owns; NULL is fine. */
void policy_free(struct policy *policy);

#define cleanup_policy cleanup(policy_freep)

static inline void policy_freep(struct policy **policy)
{
	policy_free(*policy);
}

#endif
