/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tiny guest's disks: what their driver and their records offer to the one that checks them. */
#ifndef DISK_H
#define DISK_H

#include "tiny.h"

#define SECTOR_SIZE 512
#define DISK_COUNT_MAX 8
#define REQUEST_COUNT 36 /* under way at a time */
#define SERIAL_SIZE 20

enum disk_operation { DISK_READ = 0, DISK_WRITE = 1, DISK_FLUSH = 4, DISK_SERIAL = 8 };

/* virtio_blk.c */

/**
 * struct disk_facts - What a disk says of itself.
 * @can_flush:	what was written is durable after DISK_FLUSH only, else at once
 */
struct disk_facts {
	uint32_t sectors;
	bool read_only;
	bool can_flush;
	char serial[SERIAL_SIZE + 1];
};

/** disks_find() - Find the virtio disks, and make them ready. Return: their number */
unsigned int disks_find(void);
const struct disk_facts *disk_facts(unsigned int disk);

/** disk_data() - The sector that belongs to a request. */
uint8_t *disk_data(unsigned int disk, unsigned int request);

/** disk_begin() - Begin a request that is not under way. */
void disk_begin(unsigned int disk, unsigned int request, enum disk_operation operation,
		uint32_t sector);

/** disk_ended() - Take a request that has ended. Return: false for none */
bool disk_ended(unsigned int disk, unsigned int *ret_request, bool *ret_good);

/** disk_do() - Do request 0, while no other is under way, and wait. Return: whether it's good */
bool disk_do(unsigned int disk, enum disk_operation operation, uint32_t sector);

/* disk_record.c; a number 0 stands for a sector of zeroes */

/** record_sector() - The place of a record. */
uint32_t record_sector(unsigned int disk, uint32_t number);

/** record_before() - The record that record @number takes the place of; 0 for none. */
uint32_t record_before(unsigned int disk, uint32_t number);
void record_fill(unsigned int disk, uint8_t *sector, uint32_t number);
bool record_is(unsigned int disk, const uint8_t *sector, uint32_t number);

/** record_in() - Which record a sector holds. Return: false for none of this disk */
bool record_in(unsigned int disk, const uint8_t *sector, uint32_t *ret_number);

enum found { FOUND, FOUND_OTHER_DATA, FOUND_ERROR, FOUND_TOO_SMALL };

/**
 * record_last() - Find the last record on a disk up to which none is missing.
 * @ret_number:	0 for a fresh disk, and when there was a fault
 * @ret_sector:	where there was a fault; it was read by disk_do()
 */
enum found record_last(unsigned int disk, uint32_t *ret_number, uint32_t *ret_sector);

#endif
