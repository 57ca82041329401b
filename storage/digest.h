/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Content identity of an image that nobody writes: a base image, an ISO. */
#ifndef BERTH_STORAGE_DIGEST_H
#define BERTH_STORAGE_DIGEST_H

#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "storage/file_id.h"

/* "sha256:", 64 hex digits and a NUL. */
#define DIGEST_TEXT_MAX (7 + 64 + 1)

/**
 * struct image_identity - what makes an image the same image on another host
 * @format: "raw" or "qcow2"
 * @digest: see digest_of_image()
 * @backing_path, @backing_format: of the next layer, which has an identity of its own; or NULL
 * @version: which file has all that, and how old it was
 */
struct image_identity {
	char *format;
	uint64_t virtual_bytes;
	char digest[DIGEST_TEXT_MAX];
	char *backing_path;
	char *backing_format;
	struct file_version version;
};

#define cleanup_image_identity cleanup(image_identity_clear)

/**
 * digest_of_image() - hash a whole image file
 * @path: absolute; a regular file
 * @format: "raw" or "qcow2"
 * @ret: "sha256:" and 64 hex digits
 *
 * The digest is SHA-256 over the file's bytes, with holes as the zeros that they read as. So for a
 * raw image, and for a qcow2 without backing file, it is what sha256sum prints.
 *
 * In a qcow2 that has a backing file, three things count as zeros, because the same base image lies
 * under another name on another host: header bytes 8 to 15 (where the name stands), 16 to 19 (its
 * length), and the name. Everything else counts, the backing format too.
 * Consequence: "qemu-img rebase -u" to another name keeps the digest, unless a QEMU does
 * it whose headers have other optional parts: then the digest differs, and berth refuses rather
 * than guesses.
 *
 * Return: 0; -EBUSY when a QEMU program may write to the image; -EAGAIN when it was changed while
 * it was read; -ENOTSUP for another format, a device, an external data file; or another negative
 * errno.
 */
int digest_of_image(const char *path, const char *format, char ret[DIGEST_TEXT_MAX],
		    struct err *err);

/* digest_of_bytes() - "sha256:" and 64 hex digits of what is in memory. */
void digest_of_bytes(const void *bytes, size_t length, char ret[static DIGEST_TEXT_MAX]);

/**
 * image_identity() - format, size, digest and backing file of an image; the digest is kept
 * @store: folder that keeps digests, "/var/lib/berth/digests"; made when it isn't there;
 *         NULL: keep nothing
 * @ret: on success the caller clears it with image_identity_clear()
 *
 * Costs about 1.6 GB a second the first time and some 20 microseconds later. A kept digest holds
 * while device, inode, size, mtime and ctime of the file stay. It is not kept when the file is
 * younger than two seconds, as a later change might leave the very same times. Where @store cannot
 * be written the digest is just not kept.
 *
 * Return: as digest_of_image() and image_inspect().
 */
int image_identity(const char *store, const char *path, const char *format,
		   struct image_identity *ret, struct err *err);

/* image_identity_fd() - the same of an open image; @path is its name. */
int image_identity_fd(const char *store, int fd, const char *path, const char *format,
		      struct image_identity *ret, struct err *err);

void image_identity_clear(struct image_identity *identity);

/**
 * digest_store_sweep() - remove kept digests whose file is gone or has changed
 *
 * Return: how many were removed, 0 also when there is no store; or a negative errno.
 */
int digest_store_sweep(const char *store, struct err *err);

#endif
