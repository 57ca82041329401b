/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading a qcow2 header without trusting it.
 *
 * Why not "qemu-img info": a hostile header can make it open what it names (an external data file,
 * a json: or nbd: backing file; CVE-2024-4467), so the header has to be looked at before in any
 * case, as libvirt and OpenStack do. The digest must know where the backing file's name stands,
 * which qemu-img doesn't tell. And this takes 7 microseconds, not a process for each layer. The
 * tests compare what is read here with what qemu-img says.
 */
#include "storage/qcow2_header.h"

#include <endian.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "base/strbuf.h"

#define SECTOR 512
#define MAGIC 0x514649fbU
#define EXTENSION_END 0
#define EXTENSION_BACKING_FORMAT 0xe2792acaU
/* block/qcow2.h: MIN_CLUSTER_BITS, MAX_CLUSTER_BITS, QCOW2_INCOMPAT_* */
#define CLUSTER_BITS_MIN 9
#define CLUSTER_BITS_MAX 21
#define INCOMPATIBLE_DATA_FILE (UINT64_C(1) << 2)
#define INCOMPATIBLE_SUBCLUSTERS (UINT64_C(1) << 4)
#define INCOMPATIBLE_KNOWN UINT64_C(0x1f)
#define NAME_LENGTH_MAX 1023

/* The header as it stands in the file, big-endian; a version 2 header ends before incompatible. */
struct disk_header {
	uint32_t magic;
	uint32_t version;
	uint64_t name_offset;
	uint32_t name_length;
	uint32_t cluster_bits;
	uint64_t virtual_bytes;
	uint32_t encryption;
	uint32_t l1_entries;
	uint64_t l1_offset;
	uint64_t refcount_offset;
	uint32_t refcount_clusters;
	uint32_t snapshots;
	uint64_t snapshots_offset;
	uint64_t incompatible;
	uint64_t compatible;
	uint64_t autoclear;
	uint32_t refcount_order;
	uint32_t header_length;
} __attribute__((packed));

#define VERSION_2_LENGTH offsetof(struct disk_header, incompatible)

_Static_assert(sizeof(struct disk_header) == 104, "docs/interop/qcow2.txt");
_Static_assert(VERSION_2_LENGTH == 72, "docs/interop/qcow2.txt");
_Static_assert(offsetof(struct disk_header, name_offset) == QCOW2_NAME_OFFSET_AT, "same bytes");
_Static_assert(offsetof(struct disk_header, name_length) == QCOW2_NAME_LENGTH_AT, "same bytes");

/* The first cluster, as far as the file has it. Header, extensions and name all lie in it. */
struct first_cluster {
	unsigned char *bytes;
	size_t length;
};

void qcow2_header_clear(struct qcow2_header *header)
{
	free(header->backing_name);
	free(header->backing_format);
	*header = (struct qcow2_header){0};
}

/* Return: how many bytes there were, fewer than @length only at the end; or a negative errno. */
static ssize_t read_at_start(int fd, void *into, size_t length, struct err *err)
{
	size_t have = 0;

	while (have < length) {
		ssize_t got = pread(fd, (char *)into + have, length - have, (off_t)have);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return err_set(err, errno, "read: %s", strerror(errno));
		if (got == 0)
			break;
		have += (size_t)got;
	}
	return (ssize_t)have;
}

static int check_features(const struct disk_header *disk, struct err *err)
{
	uint64_t unknown = be64toh(disk->incompatible) & ~INCOMPATIBLE_KNOWN;

	if (be64toh(disk->incompatible) & INCOMPATIBLE_DATA_FILE)
		return err_set(err, ENOTSUP,
			       "keeps its data in another file, which berth does not move; "
			       "convert it with 'qemu-img convert -O qcow2'");
	if (unknown)
		return err_set(err, ENOTSUP,
			       "needs qcow2 features that are not known here (0x%" PRIx64
			       "); convert it with 'qemu-img convert -O qcow2'",
			       unknown);
	return 0;
}

/* Reads the fixed part; fields that a version 2 header lacks come out as 0. */
static int read_fixed(int fd, struct disk_header *ret, struct err *err)
{
	struct disk_header disk = {0};

	ssize_t got = read_at_start(fd, &disk, sizeof(disk), err);
	if (got < 0)
		return (int)got;
	if ((size_t)got < VERSION_2_LENGTH || be32toh(disk.magic) != MAGIC)
		return err_set(err, EINVAL, "is not a qcow2 image; correct its format");
	uint32_t version = be32toh(disk.version), bits = be32toh(disk.cluster_bits);
	if (version != 2 && version != 3)
		return err_set(err, ENOTSUP, "is qcow2 version %u, which is not known here",
			       version);
	if (bits < CLUSTER_BITS_MIN || bits > CLUSTER_BITS_MAX)
		return err_set(err, EINVAL, "broken qcow2 header: cluster bits %u", bits);
	if (version == 2) {
		memset((char *)&disk + VERSION_2_LENGTH, 0, sizeof(disk) - VERSION_2_LENGTH);
		disk.header_length = htobe32(VERSION_2_LENGTH);
	} else if ((size_t)got < sizeof(disk) || be32toh(disk.header_length) < sizeof(disk)) {
		return err_set(err, EINVAL, "broken qcow2 header: too short");
	}
	int rc = check_features(&disk, err);
	if (rc < 0)
		return rc;
	*ret = disk;
	return 0;
}

static int read_name(const struct first_cluster *first, const struct disk_header *disk,
		     struct qcow2_header *header, struct err *err)
{
	uint64_t offset = be64toh(disk->name_offset);
	uint32_t length = be32toh(disk->name_length);

	if (offset == 0 || length == 0)
		return 0;
	if (length > NAME_LENGTH_MAX || offset > first->length || length > first->length - offset ||
	    offset < be32toh(disk->header_length))
		return err_set(err, EINVAL,
			       "broken qcow2 header: backing file name of %u bytes at %" PRIu64,
			       length, offset);
	header->name_offset = offset;
	header->name_length = length;
	header->backing_name = xstrndup((const char *)first->bytes + offset, length);
	for (const char *c = header->backing_name; *c; c++) {
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			return err_set(err, EINVAL,
				       "backing file name has a control character: '%s'",
				       header->backing_name);
	}
	return 0;
}

/* An extension is a type, the length of its data, and the data padded to 8 bytes. */
static int read_extensions(const struct first_cluster *first, const struct disk_header *disk,
			   struct qcow2_header *header, struct err *err)
{
	size_t at = be32toh(disk->header_length);
	size_t end = header->name_offset ? header->name_offset : first->length;

	while (at <= end && end - at >= 2 * sizeof(uint32_t)) {
		uint32_t type, length;
		memcpy(&type, first->bytes + at, sizeof(type));
		memcpy(&length, first->bytes + at + sizeof(type), sizeof(length));
		type = be32toh(type);
		length = be32toh(length);
		at += 2 * sizeof(uint32_t);
		if (type == EXTENSION_END)
			return 0;
		if (length > end - at)
			return err_set(err, EINVAL, "broken qcow2 header: extension 0x%x too long",
				       type);
		if (type == EXTENSION_BACKING_FORMAT) {
			free(header->backing_format);
			header->backing_format = xstrndup((const char *)first->bytes + at, length);
		}
		at += ((size_t)length + 7) & ~(size_t)7;
	}
	return 0;
}

int qcow2_header_read(int fd, struct qcow2_header *ret, struct err *err)
{
	cleanup_qcow2_header struct qcow2_header header = {0};
	struct disk_header disk = {0};

	int rc = read_fixed(fd, &disk, err);
	if (rc < 0)
		return rc;
	header.virtual_bytes = be64toh(disk.virtual_bytes) / SECTOR * SECTOR;
	header.encrypted = disk.encryption != 0;
	header.l1_offset = be64toh(disk.l1_offset);
	header.l1_entries = be32toh(disk.l1_entries);
	header.has_subclusters = be64toh(disk.incompatible) & INCOMPATIBLE_SUBCLUSTERS;

	size_t cluster = (size_t)1 << be32toh(disk.cluster_bits);
	header.cluster_bytes = cluster;
	cleanup_free unsigned char *bytes = xcalloc(1, cluster);
	ssize_t got = read_at_start(fd, bytes, cluster, err);
	if (got < 0)
		return (int)got;
	struct first_cluster first = {bytes, (size_t)got};
	rc = read_name(&first, &disk, &header, err);
	if (rc == 0)
		rc = read_extensions(&first, &disk, &header, err);
	if (rc < 0)
		return rc;
	*ret = header;
	header = (struct qcow2_header){0};
	return 0;
}
