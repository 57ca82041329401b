/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a rule may look at: fields of a packet, how the kernel loads each and how nft names it. */
#ifndef BERTH_NETFW_FIELD_H
#define BERTH_NETFW_FIELD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/strbuf.h"

/* The largest value: an IPv6 address. */
#define FIELD_MAX_BYTES 16

enum field {
	FIELD_ETHER_DADDR,
	FIELD_ETHER_SADDR,
	FIELD_ETHER_TYPE,
	FIELD_VLAN_ID,
	FIELD_PROTOCOL, /* meta protocol: of the frame, in host's view; nft adds it itself */
	FIELD_L4PROTO,
	FIELD_IIFNAME,
	FIELD_OIFNAME,
	FIELD_BRIDGE_NAME,
	FIELD_BRIDGE_PVID,
	FIELD_CT_STATE,
	FIELD_IP_SADDR,
	FIELD_IP_DADDR,
	FIELD_IP_FRAG_OFFSET,
	FIELD_IP6_SADDR,
	FIELD_IP6_DADDR,
	FIELD_IP6_FRAG_NEXT, /* what stands behind the fragment header */
	FIELD_IP6_FRAG_OFFSET,
	FIELD_ARP_HTYPE,
	FIELD_ARP_PTYPE,
	FIELD_ARP_HLEN,
	FIELD_ARP_PLEN,
	FIELD_ARP_OPERATION,
	FIELD_ARP_SADDR_ETHER,
	FIELD_ARP_SADDR_IP,
	FIELD_TH_SPORT,
	FIELD_TH_DPORT,
	FIELD_UDP_SPORT,
	FIELD_UDP_DPORT,
	FIELD_TCP_FLAGS,
	FIELD_ICMP_TYPE,
	FIELD_ICMP_CODE,
	FIELD_ICMPV6_TYPE,
	FIELD_ICMPV6_CODE,
	FIELD_ND_TARGET,
	FIELDS
};

/* How its bytes read. */
enum field_type {
	TYPE_NUMBER, /* network order, unless @host_order */
	TYPE_ETHER_ADDRESS,
	TYPE_ETHER_TYPE,
	TYPE_IPV4_ADDRESS,
	TYPE_IPV6_ADDRESS,
	TYPE_IP_PROTOCOL,
	TYPE_INTERFACE_NAME,
	TYPE_CT_STATE,
	TYPE_TCP_FLAGS,
	TYPE_RAW, /* hexadecimal */
};

enum load_kind {
	LOAD_PAYLOAD,
	LOAD_META,
	LOAD_CT,
	LOAD_EXTHDR,
};

/**
 * struct load - how the kernel fetches a field
 * @where: LOAD_PAYLOAD: enum nft_payload_bases; LOAD_META: enum nft_meta_keys; LOAD_CT: enum
 *         nft_ct_keys; LOAD_EXTHDR: the extension header's number
 * @offset: bytes, of LOAD_PAYLOAD and LOAD_EXTHDR
 * @length: bytes
 */
struct load {
	enum load_kind kind;
	uint32_t where;
	uint32_t offset;
	uint32_t length;
};

/**
 * struct field_row - one field
 * @name: as nft writes it
 * @own_mask: it is not whole bytes: the bits of what is loaded that belong to it, network order; 0:
 *            all
 * @host_order: the kernel keeps it in the host's byte order
 * @set_type: name of the data type in a set's declaration, or NULL: none ("typeof" is needed)
 * @set_type_number: the same as number, for nft alone (nftables include/datatype.h)
 * @ether_type, @ip_protocol: a packet without these has no such field; nft adds that condition and
 *                            doesn't show it; 0: none
 */
struct field_row {
	const char *name;
	struct load load;
	enum field_type type;
	uint16_t own_mask;
	bool host_order;
	const char *set_type;
	uint8_t set_type_number;
	uint16_t ether_type;
	uint8_t ip_protocol;
};

const struct field_row *field_row(enum field field);

/* field_find() - the first field that is loaded like this, or -1. */
int field_find(const struct load *load);

bool load_equal(const struct load *a, const struct load *b);

/* field_format() - append a value of the field as nft writes it. */
void field_format(enum field field, const uint8_t *value, struct strbuf *out);

#endif
