/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Content identity: hashing a whole image file, once.
 *
 * libnettle hashes: libvirt brings it along (by GnuTLS), it is as fast as libcrypto, and it adds
 * 0.1 ms to the start of a process where libcrypto adds 0.6 ms, and 1 ms more at the first hash.
 */
#include "storage/digest.h"

#include <errno.h>
#include <fcntl.h>
#include <nettle/sha2.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/deadline.h"
#include "base/strbuf.h"
#include "storage/digest_store.h"
#include "storage/image.h"
#include "storage/in_use.h"
#include "storage/qcow2_header.h"

/* Reading so much takes long enough for somebody to ask what goes on. */
#define TOLD_FROM_BYTES (INT64_C(256) << 20)
#define BLOCK ((size_t)1 << 20)
/* A file system may count time in steps of up to this: a change within one step cannot be seen. */
#define RACY_SECONDS 2

/**
 * struct hashing - a file on its way through the hash
 * @offset: how far it is hashed, in bytes
 * @header: a qcow2's header; all zero for a raw image
 */
struct hashing {
	int fd;
	uint64_t offset;
	struct qcow2_header header;
	struct sha256_ctx sha256;
	unsigned char *block;
};

/* Zeroes what of the block, which stands at hashing->offset, lies in [from, from + length). */
static void mask(struct hashing *hashing, size_t block_length, uint64_t from, uint64_t length)
{
	uint64_t start = hashing->offset, end = start + block_length, to = from + length;

	if (from < start)
		from = start;
	if (to > end)
		to = end;
	if (from < to)
		memset(hashing->block + (from - start), 0, to - from);
}

static void mask_backing_name(struct hashing *hashing, size_t block_length)
{
	if (hashing->header.name_length == 0)
		return;
	mask(hashing, block_length, QCOW2_NAME_OFFSET_AT, sizeof(uint64_t));
	mask(hashing, block_length, QCOW2_NAME_LENGTH_AT, sizeof(uint32_t));
	mask(hashing, block_length, hashing->header.name_offset, hashing->header.name_length);
}

static void hash_hole(struct hashing *hashing, uint64_t end)
{
	if (hashing->offset >= end)
		return;
	uint64_t whole = end - hashing->offset;
	memset(hashing->block, 0, whole < BLOCK ? whole : BLOCK);
	while (hashing->offset < end) {
		uint64_t length = end - hashing->offset;
		if (length > BLOCK)
			length = BLOCK;
		sha256_update(&hashing->sha256, length, hashing->block);
		hashing->offset += length;
	}
}

static int hash_data(struct hashing *hashing, uint64_t end, struct err *err)
{
	while (hashing->offset < end) {
		uint64_t wanted = end - hashing->offset;
		ssize_t got = pread(hashing->fd, hashing->block, wanted < BLOCK ? wanted : BLOCK,
				    (off_t)hashing->offset);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return err_set(err, errno, "read at %ju: %s", (uintmax_t)hashing->offset,
				       strerror(errno));
		if (got == 0)
			return err_set(err, EAGAIN, "became shorter while it was read; try again");
		mask_backing_name(hashing, (size_t)got);
		sha256_update(&hashing->sha256, (size_t)got, hashing->block);
		hashing->offset += (uint64_t)got;
	}
	return 0;
}

/* Holes are hashed without being read. */
static int hash_all(struct hashing *hashing, uint64_t size, struct err *err)
{
	while (hashing->offset < size) {
		off_t data = lseek(hashing->fd, (off_t)hashing->offset, SEEK_DATA);
		if (data < 0 && errno == ENXIO)
			data = (off_t)size;
		else if (data < 0)
			return err_set(err, errno, "look for data: %s", strerror(errno));
		hash_hole(hashing, (uint64_t)data < size ? (uint64_t)data : size);
		off_t hole = lseek(hashing->fd, (off_t)hashing->offset, SEEK_HOLE);
		int rc = hash_data(hashing,
				   hole < 0 || (uint64_t)hole > size ? size : (uint64_t)hole, err);
		if (rc < 0)
			return rc;
	}
	return 0;
}

static void finish(struct hashing *hashing, char ret[DIGEST_TEXT_MAX])
{
	uint8_t bytes[SHA256_DIGEST_SIZE];
	char *end = stpcpy(ret, "sha256:");

	sha256_digest(&hashing->sha256, sizeof(bytes), bytes);
	for (size_t i = 0; i < sizeof(bytes); i++)
		end += sprintf(end, "%02x", bytes[i]);
}

void digest_of_bytes(const void *bytes, size_t length, char ret[static DIGEST_TEXT_MAX])
{
	struct hashing hashing = {0};

	sha256_init(&hashing.sha256);
	sha256_update(&hashing.sha256, length, bytes);
	finish(&hashing, ret);
}

static bool is_unchanged(int fd, const struct stat *before)
{
	struct stat now;

	return fstat(fd, &now) == 0 && now.st_size == before->st_size &&
	       now.st_mtim.tv_sec == before->st_mtim.tv_sec &&
	       now.st_mtim.tv_nsec == before->st_mtim.tv_nsec &&
	       now.st_ctim.tv_sec == before->st_ctim.tv_sec &&
	       now.st_ctim.tv_nsec == before->st_ctim.tv_nsec;
}

static int hash_file(int fd, const struct stat *st, const char *format, char ret[DIGEST_TEXT_MAX],
		     struct err *err)
{
	cleanup_free unsigned char *block = xcalloc(1, BLOCK);
	struct hashing hashing = {.fd = fd, .block = block};

	int rc = str_equal(format, "qcow2") ? qcow2_header_read(fd, &hashing.header, err) : 0;
	if (rc < 0)
		return rc;
	sha256_init(&hashing.sha256);
	posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
	rc = hash_all(&hashing, (uint64_t)st->st_size, err);
	qcow2_header_clear(&hashing.header);
	if (rc < 0)
		return rc;
	if (!is_unchanged(fd, st))
		return err_set(err, EAGAIN, "was changed while it was read; try again");
	finish(&hashing, ret);
	return 0;
}

/* Whether an identity can be told of the open image. Return: 0 or a negative errno. */
static int check_quiet(int fd, const char *path, struct stat *ret_st, struct err *err)
{
	enum image_use use;

	if (fstat(fd, ret_st) < 0)
		return err_set(err, errno, "image '%s': %s", path, strerror(errno));
	if (!S_ISREG(ret_st->st_mode))
		return err_set(err, ENOTSUP, "image '%s': only a file has a content identity",
			       path);
	int rc = image_use_fd(fd, path, &use, err);
	if (rc < 0)
		return rc;
	if (use == IMAGE_WRITTEN)
		return err_set(err, EBUSY,
			       "image '%s': a program has it open for writing; end that program",
			       path);
	return 0;
}

/* Whether a change since then would show: every change sets ctime to the time it happens. */
static bool would_show_a_change(const struct stat *st, time_t started)
{
	return st->st_ctim.tv_sec < started - RACY_SECONDS;
}

int image_identity_fd(const char *store, int fd, const char *path, const char *format,
		      struct image_identity *ret, struct err *err)
{
	cleanup_image struct image image = {0};
	char digest[DIGEST_TEXT_MAX];
	struct file_version version;
	struct stat st;

	int rc = check_quiet(fd, path, &st, err);
	if (rc == 0)
		rc = image_inspect_fd(fd, path, format, &image, err);
	if (rc == 0)
		rc = file_version_of(fd, &st, &version, err);
	if (rc < 0)
		return rc;
	if (!store || !digest_store_load(store, &st, format, digest)) {
		time_t started = time(NULL);
		cleanup_free char *what = xasprintf("reading image '%s' for its digest, %jd MiB",
						    path, (intmax_t)st.st_size >> 20);
		deadline_pause(st.st_size >= TOLD_FROM_BYTES ? what : NULL);
		rc = hash_file(fd, &st, format, digest, err);
		deadline_resume();
		if (rc < 0)
			return err_wrap(err, "image '%s'", path);
		if (store && would_show_a_change(&st, started))
			digest_store_save(store, &st, format, path, digest);
	}
	*ret = (struct image_identity){
		.format = steal_pointer(image.format),
		.virtual_bytes = image.virtual_bytes,
		.backing_path = steal_pointer(image.backing_path),
		.backing_format = steal_pointer(image.backing_format),
		.version = version,
	};
	memcpy(ret->digest, digest, sizeof(ret->digest));
	return 0;
}

int image_identity(const char *store, const char *path, const char *format,
		   struct image_identity *ret, struct err *err)
{
	cleanup_close int fd = image_open(path, err);

	return fd < 0 ? fd : image_identity_fd(store, fd, path, format, ret, err);
}

int digest_of_image(const char *path, const char *format, char ret[DIGEST_TEXT_MAX],
		    struct err *err)
{
	cleanup_image_identity struct image_identity identity = {0};

	int rc = image_identity(NULL, path, format, &identity, err);
	if (rc < 0)
		return rc;
	memcpy(ret, identity.digest, DIGEST_TEXT_MAX);
	return 0;
}

void image_identity_clear(struct image_identity *identity)
{
	free(identity->format);
	free(identity->backing_path);
	free(identity->backing_format);
	*identity = (struct image_identity){0};
}
