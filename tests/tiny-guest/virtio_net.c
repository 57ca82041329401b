// SPDX-License-Identifier: GPL-2.0-or-later
// The tiny guest's driver of virtio network devices (Virtual I/O Device 1.1, section 5.1).
#include "virtio.h"

#define MAC VIRTIO_CONFIG
#define FEATURE_MAC (1U << 5)
#define FEATURE_ANY_LAYOUT (1U << 27)
#define BUFFER_COUNT 64
#define BUFFER_SIZE 2048
#define NET_HEADER_SIZE 10

enum { RX, TX, RING_COUNT };

struct nic {
	uint8_t mac[MAC_SIZE];
	struct ring ring[RING_COUNT];
	uint8_t buffer[RING_COUNT][BUFFER_COUNT][BUFFER_SIZE];
};

static struct nic nics[NIC_COUNT_MAX];

static bool nic_ring_start(struct nic *nic, unsigned int which, uint16_t port)
{
	struct ring *ring = &nic->ring[which];

	if (!ring_start(ring, port, which, BUFFER_COUNT))
		return false;
	for (unsigned int i = 0; i < BUFFER_COUNT; i++)
		ring->desc[i] = (struct desc){(uint32_t)nic->buffer[which][i], BUFFER_SIZE,
					      which == RX ? DESC_WRITE : 0, 0};
	return true;
}

static bool nic_start(unsigned int n, uint16_t port)
{
	struct nic *nic = &nics[n];

	virtio_accept(port, FEATURE_MAC | FEATURE_ANY_LAYOUT);
	for (int i = 0; i < MAC_SIZE; i++)
		nic->mac[i] = inb(port + MAC + i);
	if (!nic_ring_start(nic, RX, port) || !nic_ring_start(nic, TX, port)) {
		say("BROKEN virtqueue's size in %m", nic->mac);
		return false;
	}
	virtio_go(port);
	for (uint16_t i = 0; i < BUFFER_COUNT; i++)
		ring_offer(&nic->ring[RX], i);
	return true;
}

unsigned int nics_start(void)
{
	return virtio_find(VIRTIO_NET, NIC_COUNT_MAX, nic_start);
}

const uint8_t *nic_mac(unsigned int nic)
{
	return nics[nic].mac;
}

void nic_send(unsigned int nic, const void *frame, size_t size)
{
	struct ring *ring = &nics[nic].ring[TX];
	const uint16_t id = ring->avail->index % BUFFER_COUNT;
	uint8_t *buffer = nics[nic].buffer[TX][id];

	// The device sends in order: the buffer is free again when all but the last 63 were used.
	if (size > FRAME_SIZE_MAX ||
	    (uint16_t)(ring->avail->index - ring->used->index) >= BUFFER_COUNT)
		return;
	memset(buffer, 0, NET_HEADER_SIZE);
	memcpy(buffer + NET_HEADER_SIZE, frame, size);
	ring->desc[id].size = NET_HEADER_SIZE + size;
	ring_offer(ring, id);
}

size_t nic_receive(unsigned int nic, void *frame, size_t size_max)
{
	struct ring *ring = &nics[nic].ring[RX];
	uint32_t size;
	uint16_t id;

	if (!ring_take(ring, &id, &size))
		return 0;
	id %= BUFFER_COUNT;
	size -= NET_HEADER_SIZE;
	if (size > size_max)
		size = size_max;
	memcpy(frame, nics[nic].buffer[RX][id] + NET_HEADER_SIZE, size);
	ring_offer(ring, id);
	return size;
}
