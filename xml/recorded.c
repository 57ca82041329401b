/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The manifest's disks and volumes, found by the scanner. */
#include "xml/recorded.h"

#include <string.h>

#include "base/strbuf.h"
#include "xml/manifest.h"
#include "xml/scan.h"
#include "xml/scan_value.h"

#define MAX_DISKS 1024
#define MAX_IMAGES 256

/* Depths in a <domain>, which is at 1. */
enum { METADATA = 2, MANIFEST = 3, DISK = 4, BACKING = 5 };

/* @in_metadata, @in_manifest: such an element is open. */
struct reading {
	struct scan scan;
	struct scan_token token;
	size_t depth;
	bool in_metadata;
	bool in_manifest;
	bool has_manifest;
	struct recorded recorded;
};

void recorded_clear(struct recorded *recorded)
{
	for (size_t i = 0; i < recorded->disk_count; i++) {
		struct recorded_disk *disk = &recorded->disks[i];
		for (size_t j = 0; j < disk->image_count; j++)
			free(disk->images[j].path);
		free(disk->images);
		free(disk->target);
	}
	free(recorded->disks);
	*recorded = (struct recorded){0};
}

static bool is_named(const struct reading *reading, const char *wanted)
{
	const char *name = reading->scan.text + reading->token.begin + 1;
	size_t length = reading->token.name_end - reading->token.begin - 1;
	const char *colon = memchr(name, ':', length);

	if (colon) {
		length -= (size_t)(colon + 1 - name);
		name = colon + 1;
	}
	return length == strlen(wanted) && memcmp(name, wanted, length) == 0;
}

/* libvirt writes each application's element with its namespace. */
static bool is_manifest(const struct reading *reading)
{
	size_t at = reading->token.name_end, uri = strlen(MANIFEST_URI);
	const char *text = reading->scan.text;
	struct scan_attribute found;

	while (scan_attribute(&reading->scan, &reading->token, &at, &found)) {
		if (found.value_end - found.value == uri &&
		    memcmp(text + found.value, MANIFEST_URI, uri) == 0 &&
		    found.name_end - found.name >= 5 && memcmp(text + found.name, "xmlns", 5) == 0)
			return true;
	}
	return false;
}

static bool take_image(struct reading *reading, const char *size, struct recorded_disk *disk)
{
	cleanup_free char *path = NULL, *text = NULL;
	unsigned long long bytes = 0;

	if (disk->image_count == MAX_IMAGES ||
	    !scan_value_of(&reading->scan, &reading->token, "path", &path) ||
	    !scan_value_of(&reading->scan, &reading->token, size, &text) ||
	    (text && !str_to_u64(text, &bytes)))
		return false;
	disk->images = xreallocarray(disk->images, disk->image_count + 1, sizeof(*disk->images));
	disk->images[disk->image_count++] =
		(struct recorded_image){.path = steal_pointer(path), .bytes = bytes};
	return true;
}

/* Return: a new one with the element's target, or NULL. */
static struct recorded_disk *take_target(struct reading *reading)
{
	struct recorded *recorded = &reading->recorded;
	cleanup_free char *target = NULL;

	if (recorded->disk_count == MAX_DISKS ||
	    !scan_value_of(&reading->scan, &reading->token, "target", &target) || !target)
		return NULL;
	recorded->disks =
		xreallocarray(recorded->disks, recorded->disk_count + 1, sizeof(*recorded->disks));
	struct recorded_disk *disk = &recorded->disks[recorded->disk_count++];
	*disk = (struct recorded_disk){.target = steal_pointer(target)};
	return disk;
}

static bool take_disk(struct reading *reading, bool is_volume)
{
	struct recorded_disk *disk = take_target(reading);

	if (!disk)
		return false;
	disk->is_volume = is_volume;
	return take_image(reading, is_volume ? "size-bytes" : "virtual-bytes", disk);
}

static bool take_problem(struct reading *reading)
{
	struct recorded_disk *disk = take_target(reading);

	if (disk)
		disk->is_problem = true;
	return disk;
}

static bool on_start(struct reading *reading)
{
	struct recorded *recorded = &reading->recorded;
	size_t depth = reading->depth + 1;

	if (depth == METADATA)
		reading->in_metadata = is_named(reading, "metadata");
	if (depth == MANIFEST) {
		reading->in_manifest = reading->in_metadata && is_manifest(reading);
		reading->has_manifest |= reading->in_manifest;
	}
	if (!reading->in_manifest)
		return true;
	if (depth == DISK && (is_named(reading, "disk") || is_named(reading, "volume")))
		return take_disk(reading, is_named(reading, "volume"));
	if (depth == DISK && is_named(reading, "problem"))
		return take_problem(reading);
	if (depth == BACKING && is_named(reading, "backing") && recorded->disk_count)
		return take_image(reading, "virtual-bytes",
				  &recorded->disks[recorded->disk_count - 1]);
	return true;
}

static void on_end(struct reading *reading)
{
	if (reading->depth <= MANIFEST)
		reading->in_manifest = false;
	if (reading->depth <= METADATA)
		reading->in_metadata = false;
	if (reading->depth > 0)
		reading->depth--;
}

static bool read_all(struct reading *reading)
{
	for (;;) {
		scan_next(&reading->scan, &reading->token);
		switch (reading->token.kind) {
		case SCAN_EOF:
			return reading->has_manifest;
		case SCAN_BROKEN:
		case SCAN_DOCTYPE:
			return false;
		case SCAN_START:
			if (!on_start(reading))
				return false;
			reading->depth++;
			if (reading->token.empty)
				on_end(reading);
			break;
		case SCAN_END:
			on_end(reading);
			break;
		default:
			break;
		}
	}
}

bool recorded_parse(const char *text, size_t length, struct recorded *ret)
{
	struct reading reading = {.scan = {.text = text, .length = length}};

	if (!read_all(&reading)) {
		recorded_clear(&reading.recorded);
		return false;
	}
	*ret = reading.recorded;
	return true;
}

const struct recorded_disk *recorded_find(const struct recorded *recorded, const char *target)
{
	for (size_t i = 0; i < recorded->disk_count; i++) {
		if (str_equal(recorded->disks[i].target, target))
			return &recorded->disks[i];
	}
	return NULL;
}
