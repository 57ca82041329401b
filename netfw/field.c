/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The fields: one table. Offsets are those of the headers' RFCs; keys those of the kernel's
 * include/uapi/linux/netfilter/nf_tables.h. */
#include "netfw/field.h"

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/netfilter/nf_tables.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>

#include "base/address.h"

#define LINK(offset, length)                                        \
	{                                                           \
		LOAD_PAYLOAD, NFT_PAYLOAD_LL_HEADER, offset, length \
	}
#define NETWORK(offset, length)                                          \
	{                                                                \
		LOAD_PAYLOAD, NFT_PAYLOAD_NETWORK_HEADER, offset, length \
	}
#define TRANSPORT(offset, length)                                          \
	{                                                                  \
		LOAD_PAYLOAD, NFT_PAYLOAD_TRANSPORT_HEADER, offset, length \
	}
#define META(key, length)                 \
	{                                 \
		LOAD_META, key, 0, length \
	}

/* Set types: include/datatype.h of nftables, enum datatypes. */
static const struct field_row rows[] = {
	[FIELD_ETHER_DADDR] = {"ether daddr", LINK(0, 6), TYPE_ETHER_ADDRESS, 0, false,
			       "ether_addr", 9, 0, 0},
	[FIELD_ETHER_SADDR] = {"ether saddr", LINK(6, 6), TYPE_ETHER_ADDRESS, 0, false,
			       "ether_addr", 9, 0, 0},
	[FIELD_ETHER_TYPE] = {"ether type", LINK(12, 2), TYPE_ETHER_TYPE, 0, false, "ether_type",
			      10, 0, 0},
	[FIELD_VLAN_ID] = {"vlan id", LINK(14, 2), TYPE_NUMBER, 0x0fff, false, NULL, 4, ETH_P_8021Q,
			   0},
	[FIELD_PROTOCOL] = {"meta protocol", META(NFT_META_PROTOCOL, 2), TYPE_ETHER_TYPE, 0, false,
			    "ether_type", 10, 0, 0},
	[FIELD_L4PROTO] = {"meta l4proto", META(NFT_META_L4PROTO, 1), TYPE_IP_PROTOCOL, 0, false,
			   "inet_proto", 12, 0, 0},
	[FIELD_IIFNAME] = {"iifname", META(NFT_META_IIFNAME, IFNAMSIZ), TYPE_INTERFACE_NAME, 0,
			   true, "ifname", 41, 0, 0},
	[FIELD_OIFNAME] = {"oifname", META(NFT_META_OIFNAME, IFNAMSIZ), TYPE_INTERFACE_NAME, 0,
			   true, "ifname", 41, 0, 0},
	[FIELD_BRIDGE_NAME] = {"meta ibrname", META(NFT_META_BRI_IIFNAME, IFNAMSIZ),
			       TYPE_INTERFACE_NAME, 0, true, "ifname", 41, 0, 0},
	[FIELD_BRIDGE_PVID] = {"meta ibrpvid", META(NFT_META_BRI_IIFPVID, 2), TYPE_NUMBER, 0, true,
			       NULL, 4, 0, 0},
	[FIELD_CT_STATE] = {"ct state",
			    {LOAD_CT, NFT_CT_STATE, 0, 4},
			    TYPE_CT_STATE,
			    0,
			    true,
			    "ct_state",
			    26,
			    0,
			    0},
	[FIELD_IP_SADDR] = {"ip saddr", NETWORK(12, 4), TYPE_IPV4_ADDRESS, 0, false, "ipv4_addr", 7,
			    ETH_P_IP, 0},
	[FIELD_IP_DADDR] = {"ip daddr", NETWORK(16, 4), TYPE_IPV4_ADDRESS, 0, false, "ipv4_addr", 7,
			    ETH_P_IP, 0},
	[FIELD_IP_FRAG_OFFSET] = {"ip frag-off", NETWORK(6, 2), TYPE_NUMBER, 0, false, NULL, 4,
				  ETH_P_IP, 0},
	[FIELD_IP6_SADDR] = {"ip6 saddr", NETWORK(8, 16), TYPE_IPV6_ADDRESS, 0, false, "ipv6_addr",
			     8, ETH_P_IPV6, 0},
	[FIELD_IP6_DADDR] = {"ip6 daddr", NETWORK(24, 16), TYPE_IPV6_ADDRESS, 0, false, "ipv6_addr",
			     8, ETH_P_IPV6, 0},
	[FIELD_IP6_FRAG_NEXT] = {"frag nexthdr",
				 {LOAD_EXTHDR, IPPROTO_FRAGMENT, 0, 1},
				 TYPE_IP_PROTOCOL,
				 0,
				 false,
				 "inet_proto",
				 12,
				 ETH_P_IPV6,
				 0},
	[FIELD_IP6_FRAG_OFFSET] = {"frag frag-off",
				   {LOAD_EXTHDR, IPPROTO_FRAGMENT, 2, 2},
				   TYPE_NUMBER,
				   0xfff8,
				   false,
				   NULL,
				   4,
				   ETH_P_IPV6,
				   0},
	[FIELD_ARP_HTYPE] = {"arp htype", NETWORK(0, 2), TYPE_NUMBER, 0, false, NULL, 4, ETH_P_ARP,
			     0},
	[FIELD_ARP_PTYPE] = {"arp ptype", NETWORK(2, 2), TYPE_ETHER_TYPE, 0, false, "ether_type",
			     10, ETH_P_ARP, 0},
	[FIELD_ARP_HLEN] = {"arp hlen", NETWORK(4, 1), TYPE_NUMBER, 0, false, NULL, 4, ETH_P_ARP,
			    0},
	[FIELD_ARP_PLEN] = {"arp plen", NETWORK(5, 1), TYPE_NUMBER, 0, false, NULL, 4, ETH_P_ARP,
			    0},
	[FIELD_ARP_OPERATION] = {"arp operation", NETWORK(6, 2), TYPE_NUMBER, 0, false, "arp_op",
				 11, ETH_P_ARP, 0},
	[FIELD_ARP_SADDR_ETHER] = {"arp saddr ether", NETWORK(8, 6), TYPE_ETHER_ADDRESS, 0, false,
				   "ether_addr", 9, ETH_P_ARP, 0},
	[FIELD_ARP_SADDR_IP] = {"arp saddr ip", NETWORK(14, 4), TYPE_IPV4_ADDRESS, 0, false,
				"ipv4_addr", 7, ETH_P_ARP, 0},
	[FIELD_TH_SPORT] = {"th sport", TRANSPORT(0, 2), TYPE_NUMBER, 0, false, "inet_service", 13,
			    0, 0},
	[FIELD_TH_DPORT] = {"th dport", TRANSPORT(2, 2), TYPE_NUMBER, 0, false, "inet_service", 13,
			    0, 0},
	[FIELD_UDP_SPORT] = {"udp sport", TRANSPORT(0, 2), TYPE_NUMBER, 0, false, "inet_service",
			     13, 0, IPPROTO_UDP},
	[FIELD_UDP_DPORT] = {"udp dport", TRANSPORT(2, 2), TYPE_NUMBER, 0, false, "inet_service",
			     13, 0, IPPROTO_UDP},
	[FIELD_TCP_FLAGS] = {"tcp flags", TRANSPORT(13, 1), TYPE_TCP_FLAGS, 0, false, "tcp_flag",
			     15, 0, IPPROTO_TCP},
	[FIELD_ICMP_TYPE] = {"icmp type", TRANSPORT(0, 1), TYPE_NUMBER, 0, false, "icmp_type", 14,
			     ETH_P_IP, IPPROTO_ICMP},
	[FIELD_ICMP_CODE] = {"icmp code", TRANSPORT(1, 1), TYPE_NUMBER, 0, false, "icmp_code", 32,
			     ETH_P_IP, IPPROTO_ICMP},
	[FIELD_ICMPV6_TYPE] = {"icmpv6 type", TRANSPORT(0, 1), TYPE_NUMBER, 0, false, "icmpv6_type",
			       29, ETH_P_IPV6, IPPROTO_ICMPV6},
	[FIELD_ICMPV6_CODE] = {"icmpv6 code", TRANSPORT(1, 1), TYPE_NUMBER, 0, false, "icmpv6_code",
			       33, ETH_P_IPV6, IPPROTO_ICMPV6},
	[FIELD_ND_TARGET] = {"@th,64,128", TRANSPORT(8, 16), TYPE_RAW, 0, false, NULL, 4, 0, 0},
};
_Static_assert(sizeof(rows) / sizeof(rows[0]) == FIELDS, "each field has its row");

const struct field_row *field_row(enum field field)
{
	return &rows[field];
}

bool load_equal(const struct load *a, const struct load *b)
{
	return a->kind == b->kind && a->where == b->where && a->offset == b->offset &&
	       a->length == b->length;
}

int field_find(const struct load *load)
{
	for (int i = 0; i < FIELDS; i++) {
		if (load_equal(&rows[i].load, load))
			return i;
	}
	return -1;
}

/* --- values as nft writes them --- */

struct named_value {
	uint32_t value;
	const char *name;
};

static const struct named_value ether_types[] = {{ETH_P_IP, "ip"},
						 {ETH_P_IPV6, "ip6"},
						 {ETH_P_ARP, "arp"},
						 {ETH_P_8021Q, "8021q"},
						 {0, NULL}};
static const struct named_value ip_protocols[] = {{IPPROTO_ICMP, "icmp"},
						  {IPPROTO_TCP, "tcp"},
						  {IPPROTO_UDP, "udp"},
						  {IPPROTO_GRE, "gre"},
						  {IPPROTO_ESP, "esp"},
						  {IPPROTO_AH, "ah"},
						  {IPPROTO_SCTP, "sctp"},
						  {IPPROTO_UDPLITE, "udplite"},
						  {IPPROTO_DCCP, "dccp"},
						  {IPPROTO_ICMPV6, "ipv6-icmp"},
						  {0, NULL}};
/* Bits. NF_CT_STATE_INVALID_BIT and NF_CT_STATE_BIT() of
 * include/uapi/linux/netfilter/nf_conntrack_common.h. */
static const struct named_value ct_states[] = {{1, "invalid"}, {2, "established"}, {4, "related"},
					       {8, "new"},     {64, "untracked"},  {0, NULL}};
static const struct named_value tcp_flags[] = {{1, "fin"},  {2, "syn"},  {4, "rst"}, {8, "psh"},
					       {16, "ack"}, {32, "urg"}, {0, NULL}};

static bool format_named(const struct named_value *names, uint32_t value, struct strbuf *out)
{
	for (; names->name; names++) {
		if (names->value == value) {
			strbuf_puts(out, names->name);
			return true;
		}
	}
	return false;
}

static void format_bits(const struct named_value *names, uint32_t value, struct strbuf *out)
{
	const char *between = "";

	for (; names->name; names++) {
		if (!(value & names->value))
			continue;
		strbuf_printf(out, "%s%s", between, names->name);
		between = ",";
	}
}

static uint32_t number_of(const struct field_row *row, const uint8_t *value)
{
	uint32_t number = 0;

	if (row->host_order && row->load.length == 4)
		memcpy(&number, value, 4);
	else if (row->host_order && row->load.length == 2)
		number = *(const uint16_t *)(const void *)value;
	else
		for (uint32_t i = 0; i < row->load.length; i++)
			number = number << 8 | value[i];
	return number;
}

static void format_address(uint8_t family, const uint8_t *value, struct strbuf *out)
{
	struct prefix address = {.family = family, .length = (uint8_t)(address_size(family) * 8)};
	char text[PREFIX_TEXT_SIZE];

	memcpy(address.bytes, value, address_size(family));
	strbuf_puts(out, prefix_format(&address, text));
}

static void format_hex(const uint8_t *value, size_t length, struct strbuf *out)
{
	strbuf_puts(out, "0x");
	for (size_t i = 0; i < length; i++)
		strbuf_printf(out, "%02x", value[i]);
}

static void format_interface(const uint8_t *value, struct strbuf *out)
{
	char name[IFNAMSIZ + 1] = "";

	memcpy(name, value, IFNAMSIZ);
	strbuf_printf(out, "\"%s\"", name);
}

void field_format(enum field field, const uint8_t *value, struct strbuf *out)
{
	const struct field_row *row = &rows[field];
	struct mac mac;
	char text[MAC_TEXT_SIZE];

	switch (row->type) {
	case TYPE_NUMBER:
		strbuf_printf(out, "%u", number_of(row, value));
		break;
	case TYPE_ETHER_ADDRESS:
		memcpy(mac.bytes, value, sizeof(mac.bytes));
		strbuf_puts(out, mac_format(&mac, text));
		break;
	case TYPE_ETHER_TYPE:
		if (!format_named(ether_types, number_of(row, value), out))
			strbuf_printf(out, "0x%04x", number_of(row, value));
		break;
	case TYPE_IPV4_ADDRESS:
		format_address(4, value, out);
		break;
	case TYPE_IPV6_ADDRESS:
		format_address(6, value, out);
		break;
	case TYPE_IP_PROTOCOL:
		if (!format_named(ip_protocols, number_of(row, value), out))
			strbuf_printf(out, "%u", number_of(row, value));
		break;
	case TYPE_INTERFACE_NAME:
		format_interface(value, out);
		break;
	case TYPE_CT_STATE:
		format_bits(ct_states, number_of(row, value), out);
		break;
	case TYPE_TCP_FLAGS:
		format_bits(tcp_flags, number_of(row, value), out);
		break;
	case TYPE_RAW:
		format_hex(value, row->load.length, out);
		break;
	}
}
