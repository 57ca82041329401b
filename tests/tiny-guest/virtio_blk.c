// SPDX-License-Identifier: GPL-2.0-or-later
// The tiny guest's driver of virtio disks (Virtual I/O Device 1.1, section 5.2): requests of one
// sector each.
#include "disk.h"
#include "virtio.h"

#define CAPACITY VIRTIO_CONFIG
#define BLOCK_SIZE (VIRTIO_CONFIG + 20)
#define FEATURE_READ_ONLY (1U << 5)
#define FEATURE_BLOCK_SIZE (1U << 6)
#define FEATURE_FLUSH (1U << 9)
#define DESC_COUNT 3
#define WAIT_TURNS 100000

/**
 * struct request - What the device reads and writes for one.
 * @bad:	0 when it has ended well
 */
struct request {
	struct {
		uint32_t operation;
		uint32_t unused;
		uint64_t sector;
	} header;
	uint8_t data[SECTOR_SIZE];
	uint8_t bad;
};

struct disk {
	struct disk_facts facts;
	struct ring ring;
	struct request request[REQUEST_COUNT];
};

static struct disk disks[DISK_COUNT_MAX];

static bool disk_start(unsigned int n, uint16_t port)
{
	struct disk *d = &disks[n];
	const uint32_t features =
		virtio_accept(port, FEATURE_READ_ONLY | FEATURE_BLOCK_SIZE | FEATURE_FLUSH);

	d->facts.sectors = inl(port + CAPACITY);
	d->facts.read_only = features & FEATURE_READ_ONLY;
	d->facts.can_flush = features & FEATURE_FLUSH;
	if (inl(port + CAPACITY + 4) ||
	    (features & FEATURE_BLOCK_SIZE && inl(port + BLOCK_SIZE) != SECTOR_SIZE)) {
		say("BROKEN disk %u is too large, or its sectors are", n);
		return false;
	}
	if (!ring_start(&d->ring, port, 0, REQUEST_COUNT * DESC_COUNT)) {
		say("BROKEN virtqueue's size in disk %u", n);
		return false;
	}
	virtio_go(port);
	if (disk_do(n, DISK_SERIAL, 0))
		memcpy(d->facts.serial, disk_data(n, 0), SERIAL_SIZE);
	return true;
}

unsigned int disks_find(void)
{
	return virtio_find(VIRTIO_BLOCK, DISK_COUNT_MAX, disk_start);
}

const struct disk_facts *disk_facts(unsigned int disk)
{
	return &disks[disk].facts;
}

uint8_t *disk_data(unsigned int disk, unsigned int request)
{
	return disks[disk].request[request].data;
}

void disk_begin(unsigned int disk, unsigned int request, enum disk_operation operation,
		uint32_t sector)
{
	struct ring *ring = &disks[disk].ring;
	struct request *r = &disks[disk].request[request];
	const uint16_t first = request * DESC_COUNT, last = first + 2;
	struct desc *desc = &ring->desc[first];

	r->header.operation = operation;
	r->header.sector = sector;
	r->bad = 1;
	desc[0] = (struct desc){(uint32_t)&r->header, sizeof(r->header), DESC_NEXT,
				operation == DISK_FLUSH ? last : first + 1};
	desc[1] = (struct desc){(uint32_t)r->data, sizeof(r->data),
				DESC_NEXT | (operation == DISK_WRITE ? 0 : DESC_WRITE), last};
	desc[2] = (struct desc){(uint32_t)&r->bad, sizeof(r->bad), DESC_WRITE, 0};
	ring_offer(ring, first);
}

bool disk_ended(unsigned int disk, unsigned int *ret_request, bool *ret_good)
{
	uint32_t size;
	uint16_t first;

	if (!ring_take(&disks[disk].ring, &first, &size))
		return false;
	*ret_request = first / DESC_COUNT % REQUEST_COUNT;
	*ret_good = !disks[disk].request[*ret_request].bad;
	return true;
}

bool disk_do(unsigned int disk, enum disk_operation operation, uint32_t sector)
{
	unsigned int request;
	bool good;

	disk_begin(disk, 0, operation, sector);
	// Most disks answer long before the timer's next interrupt.
	for (int turn = 0; !disk_ended(disk, &request, &good); turn++)
		if (turn >= WAIT_TURNS)
			timer_wait();
	return good;
}
