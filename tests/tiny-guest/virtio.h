/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tiny guest's virtio devices, by the legacy interface of transitional PCI devices (Virtual I/O
 * Device 1.1, sections 2.6.2 and 4.1.4.8): what the drivers have in common. */
#ifndef VIRTIO_H
#define VIRTIO_H

#include "tiny.h"

#define PAGE_SIZE 4096
#define RING_SIZE_MAX 1024
#define VIRTIO_CONFIG 20 /* where a device's own registers begin, after its port */

enum virtio_kind { VIRTIO_NET, VIRTIO_BLOCK };
enum { DESC_NEXT = 1, DESC_WRITE = 2 };

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
 * @port:	its device's
 * @which:	its number in the device
 * @seen:	how many of the device's used entries were looked at
 */
struct ring {
	uint16_t port;
	uint16_t which;
	uint16_t size;
	uint16_t seen;
	struct desc *desc;
	struct avail *avail;
	volatile struct used *used;
	uint8_t memory[8 * PAGE_SIZE] __attribute__((aligned(PAGE_SIZE)));
};

/**
 * virtio_find() - Find the devices of a kind, in PCI order.
 * @start:	makes the device with number @n ready; false when it can't, and has said so
 *
 * Return: how many are ready, at most @count_max
 */
unsigned int virtio_find(enum virtio_kind kind, unsigned int count_max,
			 bool (*start)(unsigned int n, uint16_t port));

/** virtio_accept() - Begin with a device. Return: those of the features @wanted that it has */
uint32_t virtio_accept(uint16_t port, uint32_t wanted);

/** virtio_go() - The device's queues are ready: it may use them. */
void virtio_go(uint16_t port);

/** ring_start() - Set a virtqueue up. Return: false when its size is below @least or too large */
bool ring_start(struct ring *ring, uint16_t port, uint16_t which, unsigned int least);

/** ring_offer() - Give the chain of descriptors that begins with @id to the device. */
void ring_offer(struct ring *ring, uint16_t id);

/**
 * ring_take() - Take back a chain that the device has used.
 * @ret_id:	its first descriptor
 * @ret_size:	how many bytes the device has written
 *
 * Return: false for none
 */
bool ring_take(struct ring *ring, uint16_t *ret_id, uint32_t *ret_size);

#endif
