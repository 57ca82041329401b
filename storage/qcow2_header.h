/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading a qcow2 header (QEMU docs/interop/qcow2.txt) without trusting it. Internal to storage/.
 */
#ifndef BERTH_STORAGE_QCOW2_HEADER_H
#define BERTH_STORAGE_QCOW2_HEADER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/err.h"

/* Header bytes that tell where the backing file's name stands (8) and how long it is (4). */
#define QCOW2_NAME_OFFSET_AT 8
#define QCOW2_NAME_LENGTH_AT 16

/**
 * struct qcow2_header - what berth wants to know of a qcow2 header
 * @virtual_bytes: whole sectors only, as QEMU counts them
 * @encrypted: AES or LUKS
 * @name_offset, @name_length: in bytes, where the backing file's name stands; both 0 without one
 * @backing_name: as it stands there, absolute, relative or with a protocol; or NULL
 * @backing_format: as it stands there; NULL also when none is recorded
 * @cluster_bytes: a power of two
 * @l1_offset, @l1_entries: the table that says where the tables of clusters stand (L2)
 * @has_subclusters: an L2 entry has 16 bytes, not 8
 */
struct qcow2_header {
	uint64_t virtual_bytes;
	bool encrypted;
	size_t cluster_bytes;
	uint64_t l1_offset;
	uint32_t l1_entries;
	bool has_subclusters;
	uint64_t name_offset;
	uint32_t name_length;
	char *backing_name;
	char *backing_format;
};

#define cleanup_qcow2_header cleanup(qcow2_header_clear)

/**
 * qcow2_header_read() - read and check the header
 * @fd: the image; its offset is not moved
 * @ret: on success the caller clears it with qcow2_header_clear()
 *
 * Return: 0; -EINVAL when this is no sound qcow2 header; -ENOTSUP for an external data file or a
 * feature that is not known here; or another negative errno. The error doesn't name the image.
 */
int qcow2_header_read(int fd, struct qcow2_header *ret, struct err *err);

void qcow2_header_clear(struct qcow2_header *header);

#endif
