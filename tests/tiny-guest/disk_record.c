// SPDX-License-Identifier: GPL-2.0-or-later
// The tiny guest's records on its disks, by which a write that was lost, undone or misplaced shows.
//
// Each write is the next record: a sector in which each byte follows from the disk's number and
// size and the record's number. Records go to 16 stripes in turn, from the disk's end downwards, so
// that what copies the disk always meets writes; after the last sector they begin again. So what
// each sector must hold follows from the last record's number alone. check-disk knows all this,
// too.
#include "disk.h"

#define STRIPE_COUNT 16
#define AREA_LEAST (2 * DISK_LOAD_MAX) /* no two records under way belong to one sector */

/** struct record - A sector is full of copies of it. */
struct record {
	char magic[4];
	uint32_t disk;
	uint32_t sectors;
	uint32_t number;
};

/* area_of() - How many of a disk's sectors hold records. */
static uint32_t area_of(unsigned int disk)
{
	return disk_facts(disk)->sectors / STRIPE_COUNT * STRIPE_COUNT;
}

uint32_t record_sector(unsigned int disk, uint32_t number)
{
	const uint32_t area = area_of(disk), place = (number - 1) % area;

	return disk_facts(disk)->sectors - 1 - place % STRIPE_COUNT * (area / STRIPE_COUNT) -
	       place / STRIPE_COUNT;
}

uint32_t record_before(unsigned int disk, uint32_t number)
{
	return number > area_of(disk) ? number - area_of(disk) : 0;
}

static struct record record_of(unsigned int disk, uint32_t number)
{
	if (!number)
		return (struct record){.number = 0};
	return (struct record){{'t', 'i', 'n', 'y'}, disk, disk_facts(disk)->sectors, number};
}

void record_fill(unsigned int disk, uint8_t *sector, uint32_t number)
{
	const struct record record = record_of(disk, number);

	for (size_t at = 0; at < SECTOR_SIZE; at += sizeof(record))
		memcpy(sector + at, &record, sizeof(record));
}

bool record_is(unsigned int disk, const uint8_t *sector, uint32_t number)
{
	const struct record record = record_of(disk, number);

	for (size_t at = 0; at < SECTOR_SIZE; at += sizeof(record))
		if (memcmp(sector + at, &record, sizeof(record)))
			return false;
	return true;
}

bool record_in(unsigned int disk, const uint8_t *sector, uint32_t *ret_number)
{
	struct record record;

	memcpy(&record, sector, sizeof(record));
	*ret_number = record.number;
	return record_is(disk, sector, record.number);
}

/* read_record() - Whether a record is in its place; the sector is in disk_data() then. */
static enum found read_record(unsigned int disk, uint32_t number, bool *ret_there,
			      uint32_t *ret_sector)
{
	*ret_sector = record_sector(disk, number);
	if (!disk_do(disk, DISK_READ, *ret_sector))
		return FOUND_ERROR;
	*ret_there = record_is(disk, disk_data(disk, 0), number);
	return FOUND;
}

/* search_round() - Find the last record of the round that begins with @first, which is there. */
static enum found search_round(unsigned int disk, uint32_t first, uint32_t *ret_number,
			       uint32_t *ret_sector)
{
	uint32_t low = first, high = first + area_of(disk) - 1;
	bool there;

	while (low < high) {
		const uint32_t middle = low + (high - low + 1) / 2;

		if (read_record(disk, middle, &there, ret_sector))
			return FOUND_ERROR;
		if (there)
			low = middle;
		else
			high = middle - 1;
	}
	// Of those that were under way when the guest was killed, some may be there and some not.
	for (uint32_t number = low; number && low - number < DISK_LOAD_MAX; number--) {
		if (read_record(disk, number, &there, ret_sector))
			return FOUND_ERROR;
		if (!there)
			low = number - 1;
	}
	*ret_number = low;
	return FOUND;
}

enum found record_last(unsigned int disk, uint32_t *ret_number, uint32_t *ret_sector)
{
	uint32_t first;
	bool there;

	*ret_number = 0;
	if (area_of(disk) < AREA_LEAST)
		return FOUND_TOO_SMALL;
	// The first place tells the round.
	if (read_record(disk, 1, &there, ret_sector))
		return FOUND_ERROR;
	if (!record_in(disk, disk_data(disk, 0), &first) ||
	    (first && record_sector(disk, first) != *ret_sector))
		return FOUND_OTHER_DATA;
	return first ? search_round(disk, first, ret_number, ret_sector) : FOUND;
}
