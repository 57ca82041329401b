// SPDX-License-Identifier: GPL-2.0-or-later
// The tiny guest's driver of virtio network devices, by the legacy interface of transitional PCI
// devices (Virtual I/O Device 1.1, sections 2.6.2, 4.1.4.8 and 5.1).
#include "tiny.h"

#define PCI_ADDRESS 0xcf8
#define PCI_DATA 0xcfc
#define PCI_BUS_COUNT 8
#define PCI_COMMAND 4
#define PCI_COMMAND_IO_AND_MASTER 5
#define PCI_BAR0 0x10
#define ID_TRANSITIONAL_NET 0x10001af4
#define ID_MODERN_NET 0x10411af4

enum {
	FEATURES = 0,
	OUR_FEATURES = 4,
	QUEUE_PAGE = 8,
	QUEUE_SIZE = 12,
	QUEUE = 14,
	NOTIFY = 16,
	STATUS = 18,
	MAC = 20
};
enum { ACKNOWLEDGE = 1, DRIVER = 2, DRIVER_OK = 4 };
#define FEATURE_MAC (1U << 5)
#define FEATURE_ANY_LAYOUT (1U << 27)

#define PAGE_SIZE 4096
#define RING_SIZE_MAX 1024
#define BUFFER_COUNT 64
#define BUFFER_SIZE 2048
#define NET_HEADER_SIZE 10
#define DESC_WRITE 2

enum { RX, TX, RING_COUNT };

struct desc {
	uint64_t address;
	uint32_t size;
	uint16_t flags;
	uint16_t next;
};

struct avail {
	uint16_t flags;
	uint16_t index;
	uint16_t ring[];
};

struct used {
	uint16_t flags;
	uint16_t index;
	struct {
		uint32_t id;
		uint32_t size;
	} ring[];
};

/**
 * struct ring - A virtqueue.
 * @seen:	how many of the device's used entries were looked at
 */
struct ring {
	uint16_t size;
	uint16_t seen;
	struct desc *desc;
	struct avail *avail;
	volatile struct used *used;
	uint8_t memory[8 * PAGE_SIZE] __attribute__((aligned(PAGE_SIZE)));
	uint8_t buffer[BUFFER_COUNT][BUFFER_SIZE];
};

struct nic {
	uint16_t port;
	uint8_t mac[MAC_SIZE];
	struct ring ring[RING_COUNT];
};

static struct nic nics[NIC_COUNT_MAX];

static uint32_t pci_read(uint32_t function, uint32_t offset)
{
	outl(PCI_ADDRESS, 1U << 31 | function | offset);
	return inl(PCI_DATA);
}

static void pci_write(uint32_t function, uint32_t offset, uint32_t v)
{
	outl(PCI_ADDRESS, 1U << 31 | function | offset);
	outl(PCI_DATA, v);
}

static void barrier(void)
{
	asm volatile("lock; addl $0, (%%esp)" : : : "memory");
}

static bool ring_start(struct nic *nic, unsigned int which)
{
	struct ring *ring = &nic->ring[which];
	size_t used_at;

	outw(nic->port + QUEUE, which);
	ring->size = inw(nic->port + QUEUE_SIZE);
	if (ring->size < BUFFER_COUNT || ring->size > RING_SIZE_MAX)
		return false;
	used_at = sizeof(struct desc) * ring->size + sizeof(struct avail) + 2 * (ring->size + 1);
	used_at = (used_at + PAGE_SIZE - 1) & ~(PAGE_SIZE - 1);
	ring->desc = (struct desc *)ring->memory;
	ring->avail = (struct avail *)&ring->desc[ring->size];
	ring->used = (struct used *)&ring->memory[used_at];
	ring->avail->flags = 1; // no interrupts
	for (unsigned int i = 0; i < BUFFER_COUNT; i++)
		ring->desc[i] = (struct desc){(uint32_t)ring->buffer[i], BUFFER_SIZE,
					      which == RX ? DESC_WRITE : 0, 0};
	outl(nic->port + QUEUE_PAGE, (uint32_t)ring->memory / PAGE_SIZE);
	return true;
}

/* ring_offer() - Give buffer @id to the device. */
static void ring_offer(struct nic *nic, unsigned int which, uint16_t id)
{
	struct ring *ring = &nic->ring[which];

	ring->avail->ring[ring->avail->index % ring->size] = id;
	barrier();
	ring->avail->index++;
	barrier();
	outw(nic->port + NOTIFY, which);
}

static bool nic_start(struct nic *nic, uint32_t function)
{
	pci_write(function, PCI_COMMAND,
		  pci_read(function, PCI_COMMAND) | PCI_COMMAND_IO_AND_MASTER);
	nic->port = pci_read(function, PCI_BAR0) & 0xfffc;
	outb(nic->port + STATUS, 0);
	outb(nic->port + STATUS, ACKNOWLEDGE);
	outb(nic->port + STATUS, ACKNOWLEDGE | DRIVER);
	outl(nic->port + OUR_FEATURES,
	     inl(nic->port + FEATURES) & (FEATURE_MAC | FEATURE_ANY_LAYOUT));
	for (int i = 0; i < MAC_SIZE; i++)
		nic->mac[i] = inb(nic->port + MAC + i);
	if (!ring_start(nic, RX) || !ring_start(nic, TX)) {
		say("BROKEN virtqueue's size in %m", nic->mac);
		return false;
	}
	outb(nic->port + STATUS, ACKNOWLEDGE | DRIVER | DRIVER_OK);
	for (uint16_t i = 0; i < BUFFER_COUNT; i++)
		ring_offer(nic, RX, i);
	return true;
}

unsigned int nics_start(void)
{
	unsigned int count = 0;

	for (uint32_t device = 0; device < PCI_BUS_COUNT * 32 && count < NIC_COUNT_MAX; device++) {
		const uint32_t id = pci_read(device << 11, 0);

		if (id == ID_TRANSITIONAL_NET)
			count += nic_start(&nics[count], device << 11);
		else if (id == ID_MODERN_NET)
			say("BROKEN network device without the legacy interface; use machine 'pc'");
	}
	return count;
}

const uint8_t *nic_mac(unsigned int nic)
{
	return nics[nic].mac;
}

void nic_send(unsigned int nic, const void *frame, size_t size)
{
	struct ring *ring = &nics[nic].ring[TX];
	const uint16_t id = ring->avail->index % BUFFER_COUNT;

	// The device sends in order: the buffer is free again when all but the last 63 were used.
	if (size > FRAME_SIZE_MAX ||
	    (uint16_t)(ring->avail->index - ring->used->index) >= BUFFER_COUNT)
		return;
	memset(ring->buffer[id], 0, NET_HEADER_SIZE);
	memcpy(ring->buffer[id] + NET_HEADER_SIZE, frame, size);
	ring->desc[id].size = NET_HEADER_SIZE + size;
	ring_offer(&nics[nic], TX, id);
}

size_t nic_receive(unsigned int nic, void *frame, size_t size_max)
{
	struct ring *ring = &nics[nic].ring[RX];
	size_t size;
	uint16_t id;

	if (ring->seen == ring->used->index)
		return 0;
	barrier();
	id = ring->used->ring[ring->seen % ring->size].id % BUFFER_COUNT;
	size = ring->used->ring[ring->seen % ring->size].size - NET_HEADER_SIZE;
	if (size > size_max)
		size = size_max;
	memcpy(frame, ring->buffer[id] + NET_HEADER_SIZE, size);
	ring->seen++;
	ring_offer(&nics[nic], RX, id);
	return size;
}
