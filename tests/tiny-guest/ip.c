// SPDX-License-Identifier: GPL-2.0-or-later
// The tiny guest's IPv4: echo requests and datagrams to each peer, and what comes from others.
#include "tiny.h"

#define UDP_PORT 7777
#define ECHO_ID 0x7469
#define DONT_FRAGMENT 0x4000
#define FRAGMENT_MASK 0x3fff

enum { ECHO_REPLY = 0, ECHO_REQUEST = 8 };

struct ip_header {
	uint8_t version_and_size;
	uint8_t service;
	uint16_t size_be;
	uint16_t id_be;
	uint16_t fragment_be;
	uint8_t hops;
	uint8_t protocol;
	uint16_t sum_be;
	uint32_t from_be;
	uint32_t to_be;
} PACKED;

struct icmp {
	uint8_t type;
	uint8_t code;
	uint16_t sum_be;
	uint16_t id_be;
	uint16_t sequence_be;
} PACKED;

struct udp {
	uint16_t from_port_be;
	uint16_t to_port_be;
	uint16_t size_be;
	uint16_t sum_be;
} PACKED;

uint16_t checksum(const void *data, size_t size, uint32_t sum)
{
	const uint8_t *p = data;

	for (size_t i = 0; i < size; i++)
		sum += i % 2 ? p[i] : p[i] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return swap16(~sum);
}

void ip_send(const struct ip_place *to, enum ip_protocol protocol, const void *payload, size_t size)
{
	static uint8_t packet[FRAME_SIZE_MAX];
	static uint16_t id;
	struct ip_header *header = (struct ip_header *)packet;

	if (size > sizeof(packet) - sizeof(*header))
		return;
	*header = (struct ip_header){0x45,
				     0,
				     swap16(sizeof(*header) + size),
				     swap16(++id),
				     swap16(DONT_FRAGMENT),
				     64,
				     protocol,
				     0,
				     swap32(options.ip[to->nic]),
				     swap32(to->ip)};
	header->sum_be = checksum(header, sizeof(*header), 0);
	memcpy(header + 1, payload, size);
	eth_send(to->nic, to->mac, ETH_IP, packet, sizeof(*header) + size);
}

void ip_tick(uint32_t tick)
{
	for (unsigned int i = 0; i < options.peer_count; i++) {
		struct icmp icmp = {ECHO_REQUEST, 0, 0, swap16(ECHO_ID), swap16(tick)};
		// No checksum: IPv4 allows it.
		struct udp udp = {swap16(UDP_PORT), swap16(UDP_PORT), swap16(sizeof(udp)), 0};
		struct ip_place to = {.ip = options.peer[i]};
		const uint8_t *mac = neighbour_find(to.ip, &to.nic);

		if (!mac)
			continue;
		memcpy(to.mac, mac, MAC_SIZE);
		icmp.sum_be = checksum(&icmp, sizeof(icmp), 0);
		ip_send(&to, IP_ICMP, &icmp, sizeof(icmp));
		ip_send(&to, IP_UDP, &udp, sizeof(udp));
	}
}

static void icmp_receive(const struct ip_place *from, const uint8_t *packet, size_t size)
{
	static uint8_t answer[FRAME_SIZE_MAX];
	struct icmp *icmp = (struct icmp *)answer;

	if (size < sizeof(*icmp) || size > sizeof(answer) || checksum(packet, size, 0))
		return;
	memcpy(answer, packet, size);
	if (icmp->type == ECHO_REPLY && icmp->id_be == swap16(ECHO_ID))
		say("pong %i %u", from->ip, (uint32_t)swap16(icmp->sequence_be));
	if (icmp->type != ECHO_REQUEST)
		return;
	icmp->type = ECHO_REPLY;
	icmp->sum_be = 0;
	icmp->sum_be = checksum(answer, size, 0);
	ip_send(from, IP_ICMP, answer, size);
}

static void udp_receive(const struct ip_place *from, const uint8_t *packet, size_t size)
{
	const struct udp *udp = (const struct udp *)packet;

	if (size >= sizeof(*udp))
		say("udp %i %u %u", from->ip, (uint32_t)swap16(udp->from_port_be),
		    (uint32_t)swap16(udp->to_port_be));
}

void ip_receive(unsigned int nic, const uint8_t *from_mac, const uint8_t *packet, size_t size)
{
	const struct ip_header *header = (const struct ip_header *)packet;
	struct ip_place from = {.nic = nic};
	size_t header_size, ip_size;

	if (size < sizeof(*header) || header->version_and_size >> 4 != 4)
		return;
	header_size = (header->version_and_size & 15) * 4;
	ip_size = swap16(header->size_be);
	if (header_size < sizeof(*header) || ip_size < header_size || ip_size > size ||
	    checksum(packet, header_size, 0) || swap16(header->fragment_be) & FRAGMENT_MASK ||
	    !options.ip[nic] || header->to_be != swap32(options.ip[nic]))
		return;
	memcpy(from.mac, from_mac, MAC_SIZE);
	from.ip = swap32(header->from_be);
	packet += header_size;
	ip_size -= header_size;
	switch (header->protocol) {
	case IP_ICMP:
		icmp_receive(&from, packet, ip_size);
		break;
	case IP_UDP:
		udp_receive(&from, packet, ip_size);
		break;
	case IP_TCP:
		tcp_receive(&from, packet, ip_size);
		break;
	}
}
