// SPDX-License-Identifier: GPL-2.0-or-later
// The tiny guest's work on its disks: it writes records, and sees whether they are still there.
//
// Before it writes a sector anew it looks whether what it wrote there last still stands, so that no
// fault is covered up; each tick it also reads the last record and one of the earlier ones. At the
// first fault a disk is left alone, for check-disk to look at.
#include "disk.h"

#define WRITER_COUNT DISK_LOAD_MAX

/* The requests of a disk: its writers, of record N number N % WRITER_COUNT, and: */
enum { FLUSHER = WRITER_COUNT, LAST_READER, EARLIER_READER, USED_COUNT };
_Static_assert(USED_COUNT <= REQUEST_COUNT, "the driver has too few requests");

enum job_state { IDLE, LOOKING, WRITING, FLUSHING, READING };

/**
 * struct job - What a request is for.
 * @number:	the record; READING: 0 for one that nothing is known of
 */
struct job {
	enum job_state state;
	uint32_t number;
	uint32_t sector;
};

/**
 * struct checked - A disk.
 * @begun:	the last record that was begun
 * @written:	all up to this one are written
 * @durable:	and flushed
 * @flush_due:	since the tick
 * @broken:	it is left alone
 */
struct checked {
	uint32_t begun;
	uint32_t written;
	uint32_t durable;
	bool flush_due;
	bool broken;
	struct job job[USED_COUNT];
};

static struct checked checked[DISK_COUNT_MAX];
static unsigned int disk_count;

static void say_wrong(unsigned int disk, const struct job *job, const uint8_t *sector,
		      uint32_t wanted)
{
	uint32_t got;

	if (record_in(disk, sector, &got))
		say("BROKEN disk %u sector %u wanted %u got %u", disk, job->sector, wanted, got);
	else
		say("BROKEN disk %u sector %u wanted %u got other data", disk, job->sector, wanted);
	checked[disk].broken = true;
}

static void say_error(unsigned int disk, const char *operation, uint32_t sector)
{
	say("BROKEN disk %u io-error %s sector %u", disk, operation, sector);
	checked[disk].broken = true;
}

static void begin(unsigned int disk, unsigned int request, struct job job)
{
	static const enum disk_operation operations[] = {[LOOKING] = DISK_READ,
							 [WRITING] = DISK_WRITE,
							 [FLUSHING] = DISK_FLUSH,
							 [READING] = DISK_READ};

	checked[disk].job[request] = job;
	disk_begin(disk, request, operations[job.state], job.sector);
}

/* next_record() - Begin the next record, unless the one in its place is being read. */
static bool next_record(unsigned int disk)
{
	struct checked *c = &checked[disk];
	const uint32_t number = c->begun + 1;
	const struct job job = {LOOKING, number, record_sector(disk, number)};

	for (unsigned int reader = LAST_READER; reader <= EARLIER_READER; reader++)
		if (c->job[reader].state && c->job[reader].sector == job.sector)
			return false;
	begin(disk, number % WRITER_COUNT, job);
	c->begun = number;
	return true;
}

/* write_record() - What the sector held was read: write the record there. */
static void write_record(unsigned int disk, unsigned int request, struct job job)
{
	const uint32_t before = record_before(disk, job.number);
	uint8_t *sector = disk_data(disk, request);

	// The record itself may be there when the guest was killed, and one before it was not
	// written yet.
	if (!record_is(disk, sector, before) && !record_is(disk, sector, job.number)) {
		say_wrong(disk, &job, sector, before);
		return;
	}
	record_fill(disk, sector, job.number);
	job.state = WRITING;
	begin(disk, request, job);
}

static void say_durable(unsigned int disk, uint32_t number)
{
	checked[disk].durable = number;
	say("disk %u durable %u", disk, number);
}

static void record_written(struct checked *c)
{
	while (c->written < c->begun && !c->job[(c->written + 1) % WRITER_COUNT].state)
		c->written++;
}

static void ended(unsigned int disk, unsigned int request, bool good)
{
	static const char *const names[] = {
		[LOOKING] = "read", [WRITING] = "write", [FLUSHING] = "flush", [READING] = "read"};
	const struct job job = checked[disk].job[request];
	const uint8_t *sector = disk_data(disk, request);

	checked[disk].job[request].state = IDLE;
	if (checked[disk].broken)
		return;
	if (!good)
		say_error(disk, names[job.state], job.sector);
	else if (job.state == LOOKING)
		write_record(disk, request, job);
	else if (job.state == WRITING)
		record_written(&checked[disk]);
	else if (job.state == FLUSHING)
		say_durable(disk, job.number);
	else if (job.number && !record_is(disk, sector, job.number))
		say_wrong(disk, &job, sector, job.number);
}

static uint32_t any(uint32_t below)
{
	static uint32_t state = 1;

	state = state * 1664525 + 1013904223;
	return (state >> 8) % below;
}

/* read_back() - Read the last record that is written, and one before it that still stands. */
static void read_back(unsigned int disk)
{
	struct checked *c = &checked[disk];
	const uint32_t gone = record_before(disk, c->begun), last = c->written;

	if (c->job[LAST_READER].state || c->job[EARLIER_READER].state)
		return;
	if (last) {
		const uint32_t earlier = last - any(last - gone);

		begin(disk, LAST_READER, (struct job){READING, last, record_sector(disk, last)});
		begin(disk, EARLIER_READER,
		      (struct job){READING, earlier, record_sector(disk, earlier)});
	} else if (disk_facts(disk)->read_only) {
		begin(disk, EARLIER_READER,
		      (struct job){READING, 0, any(disk_facts(disk)->sectors)});
	}
}

static void flush(unsigned int disk)
{
	struct checked *c = &checked[disk];

	if (!c->flush_due || c->job[FLUSHER].state || c->written == c->durable)
		return;
	c->flush_due = false;
	if (disk_facts(disk)->can_flush)
		begin(disk, FLUSHER, (struct job){FLUSHING, c->written, 0});
	else
		say_durable(disk, c->written);
}

void disks_tick(void)
{
	for (unsigned int disk = 0; disk < disk_count; disk++) {
		struct checked *c = &checked[disk];

		if (c->broken)
			continue;
		if (!disk_facts(disk)->read_only && c->begun == c->written)
			next_record(disk);
		read_back(disk);
		c->flush_due = true;
	}
}

void disks_poll(void)
{
	for (unsigned int disk = 0; disk < disk_count; disk++) {
		struct checked *c = &checked[disk];
		unsigned int request;
		bool good;

		while (disk_ended(disk, &request, &good))
			ended(disk, request, good);
		if (c->broken || disk_facts(disk)->read_only)
			continue;
		while (c->begun - c->written < options.disk_load && next_record(disk))
			;
		flush(disk);
	}
}

static void disk_start(unsigned int disk)
{
	const struct disk_facts *facts = disk_facts(disk);
	struct checked *c = &checked[disk];
	struct job fault = {READING, 1, 0};

	say("disk %u ready %u %s%s%s", disk, facts->sectors,
	    facts->read_only ? "read-only" : "writable", *facts->serial ? " " : "", facts->serial);
	switch (record_last(disk, &c->durable, &fault.sector)) {
	case FOUND:
		break;
	case FOUND_OTHER_DATA:
		// A writable disk must be fresh or ours; what is only read may be anything.
		if (!facts->read_only)
			say_wrong(disk, &fault, disk_data(disk, 0), fault.number);
		break;
	case FOUND_ERROR:
		say_error(disk, "read", fault.sector);
		break;
	case FOUND_TOO_SMALL:
		say("BROKEN disk %u is too small", disk);
		c->broken = true;
		break;
	}
	c->begun = c->written = c->durable;
	if (!c->broken)
		say("disk %u found %u", disk, c->durable);
}

void disks_start(void)
{
	disk_count = disks_find();
	for (unsigned int disk = 0; disk < disk_count; disk++)
		disk_start(disk);
}
