// SPDX-License-Identifier: GPL-2.0-or-later
// The tiny guest's frames: whom it has heard, and ARP in both directions.
#include "tiny.h"

#define HEARD_MAX 256
#define NEIGHBOUR_MAX (PEER_COUNT_MAX + 1)
#define ASK_AGAIN_MS 1000

enum { ARP_REQUEST = 1, ARP_REPLY = 2 };

struct arp {
	uint16_t hardware_be;
	uint16_t protocol_be;
	uint8_t hardware_size;
	uint8_t protocol_size;
	uint16_t operation_be;
	uint8_t from_mac[MAC_SIZE];
	uint32_t from_ip_be;
	uint8_t to_mac[MAC_SIZE];
	uint32_t to_ip_be;
} PACKED;

/**
 * struct neighbour - An address that the guest sends to.
 * @known:	somebody has said its MAC address
 * @asked:	it was asked for, last at @asked_ms
 */
struct neighbour {
	uint32_t ip;
	uint8_t mac[MAC_SIZE];
	bool known;
	bool asked;
	uint32_t asked_ms;
};

static struct neighbour neighbours[NEIGHBOUR_MAX];
static unsigned int neighbour_count;
static const uint8_t broadcast[MAC_SIZE] = {255, 255, 255, 255, 255, 255};

void eth_send(unsigned int nic, const uint8_t *mac, enum eth_type type, const void *payload,
	      size_t size)
{
	static uint8_t frame[FRAME_SIZE_MAX];
	struct eth_header *header = (struct eth_header *)frame;

	if (size > sizeof(frame) - sizeof(*header))
		return;
	memcpy(header->to, mac, MAC_SIZE);
	memcpy(header->from, nic_mac(nic), MAC_SIZE);
	header->type_be = swap16(type);
	memcpy(header + 1, payload, size);
	size += sizeof(*header);
	while (size < 60)
		frame[size++] = 0;
	nic_send(nic, frame, size);
}

static void arp_send(unsigned int nic, uint16_t operation, const uint8_t *to_mac, uint32_t to_ip)
{
	struct arp arp = {swap16(1),
			  swap16(ETH_IP),
			  MAC_SIZE,
			  4,
			  swap16(operation),
			  {0},
			  swap32(options.ip[nic]),
			  {0},
			  swap32(to_ip)};

	memcpy(arp.from_mac, nic_mac(nic), MAC_SIZE);
	if (operation == ARP_REPLY)
		memcpy(arp.to_mac, to_mac, MAC_SIZE);
	eth_send(nic, to_mac, ETH_ARP, &arp, sizeof(arp));
}

static unsigned int nic_towards(uint32_t ip)
{
	for (unsigned int nic = 0; nic < NIC_COUNT_MAX; nic++)
		if (options.ip[nic] &&
		    (options.ip[nic] & options.mask[nic]) == (ip & options.mask[nic]))
			return nic;
	return 0;
}

static struct neighbour *neighbour_entry(uint32_t ip)
{
	for (unsigned int i = 0; i < neighbour_count; i++)
		if (neighbours[i].ip == ip)
			return &neighbours[i];
	if (neighbour_count == NEIGHBOUR_MAX)
		return NULL;
	neighbours[neighbour_count].ip = ip;
	return &neighbours[neighbour_count++];
}

static void ask(struct neighbour *n)
{
	n->asked = true;
	n->asked_ms = now_ms();
	arp_send(nic_towards(n->ip), ARP_REQUEST, broadcast, n->ip);
}

const uint8_t *neighbour_find(uint32_t ip, unsigned int *ret_nic)
{
	struct neighbour *n = neighbour_entry(ip);

	*ret_nic = nic_towards(ip);
	if (!n)
		return NULL;
	if (!n->asked)
		ask(n);
	return n->known ? n->mac : NULL;
}

void ethernet_tick(void)
{
	for (unsigned int i = 0; i < neighbour_count; i++)
		if (!neighbours[i].known || now_ms() - neighbours[i].asked_ms >= ASK_AGAIN_MS)
			ask(&neighbours[i]);
}

static void arp_receive(unsigned int nic, const struct arp *arp)
{
	if (arp->protocol_be != swap16(ETH_IP) || arp->protocol_size != 4 ||
	    arp->hardware_size != MAC_SIZE)
		return;
	for (unsigned int i = 0; i < neighbour_count; i++) {
		if (neighbours[i].ip != swap32(arp->from_ip_be))
			continue;
		memcpy(neighbours[i].mac, arp->from_mac, MAC_SIZE);
		neighbours[i].known = true;
	}
	if (arp->operation_be == swap16(ARP_REQUEST) && options.ip[nic] &&
	    arp->to_ip_be == swap32(options.ip[nic]))
		arp_send(nic, ARP_REPLY, arp->from_mac, swap32(arp->from_ip_be));
}

/* heard() - Say a sender's first frame. */
static void heard(const struct eth_header *header)
{
	static uint8_t macs[HEARD_MAX][MAC_SIZE];
	static unsigned int count;

	for (unsigned int i = 0; i < count; i++)
		if (!memcmp(macs[i], header->from, MAC_SIZE))
			return;
	if (count < HEARD_MAX)
		memcpy(macs[count++], header->from, MAC_SIZE);
	say("heard %m %x", header->from, (unsigned int)swap16(header->type_be));
}

void ethernet_receive(unsigned int nic, const uint8_t *frame, size_t size)
{
	const struct eth_header *header = (const struct eth_header *)frame;

	if (size < sizeof(*header))
		return;
	heard(header);
	// The device delivers what is flooded to others, too.
	if (memcmp(header->to, nic_mac(nic), MAC_SIZE) && !(header->to[0] & 1))
		return;
	frame += sizeof(*header);
	size -= sizeof(*header);
	if (header->type_be == swap16(ETH_ARP) && size >= sizeof(struct arp))
		arp_receive(nic, (const struct arp *)frame);
	else if (header->type_be == swap16(ETH_IP))
		ip_receive(nic, header->from, frame, size);
}
