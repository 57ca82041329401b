/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an image's tables say of its content; QEMU docs/interop/qcow2.txt, "Cluster mapping". */
#include "storage/image_data.h"

#include <endian.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/strbuf.h"
#include "storage/image.h"
#include "storage/qcow2_header.h"

#define RAW_FIRST_BYTES 4096
#define L1_MAX_ENTRIES (1u << 17)
#define TABLES_MAX 8
#define TABLES_MAX_BYTES (1u << 20)

#define OFFSET_MASK UINT64_C(0x00fffffffffffe00)
#define ENTRY_COMPRESSED (UINT64_C(1) << 62)
#define ENTRY_ZERO UINT64_C(1)
/* The lower half of a bitmap: subclusters that are in the file. */
#define SUBCLUSTERS_ALLOCATED UINT64_C(0xffffffff)

/**
 * struct image_look - what has been seen of an image
 * @tables: offsets of the tables of clusters that stand last in the file, the last one first
 */
struct image_look {
	int fd;
	uint64_t file_bytes;
	struct qcow2_header header;
	uint64_t tables[TABLES_MAX];
	size_t table_count;
	bool beyond_end;
	bool has_data;
};

static int read_at(int fd, void *into, size_t length, uint64_t offset, struct err *err)
{
	size_t have = 0;

	while (have < length) {
		ssize_t got = pread(fd, (char *)into + have, length - have, (off_t)(offset + have));
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return err_set(err, errno, "read its tables: %s", strerror(errno));
		if (got == 0)
			return err_set(err, EINVAL, "ends within one of its tables");
		have += (size_t)got;
	}
	return 0;
}

/* Whether the file system holds something at that place. Where it can't tell it says yes. */
static bool is_in_file(int fd, uint64_t offset)
{
	return lseek(fd, (off_t)offset, SEEK_DATA) == (off_t)offset;
}

/* --- qcow2 --- */

static void note_table(struct image_look *look, uint64_t offset)
{
	size_t at = look->table_count;

	while (at > 0 && look->tables[at - 1] < offset)
		at--;
	if (at == TABLES_MAX)
		return;
	size_t kept = look->table_count < TABLES_MAX ? look->table_count : TABLES_MAX - 1;
	memmove(&look->tables[at + 1], &look->tables[at], (kept - at) * sizeof(look->tables[0]));
	look->tables[at] = offset;
	look->table_count = kept + 1;
}

static int read_l1(struct image_look *look, bool *whole, struct err *err)
{
	const struct qcow2_header *header = &look->header;
	size_t count = header->l1_entries < L1_MAX_ENTRIES ? header->l1_entries : L1_MAX_ENTRIES;
	cleanup_free uint64_t *entries = xcalloc(count + 1, sizeof(*entries));

	*whole = count == header->l1_entries;
	if (header->l1_offset > look->file_bytes ||
	    look->file_bytes - header->l1_offset < count * sizeof(*entries)) {
		look->beyond_end = true;
		return 0;
	}
	int rc = read_at(look->fd, entries, count * sizeof(*entries), header->l1_offset, err);
	for (size_t i = 0; i < count && rc == 0; i++) {
		uint64_t offset = be64toh(entries[i]) & OFFSET_MASK;
		if (offset)
			note_table(look, offset);
	}
	return rc;
}

static void look_at_cluster(struct image_look *look, uint64_t entry, uint64_t bitmap)
{
	bool subclusters = look->header.has_subclusters;

	if (entry & ENTRY_COMPRESSED) {
		look->has_data = true;
		return;
	}
	uint64_t offset = entry & OFFSET_MASK;
	if (!offset)
		return;
	if (offset >= look->file_bytes)
		look->beyond_end = true;
	else if (!look->has_data &&
		 (subclusters ? bitmap & SUBCLUSTERS_ALLOCATED : !(entry & ENTRY_ZERO)))
		look->has_data = is_in_file(look->fd, offset);
}

static int look_at_table(struct image_look *look, uint64_t offset, struct err *err)
{
	size_t length = look->header.cluster_bytes;
	size_t step = look->header.has_subclusters ? 2 : 1;
	size_t count = length / sizeof(uint64_t);

	if (offset > look->file_bytes || look->file_bytes - offset < length) {
		look->beyond_end = true;
		return 0;
	}
	cleanup_free uint64_t *entries = xcalloc(count, sizeof(*entries));
	int rc = read_at(look->fd, entries, length, offset, err);
	for (size_t i = 0; i + step <= count && rc == 0; i += step) {
		if (entries[i])
			look_at_cluster(look, be64toh(entries[i]),
					step == 2 ? be64toh(entries[i + 1]) : 0);
	}
	return rc;
}

static int look_at_qcow2(struct image_look *look, enum image_data *ret, struct err *err)
{
	bool whole = false;

	int rc = qcow2_header_read(look->fd, &look->header, err);
	if (rc == 0)
		rc = read_l1(look, &whole, err);
	size_t most = TABLES_MAX_BYTES / (look->header.cluster_bytes + 1) + 1;
	for (size_t i = 0; i < look->table_count && i < most && rc == 0; i++)
		rc = look_at_table(look, look->tables[i], err);
	if (look->has_data)
		*ret = IMAGE_DATA_SOME;
	else if (whole && look->table_count == 0 && !look->beyond_end)
		*ret = IMAGE_DATA_NONE;
	else
		*ret = IMAGE_DATA_UNKNOWN;
	return rc;
}

/* --- */

int image_data_of(const char *path, const char *format, enum image_data *ret, bool *beyond_end,
		  struct err *err)
{
	cleanup_close int fd = image_open(path, err);
	struct image_look look = {.fd = fd};
	struct stat st;
	int rc = 0;

	if (fd < 0)
		return fd;
	if (fstat(fd, &st) < 0)
		return err_set(err, errno, "image '%s': %s", path, strerror(errno));
	look.file_bytes = (uint64_t)st.st_size;
	if (str_equal(format, "qcow2"))
		rc = look_at_qcow2(&look, ret, err);
	else
		*ret = lseek(fd, RAW_FIRST_BYTES, SEEK_DATA) >= 0 ? IMAGE_DATA_SOME
								  : IMAGE_DATA_NONE;
	qcow2_header_clear(&look.header);
	*beyond_end = look.beyond_end;
	return rc < 0 ? err_wrap(err, "image '%s'", path) : 0;
}
