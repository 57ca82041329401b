/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the manifest of a running guest says of its disks' sizes and chains, read as text from
 * libvirt's status file: see xml/running.h for why. */
#ifndef BERTH_XML_RECORDED_H
#define BERTH_XML_RECORDED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"

/* An image, or a volume's device. @path may be NULL; @bytes is 0 where it isn't said. */
struct recorded_image {
	char *path;
	uint64_t bytes;
};

/**
 * struct recorded_disk - one disk of the manifest
 * @is_problem: the manifest only says why it can't be described
 * @images: what the guest writes to, and all below it; of a volume its device alone
 */
struct recorded_disk {
	char *target;
	bool is_volume;
	bool is_problem;
	struct recorded_image *images;
	size_t image_count;
};

struct recorded {
	struct recorded_disk *disks;
	size_t disk_count;
};

#define cleanup_recorded cleanup(recorded_clear)
void recorded_clear(struct recorded *recorded);

/**
 * recorded_parse() - read the manifest in a <domain> element
 * @ret: on success the caller clears it
 *
 * Return: true: there is one, and all of it that is wanted was understood.
 */
bool recorded_parse(const char *text, size_t length, struct recorded *ret);

/* recorded_find() - the disk of that target, or NULL. */
const struct recorded_disk *recorded_find(const struct recorded *recorded, const char *target);

#endif
