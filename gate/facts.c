/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The gate's facts as values: built, found, freed. */
#include "gate/facts.h"

#include <string.h>
#include <strings.h>

static void image_free(struct gate_image *image)
{
	free(image->path);
	free(image->format);
}

static void disk_free(struct gate_disk *disk)
{
	for (size_t i = 0; i < disk->image_count; i++)
		image_free(&disk->images[i]);
	free(disk->images);
	free(disk->target);
	free(disk->path);
	free(disk->format);
	free(disk->unknown);
	if (disk->has_volume)
		volume_clear(&disk->volume);
}

void gate_facts_clear(struct gate_facts *facts)
{
	for (size_t i = 0; i < facts->disk_count; i++)
		disk_free(&facts->disks[i]);
	for (size_t i = 0; i < facts->port_count; i++) {
		free(facts->ports[i].mac);
		free(facts->ports[i].interface);
	}
	free(facts->disks);
	free(facts->ports);
	free(facts->host);
	free(facts->boot);
	free(facts->name);
	free(facts->uuid);
	*facts = (struct gate_facts){0};
}

uint64_t gate_disk_bytes(const struct gate_disk *disk)
{
	return disk->slice_bytes ? disk->slice_bytes : disk->device_bytes;
}

struct gate_disk *gate_facts_add_disk(struct gate_facts *facts)
{
	facts->disks = xreallocarray(facts->disks, facts->disk_count + 1, sizeof(*facts->disks));
	struct gate_disk *disk = &facts->disks[facts->disk_count++];
	*disk = (struct gate_disk){0};
	return disk;
}

struct gate_image *gate_disk_add_image(struct gate_disk *disk)
{
	disk->images = xreallocarray(disk->images, disk->image_count + 1, sizeof(*disk->images));
	struct gate_image *image = &disk->images[disk->image_count++];
	*image = (struct gate_image){0};
	return image;
}

struct gate_port *gate_facts_add_port(struct gate_facts *facts)
{
	facts->ports = xreallocarray(facts->ports, facts->port_count + 1, sizeof(*facts->ports));
	struct gate_port *port = &facts->ports[facts->port_count++];
	*port = (struct gate_port){0};
	return port;
}

const struct gate_disk *gate_facts_find_disk(const struct gate_facts *facts, const char *target)
{
	for (size_t i = 0; i < facts->disk_count; i++) {
		if (str_equal(facts->disks[i].target, target))
			return &facts->disks[i];
	}
	return NULL;
}

const struct gate_port *gate_facts_find_port(const struct gate_facts *facts, const char *mac)
{
	for (size_t i = 0; i < facts->port_count; i++) {
		if (strcasecmp(facts->ports[i].mac, mac) == 0)
			return &facts->ports[i];
	}
	return NULL;
}

const char *gate_mode_name(enum gate_mode mode)
{
	static const char *const names[] = {
		[GATE_PORT_OPEN] = "open",
		[GATE_PORT_PLAIN] = "plain",
		[GATE_PORT_TRACKING] = "tracking",
		[GATE_PORT_STATELESS] = "stateless",
	};
	_Static_assert(ARRAY_SIZE(names) == GATE_MODES, "each mode has a name");

	return names[mode];
}
