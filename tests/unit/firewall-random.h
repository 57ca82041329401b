/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ports whose rules, addresses and groups are random, for tests of the firewall. */
#ifndef BERTH_TEST_FIREWALL_RANDOM_H
#define BERTH_TEST_FIREWALL_RANDOM_H

#include "netfw/firewall.h"
#include "tests/unit/test-xml-data.h"

static inline void random_prefix(uint64_t *seed, uint8_t family, bool address, struct prefix *ret)
{
	uint8_t bits = family == 4 ? 32 : 128;

	*ret = (struct prefix){.family = family,
			       .length =
				       address ? bits : (uint8_t)(test_random(seed) % (bits + 1u))};
	for (uint8_t i = 0; i < ret->length; i++) {
		/* Few different ones, so that they meet. */
		if (test_random(seed) % 4 == 0)
			ret->bytes[i / 8] = (uint8_t)(ret->bytes[i / 8] | 0x80 >> i % 8);
	}
}

static inline uint8_t random_family(uint64_t *seed)
{
	return test_random(seed) % 2 ? 4 : 6;
}

static inline void random_rule(uint64_t *seed, size_t index, int groups, struct firewall_rule *ret)
{
	static const int protocols[] = {-1, 1, 6, 17, 58, 132, 47, 0, 255};
	int protocol = protocols[test_random(seed) % ARRAY_SIZE(protocols)];
	bool icmp = protocol == 1 || protocol == 58;

	*ret = (struct firewall_rule){
		.direction = test_random(seed) % 2 ? FIREWALL_INGRESS : FIREWALL_EGRESS,
		.family = protocol == 1    ? 4
			  : protocol == 58 ? 6
					   : random_family(seed),
		.protocol = protocol,
		.has_ports = (protocol == 6 || protocol == 17 || protocol == 132) &&
			     test_random(seed) % 4,
		.icmp_type = icmp && test_random(seed) % 2 ? (int)(test_random(seed) % 256) : -1,
		.icmp_code = -1,
		.group = test_random(seed) % 4 ? -1 : (int)(test_random(seed) % (unsigned)groups),
		.label = xasprintf("web %zu", index + 1),
	};
	if (ret->icmp_type >= 0 && test_random(seed) % 2)
		ret->icmp_code = (int)(test_random(seed) % 256);
	if (ret->has_ports) {
		ret->port_first = (uint16_t)(test_random(seed) % 200);
		ret->port_last = (uint16_t)(ret->port_first + test_random(seed) % 50);
	}
	random_prefix(seed, ret->family, false, &ret->remote);
	if (ret->group >= 0 || test_random(seed) % 3 == 0)
		ret->remote = (struct prefix){.family = ret->family};
}

/* @ret: zeroed; to be cleared with firewall_port_clear() */
static inline void random_port(uint64_t *seed, size_t max_rules, struct firewall_port *ret)
{
	*ret = (struct firewall_port){
		.interface = "vnet0",
		.guest = xstrdup("vm1"),
		.uuid = xstrdup("0c4a2c42-6a9c-4bd4-a3ac-1b6ab7e2a3f5"),
		.mac = {{0x52, 0x54, 0, 0, 0, 1}},
		.source_count = test_random(seed) % 6,
		.filtered = test_random(seed) % 4,
		.rule_count = test_random(seed) % (max_rules + 1),
		.group_count = 2,
		.zone = (uint16_t)(test_random(seed) % 3),
		.bridge = "br0",
		.vlan_aware = test_random(seed) % 2,
	};
	ret->sources = xcalloc(ret->source_count + 1, sizeof(*ret->sources));
	for (size_t i = 0; i < ret->source_count; i++) {
		ret->sources[i].mac = ret->mac;
		ret->sources[i].mac.bytes[5] = (uint8_t)(1 + test_random(seed) % 2);
		random_prefix(seed, random_family(seed), test_random(seed) % 2,
			      &ret->sources[i].address);
	}
	ret->rules = xcalloc(ret->rule_count + 1, sizeof(*ret->rules));
	for (size_t i = 0; i < ret->rule_count; i++)
		random_rule(seed, i, 2, &ret->rules[i]);
	ret->groups = xcalloc(ret->group_count, sizeof(*ret->groups));
	for (size_t i = 0; i < ret->group_count; i++) {
		ret->groups[i].name = xasprintf("group.%zu", i);
		ret->groups[i].member_count = 2;
		ret->groups[i].members = xcalloc(2, sizeof(*ret->groups[i].members));
		random_prefix(seed, 4, true, &ret->groups[i].members[0]);
		random_prefix(seed, 6, true, &ret->groups[i].members[1]);
	}
}

#endif
