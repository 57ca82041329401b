// SPDX-License-Identifier: GPL-2.0-or-later
// The tiny guest's virtio devices: finding them on PCI, and their virtqueues.
#include "virtio.h"

#define PCI_ADDRESS 0xcf8
#define PCI_DATA 0xcfc
#define PCI_BUS_COUNT 8
#define PCI_COMMAND 4
#define PCI_COMMAND_IO_AND_MASTER 5
#define PCI_BAR0 0x10
#define VENDOR 0x1af4
#define ID_TRANSITIONAL 0x1000
#define ID_MODERN 0x1041

enum {
	FEATURES = 0,
	OUR_FEATURES = 4,
	QUEUE_PAGE = 8,
	QUEUE_SIZE = 12,
	QUEUE = 14,
	NOTIFY = 16,
	STATUS = 18
};
enum { ACKNOWLEDGE = 1, DRIVER = 2, DRIVER_OK = 4 };

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

unsigned int virtio_find(enum virtio_kind kind, unsigned int count_max,
			 bool (*start)(unsigned int n, uint16_t port))
{
	static const char *const names[] = {"network device", "disk"};
	unsigned int count = 0;

	for (uint32_t device = 0; device < PCI_BUS_COUNT * 32 && count < count_max; device++) {
		const uint32_t function = device << 11, id = pci_read(function, 0);

		if (id == ((ID_MODERN + kind) << 16 | VENDOR))
			say("BROKEN %s without the legacy interface; use machine 'pc'",
			    names[kind]);
		if (id != ((ID_TRANSITIONAL + kind) << 16 | VENDOR))
			continue;
		pci_write(function, PCI_COMMAND,
			  pci_read(function, PCI_COMMAND) | PCI_COMMAND_IO_AND_MASTER);
		count += start(count, pci_read(function, PCI_BAR0) & 0xfffc);
	}
	return count;
}

uint32_t virtio_accept(uint16_t port, uint32_t wanted)
{
	outb(port + STATUS, 0);
	outb(port + STATUS, ACKNOWLEDGE);
	outb(port + STATUS, ACKNOWLEDGE | DRIVER);
	wanted &= inl(port + FEATURES);
	outl(port + OUR_FEATURES, wanted);
	return wanted;
}

void virtio_go(uint16_t port)
{
	outb(port + STATUS, ACKNOWLEDGE | DRIVER | DRIVER_OK);
}

bool ring_start(struct ring *ring, uint16_t port, uint16_t which, unsigned int least)
{
	size_t used_at;

	outw(port + QUEUE, which);
	ring->port = port;
	ring->which = which;
	ring->size = inw(port + QUEUE_SIZE);
	if (ring->size < least || ring->size > RING_SIZE_MAX)
		return false;
	used_at = sizeof(struct desc) * ring->size + sizeof(struct avail) + 2 * (ring->size + 1);
	used_at = (used_at + PAGE_SIZE - 1) & ~(PAGE_SIZE - 1);
	ring->desc = (struct desc *)ring->memory;
	ring->avail = (struct avail *)&ring->desc[ring->size];
	ring->used = (struct used *)&ring->memory[used_at];
	ring->avail->flags = 1; // no interrupts
	outl(port + QUEUE_PAGE, (uint32_t)ring->memory / PAGE_SIZE);
	return true;
}

void ring_offer(struct ring *ring, uint16_t id)
{
	ring->avail->ring[ring->avail->index % ring->size] = id;
	barrier();
	ring->avail->index++;
	barrier();
	outw(ring->port + NOTIFY, ring->which);
}

bool ring_take(struct ring *ring, uint16_t *ret_id, uint32_t *ret_size)
{
	if (ring->seen == ring->used->index)
		return false;
	barrier();
	*ret_id = ring->used->ring[ring->seen % ring->size].id;
	*ret_size = ring->used->ring[ring->seen % ring->size].size;
	ring->seen++;
	return true;
}
